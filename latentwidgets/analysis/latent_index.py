"""`LatentIndex`: very many latents, laid out so that the nearest are found at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

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
from latentwidgets.common.nearest import SPARE, in_double, nearest_of, searcher
from latentwidgets.common.parallel import one_faiss_thread
from latentwidgets.common.progress import progress
from latentwidgets.errors import LatentValueError
from latentwidgets.space.latents import check_latents

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Rows = NDArray[np.float32]
    Matrix = NDArray[np.float64]
    Indices = NDArray[np.intp]

__all__ = ["NO_DATA_SET", "LatentIndex"]

NO_DATA_SET = (
    "expected a data set: (m, *latent_shape). Latents of one number each are latents[:, None]."
)

# Of fewer latents an exact search takes no longer.
FEWEST = 1000
# The recall is that of the nearest ten of so many latents; as many others say how far to search.
# That of more than ten, up to so many, is counted from what was found then.
ASKED, NEAREST, REMEMBERED = 200, 10, 100
# The middles of cells are fitted to so many latents a cell.
FITTED = 64
# So many latents are sorted into cells, or asked for, between two steps of the bar.
BLOCK = 2**15
# As many times as far from the middle as others, a latent is brought nearer for the first look.
FAR = 1e4


class LatentIndex:
    """Finds the nearest of very many latents at once, and says how often it misses one.

    An exact search looks at every latent. This one sorts latents into cells, about the root of
    their number, and looks into those whose middles are nearest. Pass it to `nearest`. It is an
    inverted file of faiss, and needs the extra ``index``.

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
        The share of cells that is looked into, and more only where these hold too few latents: how
        much less work it is than an exact search.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.
    MissingExtraError
        If faiss is not installed.

    References
    ----------
    Douze et al. 2024, "The Faiss library" (arXiv 2401.08281): `IndexIVFFlat`.

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
        self._angles = self.metric == "cosine"
        wanted = real_number(recall, "recall", least=0, most=1)
        seed = check_seed(seed)
        array = real_array(latents, "latents")
        if array.ndim < 2:
            raise LatentValueError(f"latents have shape {array.shape}; {NO_DATA_SET}")
        if len(array) < FEWEST:
            raise LatentValueError(
                f"there are {len(array)} latents; expected at least {FEWEST:,}. Pass fewer to "
                "nearest(z, latents) as they are: an exact search of them takes no longer."
            )
        self.latents = check_latents(array, array.shape[1:], "latents").copy()
        self.latents.flags.writeable = False  # the cells would no longer fit them
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(array))
        # Medians, since a few latents may be far from all others.
        some = in_double(self._rows[order[:BLOCK]], angles=self._angles)
        self._centre = np.median(some, axis=0)
        lengths = np.linalg.norm(some - self._centre, axis=1)
        self._scale = float(np.median(lengths) or lengths.mean() or 1.0)
        with one_faiss_thread() as faiss:
            index = faiss.index_factory(len(self._centre), f"IVF{math.isqrt(len(order))},Flat")
            # Which latents it is fitted to is settled here: it shall neither draw of them nor warn.
            index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, FITTED
            index.cp.seed = int(rng.integers(2**31))
            fitted = order[2 * ASKED :][: FITTED * index.nlist]  # and none that is asked for later
            index.train(self._placed(self._rows[fitted]))
            for i in progress(range(0, len(order), BLOCK), "sorting"):
                index.add(self._placed(self._rows[i : i + BLOCK]))
        self._index = index
        exact = searcher(self._rows, self.metric)
        asked = self._rows[order[:ASKED]]
        with one_faiss_thread():
            ranks = self._ranks(asked, exact(asked, NEAREST + 1)[0][:, 1:])
        self._probes = 1 + int(np.quantile(ranks, wanted, method="higher"))
        self._seed, self._asked = seed, self._rows[order[ASKED : 2 * ASKED]]
        self._exact, self._found = (
            search(self._asked, REMEMBERED + 1)[1] for search in (exact, self._search)
        )
        self._recalls: dict[int, tuple[float, tuple[float, float]]] = {}
        self.recall, self.recall_interval = self.recall_of(NEAREST)
        self.looked_at = self._probes / self._index.nlist

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.latents.flags.writeable = False  # which is not kept where an array is pickled

    def __len__(self) -> int:
        return len(self.latents)

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
            exact, found = self._exact, self._found
            if n > REMEMBERED:
                exact = searcher(self._rows, self.metric)(self._asked, n + 1)[1]
                found = self._search(self._asked, n + 1)[1]
            # A latent itself comes first in both: it is at a distance of 0.
            shares = np.mean(found[:, 1 : n + 1] <= exact[:, n, np.newaxis], axis=1)
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
        found, distances = np.empty((len(queries), n), np.intp), np.empty((len(queries), n))
        for i in progress(range(0, len(queries), BLOCK), "searching"):
            some = slice(i, i + BLOCK)
            found[some], distances[some] = self._search(queries[some], n)
        return found, distances

    @property
    def _rows(self) -> Rows:
        return self.latents.reshape(len(self), -1)

    def _search(self, queries: Rows, n: int) -> tuple[Indices, Matrix]:
        """Let faiss find some more than the n nearest, and measure these exactly.

        As many as for the recall at least, which then is that of any fewer.
        """
        some, reach = min(max(n, REMEMBERED + 1) + SPARE, len(self)), self._probes
        few, placed = np.full((len(queries), some), -1), self._placed(queries)
        with one_faiss_thread() as faiss:
            # Where the cells hold fewer latents than that, twice as many are looked into.
            while (lacking := (few < 0).any(axis=1)).any():
                cells = faiss.SearchParametersIVF(nprobe=reach)
                few[lacking] = self._index.search(placed[lacking], some, params=cells)[1]
                reach *= 2
        few.sort(axis=1)  # of equally near ones the first is taken
        found, gaps = nearest_of(self._rows, few, queries, n, angles=self._angles)
        return found, gaps**2 / 2 if self._angles else gaps

    def _ranks(self, asked: Rows, near: Indices) -> Indices:
        """Say in the how manieth cell from those asked for lies each of their nearest."""
        cells = self._index.quantizer
        orders = cells.search(self._placed(asked), self._index.nlist)[1]
        own = cells.search(self._placed(self._rows[near.ravel()]), 1)[1].reshape(near.shape)
        return np.asarray(np.take_along_axis(np.argsort(orders, axis=1), own, axis=1))

    def _placed(self, rows: Rows) -> Rows:
        """Move rows to about 0, and to a norm of about 1, so that float32 tells their distances.

        Of those very far away the squares would overflow; they are brought nearer, which hardly
        changes the order in which others are near to them.
        """
        placed = (in_double(rows, angles=self._angles) - self._centre) / self._scale
        lengths = np.linalg.norm(placed, axis=1, keepdims=True)
        return np.ascontiguousarray(placed / np.maximum(lengths / FAR, 1), np.float32)
