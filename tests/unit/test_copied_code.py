"""What "Copy as code" copies: a cell that runs by itself, and makes the latent that is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.export.code import code_of
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.path import Path
from latentwidgets.routes.route import StaleError
from latentwidgets.space.conditions import conditions_of
from tests.unit.page import Page
from tests.unit.spaces import sigmoid

RNG = np.random.default_rng(4)
ANCHORS = RNG.normal(size=(3, 5)).astype(np.float32)
FOUND = lw.Directions(
    [
        lw.Direction('the "x"', RNG.normal(size=5), sigma=1.5),
        lw.Direction("y\n", RNG.normal(size=5), mean=RNG.normal(size=5)),
        lw.Direction("z", RNG.normal(size=5), sigma=0.3),
    ]
)
TIMING = np.array([[0.0, 0.3, 1.0], [0.0, 0.7, 1.0]])


def run(code: str) -> dict[str, Any]:
    """Run a cell in a kernel where nothing has run before."""
    names: dict[str, Any] = {}
    exec(code, names)
    return names


PATHS = {
    "slerp": Path(ANCHORS),
    "lerp, closed": Path(ANCHORS, "lerp", closed=True),
    "spline, timed": Path(ANCHORS, "spline", timing=TIMING),
    "gaussian": Path(ANCHORS, "gaussian"),
    "of another prior": Path(
        ANCHORS, "gaussian", space=lw.LatentSpace(sigmoid, 5, prior=lw.NormalPrior(np.ones(5), 3.0))
    ),
}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("t", [0.0, 0.137, 1.0])
def test_a_path_and_where_on_it(name: str, t: float) -> None:
    path = PATHS[name]
    names = run(code_of(path, (t,)))
    assert names["latent"].dtype == np.float32
    np.testing.assert_array_equal(names["latent"], path.latents([(t,)])[0])
    assert ("anchors" in names) == (name != "of another prior")


EDITS = {
    "one base": Edit(ANCHORS[0], FOUND),
    "several": Edit(ANCHORS, FOUND),
    "held": Edit(ANCHORS[0], FOUND, hold=["z"]),
    "absolute": Edit(ANCHORS[0], FOUND, absolute=True),
    "absolute, several": Edit(ANCHORS, FOUND, absolute=True),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_base_and_named_amounts(name: str) -> None:
    edit = EDITS[name]
    at = (1.25, float(edit.origin[1]), -2.0)
    names = run(code_of(edit, at))
    assert names["latent"].dtype == np.float32
    np.testing.assert_allclose(names["latent"], edit.latents([at])[0], rtol=1e-6, atol=1e-6)
    if name == "absolute, several":
        assert "amounts" not in names, "each base moves by another"
        return
    np.testing.assert_array_equal(names["base"], edit.bases)
    assert list(names["amounts"]) == ['the "x"', "z"], "those that are moved"
    if not edit.absolute:
        assert names["amounts"] == {'the "x"': 1.25, "z": -2.0}


def test_without_an_edit_the_latent_is_the_base() -> None:
    names = run(code_of(EDITS["one base"], (0.0, 0.0, 0.0)))
    np.testing.assert_array_equal(names["latent"], ANCHORS[0])


@pytest.mark.parametrize(
    ("route", "at", "error"),
    [
        (EDITS["one base"], (1.0,), StaleError),
        (EDITS["one base"], (1.0, 2.0, 3.0, 4.0), StaleError),
        (EDITS["several"], (1.0, 2.0), StaleError),
        (EDITS["one base"], (1e308, 1e308, 1e308), lw.LatentValueError),
        (PATHS["slerp"], (float("nan"),), lw.LatentValueError),
        (Conditioned.of(EDITS["one base"], conditions_of({"g": (1, 0, 2)})), (1, 1), StaleError),
    ],
)
def test_where_there_is_no_latent_there_is_no_code(
    route: Any, at: tuple[float, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        code_of(route, at)


def test_every_widget_gives_it_with_the_conditions_and_how_to_decode_it() -> None:
    conditions = {"class": ["owl", "cat"], "gain": (1.0, 0.0, 2.0)}

    def decode(latents: Any, label: Any, gain: Any) -> Any:
        return sigmoid(latents) * (gain * (1 + label)).reshape(-1, 1, 1) / 4

    space = lw.LatentSpace(decode, 5, value_range=(0, 1), conditions=conditions, name="mine")
    under = {"class": "cat", "gain": 0.5}
    # Widgets, and the coordinates of their own controls.
    widgets: list[tuple[Any, list[float]]] = [
        (lw.Interpolator(space, ANCHORS, value=0.2, conditions=under), [0.2]),
        (lw.DirectionEditor(space, ANCHORS[0], FOUND, value={"z": 1}, conditions=under), [0, 0, 1]),
        (lw.DirectionEditor(space, ANCHORS, FOUND, value={"z": 1}, conditions=under), [0, 0, 1]),
        (lw.LatentGrid(space, ANCHORS, value=(0, 1), conditions=under), [0, 1]),
        (lw.LatentMap(space, ANCHORS, index=2, conditions=under), []),
    ]
    for widget, own in widgets:
        page = Page(widget.comm)
        at = [*(own or page.state["_spot"]), 1, 0.5]
        code = page.asked(type="latent", at=at)["text"]
        names = run(code)
        np.testing.assert_allclose(names["latent"], widget.latent, rtol=1e-6, atol=1e-6)
        assert names["conditions"] == under
        assert "lw.as_space(...)" in code.splitlines()[-2], "where that space comes from"
        shown = code.splitlines()[-1].removeprefix('# The picture, of the space "mine": ')
        names["space"] = space
        pictures = eval(shown, names)
        expected = widget.latent.reshape(-1, 5)
        np.testing.assert_array_equal(pictures, space.decode(expected, under))


def test_a_map_without_a_decoder_says_nothing_of_a_picture() -> None:
    page = Page(lw.LatentMap(None, ANCHORS, items=["a", "b", "c"]).comm)
    code = page.asked(type="latent", at=page.state["_spot"])["text"]
    np.testing.assert_array_equal(run(code)["latent"], ANCHORS[0])
    assert "decode" not in code
