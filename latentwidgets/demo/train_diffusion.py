"""Make the model of `latentwidgets.demo.diffusion`.

``python -m latentwidgets.demo.train_diffusion`` writes the folder ``digits_diffusion`` beside this
file, measures it, and writes what it found into ``README.md``. The same seed gives the same weights
on the same machine with the same versions of the libraries.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import diffusers
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (the name that everyone knows)
from sklearn.svm import SVC
from tqdm.auto import trange  # type: ignore[import-untyped, unused-ignore]

from latentwidgets._version import __version__
from latentwidgets.demo.card import CARD, write_table
from latentwidgets.demo.diffusion_model import (
    FOLDER,
    NAMES,
    NOTHING,
    digit_pixels,
    load_pipeline,
    make_pipeline,
    space_of,
)
from latentwidgets.demo.train_digits import one_thread, split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["evaluate", "main", "table", "train"]

STEPS = 2000
BATCH = 64
PEAK_LEARNING_RATE = 2e-3
# How many of the labels are left out in training, so that the model also knows no class.
DROPPED = 0.1
# Where samples are measured: guidance, how many of each class, and in how many steps.
GUIDANCE, EACH, SAMPLED = (0, 1, 2, 4, 6, 8), 50, 20
# How many held-out pictures are taken back to their noise and forth, and in how many steps.
INVERTED, BACK = 100, 50


def train(
    images: NDArray[np.uint8], labels: NDArray[np.int64], *, seed: int = 0, steps: int = STEPS
) -> Any:
    """Train the model.

    Parameters
    ----------
    images : ndarray
        uint8 ``(n, 8, 8, 1)``.
    labels : ndarray
        int64 ``(n,)``, 0 to 9.
    seed : int
        For the first weights, the pictures, times and noise drawn, and the labels left out.
    steps : int
        How often weights change, each time by a batch.

    Returns
    -------
    diffusers.DDIMPipeline
        In evaluation mode.

    References
    ----------
    Ho et al. 2020, "Denoising diffusion probabilistic models" (arXiv 2006.11239); labels left out:
    Ho & Salimans 2022 (arXiv 2207.12598).
    """
    pictures = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
    classes = torch.from_numpy(labels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pipeline = make_pipeline()
        unet, scheduler = pipeline.unet.train(), pipeline.scheduler
        optimizer = torch.optim.AdamW(unet.parameters(), weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, PEAK_LEARNING_RATE, total_steps=steps, pct_start=0.05
        )
        for _ in trange(steps, desc="Training", unit="step"):
            chosen = torch.randint(len(pictures), (BATCH,))
            times = torch.randint(scheduler.config.num_train_timesteps, (BATCH,))
            given = torch.where(torch.rand(BATCH) < DROPPED, NOTHING, classes[chosen])
            data = pictures[chosen]
            noise = torch.randn_like(data)
            noisy = scheduler.add_noise(data, noise, times)
            wanted = scheduler.get_velocity(data, noise, times)
            loss = F.mse_loss(unet(noisy, times, class_labels=given).sample, wanted)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    unet.eval()
    return pipeline


def evaluate(
    space: LatentSpace, images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> dict[str, Any]:
    """Measure the model, by its samples.

    Distances are root mean squares over pixels, as shares of the range from black to white.

    Parameters
    ----------
    space : LatentSpace
        The model's space.
    images : ndarray
        uint8 ``(1797, 8, 8, 1)``.
    labels : ndarray
        int64 ``(1797,)``.

    Returns
    -------
    dict
        ``guidance``, and for each of these: ``accuracy``, the share of samples in which a
        classifier reads the digit that was asked for; ``diversity``, the distance between two
        samples of one digit; ``nearest``, what `nearest` gives of samples and the training set.
        With ``_of_digits`` behind it, the same of held-out digits.
        ``inversion``, the mean absolute error of held-out digits that come back from their noise,
        and ``inversion_most``, the largest of one digit.
    """
    seen, held_out = split(labels)
    real = images.reshape(len(images), -1) / 255
    judge = SVC(C=10).fit(real[seen], labels[seen])
    wanted = np.repeat(np.arange(len(NAMES)), EACH)
    noise = space.sample(len(wanted), seed=1)
    scores: dict[str, Any] = {
        "guidance": [*GUIDANCE],
        "accuracy": [],
        "diversity": [],
        "nearest": [],
        "accuracy_of_digits": float(judge.score(real[held_out], labels[held_out])),
        "diversity_of_digits": diversity(real[held_out], labels[held_out]),
        "nearest_of_digits": nearest(real[held_out], real[seen]),
    }
    for one in GUIDANCE:
        given = {"class": wanted, "guidance": float(one), "steps": SAMPLED}
        drawn = space.decode(noise, given).reshape(len(wanted), -1) / 255
        scores["accuracy"].append(float(np.mean(judge.predict(drawn) == wanted)))
        scores["diversity"].append(diversity(drawn, wanted))
        scores["nearest"].append(nearest(drawn, real[seen]))
    some = held_out[:INVERTED]
    given = {"class": labels[some], "steps": BACK}
    back = space.decode(space.encode(images[some], given), {**given, "guidance": 1.0})
    errors = np.abs(back / 255 - images[some] / 255).mean(axis=(1, 2, 3))
    scores["inversion"], scores["inversion_most"] = float(errors.mean()), float(errors.max())
    return scores


def diversity(pictures: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Give the root mean square distance between two pictures of one label.

    Parameters
    ----------
    pictures : ndarray
        ``(n, pixels)``, from 0 to 1.
    labels : ndarray
        int64 ``(n,)``; at least two of each.

    Returns
    -------
    float
        The mean is taken over all pairs of a label, and over labels.

    Examples
    --------
    >>> diversity(np.array([[0.0], [0.5], [1.0], [0.5]]), np.array([0, 0, 1, 1]))
    0.5
    """
    # Between two of n pictures it is twice their variance about the mean, times n / (n - 1).
    spreads = [pictures[labels == one].var(axis=0, ddof=1).mean() for one in np.unique(labels)]
    return float(np.sqrt(2 * np.mean(spreads)))


