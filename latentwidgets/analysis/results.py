"""What all results of this part have in common: nothing in them changes, and tables are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.frozen_dict import frozen

if TYPE_CHECKING:
    from latentwidgets.analysis.tables import Table

__all__ = ["Result", "TableResult"]


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


class TableResult(Result):
    """The base of results that have a table: a notebook shows it, and so do ``print`` and a prompt.

    Its subclasses are dataclasses with ``repr=False``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from latentwidgets.analysis.tables import Table
    >>> @dataclass(frozen=True, repr=False)
    ... class Found(TableResult):
    ...     score: float
    ...     def _table(self):
    ...         return Table(["", "score"], [["by chance", str(self.score)]])
    >>> Found(0.5)
               score
    by chance    0.5
    """

    def _table(self) -> Table:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()
