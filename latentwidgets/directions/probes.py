"""`probe_directions`: along which directions labels change, found by linear readouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.attributes import has, raised_by
from latentwidgets.common.checks import check_one_of, check_seed, check_whole
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.parallel import in_parallel
from latentwidgets.common.wording import brief
from latentwidgets.directions.chance import (
    check_bootstraps,
    check_shuffles,
    corrected_p_values,
    shuffled_scores,
)
from latentwidgets.directions.circular import CircularDoubts, found_by, labelled_by
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.endings import EndingDoubts
from latentwidgets.directions.evidence import Evidence, joined
from latentwidgets.directions.labels import Attribute, attributes_in
from latentwidgets.directions.linear import Readout, fit_readouts, misfit, pattern
from latentwidgets.directions.samples import NO_WEIGHTS, Data, fingerprint
from latentwidgets.directions.scoring import (
    Scores,
    cosine,
    evidence_of,
    held_out_scores,
    resampled,
    splits_of,
)
from latentwidgets.directions.usable_labels import tell_left_out, usable_attributes
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["directions_without_evidence", "probe_attributes", "probe_directions"]

MOVES = ("pattern", "normal")
SHUFFLES, BOOTSTRAPS = 199, 10
# The penalty of the readouts of `directions_without_evidence`, which is not chosen.
FIXED_PENALTY = 0.01
# More letters than scikit-learn writes of an estimator and its options.
MOST_LETTERS = 2000


@dataclass(frozen=True)
class _Plan:
    """How every attribute is probed: the arguments of `probe_directions`, checked."""

    estimator: Any
    move: str
    folds: int
    shuffles: int
    bootstraps: int
    seed: int


@dataclass(frozen=True)
class _Probe:
    """What was found about one attribute.

    Attributes
    ----------
    move : ndarray
        What to move along, float64 ``(latent_size,)``.
    readout : Readout
        What to measure with, in the units of the labels.
    scores : Scores
        On folds that readouts were not fitted to.
    with_shuffled : ndarray
        As `shuffled_scores` gives it.
    cosines : list of float
        Between `move` and what bootstrap samples give in its place.
    """

    move: NDArray[np.float64]
    readout: Readout
    scores: Scores
    with_shuffled: NDArray[np.float64]
    cosines: list[float]


@checked_keywords
def probe_directions(
    latents: ArrayLike,
    labels: object,
    *,
    kind: str | Mapping[str, str] | None = None,
    estimator: Any = None,
    move: str = "pattern",
    folds: int = 5,
    shuffles: int = SHUFFLES,
    bootstraps: int = BOOTSTRAPS,
    seed: int = 0,
) -> Directions:
    """Find the directions along which labels change.

    A linear readout is fitted to standardised latents: logistic regression for two classes (one
    class against all others where there are several), ridge regression for amounts, their
    regularisation chosen on held-out data. The direction to move along is the readout's pattern:
    the covariance of the latents times its weights.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``. Of texts pass the array that ``encode`` gave, as it
        is: of that alone it is known in which token each text ends, and doubted where these tokens
        tell two classes apart.
    labels : mapping, DataFrame, Series or array_like
        One label a latent, by name; or an array, ``(n,)`` or ``(n, columns)``. NaN, None and
        pandas' NA stand for a missing label: its latent is left out for this name alone. Labels
        must not be made of the latents themselves: clusters of these, or selections by where they
        lie, can always be read off them, and their score says nothing.
    kind : {"binary", "classes", "continuous"} or mapping of name to one, optional
        What the labels are. If None, their dtype decides: truth values, and any two distinct
        values, are binary; texts are classes; whole numbers are classes where at most 20 are
        distinct; other numbers are continuous. Floats count as whole numbers where some are
        missing and all others are whole.
    estimator : scikit-learn estimator, optional
        A linear one to fit instead, with the options that it has. For two classes a regressor is
        fitted to -1 and 1.
    move : {"pattern", "normal"}
        What to move along. "normal" is the readout's weights themselves, which lead off the data
        wherever latents are correlated or some hardly vary.
    folds : int
        How many folds the held-out score is computed on, at least 2.
    shuffles : int
        How often labels are shuffled for the p-value: 99 times or more, or 0 for none. No p-value
        is smaller than 1 / (shuffles + 1).
    bootstraps : int
        How many bootstrap samples the stability is computed on; 0 for none. Stability is the mean
        cosine between the direction and theirs. Directions of pure noise have a stability of about
        0.7, since all samples share the noise.
    seed : int
        For folds, shuffles and samples.

    Returns
    -------
    Directions
        One for each binary or continuous label, named after it, and one for each class, named
        "label: class". The readout gives the log odds of a binary label or a class, as if both
        classes were equally frequent, and of a continuous label the label in its own units.

    Raises
    ------
    LatentTypeError, LatentValueError
        If latents cannot be used, or no column of labels can.

    Notes
    -----
    Each column of labels is judged alone, and so is each of its classes. Those that cannot be
    probed, such as file names, a constant, a class with fewer samples than folds, or one of more
    than 100 classes, are left out, and one warning names all of them. It is an error where none is
    left.

    Score and p-value are of two tests. The score is that of the readout: for each fold, chosen and
    fitted without it. Chance and p-value are those of a least-squares probe, with the best of four
    penalties, on the labels and on labels shuffled within their folds, of at most 20,000 samples.

    On two cores, ten classes of 10,000 latents take about 4 s where these have 10 numbers, and 20 s
    where they have 512. With ``shuffles=0, bootstraps=0`` it is faster; the scores are the same.

    References
    ----------
    Haufe et al. 2014, "On the interpretation of weight vectors of linear models in multivariate
    neuroimaging", NeuroImage 87, for patterns. Westfall & Young 1993, "Resampling-based multiple
    testing", for p-values.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> smiling = rng.uniform(size=400) < 0.5
    >>> latents = rng.normal(size=(400, 8)) + 2 * smiling[:, None] * np.eye(8)[3]
    >>> found = probe_directions(latents, {"smile": smiling})
    >>> int(found["smile"].vector.argmax()), found["smile"].evidence.score > 0.8
    (3, True)
    """
    check_one_of(move, "move", MOVES)
    if estimator is not None and (isinstance(estimator, type) or not has(estimator, "fit")):
        raise LatentTypeError(
            f"estimator is {brief(estimator)}; expected one of scikit-learn's linear "
            f"estimators, such as LogisticRegression().{raised_by(estimator, 'fit')}"
        )
    plan = _Plan(
        estimator,
        move,
        check_whole(folds, "folds", least=2),
        check_shuffles(shuffles),
        check_bootstraps(bootstraps),
        check_seed(seed),
    )
    data = Data(latents)
    attributes, left_out = usable_attributes(
        labels, len(data), kind, lambda one: one.too_few(folds) or misfit(estimator, one)
    )
    said = kind if kind is None or isinstance(kind, str) else dict(kind)
    return _probed(data, attributes, left_out, plan, said, EndingDoubts(latents))


def probe_attributes(
    latents: ArrayLike, attributes: list[Attribute], *, folds: int, seed: int
) -> Directions:
    """Do as `probe_directions` does for attributes that were read and chosen before.

    Parameters
    ----------
    latents, folds, seed
        As `probe_directions` takes them.
    attributes : list of Attribute
        At least one, each with enough samples for the folds.

    Raises
    ------
    LatentTypeError, LatentValueError
        As `probe_directions`.
    """
    plan = _Plan(None, MOVES[0], folds, SHUFFLES, BOOTSTRAPS, seed)
    return _probed(Data(latents), attributes, [], plan, None, EndingDoubts(latents))


def _probed(
    data: Data,
    attributes: list[Attribute],
    left_out: list[str],
    plan: _Plan,
    kind: Any,
    ends: EndingDoubts,
) -> Directions:
    """Find the directions of attributes, with their evidence."""
    found = in_parallel(
        _probe, [(data.rows, attribute, plan) for attribute in attributes], data.rows.size, "probes"
    )
    p_values: list[float | None] = [None] * len(found)
    if plan.shuffles:
        p_values[:] = corrected_p_values([one.with_shuffled for one in found])
    about = data.provenance(
        "probe",
        labels=fingerprint(*(one.values for one in attributes), *(one.rows for one in attributes)),
        kind=kind,
        estimator=None if plan.estimator is None else _described(plan.estimator),
        move=plan.move,
        folds=plan.folds,
        shuffles=plan.shuffles,
        bootstraps=plan.bootstraps,
        seed=plan.seed,
    )
    made = []
    doubts = CircularDoubts(data.rows)
    for attribute, one, p_value in zip(attributes, found, p_values, strict=True):
        try:
            made.append(
                data.direction(
                    attribute.name,
                    one.move,
                    readout=one.readout.weights,
                    offset=one.readout.offset,
                    method="probe" if plan.move == "pattern" else "probe normal",
                    evidence=evidence_of(
                        attribute,
                        one.scores,
                        one.with_shuffled,
                        p_value,
                        one.cosines,
                        joined(doubts.of(attribute), ends.of(attribute)),
                    ),
                    provenance=found_by(about, labelled_by(data, attribute)),
                    if_zero=NO_WEIGHTS,
                )
            )
        except LatentValueError as error:
            if len(attributes) == 1:
                raise
            left_out.append(error.clause)
    if not made:
        raise LatentValueError(f"no label can be used: {'; '.join(left_out)}.")
    tell_left_out(left_out)
    return Directions(made)


def directions_without_evidence(
    latents: ArrayLike, labels: object, *, kind: str | Mapping[str, str] | None = None
) -> Directions:
    """Find in a moment about what `probe_directions` finds, but not how far to believe it.

    The readout is a ridge regression, of classes too, with a penalty that is not chosen. The
    direction is the covariance of the latents and the label: the pattern of least squares.

    Parameters
    ----------
    latents, labels, kind
        As `probe_directions` takes them.

    Returns
    -------
    Directions
        Named as those of `probe_directions`. Their evidence has counts and nothing else.

    Raises
    ------
    LatentTypeError, LatentValueError
        If latents or labels cannot be used.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> smiling = rng.uniform(size=400) < 0.5
    >>> latents = rng.normal(size=(400, 8)) + 2 * smiling[:, None] * np.eye(8)[3]
    >>> found = directions_without_evidence(latents, {"smile": smiling})["smile"]
    >>> int(found.vector.argmax()), found.evidence.score
    (3, None)
    """
    data = Data(latents)
    about = data.provenance("unjudged probe")
    found = []
    for attribute in attributes_in(labels, len(data), kind):
        every = len(attribute.rows) == len(data)
        rows = data.rows if every else data.rows[attribute.rows]
        targets = attribute.values.astype(np.float64)
        targets = (targets - targets.mean()) / targets.std()
        [readout] = fit_readouts(rows, targets, penalties=[FIXED_PENALTY])
        found.append(
            data.direction(
                attribute.name,
                targets.astype(rows.dtype) @ rows,
                readout=readout.weights,
                offset=readout.offset,
                method="probe",
                evidence=Evidence(counts=attribute.counts),
                provenance=found_by(about, labelled_by(data, attribute)),
                if_zero=NO_WEIGHTS,
            )
        )
    return Directions(found)


def _described(estimator: Any) -> str:
    """Write an estimator with its options, as it stands in a file; bounded, whatever it is."""
    try:
        text = repr(estimator)
    except Exception:  # a `repr` of the person's own may raise anything
        return brief(estimator)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 3]}..."


def _probe(rows: NDArray[np.floating], attribute: Attribute, plan: _Plan) -> _Probe:
    """Find direction, readout and scores of one attribute."""
    if len(attribute.rows) < len(rows):
        rows = rows[attribute.rows]
    # Amounts are standardised: far from 0, they would lose digits in the dtype of the latents. A
    # person's own estimator gets them centred alone, so that its penalty means what they think.
    level, unit = 0.0, 1.0
    if not attribute.is_binary:
        level = float(attribute.values.mean())
        unit = float(attribute.values.std()) if plan.estimator is None else 1.0
    values = attribute.values if attribute.is_binary else (attribute.values - level) / unit
    splits = splits_of(values, plan.folds, plan.seed)
    scores = held_out_scores(rows, values, splits, plan.seed, plan.estimator)

    def find(sample: slice | NDArray[np.intp]) -> tuple[NDArray[np.float64], Readout]:
        """Find move and readout in some of the latents."""
        latents, labels = rows[sample], values[sample]
        [readout] = fit_readouts(
            latents, labels, estimator=plan.estimator, penalties=[scores.penalty]
        )
        weights = readout.weights
        return (pattern(latents, weights) if plan.move == "pattern" else weights), readout

    move, readout = find(slice(None))
    in_units = Readout(unit * readout.weights, unit * readout.offset + level)
    cosines = [
        cosine(move, find(sample)[0]) for sample in resampled(values, plan.bootstraps, plan.seed)
    ]
    return _Probe(
        move,
        in_units,
        scores,
        shuffled_scores(rows, values, plan.folds, plan.shuffles, plan.seed),
        cosines,
    )
