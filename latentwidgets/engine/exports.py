"""What the decoders of spaces are outside of Python: found out once for all widgets of a space."""

from __future__ import annotations

import threading
import time
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from latentwidgets.common.forks import in_child
from latentwidgets.common.wanted import UnwantedError, in_turn, never
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.route import digest_of
from latentwidgets.space.portable import (
    CHANGES_ITSELF,
    Linear,
    PassingError,
    carried,
    state_of,
    too_large,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.space.portable import Carried

__all__ = [
    "Exported",
    "check_runtime",
    "export",
    "exported_before",
    "forget_exported",
    "has_changed",
    "runtime",
    "version",
]

# What runs networks in the page: compressed files of onnxruntime-web, for processors and for GPUs.
RUNTIME = ("ort.mjs.gz", "ort.wasm.gz")
GPU_RUNTIME = ("ort.webgpu.mjs.gz", "ort.webgpu.wasm.gz")
# Whether a model has changed is looked at no more often than this, and for no more than this share
# of the time: what a function refers to may take a while to find.
LOOK_SECONDS, LOOK_SHARE = 0.25, 0.01
# After so many exports in a row to the same, of a model that seems to have changed, it stays.
MOST_IN_VAIN = 5
# A reason that may pass is looked at anew whenever somebody asks. Where it took longer than this to
# find it out, as of what hangs, it holds for so many times as long: it would keep the machine busy.
LONG_SECONDS, TIMES = 1.0, 10


class Exported(NamedTuple):
    """A decoder that can go, or the reason why not.

    Attributes
    ----------
    carried : Linear, Network or None
        The decoder.
    name : str
        Names what it holds.
    reason : str
        Why it stays; empty where it can go.
    most_bytes : int
        How large it might have been.
    until : float
        When the reason is to be looked at anew, by `time.monotonic`.
    """

    carried: Carried | None
    name: str
    reason: str
    most_bytes: int
    until: float = float("inf")


class _Export:
    """The export of one space: one thread at a time finds it out.

    Attributes
    ----------
    turn : Lock
        Held all the while.
    found : Exported or None
        What was found out.
    changes : int
        How often the model has changed.
    state, told : object
        What of the model was looked at as it was exported last, and as pages were last told to ask
        for an export; None before.
    look : float
        When that is compared next at the earliest, by `time.monotonic`.
    name : str
        Of what was exported last.
    in_vain : int
        How often the model seemed to have changed, but was exported to the same.
    """

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.found: Exported | None = None
        self.changes = 0
        self.state: object = None
        self.told: object = None
        self.look = 0.0
        self.name, self.in_vain = "", 0


# What was exported of each space, kept as long as the space lives.
_exports: WeakKeyDictionary[LatentSpace, _Export] = WeakKeyDictionary()
_changing = threading.Lock()


def export(
    space: LatentSpace,
    most_bytes: int,
    unwanted: Callable[[], bool] = never,
    *,
    insists: bool = False,
    anew: bool = False,
) -> Exported:
    """Export the decoder of a space, unless that was done since its model has changed.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    most_bytes : int
        How large the decoder may be.
    unwanted : callable
        Says whether nobody wants it any more; asked every now and then.
    insists : bool
        Whether a person asks for it, rather than that it would be of use.
    anew : bool
        Whether reasons that may pass are looked at anew at once, however long that may take.

    Raises
    ------
    UnwantedError
        If nobody wants it any more.
    """
    own = _export_of(space)
    with in_turn(own.turn, unwanted):
        while True:
            found, changes, state = own.found, own.changes, _state(space)
            first = found is None
            if found is None or _is_over(found, own.state != state, most_bytes, anew):

                def outdated(changes: int = changes) -> bool:
                    return own.changes != changes or unwanted()

                start = time.monotonic()
                try:
                    found = _found(space, most_bytes, outdated, insists)
                except UnwantedError:
                    if unwanted():
                        raise
                    continue  # the model has changed meanwhile
                after = _state(space)
                if found.reason == CHANGES_ITSELF:
                    state = after  # to find that out has changed it
                elif after != state:  # it is trained, say: what it was nobody wants to see
                    found = _staying(CHANGING, most_bytes, start)
                with _changing:
                    if own.changes != changes:
                        continue
                    own.found = found = _unless_in_vain(own, found, state)
                    own.state = state
                    if first:  # of a change that shows here before others ask, pages know nothing
                        own.told = state
            return _allowed(found, most_bytes)


CHANGING = "the model changes while it is exported."
IN_VAIN = (
    "it is written to all the time, though it decodes the same, so that nobody can tell when it "
    "has changed; refresh() tries again."
)


def _is_over(found: Exported, changed: bool, most_bytes: int, anew: bool) -> bool:
    """Tell whether what was found does not hold any more, or not for who asks now."""
    if found.reason in (IN_VAIN, CHANGES_ITSELF):
        return False
    passing, over = found.until < float("inf"), time.monotonic() >= found.until
    if found.carried is not None or not passing:
        return changed or (found.carried is None and found.most_bytes < most_bytes)
    return over or anew or (changed and found.reason != CHANGING)


def _unless_in_vain(own: _Export, found: Exported, state: object) -> Exported:
    """Give what was found, or the reason why its model is exported no more."""
    if found.carried is None:
        return found
    same = found.name == own.name
    own.in_vain = own.in_vain + (own.state != state) if same else 0
    own.name = found.name
    return Exported(None, "", IN_VAIN, found.most_bytes) if own.in_vain >= MOST_IN_VAIN else found


def _staying(reason: str, most_bytes: int, start: float) -> Exported:
    """Give a reason that may pass, and was found out since then."""
    now = time.monotonic()
    took = now - start
    return Exported(
        None, "", reason, most_bytes, now + TIMES * took if took > LONG_SECONDS else now
    )


def exported_before(space: LatentSpace) -> Exported | None:
    """Give what the decoder was exported to; None if it was not, or the model has changed since."""
    return _export_of(space).found


def forget_exported(space: LatentSpace, *, seen: bool = False) -> None:
    """Have a space exported anew, as its model has changed: what is under way is begun again.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    seen : bool
        Whether it is only `has_changed` that says so.
    """
    own = _export_of(space)
    state = _state(space) if seen else None
    with _changing:
        if seen and own.found is not None and own.state == state:
            own.told = state  # it was exported since it has changed
            return
        own.found = None
        own.changes += 1
        if not seen:
            own.name = ""


def has_changed(space: LatentSpace) -> bool:
    """Tell whether a model has changed since it was exported last, as far as is seen at once.

    It is looked at no more than every `LOOK_SECONDS`, and not at all where the model stays anyhow.
    """
    own, start = _export_of(space), time.monotonic()
    found = own.found
    if found is None or start < own.look:
        return False
    if found.reason == CHANGES_ITSELF:
        return False
    if found.reason == CHANGING and start < found.until:  # which it is known to do
        return False
    if found.reason and found.until == float("inf") and own.state == own.told:
        return False
    state = _state(space)
    end = time.monotonic()
    own.look = max(start + LOOK_SECONDS, end + (end - start) / LOOK_SHARE)
    return state is not None and not own.state == own.told == state


def _state(space: LatentSpace) -> object:
    """Give what differs once a model has changed; None where that cannot be seen now."""
    try:
        return state_of(space)
    except Exception:  # such as of a dictionary that another thread is changing
        return None


def runtime(*, gpu: bool = False) -> list[bytes]:
    """Read what runs networks in the page, on the processor or on a GPU.

    Raises
    ------
    LatentValueError
        If it is not there.
    """
    check_runtime(gpu=gpu)
    folder = files("latentwidgets").joinpath("runtime")
    return [folder.joinpath(name).read_bytes() for name in (GPU_RUNTIME if gpu else RUNTIME)]


def check_runtime(*, gpu: bool = False) -> None:
    """See that there is what runs networks in the page.

    Raises
    ------
    LatentValueError
        If it is not there.
    """
    folder = files("latentwidgets").joinpath("runtime")
    if not all(folder.joinpath(name).is_file() for name in (GPU_RUNTIME if gpu else RUNTIME)):
        build = "the build of onnxruntime-web for GPUs" if gpu else "onnxruntime-web"
        raise LatentValueError(
            f"this installation lacks {build}, which runs networks in a page. Wheels have it; of a "
            "copy of the repository, `make build` fetches it."
        )


def version() -> str:
    """Give the version of onnxruntime-web; empty where it is not there."""
    file = files("latentwidgets").joinpath("runtime", "version.txt")
    return file.read_text("utf-8").strip() if file.is_file() else ""


def _export_of(space: LatentSpace) -> _Export:
    with _changing:
        return _exports.setdefault(space, _Export())


def _found(
    space: LatentSpace, most_bytes: int, unwanted: Callable[[], bool], insists: bool
) -> Exported:
    """Find out what the decoder of a space is elsewhere."""
    start = time.monotonic()
    try:
        decoder = carried(space, most_bytes, unwanted, insists=insists, no_network=_no_network())
    except PassingError as error:
        return _staying(str(error), most_bytes, start)
    except LatentValueError as error:
        return Exported(None, "", str(error), most_bytes)
    except MemoryError:
        return _staying("there is no memory left for its export.", most_bytes, start)
    return Exported(decoder, _name(decoder), "", most_bytes)


def _no_network() -> str:
    """Say why no network can run in a page; nothing where some can."""
    try:
        check_runtime()
    except LatentValueError as error:
        return str(error)
    return ""


def _allowed(found: Exported, most_bytes: int) -> Exported:
    """Give what was found, or the reason why one that asks for no more cannot have it."""
    decoder, reason = found.carried, ""
    if decoder is not None and decoder.nbytes > most_bytes:
        reason = too_large(decoder.nbytes, most_bytes)
    elif decoder is not None and not isinstance(decoder, Linear):
        reason = _no_network()
    return Exported(None, "", reason, most_bytes) if reason else found


def _name(decoder: Carried) -> str:
    """Name a decoder by what it holds."""
    if isinstance(decoder, Linear):
        return digest_of(decoder.weights, decoder.offset)
    return digest_of(np.frombuffer(decoder.data, np.uint8))


def _note_child() -> None:
    """Renew the locks, in a fork, which threads of the other process may hold."""
    global _changing
    _changing = threading.Lock()
    for own in _exports.values():
        own.turn = threading.Lock()


in_child(_note_child)
