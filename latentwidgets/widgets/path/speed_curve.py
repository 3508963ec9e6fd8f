"""What is drawn under the slider of a path: how fast the output changes, and where abruptly."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.path_geodesic import geodesic_path_steps
from latentwidgets.analysis.path_smoothness import (
    abrupt_places,
    chance_words,
    drawn,
    spread,
    without_guesses,
)
from latentwidgets.analysis.tables import number
from latentwidgets.engine.ordinary import soon_drawn
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.path import Path
from latentwidgets.routes.route import digest_of
from latentwidgets.routes.speeds import UnchangingError, speed_steps
from latentwidgets.widgets.path.ways import saving_of

if TYPE_CHECKING:
    from latentwidgets.common.pieces import Pieces, Steps
    from latentwidgets.engine.replies import SpeedCurve
    from latentwidgets.routes.speeds import Speeds
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["ByChance", "curve_steps", "measured_by_chance", "no_curve", "put_off", "seconds_of"]

# Into so many parts a path is cut, if it has no more segments.
PARTS = 64
# The speed at one place takes about as long as so many decodes: one, two for the derivative, and
# two to see that it is right.
DECODES = 5
# Of so many paths between samples of the prior it is measured what they have. They are chosen among
# so few samples more than are needed, which are drawn in one step.
CONTROLS, MORE_SAMPLES = 4, 64
# What takes longer than this is measured only where somebody asks for it: a model may be one that
# somebody pays for, or the only thing on its GPU.
MOST_SECONDS = 30.0


def seconds_of(path: Path, seconds: float) -> float:
    """Say about how long the curve takes, where one decode takes so many seconds."""
    return seconds * DECODES * (_parts(path) + 1)


def put_off(setting: str, seconds: float, what: str) -> str:
    """Say why something is not measured while nobody has asked for it; empty where it is.

    Parameters
    ----------
    setting : {"auto", "always", "never"}
        What is set of the curve.
    seconds : float
        How long it would take.
    what : str
        What would be measured.

    Examples
    --------
    >>> put_off("auto", 31.0, "the speed").split(". ")[0]
    'To measure the speed would take about 31 s'
    >>> put_off("always", 31.0, "the speed"), put_off("auto", 29.0, "the speed")
    ('', '')
    """
    if setting == "always" or seconds <= MOST_SECONDS:
        return ""
    return (
        f"To measure {what} would take about {seconds:.0f} s. Set speed_curve = 'always' on the "
        "Interpolator for it; in an explorer that is explorer.path."
    )


def measured_by_chance(
    setting: str, curve: float | None, search: float | None
) -> tuple[bool, bool, tuple[str, str]]:
    """Say what is measured of what samples of the prior have, within the time that there is.

    Parameters
    ----------
    setting : {"auto", "always", "never"}
        What is set of the curve.
    curve, search : float or None
        How many seconds one curve takes, and one search of a geodesic; None of what is not wanted.

    Returns
    -------
    curves, savings : bool
        Whether curves are measured, and what geodesics save: that first is left out.
    words : tuple of str
        For both, why not; empty where it is measured, or is not wanted.

    Examples
    --------
    >>> measured_by_chance("auto", 2.0, 60.0)[:2], measured_by_chance("never", None, 60.0)[:2]
    ((True, False), (False, False))
    >>> measured_by_chance("always", 2.0, 60.0)
    (True, True, ('', ''))
    """
    words = ["", ""]
    if curve is not None:
        words[0] = put_off(setting, CONTROLS * curve, "what samples of the prior have")
    if search is not None:
        seconds = CONTROLS * (search + (curve if curve and not words[0] else 0.0))
        what = "what geodesics between samples of the prior save"
        words[1] = put_off(setting, seconds, what)
    curves, savings = (
        one is not None and not said for one, said in zip((curve, search), words, strict=True)
    )
    return curves, savings, (words[0], words[1])


def no_curve(words: str = "", saved: str = "") -> SpeedCurve:
    """Give what is said where nothing is drawn: of the curve, and of what a geodesic saves."""
    return {"points": [], "abrupt": [], "words": words, "saved": saved}


def curve_steps(
    space: LatentSpace, path: Path, conditions: Any, pieces: Pieces
) -> Steps[SpeedCurve]:
    """Measure the curve, step by step.

    Raises
    ------
    DecodeError
        If the decoder raises, or returns NaN or infinity.
    """
    found = yield from _speeds(space, path, conditions, pieces)
    length = float(found.lengths.sum())
    if not length > 0:
        return no_curve("The output does not change along this path.")
    fastest, over = _evenness(found)
    abrupt = list(abrupt_places(found))
    straight = f"; its way is {over:.3g} times the way straight to its end" if over < 1e6 else ""
    where = ", ".join(f"{place:.3g}" for place in abrupt)
    words = f"The output changes at most {fastest:.2g} times as fast as on average{straight}. " + (
        f"Abrupt at t = {where}: more than twice the mean speed." if abrupt else "No abrupt change."
    )
    points = [(float(a), float(b)) for a, b in zip(found.t, found.speeds / length, strict=True)]
    return {"points": points, "abrupt": abrupt, "words": words, "saved": ""}


class ByChance:
    """What paths between samples of the prior have, kept while it is of the same path."""

    def __init__(self) -> None:
        self._known = "", ("", "")

    def steps(
        self,
        space: LatentSpace,
        path: Path,
        conditions: Any,
        pieces: Pieces,
        within: tuple[bool, bool, tuple[str, str]],
    ) -> Steps[SpeedCurve]:
        """Say it in words, step by step, whatever the timing of the path.

        Parameters
        ----------
        space, path, conditions, pieces
            As of `curve_steps`.
        within : tuple
            What `measured_by_chance` gives.

        Raises
        ------
        DecodeError
            If the decoder raises, or returns NaN or infinity.
        """
        curves, savings, late = within
        key = digest_of(path.anchors, path.method, repr((path.closed, conditions, within[:2])))
        if self._known[0] != key:
            found = yield from _chance_steps(
                *(space, path, conditions, pieces), curves=curves, savings=savings
            )
            self._known = key, found
        words, saved = (one or other for one, other in zip(self._known[1], late, strict=True))
        return no_curve(words, saved)


def _chance_steps(
    space: LatentSpace,
    path: Path,
    conditions: Any,
    pieces: Pieces,
    *,
    curves: bool,
    savings: bool,
) -> Steps[tuple[str, str]]:
    """Say in words what paths between samples of the prior have, step by step.

    They have as many anchors, as far from each other, and the same method, but no timing: as those
    that `smoothness` compares with. Of a geodesic they are geodesics where these are looked for
    anyway, else "slerp".

    Parameters
    ----------
    space, conditions, pieces
        As of `curve_steps`.
    path : Path
        The path that is shown.
    curves, savings : bool
        Whether their speed is measured, and how much geodesics between these samples save.

    Returns
    -------
    tuple of str
        What is said of the speed, and of what is saved; empty where samples take long to draw, and
        of what is not measured.

    Raises
    ------
    DecodeError
        If the decoder raises, or returns NaN or infinity.
    """
    if not (curves or savings) or not (yield from soon_drawn(space)):
        return "", ""
    found, plain = path.method == "geodesic" and savings, path.method
    if path.method == "geodesic":
        plain = "slerp"
    make = partial(Path, method=plain, closed=path.closed, space=space)
    peaks, overs, saved = [], [], []
    for anchors in drawn(space, path.anchors, CONTROLS, seed=0, most=MORE_SAMPLES):
        yield
        other = None if found else without_guesses(make, anchors)
        if savings:
            with suppress(UnchangingError):  # between some samples nothing changes
                way, parts = yield from geodesic_path_steps(
                    *(space, anchors),
                    closed=path.closed,
                    conditions=conditions,
                    pieces=pieces,
                )
                saved.append(100 * saving_of(parts)[0])
                other = way if found else other
        if curves and other is not None:
            fastest, over = _evenness((yield from _speeds(space, other, conditions, pieces)))
            peaks.append(fastest)
            overs.append(over)
    told = ["", ""]
    between = "between samples of the prior, as far from each other"
    if peaks:
        what = "geodesics" if found else f"{plain} paths at their own speed"
        told[0] = (
            f"{len(peaks)} {what} {between}, the median (the least to the largest): "
            f"{chance_words(spread(peaks))} times as fast; {chance_words(spread(overs))} times the "
            "way."
        )
    if saved:
        low, middle, high = (number(one, 0) for one in spread(saved))
        told[1] = (
            f"What {len(saved)} geodesics {between}, save of the shorter of lerp and slerp: "
            f"{middle}% ({low} to {high}%), the median (the least to the largest)."
        )
    return told[0], told[1]


def _speeds(space: LatentSpace, path: Path, conditions: Any, pieces: Pieces) -> Steps[Speeds]:
    t, how = np.linspace(0.0, 1.0, _parts(path) + 1), distance_of(space, "l2", None)
    return (yield from speed_steps(space, path, t, how, conditions, pieces))


def _evenness(found: Speeds) -> tuple[float, float]:
    """Give the largest speed over the mean, and the length over the chord."""
    length = float(found.lengths.sum())
    over = length / found.chord if found.chord > 1e-9 * length else float("inf")
    return float(found.speeds.max()) / length if length > 0 else float("nan"), over


def _parts(path: Path) -> int:
    """Say into how many parts a path is cut: as many in each segment."""
    segments = len(path.marks) - 1 + path.closed
    return segments * max(2, round(PARTS / segments))
