"""What gets decoded when: the newest question first, then strips; never a backlog."""

from __future__ import annotations

from latentwidgets.engine.cache import FrameCache
from latentwidgets.engine.messages import LatentQuestion, Question, StripQuestion, parse
from latentwidgets.engine.scheduler import PIECE_SECONDS, Drawn, Engine

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
