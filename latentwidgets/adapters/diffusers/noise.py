"""`NoiseSampling`: the way from noise to pictures and back, as a pipeline takes it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.inversion import inverted
from latentwidgets.adapters.diffusers.schedules import learns_variance
from latentwidgets.adapters.inversion_errors import InversionErrors, Measured, measured
from latentwidgets.adapters.sampling import Unread
from latentwidgets.adapters.torch_modes import ModeSteps, evaluating, listed
from latentwidgets.space.locks import ModelCaller
from latentwidgets.space.steps import last_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from latentwidgets.adapters.diffusers.asking import Asker
    from latentwidgets.adapters.diffusers.guidance import Guidance, Predictor
    from latentwidgets.adapters.diffusers.pictures import Pictures
    from latentwidgets.adapters.diffusers.schedules import Lane, Schedules

__all__ = ["NoiseSampling"]


class NoiseSampling(ModelCaller):
    """Takes the steps of a pipeline's scheduler.

    Parameters
    ----------
    asker : Asker
        Knows the pipeline.
    guidance : Guidance
        What the denoiser is asked with.
    schedules : Schedules
        The steps.
    pictures : Pictures
        What is made of their end.
    """

    def __init__(
        self, asker: Asker, guidance: Guidance, schedules: Schedules, pictures: Pictures
    ) -> None:
        self._asker, self._guidance = asker, guidance
        self._schedules, self._pictures = schedules, pictures
        modules = [
            one for one in asker.pipe.components.values() if isinstance(one, torch.nn.Module)
        ]
        self.modules = listed(modules)
        self.errors = InversionErrors()
        self.models = (asker.denoiser, *(one for one in modules if one is not asker.denoiser))

    def decode(self, noise: NDArray[np.float32], /, **conditions: Any) -> Iterator[Any]:
        """Go from noise to pictures, step by step.

        Parameters
        ----------
        noise : ndarray
            ``(n, *latent_shape)``.
        **conditions
            See `latentwidgets.adapters.diffusers.space`; arrays of n numbers.

        Returns
        -------
        iterator
            Of what the pictures would be, made when they are read; at last of the pictures.
        """
        x = torch.from_numpy(noise).to(self._asker_device())
        return ModeSteps(self._steps(x, conditions), self.modules, lambda one: one)

    def encode(self, images: NDArray[np.float32], /, **conditions: Any) -> NDArray[np.float32]:
        """Go back from pictures to noise, with guidance 1.

        Parameters
        ----------
        images : ndarray
            ``(n, channels, height, width)`` in [0, 1].
        **conditions
            As of `decode`.

        Returns
        -------
        ndarray
            ``(n, *latent_shape)``.

        Raises
        ------
        LatentValueError
            If the steps of the scheduler cannot be taken back.
        """
        noise, error = self.inverted(images, conditions)
        self.errors.add(error)
        return noise

    def inverted(
        self, images: NDArray[np.float32], conditions: dict[str, Any]
    ) -> tuple[NDArray[np.float32], Measured]:
        """Go back from pictures to noise, and measure how far they are from what it decodes to."""
        ones = np.ones(len(images), np.float32)
        plain = {**conditions, "guidance": ones, "start": 0 * ones, "stop": ones}
        with self._asker.freeing(), torch.no_grad(), evaluating(self.modules):
            data = self._pictures.back(torch.from_numpy(images))
            steps = np.rint(conditions["steps"]).astype(np.int64)
            predictor = self.predictor(len(images), plain)
            x = inverted(self._schedules, predictor, data, steps)
            decoded = last_of(self._steps(x, plain))
            has_vae = self._pictures.vae is not None
            alone = partial(self._pictures.exact, data) if has_vae else None
            error = measured(images, decoded, alone)
        noise: NDArray[np.float32] = x.cpu().numpy()
        return noise, error

    def _asker_device(self) -> torch.device:
        return self._schedules.first.x.device

    def _steps(self, x: Tensor, conditions: dict[str, Any]) -> Iterator[Any]:
        with self._asker.freeing():
            lanes = self.lanes(x, conditions)
            predictor = self.predictor(len(x), conditions)
            weights = Weights(conditions, len(x))
            last = max(len(lane.timesteps) for lane in lanes) - 1
            for i in range(last + 1):
                self.advance(lanes, predictor, weights, i)
                if i < last:
                    clean = [
                        (lane.rows, lane.x if lane.clean is None else lane.clean) for lane in lanes
                    ]
                    yield Unread(partial(self._draft, clean, len(x)), len(x))
            yield self._pictures.exact(joined([(lane.rows, lane.x) for lane in lanes], len(x)))

    def lanes(self, noise: Tensor, conditions: dict[str, Any]) -> list[Lane]:
        """Put rows of as many steps together."""
        steps = np.rint(conditions["steps"]).astype(int)
        return [
            self._schedules.lane(rows, noise[torch.from_numpy(rows).to(noise.device)], int(count))
            for count in np.unique(steps)
            for rows in [np.flatnonzero(steps == count)]
        ]

    def predictor(
        self, count: int, conditions: dict[str, Any], own: Callable[..., Any] | None = None
    ) -> Predictor:
        """Get ready to ask the denoiser."""
        self._guidance.tell_beyond(conditions.get("guidance"))
        return self._guidance.predictor(
            conditions.get("class"), conditions.get("embedded_guidance"), count, own
        )

    def advance(self, lanes: list[Lane], predictor: Predictor, weights: Weights, i: int) -> None:
        """Take step i of all lanes that have so many, in one call of the denoiser."""
        active = [lane for lane in lanes if lane.begin <= i < len(lane.timesteps)]
        each = [weights.at(lane, i) for lane in active]
        times = [
            time
            for lane in active
            for time in [self._schedules.time(lane.timesteps[i])] * len(lane.rows)
        ]
        if len(active) == 1:  # as they are, so that what was made for the last step is known again
            rows, x, given = active[0].rows, active[0].input(i), each[0]
        else:
            rows = np.concatenate([lane.rows for lane in active])
            x, given = torch.cat([lane.input(i) for lane in active]), np.concatenate(each)
        out = predictor.predict(x, times, rows, given)
        start = 0
        for lane in active:
            part = out[start : start + len(lane.rows)]
            start += len(lane.rows)
            if part.shape[1] == 2 * lane.x.shape[1] and not learns_variance(lane.scheduler):
                part = part[:, : lane.x.shape[1]]
            lane.step(part, i)

    def _draft(self, clean: list[tuple[NDArray[np.intp], Tensor]], count: int) -> Tensor:
        with torch.no_grad(), evaluating(self.modules):
            return self._pictures.quick(joined(clean, count))


class Weights:
    """The guidance of each row at each step.

    Guidance acts from the share `start` of the steps to the share `stop`; a step that lies partly
    within gets part of it, so that nothing jumps as the two are moved.

    References
    ----------
    Kynkäänniemi et al. 2024, "Applying guidance in a limited interval" (arXiv 2404.07724).
    """

    def __init__(self, conditions: dict[str, Any], count: int) -> None:
        ones = np.ones(count, np.float32)
        self._guidance = conditions.get("guidance", ones)
        self._start, self._stop = conditions.get("start", 0 * ones), conditions.get("stop", ones)
        self._always = bool((self._start <= 0).all() and (self._stop >= 1).all())
        # Of lanes whose guidance always acts, by their rows: the same array at each step.
        self._kept: dict[int, tuple[Any, NDArray[np.float32]]] = {}

    def at(self, lane: Lane, i: int) -> NDArray[np.float32]:
        """Give the guidance of a lane's rows at step i."""
        steps, rows = len(lane.timesteps), lane.rows
        if self._always:
            kept, found = self._kept.get(id(rows), (None, None))
            if kept is not rows or found is None:
                found = np.asarray(self._guidance[rows], np.float32)
                self._kept[id(rows)] = rows, found
            return found
        first = np.maximum(self._start[rows] * steps, i)
        last = np.minimum(self._stop[rows] * steps, i + 1)
        share = np.maximum(last - first, 0)
        guidance = self._guidance[rows]
        weights: NDArray[np.float32] = np.where(share == 1, guidance, 1 + (guidance - 1) * share)
        return weights.astype(np.float32)


def joined(parts: list[tuple[NDArray[np.intp], Tensor]], count: int) -> Tensor:
    """Put rows of several lanes where they belong."""
    first = parts[0][1]
    if len(parts) == 1:
        return first
    whole = first.new_empty(count, *first.shape[1:])
    for rows, part in parts:
        whole[torch.from_numpy(rows).to(first.device)] = part
    return whole
