"""Directions that need no labels: the components of a PCA, an ICA and a sparse PCA."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_positive, check_whole, checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.samples import Data, signed
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

__all__ = ["ica_directions", "pca_directions", "sparse_pca_directions"]

# Sizes of data below count the numbers in all latents together.
# Larger data than this go through an incremental PCA in batches, each of so many latents.
INCREMENTAL_SIZE, BATCH_ROWS = 2**29, 8192
# A PCA takes the eigenvectors of the covariance where a latent has at most NARROW numbers and
# there are at least MANY_TIMES as many latents as numbers in one.
NARROW, MANY_TIMES = 512, 10
# From this size on one call of scikit-learn takes more than about a second.
LONG_PCA, LONG_ICA = 2**24, 2**18
# A component with a smaller share of the variance than this gets a warning.
LEAST_SHARE = 1e-3
# An ICA that has not converged after so many steps stops there, with scikit-learn's warning.
MOST_STEPS = 1000


@checked_keywords
def pca_directions(latents: ArrayLike, n: int | None = None, *, seed: int = 0) -> Directions:
    """Find the principal components: the directions along which latents vary most.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(m, *latent_shape)``, m at least 2.
    n : int, optional
        How many components. If None, all along which the latents vary, but at most 20.
    seed : int
        For scikit-learn's randomized solver, which wide data get.

    Returns
    -------
    Directions
        "PC 1" to "PC n", the one of most variance first. The entry of largest magnitude of each
        vector is positive. The score of each is its share of the variance.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used, or have fewer components than n.

    Notes
    -----
    Where there are many more latents than numbers in each, the components are the eigenvectors of
    their covariance. Otherwise they are found by scikit-learn's `PCA` in one call; an interrupt
    takes effect when LAPACK comes back from it. For more than 2**29 numbers they are found by
    scikit-learn's `IncrementalPCA`, batch by batch, which is less exact.

    References
    ----------
    Härkönen et al. 2020, "GANSpace: Discovering interpretable GAN controls" (arXiv 2004.02546).

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(100, 4)) * [1, 5, 1, 1]
    >>> int(pca_directions(latents, 2)["PC 1"].vector.argmax())
    1
    """
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


@checked_keywords
def ica_directions(latents: ArrayLike, n: int | None = None, *, seed: int = 0) -> Directions:
    """Find independent components: the latents as a mixture of independent sources.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(m, *latent_shape)``, m at least 2.
    n : int, optional
        How many components. If None, all along which the latents vary, but at most 20.
    seed : int
        For the random matrix from which the search starts.

    Returns
    -------
    Directions
        "IC 1" to "IC n", one a source, the one with the largest share of the variance first. A
        direction moves along its source's column of the mixing matrix, and measures the source
        with its row of the unmixing matrix. Its score is its share of the variance.

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
    from sklearn.decomposition import FastICA

    data = Data(latents)
    seed = check_whole(seed, "seed", least=0)
    count = len(_principal(data, n, seed)[0])
    model = FastICA(count, random_state=seed, whiten="unit-variance", max_iter=MOST_STEPS)
    with _one_call("ICA", long=data.rows.size >= LONG_ICA):
        model.fit(data.rows.astype(np.float64))
    about = data.provenance("ica", n=n, seed=seed)
    return _mixed(data, "IC", model.mixing_.T, model.components_, "ica", about)


