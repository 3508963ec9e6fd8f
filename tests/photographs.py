"""Photographs through an autoencoder that others trained, bare and as a space."""

from __future__ import annotations

from typing import Any

import diffusers
import numpy as np
import torch
from diffusers.configuration_utils import register_to_config
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTinyOutput
from diffusers.models.autoencoders.vae import DecoderOutput
from matplotlib.cbook import get_sample_data
from PIL import Image
from sklearn.datasets import load_sample_images

import latentwidgets as lw
from tests.models import load_tiny_autoencoder
from tests.unit.pipelines import pipeline

SIDE = 256
# How much of its quality a space may lose, in dB.
MOST_LOST = 0.5


class Tiny(diffusers.ModelMixin, diffusers.ConfigMixin):  # type: ignore[misc]
    """The autoencoder as a part of a pipeline: pictures in [-1, 1], and latents with a scale."""

    config_name = "config.json"

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self, scaling_factor: float = 1.2, block_out_channels: tuple[int, ...] = (64,) * 4
    ) -> None:
        super().__init__()
        self.bare = load_tiny_autoencoder()

    def encode(self, x: Any) -> Any:
        return AutoencoderTinyOutput(latents=self.bare.encode(x / 2 + 0.5))

    def decode(self, z: Any) -> Any:
        return DecoderOutput(sample=2 * self.bare.decode(z) - 1)


def photographs() -> dict[str, Any]:
    """Photographs of four kinds, uint8 ``(256, 256, 3)``."""
    path = get_sample_data("grace_hopper.jpg", asfileobj=False)
    with Image.open(str(path)) as opened:
        portrait = np.asarray(opened.convert("RGB"))
    palace, flower = load_sample_images().images
    return {
        "building": square(palace[:427, 213:]),
        "trees": palace[-SIDE:, :SIDE],
        "flower": square(flower[:427, 100:527]),
        "portrait": square(portrait[:512]),
    }


def square(image: Any) -> Any:
    return np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def decibels(made: Any, wanted: Any) -> Any:
    """The ratio of peak signal to noise of each picture."""
    error = ((made.astype(float) - wanted) ** 2).mean(axis=(1, 2, 3))
    return 20 * np.log10(255 / np.sqrt(error))


def bare(autoencoder: Any, pictures: Any) -> Any:
    """Pictures through the bare module, 0 to 255."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        made = autoencoder.decode(autoencoder.encode(x))
    return made.permute(0, 2, 3, 1).numpy() * 255


def vae_space() -> tuple[Any, Any]:
    """The autoencoder as the space of a pipeline's latents, and the bare module."""
    pipe = pipeline("dit", channels=32, size=SIDE // 8)
    autoencoder = Tiny().eval()
    pipe.register_modules(vae=autoencoder)
    return lw.as_space(pipe, latent="vae"), autoencoder.bare


def qualities(space: Any, module: Any) -> dict[str, tuple[float, float]]:
    """Of each kind of photograph, the decibels of what comes back: of the space, and bare."""
    kinds = photographs()
    pictures = np.stack([*kinds.values()])
    made = space.decode(space.encode(pictures)), bare(module, pictures)
    ours, theirs = (decibels(one, pictures).tolist() for one in made)
    return dict(zip(kinds, zip(ours, theirs, strict=True), strict=True))
