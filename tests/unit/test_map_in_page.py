"""Maps that a page decodes by itself: what it is sent, and which maps stay with the kernel."""

from __future__ import annotations

import re
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, KernelPCA

import latentwidgets as lw
from latentwidgets.common.wanted import UnwantedError, never
from latentwidgets.engine.exports import exported_before
from latentwidgets.errors import LatentValueError
from latentwidgets.widgets.map.items import Items, said_of, said_of_all
from tests.unit.page import Page

pytest.importorskip("jscatter", reason="needs the extra map")

IMAGES, NUMBERS = load_digits(return_X_y=True)
IMAGES, NUMBERS = IMAGES[:60], NUMBERS[:60]
MODEL = PCA(4).fit(IMAGES)


def pca() -> lw.LatentSpace:
    return lw.as_space(MODEL, value_range=(0, 16))


def map_of(space: Any = None, **more: Any) -> lw.LatentMap:
    space = pca() if space is None else space
    return lw.LatentMap(space, MODEL.transform(IMAGES), **{"labels": {"digit": NUMBERS}, **more})


def offered(chart: lw.LatentMap, at: Any = (3.0, 0.0, 0.0)) -> tuple[dict[str, Any], list[bytes]]:
    """What the kernel offers a page that asks how to decode."""
    page = Page(chart.comm)
    page.ask(type="decoder", at=[*at], part="offer")
    return page.answer()


def said(chart: lw.LatentMap) -> list[list[list[str]]]:
    """What a page is told to say of each latent."""
    answer, buffers = offered(chart)
    assert answer["reason"] == ""
    rows = np.frombuffer(buffers[len(answer["arrays"])], "<i4")
    return [answer["lines"][row] for row in rows]


def checked(chart: lw.LatentMap, at: Any = (3.0, 0.0, 0.0)) -> dict[str, Any]:
    """What the kernel answers a page that asks whether it can decode."""
    page = Page(chart.comm)
    return page.asked(type="decoder", at=[*at], part="check")


def test_a_page_is_sent_the_points_the_plane_and_the_words() -> None:
    chart = map_of()
    assert (chart.run, chart.runs_in) == ("auto", "kernel")
    offer, buffers = offered(chart)
    assert offer["reason"] == ""
    assert offer["plan"] == {"form": "map", "shown": 1, "closed": False}
    assert offer["arrays"] == [["rows", [60, 4], 4], ["plane", [3, 4], 8], ["numbers", [1, 4], 8]]
    assert np.frombuffer(buffers[0], "<f4").tolist() == chart.latents.ravel().tolist()
    assert said(chart) == [[["digit", str(number)]] for number in NUMBERS]
    assert len(offer["lines"]) == len({*NUMBERS})
    answer = checked(chart)
    assert (answer["arrays"], answer["lines"]) == ([], []), "told twice"
    assert answer["positions"][0] == [3, 0, 0]
    assert [at[0] for at in answer["positions"]].count(-1) == 1, "nothing between points is tried"


def test_of_a_latent_that_was_set_the_page_compares_nothing() -> None:
    chart = map_of()
    chart.latent = chart.latents[:2].mean(axis=0)
    at = Page(chart.comm).state["_spot"]
    assert at[0] < -1
    answer = checked(chart, at)
    assert answer["reason"] == ""
    assert len(answer["positions"]) == 3
    assert all(row >= -1 for row, *_ in answer["positions"])


def test_points_without_an_inverse_go_and_nothing_between_them_is_tried() -> None:
    chart = map_of(projection=np.random.default_rng(0).normal(size=(60, 2)), run="page")
    answer = checked(chart)
    assert answer["reason"] == ""
    assert offered(chart)[0]["arrays"][1] == ["plane", [0, 4], 8]
    assert all(row >= 0 for row, *_ in answer["positions"])


