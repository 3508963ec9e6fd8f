"""The steps of a scheduler, for some rows of a batch."""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.asking import TRIED
from latentwidgets.adapters.diffusers.rows import distance
from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import raised
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.adapters.diffusers.asking import Asked, Asker

__all__ = ["Lane", "Schedules", "learns_variance"]

# Under which names schedulers give what the picture would be.
CLEAN_NAMES = ("pred_original_sample", "denoised")
# What a denoiser is told of a time t: t, a share of 1000, or one of these turned round. Half
# precision tells the two numbers of that only nearly.
SLOPES, NEARLY = (1.0, 1e-3, -1e-3, -1.0), 0.02


@dataclass
class Lane:
    """Rows of a batch that take the same steps.

    Attributes
    ----------
    rows : ndarray
        Which.
    scheduler : object
        A scheduler of their own, since it keeps state from step to step.
    timesteps : Tensor or tuple of Tensor
        The times of the steps.
    extra : dict
        What its `step` takes beside.
    x : Tensor
        Where they are, float32.
    clean : Tensor or None
        What the pictures would be, after a step.
    begin : int
        The first step that they take.
    """

    rows: NDArray[np.intp]
    scheduler: Any
    timesteps: Tensor | tuple[Tensor, ...]
    extra: dict[str, Any]
    x: Tensor
    clean: Tensor | None = field(default=None)
    begin: int = 0

    def copied(self, rows: NDArray[np.intp], begin: int) -> Lane:
        """Copy it to begin at a step with other rows, all of which are where its one row is."""
        extra = dict(self.extra)
        if "generator" in extra:
            extra["generator"] = [extra["generator"][0].clone_state() for _ in rows]
        x = self.x[:1].expand(len(rows), *self.x.shape[1:]).clone()
        scheduler = own_copy(self.scheduler)
        return Lane(rows, scheduler, self.timesteps, extra, x, begin=begin)

    def input(self, i: int) -> Tensor:
        """Give x as the denoiser takes it at step i."""
        scale = getattr(self.scheduler, "scale_model_input", None)
        return self.x if scale is None else scale(self.x, self.timesteps[i])

    def step(self, out: Tensor, i: int) -> None:
        """Take step i, given what the denoiser predicts."""
        x, t = self.x, self.timesteps[i]
        stepped = self.scheduler.step(out, t, x, **self.extra)
        self.x = stepped.prev_sample
        self.clean = None
        for name in CLEAN_NAMES:
            if self.clean is None:
                self.clean = getattr(stepped, name, None)
        if self.clean is None:
            self.clean = _clean(self.scheduler, out, x, i, t)


