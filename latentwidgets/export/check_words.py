"""The numbers of a check in words: what fell short, by how much, and what to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.analysis.tables import number
from latentwidgets.common.wording import short
from latentwidgets.export.check_result import CheckNumber

if TYPE_CHECKING:
    from latentwidgets.analysis.typicality_report import TypicalityReport

__all__ = ["leakage_number", "target_number", "typicality_number"]

UNIT = "standard deviations"


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
    words = (
        f"{_changed(name, change)}, asked was a {'rise' if up else 'fall'} of at least "
        f"{number(abs(by))}."
    )
    missing = abs(by - change)
    if passed:
        hint = _by_chance(chance)
    elif not moved:
        hint = (
            "Nothing has been moved: the recipe still leads to the latent that it starts from. "
            "Move something, and take the recipe after that."
        )
    elif change * by <= 0:
        hint = (
            f"That is the wrong way, {number(missing)} from what was asked. Look at both ends of "
            f"each direction you use: at which of them is there {'more' if up else 'less'} of it?"
        )
    elif chance is not None and abs(change) <= chance:
        hint = (
            f"{number(missing)} too little, and no more than random moves as long do "
            f"({number(chance)}). Look at pictures along each direction you use, one at a time: "
            "does it change this at all?"
        )
    else:
        hint = (
            f"The right way, and {number(missing)} too little. Look at how it grows with the "
            "amount: does it go on, or has it come to an end?"
        )
    return CheckNumber(name, "target", change, by, chance, passed, f"{words} {hint}".strip())


def leakage_number(name: str, change: float, most: float, chance: float | None) -> CheckNumber:
    """Judge how much another measure changed; parameters as of `target_number`.

    Examples
    --------
    >>> leakage_number("width", -0.9, 0.5, None).passed
    False
    """
    change = float(change)
    passed = abs(change) <= most
    words = f"{_changed(name, change)}, allowed were {number(most)} either way."
    hint = _by_chance(chance)
    if not passed:
        hint = (
            f"{number(abs(change) - most)} too much. Look at before and after for this alone, with "
            "one direction moved at a time: which of them brings it along? lw.analysis.leakage "
            "measures that."
        )
    return CheckNumber(name, "leakage", change, most, chance, passed, f"{words} {hint}".strip())


def typicality_number(starts: TypicalityReport, ends: TypicalityReport) -> CheckNumber:
    """Judge how typical latents are, by the one that is furthest from passing.

    Parameters
    ----------
    starts, ends : TypicalityReport
        Of the latents that the recipe starts from, and of those that it leads to.
    """
    limits = np.minimum(ends.level, starts.p_values)
    passes = ends.typical | (ends.p_values >= starts.p_values)
    worst = int(np.lexsort((ends.p_values, passes))[0])
    value, limit, passed = float(ends.p_values[worst]), float(limits[worst]), bool(passes.all())
    if ends.typical[worst]:
        words = f"typicality: more typical than {100 * value:.0f} % of ordinary latents."
    else:
        words = f"typicality: the latent is {ends.words[worst]}."
    if passed and not ends.typical[worst]:
        words += " It is no rarer than the latent that it starts from."
    elif not passed:
        words += (
            f" Asked was one that is more typical than {100 * limit:.1f} %, and it is more so than "
            f"{100 * value:.1f} %. Look at the gauge below the picture while you move: where does "
            "it leave what the model knows?"
        )
    return CheckNumber("typicality", "typicality", value, limit, ends.level, passed, words)


def _changed(name: str, change: float) -> str:
    if abs(change) < 0.005:
        return f"{short(name)} did not change"
    return f"{short(name)} {'rose' if change > 0 else 'fell'} by {number(abs(change))} {UNIT}"


def _by_chance(chance: float | None) -> str:
    return "" if chance is None else f"Random moves as long change it by {number(chance)}."
