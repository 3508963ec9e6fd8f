"""A sampler of one's own as a space: its characters, its guidance, its way back, its cost.

Run it with ``python -m benchmarks.sampler``. The model is a latent flow of 47 characters. Whether a
picture shows the right one is judged by the nearest of 47 means, of what the model's own ``sample``
draws: an L2 distance in pixels, by which chance would find 1 of 47. Beside it stands another model
of others: an autoencoder, through which photographs are looked at as a space and bare.
"""

from __future__ import annotations

import json
import statistics
import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from benchmarks.tables import judged
from latentwidgets.space.as_space import as_space
from tests import photographs
from tests.models import load_characters, models_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

# Noises a class, and guidance that is judged.
SEEDS, GUIDANCE = 8, 4.0
# Where diversity is measured, with so many noises for each class.
STRENGTHS, FEW = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0), 4
# Rows that are timed, and how often; and where it is to be quick.
BATCHES, FEW_ROUNDS = {64: 4, 16: 12, 1: 40}, {64: 2, 16: 3, 1: 5}
# Of each class so many are drawn for its mean.
DRAWN = 24
# The targets: characters that are right, error of what comes back, cost over the bare loop.
LEAST_RIGHT, MOST_ERROR, MOST_RELATIVE = 45, 0.05, 0.05


def measure(batches: Mapping[int, int] = BATCHES) -> dict[str, Any]:
    """Measure all.

    Parameters
    ----------
    batches : mapping of int to int
        Rows that are timed, and how often.

    Returns
    -------
    dict
        Numbers by name; ``cost`` has a row for each batch size, and ``photographs`` by their kind
        the decibels of what comes back, of the space and bare.
    """
    sampler, _, autoencoder, flow = load_characters()
    space = as_space(sampler, value_range=(0, 1))
    return {
        **quality(),
        "cost": cost(autoencoder, flow, space, batches),
        "photographs": photographs.qualities(*photographs.vae_space()),
    }


