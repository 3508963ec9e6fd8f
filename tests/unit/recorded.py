"""Widgets that keep what they send to the page, so that tests can read it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import latentwidgets as lw
from latentwidgets.widgets.base import LatentWidget

if TYPE_CHECKING:
    Base = LatentWidget
else:
    Base = object


class Recorder(Base):
    """Asks as the page does, and keeps what would be sent there."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes] | None]] = []
        super().__init__(*args, **options)

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append((content, buffers))

    def ask(self, **more: Any) -> None:
        message = {"type": "ask", "client": "page", "seq": 1, "route": self._route, "fast": False}
        message["drafts"] = True
        self._receive(self, {**message, **more}, [])

    def answer(self) -> tuple[dict[str, Any], list[bytes] | None]:
        """Wait for the next answer."""
        deadline = time.monotonic() + 20
        while not self.sent:
            assert time.monotonic() < deadline, "no answer came"
            time.sleep(0.002)
        return self.sent.pop(0)


class RecordedEditor(Recorder, lw.DirectionEditor):
    """An editor that keeps what it sends."""


class RecordedGrid(Recorder, lw.LatentGrid):
    """A grid that keeps what it sends."""


class RecordedInterpolator(Recorder, lw.Interpolator):
    """An Interpolator that keeps what it sends."""


class RecordedMap(Recorder, lw.LatentMap):
    """A map that keeps what it sends."""
