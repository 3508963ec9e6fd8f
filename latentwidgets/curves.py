"""Reads a decoder's outputs as curves, and settles the range that all of them are drawn in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.checks import check_finite, real_array
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.image_format import check_range
from latentwidgets.outputs import check_shape, finite_extent, outputs_of, widened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.image_format import Range, Shape
    from latentwidgets.outputs import Outputs

__all__ = ["CurveReader", "round_out"]

# A range has about as many steps of a round number.
STEPS = 8


class CurveReader:
    """Reads the outputs of one decoder as curves.

    Parameters
    ----------
    value_range
        The option of `latentwidgets.LatentSpace`: the values at the bottom and at the top. "auto"
        settles them from the first outputs and from samples of the prior, in round numbers; later
        outputs widen them, and nothing narrows them again: where the range changes with every
        curve, nobody sees how the curve changes.

    Attributes
    ----------
    value_range : tuple of float or None
        The range as it is now; None until there are outputs.
    """

    kind = "curve"
    # What it takes to be one, and how many channels there may be.
    least_points = 2
    most_channels = 64

    def __init__(self, value_range: str | ArrayLike) -> None:
        self.value_range: Range | None = check_range(value_range)
        self._fixed = self.value_range is not None
        self._shape: Shape | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known how outputs are read."""
        return self._shape is not None

    def read(
        self, raw: object, count: int, probe: Callable[[], Iterable[Outputs]]
    ) -> NDArray[np.float32]:
        """Convert a batch of outputs.

        Parameters
        ----------
        raw : array_like
            What the decoder returned.
        count : int
            For how many latents.
        probe : callable
            Gives outputs for samples of the prior. Called once at most.

        Returns
        -------
        ndarray
            float32 ``(n, channels, points)``.

        Raises
        ------
        DecodeError
            If these are no curves, or of another shape than before, or not finite.
        """
        outputs = outputs_of(raw, count)
        check_shape(outputs, self._shape)
        shape = self._stored(outputs.shape[1:])
        extent = finite_extent(outputs)
        self._shape = outputs.shape[1:]
        self._follow(extent, probe)
        return outputs.to_float32().reshape(count, *shape)

    def take(self, given: ArrayLike) -> NDArray[Any]:
        """Check curves that are to be encoded."""
        name = f"{self.kind}s"
        array = real_array(given, name)
        assert self._shape is not None
        stored = self._stored(self._shape)
        if array.shape[1:] not in (self._shape, stored):
            raise LatentValueError(
                f"{name} have shape {array.shape}; this space takes "
                f"({', '.join(map(str, ('n', *self._shape)))}). Pass a batch of that shape."
            )
        check_finite(array, name)
        return array

    def to_model(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Turn them into what the model itself would have returned for them."""
        assert self._shape is not None
        return batch.astype(np.float32).reshape(len(batch), *self._shape)

    def _stored(self, shape: Shape) -> tuple[int, int]:
        """Find channels and points in the shape of one output."""
        channels, points = (1, *shape)[-2:] if len(shape) in (1, 2) else (0, 0)
        if points < self.least_points or not 0 < channels <= self.most_channels:
            raise DecodeError(
                f"decode returned outputs of shape {shape}; a {self.kind} is (points,) or "
                f"(channels, points) with at least {self.least_points} points and at most "
                f"{self.most_channels} channels. Return (n, points) or (n, channels, points)."
            )
        return channels, points

    def _follow(self, extent: Range, probe: Callable[[], Iterable[Outputs]]) -> None:
        """Settle the range, or widen it."""
        if self._fixed:
            return
        if self.value_range is None:
            self.value_range = round_out(*widened(extent, probe))
            return
        low, high = min(extent[0], self.value_range[0]), max(extent[1], self.value_range[1])
        if (low, high) != self.value_range:
            self.value_range = round_out(low, high)


def round_out(low: float, high: float) -> tuple[float, float]:
    """Widen a range to round numbers.

    Parameters
    ----------
    low, high : float
        The least and the most it has to hold.

    Returns
    -------
    tuple of float
        Multiples of 1, 2, 2.5 or 5 times a power of ten.

    Examples
    --------
    >>> round_out(-0.97, 1.03), round_out(0.0, 7.9)
    ((-1.0, 1.25), (0.0, 8.0))
    """
    if not high > low:
        room = abs(high) / 6 or 1.0
        low, high = high - room, high + room
    rough = (high - low) / STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    steps = (factor * power for factor in (1, 2, 2.5, 5))
    step = next((step for step in steps if step >= rough), 10 * power)
    return math.floor(low / step) * step, math.ceil(high / step) * step
