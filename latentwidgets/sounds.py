"""Reads a decoder's outputs as sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.checks import check_whole
from latentwidgets.curves import CurveReader
from latentwidgets.errors import LatentValueError
from latentwidgets.image_format import leaves, tell_apart, warn_guess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.image_format import Range
    from latentwidgets.outputs import Outputs

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
