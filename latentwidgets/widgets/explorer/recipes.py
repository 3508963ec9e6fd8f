"""Undo, redo and bookmarks of an explorer, as recipes."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError
from latentwidgets.export.part_records import PARTS, Part, States
from latentwidgets.export.recipe import recipe_of_states
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.routes.route import digest_of
from latentwidgets.widgets.brought_back import traits_of
from latentwidgets.widgets.explorer.history import History, Kept, few
from latentwidgets.widgets.explorer.parts import STATES
from latentwidgets.widgets.snapshot import shown_by

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from latentwidgets.export.part_records import State
    from latentwidgets.export.recipe import Recipe
    from latentwidgets.routes.route import Route
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.explorer.history import KeptState
    from latentwidgets.widgets.links import Link

__all__ = ["CLOSED", "RecipeHistory"]

# Traits that make a path, wherever on it one is.
WAYS = ("anchors", "method", "closed", "even_speed")
CLOSED = "this explorer is closed; make a new one."


class Shows(Protocol):
    """A part of an explorer."""

    def _put(self, state: dict[str, Any], route: Route | None = None) -> None:
        """Set traits in this order; where they bring a route back, of that route."""


class RecipeHistory(History):
    """Undo, redo and bookmarks of an explorer, which are recipes.

    Parameters
    ----------
    space : LatentSpace
        What decodes it.
    parts : mapping of str to widget
        The parts, by name; `STATES` says in which order they are put back.
    links : iterable of Link
        Between them.
    changed : callable
        As of `History`.

    Examples
    --------
    >>> import tempfile, pathlib, latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> explorer = lw.explore(digits.space, digits.latents, parts=["grid", "editor"])
    >>> explorer.grid.value = (0, 3)
    >>> explorer.history.bookmark("the fourth")
    'the fourth'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     explorer.history.save(pathlib.Path(folder) / "found.json")
    ...     recipe = lw.load(pathlib.Path(folder) / "found.json")
    >>> another = lw.explore(digits.space, digits.latents, parts=["grid", "editor"])
    >>> another.apply(recipe)
    >>> another.history.bookmarks, another.grid.value
    (('the fourth',), (0.0, 3.0))
    """

    def __init__(
        self,
        space: LatentSpace,
        parts: Mapping[str, Any],
        links: Iterable[Link],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._space: LatentSpace | None = space
        self._links = tuple(links)
        self._data = ""  # names the data of the map, once that is asked for
        ordered = {name: parts[name] for name in STATES if name in parts}
        super().__init__(ordered, {name: STATES[name] for name in ordered}, changed)
        if "path" in parts:
            parts["path"].observe(self._take_found, "_route")

    def recipe(self, name: str | None = None) -> Recipe:
        """Write down a bookmark; or all there is: the present state, bookmarks and steps.

        Parameters
        ----------
        name : str, optional
            Of a bookmark.

        Returns
        -------
        Recipe
            Of the current latent, and of what all parts show; of all there is, with `bookmarks`,
            `past` and `future`, which are recipes too. `apply` of an explorer takes it.

        Raises
        ------
        LatentValueError
            If there is no bookmark of that name, or the explorer is closed.

        Examples
        --------
        >>> import latentwidgets as lw
        >>> explorer = lw.explore(lw.demo.digits(), parts=["grid", "editor"])
        >>> name = explorer.history.bookmark("start")
        >>> explorer.history.recipe("start") == explorer.recipe()
        True
        >>> list(explorer.history.recipe().bookmarks)
        ['start']
        """
        if name is not None:
            return self._written(lambda: States(self._state(self._bookmarks[self._known(name)])))

        def all_there_is() -> States:
            bookmarks = {name: self._state(one) for name, one in self._bookmarks.items()}
            past, future = ([*map(self._state, some)] for some in (self._past, self._future))
            return States(self._state(self._read()), bookmarks, past, future)

        return self._written(all_there_is)

    def now(self) -> Recipe:
        """Write down the present state alone: the `recipe` of the explorer."""
        return self._written(lambda: States(self._state(self._read())))

    def save(self, path: str | bytes | os.PathLike[str]) -> None:
        """Save all there is to one file: the present state, bookmarks and steps.

        Parameters
        ----------
        path : path-like
            The file, of JSON, which `latentwidgets.load` reads. An older one stays until this one
            is whole.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it cannot be written there, or the explorer is closed.

        See Also
        --------
        LatentExplorer.apply : brings all of it back.
        """
        self.recipe().save(path)

    def take(self, recipe: Recipe) -> list[str]:
        """Put back what a recipe says, in one step, which undo takes back to before it.

        Its bookmarks come beside those there are, and its steps before them.

        Parameters
        ----------
        recipe : Recipe
            Of an explorer; or of a widget like one of the parts, which alone follows it.

        Returns
        -------
        list of str
            Names of parts that it is of as well, but that are not here.

        Raises
        ------
        LatentValueError
            If no part shows what it is of, or a part cannot show it: rows of other data, cells or
            conditions that it has not, latents of another shape; or there would be more than 200
            bookmarks. Then all stays.
        """
        states = recipe.states
        with self._lock:
            if states is None:
                states = States({self._fitting(recipe.shown): recipe.shown})
            if not self._parts.keys() & states.now.keys():
                raise _other(recipe.shown)
            now = self._kept_state(states.now)
            bookmarks = dict(self._bookmarks)
            for name, state in states.bookmarks.items():
                if one := self._kept_state(state):
                    bookmarks[self._name_for(name, one, bookmarks)] = one
            bookmarks = few(bookmarks)
            past, future = (
                [*filter(None, map(self._kept_state, some))]
                for some in (states.past, states.future)
            )
            before = self._now
            self._write(now)
            self._past = [*past, *self._past]  # what was done on another day came first
            self._remember(before)
            self._future, self._bookmarks = future, bookmarks
            self._changed()
            return [name for name in states.now if name not in self._parts]

    def close(self) -> None:
        """Let go of the parts and of all states."""
        if "path" in self._parts:
            self._parts["path"].unobserve(self._take_found, "_route")
        super().close()
        self._space, self._links = None, ()

    # From what is kept to a recipe

    def _look(self, part: Any) -> Any:
        seen = shown_by(part)
        return seen.shown, seen.controls, seen.conditions

    def _take_found(self, _change: Any) -> None:
        """Take in that a path has been found, now and in all states: it was asked for before."""
        with self._lock:
            if self._busy or not self._parts:
                return
            path = self._parts["path"]
            found, *_ = self._look(path)
            for state in (self._now, *self._past, *self._future, *self._bookmarks.values()):
                kept = state.get("path")
                if kept is None or isinstance(kept.shown, Part):
                    continue
                if all(getattr(path, name) is kept.traits[name] for name in WAYS):
                    state["path"] = replace(kept, shown=(found, *kept.shown[1:]))

    def _written(self, states: Callable[[], States]) -> Recipe:
        with self._lock:
            if self._space is None:
                raise LatentValueError(CLOSED)
            return recipe_of_states(self._space, states())

    def _state(self, state: KeptState) -> State:
        return {name: self._part(name, kept) for name, kept in state.items()}

    def _part(self, name: str, kept: Kept) -> Part:
        part = kept.shown
        if not isinstance(part, Part):
            shown, controls, conditions = kept.shown
            part = Part.of(shown.route, shown.place(controls, conditions))
        edit, traits = part.route, kept.traits
        if isinstance(edit, Edit) and edit.directions != traits["directions"]:  # amended since
            how: dict[str, Any] = {"absolute": edit.absolute, "profiles": edit.profiles}
            edit = Edit(edit.bases, traits["directions"], edit.hold, **how)
        selection = np.asarray(traits.get("selection", ()), np.int64)
        if not len(selection):
            return replace(part, route=edit, selection=None, data="")
        data = self._named_data() if name == "map" else ""
        return replace(part, route=edit, selection=selection, data=data)

    def _named_data(self) -> str:
        chart: Any = self._parts["map"]
        self._data = self._data or digest_of(chart.latents)
        return self._data

    # And back

    def _set(self, state: KeptState) -> None:
        super()._set(state)
        if "map" not in state or "map" not in self._parts:
            return
        # It followed the sliders meanwhile, and may have been elsewhere.
        kept = state["map"]
        where = {name: value for name, value in kept.traits.items() if name != "selection"}
        with ExitStack() as still:
            for link in self._links:
                still.enter_context(link.still())
            self._put(self._parts["map"], replace(kept, traits=where))

    def _put(self, part: Any, kept: Kept) -> None:
        widget: Shows = part
        known = kept.shown.route if isinstance(kept.shown, Part) else kept.shown[0].own
        widget._put(kept.traits, known)

    def _name_for(self, name: str, state: KeptState, kept: Mapping[str, KeptState]) -> str:
        """Give a bookmark its name, with a number where that is the name of another state."""
        found, number = name, 1
        while found in kept and not self._alike(kept[found], state):
            number += 1
            found = f"{name} {number}"
        return found

    def _alike(self, *states: KeptState) -> bool:
        one, other = (self._written(partial(self._states_of, state)) for state in states)
        return one == other

    def _states_of(self, state: KeptState) -> States:
        return States(self._state(state))

    def _fitting(self, shown: Part) -> str:
        """Name the part that can show something."""
        for name in PARTS:
            if name in self._parts:
                with suppress(LatentValueError):
                    widget: Any = self._parts[name]
                    traits_of(shown_by(widget), shown)
                    return name
        raise _other(shown)

    def _kept_state(self, state: State) -> KeptState:
        return {name: self._kept(name, one) for name, one in state.items() if name in self._parts}

    def _kept(self, name: str, part: Part) -> Kept:
        if part.data and part.data != self._named_data():
            raise LatentValueError(
                "this recipe selects points of a map of other data. Explore the data that it was "
                "made with; or bring back the current latent alone: explorer.editor.apply(recipe)."
            )
        widget: Any = self._parts[name]
        traits = traits_of(shown_by(widget), part)
        _check(widget, part, traits["conditions"])
        selection = () if part.selection is None else part.selection
        if name == "map":  # before the latent, which is another than those selected
            traits = {"selection": selection, **traits}
        elif name == "grid":  # after the cells that are selected
            traits["selection"] = selection
        return Kept(traits, part)


def _check(widget: Any, part: Part, conditions: Mapping[str, Any]) -> None:
    """Refuse what a widget would refuse, before anything is changed."""
    shape, route = widget.space.latent_shape, part.route
    if part.latent.shape[-len(shape) :] != shape:
        raise LatentValueError(
            f"this recipe has latents of shape {part.latent.shape}; this space has {shape}. Bring "
            "it back where it was made."
        )
    shown_by(widget).renderer.conditions.settled(conditions)
    count = None
    if isinstance(route, Grid):
        count = route.count
        row, column = part.at
        if not route.continuous and not (
            row == int(row) and column == int(column) and row * route.columns.count + column < count
        ):
            raise LatentValueError(
                f"this recipe is of a place {part.at} between the cells of its grid, or beyond "
                "them. Give one that a widget wrote."
            )
    elif isinstance(shown_by(widget).shown.own, MapPlane):
        count = len(widget.latents)
    if count is not None and part.selection is not None and (part.selection >= count).any():
        raise LatentValueError(
            f"this recipe selects number {part.selection.max()}; the last there is is {count - 1}. "
            "Give one that a widget wrote."
        )


def _other(shown: Part) -> LatentValueError:
    return LatentValueError(
        f"this recipe is of another widget ({brief(type(shown.route).__name__)}), which this "
        "explorer has no part for. Its latent: lw.replay(recipe, space)."
    )
