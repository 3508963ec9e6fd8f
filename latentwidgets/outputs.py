"""What a model returned, whatever library it comes from: the seam to the adapters.

A space asks `as_outputs` to wrap what its decoder or encoder returned, and from there on knows
only `Outputs`. An adapter registers the array type of its library on `as_outputs`, so conversion to
uint8 happens where the values are, before anything is copied to the host.
"""

from __future__ import annotations

import contextlib
import math
from functools import singledispatch
from typing import TYPE_CHECKING, Protocol

import numpy as np

from latentwidgets.adapters import handler_for
from latentwidgets.checks import listed
from latentwidgets.errors import DecodeError, LatentWidgetsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from numpy.typing import NDArray

    from latentwidgets.image_format import ImageFormat, Range, Shape

__all__ = [
    "NumpyOutputs",
    "Outputs",
    "as_outputs",
    "call",
    "call_model",
    "check_extent",
    "check_shape",
    "finite_extent",
    "outputs_of",
    "widened",
]

# How many values are converted at a time: what fits into a processor's cache is touched once.
_BLOCK = 2**17

_TENSOR_HINT = (
    " A function of tensors is passed together with its module: as_space(module, decode=function)."
)

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


def call(function: Callable[[Any], Any], batch: Any, *, source: str = "decode") -> Any:
    """Call a model.

    Parameters
    ----------
    function : callable
        The decoder or encoder.
    batch : ndarray or list
        What it gets, ``(n, ...)``.
    source : str
        What to call it in messages.

    Returns
    -------
    object
        What it returned.

    Raises
    ------
    DecodeError
        If it raises.
    """
    try:
        return function(batch)
    except LatentWidgetsError:
        raise
    except Exception as error:
        hint = _TENSOR_HINT if "must be Tensor, not numpy" in str(error) else ""
        raise DecodeError(f"{source} raised {type(error).__name__}: {error}{hint}") from error


def outputs_of(raw: object, count: int, *, source: str = "decode") -> Outputs:
    """Wrap what a model returned, and see that it is one array with one row for each item.

    Parameters
    ----------
    raw : array_like
        What it returned.
    count : int
        For how many items.
    source : str
        What to call it in messages.

    Returns
    -------
    Outputs
        ``(count, ...)``.

    Raises
    ------
    DecodeError
        If it is something else.
    """
    outputs = as_outputs(raw, source=source)
    if outputs.shape[:1] != (count,) or 0 in outputs.shape:
        raise DecodeError(
            f"{source} returned shape {outputs.shape} for a batch of {count}; expected "
            f"({count}, ...). Return one {'output' if source == 'decode' else 'latent'} for "
            "each, even for a batch of 1."
        )
    return outputs


def call_model(function: Callable[[Any], Any], batch: Any, *, source: str = "decode") -> Outputs:
    """Call a model that returns one array with one row for each item: `call`, `outputs_of`."""
    return outputs_of(call(function, batch, source=source), len(batch), source=source)


def check_shape(outputs: Outputs, settled: Shape | None) -> None:
    """Refuse outputs of another shape than earlier ones.

    Parameters
    ----------
    outputs : Outputs
        ``(n, ...)``.
    settled : tuple of int or None
        Shape of one of the earlier ones; None where there were none.

    Raises
    ------
    DecodeError
        If the shapes differ.
    """
    if settled is not None and outputs.shape[1:] != settled:
        raise DecodeError(
            f"decode returned outputs of shape {outputs.shape[1:]}; earlier ones had shape "
            f"{settled}. Return one shape always."
        )


def finite_extent(outputs: Outputs, *, source: str = "decode") -> Range:
    """Find the smallest and largest value, and refuse NaN and infinity.

    Parameters
    ----------
    outputs : Outputs
        ``(n, ...)``.
    source : str
        What returned them, for messages.

    Returns
    -------
    low, high : float
        The smallest and the largest value.

    Raises
    ------
    DecodeError
        If there is NaN or infinity.
    """
    extent = outputs.extent()
    check_extent(outputs, extent, source=source)
    return extent


def check_extent(outputs: Outputs, extent: Range, *, source: str = "decode") -> None:
    """Refuse NaN and infinity, given the smallest and largest value.

    Parameters
    ----------
    outputs : Outputs
        ``(n, ...)``.
    extent : tuple of float
        Their extent.
    source : str
        What returned them, for messages.

    Raises
    ------
    DecodeError
        If there is NaN or infinity.
    """
    if math.isfinite(extent[0]) and math.isfinite(extent[1]):
        return
    rows = np.flatnonzero(~outputs.finite_rows())
    if len(rows):
        raise DecodeError(
            f"{source} returned NaN or infinity in {listed(rows)} of a batch of "
            f"{outputs.shape[0]}; expected finite values. Look at what the model makes of these."
        )


def widened(extent: Range, probe: Callable[[], Iterable[Outputs]]) -> Range:
    """Let samples of the prior widen what is known of the outputs' range.

    Parameters
    ----------
    extent : tuple of float
        The smallest and the largest value so far.
    probe : callable
        Gives outputs for samples of the prior.

    Returns
    -------
    low, high : float
        The smallest and the largest value.
    """
    low, high = extent
    # The person's own latents decode; that the prior's do not is no reason to stop.
    with contextlib.suppress(Exception):
        for outputs in probe():
            lowest, highest = finite_extent(outputs)
            low, high = min(low, lowest), max(high, highest)
    return low, high
