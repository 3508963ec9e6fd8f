"""What the encoder of pictures takes: its own range and shape, which need not be the decoder's."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.kinds.reading.image_format import ImageFormat, guess_shape
from latentwidgets.kinds.reading.ranges import USUAL, looks_like_logits, tell_apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from latentwidgets.kinds.reading.ranges import Range, Shape

__all__ = ["encoder_format", "guess_encode_range", "other_formats"]


def encoder_format(
    decoded: ImageFormat, *, shape: Shape | None, value_range: Range, layout: str
) -> ImageFormat:
    """Say how pictures are given to an encoder.

    Parameters
    ----------
    decoded : ImageFormat
        How the decoder's outputs are read.
    shape : tuple of int or None
        Shape of one picture as the encoder takes it; as the decoder returns it if None.
    value_range : tuple of float
        Which values the encoder takes for black and white.
    layout : str
        The option of `latentwidgets.LatentSpace`.

    Returns
    -------
    ImageFormat
        The encoder's format.

    Raises
    ------
    LatentValueError
        If the shape is none of a picture.

    Examples
    --------
    >>> decoded = ImageFormat((1, 28, 28), (1, 28, 28), True, (0, 1))
    >>> encoder_format(decoded, shape=(3, 64, 64), value_range=(-1, 1), layout="auto").size
    (64, 64, 3)
    """
    if shape is None:
        return replace(decoded, value_range=value_range)
    if len(shape) == 1 and math.prod(shape) == math.prod(decoded.stored_shape):
        return replace(decoded, output_shape=shape, value_range=value_range)
    try:
        stored, channels_first, _ = guess_shape(shape, layout=layout)
    except DecodeError as error:
        raise LatentValueError(
            f"encode_shape is {shape}; expected the shape of one picture as the encoder takes it: "
            "(height, width), (channels, height, width) or (height, width, channels) with 1, 3 or "
            "4 channels, or of a square picture that is flat, how many numbers it has."
        ) from error
    return ImageFormat(shape, stored, channels_first, value_range)


def guess_encode_range(
    value_range: Range, extent: Range, *, whole_levels: bool, doubted: bool = False
) -> tuple[Range, str | None]:
    """Guess which values an encoder takes for black and white, from those of the decoder.

    Parameters
    ----------
    value_range : tuple of float
        The decoder's, as it was guessed.
    extent : tuple of float
        The smallest and the largest value that it returned.
    whole_levels : bool
        Whether the decoder returns uint8.
    doubted : bool
        Whether the decoder's range is itself in doubt, or is one of logits.

    Returns
    -------
    value_range : tuple of float
        The encoder's.
    doubt : str or None
        What to warn about where nothing speaks for it.

    Examples
    --------
    >>> guess_encode_range((0, 1), (0.1, 0.9), whole_levels=False)
    ((0, 1), None)
    >>> guess_encode_range((-18, 16), (-18, 16), whole_levels=False)[0]
    (0.0, 1.0)
    """
    if value_range in USUAL and not whole_levels and not doubted:
        return value_range, None
    logits = not whole_levels and any(looks_like_logits(*one) for one in (extent, value_range))
    taken = (0.0, 1.0) if logits else value_range
    low, high = tell_apart(*extent)
    black, white = tell_apart(*taken)
    returned = "uint8" if whole_levels else f"values from {low} to {high}"
    doubt = (
        f"decode returns {returned}, which says nothing of what encode takes: images of uint8 or "
        f"bool are given to it in ({black}, {white}). Pass encode_range=({black}, {white}) to say "
        "so, or the range that the encoder was trained on, such as encode_range=(0, 1)."
    )
    if logits:
        doubt += " If the decoder returns logits, also give it a sigmoid at its end: decode=..."
    return taken, doubt


def other_formats(taken: ImageFormat) -> Iterator[tuple[ImageFormat, str | None]]:
    """Go through other shapes in which an encoder may take pictures of one size.

    Parameters
    ----------
    taken : ImageFormat
        The shape that it did not take.

    Yields
    ------
    other : ImageFormat
        Another; the likeliest comes first.
    doubt : str or None
        What to warn about where it takes that.

    Examples
    --------
    >>> grey = ImageFormat((1, 28, 28), (1, 28, 28), True, (0, 1))
    >>> [other.output_shape for other, _ in other_formats(grey)][:3]
    [(784,), (28, 28), (28, 28, 1)]
    """
    height, width, channels = taken.size
    tried = {taken.output_shape}
    own = (taken.stored_shape, taken.channels_first)
    flat = (math.prod(taken.stored_shape),)
    ways: list[tuple[Shape, Shape, bool]] = [(flat, *own)]
    # Grey may be wanted for colours and the other way round; nobody wants an opacity made up.
    for count in sorted({channels, 1, 3}, key=lambda count: count != channels):
        first, last = (count, height, width), (height, width, count)
        ways += [((height, width), (height, width, 1), False)] if count == 1 else []
        ways += [(first, first, True), (last, last, False)]
    for shape, stored, channels_first in ways:
        if shape not in tried:
            tried.add(shape)
            doubt = None
            if math.prod(shape) != flat[0]:
                many = f"{channels} channel{'s' * (channels != 1)}"
                doubt = (
                    f"encode does not take pictures with {many}, as decode returns them, and gets "
                    f"them as {shape}. Pass encode_shape={shape} to say so."
                )
            yield ImageFormat(shape, stored, channels_first, taken.value_range), doubt
