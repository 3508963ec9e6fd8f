"""What an edit moves besides what was meant: what the kernel answers an editor's page."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.analysis.measures import said_of
from latentwidgets.common.pieces import finish, outcome
from latentwidgets.engine.leakage import Readers, edit_leakage, notes_of, summed_up
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from tests.unit.page import Page

SIZE = 6
LATENTS = np.random.default_rng(0).normal(size=(5, SIZE)).astype(np.float32)


def decode(latents: np.ndarray) -> np.ndarray:
    """Draw curves: half as high as they should be, and the last number leans on the first."""
    leaning = np.asarray(latents).copy()
    leaning[:, -1] += 0.5 * leaning[:, 0]
    drawn: np.ndarray = leaning / 2
    return drawn


SPACE = lw.LatentSpace(
    decode, SIZE, kind="curve", encode=lambda outputs: np.reshape(outputs, (-1, SIZE))
)
FOUND = lw.Directions(
    [
        lw.Direction("first", np.eye(SIZE)[0], sigma=2.0, readout_sigma=4.0),
        lw.Direction("second", np.eye(SIZE)[1]),
        lw.Direction("last", np.eye(SIZE)[-1], readout_sigma=0.5),
    ]
)


def asked(widget: lw.DirectionEditor, at: list[float], **more: Any) -> dict[str, Any]:
    return Page(widget.comm).asked(type="leakage", at=at, **more)


@pytest.mark.parametrize("base", [LATENTS[0], LATENTS[:3]])
def test_readings_are_of_what_is_decoded_and_encoded_again(base: Any) -> None:
    answer = asked(lw.DirectionEditor(SPACE, base, FOUND), [1.5, 0, 0])
    assert (answer["type"], answer["of"], answer["seq"]) == ("leakage", "leakage", 1)
    # 3 further, halved by the decoder; the last number leans on the first.
    assert answer["effects"] == pytest.approx([1.5 / 4, 0, 0.75 / 0.5], abs=1e-5)


def test_chance_is_of_random_moves_as_long() -> None:
    widget = lw.DirectionEditor(SPACE, LATENTS[0], FOUND)
    near, far = (asked(widget, [amount, 0, 0])["chance"] for amount in (0.5, 1.0))
    assert far == pytest.approx([2 * one for one in near], rel=1e-3)
    # Of a normal prior, 1 from the mean goes as far as one sigma of each number.
    assert 0.3 < far[1] / (2 * 0.5 / np.sqrt(SIZE)) < 2
    assert asked(widget, [0, 0, 0])["chance"] == []


def test_chance_is_of_the_same_bases_as_the_edit() -> None:
    """Readings are linear in latents here: a random move does the same to every base."""
    one, several = (
        summed_up(outcome(edit_leakage(SPACE, Edit(base, FOUND), (1.0, 0.0, 0.0))))[1]
        for base in (LATENTS[0], LATENTS[:3])
    )
    np.testing.assert_allclose(one, several, rtol=1e-4)
    # To where the first is already, absolutely, the others are moved.
    edit = Edit(LATENTS[:3], FOUND, absolute=True)
    found = outcome(edit_leakage(SPACE, edit, tuple(edit.starts[0] + [1e-9, 0, 0])))
    effects, chance = summed_up(found)
    assert abs(effects[0]) > 0.01
    assert len(chance) == 3
    still = [change for number, change in found if number and not change.any()]
    assert len(still) == 8  # of the first


def test_no_more_than_two_latents_are_decoded_at_a_time() -> None:
    most: list[int] = []

    def noted(latents: np.ndarray) -> np.ndarray:
        most.append(len(latents))
        return decode(latents)

    space = SPACE.replace(decode=noted)
    space.decode(LATENTS[:1])  # the first time, a space tries what a decoder takes
    most.clear()
    edit = Edit(LATENTS, FOUND)
    found = outcome(edit_leakage(space, edit, (1.0, 0.0, 0.0)))
    assert max(most) <= 2
    assert sum(number == 0 for number, _ in found) == 4
    effects, chance = summed_up(found)
    assert len(effects) == len(chance) == 3


def test_it_is_found_out_under_the_conditions_of_now() -> None:
    space = lw.LatentSpace(
        lambda z, gain: decode(z) * np.reshape(gain, (-1, 1)),
        SIZE,
        kind="curve",
        encode=lambda outputs, gain: np.reshape(outputs, (-1, SIZE)),
        conditions={"gain": (1.0, 0.0, 3.0)},
    )
    route = Conditioned.of(Edit(LATENTS[0], FOUND), space.conditions)
    once, twice = (
        summed_up(outcome(edit_leakage(space, route, (1.0, 0.0, 0.0, gain))))[0]
        for gain in (1.0, 2.0)
    )
    np.testing.assert_allclose(twice, 2 * np.array(once), atol=1e-6)


def test_a_page_has_the_code_where_the_space_encodes() -> None:
    widget = lw.DirectionEditor(SPACE, LATENTS[0], FOUND)
    assert "export" in Page(widget.comm).state["_parts"]["leakage"]
    plain = lw.DirectionEditor(lw.LatentSpace(decode, SIZE, kind="curve"), LATENTS[0], FOUND)
    assert "leakage" not in Page(plain.comm).state["_parts"]


def test_what_cannot_be_read_again_is_said() -> None:
    def refuse(outputs: Any) -> Any:
        raise RuntimeError("too bright")

    widget = lw.DirectionEditor(SPACE.replace(encode=refuse), LATENTS[0], FOUND)
    answer = asked(widget, [1.0, 0, 0])
    assert answer["type"] == "error"
    assert "too bright" in answer["message"]
    walk = lw.Interpolator(SPACE, LATENTS[:2])
    answer = Page(walk.comm).asked(type="leakage", at=[0.5])
    assert (answer["type"], answer["message"]) == ("error", "there is no edit here.")


def test_it_stops_when_a_frame_is_asked_for() -> None:
    gate, entered = threading.Event(), threading.Event()
    calls: list[int] = []

    def slow(outputs: np.ndarray) -> np.ndarray:
        calls.append(len(outputs))
        entered.set()
        gate.wait(5)
        return np.reshape(outputs, (-1, SIZE))

    widget = lw.DirectionEditor(SPACE.replace(encode=slow), LATENTS[0], FOUND)
    page = Page(widget.comm)
    page.ask(type="leakage", at=[1.0, 0, 0], client="page-leakage")
    assert entered.wait(5)
    page.ask(at=[2.0, 0, 0], seq=2)
    gate.set()
    answers = [page.answer()[0] for _ in range(2)]
    assert sorted((one["of"], one["type"]) for one in answers) == [
        ("ask", "frames"),
        ("leakage", "stale"),
    ]
    assert len(calls) == 1, "no step of it was done after the question"


def first(outputs: np.ndarray) -> np.ndarray:
    numbers: np.ndarray = 10 * np.reshape(outputs, (len(outputs), -1))[:, 0]
    return numbers


def test_functions_of_outputs_may_measure_where_nothing_encodes() -> None:
    space = lw.LatentSpace(decode, SIZE, kind="curve")
    measures: dict[str, Any] = {
        "height": first,
        "last": lambda outputs: outputs[:, 0, -1],
        "flat": lambda outputs: np.ones(len(outputs)),
    }
    widget = lw.DirectionEditor(space, LATENTS[0], FOUND, measures=measures)
    assert "export" in Page(widget.comm).state["_parts"]["leakage"]
    answer = asked(widget, [1.5, 0, 0])
    assert answer["names"] == ["height", "last", "flat"]
    # Standard deviations over samples of the prior.
    drawn = decode(space.sample(64, seed=0))
    moved = [3 / 2 / drawn[:, 0].std(), 0.75 / drawn[:, -1].std(), 0]
    assert answer["effects"] == pytest.approx(moved, rel=1e-4)
    assert answer["chance"][0] > 0
    said = "Measured on the outputs, by a function."
    none = f"{said} The same of 64 samples: its change has no unit."
    assert answer["notes"] == [said, said, none]


def test_a_change_of_what_is_the_same_of_all_samples_is_no_all_clear() -> None:
    space = lw.LatentSpace(decode, SIZE, kind="curve")
    measures: dict[str, Any] = {
        "far": lambda outputs: outputs[:, 0, 0] > 10,
        "rounded": lambda outputs: 1e6 + 1e-4 * outputs[:, 0, 0].astype(np.float64),
    }
    widget = lw.DirectionEditor(space, LATENTS[0], FOUND, measures=measures)
    near, far = asked(widget, [1.0, 0, 0]), asked(widget, [20.0, 0, 0])
    assert near["effects"] == [0, 0]
    assert far["effects"] == [None, 0]
    assert all(one.endswith("its change has no unit.") for one in far["notes"])
    widget.measures = {"far": measures["far"], "height": first}
    chance = asked(widget, [20.0, 0, 0])["chance"]
    assert chance[1] > 0


def test_units_go_on_where_they_were_interrupted_and_are_found_anew_after_a_refresh() -> None:
    decoded: list[int] = []
    scale = [1.0]

    def noted(z: np.ndarray, gain: np.ndarray) -> np.ndarray:
        decoded.append(len(z))
        return scale[0] * decode(z) * np.reshape(gain, (-1, 1))

    given: Any = {"kind": "curve", "conditions": {"gain": (1.0, 0.0, 9.0)}}
    space = lw.LatentSpace(noted, SIZE, **given)
    space.decode(LATENTS[:1])  # the first time, a space tries what a decoder takes
    decoded.clear()
    readers = Readers({"height": first})
    steps = readers.unit_steps(space, {"gain": 2.0})
    for _ in range(20):
        next(steps)
    steps.close()
    before = sum(decoded)
    assert 20 <= before <= 40
    decoded.clear()
    unit = finish(readers.unit_steps(space, {"gain": 2.0}), "units")
    assert sum(decoded) == 64 - before
    for gain in (3.0, 4.0, 5.0):
        finish(readers.unit_steps(space, {"gain": gain}), "units")
    decoded.clear()
    np.testing.assert_array_equal(finish(readers.unit_steps(space, {"gain": 2.0}), "units"), unit)
    assert decoded == [], "of a few conditions they are kept"
    widget = lw.DirectionEditor(space, LATENTS[0], FOUND, measures={"height": first})
    once = asked(widget, [1.0, 0, 0, 1.0])["effects"]
    count = Page(widget.comm).state["_measured"]
    scale[0] = 2.0
    widget.refresh()
    assert Page(widget.comm).state["_measured"] == count + 1
    assert asked(widget, [1.0, 0, 0, 1.0])["effects"] == pytest.approx(once, rel=1e-5)


def test_two_pages_that_ask_at_once_find_out_the_same_units() -> None:
    space = lw.LatentSpace(lambda z: 0.5 + 0.1 * z[:, :1, None], 2, value_range=(0, 1))
    measures: dict[str, Any] = {"ink": lambda outputs: outputs.mean(axis=(1, 2, 3))}
    alone = finish(Readers(measures).unit_steps(space, None), "units")
    readers = Readers(measures)
    steps = [readers.unit_steps(space, None) for _ in range(2)]
    found = []
    while steps:
        for one in [*steps]:
            try:
                next(one)
            except StopIteration as end:
                found.append(end.value)
                steps.remove(one)
    np.testing.assert_array_equal(found, [alone, alone])


def test_units_of_functions_are_measured_once_for_the_conditions_and_step_by_step() -> None:
    decoded: list[int] = []

    def noted(z: np.ndarray, gain: np.ndarray) -> np.ndarray:
        decoded.append(len(z))
        return decode(z) * np.reshape(gain, (-1, 1))

    given: Any = {"kind": "curve", "conditions": {"gain": (1.0, 0.0, 3.0)}}
    space = lw.LatentSpace(noted, SIZE, **given)
    widget = lw.DirectionEditor(space, LATENTS[0], FOUND, measures={"height": first})
    decoded.clear()  # the first time, a space tries what a decoder takes
    once = asked(widget, [1.0, 0, 0, 1.0])["effects"]
    before = sum(decoded)
    # Twice as high, and so are all others under this condition.
    assert asked(widget, [1.0, 0, 0, 2.0])["effects"] == pytest.approx(once, rel=1e-5)
    anew = sum(decoded) - before
    before = sum(decoded)
    asked(widget, [2.0, 0, 0, 2.0])
    assert sum(decoded) - before == anew - 64
    assert max(decoded) <= 2


def test_measures_say_whether_they_were_held_out() -> None:
    rng = np.random.default_rng(1)
    data = rng.normal(size=(400, SIZE)).astype(np.float32)
    labels = {"first": data[:, 0] + 0.1 * rng.normal(size=400), "noise": rng.normal(size=400)}
    some, others = (
        lw.probe_directions(data[rows], {name: one[rows] for name, one in labels.items()})
        for rows in (slice(0, 200), slice(200, 400))
    )
    axes = lw.pca_directions(data, n=2)
    plain = lw.probe_directions(data[200:], {"first": labels["first"][200:]}, shuffles=0)
    widget = lw.DirectionEditor(SPACE, LATENTS[0], some + axes)

    def notes() -> dict[str, str]:
        answer = asked(widget, [1.0, 0, 0, 0])
        return dict(zip(answer["names"], answer["notes"], strict=True))

    own = notes()
    assert own["first"].startswith("Not held out: fitted to the same labels")
    assert own["noise"].startswith("Not held out: fitted to other labels of the same latents")
    assert own["PC 1"].startswith("Not held out: a direction that was fitted to no labels")
    before = widget.trait_values()["_measured"]
    widget.measures = others
    assert widget.measures.keys() == {"first", "noise"}
    assert Page(widget.comm).state["_measured"] == before + 1
    assert notes() == {
        "first": "Held out: fitted to other latents than what moves, unless some are among both.",
        "noise": "Held out, but no better read than shuffled labels.",
    }
    widget.measures = {"mine": plain[0]}
    assert notes() == {"mine": "Held out, but never compared with shuffled labels."}
    widget.measures = None
    assert notes() == own
    # A move along what has no labels shares no errors with a probe; what is held does.
    edit = Edit(LATENTS[0], some + axes)
    readers, ones = Readers(dict(zip(some.names, some, strict=True))), np.ones((2, 1))
    assert notes_of(readers, edit, (0, 0, 1.0, 0), ones)[0].startswith("Held out")
    held = Edit(LATENTS[0], some + axes, ("first",))
    assert notes_of(readers, held, (0, 0, 1.0, 0), ones)[0].startswith("Not held out")


def test_what_was_held_out_is_told_by_labels_and_latents_and_not_where_it_is_not_known() -> None:
    rng = np.random.default_rng(1)
    data = rng.normal(size=(200, SIZE)).astype(np.float32)
    labels = {"a": data[:, 0] + 0.1 * rng.normal(size=200), "b": rng.normal(size=200)}
    both = lw.probe_directions(data, labels)
    alone = lw.probe_directions(data, {"a": labels["a"]})["a"]
    assert said_of(alone, both).startswith("Not held out: fitted to the same labels")
    assert said_of(alone, [both["b"]]).startswith(
        "Not held out: fitted to other labels of the same"
    )
    assert said_of(alone, lw.pca_directions(data, n=2)).startswith("Not held out: fitted to other")
    assert said_of(alone, FOUND).startswith("Not known whether it was held out")
    assert said_of(FOUND["first"], both).startswith("Not known whether it was held out")
    other = lw.probe_directions(-data, {"a": labels["a"]})
    assert said_of(alone, other).startswith("Held out")
    # The worst of all that moves.
    assert said_of(alone, [*other, *FOUND]).startswith("Not known")
    assert said_of(alone, [*other, *FOUND, both["a"]]).startswith("Not held out")


def test_measures_that_cannot_be_used_are_refused() -> None:
    widget = lw.DirectionEditor(SPACE, LATENTS[0], FOUND, measures={"height": first})
    with pytest.raises(lw.LatentTypeError, match="expected measures by name"):
        widget.measures = first
    with pytest.raises(lw.LatentTypeError, match=r"widget\.measures = \{\*\*widget\.measures"):
        widget.measures["other"] = first
    assert widget.measures == {"height": first}
    blind = lw.LatentSpace(decode, SIZE, kind="curve")
    alone = lw.DirectionEditor(blind, LATENTS[0], FOUND, measures={"height": first})
    page, counts = Page(alone.comm), []
    for measures in ({"height": first, "again": first}, None, {"height": first}):
        alone.measures = measures
        counts.append(page.state["_measured"])
    # Without an encoder nothing is measured then, and nothing asked: that is what is below 0.
    assert counts[0] > 0 > counts[1] > -counts[2]
    assert "leakage" in page.state["_parts"]
    with pytest.raises(lw.LatentValueError, match=r"does not encode.*measures=\{'first': ...\}"):
        lw.DirectionEditor(blind, LATENTS[0], FOUND, measures=FOUND[:1])
    widget.measures = {"broken": lambda outputs: outputs}
    answer = asked(widget, [1.0, 0, 0])
    assert (answer["type"], "'broken' returned shape" in answer["message"]) == ("error", True)
