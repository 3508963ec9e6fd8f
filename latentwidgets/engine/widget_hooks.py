"""`Hooks`: what only some widgets say and do where a page asks, and their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from latentwidgets.common.wanted import never
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.common.pieces import Steps
    from latentwidgets.engine.handed import Tell
    from latentwidgets.engine.leakage import Readers
    from latentwidgets.engine.replies import Said, SpeedCurve
    from latentwidgets.routes.route import Coordinates

__all__ = ["Hooks"]


def _nothing_said(_at: Coordinates) -> Said | None:
    return None


def _nothing_to_tell() -> Tell | None:
    return None


def _no_speeds(_at: Coordinates, *, chance: bool) -> Steps[SpeedCurve]:
    raise LatentValueError("there is no path here, along which the output could change.")


def _nothing_taken(_data: str) -> None:
    raise LatentValueError("there is nothing here that a file could bring back.")


def _no_readers() -> Readers | None:
    return None


def _no_bytes() -> int:
    return 0


@dataclass(frozen=True)
class Hooks:
    """What only some widgets say and do where a page asks; what is left out, a widget has not.

    Parameters
    ----------
    said : callable
        ``said(at)`` returns what to send beside the frame at some coordinates, or None.
    tells : callable
        Returns what gives what is said of all points of a map, and holds nothing of the widget; or
        None. See `Handing`.
    speeds : callable
        ``speeds(at, chance=...)`` finds out, step by step, how fast the output changes along a
        path; or, with chance, along paths between samples of the prior.
    readers : callable
        ``readers()`` gives what reads the outputs of an edit; None for its directions' readouts.
    visit : callable or None
        ``visit(row)`` goes to one of the data, or takes it as the base.
    take : callable
        ``take(data)`` shows what a file says that was dropped, in base64.
    most_bytes : callable
        Returns how many bytes of a decoder the page is sent at most.
    insists : callable
        Returns whether a person wants the page to decode, however slow the decoder is.
    """

    said: Callable[[Coordinates], Said | None] = _nothing_said
    tells: Callable[[], Tell | None] = _nothing_to_tell
    speeds: Callable[..., Steps[SpeedCurve]] = _no_speeds
    readers: Callable[[], Readers | None] = _no_readers
    visit: Callable[[int], object] | None = None
    take: Callable[[str], object] = _nothing_taken
    most_bytes: Callable[[], int] = _no_bytes
    insists: Callable[[], bool] = never
