"""Pictures: how a decoder's outputs are read as such, and how they are drawn."""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from latentwidgets.common.checks import check_finite, check_sizes, real_array
from latentwidgets.common.warning import warn_caller
from latentwidgets.frames.encode import as_png, image_frame, to_png
from latentwidgets.frames.frame import BARE
from latentwidgets.frames.plot import PixelPlotter
from latentwidgets.frames.tiles import tiled
from latentwidgets.kinds.reading.arrays import enlarged
from latentwidgets.kinds.reading.calls import (
    check_extent,
    check_shape,
    finite_extent,
    outputs_of,
    widened,
)
from latentwidgets.kinds.reading.encoder_input import (
    encoder_format,
    guess_encode_range,
    other_formats,
)
from latentwidgets.kinds.reading.image_format import (
    ImageFormat,
    check_layout,
    doubt_picture,
    guess_shape,
)
from latentwidgets.kinds.reading.ranges import (
    NEAR_BLACK,
    USUAL,
    GuessWarning,
    check_range,
    guess_range,
    leaves,
    looks_like_logits,
    tell_apart,
    warn_guess,
)
from latentwidgets.kinds.shared.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.frames.frame import Frame, Quality
    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.ranges import Range, Shape

__all__ = ["KIND", "ImageFramer", "PictureReader"]


class PictureReader:
    """Reads the outputs of one decoder as pictures.

    Parameters
    ----------
    name : str
        What to call the decoder in warnings.
    layout, value_range, image_shape, encode_range, encode_shape
        The options of `latentwidgets.LatentSpace`.
    is_chosen : bool
        Whether a person said that outputs are pictures.

    Attributes
    ----------
    image_format : ImageFormat or None
        How outputs are read; None until the first are.
    encoder_format : ImageFormat or None
        How pictures are given to the encoder.
    """

    kind = "image"

    def __init__(
        self,
        name: str,
        *,
        layout: str,
        value_range: str | ArrayLike,
        image_shape: tuple[int, ...] | None,
        encode_range: str | ArrayLike = "auto",
        encode_shape: int | tuple[int, ...] | None = None,
        is_chosen: bool = False,
    ) -> None:
        self.image_format: ImageFormat | None = None
        self.encoder_format: ImageFormat | None = None
        self._name = name
        self._layout = check_layout(layout)
        self._value_range = check_range(value_range)
        self._image_shape = image_shape
        if image_shape is not None:
            self._image_shape = check_sizes(image_shape, "image_shape", axes=(2, 3))
        self._encode_range = check_range(encode_range, "encode_range")
        self._encode_shape: Shape | None = None
        if encode_shape is not None:
            self._encode_shape = check_sizes(encode_shape, "encode_shape", axes=(1, 2, 3))
        # Whether anything that a person said is said of pictures only.
        self._is_picture = is_chosen or image_shape is not None or layout != "auto"
        self._range_is_guess = self._reads_drafts = False
        # What to warn about when pixels are turned into numbers for the encoder; empty once it was
        # said, and None where its range is known.
        self._encode_doubt: str | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known how outputs are read."""
        return self.image_format is not None

    @property
    def value_range(self) -> Range | None:
        """The values of black and white. None until they are known."""
        return self.image_format.value_range if self.image_format else self._value_range

    def read(
        self, raw: object, count: int, probe: Callable[[], Iterable[Outputs]]
    ) -> NDArray[np.uint8]:
        """Convert outputs to uint8 ``(n, height, width, channels)``: see `Reader.read`."""
        outputs = outputs_of(
            raw,
            count,
            expected=self.image_format.output_shape if self.image_format else None,
            doubted_by="" if self.settled else self._name,
        )
        if self.image_format is None:
            self.image_format = self._find_format(outputs, finite_extent(outputs), probe)
        if self._reads_drafts:
            outputs = enlarged(outputs, self.image_format.output_shape)
        check_shape(outputs, self.image_format.output_shape)
        images, extent = outputs.to_uint8(self.image_format)
        check_extent(outputs, extent)
        if self._range_is_guess:
            self._check_guess(extent, self.image_format.value_range)
        return images

    def unchanging(self) -> PictureReader:
        """Return a copy that reads drafts: they may be smaller, and it warns of no range."""
        other = copy.copy(self)
        other._range_is_guess, other._reads_drafts = False, True
        return other

    def take(self, given: ArrayLike) -> NDArray[Any]:
        """Check pictures that are to be encoded."""
        pictures = real_array(given, "images")
        check_finite(pictures, "images")
        assert self.encoder_format is not None
        if pictures.dtype not in (np.uint8, np.bool_):
            # Where its range is in doubt they may be the model's own numbers, as of a PCA.
            doubted = self._encode_doubt is not None
            check_image_range(pictures, self.encoder_format.value_range, doubted=doubted)
        elif self._encode_doubt:
            warn_guess(self._encode_doubt, self._name)
            self._encode_doubt = ""
        return pictures

    def to_model(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Turn them into what the model's encoder takes."""
        assert self.encoder_format is not None
        return self.encoder_format.to_model(batch)

    def other_layouts(self) -> Iterator[tuple[PictureReader, str | None]]:
        """Give readers for encoders that take pictures of other shapes than decoders return."""
        assert self.encoder_format is not None
        if self._encode_shape is None:
            for found, doubt in other_formats(self.encoder_format):
                other = copy.copy(self)
                other.encoder_format = found
                yield other, doubt

    def _find_format(
        self, outputs: Outputs, extent: Range, probe: Callable[[], Iterable[Outputs]]
    ) -> ImageFormat:
        """Find out how outputs are to be read, and warn where that is an unsafe guess."""
        shape, channels_first, doubt = guess_shape(
            outputs.shape[1:], layout=self._layout, image_shape=self._image_shape
        )
        if not self._is_picture:
            hardly = doubt_picture(
                outputs.shape[1:],
                shape,
                channels_first=channels_first,
                whole=outputs.is_whole and self._value_range is None,
                pixels=outputs.dtype_range is not None,
            )
            if hardly and not (doubt and len(outputs.shape) == 2):
                doubt = hardly
        if doubt:
            warn_guess(doubt, self._name)
        value_range = self._value_range or outputs.dtype_range
        encode_range, guessed = self._encode_range or self._value_range, value_range is None
        if value_range is None:
            # With a value near -1 the range is (-1, 1). Without one it may still be, so that a few
            # more outputs are looked at.
            if extent[0] > NEAR_BLACK:
                extent = widened(extent, probe, name=self._name)
            low, high = np.quantile(outputs.to_float32(), (0.05, 0.95)).tolist()
            value_range, doubt = guess_range(*extent, most=(low, high))
            self._range_is_guess = True
            if doubt:
                warn_guess(doubt, self._name)
        image_format = ImageFormat(outputs.shape[1:], shape, channels_first, value_range)
        # Of logits, the range that they are shown in is hardly what the encoder takes.
        as_logits = self._encode_range is None and looks_like_logits(*value_range)
        if encode_range is None or as_logits:
            likely, self._encode_doubt = guess_encode_range(
                value_range,
                extent,
                whole_levels=not guessed and value_range != (0, 1) and self._value_range is None,
                doubted=bool(guessed and doubt) or as_logits,
            )
            encode_range = likely
        self.encoder_format = encoder_format(
            image_format, shape=self._encode_shape, value_range=encode_range, layout=self._layout
        )
        return image_format

    def _check_guess(self, extent: Range, guessed: Range) -> None:
        """Warn, once, if outputs are far outside of the range that was guessed."""
        if leaves(extent, guessed):
            self._range_is_guess = False
            (low, high), guess = tell_apart(*extent), ", ".join(tell_apart(*guessed))
            warn_guess(
                f"outputs now reach from {low} to {high}, outside of ({guess}), which was guessed "
                "from earlier ones; they are clipped. Pass value_range=(low, high).",
                self._name,
            )