@checked_keywords
def sparse_pca_directions(
    latents: ArrayLike,
    n: int | None = None,
    *,
    alpha: float = 1.0,
    seed: int = 0,
) -> Directions:
    """Find components most of whose entries are zero: easier to read than those of a PCA.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(m, *latent_shape)``, m at least 2.
    n : int, optional
        How many components. If None, as many as a latent has numbers, but at most 20.
    alpha : float
        How sparse they are: with 0 hardly an entry is zero, with more, more are.
    seed : int
        For the order of the batches and where the search starts.

    Returns
    -------
    Directions
        "SPC 1" to "SPC n", the one with the largest share of the variance first; fewer than n,
        where all entries of a component came out zero. The entry of largest magnitude of each
        vector is positive. The score of each is its share of the variance.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used, or all entries of all components came out zero.

    References
    ----------
    Zou, Hastie & Tibshirani 2006, "Sparse principal component analysis", J. Comp. Graph. Stat. 15.

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(100, 4)) * [1, 5, 1, 1]
    >>> sparse_pca_directions(latents, 1)[0].vector.round(3).tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
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
    """Check how many components are asked for; give how many to look for."""
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
        vectors, shares = _by_scikit_learn(rows, count, seed)
    rank = _rank(rows, vectors)
    if n is not None and n > rank:
        raise LatentValueError(
            f"n is {n}; the latents vary along {rank} directions only. Pass a smaller n."
        )
    return vectors[:rank], shares[:rank]


def _of_covariance(
    rows: NDArray[np.floating], count: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find the principal components as eigenvectors of the covariance.

    scikit-learn has this too, but takes over a second to load: `explore` shows components
    without it. In batches of float64 it is also more exact for float32 latents.
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    covariance = _products(rows) / len(rows) - np.outer(mean, mean)
    variances, columns = np.linalg.eigh(covariance)
    variances = np.maximum(variances[::-1], 0)
    return columns.T[::-1][:count], variances[:count] / variances.sum()


def _by_scikit_learn(
    rows: NDArray[np.floating], count: int, seed: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find the principal components of wide or of very large data."""
    from sklearn.decomposition import PCA, IncrementalPCA
    from sklearn.utils import gen_batches

    if rows.size > INCREMENTAL_SIZE:
        model = IncrementalPCA(count)
        batches = list(gen_batches(len(rows), max(BATCH_ROWS, 2 * count), min_batch_size=count))
        for batch in progress(batches, "PCA"):
            model.partial_fit(rows[batch])
    else:
        model = PCA(count, random_state=seed)
        with _one_call("PCA", long=rows.size >= LONG_PCA):
            model.fit(rows)
    return model.components_, model.explained_variance_ratio_


@contextmanager
def _one_call(what: str, *, long: bool) -> Iterator[None]:
    """Show a bar of one step over one call that cannot say how far it is.

    The bar of a long call is there from its start; that of a short one is never seen.
    """
    with progress(what=what, total=1, delay=0 if long else 1) as bar:
        yield
        bar.update()


def _products(
    rows: NDArray[np.floating], components: NDArray[np.floating] | None = None
) -> NDArray[np.float64]:
    """Sum the products of each two columns of rows, or of their coordinates along components."""
    size = rows.shape[1] if components is None else len(components)
    total = np.zeros((size, size))
    for start in range(0, len(rows), BATCH_ROWS):
        batch = rows[start : start + BATCH_ROWS].astype(np.float64)
        batch = batch if components is None else batch @ components.T
        total += batch.T @ batch
    return total


def _rank(rows: NDArray[np.floating], components: NDArray[np.floating]) -> int:
    """Count the dimensions in which rows vary, within the span of components.

    Variation as small as the rounding of the rows' dtype does not count.
    """
    stretches = np.sqrt(np.maximum(np.linalg.eigvalsh(_products(rows, components)), 0))
    least = max(10 * float(np.finfo(rows.dtype).eps), 1e-7)
    return int((stretches > least * stretches[-1]).sum())


def _evidence(share: float, largest: float, count: int) -> Evidence:
    """Make the evidence for a component, with a warning where its share is next to nothing."""
    # Where latents have thousands of numbers every share is small: this one must be small beside
    # the largest, too.
    tiny = share < LEAST_SHARE and share < 10 * LEAST_SHARE * largest
    return Evidence(
        share,
        score_name="share of variance",
        counts={"samples": count},
        warning="The latents hardly vary along it: below 0.1% of the variance." if tiny else None,
    )


def _mixed(
    data: Data,
    label: str,
    moves: NDArray[np.float64],
    readouts: NDArray[np.float64],
    method: str,
    about: dict[str, Any],
) -> Directions:
    """Make directions of components, sorted by the variance of the data along them.

    Parameters
    ----------
    data : Data
        What they were found in.
    label : str
        What their names begin with: "IC" gives "IC 1", "IC 2" and so on.
    moves, readouts : ndarray
        What each moves along and measures with, as rows: float64 ``(n, latent_size)``.
    method : str
        How they were found.
    about : dict
        Their provenance.
    """
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
