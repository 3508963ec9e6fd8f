"""Make the weights of `latentwidgets.demo.faces`.

``python -m latentwidgets.demo.train_faces`` writes ``faces.safetensors`` and, beside it,
``faces.json`` with what was measured, and puts the numbers into ``README.md``. The same seed gives
the same bytes on the same machine with the same versions of the libraries.
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
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from torch import nn
from tqdm.auto import trange  # type: ignore[import-untyped, unused-ignore]

from latentwidgets._version import __version__
from latentwidgets.demo.card import CARD, write_table
from latentwidgets.demo.face_demo import COUNT, SEED
from latentwidgets.demo.face_drawing import draw_faces
from latentwidgets.demo.face_model import WEIGHTS, FacesVAE, Residual, load_model, save_model
from latentwidgets.demo.train_digits import one_thread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["evaluate", "main", "table", "train"]

FACES = 20_000
STEPS = 4400
BATCH = 32
# What changes as training goes on, by step; in between it is on a line.
SCHEDULE = {
    "learning rate": {0: 0, 200: 2e-3, 2900: 2e-3, 4400: 0},
    # Errors of colour below this count squared, larger ones as they are. At first nearly all are
    # squared, so that a blur in the right place is better than none, and eyes are found.
    "log10 smooth": {0: -0.7, 2000: -1.7},
    # Nats for a mean error of a whole unit of colour.
    "log10 precision": {0: 3.3, 2000: 3.78},
    # Divergence that each axis has for free, in nats. Much at first, so that each finds something
    # to tell; later little, so that two do not tell the same.
    "free": {500: 1.0, 1500: 0.25},
}
# The seed of the faces that are learnt; those that come with the model have another.
LEARNT = 1
# Samples, and pairs of faces, whose edges are measured.
MEASURED = 500


def train(*, seed: int = 0, steps: int = STEPS, faces: int = FACES) -> FacesVAE:
    """Train the autoencoder.

    Parameters
    ----------
    seed : int
        For the first weights, the order of the faces and the latents drawn.
    steps : int
        Batches of 32 faces.
    faces : int
        How many are drawn to learn from.

    Returns
    -------
    FacesVAE
        The trained model.

    References
    ----------
    Kingma & Welling 2014 (arXiv 1312.6114), with the free nats of Kingma et al. 2016 (arXiv
    1606.04934). The error is Huber's, whose large errors count as those of a Laplace distribution,
    so that edges stay sharp. First weights: He et al. 2015 (arXiv 1502.01852).
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = FacesVAE()
        _initialize(model)
    _lay_out(model, torch.channels_last)
    pictures = torch.from_numpy(draw_faces(faces, seed=LEARNT)[0]).permute(0, 3, 1, 2)
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.99), weight_decay=1e-4)
    bar = trange(steps, desc="Training", unit="step")
    for step in bar:
        now = {name: np.interp(step, [*by], [*by.values()]) for name, by in SCHEDULE.items()}
        for group in optimizer.param_groups:
            group["lr"] = now["learning rate"]
        chosen = torch.randint(faces, (BATCH,), generator=generator)
        smooth, precision = 10 ** now["log10 smooth"], 10 ** now["log10 precision"]
        error, each = _loss(model, pictures[chosen].float() / 255, smooth, generator)
        divergence = each.clamp_min(now["free"]).sum()
        optimizer.zero_grad()
        torch.autograd.backward(error + divergence / precision)
        optimizer.step()
        if step % 100 == 0:
            bar.set_postfix(error=f"{error.item():.4f}", divergence=f"{divergence.item():.1f}")
    _lay_out(model, torch.contiguous_format)
    return model.eval()


def _lay_out(model: nn.Module, memory_format: torch.memory_format) -> None:
    """Lay the weights out in memory: with channels last convolutions are faster."""
    for parameter in model.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=memory_format)


