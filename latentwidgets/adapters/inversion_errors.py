"""How far pictures are from what their noise decodes to, over all batches of a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.kinds.reading.calls import outputs_of
from latentwidgets.kinds.reading.ranges import warn_guess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from latentwidgets.adapters.noise_law import NoiseNorms

__all__ = ["InversionErrors", "Measured", "measured"]

# From which mean error of what comes back, as a share of the range of the pictures, it is told.
DOUBTED = 0.05
# From which share of that error on it is laid to the autoencoder.
MOSTLY = 0.8


@dataclass(frozen=True)
class Measured:
    """What was measured of the pictures of a batch, in the numbers that the encoder takes.

    Attributes
    ----------
    gaps : ndarray
        float32 ``(n,)``: mean absolute differences between each and what its noise decodes to.
    own : ndarray
        float32 ``(n,)``: between each and what the autoencoder alone makes of it; NaN where that
        was not asked for.
    low, high : float
        The range of the numbers of all of them.
    """

    gaps: NDArray[np.float32]
    own: NDArray[np.float32]
    low: float
    high: float

    @staticmethod
    def joined(
        parts: Sequence[Measured], rows: Iterable[NDArray[np.intp]] | None = None
    ) -> Measured:
        """Join what was measured of several batches: in turn, or each at the rows it has."""
        gaps = np.concatenate([part.gaps for part in parts])
        own = np.concatenate([part.own for part in parts])
        if rows is not None:
            order = np.argsort(np.concatenate([*rows]))
            gaps, own = gaps[order], own[order]
        low, high = min(part.low for part in parts), max(part.high for part in parts)
        return Measured(gaps, own, low, high)


def measured(images: Any, decoded: Any, alone: Callable[[], Any] | None) -> Measured:
    """Measure how far pictures are from what their noise decodes to.

    Parameters
    ----------
    images, decoded : object
        The pictures, and what came back.
    alone : callable or None
        Gives what the autoencoder alone makes of the pictures, where there is one. It is called
        where something is far off.

    Returns
    -------
    Measured
        Of each picture.
    """

    def numbers(pictures: Any) -> NDArray[np.float32]:
        return outputs_of(pictures, len(images)).to_float32().reshape(len(images), -1)

    wanted = numbers(images)

    def gaps(pictures: Any) -> NDArray[np.float32]:
        found: NDArray[np.float32] = np.abs(numbers(pictures) - wanted).mean(axis=1)
        return found

    found, low, high = gaps(decoded), float(wanted.min()), float(wanted.max())
    own = np.full(len(found), np.nan, np.float32)
    if alone is not None and found.max() > DOUBTED * ((high - low) or 1.0):
        own = gaps(alone())
    return Measured(found, own, low, high)


class InversionErrors:
    """Gathers what was measured of each batch of a call, and tells it when all are done.

    Attributes
    ----------
    last : ndarray or None
        What `tell` gave last.

    Examples
    --------
    >>> errors = InversionErrors()
    >>> images = np.linspace(0, 1, 8, dtype=np.float32).reshape(2, 4)
    >>> errors.begin()
    >>> for one in images:
    ...     errors.add(measured(one[None], one[None] + 0.01, None))
    >>> errors.tell(2, by_class=False).round(3)
    array([0.01, 0.01], dtype=float32)
    """

    def __init__(self) -> None:
        self.last: NDArray[np.float32] | None = None
        self._parts: list[Measured] = []

    def begin(self) -> None:
        """Forget what was measured before: another call begins."""
        self._parts = []

    def add(self, part: Measured) -> None:
        """Take what was measured of a batch that is done."""
        self._parts.append(part)

    def tell(
        self, count: int, *, by_class: bool, norms: NoiseNorms | None = None
    ) -> NDArray[np.float32]:
        """Say how far each picture is from what its noise decodes to.

        Parameters
        ----------
        count : int
            How many pictures there were. The batches that make them up come last, after what was
            tried to find a layout, and the last of them may have been filled up.
        by_class : bool
            Whether there are classes.
        norms : NoiseNorms, optional
            The norms of the noise that was found, where the prior says which are usual.

        Returns
        -------
        ndarray
            float32 ``(count,)``: mean absolute differences, as shares of the range of all pictures.

        Warns
        -----
        GuessWarning
            If one is large, or the prior hardly draws such noise.
        """
        first = len(self._parts)
        while sum(len(part.gaps) for part in self._parts[first:]) < count:
            first -= 1
        found = Measured.joined(self._parts[first:])
        self._parts = []
        width = np.float32((found.high - found.low) or 1.0)
        errors = self.last = found.gaps[:count] / width
        worst = int(errors.argmax())
        if errors[worst] > DOUBTED:
            own = float(found.own[worst] / width)
            _doubt(errors, worst, own, norms, by_class=by_class)
        elif norms is not None and norms.are_unlike(norms.farthest):
            row = norms.farthest
            warn_guess(
                f"what noise was found for picture {row} of {count} {norms.about(row)}: "
                f"{_unlearnt(norms, row, by_class)}. That it decodes to the picture again does not "
                "tell, since all kinds of pictures do."
            )
        return errors


def _unlearnt(norms: NoiseNorms, row: int, by_class: bool) -> str:
    """Say why noise has a norm that the prior hardly draws."""
    one = "the network has not learnt such pictures"
    one += ", or not of this class" if by_class else ""
    size = "small" if norms.norms[row] < norms.low else "large"
    return f"{one}, if the norm stays as {size} with more steps"


def _doubt(
    errors: NDArray[np.float32],
    worst: int,
    own: float,
    norms: NoiseNorms | None,
    *,
    by_class: bool,
) -> None:
    """Say that pictures do not come back, and what it is due to."""
    given = ', "class": ...' if by_class else ""
    way = "Take more steps" + (", or the class that the picture is of" if by_class else "")
    way += f': space.encode(images, {{"steps": ...{given}}}).'
    if own > MOSTLY * errors[worst]:
        way = "More steps hardly help: the autoencoder itself makes something else of it."
    elif norms is not None and norms.are_unlike(worst):
        why = f"The noise {norms.about(worst)}: {_unlearnt(norms, worst, by_class)}."
        way = why if norms.norms[worst] < norms.low else f"{why} {way}"
    part = "" if np.isnan(own) else f", of which the autoencoder alone makes {own:.1%}"
    warn_guess(
        f"what noise was found for picture {worst} of {len(errors)} decodes to another one: "
        f"the mean absolute difference is {errors[worst]:.1%} of the range of the pictures"
        f"{part}; all together {errors.mean():.1%}. {way}"
    )
