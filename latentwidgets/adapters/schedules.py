"""Schedules of diffusion and flow models: at which times a sampler asks, and how far it goes.

On its way from noise to data a picture is ``x = signal * data + noise_level * noise``. Whatever a
network predicts, it and x give both parts; a step puts them together again for the next time. So
each step is two numbers: what it takes of x, and what of the prediction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import amounts_in, check_one_of, detached
from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

__all__ = ["SCHEDULES", "Schedule", "Walk", "prediction_of", "schedule_of", "tell_early_end"]

PREDICTIONS = ("noise", "velocity", "sample")
# Other names that people give to these, and which of them each means.
CALLED = {
    **dict.fromkeys(("epsilon", "eps"), "noise"),
    **dict.fromkeys(("v", "v_prediction", "flow"), "velocity"),
    **dict.fromkeys(("x0", "x_0", "x_start", "data", "image"), "sample"),
}
SCHEDULES = ("flow", "flow-reversed", "ddpm")
# The betas of Ho et al. 2020, "Denoising diffusion probabilistic models" (arXiv 2006.11239).
DDPM = np.linspace(1e-4, 0.02, 1000)
# Pure noise says nothing of how much of it is noise: where that is predicted, flows start here.
FIRST_SIGNAL = 0.01
# No schedule adds so much noise in its first step.
MOST_AT_FIRST = 0.5
# From which share of a picture's variance that its last step leaves on a schedule ends early. The
# betas of Ho et al. leave 0.00004, those of Stable Diffusion 0.005.
MOST_AT_LAST = 0.02
# In fewer steps than these the betas of another number of steps would come too near to 1.
FEW = 50


@dataclass(frozen=True)
class Walk:
    """The steps from noise to data, each with its row of numbers.

    Attributes
    ----------
    times : ndarray
        ``(steps,)``: what the network is told.
    clean : ndarray
        ``(steps, 2)``: what the picture at the end would be, as numbers of x and the prediction.
    onward : ndarray
        ``(steps, 2)``: x after the step, likewise.
    back : ndarray
        ``(steps, 3)``: x before the step, as numbers of x after it, of a guess of x before it, and
        of the prediction for that guess. The right guess gives itself.
    """

    times: Float64
    clean: Float64
    onward: Float64
    back: Float64


@dataclass(frozen=True, eq=False)
class Schedule:
    """Times, and how much signal and noise a picture holds at each.

    Attributes
    ----------
    name : str
        One of `SCHEDULES`; "ddpm" for all betas.
    betas : ndarray or None
        ``(T,)``: the variance that each step adds; None for flows.
    """

    name: str
    betas: Float64 | None = None

    def __str__(self) -> str:
        if self.betas is None or self.betas is DDPM:
            return repr(self.name)
        low, high = self.betas[0], self.betas[-1]
        return f"<{len(self.betas)} betas, {low:.4g} to {high:.4g}>"

    @property
    def most(self) -> int | None:
        """How many steps there are at most; None where time has no steps of its own."""
        return None if self.betas is None else len(self.betas)

    def walk(self, steps: int, predicts: str) -> Walk:
        """Lay out some steps.

        Parameters
        ----------
        steps : int
            How many, at least 1 and at most `most`.
        predicts : {"noise", "velocity", "sample"}
            What the network gives.

        Returns
        -------
        Walk
            The steps.

        References
        ----------
        DDIM without noise: Song et al. 2021 (arXiv 2010.02502). The steps of DDPM are counted back
        from the last: Lin et al. 2024 (arXiv 2305.08891). Velocity of DDPM: Salimans & Ho 2022
        (arXiv 2202.00512). Flows: Euler's method; Lipman et al. 2023 (arXiv 2210.02747).

        Examples
        --------
        >>> Schedule("flow").walk(4, "velocity").onward.tolist()
        [[1.0, 0.25], [1.0, 0.25], [1.0, 0.25], [1.0, 0.25]]
        """
        times, signal, noise = self._levels(steps, predicts)
        a, s = signal[:-1], noise[:-1]
        # The two parts, data and noise, as numbers of x and of the prediction.
        if predicts == "noise":
            parts = 1 / a, -s / a, 0 * a, 1 + 0 * a
        elif predicts == "sample":
            parts = 0 * a, 1 + 0 * a, 1 / s, -a / s
        elif self.betas is not None:
            parts = a, -s, s, a
        else:
            sign = -1 if self.name == "flow-reversed" else 1
            parts = 1 + 0 * a, sign * s, 1 + 0 * a, -sign * a
        data_x, data_out, noise_x, noise_out = parts
        after, left = signal[1:], noise[1:]
        onward_x = after * data_x + left * noise_x
        onward_out = after * data_out + left * noise_out
        with np.errstate(divide="ignore", invalid="ignore"):
            back = np.stack([1 / onward_x, 0 * a, -onward_out / onward_x], axis=1)
        if predicts == "sample":
            # Near the data the prediction is all there is of x after the step, and turning that
            # round would divide by nothing: there the noise is what is taken from the guess.
            part = 1 - a * left / (after * s)
            near = np.stack([a / after, part, -part * a], axis=1)
            back = np.where((a >= s)[:, np.newaxis], near, back)
        clean = np.stack([data_x, data_out], axis=1)
        return Walk(times, clean, np.stack([onward_x, onward_out], axis=1), back)

    def _levels(self, steps: int, predicts: str) -> tuple[Float64, Float64, Float64]:
        """Give the times, and at these and at the end the levels of signal and noise."""
        if self.betas is not None:
            kept = np.cumprod(1 - self.betas)
            total = len(kept)
            places = np.rint(total - np.arange(steps) * total / steps).astype(int) - 1
            signal, noise = np.sqrt(kept[places]), np.sqrt(1 - kept[places])
            return places.astype(float), np.append(signal, 1.0), np.append(noise, 0.0)
        done = np.arange(steps + 1) / steps
        if predicts == "noise":
            done[0] = min(FIRST_SIGNAL, 0.5 / steps)
        times = done[:-1] if self.name == "flow" else 1 - done[:-1]
        return times, done, 1 - done


def prediction_of(given: Any) -> str:
    """Take what a network predicts: one of `PREDICTIONS`.

    Raises
    ------
    LatentValueError
        If it is none of these; it says what is meant by a name that others use.

    Examples
    --------
    >>> prediction_of("noise")
    'noise'
    """
    if isinstance(given, str) and given in CALLED:
        raise LatentValueError(
            f"predicts is {brief(given)}; expected one of {', '.join(map(repr, PREDICTIONS))}. "
            f"What you mean is {CALLED[given]!r} here."
        )
    return check_one_of(given, "predicts", PREDICTIONS)


def schedule_of(given: Any) -> Schedule:
    """Take a schedule: one of `SCHEDULES`, or betas.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is neither, or a beta is not between 0 and 1.

    Warns
    -----
    UserWarning
        If betas leave much of a picture at their last step; see `tell_early_end`.

    Examples
    --------
    >>> schedule_of("ddpm").most, schedule_of([0.1, 0.2]).most, schedule_of("flow").most
    (1000, 2, None)
    """
    if isinstance(given, str):
        if given not in SCHEDULES:
            raise LatentValueError(
                f"schedule is {brief(given)}. {hint(given, SCHEDULES)} For another one pass its "
                "betas: the variance that each step adds, from the first to the last."
            )
        return Schedule(given, DDPM if given == "ddpm" else None)
    name = "the betas of schedule"
    betas = amounts_in(detached(given, name), name).astype(np.float64)
    if betas.ndim != 1:
        raise LatentValueError(
            f"schedule has shape {betas.shape}; expected betas, one for each step: (T,)."
        )
    if not ((betas > 0) & (betas < 1)).all():
        raise LatentValueError(
            f"the betas of schedule reach from {betas.min():g} to {betas.max():g}; expected "
            "numbers between 0 and 1, the variance that each step adds. From cumulative products "
            "of alphas, betas are 1 - a[1:] / a[:-1], after 1 - a[0]."
        )
    if betas[0] > MOST_AT_FIRST and (np.diff(betas) <= 0).all() and len(betas) > 1:
        raise LatentValueError(
            f"the betas of schedule fall from {betas[0]:g} to {betas[-1]:g}, so that the first "
            "step would leave hardly anything of a picture; expected betas that begin small. These "
            "look like alphas, whose betas are 1 - alphas, or like their cumulative products a: "
            "there betas are 1 - a[1:] / a[:-1], after 1 - a[0]."
        )
    tell_early_end(np.cumprod(1 - betas), "the betas of schedule")
    return Schedule("ddpm", betas)


def tell_early_end(kept: NDArray[np.floating[Any]], name: str) -> None:
    """Warn of a schedule whose last step leaves much of a picture.

    A network that was trained so has never seen pure noise, which a sampler begins with. Courses
    often take the betas of 1,000 steps for fewer.

    Parameters
    ----------
    kept : ndarray
        ``(T,)``: the share of a picture's variance that is left after each step, the cumulative
        product of ``1 - betas``.
    name : str
        What they come from.

    Warns
    -----
    UserWarning
        If more than 2 % are left at last.

    References
    ----------
    Lin et al. 2024, "Common diffusion noise schedules and sample steps are flawed" (arXiv
    2305.08891).

    Examples
    --------
    >>> tell_early_end(np.cumprod(1 - DDPM), "betas")
    """
    total, left = len(kept), float(kept[-1])
    if left <= MOST_AT_LAST:
        return
    way = "betas that grow further"
    if total >= FEW:  # as much noise as DDPM adds, in fewer steps
        first, last = (f"{one * len(DDPM) / total:.2g}" for one in (DDPM[0], DDPM[-1]))
        way = f"betas such as np.linspace({first}, {last}, {total})"
    warn_caller(
        f"{name} leave {left:.1%} of a picture's variance at the last of {total} steps; "
        f"expected hardly any, at most {MOST_AT_LAST:.0%}. What is drawn begins with pure noise, "
        "which a network that was trained with these has never seen, so that brightness and "
        "contrast come out wrong. If it was trained with others, pass those; if with these, train "
        f"it with {way}."
    )
