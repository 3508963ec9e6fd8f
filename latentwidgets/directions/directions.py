"""`Directions`: several directions of one space, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief, hint
from latentwidgets.directions import files, tables
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.holding import canceller, remainder
from latentwidgets.directions.layered import line_between
from latentwidgets.errors import LatentIndexError, LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["Directions", "several"]


class Directions(Sequence[Direction]):
    """Directions of one space, by index, name or slice. It never changes: methods make another.

    Parameters
    ----------
    items : Direction or iterable of Direction
        At least one; all of one latent shape, each with a name of its own.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is none, or one does not fit the others.

    Examples
    --------
    >>> found = Directions([Direction("x", [1.0, 0.0]), Direction("y", [1.0, 1.0])])
    >>> found["y"].name, len(found[:1]), found.names
    ('y', 1, ('x', 'y'))
    >>> found.cosines().round(3).tolist()
    [[1.0, 0.707], [0.707, 1.0]]
    """

    @checked_keywords
    def __init__(self, items: Direction | Iterable[Direction]) -> None:
        self._items = tuple(several(items))
        if not self._items:
            raise LatentValueError(
                "no directions; expected at least one. Pass what pca_directions or "
                "probe_directions return, or a list of Direction."
            )
        for item in self._items:
            if not isinstance(item, Direction):
                raise LatentTypeError(
                    f"got a {type(item).__name__}; expected directions. Pass what pca_directions "
                    "or probe_directions return, or Direction(name, vector) for each vector."
                )
        first, seen = self._items[0], set()
        for item in self._items:
            if item.latent_shape != first.latent_shape:
                raise LatentValueError(
                    f"{brief(item.name)} moves latents of shape {item.latent_shape}, "
                    f"{brief(first.name)} of {first.latent_shape}. Put together those of one space."
                    f"{_way_to_one_shape(item, first) or _way_to_one_shape(first, item)}"
                )
            if item.name in seen:
                raise LatentValueError(
                    f"two directions are called {brief(item.name)}. Rename one: "
                    f"directions.rename({{{brief(item.name)}: 'another name'}})."
                )
            seen.add(item.name)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(item.name for item in self._items)

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """Shape of the latents that they move."""
        return self._items[0].latent_shape

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The unit vectors as rows, flat: float64 ``(n, latent_size)``."""
        return np.stack([item.vector.ravel() for item in self._items])

    @property
    def readouts(self) -> NDArray[np.float64]:
        """The readouts as rows, flat: float64 ``(n, latent_size)``."""
        return np.stack([item.readout.ravel() for item in self._items])

    def cosines(self) -> NDArray[np.float64]:
        """Give the cosine between every two vectors: float64 ``(n, n)``."""
        return np.clip(self.matrix @ self.matrix.T, -1.0, 1.0)

    def orthogonalized(self) -> Directions:
        """Make all vectors perpendicular, by taking out of each what lies along earlier ones.

        This is the Gram-Schmidt process: the first direction stays as it is. Moving by one sigma
        afterwards goes as far as what is left of moving by one sigma before. Scores of readouts
        stay; shares, stability and effects, which are of the vectors, are left out.

        Raises
        ------
        LatentValueError
            If nothing is left of one.

        Examples
        --------
        >>> found = Directions([Direction("x", [1.0, 0.0]), Direction("y", [1.0, 1.0])])
        >>> found.orthogonalized()["y"].vector.tolist()
        [0.0, 1.0]
        """
        done: list[Direction] = []
        basis = np.empty((0, self.matrix.shape[1]))
        for item in self._items:
            left = item.vector.ravel()
            for _ in range(2):  # the second pass takes out the rounding errors of the first
                left = left - basis.T @ (basis @ left)
            done.append(remainder(item, left, "the directions before it", "orthogonalized"))
            basis = np.concatenate([basis, done[-1].vector.reshape(1, -1)])
        return Directions(done)

    def conditioned_on(self, *conditions: str | Direction | Directions) -> Directions:
        """Change the vectors so that moving along them leaves what the conditions measure as it is.

        Moving along a vector may change what the readout of a condition measures. Enough of the
        conditions' own vectors is taken out of it to cancel that. Where the covariance of the
        latents is a multiple of the identity, this is the least-squares projection; elsewhere it is
        how the data change while these measurements stay the same. Moving by one sigma afterwards
        goes as far as what is left of moving by one sigma before, and limits stay. Readouts and
        their scores stay; shares, stability and effects, which are of the vectors, are left out.

        Parameters
        ----------
        *conditions : str, Direction or Directions
            What is to stay the same. A name is that of one of these directions.

        Returns
        -------
        Directions
            All directions, without those that are conditions themselves.

        Raises
        ------
        LatentValueError
            If nothing is left of a direction, or the conditions cannot all be held still.

        Examples
        --------
        >>> found = Directions([Direction("x", [1.0, 0.0]), Direction("y", [1.0, 1.0])])
        >>> found.conditioned_on("x")["y"].vector.tolist()
        [0.0, 1.0]
        """
        held = self._conditions(conditions)
        if held.latent_shape != self.latent_shape:
            raise LatentValueError(
                f"the conditions move latents of shape {held.latent_shape}, these directions of "
                f"{self.latent_shape}. Take conditions of the same space."
                f"{_way_to_one_shape(held[0], self[0])}"
            )
        rest = [item for item in self._items if item not in held]
        if not rest:
            raise LatentValueError(
                "every direction is a condition; leave at least one out that moves."
            )
        cancel = canceller(held)
        words = f"given {', '.join(held.names)}"
        return Directions(
            remainder(item, cancel(item.vector.ravel()), "the conditions", words) for item in rest
        )

    def rename(self, names: Mapping[str, str]) -> Directions:
        """Give some of them other names.

        Parameters
        ----------
        names : mapping of str to str
            New names by old ones.

        Raises
        ------
        LatentTypeError
            If `names` is no mapping.
        LatentValueError
            If there is no direction of an old name, or there would be two of one new name.
        """
        if not isinstance(names, Mapping):
            raise LatentTypeError(
                f"names are {brief(names)}; expected new names by old ones, {{'PC 1': 'smile'}}."
            )
        for name in names:
            self[name]
        return Directions(
            item.replace(name=names.get(item.name, item.name)) for item in self._items
        )

    def flip(self, *names: str) -> Directions:
        """Turn some of them round, as `Direction.flipped` does.

        Parameters
        ----------
        *names : str
            Which ones.

        Raises
        ------
        LatentValueError
            If there is no direction of one of these names.
        """
        for name in names:
            self[name]
        return Directions(item.flipped() if item.name in names else item for item in self._items)

    def table(self) -> list[dict[str, Any]]:
        """Give what is known of each as one flat record.

        Returns
        -------
        list of dict
            For `pandas.DataFrame` and the like: name, method, sigma, and what `Evidence` holds.
        """
        return tables.records(self._items)

    def plot(self) -> Figure:
        """Draw scores with their spread and chance, and the cosines between the directions.

        Returns
        -------
        matplotlib.figure.Figure
            Two axes, bars and a heat map; of one direction the bar alone.
        """
        return tables.figure(self._items, self.cosines())

    def save(self, path: str | bytes | PathLike[str]) -> None:
        """Write all directions to one safetensors file, which holds no code that could run.

        Parameters
        ----------
        path : str, bytes or path
            A file in a folder that is there. One of this name is replaced, through links.

        Raises
        ------
        LatentTypeError, LatentValueError
            If that names no file, or the file cannot be written.
        """
        files.save(self._items, path)

    @classmethod
    @checked_keywords
    def load(cls, path: str | bytes | PathLike[str]) -> Directions:
        """Read directions from a file that `save` wrote.

        Parameters
        ----------
        path : str, bytes or path
            The file.

        Raises
        ------
        LatentTypeError, LatentValueError
            If that names no file, or the file is damaged or something else.
        FileNotFoundError
            If there is no such file.
        """
        return Directions(files.load(path))

    @overload
    def __getitem__(self, key: int | str) -> Direction: ...
    @overload
    def __getitem__(self, key: slice) -> Directions: ...
    def __getitem__(self, key: int | str | slice) -> Direction | Directions:
        if isinstance(key, slice):
            return Directions(self._items[key])
        if not isinstance(key, str):
            try:
                return self._items[key]
            except IndexError:
                last = len(self) - 1
                raise LatentIndexError(
                    f"there is no direction {brief(key)}; expected 0 to {last}."
                ) from None
            except Exception:  # an object's own `__index__` may raise anything
                raise LatentTypeError(
                    f"no direction is {brief(key)}; expected a number, a name or a slice."
                ) from None
        found = next((item for item in self._items if item.name == key), None)
        if found is None:
            raise LatentValueError(f"no direction is called {brief(key)}. {hint(key, self.names)}")
        return found

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Direction]:
        return iter(self._items)

    def __contains__(self, item: object) -> bool:
        return self.count(item) > 0

    def count(self, value: object) -> int:
        """Say whether there is a direction, or one of a name: 1, else 0."""
        return sum(_is(item, value) for item in self._items)

    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """Say which number a direction has, or the one of a name.

        Parameters
        ----------
        value : Direction or str
            Which one.
        start, stop : int
            Among which, as in a slice.

        Returns
        -------
        int
            Its number, from 0.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it is not among them.
        """
        try:
            places = range(len(self))[start:stop]
        except Exception:  # an object's own `__index__` may raise anything
            got = f"start is {brief(start)}, stop is {brief(stop)}"
            raise LatentTypeError(f"{got}; expected whole numbers.") from None
        for place in places:
            if _is(self._items[place], value):
                return place
        name = value.name if isinstance(value, Direction) else value
        raise LatentValueError(f"no direction is {brief(name)}. {hint(name, self.names)}")

    def __add__(self, other: Direction | Iterable[Direction]) -> Directions:
        return Directions([*self._items, *several(other)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Directions) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"Directions({', '.join(map(brief, self.names))})"

    def _repr_html_(self) -> str:
        return tables.html(self._items)

    def _conditions(self, conditions: Iterable[str | Direction | Directions]) -> Directions:
        """Put conditions together as directions; look names up."""
        held: list[Direction] = []
        for one in conditions:
            held += (
                one if isinstance(one, Directions) else [self[one] if isinstance(one, str) else one]
            )
        if not held:
            raise LatentValueError("no conditions; name at least one direction to hold still.")
        return Directions(held)


def several(given: Any) -> list[Direction]:
    """List directions that a person gives: one, or several.

    Raises
    ------
    LatentTypeError
        If they are neither; what is listed may still be something else.
    """
    if isinstance(given, Direction):
        return [given]
    return check_items(given, "got", "directions, or a list of them")


def _is(item: Direction, value: object) -> bool:
    """Say whether a direction is the one that was given, by itself or by its name."""
    if isinstance(value, str):
        return item.name == value
    return isinstance(value, Direction) and item == value


def _way_to_one_shape(one: Direction, other: Direction) -> str:
    """Show the line that makes one direction fit the latents of another; empty without one."""
    line = line_between("direction", one.latent_shape, other.latent_shape)
    return f" Change {brief(one.name)}.{line}" if line else ""
