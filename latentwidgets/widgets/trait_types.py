"""The traits that widgets take as keywords, so that type checkers see a misspelling.

Each trait checks its own value. A subclass with traits of its own names them in an ``__init__`` of
its own: else checkers take them for misspelt.
"""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = ["GridTraits", "MapTraits", "PathTraits", "Traits"]


class Traits(TypedDict, total=False):
    """Those of all widgets; a `DirectionEditor` has no others."""

    conditions: Any
    frame_memory: Any
    layout: Any  # of ipywidgets, as are tabbable and tooltip
    page_gpu: Any
    page_memory: Any
    run: Any
    saved_bytes: Any
    size: Any
    smooth: Any
    strip_length: Any
    tabbable: Any
    tooltip: Any


class PathTraits(Traits, total=False):
    """Those of an `Interpolator`."""

    closed: Any
    even_speed: Any
    filmstrip: Any
    latent: Any
    loop: Any
    playing: Any
    speed: Any
    speed_curve: Any


class GridTraits(Traits, total=False):
    """Those of a `LatentGrid`."""

    cell_size: Any
    height: Any
    selected: Any
    selection: Any
    value: Any


class MapTraits(Traits, total=False):
    """Those of a `LatentMap`."""

    cluster_names: Any
    clusters: Any
    height: Any
    hovered: Any
    index: Any
    latent: Any
    path: Any
    search: Any
    selection: Any
    value: Any
