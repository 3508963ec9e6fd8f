"""The variational autoencoder of handwritten digits, and its weights."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

__all__ = ["WEIGHTS", "DigitsVAE", "load_model"]

WEIGHTS = Path(__file__).with_name("digits.safetensors")

# A decoder trained on pixels paints the mean of all strokes that a latent may stand for, which is
# greyer than any of them. With its logits times this, frames between digits have as much grey as
# the images do.
SHARPNESS = 1.3


class DigitsVAE(nn.Module):
    """A convolutional variational autoencoder of 32x32 grey images.

    Attributes
    ----------
    latent_shape : tuple of int
        (10,).

    Examples
    --------
    >>> model = DigitsVAE()
    >>> mean, log_variance = model.encode(torch.zeros(2, 1, 32, 32))
    >>> mean.shape, model.decode(mean).shape
    (torch.Size([2, 10]), torch.Size([2, 1, 32, 32]))
    """

    latent_shape = (10,)

    def __init__(self) -> None:
        super().__init__()
        (size,) = self.latent_shape
        self.to_latent = nn.Sequential(
            nn.Conv2d(1, 16, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(16, 32, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(32, 32, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(32 * 4 * 4, 128),
            nn.SiLU(),
            nn.Linear(128, 2 * size),
        )
        self.to_logits = nn.Sequential(
            nn.Linear(size, 256),
            nn.SiLU(),
            nn.Linear(256, 32 * 4 * 4),
            nn.SiLU(),
            nn.Unflatten(1, (32, 4, 4)),
            nn.ConvTranspose2d(32, 32, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        )

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, ``(n, 10)``, of images ``(n, 1, 32, 32)`` in [0, 1]."""
        mean, log_variance = self.to_latent(images).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, latents: Tensor) -> Tensor:
        """Return images ``(n, 1, 32, 32)`` in [0, 1] of latents ``(n, 10)``."""
        return torch.sigmoid(SHARPNESS * self.to_logits(latents))


def load_model(path: Path = WEIGHTS) -> DigitsVAE:
    """Make the model from a file of weights.

    Parameters
    ----------
    path : Path
        A safetensors file that `latentwidgets.demo.train_digits` wrote.

    Returns
    -------
    DigitsVAE
        On the CPU, in float32 and evaluation mode, its parameters frozen.

    Examples
    --------
    >>> load_model().training
    False
    """
    # Parameters without memory take the file's tensors in; nothing is drawn at random, so that
    # loading leaves the person's random state alone.
    with torch.device("meta"):
        model = DigitsVAE()
    weights = {name: tensor.float() for name, tensor in load_file(path).items()}
    model.load_state_dict(weights, assign=True)
    return model.eval().requires_grad_(False)
