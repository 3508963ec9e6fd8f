"""`LatentIndex`: very many latents, laid out so that the nearest are found at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.analysis.intervals import bootstrap_interval
from latentwidgets.common.checks import (
    check_one_of,
    check_seed,
    check_whole,
    real_array,
    real_number,
)
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.nearest import SPARE, searcher
from latentwidgets.common.progress import progress
from latentwidgets.errors import LatentValueError
from latentwidgets.space.latents import check_latents

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Rows = NDArray[np.float32]
    Matrix = NDArray[np.float64]
    Indices = NDArray[np.intp]

__all__ = ["LatentIndex"]

# Of fewer latents an exact search takes no longer.
FEWEST = 1000
# The recall is that of the nearest ten of so many latents; as many others say how far to search.
# That of more than ten, up to so many, is counted from what was found then.
ASKED, NEAREST, REMEMBERED = 200, 10, 100
# The middles of cells are fitted to so many latents a cell.
FITTED = 64
# So many latents are sorted into cells between two steps of the bar.
BLOCK = 2**15


class LatentIndex:
    """Finds the nearest of very many latents at once, and says how often it misses one.

    An exact search looks at every latent. This one sorts latents into cells, about the root of
    their number, and looks into those whose middles are nearest. Pass it to `nearest`.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``, n at least 1,000.
    metric : {"euclidean", "cosine"}
        How far two latents are apart.
    recall : float
        The share of the nearest ten that is wanted. It says into how many cells to look.
    seed : int
        For the cells, and for the latents by which the recall is measured.

    Attributes
    ----------
    latents : ndarray
        float32 ``(n, *latent_shape)``.
    metric : str
        As above.
    recall : float
        The share of the nearest ten that it finds, measured against an exact search: of 200 of the
        latents, others than those by which the number of cells was chosen. Of latents that lie
        elsewhere than all of these it may be less.
    recall_interval : tuple of float
        Where 95 % of bootstrap samples of these latents have it.
    looked_at : float
        The share of cells that is looked into: how much less work it is than an exact search.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.

    References
    ----------
    Jégou et al. 2011, "Product quantization for nearest neighbor search", IEEE PAMI 33: an
    inverted file, here of latents that are not quantized.

    Examples
    --------
    >>> from latentwidgets.analysis import nearest
    >>> latents = np.random.default_rng(0).normal(size=(2000, 8))
    >>> index = LatentIndex(latents)
    >>> index.recall > 0.9, int(nearest(latents[7], index, k=3).rows[0, 0])
    (True, 7)
    """

    @checked_keywords
    def __init__(
        self,
        latents: ArrayLike,
        *,
        metric: str = "euclidean",
        recall: float = 0.95,
        seed: int = 0,
    ) -> None:
        self.metric = check_one_of(metric, "metric", ("euclidean", "cosine"))
        wanted = real_number(recall, "recall", least=0, most=1)
        seed = check_seed(seed)
        array = real_array(latents, "latents")
        if len(array) < FEWEST or array.ndim < 2:
            raise LatentValueError(
                f"latents have shape {array.shape}; expected (n, *latent_shape), n at least "
                f"{FEWEST:,}. Pass fewer to nearest(z, latents) as they are: an exact search of "
                "them takes no longer."
            )
        self.latents = check_latents(array, array.shape[1:], "latents").copy()
        self.latents.flags.writeable = False  # the cells would no longer fit them
        self._rows = self.latents.reshape(len(array), -1)
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(array))
        # Far from 0, or of very large numbers, products in float32 would be mostly rounding.
        some = self._directions(self._rows[order[:BLOCK]]).astype(np.float64)
        self._centre = some.mean(axis=0)
        self._scale = float((some - self._centre).std()) or 1.0
        self._lay_out(order, seed)
        self._probes = 1
        self._seed, self._judges = seed, order[ASKED : 2 * ASKED]
        self._remembered = self._ranks(self._judges, REMEMBERED)
        chosen = self._ranks(order[:ASKED], NEAREST)
        self._probes = 1 + int(np.quantile(chosen, wanted, method="higher"))
        self._recalls: dict[int, tuple[float, tuple[float, float]]] = {}
        self.recall, self.recall_interval = self.recall_of(NEAREST)
        self.looked_at = self._probes / len(self._middles)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"LatentIndex({len(self):,} latents, {self.metric}, recall {self.recall:.3f})"

    def recall_of(self, k: int) -> tuple[float, tuple[float, float]]:
        """Measure the share of the nearest k that is found, as `recall` is that of ten.

        Parameters
        ----------
        k : int
            How many, fewer than there are latents. Up to 100 it takes no time; of more, an exact
            search for 200 latents, once.

        Returns
        -------
        recall : float
            The share.
        interval : tuple of float
            Where 95 % of bootstrap samples of these latents have it.

        Raises
        ------
        LatentTypeError, LatentValueError
            If k is no such number.
        """
        n = check_whole(k, "k", least=1, most=len(self) - 1)
        if n not in self._recalls:
            ranks = self._remembered if n <= REMEMBERED else self._ranks(self._judges, n)
            cells = self._order_of_cells(self._placed(self._rows[self._judges]))
            reach = np.array([self._reach(one, n + SPARE) for one in cells])
            shares = np.mean(ranks[:, :n] < reach[:, np.newaxis], axis=1)
            interval = bootstrap_interval(shares, lambda some: float(some.mean()), self._seed)
            self._recalls[n] = float(shares.mean()), interval
        return self._recalls[n]

    def search(self, z: ArrayLike, k: int) -> tuple[Indices, Matrix]:
        """Find the latents nearest to some others, nearly always all of them.

        Parameters
        ----------
        z : array_like
            ``(n, *latent_shape)``, finite.
        k : int
            How many, at most as many as there are latents.

        Returns
        -------
        nearest : ndarray of int, shape (n, k)
            The nearest first.
        distances : ndarray of float64, shape (n, k)
            Exact ones.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an argument cannot be used.
        """
        n = check_whole(k, "k", least=1, most=len(self))
        queries = check_latents(z, self.latents.shape[1:], "z").reshape(-1, self._rows.shape[1])
        placed = self._placed(queries)
        order = self._order_of_cells(placed)
        found, distances = np.empty((len(queries), n), np.intp), np.empty((len(queries), n))
        for i, (point, cells) in enumerate(zip(placed, order, strict=True)):
            few = self._candidates(point, cells, n + SPARE)
            near, gaps = searcher(self._rows[few], self.metric)(queries[i : i + 1], n)
            found[i], distances[i] = few[near[0]], gaps[0]
        return found, distances

    def _ranks(self, asked: Indices, n: int) -> Indices:
        """Say in the how manieth cell each of the n nearest is, without the latent itself."""
        found = searcher(self._rows, self.metric)(self._rows[asked], n + 1)[0]
        others = found != asked[:, np.newaxis]
        others[others.all(axis=1), -1] = False  # of many that are the same it may be none of these
        found = found[others].reshape(len(asked), n)
        ranks = np.argsort(self._order_of_cells(self._placed(self._rows[asked])), axis=1)
        return np.take_along_axis(ranks, self._cells[found], axis=1)

    def _candidates(self, point: Rows, cells: Indices, n: int) -> Indices:
        """Give the n latents that seem nearest, of the nearest cells; in order of their numbers."""
        looked = cells[: self._reach(cells, n)]
        parts = [slice(self._starts[cell], self._starts[cell + 1]) for cell in looked]
        seen = np.concatenate([self._halves[part] - self._sorted[part] @ point for part in parts])
        rows = np.concatenate([self._places[part] for part in parts])
        if len(rows) > n:
            rows = rows[np.argpartition(seen, n - 1)[:n]]
        return np.sort(rows)

    def _reach(self, cells: Indices, n: int) -> int:
        """Say into how many cells is looked: such that they hold n latents at least."""
        enough = int(np.searchsorted(np.cumsum(np.diff(self._starts)[cells]), n)) + 1
        return max(self._probes, enough)

    def _lay_out(self, order: Indices, seed: int) -> None:
        """Find the middles of cells, and put the latents of each cell side by side."""
        from sklearn.cluster import MiniBatchKMeans

        count = math.isqrt(len(order))
        some = self._placed(self._rows[order[: FITTED * count]])
        model = MiniBatchKMeans(count, random_state=seed, n_init=1, batch_size=4096).fit(some)
        self._middles = np.asarray(model.cluster_centers_, np.float32)
        self._cells = np.empty(len(order), np.intp)
        for i in progress(range(0, len(order), BLOCK), "sorting"):
            rows = self._placed(self._rows[i : i + BLOCK])
            self._cells[i : i + BLOCK] = self._gaps(rows).argmin(axis=1)
        self._places = np.argsort(self._cells, kind="stable")
        self._starts = np.searchsorted(self._cells[self._places], np.arange(count + 1))
        self._sorted = np.empty(self._rows.shape, np.float32)
        for i in range(0, len(order), BLOCK):
            self._sorted[i : i + BLOCK] = self._placed(self._rows[self._places[i : i + BLOCK]])
        self._halves = np.einsum("ij,ij->i", self._sorted, self._sorted) / 2

    def _order_of_cells(self, placed: Rows) -> Indices:
        return np.argsort(self._gaps(placed), axis=1, kind="stable")

    def _gaps(self, placed: Rows) -> Rows:
        """Give half the squared distances to the middles, less what is the same for all of them."""
        half = np.einsum("ij,ij->i", self._middles, self._middles) / 2
        return np.asarray(half - placed @ self._middles.T)

    def _placed(self, rows: Rows) -> Rows:
        placed = (self._directions(rows) - self._centre) / self._scale
        return np.ascontiguousarray(placed, np.float32)

    def _directions(self, rows: Rows) -> NDArray[np.floating]:
        """Scale rows to norm 1 where angles count: their distances then order them by angle."""
        if self.metric == "euclidean":
            return rows
        lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
        return np.asarray(rows / np.where(lengths, lengths, 1.0))
