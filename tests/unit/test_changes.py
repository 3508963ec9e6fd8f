"""How much each direction of an editor changes the picture, and what chance would change."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.common.pieces import outcome
from latentwidgets.engine import conversation
from latentwidgets.engine.changes import decodes_of, output_changes
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from tests.unit.page import Page

AXES = lw.Directions(lw.Direction(f"axis {i}", np.eye(3)[i], sigma=i + 1.0) for i in range(3))
BASE = np.full(3, 50.0, np.float32)


def decode(latents: Any, gain: Any = 1.0) -> Any:
    """Draw two pixels: the first number is ten times as strong as the second, the last is dead."""
    pixels = np.stack([10 * latents[:, 0], latents[:, 1]], axis=1)
    return np.reshape(gain, (-1, 1, 1)) * pixels[:, None]


def space_of(**options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(decode, 3, **{"value_range": (0, 1000), **options})


def test_a_sigma_changes_as_much_as_it_does_beside_a_random_direction() -> None:
    found = outcome(output_changes(space_of(), Edit(BASE, AXES), (0.0, 0.0, 0.0)))
    changes, chance = np.transpose(found)
    np.testing.assert_allclose(changes, np.array([10, 2, 0]) / np.sqrt(2) / 1000, rtol=1e-3)
    np.testing.assert_allclose(chance / chance[0], [1, 2, 3], rtol=1e-6)
    rng, many = np.random.default_rng(1), []
    for _ in range(2000):
        unit = rng.normal(size=3)
        unit /= np.linalg.norm(unit)
        many.append(np.hypot(10 * unit[0], unit[1]) / np.sqrt(2) / 1000)
    assert chance[0] == pytest.approx(np.mean(many), rel=0.5)


def test_what_changes_alike_on_both_sides_counts() -> None:
    even = lw.LatentSpace(lambda z: np.abs(z[:, :1, None]), 3, value_range=(0, 1))
    [(first, _), (second, _), _] = outcome(
        output_changes(even, Edit(0 * BASE, AXES), (0.0, 0.0, 0.0))
    )
    assert (first, second) == (1.0, 0.0)


def test_it_is_that_of_the_conditions_and_of_the_first_base() -> None:
    space = space_of(conditions={"gain": (1.0, 0.0, 3.0)})
    edit = Edit(np.stack([BASE, 0 * BASE]), AXES)
    route = Conditioned.of(edit, space.conditions)
    plain, more = (
        [change for change, _ in outcome(output_changes(space, route, (0.0, 0.0, 0.0, gain)))]
        for gain in (1.0, 3.0)
    )
    np.testing.assert_allclose(more, 3 * np.array(plain), rtol=1e-4)


def test_where_the_base_stands_does_not_count_in_absolute_mode() -> None:
    edit = Edit(BASE, AXES, absolute=True)
    found = output_changes(space_of(), edit, tuple(edit.origin.tolist()))
    assert outcome(found)[0][0] == pytest.approx(10 / np.sqrt(2) / 1000, rel=1e-3)


def test_no_step_decodes_more_than_two() -> None:
    calls: list[int] = []

    def counted(latents: Any) -> Any:
        calls.append(len(latents))
        return decode(latents)

    space = lw.LatentSpace(counted, 3, value_range=(0, 1000))
    space.decode(BASE[np.newaxis])  # how outputs are read is settled
    before = len(calls)
    steps = output_changes(space, Edit(BASE, AXES), (0.0, 0.0, 0.0))
    for done, _ in enumerate(steps, 1):
        assert len(calls) == before + done
        assert calls[-1] <= 2
    assert sum(calls[before:]) == decodes_of(Edit(BASE, AXES))


def asked(space: lw.LatentSpace) -> dict[str, Any]:
    widget = lw.DirectionEditor(space, BASE, AXES)
    return Page(widget.comm).asked(type="changes", at=[0, 0, 0])


def test_a_page_is_told_of_all_directions() -> None:
    answer = asked(space_of())
    assert (answer["type"], answer["of"]) == ("changes", "changes")
    assert [round(1000 * change, 2) for change, _ in answer["changes"]] == [7.07, 1.41, 0.0]


def test_a_page_is_told_of_none_where_outputs_are_no_numbers() -> None:
    space = lw.LatentSpace(lambda z: [f"{one:.1f}" for one in z[:, 0]], 3, kind="text")
    assert asked(space)["changes"] == []


def test_a_page_is_told_of_none_where_decoding_fails_and_the_log_says_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def poor(latents: Any) -> Any:
        if (latents != BASE).any():
            raise ZeroDivisionError("no memory")
        return decode(latents)

    with caplog.at_level(logging.INFO):
        answer = asked(lw.LatentSpace(poor, 3, value_range=(0, 1000)))
    assert answer["changes"] == []
    assert "what directions change is not known" in caplog.text


@pytest.mark.parametrize("bound", ["SLOW_SECONDS", "MOST_SECONDS"])
def test_a_slow_decoder_is_left_alone(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, bound, 0.0)
    calls: list[int] = []

    def counted(latents: Any) -> Any:
        calls.append(len(latents))
        return decode(latents)

    widget = lw.DirectionEditor(lw.LatentSpace(counted, 3, value_range=(0, 1000)), BASE, AXES)
    before = len(calls)
    assert Page(widget.comm).asked(type="changes", at=[0, 0, 0])["changes"] == []
    assert len(calls) == before


def test_other_widgets_have_no_directions() -> None:
    walk = lw.Interpolator(space_of(), [BASE, 2 * BASE])
    assert Page(walk.comm).asked(type="changes", at=[0.5])["changes"] == []