def quality() -> dict[str, Any]:
    """Measure what is drawn and what comes back: all but the time.

    Returns
    -------
    dict
        ``right``, how many classes most of their noises show; ``wrong``, the others; ``each``, the
        share of single pictures; ``diversity`` by guidance, and whether it ``falls``; the errors of
        what comes back, and the standard deviation of the noise.
    """
    sampler, module, autoencoder, flow = load_characters()
    space = as_space(sampler, value_range=(0, 1))
    names = space.conditions["class"].choices
    means = class_means(module, autoencoder, flow)
    noise = space.sample(SEEDS)

    votes = []
    for name in names:
        drawn = space.decode(noise, {"class": name, "guidance": GUIDANCE})
        votes.append(nearest(drawn, means))
    found = np.array(votes) == np.arange(len(names))[:, np.newaxis]
    right = found.sum(axis=1) > SEEDS / 2
    spread = {one: diversity(space, noise[:FEW], one) for one in STRENGTHS}

    pictures = space.decode(space.sample(len(names), seed=1), {"class": list(names)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        noises = space.encode(pictures, {"class": list(names)})
    error = sampler.reconstruction_error
    assert error is not None
    values = list(spread.values())
    return {
        "right": int(np.sum(right)),
        "wrong": [str(name) for name, one in zip(names, right, strict=True) if not one],
        "each": float(found.mean()),
        "diversity": {f"{one:g}": value for one, value in spread.items()},
        "falls": bool((np.diff(values) < 0).all()),
        "error_mean": float(error.mean()),
        "error_most": float(error.max()),
        "noise_deviation": float(noises.std()),
    }


def class_means(module: Any, autoencoder: Any, flow: Any) -> NDArray[np.float64]:
    """Give the mean picture of each class, of what the model's own way of sampling draws."""
    means = []
    for k in range(len(module.CLASSES)):
        latents = module.sample(flow, [k] * DRAWN, seed=100 + k)
        with torch.no_grad():
            means.append(autoencoder.decode(latents).mean(0).numpy())
    return np.stack(means).reshape(len(means), -1).astype(np.float64)


def nearest(pictures: NDArray[np.uint8], means: NDArray[np.float64]) -> NDArray[np.intp]:
    """Say whose mean is nearest to each picture."""
    flat = pictures.reshape(len(pictures), -1) / 255
    gaps = ((flat[:, np.newaxis] - means) ** 2).sum(axis=-1)
    return np.asarray(gaps.argmin(axis=1))


def diversity(space: LatentSpace, noise: NDArray[np.float32], guidance: float) -> float:
    """Give the root mean square pixel distance between pictures of one class of other noises."""
    names = space.conditions["class"].choices
    gaps = []
    for name in names:
        drawn = space.decode(noise, {"class": name, "guidance": guidance}).astype(float) / 255
        pairs = [(i, j) for i in range(len(noise)) for j in range(i)]
        gaps += [((drawn[i] - drawn[j]) ** 2).mean() for i, j in pairs]
    return float(np.sqrt(np.mean(gaps)))


def cost(
    autoencoder: Any, flow: Any, space: LatentSpace, batches: Mapping[int, int] = BATCHES
) -> list[dict[str, Any]]:
    """Time the bare loop of 50 guided steps and the space, in turns, for each batch size."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so that the processor's time is the time of the work
    try:
        return [_timed(autoencoder, flow, space, *one) for one in batches.items()]
    finally:
        torch.set_num_threads(threads)


def _timed(
    autoencoder: Any, flow: Any, space: LatentSpace, batch: int, rounds: int
) -> dict[str, Any]:
    """Time both for one batch size, by the processor's clock."""
    labels, none = torch.zeros(batch, flow.classes), torch.zeros(batch, flow.classes)
    labels[:, 3] = 1
    latents = space.sample(batch)

    def bare() -> Any:
        x = torch.from_numpy(latents)
        with torch.no_grad():
            for i in range(50):
                t = torch.full((batch,), i / 50)
                out = flow(torch.cat([x, x]), torch.cat([t, t]), torch.cat([labels, none]))
                given, without = out.chunk(2)
                x = x + (without + GUIDANCE * (given - without)) / 50
            return autoencoder.decode(x)

    def ours() -> Any:
        return space.decode(latents, {"class": 3, "guidance": GUIDANCE})

    expected = (bare().numpy() * 255).astype(int)
    same = int(np.abs(ours().transpose(0, 3, 1, 2).astype(int) - expected).max())
    times: tuple[list[float], list[float]] = ([], [])
    pair = ((bare, times[0]), (ours, times[1]))
    for round_ in range(-2, rounds):
        for function, record in pair if round_ % 2 else pair[::-1]:
            start = time.process_time()
            function()
            if round_ >= 0:
                record.append(1000 * (time.process_time() - start))
    typical = statistics.median(times[0])
    extra = statistics.median(b - a for a, b in zip(*times, strict=True))
    return {
        "batch": batch,
        "rounds": rounds,
        "bare_ms": typical,
        "space_ms": statistics.median(times[1]),
        "extra_relative": extra / typical,
        "levels_apart": same,
    }


def table(found: Mapping[str, Any]) -> str:
    """Lay out what `measure` found."""
    wrong = ", ".join(found["wrong"]) or "none"
    kinds = found["photographs"]
    lost = max(bare - ours for ours, bare in kinds.values())
    falls = ", ".join(f"{one}: {value:.3f}" for one, value in found["diversity"].items())
    rows = [
        (
            f"characters that are right of 47, most of {SEEDS} noises, guidance {GUIDANCE:g}",
            f"{found['right']} (not {wrong}); of single pictures {found['each']:.0%}, chance 2%",
            f"at least {LEAST_RIGHT}",
            found["right"] >= LEAST_RIGHT,
        ),
        (
            "root mean square distance within a class, by guidance",
            falls,
            "falls",
            found["falls"],
        ),
        (
            "mean absolute error of what comes back, share of the range",
            f"{found['error_mean']:.3f}, at most {found['error_most']:.3f}",
            f"below {MOST_ERROR}",
            found["error_mean"] < MOST_ERROR,
        ),
        *(
            (
                f"cost over the bare loop, {row['batch']} rows, 50 guided steps",
                f"{row['bare_ms']:.0f} ms, and {row['extra_relative']:.1%} more",
                f"{MOST_RELATIVE:.0%}",
                row["extra_relative"] <= MOST_RELATIVE,
            )
            for row in found["cost"]
        ),
        (
            "photographs through an autoencoder of others, and what its space loses at most",
            ", ".join(f"{kind} {ours:.2f} dB" for kind, (ours, _) in kinds.items())
            + f"; {lost:.2f} dB below the bare module",
            f"{photographs.MOST_LOST} dB",
            lost <= photographs.MOST_LOST,
        ),
    ]
    return judged(rows)


def main() -> None:
    """Measure, and print the table and the numbers."""
    if models_missing:
        raise SystemExit(f"Nothing measured: {models_missing}.")
    result = measure()
    print(table(result))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
