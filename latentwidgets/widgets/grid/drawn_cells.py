"""All cells of a grid, decoded and drawn as they are at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from latentwidgets.errors import LatentValueError
from latentwidgets.widgets.grid.saved_cells import MOST_TILES, joined

if TYPE_CHECKING:
    import PIL.Image

    from latentwidgets.routes.grid import Grid
    from latentwidgets.routes.route import Coordinates
    from latentwidgets.widgets.snapshot import Snapshot

__all__ = ["decoded_cells", "drawn_cells", "grid_of", "positions_of"]


def grid_of(now: Snapshot) -> Grid:
    """Give the grid that is shown at a moment."""
    return cast("Grid", now.shown.own)


def positions_of(now: Snapshot) -> list[Coordinates]:
    """Say where the cells are, under the conditions that are set."""
    under = now.at[len(now.controls) :]
    return [(float(row), float(column), *under) for row, column in grid_of(now).places]


def decoded_cells(now: Snapshot) -> Any:
    """Decode all cells."""
    grid, space = grid_of(now), now.renderer.space
    if grid.count > MOST_TILES:
        raise LatentValueError(
            f"there are {grid.count:,} cells; one picture takes {MOST_TILES:,} at most. "
            "Pass some of them to another LatentGrid."
        )
    if not space.conditions:
        return space.decode(grid.latents())
    return joined(now.renderer.outputs(now.shown.route, positions_of(now)))


def drawn_cells(now: Snapshot, _at: Coordinates) -> PIL.Image.Image:
    """Draw all cells in one picture, wherever the controls are."""
    return now.renderer.framer().picture(decoded_cells(now), grid_of(now).columns.count)
