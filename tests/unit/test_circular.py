"""Labels that were made from the latents: they are told, whoever made them and however."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import latentwidgets as lw
from latentwidgets.directions import cuts
from latentwidgets.directions.circular import labels_doubt
from latentwidgets.widgets.explorer.label_probes import LabelledLatents

RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(2000, 10)).astype(np.float32)
OBLIQUE = RNG.normal(size=10) / np.sqrt(10)
PAIR = lw.pca_directions(NOISE, 2)
FINDERS = {
    "difference": lambda labels: lw.difference_directions(NOISE, labels, shuffles=0),
    "probe": lambda labels: lw.probe_directions(NOISE, labels, shuffles=0, bootstraps=2),
    "score": lambda labels: lw.score_directions(PAIR, NOISE, labels, shuffles=0),
}


@pytest.mark.parametrize("find", FINDERS.values(), ids=FINDERS)
@pytest.mark.parametrize("made", ["cut", "cut along a component", "oblique cut", "a number"])
def test_a_label_that_is_made_from_the_latents_is_doubted(find: Any, made: str) -> None:
    if (made, find) == ("a number", FINDERS["difference"]):
        pytest.skip("a difference is between groups")
    labels = {
        "cut": NOISE[:, 3] > 0.8,
        "cut along a component": PAIR["PC 2"].measure(NOISE) > 0.8,
        "oblique cut": NOISE @ OBLIQUE > 0.8,
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


def clusters_of(latents: Any, count: int) -> Any:
    return KMeans(count, n_init=1, random_state=0).fit_predict(latents)


@pytest.mark.parametrize("find", [*FINDERS.values()][:2], ids=[*FINDERS][:2])
@pytest.mark.parametrize("count", [2, 3, 8])
def test_clusters_of_the_latents_are_doubted(find: Any, count: int) -> None:
    for one in find(clusters_of(NOISE, count)):
        assert "the score is by construction" in (one.evidence.warning or "")


DIGITS, WHICH = load_digits(return_X_y=True)
LUCK: Any = RNG.integers(0, 2, 2000)
REPORTS: dict[str, Any] = {
    "probe_report": lambda z, labels: lw.analysis.probe_report(z, labels),
    "mig": lambda z, labels: lw.analysis.mig(z, {"it": labels}, shuffles=0),
    "sap": lambda z, labels: lw.analysis.sap(z, {"it": labels}, shuffles=0),
    "dci": lambda z, labels: lw.analysis.dci(z, {"it": labels, "luck": LUCK}, shuffles=0),
}
LONG = {"probe_report", "dci"}


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(report, id=name, marks=[pytest.mark.slow] if name in LONG else [])
        for name, report in REPORTS.items()
    ],
)
def test_reports_say_that_a_label_may_be_made_from_the_latents(report: Any) -> None:
    for made in (NOISE @ OBLIQUE > 0.3, NOISE @ OBLIQUE, clusters_of(NOISE, 5), NOISE[:, 2] > 0):
        found = report(NOISE, made)
        assert "the score is by construction and says nothing" in found.warning
        assert found.to_dict()["warning"] == found.warning
        assert "\N{WARNING SIGN} " in found._repr_html_()
        assert "luck" not in found.warning
    fair = report(NOISE, NOISE @ OBLIQUE + 0.3 * RNG.normal(size=2000) > 0)
    assert fair.warning is None
    assert "\N{WARNING SIGN}" not in fair._repr_html_()


@pytest.mark.parametrize("numbers", [4, 16, 32, 64])
def test_real_labels_are_not_doubted_although_a_plane_tells_them_apart(numbers: int) -> None:
    """Of 64 numbers of a picture a plane tells 8 of 10 digits from the rest without an error."""
    latents = PCA(numbers, random_state=0).fit_transform(DIGITS)
    assert labels_doubt(latents, "digit", WHICH, 10) is None
    for first in range(10):
        for other in range(first):
            rows = np.isin(WHICH, (first, other))
            pair = (WHICH[rows] == first).astype(int)
            assert labels_doubt(latents[rows], "pair", pair, 2) is None


def test_clear_clusters_and_few_latents_are_not_doubted() -> None:
    centres = 6 * RNG.normal(size=(4, 10))
    which = RNG.integers(0, 4, 2000)
    assert labels_doubt(NOISE + centres[which], "kind", which, 4) is None
    for n in (50, 200):  # any labels can be told apart by a plane where there are so few
        wide = RNG.normal(size=(n, 300))
        assert labels_doubt(wide, "luck", RNG.integers(0, 2, n), 2) is None
        assert labels_doubt(wide, "luck", RNG.integers(0, 3, n), 3) is None


def test_true_classes_are_not_doubted_because_clusters_were_found_that_are_the_same() -> None:
    kinds = np.repeat(["cat", "dog"], 100)
    latents = RNG.normal(size=(200, 4)) + 9 * (kinds == "dog")[:, None]
    found = lw.analysis.clusters(latents, count=2, labels=kinds, halves=2)
    assert {*found.names} == {"cat", "dog"}
    for find in (lw.probe_directions, lw.difference_directions):
        [one] = find(latents, kinds, shuffles=0, bootstraps=0)
        assert one.evidence.warning is None
    assert lw.analysis.probe_report(latents, kinds).warning is None


def apart_by_themselves(case: str) -> tuple[Any, Any]:
    """Two classes with a gap between, or whose tails just meet."""
    rng = np.random.default_rng(3)
    if case == "rare and tight":
        sizes, centre, spread = (9_890, 110), 10.0, 0.1
    elif case == "tight":
        sizes, centre, spread = (20_000, 20_000), 5.5, 0.1
    elif case == "unequal spreads":
        sizes, centre, spread = (20_000, 20_000), 30.0, 5.0
    else:
        sizes, centre, spread = (500_000, 500_000), 9.5, 1.0
    one = rng.normal(size=(sizes[0], 2))
    other = spread * rng.normal(size=(sizes[1], 2)) + [centre, 0]
    turn = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    return np.concatenate([one, other]) @ turn, np.repeat([0, 1], sizes)


@pytest.mark.parametrize("case", ["rare and tight", "tight", "unequal spreads", "very many"])
def test_classes_that_are_apart_by_themselves_are_not_doubted(case: str) -> None:
    latents, kinds = apart_by_themselves(case)
    assert labels_doubt(latents, "kind", kinds, 2) is None


def test_few_samples_that_one_of_many_numbers_happens_to_tell_apart_are_not_doubted() -> None:
    rng = np.random.default_rng(4)
    half, told = np.repeat([0, 1], 8), 0
    for _ in range(30):
        latents = rng.normal(size=(16, 512))
        told += bool((latents[:8].max(0) < latents[8:].min(0)).any())
        assert labels_doubt(latents, "luck", half, 2) is None
    assert told > 0
    prompts = np.repeat([0, 1], 20)
    for _ in range(5):  # contrasting prompts, which a real effect tells apart
        latents = rng.normal(size=(40, 512)) + 3 * prompts[:, None] * (np.arange(512) < 4)
        assert labels_doubt(latents, "tone", prompts, 2) is None


def test_a_cut_through_the_first_components_of_wide_latents_is_doubted() -> None:
    rng = np.random.default_rng(6)
    latents = rng.normal(size=(3000, 300)) * np.linspace(6, 0.1, 300)
    one, other = lw.pca_directions(latents, 2)
    on_the_map = 0.6 * one.measure(latents) + 0.8 * other.measure(latents)
    doubt = labels_doubt(latents, "side", (on_the_map > 3).astype(int), 2)
    assert doubt is not None
    assert "right next to the border" in doubt
    noisy = on_the_map + rng.normal(size=3000)
    assert labels_doubt(latents, "side", (noisy > 3).astype(int), 2) is None


def test_all_of_very_many_latents_are_on_their_side_of_a_cut() -> None:
    rng = np.random.default_rng(7)
    latents = rng.normal(size=(100_000, 63)).astype(np.float32)
    side = latents @ rng.normal(size=63) > 4
    doubt = labels_doubt(latents, "side", side.astype(int), 2)
    assert doubt is not None
    assert "A weighted sum" in doubt
    side[[5, 77_777]] ^= True  # of which a part of the latents shows nothing
    assert labels_doubt(latents, "side", side.astype(int), 2) is None


def test_what_is_looked_at_first_decides_no_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuts, "MOST_WORK", 9 * 100)  # of two numbers, a hundred rows
    rng = np.random.default_rng(8)
    rows = rng.normal(size=(1000, 2))
    side = rows.sum(axis=1) > 0
    assert cuts.is_cut(rows, np.eye(2), side)
    wrong = rng.random(1000) < 0.3
    wrong[::10] = False  # of the hundred, none is wrong
    assert not cuts.is_cut(rows, np.eye(2), side ^ wrong)


@pytest.mark.parametrize(("count", "enough"), [(80, True), (78, False)])
def test_a_cut_is_told_of_four_times_as_many_latents_as_lie_next_to_it(
    count: int, enough: bool
) -> None:
    rows = np.linspace(-1, 1, count)[:, np.newaxis] ** 3
    assert cuts.is_cut(rows, np.eye(1), rows[:, 0] > 0) == enough


def test_latents_may_have_been_made_from_the_labels() -> None:
    factors = {"size": NOISE[:, 0], "tone": NOISE[:, 1]}
    warning = lw.analysis.mig(NOISE[:, :2], factors, shuffles=0).warning
    assert warning is not None
    assert "or the latents from them" in warning


def test_an_explorer_says_that_labels_are_clusters() -> None:
    groups = np.array(["left", "middle", "right"])[clusters_of(NOISE, 3)]
    labelled = LabelledLatents.of(NOISE, {"group": groups})
    for one in labelled.with_evidence(0):
        assert "as clusters are" in (one.evidence.warning or "")
        assert one.evidence.score is not None
