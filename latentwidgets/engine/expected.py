"""How long a decode will take, told by the steps that it has taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from latentwidgets.space.condition import Condition

__all__ = ["StepNumbers", "StepTimes", "whole_numbers"]

# With so many steps, the second also ends in the first quarter. The first also pays for what
# happens once, such as a wait for the model, and is believed alone only where there are fewer.
MANY = 8
# From this share of the time that is slow on, the steps taken so far tell whether a decode will be:
# the first draft of a slow one is to be painted in its first quarter, and a quick one is never
# shown half-done. Until that is over a step may have waited, and counts as little longer than those
# of the last decode.
EARLY, QUARTER, LONGER = 0.1, 0.25, 1.5
# Of so many conditions it is known how many steps decodes under them have.
MOST_KNOWN = 64


class StepTimes:
    """What the steps of one decode took, in seconds, whatever was done between them.

    Attributes
    ----------
    number : int
        How many steps it has taken.
    spent : float
        What all of them took.
    first, longest : float
        What the first and the longest took.
    shortest : float
        What the shortest since the first took: a longer one may have waited for something.

    Examples
    --------
    >>> times = StepTimes()
    >>> times.add(0.5), times.add(0.25)
    (None, None)
    >>> times.expected(12, slow=0.15), times.expected(0, slow=0.15)
    (3.25, 0.75)
    >>> times.is_nearly_done(4), times.is_nearly_done(12)
    (True, False)
    """

    def __init__(self) -> None:
        self.number, self.spent = 0, 0.0
        self.first, self.longest, self.shortest = 0.0, 0.0, float("inf")

    def add(self, seconds: float) -> None:
        """Take one more step into account."""
        self.number += 1
        self.spent += seconds
        self.longest = max(self.longest, seconds)
        if self.number == 1:
            self.first = seconds
        else:
            self.shortest = min(self.shortest, seconds)

    def expected(self, of: int, slow: float, usual: float = 0.0) -> float:
        """Say how long the whole decode takes.

        Parameters
        ----------
        of : int
            How many steps it has; 0 where that is not known.
        slow : float
            From how many seconds on it is slow.
        usual : float
            What a step of the last decode took, in seconds; 0 where that tells nothing.

        Returns
        -------
        float
            In seconds; what it took so far where nothing tells more.
        """
        if self.spent < EARLY * slow or (self.number == 1 and of >= MANY):
            return self.spent
        # The second may have waited too: where it is the only one, it counts as the first at most.
        each = self.shortest if self.number > 2 else min(self.first, self.shortest)
        if usual and self.spent < QUARTER * slow:
            each = min(each, LONGER * usual)
        return self.spent + max(0, of - self.number) * each

    def is_nearly_done(self, of: int) -> bool:
        """Tell whether less is left than was done, where it is known how many steps there are."""
        left = of - self.number
        return left == 0 or (left > 0 and left * self.shortest < self.spent)


def whole_numbers(
    values: Mapping[str, Sequence[Any]], conditions: Mapping[str, Condition]
) -> frozenset[tuple[Any, ...]]:
    """Give, place by place, the conditions that are whole numbers: such as these count steps.

    Parameters
    ----------
    values : mapping of str to sequence
        The value at each place, by name.
    conditions : mapping of str to Condition
        By name.

    Returns
    -------
    frozenset of tuple
        Each combination that there is, once.

    Examples
    --------
    >>> from latentwidgets.space.conditions import conditions_of
    >>> given = conditions_of({"steps": range(1, 9), "guidance": (1.0, 0.0, 9.0)})
    >>> whole_numbers({"steps": [4, 4], "guidance": [2.0, 3.0]}, given)
    frozenset({(4,)})
    """
    names = [
        name
        for name, one in conditions.items()
        if isinstance(one.choices, range) or (one.choices is None and float(one.step).is_integer())
    ]
    return frozenset(zip(*(values[name] for name in names), strict=True))


class StepNumbers:
    """How many steps decodes had, by the conditions that bear on it: of the newest of these.

    Examples
    --------
    >>> numbers = StepNumbers()
    >>> numbers.keep(frozenset({(4,)}), 30)
    >>> numbers.of(frozenset({(4,)})), numbers.of(frozenset({(5,)}))
    (30, 0)
    """

    def __init__(self) -> None:
        self._known: dict[frozenset[Any], int] = {}

    def of(self, conditions: frozenset[Any]) -> int:
        """Give how many steps the last decode under some conditions had; 0 where none is known."""
        return self._known.get(conditions, 0)

    def keep(self, conditions: frozenset[Any], number: int) -> None:
        """Learn that a decode under some conditions had so many steps."""
        self._known.pop(conditions, None)  # so that the newest is the last
        self._known[conditions] = number
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
