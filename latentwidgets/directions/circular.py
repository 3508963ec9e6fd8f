"""Labels that were made from the latents themselves: their scores are no evidence."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.directions.copies import is_given_by_one, is_written_in_one, lie_along
from latentwidgets.directions.cuts import are_nearest_means, is_border, is_cut
from latentwidgets.directions.labels import Attribute
from latentwidgets.directions.samples import fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.directions.direction import Direction
    from latentwidgets.directions.samples import Data

__all__ = [
    "CircularDoubts",
    "fitted_doubt",
    "found_by",
    "labelled_by",
    "labels_doubt",
    "selected_by",
    "step_doubt",
]

# Along so many components cuts are looked for: selections on a map are cut along the first two.
COMPONENTS = 8
# So many are mixed where a plane is looked for.
MIXED = 64
# Of wider latents the components would take longer than the rest.
WIDEST = 1024
# With fewer samples of a class next to it, a cut that tells the classes apart may well be found by
# chance.
FEWEST = 8
# A label that correlates more than this with a number of the latents is that number.
SAME = 1 - 1e-6


class CircularDoubts:
    """Says which labels look as if they were made from the latents.

    What is the same for the classes of a column is computed once.

    Parameters
    ----------
    rows : ndarray
        All latents, centred and flat, ``(n, latent_size)``.

    Examples
    --------
    >>> from latentwidgets.directions.labels import attributes_in
    >>> rows = np.random.default_rng(0).normal(size=(1000, 3))
    >>> [cut] = attributes_in(rows[:, 1] > 0.8, 1000)
    >>> CircularDoubts(rows).of(cut)[:49]
    'One number of the latents alone tells these label'
    """

    def __init__(self, rows: NDArray[np.floating]) -> None:
        self._rows = rows
        self._places: NDArray[np.intp] | None = None
        self._classes: NDArray[np.intp] | None = None
        self._written_classes: NDArray[Any] | None = None

    def of(self, attribute: Attribute) -> str | None:
        """Say that labels look as if they were made from the latents; None where they do not.

        Parameters
        ----------
        attribute : Attribute
            The labels.

        Returns
        -------
        str or None
            Binary labels: where a cut along one number of the latents, or along one of their first
            principal components, tells the two classes apart without an error, or a plane that
            stands on a weighted sum of 64 of them does, right next to which latents lie on both
            sides. Classes: where one number has a value for each, or latents have that of the
            nearest mean, and many lie between two.
            Amounts: where they are such a number, or a smooth function of it but for a spread of
            about a hundredth of their own, or a weighted sum of the numbers, up to rounding; not
            where all numbers are such functions of them, as of pictures of one thing that moves.
        """
        if min(attribute.counts.values()) < FEWEST:
            return None
        self._look_at(attribute.rows)
        some, values = self._some, attribute.values
        binary = attribute.is_binary
        what = "tells these labels apart without an error" if binary else "is these labels"
        columns = [some] if self._axes is None else [some, self._along]
        classes = values if binary else None
        if attribute.classes is not None:
            classes = attribute.classes
        if _is_made_of(columns, values):
            found = f"One number of the latents alone {what}"
            such = "a selection on a map is" if binary else "a readout is"
        elif (
            classes is not None
            and min(attribute.counts.values()) >= _fewest(some.shape[1])
            and self._is_written_in_one(classes)
        ):
            found, such = "One number of the latents alone is these labels", "a copy of it is"
        elif (
            not binary
            and any(is_given_by_one(one, values) for one in columns)
            and not lie_along(some, values)
        ):
            found, such = "One number of the latents alone gives these labels", "a readout is"
        elif (
            not binary
            and _is_mixed_of(some, values)
            # Of a smooth curve some weighted sum comes as close to what moves along it.
            and not lie_along(some, values, closely=True)
        ):
            found, such = f"A weighted sum of the numbers of the latents {what}", "a readout is"
        elif attribute.classes is not None and self._are_nearest_means(attribute.classes):
            found = (
                "Latents have the class of the nearest mean, even those that lie almost as near to "
                "another"
            )
            such = "clusters are"
        elif binary and self._axes is not None and is_cut(some, self._axes, values):
            found = (
                f"A weighted sum of the numbers of the latents {what}, and many latents of both "
                "lie right next to the border"
            )
            such = "a cut through them is"
        else:
            return None
        return (
            f"{found}. If they were made from the latents, as {such}, or the latents from them, "
            "the score is by construction and says nothing."
        )

    def _look_at(self, places: NDArray[np.intp]) -> None:
        """Choose rows, and find their components."""
        if self._places is not None and np.array_equal(places, self._places):
            return
        self._places, self._classes, self._written_classes = places, None, None
        self._some = self._rows if len(places) == len(self._rows) else self._rows[places]
        self._axes: NDArray[np.float64] | None = None
        if self._some.shape[1] <= WIDEST:
            self._axes = _first_components(self._some)
            self._along = self._some @ self._axes[:, :COMPONENTS]

    def _is_written_in_one(self, classes: NDArray[Any]) -> bool:
        if classes is not self._written_classes:
            self._written = is_written_in_one(self._some, classes)
            self._written_classes = classes
        return self._written

    def _are_nearest_means(self, classes: NDArray[np.intp]) -> bool:
        if classes is not self._classes:
            self._classes, self._nearest = classes, are_nearest_means(self._some, classes)
        return self._nearest


def labels_doubt(
    rows: NDArray[np.floating],
    name: str,
    values: NDArray[Any],
    classes: int,
    *,
    places: NDArray[np.intp] | None = None,
) -> str | None:
    """Do as `CircularDoubts` does for labels as a whole: for all of their classes.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``.
    name : str
        What the labels are called.
    values : ndarray
        Of classes their numbers from 0, of others amounts: ``(n,)``.
    classes : int
        How many classes there are; 0 of amounts.
    places : ndarray, optional
        The rows that have these labels; all if None.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(1000, 3))
    >>> labels_doubt(rows, "side", (rows[:, 1] > 0.8).astype(int), 2)[:42]
    'One number of the latents alone tells thes'
    """
    doubts = CircularDoubts(rows - rows.mean(axis=0, dtype=np.float64))
    every = np.arange(len(rows)) if places is None else places
    if not classes:
        return doubts.of(Attribute(name, every, values, {"samples": len(every)}))
    counts = np.bincount(values, minlength=classes)
    column = values if classes > 2 else None
    for one in range(1 if classes == 2 else classes):
        number = {"positive": int(counts[one]), "negative": len(every) - int(counts[one])}
        doubt = doubts.of(Attribute(name, every, values == one, number, column))
        if doubt is not None:
            return doubt
    return None


def labelled_by(data: Data, attribute: Attribute) -> str:
    """Give the fingerprint of labels and of the latents that they are of, whatever is 1 and what 0.

    Examples
    --------
    >>> from latentwidgets.directions.labels import attributes_in
    >>> from latentwidgets.directions.samples import Data
    >>> data, cut = Data([[1.0], [2.0], [3.0]]), np.array([True, False, False])
    >>> [one], [other] = attributes_in(cut, 3), attributes_in(~cut, 3)
    >>> labelled_by(data, one) == labelled_by(data, other)
    True
    """
    values = attribute.values
    if values.dtype == np.bool_ and len(values) and not values[0]:
        values = ~values
    latents = np.frombuffer(data.fingerprint.encode(), np.uint8)
    return fingerprint(latents, values, attribute.rows)


def selected_by(selected: NDArray[np.floating]) -> str:
    """Give the fingerprint of the latents of a selection, in whatever order.

    Examples
    --------
    >>> selected_by(np.eye(2)) == selected_by(np.eye(2)[::-1])
    True
    """
    flat = np.ascontiguousarray(np.reshape(selected, (len(selected), -1)), np.float32)
    rows = sorted(hashlib.blake2b(row, digest_size=16).digest() for row in flat)
    return fingerprint(np.frombuffer(b"".join(rows), np.uint8), np.array(flat.shape))


def found_by(about: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Add to a provenance what a direction was found by, as `fitted_doubt` looks for it."""
    return {**about, "parameters": {**about["parameters"], "found_by": [*names]}}


