"""`anomaly_scores`: which items are odd, by how a model encodes and reproduces them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from latentwidgets.analysis.reconstruction import reconstruction_errors
from latentwidgets.analysis.tables import plain_data
from latentwidgets.analysis.typicality_report import MOST_SHOWN, TypicalityReport, report_of
from latentwidgets.analysis.typicality_tests import Calibration, FittedTests
from latentwidgets.common.checks import check_seed, check_whole, real_number
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.pieces import outcome
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import kind_named
from latentwidgets.routes.distances import distance_of
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Values = dict[str, NDArray[np.float64]]

__all__ = ["AnomalyScores", "anomaly_scores"]

# So many ordinary items, drawn at random, are enough to tell what is rare.
MOST_ORDINARY = 10_000


@dataclass(frozen=True, repr=False, eq=False)
class AnomalyScores(TypicalityReport):
    """How odd items are. What `anomaly_scores` returns.

    It is a report of typicality with one more test, "reconstruction": how far what the latent of an
    item decodes to is from the item. A table shows the oddest items first.
    """

    zero: ClassVar[str] = "the prompt"
    _noun: ClassVar[str] = "item"

    @property
    def scores(self) -> NDArray[np.float64]:
        """How odd each item is, ``(n,)``: how far out it is in the test in which it is furthest.

        1 is where the rarest 2.5 % of ordinary items begin on one side of one test. Items that are
        rarer than all ordinary ones share a p-value; this orders them too.
        """
        return np.asarray(np.max([one.how_far_out for one in self.tests], axis=0))

    @property
    def order(self) -> NDArray[np.intp]:
        """The items by number, the oddest first, ``(n,)``."""
        return np.lexsort((-self.scores, self.p_values))

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        return {**super().to_dict(), **plain_data({"scores": self.scores, "order": self.order})}

    def _shown(self) -> Sequence[int]:
        return [int(i) for i in self.order[:MOST_SHOWN]]


@checked_keywords
def anomaly_scores(
    space: Any,
    x: Any,
    *,
    reference: Any = None,
    distance: Any = "l2",
    features: Any = None,
    neighbours: int = 5,
    level: float = 0.05,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> AnomalyScores:
    """Find odd items: those whose latents lie apart, and those that a model does not reproduce.

    Parameters
    ----------
    space : LatentSpace or object
        A space with an encoder, or anything that `as_space` takes.
    x : sequence
        Items, as ``space.encode`` takes them.
    reference : sequence, optional
        Items that are known to be ordinary. If None, those of x. An item that is among them is
        compared with all others.
    distance, features
        How an item and its reconstruction are compared, as `smoothness` takes them; None leaves
        reconstruction out, and so do outputs that are no numbers, such as texts.
    neighbours : int
        Over so many nearest latents the distance is averaged.
    level : float
        The share of ordinary items that are called atypical.
    conditions : mapping of str to value, optional
        Under which is encoded and decoded, one value each.
    seed : int
        For which 10,000 of more ordinary items count.

    Returns
    -------
    AnomalyScores
        Of each item how rare it is, by which test and in words; and the order from the oddest on.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the space has no encoder, or an argument cannot be used.
    DecodeError
        If the model raises.

    Notes
    -----
    Which test sees an anomaly depends on the model. A model that was trained on digits reproduces
    a digit that was left out of the reference well, and only its place among the latents is odd; a
    picture of something else may be encoded among the digits, and only its reconstruction is odd.
    Level and p-values are those of all tests together. In the space of a language model the latent
    of the prompt is zero, the model as it is, which is ordinary: distances are from zero there.

    References
    ----------
    Ruff et al. 2021, "A unifying review of deep and shallow anomaly detection", Proceedings of the
    IEEE 109.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> known = digits.images[digits.labels != 0]
    >>> found = anomaly_scores(digits.space, digits.images[:8], reference=known)
    >>> [one.name for one in found.tests]
    ['norm', 'mahalanobis', 'neighbours', 'reconstruction']
    """
    space = as_space(space)
    neighbours = check_whole(neighbours, "neighbours", least=1)
    level, seed = real_number(level, "level", least=0, most=1), check_seed(seed)
    if not space.can_encode:
        raise LatentValueError(
            f"{space.name} has no encoder; expected one, to see where items lie. Make the space "
            "with encode=..., or judge latents alone: lw.analysis.Typicality().fit(latents)."
        )
    under = space.conditions.settled(conditions)
    how = None
    if distance is not None and kind_named(space.kind).has_derivative:
        how = distance_of(space, distance, features, conditions)

    def encoded(items: Any) -> tuple[NDArray[np.float32], Values]:
        latents = space.encode(items, under)
        errors: Values = {}
        if how is not None:
            found = reconstruction_errors(space, items, latents, how, under)
            errors = {"reconstruction": found}
        return latents.reshape(len(latents), -1), errors

    rows, errors = encoded(x)
    known, known_errors = (rows, errors) if reference is None else encoded(reference)
    kept = np.arange(len(known))
    if len(known) > MOST_ORDINARY:
        kept = np.sort(np.random.default_rng(seed).permutation(len(known))[:MOST_ORDINARY])
    ways = ["more ordinary ones"] if len(kept) == len(known) else []
    around_zero = getattr(space, "is_zero_unchanged", False)
    steps = FittedTests.steps(
        known[kept], space.latent_shape, neighbours, None, around_zero=around_zero, ways=ways
    )
    tests = outcome(steps)
    ordinary = {**tests.held_out, **{name: one[kept] for name, one in known_errors.items()}}
    calibration = Calibration(ordinary, around_zero=tests.around_zero)
    return report_of(AnomalyScores, calibration, {**tests(rows), **errors}, level)
