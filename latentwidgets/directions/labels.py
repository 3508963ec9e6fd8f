"""Labels in any form that people have them in, read as attributes of the latents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_one_of
from latentwidgets.common.wording import brief, hint, said
from latentwidgets.directions.columns import (
    columns_in,
    distinct_in,
)
from latentwidgets.errors import LatentValueError, LatentWidgetsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "KINDS",
    "Attribute",
    "Unusable",
    "attributes_in",
    "check_names",
    "kind_of",
    "read_columns",
]

KINDS = ("binary", "classes", "continuous")
# Whole numbers of up to so many distinct values name classes; of more, they are amounts.
MOST_CLASSES = 20
# A column of more classes than this, such as file names, is not probed.
MOST_PROBED = 100
# Beyond this, and below its inverse, squares of float64 numbers overflow or are lost.
EXTREME = 1e100


@dataclass(frozen=True)
class Attribute:
    """What latents have or not, such as a smile, or have more or less of, such as age.

    It is what one direction is found for.

    Attributes
    ----------
    name : str
        What it is called, and so its direction.
    rows : ndarray of int, shape (m,)
        Indices of the latents whose label is known.
    values : ndarray, shape (m,)
        The labels of these: bool where a latent has the attribute or not, else float64.
    counts : dict of str to int
        How many labels there are: {"positive": ..., "negative": ...} for a binary attribute,
        {"samples": m} for any other.
    classes : ndarray of int, shape (m,), or None
        Of one class of three or more the numbers of all of them, from 0.
    """

    name: str
    rows: NDArray[np.intp]
    values: NDArray[Any]
    counts: dict[str, int]
    classes: NDArray[np.intp] | None = None

    @property
    def is_binary(self) -> bool:
        """Whether a latent has it or not, rather than more or less of it."""
        return self.values.dtype == np.bool_

    @property
    def rarest(self) -> str:
        """The name in `counts` of what there are fewest of."""
        return min(self.counts, key=lambda what: self.counts[what])

    def too_few(self, folds: int) -> Unusable | None:
        """Say that there are too few labels for cross-validation; None where there are enough.

        Parameters
        ----------
        folds : int
            The number of folds. Each needs a sample of either class, or two amounts.
        """
        needed = folds if self.is_binary else 2 * folds
        for what, count in self.counts.items():
            if count < needed:
                noun = f"{what} sample{'s' * (count != 1)}" if self.is_binary else "labels"
                return Unusable(
                    f"has {count} {noun}; {folds} folds need {needed}",
                    "Label more, or pass a smaller folds=, at least 2.",
                )
        return None


@dataclass(frozen=True)
class Unusable:
    """Why a column of labels, or an attribute of it, cannot be used, and what to do about it.

    Attributes
    ----------
    reason, way : str
        "holds infinity", and a sentence.
    """

    reason: str
    way: str


def attributes_in(labels: object, n: int, kind: object = None) -> list[Attribute]:
    """Read labels as attributes.

    Parameters
    ----------
    labels : mapping, DataFrame, Series or array_like
        Labels by name; or an array, ``(n,)`` or ``(n, columns)``, whose columns get names.
    n : int
        How many latents there are.
    kind : {"binary", "classes", "continuous"} or mapping of name to one, optional
        What the labels are. If None, their dtype decides: truth values, and any two distinct
        values, are binary; texts are classes; whole numbers are classes where at most 20 are
        distinct; other numbers are continuous. Floats count as whole numbers where some are
        missing and all others are whole.

    Returns
    -------
    list of Attribute
        One for each binary or continuous label, and one for each class.

    Raises
    ------
    LatentTypeError, LatentValueError
        If labels cannot be used.
    """
    found: list[Attribute] = []
    for name, read in read_columns(labels, n, kind):
        if isinstance(read, LatentWidgetsError):
            raise read
        if isinstance(read, Unusable):
            raise LatentValueError(f"{brief(name)} {read.reason}. {read.way}")
        found += read
    check_names(found)
    return found


def read_columns(
    labels: object, n: int, kind: object = None, *, most: int | None = None
) -> list[tuple[str, list[Attribute] | Unusable | LatentWidgetsError]]:
    """Read each column of labels, alone.

    Parameters
    ----------
    labels, n, kind
        As `attributes_in` takes them.
    most : int, optional
        How many classes a column of texts may have; 100 if None.

    Returns
    -------
    list of tuple
        Of each column its name, and its attributes or why it has none: what reading it raised,
        where it cannot be read at all.

    Raises
    ------
    LatentTypeError, LatentValueError
        If labels are no columns, one of them has not a label for each latent, or kind is wrong.
    """
    unread: dict[str, LatentWidgetsError] = {}
    columns = columns_in(labels, unread)
    kinds: dict[str, Any] = (
        dict(kind) if isinstance(kind, Mapping) else dict.fromkeys([*columns, *unread], kind)
    )
    for name, one in kinds.items():
        if name not in columns and name not in unread:
            raise LatentValueError(
                f"kind names {brief(name)}, which is no label. {hint(name, [*columns])}"
            )
        if one is not None:
            check_one_of(one, "kind", KINDS)
    for name, values in columns.items():
        if values.shape != (n,):
            raise LatentValueError(
                f"labels {brief(name)} have shape {values.shape}; there are {n} latents. Give one "
                "label for each, NaN or None where it is missing."
            )
    found: list[tuple[str, list[Attribute] | Unusable | LatentWidgetsError]] = [
        (name, _attributes(name, values, kinds.get(name), most or MOST_PROBED))
        for name, values in columns.items()
    ]
    return found + [*unread.items()]


def check_names(attributes: list[Attribute]) -> None:
    """Refuse attributes two of which have one name."""
    names = [one.name for one in attributes]
    for name in names:
        if names.count(name) > 1:
            raise LatentValueError(f"two directions would be called {brief(name)}. Rename a label.")


def _attributes(
    name: str, values: NDArray[Any], kind: str | None, most: int
) -> list[Attribute] | Unusable | LatentValueError:
    """Read one column of labels: as one attribute, or as one for each of its classes."""
    try:
        rows, present, distinct, numbers = distinct_in(values, brief(name))
    except LatentValueError as error:
        return error
    if not len(rows):
        return Unusable("has no label that is not missing", "Label some.")
    kind = kind or kind_of(present, distinct)
    amounts = present
    if kind == "continuous":
        try:
            with np.errstate(over="ignore"):
                amounts = present.astype(np.float64)
        except (TypeError, ValueError) as error:
            return Unusable(f"has no numbers: {said(error)}", "Give numbers.")
        if not np.isfinite(amounts).all():
            return Unusable("holds infinity", "Make those NaN, or leave them out.")
        if len(distinct) > 1 and amounts.max() == amounts.min():
            why = f"has values around {amounts[0]:g} that float64 cannot tell apart"
            return Unusable(why, "Subtract their mean first.")
    if len(distinct) < 2:
        one = distinct[0].item() if isinstance(distinct[0], np.generic) else distinct[0]
        return Unusable(
            f"is {brief(one)} everywhere; a direction needs two values", "Label others."
        )
    if kind == "continuous":
        if not 1 / EXTREME < np.abs(amounts).max() < EXTREME:
            return Unusable(
                f"reaches from {amounts.min():g} to {amounts.max():g}: their squares cannot be "
                "computed",
                "Give it in another unit.",
            )
        return [Attribute(name, rows, amounts, {"samples": len(rows)})]
    if kind == "binary":
        if len(distinct) != 2:
            return Unusable(
                f"has {len(distinct):,} values; binary labels have two",
                'Pass kind="classes" or kind="continuous".',
            )
        positive = distinct[1]
        named = distinct.dtype == object or tuple(distinct) not in ((0, 1), (-1, 1))
        title = f"{name}: {positive}" if named else name
        return [_binary(title, rows, present == positive)]
    if len(distinct) > most:
        return Unusable(
            f"has {len(distinct):,} classes, more than {most}",
            "Group them, or pass one class at a time: labels == value.",
        )
    return [
        _binary(f"{name}: {value}", rows, present == value, numbers if len(distinct) > 2 else None)
        for value in distinct
    ]


def _binary(
    name: str,
    rows: NDArray[np.intp],
    positive: NDArray[Any],
    classes: NDArray[np.intp] | None = None,
) -> Attribute:
    """Make an attribute that the latents in `rows` have where `positive` is true."""
    values = np.asarray(positive, bool)
    yes = int(values.sum())
    counts = {"positive": yes, "negative": len(rows) - yes}
    return Attribute(name, rows, values, counts, classes)


def kind_of(present: NDArray[Any], distinct: NDArray[Any]) -> str:
    """Decide what labels are.

    Parameters
    ----------
    present : ndarray
        The labels that are not missing.
    distinct : ndarray
        Their distinct values.

    Returns
    -------
    {"binary", "classes", "continuous"}
        As `attributes_in` decides where no kind is given.
    """
    if present.dtype == np.bool_ or len(distinct) == 2:
        return "binary"
    if present.dtype == object:
        return "classes"
    whole = present.dtype.kind in "iu"
    return "classes" if whole and len(distinct) <= MOST_CLASSES else "continuous"
