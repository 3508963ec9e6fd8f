"""`Pace`: how many frames to draw at a time, so that a question does not wait long."""

from __future__ import annotations

__all__ = ["Pace"]

# A batch may take this much longer than one position does.
LITTLE = 1.5


class Pace:
    """Decides how many positions to decode in one batch, from how long the batches before took.

    A batch takes no longer than so many seconds. Of a decoder that takes longer for one position,
    it has as many positions as take little longer than one: on a GPU these may be many.

    Parameters
    ----------
    seconds : float
        How long a batch may take.

    Attributes
    ----------
    size : int
        How many positions the next batch should have.
    frame_seconds : float
        How long the last batch took for each of its positions.

    Examples
    --------
    >>> pace = Pace(0.03)
    >>> for count in (1, 2, 4):  # as long for several as for one
    ...     pace.took(count, 2.0)
    >>> pace.size
    8
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = self.frame_seconds = seconds
        self._one: float | None = None  # how long a batch of one took
        self._most: int | None = None  # a larger batch took too long
        self.size = 1

    def took(self, count: int, seconds: float) -> None:
        """Learn that a batch of so many positions took so many seconds."""
        self.frame_seconds = seconds / count
        if count == 1:
            self._one = seconds
        fit = int(self._seconds / max(self.frame_seconds, 1e-4))
        if fit > 1 or self._one is None:
            self.size = max(1, fit)
            return
        if seconds > LITTLE * self._one:
            self._most = max(1, count // 2)
        self.size = 2 * count if self._most is None else min(2 * count, self._most)
