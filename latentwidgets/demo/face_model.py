"""The variational autoencoder of drawn faces, and its weights."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

__all__ = ["WEIGHTS", "FacesVAE", "load_model"]

WEIGHTS = Path(__file__).with_name("faces.safetensors")


class FacesVAE(nn.Module):
    """A convolutional variational autoencoder of 64x64 pictures in colour.

    Attributes
    ----------
    latent_shape : tuple of int
        (16,).

    Examples
    --------
    >>> model = FacesVAE()
    >>> mean, log_variance = model.encode(torch.zeros(2, 3, 64, 64))
    >>> mean.shape, model.decode(mean).shape
    (torch.Size([2, 16]), torch.Size([2, 3, 64, 64]))
    """

    latent_shape = (16,)

    def __init__(self) -> None:
        super().__init__()
        (size,) = self.latent_shape
        self.to_latent = nn.Sequential(
            nn.Conv2d(3, 24, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(24, 48, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(48, 96, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(96, 96, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(96 * 4 * 4, 128),
            nn.SiLU(),
            nn.Linear(128, 2 * size),
        )
        self.to_logits = nn.Sequential(
            nn.Linear(size, 256),
            nn.SiLU(),
            nn.Linear(256, 96 * 4 * 4),
            nn.SiLU(),
            nn.Unflatten(1, (96, 4, 4)),
            nn.ConvTranspose2d(96, 96, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(96, 64, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(32, 3, 4, stride=2, padding=1),
        )

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, ``(n, 16)``, of images ``(n, 3, 64, 64)`` in [0, 1]."""
        mean, log_variance = self.to_latent(images).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, latents: Tensor) -> Tensor:
        """Return images ``(n, 3, 64, 64)`` in [0, 1] of latents ``(n, 16)``."""
        return torch.sigmoid(self.to_logits(latents))


def load_model(path: Path = WEIGHTS) -> FacesVAE:
    """Make the model from a file of weights.

    Parameters
    ----------
    path : Path
        A safetensors file that `latentwidgets.demo.train_faces` wrote.

    Returns
    -------
    FacesVAE
        On the CPU, in float32 and evaluation mode, its parameters frozen.

    Examples
    --------
    >>> load_model().training
    False
    """
    # Parameters without memory take the file's tensors in; nothing is drawn at random, so that
    # loading leaves the person's random state alone.
    with torch.device("meta"):
        model = FacesVAE()
    weights = {name: tensor.float() for name, tensor in load_file(path).items()}
    model.load_state_dict(weights, assign=True)
    return model.eval().requires_grad_(False)
