"""The numbers of a check in words: what fell short, by how much, and what to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.analysis.tables import number
from latentwidgets.common.wording import short
from latentwidgets.export.check_result import CheckNumber, digits_for

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.analysis.typicality_report import TypicalityReport

__all__ = ["leakage_number", "target_number", "typicality_number"]

UNIT = "standard deviations"
# A latent that is further out by less than this share is as far out.
ROUNDING = 1e-6


def target_number(
    name: str, change: float, by: float, chance: float | None, moved: bool
) -> CheckNumber:
    """Judge how much the target changed.

    Parameters
    ----------
    name : str
        The measure.
    change, by : float
        How much it changed, and how much was asked.
    chance : float or None
        What random moves do.
    moved : bool
        Whether anything was moved.

    Examples
    --------
    >>> target_number("smile", 0.25, 1.0, 0.1, True).words.partition(". ")[0]
    'smile rose by 0.25 standard deviations, asked was a rise of at least 1.00'
    """
    change, up = float(change), by > 0
    passed = change >= by if up else change <= by
    digits = digits_for(change, by, passed)
    words = (
        f"{_changed(name, change, digits)}, asked was a {'rise' if up else 'fall'} of at least "
        f"{number(abs(by), digits)}."
    )
    missing = number(abs(by - change), digits)
    if passed:
        hint = _by_chance(chance, digits)
    elif not moved:
        hint = (
            "Nothing has been moved: the recipe still leads to the latent that it starts from. "
            "Move something, and take the recipe after that."
        )
    elif change * by < 0 and not _is_zero(change, digits):
        hint = (
            f"That is the wrong way, {missing} from what was asked. Look at both ends of "
            f"each direction you use: at which of them is there {'more' if up else 'less'} of it?"
        )
    elif chance is not None and abs(change) <= chance:
        hint = (
            f"{missing} too little, and no more than random moves as long do "
            f"({number(chance, digits)}). Look at pictures along each direction you use, one at a "
            "time: does it change this at all?"
        )
    elif _is_zero(change, digits):
        hint = (
            f"{missing} too little. Look at pictures along each direction you use, one at a time: "
            "does it change this at all?"
        )
    else:
        hint = (
            f"The right way, and {missing} too little. Look at how it grows with the "
            "amount: does it go on, or has it come to an end?"
        )
    return CheckNumber(name, "target", change, by, chance, passed, f"{words} {hint}".strip())


def leakage_number(name: str, changes: ArrayLike, most: float, chance: float | None) -> CheckNumber:
    """Judge how much another measure changed, either way.

    Parameters
    ----------
    name, chance
        As of `target_number`.
    changes : array_like
        How much it changed, of one latent or ``(n,)``. The mean of the sizes is judged, so that
        one that rises does not make up for one that falls.
    most : float
        How large it may be.

    Examples
    --------
    >>> leakage_number("width", -0.9, 0.5, None).passed
    False
    >>> leakage_number("width", [-0.9, 0.9], 0.5, None).words.partition(",")[0]
    'width rose in some and fell in others'
    """
    each = np.atleast_1d(np.asarray(changes, np.float64))
    size, rises, falls = float(np.abs(each).mean()), bool((each > 0).any()), bool((each < 0).any())
    change = -size if falls and not rises else size
    passed = size <= most
    digits = digits_for(size, most, passed)
    said = _changed(name, change, digits)
    if rises and falls and not _is_zero(size, digits):
        said = (
            f"{short(name)} rose in some and fell in others, by {number(size, digits)} {UNIT} in "
            "the mean"
        )
    words = f"{said}, allowed were {number(most, digits)} either way."
    hint = _by_chance(chance, digits)
    if not passed:
        hint = (
            f"{number(size - most, digits)} too much. Look at before and after for this alone, "
            "with one direction moved at a time: which of them brings it along? "
            "lw.analysis.leakage measures that."
        )
    return CheckNumber(name, "leakage", change, most, chance, passed, f"{words} {hint}".strip())


def typicality_number(starts: TypicalityReport, ends: TypicalityReport) -> CheckNumber:
    """Judge how typical latents are, by the one that is furthest from passing.

    Parameters
    ----------
    starts, ends : TypicalityReport
        Of the latents that the recipe starts from, and of those that it leads to.

    Notes
    -----
    A p-value ends at that of a latent which is rarer than all ordinary ones, however far out it
    is. Of these the tests say which is further out.
    """
    limits = np.minimum(ends.level, starts.p_values)
    gone = _furthest(ends) > _furthest(starts) * (1 + ROUNDING)
    further = gone & (ends.p_values <= 1 / (1 + ends.ordinary))
    passes = ends.typical | ((ends.p_values >= starts.p_values) & ~further)
    worst = int(np.lexsort((-_furthest(ends), ends.p_values, passes))[0])
    value, limit, passed = float(ends.p_values[worst]), float(limits[worst]), bool(passes.all())
    if ends.typical[worst]:
        words = f"typicality: more typical than {100 * value:.0f} % of ordinary latents."
    else:
        words = f"typicality: the latent is {ends.words[worst]}."
    if passed and not ends.typical[worst]:
        words += " It is no rarer than the latent that it starts from."
    elif not passed:
        look = (
            "Look at the gauge below the picture while you move: where does it leave what the "
            "model knows?"
        )
        if further[worst]:
            how = _further_out(float(_furthest(starts)[worst]), float(_furthest(ends)[worst]))
        else:
            digits = digits_for(100 * value, 100 * limit, passed, least=1)
            how = (
                f"Asked was one that is more typical than {number(100 * limit, digits)} %, and it "
                f"is {'no more so' if value == limit else 'more so'} than "
                f"{number(100 * value, digits)} %."
            )
        words += f" {how} {look}"
    return CheckNumber("typicality", "typicality", value, limit, ends.level, passed, words)


def _furthest(report: TypicalityReport) -> NDArray[np.float64]:
    """Say of each latent how far out the test says that says most."""
    found: NDArray[np.float64] = np.max([one.how_far_out for one in report.tests], axis=0)
    return found


def _further_out(start: float, end: float) -> str:
    digits = digits_for(end, start, False)
    return (
        f"It is {number(end, digits)} times as far out as the end of what is ordinary, and the "
        f"latent that it starts from {number(start, digits)} times. Asked was no further."
    )


def _changed(name: str, change: float, digits: int) -> str:
    if _is_zero(change, digits):
        return f"{short(name)} did not change"
    way = "rose" if change > 0 else "fell"
    return f"{short(name)} {way} by {number(abs(change), digits)} {UNIT}"


def _is_zero(change: float, digits: int) -> bool:
    return number(change, digits) == number(0.0, digits)


def _by_chance(chance: float | None, digits: int) -> str:
    return "" if chance is None else f"Random moves as long change it by {number(chance, digits)}."
