"""Tokens of prompts matched to each other, so that like tokens stand in like places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from latentwidgets.common.warning import warn_caller

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Part = NDArray[np.floating]

__all__ = ["Matching", "Unmatched"]

# A move costs this share of what two tokens in one place are apart as they are written, on average,
# and no more than what they are apart by then. With all of it, prompts whose tokens all differ were
# never matched; with none, those that fill a prompt up, which are near-equal, trade places.
COST = 0.5
# Of two prompts whose order matters less than this share of what they are apart by nothing is
# said; and so many pairs are looked at, as each takes time.
LEAST_GAIN, COMPARED = 0.25, 8


@dataclass(frozen=True)
class Matching:
    """Where the tokens of one prompt belong so that they are near to those of another.

    Attributes
    ----------
    orders : dict of int to ndarray
        By the number of tokens ``(tokens,)``: which token goes to each place.
    before, after : float
        How far the two are apart as they are written, and then: the sum of squared distances of
        tokens in one place.
    """

    orders: dict[int, NDArray[np.intp]]
    before: float
    after: float

    @property
    def gain(self) -> float:
        """How much less the two are apart then, as a share, 0 to 1."""
        return 1 - self.after / self.before if self.before > 0 else 0.0

    @classmethod
    def of(cls, kept: Sequence[Part], moved: Sequence[Part]) -> Matching:
        """Match the tokens of two prompts.

        One order for all parts with as many tokens: the same token is embedded by several encoders,
        and its mask goes with it. A token is moved only where that brings it clearly nearer: see
        `COST`.

        Parameters
        ----------
        kept : sequence of ndarray
            Each ``(tokens, width)``, of the prompt whose tokens stay.
        moved : sequence of ndarray
            Of the same shapes, of the prompt whose tokens move.

        References
        ----------
        The least sum of distances over all orders is an assignment: Kuhn 1955, "The Hungarian
        method for the assignment problem".

        Examples
        --------
        >>> cat = np.array([[0.0, 0], [4, 0], [0, 4], [9, 9]])
        >>> found = Matching.of([cat], [cat[[0, 2, 1, 3]]])
        >>> found.orders, found.gain
        ({4: array([0, 2, 1, 3])}, 1.0)
        """
        by_count: dict[int, NDArray[np.float64]] = {}
        for mine, theirs in zip(kept, moved, strict=True):
            # Far from zero, squares lose what tokens differ by.
            middle = mine.mean(axis=0, dtype=np.float64)
            a, b = mine - middle, theirs - middle
            far = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
            by_count[len(a)] = by_count.get(len(a), 0) + far
        orders, before, after = {}, 0.0, 0.0
        for count, far in by_count.items():
            orders[count], left = _assigned(far)
            before, after = before + far.trace(), after + left
        return cls(orders, float(before), float(after))


class Unmatched:
    """Says, once, that like tokens of two prompts stand in different places.

    Of two prompts that hardly differ, another order saves a large share of a small distance. So
    what it saves is compared, as a squared distance, with what it saves for unrelated prompts.

    Parameters
    ----------
    unrelated : callable
        Gives the matchings of some pairs of unrelated prompts; called where it is needed.

    Examples
    --------
    >>> alike, unlike = Matching({}, 8.0, 8.0), Matching({}, 10.0, 9.0)
    >>> unmatched = Unmatched(lambda: [unlike])
    >>> unmatched.look("'owl'", "'an owl'", lambda: alike, "Write it longer.")
    """

    def __init__(self, unrelated: Callable[[], Sequence[Matching]]) -> None:
        self._unrelated, self._left = unrelated, COMPARED
        self._usual: Sequence[Matching] = ()

    def look(self, one: str, other: str, match: Callable[[], Matching], way: str) -> None:
        """Look at two prompts, and warn where they gain more than any two unrelated ones.

        Parameters
        ----------
        one, other : str
            What to call them.
        match : callable
            Matches them; not called once it was said, or enough were looked at.
        way : str
            What to do about it.
        """
        if not self._left:
            return
        left, self._left = self._left - 1, 0  # not at prompts that are embedded for this
        found = match()
        if found.gain >= LEAST_GAIN:
            self._usual = self._usual or self._unrelated()
        self._left, unrelated = left, self._usual
        if found.gain < LEAST_GAIN:
            return
        usual = float(np.mean([each.before for each in unrelated]))
        most = max(each.before - each.after for each in unrelated)
        gained = found.before - found.after
        if gained <= most:
            return
        self._left = 0
        warn_caller(
            f"like tokens of {one} and {other} stand in different places: with the tokens of one "
            "in another order, the squared distance between the two would be "
            f"{found.gain:.0%} smaller. That saves {gained / usual:.0%} of the mean squared "
            f"distance between two unrelated prompts; of {len(unrelated)} such pairs none saves "
            f"more than {most / usual:.0%}. What lies between the two mixes tokens that have "
            f"nothing to do with each other: {way}"
        )


def _assigned(far: NDArray[np.float64]) -> tuple[NDArray[np.intp], float]:
    """Find the order of least distance, and what is left, given squared distances of all pairs.

    With each move that pays, tokens in one place are less apart, and others pay too.
    """
    count, left = len(far), float(far.trace())
    most = COST * left
    elsewhere = 1 - np.eye(count)
    while True:
        places, order = linear_sum_assignment(far + min(most, left) / count * elsewhere)
        found = float(far[places, order].sum())
        if found >= left:
            return order, found
        left = found
