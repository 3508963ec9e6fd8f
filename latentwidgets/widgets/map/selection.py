"""Selections on a map: rows of latents, and the direction from one selection to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from latentwidgets.common.checks import check_container
from latentwidgets.common.wording import brief, listed
from latentwidgets.directions.columns import missing_in
from latentwidgets.directions.differences import difference_directions
from latentwidgets.directions.selections import direction_by_selection
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.directions import Direction

__all__ = ["direction_between", "rows_in"]

# Evidence of a direction comes from so many folds at most.
FOLDS = 5


def rows_in(given: Any, count: int, what: str = "selection") -> NDArray[np.int64]:
    """Take a selection, as rows in any order or as a mask; give its rows in order.

    Parameters
    ----------
    given : array_like
        Rows, or a mask of shape ``(count,)``.
    count : int
        How many latents there are.
    what : str
        What to call the selection in messages.

    Returns
    -------
    ndarray
        int64, increasing, each row once.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is neither, or there is no such row.
    """
    check_container(given, what)
    try:
        array = np.asarray(given)
    except Exception as error:  # rows of several lengths; an object's own `__array__`
        raise LatentTypeError(
            f"{what} is {brief(given)}; expected rows of latents, or a mask."
        ) from error
    if array.dtype == np.bool_ and array.shape == (count,):
        return np.flatnonzero(array).astype(np.int64)
    if not array.size:
        return np.empty(0, np.int64)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise LatentTypeError(
            f"{what} is an array of {array.dtype} of shape {array.shape}; expected rows of latents "
            f"as whole numbers, or a mask of shape ({count},)."
        )
    rows = np.unique(array).astype(np.int64)
    if rows[0] < 0 or rows[-1] >= count:
        raise LatentValueError(
            f"{what} goes from row {rows[0]} to {rows[-1]}; there are {count} latents, from row 0."
        )
    return rows


class HasLatents(Protocol):
    """A map: what it shows are latents, and labels of them by name."""

    labels: Any

    @property
    def latents(self) -> NDArray[np.float32]:
        """The latents, ``(n, *latent_shape)``."""


def direction_between(
    chart: HasLatents,
    first: ArrayLike,
    second: ArrayLike,
    *,
    name: str = "difference",
    shuffles: int = 199,
    bootstraps: int = 50,
    seed: int = 0,
) -> Direction:
    """Find the direction that leads from some of the latents to others.

    What was selected by where it lies on the map can always be told apart by where it lies: a score
    of that would be circular, and there is none (``method`` is "selection"). The evidence says how
    many sigmas lead from one selection to the other. Only where each of the two holds all latents
    of one class of a label, or of all its other classes, a finding is tested, and it is scored as
    by `difference_directions`. `score_directions` scores the direction on another label, or on
    latents that the selection did not see; `measure_effects` measures what is decoded along it. For
    groups that come from elsewhere, call `difference_directions` itself.

    Parameters
    ----------
    first, second : array_like
        Two selections: rows of latents, or a mask over all of them.
    name : str
        What to call it.
    shuffles, bootstraps, seed
        As of `difference_directions`. Nothing is shuffled where there is no score.

    Returns
    -------
    Direction
        With its evidence; a score is of five folds, or as many as the smaller selection fills.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one of them is empty, a latent is in both, or there are too few to judge it by.
    """
    latents = chart.latents
    start, end = (
        rows_in(given, len(latents), f"the {what} selection")
        for what, given in (("first", first), ("second", second))
    )
    for what, rows in (("first", start), ("second", end)):
        if len(rows) < 2:
            held = "holds one latent" if len(rows) else "is empty"
            raise LatentValueError(
                f"the {what} selection {held}; expected two or more. Select some latents first."
            )
    both = np.intersect1d(start, end)
    if len(both):
        raise LatentValueError(
            f"{listed(both)} of the latents are in both selections. Leave them out of one."
        )
    if not any(_are_classes(labels, start, end) for labels in (chart.labels or {}).values()):
        return direction_by_selection(
            latents[start], latents[end], name=name, bootstraps=bootstraps, seed=seed
        )
    folds = max(2, min(FOLDS, len(start), len(end)))
    found = difference_directions(
        latents[end],
        other=latents[start],
        name=name,
        folds=folds,
        shuffles=shuffles,
        bootstraps=bootstraps,
        seed=seed,
    )
    return found[0]


def _are_classes(labels: NDArray[Any], *selections: NDArray[np.int64]) -> bool:
    """Say whether each selection is one class of a label, or all of its other classes.

    Then the label says what is selected, whatever it was selected with.
    """
    known = np.flatnonzero(~missing_in(labels))
    numbers: dict[Any, int] = {}
    try:
        codes = [numbers.setdefault(label, len(numbers)) for label in labels[known].tolist()]
    except TypeError:  # labels that cannot be told apart by their hash are no classes
        return False
    classes = np.full(len(labels), -1)
    classes[known] = codes
    for rows in selections:
        held = np.unique(classes[rows])
        single = len(held) == 1 or len(held) == len(numbers) - 1
        if held[0] < 0 or not single or np.isin(classes, held).sum() != len(rows):
            return False
    return True
