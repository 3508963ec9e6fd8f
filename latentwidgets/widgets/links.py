"""`link`: two widgets, each of which shows what is done in the other."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.warning import warn_caller
from latentwidgets.errors import LatentTypeError
from latentwidgets.widgets.base import LatentWidget
from latentwidgets.widgets.direction_editor import DirectionEditor
from latentwidgets.widgets.interpolator import Interpolator
from latentwidgets.widgets.latent_grid import LatentGrid
from latentwidgets.widgets.latent_map import LatentMap

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from numpy.typing import NDArray

__all__ = ["FEWEST", "Link", "link", "linked", "numbered"]

# A path is drawn on a map as a line through so many points.
PATH_POINTS = 65
# A selection on a map becomes a direction where at least so many latents are in it, and out of it.
FEWEST = 5
# The name of such a direction, with its number if it is not the first.
SELECTION = re.compile(r"selection(?: (\d+))?")
# Of the chosen cells of a grid, a path goes through so many at most.
MOST_ANCHORS = 32


@dataclass(frozen=True)
class Rule:
    """What happens in one widget when traits of another change.

    Attributes
    ----------
    source : type
        The class of the widget whose traits change; subclasses of it count, too.
    traits : tuple of str
        These traits.
    target : type
        The class of the other widget, likewise.
    act : callable
        What happens: ``act(source, target)``.
    at_once : bool
        Whether it happens when the two are linked, too.
    """

    source: type
    traits: tuple[str, ...]
    target: type
    act: Callable[[Any, Any], None]
    at_once: bool = False


def _edit_point(map_: LatentMap, editor: DirectionEditor) -> None:
    """Edit the latent that the person went to on the map."""
    editor.base = map_.latent


def _carry_conditions(source: LatentWidget, target: LatentWidget) -> None:
    """Hand on the values of those conditions that are the same in both spaces."""
    _hand_on(source.conditions, source, target)


def _cell_conditions(grid: LatentGrid, editor: DirectionEditor) -> None:
    """Hand on the conditions of the current cell."""
    _hand_on(grid.cell_conditions, grid, editor)


def _shared(first: Any, second: Any) -> set[str]:
    """Name the conditions that are the same in the spaces of two widgets."""
    if not (isinstance(first, LatentWidget) and isinstance(second, LatentWidget)):
        return set()
    shared = first.conditions.keys() & second.conditions.keys()
    known, theirs = (one.space.conditions for one in (first, second)) if shared else ({}, {})
    return {name for name in shared if known[name] == theirs[name]}


def _apart(first: Any, second: Any) -> list[str]:
    """Name the conditions that two widgets have, with other bounds or choices."""
    if not (isinstance(first, LatentWidget) and isinstance(second, LatentWidget)):
        return []
    return sorted((first.conditions.keys() & second.conditions.keys()) - _shared(first, second))


def _hand_on(values: Mapping[str, Any], source: LatentWidget, target: LatentWidget) -> None:
    same = {name: values[name] for name in _shared(source, target) if name in values}
    if same:
        target.conditions = {**target.conditions, **same}


def _edit_current_cell(grid: LatentGrid, editor: DirectionEditor) -> None:
    """Edit the latent of the grid's current cell."""
    editor.base = grid.latent
    _cell_conditions(grid, editor)
    _leave_cell(editor, grid)


def _edit_chosen_cell(grid: LatentGrid, editor: DirectionEditor) -> None:
    """Edit the latent of the chosen cell, if one is chosen alone, and make it the current cell."""
    if len(grid.selection) == 1:
        grid.value = divmod(grid.selected, grid.grid.columns.count)
        editor.base = grid.latents[grid.selected]
        _cell_conditions(grid, editor)


def _leave_cell(editor: DirectionEditor, grid: LatentGrid) -> None:
    """Choose no cell any more where another latent than that of the chosen cell is edited.

    A click on that cell then chooses it anew, so that its latent is edited again.
    """
    if len(grid.selection) == 1 and not np.array_equal(grid.latents[grid.selected], editor.base):
        grid.selection = ()


