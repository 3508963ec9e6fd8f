"""`Beside`: what is known of arrays beside their numbers, for as long as these arrays live."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Beside"]

Known = TypeVar("Known")


class Beside(Generic[Known]):
    """Keeps what is known of arrays, and lets go of it with them.

    It is known of an array itself, not of what is computed or copied from it.

    Examples
    --------
    >>> import numpy as np
    >>> names, rows = Beside(), np.zeros((2, 3))
    >>> names.put(rows, ["a", "b"])
    >>> names.of(rows), names.of(rows[:1]), names.of([0.0])
    (['a', 'b'], None, None)
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[NDArray[Any]], Known]] = {}

    def put(self, array: NDArray[np.generic], known: Known) -> None:
        """Keep what is known of an array."""
        key, kept = id(array), self._known
        kept[key] = weakref.ref(array, lambda _: kept.pop(key, None)), known

    def of(self, array: Any) -> Known | None:
        """Give what is known of an array; None where nothing is."""
        found = self._known.get(id(array))
        return None if found is None or found[0]() is not array else found[1]
