"""Whether labels are a cut through latents: a plane, or clusters by their nearest means.

A label that was not made of the latents is uncertain where two classes meet: of the latents next
to the border, some are on the wrong side. Where none is, of very many that are next to it, the
border was drawn through the latents. Classes with a gap between them, which real ones have where
a plane tells them apart, say nothing of the kind.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.parallel import one_blas_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["are_nearest_means", "is_border", "is_cut"]

# A plane with d + 1 numbers can be laid through about twice as many latents whose classes are
# random (Cover 1965); with so many more, each of which halves the odds, it cannot.
SPARE = 16
# How near to the border "next to it" is, in parts of the distance between the means of the classes.
# The nearest latents of cuts through normal latents reach to 0.01 to 0.08 where there are 30 or
# more a number, those of real classes that a plane tells apart, of digits, wines and tumours, to
# 0.1 to 0.4.
NEXT_TO = 0.08
# Where a cut goes through 100 or more normal latents, a larger share than this of one of the
# classes is next to it, in 97 % of cases and more; of pairs of digits, at most 0.03.
LEAST_SHARE = 0.06
# There are at least so many times as many latents as must lie next to the border.
MARGIN = 4
# Where a least-squares plane errs on a larger share, hardly any plane tells the classes apart.
MOST_ERRORS = 0.15
STEPS = 20
# Rows times squared columns that a step may take: a part of a second for all of them. Of more rows
# some are looked at, and then those on which the plane that is found errs, so many times.
MOST_WORK = 2**27
ROUNDS = 6
# So many rows next to the border between two means, and such a share of all, say that it was drawn
# there. Of these so many may be on the wrong side, since k-means stops a little before means are
# still; of real classes that meet there, about a half are.
FEWEST_NEAR, SHARE_NEAR, WRONG_NEAR = 24, 0.01, 0.1


def is_border(yes: NDArray[np.floating], no: NDArray[np.floating], fewest: int) -> bool:
    """Tell whether numbers of two classes that do not overlap were one heap, which a cut divided.

    Next to a cut there are some of each class, and much of at least one; between classes that are
    apart by themselves there is hardly anything.

    Parameters
    ----------
    yes, no : ndarray
        The numbers of each class, one-dimensional.
    fewest : int
        How many of each lie next to the border at least.

    Examples
    --------
    >>> heap = np.linspace(0, 1, 200)
    >>> is_border(heap[100:], heap[:100], 8), is_border(heap[100:] + 1, heap[:100], 8)
    (True, False)
    """
    low, high = (yes, no) if yes.mean() < no.mean() else (no, yes)
    if min(len(low), len(high)) < fewest or low.max() >= high.min():
        return False
    if np.ptp(low) == 0 and np.ptp(high) == 0:
        return True  # two numbers, which are the labels
    border = (float(low.max()) + float(high.min())) / 2
    near = NEXT_TO * (float(high.mean()) - float(low.mean()))
    inside = [np.abs(one - border) < near for one in (low, high)]
    shares = [one.mean() for one in inside]
    return bool(min(one.sum() for one in inside) >= fewest and max(shares) > LEAST_SHARE)


def is_cut(rows: NDArray[np.floating], axes: NDArray[np.float64], yes: NDArray[np.bool_]) -> bool:
    """Tell whether a plane cuts right through latents, and every one lies on its own side.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``.
    axes : ndarray
        Their first principal components as columns, ``(latent_size, k)``: such planes are looked
        for as stand on a weighted sum of these.
    yes : ndarray
        Which of two classes they are of, bool ``(n,)``.

    Returns
    -------
    bool
        Whether it does; False too where there are too few latents to tell: of normal latents fewer
        than some 40 a component, and more where the plane lies far from their mean.

    References
    ----------
    Cover 1965, "Geometrical and statistical properties of systems of linear inequalities".

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(1000, 5))
    >>> side = rows.sum(axis=1) > 1
    >>> is_cut(rows, np.eye(5), side), is_cut(rows + 3 * side[:, np.newaxis], np.eye(5), side)
    (True, False)
    """
    size = axes.shape[1]
    enough = 2 * (size + 1) + SPARE
    most = MOST_WORK // (size + 1) ** 2
    if min(len(rows), most) < MARGIN * enough:
        return False
    looked_at = np.zeros(len(rows), bool)
    looked_at[:: math.ceil(len(rows) / most)] = True
    for _ in range(ROUNDS):
        if looked_at.sum() > 2 * most:
            return False
        normal = _normal(rows[looked_at] @ axes, yes[looked_at])
        if normal is None:
            return False
        along = rows @ (axes @ normal)
        border = (along[yes & looked_at].min() + along[~yes & looked_at].max()) / 2
        wrong = (along > border) != yes
        if not wrong.any():
            return is_border(along[yes], along[~yes], enough // 2)
        looked_at |= wrong
    return False


def are_nearest_means(rows: NDArray[np.floating], classes: NDArray[np.intp]) -> bool:
    """Tell whether latents have the class of the nearest mean, and many lie between two.

    So are the clusters of k-means.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``.
    classes : ndarray
        The number of the class of each, from 0, ``(n,)``; at least three classes.

    Examples
    --------
    >>> from latentwidgets.analysis.clustering import k_means
    >>> rows = np.random.default_rng(0).normal(size=(1000, 5))
    >>> are_nearest_means(rows, np.arange(1000) % 3)
    False
    """
    counts = np.bincount(classes)
    if (counts > 0).sum() < 3:
        return False
    points = rows.astype(np.float64)
    kinds = np.flatnonzero(counts)
    means = np.stack([points[classes == kind].mean(axis=0) for kind in kinds])
    squares = (means * means).sum(axis=1) - 2 * points @ means.T
    own = np.searchsorted(kinds, classes)
    every = np.arange(len(points))
    mine = squares[every, own].copy()
    squares[every, own] = np.inf
    other = squares.argmin(axis=1)
    gaps = squares[every, other] - mine
    apart = ((means[own] - means[other]) ** 2).sum(axis=1)
    reach = gaps / np.where(apart > 0, apart, 1.0)  # from 0 at the border to 1 at the mean
    near = reach[np.abs(reach) < NEXT_TO]
    if reach.min() <= -NEXT_TO or len(near) < max(FEWEST_NEAR, SHARE_NEAR * len(points)):
        return False
    return bool(np.mean(near < 0) <= WRONG_NEAR)


@one_blas_thread()
def _normal(points: NDArray[np.float64], yes: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Find the normal, ``(k,)``, of a plane that tells two classes apart; None if there is none."""
    if not 0 < yes.sum() < len(yes):
        return None
    points = points - points.mean(axis=0)
    spreads = points.std(axis=0)
    x = np.hstack([points / np.where(spreads > 0, spreads, 1.0), np.ones((len(points), 1))])
    side = np.where(yes, 1.0, -1.0)
    weights = np.linalg.lstsq(x, side, rcond=None)[0]
    if np.mean(side * (x @ weights) <= 0) > MOST_ERRORS:
        return None
    found = _separating(x, side, weights)
    return (
        None
        if found is None
        else np.where(spreads > 0, found[:-1] / np.where(spreads > 0, spreads, 1.0), 0.0)
    )


def _separating(x: Any, side: Any, weights: Any) -> Any:
    """Find the weights of a plane without errors, by Newton's method for logistic regression.

    Without a penalty that has no solution where there is such a plane, and comes to it on the way.
    """
    for _ in range(STEPS):
        margins = side * (x @ weights)
        if margins.min() > 0:
            return weights
        odds = 1 / (1 + np.exp(np.clip(margins, -500, 500)))
        slope = (side * odds) @ x
        bends = (x * (odds * (1 - odds))[:, np.newaxis]).T @ x
        bends[np.diag_indices_from(bends)] += 1e-9 * len(x)
        step = np.linalg.solve(bends, slope)
        gain = float(slope @ step)
        if gain < 1e-3:  # it has found what fits best, which errs
            return None
        loss, share = float(np.logaddexp(0, -margins).sum()), 1.0
        while share > 1e-6:
            there = float(np.logaddexp(0, -side * (x @ (weights + share * step))).sum())
            if there <= loss - 1e-4 * share * gain:
                break
            share /= 2
        weights = weights + share * step
    return None
