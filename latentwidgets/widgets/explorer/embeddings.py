"""Tables and arrays of embeddings, which nothing decodes: the nearest row stands for a latent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from latentwidgets.adapters.retrieval import Retrieval
from latentwidgets.common.checks import real_array
from latentwidgets.common.lookup import handler_for
from latentwidgets.common.wording import brief
from latentwidgets.directions.columns import missing_in, plain_values, readable_columns
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.as_space import as_space
from latentwidgets.space.inputs import shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

    Columns = dict[str, NDArray[Any]]

__all__ = ["Embeddings", "embeddings_in", "is_table"]

# The texts of a column stand for the rows if at least this share of them differ.
DIFFERENT = 0.5


class Embeddings(NamedTuple):
    """Embeddings as a space, and what is known of them.

    Attributes
    ----------
    space : LatentSpace
        A latent decodes to what the nearest row is called.
    latents : ndarray
        float32 ``(n, numbers)``.
    labels : dict of str to ndarray, or None
        The other columns of a table; None where there are none.
    words : str
        What was taken for what.
    texts : list of str, or None
        What the rows are called; None where they have numbers alone.
    """

    space: LatentSpace
    latents: NDArray[np.float32]
    labels: Columns | None
    words: str
    texts: list[str] | None


def embeddings_in(given: Any) -> Embeddings | None:
    """Take a table or an array for embeddings; give None for anything else.

    Parameters
    ----------
    given : object
        An array of numbers, ``(n, numbers)``; or a table of pandas or polars with one column of
        arrays, or with a column of numbers for each number of an embedding. These are its columns
        of floats, or else those of whole numbers; where most have one name but for digits, such as
        "x0" and "x1", these alone. A column of texts that mostly differ says what rows are called,
        else the index of the table; the other columns are labels.

    Returns
    -------
    Embeddings or None
        The embeddings.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is a table or an array, but holds no embeddings.

    Warns
    -----
    GuessWarning
        If it is in doubt which columns are the embeddings.

    Examples
    --------
    >>> found = embeddings_in(np.array([[0.0, 1.0], [2.0, 3.0]]))
    >>> found.space.decode([[2.0, 2.0]])
    ['row 1']
    >>> embeddings_in("no table") is None
    True
    """
    if not is_table(given):
        return None
    if hasattr(type(given), "columns"):
        return _of_table(given)
    rows = _stacked(given)
    return _embeddings(rows, [f"row {row}" for row in range(len(rows))], {}, "", named=False)


def is_table(given: Any) -> bool:
    """Tell whether something is a table or an array, which holds embeddings if anything.

    Examples
    --------
    >>> is_table(np.zeros((3, 2))), is_table(np.tanh)
    (True, False)
    """
    if handler_for(as_space, given) is not None:
        return False  # it is known how to make a space of it
    kind = type(given)
    if hasattr(kind, "columns") and hasattr(kind, "__len__") and hasattr(kind, "__getitem__"):
        return True
    return hasattr(kind, "__array__") and not hasattr(given, "decode") and not callable(given)


def _of_table(table: Any) -> Embeddings:
    columns = readable_columns(table)
    vectors = [name for name, values in columns.items() if _holds_vectors(values)]
    columns |= {name: plain_values(columns[name]) for name in columns.keys() - vectors}
    taken = vectors[:1] or _numbered(columns)
    if len(vectors) > 1:
        warn_guess(
            f"columns {_named(vectors)} hold arrays; the first is taken for the embeddings. To "
            f"take another, leave column {brief(vectors[0])} out."
        )
    if not taken:
        raise LatentValueError(
            f"the table has columns {_named(list(columns))}, and no embeddings among them; "
            "expected one column of arrays, or two or more columns of numbers."
        )
    values = [columns.pop(name) for name in taken]
    rows = _stacked(values[0] if vectors else np.stack(values, axis=1))
    for name in vectors[1:]:
        del columns[name]
    texts = {name: _number_of_texts(values) for name, values in columns.items()}
    most = max(texts, key=lambda name: texts[name], default="")
    if texts.get(most, 0) >= DIFFERENT * len(rows):
        absent = missing_in(columns[most])
        texts_of = zip(columns.pop(most), absent, strict=True)
        called = ["" if gone else one for one, gone in texts_of]
        words, named = f"Rows are called by {brief(most)}.", True
    else:
        index = getattr(table, "index", range(len(rows)))
        called = [one if isinstance(one, str) else f"row {one}" for one in index]
        words, named = "", any(isinstance(one, str) for one in index)
    about = [f"Embeddings: {_named(taken)}.", words, columns and f"Labels: {_named([*columns])}."]
    return _embeddings(rows, called, columns, " ".join(one for one in about if one), named=named)


def _embeddings(
    rows: NDArray[Any], called: list[str], labels: Columns, words: str, *, named: bool
) -> Embeddings:
    held = Retrieval(rows, called)
    said = f"Nothing decodes these {len(rows):,} embeddings: a latent shows the row nearest to it."
    space = as_space(held, name="embeddings")
    texts = called if named else None
    return Embeddings(space, held.latents, labels or None, f"{said} {words}".strip(), texts)


def _stacked(values: Any) -> NDArray[Any]:
    """Make one array of embeddings, a row each."""
    of_objects = getattr(values, "dtype", None) == np.dtype(object)
    rows = real_array(list(values) if of_objects else values, "embeddings")
    if rows.ndim != 2:
        raise LatentValueError(
            f"embeddings have shape {rows.shape}; expected one a row, (n, numbers). Pass "
            "embeddings.reshape(len(embeddings), -1); or, for latents of a model, "
            "lw.explore(model, latents)."
        )
    return rows


def _holds_vectors(values: NDArray[Any]) -> bool:
    first = next((one for one in values if one is not None), None)
    return values.dtype == object and not isinstance(first, str) and len(shape_of(first)) == 1


def _number_of_texts(values: NDArray[Any]) -> int:
    """Count the different texts of a column; 0 where some are none."""
    if values.dtype != object:
        return 0
    present = values[~missing_in(values)].tolist()
    return len(set(present)) if all(isinstance(one, str) for one in present) else 0


def _numbered(columns: Columns) -> list[str]:
    """Name the columns that are the numbers of embeddings."""
    for kinds in ("f", "iu"):
        numbers = [name for name, values in columns.items() if values.dtype.kind in kinds]
        if len(numbers) > 1:
            break
    else:
        return []
    alike: dict[str, list[str]] = {}
    for name in numbers:
        alike.setdefault(re.sub(r"\d+", "0", name), []).append(name)
    most = max(alike.values(), key=len)
    if len(most) > max(1, len(numbers) / 2):
        return most
    warn_guess(
        f"columns {_named(numbers)} are all taken for the numbers of the embeddings. If some are "
        "labels, pass these apart: lw.explore(table[embeddings].to_numpy(), table[others])."
    )
    return numbers


def _named(names: Sequence[str]) -> str:
    """List names, three at most."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(brief, names[:3])) + more
