"""What does not change: dictionaries, and what else is kept in results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

import numpy as np

from latentwidgets.errors import LatentTypeError

__all__ = ["Frozen", "frozen"]

Value = TypeVar("Value")


class Frozen(dict[str, Value]):
    """A read-only dictionary. It can be hashed where its values can.

    Examples
    --------
    >>> counts = Frozen(samples=5)
    >>> counts == {"samples": 5}, counts | {"samples": 6}
    (True, {'samples': 6})
    """

    _way_out = "Make another one: {**this, 'name': value}."

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise LatentTypeError(f"this cannot be changed in place. {self._way_out}")

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = pop = popitem = clear = setdefault = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def frozen(value: Any) -> Any:
    """Make mappings, lists and arrays read-only, and what is in them.

    Of an array it is a view: whoever else has the array can still write to it.

    Examples
    --------
    >>> frozen({"a": [1, {"b": 2}]})
    {'a': (1, {'b': 2})}
    """
    if isinstance(value, Mapping):
        return Frozen({key: frozen(one) for key, one in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(map(frozen, value))
    if isinstance(value, np.ndarray):
        view = value.view()
        view.flags.writeable = False
        return view
    return value
