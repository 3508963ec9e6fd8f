"""What MIG, DCI and SAP have in common: known factors, shuffled ones, and how results are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.heat_map import heat_map
from latentwidgets.analysis.results import Result, TableResult
from latentwidgets.analysis.tables import Table, number, plain_data
from latentwidgets.common.checks import check_whole, real_array, to_float32
from latentwidgets.common.progress import progress
from latentwidgets.common.wording import brief, short
from latentwidgets.directions.circular import labels_doubt
from latentwidgets.directions.columns import columns_in, distinct_in
from latentwidgets.directions.labels import kind_of
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Disentanglement", "Factor", "ShuffledScore", "gaps", "judge", "read_codes"]

# Half of them judge what was learnt from the others.
FEWEST = 4
CAVEAT = (
    "It rewards one factor a code: a space that holds every factor, but turned, scores low. "
    "Compare only scores of the same factors, samples and settings."
)


@dataclass(frozen=True)
class Factor:
    """What the data were made from, such as the place of a shape.

    Attributes
    ----------
    name : str
        What it is called.
    values : ndarray
        Of classes their numbers from 0, intp; else amounts, float64; ``(n,)``.
    classes : int
        How many classes there are; 0 of amounts.
    """

    name: str
    values: NDArray[Any]
    classes: int

    def at(self, rows: NDArray[np.intp]) -> Factor:
        """Give the same factor of other samples."""
        return Factor(self.name, self.values[rows], self.classes)


@dataclass(frozen=True)
class ShuffledScore(Result):
    """A score, beside that of shuffled factors.

    Attributes
    ----------
    value : float
        The score.
    chance, chance_most : float or None
        The mean and the largest score where factors are shuffled among the samples.
    """

    value: float
    chance: float | None
    chance_most: float | None


@dataclass(frozen=True, repr=False, eq=False)
class Disentanglement(TableResult):
    """How far each code stands for one factor. What `mig`, `dci` and `sap` return.

    Attributes
    ----------
    metric : str
        "MIG", "DCI" or "SAP".
    scores : mapping of str to ShuffledScore
        By name: the score that is called like the metric; of DCI "disentanglement", "completeness"
        and "informativeness".
    factors : tuple of str
        Their names.
    by_factor : ndarray
        Of each factor its own part of the score; of DCI its completeness. ``(factors,)``.
    matrix : ndarray
        What the score is made of, ``(codes, factors)``: a code is one number of a latent.
    matrix_name : str
        What that is.
    by_factor_chance, matrix_chance : ndarray or None
        The means of both where factors are shuffled.
    matrix_chance_most : ndarray or None
        The largest that each number of the matrix is in any shuffle.
    samples, shuffles : int
        How many latents there were, and how often factors were shuffled.
    warning : str or None
        In plain words, why not to believe the scores: which factors may be made from the latents.
    """

    metric: str
    scores: Mapping[str, ShuffledScore]
    factors: tuple[str, ...]
    by_factor: NDArray[np.float64]
    matrix: NDArray[np.float64]
    matrix_name: str
    by_factor_chance: NDArray[np.float64] | None
    matrix_chance: NDArray[np.float64] | None
    matrix_chance_most: NDArray[np.float64] | None
    samples: int
    shuffles: int
    warning: str | None = None

    @property
    def score(self) -> float:
        """The first of the scores: of DCI, disentanglement."""
        return next(iter(self.scores.values())).value

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        found: dict[str, Any] = plain_data(self)
        return found

    def plot(self) -> Figure:
        """Draw what the score is made of: factors down, codes across.

        Returns
        -------
        matplotlib.figure.Figure
            A heat map. Beside a factor stands the largest of its numbers in any shuffle. Closed, so
            that a notebook shows it once.
        """
        codes = [str(i) for i in range(len(self.matrix))]
        rows = list(self.factors)
        if self.matrix_chance_most is not None:
            most = self.matrix_chance_most.max(axis=0)
            rows = [
                f"{name} (chance ≤ {number(one)})" for name, one in zip(rows, most, strict=True)
            ]
        figure = heat_map(self.matrix.T, rows, codes, title=self.matrix_name, digits=2)
        figure.axes[0].set_xlabel("code: number of a latent", fontsize="small")
        return figure

    def _table(self) -> Table:
        rows = [
            [name, number(one.value, 3), number(one.chance, 3), number(one.chance_most, 3)]
            for name, one in self.scores.items()
        ]
        by_chance = self.by_factor_chance
        none = [""] * len(self.factors)
        said = (
            none if by_chance is None else [f" (by chance {number(one, 3)})" for one in by_chance]
        )
        parts = zip(self.factors, self.by_factor, said, strict=True)
        each = ", ".join(f"{name} {number(one, 3)}{chance}" for name, one, chance in parts)
        what = "completeness" if self.metric == "DCI" else self.metric
        notes = [f"⚠ {self.warning}"] if self.warning else []
        notes += [f"{what} by factor: {each}. {self.samples:,} samples.", CAVEAT]
        head = ["", "score", f"mean of {self.shuffles} shuffles", "largest of them"]
        return Table(head, rows, notes=notes)


# Scores by name, the part of each factor, and the matrix.
Judged = tuple[dict[str, float], "NDArray[np.float64]", "NDArray[np.float64]"]


def judge(
    metric: str,
    matrix_name: str,
    codes: NDArray[np.float64],
    factors: Sequence[Factor],
    of: Callable[[Sequence[Factor]], Judged],
    shuffles: int,
    seed: int,
) -> Disentanglement:
    """Score factors as they are, and shuffled: all of them alike, so that they stay together."""
    scores, by_factor, matrix = of(factors)
    rng = np.random.default_rng(seed)
    nulls: list[Judged] = []
    for _ in progress(range(shuffles), "shuffles"):
        rows = rng.permutation(len(codes))
        nulls.append(of([one.at(rows) for one in factors]))
    found = {}
    for name, value in scores.items():
        by_chance = [one[name] for one, _, __ in nulls]
        mean = float(np.mean(by_chance)) if by_chance else None
        found[name] = ShuffledScore(value, mean, max(by_chance) if by_chance else None)
    names = tuple(one.name for one in factors)
    told = [(one.name, labels_doubt(codes, one.name, one.values, one.classes)) for one in factors]
    warning = " ".join(f"{short(name)}: {doubt}" for name, doubt in told if doubt) or None
    return Disentanglement(
        *(metric, found, names, by_factor, matrix, matrix_name),
        by_factor_chance=np.mean([one for _, one, __ in nulls], axis=0) if nulls else None,
        matrix_chance=np.mean([one for _, __, one in nulls], axis=0) if nulls else None,
        matrix_chance_most=np.max([one for _, __, one in nulls], axis=0) if nulls else None,
        samples=len(codes),
        shuffles=shuffles,
        warning=warning,
    )


def gaps(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give by how much the best code of each factor is better than the next."""
    ordered = np.sort(matrix, axis=0)
    return np.asarray(ordered[-1] - ordered[-2])


