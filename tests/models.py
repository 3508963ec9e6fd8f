"""Loads the real models that tests and benchmarks use: variational autoencoders trained by others.

They are not part of the package. What needs one is skipped where the folder is absent.
"""

from __future__ import annotations

import gzip
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

import latentwidgets as lw

SHARED = Path(__file__).resolve().parents[2] / "shared" / "models"

# Name of each model, and the size of its pictures: channels, height, width.
MODELS = {
    "celeba_vae": (3, 64, 64),
    "mnist_btcvae": (1, 32, 32),
    "dsprites_btcvae": (1, 64, 64),
}
LATENTS = 10

# Why tests that need a model are skipped; empty where the models are there.
models_missing = "" if SHARED.is_dir() else "the real models in ../shared/models are absent"


class Encoder(nn.Module):
    """The encoder of Burgess et al. 2018 (arXiv 1804.03599)."""

    def __init__(self, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(image_shape[0], 32, 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(32, 32, 4, stride=2, padding=1)
        self.conv3 = nn.Conv2d(32, 32, 4, stride=2, padding=1)
        self.conv_64 = nn.Conv2d(32, 32, 4, stride=2, padding=1) if image_shape[1] == 64 else None
        self.lin1 = nn.Linear(512, 256)
        self.lin2 = nn.Linear(256, 256)
        self.mu_logvar_gen = nn.Linear(256, 2 * LATENTS)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        x = images
        for layer in (self.conv1, self.conv2, self.conv3, self.conv_64):
            x = x if layer is None else torch.relu(layer(x))
        x = torch.relu(self.lin1(x.flatten(1)))
        x = torch.relu(self.lin2(x))
        mean, logvar = self.mu_logvar_gen(x).view(-1, LATENTS, 2).unbind(-1)
        return mean, logvar


class Decoder(nn.Module):
    """The decoder of Burgess et al. 2018 (arXiv 1804.03599)."""

    def __init__(self, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.lin1 = nn.Linear(LATENTS, 256)
        self.lin2 = nn.Linear(256, 256)
        self.lin3 = nn.Linear(256, 512)
        self.convT_64 = (
            nn.ConvTranspose2d(32, 32, 4, stride=2, padding=1) if image_shape[1] == 64 else None
        )
        self.convT1 = nn.ConvTranspose2d(32, 32, 4, stride=2, padding=1)
        self.convT2 = nn.ConvTranspose2d(32, 32, 4, stride=2, padding=1)
        self.convT3 = nn.ConvTranspose2d(32, image_shape[0], 4, stride=2, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        x = latents
        for linear in (self.lin1, self.lin2, self.lin3):
            x = torch.relu(linear(x))
        x = x.view(-1, 32, 4, 4)
        for layer in (self.convT_64, self.convT1, self.convT2):
            x = x if layer is None else torch.relu(layer(x))
        return torch.sigmoid(self.convT3(x))


class VAE(nn.Module):
    """Encoder and decoder of one model."""

    def __init__(self, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.encoder = Encoder(image_shape)
        self.decoder = Decoder(image_shape)

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Give mean and log variance, ``(n, 10)`` each."""
        mean, logvar = self.encoder(images)
        return mean, logvar

    def decode(self, latents: Tensor) -> Tensor:
        """Give pictures ``(n, channels, height, width)`` in [0, 1]."""
        images: Tensor = self.decoder(latents)
        return images


def load_vae(name: str) -> VAE:
    """Load one of `MODELS`, in evaluation mode."""
    vae = VAE(MODELS[name])
    weights = torch.load(SHARED / f"{name}.pt", map_location="cpu", weights_only=True)
    vae.load_state_dict(weights)
    return vae.eval()


def load_mnist() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Load the MNIST test set: images ``(10000, 32, 32)``, enlarged bilinearly, and classes."""
    with gzip.open(SHARED / "mnist-t10k-images.gz") as opened:
        small = np.frombuffer(opened.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(SHARED / "mnist-t10k-labels.gz") as opened:
        labels = np.frombuffer(opened.read(), np.uint8, offset=8)
    size, bilinear = (32, 32), Image.Resampling.BILINEAR
    large = [np.asarray(Image.fromarray(image).resize(size, bilinear)) for image in small]
    return np.stack(large), labels


def load_sketches() -> tuple[lw.LatentSpace, Any]:
    """Load the conditional VAE of sketches: as a space with its 50 classes, and as it is."""
    model = _load_py(SHARED / "quickdraw_cvae").load()

    def decode(latents: Tensor, y: Tensor) -> Tensor:
        classes = nn.functional.one_hot(y + 1, 51)  # the first column is no class
        images: Tensor = model(latents, classes.to(latents.dtype))
        return images

    given = {"latent_shape": 16, "conditions": {"class": list(model.labels)}}
    return lw.as_space(model, decode=decode, value_range=(0, 1), **given), model


def load_characters() -> tuple[lw.adapters.Sampler, Any, nn.Module, nn.Module]:
    """Load the latent flow of characters as a sampler with its 47 classes; its own module too.

    The module's ``sample`` draws latents in its own way, with noise at each step. Last come the
    autoencoder and the flow that the sampler runs.
    """
    module = _load_py(SHARED / "emnist_latent_diffusion")
    autoencoder, flow = module.load()
    sampler = lw.adapters.Sampler(
        flow,
        (1, 7, 7),
        predicts="velocity",
        schedule="flow",
        classes=list(module.CLASSES),
        null=torch.zeros(len(module.CLASSES)),
        decode=autoencoder.decode,
        encode=autoencoder.encode,
    )
    return sampler, module, autoencoder, flow


def load_tiny_autoencoder() -> Any:
    """Load the autoencoder of photographs, whose latents are ``(32, height / 8, width / 8)``."""
    return _load_py(SHARED / "taef2_flux2_autoencoder").load()


class StepwiseFlow(nn.Module):
    """The latent flow of characters as a decoder that yields a picture at every step.

    Its latent is the noise; its conditions are guidance and class. On the way it shows what the
    noise would become if it went on as it goes now.
    """

    latent_shape = (1, 7, 7)

    def __init__(self, *, steps: int = 20) -> None:
        super().__init__()
        module = _load_py(SHARED / "emnist_latent_diffusion")
        self.autoencoder, self.flow = module.load()
        self.steps = steps
        self.conditions = {"guidance": (2.0, 0.0, 6.0), "class": list(map(str, module.CLASSES))}

    def decode(self, noise: Tensor, guidance: Tensor, label: Tensor) -> Iterator[Tensor]:
        x = noise
        labels = nn.functional.one_hot(label, self.flow.classes).to(x.dtype)
        strength = guidance.reshape(-1, 1, 1, 1)
        for step in range(self.steps):
            t = torch.full((len(x), 1, 1, 1), step / self.steps)
            without = self.flow(x, t, torch.zeros_like(labels))
            velocity = without + strength * (self.flow(x, t, labels) - without)
            yield self.autoencoder.decode(x + (1 - t) * velocity)
            x = x + velocity / self.steps


def load_stories() -> tuple[Any, Any]:
    """Load a causal language model of children's stories, and its tokenizer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = SHARED / "stories260k"
    model = AutoModelForCausalLM.from_pretrained(folder)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def _load_py(folder: Path) -> Any:
    spec = importlib.util.spec_from_file_location(folder.name, folder / "load.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