def _walk_chosen_cells(grid: LatentGrid, path: Interpolator) -> None:
    """Lead the path through the chosen cells, if there are two or more."""
    if len(grid.selection) > 1:
        path.anchors = grid.latents[list(grid.selection[:MOST_ANCHORS])]


def _mark_latent(editor: DirectionEditor, map_: LatentMap) -> None:
    """Show the edited latent on the map: as one of its points, where it is one of them."""
    latent = np.reshape(editor.latent, (-1, *editor.space.latent_shape))[0]
    row = _row_of(latent, map_.latents)
    if row is None:
        map_.latent = latent
    else:
        map_.index = row


def _row_of(latent: NDArray[np.float32], latents: NDArray[np.float32]) -> int | None:
    """Give the row of a latent among others; None where it is not one of them.

    There may be a million: only those whose first number is the same are compared as a whole.
    """
    rows = latents.reshape(len(latents), -1)
    alike = np.flatnonzero(rows[:, 0] == latent.flat[0])
    found = alike[(rows[alike] == latent.reshape(-1)).all(axis=1)]
    return int(found[0]) if len(found) else None


def _add_direction(map_: LatentMap, editor: DirectionEditor) -> None:
    """Add the direction that leads from all other latents to the selected ones.

    It takes the place of the one that was added last, unless that is in use.
    """
    count = len(map_.latents)
    chosen = np.zeros(count, bool)
    chosen[map_.selection] = True
    if min(chosen.sum(), count - chosen.sum()) < FEWEST:
        return
    kept = list(editor.directions)
    if SELECTION.fullmatch(kept[-1].name) and not _in_use(kept[-1].name, editor):
        kept.pop()
    name = numbered("selection", {one.name for one in kept})
    found = map_.direction_between(~chosen, chosen, name=name, shuffles=0, bootstraps=0)
    editor.directions = [*kept, found]


def numbered(name: str, taken: Container[str]) -> str:
    """Give a name with the first number that makes it new, or without one.

    Examples
    --------
    >>> numbered("selection", ["smile"]), numbered("selection", ["selection", "selection 2"])
    ('selection', 'selection 3')
    """
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name} {number}"
    return found


def _in_use(name: str, editor: DirectionEditor) -> bool:
    """Say whether the editor moves along a direction or holds it still."""
    return editor.mode != "relative" or editor.value[name] != 0 or name in editor.hold


def _draw_path(walk: Interpolator, map_: LatentMap) -> None:
    """Draw the path on the map."""
    map_.path = walk.shown_path(np.linspace(0, 1, PATH_POINTS)).astype(np.float32)


RULES = (
    # Also where another cell has the same latent, under other conditions.
    Rule(LatentGrid, ("value", "latent"), DirectionEditor, _edit_current_cell),
    Rule(LatentGrid, ("selection",), DirectionEditor, _edit_chosen_cell),
    Rule(DirectionEditor, ("base",), LatentGrid, _leave_cell),
    Rule(LatentMap, ("latent",), DirectionEditor, _edit_point),
    Rule(LatentGrid, ("selection",), Interpolator, _walk_chosen_cells),
    Rule(LatentMap, ("selection",), DirectionEditor, _add_direction),
    Rule(DirectionEditor, ("latent",), LatentMap, _mark_latent, at_once=True),
    # The path has a new name also when a geodesic, or an even speed, was found for it.
    Rule(Interpolator, ("_route",), LatentMap, _draw_path, at_once=True),
)


# Holds between any two widgets that are linked at all; the second follows the first at once.
CONDITIONS = Rule(LatentWidget, ("conditions",), LatentWidget, _carry_conditions)


