"""Results as HTML tables, as all results of this part are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = ["estimate", "html_table", "number", "plain", "plain_data"]

STYLE = "text-align: {}; vertical-align: top; "
NOWRAP, WRAP = "white-space: nowrap", "white-space: normal; min-width: 22em"
BROKEN = "white-space: normal"
# Texts of more letters than this are broken into lines.
LONG = 60
BOLD = "; font-weight: bold"


def html_table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    texts: int = 1,
    notes: Iterable[str | None] = (),
    marked: int | None = None,
    bold: Collection[tuple[int, int]] = (),
    broken: Collection[int] = (),
) -> str:
    """Write a table.

    Parameters
    ----------
    head : sequence of str
        The names of the columns.
    rows : iterable of sequence of str
        The cells.
    texts : int
        So many columns are texts, which are aligned to the left.
    notes : iterable of str or None
        Sentences under it; None is left out.
    marked : int, optional
        The row that is set in bold.
    bold : collection of pair of int
        Row and column of each cell that is set in bold.
    broken : collection of int
        Columns whose cells may have several lines, so that the table is narrow.

    Returns
    -------
    str
        HTML, with all texts escaped.

    Examples
    --------
    >>> html_table(["layer"], [["<1>"]]).count("&lt;1&gt;")
    1
    """

    def cell(tag: str, text: str, i: int, weight: str = "") -> str:
        wide = i < texts and len(text) > LONG
        lines = BROKEN if i in broken else WRAP if wide else NOWRAP
        style = STYLE.format("left" if i < texts else "right") + lines + weight
        return f'<{tag} style="{style}">{escape(text)}</{tag}>'

    top = "".join(cell("th", text, i) for i, text in enumerate(head))
    body = ""
    for place, row in enumerate(rows):
        cells = "".join(
            cell("td", text, i, BOLD if (place, i) in bold else "") for i, text in enumerate(row)
        )
        whole = ' style="font-weight: bold"' if place == marked else ""
        body += f"<tr{whole}>{cells}</tr>"
    under = "".join(f"<div>{escape(note)}</div>" for note in notes if note)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>{under}"


def number(value: float | None, digits: int = 2) -> str:
    """Write a number with so many decimals; an empty text for what is not known.

    Examples
    --------
    >>> number(-0.001), number(-1.5, 1), number(float("nan"))
    ('0.00', '−1.5', '')
    """
    if value is None or not math.isfinite(value):
        return ""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def estimate(value: float, interval: tuple[float, float] | None, digits: int = 2) -> str:
    """Write a number, and in brackets between what it lies where that is known.

    Examples
    --------
    >>> estimate(0.5, (0.25, 0.75)), estimate(0.5, None), estimate(0.5, (math.nan, math.nan), 1)
    ('0.50 (0.25 to 0.75)', '0.50', '0.5')
    """
    if interval is None or not all(map(math.isfinite, interval)):
        return number(value, digits)
    return "{} ({} to {})".format(*(number(one, digits) for one in (value, *interval)))


def plain(value: float) -> float | None:
    """Give a number as JSON can hold it: None for one that is not finite."""
    return float(value) if math.isfinite(value) else None


def plain_data(value: Any) -> Any:
    """Give a result, or anything in it, as JSON can hold it.

    Parameters
    ----------
    value : dataclass, mapping, sequence, ndarray, number, str or None
        Of a dataclass, fields with ``repr=False`` are left out: they serve its methods.

    Returns
    -------
    dict, list, number, str or None
        Numbers that are not finite are None.

    Examples
    --------
    >>> plain_data({"scores": np.array([1.0, np.nan]), "sizes": (np.int64(3),)})
    {'scores': [1.0, None], 'sizes': [3]}
    """
    if is_dataclass(value):
        return {one.name: plain_data(getattr(value, one.name)) for one in fields(value) if one.repr}
    if isinstance(value, Mapping):
        return {str(name): plain_data(one) for name, one in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return plain_data(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain_data(one) for one in value]
    if isinstance(value, float):
        return plain(value)
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
