"""How a decoder's outputs are to be read as pictures: shape, channels and value range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_one_of
from latentwidgets.errors import DecodeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.ranges import Range, Shape

__all__ = ["LAYOUTS", "ImageFormat", "doubt_picture", "guess_shape"]

LAYOUTS = ("auto", "channels_first", "channels_last")
# How many channels a picture may have: grey, RGB, RGBA.
CHANNELS = (1, 3, 4)
# The same numbers of channels, the likeliest first.
_LIKELY = (3, 1, 4)
# Flat outputs that make a picture of fewer rows than this, and pictures with an axis of no more
# than so many pixels, may well be something else.
SMALL, NARROW = 8, 4
# Outputs of two axes, one of so few rows and the other so many times as long, may well be curves.
# Spectrograms and lines of text have more rows.
FEW_ROWS, LENGTHY = 16, 8


@dataclass(frozen=True)
class ImageFormat:
    """How the outputs of one decoder are to be read as pictures.

    Parameters
    ----------
    output_shape : tuple of int
        Shape of one output as the decoder returns it.
    stored_shape : tuple of int
        The same with its three axes: ``(channels, height, width)`` or
        ``(height, width, channels)``.
    channels_first : bool
        Which of the two it is.
    value_range : tuple of float
        The values that stand for black and for white.

    Examples
    --------
    >>> shape, first, _ = guess_shape((3, 64, 48))
    >>> ImageFormat((3, 64, 48), shape, first, value_range=(-1.0, 1.0)).size
    (64, 48, 3)
    """

    output_shape: Shape
    stored_shape: Shape
    channels_first: bool
    value_range: Range

    @property
    def size(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        a, b, c = self.stored_shape
        return (b, c, a) if self.channels_first else (a, b, c)

    @property
    def scale(self) -> float:
        """What to multiply a value with on the way to [0, 255]."""
        low, high = self.value_range
        return 255.0 / (high - low)

    @property
    def origin(self) -> float:
        """What to subtract before: half a level below black.

        So a value lands half a level higher than it is, and cutting off its decimals rounds it.
        """
        low, high = self.value_range
        return low - (high - low) / 510

    def to_model(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """Turn pictures into what the model itself would have returned for them.

        Parameters
        ----------
        images : ndarray
            ``(n, height, width, channels)``, ``(n, channels, height, width)``,
            ``(n, height, width)`` or ``(n, *output_shape)``. uint8 runs from 0 to 255 and bool
            from False to True; every other dtype is taken to be in the model's own range.

        Returns
        -------
        ndarray
            float32, ``(n, *output_shape)``.

        Raises
        ------
        LatentValueError
            If the shape does not fit.
        """
        viewed = self._channels_last(images)
        if viewed is None:
            raise LatentValueError(self._misfit(images))
        pixels = self._with_channels(self._in_range(viewed))
        if self.channels_first:
            pixels = np.moveaxis(pixels, -1, 1)
        return np.ascontiguousarray(pixels).reshape(-1, *self.output_shape)

    def _channels_last(self, images: NDArray[Any]) -> NDArray[Any] | None:
        """View pictures as ``(n, height, width, channels)``; None if their shape does not fit."""
        shape, size = images.shape[1:], self.size[:2]
        if len(shape) == 3 and shape[:2] == size and shape[2] in CHANNELS:
            return images
        if len(shape) == 3 and shape[1:] == size and shape[0] in CHANNELS:
            return np.moveaxis(images, 1, -1)
        if shape == size:
            return images[..., np.newaxis]
        if shape == self.output_shape:
            pixels = images.reshape(-1, *self.stored_shape)
            return np.moveaxis(pixels, 1, -1) if self.channels_first else pixels
        return None

    def _misfit(self, images: NDArray[Any]) -> str:
        """Say what is wrong with pictures of another shape, and what to do about it."""
        if self._channels_last(images[np.newaxis]) is not None:
            way_out = "Is this a single image? Pass images[None]."
        elif math.prod(images.shape[1:]) == math.prod(self.stored_shape):
            way_out = f"Reshape them: images.reshape(-1, {', '.join(map(str, self.stored_shape))})."
        else:
            way_out = (
                "Resize them first; or, where the encoder takes another size than the decoder "
                "returns, make the space with encode_shape=(height, width) or with channels, such "
                "as (3, height, width)."
            )
            if images.ndim == 2:
                way_out += " Latents are no pictures: pass those that they were encoded from."
        height, width, _ = self.size
        return (
            f"images have shape {images.shape}; this space takes {height}x{width} pictures, "
            f"(n, {height}, {width}, channels). {way_out}"
        )

    def _in_range(self, pixels: NDArray[Any]) -> NDArray[np.float32]:
        """Turn pixels of any dtype into float32 in the model's range."""
        floats = pixels.astype(np.float32)
        if pixels.dtype in (np.uint8, np.bool_):
            low, high = self.value_range
            floats *= (high - low) / (255 if pixels.dtype == np.uint8 else 1)
            floats += low
        return floats

    def _with_channels(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give pixels as many channels as the model takes.

        Grey is the luminance of colours; an opacity that was missing is full.
        """
        have, want = pixels.shape[-1], self.size[2]
        if have == want:
            return pixels
        colours = pixels[..., :3]
        if want == 1:
            luminance = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
            return (colours @ luminance)[..., np.newaxis]
        colours = np.broadcast_to(colours, (*pixels.shape[:-1], 3))
        if want == 3:
            return colours
        opaque = np.full((*pixels.shape[:-1], 1), self.value_range[1], np.float32)
        return np.concatenate([colours, opaque], axis=-1)


def guess_shape(
    output_shape: Shape, *, layout: str = "auto", image_shape: Shape | None = None
) -> tuple[Shape, bool, str | None]:
    """Find the axes of a picture in the shape of one output.

    Parameters
    ----------
    output_shape : tuple of int
        Shape of one output as the decoder returns it.
    layout : str
        One of `LAYOUTS`.
    image_shape : tuple of int, optional
        What to reshape an output to first, for decoders that return flat outputs. For others it may
        only add or drop axes of length 1.

    Returns
    -------
    stored_shape : tuple of int
        Three axes, in the decoder's order.
    channels_first : bool
        Whether the first of them is the channels.
    doubt : str or None
        What to warn about where this is an unsafe guess.

    Raises
    ------
    DecodeError
        If this is no picture.

    Examples
    --------
    >>> guess_shape((28, 28))
    ((28, 28, 1), False, None)
    >>> guess_shape((3, 64, 64), layout="channels_first")
    ((3, 64, 64), True, None)
    """
    shape, doubt = output_shape, None
    if image_shape is not None:
        if math.prod(image_shape) != math.prod(output_shape):
            raise DecodeError(
                f"decode returned outputs of shape {output_shape}, {math.prod(output_shape)} "
                f"values each; image_shape={image_shape} needs {math.prod(image_shape)}."
            )
        axes = _without_ones(output_shape)
        if len(axes) > 1 and axes != _without_ones(image_shape):
            raise DecodeError(
                f"decode returned outputs of shape {output_shape}; image_shape={image_shape} would "
                "scramble them, since only flat outputs are laid out anew. Leave image_shape out, "
                'and where channels are mistaken pass layout="channels_first" or "channels_last".'
            )
        shape = image_shape
    elif len(shape) == 1:
        shape, doubt = _guess_flat(shape[0], layout)
    if len(shape) == 2 and min(shape) > 0:
        return (*shape, 1), False, doubt
    if len(shape) == 3 and min(shape) > 0:
        first, last = shape[0] in CHANNELS, shape[-1] in CHANNELS
        if layout == "auto" and first and last:
            # Both the first and the last axis could be the channels: RGB is likelier than grey, and
            # grey likelier than RGBA.
            likelier = _LIKELY.index(shape[0]) - _LIKELY.index(shape[-1])
            layout = "channels_last" if likelier > 0 else "channels_first"
            if likelier == 0:
                doubt = doubt or (
                    f"outputs have shape {shape}, which may have its channels first or last; they "
                    'are taken to be first. Pass layout="channels_first" or "channels_last".'
                )
        if first and layout != "channels_last":
            return shape, True, doubt
        if last and layout != "channels_first":
            return shape, False, doubt
    said = "" if layout == "auto" else f' and layout="{layout}"'
    raise DecodeError(
        f"decode returned outputs of shape {output_shape}; a picture is (height, width), "
        "(height, width, channels) or (channels, height, width) with 1, 3 or 4 channels. "
        f"Return that; this space has image_shape={image_shape}{said}."
    )


def doubt_picture(
    output_shape: Shape,
    stored_shape: Shape,
    *,
    channels_first: bool,
    whole: bool,
    pixels: bool = False,
) -> str | None:
    """Say why outputs that can be laid out as pictures are hardly any.

    Parameters
    ----------
    output_shape : tuple of int
        Shape of one output as the decoder returns it.
    stored_shape : tuple of int
        The same with the three axes of a picture.
    channels_first : bool
        Whether the first of these is the channels.
    whole : bool
        Whether outputs are whole numbers of another dtype than uint8.
    pixels : bool
        Whether their dtype is one of pixels: uint8 or bool.

    Returns
    -------
    str or None
        What to warn about; None where nothing speaks against pictures.

    Examples
    --------
    >>> doubt_picture((28, 28), (28, 28, 1), channels_first=False, whole=False)
    >>> doubt_picture((100, 3), (100, 3, 1), channels_first=False, whole=False)[:60]
    'outputs of shape (100, 3) are drawn as pictures, 100 high an'
    """
    height, width = stored_shape[1:] if channels_first else stored_shape[:2]
    short, long = sorted((height, width))
    if whole:
        why = "they are whole numbers, as those of tokens or classes are"
    elif len(output_shape) == 1 and long < SMALL:
        why = f"they are flat and few, {output_shape[0]} numbers, as the features of a table are"
    elif len(output_shape) == 1 and (long % 8 and long != 28):
        why = f"they are flat, {output_shape[0]:,} numbers, which is no usual size of a picture"
    elif short <= NARROW and long >= 2 * short:
        why = f"an axis of {short} may be the coordinates of points, or the channels of a curve"
    elif short <= FEW_ROWS and long >= LENGTHY * short and len(output_shape) == 2 and not pixels:
        why = f"an axis of {short} beside one of {long} may be the channels of curves"
    else:
        return None
    size = (height, width) if stored_shape == (height, width, 1) else stored_shape
    turned = ""
    if len(output_shape) == 2 and output_shape[0] > output_shape[1]:
        turned = " with a decode that returns outputs.swapaxes(1, 2)"
    return (
        f"outputs of shape {output_shape} are drawn as pictures, {height} high and {width} wide; "
        f"but {why}. Pass kind='curve' for curves, (channels, points){turned}; another kind, or "
        f"a decode that draws them; or kind='image', image_shape={size} to say that they are "
        "pictures."
    )


def _without_ones(shape: Shape) -> Shape:
    """Leave out axes of length 1."""
    return tuple(size for size in shape if size != 1)


def _guess_flat(features: int, layout: str) -> tuple[Shape, str | None]:
    """Read flat features as a square picture, grey or else RGB."""
    side = math.isqrt(features)
    if side > 1 and side**2 == features:
        return (side, side), None
    side = math.isqrt(features // 3)
    if side > 1 and 3 * side**2 == features:
        if layout == "channels_last":
            return (side, side, 3), None
        doubt = (
            f"outputs are flat, {features} values each; they are taken to be pictures of shape "
            f"(3, {side}, {side}). Pass image_shape=({side}, {side}, 3) if colours come last, "
            f"or image_shape=(3, {side}, {side}) to say so; kind='curve', or another kind, where "
            "they are no pictures."
        )
        return (3, side, side), None if layout == "channels_first" else doubt
    raise DecodeError(
        f"decode returned flat outputs of {features} values, which make no square picture. "
        "Pass image_shape=(height, width) or (height, width, channels); for curves kind='curve', "
        "for sounds sample_rate=..."
    )


def check_layout(layout: str) -> str:
    """Check the option `layout`."""
    return check_one_of(layout, "layout", LAYOUTS)
