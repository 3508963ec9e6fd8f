"""Readers: one for each kind of output, which checks and converts what a decoder returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from latentwidgets.curves import CurveReader
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds import check_kind
from latentwidgets.lists import ObjectReader, TextReader
from latentwidgets.pictures import PictureReader
from latentwidgets.sounds import SoundReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.image_format import Range
    from latentwidgets.outputs import Outputs

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
