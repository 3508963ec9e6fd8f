"""Labels in any form that people have them in, read as attributes of the latents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_container, hint
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "KINDS",
    "Attribute",
    "attributes_in",
    "columns_in",
    "kind_of",
    "missing_in",
    "plain_values",
]

KINDS = ("binary", "classes", "continuous")
# Whole numbers of up to so many distinct values name classes; of more, they are amounts.
MOST_CLASSES = 20
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
    """

    name: str
    rows: NDArray[np.intp]
    values: NDArray[Any]
    counts: dict[str, int]

    @property
    def is_binary(self) -> bool:
        """Whether a latent has it or not, rather than more or less of it."""
        return self.values.dtype == np.bool_

    @property
    def rarest(self) -> str:
        """The name in `counts` of what there are fewest of."""
        return min(self.counts, key=lambda what: self.counts[what])

    def check_folds(self, folds: int) -> None:
        """Refuse too few labels for cross-validation.

        Parameters
        ----------
        folds : int
            The number of folds. Each needs a sample of either class, or two amounts.

        Raises
        ------
        LatentValueError
            If there are fewer.
        """
        needed = folds if self.is_binary else 2 * folds
        for what, count in self.counts.items():
            if count < needed:
                noun = f"{what} sample{'s' * (count != 1)}" if self.is_binary else "labels"
                raise LatentValueError(
                    f"{self.name!r} has {count} {noun}; {folds} folds need {needed}. Label more, "
                    "or pass a smaller folds=, at least 2."
                )


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
    columns = columns_in(labels)
    kinds: dict[str, Any] = (
        dict(kind) if isinstance(kind, Mapping) else dict.fromkeys(columns, kind)
    )
    for name, one in kinds.items():
        if name not in columns:
            raise LatentValueError(
                f"kind names {name!r}, which is no label. {hint(name, [*columns])}"
            )
        if one is not None and one not in KINDS:
            known = ", ".join(map(repr, KINDS))
            raise LatentValueError(f"kind is {one!r}; expected one of {known}.")
    found: list[Attribute] = []
    for name, values in columns.items():
        if values.shape != (n,):
            raise LatentValueError(
                f"labels {name!r} have shape {values.shape}; there are {n} latents. Give one label "
                "for each, NaN or None where it is missing."
            )
        found += _attributes(name, values, kinds.get(name))
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise LatentValueError(f"two directions would be called {name!r}. Rename a label.")
    return found


def columns_in(labels: object) -> dict[str, NDArray[Any]]:
    """Give the columns of labels by name.

    Parameters
    ----------
    labels : mapping, DataFrame, Series or array_like
        As `attributes_in` takes them.

    Returns
    -------
    dict of str to ndarray
        Truth values, numbers, or objects: texts are objects, and so are labels some of which are
        masked; these are None.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there are none, they are something else, or their names cannot be told apart.

    Examples
    --------
    >>> columns_in(["cat", "dog"])
    {'label': array(['cat', 'dog'], dtype=object)}
    """
    if labels is None:
        raise LatentTypeError("labels are None; expected a mapping, a DataFrame or an array.")
    if isinstance(labels, Mapping):
        pairs = list(labels.items())
    elif hasattr(labels, "columns"):
        frame: Any = labels
        pairs = [(name, frame[name]) for name in frame.columns]
    else:
        name = str(getattr(labels, "name", None) or "label")
        array = _array(labels, name)
        pairs = [(name, array)]
        if array.ndim == 2:
            pairs = [(f"label {i}", array[:, i]) for i in range(array.shape[1])]
    columns = {str(name): _array(values, str(name)) for name, values in pairs}
    if not columns:
        raise LatentValueError("there are no labels; expected at least one.")
    if not all(name.strip() for name in columns):
        raise LatentValueError("a label has an empty name. Name it: {'smile': labels}.")
    if len(columns) < len(pairs):
        raise LatentValueError("two labels have one name. Rename one of them.")
    return columns