class Schedules:
    """Lays out steps as a pipeline does, and gives batches of rows their schedulers.

    Parameters
    ----------
    asker : Asker
        Knows the pipeline.
    call : dict
        What it is called with.
    seed : int
        Of the noise that some schedulers draw at each step.

    Raises
    ------
    LatentValueError
        If the scheduler draws noise that cannot be the same for each picture.

    Warns
    -----
    UserWarning
        If it draws noise, which is fixed then.
    """

    def __init__(self, asker: Asker, call: dict[str, Any], seed: int) -> None:
        self._asker, self._call, self._seed = asker, call, seed
        self._laid_out: dict[int, Asked] = {}
        scheduler = asker.pipe.scheduler
        parameters = inspect.signature(scheduler.step).parameters
        self._takes_noise = "generator" in parameters
        self._extra = {"eta": asker.arguments["eta"]} if "eta" in asker.arguments else {}
        self._extra = {name: one for name, one in self._extra.items() if name in parameters}
        first, later = asker.ask(TRIED, **call), asker.ask(TRIED, skipped=TRIED - 1, **call)
        self.first = first
        before, after = float(first.timesteps[0]), float(later.timesteps[0])
        told = float(first.time[0])
        slope = (float(later.time[0]) - told) / ((after - before) or 1.0)
        slopes = [one for one in SLOPES if abs(slope / one - 1) < NEARLY]
        self._slope = slopes[0] if slopes else slope
        offset = told - self._slope * before
        whole = round(offset)
        self._offset = whole if abs(offset - whole) < NEARLY * max(1.0, abs(told)) else offset
        if distance(first.beside, later.beside) > 0:
            raise LatentValueError(
                f"{type(asker.pipe).__name__} passes its denoiser other tensors at a later step, "
                "beside x and the time; expected the same at each step. Wrap its network as "
                "lw.adapters.Sampler."
            )
        self._look_for_noise()

    def laid_out(self, steps: int) -> Asked:
        """Give so many steps as the pipeline lays them out."""
        if steps not in self._laid_out:
            self._laid_out[steps] = self._asker.ask(steps, **self._call)
        return self._laid_out[steps]

    def lane(self, rows: NDArray[np.intp], noise: Tensor, steps: int) -> Lane:
        """Begin so many steps for some rows, at their noise."""
        asked = self.laid_out(steps)
        scheduler = own_copy(asked.scheduler)
        x = noise * float(getattr(scheduler, "init_noise_sigma", 1.0))
        extra = {**self._extra, **self._noise(len(rows))}
        return Lane(rows, scheduler, asked.timesteps.unbind(), extra, x)

    def time(self, t: Tensor) -> float:
        """Write a time of the scheduler as the denoiser takes it."""
        return self._slope * float(t) + self._offset

    def _noise(self, count: int, seed: int | None = None) -> dict[str, Any]:
        """Give what draws noise at each step: for each row the same, whatever is beside it."""
        if not self._takes_noise:
            return {}
        seed = self._seed if seed is None else seed
        return {"generator": [torch.Generator().manual_seed(seed) for _ in range(count)]}

    def _look_for_noise(self) -> None:
        """Take a few steps, again and again, to see what they depend on."""

        def end(seed: int, others: int) -> Tensor:
            scheduler = copy.deepcopy(self.first.scheduler)
            extra = {**self._extra, **self._noise(2, seed)}
            shape = (2, *(4,) * (self.first.x.ndim - 1))
            lane = Lane(np.arange(2), scheduler, self.first.timesteps, extra, torch.ones(shape))
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(others)
                for i in range(min(TRIED - 1, len(lane.timesteps))):
                    out = 0.1 * lane.input(i)
                    lane.step(torch.cat([out, out], 1) if learns_variance(scheduler) else out, i)
            return lane.x

        name = type(self._asker.pipe.scheduler).__name__
        try:
            one, again, seeded = end(0, 0), end(0, 1), end(1, 0)
        except Exception as error:
            raise LatentValueError(
                f"{name} cannot take a step: it raised {raised(error)}. "
                "Expected a scheduler that is called step(prediction, time, x), such as "
                "diffusers.DDIMScheduler."
            ) from error
        if not torch.equal(one, again) or not torch.equal(one[0], one[1]):
            raise LatentValueError(
                f"{name} draws noise at each step that cannot be made the same for each picture, "
                "so that a picture would change with each decode. Take a scheduler without: "
                "pipe.scheduler = diffusers.DPMSolverMultistepScheduler.from_config("
                "pipe.scheduler.config)."
            )
        self.draws_noise = not torch.equal(one, seeded)
        if self.draws_noise:
            warn_caller(
                f"{name} draws noise at each step. It is fixed by seed={self._seed}, the same for "
                "each picture; other seeds give other pictures of the same latent. Schedulers "
                "without noise, such as diffusers.DDIMScheduler, need no seed."
            )


def own_copy(scheduler: Any) -> Any:
    """Copy a scheduler with what it counts; not its tables, tensors that no step writes into."""
    tables = {id(one): one for one in vars(scheduler).values() if isinstance(one, Tensor)}
    return copy.deepcopy(scheduler, tables)


def learns_variance(scheduler: Any) -> bool:
    """Say whether a scheduler takes variances of the network, after what it predicts."""
    return str(scheduler.config.get("variance_type", "")).startswith("learned")


def _clean(scheduler: Any, out: Tensor, x: Tensor, i: int, t: Tensor) -> Tensor:
    """Work out what the picture would be, where the scheduler does not say it."""
    kind = str(getattr(scheduler.config, "prediction_type", "flow"))
    kept = getattr(scheduler, "alphas_cumprod", None)
    if kept is None or kind.startswith("flow"):
        return x - float(scheduler.sigmas[min(i, len(scheduler.sigmas) - 1)]) * out
    share = float(kept[int(t)])
    signal, noise = share**0.5, (1 - share) ** 0.5
    if kind == "sample":
        return out
    clean: Tensor = signal * x - noise * out
    if kind != "v_prediction":
        clean = (x - noise * out) / signal
    return clean
