"""Warnings at the line of the person's own code."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["warn_caller"]


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line of the person's own code that called this package.

    A package between that line and the one that warns, such as ipywidgets, which opens a widget, is
    no code of the person: the line is the one before this package comes in first.
    """
    level = found = 1
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] == "latentwidgets":
            found = level
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=found + 1)
