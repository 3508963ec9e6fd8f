"""The code of the widgets on the page: sent and saved once, however many widgets there are."""

from __future__ import annotations

import importlib.resources
import sys
import threading
from typing import Any
from weakref import WeakKeyDictionary

import anywidget
import ipywidgets
import traitlets


def static(name: str) -> str:
    """Return the text of a file of the built front end."""
    folder = importlib.resources.files("latentwidgets").joinpath("static")
    return folder.joinpath(name).read_text("utf-8")


class Code(ipywidgets.Widget):  # type: ignore[misc, unused-ignore]
    """What the page has of some code: a model without a view, to which widgets refer."""

    js = traitlets.Unicode(help="A JavaScript module.").tag(sync=True)
    css = traitlets.Unicode(help="The style of what it shows.").tag(sync=True)


class Coded(anywidget.AnyWidget):
    """A widget that refers to its code.

    A subclass gives its code as `_esm` and its style as `_css`, as anywidget wants them. Where a
    page can hold them once for all widgets of a kernel, the page is sent a short loader instead,
    and `_code` refers to what is to be loaded.
    """

    _esm: Any
    _css: Any
    _code = traitlets.Any(None, help="The code.").tag(sync=True, **ipywidgets.widget_serialization)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        code = shared(str(self._esm), str(self._css))
        if isinstance(code, Code):
            self._esm, self._css = LOADER, ""
            kwargs["_code"] = code
        super().__init__(*args, **kwargs)


# What a kernel has sent to its pages. It is kept as long as the kernel: a few files, which the next
# widget needs again.
_sent: WeakKeyDictionary[Any, dict[tuple[str, str], Code]] = WeakKeyDictionary()
_lock = threading.Lock()

LOADER = static("loader.js")


def shared(js: str, css: str = "") -> Code | str:
    """Give what a trait should hold so that the page can import some code.

    Returns
    -------
    Code or str
        In a Jupyter kernel, the one widget that holds this code: all its pages see all its widgets.
        Elsewhere the code itself. A process may serve several people there, none of whom sees the
        widgets of another; marimo also closes a widget when the cell that made it runs again,
        whoever else refers to it, and sends equal `_esm` once by itself.
    """
    kernel = _kernel()
    if kernel is None:
        return js
    with _lock:
        held = _sent.setdefault(kernel, {})
        code = held.get((js, css))
        if code is None or code.comm is None:  # it is closed by `Widget.close_all()`
            code = held[js, css] = Code(js=js, css=css)
        return code


def _kernel() -> Any:
    """Give the Jupyter kernel that this is; None where there is none."""
    ipython = sys.modules.get("IPython")
    return ipython and getattr(ipython.get_ipython(), "kernel", None)
