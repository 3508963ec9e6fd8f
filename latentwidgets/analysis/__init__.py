"""Numbers about spaces, paths, points and directions."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latentwidgets.analysis.next_tokens import next_tokens
    from latentwidgets.analysis.steering_curve import steering_curve

__all__ = ["next_tokens", "steering_curve"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    # The submodule of a name's own would stand in its place once it is loaded.
    value = getattr(importlib.import_module(f"{__name__}.{name}"), name)
    globals()[name] = value
    return value
