"""t-SNE and UMAP: places on a plane that keep neighbours together, of latents or a sample."""

from __future__ import annotations

import importlib
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.parallel import one_thread
from latentwidgets.common.progress import progress
from latentwidgets.errors import MissingExtraError
from latentwidgets.routes.neighbours import Neighbours

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from latentwidgets.routes.watched import Fit

    Rows = NDArray[np.float32]  # flat latents, (n, latent_size)
    Points = NDArray[np.float64]  # (n, 2)

__all__ = ["TITLES", "embed"]

TITLES = {"tsne": "t-SNE", "umap": "UMAP"}
# Of more latents than this, a random sample is fitted, and each other latent is placed between the
# nearest ones of the sample: t-SNE of 10,000 latents takes about a minute.
MOST_FITTED = {"tsne": 10_000, "umap": 50_000}
# Large arrays are worked on in parts of about so many numbers, or pairs of latents, each.
PART_SIZE = 2**24
# The share of the time that fitting takes; placing the others takes the rest.
FITTING = 0.9
# How many steps t-SNE takes, and what scikit-learn calls once a step.
STEPS = 1000
TSNE_STEPS = dict.fromkeys(("_t_sne.py:_kl_divergence_bh", "_t_sne.py:_kl_divergence"), STEPS)


def embed(
    how: str, rows: Rows, seed: int, fit: Fit | None = None
) -> tuple[Points, Neighbours, Any, int]:
    """Place latents by t-SNE or UMAP; where there are many, fit it to a sample of them.

    Parameters
    ----------
    how : {"tsne", "umap"}
        By which.
    rows : ndarray
        Flat latents.
    seed : int
        For the method, and the sample.
    fit : Fit, optional
        What watches it.

    Returns
    -------
    points : ndarray
        One each.
    near : Neighbours
        Places others between the nearest of those that were fitted.
    model : object or None
        UMAP's, which can place others and has an inverse.
    count : int
        How many were fitted.

    Raises
    ------
    MissingExtraError
        If umap-learn is not installed.
    FitCancelledError
        If it was cancelled.
    """
    fitted = np.arange(len(rows))
    if len(rows) > MOST_FITTED[how]:
        fitted = np.random.default_rng(seed).permutation(len(rows))[: MOST_FITTED[how]]
        fitted.sort()
    run = {"tsne": _tsne, "umap": _umap}[how]
    with progress(what=f"{TITLES[how]} of {len(fitted):,}", total=len(rows), delay=0) as bar:
        found, model = run(rows[fitted], seed, fit, FITTING if len(fitted) < len(rows) else 1.0)
        near = Neighbours.of(rows[fitted], found)
        points = np.empty((len(rows), 2))
        points[fitted] = found
        bar.update(len(fitted))
        others = np.setdiff1d(np.arange(len(rows)), fitted, assume_unique=True)
        parts = np.array_split(others, -(-len(others) * len(fitted) // PART_SIZE) or 1)
        for i, part in enumerate(parts):
            points[part] = near(rows[part])
            bar.update(len(part))
            if fit is not None:
                fit.reach(FITTING + (1 - FITTING) * (i + 1) / len(parts))
    return points, near, model, len(fitted)


def _watched(fit: Fit | None, steps: dict[str, int], share: float) -> AbstractContextManager[None]:
    """Count the steps of a library where somebody watches."""
    return nullcontext() if fit is None else fit.counting(steps, share)


def _tsne(rows: Rows, seed: int, fit: Fit | None, share: float) -> tuple[Points, Any]:
    from sklearn.manifold import TSNE

    # A perplexity must stay below the number of latents; 30 is the usual one.
    model = TSNE(2, perplexity=min(30.0, (len(rows) - 1) / 3), random_state=seed, max_iter=STEPS)
    rows = _unitless(rows)
    # Each of its many short steps ends with the slowest thread: on a busy machine, several threads
    # take far longer than one.
    with one_thread(beside=fit is not None), _watched(fit, TSNE_STEPS, share):
        points = model.fit_transform(rows)
    return points.astype(np.float64), None


def _unitless(rows: Rows) -> Rows:
    """Move rows to 0 and give them a spread of 1, which changes no ratio of distances.

    Squared distances in float32 would be mostly rounding far from 0; and of numbers whose squares
    it cannot hold, scikit-learn's t-SNE brings the process down.
    """
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    spread = float(centred.std())
    return np.asarray(centred / (spread or 1.0), np.float32)


def _umap(rows: Rows, seed: int, fit: Fit | None, share: float) -> tuple[Points, Any]:
    try:
        umap = importlib.import_module("umap")
    except ImportError as error:
        raise MissingExtraError("umap", 'projection="umap"') from error
    # With several threads, the same seed gives another map each time. With one, a limit on
    # BLAS changes nothing: 3,000 latents take 7.0 s of the processor with it and without.
    neighbours = min(15, len(rows) - 1)
    epochs = 500 if len(rows) <= 10_000 else 200  # umap-learn's own rule
    model = umap.UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1, n_epochs=epochs)
    with _watched(fit, {"tqdm/std.py:__iter__": epochs}, share):
        points = model.fit_transform(rows)
    return points.astype(np.float64), model
