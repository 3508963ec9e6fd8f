"""`CheckResult`: what `check` finds in an answer, number by number, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from latentwidgets.analysis.tables import Table, number, plain_data
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import CheckFailedError, LatentKeyError

__all__ = ["CheckNumber", "CheckResult", "digits_for"]

# No float64 of about 1 has more decimals that count.
MOST_DIGITS = 17


@dataclass(frozen=True)
class CheckNumber:
    """One thing that an answer is judged by.

    Attributes
    ----------
    name : str
        What was measured: the name of a measure, or "typicality".
    role : str
        "target", "leakage" or "typicality".
    value : float
        How much the measure changed, in standard deviations of the measure over ordinary outputs;
        of several latents the mean change of the target, and of leakage the mean of its sizes,
        below 0 where none rose; of typicality the p-value of the latent.
    limit : float
        Of the target what it must reach, upwards, or downwards where it is below 0; of leakage what
        it may reach at most, either way; of typicality what the p-value must reach at least.
    chance : float or None
        What random moves that are as long do, as a root mean square; of typicality the share of
        ordinary latents that would not pass. None where nothing was moved, or nobody knows.
    passed : bool
        Whether it is within the limit.
    words : str
        What it is, and where it falls short by how much, and what to look at.
    """

    name: str
    role: str
    value: float
    limit: float
    chance: float | None
    passed: bool
    words: str


@dataclass(frozen=True)
class CheckResult:
    """Whether an answer does what was asked. What `check` returns.

    Attributes
    ----------
    numbers : tuple of CheckNumber
        What it is judged by: the target first, then the other measures, last typicality.
    warning : str or None
        In plain words, for the teacher, why not to believe the numbers.

    Examples
    --------
    >>> asked = CheckNumber("smile", "target", 0.5, 1.0, 0.2, False, "0.50 too little.")
    >>> result = CheckResult((asked,), None)
    >>> result.passed, result["smile"].value
    (False, 0.5)
    """

    numbers: tuple[CheckNumber, ...]
    warning: str | None

    @property
    def passed(self) -> bool:
        """Whether every number is within its limit."""
        return all(one.passed for one in self.numbers)

    @property
    def message(self) -> str:
        """What a student reads: a line for each number, those that fall short first."""
        short = [one for one in self.numbers if not one.passed]
        held = [one for one in self.numbers if one.passed]
        total = len(self.numbers)
        verdict = "Not yet" if short else "Passed"
        head = f"{verdict}: {len(held)} of {total} things that were asked hold."
        lines = [f"- not yet: {one.words}" for one in short]
        lines += [f"- holds: {one.words}" for one in held]
        return "\n".join([head, *lines])

    def raise_if_failed(self) -> None:
        """Raise an error with the message unless all is as asked; for a cell of an autograder.

        Raises
        ------
        CheckFailedError
            An `AssertionError` whose text is `message`.
        """
        if not self.passed:
            raise CheckFailedError(self.message)

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as JSON can hold it."""
        found: dict[str, Any] = plain_data(self)
        return {"passed": self.passed, **found, "message": self.message}

    def __getitem__(self, name: str) -> CheckNumber:
        """Give the number of a measure, or of "typicality"."""
        known = {one.name: one for one in reversed(self.numbers)}
        if not isinstance(name, str) or name not in known:
            raise LatentKeyError(f"nothing is called {brief(name)}. {hint(name, [*known])}")
        return known[name]

    def __str__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        rows = [
            [
                one.name,
                one.role,
                _asked(one),
                number(one.value, _digits(one)),
                number(one.chance, _digits(one)),
                "holds" if one.passed else "not yet",
            ]
            for one in self.numbers
        ]
        table = Table(
            ["measure", "role", "asked", "found", "by chance", "verdict"],
            rows,
            texts=2,
            notes=[*self.message.splitlines(), self.warning],
            bold={(i, 5) for i, one in enumerate(self.numbers) if not one.passed},
        )
        return table.html()


def digits_for(value: float, limit: float, passed: bool, *, least: int = 2) -> int:
    """Say with how many decimals a value and its limit are written, so that they are told apart.

    Parameters
    ----------
    value, limit : float
        What was found, and what was asked.
    passed : bool
        Whether it is within the limit; where it is not, what is missing is not written as 0.
    least : int
        So many at least.

    Examples
    --------
    >>> digits_for(0.5, 1.0, False), digits_for(0.998, 1.0, False), digits_for(0.998, 0.5, True)
    (2, 3, 2)
    """
    for digits in range(least, MOST_DIGITS):
        zero = number(0.0, digits)
        seen = not limit or number(limit, digits) != zero
        apart = number(value, digits) != number(limit, digits)
        missing = number(abs(value - limit), digits) != zero
        if seen and (passed or value == limit or (apart and missing)):
            return digits
    return MOST_DIGITS


def _asked(one: CheckNumber) -> str:
    """Say what was asked: how much at least, or at most."""
    if one.role == "leakage":
        return f"at most {number(one.limit, _digits(one))} either way"
    words = "at most" if one.limit < 0 else "at least"
    return f"{words} {number(one.limit, _digits(one))}"


def _digits(one: CheckNumber) -> int:
    """Say with how many decimals a number is written in the table, as in its words."""
    value = abs(one.value) if one.role == "leakage" else one.value
    least = 4 if one.role == "typicality" else 2
    return digits_for(value, one.limit, one.passed, least=least)