def _array(values: Any, name: str) -> NDArray[Any]:
    """Make an array of one column of labels.

    Masked labels become None, and texts stay objects: an array of texts would cut those longer
    than its first ones, and turn NaN among them into the text "nan".
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    if isinstance(values, np.ma.MaskedArray):
        values, masked = values.data.astype(object), np.ma.getmaskarray(values)
        values[masked] = None
    check_container(values, f"labels {name!r}")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise LatentValueError(
            f"labels {name!r} are no array: {error}. Give one a latent."
        ) from error
    if array.dtype.kind not in "biufOUS":
        raise LatentTypeError(
            f"labels {name!r} are an array of {array.dtype}; expected truth values, numbers or "
            "texts. Convert them first."
        )
    if array.dtype.kind not in "US":
        return array
    return array.astype(object) if isinstance(values, np.ndarray) else np.array(values, object)


def _attributes(name: str, values: NDArray[Any], kind: str | None) -> list[Attribute]:
    """Read one column of labels: as one attribute, or as one for each class."""
    rows = np.flatnonzero(~missing_in(values))
    present = plain_values(values[rows])
    if len(rows) < len(values):
        present = _whole(present)
    if not len(rows):
        raise LatentValueError(f"all labels {name!r} are missing. Leave them out, or label some.")
    try:
        distinct = np.unique(present)
    except TypeError as error:
        raise LatentTypeError(f"labels {name!r} are of several types. Make them one.") from error
    kind = kind or kind_of(present, distinct)
    if kind == "continuous":
        try:
            amounts = present.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise LatentTypeError(f"labels {name!r} are no numbers: {error}.") from error
        if not np.isfinite(amounts).all():
            raise LatentValueError(f"labels {name!r} hold infinity. Make those NaN, or leave out.")
        if len(distinct) < 2:
            raise LatentValueError(_one_value(name, distinct[0]))
        if not 1 / EXTREME < np.abs(amounts).max() < EXTREME:
            raise LatentValueError(
                f"labels {name!r} reach from {amounts.min():g} to {amounts.max():g}: their squares "
                "cannot be computed. Give them in another unit."
            )
        return [Attribute(name, rows, amounts, {"samples": len(rows)})]
    if len(distinct) < 2:
        raise LatentValueError(_one_value(name, distinct[0]))
    if kind == "binary":
        if len(distinct) != 2:
            raise LatentValueError(
                f"labels {name!r} have {len(distinct)} values; binary ones have two. Pass "
                'kind="classes" or kind="continuous".'
            )
        positive = distinct[1]
        named = distinct.dtype == object or tuple(distinct) not in ((0, 1), (-1, 1))
        title = f"{name}: {positive}" if named else name
        return [_binary(title, rows, present == positive)]
    return [_binary(f"{name}: {value}", rows, present == value) for value in distinct]


def _binary(name: str, rows: NDArray[np.intp], positive: NDArray[Any]) -> Attribute:
    """Make an attribute that the latents in `rows` have where `positive` is true."""
    values = np.asarray(positive, bool)
    yes = int(values.sum())
    return Attribute(name, rows, values, {"positive": yes, "negative": len(rows) - yes})


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


def missing_in(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Give the mask of labels that are missing: NaN, NaT, None or pandas' NA.

    Examples
    --------
    >>> missing_in(np.array(["cat", None, float("nan")], object)).tolist()
    [False, True, True]
    """
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype != object:
        return np.zeros(values.shape, bool)
    return np.array([_is_missing(value) for value in values.ravel()], bool).reshape(values.shape)


def _is_missing(value: Any) -> bool:
    # NaN and NaT, of whatever type, are not equal to themselves. pandas' NA, compared with itself,
    # gives NA again, which has no truth value: it is known by the name of its type.
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def plain_values(present: NDArray[Any]) -> NDArray[Any]:
    """Turn objects into numbers or truth values where all of them are.

    Labels some of which are missing come as objects, whatever the others are.

    Examples
    --------
    >>> plain_values(np.array([1, 2], object)).dtype.kind
    'i'
    """
    if present.dtype != object or any(isinstance(value, (str, bytes)) for value in present):
        return present
    try:
        array = np.array(present.tolist())
    except ValueError:
        return present
    return array if array.shape == present.shape and array.dtype.kind in "biuf" else present


def _whole(present: NDArray[Any]) -> NDArray[Any]:
    """Turn floats into whole numbers where all of them are.

    Whole numbers some of which are missing come as floats, since NaN is a float.
    """
    if present.dtype.kind != "f" or np.abs(present).max(initial=0) > 2**53:
        return present
    whole = present.astype(np.int64)
    return whole if np.array_equal(whole, present) else present


def _one_value(name: str, value: Any) -> str:
    """Say that all labels have one value, so that no direction can be found."""
    value = value.item() if isinstance(value, np.generic) else value
    return (
        f"labels {name!r} are all {value!r}; a direction needs at least two values. Leave them "
        "out, or label others."
    )
