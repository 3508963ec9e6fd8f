"""Columns of labels, of any table or array, by name; and what in them is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.attributes import attribute, has
from latentwidgets.common.checks import check_container, detached
from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import brief, raised, said, short
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "NO_LABEL",
    "columns_in",
    "distinct_in",
    "is_missing",
    "missing_in",
    "plain_values",
    "present_in",
    "readable_columns",
    "whole_values",
    "worded",
    "worded_twice",
]

# What a missing label is called, wherever people read it.
NO_LABEL = "no label"


def columns_in(
    labels: object, unread: dict[str, LatentWidgetsError] | None = None
) -> dict[str, NDArray[Any]]:
    """Give the columns of labels by name.

    Parameters
    ----------
    labels : mapping, DataFrame, Series or array_like
        As `labels.attributes_in` takes them.
    unread : dict, optional
        Where each column is judged alone: gets those that cannot be read, each with its error,
        which is raised if None.

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
    elif has(labels, "columns"):
        frame: Any = labels
        pairs = [(name, frame[name]) for name in frame.columns]
    else:
        name = str(attribute(labels, "name") or "label")
        array = _array(labels, name)
        pairs = [(name, array)]
        if array.ndim == 2:
            pairs = [(f"label {i}", array[:, i]) for i in range(array.shape[1])]
    columns: dict[str, NDArray[Any]] = {}
    refused: dict[str, LatentWidgetsError] = {}
    for name, values in pairs:
        try:
            columns[str(name)] = _array(values, str(name))
        except LatentWidgetsError as error:
            if unread is None:
                raise
            refused[str(name)] = error
    names = [*columns, *refused]
    if not names:
        raise LatentValueError("there are no labels; expected at least one.")
    if not all(name.strip() for name in names):
        raise LatentValueError("a label has an empty name. Name it: {'smile': labels}.")
    if len({*names}) < len(pairs):
        raise LatentValueError("two labels have one name. Rename one of them.")
    if unread is not None:
        unread |= refused
    return columns


def readable_columns(labels: object) -> dict[str, NDArray[Any]]:
    """Give the columns of labels that can be read; one warning names the others.

    Raises
    ------
    LatentTypeError, LatentValueError
        As `columns_in`; or if none can be read.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as said:
    ...     warnings.simplefilter("always")
    ...     list(readable_columns({"pet": ["cat", "dog"], "phase": [1j, 2j]}))
    ['pet']
    >>> str(said[0].message)[:53]
    "Left out: labels 'phase' are an array of complex128; "
    """
    unread: dict[str, LatentWidgetsError] = {}
    columns = columns_in(labels, unread)
    if not columns:
        raise next(iter(unread.values()))
    if unread:
        warn_caller(f"Left out: {'; '.join(error.clause for error in unread.values())}.")
    return columns


def _array(values: Any, name: str) -> NDArray[Any]:
    """Make an array of one column of labels.

    Masked labels become None, and texts stay objects: an array of texts would cut those longer
    than its first ones, and turn NaN among them into the text "nan".
    """
    values = detached(values, f"labels {brief(name)}")
    if isinstance(values, np.ma.MaskedArray):
        values, masked = values.data.astype(object), np.ma.getmaskarray(values)
        values[masked] = None
    check_container(values, f"labels {brief(name)}")
    try:
        array = np.asarray(values)
    except Exception as error:  # an object's own `__array__` may raise anything
        raise LatentValueError(
            f"labels {brief(name)} are no array: {said(error)}", way="Give one a latent."
        ) from error
    if array.dtype.kind in "mM":  # dates and spans of time are read as texts
        texts = array.astype(str).astype(object)
        texts[np.isnat(array)] = None
        return texts
    if array.dtype.kind not in "biufOUS":
        raise LatentTypeError(
            f"labels {brief(name)} are an array of {array.dtype}; expected truth values, numbers "
            "or texts",
            way="Convert them first.",
        )
    if array.dtype.kind not in "US":
        return array
    return array.astype(object) if isinstance(values, np.ndarray) else np.array(values, object)


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
    return np.array([is_missing(value) for value in values.ravel()], bool).reshape(values.shape)


