"""The LatentMap in plain Python: where it goes, what is selected, what is refused, and its end."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
import weakref
from typing import Any

import numpy as np
import pytest
import traitlets

import latentwidgets as lw
from tests.unit.page import Page, array_in, state_of

pytest.importorskip("jscatter", reason="needs the extra map")

from latentwidgets.widgets.map import points
from latentwidgets.widgets.map.scatter import scatter_of

RNG = np.random.default_rng(0)
LATENTS = (RNG.normal(size=(60, 4)) * [4, 2, 1, 1]).astype(np.float32)
LABELS = np.array(["even", "odd"], object)[np.arange(60) % 2]


class Decoder:
    """Pictures of 8 x 8 whose grey is the first number of the latent, in twentieths from -10."""

    fault: Exception | None = None

    def __call__(self, latents: np.ndarray) -> Any:
        if self.fault is not None:
            raise self.fault
        grey = (latents[:, :1, None] / 20 + 0.5).clip(0, 1)
        return np.broadcast_to(grey, (len(latents), 8, 8))


def make(**options: Any) -> Any:
    space = options.pop("space", lw.LatentSpace(Decoder(), 4, value_range=(0, 1)))
    latents, labels = options.pop("latents", LATENTS), options.pop("labels", LABELS)
    return lw.LatentMap(space, latents, labels, **options)


def spot_of(chart: Any, row: int) -> list[float]:
    """Where the page sees a latent."""
    return [float(row), *chart.projection.points[row].tolist()]


def test_it_begins_at_the_first_latent() -> None:
    chart = make()
    assert chart.index == 0
    np.testing.assert_array_equal(chart.latent, LATENTS[0])
    np.testing.assert_allclose(chart.value, chart.projection.points[0], atol=1e-5)
    assert len(chart.selection) == len(chart.path) == 0
    assert chart.hovered is None


@pytest.mark.parametrize("start", [{"index": 7}, {"value": (1.0, 2.0)}, {"latent": LATENTS[3] + 1}])
def test_it_begins_where_one_says(start: dict[str, Any]) -> None:
    chart = make(**start)
    [(name, expected)] = start.items()
    np.testing.assert_allclose(getattr(chart, name), expected)
    with pytest.raises(lw.LatentTypeError, match="one of them"):
        make(**{"index": 1, "value": (0, 0), **start})


def test_index_value_and_latent_follow_each_other() -> None:
    chart = make()
    chart.index = 9
    np.testing.assert_array_equal(chart.latent, LATENTS[9])
    np.testing.assert_allclose(chart.value, chart.projection.points[9], atol=1e-5)
    chart.value = (1.5, -0.5)
    assert chart.index is None
    np.testing.assert_allclose(chart.latent, chart.projection.invert([[1.5, -0.5]])[0])
    np.testing.assert_allclose(chart.projection.place([chart.latent])[0], (1.5, -0.5), atol=1e-5)
    latent = LATENTS[2] + [0, 0, 0, 3]
    chart.latent = latent
    assert chart.index is None
    np.testing.assert_array_equal(chart.latent, latent.astype(np.float32))
    np.testing.assert_allclose(chart.value, chart.projection.place([latent])[0], atol=1e-5)


def test_observers_hear_of_all_three_together() -> None:
    chart = make()
    seen: list[Any] = []

    def hear(change: Any) -> None:
        seen.append((change["name"], chart.index, chart.value, chart.latent.tolist()))

    chart.observe(hear, ["index", "value", "latent"])
    chart.index = 5
    assert sorted(name for name, *_ in seen) == ["index", "latent", "value"]
    assert all(rest == list(seen[0][1:]) for rest in (list(one[1:]) for one in seen))
    seen.clear()
    chart.index = 5
    chart.value = chart.value
    chart.latent = chart.latent
    assert seen == []


def test_what_the_page_clicks_moves_it() -> None:
    chart = make()
    page = Page(chart.comm)
    name = page.state["_route"]
    page.set(_spot=[11, 0.123, 0.456])
    assert chart.index == 11
    np.testing.assert_allclose(chart.value, chart.projection.points[11], atol=1e-5)
    page.set(_spot=[-1, 2.5, 0.5])
    assert (chart.index, chart.value) == (None, (2.5, 0.5))
    assert page.state["_route"] == name, "frames that are here stay good"


def test_a_click_that_leads_nowhere_is_answered_in_place() -> None:
    chart = make(projection=LATENTS[:, :2])
    page = Page(chart.comm)
    before = chart.latent, dict(page.state)
    page.set(_spot=[-1, 2.5, 0.5])
    [(content, _)] = page.messages
    assert content["of"] == "state"
    assert "click a point instead" in content["message"]
    assert chart.index == 0
    np.testing.assert_array_equal(chart.latent, before[0])
    assert page.state == before[1], "what it set is taken back"
    assert page.state["_about"]["stuck"].endswith("click a point instead.")


def test_linked_with_the_other_widgets() -> None:
    space = lw.LatentSpace(Decoder(), 4, value_range=(0, 1))
    chart = make(space=space)
    editor = lw.DirectionEditor(space, LATENTS[1], lw.pca_directions(LATENTS, 2))
    traitlets.link((chart, "latent"), (editor, "base"))
    np.testing.assert_array_equal(editor.base, LATENTS[0])
    chart.index = 4
    np.testing.assert_array_equal(editor.base, LATENTS[4])
    editor.base = LATENTS[8] * 2
    np.testing.assert_array_equal(chart.latent, LATENTS[8] * 2)
    np.testing.assert_allclose(chart.value, chart.projection.place(LATENTS[8:9] * 2)[0], atol=1e-4)
    walk = lw.Interpolator(space, LATENTS[[0, 1]], method="lerp")
    traitlets.link((walk, "latent"), (chart, "latent"))
    walk.value = 0.5
    np.testing.assert_array_equal(chart.latent, LATENTS[[0, 1]].mean(axis=0))
    np.testing.assert_array_equal(editor.base, chart.latent)
    chart.index = 1
    assert walk.value == 1


def test_a_path_is_drawn_through_its_places() -> None:
    chart = make()
    page = Page(chart.comm)
    line = lw.Path(LATENTS[[0, 5]], method="lerp")(np.linspace(0, 1, 9))
    chart.path = line
    np.testing.assert_allclose(page.state["_track"], chart.projection.place(line))
    chart.projection = "tsne"
    assert chart.fitting.wait(60)
    np.testing.assert_allclose(page.state["_track"], chart.projection.place(line))
    chart.path = []
    assert page.state["_track"] == []
    with pytest.raises(lw.LatentValueError, match=r"path has shape \(9, 3\); expected \(m, 4\)"):
        chart.path = line[:, :3]
    with pytest.raises(lw.LatentTypeError, match="path are no array"):
        chart.path = [[1.0, 2.0], [3.0]]
    message = r"latent has shape \(3,\); expected one latent, \(4,\)"
    with pytest.raises(lw.LatentValueError, match=message):
        chart.latent = line[0, :3]


def test_another_projection_keeps_the_latent() -> None:
    chart = make(value=(1.0, 1.0))
    latent = chart.latent
    chart.projection = "tsne"
    assert chart.fitting.wait(60)
    np.testing.assert_array_equal(chart.latent, latent)
    page = Page(chart.comm)
    drawn, (*center, half) = array_in(page.child("_ground").state["points"]), page.state["_frame"]
    assert drawn.shape == (60, 4)
    np.testing.assert_allclose(drawn[:, :2] * half + center, chart.projection.points, atol=1e-3)
    with pytest.raises(lw.LatentValueError, match="has no inverse"):
        chart.value = (0, 0)


def test_a_projection_that_fails_loses_nothing() -> None:
    chart = make()
    before = chart.projection
    for bad, words in [("tsn", "tsne"), (np.zeros((3, 2)), "60 latents"), (None, "expected")]:
        with pytest.raises(lw.LatentWidgetsError, match=words):
            chart.projection = bad
    assert chart.projection is before


def test_a_projection_that_cannot_place_what_is_drawn_loses_nothing() -> None:
    class Fitted:
        """Places the latents that it was made for, and no others."""

        def transform(self, rows: np.ndarray) -> np.ndarray:
            if len(rows) != 60:
                raise RuntimeError("these I do not know")
            return rows[:, :2]

    for drawn in ({"path": LATENTS[:2] + 1}, {"latent": LATENTS[0] + 1}):
        chart = make(**drawn)
        page = Page(chart.comm)
        before = chart.projection, dict(page.state)
        with pytest.raises(lw.LatentValueError, match="these I do not know"):
            chart.projection = Fitted()
        assert (chart.projection, page.state) == before


def test_the_ground_is_inverted_once() -> None:
    class Both:
        """Forward and back, and how often."""

        inverted = 0

        def transform(self, rows: np.ndarray) -> np.ndarray:
            return rows[:, :2]

        def inverse_transform(self, points: np.ndarray) -> np.ndarray:
            self.inverted += 1
            return np.pad(points, ((0, 0), (0, 2)))

    both = Both()
    page = Page(make(projection=both).comm)
    page.set(_spot=[-1, 2.5, 0.5])
    assert page.asked(at=[-1, 2.5, 0.5])["type"] == "frames"
    assert both.inverted == 1
    assert page.asked(at=[-1, 0.5, 0.5])["type"] == "frames", "what another page looks at"


def test_hovering_says_what_lies_there() -> None:
    dates = np.array(["2021.05", "2021.11"] * 30)
    chart = make(labels={"parity": LABELS, "n": np.arange(60) / 7, "date": dates})
    page = Page(chart.comm)
    answer = page.asked(at=spot_of(chart, 3))
    lines = [["parity", "odd"], ["n", "0.429", "0.428571"], ["date", "2021.11"]]
    assert answer["said"] == {"row": 3, "lines": lines}
    assert answer["frames"][0]["lossless"]
    page.set(hovered=3)
    assert chart.hovered == 3
    page.set(hovered=None)
    assert chart.hovered is None
    with pytest.raises(lw.LatentValueError, match="0 to 59"):
        chart.hovered = 60


def test_the_picture_is_the_latents_decode() -> None:
    chart = make(index=6)
    expected = round(255 * float(np.clip(LATENTS[6, 0] / 20 + 0.5, 0, 1)))
    assert abs(chart.image().getpixel((0, 0)) - expected) <= 1
    chart.value = (0.0, 0.0)
    expected = round(255 * float(np.clip(LATENTS[:, 0].mean() / 20 + 0.5, 0, 1)))
    assert abs(chart.image().getpixel((0, 0)) - expected) <= 1


def test_a_decoder_that_fails_is_answered_and_labels_are_there_all_the_same() -> None:
    decoder = Decoder()
    chart = make(space=lw.LatentSpace(decoder, 4, value_range=(0, 1)))
    page, spot = Page(chart.comm), spot_of(chart, 5)
    decoder.fault = RuntimeError("no memory")
    answer = page.asked(at=spot)
    assert answer["type"] == "error"
    assert "no memory" in answer["message"]
    assert answer["said"]["lines"] == [["label", "odd"]]
    decoder.fault = None
    assert page.asked(at=spot)["type"] == "frames"


def test_a_spot_of_another_day_is_stale() -> None:
    chart = make()
    page = Page(chart.comm)
    chart.latent = LATENTS[0] * 2
    spot = page.state["_spot"]
    chart.latent = LATENTS[0] * 3
    assert page.asked(at=spot)["type"] == "stale"
    assert page.asked(at=page.state["_spot"])["type"] == "frames"
    assert page.asked(at=page.state["_spot"], route="map 0")["type"] == "stale"
    assert page.asked(at=spot, type="latent")["type"] == "stale"


def test_without_a_space_items_are_shown() -> None:
    words = [f"<b>word {i}</b>" for i in range(60)]
    chart = make(space=None, items=words)
    answer = Page(chart.comm).asked(at=[4.0, 0.0, 0.0])
    assert answer["said"]["lines"] == [["label", "even"], ["", "<b>word 4</b>"]]
    assert answer["frames"] == []
    with pytest.raises(lw.LatentValueError, match="no space"):
        chart.image()
    images = RNG.integers(0, 255, (60, 5, 7, 3), np.uint8)
    chart = make(space=None, items=images)
    page = Page(chart.comm)
    assert len(page.asked(at=[4.0, 0.0, 0.0])["frames"]) == 1
    page.set(_spot=[4, 0.0, 0.0])
    np.testing.assert_array_equal(page.picture()[1], images[4])
    np.testing.assert_array_equal(chart.image(), images[4])
    assert page.asked(at=[-1.0, 0.0, 0.0])["type"] == "error"


def test_selections_both_ways() -> None:
    chart = make()
    page = Page(chart.comm)
    ground = page.child("_ground")
    chart.selection = [9, 3, 3]
    assert chart.selection.tolist() == [3, 9]
    assert repr(chart.selection) == "array([3, 9])"
    assert repr(chart.latent).startswith("array([")
    assert array_in(ground.state["selection"]).tolist() == [3, 9]
    assert page.state["_selected"] == 2
    ground.set(selection=state_of(np.array([30, 2, 7], np.uint32)))  # as a lasso gives it
    assert chart.selection.tolist() == [2, 7, 30]
    chart.selection = LABELS == "odd"
    assert chart.selection.tolist() == list(range(1, 60, 2))
    chart.selection = []
    assert array_in(ground.state["selection"]).tolist() == []
    seen: list[Any] = []
    other = make()
    traitlets.link((chart, "selection"), (other, "selection"))
    other.observe(seen.append, "selection")
    ground.set(selection=state_of(np.array([5, 1], np.uint32)))
    assert other.selection.tolist() == [1, 5]
    assert len(seen) == 1
    for bad, words in [([60], "60 latents"), ([-1], "row -1"), ([0.5], "whole numbers")]:
        with pytest.raises(lw.LatentWidgetsError, match=words):
            chart.selection = bad
    assert chart.selection.tolist() == [1, 5]


def test_two_selections_give_a_direction() -> None:
    latents = LATENTS.copy()
    latents[30:, 1] += 12
    chart = make(latents=latents)
    first, second = np.arange(30), np.arange(60) >= 30
    found = chart.direction_between(first, second, name="up", shuffles=0)
    assert found.name == "up"
    assert int(np.abs(found.vector).argmax()) == 1
    assert found.vector[1] > 0.9
    few = chart.direction_between([0, 1], [40, 41], shuffles=0)
    assert few.evidence.warning
    for one, two, words in [
        ([], second, "first selection is empty"),
        (first, [40], "second selection holds one latent; expected two"),
        (first, [], "second selection is empty"),
        ([1, 2, 40], second, "row 40 of the latents are in both"),
        ([1, 2], [99], "60 latents"),
    ]:
        with pytest.raises(lw.LatentValueError, match=words):
            chart.direction_between(one, two)


def test_colours_by_name_and_by_value() -> None:
    chart = make(labels={"parity": LABELS, "size": np.linspace(0, 1, 60)})
    page = Page(chart.comm)
    assert chart.color == page.state["_color"] == "parity"
    assert page.state["_colors"] == ["parity", "size", "cluster", "density"]
    assert [entry["name"] for entry in page.state["_legend"]["entries"]] == ["even", "odd"]
    assert array_in(page.child("_ground").state["points"])[:4, 2].tolist() == [0, 1, 0, 1]
    chart.color = "density"
    assert page.state["_legend"] == {"low": "sparse", "high": "dense"}
    chart.color = "cluster"
    chart.clusters = 3
    assert len(page.state["_legend"]["entries"]) == 3
    chart.color = np.arange(60) / 3
    assert page.state["_colors"][2] == chart.color == "values"
    page.set(_color="size")
    assert chart.color == "size"
    chart.color = {"mine": np.arange(60) / 3}
    assert chart.color == "mine"
    for bad, words in [("densty", "Did you mean 'density'"), (np.arange(3), r"60 latents")]:
        with pytest.raises(lw.LatentWidgetsError, match=words):
            chart.color = bad
    assert chart.color == "mine"
    chart.color = {"mine": LABELS}
    assert [entry["name"] for entry in page.state["_legend"]["entries"]] == ["even", "odd"]
    assert make(labels=None).color == "density"
    chart.labels = {}
    assert page.state["_colors"] == ["mine", "cluster", "density"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"labels": LABELS[:50]}, r"'label' have shape \(50,\); there are 60 latents"),
        ({"labels": {"a": LABELS, "b": LABELS[1:]}}, r"'b' have shape \(59,\)"),
        ({"items": ["a"] * 59}, "59 items and 60 latents"),
        ({"items": 5}, "items are a int"),
        ({"latents": np.full((60, 4), np.nan)}, "NaN or infinity in rows 0"),
        ({"latents": LATENTS[:0]}, "at least one row"),
        ({"latents": LATENTS[:, :3]}, r"\(60, 3\)"),
        ({"selection": [60]}, "60 latents"),
        ({"index": 60}, "0 to 59"),
        ({"projction": "pca"}, "Did you mean 'projection'"),
        ({"itms": ["a"] * 60}, "Did you mean 'items'"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_used_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        make(**options)


def test_without_jupyter_scatter_the_extra_is_named() -> None:
    code = """
