"""The profiles of an editor: at which layers each of its directions acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from latentwidgets.common.frozen_dict import Frozen
from latentwidgets.common.wording import brief
from latentwidgets.directions.profiles import profile_of
from latentwidgets.errors import LatentTypeError, LatentValueError

__all__ = ["Profiles", "profiles_of"]


class Profiles(Frozen[tuple[float, ...]]):
    """Profiles by the names of directions; read-only, so that no change goes by unseen."""

    _way_out = "Set all of it: widget.profiles = {**widget.profiles, 'age': range(4, 8)}."

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a copy is an ordinary dict


def profiles_of(given: Any, names: Sequence[str], layers: Sequence[str]) -> Profiles:
    """Read profiles; those that leave a direction as it is are left out.

    Parameters
    ----------
    given : mapping
        By name, what `profile_of` takes. The names must have been checked.
    names : sequence of str
        The names of all directions, in order.
    layers : sequence of str
        The names of the space's layers.

    Returns
    -------
    Profiles
        In the order of the directions.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one of them is no profile, or the space has no layers.

    Examples
    --------
    >>> profiles_of({"b": range(1, 2), "a": [1, 1]}, ["a", "b"], ["low", "high"])
    {'b': (0.0, 1.0)}
    """
    if not given:
        return Profiles()
    if not layers:
        raise LatentValueError(
            "there are profiles, but this space has no layers. Where the first axis of its latents "
            "is layers, say so: as_space(..., layers=True)."
        )
    read = {name: profile_of(given[name], layers, name) for name in names if name in given}
    return Profiles({name: found for name, found in read.items() if set(found) != {1.0}})


def check_mapping(given: Any) -> None:
    """Refuse what is no mapping."""
    if not isinstance(given, Mapping):
        raise LatentTypeError(
            f"profiles are {brief(given)}; expected profiles by name, such as "
            "{'age': range(4, 8)}."
        )
