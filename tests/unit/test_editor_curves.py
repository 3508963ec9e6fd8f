"""Measured curves in a DirectionEditor: where they lie, where sliders end, and what is doubted."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.analysis.steering_result import SteeringCurve
from tests.unit.page import Page
from tests.unit.writers import PROMPT, tokenizer, writer

STRENGTHS = [-2.0, -1.0, 1.0, 2.0, 4.0]
PROMPTS = ["the cat was", "a dog ran"]
HAPPY = lw.Direction("happy", np.eye(16)[2], sigma=0.25)
SAD = lw.Direction("sad", np.eye(16)[5], sigma=0.25)


@pytest.fixture(scope="module")
def space() -> Any:
    options = {"prompt": PROMPT, "layer": 1, "max_new_tokens": 4}
    return lw.as_space(writer(), tokenizer=tokenizer(), **options)


@pytest.fixture(scope="module")
def measured(space: Any) -> SteeringCurve:
    return lw.analysis.steering_curve(
        space, HAPPY, STRENGTHS, [1, 2], effect=lengths, prompts=PROMPTS, randoms=1
    )


@pytest.fixture
def curve(measured: SteeringCurve) -> SteeringCurve:
    return damaged(measured, {-2.0, 4.0})


def lengths(texts: list[str]) -> list[int]:
    return [len(text) for text in texts]


def damaged(curve: SteeringCurve, at: set[float]) -> SteeringCurve:
    """Give the curve with damage at these strengths alone."""
    settings = (replace(one, damaged=one.strength in at) for one in curve.settings)
    return replace(curve, settings=tuple(settings))


def edit(space: Any, curves: Any, directions: Any = (HAPPY, SAD), **options: Any) -> Any:
    base = options.pop("base", np.zeros(space.latent_shape))
    return lw.DirectionEditor(space, base, directions, curves=curves, **options)


def drawn(widget: Any, name: str = "happy") -> Any:
    return Page(widget.comm).state["_curves"][name]


def ends(widget: Any) -> Any:
    return Page(widget.comm).state["_ranges"][0]


def test_a_curve_lies_along_its_slider_which_ends_where_damage_begins(
    space: Any, curve: SteeringCurve
) -> None:
    widget = edit(space, curve)
    assert dict(widget.curves) == {"happy": curve}
    told = drawn(widget)
    assert [one["at"] for one in told["points"]] == [-2, -1, 0, 1, 2, 4]
    assert [one["damaged"] for one in told["points"]] == [True, False, False, False, False, True]
    for one in curve.at(1):
        [point] = [each for each in told["points"] if each["at"] == one.strength]
        assert point["value"] == one.change
        assert (point["low"], point["high"]) == one.interval
        assert f"perplexity {one.perplexity:.1f}" in point["words"]
        assert f"change {one.change:+.2f}".replace("-", "−") in point["words"]
    # Between the last that was measured without damage, and the first with it.
    assert told["damage"] == [-1.5, 3]
    assert ends(widget) == [-1.5, 3]
    assert told["doubt"] == ""
    assert "after layer 1, steered tokens: last; mean of 2 prompts" in told["words"]
    assert "Rests on only 2 prompts" in told["words"]
    json.dumps(told, allow_nan=False)
    # The other slider has none, and its own ends.
    assert Page(widget.comm).state["_ranges"][1] == list(SAD.limits)
    assert "part_curve" not in Page(edit(space, ()).comm).state["_parts"]
    assert "export" in Page(widget.comm).state["_parts"]["curve"]


def test_which_damage_and_how_much_is_said_and_what_is_within_error(
    space: Any, measured: SteeringCurve
) -> None:
    limits = {"repetition": -0.001, "perplexity": 1e9}
    told = drawn(edit(space, replace(damaged(measured, {4.0}), limits=limits)))
    words = {one["at"]: one["words"] for one in told["points"]}
    [last] = [one for one in measured.at(1) if one.strength == 4]
    assert words[4.0].endswith(f", damaged: repetition {last.repetition:.1%}, limit -0.1%")
    assert "; beyond a limit of damage, but within error: repetition " in words[2.0]
    assert "damage" not in words[0.0]
    # Whether it is damage is open: the range without any does not reach as far.
    unsure = replace(damaged(measured, {4.0}), limits=limits)
    assert unsure.range_without_damage(1) == (0, 0)
    assert damaged(measured, {4.0}).range_without_damage(1)[1] == 2


def test_the_person_gets_the_full_range_back(space: Any, curve: SteeringCurve) -> None:
    widget = edit(space, curve)
    page = Page(widget.comm)
    page.set(_full=["happy"])
    full = [min(HAPPY.limits[0], -2), max(HAPPY.limits[1], 4)]
    assert ends(widget) == full
    assert drawn(widget)["full"]
    page.set(_full=["nobody"])
    assert ends(widget) == [-1.5, 3]
    widget.value = {"happy": 3.5}
    assert ends(widget) == [-1.5, 3.5]
    widget.value = {}
    assert ends(widget) == [-1.5, 3]
    widget.curves = {}
    assert ends(widget) == list(HAPPY.limits)
    assert page.state["_curves"] == {}


@pytest.mark.parametrize(
    ("at", "expected", "cuts"),
    [
        # Below is none: as far as measured, or the data.
        ({4.0}, [min(HAPPY.limits[0], -2), 3], True),
        ({1.0, 2.0, 4.0}, [min(HAPPY.limits[0], -2), 0.5], True),
        (set(STRENGTHS), [min(HAPPY.limits[0], -2), max(HAPPY.limits[1], 4)], False),
        (set(), [min(HAPPY.limits[0], -2), max(HAPPY.limits[1], 4)], False),
    ],
)
def test_a_slider_always_has_a_length(
    space: Any, measured: SteeringCurve, at: set[float], expected: list[float], cuts: bool
) -> None:
    widget = edit(space, damaged(measured, at))
    assert ends(widget) == expected
    assert drawn(widget)["cuts"] is cuts


def test_amounts_are_multiplied_by_the_strength_of_the_space(
    space: Any, curve: SteeringCurve
) -> None:
    widget = edit(space, curve)
    widget.conditions = {"strength": 2.0}
    told = drawn(widget)
    assert [one["at"] for one in told["points"]] == [-1, -0.5, 0, 0.5, 1, 2]
    assert ends(widget) == [-0.75, 1.5]
    assert told["doubt"] == ""
    widget.conditions = {"strength": -1.0}
    assert [one["at"] for one in drawn(widget)["points"]] == [-4, -2, -1, 0, 1, 2]
    assert ends(widget) == [-3, 1.5]
    assert drawn(widget)["points"][0]["damaged"]
    # A direction of another sigma is another unit, not another direction.
    twice = HAPPY.replace(sigma=0.5)
    assert drawn(edit(space, curve, [twice]))["damage"] == [-0.75, 1.5]


def test_absolute_amounts_begin_where_the_latent_is(space: Any, curve: SteeringCurve) -> None:
    shifted = HAPPY.replace(mean=np.eye(16)[2])
    widget = edit(space, {"happy": curve}, [shifted], mode="absolute")
    start = widget.value["happy"]
    assert start == pytest.approx(-4)
    assert [one["at"] for one in drawn(widget)["points"]] == [
        pytest.approx(start + one) for one in [-2, -1, 0, 1, 2, 4]
    ]
    assert drawn(widget)["damage"] == pytest.approx([start - 1.5, start + 3])


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        ({"conditions": {"layer": 3}}, "Measured at layers 1 and 2, not at layer 3."),
        ({"conditions": {"strength": 0.0}}, "Strength is 0, so that nothing is added."),
        ({"conditions": {"temperature": 0.5}}, "Measured at temperature 0, not 0.5."),
        ({"base": np.ones(16)}, "Measured from the model as it is, and the base adds something."),
        ({"value": {"sad": 1.0}}, "Measured alone, and other sliders are moved."),
    ],
)
def test_what_was_measured_for_something_else_is_doubted(
    space: Any, curve: SteeringCurve, change: dict[str, Any], doubt: str
) -> None:
    widget = edit(space, curve)
    before = {name: getattr(widget, name) for name in change}
    for name, value in change.items():
        setattr(widget, name, value)
    assert drawn(widget)["doubt"] == doubt
    if "value" not in change:  # where no slider is moved, this one is as long as without damage
        assert ends(widget) == [min(HAPPY.limits[0], -2), max(HAPPY.limits[1], 4)]
    for name, value in before.items():
        setattr(widget, name, value)
    assert drawn(widget)["doubt"] == ""
    assert ends(widget) == [-1.5, 3]


def test_other_tokens_and_other_spaces_are_doubted(space: Any, curve: SteeringCurve) -> None:
    everything = edit(space.at(steer="all"), curve)
    assert drawn(everything)["doubt"] == 'Measured with steer "last", not "all".'
    own = lw.LatentSpace(space.decode, 16, kind="text")
    assert drawn(edit(own, curve))["doubt"] == "Where this space steers is not known."
    replaced = space.replace(decode=lambda latents, **_: [str(one.sum()) for one in latents])
    assert drawn(edit(replaced, curve))["doubt"] == "Where this space steers is not known."
    leaning = lw.Direction("sad", np.eye(16)[2] + np.eye(16)[5], sigma=0.25)
    held = edit(space, curve, [HAPPY, leaning], hold=["sad"])
    assert drawn(held)["doubt"] == "What is held still changes its move."


def test_layers_are_those_that_it_acts_at(space: Any, curve: SteeringCurve) -> None:
    several = edit(space.at(layer=[1, 2, 3]), curve)
    assert drawn(several)["doubt"] == "It acts at 3 layers, and the curve is of one."
    several.profiles = {"happy": [0, 1, 0]}
    assert drawn(several)["doubt"] == ""
    assert "after layer 2" in drawn(several)["words"]
    assert ends(several) == [-1.5, 3]
    several.profiles = {"happy": [0.5, 0, 0]}
    assert drawn(several)["damage"] == [-3, 6]
    parts = set(Page(several.comm).state["_parts"])
    assert parts >= {"cells", "change", "curve", "effects", "leakage"}


def test_another_direction_is_doubted_aloud(space: Any, curve: SteeringCurve) -> None:
    with pytest.warns(lw.GuessWarning, match="curve of 'sad' was measured along another"):
        widget = edit(space, {"sad": curve})
    assert drawn(widget, "sad")["doubt"] == "Measured along another direction."
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        widget.value = {"happy": 0.0}
        edit(space, {"happy": curve})


def test_curves_go_with_the_names_of_directions(space: Any, curve: SteeringCurve) -> None:
    widget = edit(space, [curve])
    widget.directions = [SAD, HAPPY]
    assert list(widget.curves) == ["happy"]
    widget.directions = [SAD]
    assert dict(widget.curves) == {}
    assert Page(widget.comm).state["_curves"] == {}
    with pytest.raises(lw.LatentValueError, match="curves names 'happy'"):
        widget.curves = curve
    with pytest.raises(lw.LatentTypeError, match="a curve is 3; expected what"):
        widget.curves = {"sad": 3}
    with pytest.raises(lw.LatentTypeError, match="curves are 3; expected what"):
        widget.curves = 3
    with pytest.raises(lw.LatentValueError, match="two curves are of one direction"):
        widget.curves = [curve, curve]
    with pytest.raises(lw.LatentTypeError, match="cannot be changed in place"):
        widget.curves["sad"] = curve


def test_what_could_not_be_read_is_no_number(space: Any, measured: SteeringCurve) -> None:
    nothing = tuple(
        replace(one, effect=math.nan, change=math.nan, interval=None, chance=None)
        for one in measured.settings
    )
    told = drawn(edit(space, replace(measured, settings=nothing)))
    assert [one["value"] for one in told["points"]] == [None, None, 0.0, None, None, None]
    assert "not read" in told["points"][0]["words"]
    json.dumps(told, allow_nan=False)