def is_missing(value: Any) -> bool:
    """Say whether a label is missing."""
    # NaN and NaT, of whatever type, are not equal to themselves. pandas' NA, compared with itself,
    # gives NA again, which has no truth value: it is known by the name of its type.
    if value is None or type(value).__name__ == "NAType":
        return True
    try:
        return bool(value != value)
    except Exception:  # a value of the person's own class may raise anything: it is there
        return False


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


def present_in(values: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Give which labels of a column are not missing, and these.

    Examples
    --------
    >>> rows, present = present_in(np.array([2, None, 1], object))
    >>> rows.tolist(), present.tolist()
    ([0, 2], [2, 1])
    """
    rows = np.flatnonzero(~missing_in(values))
    present = plain_values(values[rows])
    return rows, whole_values(present) if len(rows) < len(values) else present


def distinct_in(
    values: NDArray[Any],
    what: str,
    *,
    mixed: type[LatentWidgetsError] = LatentValueError,
) -> tuple[NDArray[np.intp], NDArray[Any], NDArray[Any], NDArray[np.intp]]:
    """Give the labels of a column that are there, and the values that they have.

    Parameters
    ----------
    values : ndarray
        As `columns_in` gives them, ``(n,)``.
    what : str
        What the column is called in an error.
    mixed : type
        The error where labels are of several types.

    Returns
    -------
    rows : ndarray of int
        Which labels are not missing, ``(m,)``.
    present : ndarray
        These, as numbers or truth values where all of them are, ``(m,)``.
    distinct : ndarray
        The values that there are, in order.
    numbers : ndarray of int
        Of each of `present` which value it has, ``(m,)``.

    Raises
    ------
    LatentValueError
        If labels cannot be put in order: they are of several types, unless `mixed` is another
        error, or of one that has no order or raises as it is compared.

    Examples
    --------
    >>> rows, present, distinct, numbers = distinct_in(np.array([2, None, 1], object), "'age'")
    >>> rows.tolist(), present.tolist(), distinct.tolist(), numbers.tolist()
    ([0, 2], [2, 1], [1, 2], [1, 0])
    """
    rows, present = present_in(values)
    try:
        distinct, numbers = np.unique(present, return_inverse=True)
    except MemoryError:
        raise
    except Exception as error:  # labels of the person's own class may raise anything
        types = sorted({type(value).__name__ for value in present.tolist()})
        if isinstance(error, TypeError) and len(types) > 1:
            raise mixed(
                f"{what} has labels of several types, {short(types[0])} and {short(types[-1])}",
                way="Make them one.",
            ) from error
        raise LatentValueError(
            f"{what} has labels that cannot be compared: {raised(error)}",
            way="Give texts, truth values or numbers.",
        ) from error
    return rows, present, distinct, numbers.ravel()


def whole_values(present: NDArray[Any]) -> NDArray[Any]:
    """Turn floats into whole numbers where all of them are.

    Whole numbers some of which are missing come as floats, since NaN is a float.
    """
    if present.dtype.kind != "f" or np.abs(present).max(initial=0) > 2**53:
        return present
    whole = present.astype(np.int64)
    return whole if np.array_equal(whole, present) else present


def worded(value: Any) -> str:
    """Write a label, without digits that nobody can tell apart.

    Examples
    --------
    >>> worded(41.017578125), worded("cat"), worded(np.int64(7)), worded(np.nan)
    ('41.0176', 'cat', '7', 'no label')
    """
    if is_missing(value):
        return NO_LABEL
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)


def worded_twice(value: Any) -> tuple[str, ...]:
    """Write a label as it is compared with others, and whole where that is longer.

    Of numbers a person compares three digits, or all of those before the point. A text stays as it
    is: "2021.05" is no number.

    Examples
    --------
    >>> worded_twice(41.017578125), worded_twice(1234.56), worded_twice(0.5), worded_twice("1.10")
    (('41', '41.0176'), ('1235', '1234.56'), ('0.5',), ('1.10',))
    """
    whole = worded(value)
    if whole == NO_LABEL or not isinstance(value, (float, np.floating)):
        return (whole,)
    number = float(whole)
    short = f"{number:.0f}" if 100 <= abs(number) < 1e6 else f"{number:.3g}"
    return (whole,) if short == whole else (short, whole)
