"""`link`: two widgets that follow each other, as a person would expect of them."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["FEWEST", "Link", "link"]

# A path on a map is drawn through so many points.
PATH_POINTS = 65
# Of fewer latents no direction is made.
FEWEST = 5
# What a selection's direction is called.
SELECTION = re.compile(r"selection(?: (\d+))?")
# A path goes through the cells that were chosen, but not through a whole crowd.
MOST_ANCHORS = 32


@dataclass(frozen=True)
class Rule:
    """What happens in one widget when traits of another change.

    Attributes
    ----------
    source, target : str
        Names of their classes.
    traits : tuple of str
        The source's traits that count.
    act : callable
        ``act(source, target)``.
    at_once : bool
        Whether it is done when they are linked, too.
    """

    source: str
    traits: tuple[str, ...]
    target: str
    act: Callable[[Any, Any], None]
    at_once: bool = False


def _edit_latent(source: Any, editor: Any) -> None:
    editor.base = source.latent


def _carry_conditions(source: Any, target: Any) -> None:
    """Hand on the values of those conditions that are the same in both spaces."""
    shared = source.conditions.keys() & target.conditions.keys()
    known, theirs = (one.space.conditions for one in (source, target)) if shared else ({}, {})
    same = {name: source.conditions[name] for name in shared if known[name] == theirs[name]}
    if same:
        target.conditions = {**target.conditions, **same}


def _cell_conditions(grid: Any, editor: Any) -> None:
    """Hand on what the cell itself says of conditions, where an axis of the grid is one."""
    said = grid.grid.conditions_at
    if said is not None:
        values = {name: value for name, [value] in said([grid.value]).items() if value is not None}
        editor.conditions = {**editor.conditions, **values}


def _edit_handed(grid: Any, editor: Any) -> None:
    editor.base = grid.latent
    _cell_conditions(grid, editor)
    _leave_cell(editor, grid)


def _edit_cell(grid: Any, editor: Any) -> None:
    """Hand on the cell that was chosen, if it was chosen alone."""
    if len(grid.selection) == 1:
        grid.value = divmod(grid.selected, grid.grid.columns.count)
        editor.base = grid.latents[grid.selected]
        _cell_conditions(grid, editor)


def _leave_cell(editor: Any, grid: Any) -> None:
    """Choose no cell where another latent is edited: so that a click on it brings it back."""
    if len(grid.selection) == 1 and not np.array_equal(grid.latents[grid.selected], editor.base):
        grid.selection = ()


def _walk_selection(grid: Any, path: Any) -> None:
    if len(grid.selection) > 1:
        path.anchors = grid.latents[list(grid.selection[:MOST_ANCHORS])]


def _mark_latent(source: Any, map_: Any) -> None:
    """Go to the latent; to the point that it is, if it is one."""
    latent = np.reshape(source.latent, (-1, *source.space.latent_shape))[0]
    row = _row_of(latent, map_.latents)
    if row is None:
        map_.latent = latent
    else:
        map_.index = row


def _row_of(latent: NDArray[np.float32], latents: NDArray[np.float32]) -> int | None:
    """Find a latent among others, by its first number first: there may be a million of them."""
    rows = latents.reshape(len(latents), -1)
    alike = np.flatnonzero(rows[:, 0] == latent.flat[0])
    found = alike[(rows[alike] == latent.reshape(-1)).all(axis=1)]
    return int(found[0]) if len(found) else None


def _add_direction(map_: Any, editor: Any) -> None:
    """Make a direction that leads from all others to those that were selected."""
    count = len(map_.latents)
    chosen = np.zeros(count, bool)
    chosen[map_.selection] = True
    if min(chosen.sum(), count - chosen.sum()) < FEWEST:
        return
    kept = list(editor.directions)
    if SELECTION.fullmatch(kept[-1].name) and not _in_use(kept[-1].name, editor):
        kept.pop()
    taken = [int(found[1] or 1) for one in kept if (found := SELECTION.fullmatch(one.name))]
    name = f"selection {max(taken) + 1}" if taken else "selection"
    found = map_.direction_between(~chosen, chosen, name=name, shuffles=0, bootstraps=0)
    editor.directions = [*kept, found]


def _in_use(name: str, editor: Any) -> bool:
    """Say whether a direction was moved along or is held still: then it is not to be replaced."""
    return editor.mode != "relative" or editor.value[name] != 0 or name in editor.hold


def _draw_path(source: Any, map_: Any) -> None:
    map_.path = source.path(np.linspace(0, 1, PATH_POINTS)).astype(np.float32)


RULES = (
    Rule("LatentGrid", ("latent",), "DirectionEditor", _edit_handed),
    Rule("LatentGrid", ("selection",), "DirectionEditor", _edit_cell),
    Rule("DirectionEditor", ("base",), "LatentGrid", _leave_cell),
    Rule("LatentMap", ("latent",), "DirectionEditor", _edit_latent),
    Rule("LatentGrid", ("selection",), "Interpolator", _walk_selection),
    Rule("LatentMap", ("selection",), "DirectionEditor", _add_direction),
    Rule("DirectionEditor", ("latent",), "LatentMap", _mark_latent, at_once=True),
    Rule("Interpolator", ("anchors", "method", "closed"), "LatentMap", _draw_path, at_once=True),
)


# Holds between any two widgets that are linked at all; the second follows the first at once.
CONDITIONS = Rule("", ("conditions",), "", _carry_conditions)


class Link:
    """Two widgets that follow each other until `unlink`.

    Parameters
    ----------
    rules : list of tuple
        Rule, source and target of all that follows.
    """

    def __init__(self, rules: list[tuple[Rule, Any, Any]]) -> None:
        self._watched: list[tuple[Any, Callable[[Any], None], list[str]]] = []
        # What one widget does because of the other is no news to that other; but what somebody
        # does meanwhile in another thread is.
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
        self._acting.now = True
        try:
            rule.act(source, target)
        finally:
            self._acting.now = False

    def unlink(self) -> None:
        """Let both go their own ways again."""
        while self._watched:
            source, follow, traits = self._watched.pop()
            source.unobserve(follow, traits)


def link(first: Any, second: Any) -> Link:
    """Link two widgets, so that what is done in one shows in the other.

    A cell of a `LatentGrid` that is chosen or handed on, or a point of a `LatentMap`, becomes the
    base of a `DirectionEditor`; two or more chosen cells become the path of an `Interpolator`. What
    is selected on a map, 5 latents at least, becomes a direction that leads there from all others;
    it takes the place of the one before as long as that is not in use. The edited latent and the
    path are drawn on the map. A condition that both spaces have is the same in both widgets. The
    link ends when one of the two is closed. For any other there is
    `traitlets.link((first, "latent"), (second, "base"))`.

    Parameters
    ----------
    first, second : widgets
        In either order.

    Returns
    -------
    Link
        Has `unlink`.

    Raises
    ------
    LatentTypeError
        If nothing is known that the two have in common.

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
    pairs = ((first, second), (second, first))
    rules = [
        (rule, source, target)
        for source, target in pairs
        for rule in RULES
        if rule.source in _names(source) and rule.target in _names(target)
    ]
    if not rules:
        names = " and a ".join(type(one).__name__ for one in (first, second))
        raise LatentTypeError(
            f"link got a {names}, which have nothing in common. Link traits of your choice: "
            'traitlets.link((first, "latent"), (second, "base")).'
        )
    rules.append((replace(CONDITIONS, at_once=True), first, second))
    rules.append((CONDITIONS, second, first))
    return Link(rules)


def _names(widget: object) -> set[str]:
    return {base.__name__ for base in type(widget).__mro__}
