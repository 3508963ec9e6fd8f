"""Interpolator: a slider along a path through two or more anchors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from latentwidgets.common.items import check_items
from latentwidgets.common.wording import brief
from latentwidgets.engine import Renderer
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.gaussian import known
from latentwidgets.routes.path import Path
from latentwidgets.routes.segments import INTERPOLATIONS
from latentwidgets.space.held import held_by
from latentwidgets.space.inputs import latents_from, one_latent
from latentwidgets.widgets.base import LatentWidget
from latentwidgets.widgets.code import static
from latentwidgets.widgets.traits import Array, Checked, Choice, Count, Flag, Number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.routes.route import Coordinates

# At how many places of a path the norm is told, and of how many numbers together at most, since all
# are computed before the widget shows.
NORMS, MOST_NUMBERS = 65, 2**22
# How many anchors there are where nobody gives any.
ANCHORS = 3


class Interpolator(LatentWidget):
    """Move along a path through anchors and watch what is decoded there.

    Parameters
    ----------
    space : LatentSpace or object
        The space to move through, or anything that `as_space` takes.
    anchors : array_like, shape (m, *latent_shape), m >= 2, optional
        The latents that the path goes through, in order; or images or texts, where the space
        encodes (as `LatentSpace.encode` takes them), under the widget's conditions. If None, the
        first three of the space's data, or of its holder's `latents`, called "data 0" and on; where
        there are none, three samples of the prior, called "sample 0" and on.
    method : {"slerp", "lerp", "nlerp", "spline", "gaussian"}
        How the path runs between its anchors; see `Path`. "gaussian" is for spaces whose prior is
        normal.
    value : float
        Where to begin: t in [0, 1], the anchors spread evenly over it.
    names : iterable of str
        What the anchors are called, one name each, such as the turns of a chat; none by default
        where anchors are given. The widget says at which it is, or between which two.
    closed : bool
        Whether the path returns to its first anchor.
    playing : bool
        Whether it plays at once.
    loop : bool
        Whether playing goes on for ever: there and back on an open path, round and round on
        a closed one.
    speed : float
        Two anchors are passed in 2 s at speed 1, in 1 s at speed 2.
    filmstrip : int
        How many small pictures to show along the path; 0 for none.
    **traits
        Other traits: `conditions`, `size` (CSS pixels), `strip_length`, `frame_memory` (MB),
        `layout`.

    Attributes
    ----------
    value : float
        Where the person is on the path, t in [0, 1].
    latent : ndarray of float32, shape latent_shape
        The latent there. Setting one moves to the point of the path nearest to it.
    anchors, names, method, closed, playing, loop, speed, filmstrip
        As above; all can be set and observed. Names are gone once there are more anchors, or fewer.

    Raises
    ------
    LatentTypeError, LatentValueError
        If anchors, names, method or value cannot be used; the message says what was expected.
    DecodeError
        If the decoder fails on the first picture.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> widget = lw.Interpolator(digits.space, digits.latents[[0, 1]], value=0.5)
    >>> widget.image().size
    (32, 32)
    >>> widget.value = 1
    >>> bool((widget.latent == digits.latents[1]).all())
    True
    >>> lw.Interpolator(digits)
    Interpolator(digits, 3 anchors: 'data 0', 'data 1', 'data 2')
    """

    _esm = static("interpolator.js")
    _css = static("interpolator.css")

    value = Number(0.0, least=0, most=1, help="Where on the path: t in [0, 1].").tag(sync=True)
    latent = Array("_check_latent", take="_go_to", help="The latent at `value`.")
    anchors = Array("_check_anchors", help="The latents that the path goes through.")
    names = Checked(
        "_check_names", expected="a list of texts, [] for none", help="What anchors are called."
    ).tag(sync=True)
    method = Choice(INTERPOLATIONS, "slerp", help="How the path runs between its anchors.").tag(
        sync=True
    )
    closed = Flag(False, help="Whether the path returns to its first anchor.").tag(sync=True)
    playing = Flag(False, help="Whether it is playing.").tag(sync=True)
    loop = Flag(True, help="Whether playing goes on for ever.").tag(sync=True)
    speed = Number(1.0, least=0.01, most=100, help="Two anchors are passed in 2 s at speed 1.").tag(
        sync=True
    )
    filmstrip = Count(
        9, least=0, most=65, help="How many small pictures are shown along the path."
    ).tag(sync=True)

    _marks: Any = traitlets.List(help="Where the anchors are: t of each.").tag(sync=True)
    _norms: Any = traitlets.Dict(help="How long latents along the path are.").tag(sync=True)
    _methods: Any = traitlets.List(help="What the method menu offers.").tag(sync=True)

    _lets_go = ("anchors", "latent")

    def __init__(
        self,
        space: Any,
        anchors: Any = None,
        *,
        method: str = "slerp",
        value: float = 0.0,
        names: Iterable[str] = (),
        **traits: Any,
    ) -> None:
        latent = traits.pop("latent", None)
        held = held_by(space)
        if anchors is None:
            anchors, origins = held.examples(ANCHORS, "anchors")
            names = origins if isinstance(names, tuple) and not names else names
        renderer = Renderer(held.space)
        # Names after anchors: there must be as many.
        traits = {"anchors": anchors, "names": names, "method": method, "value": value, **traits}
        super().__init__(renderer, **traits)
        if latent is not None:
            self.latent = latent

    @property
    def path(self) -> Path:
        """The path through the anchors, as `method` and `closed` say."""
        path: Path = self._own_route()
        return path

    def _at(self) -> Coordinates:
        return (self.value,)

    def _contents(self) -> list[str]:
        names = f": {', '.join(map(brief, self.names))}" if self.names else ""
        return [f"{len(self.anchors)} anchors{names}"]

    def _check_anchors(self, anchors: Any) -> NDArray[np.float32]:
        latents = latents_from(self.space, anchors, "anchors", conditions=self.conditions)
        Path(latents, "lerp", closed=self.closed)  # raises where no path goes through
        return latents

    def _check_names(self, given: Any) -> tuple[str, ...]:
        names = check_items(given, "names are", "texts, one an anchor")
        for name in names:
            if not isinstance(name, str):
                raise LatentTypeError(f"names hold {brief(name)}; expected texts, one an anchor.")
        if names and len(names) != len(self.anchors):
            raise LatentValueError(
                f"there are {len(names)} names and {len(self.anchors)} anchors. Give one name an "
                "anchor, or [] for none."
            )
        return tuple(str(name) for name in names)

    @traitlets.default("_methods")
    def _offered(self) -> list[str]:
        normal = self.space.normal_prior is not None
        return [method for method in INTERPOLATIONS if normal or method != "gaussian"]

    @traitlets.validate("method")
    def _check_method(self, proposal: Any) -> str:
        if proposal["value"] == "gaussian":
            known(self.space.normal_prior, "method 'gaussian'")
        method: str = proposal["value"]
        return method

    def _norms_of(self, path: Path) -> dict[str, Any]:
        """Say how long latents along the path are, for the page to tell where that is unusual."""
        size = math.prod(path.latent_shape)
        if self.space.normal_prior is None:
            return {"along": [], "chance": 0.0}
        steps = max(9, min(NORMS, MOST_NUMBERS // size))
        along = [float(path.norms(t)) for t in np.linspace(0, 1, steps)]
        return {"along": along, "chance": 1 / math.sqrt(2 * size)}

    def _check_latent(self, latent: ArrayLike) -> NDArray[np.float32]:
        return one_latent(self.space, latent, conditions=self.conditions)

    def _go_to(self, latent: NDArray[np.float32]) -> None:
        """Go to the point of the path that is nearest."""
        self.value = self.path.nearest(latent)

    @traitlets.observe("anchors", "method", "closed")
    def _follow_path(self, _change: Any) -> None:
        self._open_renderer()  # which a closed widget has none of
        path = Path(self.anchors, self.method, closed=self.closed, space=self.space)
        with self.hold_sync():
            if len(self.names or ()) != len(self.anchors):  # they were those of other anchors
                self.names = ()
            self._marks = [float(t) for t in path.marks]
            self._norms = self._norms_of(path)
            self._show(path)
            self._follow()

    @traitlets.observe("value")
    def _follow_value(self, _change: Any) -> None:
        self._follow()
