"""Readers: one for each kind of output, which checks and converts what a decoder returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PIL import Image

from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.curve import CurveFramer, CurveReader
from latentwidgets.kinds.image import ImageFramer, PictureReader
from latentwidgets.kinds.objects import ObjectReader, RegisteredFramer
from latentwidgets.kinds.registry import check_kind
from latentwidgets.kinds.sound import SoundFramer, SoundReader
from latentwidgets.kinds.text import TextFramer, TextReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.frames.frame import Frame, Quality
    from latentwidgets.kinds.arrays import Outputs
    from latentwidgets.kinds.ranges import Range

__all__ = ["Reader", "make_reader"]


class Reader(Protocol):
    """Reads the outputs of one decoder as outputs of one kind."""

    @property
    def kind(self) -> str:
        """What the outputs are."""

    @property
    def settled(self) -> bool:
        """Whether it is known how outputs are read; the first outputs settle it."""

    @property
    def value_range(self) -> Range | None:
        """Black and white, bottom and top, or full scale; None where there is none yet."""

    def read(self, raw: Any, count: int, probe: Callable[[], Iterable[Outputs]]) -> Any:
        """Convert what the decoder returned for `count` latents; `probe` decodes others."""

    def take(self, given: Any) -> NDArray[Any]:
        """Check outputs that are to be encoded, one a row."""

    def to_model(self, batch: NDArray[Any]) -> Any:
        """Turn some of them into what the encoder takes."""


def make_reader(
    name: str,
    kind: str,
    *,
    sample_rate: int | None,
    layout: str,
    value_range: str | ArrayLike,
    image_shape: tuple[int, ...] | None,
) -> Reader:
    """Make the reader of a decoder.

    Parameters
    ----------
    name : str
        What to call the decoder in warnings.
    kind, sample_rate, layout, value_range, image_shape
        The options of `latentwidgets.LatentSpace`. "auto" makes a reader of pictures, or of sounds
        where there is a sample rate.

    Returns
    -------
    Reader
        The reader.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an option cannot be used, or is for another kind.
    """
    if isinstance(kind, str) and kind == "auto":
        kind = "image" if sample_rate is None else "sound"
    kind = check_kind(kind)
    if kind == "sound" and sample_rate is None:
        raise LatentValueError(
            "a space of kind 'sound' needs to know how many samples there are in a second. Pass "
            "sample_rate, for instance sample_rate=22050."
        )
    options = {
        "sample_rate": (sample_rate, None, ("sound",)),
        "layout": (layout, "auto", ("image",)),
        "image_shape": (image_shape, None, ("image",)),
        "value_range": (value_range, "auto", ("image", "curve", "sound")),
    }
    for option, (value, unset, kinds) in options.items():
        given = value is not None and not (isinstance(value, str) and value == unset)
        if given and kind not in kinds:
            raise LatentValueError(
                f"{option} is {value!r}, but this space is of kind {kind!r}; expected it only for "
                f"{' or '.join(kinds)}. Leave {option} out, or pass kind={kinds[0]!r}."
            )
    if sample_rate is not None:
        return SoundReader(name, sample_rate=sample_rate, value_range=value_range)
    if kind == "image":
        return PictureReader(name, layout=layout, value_range=value_range, image_shape=image_shape)
    if kind == "curve":
        return CurveReader(value_range)
    return TextReader() if kind == "text" else ObjectReader(kind)


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
