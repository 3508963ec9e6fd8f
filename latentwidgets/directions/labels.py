"""Labels of any make: what is asked of the latents, and of which of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import hint
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "KINDS",
    "Question",
    "columns_in",
    "kind_of",
    "missing_in",
    "plain_values",
    "questions_in",
]

KINDS = ("binary", "classes", "continuous")
# Whole numbers with more distinct values than this are amounts, with fewer names of classes.
MOST_CLASSES = 20


@dataclass(frozen=True)
class Question:
    """One thing to ask of latents: which of two, or how much.

    Attributes
    ----------
    name : str
        What the direction will be called.
    rows : ndarray
        Which latents have a label: indices, ``(m,)``.
    values : ndarray
        bool ``(m,)`` where it is which of two, else float64 ``(m,)``.
    counts : dict
        How many samples there are, by class where there are classes.
    """

    name: str
    rows: NDArray[np.intp]
    values: NDArray[Any]
    counts: dict[str, int]

    @property
    def is_binary(self) -> bool:
        """Whether it asks which of two."""
        return self.values.dtype == np.bool_

    @property
    def rarest(self) -> str:
        """What there is least of."""
        return min(self.counts, key=lambda what: self.counts[what])

    def check_folds(self, folds: int) -> None:
        """Refuse fewer samples than folds need: one a fold of each class, or two amounts."""
        needed = folds if self.is_binary else 2 * folds
        for what, count in self.counts.items():
            if count < needed:
                noun = f"{what} sample{'s' * (count != 1)}" if self.is_binary else "labels"
                raise LatentValueError(
                    f"{self.name!r} has {count} {noun}; {folds} folds need {needed}. Label more, "
                    "or pass a smaller folds=, at least 2."
                )


def questions_in(labels: object, n: int, kind: object = None) -> list[Question]:
    """Read labels.

    Parameters
    ----------
    labels : mapping, DataFrame, Series or array_like
        By name; or the columns of an array, ``(n,)`` or ``(n, columns)``.
    n : int
        How many latents there are.
    kind : {"binary", "classes", "continuous"} or mapping of name to one, optional
        What labels are. If None their dtype says it: bool, or two values, are binary; texts are
        classes; whole numbers are classes up to 20 of them; other numbers are continuous. Floats
        of which some are missing are taken for whole numbers where all others are.

    Returns
    -------
    list of Question
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
            raise LatentValueError(f"kind is {one!r}; expected one of {_listed(KINDS)}.")
    found: list[Question] = []
    for name, values in columns.items():
        if values.shape != (n,):
            raise LatentValueError(
                f"labels {name!r} have shape {values.shape}; there are {n} latents. Give one label "
                "for each, NaN or None where it is missing."
            )
        found += _questions(name, values, kinds.get(name))
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise LatentValueError(f"two directions would be called {name!r}. Rename a label.")
    return found


def columns_in(labels: object) -> dict[str, NDArray[Any]]:
    """Give labels by name, as arrays; texts as arrays of objects."""
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
    """Make an array; what is masked becomes None, and texts objects: none is cut or made of NaN."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    if isinstance(values, np.ma.MaskedArray):
        values, masked = values.data.astype(object), np.ma.getmaskarray(values)
        values[masked] = None
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


def _questions(name: str, values: NDArray[Any], kind: str | None) -> list[Question]:
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
        return [Question(name, rows, amounts, {"samples": len(rows)})]
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
        return [_which(title, rows, present == positive)]
    return [_which(f"{name}: {value}", rows, present == value) for value in distinct]


def _which(name: str, rows: NDArray[np.intp], positive: NDArray[Any]) -> Question:
    values = np.asarray(positive, bool)
    yes = int(values.sum())
    return Question(name, rows, values, {"positive": yes, "negative": len(rows) - yes})


def kind_of(present: NDArray[Any], distinct: NDArray[Any]) -> str:
    """Tell what labels are by their dtype and their distinct values."""
    if present.dtype == np.bool_ or len(distinct) == 2:
        return "binary"
    if present.dtype == object:
        return "classes"
    whole = present.dtype.kind in "iu"
    return "classes" if whole and len(distinct) <= MOST_CLASSES else "continuous"


def missing_in(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Say which labels are NaN, None or pandas' NA."""
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype != object:
        return np.zeros(values.shape, bool)
    return np.array([_is_missing(value) for value in values.ravel()], bool).reshape(values.shape)


def _is_missing(value: Any) -> bool:
    # NaN and NaT, of whatever type, are not equal to themselves; pandas' NA will not say.
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def plain_values(present: NDArray[Any]) -> NDArray[Any]:
    """Give objects that are all numbers or all truth values as such: some were missing."""
    if present.dtype != object or any(isinstance(value, (str, bytes)) for value in present):
        return present
    try:
        array = np.array(present.tolist())
    except ValueError:
        return present
    return array if array.shape == present.shape and array.dtype.kind in "biuf" else present


def _whole(present: NDArray[Any]) -> NDArray[Any]:
    """Give floats as whole numbers where all are: no array of those can say what is missing."""
    if present.dtype.kind != "f" or np.abs(present).max(initial=0) > 2**53:
        return present
    whole = present.astype(np.int64)
    return whole if np.array_equal(whole, present) else present


def _one_value(name: str, value: Any) -> str:
    value = value.item() if isinstance(value, np.generic) else value
    return (
        f"labels {name!r} are all {value!r}; a direction needs at least two values. Leave them "
        "out, or label others."
    )


def _listed(words: Any) -> str:
    return ", ".join(map(repr, words))
