"""What the anchors of a path are called: what can be set, and what is refused."""

from __future__ import annotations

from typing import Any

from latentwidgets.common.items import check_ordered
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError

__all__ = ["check_names"]


def check_names(given: Any, count: int) -> tuple[str, ...]:
    """Take names of anchors: one for each of so many, or none.

    Raises
    ------
    LatentTypeError, LatentValueError
        If these are no texts, or there are more or fewer.

    Examples
    --------
    >>> check_names(["first", "last"], 2)
    ('first', 'last')
    """
    names = check_ordered(given, "names are", "texts, one an anchor")
    for name in names:
        if not isinstance(name, str):
            raise LatentTypeError(f"names hold {brief(name)}; expected texts, one an anchor.")
    if names and len(names) != count:
        raise LatentValueError(
            f"there are {len(names)} names and {count} anchors. Give one name an anchor, or [] for "
            "none."
        )
    return tuple(str(name) for name in names)
