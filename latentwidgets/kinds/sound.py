"""Sounds: how a decoder's outputs are read as such, and how they are sent and drawn."""

from __future__ import annotations

import copy
import struct
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.errors import LatentValueError
from latentwidgets.frames.frame import Frame
from latentwidgets.frames.plot import Plotter, draw_lines, label
from latentwidgets.kinds.curve import CurveReader
from latentwidgets.kinds.reading.ranges import leaves, tell_apart, warn_guess
from latentwidgets.kinds.shared.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.frames.frame import Quality
    from latentwidgets.frames.tiles import Tiling
    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.ranges import Range
    from latentwidgets.kinds.shared.kind import Options

__all__ = ["KIND", "SoundFramer", "SoundReader"]

# The sample rates that browsers play, from the least to the greatest.
RATES = (3_000, 384_000)


class SoundReader(CurveReader):
    """Reads the outputs of one decoder as sounds.

    Parameters
    ----------
    name : str
        What to call the decoder in warnings.
    sample_rate : int
        Samples a second.
    value_range
        The option of `latentwidgets.LatentSpace`: the values of full scale. "auto" stands for
        (-1, 1).
    """

    kind = "sound"
    most_channels = 8

    def __init__(self, name: str, *, sample_rate: int, value_range: str | ArrayLike) -> None:
        super().__init__(name, value_range)
        self.sample_rate = check_whole(sample_rate, "sample_rate", least=1)
        if not RATES[0] <= self.sample_rate <= RATES[1]:
            raise LatentValueError(
                f"sample_rate is {sample_rate}; expected {RATES[0]} to {RATES[1]} samples a "
                "second, which browsers play. Resample the sounds."
            )
        self.value_range = self._full = self.value_range or (-1.0, 1.0)
        self._warned = False

    def read(
        self, raw: object, count: int, probe: Callable[[], Iterable[Outputs]]
    ) -> NDArray[np.float32]:
        """Convert outputs to float32 ``(n, channels, samples)`` in [-1, 1]: see `Reader.read`."""
        sounds = super().read(raw, count, probe)
        low, high = self._full
        if self._full != (-1, 1):
            sounds -= np.float32((low + high) / 2)
            sounds *= np.float32(2 / (high - low))
        return np.clip(sounds, -1, 1, out=sounds)

    def unchanging(self) -> SoundReader:
        """Return a copy that reads in the same way, and warns of nothing."""
        other = copy.copy(self)
        other._warned = True
        return other

    def _follow(self, extent: Range, _probe: Callable[[], Iterable[Outputs]]) -> None:
        """Warn, once, if sounds are far outside of full scale."""
        if not self._warned and leaves(extent, self._full):
            self._warned = True
            (least, most), full = tell_apart(*extent), ", ".join(tell_apart(*self._full))
            warn_guess(
                f"sounds reach from {least} to {most}; full scale is ({full}), and they are "
                "clipped. Pass value_range=(low, high), such as (-32768, 32767).",
                self._name,
            )


# The greatest sample of a WAV file with two bytes a sample.
FULL = 32767

# What a WAV file begins with, in four parts: that it is one; the form of its samples; a part of our
# own named "many", which players skip and which says how many sounds follow one another; and the
# size of the samples, which come next.
HEADER = struct.Struct("<4sI4s 4sIHHIIHH 4sII 4sI")


class SoundFramer(Plotter):
    """Draws sounds. A frame is a WAV file, in which several sounds follow one another.

    Parameters
    ----------
    sample_rate : int
        Samples a second.
    """

    aspect = 2.0

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate

    def frame(
        self, outputs: NDArray[np.float32], at: tuple[float, ...], _quality: Quality
    ) -> Frame:
        """Encode the sounds shown at some coordinates, ``(sounds, channels, samples)``."""
        count, channels, _ = outputs.shape
        samples = np.round(outputs * FULL).astype("<i2").transpose(0, 2, 1).tobytes()
        size = 2 * channels
        header = HEADER.pack(
            *(b"RIFF", HEADER.size - 8 + len(samples), b"WAVE"),
            *(b"fmt ", 16, 1, channels, self._rate, self._rate * size, size, 16),
            *(b"many", 4, count),
            *(b"data", len(samples)),
        )
        return Frame(at, header + samples, "audio/wav", lossless=True)

    def outputs(self, frame: Frame) -> NDArray[np.float32]:
        """Read the sounds of a frame."""
        fields = HEADER.unpack_from(frame.data)
        channels, count = fields[6], fields[13]
        samples = np.frombuffer(frame.data, "<i2", offset=HEADER.size).astype(np.float32)
        return samples.reshape(count, -1, channels).transpose(0, 2, 1) / np.float32(FULL)

    def draw(
        self, axes: Any, outputs: NDArray[np.float32], tiling: Tiling, *, points: float
    ) -> None:
        """Draw the waves, one channel above the other."""
        draw_lines(axes, outputs, tiling, (-1, 1), points=points, apart=True)
        if len(outputs) == 1:
            seconds = outputs.shape[2] / self._rate
            label(axes, f"{seconds:.3g} s", tiling.width, tiling.height)


def _make_framer(sample_rate: int | None, _value_range: Range | None) -> SoundFramer:
    assert sample_rate is not None, "a space of sounds has a sample rate"
    return SoundFramer(sample_rate)


def _make_reader(name: str, options: Options) -> SoundReader:
    assert options.sample_rate is not None, "a space of sounds needs a sample rate"
    return SoundReader(name, sample_rate=options.sample_rate, value_range=options.value_range)


KIND = Kind(
    name="sound",
    make_reader=_make_reader,
    make_framer=_make_framer,
    painter="kind_sound.js",
    takes=("sample_rate", "value_range"),
    needs={
        "sample_rate": "how many samples there are in a second. Pass sample_rate, for instance "
        "sample_rate=22050."
    },
    has_derivative=True,
)
