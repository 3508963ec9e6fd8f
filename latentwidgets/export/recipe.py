"""`Recipe`: how a latent was made, as plain JSON values."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets._version import __version__
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.whole_files import write_whole
from latentwidgets.common.wording import brief, hint
from latentwidgets.directions.samples import plain
from latentwidgets.errors import LatentKeyError, LatentTypeError, LatentValueError
from latentwidgets.export.arrays import MOST_BYTES, ArrayReader, ArrayWriter, Unreadable
from latentwidgets.export.code import code_of
from latentwidgets.export.fingerprint import fingerprint_of
from latentwidgets.export.part_records import (
    Part,
    States,
    main_of,
    part_from,
    record_of_part,
    record_of_states,
    states_from,
)
from latentwidgets.export.route_records import record_of_route, route_from

if TYPE_CHECKING:
    import os

    from latentwidgets.export.part_records import State
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Recipe", "recipe_from", "recipe_of", "recipe_of_states"]

# The version of what a recipe holds, and what it holds; that of an explorer has one thing more.
VERSION = 1
NAMES = ("arrays", "at", "conditions", "digest", "latent", "recipe", "route", "space", "written_by")
OF_EXPLORERS = "explorer"
WAY_OUT = "Give what recipe.to_json() or recipe.save() wrote, as it was written."


class Recipe(Mapping[str, Any]):
    """How a latent was made: the space, the route, the coordinates. It never changes.

    `recipe` of a widget gives one, and `latentwidgets.load` reads one from a file or a picture. It
    is a read-only mapping of plain JSON values, without code that could run: what it gives are
    copies.

    Parameters
    ----------
    contents : mapping
        What ``dict(recipe)`` is. It is checked whole.

    Raises
    ------
    LatentTypeError, LatentValueError
        If these are no recipe, or it was changed after it was written, or another version of this
        package wrote what this one cannot read.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> widget = lw.Interpolator(digits.space, digits.latents[:2], value=0.25)
    >>> recipe = widget.recipe()
    >>> recipe
    Recipe(path at 0.25, for the space 'digits')
    >>> again = lw.Recipe.from_json(recipe.to_json())
    >>> bool((lw.replay(again, digits.space) == widget.latent).all())
    True
    """

    @checked_keywords
    def __init__(self, contents: Mapping[str, Any]) -> None:
        if not isinstance(contents, Mapping):
            raise LatentTypeError(
                f"contents are {brief(contents)}; expected what dict(recipe) is. Text is read by "
                "lw.Recipe.from_json, a file by lw.load."
            )
        self._read(contents, MOST_BYTES)

    def _read(self, contents: Mapping[str, Any], most: int) -> None:
        try:
            self._contents: dict[str, Any] = json.loads(_text(dict(contents)))
            self._part, self._states = _checked(self._contents, most)
        except Unreadable as error:
            raise LatentValueError(f"this is no recipe: {error}. {WAY_OUT}") from None
        except RecursionError:
            raise LatentValueError(f"this is no recipe: it is too deep. {WAY_OUT}") from None
        except Exception as error:  # whatever a damaged part makes routes say
            raise LatentValueError(
                f"this is no recipe: it is damaged ({brief(str(error))}). {WAY_OUT}"
            ) from error

    @classmethod
    @checked_keywords
    def from_json(cls, text: str | bytes) -> Recipe:
        """Read a recipe from what `to_json` wrote.

        Parameters
        ----------
        text : str or bytes
            JSON.

        Returns
        -------
        Recipe
            The same.

        Raises
        ------
        LatentTypeError, LatentValueError
            If the text is no recipe.

        Examples
        --------
        >>> Recipe.from_json('{"a": 1}')
        Traceback (most recent call last):
        ...
        latentwidgets.errors.LatentValueError: this is no recipe: it does not say which version...
        """
        if not isinstance(text, (str, bytes)):
            raise LatentTypeError(f"text is {brief(text)}; expected JSON, as recipe.to_json gives.")
        return cls(_contents_in(text))

    def to_json(self) -> str:
        """Write it as one line of JSON, in ASCII."""
        return _text(self._contents)

    def save(self, path: str | bytes | os.PathLike[str]) -> None:
        """Write it to a file of JSON, which `latentwidgets.load` reads.

        Parameters
        ----------
        path : path-like
            The file. An older one stays until this one is whole.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it cannot be written there.

        Examples
        --------
        >>> import tempfile, pathlib, latentwidgets as lw
        >>> recipe = lw.Interpolator(lw.demo.digits()).recipe()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     recipe.save(pathlib.Path(folder) / "three.json")
        ...     lw.load(pathlib.Path(folder) / "three.json") == recipe
        True
        """
        write_whole(path, self.to_json().encode("ascii"))

    def code(self) -> str:
        """Write the Python that makes the latent, ready to run; what "Copy as code" copies.

        Returns
        -------
        str
            A cell in which ``latent`` is the latent, float32, up to rounding, and ``conditions``
            are those it is decoded under. What cannot be said in a few lines is the latent itself.

        Examples
        --------
        >>> import latentwidgets as lw
        >>> digits = lw.demo.digits()
        >>> names = {}
        >>> exec(lw.Interpolator(digits.space, digits.latents[:2]).recipe().code(), names)
        >>> bool((names["latent"] == digits.latents[0]).all())
        True
        """
        space = self._contents["space"]
        name = None if space is None else str(space["name"])
        return code_of(self.route, self.at, name, self._contents["conditions"])

    @property
    def route(self) -> Route:
        """What the coordinates mean: a `Path`, an edit, a grid, or a latent as it is."""
        return self._part.route

    @property
    def at(self) -> Coordinates:
        """The coordinates on the route, those of conditions left out."""
        return self._part.at

    @property
    def shown(self) -> Part:
        """What the widget showed: its route, where on it, the conditions, and the latent."""
        return self._part

    @property
    def states(self) -> States | None:
        """What all parts of an explorer show, and have shown; None of any other widget."""
        return self._states

    @property
    def parts(self) -> dict[str, Recipe]:
        """The recipe of each part, of that of an explorer: "editor", "map", "grid", "path"."""
        now = {} if self._states is None else self._states.now
        return {name: _written(self._contents["space"], part) for name, part in now.items()}

    @property
    def bookmarks(self) -> dict[str, Recipe]:
        """The recipes of bookmarks by their names, of what `history.recipe` of an explorer gave."""
        kept = {} if self._states is None else self._states.bookmarks
        return {name: self._of(state) for name, state in kept.items()}

    @property
    def past(self) -> tuple[Recipe, ...]:
        """The recipes of what can be undone, of the same; the last is undone first."""
        return tuple(map(self._of, () if self._states is None else self._states.past))

    @property
    def future(self) -> tuple[Recipe, ...]:
        """The recipes of what can be done again, of the same; the last is done first."""
        return tuple(map(self._of, () if self._states is None else self._states.future))

    def _of(self, state: State) -> Recipe:
        return _written(self._contents["space"], main_of(state), States(state))

    def __getitem__(self, name: str) -> Any:
        """Give a copy of one of its values."""
        if not isinstance(name, str) or name not in self._contents:
            raise LatentKeyError(f"a recipe has no {brief(name)}. {hint(name, list(NAMES))}")
        return copy.deepcopy(self._contents[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Recipe):
            return NotImplemented
        return bool(self["digest"] == other["digest"])

    def __hash__(self) -> int:
        return hash(self._contents["digest"])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_json, (self.to_json(),)

    def __repr__(self) -> str:
        space, under = self._contents["space"], self._contents["conditions"]
        kind = self._contents["route"]["type"]
        words = [f"{kind} at {brief(self.route.words(self.at)).strip(chr(39))}"]
        words += [f"for the space {brief(space['name'])}"] if space else []
        words += [f"under {brief(under)}"] if under else []
        if (states := self._states) is not None:
            words += [f"of an explorer with {', '.join(states.now)}"]
            counts = (len(states.bookmarks), "bookmark"), (len(states.past), "step")
            words += [f"{n} {what}{'s' * (n != 1)}" for n, what in counts if n]
        return f"Recipe({', '.join(words)})"


def recipe_from(text: str | bytes, most: int) -> Recipe:
    """Read a recipe from what `Recipe.to_json` wrote, whose arrays have so many bytes at most.

    Raises
    ------
    LatentValueError
        If the text is no recipe, or its arrays are more.
    """
    recipe = Recipe.__new__(Recipe)
    recipe._read(_contents_in(text), most)
    return recipe


def recipe_of(space: LatentSpace | None, route: Route, at: Coordinates) -> Recipe:
    """Write down how a latent is made.

    Parameters
    ----------
    space : LatentSpace or None
        What decodes it; None where nothing does.
    route : Route
        A path, an edit, a grid, the plane of a map; perhaps with conditions.
    at : tuple of float
        The coordinates, those of conditions last.

    Returns
    -------
    Recipe
        What `replay` takes.

    Raises
    ------
    StaleError, LatentValueError
        If the route makes no latent there.

    Examples
    --------
    >>> from latentwidgets.routes.path import Path
    >>> recipe_of(None, Path([[0.0], [1.0]], "lerp"), (0.5,))["conditions"]
    {}
    """
    return _written(None if space is None else fingerprint_of(space), Part.of(route, at))


def recipe_of_states(space: LatentSpace, states: States) -> Recipe:
    """Write down what an explorer shows, and has shown.

    Parameters
    ----------
    space : LatentSpace
        What decodes it.
    states : States
        What its parts show. The recipe is that of its current latent, and of all the rest.

    Returns
    -------
    Recipe
        What `apply` of an explorer takes, and `replay`.
    """
    return _written(fingerprint_of(space), main_of(states.now), states)


def _written(space: Mapping[str, Any] | None, part: Part, states: States | None = None) -> Recipe:
    writer = ArrayWriter()
    contents = {
        "recipe": VERSION,
        "written_by": f"latentwidgets {__version__}",
        "space": space,
        **record_of_part(part, record_of_route(part.route, part.at, writer), writer),
        "arrays": writer.table,
    }
    if states is not None:
        contents[OF_EXPLORERS] = record_of_states(states, writer)
    contents = json.loads(json.dumps(contents, default=plain))
    return Recipe({**contents, "digest": _digest(contents)})


def _contents_in(text: str | bytes) -> dict[str, Any]:
    try:
        contents = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LatentValueError(
            f"this is no recipe: it is no JSON ({brief(str(error))}). {WAY_OUT}"
        ) from error
    if not isinstance(contents, dict):
        raise LatentValueError(f"this is no recipe: it is {brief(contents)}. {WAY_OUT}")
    return contents


def _checked(contents: dict[str, Any], most: int) -> tuple[Part, States | None]:
    """Check what a recipe holds, and read it; anything may be raised."""
    version = contents.get("recipe")
    if type(version) is not int:
        raise Unreadable("it does not say which version it is")
    if version != VERSION:
        by = brief(contents.get("written_by"))
        raise Unreadable(
            f"it is of version {version}, written by {by}; this package reads version {VERSION}"
        )
    odd = sorted({*contents} - {OF_EXPLORERS} ^ {*NAMES})
    if odd:
        raise Unreadable(f"it has too much or too little: {brief(odd)}")
    if contents["digest"] != _digest({**contents, "digest": None}):
        raise Unreadable("it was changed after it was written, or is damaged")
    space = contents["space"]
    if not (space is None or isinstance(space, dict)):
        raise Unreadable("its space is none")
    if space is not None and not isinstance(space.get("name"), str):
        raise Unreadable("its space has no name")
    reader = ArrayReader(contents["arrays"], most)
    part = part_from(contents, route_from(contents["route"], reader), reader)
    if OF_EXPLORERS not in contents:
        return part, None
    states = states_from(contents[OF_EXPLORERS], reader)
    main = main_of(states.now)
    if (part.route.digest, part.at) != (main.route.digest, main.at) or not np.array_equal(
        part.latent, main.latent
    ):
        raise Unreadable("its latent is not the one that its explorer shows")
    return part, states


def _digest(contents: dict[str, Any]) -> str:
    plain = {name: value for name, value in contents.items() if name != "digest"}
    return hashlib.blake2b(_text(plain).encode(), digest_size=16).hexdigest()


def _text(contents: dict[str, Any]) -> str:
    return json.dumps(contents, sort_keys=True, separators=(",", ":"), allow_nan=False)
