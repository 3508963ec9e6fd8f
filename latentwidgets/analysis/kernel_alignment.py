"""Centred kernel alignment: how alike two sets of latents of the same items are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["LONG", "Alignment"]

# Latents of more numbers than this are compared by the products of all pairs of items.
LONG = 128


class Alignment:
    """Debiased linear centred kernel alignment (CKA) of two sets of latents.

    Parameters
    ----------
    a, b : ndarray
        Flat latents of the same items, ``(n, size)`` each, n at least 4.

    Notes
    -----
    The plain estimate grows with the number of dimensions, up to 1 where there are more of them
    than items, whatever the latents. This one, of the unbiased estimate of HSIC, is 0 on average
    where the two have nothing to do with each other, and so may be a little below 0.

    References
    ----------
    Kornblith et al. 2019, "Similarity of neural network representations revisited" (arXiv
    1905.00414); unbiased estimate: Song et al. 2012, "Feature selection via dependence
    maximization", JMLR 13, as Nguyen et al. 2021 use it (arXiv 2010.15327).

    Examples
    --------
    >>> a = np.random.default_rng(0).normal(size=(100, 5))
    >>> every = np.arange(100)
    >>> round(Alignment(a, 3 * a[:, ::-1])(every, every), 6)
    1.0
    """

    def __init__(self, a: Matrix, b: Matrix) -> None:
        placed = [_placed(one) for one in (a, b)]
        # Products of all pairs of items, where latents are long; else they are never made.
        self._by_products = max(one.shape[1] for one in placed) > LONG
        self._both = placed
        if self._by_products:
            self._both = [one @ one.T for one in placed]
            for one in self._both:
                np.fill_diagonal(one, 0)

    def __call__(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
        """Give the alignment of some rows of a with some rows of b, one by one.

        Parameters
        ----------
        first, second : ndarray of int
            As many of each.

        Returns
        -------
        float
            1 for latents that differ by rotation, shift and scale alone.
        """
        estimate = _hsic_of_products if self._by_products else _hsic
        a, b = (
            one[np.ix_(some, some)] if self._by_products else one[some] - one[some].mean(axis=0)
            for one, some in zip(self._both, (first, second), strict=True)
        )
        own = estimate(a, a) * estimate(b, b)
        return float(estimate(a, b) / np.sqrt(own)) if own > 0 else 0.0


def _hsic(a: Matrix, b: Matrix) -> float:
    """Estimate HSIC without bias, from latents."""
    squares = [np.einsum("ij,ij->i", one, one) for one in (a, b)]
    # Of each item, the sum of its products with all others.
    sums = [one @ one.sum(axis=0) - own for one, own in zip((a, b), squares, strict=True)]
    together = ((a.T @ b) ** 2).sum() - squares[0] @ squares[1]
    return _unbiased(float(together), sums[0], sums[1])


def _hsic_of_products(a: Matrix, b: Matrix) -> float:
    """Estimate the same from products of all pairs of items, with zeros on the diagonal."""
    return _unbiased(float(np.vdot(a, b)), a.sum(axis=0), b.sum(axis=0))


def _unbiased(together: float, first: Matrix, second: Matrix) -> float:
    n = len(first)
    alone = first.sum() * second.sum() / ((n - 1) * (n - 2))
    return float((together + alone - 2 / (n - 2) * (first @ second)) / (n * (n - 3)))


def _placed(rows: Matrix) -> Matrix:
    """Give rows around 0, and in a unit in which they are not large."""
    placed = rows - rows.mean(axis=0)
    return np.asarray(placed / (np.sqrt((placed**2).mean()) or 1.0))
