"""Labels that one number of the latents is a copy of, or gives almost exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["is_given_by_one", "is_written_in_one", "lie_along"]

# Amounts of which a column leaves no more than this share open are a copy or a function of it. Of
# the clearest factor of the faces that come with this package a number leaves 0.04 open.
OPEN = 2e-4
# Where amounts leave no more than this share of any column open, latents lie along a curve.
CURVED = 0.1
# Where no more than this, too closely for numbers that merely go together.
CLOSELY = 0.01
# The fewest latents by which a function can be told from chance.
FEWEST = 16
# Of wider latents each number would take too long to be looked at for a function.
WIDEST = 1024
# So many latents are enough to refuse nearly all columns.
LOOKED_AT = 2000


def is_given_by_one(columns: NDArray[np.floating], values: NDArray[np.floating]) -> bool:
    """Tell whether one column gives amounts almost exactly: by a line, or by any smooth function.

    Of more than 1,024 columns by a line alone.

    Parameters
    ----------
    columns : ndarray
        ``(n, k)``.
    values : ndarray
        Amounts, ``(n,)``.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(500, 3))
    >>> is_given_by_one(z, np.exp(z[:, 1])), is_given_by_one(z, z[:, 1] + z[:, 0] / 10)
    (True, False)
    """
    n = len(values)
    if n < FEWEST or columns.shape[1] == 0:  # of latents that are all the same none is left
        return False
    few = slice(None, None, max(1, n // LOOKED_AT))
    level = _standardized(values[few, np.newaxis])[:, 0]
    for start in range(0, columns.shape[1], WIDEST):
        some = _standardized(columns[few, start : start + WIDEST])
        correlated = start + np.flatnonzero(1 - (level @ some / len(level)) ** 2 < 4 * OPEN)
        if any(_left_by_line(columns[:, i], values) < OPEN for i in correlated):
            return True
    # Levels, which a good model tells apart too.
    clear = 2 * len(np.unique(level)) < len(level)
    if clear or columns.shape[1] > WIDEST:
        return False
    # By ranks: a few far amounts would hide what holds of all others.
    ranks = _ranks(level).astype(np.float64)
    smooth = [i for i, one in enumerate(some.T) if _left_open(_ranks(one), ranks) < 4 * OPEN]
    if not smooth:
        return False
    ranks = _ranks(values).astype(np.float64)
    return any(_left_open(_ranks(columns[:, i]), ranks) < OPEN for i in smooth)


def is_written_in_one(columns: NDArray[np.floating], classes: NDArray[Any]) -> bool:
    """Tell whether a column has one value for each class, and for no two the same.

    What a model makes of different items of one class differs, if only a little. Where most of the
    columns that vary are such, each class is one item that repeats, and no column is made of it.

    Parameters
    ----------
    columns : ndarray
        ``(n, k)``.
    classes : ndarray
        Numbers of classes or truth values, ``(n,)``.

    Examples
    --------
    >>> kinds = np.arange(60) % 3
    >>> z = np.stack([np.ones(60), 5.0 - kinds], axis=1)
    >>> is_written_in_one(z, kinds), is_written_in_one(z, kinds == 0)
    (True, False)
    """
    order = np.argsort(classes, kind="stable")
    starts = np.flatnonzero(np.diff(classes[order].astype(np.int64), prepend=-1))
    ends = np.append(starts[1:], len(order)) - 1
    # The first and the last of each class refuse nearly all columns.
    levels = columns[order[starts]]
    left = np.flatnonzero((levels == columns[order[ends]]).all(axis=0))
    left = left[[len(np.unique(levels[:, i])) == len(levels) for i in left]] if len(left) else left
    for start, end in zip(starts, ends, strict=True):
        if not len(left):
            return False
        members = columns[np.ix_(order[start : end + 1], left)]
        left = left[(members == members[0]).all(axis=0)]
    varying = int((columns != columns[0]).any(axis=0).sum()) if len(left) else 0
    return len(left) > 0 and (varying == 1 or 2 * len(left) <= varying)


def lie_along(
    columns: NDArray[np.floating], values: NDArray[np.floating], *, closely: bool = False
) -> bool:
    """Tell whether all columns that vary are smooth functions of amounts, so along a curve.

    So they are of pictures of one thing that moves. Then a model that was trained well, too, has
    numbers that give these amounts almost exactly.

    Parameters
    ----------
    columns : ndarray
        ``(n, k)``.
    values : ndarray
        ``(n,)``.
    closely : bool
        Whether the functions must leave no more than a hundredth open, in the place of a tenth.

    Examples
    --------
    >>> t = np.linspace(0, 1, 90)
    >>> lie_along(np.stack([np.sin(t), t**2], axis=1), t)
    True
    """
    few = slice(None, None, max(1, len(values) // LOOKED_AT))
    places = _ranks(values[few])
    return all(
        _left_open(places, one.astype(np.float64)) < (CLOSELY if closely else CURVED)
        for one in columns[few].T
        if np.ptp(one)
    )


def _ranks(values: NDArray[np.floating]) -> NDArray[np.intp]:
    """Give where each stands among all, from 0; those that are equal stand at one place."""
    return np.asarray(np.unique(values, return_inverse=True)[1].ravel(), np.intp)


def _standardized(columns: NDArray[np.floating]) -> NDArray[np.float64]:
    centred = columns - columns.mean(axis=0, dtype=np.float64)
    spread = centred.std(axis=0)
    return np.asarray(centred / np.where(spread > 0, spread, 1.0))


def _left_by_line(column: NDArray[np.floating], values: NDArray[np.floating]) -> float:
    """Give the share of the variance of amounts that a line leaves open."""
    both = _standardized(np.stack([column, values], axis=1))
    return float(1 - (both[:, 0] @ both[:, 1] / len(both)) ** 2)


def _left_open(places: NDArray[np.intp], values: NDArray[np.float64]) -> float:
    """Give the share of the variance of amounts that a smooth function of a column leaves open.

    The mean amount at each number of the column is compared with that halfway between those of the
    next lower and the next higher number, by ranks. Of amounts with a spread of their own these
    miss by 1.5 times its variance. How amounts at one and the same number differ is left open too,
    in whatever order they come.

    Parameters
    ----------
    places : ndarray of int
        The ranks of the column, as of `_ranks`, ``(n,)``.
    values : ndarray
        Amounts, ``(n,)``.
    """
    counts = np.bincount(places)
    varied = float(np.var(values))
    if len(counts) < 3 or not varied:
        return 1.0
    means = np.bincount(places, weights=values) / counts
    inside = float(np.mean((values - means[places]) ** 2))
    missed = means[1:-1] - (means[:-2] + means[2:]) / 2
    between = float(np.average(missed**2, weights=counts[1:-1])) / 1.5
    return (inside + between) / varied
