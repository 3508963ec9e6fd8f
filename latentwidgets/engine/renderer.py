"""`Renderer`: coordinates to frames, the one place where a latent becomes pixels."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from latentwidgets.engine.cache import FrameCache
from latentwidgets.engine.drawn import Drawn
from latentwidgets.errors import LatentValueError
from latentwidgets.frames import Quality
from latentwidgets.kinds.shared.table import framer_for, kind_named
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.route import StaleError
from latentwidgets.space.conditions import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import PIL.Image

    from latentwidgets.frames import Frame
    from latentwidgets.kinds.shared.kind import Framer
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.conditions import Conditions
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Renderer", "Shown"]

# A drag asks for thousands of exact frames; few of them are asked for again.
MOST_EXACT = 16


class Shown(NamedTuple):
    """A route, under the name by which the page knows it."""

    line: str
    route: Route


class Renderer:
    """Makes frames of a space along a route, and keeps them for when they are asked for again.

    Parameters
    ----------
    space : LatentSpace or None
        What decodes; None where nothing does.

    Attributes
    ----------
    shown : Shown or None
        The route and its name, replaced together: several threads read them.
    exact, strips : FrameCache
        The frames that are kept: exact ones, and those that were decoded ahead.
    """

    shown: Shown | None = None

    def __init__(self, space: LatentSpace | None) -> None:
        self._space = space
        self._changes = 0  # of the model, since it was first shown: part of the route's name
        self.strips = FrameCache(0)
        self.exact = FrameCache(0, most=MOST_EXACT)

    @property
    def space(self) -> LatentSpace:
        """The space that decodes."""
        if self._space is None:
            raise LatentValueError("there is no space here; nothing can be decoded.")
        return self._space

    @property
    def conditions(self) -> Conditions:
        """What is decoded beside latents; nothing where there is no space."""
        return NONE if self._space is None else self._space.conditions

    def names(self) -> list[str]:
        """Give the name of the space, if there is one."""
        return [] if self._space is None else [self._space.name]

    @property
    def draws(self) -> bool:
        """Whether there is anything to make frames of."""
        return self._space is not None

    def show(self, route: Route) -> str:
        """Follow a route from now on.

        Parameters
        ----------
        route : Route
            From coordinates to latents.

        Returns
        -------
        str
            Its name for the page: another wherever frames that are kept are no longer right.
        """
        line = f"{route.digest}-{self._changes}"
        self.shown = Shown(line, route)
        return line

    def forget(self) -> None:
        """Forget every frame: what is shown next has another name."""
        self.strips.clear()
        self.exact.clear()
        self._changes += 1

    def resize(self, memory: int) -> None:
        """Set how many bytes of frames are kept; a quarter of them are for exact frames."""
        self.exact.resize(memory // 4)
        self.strips.resize(memory - memory // 4)

    def close(self) -> None:
        """Let go of the route and all frames; what is being decoded now is not kept either."""
        self.resize(0)
        self.shown = None

    def route(self, line: str) -> Route:
        """Return the route of a name.

        Raises
        ------
        StaleError
            If another is shown by now.
        """
        shown = self.shown
        if shown is None or shown.line != line:
            raise StaleError("the page asks about what is no longer shown.")
        return shown.route

    def draw(self, line: str, positions: Sequence[Coordinates], quality: Quality) -> Drawn:
        """Return one frame for each position: those that were kept, the others in one batch.

        Parameters
        ----------
        line : str
            Name of the route.
        positions : sequence of tuple of float
            Coordinates.
        quality : Quality
            How frames are encoded; a strip takes less exact ones.

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
        lossless = quality is not Quality.STRIP
        found: dict[Coordinates, Frame | None] = {}
        for at in positions:
            kept = (cache.get(line, at, lossless=lossless) for cache in (self.exact, self.strips))
            found[at] = next((frame for frame in kept if frame), None)
        missing = [at for at, frame in found.items() if frame is None]
        if missing:
            _, frames = self.decode(line, missing, quality)
            found.update(zip(missing, frames, strict=True))
        drawn = [frame for frame in found.values() if frame is not None]
        return Drawn(drawn, len(missing), time.perf_counter() - start)

    def outputs(self, route: Route, positions: Sequence[Coordinates]) -> list[Any]:
        """Decode what is shown at each position, one output or several, all in one batch."""
        space = self.space
        latents = route.latents(positions).reshape(-1, *space.latent_shape)
        each = len(latents) // len(positions)
        conditions = route.values(positions, each) if isinstance(route, Conditioned) else None
        decoded = space.decode(latents, conditions)
        return [decoded[i : i + each] for i in range(0, len(latents), each)]

    def framer(self) -> Framer:
        """Return what makes frames of the space's outputs, once some have told what they are."""
        space = self.space
        return framer_for(space.kind, sample_rate=space.sample_rate, value_range=space.value_range)

    @property
    def painter(self) -> str:
        """The file of the front end that paints these frames; empty for images."""
        return kind_named(self.space.kind).painter

    def picture(self, at: Coordinates) -> PIL.Image.Image:
        """Draw what is shown at some coordinates, decoded for exactly these."""
        shown = self.shown
        assert shown is not None
        [outputs] = self.outputs(shown.route, [at])
        return self.framer().picture(outputs)

    def decode(
        self, line: str, positions: Sequence[Coordinates], quality: Quality
    ) -> tuple[list[Any], list[Frame]]:
        """Decode what is shown at some positions, make frames of it and keep these.

        Parameters
        ----------
        line, positions, quality
            As of `draw`.

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
        outputs = self.outputs(self.route(line), positions)
        framer = self.framer()
        cache = self.strips if quality is Quality.STRIP else self.exact
        frames = [
            framer.frame(shown, at, quality) for at, shown in zip(positions, outputs, strict=True)
        ]
        for frame in frames:
            cache.put(line, frame)
        return outputs, frames
