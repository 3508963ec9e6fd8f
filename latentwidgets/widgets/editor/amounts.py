"""The amounts of an editor: how far along each of its directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import real_number
from latentwidgets.common.frozen_dict import Frozen
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError
from latentwidgets.routes.edit import reach

if TYPE_CHECKING:
    from latentwidgets.routes.edit import Edit

__all__ = ["Amounts", "amounts_of", "carried", "check_amounts"]


class Amounts(Frozen[float]):
    """Amounts by name; read-only, so that no change goes by unseen."""

    _way_out = "Set all of it: widget.value = {**widget.value, 'smile': 1.5}."

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a copy is an ordinary dict


def check_amounts(given: Any) -> None:
    """Refuse what is no mapping."""
    if not isinstance(given, Mapping):
        raise LatentTypeError(
            f"value is {brief(given)}; expected amounts by name, such as {{'smile': 1.5}}."
        )


def amounts_of(given: Mapping[str, Any], edit: Edit) -> Amounts:
    """Check amounts; names that are left out stay where the edit begins.

    Parameters
    ----------
    given : mapping of str to float
        By names of directions of the edit.
    edit : Edit
        The edit.

    Returns
    -------
    Amounts
        One for each direction, in order.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one is no number, or lies too far out.
    """
    amounts = {}
    for name, start in zip(edit.directions.names, edit.origin.tolist(), strict=True):
        least, most = reach(start)
        amount = given.get(name, start)
        amounts[name] = real_number(amount, f"value[{brief(name)}]", least=least, most=most)
    return Amounts(amounts)


def carried(value: Mapping[str, float], old: Edit, new: Edit) -> dict[str, float]:
    """Give the amounts that go with an edit that takes the place of another.

    Parameters
    ----------
    value : mapping of str to float
        The amounts of the old edit.
    old, new : Edit
        The edits.

    Returns
    -------
    dict of str to float
        Of directions whose names are in both; those that are not moved are left out.
    """
    starts = dict(zip(old.directions.names, old.origin.tolist(), strict=True))
    found = {}
    for name, start in zip(new.directions.names, new.origin.tolist(), strict=True):
        amount = value.get(name)
        if amount is None:
            continue
        before = starts.get(name, start)
        if new.absolute != old.absolute:
            found[name] = float(np.clip(amount - before + start, *reach(start)))
        elif amount != before or name not in starts:
            found[name] = float(np.clip(amount, *reach(start)))
    return found
