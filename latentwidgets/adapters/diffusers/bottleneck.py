"""What is added in the middle of a denoiser, step by step, as the latent of a space.

References
----------
Kwon et al. 2023, "Diffusion models already have a semantic latent space" (arXiv 2210.10960).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.noise import NoiseSampling, Weights, joined
from latentwidgets.adapters.sampling import Unread
from latentwidgets.adapters.torch_modes import ModeSteps, evaluating
from latentwidgets.common.checks import check_whole
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from latentwidgets.adapters.diffusers.guidance import Predictor
    from latentwidgets.adapters.diffusers.parts import Parts
    from latentwidgets.adapters.diffusers.schedules import Lane

    Rows = NDArray[np.intp]

__all__ = ["bottleneck_space"]

# The ways of so many seeds and conditions are kept, for edits that begin at a later step.
KEPT = 8
# The seeds whose average samples are measured from, and how many go at a time.
AVERAGED = range(1_000_000, 1_000_008)
BATCH = 8


@dataclass
class Way:
    """The unedited way of one seed and its conditions, as far as it has been gone.

    Attributes
    ----------
    rows : ndarray
        The rows of a batch that go it.
    begin : int
        The first step at which one of them is edited.
    states : list of Lane
        Where it is before each step, and at its end.
    """

    rows: Rows
    begin: int
    states: list[Lane]


class BottleneckSampling(NoiseSampling):
    """Draws pictures of seeds, with something added in the middle of the denoiser at each step.

    Parameters
    ----------
    parts : Parts
        What the pipeline's spaces are made of.
    steps : int
        How many are taken.
    """

    def __init__(self, parts: Parts, steps: int) -> None:
        super().__init__(parts.asker, parts.guidance, parts.schedules, parts.pictures)
        self._parts, self._steps_taken = parts, steps
        self._block = _block_of(parts)
        self.layers = len(parts.schedules.laid_out(steps).timesteps)
        self._ways: OrderedDict[Any, list[Lane]] = OrderedDict()
        self._average: NDArray[np.float32] | None = None
        self.shape = (self.layers, *self._find_shape())

    def decode(self, latents: NDArray[np.float32], /, **conditions: Any) -> Iterator[Any]:
        """Go from the noise of seeds to pictures, edited by latents, step by step."""
        given = {**conditions, "steps": np.full(len(latents), self._steps_taken)}
        return ModeSteps(self._edited(latents, given), self.modules, lambda one: one)

    def __getstate__(self) -> dict[str, Any]:
        # Generators of noise cannot be copied by all that copies a space; the ways are gone again.
        return {**vars(self), "_ways": OrderedDict()}

    def sample(self, rng: np.random.Generator, n: int) -> NDArray[np.float32]:
        """Draw what the middle of the denoiser gives for some seeds, from its average on.

        References
        ----------
        Haas et al. 2024, "Discovering interpretable directions in the semantic latent space of
        diffusion models" (arXiv 2303.11073).
        """
        seeds = rng.integers(2**31, size=n)

        def found(_: None) -> NDArray[np.float32]:
            if self._average is None:
                self._average = self._recorded(np.array(AVERAGED)).mean(axis=0)
            batches = [seeds[start : start + BATCH] for start in range(0, n, BATCH)]
            return np.concatenate([self._recorded(batch) for batch in batches]) - self._average

        return ModelLock(self.models).run(found, None)

    def _edited(self, latents: NDArray[np.float32], conditions: dict[str, Any]) -> Iterator[Any]:
        with self._asker.freeing():
            predictor = self.predictor(len(latents), conditions)
            weights = Weights(conditions, len(latents))
            ways = self._ways_of(latents, conditions)
            # Up to where edits begin there is one way for all rows of a seed, and it is kept.
            for i in range(max(way.begin for way in ways)):
                short = [way for way in ways if len(way.states) <= i + 1 <= way.begin]
                if short:
                    lanes = [way.states[i].copied(way.rows[:1], i) for way in short]
                    self.advance(lanes, predictor, weights, i)
                    for way, lane in zip(short, lanes, strict=True):
                        way.states.append(lane)
                    if i < self.layers - 1:
                        clean = [_shown(way, i + 1) for way in ways]
                        yield Unread(partial(self._draft, clean, len(latents)), len(latents))
            lanes = [way.states[way.begin].copied(way.rows, way.begin) for way in ways]
            for i in range(min(way.begin for way in ways), self.layers):
                with self._hooked(self._adding(predictor, latents[:, i])):
                    self.advance(lanes, predictor, weights, i)
                if i < self.layers - 1:
                    clean = [
                        (lane.rows, lane.x if lane.clean is None else lane.clean) for lane in lanes
                    ]
                    yield Unread(partial(self._draft, clean, len(latents)), len(latents))
            ends = [(lane.rows, lane.x) for lane in lanes]
            yield self._pictures.exact(joined(ends, len(latents)))

    def _ways_of(self, latents: NDArray[np.float32], conditions: dict[str, Any]) -> list[Way]:
        """Put rows of the same seed and conditions together."""
        edited = (latents.reshape(len(latents), self.layers, -1) != 0).any(axis=2)
        begins = np.where(edited.any(axis=1), edited.argmax(axis=1), self.layers)
        columns = [np.asarray(conditions[name], np.float64) for name in sorted(conditions)]
        keys, places = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        ways, acting = [], self._asker.adapters.state()
        for k, key in enumerate(keys):
            kept = key.tobytes(), acting
            rows = np.flatnonzero(places.ravel() == k)
            states = self._ways.setdefault(kept, [])
            self._ways.move_to_end(kept)
            if not states:
                noise = self._parts.noise(np.asarray(conditions["seed"])[rows[:1]])
                x = torch.from_numpy(noise).to(self._schedules.first.x.device)
                states.append(self._schedules.lane(rows[:1], x, self._steps_taken))
            ways.append(Way(rows, int(begins[rows].min()), states))
        while len(self._ways) > KEPT:
            self._ways.popitem(last=False)
        return ways

    def _adding(
        self, predictor: Predictor, offsets: NDArray[np.float32]
    ) -> Callable[[Tensor], Tensor]:
        def add(found: Tensor) -> Tensor:
            some = torch.from_numpy(offsets[predictor.asked_rows])
            return found + some.to(found.device, found.dtype)

        return add

    def _recorded(self, seeds: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give what the middle of the denoiser gives at each step, with the prompt."""
        own = self._parts.conditions
        conditions: dict[str, Any] = {
            name: np.full(len(seeds), one.number(one.default), one.dtype)
            for name, one in own.items()
        }
        conditions["steps"] = np.full(len(seeds), self._steps_taken)
        found: list[NDArray[np.float32]] = []

        def note(given: Tensor) -> Tensor:
            found.append(given[: len(seeds)].float().cpu().numpy())
            return given

        asker = self._asker
        acting, freeing = asker.adapters.acting({}), asker.freeing()
        with freeing, torch.no_grad(), evaluating(self.modules), acting:
            x = torch.from_numpy(self._parts.noise(seeds)).to(self._schedules.first.x.device)
            lanes = self.lanes(x, conditions)
            predictor = self.predictor(len(seeds), conditions)
            weights = Weights(conditions, len(seeds))
            recorded = []
            for i in range(self.layers):
                found.clear()
                with self._hooked(note):
                    self.advance(lanes, predictor, weights, i)
                recorded.append(found[0])
        return np.stack(recorded, axis=1)

    def _find_shape(self) -> tuple[int, ...]:
        """Ask once to see what the block gives."""
        shapes: list[tuple[int, ...]] = []

        def note(given: Tensor) -> Tensor:
            shapes.append(tuple(given.shape[1:]))
            return given

        asked = self._guidance.asked
        noise = torch.from_numpy(self._parts.noise(np.zeros(1, np.int64))).to(asked.x.device)
        ones = np.ones(1, np.float32)
        classes = {"class": np.zeros(1, np.int64)} if "class" in self._parts.conditions else {}
        with torch.no_grad(), evaluating(self.modules), self._hooked(note):
            self.predictor(1, classes).predict(noise, [float(asked.time[0])], np.arange(1), ones)
        return shapes[0]

    @contextmanager
    def _hooked(self, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
        """Change what the block gives, in this thread, as long as this runs."""
        thread = threading.get_ident()

        def hook(_: Any, __: Any, given: Any) -> Any:
            if threading.get_ident() != thread:
                return None
            if isinstance(given, tuple):  # of text and picture the picture comes last
                return (*given[:-1], change(given[-1]))
            return change(given)

        handle = self._block.register_forward_hook(hook)
        try:
            yield
        finally:
            handle.remove()


def bottleneck_space(parts: Parts, options: dict[str, Any]) -> LatentSpace:
    """Make the space of what is added in the middle of a pipeline's denoiser.

    Raises
    ------
    LatentValueError
        If it has no such middle.
    """
    own = {**parts.conditions, **parts.seeds}
    steps = own.pop("steps").default
    sampling = BottleneckSampling(parts, steps)
    shape = parts.shape_in(options, sampling.shape)
    made = parts.options(own, options)
    decode = parts.weighted(sampling).decode
    return LatentSpace(decode, shape, **{"layers": True, "prior": sampling.sample, **made})


def _block_of(parts: Parts) -> Any:
    """Find the block after which is added."""
    module = getattr(parts.asker.denoiser, "_orig_mod", parts.asker.denoiser)
    middle = getattr(module, "mid_block", None)
    if isinstance(middle, torch.nn.Module):
        if parts.block is not None:
            raise LatentValueError(
                f"block is {brief(parts.block)}, and the network of {parts.name} is a U-Net, "
                "which has one middle block. Leave block out."
            )
        return middle
    blocks = getattr(module, "transformer_blocks", None)
    if blocks is None or not len(blocks):
        raise LatentValueError(
            f"{type(module).__name__} has no mid_block and no transformer_blocks, which "
            "a bottleneck latent is added to; expected one of the two."
        )
    count = len(blocks)
    if parts.block is None:
        warn_guess(
            f"the network of {parts.name} is a transformer of {count} blocks, none of which is the "
            f"middle of a bottleneck. Block {count // 2} was taken; say which: block=0 to "
            f"{count - 1}."
        )
        return blocks[count // 2]
    return blocks[check_whole(parts.block, "block", least=0, most=count - 1)]


def _shown(way: Way, i: int) -> tuple[Rows, Tensor]:
    """Give what the pictures of a way would be before step i."""
    state = way.states[min(i, len(way.states) - 1)]
    clean = state.x if state.clean is None else state.clean
    return way.rows, clean[:1].expand(len(way.rows), *clean.shape[1:])
