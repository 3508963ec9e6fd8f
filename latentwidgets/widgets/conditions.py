"""What widgets keep of conditions, and what they tell their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.frozen_dict import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.space.condition import Condition

__all__ = ["Values", "abouts"]


class Values(Frozen[Any]):
    """Values of conditions by name; read-only, so that no change goes by unseen."""

    _way_out = "Set all of it: widget.conditions = {**widget.conditions, 'class': 'mug'}."

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a copy is an ordinary dict


def abouts(conditions: Mapping[str, Condition]) -> list[dict[str, Any]]:
    """Say what the page must know of conditions: their names, and what they may be.

    Parameters
    ----------
    conditions : mapping of str to Condition
        Those that can be moved.

    Returns
    -------
    list of dict
        In order, as JSON.

    Examples
    --------
    >>> from latentwidgets.space.conditions import conditions_of
    >>> abouts(conditions_of({"class": ["owl", "mug"]}))
    [{'name': 'class', 'default': 0.0, 'low': 0.0, 'high': 1.0, 'choices': ['owl', 'mug']}]
    """
    found: list[dict[str, Any]] = []
    for name, one in conditions.items():
        low, high = one.bounds
        about = {"name": name, "default": one.coordinate(one.default), "low": low, "high": high}
        more = {"step": one.step} if one.choices is None else {"choices": list(one.choices)}
        note = {"note": one.note} if one.note else {}
        found.append({**about, **more, **note})
    return found
