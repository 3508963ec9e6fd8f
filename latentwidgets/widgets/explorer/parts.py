"""The parts of an explorer: which there are, how they are linked, what makes the state of each."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import traitlets

from latentwidgets.common.items import check_items
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError
from latentwidgets.widgets.links import linked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from latentwidgets.widgets.links import Link

__all__ = [
    "PARTS",
    "SIZES",
    "STATES",
    "check_arranged",
    "links_between",
    "make_parts",
    "wanted_parts",
]

PARTS = ("map", "grid", "editor", "path")
# Unless somebody says otherwise, in CSS pixels: map and sliders are in sight with the picture.
SIZES: dict[str, dict[str, Any]] = {
    "map": {"height": 380},
    "grid": {"columns": 10, "cell_size": 56, "height": 232},
}
# What makes the state of each part, in the order in which it is put back.
STATES = {
    "map": ("selection", "latent", "index", "conditions"),
    "grid": ("grid", "value", "selection", "conditions"),
    "path": ("anchors", "method", "closed", "even_speed", "value", "conditions"),
    "editor": ("directions", "base", "mode", "hold", "profiles", "curves", "value", "conditions"),
}
LINKED = (("grid", "editor"), ("map", "editor"), ("grid", "path"), ("map", "path"))


def wanted_parts(parts: Iterable[str] | None, *, given: bool) -> tuple[tuple[str, ...], list[str]]:
    """Say which parts to make, and what is missing.

    Parameters
    ----------
    parts : iterable of str or None
        Those that the person asked for.
    given : bool
        Whether there are data.

    Returns
    -------
    names : tuple of str
        Of the parts, as in `PARTS`.
    missing : list of str
        A sentence for each part that there could be.

    Raises
    ------
    LatentValueError
        If the person asked for something else.

    Examples
    --------
    >>> wanted_parts(["path", "grid"], given=False)
    (('grid', 'path'), [])
    """
    if parts is not None:
        names = ", ".join(map(repr, PARTS))
        listed = check_items(
            [parts] if isinstance(parts, str) else parts, "parts are", f"one or more of {names}"
        )
        if not listed or not all(isinstance(name, str) and name in PARTS for name in listed):
            raise LatentValueError(f"parts are {brief(parts)}; expected one or more of {names}.")
        return tuple(name for name in PARTS if name in listed), []
    if given and find_spec("jscatter") is not None:
        return PARTS, []
    install = 'Install the extra "map" to see the data on a map: pip install "latentwidgets[map]".'
    return PARTS[1:], [install] * given


def check_arranged(_explorer: Any, given: Any) -> dict[str, Any]:
    """Take how a person has laid the parts out, as the page says it.

    Parameters
    ----------
    given : dict
        Any of "closed", the names of parts; "chosen", one of them; and "share", the width of the
        first column in percent.

    Raises
    ------
    LatentValueError
        If it is something else.

    Examples
    --------
    >>> check_arranged(None, {"closed": ["path"], "share": 40})
    {'closed': ['path'], 'share': 40}
    """
    fits: dict[str, Callable[[Any], bool]] = {
        "closed": lambda names: isinstance(names, list) and all(one in PARTS for one in names),
        "chosen": lambda name: name in PARTS,
        "share": lambda share: type(share) in (int, float) and 0 <= share <= 100,
    }
    known = isinstance(given, dict) and all(name in fits for name in given)
    if not known or not all(fits[name](value) for name, value in given.items()):
        raise LatentValueError(f"the arrangement is {brief(given)}; expected that of parts.")
    return dict(given)


def make_parts(
    makers: Mapping[str, Callable[[], Any]], made: dict[str, Any], *, insists: bool, in_page: bool
) -> list[str]:
    """Make parts; close those there are where one cannot be made that has to be.

    Parameters
    ----------
    makers : mapping of str to callable
        What makes each.
    made : dict of str to widget
        Gets them, by name.
    insists : bool
        Whether the person asked for each of them.
    in_page : bool
        Whether a map is to be decoded in the page, though others may have to be there without it.

    Returns
    -------
    list of str
        A sentence for a map that is missing, or that only the kernel decodes.

    Raises
    ------
    LatentWidgetsError
        Whatever a part raises that has to be there.
    """
    missing = []
    try:
        for name, make in makers.items():
            try:
                made[name] = make()
            except LatentValueError as error:
                if name != "map" or insists:
                    raise
                missing.append(f"There is no map: {error}")
        if in_page and "map" in made:
            try:
                made["map"].run = "page"
            except LatentValueError as error:
                missing.append(f"The kernel decodes the map: {error}")
    except BaseException:
        for part in made.values():
            part.close()
        raise
    return missing


def links_between(parts: Mapping[str, Any]) -> tuple[Link, ...]:
    """Link parts; what is selected on the map becomes no slider before the person wants one.

    Parameters
    ----------
    parts : mapping of str to widget
        By their names, as in `PARTS`.
    """
    first, *others = parts.values()
    for one in others:  # the pictures of all are smooth, or of none, as long as there are parts
        traitlets.link((first, "smooth"), (one, "smooth"))
    return tuple(
        linked(parts[one], parts[other], selections=False)
        for one, other in LINKED
        if one in parts and other in parts
    )
