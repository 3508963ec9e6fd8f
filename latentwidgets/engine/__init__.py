"""Decides what to decode next, and decodes it: the newest question first, never a backlog."""

from __future__ import annotations

from . import messages, replies
from .cache import FrameCache
from .conversation import Conversation
from .drawn import Drawn
from .messages import (
    AskMessage,
    ChangesMessage,
    LatentMessage,
    LayersMessage,
    LeakageMessage,
    StopMessage,
    StripMessage,
)
from .ordinary import Ordinary, ordinary_of
from .parsing import parse
from .renderer import Renderer
from .scheduler import PIECE_SECONDS, Scheduler

__all__ = [
    "PIECE_SECONDS",
    "AskMessage",
    "ChangesMessage",
    "Conversation",
    "Drawn",
    "FrameCache",
    "LatentMessage",
    "LayersMessage",
    "LeakageMessage",
    "Ordinary",
    "Renderer",
    "Scheduler",
    "StopMessage",
    "StripMessage",
    "messages",
    "ordinary_of",
    "parse",
    "replies",
]
