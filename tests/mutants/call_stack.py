"""A plugin for pytest that keeps mutmut's call stack where a finalizer cannot break it.

mutmut notes in a context variable which function called which. A finalizer that runs while the
variable is set, and calls such a function itself, sets it within: CPython 3.11 then reads what it
has let go of, and the process that finds out which tests reach what crashes. The same in a plain
attribute of each thread bears it.

mutmut also stands between a person's line and the function that it calls: warnings pass it by.
"""

from __future__ import annotations

import threading

from mutmut.core import MutmutCallStack

from latentwidgets.common.warning import GO_BETWEENS


class _Here(threading.local):
    caller: tuple[str | None, int] = (None, 0)


_here = _Here()


def _get() -> tuple[str | None, int]:
    return _here.caller


def _set(caller: tuple[str | None, int]) -> tuple[str | None, int]:
    before, _here.caller = _here.caller, caller
    return before


MutmutCallStack.get = _get  # type: ignore[method-assign]
MutmutCallStack.set = _set  # type: ignore[method-assign, assignment]
MutmutCallStack.reset = _set  # type: ignore[method-assign, assignment]
GO_BETWEENS.add("mutmut")
