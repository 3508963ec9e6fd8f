"""Results as tables, as all results of this part are shown."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from html import escape
from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

__all__ = ["LEAST_WIDTH", "Table", "estimate", "number", "plain", "plain_data"]

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
# Of more rows than this, the first few are shown, and the marked one.
MOST_ROWS, FIRST_ROWS = 100, 20
# No text is fitted to fewer cells of a terminal.
LEAST_WIDTH = 30
# What a terminal gives no cell of its own: accents that are letters by themselves, and joiners.
NO_CELL = ("Mn", "Me", "Cf")
# A wide table scrolls by itself, not with the page around it.
BOX = "overflow-x: auto; max-width: 100%"


@dataclass(frozen=True)
class Table:
    """What a result shows: the same cells and sentences for a notebook and for a terminal.

    Of more than 100 rows the first 20 are shown, and the marked one; a sentence says how many more
    there are.

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
        """Write it as HTML, with all texts escaped; a table that is too wide scrolls sideways."""
        cut = self._cut()
        if cut is not self:
            return cut.html()

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
        table = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div style="{BOX}">{table}</div>{under}'

    def text(self, width: int | None = None) -> str:
        """Write it as lines of text; what is bold has a ``*``: of a row, the first cell.

        Parameters
        ----------
        width : int, optional
            How wide a line of the table may be, at least 30, in cells of a terminal: a Chinese
            letter takes two. Columns that find no room follow below, beside the first column again,
            and long texts go on in a further line. If None, a line is as wide as the table is.

        Returns
        -------
        str
            All cells of the rows shown, and the sentences under them.

        Raises
        ------
        LatentTypeError
            If the width is not a whole number.
        LatentValueError
            If it is less than 30.

        Examples
        --------
        >>> table = Table(["layer", "accuracy of the probe", "chance"], [["4", "0.91", "0.50"]])
        >>> print(table.text(30))
        layer  accuracy of the probe
        4                       0.91
        <BLANKLINE>
        layer  chance
        4        0.50
        """
        cut = self._cut()
        if cut is not self:
            return cut.text(width)
        if width is not None:
            width = check_whole(width, "width", least=LEAST_WIDTH)
        marked = {*self.bold, *([] if self.marked is None else [(self.marked, 0)])}
        lines = [
            [_one_line(text) + STAR * ((place, i) in marked) for i, text in enumerate(row)]
            for place, row in enumerate(self.rows)
        ]
        lines = [[*map(_one_line, self.head)], *lines]
        blocks = ["\n".join(self._aligned(lines, block)) for block in _blocks(lines, width)]
        return "\n".join(["\n\n".join(blocks), *self._notes(STAR)])

    def _aligned(self, lines: list[list[str]], widths: dict[int, int]) -> Iterator[str]:
        """Write some columns, so wide; of a cell that is wider, in several lines."""
        for row in lines:
            cells = [_folded(row[i], width) for i, width in widths.items()]
            for parts in zip_longest(*cells, fillvalue=""):
                yield GAP.join(
                    _padded(part, width, left=i < self.texts)
                    for part, (i, width) in zip(parts, widths.items(), strict=True)
                ).rstrip()

    def _cut(self) -> Table:
        """Give the table with the rows that are shown of it: itself where these are all."""
        if len(self.rows) <= MOST_ROWS:
            return self
        shown = [i for i in range(len(self.rows)) if i < FIRST_ROWS or i == self.marked]
        new = {old: place for place, old in enumerate(shown)}
        more = f"… {len(self.rows) - len(shown):,} more rows: to_dict() gives all."
        return replace(
            self,
            rows=[self.rows[i] for i in shown],
            notes=[more, *self.notes],
            marked=None if self.marked is None else new[self.marked],
            bold=[(new[place], i) for place, i in self.bold if place in new],
        )

    def _notes(self, sign: str) -> list[str]:
        is_bold = self.marked is not None or len(self.bold) > 0
        means = [f"{sign}: {self.means}."] * (is_bold and self.means != "")
        return [*means, *map(_one_line, filter(None, self.notes))]


def _blocks(lines: list[list[str]], most: int | None) -> list[dict[int, int]]:
    """Say which columns stand side by side, and how wide each is; without a limit, all do."""
    widths = [max(map(_cells, column)) for column in zip(*lines, strict=True)]
    if most is None or sum(widths) + len(GAP) * (len(widths) - 1) <= most:
        return [dict(enumerate(widths))]
    first = min(widths[0], most // 3)
    blocks, rooms = [{0: first}], [most - first]
    for i, width in enumerate(widths[1:], 1):
        width = min(width, most - first - len(GAP))
        if len(GAP) + width > rooms[-1]:
            blocks, rooms = [*blocks, {0: first}], [*rooms, most - first]
        blocks[-1][i] = width
        rooms[-1] -= len(GAP) + width
    # What no block needs is left to the first column.
    return [{**block, 0: min(widths[0], first + min(rooms))} for block in blocks]


def _folded(text: str, width: int) -> list[str]:
    """Break a text into lines, at spaces where it can be; the spaces inside of a line stay."""
    if _cells(text) <= width:
        return [text]
    rest = text.removesuffix(STAR)  # the star stays beside the last letter
    star = text[len(rest) :]
    width -= len(star)
    lines: list[str] = []
    while rest or not lines:
        used = accumulate(map(_cells, rest))
        end = next((i for i, cells in enumerate(used) if cells > width), len(rest))
        if end < len(rest):
            words = rest[: end + 1].rpartition(" ")[0].rstrip(" ")
            end = len(words) or end
        lines.append(rest[:end])
        rest = rest[end:].lstrip(" ")
    return [*lines[:-1], lines[-1] + star]


def _padded(text: str, width: int, *, left: bool) -> str:
    """Fill a text with spaces to so many cells, on its right or on its left."""
    room = " " * (width - _cells(text))
    return text + room if left else room + text


def _cells(text: str) -> int:
    """Say how many cells of a terminal a text takes: two for a wide letter, none for an accent."""
    return len(text) + sum(
        -1 if unicodedata.category(one) in NO_CELL else unicodedata.east_asian_width(one) in "WF"
        for one in text
        if not one.isascii()
    )


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
