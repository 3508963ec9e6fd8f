"""Results as HTML tables, as all results of this part are shown."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["html_table", "number", "plain"]

STYLE = "text-align: {}; vertical-align: top; white-space: nowrap"


def html_table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    texts: int = 1,
    notes: Iterable[str | None] = (),
    marked: int | None = None,
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

    Returns
    -------
    str
        HTML, with all texts escaped.

    Examples
    --------
    >>> html_table(["layer"], [["<1>"]]).count("&lt;1&gt;")
    1
    """

    def cell(tag: str, text: str, i: int) -> str:
        style = STYLE.format("left" if i < texts else "right")
        return f'<{tag} style="{style}">{escape(text)}</{tag}>'

    top = "".join(cell("th", text, i) for i, text in enumerate(head))
    body = ""
    for place, row in enumerate(rows):
        cells = "".join(cell("td", text, i) for i, text in enumerate(row))
        bold = ' style="font-weight: bold"' if place == marked else ""
        body += f"<tr{bold}>{cells}</tr>"
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


def plain(value: float) -> float | None:
    """Give a number as JSON can hold it: None for one that is not finite."""
    return float(value) if math.isfinite(value) else None
