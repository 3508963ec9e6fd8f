"""`cells_for_page`: what the page of a grid is told of its cells."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from latentwidgets.routes.grid import Grid

__all__ = ["cells_for_page"]


def cells_for_page(grid: Grid) -> dict[str, Any]:
    """Say what the page must know of a grid."""
    return {
        "rows": asdict(grid.rows),
        "columns": asdict(grid.columns),
        "count": grid.count,
        "continuous": grid.continuous,
        "marks": [[row, column, text] for (row, column), text in grid.marks.items()],
        "note": ". ".join(filter(None, (grid.note, grid.about_asides))),
        "asides": list(grid.asides),
        "says": [[row, column, text] for (row, column), text in grid.says.items()],
    }
