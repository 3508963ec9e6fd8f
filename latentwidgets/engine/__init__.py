"""What gets decoded when: the newest question first, then strips; never a backlog."""

from __future__ import annotations

from .cache import FrameCache
from .engine import Drawn, Engine
from .questions import LatentQuestion, Question, StripQuestion, parse

__all__ = ["Drawn", "Engine", "FrameCache", "LatentQuestion", "Question", "StripQuestion", "parse"]
