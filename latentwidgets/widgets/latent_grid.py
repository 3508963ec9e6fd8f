"""LatentGrid: many decodes at once, to choose from and to move between."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from typing_extensions import Unpack

from latentwidgets.common.attributes import attribute, has
from latentwidgets.common.checks import check_whole, real_array, real_number
from latentwidgets.common.items import check_ordered
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.engine import Renderer, ordinary_of
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.shared.figure import grid_figure
from latentwidgets.routes import grids
from latentwidgets.routes.grid import Grid
from latentwidgets.space.held import held_by
from latentwidgets.space.inputs import latents_from, one_latent, shape_of
from latentwidgets.widgets.code import Code, static
from latentwidgets.widgets.grid import makers
from latentwidgets.widgets.grid.drawn_cells import (
    decoded_cells,
    drawn_cells,
    grid_of,
    positions_of,
)
from latentwidgets.widgets.grid.makers import Maker
from latentwidgets.widgets.grid.page_cells import cells_for_page
from latentwidgets.widgets.grid.saved_cells import (
    first_cells,
    picture_of_cells,
)
from latentwidgets.widgets.paged import Paged
from latentwidgets.widgets.snapshot import shown_by
from latentwidgets.widgets.trait_types import GridTraits
from latentwidgets.widgets.traits import Array, Checked, Count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.export.picture import Still
    from latentwidgets.routes.route import Coordinates
    from latentwidgets.widgets.snapshot import Snapshot


# The first cells may take so long: nothing is shown meanwhile.
STILL_SECONDS = 2.0


class LatentGrid(Paged):
    """See many decodes at once, choose some, and hand one on.

    A click chooses a cell, with Shift a block of them, with Ctrl one more; so do the arrow keys.
    A cell pointed at or chosen last is enlarged. A double click, or Enter, hands it on as `latent`.
    On a plane and between corners, dragging moves a point through all that lies between cells.

    Parameters
    ----------
    space : LatentSpace or object
        The space the latents belong to, or anything that `as_space` takes. The current latent is
        compared with its data, or its holder's; with samples of the prior where there are none.
    latents : array_like, shape (n, *latent_shape) or (rows, columns, *latent_shape), optional
        One for each cell, those of the space's data if None; or images, where the space encodes,
        under the widget's conditions. Or a grid that one of `latentwidgets.routes.grids` made.
    columns : int, optional
        How many columns; as many as rows if None, but at most 12.
    row_names, column_names : iterable of str
        Headings.
    **traits
        Other traits: `value`, `selection`, `cell_size` and `height` (CSS pixels), `size` (of the
        enlarged picture), `frame_memory` (MB), `smooth`, `saved_bytes`, `layout`; `run`,
        `page_memory`, `page_gpu` as of `Interpolator`, and `runs_in` to be read.

    Attributes
    ----------
    value : tuple of float
        Row and column of the cell that was handed on last, or of the point that was dragged; the
        base's at first, where there is one.
    latent : ndarray of float32, shape latent_shape
        The latent there. Setting one moves to the cell nearest to it.
    selected : int or None
        The cell that was chosen last, counted row by row.
    selection : tuple of int
        All cells that are chosen, in the order in which they were.
    latents : ndarray of float32, shape (n, *latent_shape)
        Those of the cells, row by row. Setting them shows others.
    grid : Grid
        What the cells are; see `latentwidgets.routes.grids`. Can be set.
    cell_conditions : dict
        What the current cell is decoded under.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used; the message says what was expected.
    DecodeError
        If the decoder fails on the first cell.

    See Also
    --------
    LatentGrid.samples : samples of the prior.
    LatentGrid.traversals : one latent moved along directions.
    LatentGrid.plane : a plane spanned by two directions.
    LatentGrid.table : several latents moved along one direction.
    LatentGrid.corners : the space between four latents.
    LatentGrid.analogy : what is to c as b is to a.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> grid = lw.LatentGrid(digits.space, digits.latents[:12], columns=4)
    >>> grid.selection = [3, 5]
    >>> grid.latents[list(grid.selection)].shape
    (2, 10)
    >>> grid.image().size
    (131, 98)
    """

    _esm = static("latent_grid.js")
    _css = static("latent_grid.css")

    grid = Checked(
        "_check_grid", expected="a grid of latentwidgets.routes.grids", help="The cells."
    )
    latents = Array("_check_latents", help="The latents of the cells, row by row.")
    value = Checked(
        "_check_value", expected="row and column", help="Row and column of the latent."
    ).tag(sync=True)
    latent = Array("_check_latent", take="_go_to", help="The latent at `value`.")
    selected = Checked(
        "_check_selected", expected="a cell's number", optional=True, help="Chosen last."
    ).tag(sync=True)
    selection = Checked(
        "_check_selection", expected="numbers of cells", help="All that are chosen."
    ).tag(sync=True)
    size = Count(
        224, least=32, most=4096, help="Width of the enlarged picture, in CSS pixels."
    ).tag(sync=True)
    cell_size = Count(64, least=16, most=4096, help="Width of a cell, in CSS pixels.").tag(
        sync=True
    )
    height = Count(
        480, least=64, most=4096, help="What is higher than this is scrolled, in CSS pixels."
    ).tag(sync=True)

    _cells: Any = traitlets.Dict(help="What the page knows of the grid.").tag(sync=True)

    _lets_go = ("grid", "latents", "latent")
    # Nobody watches one frame while cells fill: a batch may be as large as the model likes it.
    _piece_seconds = 0.25

    @checked_keywords
    def __init__(
        self,
        space: Any,
        latents: Any = None,
        *,
        columns: int | None = None,
        row_names: Iterable[str] = (),
        column_names: Iterable[str] = (),
        **traits: Unpack[GridTraits],
    ) -> None:
        for name in ("latent", "grid"):
            if name in traits:
                raise LatentTypeError(f"{name} follows from latents and value; pass these.")
        held = held_by(space)
        space = held.space
        if latents is None:
            latents = held.rows("latents")
        if not isinstance(latents, Grid):
            names = {"row_names": row_names, "column_names": column_names}
            under = traits.get("conditions")
            latents = _cells_of(space, latents, columns=columns, conditions=under, **names)
        given = {"value": latents.start, "selection": (), **traits}
        super().__init__(Renderer(space), ordinary_of(*held), grid=latents, **given)

    @property
    def cell_conditions(self) -> dict[str, Any]:
        """What the current cell is decoded under: `conditions`, and what its row and column say."""
        said = self.grid.conditions_at
        here = {} if said is None else said([self.value])
        own = {name: value for name, [value] in here.items() if value is not None}
        return {**self.conditions, **own}

    # What a person calls

    samples = Maker(makers.samples)
    traversals = Maker(makers.traversals)
    plane = Maker(makers.plane)
    table = Maker(makers.table)
    corners = Maker(makers.corners)
    analogy = Maker(makers.analogy)

    def _snapshot(self) -> Snapshot | None:
        now = super()._snapshot()
        return None if now is None else replace(now, draw=partial(drawn_cells, now))

    def figure(self) -> Figure:
        """Draw all cells with their headings.

        Returns
        -------
        matplotlib.figure.Figure
            Ready for ``savefig``; text in it stays text, and lines stay lines.

        Raises
        ------
        LatentValueError
            If there are more than 10,000 cells.
        DecodeError
            If the decoder raises or returns something that is not an image.
        """
        now = shown_by(self)
        grid = grid_of(now)
        rows, columns = grid.rows, grid.columns
        decoded = decoded_cells(now)
        return grid_figure(
            now.renderer.framer(),
            decoded,
            columns.count,
            row_names=rows.names,
            column_names=columns.names,
            row_title=rows.title if rows.names else "",
            column_title=", ".join(
                filter(None, (columns.title if columns.names else "", grid.note))
            ),
            marks=grid.marks,
            says=grid.says or grid.asides_at(),
        )

    # What the base class asks

    def _contents(self) -> list[str]:
        return [f"{self.grid.count:,} cells"]

    def _at(self) -> Coordinates:
        at: Coordinates = self.value
        return at

    def _still(self, now: Snapshot) -> Still | None:
        """Give a picture of the first cells; their frames are kept, since the page wants them.

        The grid is not shown before it is there: of a slow decoder it has few cells, or one.
        """
        still: Still | None = self._drawn(self._still_of_cells, now)
        if still is None:
            return super()._still(now)
        if isinstance(self._code, Code):
            # What runs a notebook without a browser saves what it was told last.
            self.send_state("_picture")
        return still

    def _still_of_cells(self, now: Snapshot) -> Still | None:
        about: dict[str, Any] = {"seconds": STILL_SECONDS, "cell_size": int(self.cell_size)}
        columns = grid_of(now).columns.count
        return picture_of_cells(now.renderer, now.name, positions_of(now), columns, **about)

    def _first_pictures(self) -> Any:
        """Give the cells that are decoded, or soon are: a page without a kernel gets no others.

        The first message about a grid has but one: nobody is to wait for it.
        """
        first = super()._first_pictures()
        rest = self._drawn(self._first_cells) if first and self.comm is not None else []
        return [first, *rest] if rest else first

    def _first_cells(self, now: Snapshot) -> list[dict[str, Any]]:
        return first_cells(now.renderer, positions_of(now), now.at, int(self.saved_bytes))

    # What can be set

    def _check_grid(self, given: Any) -> Grid:
        if not isinstance(given, Grid):
            raise LatentTypeError(
                f"grid is a {type(given).__name__}; expected what a function of "
                "latentwidgets.routes.grids returns. Latents are set as `latents`."
            )
        self.space.check(given.latents(), "latents of the grid")
        return given

    def _check_latents(self, given: Any) -> NDArray[np.float32]:
        return latents_from(self.space, given, "latents", conditions=self.conditions)

    def _check_value(self, given: Any) -> tuple[float, float]:
        grid: Grid = self.grid
        place = check_ordered(given, "value is", "row and column")
        if len(place) != 2:
            raise LatentTypeError(f"value is {brief(given)}; expected row and column.")
        row = real_number(place[0], "the row of value", least=0, most=grid.rows.count - 1)
        column = real_number(place[1], "the column of value", least=0, most=grid.columns.count - 1)
        if grid.continuous:
            return row, column
        if row != int(row) or column != int(column):
            raise LatentValueError(
                f"value is {brief(given)}; between these cells there is nothing."
            )
        if row * grid.columns.count + column >= grid.count:
            raise LatentValueError(f"value is {brief(given)}; the last row ends before that.")
        return row, column

    def _check_latent(self, given: Any) -> NDArray[np.float32]:
        return one_latent(self.space, given, conditions=self.conditions)

    def _go_to(self, latent: NDArray[np.float32]) -> None:
        """Go to the cell that is nearest."""
        gaps = (self.latents - latent).reshape(self.grid.count, -1)
        row, column = divmod(int(np.argmin(np.linalg.norm(gaps, axis=1))), self.grid.columns.count)
        self.value = (float(row), float(column))

    def _check_selected(self, given: Any) -> int:
        return check_whole(given, "selected", least=0, most=self.grid.count - 1)

    def _check_selection(self, given: Any) -> tuple[int, ...]:
        several = attribute(given, "ndim", 1)
        with suppress(Exception):  # what has no length is refused below, whatever it raises
            if several and not len(given):
                return ()
        numbers = real_array(given if several else [given], "selection")
        if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
            raise LatentTypeError(f"selection is {brief(given)}; expected numbers of cells.")
        if numbers.min() < 0 or numbers.max() >= self.grid.count:
            raise LatentValueError(
                f"selection reaches from {numbers.min()} to {numbers.max()}; expected numbers of "
                f"cells, from 0 to {self.grid.count - 1}."
            )
        return tuple(dict.fromkeys(numbers.tolist()))

    # What follows from what

    @traitlets.observe("grid")
    def _follow_grid(self, change: Any) -> None:
        old, new = change["old"], change["new"]
        # One message: the page must not see the cells of one grid with the name of another.
        with self.hold_sync():
            self._cells = cells_for_page(new)
            self._show(new)
            self.latents = new.latents()
            if old is not None:  # what was chosen were other cells
                self.selection = ()
                self.value = new.start
            self._follow()

    @traitlets.observe("latents")
    def _follow_latents(self, change: Any) -> None:
        if not np.array_equal(change["new"], self.grid.latents()):
            self.grid = grids.cells(np.asarray(change["new"]), columns=self.grid.columns.count)

    @traitlets.observe("value")
    def _follow_value(self, _change: Any) -> None:
        self._follow()

    @traitlets.observe("selection")
    def _follow_selection(self, _change: Any) -> None:
        self.selected = self.selection[-1] if self.selection else None

    @traitlets.observe("selected")
    def _follow_selected(self, _change: Any) -> None:
        chosen = () if self.selected is None else (self.selected,)
        if self.selection[-1:] != chosen:
            self.selection = chosen


def _cells_of(
    space: Any, given: Any, *, columns: int | None, conditions: Any, **names: Iterable[str]
) -> Grid:
    """Make a grid of latents, of a table of latents, or of images."""
    shape = shape_of(given) if has(given, "__array__") else ()
    if columns is None and shape[2:] == space.latent_shape and len(shape) > 2:
        columns = shape[1]
        given = np.reshape(given, (-1, *space.latent_shape))
    latents = latents_from(space, given, "latents", conditions=conditions)
    return grids.cells(latents, columns=columns, **names)
