"""The class methods that make a `LatentGrid` for a purpose, such as samples, or a plane."""

from __future__ import annotations

from collections.abc import Iterable
from types import MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from typing_extensions import Unpack

from latentwidgets.common.items import check_items
from latentwidgets.directions import Direction
from latentwidgets.directions.axes import axes_around
from latentwidgets.directions.fitting import fitted_one
from latentwidgets.errors import LatentTypeError
from latentwidgets.routes import corner_grids, grids
from latentwidgets.routes.grids import AMOUNTS
from latentwidgets.space.as_space import as_space
from latentwidgets.space.inputs import latents_from, one_latent
from latentwidgets.widgets.grid.sizes import sized, sized_rows
from latentwidgets.widgets.trait_types import GridTraits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike

    from latentwidgets.space.latent_space import LatentSpace


Parameters = ParamSpec("Parameters")
Made = TypeVar("Made")


class Maker(Generic[Parameters]):
    """A class method that is written outside of its class; it returns an instance of the class."""

    def __init__(self, function: Callable[Concatenate[Any, Parameters], Any]) -> None:
        self.__wrapped__ = function
        self.__doc__ = function.__doc__

    def __get__(self, _instance: object, owner: type[Made]) -> Callable[Parameters, Made]:
        bound: Any = MethodType(self.__wrapped__, owner)
        made: Callable[Parameters, Made] = bound
        return made


def samples(
    cls: Any,
    /,
    space: Any,
    n: int = 64,
    *,
    seed: int = 0,
    truncation: float | None = None,
    columns: int | None = None,
    **traits: Unpack[GridTraits],
) -> Any:
    """Show samples of the prior.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    n : int
        How many.
    seed, truncation
        As in `LatentSpace.sample`.
    columns : int, optional
        As in `LatentGrid`.
    **traits
        As in `LatentGrid`.

    Returns
    -------
    LatentGrid
        The samples.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> lw.LatentGrid.samples(lw.demo.digits().space, 9).latents.shape
    (9, 10)
    """
    space = as_space(space)
    drawn = space.sample(n, seed=seed, truncation=truncation)
    return _shown(cls, space, drawn, {"columns": columns, **traits})


def traversals(
    cls: Any,
    /,
    space: Any,
    base: ArrayLike,
    directions: Iterable[Direction | str] | None = None,
    *,
    amounts: Iterable[float] = AMOUNTS,
    **traits: Unpack[GridTraits],
) -> Any:
    """Move a base along directions: a row each, columns in sigmas.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    base : array_like, shape latent_shape
        What is moved; in the middle, where the amounts are as usual.
    directions : Directions, or iterable of Direction or str, optional
        A row each. The axes of the latent if None: `axis_directions`, of more than 64 those that
        change the output most. The name of a condition makes a row of it, with as many values as
        there are columns; see `Condition.even`. Then each cell says what it is, since columns are
        not the same in all rows.
    amounts : iterable of float
        A column each, in sigmas.
    **traits
        As in `LatentGrid`.

    Returns
    -------
    LatentGrid
        The traversals.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> found = lw.pca_directions(digits.latents, n=3)
    >>> grid = lw.LatentGrid.traversals(digits.space, digits.latents[0], found)
    >>> grid.grid.rows.names
    ('PC 1', 'PC 2', 'PC 3')
    """
    space = as_space(space)
    latent = one_latent(space, base, conditions=traits.get("conditions"))
    found = (
        axes_around(space, latent, traits.get("conditions"))
        if directions is None
        else _rows(directions, space)
    )
    grid = grids.traversals(latent, found, amounts=amounts, conditions=space.conditions)
    grid = sized_rows(grid, space, found, traits.get("conditions"))
    return _shown(cls, space, grid, traits)


def _rows(given: Iterable[Direction | str], space: LatentSpace) -> list[Direction | str]:
    """Spread directions of one layer over all layers; leave names of conditions as they are."""
    if isinstance(given, (Direction, str)):
        given = [given]
    rows = check_items(given, "directions are", "directions, or names of conditions")
    return [fitted_one(one, space) for one in rows]