def fitted_doubt(
    direction: Direction, latents: NDArray[np.floating], data: Data, attribute: Attribute
) -> str | None:
    """Say that a direction was found by these very labels of these latents; None if it was not.

    All of the latents in this order are recognised, in any dtype; some of them are not.

    Parameters
    ----------
    direction : Direction
        What is to be scored.
    latents : ndarray
        The latents that it is scored on, ``(n, *latent_shape)``.
    data : Data
        The same.
    attribute : Attribute
        The labels.

    Returns
    -------
    str or None
        What to warn of: what a direction is fitted to says nothing of how well it does elsewhere.
    """
    parameters = direction.provenance.get("parameters", {})
    known = [*parameters.get("found_by", ())] if isinstance(parameters, Mapping) else []
    if not known:
        return None
    own = {labelled_by(data, attribute)}
    if attribute.is_binary and direction.method == "selection":
        some = latents[attribute.rows]
        own |= {selected_by(some[attribute.values]), selected_by(some[~attribute.values])}
    if own.isdisjoint(known):
        return None
    return (
        "It was found by these very labels of these latents: the score is of what it was fitted "
        "to, and says nothing of others. Score it on latents that it has not seen."
    )


def step_doubt(steps: NDArray[np.float64], first: Data) -> str | None:
    """Say that all pairs differ by one step, as of latents that were moved; None if they do not.

    Parameters
    ----------
    steps : ndarray
        The differences of the pairs, ``(n, latent_size)``.
    first : Data
        The first latents of the pairs.

    Examples
    --------
    >>> from latentwidgets.directions.samples import Data
    >>> pairs = Data(np.eye(3))
    >>> step_doubt(np.ones((3, 3)), pairs)[:31], step_doubt(np.eye(3), pairs)
    ('All pairs differ by the very sa', None)
    """
    extent = np.abs(first.rows).max() + np.abs(first.shift).max() + np.abs(steps).max()
    rounding = 4 * float(np.finfo(first.rows.dtype).eps) * float(extent)
    if len(steps) < 2 or float(np.ptp(steps, axis=0).max()) > rounding:
        return None
    return (
        "All pairs differ by the very same step. If the second latents were made by moving the "
        "first, the score is by construction and says nothing."
    )