def check_image_range(images: NDArray[Any], value_range: Range, *, doubted: bool = False) -> None:
    """Warn if images that are to be encoded can hardly be in the model's range.

    Where that is in doubt, it warns of those alone that reach a hundred times as far.
    """
    extent = float(images.min()), float(images.max())
    if doubted and max(map(abs, extent)) <= 100 * max(map(abs, value_range)):
        return
    # Pictures in [0, 1] that go as they are to an encoder of (-1, 1) or (0, 255) have no blacks.
    narrow = value_range in USUAL[1:] and 0 <= extent[0] < extent[1] <= 1 < 2 * extent[1]
    if leaves(extent, value_range) or narrow:
        low, high = value_range
        least, most = tell_apart(images.min(), images.max())
        warn_caller(  # of these images, and not only once
            f"images reach from {least} to {most}; this space's encoder takes them in "
            f"({', '.join(tell_apart(low, high))}). Scale them, or pass uint8; where it takes "
            "another range, make the space with encode_range=(low, high).",
            GuessWarning,
        )


class ImageFramer(PixelPlotter):
    """Draws images, ``(n, height, width, channels)``: several of them as tiles.

    Examples
    --------
    >>> two = np.zeros((2, 8, 8, 3), np.uint8)
    >>> ImageFramer().picture(two).size
    (17, 8)
    """

    def frame(self, outputs: NDArray[np.uint8], at: tuple[float, ...], quality: Quality) -> Frame:
        """Encode the images shown at some coordinates."""
        return image_frame(tiled(outputs), at, quality)

    def picture(self, outputs: NDArray[np.uint8], columns: int | None = None) -> Image.Image:
        """Turn them into a PIL image in mode "L", "RGB" or "RGBA"."""
        return self.tiles(outputs, columns)

    def pixels(self, outputs: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Give the images, which are pixels already."""
        return outputs

    def png(self, frame: Frame) -> bytes:
        """Turn a frame into a PNG, which every viewer knows."""
        if frame.mime == "image/png":
            return frame.data
        if not frame.mime.startswith(BARE):
            return as_png(Image.open(io.BytesIO(frame.data)))
        width = int(frame.mime.removeprefix(BARE))
        pixels = np.frombuffer(frame.data, np.uint8).reshape(-1, width, 4)
        opaque = bool((pixels[..., 3] == 255).all())
        return to_png(pixels[..., :3] if opaque else pixels)


KIND = Kind(
    name="image",
    make_reader=lambda name, options: PictureReader(
        name,
        layout=options.layout,
        value_range=options.value_range,
        image_shape=options.image_shape,
        encode_range=options.encode_range,
        encode_shape=options.encode_shape,
        is_chosen=options.kind != "auto",
    ),
    make_framer=lambda _sample_rate, _value_range: ImageFramer(),
    takes=("layout", "value_range", "image_shape", "encode_range", "encode_shape"),
    has_pixels=True,
    has_derivative=True,
    is_default=True,
)
