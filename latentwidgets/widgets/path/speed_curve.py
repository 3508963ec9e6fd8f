"""What is drawn under the slider of a path: how fast the output changes, and where abruptly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.path_smoothness import abrupt_places
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.speeds import speed_steps

if TYPE_CHECKING:
    from latentwidgets.common.pieces import Pieces, Steps
    from latentwidgets.engine.replies import SpeedCurve
    from latentwidgets.routes.path import Path
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["curve_steps", "seconds_of"]

# Into so many parts a path is cut, if it has no more segments.
PARTS = 64
# The speed at one place takes about as long as so many decodes: one, two for the derivative, and
# two to see that it is right.
DECODES = 5


def seconds_of(path: Path, seconds: float) -> float:
    """Say about how long the curve takes, where one decode takes so many seconds."""
    return seconds * DECODES * (_parts(path) + 1)


def curve_steps(
    space: LatentSpace, path: Path, conditions: Any, pieces: Pieces
) -> Steps[SpeedCurve]:
    """Measure the curve, step by step.

    Raises
    ------
    DecodeError
        If the decoder raises, or returns NaN or infinity.
    """
    t = np.linspace(0.0, 1.0, _parts(path) + 1)
    found = yield from speed_steps(
        space, path, t, distance_of(space, "l2", None), conditions, pieces
    )
    length = float(found.lengths.sum())
    if not length > 0:
        return {"points": [], "abrupt": [], "words": "The output does not change along this path."}
    speeds, abrupt = found.speeds / length, list(abrupt_places(found))
    over = length / found.chord if found.chord > 1e-9 * length else float("inf")
    straight = f"; its way is {over:.3g} times the way straight to its end" if over < 1e6 else ""
    where = ", ".join(f"{place:.3g}" for place in abrupt)
    words = (
        f"The output changes at most {float(speeds.max()):.2g} times as "
        f"fast as on average{straight}. "
        + (
            f"Abrupt at t = {where}: more than twice the mean speed."
            if abrupt
            else "No abrupt change."
        )
    )
    points = [(float(a), float(b)) for a, b in zip(t, speeds, strict=True)]
    return {"points": points, "abrupt": abrupt, "words": words}


def _parts(path: Path) -> int:
    """Say into how many parts a path is cut: as many in each segment."""
    segments = len(path.marks) - 1 + path.closed
    return segments * max(2, round(PARTS / segments))
