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
    labels : mapping of str to ndarray
        Labels by name, one value a latent; those that hold texts are searched.

    Attributes
    ----------
    offered : bool
        Whether a page offers to search: where items are texts, or a label has more different texts
        than the legend has colours (20). Of fewer, the legend shows and selects each.
    rows : ndarray of int64
        What was found last, in order.

    Examples
    --------
    >>> found = Search(None, {"word": np.array(["Cat", None, "dog", "wildcat"], object)})
    >>> found.find("cat")
    array([0, 3])
    """

    def __init__(self, items: Items | None, labels: Mapping[str, NDArray[Any]]) -> None:
        self._items = None if items is None or items.pictured else items
        self._labels = [values for values in labels.values() if _holds_text(values)]
        self._folded: list[list[str]] | None = None  # made when somebody begins to type
        self.offered = self._items is not None or any(map(_has_many, self._labels))
        self.rows = np.empty(0, np.int64)

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
        wanted = text.casefold()
        found: set[int] = set()
        for texts in self._searched() if wanted else ():
            found.update(row for row, one in enumerate(texts) if wanted in one)
        self.rows = np.array(sorted(found), np.int64)
        return self.rows

    def _searched(self) -> list[list[str]]:
        if self._folded is None:
            columns = [
                ["" if is_missing(one) else str(one).casefold() for one in values]
                for values in self._labels
            ]
            if self._items is not None:
                columns.append([self._items.text(i).casefold() for i in range(len(self._items))])
            self._folded = columns
        return self._folded


def _holds_text(values: NDArray[Any]) -> bool:
    """Say whether labels are texts; one among them is enough."""
    return values.dtype == object and any(isinstance(one, str) for one in values)


def _has_many(values: NDArray[Any]) -> bool:
    """Say whether there are more different texts than the legend has colours."""
    return len({one for one in values if isinstance(one, str)}) > len(CLASSES)
