"""`Renderer`: coordinates to frames, by way of the route, the space and the kind of output."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from latentwidgets.engine.cache import KeptFrames
from latentwidgets.engine.drawn import Drawn
from latentwidgets.engine.expected import StepNumbers, StepTimes, whole_numbers
from latentwidgets.engine.shown import Shown
from latentwidgets.errors import LatentValueError
from latentwidgets.frames import Quality
from latentwidgets.kinds.shared.table import framer_for, kind_named
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.route import StaleError
from latentwidgets.space.conditions import NONE

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    import numpy as np
    import PIL.Image
    from numpy.typing import NDArray

    from latentwidgets.frames import Frame
    from latentwidgets.kinds.shared.kind import Framer
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.conditions import Conditions
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Renderer"]

# If a decoder takes longer than this for a frame, its drafts are shown until it is done.
SLOW_SECONDS = 0.15
# The shortest time between two drafts shown: a decoder may yield one every millisecond.
DRAFT_SECONDS = 0.05
# A slow strip ends with the last draft that comes within this time, and at least the first; one of
# which less is left than was done is finished, however long that takes.
STRIP_SECONDS = 0.1


class Renderer:
    """Makes frames of a space along a route, and keeps them for when they are asked for again.

    Parameters
    ----------
    space : LatentSpace or None
        The space that decodes; None if there is none.

    Attributes
    ----------
    shown : Shown or None
        The route and its name, replaced together: several threads read them.
    seconds : float
        How long a position took when it was last decoded alone, to the end; 0 before.
    quickest : float
        The shortest time that a position took, alone or as one of a batch; 0 before. Unlike the
        others it is not made longer by the first decode of all, nor by a wait for the model.
    kept : KeptFrames
        The frames that were made, for when they are asked for again.
    """

    shown: Shown | None = None

    def __init__(self, space: LatentSpace | None) -> None:
        self._space = space
        self._changes = 0  # how often frames were forgotten: part of the route's name
        self.quickest = self.seconds = 0.0
        self._numbers = StepNumbers()
        self._longest = float("inf")  # the longest step of the last decode
        self.kept = KeptFrames()

    @property
    def space(self) -> LatentSpace:
        """The space that decodes."""
        if self._space is None:
            raise LatentValueError("there is no space here; nothing can be decoded.")
        return self._space

    @property
    def conditions(self) -> Conditions:
        """The conditions that the decoder takes beside latents; empty without a space."""
        return NONE if self._space is None else self._space.conditions

    @property
    def decoder(self) -> LatentSpace | None:
        """The space that decodes, if there is one."""
        return self._space

    @property
    def stays(self) -> str:
        """Why frames are made here alone, though the decoder may go to a page; empty otherwise."""
        return ""

    @property
    def draws(self) -> bool:
        """Whether there is a space to make frames of."""
        return self._space is not None

    def show(self, route: Route) -> Shown:
        """Show a route from now on.

        Parameters
        ----------
        route : Route
            From coordinates to latents.

        Returns
        -------
        Shown
            The name changes if frames that are kept are out of date.
        """
        full = Conditioned.of(route, self.conditions) if self.conditions else route
        self.shown = Shown(f"{full.digest}-{self._changes}", route, full)
        return self.shown

    def forget(self) -> None:
        """Forget every frame; the next `show` gives a new name, even to the same route."""
        self.kept.clear()
        # Another model may be quicker, or slower, or take other numbers of steps.
        self.quickest, self._numbers = 0.0, StepNumbers()
        self._changes += 1

    def resize(self, memory: int) -> None:
        """Set how many bytes of frames are kept."""
        self.kept.resize(memory)

    def close(self) -> None:
        """Let go of the route and all frames; what is being decoded now is not kept either."""
        self.resize(0)
        self.shown = None

    def route(self, name: str) -> Route:
        """Return the route that has a name.

        Raises
        ------
        StaleError
            If another route is shown by now.
        """
        shown = self.shown
        if shown is None or shown.name != name:
            raise StaleError("the page asks about what is no longer shown.")
        return shown.route

    def draw(self, name: str, positions: Sequence[Coordinates], quality: Quality) -> Drawn:
        """Return one frame for each position: those that were kept, the others in one batch.

        Parameters
        ----------
        name : str
            Name of the route.
        positions : sequence of tuple of float
            Coordinates.
        quality : Quality
            How frames are encoded; a strip also accepts lossy ones.

        Returns
        -------
        Drawn
            The frames, and what they cost.

        Raises
        ------
        StaleError
            If another route is shown by now.
        DecodeError
            If the decoder fails.
        """
        if not self.draws:
            return Drawn([])
        start = time.perf_counter()
        found = self.kept.find(name, positions, quality)
        missing = [at for at, frame in found.items() if frame is None]
        if missing:
            found.update(zip(missing, self.decode(name, missing, quality)[1], strict=True))
        return Drawn(_frames_of(found), len(missing), time.perf_counter() - start)

    def steps(
        self,
        name: str,
        positions: Sequence[Coordinates],
        quality: Quality,
        *,
        drafts: bool = False,
    ) -> Generator[Drawn, None, None]:
        """Draw as `draw` does; yield drafts on the way if the decoder gives any and is slow.

        Parameters
        ----------
        name, positions, quality
            As in `draw`.
        drafts : bool
            Whether drafts are good enough: those of a slow decode that is not nearly done.

        Yields
        ------
        Drawn
            After each step of the decoder its drafts, or no frames if the last drafts are younger
            than DRAFT_SECONDS; at the end the finished frames, or drafts if they are good enough.
            Closing the generator early stops the decoder; the last drafts are kept.

        Raises
        ------
        StaleError, DecodeError
            As in `draw`.
        """
        slow = self.seconds > SLOW_SECONDS
        space = self._space
        if space is None or not (space.is_stepwise or (slow and space.gives_drafts)):
            yield self.draw(name, positions, quality)
            return
        found = self.kept.find(name, positions, quality, draft=drafts)
        missing = [at for at, frame in found.items() if frame is None]
        if not missing:
            yield Drawn(_frames_of(found))
            return
        began = time.perf_counter()
        shown_at, shown, times = began - DRAFT_SECONDS, 0, StepTimes()
        outputs: list[Any] = []
        route = self.route(name)
        counts = self._counts_at(route, missing)
        of = self._numbers.of(counts)
        usual = self.seconds / of if of and len(missing) == 1 else 0.0
        steps = self.drafts(route, missing)
        try:
            for outputs in steps:
                now = time.perf_counter()
                times.add(now - began)
                self.route(name)  # raises if another is shown by now
                slow = slow or times.expected(of, SLOW_SECONDS, usual) > SLOW_SECONDS
                late = times.spent + self._longest > STRIP_SECONDS
                # Drafts end the decode: who wants the finished frames later begins it anew.
                enough = slow and drafts and late and not times.is_nearly_done(of)
                if not slow or (not enough and now - shown_at < DRAFT_SECONDS):
                    yield Drawn([], more=True)
                else:
                    shown_at, shown = now, times.number
                    drawn = self._frames(name, missing, outputs, Quality.STRIP, shown)
                    found.update(zip(missing, drawn, strict=True))
                    yield Drawn(_frames_of(found), len(missing), times.spent, more=not enough)
                if enough:
                    return
                began = time.perf_counter()  # between two steps a person's cell may run
        except GeneratorExit:
            if shown < times.number:
                self._frames(name, missing, outputs, Quality.STRIP, times.number)
            raise
        finally:
            steps.close()
        self._took(times.spent + time.perf_counter() - began, len(missing))
        self._longest = times.longest
        self._numbers.keep(counts, times.number)
        found.update(zip(missing, self._frames(name, missing, outputs, quality), strict=True))
        spent = times.spent + time.perf_counter() - began  # with making frames
        yield Drawn(_frames_of(found), len(missing), spent)

    def outputs(self, route: Route, positions: Sequence[Coordinates]) -> list[Any]:
        """Decode what is shown at each position, one output or several, all in one batch."""
        start = time.perf_counter()
        decoded = self.space.decode(*self._asked(route, positions))
        self._took(time.perf_counter() - start, len(positions))
        return _apart(decoded, len(positions))

    def drafts(
        self, route: Route, positions: Sequence[Coordinates]
    ) -> Generator[list[Any], None, None]:
        """Decode as `outputs` does; yield drafts as they come, and the finished outputs last."""
        with closing(self.space.drafts(*self._asked(route, positions))) as drafts:
            for decoded in drafts:
                yield _apart(decoded, len(positions))

    def framer(self) -> Framer:
        """Return what makes frames of outputs; decode a sample first if their kind is unknown."""
        space = self.space
        return framer_for(space.kind, sample_rate=space.sample_rate, value_range=space.value_range)

    @property
    def painter(self) -> str:
        """The file of the front end that paints these frames; empty for images."""
        return kind_named(self.space.kind).painter

    def picture(self, route: Route, at: Coordinates) -> PIL.Image.Image:
        """Draw what a route has at some coordinates, decoded for exactly these."""
        [outputs] = self.outputs(route, [at])
        return self.framer().picture(outputs)

    def decode(
        self, name: str, positions: Sequence[Coordinates], quality: Quality
    ) -> tuple[list[Any], list[Frame]]:
        """Decode what is shown at some positions, make frames of it and keep these.

        Parameters
        ----------
        name, positions, quality
            As in `draw`.

        Returns
        -------
        outputs : list
            What was decoded, one batch for each position.
        frames : list of Frame
            One for each position.

        Raises
        ------
        StaleError
            If another route is shown by now.
        DecodeError
            If the decoder fails.
        """
        outputs = self.outputs(self.route(name), positions)
        return outputs, self._frames(name, positions, outputs, quality)

    def decode_for(
        self, seconds: float, name: str, positions: Sequence[Coordinates], *, fewest: int
    ) -> list[Any]:
        """Decode the first of some positions for a strip, for about so many seconds at most.

        Parameters
        ----------
        seconds, name, positions
            How long, and what, as in `draw`.
        fewest : int
            A number of them, or a multiple of it, is worth it; or all.

        Returns
        -------
        list
            What was decoded, one batch for each of the first positions; empty if there is time for
            too few. Frames of them are kept.
        """
        found: list[Any] = []
        if len(positions) * self.seconds > seconds > 2 * self.seconds:
            # The first decode of all is much slower than the next: another one shows how much.
            start = time.perf_counter()
            found = self.decode(name, positions[:1], Quality.STRIP)[0]
            seconds -= time.perf_counter() - start
        most = len(found) + int(seconds / max(self.seconds, 1e-6))
        rest = positions[len(found) : most if most >= len(positions) else most // fewest * fewest]
        return [*found, *self.decode(name, rest, Quality.STRIP)[0]] if rest else []

    def _counts_at(self, route: Route, positions: Sequence[Coordinates]) -> frozenset[Any]:
        """Give what bears on how many steps a decode has."""
        if not isinstance(route, Conditioned):
            return frozenset()
        return whole_numbers(route.values(positions), self.conditions)

    def _took(self, seconds: float, count: int) -> None:
        if count == 1 or not self.seconds:
            self.seconds = seconds / count
        self.quickest = min(self.quickest or float("inf"), seconds / count)

    def _asked(
        self, route: Route, positions: Sequence[Coordinates]
    ) -> tuple[NDArray[np.float32], dict[str, list[Any]] | None]:
        """Give the latents at some positions, and their conditions if the route has any."""
        latents = route.latents(positions).reshape(-1, *self.space.latent_shape)
        if not isinstance(route, Conditioned):
            return latents, None
        return latents, route.values(positions, len(latents) // len(positions))

    def _frames(
        self,
        name: str,
        positions: Sequence[Coordinates],
        outputs: Sequence[Any],
        quality: Quality,
        draft: int = 0,
    ) -> list[Frame]:
        """Make frames of outputs, and keep them: of finished ones, or of a draft of some number."""
        framer = self.framer()
        frames = [
            framer.frame(shown, at, quality) for at, shown in zip(positions, outputs, strict=True)
        ]
        if draft:
            frames = [frame.as_draft(draft) for frame in frames]
            self.kept.keep_drafts(name, frames)
        else:
            self.kept.keep(name, frames, quality)
        return frames


def _apart(decoded: Any, count: int) -> list[Any]:
    """Divide outputs among positions."""
    each = len(decoded) // count
    return [decoded[i : i + each] for i in range(0, len(decoded), each)]


def _frames_of(found: dict[Coordinates, Frame | None]) -> list[Frame]:
    return [frame for frame in found.values() if frame is not None]
