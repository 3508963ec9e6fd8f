"""Tokens of prompts matched to each other, so that like tokens stand in like places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Part = NDArray[np.floating]

__all__ = ["Matching"]


@dataclass(frozen=True)
class Matching:
    """Where the tokens of one prompt belong so that they are near to those of another.

    Attributes
    ----------
    orders : dict of int to ndarray
        By the number of tokens ``(tokens,)``: which token goes to each place.
    gain : float
        How much less the two are apart then: a share of the sum of squared distances, 0 to 1.
    """

    orders: dict[int, NDArray[np.intp]]
    gain: float

    @classmethod
    def of(cls, kept: Sequence[Part], moved: Sequence[Part]) -> Matching:
        """Match the tokens of two prompts.

        One order for all parts with as many tokens: the same token is embedded by several encoders,
        and its mask goes with it. A move costs as much as two tokens in one place are apart on
        average. Without a cost, like tokens of two prompts land in different rows wherever rows
        that are kept are near-equal, such as those that fill a prompt up, which are all that an
        empty prompt has.

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
        >>> Matching.of([cat], [cat[[0, 2, 1, 3]]]).orders
        {4: array([0, 2, 1, 3])}
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
        return cls(orders, float(1 - after / before) if before > 0 else 0.0)


def _assigned(far: NDArray[np.float64]) -> tuple[NDArray[np.intp], float]:
    """Find the order of least distance, and what is left, given squared distances of all pairs.

    With each move that pays, tokens in one place are less apart, and others pay too.
    """
    count, left = len(far), float(far.trace())
    elsewhere = 1 - np.eye(count)
    while True:
        places, order = linear_sum_assignment(far + left / count * elsewhere)
        found = float(far[places, order].sum())
        if found >= left:
            return order, found
        left = found
