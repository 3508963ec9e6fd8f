"""Pages that move without a kernel: what they hold, and that nothing in them can run astray."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from latentwidgets.export.exported.route import Asked
from latentwidgets.export.exported.table import recording_of
from latentwidgets.export.saved_page import RECIPE_BEGIN
from latentwidgets.routes import grids
from latentwidgets.routes.edit import Edit

RNG = np.random.default_rng(4)
LATENTS = RNG.normal(size=(12, 3)).astype(np.float32)
WEIGHTS = RNG.normal(size=(3, 48))


def decode(latents: Any, strength: Any = 1.0) -> Any:
    shade = 0.5 + 0.1 * np.asarray(strength).reshape(-1, 1) * (latents @ WEIGHTS)
    return shade.reshape(-1, 6, 8, 1)


@pytest.fixture
def space() -> lw.LatentSpace:
    return lw.as_space(decode, latent_shape=(3,), value_range=(0, 1), name="waves")


def held_in(page: Path) -> dict[str, Any]:
    """Read what a page holds for its scripts."""
    text = page.read_text("utf-8")
    [found] = re.findall(r'<script type="application/json" id="lw-recording">(.*?)</script>', text)
    held: dict[str, Any] = json.loads(found)
    return held


def pixels(data: str) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))


def test_a_path_has_every_position_as_it_is_decoded(space: lw.LatentSpace, tmp_path: Path) -> None:
    widget = lw.Interpolator(space, LATENTS[:3], value=0.3, filmstrip=4)
    widget.save_html(tmp_path / "path.html", positions=5)
    held = held_in(tmp_path / "path.html")
    places = [at for at, _, _ in held["frames"]]
    assert places == [[0.0], [0.25], [0.3], [1 / 3], [0.5], [2 / 3], [0.75], [1.0]]
    for [t], mime, data in held["frames"]:
        assert mime in ("image/png", "image/webp")
        widget.value = t
        np.testing.assert_array_equal(pixels(data), np.asarray(widget.image().convert("L")))
    assert held["state"]["strip_length"] == 5
    assert [*held["state"]["_methods"]] == [held["state"]["method"]]
    assert not {"_esm", "_css", "_saver", "_page", "run", "layout"} & held["state"].keys()


def test_an_edit_has_all_that_its_directions_do_together(
    space: lw.LatentSpace, tmp_path: Path
) -> None:
    found = lw.pca_directions(LATENTS, 3)
    value = {"PC 1": 0.5, "PC 2": -0.25}
    editor = lw.DirectionEditor(space, LATENTS[:2], found, value=value)
    editor.save_html(tmp_path / "edit.html", directions=["PC 3", "PC 1"], positions=3)
    held = held_in(tmp_path / "edit.html")
    state = held["state"]
    assert [row["name"] for row in state["_rows"]] == ["PC 3", "PC 1"]
    assert state["value"] == {"PC 3": 0.0, "PC 1": 0.5}
    *frames, [none, _, before] = held["frames"]
    assert len(frames) == 4 * 5  # three positions each, none, and where PC 1 is
    assert {at[0] for at, _, _ in frames} > {*state["_ranges"][0], 0.0}
    assert none == []
    editor.value = {}
    np.testing.assert_array_equal(pixels(before), np.asarray(editor.image().convert("L")))
    for [third, first], _, data in frames[::3]:
        editor.value = {**value, "PC 1": first, "PC 3": third}
        np.testing.assert_array_equal(pixels(data), np.asarray(editor.image().convert("L")))


def test_what_is_read_counts_the_directions_that_are_not_on_the_page(
    space: lw.LatentSpace, tmp_path: Path
) -> None:
    one = lw.Direction("one", [1, 0, 0], sigma=2.0)
    both = lw.Direction("both", [1, 1, 0], sigma=1.0)
    editor = lw.DirectionEditor(space, LATENTS[0], [one, both], value={"one": 1.5})
    editor.save_html(tmp_path / "edit.html", directions="both", positions=2)
    state = held_in(tmp_path / "edit.html")["state"]
    [[said]], [[gain]], [[start]] = state["_readings"], state["_gains"], state["_starts"]
    expected = editor.directions["both"].coordinate(editor.latent[None])[0]
    amount = state["value"]["both"]
    assert said + gain * (amount - start) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("mode", ["relative", "absolute"])
def test_of_several_bases_each_is_read_as_it_is(
    space: lw.LatentSpace, tmp_path: Path, mode: str
) -> None:
    one = lw.Direction("one", [1, 0, 0], sigma=2.0)
    both = lw.Direction("both", [1, 1, 0], sigma=1.0)
    editor = lw.DirectionEditor(space, [[1, 0, 0], [-2, 1, 0]], [one, both], mode=mode)
    editor.save_html(tmp_path / "edit.html", directions="both", positions=2)
    state = held_in(tmp_path / "edit.html")["state"]
    expected = editor.directions["both"].coordinate(np.array([[1, 0, 0], [-2, 1, 0]], np.float32))
    np.testing.assert_allclose(np.ravel(state["_readings"]), expected, atol=1e-6)


def test_what_is_not_on_the_page_is_said(space: lw.LatentSpace, tmp_path: Path) -> None:
    axes = [lw.Direction(name, np.eye(3)[i]) for i, name in enumerate(("a", "grey-hair", "c"))]
    editor = lw.DirectionEditor(
        space, LATENTS[0], axes, value={"a": 1, "grey-hair": -0.5}, hold=["c"]
    )
    editor.save_html(tmp_path / "edit.html", directions="a", positions=2)
    text = (tmp_path / "edit.html").read_text("utf-8")
    assert "of a, always with grey-hair −0.5 σ, holding c: decoded by waves on " in text


def test_a_method_that_is_not_offered_any_more_needs_no_words() -> None:
    state = {"filmstrip": 0, "_marks": [], "method": "geodesic", "_methods": {"slerp": "Round."}}
    asked = Asked((0.5,), state, positions=3)
    found = recording_of(lw.Path(np.eye(2), "lerp"), asked, conditions={})
    assert found.state["_methods"] == {"geodesic": ""}


def test_a_page_opens_where_it_was_saved_though_the_widget_has_moved_since() -> None:
    """Of each kind of route: its traits may be of a later moment than its coordinates."""
    later = {"filmstrip": 0, "_marks": [], "method": "lerp", "_methods": {"lerp": "Straight."}}
    later |= {"value": 0.9, "conditions": {"gain": 9.0}}
    under: Any = {"gain": 2.0}
    path = recording_of(lw.Path(np.eye(2), "lerp"), Asked((0.5,), later), conditions=under)
    assert (path.state["value"], path.state["conditions"]) == (0.5, {"gain": 2.0})
    cells = grids.cells(LATENTS[:4], columns=2)
    asked = Asked((1.0, 0.0), {**later, "value": (0, 1)})
    grid = recording_of(cells, asked, conditions=under)
    assert (grid.state["value"], grid.state["conditions"]) == ([1.0, 0.0], {"gain": 2.0})
    edit = Edit(LATENTS[0], lw.Directions([lw.Direction("a", np.eye(3)[0])]))
    traits: Any = {name: [0] for name in ("_rows", "_ranges", "_origin", "_left", "_units")}
    traits |= {"_ranges": [[-3, 3]], "_gains": [[1]], "_starts": [[0]], "_readings": [[0]]}
    traits |= {"mode": "relative", "value": {"a": 2.0}, "conditions": {"gain": 9.0}}
    found = recording_of(edit, Asked((1.5,), traits), conditions=under)
    assert (found.state["value"], found.state["conditions"]) == ({"a": 1.5}, {"gain": 2.0})


def test_a_path_that_is_looked_for_is_found_first(space: lw.LatentSpace, tmp_path: Path) -> None:
    widget = lw.Interpolator(space, LATENTS[:2])
    widget.method = "geodesic"
    widget.save_html(tmp_path / "path.html", positions=3)
    held = held_in(tmp_path / "path.html")
    assert held["state"]["method"] == "geodesic"
    [[_, _, data]] = [one for one in held["frames"] if one[0] == [0.5]]
    middle = space.decode(widget.path([0.5]))[0].squeeze()
    np.testing.assert_array_equal(pixels(data), middle)
    assert (middle != space.decode(lw.slerp(LATENTS[0], LATENTS[1], [0.5]))[0].squeeze()).any()


def test_texts_and_curves_are_as_they_are_shown(tmp_path: Path) -> None:
    for kind, decoder in (
        ("text", lambda z: [f"<b>{x:.1f}</b>" for x in z[:, 0]]),
        ("curve", lambda z: np.cumsum(z[:, :1] * np.ones((1, 30)), axis=1)),
    ):
        space = lw.as_space(decoder, latent_shape=(3,), kind=kind)
        lw.Interpolator(space, LATENTS[:2]).save_html(tmp_path / "path.html", positions=2)
        held = held_in(tmp_path / "path.html")
        assert held["state"]["_painter"].startswith("/* Built from js/src/kinds/")
        assert len({data for _, _, data in held["frames"]}) > 1


def test_pictures_that_are_too_much_are_refused(
    space: lw.LatentSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("latentwidgets.export.saved_page.MOST_BYTES", 500)
    with pytest.raises(lw.LatentValueError, match="too much to open or to mail"):
        lw.Interpolator(space, LATENTS[:2]).save_html(tmp_path / "path.html")
    assert not [*tmp_path.iterdir()]


def test_the_first_two_of_those_moved_are_on_the_page(
    space: lw.LatentSpace, tmp_path: Path
) -> None:
    found = lw.pca_directions(LATENTS, 3)
    for value, names in (({}, ["PC 1", "PC 2"]), ({"PC 3": 1, "PC 2": 1}, ["PC 2", "PC 3"])):
        editor = lw.DirectionEditor(space, LATENTS[0], found, value=value)
        editor.save_html(tmp_path / "edit.html", positions=2)
        state = held_in(tmp_path / "edit.html")["state"]
        assert [row["name"] for row in state["_rows"]] == names


def test_a_grid_has_every_cell_of_its_last_row_too(space: lw.LatentSpace, tmp_path: Path) -> None:
    grid = lw.LatentGrid(space, LATENTS[:5], columns=3)
    grid.save_html(tmp_path / "grid.html")
    places = [at for at, _, _ in held_in(tmp_path / "grid.html")["frames"]]
    assert places == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1]]


def test_conditions_stay_as_they_are_and_are_said(tmp_path: Path) -> None:
    space = lw.as_space(
        decode, latent_shape=(3,), value_range=(0, 1), conditions={"strength": (1.0, 0.0, 3.0)}
    )
    widget = lw.Interpolator(space, LATENTS[:2], conditions={"strength": 2.5})
    widget.save_html(tmp_path / "path.html", positions=2)
    held = held_in(tmp_path / "path.html")
    assert held["state"]["_conditions"] == []
    assert all(len(at) == 1 for at, _, _ in held["frames"])
    [_, _, data] = held["frames"][0]
    np.testing.assert_array_equal(pixels(data), np.asarray(widget.image().convert("L")))
    assert "under strength 2.5: decoded by " in (tmp_path / "path.html").read_text("utf-8")


def test_its_recipe_comes_back(space: lw.LatentSpace, tmp_path: Path) -> None:
    widget = lw.Interpolator(space, LATENTS[:3], value=0.3)
    widget.save_html(tmp_path / "path.html", positions=3)
    assert lw.load(tmp_path / "path.html") == widget.recipe()
    (tmp_path / "other.html").write_text("<p>something else</p>")
    with pytest.raises(lw.LatentValueError, match="holds no recipe: no widget saved it"):
        lw.load(tmp_path / "other.html")


@pytest.mark.parametrize("name", ["a</script><script>alert(1)</script>", "<!--<script>", "\ud800"])
def test_names_are_only_read(space: lw.LatentSpace, tmp_path: Path, name: str) -> None:
    space = space.replace(name=name)
    widget = lw.Interpolator(space, LATENTS[:2], names=[name, "b"])
    widget.save_html(tmp_path / "path.html", positions=2)
    text = (tmp_path / "path.html").read_text("utf-8")
    assert name not in text
    assert text.count("</script>") == 3
    assert held_in(tmp_path / "path.html")["state"]["names"] == [name, "b"]
    assert lw.load(tmp_path / "path.html") == widget.recipe()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"positions": 1}, "positions"),
        ({"positions": "many"}, "positions"),
        ({"positions": 1000}, "pictures; expected 4,096 at most"),
        ({"directions": "PC 9"}, "Did you mean 'PC 3'"),
        ({"directions": ["PC 1", "PC 1"]}, "each once"),
        ({"directions": []}, "one to 3"),
        ({"directions": [1]}, "directions names 1"),
        ({"position": 9}, "Did you mean 'positions'"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_file(
    space: lw.LatentSpace, tmp_path: Path, given: Any, words: str
) -> None:
    editor = lw.DirectionEditor(space, LATENTS[0], lw.pca_directions(LATENTS, 3))
    with pytest.raises(lw.LatentWidgetsError, match=words):
        editor.save_html(tmp_path / "edit.html", **given)
    assert not [*tmp_path.iterdir()]


def test_other_widgets_say_what_they_cannot(space: lw.LatentSpace, tmp_path: Path) -> None:
    path, grid = lw.Interpolator(space, LATENTS[:2]), lw.LatentGrid(space, LATENTS[:4])
    for widget, given, words in (
        (path, {"directions": "PC 1"}, "directions is for editors"),
        (grid, {"positions": 3}, "positions is for sliders"),
        (lw.LatentMap(space, LATENTS), {}, "cannot be saved yet"),
    ):
        with pytest.raises(lw.LatentValueError, match=words):
            widget.save_html(tmp_path / "page.html", **given)
    with pytest.raises(lw.LatentValueError, match="expected one of .html"):
        path.save_html(tmp_path / "page.png")
    path.close()
    with pytest.raises(lw.LatentValueError, match="closed"):
        path.save_html(tmp_path / "page.html")
    assert not [*tmp_path.iterdir()]


def test_a_page_of_opening_tags_alone_takes_no_time_that_grows_with_its_square(
    tmp_path: Path,
) -> None:
    (tmp_path / "odd.html").write_bytes(RECIPE_BEGIN.encode() * 20_000)
    before = time.process_time()
    with pytest.raises(lw.LatentValueError, match="this page holds no recipe"):
        lw.load(tmp_path / "odd.html")
    assert time.process_time() - before < 1
