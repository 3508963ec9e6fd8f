"""Films and pages that a person saves from a widget's menu: as `save_animation` makes them."""

from __future__ import annotations

import io
import logging
import threading
import time
from pathlib import Path as File
from typing import Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from tests.unit.page import Message, Page

LATENTS = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
FOUND = lw.pca_directions(LATENTS, 2)
FORMATS = {"gif": "GIF", "webp": "WEBP", "apng": "PNG"}


def decode(latents: np.ndarray, gain: Any = 1.0) -> np.ndarray:
    """Pictures of 8 x 6 whose grey is the first number of the latent."""
    grey = np.asarray(gain).reshape(-1, 1, 1) * latents[:, :1, None] / 8 + 0.5
    return np.broadcast_to(grey.clip(0, 1), (len(latents), 6, 8))


def of_a_kind(latents: np.ndarray, gain: Any, kind: Any) -> np.ndarray:
    return decode(latents, gain)


def space(decoder: Any = decode, **options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(decoder, 4, value_range=(0, 1), **options)


def asked(page: Page, form: str, at: list[float], **more: Any) -> Message:
    page.ask(type="file", form=form, at=at, **more)
    return page.answer()


def loaded(data: bytes, folder: File, name: str) -> lw.Recipe:
    (folder / name).write_bytes(data)
    return lw.load(folder / name)


@pytest.mark.parametrize("form", FORMATS)
def test_a_film_is_that_of_save_animation_and_carries_its_recipe(form: str, tmp_path: File) -> None:
    walk = lw.Interpolator(space(), LATENTS[:3], value=0.25)
    answer, [data] = asked(Page(walk.comm), form, [0.25], width=16)
    walk.save_animation(tmp_path / f"own.{form}", size=16)
    assert data == (tmp_path / f"own.{form}").read_bytes()
    film: Any = PIL.Image.open(io.BytesIO(data))
    assert film.format == FORMATS[form]
    assert film.n_frames > 20
    assert answer["size"] == [*film.size] == [16, 12]
    assert loaded(data, tmp_path, f"film.{form}") == walk.recipe()


@pytest.mark.parametrize("kind", ["path", "edit", "grid"])
def test_a_page_is_that_of_save_html_and_carries_its_recipe(kind: str, tmp_path: File) -> None:
    makers: dict[str, Any] = {
        "path": lambda: lw.Interpolator(space(), LATENTS[:3], value=0.25),
        "edit": lambda: lw.DirectionEditor(space(), LATENTS[0], FOUND, value={"PC 1": 1.0}),
        "grid": lambda: lw.LatentGrid(space(), LATENTS, columns=6, value=(1, 2)),
    }
    widget = makers[kind]()
    page = Page(widget.comm)
    at = page.picture()[0]
    answer, [data] = asked(page, "page", at)
    widget.save_html(tmp_path / "own.html")
    assert data == (tmp_path / "own.html").read_bytes()
    assert answer["type"] == "file"
    assert answer["size"] is None
    assert loaded(data, tmp_path, "page.html") == widget.recipe()


def test_it_is_of_the_place_and_the_conditions_that_the_page_says(tmp_path: File) -> None:
    conditions = {"gain": (1.0, 0.0, 2.0), "kind": ["mug", "owl"]}
    own = space(of_a_kind, conditions=conditions)
    walk = lw.Interpolator(own, LATENTS[:3], value=0.25)
    page = Page(walk.comm)
    for form, name in (("gif", "a.gif"), ("page", "a.html"), ("picture", "a.png")):
        recipe = loaded(asked(page, form, [0.75, 0.5, 1.0])[1][0], tmp_path, name)
        assert recipe.at[0] == 0.75, form
        assert dict(recipe["conditions"]) == {"gain": 0.5, "kind": "owl"}, form
    assert walk.value == 0.25
    assert walk.conditions["gain"] == 1.0


def test_a_film_of_one_direction_goes_over_its_limits_and_of_no_edit_there_is_none(
    tmp_path: File, caplog: pytest.LogCaptureFixture
) -> None:
    edit = lw.DirectionEditor(space(), LATENTS[0], FOUND)
    page = Page(edit.comm)
    _, [data] = asked(page, "webp", [0.0, 0.0], axis=1)
    edit.save_animation(tmp_path / "own.webp", along=FOUND.names[1])
    assert data == (tmp_path / "own.webp").read_bytes()
    answer, _ = asked(page, "webp", [0.0, 0.0])
    assert "nothing is edited" in answer["message"]
    grid = lw.LatentGrid(space(), LATENTS, columns=6)
    chart = lw.LatentMap(space(), LATENTS)
    walk = lw.Interpolator(space(), LATENTS[:2])
    for widget, form, more, words in (
        (grid, "gif", {}, "no way here to film along"),
        (grid, "map", {}, "no map here"),
        (chart, "page", {}, "a page of this widget cannot be saved"),
        (walk, "gif", {"axis": 0}, "moves no direction"),
    ):
        page = Page(widget.comm)
        answer, _ = asked(page, form, page.picture()[0], **more)
        assert answer["type"] == "error"
        assert words in answer["message"]
    assert not caplog.records, "nothing went wrong"


def test_what_is_no_question_for_a_file_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    edit = lw.DirectionEditor(space(), LATENTS[0], FOUND)
    page = Page(edit.comm)
    wrong: list[dict[str, Any]] = [
        {"form": "mp4"},
        {"form": ["gif"]},
        {"form": "gif", "axis": 2},
        {"form": "gif", "axis": "PC 1"},
        {"form": "gif", "width": 0},
    ]
    with caplog.at_level(logging.WARNING):
        for one in wrong:
            page.ask(**{"type": "file", "at": [0.0, 0.0], **one})
    assert len(caplog.records) == len(wrong)
    assert not page.messages


class Slow:
    """Takes 0.12 seconds for a latent from when it is `held`, and says how many it was given."""

    def __init__(self) -> None:
        self.held, self.begun = threading.Event(), threading.Event()
        self.counts: list[int] = []

    def __call__(self, latents: np.ndarray) -> np.ndarray:
        if self.held.is_set():
            self.counts.append(len(latents))
            self.begun.set()
            time.sleep(0.12 * len(latents))
        return decode(latents)


def begin_a_film() -> tuple[Slow, lw.Interpolator, Page]:
    slow = Slow()
    slow.held.set()
    walk = lw.Interpolator(space(slow), LATENTS[:3])
    page = Page(walk.comm)
    slow.begun.clear()
    slow.counts.clear()
    page.ask(type="file", form="gif", at=[0.5], width=16)
    assert slow.begun.wait(30)
    return slow, walk, page


def test_a_thumb_that_moves_waits_for_one_frame_of_a_film_at_most() -> None:
    slow, walk, page = begin_a_film()
    page.ask(at=[0.3])
    answer, _ = page.answer()
    assert (answer["of"], answer["type"]) == ("ask", "frames")
    assert len(slow.counts) <= 4
    assert {*slow.counts} == {1}
    slow.held.clear()
    assert page.answer()[0]["of"] == "file"
    walk.close()


def test_a_film_that_nobody_waits_for_is_not_decoded_to_its_end() -> None:
    slow, walk, page = begin_a_film()
    walk.anchors = LATENTS[3:5]
    answer, _ = page.answer()
    assert (answer["of"], answer["type"]) == ("file", "stale")
    assert len(slow.counts) <= 4
    walk.close()
