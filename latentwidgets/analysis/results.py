"""`Result`: what all results of this part have in common. Nothing in them changes."""

from __future__ import annotations

from typing import Any

from latentwidgets.analysis.printed import printed
from latentwidgets.common.frozen_dict import frozen

__all__ = ["Result"]


class Result:
    """The base of results, which are frozen dataclasses: arrays and mappings in them are too.

    ``print`` shows the table that a notebook shows.

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

    def __str__(self) -> str:
        shown = getattr(self, "_repr_html_", None)
        return repr(self) if shown is None else printed(shown())

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take fields, of a copy too: an array that was copied or pickled can be written again."""
        self._freeze(state)

    def _freeze(self, fields: dict[str, Any]) -> None:
        vars(self).update({name: frozen(one) for name, one in fields.items()})
