"""`Pace`: how many frames to draw at a time, so that a question does not wait long."""

from __future__ import annotations

__all__ = ["Pace"]

# A batch may take this much longer than one position does.
LITTLE = 1.5
# After so many batches a larger one is tried again.
FORGET = 32


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
        self._one: float | None = None  # how long a batch of one takes
        self._most: int | None = None  # a larger batch took too long
        self._batches = 0  # since then
        self.size = 1

    def took(self, count: int, seconds: float) -> None:
        """Learn that a batch of so many positions took so many seconds."""
        self.frame_seconds = seconds / count
        self._batches += 1
        if count == 1:
            if self._one is None or not self._one / 2 < seconds < 2 * self._one:
                self._most = None  # the decoder is another than it was
            self._one = seconds
        elif self._one is not None:
            self._one = min(self._one, seconds)
        fit = max(1, int(self._seconds / max(self.frame_seconds, 1e-4)))
        if self._one is None:
            self.size = fit
            return
        if seconds > max(self._seconds, LITTLE * self._one):
            self._most, self._batches, self.size = max(fit, count // 2), 0, fit
            return
        if self._batches > FORGET:  # it may have been a hiccup
            self._most = None
        more = 2 * count if self._most is None else min(2 * count, self._most)
        self.size = max(fit, more) if self._one > self._seconds else fit

    def stopped(self) -> None:
        """Learn that a batch was stopped for a question: smaller ones are finished more often."""
        self.size = max(1, self.size // 2)
