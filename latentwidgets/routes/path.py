"""`Path`: a route through two or more latents, its anchors.

Everything is computed in float64. Latents have the dtype of the anchors if that is float32 or
float64, else float32. At a mark the latent is the anchor, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from latentwidgets.common.checks import check_flag
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import repeating
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.bends import bent, check_bends, check_method
from latentwidgets.routes.gaussian import check_law, gaussian, known, prior_in, standardised
from latentwidgets.routes.route import digest_of
from latentwidgets.routes.segments import (
    ROUNDING,
    arc,
    distances_along,
    finite_latents,
    nearest_place,
    real_floats,
    spline,
    times_of,
)
from latentwidgets.routes.speeds import even_timing
from latentwidgets.routes.timing import check_timing, pace, placed
from latentwidgets.space.latent_source import LatentSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.routes.route import Bounds, Coordinates
    from latentwidgets.routes.segments import Float64, Floats, Piece
    from latentwidgets.space.priors import NormalPrior


# Half the distance, in parts of a segment, between the two latents of a velocity.
NUDGE = 1e-5


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Path:
    """A path through two or more anchors: t in [0, 1] to latent. It never changes.

    Every segment takes the same share of t, unless `timing` says otherwise. Outside [0, 1] an open
    path goes on along its first or last segment (a spline straight on); on a closed path t wraps,
    and 1 is the first anchor. `marks` is the t of every anchor, read-only; `latent_shape` the shape
    of one latent.

    Parameters
    ----------
    anchors : array_like
        Real and finite, shape ``(m, *latent_shape)``, m at least 2. A read-only copy is kept.
    method : {"slerp", "lerp", "nlerp", "spline", "gaussian", "geodesic"}
        What joins two anchors: see `slerp`, `lerp`, `nlerp`. "spline" is the cubic spline through
        all of them (natural; periodic when closed), smooth at the anchors too. "geodesic" is what
        `latentwidgets.analysis.geodesic` has found, and needs `bends`. "gaussian" is for
        anchors drawn from a normal prior: of the two it takes their deviations from its mean,
        weighted by ``cos(a)`` and ``sin(a)``, where a goes evenly from 0 to a quarter turn. The
        norm of the weights is 1, so that every latent on the path has the law of the prior.
    closed : bool
        Whether a last segment leads back to the first anchor.
    space : LatentSpace or object, optional
        The space whose prior the anchors are from, or anything that `as_space` takes: "gaussian"
        and `norms` ask for it. If None, the prior is standard normal.
    timing : array_like, optional
        Where the path is at which t, ``(2, k)``: a row of t, and a row of what t would be if every
        segment took the same share; both rise from 0 to 1. `at_constant_speed` makes it.
    bends : array_like, optional
        Of a geodesic: the latents that each segment's own spline goes through beside its anchors,
        ``(segments, k, *latent_shape)``.

    Raises
    ------
    LatentTypeError
        If the anchors do not hold real numbers.
    LatentValueError
        If there are fewer than two, one is NaN or infinite, or the method is unknown; for
        "gaussian", if the prior of the space is not normal; or timing or bends cannot be used.

    Warns
    -----
    GuessWarning
        For "gaussian", if two anchors in a row are so correlated, or one is so short or long, that
        the law does not hold: midway between near-copies the norm would be 1.4 times too large.

    Notes
    -----
    Of two independent normal latents of many numbers, `lerp` has 0.71 times their norm midway; a
    generator that has seen none that short makes grey or blurred pictures of them. `norms` tells.

    References
    ----------
    Unser 1999, "Splines: a perfect fit for signal and image processing", IEEE Signal Proc. Mag. 16.
    For "gaussian": Bodin et al. 2024, "Linear combinations of latents in generative models"
    (arXiv 2408.08558).

    Examples
    --------
    >>> path = Path([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    >>> path
    Path(3 anchors of shape (2,), float64, 'slerp', closed=False)
    >>> path([0.0, 0.25]).round(3).tolist()
    [[1.0, 0.0], [0.707, 0.707]]
    >>> noise = np.random.default_rng(0).standard_normal((3, 4, 64, 64))
    >>> Path(noise, "lerp").norms([0.0, 0.25, 0.5]).round(2).tolist()
    [1.0, 0.7, 1.0]
    >>> Path(noise, "gaussian").norms([0.0, 0.25, 0.5]).round(2).tolist()
    [1.0, 1.0, 1.0]
    """

    anchors: Floats
    method: str
    closed: bool
    marks: Float64
    latent_shape: tuple[int, ...]
    timing: Float64 | None
    bends: Floats | None
    _ring: Floats
    _piece: Piece
    _prior: NormalPrior | None

    @checked_keywords
    def __init__(
        self,
        anchors: ArrayLike,
        method: str = "slerp",
        *,
        closed: bool = False,
        space: Any = None,
        timing: ArrayLike | None = None,
        bends: ArrayLike | None = None,
    ) -> None:
        points, closed = real_floats(anchors, "anchors"), check_flag(closed, "closed")
        if points.ndim < 2 or len(points) < 2 or points.size == 0:
            raise LatentValueError(
                f"anchors have shape {points.shape}; a path takes two or more: (m, *latent_shape). "
                "Stack them, np.stack([first, second]); latents of one number are anchors[:, None]."
            )
        check_method(method, bends)
        marks = np.arange(len(points)) / (len(points) - 1 + closed)
        if timing is not None:
            timing = check_timing(timing)
            marks = np.interp(marks, timing[1], timing[0])
        points.setflags(write=False)
        marks.setflags(write=False)
        ring = points.reshape(len(points), -1)
        ring = np.concatenate([ring, ring[:1]]) if closed else ring
        vars(self).update(anchors=points, method=method, closed=closed, marks=marks)
        if bends is not None:
            bends = check_bends(bends, len(ring) - 1, points.shape[1:])
        vars(self).update(latent_shape=points.shape[1:], timing=timing, bends=bends, _ring=ring)
        vars(self).update(_prior=prior_in(space, self.latent_shape))
        vars(self).update(_piece=self._joined())

    def __call__(self, t: ArrayLike) -> Floats:
        """Give latents of shape ``t.shape + latent_shape``; bad t raises as in `slerp`."""
        times = real_floats(t, "t", np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            index, part = self._locate(times.ravel())
            latents = self._piece(part[:, None], index).astype(self.anchors.dtype)
        hit = (part == 0) | (part == 1)
        latents[hit] = self._ring[index[hit] + part[hit].astype(np.intp)]
        return finite_latents(latents).reshape(times.shape + self.latent_shape)

    def norms(self, t: ArrayLike) -> Float64:
        """Say how long latents are, as multiples of the norm that those of the prior have.

        Parameters
        ----------
        t : array_like
            Where, of any shape.

        Returns
        -------
        ndarray
            float64 ``t.shape``: the root of the mean of the squares of standardised numbers. Of
            latents drawn from a prior of d numbers it is 1, give or take ``1 / sqrt(2 * d)``.

        Raises
        ------
        LatentValueError
            If the prior of the space is not normal; bad t raises as in `slerp`.

        Examples
        --------
        >>> Path([[3.0, 0.0], [0.0, 3.0]], "lerp").norms([0.0, 0.5]).round(2).tolist()
        [2.12, 1.5]
        """
        prior, latents = known(self._prior, "norms"), self(t)
        axes = tuple(range(-len(self.latent_shape), 0))
        return np.asarray(np.sqrt((standardised(latents, prior) ** 2).mean(axis=axes)))

    def reversed(self) -> Path:
        """Give the path the other way round: its latent at t is this one's at 1 - t."""
        anchors = self._ring[::-1][: len(self.anchors)].reshape(self.anchors.shape)
        timing = None if self.timing is None else 1 - self.timing[:, ::-1]
        bends = None if self.bends is None else self.bends[::-1, ::-1]
        how = partial(Path, anchors, self.method, closed=self.closed, space=self._source)
        return how(timing=timing, bends=bends)

    def timed(self, timing: ArrayLike | None) -> Path:
        """Give the same way with another timing, or with none."""
        how = partial(Path, self.anchors, self.method, closed=self.closed, space=self._source)
        return how(timing=timing, bends=self.bends)

    def velocity(self, t: ArrayLike) -> Float64:
        """Say how fast latents change with t, of any shape: float64 ``t.shape + latent_shape``.

        At an anchor it is the velocity just after it, at the end of an open path that just before.
        It is right to about 9 digits. Bad t raises as in `slerp`.

        Examples
        --------
        >>> Path([[0.0, 0.0], [4.0, 0.0]], "lerp").velocity(0.5).round(6).tolist()
        [4.0, 0.0]
        """
        times = real_floats(t, "t", np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            index, part = self._locate(times.ravel())
            ahead, behind = (self._piece(part[:, None] + step, index) for step in (NUDGE, -NUDGE))
            rate = (len(self._ring) - 1) * pace(self._wrapped(times.ravel()), self.timing)
            found = finite_latents((ahead - behind) / (2 * NUDGE) * rate[:, None])
        return np.asarray(found, np.float64).reshape(times.shape + self.latent_shape)

    @checked_keywords
    def at_constant_speed(
        self,
        space: Any,
        *,
        distance: Any = "l2",
        features: Any = None,
        n: int = 128,
        conditions: Mapping[str, Any] | None = None,
    ) -> Path:
        """Give the same way with such a timing that the output changes at the same speed all along.

        Parameters
        ----------
        space : LatentSpace or object
            What decodes the path, or anything that `as_space` takes.
        distance, features
            How outputs are compared, as `latentwidgets.analysis.smoothness` takes them.
        n : int
            At how many places of each segment outputs are compared, at least 2.
        conditions : mapping of str to value, optional
            Under which is decoded, one value each. Those that are left out have their default.

        Returns
        -------
        Path
            Through the same anchors, with other `marks`. Where the output hardly changes it goes
            fast, but at most about a thousand times as fast as on average.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an argument cannot be used, or the output does not change along the path.
        DecodeError
            If the decoder raises.

        Examples
        --------
        >>> from latentwidgets import LatentSpace
        >>> space = LatentSpace(lambda z: z**2 * np.ones(8), 1, kind="curve")
        >>> even = Path([[0.0], [1.0]], "lerp").at_constant_speed(space)
        >>> (even([0.25, 0.5, 0.75])[:, 0] ** 2).round(3).tolist()
        [0.25, 0.5, 0.75]
        """
        plain = self.timed(None)
        return plain.timed(even_timing(space, plain, distance, features, n, conditions))

    def nearest(self, latent: ArrayLike) -> float:
        """Find the t in [0, 1] of the path's point nearest to one latent.

        If the latent is an anchor, it is exactly that anchor's mark; else it is as near as float64
        distances can tell, about 1e-8 of a segment. If several points are nearest, it is any one.
        A latent of another shape than `latent_shape` is a LatentValueError, bad numbers raise as in
        `slerp`.

        Examples
        --------
        >>> round(Path([[0.0, 0.0], [4.0, 0.0]], "lerp").nearest([1.0, 7.0]), 6)
        0.25
        """
        point = real_floats(latent, "latent")
        if point.shape != self.latent_shape:
            raise LatentValueError(
                f"latent has shape {point.shape}; this path takes one of shape "
                f"{self.latent_shape}. Pick one of several with latents[0], or reshape it."
                f"{repeating('latent', point.shape, self.latent_shape)}"
            )
        same = (self._ring.astype(point.dtype) == point.ravel()).all(axis=1)
        if same.any():
            return float(self.marks[same.argmax()])
        gaps_at = partial(distances_along, self._latents_at, point.ravel(), self._ring)
        place = nearest_place(gaps_at, len(self._ring) - 1)
        return place if self.timing is None else float(np.interp(place, *self.timing[::-1]))

    # What every route has.

    takes_empty: ClassVar[bool] = False
    bounds: ClassVar[Bounds] = ((0.0, 1.0),)

    @property
    def digest(self) -> str:
        """Names the path: the same in every session for the same latents along it."""
        return digest_of(self.anchors, self.method, str(self.closed), *self._beside)

    def latents(self, positions: Sequence[Coordinates]) -> NDArray[np.float32]:
        """Return the latents at coordinates ``(t,)``: float32 ``(p, *latent_shape)``."""
        return np.asarray(self(times_of(positions)), np.float32)

    def words(self, at: Coordinates) -> str:
        """Write where on the path coordinates ``(t,)`` are."""
        return f"{times_of([at])[0]:g}"

    @property
    def prior(self) -> NormalPrior | None:
        """The normal prior that it was made with; None where that of its space is not normal."""
        return self._prior

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Path):
            return NotImplemented
        if repr(self) != repr(other) or not np.array_equal(self.anchors, other.anchors):
            return False
        mine, theirs = self._beside, other._beside
        return len(mine) == len(theirs) and all(map(np.array_equal, mine, theirs))

    def __hash__(self) -> int:
        return hash((repr(self), (self.anchors + 0.0).tobytes()))  # + 0.0, as -0.0 equals 0.0

    def __repr__(self) -> str:
        anchors = f"{len(self.anchors)} anchors of shape {self.latent_shape}, {self.anchors.dtype}"
        timed = "" if self.timing is None else ", timed"
        return f"Path({anchors}, {self.method!r}, closed={self.closed}{timed})"

    def __reduce__(self) -> tuple[Any, ...]:  # copies are built anew, so they are read-only too
        rebuilt = partial(Path, closed=self.closed, space=self._source, timing=self.timing)
        return partial(rebuilt, bends=self.bends), (self.anchors, self.method)

    @property
    def _source(self) -> LatentSource:
        """What a path needs to know of its space, without the model."""
        return LatentSource(self.latent_shape, self._prior or _unknown)

    @property
    def _beside(self) -> tuple[Floats, ...]:
        """What the latents depend on beside the anchors; the mean of the prior, if it is not 0."""
        mean = None
        if self.method == "gaussian" and (found := known(self._prior, self.method).mean).any():
            mean = found
        return tuple(one for one in (mean, self.timing, self.bends) if one is not None)

    def _joined(self) -> Piece:
        if self.method == "spline":
            return spline(self._ring, self.closed)
        if self.bends is not None:
            return bent(self._ring, self.bends)
        if self.method != "gaussian":
            return arc(self.method, self._ring[:-1], self._ring[1:])
        prior = known(self._prior, "method 'gaussian'")
        check_law(self.anchors, prior, closed=self.closed)
        return gaussian(self._ring, prior.mean)

    def _wrapped(self, t: Float64) -> Float64:
        return np.mod(t, 1.0) if self.closed else t

    def _locate(self, t: Float64) -> tuple[NDArray[np.intp], Float64]:
        """Find the segment that each t is in, and the fraction of the segment before t."""
        return self._split(placed(self._wrapped(t), self.timing))

    def _split(self, place: Float64) -> tuple[NDArray[np.intp], Float64]:
        """Find the same where every segment takes the same share."""
        count = len(self._ring) - 1
        place = place * count
        near = np.rint(place)  # snap t that rounding has moved off a mark (i / m * m, linspace)
        place = np.where(np.abs(place - near) <= 4 * ROUNDING * count, near, place)
        index = np.clip(np.floor(place), 0, count - 1).astype(np.intp)
        return index, place - index

    def _latents_at(self, place: Float64) -> Float64:
        """Give flat latents at places, ``(k, size)``."""
        index, part = self._split(place)
        return self._piece(part[:, None], index)


def _unknown(rng: np.random.Generator, n: int) -> NDArray[np.floating]:
    """Stand for a prior of which it is only known that it need not be normal."""
    raise LatentValueError("a path draws no latents. Draw them from its space: space.sample(n).")
