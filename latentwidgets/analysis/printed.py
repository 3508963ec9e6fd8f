"""What a notebook shows of a result as HTML, as text for a terminal."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["printed"]

# Between two columns.
GAP = "  "


class _Lines(HTMLParser):
    """Collects the cells of tables, and all else line by line, but for what is folded away."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._rows: list[list[tuple[str, bool]]] = []
        self._text, self._is_left, self._folds = "", False, 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._folds += tag == "details"
        if self._folds:
            return
        if tag == "tr":
            self._rows.append([])
        self._is_left = "left" in (dict(attributes).get("style") or "")
        self._text = ""

    def handle_data(self, data: str) -> None:
        self._text += data * (not self._folds)

    def handle_endtag(self, tag: str) -> None:
        if self._folds:
            self._folds -= tag == "details"
            return
        words = " ".join(self._text.split())
        if tag in ("td", "th"):
            self._rows[-1].append((words, self._is_left))
        elif tag == "table":
            self.lines += _aligned(self._rows)
            self._rows = []
        elif words:
            self.lines.append(words)
        self._text = ""


def _aligned(rows: list[list[tuple[str, bool]]]) -> list[str]:
    widths = [max(len(cell) for cell, _ in column) for column in zip(*rows, strict=False)]
    return [
        GAP.join(
            cell.ljust(width) if is_left else cell.rjust(width)
            for (cell, is_left), width in zip(row, widths, strict=False)
        ).rstrip()
        for row in rows
    ]


def printed(html: str) -> str:
    """Write tables and sentences of HTML as lines of text.

    Parameters
    ----------
    html : str
        As `latentwidgets.analysis.tables.html_table` writes it.

    Returns
    -------
    str
        Columns are as wide as their widest cell; those of texts are aligned to the left. What a
        notebook folds away is left out.

    Examples
    --------
    >>> from latentwidgets.analysis.tables import html_table
    >>> print(printed(html_table(["layer", "score"], [["4", "0.91"]], notes=["Held out."])))
    layer  score
    4       0.91
    Held out.
    """
    parser = _Lines()
    parser.feed(html)
    parser.close()
    return "\n".join(parser.lines)
