"""Sounds to frames: WAV, 16 bits a sample."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from .frame import Frame, Quality
from .image import as_png
from .plot import plot

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["SoundFramer"]

ASPECT = 2.0
FULL = 32767
# RIFF; what the samples are; a chunk of our own that says how many sounds there are, one after
# another, which players skip; the samples.
HEADER = struct.Struct("<4sI4s 4sIHHIIHH 4sII 4sI")


class SoundFramer:
    """Makes frames of sounds: a WAV file, in which several follow one another.

    Parameters
    ----------
    sample_rate : int
        Samples a second.
    """

    painter = "kind_sound.js"

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

    def picture(self, outputs: NDArray[np.float32]) -> Image.Image:
        """Draw the waves."""

        def draw(axes: Any, sound: NDArray[np.float32]) -> None:
            seconds = np.arange(sound.shape[1]) / self._rate
            axes.plot(seconds, sound.T, linewidth=0.5)
            axes.set_ylim(-1, 1)
            axes.set_xlim(0, seconds[-1])
            axes.set_xlabel("s", fontsize=7)
            axes.tick_params(labelsize=7)

        return plot(outputs, draw, aspect=ASPECT)

    def png(self, frame: Frame) -> bytes:
        """Draw the waves of a frame."""
        fields = HEADER.unpack_from(frame.data)
        channels, count = fields[6], fields[13]
        samples = np.frombuffer(frame.data, "<i2", offset=HEADER.size).astype(np.float32)
        samples = samples.reshape(count, -1, channels).transpose(0, 2, 1)
        return as_png(self.picture(samples / np.float32(FULL)))
