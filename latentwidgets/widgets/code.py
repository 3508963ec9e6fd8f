"""The code of the widgets on a page: sent and saved once, however many widgets there are."""

from __future__ import annotations

import importlib.resources
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import anywidget
import ipywidgets
import traitlets

from latentwidgets.common.kernel import kernel_here

if TYPE_CHECKING:
    from latentwidgets.engine import Renderer

__all__ = [
    "DECODES",
    "EXPLORER_CODE",
    "HELP_OF_MAPS",
    "LIVE_CODE",
    "Code",
    "Coded",
    "code_in",
    "page_code_in",
    "reference",
    "shared",
    "static",
]


def static(name: str) -> str:
    """Return the text of a file of the built front end."""
    folder = importlib.resources.files("latentwidgets").joinpath("static")
    return folder.joinpath(name).read_text("utf-8")


# A module of JavaScript that imports the code that a widget refers to, and passes all on to it.
LOADER = static("loader.js")
# What shows a widget where there is no kernel.
PAGE_CODE = static("saved_page.js"), static("saved_page.css")
# The first of these where its decoder is there; and what decodes in a page.
LIVE_CODE, DECODES = static("live_page.js"), static("part_page.js")
# What shows an explorer there.
EXPLORER_CODE = static("explorer_page.js")

# What keys, gestures and marks there are; of a map and an explorer apart: the other widgets' pages
# need not carry their lines. The page of an explorer has none of its own: nearly all are about what
# only a kernel does, as undo, bookmarks and what is selected; its parts have theirs.
HELP, HELP_OF_MAPS = "part_help.js", "part_help_of_maps.js"

# What each kernel has sent to its pages. It is kept as long as the kernel runs: it is a few files,
# and the next widget needs them again.
_sent: WeakKeyDictionary[Any, dict[tuple[str, str], Code]] = WeakKeyDictionary()
_lock = threading.Lock()


def reference(what: str) -> traitlets.Any:
    """Make a trait that refers to code, which the page loads where it is needed."""
    return traitlets.Any("", help=what).tag(sync=True, **ipywidgets.widget_serialization)


class Code(ipywidgets.Widget):  # type: ignore[misc, unused-ignore]
    """Code on the page, which nothing shows and to which widgets refer.

    It is text: JupyterLab leaves bytes out when it saves widgets.
    """

    js = traitlets.Unicode(help="A module of JavaScript.").tag(sync=True)
    css = traitlets.Unicode(help="The style sheet of what the module shows.").tag(sync=True)


class Coded(anywidget.AnyWidget):
    """A widget that refers to its code, where all widgets of a kernel can share it.

    A subclass gives its code as `_esm` and its style sheet as `_css`, as any anywidget does. Where
    they are shared, the page gets a loader of less than 1 kB in their place.
    """

    _esm: Any
    _css: Any
    _code = traitlets.Any(None, help="What the loader loads.").tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _painter = reference("What paints frames that are no images.")
    _dials = reference("What makes the controls of conditions.")
    _neighbours = reference("What shows the nearest of the data.")
    _saver = reference("What saves files, takes those that are dropped, and copies code.")
    _help = reference("What keys, gestures and marks there are.")
    _help_file = HELP
    _parts: Any = traitlets.Dict(help="Code of what only some pages show, by name.").tag(
        sync=True, **ipywidgets.widget_serialization
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if isinstance(self._esm, str):  # no file that anywidget watches for changes
            code = shared(self._esm, self._css)
            if isinstance(code, Code):
                self._esm, self._css = LOADER, ""
                kwargs["_code"] = code
        super().__init__(*args, **kwargs)

    def _code_for(self, renderer: Renderer, *, data: bool) -> dict[str, Code | str]:
        """Give the code that it needs of what it shows, by the trait that refers to it.

        Parameters
        ----------
        renderer : Renderer
            Makes its frames.
        data : bool
            Whether there are data to compare latents with.
        """
        files = {
            "_painter": renderer.painter if renderer.draws else "",
            "_dials": "part_condition.js" if renderer.conditions else "",
            "_neighbours": "part_neighbours.js" if data else "",
        }
        code = {name: shared(static(file)) for name, file in files.items() if file}
        return {**self._tools(), **code}

    def _tools(self) -> dict[str, Code | str]:
        """Give the code that every widget needs, by the trait that refers to it."""
        files = {"_saver": "part_save.js", "_help": self._help_file}
        return {name: shared(static(file)) for name, file in files.items()}

    def _needs(self) -> list[str]:
        """Name the parts that its page needs as it opens, but for those of every widget."""
        return []

    def _load(self, *names: str) -> None:
        """Send the code of parts to pages, where they do not have it."""
        missing = [name for name in names if name not in self._parts]
        if missing:
            code = {name: shared(static(f"part_{name}.js")) for name in missing}
            self._parts = {**self._parts, **code}


def code_in(widget: Any) -> dict[str, Any]:
    """Give the state of a widget as JSON values, with its code in place of what refers to it.

    Without its first picture, which would be drawn, and what is for a kernel alone.
    """
    left_out = ("_picture", "_placed", "_seen")
    state: dict[str, Any] = widget.get_state([name for name in widget.keys if name not in left_out])
    for name in state:
        held = getattr(widget, name)
        if isinstance(held, Code):
            state[name] = held.js
    if isinstance(widget._code, Code):
        state["_esm"], state["_css"] = widget._code.js, widget._code.css
    return state


def page_code_in(widget: Any) -> tuple[dict[str, Any], tuple[str, str, str, str]]:
    """Give what shows a widget where there is no kernel: its state, and the code of its page.

    Returns
    -------
    state : dict
        As of `code_in`, without the widget's own module and style sheet.
    front_end : tuple of str
        These two, and those of a saved page.
    """
    state = code_in(widget)
    return state, (state.pop("_esm"), state.pop("_css"), *PAGE_CODE)


def shared(js: str, css: str = "") -> Code | str:
    """Give what a trait should hold for the page to import some code.

    Parameters
    ----------
    js : str
        A module of JavaScript.
    css : str
        The style sheet of what it shows.

    Returns
    -------
    Code or str
        In a Jupyter kernel, the one widget that holds this code: all pages of a kernel know all its
        widgets. Elsewhere the module itself. There a process may serve several people, and none of
        them knows the widgets of another. marimo moreover closes a widget when the cell that made
        it runs again, whoever else refers to it; and it sends equal `_esm` only once by itself.
    """
    kernel = kernel_here()
    if kernel is None:
        return js
    with _lock:
        held = _sent.setdefault(kernel, {})
        code = held.get((js, css))
        if code is None or code.comm is None:  # `Widget.close_all()` has closed it
            code = held[js, css] = Code(js=js, css=css)
        return code
