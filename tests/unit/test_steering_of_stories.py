"""Steering a real, small model: a happy against a sad contrast, read at another layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.models import load_stories, models_missing

pytestmark = pytest.mark.skipif(bool(models_missing), reason=models_missing)

NAMES = ("Tom", "Lily", "Ben", "Sue", "Max", "Anna", "Tim", "Mia", "Sam", "Lucy")
OTHERS = ("Jack", "Jane", "Bob", "Amy", "Fred", "Kim", "Joe", "Emma")
MORE = ("Pip", "Rose", "Nick", "Sara", "Leo", "Bella", "Dan", "Molly", "Finn", "Zoe")
BEGINNINGS = (
    "{0} went to the park. {0} felt",
    "{0} saw a big dog. {0} was",
    "{0} had a new toy. {0} was very",
    "One day, {0} met a bird. {0} felt",
    "{0} and his mom went to the store. {0} was so",
)
# What makes sad, and what makes happy: the mood itself is never named.
PAIRS = (
    ("{0} lost the toy.", "{0} got a new toy."),
    ("{0} fell down and got hurt.", "{0} won the big race."),
    ("{0} broke the big cup.", "{0} found a pretty flower."),
    ("{0}'s dog ran away.", "{0}'s dog came back."),
    ("It was raining and {0} could not play.", "It was sunny and {0} could play."),
    ("{0}'s friend was mean.", "{0}'s friend was nice."),
)
MOODS = {"happy": True, "glad": True, "excited": True, "proud": True} | {
    "sad": False,
    "angry": False,
    "scared": False,
    "upset": False,
}
ENDS = (" {0} was very", " {0} felt")
PROMPTS = [one.format(name) for one in BEGINNINGS for name in NAMES]


def space_of_stories() -> Any:
    model, tokenizer = load_stories()
    prompt = "Tim was very"
    return lw.as_space(model, tokenizer=tokenizer, prompt=prompt, layer=1, max_new_tokens=30)


def mood_of(space: Any) -> lw.Direction:
    """Find the direction from states before a sad word to states before a happy one."""
    texts = [
        [(pair[i] + end).format(name) for name in NAMES for pair in PAIRS for end in ENDS]
        for i in (0, 1)
    ]
    sad, happy = map(space.encode, texts)
    return lw.contrast_directions(sad, happy, name="happy")[0]


def mean_mood_of(space: Any) -> lw.Direction:
    """Find the direction between the mean states of texts that name a mood."""
    sad, happy = (
        [
            f"{name} was very {one}"
            for name in NAMES + OTHERS
            for one, is_so in MOODS.items()
            if is_so is wanted
        ]
        for wanted in (False, True)
    )
    before, after = (space.encode(texts, pool="mean") for texts in (sad, happy))
    return lw.contrast_directions(before, after, name="happy")[0]


def probe_of(space: Any, layer: int) -> lw.Direction:
    """Find a probe of moods in what the model itself writes after a word for one."""
    texts, moods = [], []
    for word, mood in MOODS.items():
        for name in OTHERS:
            at = space.at(prompt=f"{name} was very {word}")
            written = at.decode(np.zeros((4, 64)), {"temperature": 0.8, "seed": [1, 2, 3, 4]})
            texts += [f" {word}{one}" for one in written]
            moods += [mood] * 4
    states = space.encode(texts, {"layer": layer}, pool="mean")
    return lw.probe_directions(states, {"mood": moods}, bootstraps=0)[0]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_mood_moves_with_strength_until_damage_is_named() -> None:
    space = space_of_stories()
    mood = mood_of(space)
    assert mood.evidence.score is not None
    assert mood.evidence.score > 0.7
    probe = probe_of(space, 3)
    assert probe.evidence.score is not None
    assert probe.evidence.score > 0.8
    # In nats a token 3.5 sigma surprise by 0.88, 6 by 3.20, and what the model draws itself by
    # 1.43, known to 0.04. At 4 sigma it is 1.42: that is at the limit, and left out. On the other
    # side it is 1.05 at 3 sigma, and 2.17 at 4.
    found = lw.analysis.steering_curve(
        *(space, mood, [-4, -3, -2, -1, 1, 2, 3, 3.5, 6]),
        effect=probe,
        effect_layer=3,
        prompts=PROMPTS,
        steer="all",
        randoms=0,
    )
    assert found.range_without_damage(1) == (-3, 3.5)
    sound = {one.strength: one for one in found.at(1) if -3 <= one.strength <= 3.5}
    sound[0.0] = found.unsteered
    print({strength: round(one.effect, 2) for strength, one in sound.items()})
    high = 3.5
    effects = [sound[strength].effect for strength in (0, 1, 2, 3, high)]
    assert effects == sorted(effects)
    # To the sad side each step is lower than the last, but a step of one sigma is lost in chance:
    # it differs from unsteered by 0.14, and 50 prompts tell that to 0.27.
    sad = [sound[strength].effect for strength in (-3, -2, -1)]
    assert sad == sorted(sad)
    assert sad[1] < effects[0]
    assert sound[-1].interval is not None
    assert sound[-1].interval[0] < 0 < sound[-1].interval[1]
    assert effects[-1] > effects[0] + probe.readout_sigma / 2
    # Beyond it the model reads what it wrote as no text of its own.
    assert found.at(1)[-1].perplexity > 2 * found.limits["perplexity"]
    assert found.best is not None
    assert found.best.setting.strength == high
    assert found.best.held_out_interval is not None
    assert found.best.held_out_interval[0] > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("names", "rise"), [(NAMES, 1.81), (MORE, 1.68)])
def test_a_mood_moves_with_every_strength_on_both_sides_until_damage_is_named(
    names: tuple[str, ...], rise: float
) -> None:
    """On the fifty prompts that the setting was chosen on, and on fifty others."""
    space = space_of_stories()
    mood, probe = mean_mood_of(space), probe_of(space, 3)
    assert "end in" in (mood.evidence.warning or ""), "the texts differ in their last word only"
    found = lw.analysis.steering_curve(
        *(space, mood, [-8, -6, -4, -2, 2, 4, 6, 8]),
        effect=probe,
        effect_layer=3,
        prompts=[one.format(name) for one in BEGINNINGS for name in names],
        steer="all",
        randoms=0,
    )
    assert found.prompts == 50
    assert found.range_without_damage(1) == (-6, 6)
    assert [one.damaged for one in found.at(1)] == [True, *[False] * 6, True]
    effects = [one.effect for one in found.at(1)[1:-1]]
    effects.insert(3, found.unsteered.effect)
    print([round(one / probe.readout_sigma, 2) for one in effects])
    assert effects == sorted(effects)
    assert (effects[-1] - effects[0]) / probe.readout_sigma == pytest.approx(rise, abs=0.01)
    for one in (found.at(1)[1], found.at(1)[-2]):
        assert one.interval is not None
        assert (one.interval[0] > 0) == (one.interval[1] > 0) == (one.strength > 0)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("layer", [2, 4])
def test_probes_after_other_blocks_do_not_rise_with_every_step(layer: int) -> None:
    """On the fifty prompts that had no part in choosing the setting, as the README says."""
    space = space_of_stories()
    probe = probe_of(space, layer)
    found = lw.analysis.steering_curve(
        *(space, mean_mood_of(space), [-6, -4, -2, 2, 4, 6]),
        effect=probe,
        effect_layer=layer,
        prompts=[one.format(name) for one in BEGINNINGS for name in MORE],
        steer="all",
        randoms=0,
    )
    assert found.prompts == 50
    effects = [one.effect for one in found.at(1)]
    effects.insert(3, found.unsteered.effect)
    print([round(one / probe.readout_sigma, 2) for one in effects])
    assert effects != sorted(effects)
    assert effects[-1] > effects[0], "it rises from end to end all the same"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_random_direction_can_rise_as_evenly() -> None:
    space = space_of_stories()
    mood, probe = mean_mood_of(space), probe_of(space, 3)
    vector = np.random.default_rng(0).normal(size=64)
    sigma = mood.sigma * float(np.linalg.norm(mood.vector))
    random = lw.Direction("random", vector / np.linalg.norm(vector), sigma=sigma)
    found = lw.analysis.steering_curve(
        *(space, random, [-6, -4, -2, 2, 4]),
        effect=probe,
        effect_layer=3,
        prompts=PROMPTS,
        steer="all",
        randoms=0,
    )
    effects = [one.effect for one in found.at(1)]
    effects.insert(3, found.unsteered.effect)
    print([round(one / probe.readout_sigma, 2) for one in effects])
    assert effects == sorted(effects)
    assert found.range_without_damage(1) == (-6, 4)


def test_texts_are_pairs_for_every_way_to_find_a_direction() -> None:
    space = space_of_stories()
    sad = [f"{name} was very sad" for name in NAMES]
    happy = [f"{name} was very happy" for name in NAMES]
    before, after = space.encode(sad), space.encode(happy)
    found = [
        lw.contrast_directions(before, after)[0],
        lw.contrast_directions(before, after, method="component")[0],
        lw.difference_directions(after, other=before)[0],
        lw.probe_directions(space.encode(sad + happy), [False] * 10 + [True] * 10)[0],
    ]
    for one in found:
        assert one.evidence.score is not None
        assert one.evidence.score > 0.9
        assert (one.measure(after) > one.measure(before)).all()
    with pytest.raises(lw.LatentTypeError, match=r"Encode texts first: space\.encode\(texts\)"):
        lw.contrast_directions(sad, happy)
    vectors = np.stack([one.vector for one in found])
    assert (vectors @ vectors[0] > 0.8).all()
    table = lw.analysis.next_tokens(space, found[0].move(np.zeros((1, 64)), 4.0)[0])
    assert [one.text for one in table.before] != [one.text for one in table.after]
