"""What gets decoded when: the newest question first, then strips; never a backlog."""

from __future__ import annotations

from .cache import FrameCache
from .engine import PIECE_SECONDS, Drawn, Engine
from .questions import LatentQuestion, Question, StripQuestion, parse

__all__ = [
    "PIECE_SECONDS",
    "Drawn",
    "Engine",
    "FrameCache",
    "LatentQuestion",
    "Question",
    "StripQuestion",
    "parse",
]