def read_codes(
    latents: ArrayLike, factors: object, shuffles: object, *, fewest_factors: int = 1
) -> tuple[NDArray[np.float64], list[Factor], int]:
    """Check latents and factors.

    Returns
    -------
    codes : ndarray
        float64 ``(n, codes)``.
    factors : list of Factor
        Without those that are one value everywhere.
    shuffles : int
        As given.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they cannot be used.
    """
    array = real_array(latents, "latents")
    if array.ndim < 2 or array[0].size < 2:
        raise LatentValueError(
            f"latents have shape {array.shape}; expected (n, *latent_shape), of two numbers or "
            "more: codes are compared with each other."
        )
    if len(array) < FEWEST:
        raise LatentValueError(
            f"there are {len(array)} latents; expected at least {FEWEST}, of which halves can be "
            "compared. Pass more, with their factors."
        )
    codes = to_float32(array, "latents").reshape(len(array), -1).astype(np.float64)
    read = [_factor(name, values, len(codes)) for name, values in columns_in(factors).items()]
    if len(read) < fewest_factors:
        raise LatentValueError(
            f"there is {len(read)} factor; expected {fewest_factors} at least, by name."
        )
    return codes, read, check_whole(shuffles, "shuffles", least=0, most=10_000)


def _factor(name: str, values: NDArray[Any], n: int) -> Factor:
    told = f"the factor {brief(name)}"
    if values.shape != (n,):
        raise LatentValueError(
            f"{told} has shape {values.shape}; there are {n} latents. Give one value for each."
        )
    rows, present, distinct, numbers = distinct_in(values, told)
    if len(rows) < n:
        raise LatentValueError(
            f"{told} is missing for {n - len(rows)} latents. Leave these latents out."
        )
    if len(distinct) < 2:
        raise LatentValueError(f"{told} is {brief(distinct.tolist()[0])} everywhere. Leave it out.")
    if kind_of(present, distinct) == "continuous":
        amounts = present.astype(np.float64)
        if not np.isfinite(amounts).all():
            raise LatentValueError(f"{told} holds infinity. Leave these latents out.")
        amounts = amounts / np.abs(amounts).max()  # squares of very large numbers would overflow
        if amounts.max() == amounts.min():
            raise LatentValueError(
                f"{told} has values that float64 cannot tell apart. Subtract their mean first."
            )
        return Factor(name, amounts, 0)
    least = int(np.bincount(numbers).min())
    if least < 2:
        raise LatentValueError(
            f"{told} has {len(distinct)} classes, one of which has a single latent; expected two "
            "of each. Leave it out, or give numbers as floats where they are amounts."
        )
    return Factor(name, numbers.astype(np.intp), len(distinct))
