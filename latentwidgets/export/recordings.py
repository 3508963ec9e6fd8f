"""What a saved page shows: the places whose frames it holds, and what its controls know."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from latentwidgets.common.checks import check_whole
from latentwidgets.common.items import check_items
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.path import Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from latentwidgets.routes.route import Coordinates, Route

__all__ = ["MOST_FRAMES", "Recording", "recording_of"]

# A page holds at most so many pictures: more would be slow to open and to mail.
MOST_FRAMES = 4096
# How many positions of a slider, for one slider, two and three that move together.
POSITIONS = {1: 33, 2: 9, 3: 5}
# Traits of an editor that say something of each direction.
OF_DIRECTIONS = ("_rows", "_ranges", "_origin", "_left", "_units", "_gains")


class Recording(NamedTuple):
    """What a page holds in place of a kernel.

    Attributes
    ----------
    places : sequence of tuple of float
        Coordinates of the widget's own controls, as the kernel knows them; no two alike.
    shown : sequence of tuple of float
        The same as the page knows them, which may have fewer controls. Empty coordinates stand for
        the picture before any edit.
    state : dict
        What the page's traits hold, where that is not what the widget's do.
    words : str
        What the places are.
    """

    places: Sequence[Coordinates]
    shown: Sequence[Coordinates]
    state: dict[str, Any]
    words: str


def recording_of(
    route: Route,
    at: Coordinates,
    state: Mapping[str, Any],
    *,
    conditions: Mapping[str, Any],
    positions: int | None,
    directions: str | Iterable[str] | None,
) -> Recording:
    """Say which frames a page is to hold.

    Parameters
    ----------
    route : Route
        That of the widget's own controls: a path, an edit or a grid.
    at : tuple of float
        Where these are.
    state : mapping of str to object
        The widget's traits, which may be of a later moment: where the controls are, and under which
        conditions, the page has of `at` and `conditions`.
    conditions : mapping of str to object
        What frames are decoded under.
    positions, directions
        As of `Interpolator.save_html`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used, or there would be too many frames.
    """
    if positions is not None:
        positions = check_whole(positions, "positions", least=2, most=1025)
    if isinstance(route, Edit):
        found = _of_edit(route, at, state, positions, directions)
    elif directions is not None:
        raise LatentValueError("directions is for editors; leave it out.")
    elif isinstance(route, Path):
        found = _of_path(at, state, positions or POSITIONS[1])
    elif isinstance(route, Grid):
        if positions is not None:
            raise LatentValueError("positions is for sliders; a grid's page holds its cells.")
        found = _of_grid(route, at)
    else:
        raise LatentValueError(
            "a page of this widget cannot be saved yet: only those of an Interpolator, a "
            "DirectionEditor and a LatentGrid. save_image keeps its picture."
        )
    if len(found.places) > MOST_FRAMES:
        raise LatentValueError(
            f"the page would hold {len(found.places):,} pictures; expected {MOST_FRAMES:,} at "
            "most. Take fewer positions, directions or cells."
        )
    found.state["conditions"] = dict(conditions)
    return found


def _of_path(at: Coordinates, state: Mapping[str, Any], count: int) -> Recording:
    """Take even steps, and the places that a click leads to."""
    even = [i / (count - 1) for i in range(count)]
    clicked = int(state["filmstrip"])
    film = [i / (clicked - 1) if i else 0.0 for i in range(clicked)]
    marks = [float(t) for t in state["_marks"]]
    places = [(t,) for t in sorted({*even, *film, *marks, float(at[0])})]
    changed = {
        "_methods": {state["method"]: state["_methods"].get(state["method"], "")},
        "_way": {"sought": False, "words": "", "drawn": False, "even": False},
        "strip_length": count,
        "playing": False,
        "value": float(at[0]),
    }
    return Recording(places, places, changed, f"{len(places)} pictures along the path")


def _of_edit(
    edit: Edit,
    at: Coordinates,
    state: Mapping[str, Any],
    count: int | None,
    directions: str | Iterable[str] | None,
) -> Recording:
    """Take a lattice over some directions; the others stay as they are, and are not shown."""
    names = edit.directions.names
    rows = _chosen(edit, at, directions)
    count = POSITIONS[len(rows)] if count is None else count
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
    changed: dict[str, Any] = {name: [state[name][i] for i in rows] for name in OF_DIRECTIONS}
    changed["_gains"] = [[row[i] for i in rows] for row in changed["_gains"]]
    changed["_starts"] = [[row[i] for i in rows] for row in state["_starts"]]
    changed["_readings"] = _readings(state, at, rows)
    changed["value"] = {names[i]: float(at[i]) for i in rows}
    changed |= {"_modes": [state["mode"]], "hold": [], "_curves": {}, "_full": [], "profiles": {}}
    changed |= {"_layers": [], "strip_length": count}
    listed = " and ".join(", ".join(names[i] for i in rows).rsplit(", ", 1))
    words = f"{len(places)} pictures, {count} positions or more of {listed}"
    stay = [i for i, x in enumerate(at) if i not in rows and x != edit.origin[i]]
    if stay:
        told = ", ".join(f"{names[i]} {f'{at[i]:+.3g}'.replace('-', '−')} σ" for i in stay)
        words += f", always with {told}"
    if edit.hold:
        words += f", holding {', '.join(edit.hold)}"
    return Recording([*places, edit.origin.tolist()], [*shown, ()], changed, words)


def _chosen(edit: Edit, at: Coordinates, directions: str | Iterable[str] | None) -> list[int]:
    """Say which directions move: those named, else those of the edit, else the first two."""
    names = edit.directions.names
    if directions is None:
        moved = [i for i, (x, start) in enumerate(zip(at, edit.origin, strict=True)) if x != start]
        return (moved or [*range(len(names))])[:2]
    listed = [directions] if isinstance(directions, str) else directions
    given = check_items(listed, "directions is", "names of directions")
    for name in given:
        if not isinstance(name, str) or name not in names:
            raise LatentValueError(f"directions names {brief(name)}. {hint(name, names)}")
    if not 1 <= len(given) <= max(POSITIONS) or len({*given}) < len(given):
        raise LatentValueError(
            f"directions names {len(given)}; expected one to {max(POSITIONS)}, each once: all that "
            "they do together is decoded."
        )
    return [names.index(name) for name in given]


def _readings(state: Mapping[str, Any], at: Coordinates, rows: Sequence[int]) -> list[list[float]]:
    """Give what is read of each base, with what directions that are not shown add to it."""
    # At the origin a direction leaves every base as it is.
    moved = [j for j, x in enumerate(at) if j not in rows and x != state["_origin"][j]]
    return [
        [own[i] + sum(state["_gains"][i][j] * (at[j] - starts[j]) for j in moved) for i in rows]
        for own, starts in zip(state["_readings"], state["_starts"], strict=True)
    ]


def _of_grid(grid: Grid, at: Coordinates) -> Recording:
    """Take every cell."""
    places = [(float(row), float(column)) for row, column in grid.places.tolist()]
    changed: dict[str, Any] = {"selection": [], "value": [float(one) for one in at]}
    return Recording(places, places, changed, f"all {len(places)} cells")