def _initialize(model: FacesVAE) -> None:
    """Draw first weights that keep the size of what passes through the layers.

    With torch's own what passes gets smaller from layer to layer, so that no latent matters at
    first and hundreds of steps go by before one does.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            inputs = layer.weight[0].numel()
            if isinstance(layer, nn.ConvTranspose2d):  # a kernel of 4 in steps of 2: 2x2 at a time
                inputs = 4 * layer.in_channels
            nn.init.normal_(layer.weight, std=(2 / inputs) ** 0.5)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, Residual):
                layer.change.weight.mul_(0.5)
        # Means, log variances near -2, and pictures near grey.
        moments, colors = model.to_latent[-1], model.to_colors[-2]
        assert isinstance(moments, nn.Linear)
        assert isinstance(colors, nn.Conv2d)
        mean, log_variance = moments.weight.chunk(2)
        mean.mul_(0.5)
        log_variance.mul_(0.05)
        moments.bias[len(mean) :] = -2
        colors.weight.mul_(0.1)


def evaluate(model: FacesVAE) -> dict[str, Any]:
    """Measure a model by the faces that come with it, which it has not seen.

    Parameters
    ----------
    model : FacesVAE
        The model.

    Returns
    -------
    dict
        ``mse``, the mean squared error of what comes back, of pixels in [0, 1], and for comparison
        ``mse_of_components``, that of as many principal components of 2000 faces as the latent has
        axes, and ``mse_of_mean``, that of their mean; ``kl``, nats of divergence from the prior by
        axis; ``latent_sd``, standard deviation of the means by axis; ``edges``, for
        "reconstructed", "samples" and "halfway" between two faces the mean difference of
        neighbouring pixels as a share of that of drawn faces, which is 1 where they are as crisp;
        ``probes``, for each attribute ``score``, ``sd``, ``chance`` and ``measure``: mean and
        spread over five folds of what a linear readout of latents scores on faces it was not fitted
        to.
    """
    images, truth = draw_faces(COUNT, seed=SEED)
    drawn = _to_tensor(images)
    with torch.inference_mode():
        mean, log_variance = model.encode(drawn)
        back = model.decode(mean)
        noise = torch.randn(
            (MEASURED, mean.shape[1]), generator=torch.Generator().manual_seed(SEED)
        )
        shown = {
            "reconstructed": back,
            "samples": model.decode(noise),
            "halfway": model.decode((mean[:MEASURED] + mean[1 : MEASURED + 1]) / 2),
        }
    seen = draw_faces(2000, seed=LEARNT)[0].reshape(2000, -1) / np.float32(255)
    flat = images.reshape(COUNT, -1) / np.float32(255)
    pca = PCA(mean.shape[1], svd_solver="randomized", random_state=0).fit(seen)
    rebuilt = pca.inverse_transform(pca.transform(flat))
    return {
        "mse": round(float((back - drawn).square().mean()), 5),
        "mse_of_components": round(float(np.square(rebuilt - flat).mean()), 5),
        "mse_of_mean": round(float(np.square(seen.mean(axis=0) - flat).mean()), 5),
        "kl": _rounded(_divergence(mean, log_variance)),
        "latent_sd": _rounded(mean.std(dim=0)),
        "edges": {name: round(_edges(one) / _edges(drawn), 3) for name, one in shown.items()},
        "probes": {name: _probe(mean.numpy(), values) for name, values in truth.items()},
    }


def _edges(pictures: Tensor) -> float:
    """Return the mean difference of neighbouring pixels."""
    across, down = pictures.diff(dim=3).abs().mean(), pictures.diff(dim=2).abs().mean()
    return float(across + down)


def _probe(latents: NDArray[np.float32], values: NDArray[Any]) -> dict[str, Any]:
    """Score a linear readout of one attribute on faces that it was not fitted to."""
    if values.dtype == np.float32:
        readout, measure, chance = Ridge(), "r2", 0.0
        folds = KFold(5, shuffle=True, random_state=0)
    else:
        readout, measure = LogisticRegression(max_iter=2000), "balanced_accuracy"
        chance = round(1 / len(np.unique(values)), 3)
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = cross_val_score(readout, latents, values, scoring=measure, cv=folds)
    return {
        "score": round(float(scores.mean()), 3),
        "sd": round(float(scores.std()), 3),
        "chance": chance,
        "measure": measure,
    }


def table(scores: Mapping[str, Any]) -> str:
    """Lay out what `evaluate` found, as the card has it.

    Parameters
    ----------
    scores : mapping
        Of `evaluate`.

    Returns
    -------
    str
        Markdown.
    """
    edges, size = scores["edges"], len(scores["kl"])
    rows: list[tuple[object, ...]] = [
        ("", ""),
        ("---", "---"),
        ("mean squared error, pixels in [0, 1]", f"{scores['mse']:.5f}"),
        (f"for comparison: {size} principal components", f"{scores['mse_of_components']:.5f}"),
        ("for comparison: the mean face", f"{scores['mse_of_mean']:.5f}"),
        ("edges of what comes back (as crisp as drawn: 1)", f"{edges['reconstructed']:.2f}"),
        ("edges of samples of the prior", f"{edges['samples']:.2f}"),
        ("edges halfway between two faces", f"{edges['halfway']:.2f}"),
    ]
    probes: list[tuple[object, ...]] = [
        ("attribute", "linear readout", "chance", "measure"),
        ("---",) * 4,
        *(
            (name, f"{one['score']:.3f} ± {one['sd']:.3f}", one["chance"], one["measure"])
            for name, one in scores["probes"].items()
        ),
    ]
    axes: list[tuple[object, ...]] = [
        ("axis", *range(size)),
        ("---",) * (size + 1),
        ("divergence from the prior, nats", *(f"{value:.2f}" for value in scores["kl"])),
        ("sd of the means", *(f"{value:.2f}" for value in scores["latent_sd"])),
    ]
    return "\n\n".join(
        "\n".join(f"| {' | '.join(map(str, row))} |" for row in part)
        for part in (rows, probes, axes)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, write the weights, measure them as written, and put the numbers into the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--faces", type=int, default=FACES)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument(
        "--measure", action="store_true", help="do not train, measure what is there"
    )
    options = parser.parse_args(arguments)
    written = options.output.with_suffix(".json")
    with one_thread():
        if options.measure:
            provenance = json.loads(written.read_text(encoding="utf-8"))
        else:
            model = train(seed=options.seed, steps=options.steps, faces=options.faces)
            save_model(model, options.output)
            provenance = {
                "data": "latentwidgets.demo.face_drawing",
                "script": "latentwidgets.demo.train_faces",
                "package": f"latentwidgets {__version__}",
                "versions": f"Python {platform.python_version()}, torch {torch.__version__}",
                "seed": options.seed,
                "steps": options.steps,
                "faces": options.faces,
            }
        # Measured is what was written, which is less precise than what was trained.
        provenance["scores"] = scores = evaluate(load_model(options.output))
    text = json.dumps(provenance, indent=2)
    written.write_text(text + "\n", encoding="utf-8")
    if options.output == WEIGHTS:
        write_table(CARD, "train_faces", table(scores))
    print(text)


def _to_tensor(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def _loss(
    model: FacesVAE, pictures: Tensor, smooth: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return the error of pictures, and the divergence from the prior by axis, in nats."""
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    # Half the digits are enough to learn by, and faster where the processor has them.
    with torch.autocast("cpu", torch.bfloat16):
        mean, log_variance = (part.float() for part in model.encode(pictures))
        noise = torch.randn(mean.shape, generator=generator)
        colors = model.to_colors(mean + noise * torch.exp(log_variance / 2))
    error = F.smooth_l1_loss(colors.float() + 0.5, pictures, beta=smooth)
    return error, _divergence(mean, log_variance)


def _divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the mean divergence of posteriors from the prior, in nats by axis."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=0) / 2


def _rounded(values: Tensor) -> list[float]:
    return [round(value, 3) for value in values.tolist()]


if __name__ == "__main__":
    main()
