"""Texts of latents, their items and labels, searched as somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.directions.columns import is_missing
from latentwidgets.errors import LatentTypeError
from latentwidgets.widgets.map.coloring import CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from threading import RLock

    from numpy.typing import NDArray

    from latentwidgets.widgets.map.host import Host
    from latentwidgets.widgets.map.items import Items

    Columns = Mapping[str, NDArray[Any]]

__all__ = ["Search", "Texts"]


class Texts:
    """Texts that a search goes through; small and capital letters are the same.

    Parameters
    ----------
    items : Items or None
        What the latents stand for; pictures are not searched.
    labels : mapping of str to ndarray
        Labels by name, one value a latent. Those that hold texts are searched.

    Attributes
    ----------
    labels : mapping of str to ndarray
        As above.
    many : bool
        Whether there are more than the legend selects: items that are texts, or a label that has
        more different texts than the legend has colours (20).

    Examples
    --------
    >>> texts = Texts(None, {"word": np.array(["Cat", None, "dog", "wildcat"], object)})
    >>> texts.find("cat")
    array([0, 3])
    """

    def __init__(self, items: Items | None, labels: Columns) -> None:
        self.labels = labels
        self._items = None if items is None or items.pictured else items
        self._columns = [values for values in labels.values() if _holds_text(values)]
        self.many = self._items is not None or any(map(_has_many, self._columns))
        # All in small letters; made when somebody begins to type.
        self._folded: list[list[str]] | None = None

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
        return np.array(sorted(found), np.int64)

    def _searched(self) -> list[list[str]]:
        if self._folded is None:
            columns = [
                ["" if is_missing(one) else str(one).casefold() for one in values]
                for values in self._columns
            ]
            if self._items is not None:
                columns.append([self._items.text(i).casefold() for i in range(len(self._items))])
            self._folded = columns
        return self._folded


class Search:
    """What is searched for on a map, and what was found.

    A page has a field to search with where there are more texts than the legend selects. Once
    somebody has searched, it has one too, so that the search can be seen and ended; the field stays
    until there are other labels, as somebody may be typing in it.

    Parameters
    ----------
    items : Items or None
        What the latents stand for.
    lock : RLock
        Held as what was found is stored, and while pages are told of it; never while it is sought.
    host : Host
        Has the labels, and what is searched for.

    Attributes
    ----------
    rows : ndarray of int64
        What was found last, in order.
    """

    def __init__(self, items: Items | None, lock: RLock, host: Host) -> None:
        self._items, self._lock, self._host = items, lock, host
        self._texts, self._offered = Texts(items, {}), False
        self._turns = 0
        self.rows = np.empty(0, np.int64)

    def check_search(self, given: Any) -> str:
        """Take a text to search for; nothing is found for an empty one."""
        if not isinstance(given, str):
            raise LatentTypeError(f"search is {brief(given)}; expected a text, or '' for none.")
        return given

    def look(self) -> None:
        """Search anew, for what is wanted now, in the labels that there are now."""
        with self._lock:
            self._turns += 1
            turn, texts = self._turns, self._texts
            text, labels = self._host.searched(), self._host.labels()
        if labels is not texts.labels:
            texts = Texts(self._items, labels)
        rows = texts.find(text)
        with self._lock:
            if turn < self._turns:  # meanwhile somebody else looks, who knows better what is wanted
                return
            stays = self._offered and texts is self._texts
            self._offered = texts.many or bool(text) or stays
            self._texts, self.rows = texts, rows
            found = {"text": text, "rows": rows.astype("<u4").tobytes()}
            self._host.tell_pages(searched=self._offered, found=found)


def _holds_text(values: NDArray[Any]) -> bool:
    """Say whether labels are texts; one among them is enough."""
    return values.dtype == object and any(isinstance(one, str) for one in values)


def _has_many(values: NDArray[Any]) -> bool:
    """Say whether there are more different texts than the legend has colours."""
    return len({one for one in values if isinstance(one, str)}) > len(CLASSES)
