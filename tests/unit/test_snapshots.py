"""What leaves a widget is of one moment, whatever is shown once it is drawn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as File
from typing import Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from latentwidgets.engine.messages import FileMessage
from latentwidgets.routes import grids
from latentwidgets.routes.route import StaleError
from latentwidgets.widgets.snapshot import shown_by
from tests.unit.page import Page

LATENTS = np.linspace(0, 1, 24).reshape(12, 2).astype(np.float32)


class Decoder:
    """Greys of 8 x 8; while `held` is set, a decode waits until somebody lets it go on."""

    def __init__(self) -> None:
        self.held, self.begun, self.go = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, latents: Any, gain: Any = 1.0) -> Any:
        if self.held.is_set():
            self.begun.set()
            assert self.go.wait(30)
        return np.asarray(gain).reshape(-1, 1, 1) * latents[:, :1, None] * np.ones((8, 8))

    def meanwhile(self, call: Callable[[], Any], act: Callable[[], object]) -> Any:
        """Call something, act once it decodes, and give what it returns."""
        self.held.set()
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(call)
            try:
                assert self.begun.wait(30)
                act()
            finally:
                self.held.clear()
                self.go.set()
            return found.result(30)


def space_of(decode: Any, **options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(decode, 2, value_range=(0, 1), name="greys", **options)


@pytest.mark.parametrize("conditions", [None, {"gain": (1.0, 0.0, 1.0)}], ids=["", "under a gain"])
def test_a_grid_is_drawn_as_it_was_though_another_is_set_meanwhile(conditions: Any) -> None:
    decode = Decoder()
    grid = lw.LatentGrid(space_of(decode, conditions=conditions), LATENTS, columns=4)
    before = grid.image()
    other = grids.cells(LATENTS[::-1].copy(), columns=6)
    found = decode.meanwhile(grid.image, lambda: setattr(grid, "grid", other))
    np.testing.assert_array_equal(np.asarray(found), np.asarray(before))
    assert grid.image().size != before.size


def test_a_grids_figure_has_its_own_headings_though_another_is_set_meanwhile() -> None:
    decode = Decoder()
    first = grids.cells(LATENTS, columns=4, column_names="abcd")
    grid = lw.LatentGrid(space_of(decode), first)
    other = grids.cells(LATENTS, columns=3, column_names="xyz")
    drawn = decode.meanwhile(grid.figure, lambda: setattr(grid, "grid", other))
    assert [one.get_text() for one in drawn.axes[0].get_xticklabels()] == [*"abcd"]


def test_a_snapshot_stays_what_it_was_though_another_path_is_shown() -> None:
    walk = lw.Interpolator(space_of(Decoder()), LATENTS[[0, 11]], method="lerp", value=1.0)
    before, recipe, now = np.asarray(walk.image()), walk.recipe(), shown_by(walk)
    walk.anchors = LATENTS[[0, 5]]
    assert (np.asarray(walk.image()) != before).any()
    np.testing.assert_array_equal(np.asarray(now.image()), before)
    assert now.recipe() == recipe != walk.recipe()


def test_a_widget_that_is_closed_while_a_page_saves_its_picture_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    decode = Decoder()
    walk = lw.Interpolator(space_of(decode), LATENTS[[0, 11]])
    snapshot, page = shown_by(walk), Page(walk.comm)
    decode.held.set()
    page.ask(type="file", form="picture", at=[0.5], width=16)
    assert decode.begun.wait(30)
    [thread] = [one for one in threading.enumerate() if one.name == "latentwidgets-picture"]
    walk.close()
    decode.held.clear()
    decode.go.set()
    thread.join(30)
    assert not thread.is_alive()
    assert not caplog.records, "nothing went wrong"
    # As if it was closed a moment earlier, before anything was drawn.
    with pytest.raises(StaleError, match="another route is shown by now"):
        snapshot.check_shown()
    with pytest.raises(lw.LatentValueError, match="this widget is closed"):
        walk.image()


def test_a_picture_of_another_route_than_is_shown_is_not_drawn() -> None:
    walk = lw.Interpolator(space_of(Decoder()), LATENTS[[0, 11]])
    with pytest.raises(StaleError, match="no longer shown"):
        shown_by(walk).where(FileMessage("page", 1, "gone", (0.5,), "picture", 16, None))


class Stamped(lw.Interpolator):
    """A person's own widget, whose pictures have a frame and whose recipes are of its start."""

    def image(self, size: int | None = None) -> PIL.Image.Image:
        """Return the picture in a white frame."""
        framed = PIL.Image.new("L", (10, 10), 255)
        framed.paste(super().image(size), (1, 1))
        return framed

    def recipe(self) -> Any:
        """Write down where the path begins."""
        return lw.Interpolator(self.space, self.anchors, method=self.method).recipe()


def test_a_subclass_shapes_what_is_saved(tmp_path: File) -> None:
    walk = Stamped(space_of(Decoder()), LATENTS[[0, 11]], method="lerp", value=0.5)
    own = walk.recipe()
    assert own != lw.Interpolator.recipe(walk)
    walk.save_image(tmp_path / "one.png")
    with PIL.Image.open(tmp_path / "one.png") as saved:
        np.testing.assert_array_equal(np.asarray(saved), np.asarray(walk.image()))
    walk.save_animation(tmp_path / "film.webp", seconds=0.2)
    walk.save_html(tmp_path / "page.html", positions=3)
    for name in ("one.png", "film.webp", "page.html"):
        assert lw.load(tmp_path / name) == own, name
