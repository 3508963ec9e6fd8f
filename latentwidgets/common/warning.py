"""Warnings at the line of the person's own code."""

from __future__ import annotations

import sys
import warnings

__all__ = ["warn_caller"]


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line of the person's own code that called this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals["__name__"].startswith(("latentwidgets", "functools")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
