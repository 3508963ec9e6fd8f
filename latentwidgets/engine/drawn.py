"""`Drawn`: frames, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from latentwidgets.frames import Frame

__all__ = ["Drawn"]


class Drawn(NamedTuple):
    """Frames, and what they cost.

    Attributes
    ----------
    frames : list of Frame
        One for each position, or for some positions of a strip; empty if there is nothing to show.
    decoded : int
        How many of them were decoded now; the others had been kept.
    seconds : float
        How long that took.
    more : bool
        Whether more frames of the same question follow: others of a strip, or better ones of the
        same positions if these are drafts.
    """

    frames: list[Frame]
    decoded: int = 0
    seconds: float = 0.0
    more: bool = False
