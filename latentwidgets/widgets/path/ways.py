"""How a path shall run: some ways are known at once, others have to be found, step by step."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from latentwidgets.analysis.geodesic_search import MOST_DIRECTIONS
from latentwidgets.analysis.path_geodesic import DATA_WEIGHT, geodesic_path_steps
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import kind_named
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.gaussian import known
from latentwidgets.routes.path import Path
from latentwidgets.routes.route import digest_of
from latentwidgets.routes.speeds import even_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.analysis.path_geodesic import Geodesic
    from latentwidgets.common.pieces import Pieces, Steps
    from latentwidgets.space.latent_space import LatentSpace

__all__ = [
    "Found",
    "Way",
    "check_method",
    "check_way",
    "found_before",
    "has_geodesics",
    "has_speeds",
    "offered",
    "saving_of",
    "saving_words",
    "withheld",
]

Value = TypeVar("Value")

# What the page says of each method: how it joins two anchors.
ABOUT = {
    "slerp": "along the arc from each anchor to the next, round the origin; lengths change evenly",
    "lerp": "straight from each anchor to the next; midway latents are shorter than at the anchors",
    "nlerp": "the directions of lerp, with a length that changes evenly",
    "spline": "one smooth curve through all anchors, without a corner at any of them",
    "gaussian": "a mix that follows the prior's law, for anchors drawn from it independently",
    "geodesic": "the way on which the output changes least; looked for while you rest",
}

# For an even speed outputs are compared at so many places, spread over the segments, but at least
# at so many in each.
PLACES, FEWEST = 256, 16
# A saving that is smaller than this share of the length is none.
NOTHING = 0.005


class Found(NamedTuple):
    """A path that was found.

    Attributes
    ----------
    key : str
        Names the way that was asked for.
    path : Path
        The path.
    words : str
        What was gained.
    seconds : float or None
        Of a geodesic that was looked for, how long the search took.
    """

    key: str
    path: Path
    words: str
    seconds: float | None = None


@dataclass(frozen=True)
class Way:
    """How a path shall run.

    Attributes
    ----------
    space : LatentSpace
        What decodes.
    anchors : ndarray
        ``(m, *latent_shape)``.
    method : str
        As of `Path`; or "geodesic".
    closed, even_speed : bool
        Whether it returns to its first anchor, and whether the output changes at an even speed.
    """

    space: LatentSpace
    anchors: NDArray[np.float32]
    method: str
    closed: bool
    even_speed: bool

    @property
    def key(self) -> str:
        """Names the way: the same for equal ones."""
        return digest_of(self.anchors, self.method, str(self.closed), str(self.even_speed))

    @property
    def is_known(self) -> bool:
        """Whether it need not be found."""
        return self.method != "geodesic" and not self.even_speed

    def plain(self) -> Path:
        """Give the path that is shown until it is found: for a geodesic slerp."""
        method = "slerp" if self.method == "geodesic" else self.method
        return Path(self.anchors, method, closed=self.closed, space=self.space)

    def steps(self, conditions: Any, pieces: Pieces) -> Steps[Found]:
        """Find it under some conditions, step by step.

        Raises
        ------
        LatentValueError
            If the output does not change along it.
        DecodeError
            If the decoder raises.
        """
        path, words, seconds = self.plain(), "Even speed of the output.", None
        if self.method == "geodesic":
            steps = geodesic_path_steps(
                self.space,
                self.anchors,
                closed=self.closed,
                conditions=conditions,
                pieces=pieces,
            )
            (path, parts), seconds = yield from clocked(steps)
            words = saving_words(parts)
        if self.even_speed:
            how, plain = distance_of(self.space, "l2", None), path.timed(None)
            n = max(FEWEST, PLACES // (len(path.marks) - 1 + path.closed))
            even = yield from even_steps(self.space, plain, how, n, conditions, pieces)
            path = plain.timed(even.timing)
        return Found(self.key, path, words, seconds)


def found_before(space: LatentSpace, path: Any) -> Found | None:
    """Take a path that was found another time; None where it is one that need not be found."""
    anchors, even = np.asarray(path.anchors, np.float32), path.timing is not None
    way = Way(space, anchors, path.method, path.closed, even)
    return None if way.is_known else Found(way.key, path, "As it was found before.")


def clocked(steps: Steps[Value]) -> Steps[tuple[Value, float]]:
    """Give what steps return, and how many seconds these took by themselves."""
    seconds = 0.0
    while True:
        start = time.perf_counter()
        try:
            next(steps)
        except StopIteration as end:
            return end.value, seconds + time.perf_counter() - start
        seconds += time.perf_counter() - start
        yield


def saving_of(parts: tuple[Geodesic, ...]) -> tuple[float, str]:
    """Give how much shorter geodesics are than the shorter of lerp and slerp, all together.

    Returns
    -------
    float
        As a share of that.
    str
        Which of the two it is.
    """
    known = {
        name: sum(getattr(one, f"{name}_length") for one in parts) for name in ("lerp", "slerp")
    }
    length, best = sum(one.length for one in parts), min(known, key=lambda name: known[name])
    return 1 - length / known[best] if known[best] > 0 else 0.0, best


def saving_words(parts: tuple[Geodesic, ...]) -> str:
    """Say how much shorter geodesics are than the shorter of lerp and slerp, all together."""
    saved, best = saving_of(parts)
    if abs(saved) < NOTHING:
        return f"No shorter than {best}."
    if saved > 0:
        return f"{saved:.0%} shorter than {best}."
    return f"{-saved:.0%} longer than {best}, but nearer to the data (weight {DATA_WEIGHT:g})."


def has_speeds(space: LatentSpace) -> bool:
    """Tell whether outputs are numbers, which alone have a speed. It may decode a sample."""
    return bool(kind_named(space.kind).has_derivative)


def has_geodesics(space: LatentSpace) -> bool:
    """Tell whether latents have few enough numbers to look for geodesics."""
    return math.prod(space.latent_shape) <= MOST_DIRECTIONS


def check_way(space: LatentSpace, what: str, *, geodesic: bool) -> None:
    """Refuse ways that cannot be found in a space.

    Raises
    ------
    LatentValueError
        If this is one.
    """
    if not has_speeds(space):
        raise LatentValueError(
            f"{what} asks for outputs that are numbers; {space.name} decodes to {space.kind}. Take "
            "method='slerp' at its own speed."
        )
    if geodesic and not has_geodesics(space):
        raise LatentValueError(
            f"{what} asks for latents of at most {MOST_DIRECTIONS} numbers; those of {space.name} "
            f"have {math.prod(space.latent_shape)}. Walk along lw.analysis.geodesic(space, a, b, "
            "within=directions).path: anchors=path(np.linspace(0, 1, 17)), method='spline'."
        )


def offered(space: LatentSpace) -> dict[str, str]:
    """Give the methods that there are for a space, each with what the page says of it."""
    left_out = withheld(space)
    return {method: words for method, words in ABOUT.items() if method not in left_out}


def withheld(space: LatentSpace) -> dict[str, str]:
    """Give the methods that there are not for a space, each with why, as the page says it."""
    why = {}
    if space.normal_prior is None:
        why["gaussian"] = "asks for a normal prior: give the space prior=lw.NormalPrior(...)"
    if not has_speeds(space):
        why["geodesic"] = f"asks for outputs that are numbers; these are of the kind {space.kind}"
    elif not has_geodesics(space):
        why["geodesic"] = (
            f"is looked for among latents of at most {MOST_DIRECTIONS} numbers, and these have "
            f"{math.prod(space.latent_shape)}: lw.analysis.geodesic(space, a, b, "
            "within=directions) looks along a few directions"
        )
    return why


def check_method(space: LatentSpace, method: str) -> None:
    """Refuse a method that the prior or the outputs of a space do not allow.

    Raises
    ------
    LatentValueError
        If this is one.
    """
    if method == "gaussian":
        known(space.normal_prior, "method 'gaussian'")
    if method == "geodesic":
        check_way(space, "method 'geodesic'", geodesic=True)
