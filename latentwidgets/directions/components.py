"""Directions without labels: PCA, ICA and sparse PCA; where it is needed, by scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_positive, check_whole, refuse_unknown
from latentwidgets.common.progress import progress
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.samples import Data, signed
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ica_directions", "pca_directions", "sparse_pca_directions"]

# Past so many numbers a PCA goes through the data in batches; how many rows in each.
INCREMENTAL_SIZE, BATCH_ROWS = 2**29, 8192
# Up to so many numbers a latent, where latents are many more, their covariance is enough.
NARROW, MANY_TIMES = 512, 10
# What takes a second and more in one call.
LONG_SIZE = 2**24
# Components with less of the variance than this are warned of.
DEAD = 1e-3
# After so many steps an ICA gives up.
MOST_STEPS = 1000


def pca_directions(
    latents: ArrayLike, n: int | None = None, *, seed: int = 0, **unknown: object
) -> Directions:
    """Find the principal components: directions of most variance.

    Parameters
    ----------
    latents : array_like
        ``(m, *latent_shape)``, m at least 2.
    n : int, optional
        How many. All along which the latents vary if None, at most 20.
    seed : int
        For the randomized solver that large data get.

    Returns
    -------
    Directions
        "PC 1" to "PC n", the most variance first. A vector's entry of largest magnitude is
        positive. Score: the share of variance.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used, or have fewer components than n.

    Notes
    -----
    Where latents are many more than their numbers, the components are those of their covariance.
    Others, up to 2**29 numbers, are one call of LAPACK, one step of the bar. More go through an
    incremental PCA, batch by batch.

    References
    ----------
    Härkönen et al. 2020, "GANSpace" (arXiv 2004.02546), for components as controls.

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(100, 4)) * [1, 5, 1, 1]
    >>> int(pca_directions(latents, 2)["PC 1"].vector.argmax())
    1
    """
    refuse_unknown(unknown, pca_directions)
    data = Data(latents)
    seed = check_whole(seed, "seed", least=0)
    vectors, shares = _principal(data, n, seed)
    about = data.provenance("pca", n=n, seed=seed)
    return Directions(
        data.direction(
            f"PC {i + 1}",
            vector,
            method="pca",
            evidence=_evidence(float(share), float(shares[0]), len(data)),
            provenance=about,
        )
        for i, (vector, share) in enumerate(zip(signed(vectors), shares, strict=True))
    )


def ica_directions(
    latents: ArrayLike, n: int | None = None, *, seed: int = 0, **unknown: object
) -> Directions:
    """Find independent components: directions along which sources mix into the latents.

    Parameters
    ----------
    latents : array_like
        ``(m, *latent_shape)``, m at least 2.
    n : int, optional
        How many. All along which the latents vary if None, at most 20.
    seed : int
        Where the search begins.

    Returns
    -------
    Directions
        "IC 1" to "IC n", the largest share of variance first. A direction moves along the
        source's column of the mixing matrix and measures with its row of the unmixing matrix.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used, or have fewer components than n.

    References
    ----------
    Hyvärinen & Oja 2000, "Independent component analysis", Neural Networks 13.

    Examples
    --------
    >>> sources = np.random.default_rng(0).uniform(size=(500, 2))
    >>> ica_directions(sources @ [[1.0, 0.0], [1.0, 1.0]]).names
    ('IC 1', 'IC 2')
    """
    refuse_unknown(unknown, ica_directions)
    from sklearn.decomposition import FastICA

    data = Data(latents)
    seed = check_whole(seed, "seed", least=0)
    count = len(_principal(data, n, seed)[0])
    with progress(what="ICA", total=MOST_STEPS) as bar:

        def logcosh(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            """Give what scikit-learn's function of this name gives; it is asked once a step."""
            bar.update()
            slope = np.tanh(x)
            return slope, np.array([(1 - row**2).mean() for row in slope])

        model = FastICA(
            count, random_state=seed, whiten="unit-variance", max_iter=MOST_STEPS, fun=logcosh
        ).fit(data.rows.astype(np.float64))
    about = data.provenance("ica", n=n, seed=seed)
    return _mixed(data, "IC", model.mixing_.T, model.components_, "ica", about)