@pytest.mark.usefixtures("onnxruntime_web")
def test_conditions_of_a_map_are_drawn_from_all_of_them() -> None:
    class Shifted(torch.nn.Module):
        def decode(self, z: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
            return torch.sigmoid(z[:, :1, None] * gain[:, None, None]).expand(-1, 4, 4)

    space = lw.as_space(
        Shifted(), latent_shape=4, value_range=(0, 1), conditions={"gain": (1.0, 0.0, 2.0)}
    )
    chart = lw.LatentMap(space, MODEL.transform(IMAGES), run="page")
    answer = checked(chart, (3.0, 0.0, 0.0, 1.0))
    assert answer["reason"] == ""
    assert offered(chart, (3.0, 0.0, 0.0, 1.0))[0]["conditions"] == [[0, 1]]
    gains = [at[3] for at in answer["positions"]]
    assert gains[0] == 1
    assert len({*gains}) == 4
    assert all(0 <= gain <= 2 for gain in gains)


class Bent:
    """Lays latents out by their first two numbers; between these lies what is on no plane."""

    def transform(self, rows: np.ndarray) -> np.ndarray:
        return rows[:, :2]

    def inverse_transform(self, points: np.ndarray) -> np.ndarray:
        bent: np.ndarray = np.sin(points[:, [0, 1, 1, 0]])
        return bent


LONG = {"text": np.array([f"{row} {'x' * 1990}" for row in range(1200)])}
PICTURES = [image.reshape(8, 8).astype(np.uint8) for image in IMAGES]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"projection": Bent()}, "between its points .*: the inverse of Bent is not linear"),
        ({"items": PICTURES}, "pictures that its points stand for, which only the kernel has"),
        (
            {"space": lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4, value_range=(0, 1))},
            "it is code in Python",
        ),
        (
            {"space": lw.as_space(KernelPCA(4, fit_inverse_transform=True, kernel="rbf")
                .fit(IMAGES), value_range=(0, 16))},
            "KernelPCA is not linear",
        ),
    ],
    ids=["inverse", "items", "function", "decoder"],
)  # fmt: skip
def test_what_cannot_go_stays_and_says_why(more: dict[str, Any], words: str) -> None:
    chart = map_of(**more)
    assert re.search(words, offered(chart)[0]["reason"])
    with pytest.raises(LatentValueError, match=f"has to stay here: .*{words}"):
        chart.run = "page"
    assert chart.run == "auto"
    with pytest.raises(LatentValueError, match=f"has to stay here: .*{words}"):
        map_of(**more, run="page")


def test_words_of_too_many_letters_stay() -> None:
    latents = np.random.default_rng(0).normal(size=(1200, 4)).astype(np.float32)
    with pytest.raises(LatentValueError, match=r"texts of its points have more than 2,097,152"):
        lw.LatentMap(pca(), latents, LONG, run="page")


def test_a_map_without_a_space_has_no_page_that_decodes() -> None:
    with pytest.raises(LatentValueError, match="this map has no space"):
        lw.LatentMap(None, MODEL.transform(IMAGES), run="page")
    chart = lw.LatentMap(None, MODEL.transform(IMAGES))
    assert not Page(chart.comm).state["_page"]
    chart.refresh()
    assert chart.runs_in == "kernel"


def test_other_labels_export_nothing_anew_and_are_checked_anew() -> None:
    chart = map_of()
    page = Page(chart.comm)
    checked(chart)
    exported, route = exported_before(chart.space), page.state["_route"]
    assert exported is not None
    page.set(runs_in="page")
    chart.labels = {"half": np.arange(60) % 2}
    assert exported_before(chart.space) is exported
    assert page.state["_route"] != route
    assert chart.runs_in == "kernel"
    assert said(chart) == [[["half", str(row % 2)]] for row in range(60)]


def test_a_decoder_that_cannot_go_is_refused_before_an_inverse_is_called() -> None:
    class Counted(Bent):
        calls = 0

        def inverse_transform(self, points: np.ndarray) -> np.ndarray:
            self.calls += 1
            return super().inverse_transform(points)

    projection = Counted()
    space = lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4, value_range=(0, 1))
    chart = map_of(space, projection=projection)
    for labels in ({"digit": NUMBERS}, {"half": NUMBERS % 2}):
        chart.labels = labels
        assert "it is code in Python" in offered(chart)[0]["reason"]
    assert projection.calls == 0


def test_labels_that_change_while_they_are_told_are_told_anew() -> None:
    chart = map_of()
    old = Page(chart.comm).state["_route"]

    class Late(Bent):
        def inverse_transform(self, points: np.ndarray) -> np.ndarray:
            if not begun.is_set():
                begun.set()
                changed.wait(10)
            flat: np.ndarray = np.c_[points, 0 * points]
            return flat

    begun, changed = threading.Event(), threading.Event()
    chart.projection = Late()
    page = Page(chart.comm)
    page.ask(type="decoder", at=[3.0, 0.0, 0.0], part="offer")
    assert begun.wait(10)
    chart.labels = {"half": NUMBERS % 2}
    changed.set()
    answer = page.answer()[0]
    assert answer["route"] not in (old, page.state["_route"]), "the page takes it for the new one's"
    assert said(chart) == [[["half", str(number % 2)]] for number in NUMBERS]


def test_an_inverse_that_raises_is_why_a_map_stays() -> None:
    class Broken(Bent):
        def inverse_transform(self, points: np.ndarray) -> np.ndarray:
            raise OSError("the disk is gone")

    reason = offered(map_of(projection=Broken()))[0]["reason"]
    assert "could not decode a point: OSError: the disk is gone" in reason


