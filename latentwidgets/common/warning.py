"""Warnings at the line of the person's own code."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["warn_caller"]

# Packages that call this one on behalf of the line that called them: `functools.singledispatch`,
# and what sets a trait or opens a widget.
GO_BETWEENS = {"anywidget", "contextlib", "functools", "ipywidgets", "traitlets"}


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line of the person's own code that called this package.

    What stands between that line and the one that warns is no code of the person, whether it is
    this package or one that calls it for them, such as ipywidgets, which opens a widget.
    """
    frame: FrameType | None = sys._getframe()
    level, found = 1, 2
    while frame is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        caller = frame.f_back
        if package == "latentwidgets" or (package in GO_BETWEENS and level == found):
            found = level + 1
        level, frame = level + 1, caller
    warnings.warn(message, category, stacklevel=min(found, level - 1))
