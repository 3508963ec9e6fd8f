"""Jupyter server extension: send small kernel messages at once, and serve what pages decode with.

A kernel's answer to one message is several small websocket writes (busy, reply, idle).
With Nagle's algorithm the second of them waits until the browser has acknowledged the first,
and browsers delay acknowledgements by about 40 ms. Switching the algorithm off for kernel
websockets (TCP_NODELAY) takes that wait out of every widget's round trip and adds no byte
to what is sent.

Where a decoder runs in the page, onnxruntime-web runs it: some 4 MB, compressed. From the server
a browser fetches them once and keeps them; without this extension each page gets them from its
kernel.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

# What runs decoders in a page, as files.
RUNTIME = Path(__file__).parent / "runtime"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "latentwidgets.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    settings = app.web_app.settings
    settings["kernel_websocket_connection_class"] = prompt(
        settings["kernel_websocket_connection_class"]
    )
    # The server's own handler of static files: a browser keeps those of which it names a version.
    address = rf"{settings['base_url']}latentwidgets/runtime/([\w.]+\.gz)"
    handler = settings["static_handler_class"]
    app.web_app.add_handlers(".*", [(address, handler, {"path": str(RUNTIME)})])


def prompt(connection_class: type) -> type:
    """Return a subclass of a kernel websocket connection that writes without delay.

    Parameters
    ----------
    connection_class : type
        The server's own class (``ServerApp.kernel_websocket_connection_class``).

    Returns
    -------
    type
        A subclass that sets TCP_NODELAY when it connects and changes nothing else.
    """

    class PromptConnection(connection_class):  # type: ignore[misc]
        async def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return await super().connect()

    return PromptConnection
