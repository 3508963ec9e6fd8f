"""Which of several settings of steering is best, by numbers made up for the purpose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from latentwidgets.analysis.steering_choice import HELD_DAMAGE, Measured, best_of


def measured(change: Any, surprise: Any, **options: Any) -> Measured:
    change, surprise = np.asarray(change, float), np.asarray(surprise, float)
    given: dict[str, Any] = {
        "unsteered": {name: np.ones(len(change)) for name in HELD_DAMAGE},
        "slack": {"surprise": 0.0},
        "wanted": np.ones(change.shape[1], bool),
        **options,
    }
    damage = {name: np.zeros_like(change) for name in HELD_DAMAGE} | {"surprise": surprise}
    return Measured(change=change, damage=damage, **given)


def test_the_best_is_the_strongest_without_damage() -> None:
    # Of four strengths the last does damage, the third changes most of the others.
    rng = np.random.default_rng(0)
    change = np.array([0.1, 0.5, 1.0, 9.0]) + 0.01 * rng.normal(size=(40, 4))
    surprise = np.array([0.2, 0.5, 0.8, 1.5]) + 0.01 * rng.normal(size=(40, 4))
    draws = rng.multinomial(40, np.full(40, 1 / 40), 100).astype(float)
    strengths, groups = np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(4, int)
    best = best_of(measured(change, surprise), strengths, groups, draws)
    assert best is not None
    assert best["setting"] == 2
    assert best["interval"] == (3.0, 3.0)
    assert best["agreement"] == 1.0
    assert best["held_out"] == pytest.approx(1.0, abs=0.05)
    given = measured(change, surprise, limits={"surprise": 0.6})
    assert best_of(given, strengths, groups, draws)["setting"] == 1  # type: ignore[index]
    none = measured(-change, surprise)
    assert best_of(none, strengths, groups, draws) is None
    broken = measured(change, surprise * np.nan)
    assert best_of(broken, strengths, groups, draws) is None


def test_one_text_that_is_lowered_makes_the_choice_no_less_certain() -> None:
    """Of 40 prompts one has the effect: samples that lack it have nothing that is lowered."""
    change = np.zeros((40, 2))
    change[1:39, 1] = 1.0
    change[0, 0] = -1.0
    draws = np.random.default_rng(0).multinomial(40, np.full(40, 1 / 40), 100).astype(float)
    opposite = np.array([1, 0])
    given = measured(
        *(change, np.zeros((40, 2))), wanted=np.array([False, True]), opposite=opposite
    )
    best = best_of(given, np.array([-1.0, 1.0]), np.zeros(2, int), draws)
    assert best is not None
    assert (best["setting"], best["agreement"]) == (1, 1.0)
    assert best["held_out"] == pytest.approx(change[:, 1].mean(), abs=0.05)


def test_what_was_chosen_by_chance_is_judged_elsewhere() -> None:
    """Of many settings that change nothing the best one seems to; held out it does not."""
    seen, held = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        change = rng.normal(size=(30, 40))
        draws = rng.multinomial(30, np.full(30, 1 / 30), 50).astype(float)
        best = best_of(measured(change, np.zeros((30, 40))), np.arange(40.0), np.arange(40), draws)
        assert best is not None
        seen.append(change[:, best["setting"]].mean())
        held.append(best["held_out"])
        assert best["agreement"] < 0.9
    assert np.mean(seen) > 0.3
    assert abs(np.mean(held)) < 0.15


def test_the_best_both_ways_is_farthest_from_its_negative() -> None:
    # Of strengths 1, 2, 3 the second raises most and the third is farthest from its negative.
    strengths = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    rng = np.random.default_rng(0)
    change = np.array([-0.8, -0.1, -0.1, 0.5, 1.0, 0.9]) + 0.01 * rng.normal(size=(40, 6))
    surprise = np.array([0.9, 0.5, 0.2, 0.2, 0.5, 0.8]) + 0.01 * rng.normal(size=(40, 6))
    draws = rng.multinomial(40, np.full(40, 1 / 40), 100).astype(float)
    groups, opposite = np.zeros(6, int), np.arange(6)[::-1]
    one_way, both = (
        best_of(
            measured(change, surprise, wanted=strengths > 0, opposite=other),
            *(strengths, groups, draws),
        )
        for other in (None, opposite)
    )
    assert one_way is not None
    assert both is not None
    assert one_way["setting"] == 4
    assert not {"opposite", "held_out_opposite", "held_out_contrast"} & {*one_way}
    assert (both["setting"], both["opposite"], both["interval"]) == (5, 0, (3.0, 3.0))
    assert both["held_out"] == pytest.approx(0.9, abs=0.05)
    assert both["held_out_opposite"] == pytest.approx(-0.8, abs=0.05)
    low, high = both["held_out_opposite_interval"]
    assert low < both["held_out_opposite"] < high
    assert both["held_out_contrast"] == pytest.approx(1.7, abs=0.05)
    # Damage in one of the two is damage in both.
    limited = measured(
        *(change, surprise), wanted=strengths > 0, opposite=opposite, limits={"surprise": 0.85}
    )
    assert best_of(limited, strengths, groups, draws)["setting"] == 4  # type: ignore[index]


def draws_of(n: int) -> Any:
    return np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), 50).astype(float)


@pytest.mark.parametrize(
    ("away", "toward", "works"),
    [
        ([-0.5] * 6, [-0.1] * 6, False),  # less either way
        ([0.3] * 6, [0.6] * 6, False),  # more either way
        ([0.5] * 6, [-0.5] * 6, False),  # the other way round
        ([0.0] * 6, [0.0] * 6, False),
        ([0.0] * 6, [0.6] * 6, True),  # nothing is there that the negative could lower
        ([-0.5] * 3 + [0.5] * 3, [0.6] * 6, False),  # it is, and is not lowered
        ([-0.5] * 3 + [0.4] * 3, [0.6] * 6, True),
        ([-0.5] * 6, [0.6] * 6, True),
    ],
)
def test_the_best_both_ways_raises_and_its_negative_lowers(
    away: list[float], toward: list[float], works: bool
) -> None:
    given = measured(
        np.stack([away, toward], axis=1),
        np.zeros((6, 2)),
        wanted=np.array([False, True]),
        opposite=np.array([1, 0]),
    )
    found = best_of(given, np.array([-1.0, 1.0]), np.zeros(2, int), draws_of(6))
    assert (found is not None) == works
    if found is not None:
        assert (found["setting"], found["opposite"]) == (1, 0)


def test_signs_are_compared_on_prompts_that_are_known_in_both() -> None:
    nan = np.nan
    # Strength 2 seems farther apart by prompts of which one sign alone could be read.
    change = np.array(
        [
            # -2, -1, 1, 2
            [nan, -1.0, 1.0, 9.0],
            [-9.0, -1.0, 1.0, nan],
            [-0.1, -1.0, 1.0, 0.5],
            [-0.1, -1.0, 1.0, 0.5],
        ]
    )
    given = measured(
        *(change, np.zeros((4, 4))),
        wanted=np.array([False, False, True, True]),
        opposite=np.arange(4)[::-1],
    )
    found = best_of(given, np.array([-2.0, -1.0, 1.0, 2.0]), np.zeros(4, int), draws_of(4))
    assert found is not None
    assert found["setting"] == 2


def test_damage_is_measured_on_prompts_that_the_setting_was_not_chosen_on() -> None:
    # Five settings each do damage in one fold alone: chosen without it, they are found there.
    n, folds = 20, np.arange(20) % 5
    surprise = np.zeros((n, 6))
    surprise[:, :5] = 10.0 * (folds[:, None] == np.arange(5))
    change = np.tile([2.0, 2.0, 2.0, 2.0, 2.0, 1.0], (n, 1))
    found = best_of(measured(change, surprise), np.arange(1.0, 7.0), np.arange(6), draws_of(n))
    assert found is not None
    assert found["setting"] == 5  # of all prompts the only one without damage
    assert found["held_out_surprise"] == pytest.approx(10.0)
    assert found["held_out_repetition"] == 0.0


def test_paired_damage_has_a_slack_and_what_is_drawn_is_none() -> None:
    change, whole = np.ones((4, 3)), np.ones((1, 4))
    surprise = np.tile([0.55, 0.65, 1.05], (4, 1))
    own = {"surprise": np.full(4, 0.5), "repetition": np.zeros(4), "divergence": np.zeros(4)}
    given: dict[str, Any] = {"unsteered": own, "slack": {"surprise": 0.1}}
    one = measured(change, surprise, **given)
    assert one.damaged(whole).tolist() == [[False, True, True]]
    drawn = measured(change, surprise, least={"surprise": np.full(4, 1.0)}, **given)
    assert drawn.damaged(whole).tolist() == [[False, False, True]]
    unknown = measured(change, surprise, least={"surprise": np.full(4, np.nan)}, **given)
    assert unknown.damaged(whole).tolist() == [[False, True, True]]


def test_damage_is_called_where_it_is_beyond_error() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=12)
    surprise = np.stack([0.1 * (noise - noise.mean()) + by for by in (0.997, 1.003, 1.3)], axis=1)
    options: dict[str, Any] = {"limits": {"surprise": 1.0}, "slack": {}}
    one = measured(np.ones((12, 3)), surprise, draws=draws_of(12), **options)
    assert one.sure["surprise"].tolist() == [False, False, True]
    alone = measured(np.ones((12, 3)), surprise, **options)
    assert alone.sure["surprise"].tolist() == [False, True, True]
    # Nor is it chosen as the best, where another without a doubt is there.
    assert one.chosen(np.ones((1, 12))).tolist() == [0]
    unread = measured(np.ones((12, 3)), surprise * np.nan, draws=draws_of(12), **options)
    assert unread.sure["surprise"].all()
