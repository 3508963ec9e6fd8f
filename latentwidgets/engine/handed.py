"""`Handed`: what a page is told of a route, and at which places both decode to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from latentwidgets.common.wanted import never
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.conditioned import conditions_in, own_of
from latentwidgets.routes.map_plane import GROUND, MapPlane
from latentwidgets.routes.plan import Plan, completed, outlined
from latentwidgets.routes.some_places import some_places

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from latentwidgets.engine.renderer import Renderer
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.condition import Condition
    from latentwidgets.space.conditions import Conditions

__all__ = ["Handed", "SaidOfAll", "Tell", "numberings", "places"]

# How many frames the page compares with its own, beside the one that is shown.
CHECKED = 3


class SaidOfAll(NamedTuple):
    """What is said of each point of a map.

    Attributes
    ----------
    lines : list of list of tuple of str
        Names and texts, as of `Said`; what is alike once.
    rows : ndarray of int32
        Which of these it is, point by point.
    """

    lines: list[list[tuple[str, ...]]]
    rows: NDArray[np.int32]


# Gives it; called with what says whether nobody wants it any more.
Tell: TypeAlias = "Callable[[Callable[[], bool]], SaidOfAll]"
NOTHING = SaidOfAll([], np.empty(0, np.int32))


class Handed(NamedTuple):
    """What a page is told beside the decoder.

    Attributes
    ----------
    route : Route
        Where a widget leads, conditions included.
    plan : Plan
        The same as numbers.
    said : SaidOfAll
        What is said of each point of a map.
    """

    route: Route
    plan: Plan
    said: SaidOfAll = NOTHING

    @classmethod
    def begun(cls, renderer: Renderer, route: Route) -> Handed:
        """Find out what costs little, before the decoder is exported.

        Raises
        ------
        LatentValueError
            Where that cannot be decoded in a page, with the reason.
        """
        if renderer.stays:
            raise LatentValueError(renderer.stays)
        return cls(route, outlined(own_of(route), renderer.conditions))

    def completed(
        self,
        tell: Tell | None,
        unwanted: Callable[[], bool] = never,
    ) -> Handed:
        """Find out the rest, which may take a while.

        Parameters
        ----------
        tell : callable or None
            ``tell(unwanted)`` gives what is said of each point of a map.
        unwanted : callable
            Says whether nobody wants it any more; asked every now and then.

        Raises
        ------
        LatentValueError
            As of `begun`.
        UnwantedError
            If nobody wants it any more.
        """
        plan = completed(self.plan, own_of(self.route), unwanted)
        return Handed(self.route, plan, NOTHING if tell is None else tell(unwanted))


def places(route: Route, at: Coordinates) -> list[Coordinates]:
    """Choose where frames are compared: where the person is, and at a few places of all.

    Examples
    --------
    >>> from latentwidgets.routes.path import Path
    >>> len(places(Path([[0.0], [1.0]], "lerp"), (0.5,)))
    4
    """
    some = some_places(route, np.random.default_rng(0), CHECKED)
    others = [tuple(one) for one in some.tolist()]
    # Of a latent that was set on a map the page knows nothing.
    unknown = isinstance(own_of(route), MapPlane) and at[0] < GROUND
    return others if unknown else [at, *others]


def numberings(route: Route, conditions: Conditions) -> list[list[float]]:
    """Say which number the decoder gets for each condition at coordinate 0, and how much more next.

    Where the route has no coordinate of it, it is one number: what the decoder gets by default.

    Examples
    --------
    >>> from latentwidgets.routes.conditioned import Conditioned
    >>> from latentwidgets.routes.path import Path
    >>> from latentwidgets.space.conditions import conditions_of
    >>> given = conditions_of({"class": ["owl", "mug"], "size": range(10, 50, 10)})
    >>> numberings(Conditioned.of(Path([[0.0], [1.0]], "lerp"), given), given)
    [[0.0, 1.0], [10.0, 10.0]]
    """
    moved = conditions_in(route)
    return [
        _numbering(one) if name in moved else [float(one.number(one.default))]
        for name, one in conditions.items()
    ]


def _numbering(one: Condition) -> list[float]:
    if isinstance(one.choices, range):
        return [float(one.choices.start), float(one.choices.step)]
    return [0.0, 1.0]
