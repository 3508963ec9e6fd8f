"""Directions that a search finds without labels: an ICA and a sparse PCA, and if it would again."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_seed, real_number, seed_after
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.common.progress import progress
from latentwidgets.directions.components import asked_count, principal, share_evidence
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.samples import NO_WEIGHTS, Data, signed
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

__all__ = ["ica_directions", "sparse_pca_directions"]

# From so many numbers in all latents on, one call of scikit-learn's ICA takes more than a second.
LONG_ICA = 2**18
# An ICA that has not converged after so many steps stops there, with scikit-learn's warning.
MOST_STEPS = 1000
# They are looked for again in so many random halves of the latents; a component that reads them
# otherwise than what is found there, with a correlation below this, gets a warning.
HALVES, FOUND_AGAIN = 3, 0.9


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

    Notes
    -----
    Sources can be told apart as far as they are not normal: normal latents have no independent
    components of their own. They are looked for again in three random halves of the latents, each
    from another start. Where what is found there reads the latents otherwise, the warning says so,
    with the correlation of the two readings.

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
    seed = check_seed(seed)
    count = len(principal(data, n, seed).vectors)

    def fit(rows: NDArray[np.float64], start: int) -> FastICA:
        some = min(count, *rows.shape)
        return FastICA(some, random_state=start, whiten="unit-variance", max_iter=MOST_STEPS).fit(
            rows
        )

    rows = data.rows.astype(np.float64)
    with _one_call("ICA", long=data.rows.size >= LONG_ICA):
        model = fit(rows, seed)
        again = _found_again(rows, model.components_, seed, lambda *half: fit(*half).components_)
    about = data.provenance("ica", n=n, seed=seed)
    return _mixed(data, "IC", model.mixing_.T, model.components_, "ica", about, again)


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
        How sparse they are: with 0 hardly an entry is zero, with more, more are. It is
        scikit-learn's, in the latents' own units: smaller latents take a smaller one.
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

    Notes
    -----
    What is found depends on where the search starts and on the latents. They are looked for again
    in three random halves of the latents, each from another start. Where what is found there reads
    the latents otherwise, the warning says so, with the correlation of the two readings.

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
    alpha = real_number(alpha, "alpha", least=0, most=float(np.finfo(np.float32).max))
    seed = check_seed(seed)
    count = asked_count(data, n)
    rows = data.rows.astype(np.float64)
    with progress(what="sparse PCA") as bar, one_blas_thread():

        def fit(rows: NDArray[np.float64], start: int) -> NDArray[np.float64]:
            model = MiniBatchSparsePCA(
                min(count, *rows.shape),
                alpha=alpha,
                random_state=start,
                callback=lambda _: bar.update(),
            ).fit(rows)
            found: NDArray[np.float64] = model.components_
            return np.compress(np.linalg.norm(found, axis=1) > 0, found, axis=0)

        vectors = fit(rows, seed)
        if not len(vectors):
            raise LatentValueError(
                f"with alpha={alpha:g} no component is left. Make alpha smaller."
            )
        again = _found_again(rows, vectors, seed, fit)
    about = data.provenance("sparse pca", n=n, alpha=alpha, seed=seed)
    return _mixed(data, "SPC", vectors, vectors, "sparse pca", about, again)


def _found_again(
    rows: NDArray[np.float64],
    readouts: NDArray[np.float64],
    seed: int,
    fit: Callable[[NDArray[np.float64], int], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Look for components again in random halves of the latents, each from another start.

    Parameters
    ----------
    rows : ndarray
        The latents, ``(m, latent_size)``.
    readouts : ndarray
        What the components measure with, ``(n, latent_size)``.
    seed : int
        That they were found with.
    fit : callable
        Finds readouts in rows, from a seed.

    Returns
    -------
    ndarray
        ``(n,)``: how well the readings of the most similar component of a half correlate with those
        of each, without the sign, in the half where it is least.
    """
    from sklearn.exceptions import ConvergenceWarning

    rng = np.random.default_rng(seed)
    centred = rows - rows.mean(axis=0)
    mine, least = _scaled(centred @ readouts.T), np.ones(len(readouts))
    for start in range(1, HALVES + 1):
        half = rng.permutation(len(rows))[: max(2, len(rows) // 2)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it is told of the whole data
            found = fit(rows[half], seed_after(seed, start))
        theirs = _scaled(centred @ found.T)
        least = np.minimum(least, np.abs(mine.T @ theirs).max(axis=1, initial=0.0))
    return least


def _scaled(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give columns of length 1; zeros stay."""
    lengths = np.linalg.norm(columns, axis=0)
    return np.asarray(columns / np.where(lengths == 0, 1.0, lengths), np.float64)


@contextmanager
def _one_call(what: str, *, long: bool) -> Iterator[None]:
    """Show a bar of one step over one call that cannot say how far it is.

    The bar of a long call is there from its start; that of a short one is never seen.
    """
    with progress(what=what, total=1, delay=0 if long else 1) as bar, one_blas_thread():
        yield
        bar.update()


def _mixed(
    data: Data,
    label: str,
    moves: NDArray[np.float64],
    readouts: NDArray[np.float64],
    method: str,
    about: dict[str, Any],
    again: NDArray[np.float64],
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
    again : ndarray
        ``(n,)``: how well the readings of each correlate with those of what half of the data gave.
    """
    turned = signed(moves)
    turns = np.sign((turned * moves).sum(axis=1))[:, None]
    total = float(data.rows.var(axis=0, dtype=np.float64).sum())
    found = [
        (
            data.direction(
                label,  # numbered once they are sorted
                move,
                readout=readout,
                method=method,
                evidence=Evidence(),
                provenance=about,
                if_zero=NO_WEIGHTS,
            ),
            float(one),
        )
        for move, readout, one in zip(turned, turns * readouts, again, strict=True)
    ]
    found.sort(key=lambda pair: -pair[0].sigma)
    largest = found[0][0].sigma ** 2 / total
    return Directions(
        one.replace(
            name=f"{label} {i + 1}",
            evidence=share_evidence(one.sigma**2 / total, largest, len(data), _half_doubt(like)),
        )
        for i, (one, like) in enumerate(found)
    )


def _half_doubt(like: float) -> str:
    """Say that half of the latents gave another component; nothing where it gave the same."""
    if like >= FOUND_AGAIN:
        return ""
    return (
        f"Not well determined: in one of {HALVES} random halves of the latents, the most similar "
        f"component reads them with a correlation of only {like:.2f}; 1 would be the same."
    )
