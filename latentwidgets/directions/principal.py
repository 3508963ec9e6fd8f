"""Principal components: exact where that is affordable, else with a measured error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.common.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Rows = NDArray[np.floating]
    Matrix = NDArray[np.float64]

__all__ = ["Principal", "alike", "principal_components"]

# Up to this size of the covariance, or of the Gram matrix where there are fewer latents than
# numbers in each, all of it is made, and LAPACK gives its eigenvectors: ten seconds on one core.
MOST_EXACT = 4096
# Beyond, blocks of a Krylov space are taken until no component misses its eigenvalue by a larger
# share than TOLERANCE, or for so many steps. So many columns of it are kept at most.
TOLERANCE, MOST_STEPS, MOST_COLUMNS = 1e-4, 60, 400
# How many more vectors than are wanted each block has.
SPARE = 10
# Beyond this the statistic of the test is for equal variances with a probability of 1 %: of a
# chi-squared distribution with two degrees of freedom.
EQUAL = 9.210340371976184
# Latents are worked on in batches of about so many numbers, each in float64.
BATCH_SIZE = 2**22
# From this size of the matrix on, LAPACK takes more than about a second.
LONG = 1024


@dataclass(frozen=True)
class Principal:
    """Principal components, the one of most variance first.

    Attributes
    ----------
    vectors : ndarray
        Unit vectors, float64 ``(k, latent_size)``.
    variances : ndarray
        Along each: ``(k,)``, or one more where there is a next component.
    total : float
        The variance of all numbers of a latent together.
    errors : ndarray
        By what share of its own, at most, each variance is off that of a true component: ``(k,)``;
        0 where they are exact up to rounding.
    """

    vectors: Matrix
    variances: Matrix
    total: float
    errors: Matrix

    @property
    def shares(self) -> Matrix:
        """Of the total variance, ``(k,)``."""
        shares: Matrix = self.variances[: len(self.vectors)] / self.total
        return shares


def principal_components(rows: Rows, count: int, seed: int) -> Principal:
    """Find the components of most variance.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``, with a mean near 0.
    count : int
        How many, at most as many as there are rows or columns.
    seed : int
        For where the search starts, where they are not exact.

    Returns
    -------
    Principal
        So many; fewer where rows vary along fewer directions. Variation as small as the rounding
        of the rows' dtype does not count.

    References
    ----------
    Musco & Musco 2015, "Randomized block Krylov methods for stronger and faster approximate
    singular value decomposition", NeurIPS (arXiv 1504.05477).
    """
    parts = _Parts(rows)
    size = min(rows.shape)
    wanted = min(count + 1, size)  # the next one tells whether the last stands apart from it
    wide = rows.shape[1] > len(rows)
    if size <= MOST_EXACT or 4 * (wanted + SPARE) > size:
        values, vectors = _eigenvectors(parts.gram() if wide else parts.products(), wanted)
        errors = np.zeros(wanted)
    else:
        product = parts.gram_times if wide else parts.products_times
        values, vectors, errors = _krylov(product, size, wanted, seed)
    values = np.maximum(values, 0)
    # The square roots of variances are compared: rounding is relative to the largest of these.
    least = max(10 * float(np.finfo(rows.dtype).eps), 1e-7)
    kept = int((np.sqrt(values) > least * np.sqrt(values[0])).sum())
    found = min(count, kept)
    vectors = parts.transposed_times(vectors[:, :found]) if wide else vectors[:, :found]
    return Principal(
        (vectors / np.linalg.norm(vectors, axis=0)).T,
        values[:kept] / len(rows),
        parts.total() / len(rows),
        errors[:found],
    )


def alike(variances: Matrix, count: int) -> list[tuple[int, int]]:
    """Say from which others each component is not told apart: their variances may well be equal.

    Two are told apart where a test rejects at 1 % that their variances are equal. If these were,
    every mixture of the two would be as good, and other samples would give others. Neighbours that
    are told apart turn by nine degrees, as a standard deviation, or less from sample to sample.

    Parameters
    ----------
    variances : ndarray
        Of the components in order, ``(k,)``.
    count : int
        How many samples they were taken from.

    Returns
    -------
    list of tuple
        Of each component the first and the last one that it is not told apart from, counted from
        0; itself, where it is told apart from both neighbours.

    References
    ----------
    Anderson 1963, "Asymptotic theory for principal component analysis", Annals of Mathematical
    Statistics 34: the likelihood ratio test of two equal variances.

    Examples
    --------
    >>> alike(np.array([9.0, 4.0, 3.9, 3.8, 1.0]), 100)
    [(0, 0), (1, 3), (1, 3), (1, 3), (4, 4)]
    """
    first, second = variances, variances[:, np.newaxis]
    ratio = 2 * np.log((first + second) / 2) - np.log(first) - np.log(second)
    close = count * ratio < EQUAL
    return [(int(row.argmax()), int(np.flatnonzero(row)[-1])) for row in close]


class _Parts:
    """Products of a matrix with itself, of rows taken in batches: centred, in float64.

    In float32 what varies little would drown in the rounding of what varies much.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._mean = rows.mean(axis=0, dtype=np.float64)
        self._step = max(1, BATCH_SIZE // rows.shape[1])

    def _batches(self) -> Iterator[tuple[slice, Matrix]]:
        for start in range(0, len(self._rows), self._step):
            part = slice(start, start + self._step)
            yield part, self._rows[part] - self._mean

    def total(self) -> float:
        """Sum all squares."""
        return float(sum(np.einsum("ij,ij->", batch, batch) for _, batch in self._batches()))

    def products(self) -> Matrix:
        """Sum the products of each two columns."""
        found = np.zeros((self._rows.shape[1],) * 2)
        for _, batch in self._batches():
            found += batch.T @ batch
        return found

    def gram(self) -> Matrix:
        """Sum the products of each two rows."""
        found = np.zeros((len(self._rows),) * 2)
        step = max(1, BATCH_SIZE // len(self._rows))
        for start in range(0, self._rows.shape[1], step):
            part = slice(start, start + step)
            batch = self._rows[:, part] - self._mean[part]
            found += batch @ batch.T
        return found

    def transposed_times(self, given: Matrix) -> Matrix:
        """Multiply from the left with the transposed matrix."""
        found = np.zeros((self._rows.shape[1], given.shape[1]))
        for part, batch in self._batches():
            found += batch.T @ given[part]
        return found

    def products_times(self, given: Matrix) -> Matrix:
        """Multiply from the left with what `products` gives, without making that."""
        found = np.zeros(given.shape)
        for _, batch in self._batches():
            found += batch.T @ (batch @ given)
        return found

    def gram_times(self, given: Matrix) -> Matrix:
        """Multiply from the left with what `gram` gives, without making that."""
        across = self.transposed_times(given)
        return np.concatenate([batch @ across for _, batch in self._batches()])


def _eigenvectors(matrix: Matrix, count: int) -> tuple[Matrix, Matrix]:
    """Give the largest eigenvalues of a symmetric matrix, and their eigenvectors as columns."""
    from scipy.linalg import eigh

    size = len(matrix)
    with (
        progress(what="PCA", total=1, delay=0 if size >= LONG else 1) as bar,
        # Where something else runs beside it, several threads wait for one another.
        one_blas_thread(),
    ):
        values, vectors = eigh(
            matrix, subset_by_index=(size - count, size - 1), overwrite_a=True, check_finite=False
        )
        bar.update()
    return values[::-1], vectors[:, ::-1]


def _krylov(
    product: Callable[[Matrix], Matrix], size: int, count: int, seed: int
) -> tuple[Matrix, Matrix, Matrix]:
    """Look for the largest eigenvalues of a symmetric matrix that is too large to be made.

    Parameters
    ----------
    product : callable
        Multiplies the matrix with columns, ``(size, k)``.
    size : int
        Of the matrix.
    count : int
        How many eigenvalues.
    seed : int
        For the columns that the search starts from.

    Returns
    -------
    values, vectors, errors : ndarray
        The eigenvalues; their eigenvectors as columns; and for each the norm of what its vector
        misses, as a share of it. There is an eigenvalue within so much of it.
    """
    from scipy.linalg import eigh

    block = count + SPARE
    start = np.random.default_rng(seed).normal(size=(size, block))
    basis = _perpendicular(start)
    images = product(basis)
    with progress(what="PCA", delay=0) as bar:
        for step in range(MOST_STEPS):
            inner = basis.T @ images
            last = len(inner) - 1
            kept = max(0, last + 1 - 3 * block), last
            with one_blas_thread():
                values, turn = eigh((inner + inner.T) / 2, subset_by_index=kept)
            values, turn = values[::-1], turn[:, ::-1]
            vectors, left = basis @ turn[:, :block], images @ turn[:, :block]
            left -= vectors * values[:block]
            # What varies less than this is near the rounding of what varies most.
            scale = np.maximum(values[:block], 1e-10 * values[0])
            errors = np.linalg.norm(left, axis=0) / scale
            bar.update()
            if step == MOST_STEPS - 1 or errors[:count].max() <= TOLERANCE:
                break
            if basis.shape[1] + block > max(MOST_COLUMNS, 4 * block):
                basis, images = basis @ turn, images @ turn
            for _ in range(2):  # the second pass takes out the rounding errors of the first
                left -= basis @ (basis.T @ left)
                left = _perpendicular(left)
            basis = np.concatenate([basis, left], axis=1)
            images = np.concatenate([images, product(left)], axis=1)
    exact = errors[:count] <= TOLERANCE
    return values[:count], vectors[:, :count], np.where(exact, 0.0, errors[:count])


@one_blas_thread()
def _perpendicular(columns: Matrix) -> Matrix:
    """Give perpendicular columns of norm 1 that span the same."""
    return np.linalg.qr(columns)[0]
