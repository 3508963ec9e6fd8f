"""`clusters`: silhouettes and stability against scikit-learn and chance, names, refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import fisher_exact
from sklearn.metrics import adjusted_rand_score, silhouette_samples

import latentwidgets as lw
from latentwidgets.analysis.cluster_names import names_of, tags_of, words_of
from latentwidgets.analysis.clustering import flat_rows, grouped

RNG = np.random.default_rng(0)
KINDS = np.repeat(["cat", "dog", "owl"], [150, 100, 50])
CENTERS = {"cat": [0, 0, 0, 0], "dog": [9, 0, 0, 0], "owl": [0, 9, 0, 0]}
LATENTS = np.array([CENTERS[kind] for kind in KINDS]) + RNG.normal(size=(300, 4)) + 100
analysis: Any = lw.analysis


@pytest.mark.parametrize("method", ["k-means", "gaussian-mixture", "hdbscan"])
def test_clusters_that_there_are_are_found_and_believed(method: str) -> None:
    count = None if method == "hdbscan" else 3
    found = analysis.clusters(LATENTS, method, count=count, labels={"pet": KINDS}, halves=5)
    inside = found.labels >= 0
    assert adjusted_rand_score(KINDS[inside], found.labels[inside]) == 1
    assert inside.mean() > 0.9
    assert found.names == ("cat", "dog", "owl")
    assert found.unassigned == (~inside).sum()
    assert [one.size for one in found.clusters] == np.bincount(found.labels[inside]).tolist()
    # Few enough that silhouettes are of all of them.
    centred = LATENTS - LATENTS.mean(axis=0)
    expected = silhouette_samples(centred[inside], found.labels[inside])
    assert found.silhouette == pytest.approx(expected.mean(), rel=1e-4)
    for i, one in enumerate(found.clusters):
        own = expected[found.labels[inside] == i]
        assert one.silhouette == pytest.approx(own.mean(), rel=1e-4)
        # Of a mean: 1.96 standard errors to each side, or about so.
        reach = 1.96 * own.std() / np.sqrt(len(own))
        assert one.silhouette_interval == pytest.approx(
            (own.mean() - reach, own.mean() + reach), abs=0.4 * reach
        )
    assert found.silhouette > found.silhouette_chance[1] >= found.silhouette_chance[0]
    assert found.silhouette_interval[0] < found.silhouette < found.silhouette_interval[1]
    assert found.stability > 0.9 > found.stability_chance
    assert min(one.stability for one in found.clusters) > 0.9
    assert max(one.stability_chance for one in found.clusters) < 0.6
    assert found.warning is None


@pytest.mark.parametrize("method", ["k-means", "gaussian-mixture", "hdbscan"])
def test_stability_is_that_of_its_definition_on_the_halves_that_were_taken(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    halves: list[Any] = []

    def noted(rows: Any, *args: Any) -> Any:
        halves.append((rows, grouped(rows, *args)))
        return halves[-1][1]

    monkeypatch.setattr("latentwidgets.analysis.cluster_quality.grouped", noted)
    rng = np.random.default_rng(6)
    near = rng.normal(size=(240, 3)) + np.repeat(np.eye(3) * [3.5, 3, 2.5], 80, axis=0)
    count = None if method == "hdbscan" else 4  # one more than there are, so that halves differ
    found = analysis.clusters(near, method, count=count, halves=8)
    rows = flat_rows(near)
    mine = [{*np.flatnonzero(found.labels == i)} for i in range(len(found.clusters))]
    overlaps, agreements, chances = [], [], []
    for half, groups in halves[:8]:
        assert len({*map(bytes, half)} & {*map(bytes, rows)}) == len(half) == 120
        again = groups.place(rows)
        overlaps.append(naive_overlaps(mine, again))
        agreements.append(naive_agreement(found.labels, again))
        chances += [naive_overlaps(mine, rng.permutation(again)) for _ in range(20)]
    each = [one.stability for one in found.clusters]
    assert each == pytest.approx(np.mean(overlaps, axis=0), rel=1e-9)
    assert found.stability == pytest.approx(np.mean(agreements), rel=1e-9)
    assert adjusted_rand_score(found.labels, again) == pytest.approx(agreements[-1], rel=1e-9)
    assert 0.2 < found.stability < 0.98, "halves differ, or a wrong definition would give 1 too"
    by_chance = [one.stability_chance for one in found.clusters]
    assert by_chance == pytest.approx(np.mean(chances, axis=0), abs=0.04)


def naive_overlaps(mine: list[set[int]], again: np.ndarray) -> list[float]:
    """For each group the largest Jaccard index with any: the share of both in what either has."""
    others = [{*np.flatnonzero(again == i)} for i in range(again.max() + 1)]
    return [max(len(one & other) / len(one | other) for other in others) for one in mine]


def naive_agreement(first: np.ndarray, second: np.ndarray) -> float:
    """Adjusted Rand index, by all pairs: those that both join, less what chance gives."""
    pairs = np.triu_indices(len(first), 1)
    a, b = (one[pairs[0]] == one[pairs[1]] for one in (first, second))
    chance = a.sum() * b.sum() / len(a)
    return float(((a & b).sum() - chance) / ((a.sum() + b.sum()) / 2 - chance))


def test_clusters_that_there_are_not_are_doubted() -> None:
    noise = np.random.default_rng(3).normal(size=(400, 8)) * np.linspace(3, 0.5, 8)
    found = analysis.clusters(noise, count=5, halves=5)
    assert found.silhouette <= found.silhouette_chance[1] + 0.02
    assert abs(found.stability - found.stability_chance) < 0.2
    assert "half of the latents do not give" in found.warning
    assert found.names == tuple(f"cluster {i}" for i in range(1, 6))


@pytest.mark.slow
def test_data_without_clusters_is_of_the_latents_own_size_and_covariance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []

    def noted(rows: Any, *args: Any) -> Any:
        seen.append(rows)
        return grouped(rows, *args)

    monkeypatch.setattr("latentwidgets.analysis.cluster_quality.grouped", noted)
    noise = np.random.default_rng(3).normal(size=(2500, 3)) @ [[3, 1, 0], [0, 2, 1], [0, 0, 1]]
    analysis.clusters(noise, count=2, halves=2)
    drawn = [one for one in seen if len(one) == 2500]
    assert len(drawn) == 20
    mine = np.cov(flat_rows(noise).T)
    np.testing.assert_allclose(
        np.mean([np.cov(one.T) for one in drawn], 0), mine, atol=0.05 * mine.max()
    )


@pytest.mark.slow
def test_most_sets_of_noise_are_not_above_chance() -> None:
    above = 0
    for seed in range(10):
        noise = np.random.default_rng(100 + seed).normal(size=(120, 4))
        found = analysis.clusters(noise, count=3, halves=2, seed=seed)
        above += found.silhouette > found.silhouette_chance[1]
    assert above <= 3  # of 21 sets of one kind, each is the largest once in 21 times


def test_the_largest_seed_has_followers_for_halves_and_draws() -> None:
    found = analysis.clusters(LATENTS, count=3, halves=2, seed=2**32 - 1)
    assert len(found.clusters) == 3


def test_exemplars_are_members_nearest_to_the_mean() -> None:
    found = analysis.clusters(LATENTS, count=3, exemplars=4, halves=2)
    for i, one in enumerate(found.clusters):
        members = np.flatnonzero(found.labels == i)
        gaps = np.linalg.norm(LATENTS[members] - LATENTS[members].mean(axis=0), axis=1)
        assert list(one.exemplars) == members[np.argsort(gaps)[:4]].tolist()


@pytest.mark.slow
def test_of_many_latents_a_part_of_each_cluster_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    full = analysis.clusters(LATENTS, count=3, halves=2)
    monkeypatch.setattr("latentwidgets.analysis.cluster_quality.MOST_JUDGED", 90)
    found = analysis.clusters(LATENTS, count=3, halves=2)
    each, sizes = zip(*((one.silhouette, one.size) for one in found.clusters), strict=True)
    assert found.silhouette == pytest.approx(np.average(each, weights=sizes))
    assert found.silhouette != full.silhouette
    assert found.silhouette == pytest.approx(full.silhouette, abs=0.03)


def test_names_are_what_is_more_frequent_than_elsewhere() -> None:
    groups = np.repeat([0, 1], [40, 60])
    features = [frozenset(["red"] * (i % 4 > 0) + ["all"]) for i in range(40)]
    features += [frozenset(["red"] * (i % 6 == 0) + ["all"]) for i in range(60)]
    [[one], none] = names_of(features, groups, 2)
    assert (one.text, one.share) == ("red", 0.75)
    assert one.elsewhere == pytest.approx(1 / 6)
    exact = fisher_exact([[30, 10], [10, 50]], alternative="greater").pvalue
    assert one.p_value == pytest.approx(4 * exact, rel=1e-6)  # two groups, two features
    assert none == ()


def test_of_a_single_latent_no_interval_is_told() -> None:
    far = np.concatenate([LATENTS, LATENTS.mean(axis=0, keepdims=True) + 1000])
    alone = analysis.clusters(far, count=3, halves=2).clusters[-1]
    assert alone.size == 1
    assert np.isnan(alone.silhouette_interval).all()
    table = analysis.clusters(far, count=3, halves=2)._repr_html_()
    assert ">0.00</td>" in table
    assert "( to )" not in table


def test_chance_names_no_cluster() -> None:
    named = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        tags = tags_of(rng.integers(0, 10, 500), 500)
        found = names_of(tags, rng.integers(0, 8, 500), 8)
        named += any(found)
    assert named <= 3  # at a level of 1 %


def test_clusters_are_named_by_words_of_texts() -> None:
    stories = {"cat": "The cat sleeps on a warm sofa", "dog": "A dog barks in the garden"}
    texts = [stories.get(kind, "An owl flies") + f" today {i}" for i, kind in enumerate(KINDS)]
    texts[3] = None  # type: ignore[call-overload]
    found = analysis.clusters(LATENTS, count=3, texts=texts, halves=2)
    assert {*found.clusters[1].name.split(", ")} <= {"dog", "barks", "in", "garden"}
    assert all("today" not in name for name in found.names)
    assert words_of(["Don't STOP", ""], 2) == [{"don't", "stop"}, frozenset()]


def test_two_clusters_of_one_label_get_two_names() -> None:
    both = np.where(KINDS == "owl", "owl", "pet")
    found = analysis.clusters(LATENTS, count=3, labels=both, halves=2)
    assert found.names == ("pet", "pet (2)", "owl")


def test_several_labels_name_by_the_most_telling() -> None:
    labels = {"noise": RNG.integers(0, 2, 300), "pet": KINDS, "age": RNG.normal(size=300)}
    found = analysis.clusters(LATENTS, count=3, labels=labels, halves=2)
    assert found.names == ("pet: cat", "pet: dog", "pet: owl")


def test_a_grid_shows_the_exemplars_of_every_cluster(space: lw.LatentSpace) -> None:
    latents = RNG.normal(size=(60, *space.latent_shape))
    latents[:30] += 6
    found = analysis.clusters(latents, count=2, exemplars=5, halves=2)
    figure = found.grid(space)
    labels = [one.get_text() for one in figure.axes[0].get_yticklabels()]
    assert labels == ["cluster 1 (30)", "cluster 2 (30)"]
    latents[:] = np.nan  # the result keeps what it shows
    assert found.grid(space).axes


def test_a_result_is_shown_drawn_and_written() -> None:
    found = analysis.clusters(LATENTS, count=3, labels=KINDS, halves=2)
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["clusters"][0]["named_by"][0]["text"] == "cat"
    assert len(written["labels"]) == 300
    assert "latents without clusters have" in found._repr_html_()
    figure = found.plot()
    assert figure.axes[0].get_yticklabels()[0].get_text() == "cat (150)"
    again = analysis.clusters(LATENTS, count=3, labels=KINDS, halves=2)
    assert again.to_dict() == found.to_dict()


@pytest.mark.parametrize(
    ("latents", "options", "words"),
    [
        (LATENTS, {"count": 1}, "count is 1; expected at least 2: .*method='hdbscan'"),
        (LATENTS[:11], {"count": 3}, "there are 11 latents; expected at least 12"),
        (np.ones((40, 3)), {"count": 2}, "all 40 latents are the same"),
        (LATENTS, {"method": "kmeans"}, "Did you mean 'k-means'"),
        (LATENTS, {"method": "hdbscan", "count": 3}, "HDBSCAN finds by itself"),
        (np.eye(50), {"method": "hdbscan"}, "hdbscan finds 0 clusters.*expected at least two"),
        (LATENTS, {"labels": KINDS, "texts": [*KINDS]}, "got labels and texts"),
        (LATENTS, {"labels": KINDS[:3]}, "there are 300 latents"),
        (LATENTS, {"labels": RNG.normal(size=300)}, "the labels are amounts"),
        (LATENTS, {"texts": ["a"]}, "there are 1 texts and 300 latents"),
        (LATENTS, {"texts": [3] * 300}, "texts hold 3"),
        (LATENTS[0], {}, r"shape \(4,\)"),
    ],
)
def test_what_cannot_be_grouped_is_refused(latents: Any, options: Any, words: str) -> None:
    method = options.pop("method", "k-means")
    with pytest.raises(lw.LatentWidgetsError, match=words):
        analysis.clusters(latents, method, **options)


def test_a_constant_column_counts_for_nothing() -> None:
    wide = np.concatenate([LATENTS, np.full((300, 1), 7.0)], axis=1)
    found = analysis.clusters(wide, count=3, halves=2)
    plain = analysis.clusters(LATENTS, count=3, halves=2)
    np.testing.assert_array_equal(found.labels, plain.labels)
