"""Framers: one for each kind of output, which makes frames and pictures of outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .curve import CurveFramer
from .image import ImageFramer
from .registered import RegisteredFramer
from .sound import SoundFramer
from .text import TextFramer

if TYPE_CHECKING:
    from PIL import Image

    from .frame import Frame, Quality

__all__ = ["Framer", "framer_for"]


class Framer(Protocol):
    """Makes frames of outputs of one kind.

    Attributes
    ----------
    painter : str
        The file of the front end that paints these frames; empty for images, which every widget
        paints.
    """

    painter: str

    def frame(self, outputs: Any, at: tuple[float, ...], quality: Quality, /) -> Frame:
        """Encode the outputs shown at some coordinates: one, or several as tiles."""

    def picture(self, outputs: Any, /) -> Image.Image:
        """Draw the same outputs."""

    def png(self, frame: Frame, /) -> bytes:
        """Draw what a frame shows, as PNG."""


def framer_for(kind: str, *, sample_rate: int | None, limits: tuple[float, float]) -> Framer:
    """Make the framer of a kind.

    Parameters
    ----------
    kind : str
        "image", "text", "curve", "sound", or one that was registered.
    sample_rate : int or None
        Of sounds: samples a second.
    limits : tuple of float
        Of curves: the values at the bottom and at the top, as they are now.

    Returns
    -------
    Framer
        The framer.
    """
    if kind == "image":
        return ImageFramer()
    if kind == "text":
        return TextFramer()
    if kind == "curve":
        return CurveFramer(limits)
    if kind == "sound" and sample_rate is not None:
        return SoundFramer(sample_rate)
    return RegisteredFramer(kind)
