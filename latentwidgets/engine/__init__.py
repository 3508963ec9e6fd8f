"""Decides what to decode next, and decodes it: the newest question first, never a backlog.

`scheduler` says what is next, and when idle work may run; `renderer` makes the frames; and
`conversation` speaks with the page.
"""

from __future__ import annotations

from . import messages, replies
from .cache import FrameCache
from .conversation import Conversation
from .drawn import Drawn
from .leakage import Readers
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
from .widget_hooks import Hooks

__all__ = [
    "PIECE_SECONDS",
    "AskMessage",
    "ChangesMessage",
    "Conversation",
    "Drawn",
    "FrameCache",
    "Hooks",
    "LatentMessage",
    "LayersMessage",
    "LeakageMessage",
    "Ordinary",
    "Readers",
    "Renderer",
    "Scheduler",
    "StopMessage",
    "StripMessage",
    "messages",
    "ordinary_of",
    "parse",
    "replies",
]
