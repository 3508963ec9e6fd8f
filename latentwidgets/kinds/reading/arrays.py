"""The arrays that models return, of whatever library, and how their numbers become pixels.

All are read through `Outputs`; `to_uint8` makes pixels of numbers (a page that decodes by itself
does the same in ``js/src/decode_in_page/pictures.js``).

`as_outputs` wraps what a decoder or encoder returned. An adapter registers the array type of its
library on it. In this way values are converted where they are, on a GPU for instance, and only the
result is copied to main memory.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import singledispatch
from typing import TYPE_CHECKING, Protocol

import numpy as np

from latentwidgets.common.lookup import handler_for
from latentwidgets.common.pictures import plain_colours
from latentwidgets.common.wording import raised
from latentwidgets.errors import DecodeError
from latentwidgets.kinds.reading.containers import is_array

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.image_format import ImageFormat
    from latentwidgets.kinds.reading.ranges import Range, Shape

__all__ = ["NumpyOutputs", "Outputs", "as_outputs", "enlarged"]

# How many values are converted at a time: so few that they stay in the processor's cache between
# one step of the conversion and the next.
_BLOCK = 2**17


# What to do about outputs that are no array, by their class.
_WAYS_OUT: dict[type, str] = {
    type(None): "Is there a return?",
    dict: "It holds no array: return one.",
    list: "Stack them, for instance with np.stack(outputs); where they are objects of a kind of "
    "your own, pass its name as kind.",
    str: "Return a list of texts, one for each latent.",
    tuple: "Stack them, for instance with np.stack(outputs), or return one of them.",
}


class Outputs(Protocol):
    """A batch of outputs, in the memory where the model left it."""

    @property
    def shape(self) -> Shape:
        """Shape of the batch, ``(n, ...)``."""

    @property
    def dtype_range(self) -> Range | None:
        """The values of black and white where the dtype says them, as uint8 does; else None."""

    @property
    def is_whole(self) -> bool:
        """Whether the dtype is one of whole numbers, other than uint8 and bool."""

    def extent(self) -> Range:
        """Return the smallest and the largest value, both NaN if any value is."""

    def finite_rows(self) -> NDArray[np.bool_]:
        """Say for each output whether all of its values are finite."""

    def to_uint8(self, image_format: ImageFormat) -> tuple[NDArray[np.uint8], Range]:
        """Convert to pixels, ``(n, height, width, channels)``, and return the extent too.

        Values below black become 0, those above white 255.
        """

    def to_float32(self) -> NDArray[np.float32]:
        """Copy the values to NumPy as they are."""


class NumpyOutputs:
    """Outputs in an array of NumPy.

    Parameters
    ----------
    array : ndarray
        Real numbers, ``(n, ...)``.
    """

    def __init__(self, array: NDArray[Any]) -> None:
        # With 16 bits NumPy is slow, and near 255 the numbers are too far apart.
        self._array: NDArray[Any] = array.astype(np.float32) if array.dtype == np.float16 else array
        self.shape: Shape = array.shape

    @property
    def dtype_range(self) -> Range | None:
        """The values of black and white where the dtype says them, as uint8 does; else None."""
        return {"uint8": (0.0, 255.0), "bool": (0.0, 1.0)}.get(self._array.dtype.name)

    @property
    def is_whole(self) -> bool:
        """Whether the dtype is one of whole numbers, other than uint8 and bool."""
        return self._array.dtype.kind in "iu" and self._array.dtype != np.uint8

    def extent(self) -> Range:
        """Return the smallest and the largest value, both NaN if any value is."""
        known = self.dtype_range
        return known or (float(self._array.min()), float(self._array.max()))

    def finite_rows(self) -> NDArray[np.bool_]:
        """Say for each output whether all of its values are finite."""
        rows: NDArray[np.bool_] = np.isfinite(self._array).reshape(self.shape[0], -1).all(axis=1)
        return rows

    def to_uint8(self, image_format: ImageFormat) -> tuple[NDArray[np.uint8], Range]:
        """Convert to pixels, ``(n, height, width, channels)``, and return the extent too."""
        stored = self._array.reshape(-1, *image_format.stored_shape)
        pixels = np.empty(stored.shape, np.uint8)
        # Where channels come first, they stay so in memory, and the axes of the array are named in
        # another order: to move the bytes would take as long as all the rest.
        images = pixels.transpose(0, 2, 3, 1) if image_format.channels_first else pixels
        if stored.dtype == np.uint8 and image_format.value_range == (0, 255):
            pixels[...] = stored
            return images, self.extent()
        size = max(1, _BLOCK // stored[0].size)
        levels = np.empty((min(size, len(stored)), *image_format.stored_shape), np.float32)
        extents = []
        # NaN and infinity go through without a warning: the caller finds them in the extent.
        with np.errstate(over="ignore", invalid="ignore"):
            # Black is subtracted in the dtype of the values, where that is finer than float32: of
            # large values float32 might make black and white one number.
            origin = np.result_type(stored.dtype, np.float32).type(image_format.origin)
            scale = np.float32(image_format.scale)
            for start in range(0, len(stored), size):
                block = stored[start : start + size]
                scaled = np.subtract(block, origin, out=levels[: len(block)])
                scaled *= scale
                extents.append((scaled.min(), scaled.max()))
                if not (extents[-1][0] >= 0 and extents[-1][1] < 256):
                    np.clip(scaled, 0, 255, out=scaled)
                pixels[start : start + size] = scaled
        lows, highs = np.array(extents, float).T
        return images, (lows.min() / scale + origin, highs.max() / scale + origin)

    def to_float32(self) -> NDArray[np.float32]:
        """Copy the values to NumPy as they are."""
        return self._array.astype(np.float32)


@singledispatch
def as_outputs(raw: object, *, source: str = "decode") -> Outputs:
    """Wrap what a model returned.

    Parameters
    ----------
    raw : array_like
        One array of outputs: NumPy, or of a library that has an adapter, or anything that has
        ``__array__``.
    source : str
        What returned it, for messages.

    Returns
    -------
    Outputs
        The same values, ready to be converted.

    Raises
    ------
    DecodeError
        If it is no array of real numbers.

    Examples
    --------
    >>> as_outputs(np.zeros((2, 28, 28))).shape
    (2, 28, 28)
    """
    handler = handler_for(as_outputs, raw)
    if handler is not None:
        outputs: Outputs = handler(raw, source=source)
        return outputs
    got = f"{source} returned a {type(raw).__name__}"
    dense = getattr(raw, "toarray", None)  # of a sparse matrix
    if dense is None and not is_array(raw):
        ways_out = (way_out for kind, way_out in _WAYS_OUT.items() if isinstance(raw, kind))
        what, way_out = "outputs", next(ways_out, "Return that.")
        if isinstance(raw, Iterator):
            one = isinstance(raw, Generator)
            got = f"{source} is a generator" if one else f"{got}, an iterator"
        if source == "encode" and raw is not None:
            what = "latents"
            way_out = "Pass encode=..., a function of images that returns that."
            if isinstance(raw, Iterator):
                way_out = "Where the last that it yields is meant, pass encode=lambda images: "
                way_out += "[*model.encode(images)][-1]."
        raise DecodeError(f"{got}; expected one array of {what}, (n, ...). {way_out}")
    try:
        array = np.asarray(plain_colours(raw) if dense is None else dense())
    except Exception as error:
        raise DecodeError(
            f"{got} that NumPy cannot read: {raised(error)}. Return a NumPy array."
        ) from error
    return as_outputs(array, source=source)


def enlarged(outputs: Outputs, shape: Shape) -> Outputs:
    """Repeat the numbers of small outputs, such as previews, where they fit a shape in this way.

    Parameters
    ----------
    outputs : Outputs
        ``(n, ...)``.
    shape : tuple of int
        The shape of one as it should be.

    Returns
    -------
    Outputs
        ``(n, *shape)`` where each axis of it is a multiple of theirs; else the same.

    Examples
    --------
    >>> enlarged(as_outputs(np.ones((2, 7, 7))), (28, 28)).shape
    (2, 28, 28)
    """
    small = outputs.shape[1:]
    fits = len(small) == len(shape) and all(
        size and want % size == 0 for size, want in zip(small, shape, strict=True)
    )
    if small == shape or not fits:
        return outputs
    array = outputs.to_float32()
    for axis, (size, want) in enumerate(zip(small, shape, strict=True), 1):
        array = np.repeat(array, want // size, axis=axis)
    low_high = outputs.dtype_range
    return NumpyOutputs(array.astype(np.uint8) if low_high == (0.0, 255.0) else array)


@as_outputs.register(np.ndarray)
def _(raw: NDArray[Any], *, source: str = "decode") -> Outputs:
    masked = int(np.ma.getmaskarray(raw).sum()) if isinstance(raw, np.ma.MaskedArray) else 0
    if masked:
        raise DecodeError(
            f"{source} returned an array of which {masked:,} numbers are masked; expected "
            "all to count. Fill them, such as with outputs.filled(0)."
        )
    if raw.dtype.kind not in "biuf":
        raise DecodeError(f"{source} returned an array of {raw.dtype}; expected real numbers.")
    return NumpyOutputs(np.asarray(raw))  # an np.matrix would keep two axes for ever
