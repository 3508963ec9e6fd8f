"""A plugin for pytest that keeps all that mutmut says of its call stack.

CPython 3.11 can read a context variable's value after it has let go of it, where a finalizer runs
while the variable is reset: the process that finds out which tests reach what then crashes. There
are few values, so each of them is kept.

mutmut also stands between a person's line and the function that it calls: warnings pass it by.
"""

from __future__ import annotations

from mutmut.core import MutmutCallStack

from latentwidgets.common.warning import GO_BETWEENS

_kept: dict[tuple[str, int], tuple[str, int]] = {}
_set = MutmutCallStack.set


def _set_and_keep(value: tuple[str, int]) -> object:
    return _set(_kept.setdefault(value, value))


MutmutCallStack.set = _set_and_keep  # type: ignore[method-assign, assignment]
GO_BETWEENS.add("mutmut")
