"""The latents of a pipeline's autoencoder as a space, scaled as the pipeline scales them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from latentwidgets.adapters.torch_modes import evaluating, listed
from latentwidgets.errors import LatentValueError
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelCaller

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from latentwidgets.adapters.diffusers.asking import Asker
    from latentwidgets.adapters.diffusers.parts import Parts
    from latentwidgets.adapters.diffusers.pictures import Pictures

__all__ = ["autoencoder_space"]


class AutoencoderCaller(ModelCaller):
    """Calls an autoencoder with latents of the scale that the pipeline denoises.

    Parameters
    ----------
    pictures : Pictures
        Knows the autoencoder, and how it is scaled.
    asker : Asker
        Knows the pipeline.
    """

    def __init__(self, pictures: Pictures, asker: Asker) -> None:
        self._pictures, self._asker = pictures, asker
        self._modules = listed([pictures.vae])
        self.models = (pictures.vae,)

    def decode(self, latents: NDArray[np.float32], /) -> Tensor:
        """Decode ``(n, channels, height, width)`` to pictures in [0, 1]."""
        with self._asker.freeing(), torch.no_grad(), evaluating(self._modules):
            x = self._pictures.placed(torch.from_numpy(latents))
            return self._pictures.exact(x)

    def encode(self, images: NDArray[np.float32], /) -> Tensor:
        """Encode pictures in [0, 1]: the mean of what the autoencoder gives, without noise."""
        with self._asker.freeing(), torch.no_grad(), evaluating(self._modules):
            return self._pictures.unpacked(self._pictures.back(torch.from_numpy(images)))


def autoencoder_space(parts: Parts, options: dict[str, Any]) -> LatentSpace:
    """Make the space of a pipeline's autoencoder.

    Raises
    ------
    LatentValueError
        If it has none.
    """
    pictures = parts.pictures
    if pictures.vae is None:
        raise LatentValueError(
            f"{parts.name} has no autoencoder: it denoises pictures themselves. Expected a "
            'pipeline with a vae; here latent="noise" is the way.'
        )
    with torch.no_grad():
        shape = parts.shape_in(options, pictures.latent_shape)
    caller = AutoencoderCaller(pictures, parts.asker)
    encode = caller.encode if pictures.can_encode else None
    made = parts.options({}, options)
    return LatentSpace(caller.decode, shape, **{"encode": encode, **made})
