"""Where the numbers that a pipeline denoises go in its autoencoder's latents."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["Packing"]


class Packing:
    """Where the numbers of x go in the autoencoder's latents, and how they are scaled there.

    Parameters
    ----------
    order : Tensor
        int64 ``(numbers,)``: for each number of the latents which of x it is.
    scale, offset : Tensor
        ``(1, channels, height, width)``: what it is multiplied with, and what is added.
    shape : tuple of int
        Of one of the latents.
    """

    def __init__(
        self, order: Tensor, scale: Tensor, offset: Tensor, shape: tuple[int, ...]
    ) -> None:
        self.order, self.scale, self.offset, self.shape = order, scale, offset, shape
        self.parts = scale, offset

    @classmethod
    def declared(cls, vae: Any, shape: tuple[int, ...], device: Any) -> Packing:
        """Take what an autoencoder's config says, where nothing else tells."""
        config = vae.config
        factor = float(config.get("scaling_factor") or 1.0)
        shift = float(config.get("shift_factor") or 0.0)
        ones = torch.ones(1, *shape, device=device)

        def each(name: str, otherwise: float) -> Tensor:
            given = config.get(name)
            if given is None:
                return ones * otherwise
            return torch.tensor(given, device=device).float().reshape(1, -1, 1, 1) * ones

        mean, spread = each("latents_mean", 0.0), each("latents_std", 1.0)
        order = torch.arange(ones.numel(), device=device)
        return cls(order, spread / factor, mean + shift, shape)