def sparse_pca_directions(
    latents: ArrayLike,
    n: int | None = None,
    *,
    alpha: float = 1.0,
    seed: int = 0,
    **unknown: object,
) -> Directions:
    """Find components of few entries each: easier to read than those of a PCA.

    Parameters
    ----------
    latents : array_like
        ``(m, *latent_shape)``, m at least 2.
    n : int, optional
        How many. As many as latents have numbers if None, at most 20.
    alpha : float
        How sparse: 0 is dense.
    seed : int
        Where the search begins.

    Returns
    -------
    Directions
        "SPC 1" to "SPC n", the largest share of variance first; fewer, where a component came
        out empty. A vector's entry of largest magnitude is positive.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used, or all components came out empty.

    References
    ----------
    Zou, Hastie & Tibshirani 2006, "Sparse principal component analysis", J. Comp. Graph. Stat. 15.

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(100, 4)) * [1, 5, 1, 1]
    >>> sparse_pca_directions(latents, 1)[0].vector.round(3).tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    refuse_unknown(unknown, sparse_pca_directions)
    from sklearn.decomposition import MiniBatchSparsePCA

    data = Data(latents)
    if alpha != 0:
        alpha = check_positive(alpha, "alpha")
    seed = check_whole(seed, "seed", least=0)
    count = _count(data, n)
    with progress(what="sparse PCA") as bar:
        model = MiniBatchSparsePCA(
            count, alpha=alpha, random_state=seed, callback=lambda _: bar.update()
        ).fit(data.rows.astype(np.float64))
    rows = model.components_[np.linalg.norm(model.components_, axis=1) > 0]
    if not len(rows):
        raise LatentValueError(f"with alpha={alpha:g} no component is left. Make alpha smaller.")
    about = data.provenance("sparse pca", n=n, alpha=alpha, seed=seed)
    return _mixed(data, "SPC", rows, rows, "sparse pca", about)


def _count(data: Data, n: int | None) -> int:
    most: int = min(len(data), data.rows.shape[1])
    if n is None:
        return min(most, 20)
    count = check_whole(n, "n", least=1)
    if count > most:
        raise LatentValueError(
            f"n is {count}; {len(data)} latents of {data.rows.shape[1]} numbers have at most "
            f"{most} components."
        )
    return count


def _principal(
    data: Data, n: int | None, seed: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Give principal components, ``(k, latent_size)``, and their shares of the variance."""
    rows, count = data.rows, _count(data, n)
    narrow = rows.shape[1] <= min(NARROW, len(rows) // MANY_TIMES)
    if narrow and rows.size <= INCREMENTAL_SIZE:
        vectors, shares = _of_covariance(rows, count)
    else:
        vectors, shares = _fitted(rows, count, seed)
    rank = _rank(rows, vectors)
    if n is not None and n > rank:
        raise LatentValueError(
            f"n is {n}; the latents vary along {rank} directions only. Pass a smaller n."
        )
    return vectors[:rank], shares[:rank]


def _of_covariance(
    rows: NDArray[np.floating], count: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find the components without scikit-learn, which takes over a second to load."""
    mean = rows.mean(axis=0, dtype=np.float64)
    covariance = _products(rows) / len(rows) - np.outer(mean, mean)
    variances, columns = np.linalg.eigh(covariance)
    variances = np.maximum(variances[::-1], 0)
    return columns.T[::-1][:count], variances[:count] / variances.sum()


def _fitted(
    rows: NDArray[np.floating], count: int, seed: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find the components of wide or of very large data."""
    from sklearn.decomposition import PCA, IncrementalPCA
    from sklearn.utils import gen_batches

    if rows.size > INCREMENTAL_SIZE:
        model = IncrementalPCA(count)
        batches = list(gen_batches(len(rows), max(BATCH_ROWS, 2 * count), min_batch_size=count))
        for batch in progress(batches, "PCA"):
            model.partial_fit(rows[batch])
    else:
        # One step; of large data its bar is there from the start.
        with progress(what="PCA", total=1, delay=1 if rows.size < LONG_SIZE else 0) as bar:
            model = PCA(count, random_state=seed).fit(rows)
            bar.update()
    return model.components_, model.explained_variance_ratio_


def _products(
    rows: NDArray[np.floating], components: NDArray[np.floating] | None = None
) -> NDArray[np.float64]:
    """Give the products of all columns with each other, or of all coordinates along components."""
    size = rows.shape[1] if components is None else len(components)
    total = np.zeros((size, size))
    for start in range(0, len(rows), BATCH_ROWS):
        seen = rows[start : start + BATCH_ROWS].astype(np.float64)
        seen = seen if components is None else seen @ components.T
        total += seen.T @ seen
    return total


def _rank(rows: NDArray[np.floating], components: NDArray[np.floating]) -> int:
    """Count the directions within a span along which rows vary by more than rounding."""
    stretches = np.sqrt(np.maximum(np.linalg.eigvalsh(_products(rows, components)), 0))
    least = max(10 * float(np.finfo(rows.dtype).eps), 1e-7)
    return int((stretches > least * stretches[-1]).sum())


def _evidence(share: float, largest: float, count: int) -> Evidence:
    """Tell the share of the variance, and warn where there is next to none."""
    # Of thousands of latents no share is large; a dead one is small beside the largest too.
    dead = share < DEAD and share < 10 * DEAD * largest
    return Evidence(
        share,
        score_name="share of variance",
        counts={"samples": count},
        warning="The latents hardly vary along it: below 0.1% of the variance." if dead else None,
    )


def _mixed(
    data: Data,
    label: str,
    moves: NDArray[np.float64],
    readouts: NDArray[np.float64],
    method: str,
    about: dict[str, Any],
) -> Directions:
    """Sort components by the variance of the data along them, and name them in that order."""
    turned = signed(moves)
    turns = np.sign((turned * moves).sum(axis=1))[:, None]
    total = float(data.rows.var(axis=0, dtype=np.float64).sum())
    found = [
        data.direction(
            f"{label} {i + 1}",
            move,
            readout=readout,
            method=method,
            evidence=Evidence(),
            provenance=about,
        )
        for i, (move, readout) in enumerate(zip(turned, turns * readouts, strict=True))
    ]
    found.sort(key=lambda one: -one.sigma)
    return Directions(
        one.replace(
            name=f"{label} {i + 1}",
            evidence=_evidence(one.sigma**2 / total, found[0].sigma ** 2 / total, len(data)),
        )
        for i, one in enumerate(found)
    )
