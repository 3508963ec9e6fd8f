"""What films, figures, copied code and pages show of a path."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.export.exported.route import (
    MOST_FRAMES,
    Asked,
    Code,
    ExportedRoute,
    Recording,
    Stops,
    array_code,
)
from latentwidgets.routes.path import Path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from latentwidgets.routes.route import Coordinates

__all__ = ["ExportedPath"]

# How many positions a saved page has, unless someone says; and what is tried for a cell's output.
POSITIONS = 33
TRIED = (3, 5, 9, 17, 33)


class ExportedPath(ExportedRoute[Path]):
    """A path as it is exported: t goes from 0 to 1."""

    has_pages, fewest = True, 9

    def first_latents(self) -> NDArray[Any]:
        """Give its first anchor."""
        first: NDArray[Any] = self.route.anchors[0]
        return first

    def way(self, at: Coordinates, along: str | None) -> Callable[[float], Coordinates]:
        """Go from end to end."""
        return lambda t: (float(t),)

    def stops(self, at: Coordinates, count: int) -> Stops:
        """Give even steps."""
        times = np.linspace(0, 1, count).tolist()
        return Stops([(t,) for t in times], tuple(f"{t:.3g}" for t in times), "t")

    def code(self, at: Coordinates, latent: NDArray[np.float32]) -> Code:
        """Write the path and where on it; the latent where its prior is needed, or it was found."""
        path = self.route
        needs_prior = path.method == "gaussian" and (path.prior is None or path.prior.mean.any())
        if path.method == "geodesic" or needs_prior:
            return super().code(at, latent)
        timing = "" if path.timing is None else f", timing={array_code(path.timing)}"
        lines = [
            f"anchors = {array_code(path.anchors)}",
            f"path = lw.Path(anchors, {path.method!r}, closed={path.closed}{timing})",
            f"latent = path({at[0]!r}).astype(np.float32)",
        ]
        return Code(lines, needs_lw=True)

    def recording(self, asked: Asked) -> Recording:
        """Take even steps, and the places that a click leads to."""
        at, state, count = asked.at, asked.state, asked.positions or POSITIONS
        even = [i / (count - 1) for i in range(count)]
        clicked = min(int(state["filmstrip"]), asked.filmstrip)
        film = [i / (clicked - 1) if i else 0.0 for i in range(clicked)]
        marks = [float(t) for t in state["_marks"]]
        places = [(t,) for t in sorted({*even, *film, *marks, float(at[0])})]
        changed = {
            "_methods": {state["method"]: state["_methods"].get(state["method"], "")},
            "_way": {"sought": False, "words": "", "drawn": False, "even": False, "withheld": {}},
            "strip_length": count,
            "filmstrip": clicked,
            "playing": False,
            "value": float(at[0]),
        }
        return Recording(places, places, changed, f"{len(places)} pictures along the path")

    def choices(self, asked: Asked) -> Iterator[Asked]:
        """Try ever more positions, as far as a page may hold them; the filmstrip has no more."""
        room = (MOST_FRAMES - len(asked.state["_marks"]) - 1) // 2
        counts = (count for count in TRIED if count <= room)
        return (replace(asked, positions=count, filmstrip=count) for count in counts)
