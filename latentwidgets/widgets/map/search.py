"""Texts of latents, their items and labels, searched as somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.columns import is_missing
from latentwidgets.widgets.map.coloring import CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from latentwidgets.widgets.map.items import Items

__all__ = ["Search"]


class Search:
    """Finds the latents whose item or label holds a text; small and capital letters are the same.

    Parameters
    ----------
    items : Items or None
        What the latents stand for; pictures are not searched.

    Attributes
    ----------
    offered : bool
        Whether a page has a field to search with: where items are texts, or a label has more
        different texts than the legend has colours (20); of fewer, the legend shows and selects
        each. And once a line of Python has searched, where it can be ended: the field stays then,
        as somebody may be typing in it, until there are other labels.
    rows : ndarray of int64
        What was found last, in order.

    Examples
    --------
    >>> search = Search(None)
    >>> search.label({"word": np.array(["Cat", None, "dog", "wildcat"], object)})
    >>> search.find("cat")
    array([0, 3])
    """

    def __init__(self, items: Items | None) -> None:
        self._items = None if items is None or items.pictured else items
        # Labels, and all texts in small letters; made when somebody begins to type.
        self._folded: tuple[list[NDArray[Any]], list[list[str]]] | None = None
        self.rows = np.empty(0, np.int64)
        self.label({})

    def label(self, labels: Mapping[str, NDArray[Any]]) -> None:
        """Search these labels from now on, by name, one value a latent: those that hold texts."""
        self._labels = [values for values in labels.values() if _holds_text(values)]
        self.offered = self._items is not None or any(map(_has_many, self._labels))

    def find(self, text: str) -> NDArray[np.int64]:
        """Find a text; nothing where it is empty.

        Parameters
        ----------
        text : str
            Any part of an item or of a label.

        Returns
        -------
        ndarray
            The rows, int64, in order.
        """
        self.offered |= bool(text)
        wanted = text.casefold()
        found: set[int] = set()
        for texts in self._searched() if wanted else ():
            found.update(row for row, one in enumerate(texts) if wanted in one)
        self.rows = np.array(sorted(found), np.int64)
        return self.rows

    def _searched(self) -> list[list[str]]:
        labels, folded = self._labels, self._folded
        if folded is None or folded[0] is not labels:  # a thread may bring others meanwhile
            columns = [
                ["" if is_missing(one) else str(one).casefold() for one in values]
                for values in labels
            ]
            if self._items is not None:
                columns.append([self._items.text(i).casefold() for i in range(len(self._items))])
            self._folded = folded = labels, columns
        return folded[1]


def _holds_text(values: NDArray[Any]) -> bool:
    """Say whether labels are texts; one among them is enough."""
    return values.dtype == object and any(isinstance(one, str) for one in values)


def _has_many(values: NDArray[Any]) -> bool:
    """Say whether there are more different texts than the legend has colours."""
    return len({one for one in values if isinstance(one, str)}) > len(CLASSES)
