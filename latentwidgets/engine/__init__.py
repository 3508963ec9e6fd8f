"""What gets decoded when, and the decoding: the newest question first, never a backlog."""

from __future__ import annotations

from .cache import FrameCache
from .drawn import Drawn
from .messages import LatentQuestion, Question, StripQuestion, parse
from .renderer import Renderer
from .scheduler import PIECE_SECONDS, Scheduler

__all__ = [
    "PIECE_SECONDS",
    "Drawn",
    "FrameCache",
    "LatentQuestion",
    "Question",
    "Renderer",
    "Scheduler",
    "StripQuestion",
    "parse",
]
