"""The variational autoencoder of drawn faces, and its weights."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

__all__ = ["WEIGHTS", "FacesVAE", "Residual", "load_model", "save_model"]

WEIGHTS = Path(__file__).with_name("faces.safetensors")
# Two thirds of all weights, and what each row of them is multiplied by.
LARGEST, SCALES = "to_colors.2.weight", "to_colors.2.scales"


class Residual(nn.Module):
    """A convolution that adds to what passes.

    Examples
    --------
    >>> Residual(8)(torch.zeros(2, 8, 4, 4)).shape
    torch.Size([2, 8, 4, 4])
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape, ``(n, channels, height, width)``."""
        changed: Tensor = features + nn.functional.silu(self.change(features))
        return changed


class FacesVAE(nn.Module):
    """A convolutional variational autoencoder of 64x64 pictures in colour.

    Attributes
    ----------
    latent_shape : tuple of int
        (10,).

    Examples
    --------
    >>> model = FacesVAE()
    >>> mean, log_variance = model.encode(torch.zeros(2, 3, 64, 64))
    >>> mean.shape, model.decode(mean).shape
    (torch.Size([2, 10]), torch.Size([2, 3, 64, 64]))
    """

    latent_shape = (10,)

    def __init__(self) -> None:
        super().__init__()
        (size,) = self.latent_shape
        self.to_latent = nn.Sequential(
            nn.Conv2d(3, 16, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(16, 32, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(32, 64, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(64, 128, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(128 * 4 * 4, 128),
            nn.SiLU(),
            nn.Linear(128, 2 * size),
        )
        self.to_colors = nn.Sequential(
            nn.Linear(size, 256),
            nn.SiLU(),
            nn.Linear(256, 64 * 8 * 8),
            nn.SiLU(),
            nn.Unflatten(1, (64, 8, 8)),
            Residual(64),
            nn.ConvTranspose2d(64, 48, 4, stride=2, padding=1),
            nn.SiLU(),
            Residual(48),
            nn.ConvTranspose2d(48, 32, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(32, 3 * 4, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, ``(n, 10)``, of images ``(n, 3, 64, 64)`` in [0, 1]."""
        mean, log_variance = self.to_latent(2 * images - 1).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, latents: Tensor) -> Tensor:
        """Return images ``(n, 3, 64, 64)`` in [0, 1] of latents ``(n, 10)``."""
        images: Tensor = (self.to_colors(latents) + 0.5).clamp(0, 1)
        return images


def save_model(model: FacesVAE, path: Path) -> None:
    """Write the weights to a file: the largest layer in 8 bits, the rest in 16.

    Parameters
    ----------
    model : FacesVAE
        The model.
    path : Path
        The safetensors file to write.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save_model(load_model(), Path(folder, "same.safetensors"))
    ...     again = load_model(Path(folder, "same.safetensors"))
    >>> bool((again.decode(torch.zeros(1, 10)) == load_model().decode(torch.zeros(1, 10))).all())
    True
    """
    weights = {name: tensor.half() for name, tensor in model.state_dict().items()}
    rows = model.state_dict()[LARGEST]
    scales = rows.abs().amax(dim=1, keepdim=True).clamp_min(1e-9) / 127
    weights[LARGEST] = torch.round(rows / scales).to(torch.int8)
    weights[SCALES] = scales
    path.write_bytes(save(weights))


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
    weights[LARGEST] *= weights.pop(SCALES)
    model.load_state_dict(weights, assign=True)
    return model.eval().requires_grad_(False)
