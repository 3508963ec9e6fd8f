"""Directions of selections, which are definitions; and scores of directions that are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import pearsonr, rankdata
from sklearn.metrics import roc_auc_score

import latentwidgets as lw
from latentwidgets.directions.tables import note

RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(1000, 6)).astype(np.float32)
SPECIES = np.array(["cat", "dog", "owl", "bat"])[np.arange(1000) % 4]


def chart(labels: Any = None, latents: Any = NOISE) -> Any:
    pytest.importorskip("jscatter", reason="needs the extra map")
    return lw.LatentMap(None, latents, labels, items=[str(i) for i in range(len(latents))])


def scored(direction: Any, *args: Any, **options: Any) -> Any:
    """Score one direction on labels."""
    [found] = lw.score_directions(direction, *args, **options)
    return found


def test_a_selection_made_in_the_latents_has_an_effect_and_no_score() -> None:
    part = NOISE[:, 2] > 0.8
    found = chart().direction_between(~part, part, name="part")
    assert found.vector[2] > 0.95
    assert found.method == "selection"
    evidence = found.evidence
    for claim in ("score", "score_name", "spread", "auc", "chance", "p_value"):
        assert getattr(evidence, claim) is None
    apart = NOISE[part].mean(axis=0, dtype=float) - NOISE[~part].mean(axis=0, dtype=float)
    assert evidence.effect == pytest.approx(np.linalg.norm(apart) / found.sigma, rel=1e-5)
    moved = found.move(NOISE[~part], evidence.effect).mean(axis=0)
    np.testing.assert_allclose(moved, NOISE[part].mean(axis=0), atol=1e-4)
    assert evidence.counts == {"positive": part.sum(), "negative": (~part).sum()}
    assert "found by selection" in note(found)
    assert "sigmas between the selections" in note(found)
    assert found.flipped().evidence.effect == -evidence.effect
    assert lw.Directions([found]).table()[0]["effect"] == evidence.effect
    assert "sigmas between the selections" in lw.Directions([found])._repr_html_()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (SPECIES == "cat", SPECIES == "dog"),
        (SPECIES != "cat", SPECIES == "cat"),
        (SPECIES == "owl", SPECIES != "owl"),
    ],
)
def test_classes_of_a_label_are_a_finding_and_are_scored(first: Any, second: Any) -> None:
    for labels in (SPECIES, np.unique(SPECIES, return_inverse=True)[1]):
        found = chart(labels).direction_between(first, second)
        [same] = lw.difference_directions(NOISE[second], other=NOISE[first])
        assert found.evidence == same.evidence
        assert found.evidence.p_value > 0.01, "labels that have nothing to do with the latents"


@pytest.mark.parametrize(
    "labels",
    [
        None,
        [f"file {i}" for i in range(1000)],  # each latent a class of its own
        [None if i < 10 else one for i, one in enumerate(SPECIES)],  # some selected have none
        [["a list"]] * 1000,
        NOISE[:, 0],
    ],
)
def test_other_selections_are_no_finding(labels: Any) -> None:
    cats = SPECIES == "cat"
    found = chart(labels).direction_between(~cats, cats, shuffles=0)
    assert found.evidence.score is None


def test_part_of_a_class_is_a_selection() -> None:
    some = np.flatnonzero(SPECIES == "cat")[3:]
    rest = np.setdiff1d(np.arange(1000), some)
    assert chart(SPECIES).direction_between(rest, some).evidence.score is None


def test_a_small_or_shaky_selection_is_warned_of() -> None:
    found = chart().direction_between(range(10, 900), [0, 1, 2])
    assert "3 positive" in found.evidence.warning
    assert "stability" in found.evidence.warning


def test_a_label_that_is_there_is_read_and_one_that_is_not_is_chance() -> None:
    part = NOISE[:, 2] > 0.8
    found = chart().direction_between(~part, part, name="part")
    labels = NOISE[:, 2] + RNG.normal(size=1000) > 0
    read = scored(found, NOISE, {"smile": labels})
    assert read.evidence.score == pytest.approx(roc_auc_score(labels, found.measure(NOISE)))
    assert read.evidence.score_name == "AUC of smile"
    assert read.evidence.p_value == 1 / 200
    assert "p ≤ 0.005" in note(read)
    assert read.evidence.effect == found.evidence.effect
    chance = scored(found, NOISE, {"smile": RNG.permutation(labels)})
    assert chance.evidence.p_value > 0.01
    assert "within chance" in chance.evidence.warning


def test_amounts_are_correlated_and_either_way_round_counts() -> None:
    found: Any = lw.pca_directions(NOISE * [1, 1, 3, 1, 1, 1], 1)
    amounts = -NOISE[:, 2] + 0.1 * RNG.normal(size=1000)
    read = scored(found, NOISE, {"age": amounts})
    assert read.evidence.score == pytest.approx(
        pearsonr(found[0].measure(NOISE), amounts).statistic
    )
    assert read.evidence.score < -0.9
    assert read.evidence.p_value == 1 / 200
    assert read.evidence.chance == pytest.approx(0, abs=0.02)
    assert read.evidence.score_name == "correlation with age"


def test_p_values_of_given_directions_are_a_permutation_test_over_all_of_them() -> None:
    labels = RNG.uniform(size=60) < 0.5
    latents = RNG.normal(size=(60, 5)) + 0.35 * labels[:, None] * np.eye(5)[0]
    given = lw.Directions(lw.Direction(str(i), row) for i, row in enumerate(np.eye(5)))
    alone = scored(given[0], latents, {"a": labels}, shuffles=999).evidence
    own = abs(roc_auc_score(labels, latents[:, 0]) - 0.5)
    # The area under the curve by ranks, which is Mann and Whitney's U of all pairs.
    shuffled = RNG.permuted(np.tile(labels, (2000, 1)), axis=1)
    ones = labels.sum()
    pairs = shuffled @ rankdata(latents[:, 0]) - ones * (ones + 1) / 2
    by_chance = abs(pairs / (ones * (~labels).sum()) - 0.5)
    expected = np.mean(by_chance >= own)
    assert alone.p_value == pytest.approx(expected, abs=4 * np.sqrt(expected / 1000))
    every: Any = lw.score_directions(given, latents, {"a": labels}, shuffles=999)
    together = every[0].evidence
    assert 2 * alone.p_value < together.p_value < 6.5 * alone.p_value


def test_missing_labels_are_left_out_and_several_attributes_refused() -> None:
    found: Any = lw.pca_directions(NOISE, 1)
    labels = np.where(np.arange(1000) < 500, NOISE[:, 0], np.nan)
    read = scored(found, NOISE, labels, shuffles=0)
    assert read.evidence.counts == {"samples": 500}
    assert read.evidence.p_value is None
    with pytest.raises(lw.LatentValueError, match="4 attributes"):
        lw.score_directions(found, NOISE, SPECIES)
    with pytest.raises(lw.LatentValueError, match="latents of shape"):
        lw.score_directions(found, NOISE[:, :3], labels)


def test_chance_of_given_directions_is_the_mean_over_all_shuffled_labels() -> None:
    latents, labels = NOISE[:60], NOISE[:60, 0] > 0
    direction = lw.Direction("second", np.eye(6)[1])
    found = scored(direction, latents, {"a": labels}, shuffles=99, seed=4).evidence
    rng = np.random.default_rng(4)
    orders = [rng.permutation(60) for _ in range(99)]
    expected = np.mean([roc_auc_score(labels[order], latents[:, 1]) for order in orders])
    assert found.chance == pytest.approx(expected, rel=1e-9)
