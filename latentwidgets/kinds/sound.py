"""Reads a decoder's outputs as sounds."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.errors import LatentValueError
from latentwidgets.frames.frame import Frame
from latentwidgets.frames.plot import Plotter, draw_lines, label
from latentwidgets.kinds.curve import CurveReader
from latentwidgets.kinds.ranges import leaves, tell_apart, warn_guess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.frames.frame import Quality
    from latentwidgets.frames.tiles import Tiling
    from latentwidgets.kinds.arrays import Outputs
    from latentwidgets.kinds.ranges import Range

__all__ = ["SoundReader"]

# What browsers play.
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
        super().__init__(value_range)
        self.sample_rate = check_whole(sample_rate, "sample_rate", least=1)
        if not RATES[0] <= self.sample_rate <= RATES[1]:
            raise LatentValueError(
                f"sample_rate is {sample_rate}; expected {RATES[0]} to {RATES[1]} samples a "
                "second, which browsers play. Resample the sounds."
            )
        self.value_range = self._full = self.value_range or (-1.0, 1.0)
        self._name = name
        self._warned = False

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
            Not needed.

        Returns
        -------
        ndarray
            float32 ``(n, channels, samples)`` in [-1, 1].

        Raises
        ------
        DecodeError
            If these are no sounds, or of another shape than before, or not finite.
        """
        sounds = super().read(raw, count, probe)
        low, high = self._full
        if self._full != (-1, 1):
            sounds -= np.float32((low + high) / 2)
            sounds *= np.float32(2 / (high - low))
        return np.clip(sounds, -1, 1, out=sounds)

    def _follow(self, extent: Range, _probe: Callable[[], Iterable[Outputs]]) -> None:
        """Warn, once, of sounds that leave full scale by more than a trifle."""
        if not self._warned and leaves(extent, self._full):
            self._warned = True
            (least, most), full = tell_apart(*extent), ", ".join(tell_apart(*self._full))
            warn_guess(
                f"{self._name}: sounds reach from {least} to {most}; full scale is ({full}), and "
                "they are clipped. Pass value_range=(low, high), such as (-32768, 32767)."
            )


FULL = 32767


# RIFF; what the samples are; a chunk of our own that says how many sounds there are, one after
# another, which players skip; the samples.
HEADER = struct.Struct("<4sI4s 4sIHHIIHH 4sII 4sI")


class SoundFramer(Plotter):
    """Makes frames of sounds: a WAV file, in which several follow one another.

    Parameters
    ----------
    sample_rate : int
        Samples a second.
    """

    painter = "kind_sound.js"
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
