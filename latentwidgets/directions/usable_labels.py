"""Labels of which each column is judged alone: those that can be used, and a word on the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import brief
from latentwidgets.directions.labels import Unusable, check_names, read_columns
from latentwidgets.errors import LatentValueError, LatentWidgetsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.directions.labels import Attribute

    # Says why an attribute cannot be used: None where it can.
    Verdict = Callable[[Attribute], Unusable | None]

__all__ = ["NothingUsableError", "tell_left_out", "usable_attributes"]


class NothingUsableError(LatentValueError):
    """No column of labels can be used.

    Parameters
    ----------
    left_out : list of str
        A clause about each.
    words : str
        What is wrong with the last one, and the way out.
    """

    def __init__(self, left_out: list[str], words: str = "") -> None:
        self.left_out = left_out
        alone = words if len(left_out) == 1 else ""
        super().__init__(alone or f"no label can be used: {'; '.join(left_out)}.")

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is copied and loaded by calling its class with `args`, which is the message.
        return type(self), (self.left_out, str(self)), vars(self)


def usable_attributes(
    labels: object, n: int, kind: object, verdict: Verdict, *, most: int | None = None
) -> tuple[list[Attribute], list[str]]:
    """Read labels as attributes, each column alone.

    Parameters
    ----------
    labels, n, kind, most
        As `read_columns` takes them.
    verdict : callable
        Takes an attribute, and says why it cannot be used: None where it can.

    Returns
    -------
    usable : list of Attribute
        Those that can be used.
    left_out : list of str
        One clause about each column, or each of its classes, that cannot.

    Raises
    ------
    LatentTypeError, LatentValueError
        If labels are no columns, or none of them can be used.

    Examples
    --------
    >>> labels = {"smile": [0, 1] * 5, "file": list("abcdefghij"), "face": [1] * 10}
    >>> usable, left_out = usable_attributes(labels, 10, None, lambda one: one.too_few(3))
    >>> [one.name for one in usable], left_out[1]
    (['smile'], "'face' is 1 everywhere; a direction needs two values")
    """
    usable: list[Attribute] = []
    left_out: list[str] = []
    last = ""
    columns = read_columns(labels, n, kind, most=most)
    for name, read in columns:
        if isinstance(read, LatentWidgetsError):
            if len(columns) == 1:
                raise read
            left_out.append(read.clause)
            continue
        if isinstance(read, Unusable):
            left_out.append(f"{brief(name)} {read.reason}")
            last = f"{left_out[-1]}. {read.way}"
            continue
        refused = [(one, why) for one in read if (why := verdict(one))]
        usable += [one for one in read if one.name not in {other.name for other, _ in refused}]
        if refused:
            left_out.append(_clause(name, refused, len(read)))
            last = f"{left_out[-1]}. {refused[0][1].way}"
    if not usable:
        raise NothingUsableError(left_out, last)
    check_names(usable)
    return usable, left_out


def tell_left_out(left_out: list[str]) -> None:
    """Warn of labels that were left out, if there are any: in one line, at the person's own."""
    if left_out:
        warn_caller(f"Left out: {'; '.join(left_out)}.")


def _clause(name: str, refused: list[tuple[Attribute, Unusable]], count: int) -> str:
    """Say in a clause which classes of a column, or that all of it, cannot be used."""
    first, why = refused[0][0], refused[0][1].reason
    if len(refused) == 1:
        return f"{brief(first.name)} {why}"
    if len(refused) == count:
        return f"{brief(name)} has {count} classes, none of which can be used: one {why}"
    others = f"{len(refused) - 1} more class{'es' * (len(refused) > 2)} of {brief(name)}"
    return f"{brief(first.name)} {why}, nor can {others} be used"
