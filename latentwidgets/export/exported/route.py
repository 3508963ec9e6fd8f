"""`ExportedRoute`: what films, figures, copied code and pages show of a route of any class."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np

from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.route import Coordinates

__all__ = ["MOST_FRAMES", "Asked", "Code", "ExportedRoute", "Recording", "Stops", "array_code"]

# A page holds at most so many pictures: more would be slow to open and to mail.
MOST_FRAMES = 4096

AnyRoute = TypeVar("AnyRoute", bound=Any)


class Code(NamedTuple):
    """Python that makes a latent.

    Attributes
    ----------
    lines : list of str
        What makes ``latent``.
    needs_lw : bool
        Whether they use this package, as ``lw``.
    """

    lines: list[str]
    needs_lw: bool = False


@dataclass(frozen=True)
class Asked:
    """What somebody wants on a page that moves.

    Attributes
    ----------
    at : tuple of float
        Where the widget's own controls are.
    state : mapping of str to object
        The widget's traits. They may have changed since; where the controls are is taken from `at`.
    positions, directions
        As of `Interpolator.save_html`.
    filmstrip : int
        How many pictures a path's filmstrip has at most.
    live : bool
        Whether the page decodes by itself what is on none of its pictures.
    """

    at: Coordinates
    state: Mapping[str, Any]
    positions: int | None = None
    directions: str | Iterable[str] | None = None
    filmstrip: int = MOST_FRAMES
    live: bool = False


class Recording(NamedTuple):
    """What a page holds in place of a kernel.

    Attributes
    ----------
    places : sequence of tuple of float
        Coordinates of the widget's own controls, as the kernel knows them; no two alike.
    shown : sequence of tuple of float
        The same as the page knows them, which may have fewer controls. Empty coordinates stand for
        the picture before any edit.
    state : dict
        What the page's traits hold, where that is not what the widget's do.
    words : str
        What the places are.
    """

    places: Sequence[Coordinates]
    shown: Sequence[Coordinates]
    state: dict[str, Any]
    words: str


class Stops(NamedTuple):
    """Places that stand beside one another in a figure, what they are called, and all of them."""

    places: list[Coordinates]
    names: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True)
class ExportedRoute(Generic[AnyRoute]):
    """What films, figures, copied code and pages show of a route.

    This base class is for routes of which only the latent and the picture are known.

    Attributes
    ----------
    route : Route
        From the coordinates of a widget's own controls.
    has_pages : bool
        Whether there are pages of it that move.
    takes_directions : bool
        Whether a person may name the directions that move.
    fewest : int
        Fewer places on a page are worse than smaller pictures.
    """

    route: AnyRoute
    has_pages: ClassVar[bool] = False
    takes_directions: ClassVar[bool] = False
    fewest: ClassVar[int] = 1

    @property
    def many_latents(self) -> bool:
        """Whether several latents are shown together, and decoded so."""
        return False

    def first_latents(self) -> NDArray[Any] | None:
        """Give the latents that it starts from; None where it starts nowhere."""
        return None

    def way(self, at: Coordinates, along: str | None) -> Callable[[float], Coordinates]:
        """Say which coordinates a film goes through, from 0 to 1; as `way_along`."""
        raise LatentValueError(
            "there is no way here to film along. Lay a path through latents: "
            "lw.save_animation(lw.Path(latents), space, 'walk.gif')."
        )

    def stops(self, at: Coordinates, count: int) -> Stops:
        """Give the places that a figure shows: where a person is, or `count` on the way."""
        return Stops([at], (self.route.words(at),))

    def code(self, at: Coordinates, latent: NDArray[np.float32]) -> Code:
        """Write what makes the latent at some coordinates: the latent itself, number by number."""
        return Code([f"latent = {array_code(latent)}"])

    def recording(self, asked: Asked) -> Recording:
        """Say which frames a page is to hold; as `recording_of`."""
        raise LatentValueError(
            "a page of this widget cannot be saved yet: only those of an Interpolator, a "
            "DirectionEditor and a LatentGrid. save_image keeps its picture."
        )

    def choices(self, asked: Asked) -> Iterator[Asked]:
        """Give what `recording` may be asked for, from few frames to many."""
        return iter(())


def array_code(array: NDArray[Any]) -> str:
    """Write an array so that Python reads the same numbers again.

    Examples
    --------
    >>> array_code(np.array([0.5, 1.0], np.float32))
    'np.array([0.5, 1. ], dtype=np.float32)'
    """
    with np.printoptions(formatter=None, legacy=False, sign="-"):  # a person may have set others
        text = np.array2string(
            array, separator=", ", threshold=sys.maxsize, floatmode="unique", max_line_width=88
        )
    return f"np.array({text}, dtype=np.{array.dtype})"
