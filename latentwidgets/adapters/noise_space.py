"""`NoiseSpace`: the space of a sampler or a pipeline whose latents are noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import brief
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NoiseSpace"]


class NoiseSpace(LatentSpace):
    """The space of the noise that pictures begin with.

    Parameters
    ----------
    sampling : object
        What goes from noise to pictures and back; its attribute ``error`` is told.
    *args, **options
        As of `LatentSpace`.

    Attributes
    ----------
    reconstruction_error : ndarray or None
        Of the pictures that were encoded last, each: how far what its noise decodes to is from it,
        as the mean absolute difference and a share of the range of all of them.
    """

    def __init__(self, sampling: Any, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sampling = sampling

    @property
    def reconstruction_error(self) -> NDArray[np.float32] | None:
        """How far the pictures that were encoded last are from what their noise decodes to."""
        error: NDArray[np.float32] | None = getattr(self._sampling, "error", None)
        return error

    def encode(
        self, images: Any, conditions: Mapping[str, Any] | None = None
    ) -> NDArray[np.float32]:
        """Encode outputs to noise, as `LatentSpace.encode`, with guidance 1.

        Warns
        -----
        UserWarning
            If another guidance is given.
        """
        asked = conditions.get("guidance", 1) if isinstance(conditions, Mapping) else 1
        found = super().encode(images, conditions)
        if not np.all(np.asarray(asked) == 1):
            warn_caller(
                f"encode got guidance {brief(asked)}, and went back with 1: what guidance adds "
                "grows on the way back, and leads to noise that is not normal. Decode with "
                "guidance 1 to get the pictures again."
            )
        return found
