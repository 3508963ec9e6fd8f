"""Names by which a model says what its numbers stand for, such as those of its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from contextlib import suppress
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.attributes import attribute
from latentwidgets.common.wording import brief
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.condition import MOST_CHOICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from latentwidgets.space.condition import Condition

__all__ = ["declared_by", "doubt_names", "doubt_order"]

# Where libraries keep them: numbers to names, names to numbers, or names in order. Those of
# transformers, of diffusers, of torchvision's data, of scikit-learn, and of people.
DECLARED = (
    *("id2label", "label2id", "labels", "class_to_idx", "idx_to_class"),
    *("classes_", "class_names", "classes"),
)


def declared_by(model: object) -> Iterator[tuple[str, dict[str, int]]]:
    """Find where a model, or its config, says which number each name stands for.

    Parameters
    ----------
    model : object
        Any model; what cannot be read says nothing.

    Yields
    ------
    where : str
        The attribute.
    places : dict of str to int
        The number of each name.

    Examples
    --------
    >>> class Model:
    ...     id2label = {0: "owl", 1: "mug"}
    >>> list(declared_by(Model()))
    [('id2label', {'owl': 0, 'mug': 1})]
    """
    for owner, path in ((model, ""), (attribute(model, "config"), "config.")):
        for name in DECLARED:
            with suppress(Exception):  # it is somebody else's: what it cannot tell is no fault here
                if places := _places(attribute(owner, name)):
                    yield f"{path}{name}", places


def doubt_names(conditions: Mapping[str, Condition], models: Iterable[object]) -> None:
    """Warn of conditions whose names stand at other places than in a model that has them.

    Parameters
    ----------
    conditions : mapping of str to Condition
        What a decoder takes beside latents.
    models : iterable of object
        What it runs.

    Warns
    -----
    GuessWarning
        Once a condition.
    """
    known = [(type(one).__name__, *found) for one in models for found in declared_by(one)]
    for name, one in conditions.items():
        any(doubt_order(name, one, places, f"{where} of {owner}") for owner, where, places in known)


def doubt_order(name: str, condition: Condition, places: Mapping[str, int], who: str) -> bool:
    """Warn where a condition has names at other places than somebody says; tell whether it did.

    Where more than one of its names is not known there, the two may be about different things.

    Parameters
    ----------
    name : str
        What the condition is called.
    condition : Condition
        The decoder gets the position of a name among its choices.
    places : mapping of str to int
        The number of each name, as somebody says.
    who : str
        Who says so.

    Examples
    --------
    >>> import warnings
    >>> from latentwidgets.space.condition import Condition
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     doubt_order("class", Condition(choices=["mug", "owl"]), {"owl": 0, "mug": 1}, "config")
    True
    """
    if not isinstance(condition.choices, tuple):
        return False
    given = {one: _number(one, places) for one in condition.choices}
    unknown = sum(number is None for number in given.values())
    moved = [
        (one, place, number)
        for place, (one, number) in enumerate(given.items())
        if number is not None and number != place
    ]
    if unknown > 1 or len(moved) <= unknown:
        return False
    one, place, number = moved[0]
    first = {number: one for one, number in reversed([*places.items()])}
    order = [first[number] for number in sorted(first)]
    warn_guess(
        f"conditions[{brief(name)}]: the model gets the place of a name, which for {brief(one)} is "
        f"{place}, and {who} says that it is {number}: unless decode translates it, something else "
        f"is shown by that name. Give all names in that order: {brief(order)}."
    )
    return True


def _places(given: Any) -> dict[str, int]:
    """Read which number each name stands for; empty where that is not what it says."""
    if isinstance(given, Sized) and len(given) > MOST_CHOICES:
        return {}
    if isinstance(given, Mapping):
        pairs = [
            (a, b) if isinstance(a, str) and not isinstance(b, str) else (b, a)
            for a, b in given.items()
        ]
    elif isinstance(given, (list, tuple, np.ndarray)):
        pairs = [(one, place) for place, one in enumerate(given)]
    else:
        return {}
    # JSON makes texts of whole numbers that are keys.
    if not all(isinstance(one, str) and _is_whole(number) for one, number in pairs):
        return {}
    return {str(one): int(number) for one, number in pairs}


def _is_whole(number: Any) -> bool:
    return isinstance(number, Integral) or (isinstance(number, str) and number.isdecimal())


def _number(name: str, places: Mapping[str, int]) -> int | None:
    """Give the number of a name; in letters of another case, where only one is so written."""
    if name in places:
        return places[name]
    alike = [number for one, number in places.items() if _plain(one) == _plain(name)]
    return alike[0] if len(alike) == 1 else None


def _plain(name: str) -> str:
    return name.strip().casefold()