def plane(
    cls: Any,
    /,
    space: Any,
    base: ArrayLike,
    a: Direction | str,
    b: Direction | str,
    *,
    amounts: Iterable[float] = AMOUNTS,
    **traits: Unpack[GridTraits],
) -> Any:
    """Span a plane by two directions: `a` to the right, `b` up.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    base : array_like, shape latent_shape
        The middle.
    a, b : Direction or str
        What to move along; or the name of a condition, which takes as many values as there are
        amounts; see `Condition.even`.
    amounts : iterable of float
        Where the cells are along each, in sigmas, increasing.
    **traits
        As in `LatentGrid`.

    Returns
    -------
    LatentGrid
        The plane; `value` may lie between its cells.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> a, b = lw.pca_directions(digits.latents, n=2)
    >>> grid = lw.LatentGrid.plane(digits.space, digits.latents[0], a, b)
    >>> grid.value = (3, 3.5)
    >>> bool((grid.latent == a.move(digits.latents[:1], 0.5)[0]).all())
    True
    """
    space = as_space(space)
    latent = one_latent(space, base, conditions=traits.get("conditions"))
    same = b is a  # which is refused there
    a = fitted_one(a, space)
    b = a if same else fitted_one(b, space)
    grid = grids.plane(latent, a, b, amounts=amounts, conditions=space.conditions)
    grid = sized(grid, space, {"columns": a, "rows": b}, traits.get("conditions"))
    return _shown(cls, space, grid, traits)


def table(
    cls: Any,
    /,
    space: Any,
    bases: ArrayLike,
    direction: Direction | str,
    *,
    amounts: Iterable[float] = AMOUNTS,
    names: Iterable[str] = (),
    **traits: Unpack[GridTraits],
) -> Any:
    """Move several bases along one direction: a row each, columns in sigmas.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    bases : array_like, shape (n, *latent_shape)
        What is moved.
    direction : Direction or str
        What to move along; or the name of a condition: of choices there is a column each; a number
        goes in as many even steps as there are amounts, and so do more than 24 whole ones. Many
        choices of one latent go into several rows, and each cell says which it is.
    amounts : iterable of float
        A column each, in sigmas.
    names : iterable of str
        Of the bases; numbers if there are none.
    **traits
        As in `LatentGrid`.

    Returns
    -------
    LatentGrid
        The table.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> first = lw.pca_directions(digits.latents, n=1)[0]
    >>> lw.LatentGrid.table(digits.space, digits.latents[:4], first).latents.shape
    (28, 10)
    """
    space = as_space(space)
    latents = latents_from(space, bases, "bases", conditions=traits.get("conditions"))
    direction = fitted_one(direction, space)
    more = {"names": names, "conditions": space.conditions}
    grid = grids.table(latents, direction, amounts=amounts, **more)
    if isinstance(direction, Direction):
        grid = sized(grid, space, {"columns": direction}, traits.get("conditions"))
    return _shown(cls, space, grid, traits)


def corners(
    cls: Any,
    /,
    space: Any,
    latents: ArrayLike,
    *,
    n: int = 7,
    method: str = "slerp",
    **traits: Unpack[GridTraits],
) -> Any:
    """Fill the space between four latents.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    latents : array_like, shape (4, *latent_shape)
        Top left, top right, bottom left, bottom right.
    n : int
        How many rows and columns.
    method : {"slerp", "lerp", "gaussian"}
        How to go between two; "lerp" is bilinear. "gaussian" takes all four at once, and keeps the
        law of a normal prior, as that of `Path` does; of a space with another it is refused.
    **traits
        As in `LatentGrid`.

    Returns
    -------
    LatentGrid
        The space between them; `value` may lie between its cells.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> grid = lw.LatentGrid.corners(digits.space, digits.latents[:4], n=5)
    >>> bool((grid.latents[4] == digits.latents[1]).all())
    True
    """
    space = as_space(space)
    four = latents_from(space, latents, "latents", conditions=traits.get("conditions"))
    return _shown(cls, space, corner_grids.corners(four, n=n, method=method, space=space), traits)


def analogy(
    cls: Any,
    /,
    space: Any,
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    *,
    n: int = 5,
    **traits: Unpack[GridTraits],
) -> Any:
    """Show what is to c as b is to a, ``c + b - a``, and all that lies between the four.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    a, b, c : array_like, shape latent_shape
        Top left, top right, bottom left.
    n : int
        How many rows and columns; 2 for the four alone.
    **traits
        As in `LatentGrid`.

    Returns
    -------
    LatentGrid
        The analogy; `value` may lie between its cells.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> lw.LatentGrid.analogy(digits.space, *digits.latents[:3], n=2).latents.shape
    (4, 10)
    """
    space = as_space(space)
    named = ((a, "a"), (b, "b"), (c, "c"))
    under = traits.get("conditions")
    three = (one_latent(space, given, name, conditions=under) for given, name in named)
    return _shown(cls, space, corner_grids.analogy(*three, n=n), traits)


def _shown(cls: Any, space: LatentSpace, cells: Any, traits: Mapping[str, Any]) -> Any:
    """Make the widget; what its cells are is settled."""
    if "latents" in traits:
        raise LatentTypeError("latents follow from the other arguments; leave them out.")
    return cls(space, cells, **traits)
