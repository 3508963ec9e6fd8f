"""What films, figures, copied code and pages show of an edit."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.items import check_items
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentValueError
from latentwidgets.export.exported.route import (
    MOST_FRAMES,
    Asked,
    Code,
    ExportedRoute,
    Recording,
    Stops,
    array_code,
)
from latentwidgets.routes.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.route import Coordinates

__all__ = ["ExportedEdit"]

# How many positions of a slider a saved page has, for one slider, two and three that move together.
POSITIONS = {1: 33, 2: 9, 3: 5}
# What is tried for a cell's output: how many directions, and how many positions of each.
TRIED = ((1, 5), (2, 3), (2, 5), (2, 9))
TRIED_OF_ONE = ((1, 5), (1, 9), (1, 17), (1, 33))
# Traits of an editor that say something of each direction.
OF_DIRECTIONS = ("_rows", "_ranges", "_origin", "_left", "_units", "_gains")


class ExportedEdit(ExportedRoute[Edit]):
    """An edit as it is exported: films go from its base to the edited latent."""

    has_pages, takes_directions, fewest = True, True, 9

    @property
    def many_latents(self) -> bool:
        """Whether there are several bases."""
        return self.route.bases.shape != self.route.directions.latent_shape

    def first_latents(self) -> NDArray[Any]:
        """Give its bases."""
        return self.route.bases

    def way(self, at: Coordinates, along: str | None) -> Callable[[float], Coordinates]:
        """Go from the base to what is edited; or along one direction, over its limits."""
        directions = self.route.directions
        names, start, end = directions.names, np.array(self.route.origin), np.array(at, float)
        if along is not None:
            if not isinstance(along, str) or along not in names:
                raise LatentValueError(f"along is {brief(along)}. {hint(along, names)}")
            start, end = end.copy(), end.copy()
            row = names.index(along)
            start[row], end[row] = directions[along].limits
        if np.array_equal(start, end):
            raise LatentValueError(
                "nothing is edited, so nothing would move. Set an amount, or pass along="
                f"{brief(names[0])} to move along one direction."
            )
        return lambda t: tuple((start + t * (end - start)).tolist())

    def stops(self, at: Coordinates, count: int) -> Stops:
        """Give the base, and what it is edited to."""
        return Stops([tuple(self.route.origin.tolist()), at], ("base", self.route.words(at)))

    def code(self, at: Coordinates, latent: NDArray[np.float32]) -> Code:
        """Write the base, and what each amount adds; the latents where each base moves apart."""
        edit = self.route
        amounts = np.asarray(at or edit.origin, np.float64)
        steps = np.where(amounts == edit.origin, 0.0, amounts - edit.starts)
        if (steps != steps[0]).any():
            return super().code(at, latent)
        base = f"base = {array_code(edit.bases)}"
        names = dict(zip(edit.directions.names, steps[0].tolist(), strict=True))
        moved = {name: step for name, step in names.items() if step}
        if not moved:
            return Code([base, "latent = base"])
        shape = edit.directions.latent_shape
        rows = zip(edit.directions.names, edit.moves, strict=True)
        moves = [
            f"    {name!r}: {array_code(row.reshape(shape))},"
            for name, row in rows
            if name in moved
        ]
        about = "how far from the base, in sigmas" if edit.absolute else "in sigmas"
        lines = [
            base,
            f"amounts = {moved!r}  # {about}",
            "moves = {  # what one sigma of each adds",
            *moves,
            "}",
            "latent = base + sum(amounts[name] * moves[name] for name in amounts)",
            "latent = latent.astype(np.float32)",
        ]
        return Code(lines)

    def recording(self, asked: Asked) -> Recording:
        """Take a lattice over some directions; the others stay as they are.

        They are on the page only where that can move them.
        """
        edit, names = self.route, self.route.directions.names
        at, state = asked.at, asked.state
        rows = self._chosen(at, asked.directions)
        count = asked.positions or POSITIONS[len(rows)]
        if count ** len(rows) > MOST_FRAMES:  # before a list of them is made
            raise LatentValueError(
                f"{count} positions of each of {len(rows)} directions are {count ** len(rows):,} "
                f"pictures; expected {MOST_FRAMES:,} at most. Take fewer."
            )
        axes = []
        for i in rows:
            low, high = state["_ranges"][i]
            even = [low + j / (count - 1) * (high - low) for j in range(count)]
            axes.append(sorted({*even, float(at[i]), float(edit.origin[i])}))
        shown = [*itertools.product(*axes)]
        places = []
        for place in shown:
            whole = [float(x) for x in at]
            for i, x in zip(rows, place, strict=True):
                whole[i] = x
            places.append(tuple(whole))
        kept = [*range(len(names))] if asked.live else rows
        changed: dict[str, Any] = {name: [state[name][i] for i in kept] for name in OF_DIRECTIONS}
        changed["_gains"] = [[row[i] for i in kept] for row in changed["_gains"]]
        changed["_starts"] = [[row[i] for i in kept] for row in state["_starts"]]
        changed["_readings"] = _readings(state, at, kept)
        changed["value"] = {names[i]: float(at[i]) for i in kept}
        changed |= {"_modes": [state["mode"]], "hold": [], "_curves": {}, "_full": []}
        changed |= {"profiles": {}, "_layers": [], "strip_length": count}
        listed = " and ".join(", ".join(names[i] for i in rows).rsplit(", ", 1))
        words = f"{len(places)} pictures, {count} positions or more of {listed}"
        stay = [i for i, x in enumerate(at) if i not in rows and x != edit.origin[i]]
        if stay:
            told = ", ".join(f"{names[i]} {f'{at[i]:+.3g}'.replace('-', '−')} σ" for i in stay)
            words += f", always with {told}"
        if edit.hold:
            words += f", holding {', '.join(edit.hold)}"
        shown = places if asked.live else shown
        return Recording([*places, tuple(edit.origin.tolist())], [*shown, ()], changed, words)

    def choices(self, asked: Asked) -> Iterator[Asked]:
        """Try ever more positions, first of one direction, then of two."""
        names = [self.route.directions.names[i] for i in self._moved(asked.at)]
        for directions, count in TRIED if len(names) > 1 else TRIED_OF_ONE:
            yield replace(asked, positions=count, directions=names[:directions])

    def _chosen(self, at: Coordinates, directions: str | Iterable[str] | None) -> list[int]:
        """Say which directions move: those named, else those of the edit, else the first two."""
        names = self.route.directions.names
        if directions is None:
            return self._moved(at)
        listed = [directions] if isinstance(directions, str) else directions
        given = check_items(listed, "directions is", "names of directions")
        for name in given:
            if not isinstance(name, str) or name not in names:
                raise LatentValueError(f"directions names {brief(name)}. {hint(name, names)}")
        if not 1 <= len(given) <= max(POSITIONS) or len({*given}) < len(given):
            raise LatentValueError(
                f"directions names {len(given)}; expected one to {max(POSITIONS)}, each once: "
                "every combination of their positions is decoded."
            )
        return [names.index(name) for name in given]

    def _moved(self, at: Coordinates) -> list[int]:
        """Give the first two directions that are moved, or else the first two of all."""
        pairs = zip(at, self.route.origin, strict=True)
        moved = [i for i, (x, start) in enumerate(pairs) if x != start]
        return (moved or [*range(len(self.route.directions))])[:2]


def _readings(state: Mapping[str, Any], at: Coordinates, rows: Sequence[int]) -> list[list[float]]:
    """Give what is read of each base, with what directions that are not shown add to it."""
    # At the origin a direction leaves every base as it is.
    moved = [j for j, x in enumerate(at) if j not in rows and x != state["_origin"][j]]
    return [
        [own[i] + sum(state["_gains"][i][j] * (at[j] - starts[j]) for j in moved) for i in rows]
        for own, starts in zip(state["_readings"], state["_starts"], strict=True)
    ]
