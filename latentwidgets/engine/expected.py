"""How long a decode will take, told by its first steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from latentwidgets.space.condition import Condition

__all__ = ["StepNumbers", "expected_seconds", "whole_numbers"]

# With so many steps, the second also ends in the first quarter. The first also pays for what
# happens once, such as a wait for the model, and is believed alone only where there are fewer.
MANY = 8
# Of so many conditions it is known how many steps decodes under them have.
MOST_KNOWN = 64


def expected_seconds(seconds: float, first: float, shortest: float, number: int, of: int) -> float:
    """Say how long a decode takes that has taken some of its steps.

    Parameters
    ----------
    seconds : float
        What it took so far.
    first : float
        The time of its first step, in seconds.
    shortest : float
        The time of its shortest step since the first, in seconds. A longer one may have waited for
        something; so may the second where it is the only one, and it counts as no longer than the
        first.
    number : int
        How many steps it has taken, 1 at least.
    of : int
        How many it will take; 0 where that is not known.

    Returns
    -------
    float
        In seconds; what it took so far where nothing tells more.

    Examples
    --------
    >>> expected_seconds(0.5, 0.4, 0.1, 2, 12), expected_seconds(0.4, 0.4, float("inf"), 1, 12)
    (1.5, 0.4)
    """
    if number == 1 and of >= MANY:
        return seconds
    each = shortest if number > 2 else min(first, shortest)
    return seconds + max(0, of - number) * each


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
