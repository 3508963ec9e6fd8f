"""`link`: two widgets that follow each other, as a person would expect of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Link", "link"]

# A path on a map is drawn through so many points.
PATH_POINTS = 65
# Of fewer latents no direction is made.
FEWEST = 5
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


def _walk_selection(grid: Any, path: Any) -> None:
    if len(grid.selection) > 1:
        path.anchors = grid.latents[list(grid.selection[:MOST_ANCHORS])]


def _mark_latent(source: Any, map_: Any) -> None:
    map_.latent = np.reshape(source.latent, (-1, *source.space.latent_shape))[0]


def _add_direction(map_: Any, editor: Any) -> None:
    """Make a direction that leads from all others to those that were selected."""
    count = len(map_.latents)
    chosen = np.zeros(count, bool)
    chosen[map_.selection] = True
    if min(chosen.sum(), count - chosen.sum()) < FEWEST:
        return
    found = map_.direction_between(~chosen, chosen, name="selection", shuffles=0, bootstraps=0)
    editor.directions = [one for one in editor.directions if one.name != found.name] + [found]


def _draw_path(source: Any, map_: Any) -> None:
    map_.path = source.path(np.linspace(0, 1, PATH_POINTS)).astype(np.float32)


RULES = (
    Rule("LatentGrid", ("latent",), "DirectionEditor", _edit_latent),
    Rule("LatentMap", ("latent",), "DirectionEditor", _edit_latent),
    Rule("LatentGrid", ("selection",), "Interpolator", _walk_selection),
    Rule("LatentMap", ("selection",), "DirectionEditor", _add_direction),
    Rule("DirectionEditor", ("latent",), "LatentMap", _mark_latent, at_once=True),
    Rule("Interpolator", ("anchors", "method", "closed"), "LatentMap", _draw_path, at_once=True),
)


class Link:
    """Two widgets that follow each other until `unlink`.

    Parameters
    ----------
    rules : list of tuple
        Rule, source and target of all that follows.
    """

    def __init__(self, rules: list[tuple[Rule, Any, Any]]) -> None:
        self._watched: list[tuple[Any, Callable[[Any], None], list[str]]] = []
        # What one widget does because of the other is no news to that other.
        self._acting = False
        for rule, source, target in rules:

            def follow(
                _change: Any, rule: Rule = rule, source: Any = source, target: Any = target
            ) -> None:
                if not self._acting:
                    self._act(rule, source, target)

            if rule.at_once:
                self._act(rule, source, target)
            source.observe(follow, list(rule.traits))
            self._watched.append((source, follow, list(rule.traits)))

    def _act(self, rule: Rule, source: Any, target: Any) -> None:
        self._acting = True
        try:
            rule.act(source, target)
        finally:
            self._acting = False

    def unlink(self) -> None:
        """Let both go their own ways again."""
        while self._watched:
            source, follow, traits = self._watched.pop()
            source.unobserve(follow, traits)


def link(first: Any, second: Any) -> Link:
    """Link two widgets, so that what is done in one shows in the other.

    A cell of a `LatentGrid` or a point of a `LatentMap` that is handed on becomes the base of a
    `DirectionEditor`; two or more chosen cells become the path of an `Interpolator`; what is
    selected on a map becomes a direction that leads there; the edited latent and the path are drawn
    on the map. For any other link there is
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
    return Link(rules)


def _names(widget: object) -> set[str]:
    return {base.__name__ for base in type(widget).__mro__}
