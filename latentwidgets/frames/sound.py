"""Sounds to frames: WAV, 16 bits a sample."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from .frame import Frame, Quality
from .plot import Plotter, draw_lines, label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Tiling

__all__ = ["SoundFramer"]

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
