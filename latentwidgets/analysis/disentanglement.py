"""MIG, DCI and SAP: scores of how far each number of a latent stands for one known factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.analysis.factors import Disentanglement, Factor, gaps, judge, read_codes
from latentwidgets.common.checks import check_seed, check_whole
from latentwidgets.common.keywords import checked_keywords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.analysis.factors import Judged

__all__ = ["dci", "mig", "sap"]

# The forests of DCI.
TREES, DEPTH, LEAF = 20, 8, 5


@checked_keywords
def mig(
    latents: ArrayLike, factors: object, *, bins: int = 20, shuffles: int = 20, seed: int = 0
) -> Disentanglement:
    """Give the mutual information gap (MIG) of latents for known factors.

    For each factor: how much more the best number of the latents tells of it than the next best, as
    a share of all that there is to tell, its entropy. The score is the mean over the factors.

    It is for those who need to compare with a paper. It rewards one factor a number: a space that
    holds every factor perfectly, but turned, scores 0, and for steering it does not matter which
    way the axes lie. Published metrics agree little with each other, and random seeds move them
    more than methods do (Locatello et al. 2019). `leakage` says what moves with what.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``, of two numbers or more: means of an encoder, not
        samples.
    factors : mapping, DataFrame or array_like
        What the data were made from, by name: one value a latent, none missing. Texts, truth values
        and whole numbers of at most 20 values are classes, all else amounts.
    bins : int
        Latents, and factors that are amounts, are counted in so many bins of equal width.
    shuffles : int
        How often factors are shuffled among the latents, for what chance gives: with few samples
        that is above 0.
    seed : int
        For the shuffles.

    Returns
    -------
    Disentanglement
        The score, beside that of shuffled factors, and the mutual information of every number and
        every factor, in nats.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.

    References
    ----------
    Chen et al. 2018, "Isolating sources of disentanglement in VAEs" (arXiv 1802.04942), by counts
    in bins as disentanglement_lib does: there, too, a factor's entropy is that of its bins.
    Locatello et al. 2019, "Challenging common assumptions in the unsupervised learning of
    disentangled representations" (arXiv 1811.12359).

    Examples
    --------
    >>> place = np.random.default_rng(0).uniform(size=(500, 2))
    >>> turned = place @ [[1, 1], [-1, 1]]
    >>> truth = {"x": place[:, 0], "y": place[:, 1]}
    >>> round(mig(place, truth).score, 1), round(mig(turned, truth).score, 1)
    (0.9, 0.0)
    """
    codes, read, shuffles = read_codes(latents, factors, shuffles)
    bins, seed = check_whole(bins, "bins", least=2, most=10_000), check_seed(seed)
    binned = [_binned(code, bins) for code in codes.T]

    def judged(some: Sequence[Factor]) -> Judged:
        matrix = np.empty((len(binned), len(some)))
        shares = []
        for j, one in enumerate(some):
            classes = one.classes or bins
            values = one.values if one.classes else _binned(one.values, bins)
            matrix[:, j] = [_information(code, values, bins, classes) for code in binned]
            shares.append(_information(values, values, classes, classes))  # its entropy
        each = gaps(matrix) / np.array(shares)
        return {"MIG": float(each.mean())}, each, matrix

    return judge("MIG", "mutual information, nats", codes, read, judged, shuffles, seed)


@checked_keywords
def sap(
    latents: ArrayLike, factors: object, *, shuffles: int = 20, seed: int = 0
) -> Disentanglement:
    """Give the separated attribute predictability (SAP) of latents for known factors.

    For each factor: how much better the best number of the latents alone predicts it than the next
    best. The score is the mean over the factors.

    It is for those who need to compare with a paper, and shares what `mig` says against it. A code
    that goes round and round with a factor, such as an angle, predicts nothing linearly.

    Parameters
    ----------
    latents, factors, shuffles
        As `mig` takes them.
    seed : int
        For the shuffles, and for the halves of the samples.

    Returns
    -------
    Disentanglement
        The score, beside that of shuffled factors, and how well every number predicts every factor:
        the squared correlation of amounts; of classes, the balanced accuracy by the nearest class
        mean, on the half of the samples that the means are not of.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.

    References
    ----------
    Kumar et al. 2018, "Variational inference of disentangled latent concepts from unlabeled
    observations" (arXiv 1711.00848). There, as in disentanglement_lib, classes are told apart by a
    support vector machine in place of the nearest mean.

    Examples
    --------
    >>> place = np.random.default_rng(0).uniform(size=(500, 2))
    >>> found = sap(place, {"x": place[:, 0], "right": place[:, 0] > 0.5})
    >>> found.by_factor.round(1).tolist(), found.scores["SAP"].chance < 0.1
    ([1.0, 0.5], True)
    """
    codes, read, shuffles = read_codes(latents, factors, shuffles)
    seed = check_seed(seed)
    centred = codes - codes.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    centred = centred / np.where(norms > 0, norms, 1.0)

    def judged(some: Sequence[Factor]) -> Judged:
        columns = [
            _accuracies(centred, one, seed) if one.classes else _correlations(centred, one)
            for one in some
        ]
        matrix = np.stack(columns, axis=1)
        each = gaps(matrix)
        return {"SAP": float(each.mean())}, each, matrix

    return judge("SAP", "how well each predicts", codes, read, judged, shuffles, seed)


@checked_keywords
def dci(
    latents: ArrayLike, factors: object, *, shuffles: int = 20, seed: int = 0
) -> Disentanglement:
    """Give disentanglement, completeness and informativeness (DCI) of latents for known factors.

    Forests predict each factor from all numbers of the latents. Disentanglement says how far each
    number matters for one factor alone, completeness how far each factor needs one number alone,
    both from 0 to 1; informativeness how well factors are predicted.

    It is for those who need to compare with a paper, and shares what `mig` says against it; of the
    three, only informativeness does not change much as a space is turned.

    Parameters
    ----------
    latents, factors, shuffles
        As `mig` takes them; two factors or more.
    seed : int
        For the shuffles, the forests, and the halves of the samples.

    Returns
    -------
    Disentanglement
        The three scores, beside those of shuffled factors, and how much every number matters for
        every factor. Forests of noise use all numbers alike: chance of the first two is near 0.
        Informativeness is the mean over factors of R² of amounts and of the balanced accuracy of
        classes, on the half of the samples that the forests have not seen.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.

    Notes
    -----
    Importances are those of random forests of 20 trees, at most 8 deep, by the decrease of
    impurity. Other programs take gradient-boosted trees or the weights of a lasso, and errors in
    place of informativeness: do not compare their numbers with these.

    References
    ----------
    Eastwood & Williams 2018, "A framework for the quantitative evaluation of disentangled
    representations", ICLR.

    Examples
    --------
    >>> place = np.random.default_rng(0).uniform(size=(500, 2))
    >>> found = dci(place, {"x": place[:, 0], "y": place[:, 1]}, shuffles=2)
    >>> {name: round(one.value, 1) for name, one in found.scores.items()}
    {'disentanglement': 1.0, 'completeness': 1.0, 'informativeness': 1.0}
    """
    codes, read, shuffles = read_codes(latents, factors, shuffles, fewest_factors=2)
    seed = check_seed(seed)

    def judged(some: Sequence[Factor]) -> Judged:
        found = [_forest(codes, one, seed) for one in some]
        matrix = np.stack([importances for importances, _ in found], axis=1)
        by_code = _concentration(matrix)
        weights = matrix.sum(axis=1) / (matrix.sum() or 1.0)
        each = _concentration(matrix.T)
        scores = {
            "disentanglement": float(by_code @ weights),
            "completeness": float(each.mean()),
            "informativeness": float(np.mean([score for _, score in found])),
        }
        return scores, each, matrix

    return judge("DCI", "how much each matters", codes, read, judged, shuffles, seed)


def _binned(values: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    """Give the number of the bin of each value, of equal width from the least to the largest."""
    low, high = values.min(), values.max()
    if high == low:
        return np.zeros(len(values), np.intp)
    return np.asarray(np.minimum(((values - low) / (high - low) * bins).astype(np.intp), bins - 1))


def _information(
    first: NDArray[np.intp], second: NDArray[np.intp], rows: int, columns: int
) -> float:
    """Give the mutual information of two classes, in nats."""
    counts = np.bincount(first * columns + second, minlength=rows * columns)
    joint = counts.reshape(rows, columns) / len(first)
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    some = joint > 0
    return float((joint[some] * np.log(joint[some] / apart[some])).sum())


def _correlations(codes: NDArray[np.float64], factor: Factor) -> NDArray[np.float64]:
    """Give the squared correlation of each code, centred and of norm 1, with amounts."""
    values = factor.values - factor.values.mean()
    return np.asarray((codes.T @ values / np.linalg.norm(values)) ** 2)


def _accuracies(codes: NDArray[np.float64], factor: Factor, seed: int) -> NDArray[np.float64]:
    """Give how well each code alone tells classes, by the nearest mean of those in one half."""
    train, test = _halves(factor, seed)
    known, asked = factor.values[train], factor.values[test]
    members = np.eye(factor.classes)[known]
    means = members.T @ codes[train] / members.sum(axis=0)[:, np.newaxis]
    found = []
    for code, middles in zip(codes[test].T, means.T, strict=True):
        nearest = np.abs(code[:, np.newaxis] - middles).argmin(axis=1)
        found.append(_balanced(nearest, asked, factor.classes))
    return np.array(found)


def _forest(
    codes: NDArray[np.float64], factor: Factor, seed: int
) -> tuple[NDArray[np.float64], float]:
    """Give how much each code matters to a forest that predicts a factor, and how well it does."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    options = {
        "n_estimators": TREES,
        "max_depth": DEPTH,
        "min_samples_leaf": LEAF,
        "max_features": 1.0,
        "random_state": seed,
    }
    train, test = _halves(factor, seed)
    made = RandomForestClassifier if factor.classes else RandomForestRegressor
    forest = made(**options).fit(codes[train], factor.values[train])
    predicted = forest.predict(codes[test])
    if factor.classes:
        score = _balanced(predicted, factor.values[test], factor.classes)
    else:
        score = float(forest.score(codes[test], factor.values[test]))
    return np.asarray(forest.feature_importances_, np.float64), score


def _halves(factor: Factor, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Divide samples at random, each class evenly."""
    order = np.random.default_rng(seed).permutation(len(factor.values))
    if factor.classes:
        order = order[np.argsort(factor.values[order], kind="stable")]
    return order[::2], order[1::2]


def _balanced(predicted: NDArray[np.intp], known: NDArray[np.intp], classes: int) -> float:
    """Give the mean over the classes of the share that is told right."""
    right = np.bincount(known[predicted == known], minlength=classes)
    counts = np.bincount(known, minlength=classes)
    return float((right / np.maximum(counts, 1))[counts > 0].mean())


def _concentration(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say of each row how far all of it is in one place: 1 less its entropy, from 0 to 1."""
    sums = matrix.sum(axis=1, keepdims=True)
    shares = matrix / np.where(sums > 0, sums, 1.0)
    logs = np.log(np.where(shares > 0, shares, 1.0)) / np.log(matrix.shape[1])
    return np.where(sums[:, 0] > 0, 1 + (shares * logs).sum(axis=1), 0.0)
