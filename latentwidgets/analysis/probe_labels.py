"""`ProbeLabels`: one label of latents, what probes it, and how a probe is scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_one_of
from latentwidgets.common.wording import brief, said, short
from latentwidgets.directions.circular import labels_doubt
from latentwidgets.directions.columns import columns_in, distinct_in
from latentwidgets.directions.labels import KINDS, MOST_PROBED, kind_of
from latentwidgets.directions.usable_labels import tell_left_out
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.directions.samples import Data

__all__ = ["ProbeLabels"]


@dataclass(frozen=True, eq=False)
class ProbeLabels:
    """One label of latents.

    Attributes
    ----------
    name : str
        What it is called.
    places : ndarray of int
        The latents that have it, ``(m,)``.
    values : ndarray
        Of these, the class as an index into `classes`, int64, or the amount, float64: ``(m,)``.
    classes : tuple of str
        The classes; empty for amounts.
    """

    name: str
    places: NDArray[np.intp]
    values: NDArray[Any]
    classes: tuple[str, ...]

    @classmethod
    def of(
        cls, labels: object, n: int, kind: str | None, folds: int, *, most: int, seed: int
    ) -> ProbeLabels:
        """Read a label; classes of which there are too few are left out, with a word.

        Parameters
        ----------
        labels, kind, folds, seed
            As `probe_report` takes them.
        n : int
            How many latents there are.
        most : int
            Of more latents that have the label, so many are drawn at random.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it cannot be used.

        Examples
        --------
        >>> pets = {"pet": ["cat", "dog", None] * 4}
        >>> found = ProbeLabels.of(pets, 12, None, folds=2, most=100, seed=0)
        >>> found.name, found.classes, found.values.tolist()
        ('pet', ('cat', 'dog'), [0, 1, 0, 1, 0, 1, 0, 1])
        """
        if kind is not None:
            check_one_of(kind, "kind", KINDS)
        columns = columns_in(labels)
        if len(columns) > 1:
            first, named = (
                next(iter(columns)),
                isinstance(labels, Mapping) or hasattr(labels, "columns"),
            )
            one = f"{{{brief(first)}: labels[{brief(first)}]}}" if named else "labels[:, 0]"
            raise LatentValueError(
                f"there are {len(columns)} labels, {', '.join(map(brief, [*columns][:3]))}; "
                f"expected one. Pass one at a time, such as {one}."
            )
        [(name, given)] = columns.items()
        if given.shape != (n,):
            raise LatentValueError(
                f"labels {brief(name)} have shape {given.shape}; there are {n} latents",
                way="Give one label for each, NaN or None where it is missing.",
            )
        places, present, distinct, which = distinct_in(given, brief(name), mixed=LatentTypeError)
        if len(distinct) < 2:
            raise LatentValueError(
                f"{brief(name)} has {len(distinct)} value{'s' * (len(distinct) != 1)}; expected "
                "two or more, to tell apart",
                way="Label others.",
            )
        if kind == "binary" and len(distinct) > 2:
            raise LatentValueError(
                f"{brief(name)} has {len(distinct):,} values; expected two of a binary label",
                way='Pass kind="classes" or kind="continuous", or leave kind out.',
            )
        of_amounts = (kind or kind_of(present, distinct)) == "continuous"
        if len(places) > most:
            # Before rare classes are left out: in what is drawn others may be rare.
            drawn = np.sort(np.random.default_rng(seed).permutation(len(places))[:most])
            places, present, which = places[drawn], present[drawn], which[drawn]
        if of_amounts:
            return cls(name, places, _amounts(name, present, folds), ())
        if len(distinct) > MOST_PROBED:
            raise LatentValueError(
                f"{brief(name)} has {len(distinct):,} classes, more than {MOST_PROBED}",
                way='Group them, or where they are amounts pass kind="continuous".',
            )
        sizes = np.bincount(which, minlength=len(distinct))
        kept = np.flatnonzero(sizes >= folds)
        if len(kept) < 2:
            raise LatentValueError(
                f"{brief(name)} has {len(kept)} class{'es' * (len(kept) != 1)} of {folds} labels "
                f"or more; {folds} folds need that of two",
                way="Label more, or pass a smaller folds=, at least 2.",
            )
        among = "" if len(given) == len(present) else f" among the {len(present):,} that are used"
        tell_left_out(
            [
                f"{brief(str(distinct[i]))}, of which there are {sizes[i]}{among}"
                for i in _rest(sizes, kept)
            ]
        )
        inside = np.isin(which, kept)
        return cls(
            name,
            places[inside],
            np.searchsorted(kept, which[inside]),
            tuple(short(str(distinct[i])) for i in kept),
        )

    def doubt(self, data: Data) -> str | None:
        """Say that it looks as if it was made from these latents."""
        return labels_doubt(
            data.rows, self.name, self.values, len(self.classes), places=self.places
        )

    def splitter(self, folds: int, seed: int) -> Any:
        """Make what splits latents into parts: of classes, with as many of each in every part."""
        from sklearn.model_selection import KFold, StratifiedKFold

        cls = StratifiedKFold if self.classes else KFold
        return cls(folds, shuffle=True, random_state=seed)

    def models(self, neighbours: int) -> list[tuple[str, Any]]:
        """Give the probes by name: a linear one, and one of nearest neighbours."""
        from sklearn.linear_model import LogisticRegression, Ridge
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        line = LogisticRegression(max_iter=1000) if self.classes else Ridge()
        near = KNeighborsClassifier if self.classes else KNeighborsRegressor
        return [
            ("linear", make_pipeline(StandardScaler(), line)),
            ("nearest neighbours", near(neighbours)),
        ]

    def score(self, values: NDArray[Any], predicted: NDArray[Any]) -> float:
        """Score predictions: the share that is right, or R²."""
        if self.classes:
            return float((values == predicted).mean())
        varied = float(((values - values.mean()) ** 2).sum())
        return 1 - float(((values - predicted) ** 2).sum()) / varied if varied else 0.0


def _amounts(name: str, present: NDArray[Any], folds: int) -> NDArray[np.float64]:
    try:
        amounts = present.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise LatentTypeError(
            f"{brief(name)} has no numbers: {said(error)}", way="Give numbers."
        ) from error
    if not np.isfinite(amounts).all():
        raise LatentValueError(
            f"{brief(name)} holds infinity", way="Make those NaN, or leave them out."
        )
    if len(amounts) < 2 * folds:
        raise LatentValueError(
            f"{brief(name)} has {len(amounts)} labels; {folds} folds need {2 * folds}",
            way="Label more, or pass a smaller folds=, at least 2.",
        )
    # In their own standard deviations: of huge or tiny amounts the squares could not be computed.
    return np.asarray((amounts - amounts.mean()) / (amounts.std() or 1.0))


def _rest(sizes: NDArray[Any], kept: NDArray[Any]) -> list[int]:
    return [i for i in range(len(sizes)) if i not in {*kept.tolist()}]