class Texts:
    """Texts that are read when they are looked up, and of which one cannot be."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def __len__(self) -> int:
        return len(IMAGES)

    def __getitem__(self, row: int) -> str:
        self.read.append(row)
        if row == 50:
            raise OSError("the disk is gone")
        return f"text {row}"


def test_texts_are_told_where_they_are_there_and_none_is_read_for_a_page() -> None:
    texts = [f"text {row}" for row in range(60)]
    wanted = [
        [["digit", str(number)], ["", text]] for number, text in zip(NUMBERS, texts, strict=True)
    ]
    for items in (texts, tuple(texts), np.array(texts), pd.Series(texts, index=range(60, 0, -1))):
        assert said(map_of(items=items)) == wanted
    lazy = Texts()
    chart = map_of(items=lazy)
    before = len(lazy.read)
    assert "are looked up one by one" in offered(chart)[0]["reason"]
    assert len(lazy.read) == before


def test_what_is_told_of_all_latents_is_what_is_said_of_each() -> None:
    labels: dict[str, Any] = {
        "number": np.where(NUMBERS == 3, np.nan, NUMBERS / 7),
        "near": 0.5 + NUMBERS / 10_000,
        "text": np.array(["a", None, "b" * 3000] * 20, object),
        "truth": NUMBERS > 4,
    }
    items = Items(["", "one"] * 30, 60)
    told = said_of_all(labels, items, 60, never)
    each = [said_of(row, labels, items)["lines"] for row in range(60)]
    assert [told.lines[row] for row in told.rows] == each
    nothing = said_of_all({}, None, 60, never)
    assert (nothing.lines, nothing.rows.tolist()) == ([[]], [0] * 60)


def test_words_nobody_wants_any_more_are_given_up_and_too_many_are_not_built() -> None:
    asked: list[bool] = []

    def unwanted() -> bool:
        asked.append(True)
        return len(asked) == 3

    texts = np.array([f"{row}" for row in range(2**15)], object)
    with pytest.raises(UnwantedError):
        said_of_all({"text": texts}, None, len(texts), unwanted)
    asked.clear()
    long = np.array([f"{row:2000}" for row in range(2**15)], object)
    with pytest.raises(LatentValueError, match="more than 2,097,152 characters"):
        said_of_all({"text": long}, None, len(long), unwanted)
    assert len(asked) == 1, "it went on after there were too many"


def test_a_map_of_pictures_says_at_once_that_it_stays() -> None:
    for space in (pca(), None):
        chart = lw.LatentMap(space, MODEL.transform(IMAGES), items=PICTURES)
        assert not Page(chart.comm).state["_page"], "code for nothing"
        assert (
            chart.runs_in == "kernel: it shows the pictures that its points stand for, which "
            "only the kernel has."
        )
        with pytest.raises(LatentValueError, match="shows the pictures that its points stand for"):
            chart.run = "page"


def test_moving_on_a_map_leaves_it_in_the_page_and_another_layout_does_not() -> None:
    chart = map_of()
    Page(chart.comm).set(runs_in="page")
    chart.index = 7
    chart.value = (0.5, 0.5)
    assert chart.runs_in == "page"
    chart.projection = np.random.default_rng(0).normal(size=(60, 2))
    assert chart.runs_in == "kernel"


def test_an_explorer_says_where_each_of_its_parts_decodes() -> None:
    explorer = lw.explore(pca(), MODEL.transform(IMAGES), parts=["map", "editor"], run="kernel")
    assert explorer.map.run == explorer.editor.run == "kernel"
    assert explorer.runs_in == {"map": "kernel", "editor": "kernel"}
    why = "kernel: it is slower here"
    Page(explorer.editor.comm).set(runs_in=why)
    assert explorer.runs_in == {"map": "kernel", "editor": why}


def test_an_explorer_keeps_a_map_that_cannot_go_where_its_other_parts_do() -> None:
    latents = np.random.default_rng(0).normal(size=(1200, 4)).astype(np.float32)
    for parts in (None, ["map", "grid"]):
        explorer = lw.explore(pca(), latents, LONG, parts=parts, run="page")
        assert (explorer.map.run, explorer.grid.run) == ("auto", "page")
        note = Page(explorer.comm).state["_note"]
        assert "The kernel decodes the map: run is 'page', but" in note
        assert "more than 2,097,152 characters" in note
        explorer.close()
    assert lw.explore(pca(), latents, parts=["map", "grid"], run="page").map.run == "page"
    with pytest.raises(LatentValueError, match="more than 2,097,152 characters"):
        lw.explore(pca(), latents, LONG, parts=["map"], run="page")


def test_a_hub_that_wants_pages_makes_no_map_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENTWIDGETS_RUN", "page")
    assert map_of().run == "page"
    latents = MODEL.transform(IMAGES)
    for chart in (
        lw.LatentMap(None, latents),
        lw.LatentMap(None, latents, items=PICTURES),
        map_of(projection=Bent()),
    ):
        assert chart.run == "auto"
    with pytest.raises(LatentValueError, match="this map has no space"):
        lw.LatentMap(None, latents, run="page")
