"""What a notebook shows of a result as HTML, as text for a terminal."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

__all__ = ["printed"]

# Between two columns.
GAP = "  "
# What begins a new line outside of tables; all other elements, such as <b>, are part of a line.
LINES = frozenset({"br", "details", "div", "p", "pre", "summary", "table"})
CELLS = frozenset({"td", "th"})
BOLD = "*"


class _Cell(NamedTuple):
    text: str
    is_left: bool = False


class _Lines(HTMLParser):
    """Collects the cells of tables, and all else line by line, but for what is folded away."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.has_bold = False
        self._rows: list[list[_Cell]] = []
        # The attributes of the row and of the cell that is read.
        self._row: dict[str, str | None] = {}
        self._cell: dict[str, str | None] | None = None
        self._text, self._folds = "", 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in LINES:
            self._break()
        self._folds += tag == "details"
        if self._folds:
            return
        given = dict(attributes)
        if tag == "tr":
            self._rows.append([])
            self._row = given
        elif tag in CELLS:
            self._cell, self._text = given, ""
        elif tag == "img":
            self._text += f"[{given.get('alt') or 'picture'}]"

    def handle_data(self, data: str) -> None:
        self._text += data * (not self._folds)

    def handle_endtag(self, tag: str) -> None:
        if self._folds:
            self._folds -= tag == "details"
        elif tag in CELLS:
            self._end_cell()
        elif tag == "table":
            self.lines += _aligned(self._rows)
            self._rows = []
        elif tag in LINES:
            self._break()

    def close(self) -> None:
        super().close()
        self._break()

    def _break(self) -> None:
        """End a line; within a cell, which has one line, a word."""
        if self._cell is not None:
            self._text += " "
            return
        words, self._text = " ".join(self._text.split()), ""
        self.lines += [words] if words else []

    def _end_cell(self) -> None:
        cell, row = self._cell or {}, self._rows[-1]
        words = " ".join(self._text.split())
        # Of a bold row the first cell is marked.
        bold = _has(cell, "bold") or (not row and _has(self._row, "bold"))
        self.has_bold |= bold
        row.append(_Cell(words + BOLD * bold, _has(cell, "left")))
        row += [_Cell("")] * (int(cell.get("colspan") or 1) - 1)
        self._cell, self._text = None, ""


def _has(given: dict[str, str | None], word: str) -> bool:
    return word in (given.get("style") or "")


def _aligned(rows: list[list[_Cell]]) -> list[str]:
    count = max(map(len, rows), default=0)
    rows = [row + [_Cell("")] * (count - len(row)) for row in rows]
    widths = [max(len(cell.text) for cell in column) for column in zip(*rows, strict=True)]
    return [
        GAP.join(
            cell.text.ljust(width) if cell.is_left else cell.text.rjust(width)
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def printed(html: str) -> str:
    """Write tables and sentences of HTML as lines of text.

    Parameters
    ----------
    html : str
        As a result shows itself in a notebook.

    Returns
    -------
    str
        Columns are as wide as their widest cell; those of texts are aligned to the left. A cell
        that is bold, and the first one of a row that is, has a ``*``, and a last line says so. Of a
        picture its description is given in brackets. What a notebook folds away is left out.

    Examples
    --------
    >>> from latentwidgets.analysis.tables import html_table
    >>> rows = [["4", "0.91"], ["5", "0.87"]]
    >>> print(printed(html_table(["layer", "score"], rows, notes=["Held out."], marked=0)))
    layer  score
    4*      0.91
    5       0.87
    Held out.
    * is bold in a notebook.
    """
    parser = _Lines()
    parser.feed(html)
    parser.close()
    return "\n".join([*parser.lines, *["* is bold in a notebook."] * parser.has_bold])