import sys
sys.modules["jscatter"] = None
import numpy as np, latentwidgets as lw
try:
    lw.LatentMap(None, np.eye(4))
except ImportError as error:
    assert isinstance(error, lw.MissingExtraError)
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert 'pip install "latentwidgets[map]"' in run.stdout


def test_viewers_without_a_kernel_get_the_map_as_a_picture() -> None:
    bundle = make()._repr_mimebundle_()
    assert bundle is not None
    assert {"image/png", "text/html"} <= bundle[0].keys()
    assert "LatentMap of 60 latents" in bundle[0]["text/html"]


def test_what_draws_the_points_has_none_of_the_help_of_the_map_that_it_is_in() -> None:
    explorer = lw.explore(lw.LatentSpace(lambda z: np.zeros((len(z), 8, 8)), 4), np.eye(4))
    for widget in (chart := make(), explorer, explorer.map):
        assert "js/src/parts/help" in Page(widget.comm).state["_help"]
    for one in (chart, explorer.map):
        assert Page(one.comm).child("_ground").state["_help"] == ""
    explorer.close()


def test_a_closed_map_lets_go_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []

    def watched(*args: Any) -> Any:
        drawn = scatter_of(*args)
        kept.append(weakref.ref(drawn))
        return drawn

    monkeypatch.setattr(points, "scatter_of", watched)
    for _ in range(2):
        chart = make()
        Page(chart.comm).asked(at=spot_of(chart, 3))
        kept += map(weakref.ref, (chart.space.decoder, chart.latents))
        chart.close()
    assert len(kept) == 6
    wait_until_gone(kept)
    gone = weakref.ref(chart)
    del chart
    wait_until_gone([gone])


def wait_until_gone(kept: list[Any]) -> None:
    deadline = time.monotonic() + 20
    while any(one() is not None for one in kept):
        gc.collect()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("labels", ["", "x" * 1000, np.float64(3)])
def test_one_label_for_all_is_refused_with_a_space_too(labels: Any) -> None:
    with pytest.raises(lw.LatentValueError, match=r"shape \(\); there are"):
        make(labels=labels)


@pytest.mark.parametrize(("count", "opaque"), [(30, True), (3000, True), (70_000, False)])
def test_points_are_opaque_as_long_as_they_are_few(count: int, opaque: bool) -> None:
    drawn = scatter_of(np.zeros((count, 4), np.float32), ["#808080"])
    assert drawn.opacity == 1
    assert (drawn.opacity_by != "density") is opaque
