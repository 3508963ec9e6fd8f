"""`Paged`: a widget whose decoder can run in the page."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import traitlets

from latentwidgets.common.wording import brief
from latentwidgets.engine.exports import forget_exported, has_changed
from latentwidgets.engine.handing import check_page
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.widgets.base import MEGABYTE, LatentWidget
from latentwidgets.widgets.code import DECODES, reference, shared
from latentwidgets.widgets.snapshot import shown_by
from latentwidgets.widgets.traits import Checked, Choice, Count, Flag

if TYPE_CHECKING:
    from latentwidgets.engine import Hooks
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Paged"]

RUNS = ("auto", "page", "kernel")
# Says where to decode, of widgets that do not say it themselves.
VARIABLE = "LATENTWIDGETS_RUN"
# All that are there: where the model of one has changed, so has that of others of its space.
_all: WeakSet[Paged] = WeakSet()
_changes = count(1)


class OfThePage(Checked):
    """What the page says, and nobody else."""

    def __set__(self, obj: Any, value: Any) -> None:
        """Refuse what a person sets; a page's word, and the kernel's own, come by `set_trait`."""
        raise LatentTypeError(
            f"{self.name} is {brief(value)}, but the page says it. To say where to decode, set run."
        )


class Paged(LatentWidget):
    """A widget whose decoder can run in the page, where the picture is exact at every repaint.

    The kernel decodes at first. Once the widget is used, the decoder is exported, and the page sees
    whether it decodes with it what the kernel decodes, to 1 of 255 levels; then it takes over.
    `image` and `latent` are the kernel's own all the same. All of this stands apart from
    `LatentWidget`, which works in full without it.

    Attributes
    ----------
    run : {"auto", "page", "kernel"}
        Where to decode: in the page as soon as it can, once a control was moved; in the page at
        once, or an error says why it cannot; or always in the kernel. Where it is not given, the
        environment variable ``LATENTWIDGETS_RUN`` says it, for all widgets of a kernel or a hub,
        and those that cannot be decoded in a page are "auto" then; by default "auto".
    runs_in : str
        Where it is decoded now: "page", "page: " and why without WebGPU, "kernel", or "kernel: "
        and why it stays there. Read-only: the page says it.
    page_memory : int
        The size, in MB, of the largest decoder that is sent to the page.
    page_gpu : bool
        Whether a torch module that the page decodes runs there by WebGPU, on a GPU of the machine
        that the browser is on, such as for a decoder that its processor is too slow for. Where the
        browser cannot, or so decodes other pictures, or more slowly than the kernel, its processor
        does it, and `runs_in` says why. Only a simulated GPU was tried: its speed on a real one has
        not been measured. The page gets 4 MB for it.
    """

    run = Choice(RUNS, "auto", help="Where to decode.").tag(sync=True)
    runs_in = OfThePage(
        "_check_runs_in",
        expected="'page', 'kernel', or 'kernel: ' and why it stays there",
        help="Where it is decoded now, and why it stays in the kernel. The page says it.",
        read_only=True,
    ).tag(sync=True)
    page_memory = Count(
        64, least=1, most=1024, help="Size of the largest decoder that goes to the page, in MB."
    ).tag(sync=True)

    page_gpu = Flag(False, help="Whether networks in the page run on its GPU, by WebGPU.").tag(
        sync=True
    )

    # Whenever it changes, pages leave it to the kernel until they have checked the decoder anew.
    _exports = traitlets.Int(0, help="Tells changes of the model apart.").tag(sync=True)
    _page = reference("What decodes in the page.")

    # Whether the environment says where to decode, and not who made the widget.
    _usual = False

    def __init__(self, *given: Any, **traits: Any) -> None:
        if "run" not in traits:
            self._usual, traits["run"] = True, _usual_run()
        super().__init__(*given, **traits)
        _all.add(self)

    def open(self) -> None:
        """Connect with pages; if it is to run there and cannot, say why."""
        if self.run == "page":
            try:
                self._check_page()
            except LatentValueError:
                if not self._usual:
                    raise
                self.run = "auto"
        self._send_page()
        self.set_trait("runs_in", self._in_kernel())
        super().open()

    def refresh(self) -> None:
        """Forget every frame and decode anew: for when the model itself has changed."""
        space = self._open_renderer().decoder
        if space is not None:
            _export_anew(space)
        super().refresh()

    def _follow(self) -> None:
        """Store the latent at the coordinates, and see that the model is what the page has.

        A cell may have trained it on, say, or added a hook.
        """
        super()._follow()
        space = self._renderer.decoder if self._renderer and self.run != "kernel" else None
        if space is not None and has_changed(space):
            _export_anew(space, seen=True)

    def _hooks(self) -> Hooks:
        return replace(
            super()._hooks(),
            most_bytes=lambda: int(self.page_memory) * MEGABYTE,
            insists=lambda: bool(self.run == "page"),
        )

    def _check_page(self) -> None:
        hooks = self._hooks()
        check_page(self._open_renderer(), hooks.most_bytes(), hooks.tells(), shown_by(self).at)

    @traitlets.default("runs_in")
    def _in_kernel(self) -> str:
        """Say that the kernel decodes; and why, where no page ever will."""
        stays = self._renderer.stays if self._renderer else ""
        return f"kernel: {stays}" if stays else "kernel"

    def _check_runs_in(self, given: Any) -> str:
        if not isinstance(given, str) or given.partition(": ")[0] not in ("page", "kernel"):
            raise LatentValueError(
                f"runs_in is {brief(given)}; expected 'page', 'kernel', or 'kernel: ' and why."
            )
        return str(given)

    @traitlets.validate("run")
    def _check_run(self, proposal: Any) -> str:
        run: str = proposal["value"]
        if run == "page" and self.comm is not None:
            self._check_page()
        return run

    @traitlets.observe("run")
    def _send_page(self, _change: Any = None) -> None:
        renderer = self._renderer
        if self.run == "kernel" or self._page or renderer is None:
            return
        if renderer.draws and not renderer.stays:
            self._page = shared(DECODES)

    @traitlets.observe("run", "_route", "_exports")
    def _leave_page(self, change: Any) -> None:
        # Until the page has checked that it can decode what is new.
        if change.name != "run" or self.run == "kernel":
            self.set_trait("runs_in", self._in_kernel())


def _export_anew(space: LatentSpace, *, seen: bool = False) -> None:
    """Have all pages of a space leave it to the kernel, until it was exported and checked anew."""
    forget_exported(space, seen=seen)
    change = next(_changes)
    for one in [*_all]:
        with suppress(LatentValueError):  # it is closed, or has no space
            if one.space is space:
                one.set_trait("_exports", change)


def _usual_run() -> str:
    """Say where to decode by default."""
    run = os.environ.get(VARIABLE) or "auto"
    if run not in RUNS:
        words = ", ".join(f'"{one}"' for one in RUNS)
        raise LatentValueError(f"{VARIABLE} is {brief(run)}; expected one of {words}.")
    return run
