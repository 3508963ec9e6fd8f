"""`Recipe`: how a latent was made, as plain JSON values."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets._version import __version__
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.whole_files import write_whole
from latentwidgets.common.wording import brief, hint
from latentwidgets.directions.samples import plain
from latentwidgets.errors import LatentKeyError, LatentTypeError, LatentValueError
from latentwidgets.export.arrays import ArrayReader, ArrayWriter
from latentwidgets.export.code import code_of
from latentwidgets.export.fingerprint import fingerprint_of
from latentwidgets.export.route_records import record_of_route, route_from
from latentwidgets.routes.conditioned import own_of, values_at

if TYPE_CHECKING:
    import os

    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Recipe", "recipe_of"]

# The version of what a recipe holds, and what it holds.
VERSION = 1
NAMES = ("arrays", "at", "conditions", "digest", "latent", "recipe", "route", "space", "written_by")
# Further than rounding reaches, as a share of the latent's largest number, it is another latent.
ROUNDING = 1e-4
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
        try:
            self._contents: dict[str, Any] = json.loads(_text(dict(contents)))
            self._route, self._at = _checked(self._contents)
        except _Unreadable as error:
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
        try:
            contents = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise LatentValueError(
                f"this is no recipe: it is no JSON ({brief(str(error))}). {WAY_OUT}"
            ) from error
        if not isinstance(contents, dict):
            raise LatentValueError(f"this is no recipe: it is {brief(contents)}. {WAY_OUT}")
        return cls(contents)

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
        return code_of(self._route, self._at, name, self._contents["conditions"])

    @property
    def route(self) -> Route:
        """What the coordinates mean: a `Path`, an edit, a grid, or a latent as it is."""
        return self._route

    @property
    def at(self) -> Coordinates:
        """The coordinates on the route, those of conditions left out."""
        return self._at

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
        words = [f"{kind} at {brief(self._route.words(self._at)).strip(chr(39))}"]
        words += [f"for the space {brief(space['name'])}"] if space else []
        words += [f"under {brief(under)}"] if under else []
        return f"Recipe({', '.join(words)})"


class _Unreadable(Exception):  # noqa: N818 (`Recipe` catches it)
    """Why something is no recipe."""


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
    own, writer = own_of(route), ArrayWriter()
    under = {name: _value(one) for name, one in values_at(route, at).items()}
    at = at[: len(own.bounds)]
    latent = np.asarray(own.latents([at])[0], np.float32)
    contents = {
        "recipe": VERSION,
        "written_by": f"latentwidgets {__version__}",
        "space": None if space is None else fingerprint_of(space),
        "route": record_of_route(own, at, writer),
        "at": list(map(float, at)),
        "conditions": under,
        "latent": writer.put(latent),
        "arrays": writer.table,
    }
    contents = json.loads(json.dumps(contents, default=plain))
    return Recipe({**contents, "digest": _digest(contents)})


def _checked(contents: dict[str, Any]) -> tuple[Route, Coordinates]:
    """Check what a recipe holds, and give its route and coordinates; anything may be raised."""
    version = contents.get("recipe")
    if type(version) is not int:
        raise _Unreadable("it does not say which version it is")
    if version != VERSION:
        by = brief(contents.get("written_by"))
        raise _Unreadable(
            f"it is of version {version}, written by {by}; this package reads version {VERSION}"
        )
    if tuple(sorted(contents)) != NAMES:
        odd = sorted({*contents} ^ {*NAMES})
        raise _Unreadable(f"it has too much or too little: {brief(odd)}")
    if contents["digest"] != _digest({**contents, "digest": None}):
        raise _Unreadable("it was changed after it was written, or is damaged")
    space, under = contents["space"], contents["conditions"]
    if not (space is None or isinstance(space, dict)) or not isinstance(under, dict):
        raise _Unreadable("its space or its conditions are none")
    if space is not None and not isinstance(space.get("name"), str):
        raise _Unreadable("its space has no name")
    if not all(isinstance(value, (str, int, float)) for value in under.values()):
        raise _Unreadable("its conditions have no values")
    reader = ArrayReader(contents["arrays"])
    route = route_from(contents["route"], reader)
    at = tuple(map(float, contents["at"]))
    if len(at) != len(route.bounds) and not (route.takes_empty and not at):
        raise _Unreadable("its coordinates are not those of its route")
    for x, (low, high) in zip(at, route.bounds, strict=False):
        if not (math.isfinite(x) and low <= x <= high):
            raise _Unreadable(f"its coordinates are out of bounds: {x:g}")
    latent = reader.get(contents["latent"])
    found = route.latents([at])[0]
    if latent.dtype != np.float32 or found.shape != latent.shape:
        raise _Unreadable("its latent is none of its route")
    gap = np.abs(found.astype(np.float64) - latent).max(initial=0.0)
    if not gap <= ROUNDING * np.abs(latent).max(initial=0.0):
        raise _Unreadable("its route leads to another latent than the one it holds")
    return route, at


def _digest(contents: dict[str, Any]) -> str:
    plain = {name: value for name, value in contents.items() if name != "digest"}
    return hashlib.blake2b(_text(plain).encode(), digest_size=16).hexdigest()


def _text(contents: dict[str, Any]) -> str:
    return json.dumps(contents, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _value(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
