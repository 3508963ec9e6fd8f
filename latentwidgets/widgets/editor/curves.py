"""The curves of an editor: what moving along a direction does to a language model, as measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from latentwidgets.analysis.steering_result import SteeringCurve
from latentwidgets.common.frozen_dict import Frozen
from latentwidgets.common.items import check_items
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.widgets.editor.drawn_curve import DrawnCurve, draw_curve, multiple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from latentwidgets.directions import Directions
    from latentwidgets.routes.edit import Edit
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Curves", "curves_of", "doubt_directions", "draw_curves", "reaching", "slider_ends"]


# How messages begin, and what is expected.
CURVES = (
    "curves are",
    "what lw.analysis.steering_curve returns, or curves by the names of directions, such as "
    "{'happy': curve}",
)


class Curves(Frozen[SteeringCurve]):
    """Curves by the names of directions; read-only, so that no change goes by unseen."""

    _way_out = "Set all of it: widget.curves = {**widget.curves, 'happy': curve}."

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a copy is an ordinary dict


def curves_of(given: Any) -> dict[str, SteeringCurve]:
    """Read curves: one, several, or by the names of directions.

    Parameters
    ----------
    given : mapping, SteeringCurve or iterable of SteeringCurve
        A curve that has no name given goes to the direction that it was measured along.

    Returns
    -------
    dict of str to SteeringCurve
        The names are not checked.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one of them is no curve, or two are of one direction.
    """
    if isinstance(given, SteeringCurve):
        given = [given]
    listed = [*given.values()] if isinstance(given, Mapping) else check_items(given, *CURVES)
    for one in listed:
        if not isinstance(one, SteeringCurve):
            raise LatentTypeError(f"a curve is {brief(one)}; expected {CURVES[1]}.")
    found = dict(given) if isinstance(given, Mapping) else {one.direction: one for one in listed}
    if len(found) < len(listed):
        raise LatentValueError(
            "two curves are of one direction; expected one for each. Give them names: "
            "{'happy': curve}."
        )
    return found


def doubt_directions(curves: Mapping[str, SteeringCurve], directions: Directions) -> None:
    """Warn of curves that were measured along something else than the directions they go to.

    Warns
    -----
    GuessWarning
        For the first of them.
    """
    for name, curve in curves.items():
        vector = directions[name].vector
        for step in curve.steps.values():
            rows = vector.reshape(-1, len(step)) if vector.size % len(step) == 0 else ()
            if any(multiple(row, step) is not None for row in rows):
                break
        else:
            warn_guess(
                f"the curve of {brief(name)} was measured along another direction, "
                f"{brief(curve.direction)}; it is drawn pale and ends no slider. Measure it again: "
                "lw.analysis.steering_curve(space, direction, ...)."
            )
            return


def draw_curves(
    curves: Mapping[str, SteeringCurve],
    edit: Edit,
    at: Sequence[float],
    space: LatentSpace,
    conditions: Mapping[str, Any],
) -> dict[str, DrawnCurve]:
    """Lay curves along the sliders of their directions: see `draw_curve`."""
    return {
        name: draw_curve(
            curve,
            edit,
            edit.directions.names.index(name),
            at=at,
            space=space,
            conditions=conditions,
        )
        for name, curve in curves.items()
    }


def slider_ends(
    names: Sequence[str],
    usual: Sequence[Sequence[float]],
    drawn: Mapping[str, DrawnCurve],
    full: Sequence[str],
) -> list[list[float]]:
    """Give the ends of all sliders.

    Parameters
    ----------
    names : sequence of str
        The directions.
    usual : sequence of pair of float
        Their ends without curves.
    drawn : mapping of str to DrawnCurve
        Curves along some of them.
    full : sequence of str
        Those that go on where damage begins.

    Returns
    -------
    list of list of float
        The least and the most of each.
    """
    return [
        drawn[name].ends(ends, full=name in full) if name in drawn else list(ends)
        for name, ends in zip(names, usual, strict=True)
    ]


def reaching(
    ends: Sequence[Sequence[float]], at: Sequence[float], origin: Sequence[float]
) -> list[list[float]]:
    """Give the ends of sliders that also reach 0, where they are, and where they begin.

    Examples
    --------
    >>> reaching([[1.0, 2.0], [-1.0, 1.0]], [3.0, 0.0], [0.5, 0.0])
    [[0.0, 3.0], [-1.0, 1.0]]
    """
    return [
        [min(low, x, start, 0.0), max(high, x, start, 0.0)]
        for (low, high), x, start in zip(ends, at, origin, strict=True)
    ]
