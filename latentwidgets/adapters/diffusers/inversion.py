"""The way back, from pictures to the noise that they begin with."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.schedules import Lane
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.adapters.diffusers.guidance import Predictor
    from latentwidgets.adapters.diffusers.schedules import Schedules

__all__ = ["inverted"]

# How often a step of the way back is corrected.
CORRECTIONS = 3
# How many numbers tell what a step does, and how far from that it may be in single precision.
NUMBERS, EXACT = 64, 1e-3
# A step that keeps less of x cannot be taken back.
LEAST = 1e-3


def inverted(
    schedules: Schedules, predictor: Predictor, data: Tensor, steps: NDArray[np.int64]
) -> Tensor:
    """Go back from what the steps end at to noise.

    A step of a scheduler without memory is two numbers: what it takes of x, and what of the
    prediction for x. Each step back is found by fixed-point iteration.

    Parameters
    ----------
    schedules : Schedules
        The steps.
    predictor : Predictor
        Asks the denoiser.
    data : Tensor
        ``(n, ...)``.
    steps : ndarray
        How many each row takes.

    Returns
    -------
    Tensor
        Noise, ``(n, ...)``.

    Raises
    ------
    LatentValueError
        If the steps of the scheduler cannot be taken back.

    References
    ----------
    Song et al. 2021 (arXiv 2010.02502). The iteration: Pan et al. 2023 (arXiv 2309.04907).
    """
    numbers = {int(count): step_numbers(schedules, int(count)) for count in np.unique(steps)}
    x = data.clone()
    counts = np.array([len(numbers[int(count)]) for count in steps])
    for i in reversed(range(int(counts.max()))):
        rows = np.flatnonzero(counts > i)
        places = torch.from_numpy(rows).to(x.device)
        each = np.array([numbers[int(steps[row])][i] for row in rows], np.float32)
        shape = (-1, *(1,) * (x.ndim - 1))
        of_x, of_out, scale, begin = (
            torch.from_numpy(column.copy()).to(x.device).reshape(shape) for column in each.T
        )
        times = [schedules.time(schedules.laid_out(int(steps[row])).timesteps[i]) for row in rows]
        after = x[places]
        guess = begin * after
        for _ in range(CORRECTIONS):
            out = predictor.predict(guess * scale, times, rows, np.ones(len(rows), np.float32))
            guess = (after - of_out * out[:, : x.shape[1]]) / of_x
        x[places] = guess
    sigmas = [
        float(getattr(schedules.laid_out(int(count)).scheduler, "init_noise_sigma", 1.0))
        for count in steps
    ]
    return x / torch.tensor(sigmas, device=x.device).reshape(-1, *(1,) * (x.ndim - 1))


def step_numbers(schedules: Schedules, steps: int) -> NDArray[np.float64]:
    """Find what each step takes of x, and of the prediction, and how x is scaled before.

    Returns
    -------
    ndarray
        ``(steps, 4)``: the last number times x after the step is a guess of x before it, which has
        the same size as the denoiser sees it.

    Raises
    ------
    LatentValueError
        If a step takes more than these.
    """
    asked = schedules.laid_out(steps)
    name = type(asked.scheduler).__name__
    way_out = (
        "Take one that does: pipe.scheduler = diffusers.DDIMScheduler.from_config("
        "pipe.scheduler.config), or for flows FlowMatchEulerDiscreteScheduler; then make the space "
        "again."
    )
    if schedules.draws_noise:
        raise LatentValueError(
            f"{name} draws noise at each step, which cannot be taken back; expected a scheduler "
            f"whose steps are those of an equation without noise. {way_out}"
        )
    scheduler = _unclipped(asked.scheduler)
    rng = np.random.default_rng(0)
    shape = (1, *(NUMBERS,), *(1,) * (asked.x.ndim - 2))
    found = []
    for i, t in enumerate(asked.timesteps):
        x, out = rng.standard_normal((2, NUMBERS))
        put = [torch.from_numpy(one).float().reshape(shape).to(asked.x.device) for one in (x, out)]
        lane = Lane(np.arange(1), scheduler, asked.timesteps, {}, put[0])
        scaled = lane.input(i)
        lane.step(put[1], i)
        after = lane.x.double().cpu().numpy().ravel()
        design = np.stack([x, out], axis=1)
        of_x, of_out = np.linalg.lstsq(design, after, rcond=None)[0]
        rest = np.abs(design @ [of_x, of_out] - after).max()
        if rest > EXACT * np.abs(after).max() or abs(of_x) < LEAST:
            raise LatentValueError(
                f"the steps of {name} cannot be taken back: step {i} (time {float(t):g}) depends "
                "on more than x and one prediction, or keeps nothing of x; expected a scheduler "
                f"with steps of first order. {way_out}"
            )
        found.append((of_x, of_out, float(scaled.ravel()[0] / put[0].ravel()[0])))
    table = np.array(found)
    scales = np.append(table[:, 2], 1.0)
    return np.column_stack([table, scales[1:] / scales[:-1]])


def _unclipped(scheduler: Any) -> Any:
    """Copy a scheduler, with steps that do not clip what they predict."""
    copied = copy.deepcopy(scheduler)
    off = {name: False for name in ("clip_sample", "thresholding") if name in copied.config}
    copied.register_to_config(**off)
    return copied
