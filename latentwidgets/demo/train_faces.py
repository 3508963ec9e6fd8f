"""Make the weights of `latentwidgets.demo.faces`.

``python -m latentwidgets.demo.train_faces`` writes ``faces.safetensors`` beside this file. The same
seed gives the same bytes on the same machine with the same versions of the libraries.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (the name that everyone knows)
from safetensors.torch import save
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score
from tqdm.auto import trange  # type: ignore[import-untyped, unused-ignore]

from latentwidgets._version import __version__
from latentwidgets.demo.face_drawing import draw_faces
from latentwidgets.demo.face_model import WEIGHTS, FacesVAE
from latentwidgets.demo.train_digits import one_thread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["evaluate", "main", "train"]

FACES = 20_000
STEPS = 9000
BATCH = 64
PEAK_LEARNING_RATE = 2e-3
# Nats for a mean error of a whole unit of colour, and the errors below which it counts squared.
PRECISION, SMOOTH = 3000.0, 0.05
# The seed of the faces that are learnt; those that come with the model have another.
SEED = 1


def train(*, seed: int = 0, steps: int = STEPS, faces: int = FACES) -> FacesVAE:
    """Train the autoencoder.

    Parameters
    ----------
    seed : int
        For the first weights, the order of the faces and the latents drawn.
    steps : int
        Batches of 64 faces.
    faces : int
        How many are drawn to learn from.

    Returns
    -------
    FacesVAE
        The trained model.

    References
    ----------
    Kingma & Welling 2014 (arXiv 1312.6114); the error is Huber's, whose large errors count as those
    of a Laplace distribution, so that edges stay sharp.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = FacesVAE().to(memory_format=torch.channels_last)
    pictures = torch.from_numpy(draw_faces(faces, seed=SEED)[0]).permute(0, 3, 1, 2)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_LEARNING_RATE, total_steps=steps, pct_start=0.05
    )
    bar = trange(steps, desc="Training", unit="step")
    for step in bar:
        chosen = torch.randint(faces, (BATCH,), generator=generator)
        error, divergence = _loss(model, pictures[chosen].float() / 255, generator)
        # The divergence comes in slowly, so that no axis is given up before it is of use.
        loss = error + min(1, 5 * (step + 1) / steps) * divergence
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            bar.set_postfix(error=f"{error.item():.1f}", divergence=f"{divergence.item():.1f}")
    return model.to(memory_format=torch.contiguous_format).eval()


def _loss(model: FacesVAE, pictures: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return reconstruction error and divergence from the prior, in nats for a face."""
    mean, log_variance = model.encode(pictures.contiguous(memory_format=torch.channels_last))
    noise = torch.randn(mean.shape, generator=generator)
    decoded = model.decode(mean + noise * torch.exp(log_variance / 2))
    error = F.smooth_l1_loss(decoded, pictures, beta=SMOOTH)
    return PRECISION * error, _divergence(mean, log_variance).sum()


def _divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the mean divergence of posteriors from the prior, in nats by axis."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=0) / 2
