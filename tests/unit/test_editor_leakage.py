"""What an edit moves besides what was meant: what the kernel answers an editor's page."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.engine.leakage import edit_leakage, summed_up
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
        summed_up([*edit_leakage(SPACE, Edit(base, FOUND), (1.0, 0.0, 0.0))])[1]
        for base in (LATENTS[0], LATENTS[:3])
    )
    np.testing.assert_allclose(one, several, rtol=1e-4)
    # To where the first is already, absolutely, the others are moved.
    edit = Edit(LATENTS[:3], FOUND, absolute=True)
    found = list(edit_leakage(SPACE, edit, tuple(edit.starts[0] + [1e-9, 0, 0])))
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
    found = list(edit_leakage(space, edit, (1.0, 0.0, 0.0)))
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
        summed_up([*edit_leakage(space, route, (1.0, 0.0, 0.0, gain))])[0] for gain in (1.0, 2.0)
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
