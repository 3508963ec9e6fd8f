"""Numbers about spaces, paths, points and directions."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latentwidgets.analysis.next_token_table import next_tokens
    from latentwidgets.analysis.path_comparison import compare_paths
    from latentwidgets.analysis.path_geodesic import geodesic
    from latentwidgets.analysis.path_length import perceptual_path_length
    from latentwidgets.analysis.path_smoothness import smoothness
    from latentwidgets.analysis.steering import steering_curve
    from latentwidgets.analysis.typicality import Typicality

# No module has the name of a function: once loaded it would stand in its place.
_HOMES = {
    "Typicality": "typicality",
    "compare_paths": "path_comparison",
    "geodesic": "path_geodesic",
    "next_tokens": "next_token_table",
    "perceptual_path_length": "path_length",
    "smoothness": "path_smoothness",
    "steering_curve": "steering",
}

__all__ = [
    "Typicality",
    "compare_paths",
    "geodesic",
    "next_tokens",
    "perceptual_path_length",
    "smoothness",
    "steering_curve",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
