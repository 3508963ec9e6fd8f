"""Numbers about spaces, paths, points and directions."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latentwidgets.analysis.next_token_table import next_tokens
    from latentwidgets.analysis.steering import steering_curve
    from latentwidgets.analysis.typicality import Typicality

# No module has the name of a function: once loaded it would stand in its place.
_HOMES = {
    "Typicality": "typicality",
    "next_tokens": "next_token_table",
    "steering_curve": "steering",
}

__all__ = ["Typicality", "next_tokens", "steering_curve"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
