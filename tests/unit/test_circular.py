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