class Link:
    """Two widgets that are linked, until `unlink`. `link` makes one.

    Parameters
    ----------
    rules : list of tuple
        Each a rule with its source and its target.
    """

    def __init__(self, rules: list[tuple[Rule, Any, Any]]) -> None:
        self._watched: list[tuple[Any, Callable[[Any], None], list[str]]] = []
        # Set while a rule acts, so that what it changes sets off no other rule. Each thread has its
        # own: what somebody else does meanwhile in another thread sets off rules.
        self._acting = threading.local()
        for rule, source, target in rules:

            def follow(
                _change: Any, rule: Rule = rule, source: Any = source, target: Any = target
            ) -> None:
                if not getattr(self._acting, "now", False):
                    self._act(rule, source, target)

            if rule.at_once:
                self._act(rule, source, target)
            source.observe(follow, list(rule.traits))
            self._watched.append((source, follow, list(rule.traits)))

    def _act(self, rule: Rule, source: Any, target: Any) -> None:
        if source.comm is None or target.comm is None:  # one of them was closed
            self.unlink()
            return
        with self.still():
            rule.act(source, target)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Have neither widget hear of what is changed meanwhile, in this thread."""
        before = getattr(self._acting, "now", False)
        self._acting.now = True
        try:
            yield
        finally:
            self._acting.now = before

    def unlink(self) -> None:
        """End the link: from now on, neither widget hears of the other."""
        while self._watched:
            source, follow, traits = self._watched.pop()
            source.unobserve(follow, traits)


@checked_keywords
def link(first: Any, second: Any) -> Link:
    """Link two widgets, so that what is done in one shows in the other.

    - A `LatentGrid` and a `DirectionEditor`: the latent of the cell that is current, or chosen
      alone, becomes the base of the editor.
    - A `LatentGrid` and an `Interpolator`: the path goes through the chosen cells, if there are two
      or more, and through the first 32 of more.
    - A `LatentMap` and a `DirectionEditor`: the latent that the person went to on the map becomes
      the base of the editor, and the edited latent is shown on the map. Where 5 latents or more are
      selected on the map, a direction that leads to them from all others is added to the editor; it
      takes the place of the one that was added before, as long as that is not in use.
    - A `LatentMap` and an `Interpolator`: the path is drawn on the map.

    A condition that both spaces have, with the same bounds or choices, is the same in both widgets,
    also of any other two; of one whose bounds or choices differ a warning tells. The link
    ends when one of the two is closed. Traits of any other two widgets can be linked with
    ``traitlets.link((first, "latent"), (second, "base"))``.

    Parameters
    ----------
    first, second : widget
        In either order.

    Returns
    -------
    Link
        Call its `unlink` to end the link.

    Raises
    ------
    LatentTypeError
        If they are not two of these, and have no condition in common.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> grid = lw.LatentGrid(digits.space, digits.latents[:9])
    >>> found = lw.pca_directions(digits.latents, n=3)
    >>> editor = lw.DirectionEditor(digits.space, digits.latents[0], found)
    >>> linked = lw.link(grid, editor)
    >>> grid.value = (1, 1)
    >>> bool((editor.base == digits.latents[4]).all())
    True
    """
    return linked(first, second)


def linked(first: Any, second: Any, *, selections: bool = True) -> Link:
    """Link two widgets as `link` does.

    Parameters
    ----------
    first, second : widget
        In either order.
    selections : bool
        Whether what is selected on a map becomes a direction at once.
    """
    pairs = ((first, second), (second, first))
    rules = [
        (rule, source, target)
        for source, target in pairs
        for rule in RULES
        if isinstance(source, rule.source) and isinstance(target, rule.target)
        if selections or rule.act is not _add_direction
    ]
    if first is second:
        raise LatentTypeError("link got one widget twice; expected two.")
    shared, apart = _shared(first, second), _apart(first, second)
    if apart and (rules or shared):
        warn_caller(
            f"{', '.join(apart)} stay as they are in both: their bounds or choices differ. "
            "Give both spaces the same conditions=... to link them."
        )
    if not rules and not shared and apart:
        raise LatentTypeError(
            f"both widgets have {', '.join(apart)}, whose bounds or choices differ; "
            "expected the same in both. Give both spaces the same conditions=..."
        )
    if not rules and not shared:
        names = " and a ".join(type(one).__name__ for one in (first, second))
        raise LatentTypeError(
            f"link got a {names}, which have nothing in common. Link traits of your choice: "
            'traitlets.link((first, "latent"), (second, "base")).'
        )
    rules.append((replace(CONDITIONS, at_once=True), first, second))
    rules.append((CONDITIONS, second, first))
    return Link(rules)
