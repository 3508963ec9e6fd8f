"""A contrast of texts that end in other tokens may be of these tokens: that is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.directions.endings import endings_apart
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
        assert "Let the texts of both sides end alike: add the same words after." in said
        assert "pool" not in said, "a mean of texts that differ in one word is of that word"


def test_the_way_out_is_not_doubted(space: Any) -> None:
    sad, happy = ([f"{one} and the" for one in texts] for texts in (SAD, HAPPY))
    for pool in ("last", "mean"):
        assert not any("end in" in one for one in found(space, sad, happy, pool=pool))


def test_means_of_texts_that_differ_at_their_end_alone_are_doubted(space: Any) -> None:
    assert all(WORDS in said for said in found(space, SAD, HAPPY, pool="mean"))
    sad = ["the cat was sad", "a dog ran and was sad", "a boy felt sad"] * 2
    happy = ["the bird sang and was happy", "the girl was happy", "a fox felt happy"] * 2
    assert not any("end in" in one for one in found(space, sad, happy, pool="mean"))
    assert all(WORDS in one for one in found(space, sad, happy))


def test_layers_are_doubted_by_the_name_of_each_label_with_the_advice_once(space: Any) -> None:
    ran = [f"{one} ran" for one in BEGUN]
    moods = {"mood": ["sad"] * 5 + ["happy"] * 5 + ["ran"] * 5}
    made = lw.layer_scores(space, [*SAD, *HAPPY, *ran], moods, folds=2, shuffles=0)
    said = made.warning or ""
    assert 'mood: happy: texts of one side end in "sad" or "ran", of the other in "happy".' in said
    assert said.count("mood: ") == 3
    assert said.count("Let the texts") == 1


def apart(one: list[str], other: list[str]) -> str:
    return endings_apart(one, other) or ""


def test_it_is_doubted_where_one_side_alone_ends_alike_or_a_few_endings_recur() -> None:
    assert apart([*"abcd"], [*"xxxx"]).startswith(
        'texts of one side end in "a", "b", "c" and others, of the other in "x".'
    )
    assert 'end in "a", "b" or "c", of' in apart([*"abc"], [*"xxxx"])
    assert 'end in "a" or "b", of the other in "x" or "y".' in apart([*"aabb"], [*"xxyy"])
    assert not apart([*"abcd"], [*"wxyz"]), "no two texts end alike"
    assert not apart([*"aaab"], [*"bbba"]), "both end so"
    assert not apart([], ["x"])


def test_one_text_that_ends_as_the_other_side_does_changes_nothing() -> None:
    said = apart([" sad"] * 19 + [" happy"], [" happy"] * 20)
    assert WORDS in said
    assert "97 % of them, where half would be chance" in said
    assert not apart([" sad"] * 15 + [" happy"] * 5, [" happy"] * 20), "one text in eight"


def test_endings_that_recur_by_chance_are_not_doubted() -> None:
    rng = np.random.default_rng(0)
    for count in (10, 20, 40):
        for kinds in (3, 10, 30):
            one, other = rng.integers(kinds, size=(2, count)).astype(str).tolist()
            assert not apart(one, other), (count, kinds)


def test_each_ending_is_shown_as_it_is() -> None:
    assert 'end in "\\n", of the other in " ".' in apart(["\n"] * 3, [" "] * 3)
    assert 'in a token without text, of the other in "\\t".' in apart([""] * 3, ["\t"] * 3)
    assert 'end in "\\"", of the other in "\'".' in apart(['"'] * 3, ["'"] * 3)


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
