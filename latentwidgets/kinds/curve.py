"""Curves: how a decoder's outputs are read as such, and how all are drawn in one range."""

from __future__ import annotations

import copy
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_finite, real_array
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.frames.frame import Frame
from latentwidgets.frames.plot import Plotter, draw_lines, label
from latentwidgets.kinds.reading.calls import check_shape, finite_extent, outputs_of, widened
from latentwidgets.kinds.reading.ranges import check_range, round_out
from latentwidgets.kinds.shared.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.frames.frame import Quality
    from latentwidgets.frames.tiles import Tiling
    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.ranges import Range, Shape

__all__ = ["KIND", "CurveFramer", "CurveReader"]


class CurveReader:
    """Reads the outputs of one decoder as curves.

    Parameters
    ----------
    name : str
        What to call the decoder in warnings.
    value_range
        The option of `latentwidgets.LatentSpace`: the values at the bottom and at the top. "auto"
        finds round numbers around the first outputs and around outputs for samples of the prior.
        Later outputs widen this range, and nothing narrows it: if it followed every curve, nobody
        could see how the curve itself changes.

    Attributes
    ----------
    value_range : tuple of float or None
        The range as it is now; None until there are outputs.
    """

    kind = "curve"
    # How many points a curve has at least, and how many channels at most.
    least_points = 2
    most_channels = 64

    def __init__(self, name: str, value_range: str | ArrayLike) -> None:
        self._name = name
        self.value_range: Range | None = check_range(value_range)
        self._fixed = self.value_range is not None
        self._shape: Shape | None = None
        # As the encoder takes one; where None, as the decoder returns it.
        self._encode_shape: Shape | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known how outputs are read."""
        return self._shape is not None

    def read(
        self, raw: object, count: int, probe: Callable[[], Iterable[Outputs]]
    ) -> NDArray[np.float32]:
        """Convert outputs to float32 ``(n, channels, points)``: see `Reader.read`."""
        doubted_by = "" if self.settled else self._name
        outputs = outputs_of(raw, count, expected=self._shape, doubted_by=doubted_by)
        check_shape(outputs, self._shape)
        shape = self._stored(outputs.shape[1:])
        extent = finite_extent(outputs)
        self._shape = outputs.shape[1:]
        self._follow(extent, probe)
        return outputs.to_float32().reshape(count, *shape)

    def unchanging(self) -> CurveReader:
        """Return a copy whose range stays as it is now."""
        other = copy.copy(self)
        other._fixed = True
        return other

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
        shape = self._encode_shape or self._shape
        assert shape is not None
        return batch.astype(np.float32).reshape(len(batch), *shape)

    def other_layouts(self) -> Iterator[tuple[CurveReader, None]]:
        """Give readers for encoders that take curves with, or without, the axis of channels."""
        assert self._shape is not None
        channels, points = self._stored(self._shape)
        for shape in ((channels, points), (channels * points,)):
            if shape != (self._encode_shape or self._shape):
                other = copy.copy(self)
                other._encode_shape = shape
                yield other, None

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
        """Find the range, or widen it for outputs that leave it."""
        if self._fixed:
            return
        if self.value_range is None:
            self.value_range = round_out(*widened(extent, probe, name=self._name))
            return
        low, high = min(extent[0], self.value_range[0]), max(extent[1], self.value_range[1])
        if (low, high) != self.value_range:
            self.value_range = round_out(low, high)


# What a frame begins with: the number of curves, of channels and of points, a 0 that stands for
# nothing, and the range as two numbers of eight bytes. The points follow.
HEADER = struct.Struct("<4I2d")


class CurveFramer(Plotter):
    """Draws curves. A frame is a header, and then float32 ``(curves, channels, points)``.

    Parameters
    ----------
    limits : tuple of float
        The values at the bottom and at the top, as they are now. They are sent with every frame,
        and the page draws all curves in the widest range it was sent.
    """

    aspect = 1.5

    def __init__(self, limits: tuple[float, float]) -> None:
        self._limits = limits

    def frame(
        self, outputs: NDArray[np.float32], at: tuple[float, ...], _quality: Quality
    ) -> Frame:
        """Encode the curves shown at some coordinates."""
        header = HEADER.pack(*outputs.shape, 0, *self._limits)
        data = header + outputs.astype("<f4").tobytes()
        return Frame(at, data, "application/octet-stream", lossless=True)

    def outputs(self, frame: Frame) -> NDArray[np.float32]:
        """Read the curves of a frame."""
        shape = HEADER.unpack_from(frame.data)[:3]
        return np.frombuffer(frame.data, "<f4", offset=HEADER.size).reshape(shape)

    def draw(
        self, axes: Any, outputs: NDArray[np.float32], tiling: Tiling, *, points: float
    ) -> None:
        """Draw the curves."""
        draw_lines(axes, outputs, tiling, self._limits, points=points)
        if len(outputs) == 1:
            for value, y in zip(self._limits, (tiling.height, 0), strict=True):
                label(axes, f"{value:.4g}", 0, y)


KIND = Kind(
    name="curve",
    make_reader=lambda name, options: CurveReader(name, options.value_range),
    make_framer=lambda _sample_rate, value_range: CurveFramer(value_range or (0.0, 1.0)),
    painter="kind_curve.js",
    takes=("value_range",),
    has_derivative=True,
)
