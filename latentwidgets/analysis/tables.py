"""Results as tables, as all results of this part are shown."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["Table", "estimate", "number", "plain", "plain_data"]

STYLE = "text-align: {}; vertical-align: top; "
NOWRAP, WRAP = "white-space: nowrap", "white-space: normal; min-width: 22em"
BROKEN = "white-space: normal"
# Texts of more letters than this are broken into lines.
LONG = 60
BOLD = "; font-weight: bold"
# What would begin another line or column, as `str.splitlines` does; every one becomes a space.
LINE_BREAKS = re.compile("\r\n|[\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029]")
# In text: what is bold in HTML, and what is between two columns.
STAR, GAP = "*", "  "


@dataclass(frozen=True)
class Table:
    """What a result shows: the same cells and sentences for a notebook and for a terminal.

    Parameters
    ----------
    head : sequence of str
        The names of the columns.
    rows : sequence of sequence of str
        The cells.
    texts : int
        So many columns are texts, which are aligned to the left.
    notes : sequence of str or None
        Sentences under it; None is left out.
    marked : int, optional
        The row that is bold.
    bold : collection of pair of int
        Row and column of each cell that is bold.
    means : str
        What is told by being bold, or by a ``*``: a sentence under the table without its stop.
    broken : collection of int
        Columns whose cells may have several lines in a notebook, so that the table is narrow.

    Examples
    --------
    >>> table = Table(["layer", "score"], [["<4>", "0.91"], ["5", "0.87"]], marked=0, means="best")
    >>> print(table.text())
    layer  score
    <4>*    0.91
    5       0.87
    *: best.
    >>> table.html().count("&lt;4&gt;"), "Bold: best." in table.html()
    (1, True)
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int = 1
    notes: Sequence[str | None] = ()
    marked: int | None = None
    bold: Collection[tuple[int, int]] = ()
    means: str = ""
    broken: Collection[int] = ()

    def html(self) -> str:
        """Write it as HTML, with all texts escaped."""

        def cell(tag: str, text: str, i: int, weight: str = "") -> str:
            wide = i < self.texts and len(text) > LONG
            lines = BROKEN if i in self.broken else WRAP if wide else NOWRAP
            text = _one_line(text)
            if text != " ".join(text.split()):  # spaces tell tokens apart: a page would drop them
                lines = lines.replace("nowrap", "pre").replace("normal", "pre-wrap")
            style = STYLE.format("left" if i < self.texts else "right") + lines + weight
            return f'<{tag} style="{style}">{escape(text)}</{tag}>'

        top = "".join(cell("th", text, i) for i, text in enumerate(self.head))
        body = ""
        for place, row in enumerate(self.rows):
            cells = "".join(
                cell("td", text, i, BOLD if (place, i) in self.bold else "")
                for i, text in enumerate(row)
            )
            whole = ' style="font-weight: bold"' if place == self.marked else ""
            body += f"<tr{whole}>{cells}</tr>"
        under = "".join(f"<div>{escape(note)}</div>" for note in self._notes("Bold"))
        return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>{under}"

    def text(self) -> str:
        """Write it as lines of text; what is bold has a ``*``: of a row, the first cell."""
        marked = {*self.bold, *([] if self.marked is None else [(self.marked, 0)])}
        lines = [
            [_one_line(text) + STAR * ((place, i) in marked) for i, text in enumerate(row)]
            for place, row in enumerate(self.rows)
        ]
        lines = [[*map(_one_line, self.head)], *lines]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        aligned = (
            GAP.join(
                text.ljust(width) if i < self.texts else text.rjust(width)
                for i, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in lines
        )
        return "\n".join([*aligned, *self._notes(STAR)])

    def _notes(self, sign: str) -> list[str]:
        is_bold = self.marked is not None or len(self.bold) > 0
        means = [f"{sign}: {self.means}."] * (is_bold and self.means != "")
        return [*means, *map(_one_line, filter(None, self.notes))]


def _one_line(text: str) -> str:
    """Put a text on one line, and keep its spaces."""
    return LINE_BREAKS.sub(" ", text)


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