def nearest(pictures: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[float, float]:
    """Give the root mean square distance of pictures to the nearest of others.

    Parameters
    ----------
    pictures, others : ndarray
        ``(n, pixels)`` and ``(m, pixels)``, from 0 to 1.

    Returns
    -------
    median, low : float
        The median over pictures, and what one in twenty is below: where some are copies, it is 0.

    Examples
    --------
    >>> nearest(np.array([[0.0, 0.0]]), np.array([[1.0, 1.0], [0.5, 0.5]]))
    (0.5, 0.5)
    """
    gaps = np.array([((others - one) ** 2).mean(axis=1).min() for one in pictures])
    median, low = np.sqrt(np.quantile(gaps, [0.5, 0.05]))
    return float(median), float(low)


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
    columns = ["accuracy", "diversity", "nearest"]
    lines = ["| guidance | right digit | diversity | nearest training digit | of one in twenty |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for one, *found in zip(scores["guidance"], *(scores[name] for name in columns), strict=True):
        lines.append(_row(one, *found))
    lines.append(_row("held-out digits", *(scores[f"{name}_of_digits"] for name in columns)))
    error, most = scores["inversion"], scores["inversion_most"]
    lines += [
        "",
        f"Held-out digits taken back to their noise and forth, {BACK} steps, guidance 1: mean "
        "absolute",
        f"error {error:.4f} of the range from black to white, of one digit at most {most:.4f}.",
    ]
    return "\n".join(lines)


def _row(head: object, right: float, spread: float, near: Sequence[float]) -> str:
    cells = [head, *(f"{number:.3f}" for number in (right, spread, *near))]
    return f"| {' | '.join(map(str, cells))} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, write the folder, measure it as it was written, and put the numbers into the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument(
        "--measure", action="store_true", help="do not train, measure what is there"
    )
    options = parser.parse_args(arguments)
    images, labels = digit_pixels()
    seen, _ = split(labels)
    with one_thread():
        if not options.measure:
            pipeline = train(images[seen], labels[seen], seed=options.seed, steps=options.steps)
            # Half precision halves the file. What is measured is what was written.
            pipeline.unet.half()
            pipeline.save_pretrained(options.output)
        scores = evaluate(space_of(load_pipeline(options.output)), images, labels)
    provenance = {
        "data": "sklearn.datasets.load_digits, 8x8",
        "script": "latentwidgets.demo.train_diffusion",
        "package": f"latentwidgets {__version__}",
        "versions": f"Python {platform.python_version()}, torch {torch.__version__}, "
        f"diffusers {diffusers.__version__}",
        "seed": options.seed,
        "steps": options.steps,
        "scores": scores,
    }
    text = json.dumps(provenance, indent=2)
    (options.output / "provenance.json").write_text(text + "\n", encoding="utf-8")
    if options.output == FOLDER:
        write_table(CARD, "train_diffusion", table(scores))
    print(text)


if __name__ == "__main__":
    main()
