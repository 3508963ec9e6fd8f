"""What all results of this part have in common: nothing in them changes, and tables are shown."""

from __future__ import annotations

import numbers
import os
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from latentwidgets.analysis.tables import LEAST_WIDTH
from latentwidgets.common.frozen_dict import frozen

if TYPE_CHECKING:
    from latentwidgets.analysis.tables import Table

__all__ = ["PrintedResult", "Result", "TableResult"]

# A text of more letters is left out of the line that stands for a result.
WORD = 40


class Result:
    """The base of results, which are frozen dataclasses: arrays and mappings in them are too.

    What somebody writes into an array of a result would stand beside intervals and chance that were
    measured of another.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> @dataclass(frozen=True)
    ... class Found(Result):
    ...     values: np.ndarray
    >>> Found(np.zeros(2)).values.flags.writeable
    False
    """

    def __post_init__(self) -> None:
        self._freeze(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take fields, of a copy too: an array that was copied or pickled can be written again."""
        self._freeze(state)

    def _freeze(self, fields: dict[str, Any]) -> None:
        vars(self).update({name: frozen(one) for name, one in fields.items()})


class PrintedResult(Result):
    """The base of results that ``print`` and a prompt show as several lines.

    In a list, in another result or in a message it is one line: its type, and its fields that are
    numbers or words. Its subclasses are dataclasses with ``repr=False``, and have ``__str__``.
    """

    def __repr__(self) -> str:
        told = [
            f"{one.name}={_word(getattr(self, one.name))}"
            for one in fields(self)  # type: ignore[arg-type]  # a dataclass, as its subclasses are
            if one.repr and _is_word(getattr(self, one.name))
        ]
        return f"{type(self).__name__}({', '.join(told)})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show it at a prompt of IPython: whole where nothing holds it."""
        printer.text(repr(self) if cycle or len(printer.stack) > 1 else str(self))


class TableResult(PrintedResult):
    """The base of results that have a table: a notebook shows it, and so do ``print`` and a prompt.

    ``str(result)`` is as wide as the table is. But where ``sys.stdout`` is a terminal, it fits that
    terminal, wherever the text then goes: there, to write a file as wide as the table is, print
    under `contextlib.redirect_stdout`.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from latentwidgets.analysis.tables import Table
    >>> @dataclass(frozen=True, repr=False)
    ... class Found(TableResult):
    ...     score: float
    ...     def _table(self):
    ...         return Table(["", "score"], [["by chance", str(self.score)]])
    >>> print(Found(0.5))
               score
    by chance    0.5
    >>> [Found(0.5)]
    [Found(score=0.5)]
    """

    def _table(self) -> Table:
        raise NotImplementedError

    def __str__(self) -> str:
        return self._table().text(_terminal_width())

    def _repr_html_(self) -> str:
        return self._table().html()


def _terminal_width() -> int | None:
    """Give how many cells a line of the terminal has that ``sys.stdout`` is; None if it is none."""
    try:
        if not sys.stdout.isatty():  # asked first: a notebook's has the number of another's
            return None
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except (AttributeError, OSError, ValueError):  # it was replaced, or closed, or there is none
        return None
    return max(columns, LEAST_WIDTH) if columns else None


def _is_word(value: Any) -> bool:
    return isinstance(value, numbers.Real) or (isinstance(value, str) and len(value) <= WORD)


def _word(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    return str(value) if isinstance(value, (bool, numbers.Integral)) else f"{value:.3g}"
