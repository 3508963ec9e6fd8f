"""Bars: a kind of output as a newcomer would write it. Tests put this file into the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import DecodeError
from latentwidgets.frames.frame import Frame, Quality
from latentwidgets.frames.plot import Plotter
from latentwidgets.kinds.reading.calls import finite_extent, outputs_of
from latentwidgets.kinds.shared.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from latentwidgets.frames.tiles import Tiling
    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.shared.kind import Options


class BarReader:
    """Reads shares of a whole, ``(n, bars)``."""

    kind = "bars"
    settled = True

    def __init__(self, options: Options) -> None:
        self.value_range = None
        assert set(options.given) <= {"value_range"}

    def read(
        self, raw: Any, count: int, _probe: Callable[[], Iterable[Outputs]]
    ) -> NDArray[np.float32]:
        """Convert outputs to float32 ``(n, bars)``: see `Reader.read`."""
        outputs = outputs_of(raw, count)
        if len(outputs.shape) != 2 or finite_extent(outputs)[0] < 0:
            raise DecodeError("decode returned no bars; expected (n, bars), none of them below 0.")
        return outputs.to_float32()

    def unchanging(self) -> BarReader:
        """Return the reader itself: what it reads changes nothing."""
        return self

    def take(self, given: Any) -> NDArray[Any]:
        """Take bars as they are."""
        return np.asarray(given)

    def to_model(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Give them to the encoder as float32."""
        return batch.astype(np.float32)

    def other_layouts(self) -> tuple[()]:
        """Give them to the encoder in this way only."""
        return ()


class BarFramer(Plotter):
    """Draws bars. A frame is one line for each output, of the heights with spaces between them."""

    aspect = 2.0

    def frame(
        self, outputs: NDArray[np.float32], at: tuple[float, ...], _quality: Quality
    ) -> Frame:
        """Encode the bars shown at some coordinates."""
        lines = [" ".join(f"{height:.3f}" for height in one) for one in outputs]
        return Frame(at, "\n".join(lines).encode(), "text/plain", lossless=True)

    def outputs(self, frame: Frame) -> NDArray[np.float32]:
        """Read the bars of a frame."""
        return np.array([line.split() for line in frame.data.decode().split("\n")], np.float32)

    def draw(
        self, axes: Any, outputs: NDArray[np.float32], tiling: Tiling, *, points: float
    ) -> None:
        """Draw the bars, each tile in its place."""
        for heights, (left, top) in zip(outputs, tiling.corners, strict=True):
            width = tiling.width / len(heights)
            across = left + width * (np.arange(len(heights)) + 0.5)
            tall = tiling.height * heights / outputs.max()
            axes.bar(across, -tall, 0.8 * width, bottom=top + tiling.height, color="#246")


KIND = Kind(
    name="bars",
    make_reader=lambda _name, options: BarReader(options),
    make_framer=lambda _sample_rate, _value_range: BarFramer(),
    painter="kind_bars.js",
    takes=("value_range",),
    has_derivative=True,
    recognises=lambda raw: getattr(raw, "shape", ())[1:] == (7,),
)
