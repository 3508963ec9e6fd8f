"""Tokens of two prompts matched to each other, where it is known which belong together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from latentwidgets.adapters.diffusers.matching import Matching

WIDTH, NOISE = 64, 0.05


def prompt(
    words: NDArray[np.float64], count: int, rng: np.random.Generator, noise: float
) -> NDArray[np.float64]:
    """Write a start, words, an end, and near-equal tokens that fill it up to a count."""
    start, end, pad = np.random.default_rng(7).normal(size=(3, WIDTH))
    rows = np.stack([start, *words[: count - 2], end, *[pad] * (count - 2 - len(words))])
    around: NDArray[np.float64] = rows + NOISE * rng.normal(size=rows.shape)
    around[1 : 1 + len(words)] += noise * rng.normal(size=(len(words[: count - 2]), WIDTH))
    return around


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize(("words", "count"), [(4, 77), (20, 24), (73, 77)])
def test_words_that_two_more_in_front_have_moved_are_all_matched(
    words: int, count: int, noise: float
) -> None:
    """However full the prompt is: of a full one nearly all tokens differ before."""
    rng = np.random.default_rng(0)
    mine, front = rng.normal(size=(words, WIDTH)), rng.normal(size=(2, WIDTH))
    theirs = np.concatenate([front, mine])[: count - 2]
    kept, moved = prompt(mine, count, rng, 0), prompt(theirs, count, rng, noise)
    found = Matching.of([kept], [moved])
    both = min(words, len(theirs) - 2)
    assert found.orders[count][1 : 1 + both].tolist() == [*range(3, 3 + both)]
    assert found.gain > 0.6


def test_near_equal_tokens_that_fill_prompts_up_stay() -> None:
    stay = []
    for seed in range(12):
        for words in (4, 7, 20):
            rng = np.random.default_rng(seed)
            mine, front = rng.normal(size=(words, WIDTH)), rng.normal(size=(2, WIDTH))
            both = (prompt(one, 77, rng, 0) for one in (mine, np.concatenate([front, mine])))
            order = Matching.of(*([one] for one in both)).orders[77][words + 4 :]
            stay.append(np.mean(order == np.arange(words + 4, 77)))
    assert np.mean(stay) > 0.99
