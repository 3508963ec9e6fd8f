"""`ExportedRoute`: what holds of a route of any class as it leaves the notebook."""

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
    uses_us : bool
        Whether they use this package, as ``lw``.
    several : bool
        Whether ``latent`` is several latents, which are decoded together.
    """

    lines: list[str]
    uses_us: bool = False
    several: bool = False


@dataclass(frozen=True)
class Asked:
    """What somebody wants on a page that moves; as `recording_of` takes it."""

    at: Coordinates
    state: Mapping[str, Any]
    positions: int | None = None
    directions: str | Iterable[str] | None = None


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
    """A route as it leaves the notebook. This is one of which nothing more is known.

    Attributes
    ----------
    route : Route
        From the coordinates of a widget's own controls.
    moves : bool
        Whether there are pages of it that move.
    fewest : int
        Fewer places on a page are worse than smaller pictures.
    """

    route: AnyRoute
    moves: ClassVar[bool] = False
    fewest: ClassVar[int] = 1

    def starts(self) -> NDArray[Any] | None:
        """Give the latents that it starts from; None where it starts nowhere."""
        return None

    def way(self, at: Coordinates, along: str | None) -> Callable[[float], Coordinates]:
        """Say which coordinates a film goes through, from 0 to 1; as `way_along`."""
        if along is not None:
            raise LatentValueError("along is for edits, which have directions; leave it out.")
        raise LatentValueError(
            "there is no way here to film along. Lay a path through latents: "
            "lw.save_animation(lw.Path(latents), space, 'walk.gif')."
        )

    def stops(self, at: Coordinates, _count: int) -> Stops:
        """Give what a figure shows: of a path so many places, else where a person is."""
        return Stops([at], (self.route.words(at),))

    def code(self, at: Coordinates) -> Code:
        """Write what makes the latent at some coordinates: the latent itself, number by number."""
        return Code([f"latent = {array_code(self.route.latents([at])[0])}"])

    def recording(self, asked: Asked) -> Recording:
        """Say which frames a page is to hold; as `recording_of`."""
        if asked.directions is not None:
            raise LatentValueError("directions is for editors; leave it out.")
        raise LatentValueError(
            "a page of this widget cannot be saved yet: only those of an Interpolator, a "
            "DirectionEditor and a LatentGrid. save_image keeps its picture."
        )

    def choices(self, asked: Asked) -> Iterator[Asked]:
        """Give what `recording` may be asked for, from few frames to many; few are among many."""
        yield asked


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
