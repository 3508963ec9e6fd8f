"""`Shown`: the route that is shown, and the name by which the page asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from latentwidgets.routes.conditioned import conditions_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.condition import Condition

__all__ = ["Shown"]


class Shown(NamedTuple):
    """The route that is shown.

    Attributes
    ----------
    name : str
        The name by which the page asks for it.
    own : Route
        The route from the coordinates of a widget's own controls.
    route : Route
        `own`, with a coordinate more for each condition that `own` does not set.
    """

    name: str
    own: Route
    route: Route

    @property
    def conditions(self) -> Mapping[str, Condition]:
        """The conditions that can be moved."""
        return conditions_in(self.route)

    def place(self, at: Coordinates, values: Mapping[str, Any]) -> Coordinates:
        """Add the values of conditions to the coordinates of a widget's own controls."""
        more = (one.coordinate(values[name]) for name, one in self.conditions.items())
        return (*at, *more)
