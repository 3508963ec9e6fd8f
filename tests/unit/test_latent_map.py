"""The LatentMap in plain Python: where it goes, what is selected, what is refused, and its end."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

import numpy as np
import pytest
import traitlets

import latentwidgets as lw
from latentwidgets.routes.projection import project
from latentwidgets.widgets.map import fitted_projections
from tests.unit.recorded import RecordedMap

pytest.importorskip("jscatter", reason="needs the extra map")

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


class Recorded(RecordedMap):
    """A map that is asked and answers at once."""

    def asked(self, at: list[float], **more: Any) -> dict[str, Any]:
        self.ask(at=at, **more)
        return self.answer()[0]


def make(cls: type[lw.LatentMap] = lw.LatentMap, **options: Any) -> Any:
    space = options.pop("space", lw.LatentSpace(Decoder(), 4, value_range=(0, 1)))
    return cls(space, options.pop("latents", LATENTS), options.pop("labels", LABELS), **options)


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
    name = chart._route
    chart.set_state({"_spot": [11, 0.123, 0.456]})
    assert chart.index == 11
    np.testing.assert_allclose(chart.value, chart.projection.points[11], atol=1e-5)
    chart.set_state({"_spot": [-1, 2.5, 0.5]})
    assert (chart.index, chart.value) == (None, (2.5, 0.5))
    assert chart._route == name, "frames that are here stay good"


def test_a_click_that_leads_nowhere_is_answered_in_place() -> None:
    chart = make(Recorded, projection=LATENTS[:, :2])
    before = chart.latent
    chart.set_state({"_spot": [-1, 2.5, 0.5]})
    [(content, _)] = chart.sent
    assert content["of"] == "state"
    assert "click a point instead" in content["message"]
    assert chart.index == 0
    np.testing.assert_array_equal(chart.latent, before)
    assert chart._about["stuck"].endswith("click a point instead.")


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
    line = lw.Path(LATENTS[[0, 5]], method="lerp")(np.linspace(0, 1, 9))
    chart.path = line
    np.testing.assert_allclose(chart._track, chart.projection.place(line))
    chart.projection = "tsne"
    assert chart.fitting.wait(60)
    np.testing.assert_allclose(chart._track, chart.projection.place(line))
    chart.path = []
    assert chart._track == []
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
    assert chart._ground.points.shape == (60, 4)
    np.testing.assert_allclose(
        chart._ground.points[:, :2] * chart._frame[2] + chart._frame[:2],
        chart.projection.points,
        atol=1e-3,
    )
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
        before = (chart.projection, chart._route, chart._frame, chart._track)
        with pytest.raises(lw.LatentValueError, match="these I do not know"):
            chart.projection = Fitted()
        assert (chart.projection, chart._route, chart._frame, chart._track) == before


def wait_for(done: Any) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_page_chooses_a_projection_and_goes_on_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart = make()
    pca = chart.projection
    assert [name for name, _ in chart._projections][:2] == ["pca", "tsne"]
    held, fitted = threading.Event(), []

    def slow(*args: Any, **options: Any) -> Any:
        if isinstance(args[1], str):
            fitted.append(args[1])
            held.wait(60)
        return project(*args, **options)

    monkeypatch.setattr(fitted_projections, "project", slow)
    chart.set_state({"_projection": "tsne"})
    assert chart._fitting == "tsne"
    assert chart.projection is pca
    chart.set_state({"_spot": [7, 0.0, 0.0]})
    assert chart.index == 7
    chart.labels = {"other": LABELS}
    assert chart._fitting == "tsne", "it is still wanted"
    # Something else is chosen meanwhile: what is fitted is kept for later.
    chart.set_state({"_projection": "pca"})
    assert chart._fitting == ""
    held.set()
    wait_for(lambda: "tsne" in chart._fitted._kept)
    assert chart.projection is pca
    chart.set_state({"_projection": "tsne"})
    assert chart.projection.name == chart._projection == "tsne"
    assert (chart._fitting, chart.index, fitted) == ("", 7, ["tsne"])
    chart.projection = LATENTS[:, 2:]
    assert ("points", "points as given") in chart._projections
    chart.set_state({"_projection": "pca"})
    assert chart.projection is pca
    chart.set_state({"_projection": "points"})
    np.testing.assert_array_equal(chart.projection.points, LATENTS[:, 2:])


def test_a_projection_that_fails_for_the_page_is_answered_in_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise lw.LatentValueError("projection 'tsne' could not fit: no <b>luck</b>")

    chart = make(Recorded)
    monkeypatch.setattr(fitted_projections, "project", fail)
    chart.set_state({"_projection": "tsne"})
    content, _ = chart.answer()
    assert (content["of"], content["type"]) == ("state", "error")
    assert "no <b>luck</b>" in content["message"]
    wait_for(lambda: chart._fitting == "")
    assert chart._projection == chart.projection.name == "pca"


def test_a_map_that_is_closed_while_it_waits_stays_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    held, chart = threading.Event(), make(Recorded)
    monkeypatch.setattr(fitted_projections, "project", lambda *_, **__: held.wait(60))
    chart.set_state({"_projection": "tsne"})
    [thread] = [one for one in threading.enumerate() if one.name == "latentwidgets-projection"]
    chart.close()
    held.set()
    thread.join(20)
    assert not thread.is_alive()
    assert chart.sent == []


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
    chart = make(Recorded, projection=both)
    chart.set_state({"_spot": [-1, 2.5, 0.5]})
    assert chart.asked([-1, 2.5, 0.5])["type"] == "frames"
    assert both.inverted == 1
    assert chart.asked([-1, 0.5, 0.5])["type"] == "frames", "what another page looks at"


def test_hovering_says_what_lies_there() -> None:
    chart = make(Recorded, labels={"parity": LABELS, "n": np.arange(60) / 7})
    answer = chart.asked([3.0, *chart._own_route().spot(3)[1:]])
    assert answer["said"] == {"row": 3, "lines": [("parity", "odd"), ("n", "0.428571")]}
    assert answer["frames"][0]["lossless"]
    chart.set_state({"hovered": 3})
    assert chart.hovered == 3
    chart.set_state({"hovered": None})
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
    chart = make(Recorded, space=lw.LatentSpace(decoder, 4, value_range=(0, 1)))
    decoder.fault = RuntimeError("no memory")
    answer = chart.asked([5.0, *chart._own_route().spot(5)[1:]])
    assert answer["type"] == "error"
    assert "no memory" in answer["message"]
    assert answer["said"]["lines"] == [("label", "odd")]
    decoder.fault = None
    assert chart.asked([5.0, *chart._own_route().spot(5)[1:]])["type"] == "frames"


def test_a_spot_of_another_day_is_stale() -> None:
    chart = make(Recorded)
    chart.latent = LATENTS[0] * 2
    spot = list(chart._spot)
    chart.latent = LATENTS[0] * 3
    assert chart.asked(spot)["type"] == "stale"
    assert chart.asked(list(chart._spot))["type"] == "frames"
    assert chart.asked(list(chart._spot), route="map 0")["type"] == "stale"
    assert chart.asked(spot, type="latent")["type"] == "stale"


def test_without_a_space_items_are_shown() -> None:
    words = [f"<b>word {i}</b>" for i in range(60)]
    chart = make(Recorded, space=None, items=words)
    answer = chart.asked([4.0, 0.0, 0.0])
    assert answer["said"]["lines"] == [("label", "even"), ("", "<b>word 4</b>")]
    assert answer["frames"] == []
    with pytest.raises(lw.LatentValueError, match="no space"):
        chart.image()
    images = RNG.integers(0, 255, (60, 5, 7, 3), np.uint8)
    chart = make(Recorded, space=None, items=images)
    answer = chart.asked([4.0, 0.0, 0.0])
    assert len(answer["frames"]) == 1
    np.testing.assert_array_equal(
        chart._renderer.outputs(chart._own_route(), [(4.0, 0.0, 0.0)])[0][0], images[4]
    )
    assert chart.asked([-1.0, 0.0, 0.0])["type"] == "error"


def test_selections_both_ways() -> None:
    chart = make()
    chart.selection = [9, 3, 3]
    assert chart.selection.tolist() == [3, 9]
    assert chart._ground.selection.tolist() == [3, 9]
    assert chart._selected == 2
    chart._ground.selection = np.array([30, 2, 7], np.uint32)  # as a lasso gives it
    assert chart.selection.tolist() == [2, 7, 30]
    chart.selection = LABELS == "odd"
    assert chart.selection.tolist() == list(range(1, 60, 2))
    chart.selection = []
    assert chart._ground.selection.tolist() == []
    seen: list[Any] = []
    other = make()
    traitlets.link((chart, "selection"), (other, "selection"))
    other.observe(seen.append, "selection")
    chart._ground.selection = np.array([5, 1], np.uint32)
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
    assert chart.color == chart._color == "parity"
    assert chart._colors == ["parity", "size", "cluster", "density"]
    assert [entry["name"] for entry in chart._legend["entries"]] == ["even", "odd"]
    assert chart._ground.points[:4, 2].tolist() == [0, 1, 0, 1]
    chart.color = "density"
    assert chart._legend == {"low": "sparse", "high": "dense"}
    chart.color = "cluster"
    chart.clusters = 3
    assert len(chart._legend["entries"]) == 3
    chart.color = np.arange(60) / 3
    assert chart._colors[2] == chart.color == "values"
    chart.set_state({"_color": "size"})
    assert chart.color == "size"
    chart.color = {"mine": np.arange(60) / 3}
    assert chart.color == "mine"
    for bad, words in [("densty", "Did you mean 'density'"), (np.arange(3), r"60 latents")]:
        with pytest.raises(lw.LatentWidgetsError, match=words):
            chart.color = bad
    assert chart.color == "mine"
    chart.color = {"mine": LABELS}
    assert [entry["name"] for entry in chart._legend["entries"]] == ["even", "odd"]
    assert make(labels=None).color == "density"
    chart.labels = {}
    assert chart._colors == ["mine", "cluster", "density"]


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


def test_a_closed_map_lets_go_of_everything() -> None:
    kept: list[Any] = []
    for _ in range(2):
        chart = make(Recorded)
        chart.asked([3.0, *chart._own_route().spot(3)[1:]])
        kept += [weakref.ref(chart.space.decoder), weakref.ref(chart._latents)]
        kept += [weakref.ref(chart._ground), weakref.ref(chart)]
        chart.close()
    del chart
    deadline = time.monotonic() + 20
    while any(one() is not None for one in kept):
        gc.collect()
        assert time.monotonic() < deadline
        time.sleep(0.01)
