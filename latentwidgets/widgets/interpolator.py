"""Interpolator: a slider along a path through two or more anchors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import traitlets
from typing_extensions import Unpack

from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.pieces import STEP_SECONDS, Pieces, finish
from latentwidgets.common.wording import brief
from latentwidgets.engine import Renderer, ordinary_of
from latentwidgets.export.figures import route_figure
from latentwidgets.routes.bends import METHODS
from latentwidgets.routes.conditioned import values_at
from latentwidgets.routes.path import Path
from latentwidgets.space.held import held_by
from latentwidgets.space.inputs import anchors_from, one_latent
from latentwidgets.widgets.code import static
from latentwidgets.widgets.paged import Paged
from latentwidgets.widgets.path.names import check_names
from latentwidgets.widgets.path.speed_curve import (
    ByChance,
    curve_steps,
    measured_by_chance,
    no_curve,
    put_off,
    seconds_of,
)
from latentwidgets.widgets.path.ways import (
    Way,
    check_method,
    check_way,
    found_before,
    has_speeds,
    offered,
    withheld,
)
from latentwidgets.widgets.snapshot import shown_by
from latentwidgets.widgets.trait_types import PathTraits
from latentwidgets.widgets.traits import Array, Checked, Choice, Count, Flag, Number

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.common.pieces import Steps
    from latentwidgets.engine import Hooks
    from latentwidgets.engine.replies import SpeedCurve
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.widgets.path.ways import Found

# How many anchors there are where nobody gives any.
ANCHORS = 3


class Interpolator(Paged):
    """Move along a path through anchors and watch what is decoded there.

    Parameters
    ----------
    space : LatentSpace or object
        The space to move through, or anything that `as_space` takes. Latents of the path are
        compared with its data, or its holder's; with samples of the prior where there are none.
    anchors : array_like, shape (m, *latent_shape), m >= 2, optional
        The latents that the path goes through, in order; or images or texts, where the space
        encodes (as `LatentSpace.encode` takes them), under the widget's conditions. If None, the
        first three of the space's data, or of its holder's `latents`, called "data 0" and on; where
        there are none, three samples of the prior, called "sample 0" and on.
    method : {"slerp", "lerp", "nlerp", "spline", "gaussian", "geodesic"}
        How the path runs between its anchors; see `Path`. "gaussian" is for spaces whose prior is
        normal. "geodesic" is the shortest way of the output that keeps near the data, as
        `latentwidgets.analysis.geodesic` finds it, for latents of at most 64 numbers.
    even_speed : bool
        Whether the output changes at the same speed all along, as `Path.at_constant_speed` does it.
        The marks of the anchors move accordingly.
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
    speed_curve : {"auto", "always", "never"}
        Whether the speed at which the output changes is drawn under the slider, with marks where it
        changes abruptly: faster than twice the mean. It is measured piece by piece while nobody
        moves; "auto" does so where it takes half a minute at most.
    **traits
        Other traits: `conditions`, `size` (CSS pixels), `strip_length`, `frame_memory` (MB),
        `smooth` (or pixels as squares), `saved_bytes` (of what a saved output holds), `layout`;
        `run` ("auto", "page", "kernel"), where to decode, `page_memory` (MB), how large a decoder
        may be that runs in the page, and `page_gpu`, whether it runs there by WebGPU.

    Attributes
    ----------
    value : float
        Where the person is on the path, t in [0, 1].
    latent : ndarray of float32, shape latent_shape
        The latent there. Setting one moves to the point of the path nearest to it.
    anchors, names, method, closed, even_speed, playing, loop, speed, filmstrip, speed_curve
        As above; all can be set and observed. Names are gone once there are more anchors, or fewer.
    runs_in : str
        Where it is decoded now, which the page says: "page", "kernel", or "kernel: " and why.

    Notes
    -----
    A geodesic and an even speed are found under the conditions that are set then. Before a page
    shows the widget that happens at once. Afterwards it happens while nobody moves, and until then
    the path is what can be had at once, for a geodesic slerp; `path` waits for it.
    What Python sets outlasts what a page had said before. What an observer sets of the very trait
    that a page reports does not outlast the next report: have it stop `playing`, or set it later.

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
    method = Choice(METHODS, "slerp", help="How the path runs between its anchors.").tag(sync=True)
    even_speed = Flag(False, help="Whether the output changes at the same speed all along.").tag(
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

    speed_curve = Choice(
        ("auto", "always", "never"), "auto", help="Whether the speed is drawn under the slider."
    ).tag(sync=True)

    _marks: Any = traitlets.List(help="Where the anchors are: t of each.").tag(sync=True)
    _methods: Any = traitlets.Dict(help="The methods offered, each in words.").tag(sync=True)
    _way: Any = traitlets.Dict(
        help="Whether the path is sought, what was gained, and what there is not, with why."
    ).tag(sync=True)

    _lets_go = ("anchors", "latent", "_found")
    # The path that was found last, where it had to be.
    _found: Found | None = None

    @checked_keywords
    def __init__(
        self,
        space: Any,
        anchors: Any = None,
        *,
        method: str = "slerp",
        value: float = 0.0,
        names: Iterable[str] = (),
        **traits: Unpack[PathTraits],
    ) -> None:
        latent = traits.pop("latent", None)
        held = held_by(space)
        if anchors is None:
            anchors, origins = held.examples(ANCHORS, "anchors")
            names = origins if isinstance(names, tuple) and not names else names
        renderer = Renderer(held.space)
        self._chance = ByChance()
        # Names after anchors: there must be as many.
        given = {"anchors": anchors, "names": names, "method": method, "value": value}
        super().__init__(renderer, ordinary_of(*held), **{**given, **traits})
        if latent is not None:
            self.latent = latent

    @property
    def path(self) -> Path:
        """The path through the anchors, as `method`, `closed` and `even_speed` say."""
        self._open_renderer()
        way = self._wanted()
        if self._is_sought(way):
            self._find(way)
        return self.shown_path

    @property
    def shown_path(self) -> Path:
        """The path that is shown now: another than `path` as long as that is being looked for."""
        path: Path = self._own_route()
        return path

    def _settle(self) -> None:
        _ = self.path

    def _seeks(self) -> bool:
        return self._is_sought(self._wanted())

    def refresh(self) -> None:
        """Forget every frame and decode anew: for when the model itself has changed."""
        self._found, self._chance = None, ByChance()
        super().refresh()
        self._follow_path()

    def figure(self, columns: int = 7) -> Figure:
        """Draw the path from end to end, for a paper.

        Parameters
        ----------
        columns : int
            At how many places, from 2 to 64.

        Returns
        -------
        matplotlib.figure.Figure
            Ready for ``savefig``.

        Examples
        --------
        >>> import latentwidgets as lw
        >>> len(lw.Interpolator(lw.demo.digits()).figure(5).axes[0].get_xticks())
        5
        """
        now = shown_by(self)
        return route_figure(now.renderer, now.shown, now.at, columns)

    def _at(self) -> Coordinates:
        return (self.value,)

    def _contents(self) -> list[str]:
        names = f": {', '.join(map(brief, self.names))}" if self.names else ""
        return [f"{len(self.anchors)} anchors{names}"]

    def _check_anchors(self, anchors: Any) -> NDArray[np.float32]:
        latents = anchors_from(self.space, anchors, conditions=self.conditions)
        Path(latents, "lerp", closed=self.closed)  # raises where no path goes through
        return latents

    def _check_names(self, given: Any) -> tuple[str, ...]:
        return check_names(given, len(self.anchors))

    @traitlets.default("_methods")
    def _offered(self) -> dict[str, str]:
        return offered(self.space)

    @traitlets.validate("method")
    def _check_method(self, proposal: Any) -> str:
        method: str = proposal["value"]
        check_method(self.space, method)
        return method

    @traitlets.validate("even_speed")
    def _check_even_speed(self, proposal: Any) -> bool:
        if proposal["value"]:
            check_way(self.space, "an even speed", geodesic=False)
        even: bool = proposal["value"]
        return even

    def _check_latent(self, latent: ArrayLike) -> NDArray[np.float32]:
        return one_latent(self.space, latent, conditions=self.conditions)

    def _go_to(self, latent: NDArray[np.float32]) -> None:
        """Go to the point of the path that is nearest."""
        self.value = self.shown_path.nearest(latent)

    def _put(self, state: dict[str, Any], route: Route | None = None) -> None:
        if route is not None:  # which was found before, so that it need not be found again
            self._found = found_before(self.space, route) or self._found
        # All at once: what lies between two states may have to be found, too.
        with self.hold_trait_notifications():
            super()._put(state)

    # Ways that have to be found

    def _wanted(self) -> Way:
        return Way(self.space, self.anchors, self.method, self.closed, self.even_speed)

    def _is_sought(self, way: Way) -> bool:
        """Tell whether a way is still to be found."""
        return not way.is_known and (self._found is None or self._found.key != way.key)

    def _find(self, way: Way) -> None:
        """Find a way at once, under a progress bar."""
        self._take(way, finish(way.steps(self.conditions, Pieces(most=64)), "path"))

    def _take(self, way: Way, found: Found) -> None:
        """Show a path that was found, if it is still wanted."""
        if self._renderer is None:
            return
        self._found = found
        if self._wanted().key == way.key:
            self._lead(found.path)
        if self._wanted().key != way.key:  # which another thread may have changed meanwhile
            self._follow_path()

    def _hooks(self) -> Hooks:
        return replace(super()._hooks(), speeds=self._speeds_at)

    def _speeds_at(self, at: Coordinates, *, chance: bool) -> Steps[SpeedCurve]:
        """Find the path where it is still to be found; else measure speeds, or those of chance."""
        renderer, way = self._open_renderer(), self._wanted()
        shown, path, pieces = renderer.shown, self.shown_path, Pieces(STEP_SECONDS, most=64)
        assert shown is not None
        conditions = values_at(shown.route, at)
        if self._is_sought(way):
            self._take(way, (yield from way.steps(conditions, pieces)))
            return no_curve()  # of a path that is no longer shown
        drawn = self.speed_curve != "never" and has_speeds(self.space)
        searched = None if way.is_known or not self._found else self._found.seconds
        seconds = seconds_of(path, renderer.seconds) if drawn else None
        if chance:
            within = measured_by_chance(self.speed_curve, seconds, searched)
            return (yield from self._chance.steps(self.space, path, conditions, pieces, within))
        if seconds is None:
            return no_curve()
        if words := put_off(self.speed_curve, seconds, "the speed of the output"):
            return no_curve(words)
        return (yield from curve_steps(self.space, path, conditions, pieces))

    # What follows from what

    @traitlets.observe("anchors", "method", "closed", "even_speed")
    def _follow_path(self, _change: Any = None) -> None:
        self._open_renderer()  # which a closed widget has none of
        way = self._wanted()
        found = None if self._is_sought(way) or way.is_known else self._found
        self._lead(way.plain() if found is None else found.path)
        if self._is_sought(way) and self._conversation is not None and not self._conversation.begun:
            self._find(way)

    def _lead(self, path: Path) -> None:
        """Show a path, and all that is said of it."""
        with self.hold_sync():
            if len(self.names or ()) != len(self.anchors):  # they were those of other anchors
                self.names = ()
            self._marks = [float(t) for t in path.marks]
            self._show(path)
            self._tell_way()
            self._follow()

    @traitlets.default("_way")
    def _about_way(self) -> dict[str, Any]:
        """Say what the page has to know of the path."""
        way, speeds = self._wanted(), has_speeds(self.space)
        sought = self._is_sought(way)
        return {
            "sought": sought,
            "words": "" if sought or way.is_known or not self._found else self._found.words,
            "drawn": speeds and self.speed_curve != "never",
            "even": speeds,
            "withheld": withheld(self.space),
        }

    def _needs(self) -> list[str]:
        return ["curve"] if self._way["drawn"] else []

    @traitlets.observe("speed_curve")
    def _tell_way(self, _change: Any = None) -> None:
        if self._renderer is None or self.comm is None:
            return  # no page listens yet, and what the outputs are may not be known
        with self.hold_sync():
            self._way = self._about_way()
            if self._way["drawn"]:
                self._load("curve")

    @traitlets.observe("value")
    def _follow_value(self, _change: Any) -> None:
        self._follow()
