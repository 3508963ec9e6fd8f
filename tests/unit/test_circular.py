"""Labels that were made from the latents: they are told, whoever made them and however."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(2000, 10)).astype(np.float32)
PAIR = lw.pca_directions(NOISE, 2)
FINDERS = {
    "difference": lambda labels: lw.difference_directions(NOISE, labels, shuffles=0),
    "probe": lambda labels: lw.probe_directions(NOISE, labels, shuffles=0, bootstraps=2),
    "score": lambda labels: lw.score_directions(PAIR, NOISE, labels, shuffles=0),
}


@pytest.mark.parametrize("find", FINDERS.values(), ids=FINDERS)
@pytest.mark.parametrize("made", ["cut", "cut along a component", "a number"])
def test_a_label_that_is_made_from_the_latents_is_doubted(find: Any, made: str) -> None:
    if (made, find) == ("a number", FINDERS["difference"]):
        pytest.skip("a difference is between groups")
    labels = {
        "cut": NOISE[:, 3] > 0.8,
        "cut along a component": PAIR["PC 2"].measure(NOISE) > 0.8,
        "a number": NOISE[:, 3] * 5 + 2,
    }[made]
    warning = find(labels)[0].evidence.warning
    assert warning is not None
    assert "the score is by construction and says nothing" in warning


@pytest.mark.parametrize("find", FINDERS.values(), ids=FINDERS)
def test_a_label_of_its_own_is_not(find: Any) -> None:
    true = NOISE[:, 3] + RNG.normal(size=2000) * 0.2
    for labels in (true > 0, true) if find is not FINDERS["difference"] else (true > 0,):
        assert "by construction" not in (find(labels)[0].evidence.warning or "")


def test_too_few_to_tell() -> None:
    labels = np.arange(2000) < 5  # of 2,000 x 10 numbers some may tell these apart by chance
    with np.errstate(all="ignore"):
        [found] = lw.difference_directions(NOISE, labels, shuffles=0)
    assert "by construction" not in (found.evidence.warning or "")


RANDOM = RNG.normal(size=(60, 40)).astype(np.float32)
AT_RANDOM = RNG.random(60) > 0.5


@pytest.mark.parametrize(
    "labels",
    [AT_RANDOM, ~AT_RANDOM, np.where(AT_RANDOM, "yes", "no")],
    ids=["same", "turned", "texts"],
)
@pytest.mark.parametrize("find", [lw.probe_directions, lw.difference_directions])
def test_a_direction_that_is_scored_on_what_it_was_fitted_to_is_doubted(
    find: Any, labels: Any
) -> None:
    """Of pure noise it scores 0.8 and more there."""
    found = find(RANDOM, {"a": AT_RANDOM, "b": RANDOM[:, 0] > 0}, shuffles=0, bootstraps=0)
    one = found["a"].replace(name="renamed")
    for same in (RANDOM, RANDOM.astype(np.float64), RANDOM.tolist()):
        scored = lw.score_directions(one, same, {"label": labels}, shuffles=0)[0]
        assert scored.evidence.score is not None
        assert abs(scored.evidence.score - 0.5) > 0.25
        assert "what it was fitted to" in (scored.evidence.warning or "")
    others = RNG.normal(size=(60, 40))
    for latents, label in ((RANDOM, RNG.random(60) > 0.5), (others, AT_RANDOM)):
        fair = lw.score_directions(one, latents, label, shuffles=0)[0]
        assert "what it was fitted to" not in (fair.evidence.warning or "")


def test_a_selection_that_is_scored_by_itself_is_doubted() -> None:
    chart = lw.LatentMap(None, NOISE)
    inside = ((NOISE[:, :2] - 0.5) ** 2).sum(axis=1) < 0.8
    found = chart.direction_between(~inside, inside, bootstraps=0)
    part = chart.direction_between(np.flatnonzero(~inside)[:50], inside, bootstraps=0)
    for one in (found, part):
        for labels in (inside, ~inside):
            [scored] = lw.score_directions(one, NOISE.astype(np.float64), labels, shuffles=0)
            assert "what it was fitted to" in (scored.evidence.warning or "")
        [fair] = lw.score_directions(one, NOISE, NOISE[:, 5] + NOISE[:, 6] ** 2 > 0, shuffles=0)
        assert "what it was fitted to" not in (fair.evidence.warning or "")
    chart.close()


def test_pairs_of_which_one_was_moved_from_the_other_are_doubted() -> None:
    moved = PAIR[0].move(NOISE, 1.5)
    [found] = lw.contrast_directions(NOISE, moved, shuffles=0, bootstraps=0)
    assert "by construction" in (found.evidence.warning or "")
    noisy = moved + 0.01 * RNG.normal(size=moved.shape).astype(np.float32)
    [found] = lw.contrast_directions(NOISE, noisy, shuffles=0, bootstraps=0)
    assert "by construction" not in (found.evidence.warning or "")


def test_a_weighted_sum_of_the_latents_is_doubted() -> None:
    amount = NOISE @ RNG.normal(size=10)
    [found] = lw.probe_directions(NOISE, amount, shuffles=0, bootstraps=0)
    assert "A weighted sum of the numbers of the latents is these labels" in (
        found.evidence.warning or ""
    )
