"""A contrast of texts that end in other tokens may be of these tokens: that is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.directions.endings import ending_doubt
from tests.unit.test_residual import Letters, residual
from tests.unit.writers import tokenizer, writer

BEGUN = ["the cat was", "a dog ran and was", "the bird sang and was", "the girl was", "a boy was"]
SAD, HAPPY = ([f"{one} {word}" for one in BEGUN] for word in ("sad", "happy"))
WORDS = 'in "sad", of the other in "happy"'


@pytest.fixture(scope="module")
def space() -> Any:
    return lw.as_space(writer(), tokenizer=tokenizer(), prompt="the cat was", layer=1)


def found(space: Any, sad: list[str], happy: list[str], pool: str = "last") -> list[str]:
    """Find a direction in each way, and give what speaks against it."""
    before, after = (space.encode(texts, pool=pool) for texts in (sad, happy))
    both = space.encode([*sad, *happy], pool=pool)
    labels = {"happy": np.arange(len(both)) >= len(sad)}
    quick: dict[str, Any] = {"folds": 2, "shuffles": 0, "bootstraps": 0}
    made = [
        lw.contrast_directions(before, after, **quick),
        lw.difference_directions(after, other=before, **quick),
        lw.difference_directions(both, labels, **quick),
        lw.probe_directions(both, labels, **quick),
    ]
    scores = lw.layer_scores(space, [*sad, *happy], labels, pool=pool, folds=2, shuffles=0)
    return [*(one[0].evidence.warning or "" for one in made), scores.warning or ""]


def test_texts_whose_last_token_tells_them_apart_are_doubted_with_the_way_out(space: Any) -> None:
    for said in found(space, SAD, HAPPY):
        assert WORDS in said
        assert "Let the texts of both sides end alike, or read all of their tokens" in said
        assert 'encode(..., pool="mean")' in said


def test_the_ways_out_are_not_doubted(space: Any) -> None:
    assert not any("end in" in one for one in found(space, SAD, HAPPY, pool="mean"))
    sad, happy = ([f"{one} and the" for one in texts] for texts in (SAD, HAPPY))
    assert not any("end in" in one for one in found(space, sad, happy))


def test_it_is_doubted_where_one_side_alone_ends_alike_or_a_few_endings_recur() -> None:
    assert "in a, b, c and the like" not in (ending_doubt([*"abcd"], [*"xxxx"]) or "")
    assert ending_doubt([*"abcd"], [*"xxxx"])
    assert ending_doubt([*"aabb"], [*"xxyy"])
    assert ending_doubt([*"abcd"], [*"wxyz"]) is None, "no two texts end alike"
    assert ending_doubt([*"aaab"], [*"bbba"]) is None, "both end so"
    assert ending_doubt([], ["x"]) is None


def test_of_latents_that_were_changed_nothing_is_known(space: Any) -> None:
    before, after = space.encode(SAD), space.encode(HAPPY)
    made = lw.contrast_directions(before + 0, after, folds=2, shuffles=0)
    assert "end in" not in (made[0].evidence.warning or "")


def test_tokens_that_have_no_text_are_told_by_number() -> None:
    letters = lw.as_space(residual(Letters()))
    ends = [letters.encode([f"{one}{end}" for one in ("a", "b", "ab", "ba")]) for end in "cd"]
    made = lw.contrast_directions(*ends, folds=2, shuffles=0)
    assert "Texts of one side end in" in (made[0].evidence.warning or "")


def test_the_stories_that_ship_end_alike() -> None:
    demo = lw.demo.stories()
    states = [demo.space.encode(demo.write(6, until="mood", mood=m)[0]) for m in ("sad", "happy")]
    made = lw.contrast_directions(*states, shuffles=0, bootstraps=0)
    assert "end in" not in (made[0].evidence.warning or "")