def _is_made_of(tables: list[NDArray[np.floating]], values: NDArray[Any]) -> bool:
    """Tell whether values are a cut along a column of a table, or such a column itself."""
    if values.dtype == np.bool_:
        fewest = _fewest(sum(one.shape[1] for one in tables))
        return any(_is_cut_along(one[values], one[~values], fewest) for one in tables)
    return any(_is_a_column_of(one, values) for one in tables)


def _fewest(columns: int) -> int:
    """Give how many samples of a class are enough, of so many columns, for no chance to tell it."""
    return FEWEST + math.ceil(math.log2(columns))


def _is_cut_along(yes: NDArray[np.floating], no: NDArray[np.floating], fewest: int) -> bool:
    above, below = yes.min(axis=0) > no.max(axis=0), yes.max(axis=0) < no.min(axis=0)
    return any(is_border(yes[:, i], no[:, i], fewest) for i in np.flatnonzero(above | below))


def _is_a_column_of(columns: NDArray[np.floating], values: NDArray[Any]) -> bool:
    level = values.astype(np.float64) - values.mean(dtype=np.float64)
    centred = columns - columns.mean(axis=0, dtype=np.float64)
    norms = np.linalg.norm(centred, axis=0) * np.linalg.norm(level)
    along = np.abs(level @ centred)
    return bool((along > SAME * norms)[norms > 0].any())


@one_blas_thread()
def _is_mixed_of(rows: NDArray[np.floating], values: NDArray[Any]) -> bool:
    """Tell whether amounts are a weighted sum of the columns, and of so few that this tells."""
    if len(rows) < 2 * rows.shape[1] + FEWEST or rows.shape[1] > WIDEST:
        return False
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    level = values.astype(np.float64) - values.mean(dtype=np.float64)
    # Some of the rows are enough to refuse nearly all labels, and to find the weights.
    some = slice(None, None, max(1, len(rows) // (4 * rows.shape[1] + FEWEST)))
    weights = np.linalg.lstsq(centred[some], level[some], rcond=None)[0]
    for part in (some, slice(None)):
        left = level[part] - centred[part] @ weights
        if left @ left > (1 - SAME) * (level[part] @ level[part]):
            return False
    return True


@one_blas_thread()
def _first_components(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the first principal components of rows that vary, as columns, ``(latent_size, k)``."""
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    spreads, vectors = np.linalg.eigh(centred.T @ centred)
    kept = spreads > 1e-10 * spreads[-1]
    return np.asarray(vectors[:, kept][:, ::-1][:, :MIXED])
