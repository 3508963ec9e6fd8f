"""Make the weights of `latentwidgets.demo.digits`.

``python -m latentwidgets.demo.train_digits`` writes ``digits.safetensors`` beside this file. The
same seed gives the same bytes on the same machine with the same versions of the libraries.
"""

from __future__ import annotations

import argparse
import json
import platform
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (the name that everyone knows)
from safetensors.torch import save
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from tqdm.auto import trange  # type: ignore[import-untyped, unused-ignore]

from latentwidgets._version import __version__
from latentwidgets.demo import digit_images
from latentwidgets.demo.model import WEIGHTS, DigitsVAE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["evaluate", "main", "one_thread", "split", "train"]

EPOCHS = 300
HELD_OUT = 297
BATCH = 125
PEAK_LEARNING_RATE = 3e-3
# Weight of the divergence from the prior, and how much of it each axis has for free, in nats.
# The first keeps the space dense, the second keeps every axis in use.
BETA, FREE_NATS = 2.5, 0.7
# Largest change of an entry of the random affine maps, and of the shifts as shares of half a side.
DISTORTION, SHIFT = 0.05, 0.025


def split(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the images into those to train on and those held out, stratified by label.

    Parameters
    ----------
    labels : ndarray
        int64 ``(1797,)``.

    Returns
    -------
    train, held_out : ndarray
        int64 indices, ``(1500,)`` and ``(297,)``. Always the same.
    """
    train, held_out = train_test_split(
        np.arange(len(labels)), test_size=HELD_OUT, stratify=labels, random_state=0
    )
    return train, held_out


def train(images: NDArray[np.uint8], *, seed: int = 0, epochs: int = EPOCHS) -> DigitsVAE:
    """Train the autoencoder.

    Parameters
    ----------
    images : ndarray
        uint8 ``(n, 32, 32, 1)``.
    seed : int
        For the first weights, the order of images, their distortions and the latents drawn.
    epochs : int
        Passes over the images.

    Returns
    -------
    DigitsVAE
        The trained model.

    References
    ----------
    Higgins et al. 2017, "beta-VAE", ICLR, for the weighted divergence; Kingma et al. 2016
    (arXiv 1606.04934) for the free nats.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = DigitsVAE()
    pictures = _to_tensor(images)
    steps = -(-len(pictures) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_LEARNING_RATE, epochs=epochs, steps_per_epoch=steps, pct_start=0.1
    )
    for epoch in trange(epochs, desc="Training", unit="epoch"):
        beta = BETA * min(1, 5 * (epoch + 1) / epochs)
        for chosen in torch.split(torch.randperm(len(pictures), generator=generator), BATCH):
            loss = _loss(model, _distort(pictures[chosen], generator), beta, generator)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    return model.eval()


def evaluate(
    model: DigitsVAE, images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> dict[str, Any]:
    """Measure a model.

    Parameters
    ----------
    model : DigitsVAE
        The model.
    images : ndarray
        uint8 ``(1797, 32, 32, 1)``.
    labels : ndarray
        int64 ``(1797,)``.

    Returns
    -------
    dict
        ``held_out_mse`` and ``train_mse``, mean squared errors of pixels in [0, 1];
        ``held_out_kl``, nats of divergence from the prior by axis; ``latent_sd``, standard
        deviation of the means by axis; ``accuracy`` and ``accuracy_sd``, mean and spread over five
        folds of the balanced accuracy of a logistic regression from latents to labels, where
        chance is 0.1.
    """
    pictures = _to_tensor(images)
    with torch.inference_mode():
        mean, log_variance = model.encode(pictures)
        errors = (model.decode(mean) - pictures).square().mean(dim=(1, 2, 3)).numpy()
    seen, held_out = split(labels)
    folds = cross_val_score(
        LogisticRegression(max_iter=2000),
        mean.numpy(),
        labels,
        scoring="balanced_accuracy",
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
    )
    return {
        "held_out_mse": round(float(errors[held_out].mean()), 5),
        "train_mse": round(float(errors[seen].mean()), 5),
        "held_out_kl": _rounded(_divergence(mean[held_out], log_variance[held_out])),
        "latent_sd": _rounded(mean.std(dim=0)),
        "accuracy": round(float(folds.mean()), 4),
        "accuracy_sd": round(float(folds.std()), 4),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, and write the weights with their scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    images, labels = digit_images()
    seen, _ = split(labels)
    with one_thread():
        model = train(images[seen], seed=options.seed, epochs=options.epochs)
        model = model.half().float()  # as precise as the file will be, and so are its scores
        scores = evaluate(model, images, labels)
    provenance = {
        "data": "sklearn.datasets.load_digits, enlarged to 32x32 by digit_images",
        "script": "latentwidgets.demo.train_digits",
        "package": f"latentwidgets {__version__}",
        "versions": f"Python {platform.python_version()}, torch {torch.__version__}",
        "seed": options.seed,
        "epochs": options.epochs,
        "scores": scores,
    }
    weights = {name: tensor.half() for name, tensor in model.state_dict().items()}
    # The header is one JSON text, since safetensors does not keep several entries in order.
    options.output.write_bytes(save(weights, {"provenance": json.dumps(provenance)}))
    print(json.dumps(provenance, indent=2))


def _to_tensor(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def _loss(model: DigitsVAE, pictures: Tensor, beta: float, generator: torch.Generator) -> Tensor:
    """Return cross entropy plus divergence, in nats for an image."""
    mean, log_variance = model.encode(pictures)
    noise = torch.randn(mean.shape, generator=generator)
    logits = model.to_logits(mean + noise * torch.exp(log_variance / 2))
    cross_entropy = F.binary_cross_entropy_with_logits(logits, pictures, reduction="sum")
    divergence = _divergence(mean, log_variance).clamp_min(FREE_NATS).sum()
    return cross_entropy / len(pictures) + beta * divergence


def _divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the mean divergence of posteriors from the prior, in nats by axis."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=0) / 2


def _distort(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Turn, stretch, slant and shift each picture a little, as another hand might have."""
    largest = torch.tensor([[DISTORTION, DISTORTION, SHIFT]]).expand(2, 3)
    random = 2 * torch.rand((len(pictures), 2, 3), generator=generator) - 1
    maps = torch.eye(2, 3) + largest * random
    grid = F.affine_grid(maps, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, mode="bicubic", align_corners=False).clamp(0, 1)


def _rounded(values: Tensor) -> list[float]:
    return [round(value, 3) for value in values.tolist()]


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute in one thread, which adds in one order.

    Examples
    --------
    >>> with one_thread():
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


if __name__ == "__main__":
    main()
