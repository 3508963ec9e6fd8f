"""Small torch models that the tests of the torch adapter share."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


Pair = namedtuple("Pair", ["mean", "logvar"])


def decoder(*, latents: int = 6, channels: int = 3) -> nn.Sequential:
    """A decoder to pictures of 6 by 8 in [0, 1]."""
    torch.manual_seed(0)
    size = (channels, 6, 8)
    layers = [nn.Linear(latents, 16), nn.Tanh(), nn.Linear(16, 48 * channels), nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Unflatten(1, size))


def encoder() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Flatten(), nn.Linear(144, 6))


class VAE(nn.Module):
    """Parts named `decoder` and `encoder`, and what encoding gives as `wrap` makes it."""

    def __init__(self, wrap: Callable[[Tensor], Any] = lambda mean: mean) -> None:
        super().__init__()
        self.encoder_layers, self.decoder = encoder(), decoder()
        self.wrap = wrap

    def encode(self, images: Tensor) -> Any:
        return self.wrap(self.encoder_layers(images))


class Returning(nn.Module):
    """A decoder that returns what `wrap` makes of its pictures."""

    def __init__(self, wrap: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.layers, self.wrap = decoder(), wrap

    def forward(self, latents: Tensor) -> Any:
        return self.wrap(self.layers(latents))


def expected(module: nn.Module, latents: NDArray[np.float32]) -> NDArray[np.float32]:
    """Levels of a decoder in [0, 1], not rounded, channels last."""
    with torch.inference_mode():
        images: NDArray[np.float32] = module(torch.from_numpy(latents)).float().numpy()
    return 255 * images.transpose(0, 2, 3, 1)


# Finding the parts
