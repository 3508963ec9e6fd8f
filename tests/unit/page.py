"""The page of a widget: what it is told, what it sets, and what it asks.

A widget speaks with its page through a comm, and a kernel says what a comm is. Here it is a `Wire`
(see `conftest.py`), and a `Page` is at the other end of it.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import comm
import numpy as np
import traitlets.log
from comm.base_comm import BaseComm
from numpy.typing import NDArray
from PIL import Image

Message = tuple[dict[str, Any], list[bytes]]


class Wire(BaseComm):
    """A comm that keeps what has reached the page.

    Attributes
    ----------
    state : dict
        What the page knows of the widget's state: all of it as the widget opened, and each change.
    messages : list
        The other messages, each with its buffers, that the page has not read yet.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.state: dict[str, Any] = {}
        self.messages: list[Message] = []
        super().__init__(*args, **options)  # which publishes the state

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[bytes] | None = None,
        **keys: Any,
    ) -> None:
        data, buffers = data or {}, [bytes(buffer) for buffer in buffers or ()]
        if data.get("method") == "custom":
            self.messages.append((_through_json(data["content"]), buffers))
            return
        state = {name: _through_json(value) for name, value in data.get("state", {}).items()}
        for (*path, last), buffer in zip(data.get("buffer_paths", ()), buffers, strict=True):
            holder: Any = state
            for key in path:
                holder = holder[key]
            holder[last] = buffer
        self.state.update(state)


class Page:
    """The page at the other end of a widget's comm: `Page(widget.comm)`.

    Whatever a widget raises while it takes a message is raised to the test.

    Attributes
    ----------
    state, messages
        As of `Wire`.
    """

    def __init__(self, wire: Any) -> None:
        assert isinstance(wire, Wire), "a closed widget has no page"
        self._wire = wire
        self.state, self.messages = wire.state, wire.messages

    def child(self, name: str) -> Page:
        """Give the page of a widget that a trait of this one holds."""
        return Page(comm.get_comm_manager().get_comm(self.state[name].removeprefix("anywidget:")))

    def set(self, **state: Any) -> None:
        """Set state, as controls do; bytes are at the top of a dict."""
        self.state.update(state)
        sent: dict[str, Any] = {}
        paths: list[list[str]] = []
        buffers: list[bytes] = []
        for name, value in state.items():
            parts = value.items() if isinstance(value, dict) else ()
            found = {key: part for key, part in parts if isinstance(part, bytes)}
            paths += [[name, key] for key in found]
            buffers += found.values()
            sent[name] = {key: part for key, part in parts if key not in found} if found else value
        message = {"method": "update", "state": _through_json(sent), "buffer_paths": paths}
        self._tell(message, buffers)

    def say(self, content: Any) -> None:
        """Send a message: anything at all."""
        self._tell({"method": "custom", "content": _through_json(content)})

    def ask(self, **question: Any) -> None:
        """Ask for the frame at some coordinates; or ask something else."""
        asked = {"type": "ask", "client": "page", "seq": 1, "route": self.state["_route"]}
        self.say({**asked, "fast": False, "drafts": True, **question})

    def answer(self) -> Message:
        """Wait for the next message, and read it."""
        deadline = time.monotonic() + 20
        while not self.messages:
            assert time.monotonic() < deadline, "no answer came"
            time.sleep(0.002)
        return self.messages.pop(0)

    def asked(self, **question: Any) -> dict[str, Any]:
        """Ask, and wait for what is answered."""
        self.ask(**question)
        return self.answer()[0]

    def picture(self) -> tuple[list[float], NDArray[np.uint8]]:
        """Load anew, and give the picture that is there at once: its coordinates, its pixels."""
        self._tell({"method": "request_state"})
        shown = self.state["_picture"]
        shown = shown[0] if isinstance(shown, list) else shown  # of a grid there are more
        return shown["at"], np.asarray(Image.open(io.BytesIO(base64.b64decode(shown["data"]))))

    def _tell(self, data: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        with _raising():
            self._wire.handle_msg({"content": {"data": data}, "buffers": buffers or []})


def array_in(value: dict[str, Any]) -> NDArray[Any]:
    """Read an array from the state of jupyter-scatter's widget."""
    return np.frombuffer(value["view"], value["dtype"]).reshape(value["shape"])


def state_of(array: NDArray[Any]) -> dict[str, Any]:
    """Write an array as it is in the state of jupyter-scatter's widget."""
    return {"view": array.tobytes(), "dtype": str(array.dtype), "shape": list(array.shape)}


def _through_json(value: Any) -> Any:
    """Give what JSON makes of a value; text, such as the code of a widget, stays what it is."""
    return value if isinstance(value, str) else json.loads(json.dumps(value, allow_nan=False))


@contextmanager
def _raising() -> Iterator[None]:
    """Raise what is raised while a message is handled, which ipywidgets only logs."""
    raised: list[BaseException] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            here = record.thread == threading.get_ident()
            if here and record.exc_info and str(record.msg).startswith("Exception in"):
                assert record.exc_info[1] is not None
                raised.append(record.exc_info[1])

    handler, log = Handler(), traitlets.log.get_logger()
    assert isinstance(log, logging.Logger)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
    if raised:
        raise raised[0]
