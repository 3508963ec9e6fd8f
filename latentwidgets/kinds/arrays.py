"""What a model returned, whatever library it comes from: the seam to the adapters.

A space asks `as_outputs` to wrap what its decoder or encoder returned, and from there on knows
only `Outputs`. An adapter registers the array type of its library on `as_outputs`, so conversion to
uint8 happens where the values are, before anything is copied to the host.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Protocol

import numpy as np

from latentwidgets.common.lookup import handler_for
from latentwidgets.errors import DecodeError

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from latentwidgets.kinds.image_format import ImageFormat
    from latentwidgets.kinds.ranges import Range, Shape

__all__ = ["NumpyOutputs", "Outputs", "as_outputs"]

# How many values are converted at a time: what fits into a processor's cache is touched once.
_BLOCK = 2**17


# What to do about outputs that are no array.
_WAYS_OUT: dict[type, str] = {
    type(None): "Is there a return?",
    dict: "Return one of its arrays.",
    list: "Stack them, for instance with np.stack(outputs); where they are objects of a kind of "
    "your own, pass its name as kind.",
    str: "Return a list of texts, one for each latent.",
    tuple: "Stack them, for instance with np.stack(outputs), or return one of them.",
}


class Outputs(Protocol):
    """A batch of outputs, still where the model left it."""

    @property
    def shape(self) -> Shape:
        """Shape of the batch, ``(n, ...)``."""

    @property
    def dtype_range(self) -> Range | None:
        """The values of black and white, where the dtype alone says them."""

    def extent(self) -> Range:
        """Return the smallest and the largest value; NaN if there is one."""

    def finite_rows(self) -> NDArray[np.bool_]:
        """Say for each output whether all of its values are finite."""

    def to_uint8(self, image_format: ImageFormat) -> tuple[NDArray[np.uint8], Range]:
        """Convert to ``(n, height, width, channels)``, clipped; return the extent too."""

    def to_float32(self) -> NDArray[np.float32]:
        """Copy the values to NumPy as they are."""


class NumpyOutputs:
    """Outputs in the host's memory.

    Parameters
    ----------
    array : ndarray
        Real numbers, ``(n, ...)``.
    """

    def __init__(self, array: NDArray[Any]) -> None:
        # NumPy computes in half precision slowly, and coarsely at 255.
        self._array: NDArray[Any] = array.astype(np.float32) if array.dtype == np.float16 else array
        self.shape: Shape = array.shape

    @property
    def dtype_range(self) -> Range | None:
        """The values of black and white, where the dtype alone says them."""
        return {"uint8": (0.0, 255.0), "bool": (0.0, 1.0)}.get(self._array.dtype.name)

    def extent(self) -> Range:
        """Return the smallest and the largest value; NaN if there is one."""
        known = self.dtype_range
        return known or (float(self._array.min()), float(self._array.max()))

    def finite_rows(self) -> NDArray[np.bool_]:
        """Say for each output whether all of its values are finite."""
        rows: NDArray[np.bool_] = np.isfinite(self._array).reshape(self.shape[0], -1).all(axis=1)
        return rows

    def to_uint8(self, image_format: ImageFormat) -> tuple[NDArray[np.uint8], Range]:
        """Convert to ``(n, height, width, channels)``, clipped; return the extent too."""
        stored = self._array.reshape(-1, *image_format.stored_shape)
        pixels = np.empty(stored.shape, np.uint8)
        # Channels first are handed on as they lie, seen in another order: turning the bytes round
        # costs as much as all the rest.
        images = np.moveaxis(pixels, 1, -1) if image_format.channels_first else pixels
        if stored.dtype == np.uint8 and image_format.value_range == (0, 255):
            pixels[...] = stored
            return images, self.extent()
        size = max(1, _BLOCK // stored[0].size)
        levels = np.empty((min(size, len(stored)), *image_format.stored_shape), np.float32)
        extents = []
        with np.errstate(over="ignore", invalid="ignore"):  # the extent tells
            # Far from 0 float32 may not tell black from white, so the values' own dtype subtracts.
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
        lows, highs = np.transpose(extents).astype(float)
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
    if not hasattr(raw, "__array__"):
        ways_out = (way_out for kind, way_out in _WAYS_OUT.items() if isinstance(raw, kind))
        raise DecodeError(
            f"{got}; expected one array of outputs, (n, ...). {next(ways_out, 'Return that.')}"
        )
    try:
        array = np.asarray(raw)
    except Exception as error:
        raise DecodeError(
            f"{got} that NumPy cannot read: {type(error).__name__}: {error}. Return a NumPy array."
        ) from error
    return as_outputs(array, source=source)


@as_outputs.register(np.ndarray)
def _(raw: NDArray[Any], *, source: str = "decode") -> Outputs:
    if raw.dtype.kind not in "biuf":
        raise DecodeError(f"{source} returned an array of {raw.dtype}; expected real numbers.")
    return NumpyOutputs(np.asarray(raw))  # a matrix would keep two axes
