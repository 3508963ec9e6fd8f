"""The LatentGrid in plain Python: what it shows, what is chosen, what it refuses."""

from __future__ import annotations

import base64
import gc
import io
import json
import time
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets
from matplotlib import image as mpl_image
from PIL import Image

import latentwidgets as lw
from latentwidgets.routes import corner_grids, grids
from latentwidgets.widgets import latent_grid
from tests.unit.page import Page

RNG = np.random.default_rng(4)
DATA = RNG.uniform(size=(40, 5)).astype(np.float32)
DIRECTIONS = lw.pca_directions(DATA, n=3)


class Decoder:
    """Pictures of 8 x 8 whose grey is the first number of the latent."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.fault: Exception | None = None

    def __call__(self, latents: np.ndarray) -> np.ndarray:
        self.batches.append(len(latents))
        if self.fault is not None:
            raise self.fault
        return np.broadcast_to(latents[:, :1, None], (len(latents), 8, 8)).clip(0, 1)


def make(latents: Any = DATA, **options: Any) -> Any:
    space = options.pop("space", None) or lw.LatentSpace(Decoder(), 5, value_range=(0, 1))
    return lw.LatentGrid(space, latents, **options)


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], float]:
    """Let time go on by so many seconds, as decoders do, and by nothing else; give what it is.

    However busy this machine is, a grid is shown as if nobody else were using it.
    """
    now = [time.perf_counter()]

    def take(seconds: float) -> float:
        now[0] += seconds
        return now[0]

    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    return take


def grey(picture: Any) -> int:
    return int(np.asarray(picture)[4, 4].flat[0])


def test_the_value_is_a_cell_and_the_latent_its_own() -> None:
    grid = make(columns=8)
    assert grid.value == (0.0, 0.0)
    np.testing.assert_array_equal(grid.latent, DATA[0])
    seen: list[Any] = []
    grid.observe(lambda change: seen.append(change["new"]), "latent")
    grid.value = (2, 3)
    np.testing.assert_array_equal(grid.latent, DATA[19])
    grid.latent = DATA[7]
    assert grid.value == (0.0, 7.0)
    grid.latent = DATA[30] + np.float32(1e-3)
    np.testing.assert_array_equal(grid.latent, DATA[30])
    assert grid.value == (3.0, 6.0), "the nearest cell"
    assert len(seen) == 3


def test_a_plane_has_latents_between_its_cells() -> None:
    plane = lw.LatentGrid.plane(lw.LatentSpace(Decoder(), 5), DATA[0], *DIRECTIONS[:2])
    assert plane.value == (3.0, 3.0)
    np.testing.assert_array_equal(plane.latent, DATA[0], "a person begins at the base")
    plane.value = (2.5, 4.25)
    moved = DIRECTIONS[0].move(DATA[:1], 1.25)
    expected = DIRECTIONS[1].move(moved, 0.5)[0]
    np.testing.assert_allclose(plane.latent, expected, rtol=1e-5)


def test_choosing_cells() -> None:
    grid = make()
    grid.selection = [5, 2, 5]
    assert (grid.selection, grid.selected) == ((5, 2), 2)
    grid.selected = 7
    assert grid.selection == (7,)
    grid.selection = np.array([3, 4])
    assert grid.selected == 4
    nothings: list[Any] = [[], (), np.array([]), np.array([], np.int64), set()]
    for nothing in nothings:
        grid.selection = [3, 4]
        grid.selection = nothing
        assert grid.selection == ()
    grid.selection = [3, 4]
    np.testing.assert_array_equal(grid.latents[list(grid.selection)], DATA[[3, 4]])
    grid.selected = None
    assert grid.selection == ()
    Page(grid.comm).set(selection=[1, 9], selected=9)
    assert (grid.selection, grid.selected) == ((1, 9), 9)


class Trap:
    """An object that raises as soon as it is looked at."""

    def __len__(self) -> int:
        raise ZeroDivisionError

    @property
    def ndim(self) -> int:
        raise ZeroDivisionError


def test_a_selection_that_cannot_be_read_is_refused() -> None:
    grid = make(selection=[3])
    for wrong in (Trap(), [[3]], [0.5], ["3"], [40]):
        with pytest.raises(lw.LatentWidgetsError, match="selection"):
            grid.selection = wrong
        assert grid.selection == (3,)


def test_other_latents_are_other_cells() -> None:
    grid = make(columns=8, selection=[30], value=(4, 0))
    page = Page(grid.comm)
    line = page.state["_route"]
    grid.latents = DATA[:10]
    assert page.state["_route"] != line
    assert (grid.value, grid.selection, grid.selected) == ((0.0, 0.0), (), None)
    assert page.state["_cells"]["count"] == 10
    assert grid.grid.columns.count == 8
    np.testing.assert_array_equal(grid.latent, DATA[0])
    grid.grid = corner_grids.corners(DATA[:4], n=3)
    assert page.state["_cells"]["continuous"]
    np.testing.assert_array_equal(grid.latents[2], DATA[1])


def test_a_table_of_latents_keeps_its_shape() -> None:
    grid = make(DATA.reshape(4, 10, 5))
    assert (grid.grid.rows.count, grid.grid.columns.count) == (4, 10)
    np.testing.assert_array_equal(grid.latents, DATA)


def test_images_are_encoded(space: lw.LatentSpace) -> None:
    images = space.decode(DATA[:6])
    grid = lw.LatentGrid(space, images)
    np.testing.assert_allclose(grid.latents, space.encode(images))


def test_makers_make_their_grids() -> None:
    space = lw.LatentSpace(Decoder(), 5)
    samples = lw.LatentGrid.samples(space, 9, seed=3, truncation=1.0)
    np.testing.assert_array_equal(samples.latents, space.sample(9, seed=3, truncation=1.0))
    table = lw.LatentGrid.table(space, DATA[:2], DIRECTIONS[0], names=["p", "q"])
    assert Page(table.comm).state["_cells"]["rows"]["names"] == ["p", "q"]
    analogy = lw.LatentGrid.analogy(space, *DATA[:3], n=2)
    np.testing.assert_allclose(analogy.latents[3], DATA[2] + DATA[1] - DATA[0], rtol=1e-6)
    traversals = lw.LatentGrid.traversals(space, DATA[0], DIRECTIONS, amounts=[-1, 0, 1])
    np.testing.assert_array_equal(traversals.latents[1], DATA[0])
    assert traversals.value == (0.0, 1.0)


def test_the_page_gets_cells_as_they_are_decoded() -> None:
    page = Page(make(columns=8).comm)
    places = [[row, column] for row in range(5) for column in range(8)]
    page.ask(type="strip", positions=places)
    frames: list[list[float]] = []
    more = True
    while more:
        content, buffers = page.answer()
        assert content["of"] == "strip"
        for header, data in zip(content["frames"], buffers, strict=True):
            row, column = map(int, header["at"])
            assert data[0] == pytest.approx(255 * DATA[row * 8 + column, 0], abs=1)
            frames.append(header["at"])
        more = content["more"]
    assert frames == [[float(x) for x in place] for place in places]


def test_long_work_is_answered_piece_by_piece() -> None:
    class Slow(Decoder):
        def __call__(self, latents: np.ndarray) -> np.ndarray:
            time.sleep(0.04 * len(latents))
            return super().__call__(latents)

    page = Page(make(space=lw.LatentSpace(Slow(), 5, value_range=(0, 1)), columns=8).comm)
    places = [[row, column] for row in range(5) for column in range(5)]
    first = page.asked(type="strip", positions=places)
    assert first["more"]
    assert 0 < len(first["frames"]) < 25
    # A question comes first; what is left of the strip is dropped.
    page.ask(at=[4, 7])
    rest = [page.answer()[0] for _ in range(2)]
    assert [content["of"] for content in rest] == ["ask", "strip"]
    assert not rest[1]["more"]


def test_the_first_cells_are_shown_where_there_is_no_kernel_and_decoded_once() -> None:
    grid = make(columns=8)
    page, decoder = Page(grid.comm), grid.space.decoder
    decoder.batches.clear()
    data, metadata = grid._repr_mimebundle_()
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.size == (8 * 9 - 1, 5 * 9 - 1)
    assert grey(picture.crop((9 * 3, 9 * 2, 9 * 3 + 8, 9 * 2 + 8))) == int(255 * DATA[19, 0])
    assert "40 of 40 cells" in data["text/html"]
    assert metadata["image/png"]["width"] <= 8 * 64
    assert decoder.batches == [40]
    assert page.messages == [], "to show a thing tells nobody anything"
    places = [[row, column] for row in range(5) for column in range(8)]
    content = page.asked(type="strip", positions=places)
    assert len(content["frames"]) == 40
    assert content["ms"] is None, "they had been kept"


def test_a_decoder_that_fails_later_still_gives_an_output(caplog: Any) -> None:
    grid = make()
    grid.space.decoder.fault = ZeroDivisionError("no memory")
    data, _ = grid._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "could not decode its picture" in caplog.text


def test_image_and_figure_show_all_cells() -> None:
    grid = make(columns=8, row_names=[f"<b>{i}</b>" for i in range(5)])
    assert grid.image().size == (71, 44)
    drawn = grid.figure()
    labels = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert labels == [f"<b>{i}</b>" for i in range(5)]
    buffer = io.BytesIO()
    drawn.savefig(buffer, dpi=200)
    buffer.seek(0)
    pixels = mpl_image.imread(buffer)[..., 0]
    darkest, lightest = DATA[:, 0].min(), DATA[:, 0].max()
    assert pixels.min() <= darkest + 0.02
    assert np.abs(pixels - lightest).min() < 0.01


def test_the_figure_of_an_analogy_names_its_corners() -> None:
    grid = lw.LatentGrid.analogy(make().space, *DATA[:3])
    axes = grid.figure().axes[0]
    assert [text.get_text() for text in axes.texts] == ["a", "b", "c", "c + b − a"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("", "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": (5, 0)}, "the row of value is 5; expected a number from 0 to 4"),
        ({"value": (0.5, 0)}, "between these cells there is nothing"),
        ({"value": 3}, "value is 3; expected row and column"),
        ({"value": (np.nan, 0)}, "the row of value is nan"),
        ({"value": (True, 0)}, "the row of value is True"),
        ({"selection": [40]}, "expected numbers of cells, from 0 to 39"),
        ({"selection": [0.5]}, "expected numbers of cells"),
        ({"selection": "ab"}, "selection"),
        ({"selected": 40}, "selected is 40"),
        ({"selected": True}, "selected is True; expected a whole number"),
        ({"latent": DATA}, r"latent has shape \(40, 5\)"),
        ({"latent": np.full(5, np.nan)}, "NaN"),
        ({"latents": DATA[:, :3]}, r"latents have shape \(40, 3\)"),
        ({"latents": DATA[:0]}, "at least one row"),
        ({"grid": DATA}, "grid is a ndarray"),
        ({"grid": grids.cells(DATA[:, :3])}, r"latents of the grid have shape \(40, 3\)"),
        ({"cell_size": 8}, "cell_size is 8"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(change: Any, message: str) -> None:
    grid = make(columns=8, selection=[3], value=(1, 2))
    with pytest.raises(lw.LatentWidgetsError, match=message):
        grid.set_trait(*next(iter(change.items())))
    assert (grid.value, grid.selection, grid.selected) == ((1.0, 2.0), (3,), 3)
    np.testing.assert_array_equal(grid.latent, DATA[10])
    np.testing.assert_array_equal(grid.latents, DATA)


def test_arguments_that_are_none_are_refused() -> None:
    with pytest.raises(lw.LatentTypeError, match="no argument 'sellection'.* 'selection'"):
        make(sellection=[1])
    with pytest.raises(lw.LatentTypeError, match="latent follows from"):
        make(latent=DATA[0])
    with pytest.raises(lw.LatentValueError, match="the last row ends before that"):
        make(DATA[:10], columns=4, value=(2, 3))


def test_what_the_page_sets_is_checked_too(caplog: Any) -> None:
    grid = make(selection=[3])
    page = Page(grid.comm)
    page.set(selection=[400])
    assert grid.selection == (3,)
    assert page.state["selection"] == [3]
    assert page.answer()[0]["of"] == "state"


def test_links_compare_by_value() -> None:
    grid, other = make(), make()
    traitlets.link((grid, "latent"), (other, "latent"))
    traitlets.link((grid, "selection"), (other, "selection"))
    grid.value = (1, 1)
    np.testing.assert_array_equal(other.latent, grid.latent)
    other.selection = [1, 2]
    assert grid.selection == (1, 2)


def test_the_state_is_plain_json() -> None:
    grid = make(row_names=["<script>"] * 6)
    state = grid.get_state()
    for name in ("_cells", "value", "selection", "selected", "cell_size"):
        json.dumps(state[name])
    assert state["_cells"]["rows"]["names"] == ("<script>",) * 6


def test_close_lets_go_of_decoder_latents_and_frames() -> None:
    decoder = Decoder()
    grid = make(space=lw.LatentSpace(decoder, 5, value_range=(0, 1)))
    grid._repr_mimebundle_()
    gone = weakref.ref(decoder)
    del decoder
    grid.close()
    gc.collect()
    assert gone() is None
    with pytest.raises(lw.LatentValueError, match="closed"):
        grid.image()


def test_where_a_cell_cannot_be_decoded_viewers_without_a_kernel_get_the_first() -> None:
    def decode(latents: np.ndarray) -> np.ndarray:
        if (latents[:, 0] > 0).any():
            raise ValueError("not above 0")
        return np.zeros((len(latents), 8, 8))

    space = lw.LatentSpace(decode, 2, value_range=(0, 1))
    bundle = lw.LatentGrid(space, [[0.0, 0.0], [1.0, 0.0]])._repr_mimebundle_()
    assert bundle is not None
    assert "LatentGrid at cell 0" in bundle[0]["text/html"]


@pytest.mark.parametrize(
    ("seconds", "cells"), [(5.0, "6 of 6"), (0.8, "3 of 6"), (0.1, "at cell 0")]
)
def test_a_slow_grid_is_shown_before_all_its_cells_are_decoded(
    monkeypatch: pytest.MonkeyPatch, take: Callable[[float], float], seconds: float, cells: str
) -> None:
    def decode(latents: np.ndarray) -> np.ndarray:
        take(0.16 * len(latents))
        return np.ones((len(latents), 4, 4)) / 2

    monkeypatch.setattr(latent_grid, "STILL_SECONDS", seconds)
    grid = lw.LatentGrid(lw.LatentSpace(decode, 2, value_range=(0, 1)), np.eye(6, 2), columns=3)
    start = take(0)
    bundle = grid._repr_mimebundle_()
    assert bundle is not None
    assert cells in bundle[0]["text/html"]
    assert take(0) - start < seconds


def test_one_cell_is_selected_by_a_number_of_numpy() -> None:
    grid = lw.LatentGrid(lw.LatentSpace(lambda z: np.ones((len(z), 4, 4)), 2), np.eye(6, 2))
    grid.selection = np.array(3)
    assert grid.selection == (3,)


@pytest.mark.parametrize("pause", [0.01, 0.02])
def test_an_ordinary_decoder_has_all_its_cells_in_the_still(
    take: Callable[[float], float], pause: float
) -> None:
    def decode(latents: np.ndarray) -> np.ndarray:
        take(pause * len(latents))
        return np.ones((len(latents), 4, 4)) * (latents[:, :1, np.newaxis] > 0)

    latents = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
    bundle = lw.LatentGrid(lw.LatentSpace(decode, 2), latents, columns=8)._repr_mimebundle_()
    assert bundle is not None
    assert "64 of 64 cells" in bundle[0]["text/html"]
