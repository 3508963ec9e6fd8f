"""`Conditioned`: another route with one more coordinate for each condition."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from latentwidgets.routes.route import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.route import Bounds, Coordinates, Route
    from latentwidgets.space.condition import Condition

__all__ = ["Conditioned", "conditions_in", "own_of", "values_at"]


@dataclass(frozen=True, eq=False)
class Conditioned:
    """A route whose coordinates are followed by one for each condition.

    Of a number it is the number itself, of choices the position of one. A route may say of some
    conditions itself what they are, as a grid does along an axis: it has ``sets``, the names of
    those that it sets wherever it is, which have no coordinate here; and ``conditions_at``, which
    takes positions and returns a value for each, or None where it says nothing. A condition that
    has no coordinate and of which nothing is said has its default.

    Attributes
    ----------
    route : Route
        From the coordinates before them to latents.
    conditions : mapping of str to Condition
        Those that have a coordinate, in order.
    without : mapping of str to Condition
        Those that the route sets itself.

    Examples
    --------
    >>> from latentwidgets.routes.path import Path
    >>> from latentwidgets.space.conditions import conditions_of
    >>> given = conditions_of({"class": ["owl", "mug"], "sharpness": (1.0, 0.0, 2.0)})
    >>> route = Conditioned.of(Path([[0.0], [1.0]], "lerp"), given)
    >>> route.latents([(0.5, 1, 0.7)]).tolist(), route.words((0.5, 1, 0.7))
    ([[0.5]], '0.5, mug, sharpness 0.7')
    """

    route: Route
    conditions: Mapping[str, Condition]
    without: Mapping[str, Condition] = field(default_factory=dict)
    takes_empty: ClassVar[bool] = False

    @classmethod
    def of(cls, route: Route, conditions: Mapping[str, Condition]) -> Conditioned:
        """Add a coordinate for each condition that the route does not set itself."""
        sets = getattr(route, "sets", ())
        moved = {name: one for name, one in conditions.items() if name not in sets}
        return cls(route, moved, {name: conditions[name] for name in sets if name in conditions})

    @property
    def bounds(self) -> Bounds:
        """The least and the most of each coordinate, those of conditions last."""
        return (*self.route.bounds, *(one.bounds for one in self.conditions.values()))

    @property
    def digest(self) -> str:
        """Names route and conditions: the same for the same outputs, on any day."""
        words = (f"{name} {one.bounds} {one.choices}" for name, one in self.conditions.items())
        defaults = (f"{name} {one.default}" for name, one in self.without.items())
        return digest_of(self.route.digest, *words, *defaults)

    def latents(self, positions: Sequence[Coordinates], /) -> NDArray[np.float32]:
        """Return the latents of the route: float32 ``(p, ..., *latent_shape)``."""
        return self.route.latents([self._own(at) for at in positions])

    def values(self, positions: Sequence[Coordinates], each: int = 1) -> dict[str, list[Any]]:
        """Return the conditions at some positions.

        Parameters
        ----------
        positions : sequence of tuple of float
            Coordinates within the bounds.
        each : int
            How many latents the route has at each position: so often is a value there.

        Returns
        -------
        dict of str to list
            By name, as `LatentSpace.decode` takes them.

        Raises
        ------
        LatentValueError
            If a coordinate stands for no choice.
        """
        first = len(self.route.bounds)
        found = {
            name: [one.value_at(at[first + i]) for at in positions]
            for i, (name, one) in enumerate(self.conditions.items())
        }
        found |= {name: [one.default] * len(positions) for name, one in self.without.items()}
        said = getattr(self.route, "conditions_at", None)
        if said is not None:
            for name, values in said([self._own(at) for at in positions]).items():
                before = found.get(name, values)
                found[name] = [
                    old if new is None else new for old, new in zip(before, values, strict=True)
                ]
        return {
            name: [one for one in values for _ in range(each)] for name, values in found.items()
        }

    def under(self, at: Coordinates, /) -> str:
        """Name the conditions at some coordinates, and what they are; empty where there are none.

        Raises
        ------
        LatentValueError
            If a coordinate stands for no choice.
        """
        return ", ".join(
            f"{name} {value if isinstance(value, str) else format(value, '.4g')}"
            for name, value in values_at(self, at).items()
        )

    def words(self, at: Coordinates, /) -> str:
        """Say where some coordinates are, and under which conditions."""
        said = [self.route.words(self._own(at))]
        first = len(self.route.bounds)
        for i, (name, one) in enumerate(self.conditions.items()):
            said.append(one.words(name, one.value_at(at[first + i])))
        return ", ".join(filter(None, said))

    def _own(self, at: Coordinates) -> Coordinates:
        return at[: len(self.route.bounds)]


def own_of(route: Route) -> Route:
    """Give a route without the coordinates of conditions.

    Examples
    --------
    >>> from latentwidgets.routes.path import Path
    >>> path = Path([[0.0], [1.0]], "lerp")
    >>> own_of(Conditioned.of(path, {})) is path, own_of(path) is path
    (True, True)
    """
    return route.route if isinstance(route, Conditioned) else route


def conditions_in(route: Route) -> Mapping[str, Condition]:
    """Give the conditions that have a coordinate of a route, by name."""
    return route.conditions if isinstance(route, Conditioned) else {}


def values_at(route: Route, at: Coordinates) -> dict[str, Any]:
    """Give the conditions at some coordinates of a route, by name; none where it has none.

    Raises
    ------
    LatentValueError
        If a coordinate stands for no choice.
    """
    if not isinstance(route, Conditioned):
        return {}
    return {name: value for name, [value] in route.values([at]).items()}
