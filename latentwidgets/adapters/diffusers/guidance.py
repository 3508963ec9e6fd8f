"""What a denoiser is asked with, picture by picture: prompt, class and guidance."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.asking import TRIED
from latentwidgets.adapters.diffusers.plans import Call, Plan, column, taken
from latentwidgets.adapters.diffusers.rows import distance, half, is_row, mapped, picked
from latentwidgets.common.warning import warn_caller
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.space.locks import called_by_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from latentwidgets.adapters.diffusers.asking import Asked, Asker
    from latentwidgets.adapters.diffusers.classes import Classes

    Rows = NDArray[np.intp]

__all__ = ["OVERDONE", "Guidance", "Predictor"]

# At which guidance a pipeline is asked how it goes beyond 1.
BEYOND = (3.0, 6.0)
# What becomes of the pictures of a distilled network beyond 1.
OVERDONE = (
    "distilled networks are run with guidance 1. Beyond it colours and contrast are overdone, and "
    "each step takes twice as long."
)
# So many values of what a distilled model takes as guidance are kept.
KEPT = 64


class Guidance:
    """How a pipeline goes from what is predicted without the prompt to that with it, and on.

    Parameters
    ----------
    asker : Asker
        Knows the pipeline.
    call : dict
        What it is called with: prompt, labels.
    negative_prompt : str or None
        What stands for no prompt; None for what the pipeline takes.
    classes : Classes or None
        The classes, if there are any.

    Attributes
    ----------
    can_guide : bool
        Whether there is something to go from.
    is_embedded : bool
        Whether the network takes a number for guidance itself, as distilled models do.
    distilled : str
        What tells that the network is to be run without guidance, until it was said that more was
        asked for; empty where nothing does.

    References
    ----------
    Ho & Salimans 2022 (arXiv 2207.12598). Distilled guidance: Meng et al. 2023 (arXiv 2210.03142).
    """

    def __init__(
        self,
        asker: Asker,
        call: dict[str, Any],
        negative_prompt: str | None,
        classes: Classes | None,
    ) -> None:
        self._asker, self._call, self._classes = asker, call, classes
        self._negative = negative_prompt
        self._kept: dict[Any, tuple[dict[str, Any], dict[str, Any] | None]] = {}
        self.distilled = ""
        alone = self._ask(1.0)
        if len(alone.x) != 1:
            raise LatentValueError(
                f"{type(asker.pipe).__name__} passes its denoiser {len(alone.x)} rows for one "
                "picture without guidance; expected one. Wrap its network as lw.adapters.Sampler."
            )
        beyond = [self._ask(one, negative_prompt=negative_prompt) for one in BEYOND]
        self._doubles = len(beyond[0].x) == 2
        self.is_embedded = not self._doubles and distance(beyond[0].beside, beyond[1].beside) > 0
        self._can_be_negative = (
            "negative_prompt" in asker.takes and "prompt" in asker.takes and not self._doubles
        )
        by_class = classes is not None and classes.null is not None
        self.can_guide = self._doubles or self._can_be_negative or by_class
        self._place = 0
        if self._doubles:
            halves = [
                distance(half(beyond[0].beside, alone.beside, k), alone.beside) for k in (0, 1)
            ]
            self._place = int(np.argmax(halves))
        self.asked = alone

    @property
    def argument(self) -> str:
        """What the pipeline's own call names its guidance; empty if it has none."""
        if not self.can_guide:
            return ""
        if "true_cfg_scale" in self._asker.takes:
            return "true_cfg_scale"
        return "" if self.is_embedded else "guidance_scale"

    @property
    def default(self) -> float:
        """The guidance of the pipeline's own call, where nobody says another."""
        return self._told(self.argument, 1.0)

    @property
    def embedded_default(self) -> float:
        """The guidance that a distilled network is told, where nobody says another."""
        return self._told("guidance_scale", 1.0)

    def kinds(self, embedded: float) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Give what is passed beside x with the prompt, and without; the second may be missing."""
        key = embedded, self._asker.texts_state()
        if key not in self._kept:
            given = self._ask(embedded if self.is_embedded else 1.0)
            without = None
            if self._doubles:
                beyond = self._ask(BEYOND[0], negative_prompt=self._negative)
                without = half(beyond.beside, given.beside, self._place)
            elif self._can_be_negative:
                scale = embedded if self.is_embedded else 1.0
                without = self._ask(scale, prompt=self._negative or "").beside
            elif self.can_guide:
                without = given.beside
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = given.beside, without
        return self._kept[key]

    def tell_beyond(self, guidance: NDArray[np.float32] | None) -> None:
        """Warn, once, where a person has a distilled network run with guidance beyond 1.

        What widgets decode ahead nobody asked for; there the note of the condition says it.
        """
        if not self.distilled or guidance is None or not called_by_person():
            return
        most = float(guidance.max(initial=0))
        if most <= 1:
            return
        sign, self.distilled = self.distilled, ""
        warn_caller(
            f"guidance is {most:g}, and {sign}; {OVERDONE} Set guidance to 1; or begin with more "
            "if that is meant: lw.as_space(pipe, "
            f'conditions={{"guidance": ({most:g}, 0, {max(10, most):g})}}).'
        )

    def predictor(
        self,
        classes: NDArray[np.int64] | None,
        embedded: NDArray[np.float32] | None,
        count: int,
        own: Callable[[dict[str, Any], Rows], dict[str, Any]] | None = None,
    ) -> Predictor:
        """Get ready to predict for some rows, step after step.

        Parameters
        ----------
        classes : ndarray or None
            ``(count,)``, numbers of classes.
        embedded : ndarray or None
            ``(count,)``, what a distilled network is told.
        count : int
            How many rows there are.
        own : callable, optional
            Puts what rows have of their own in the place of what the prompt gives.
        """
        told = np.zeros(count, np.float32) if embedded is None else embedded
        values, places = np.unique(told, return_inverse=True)
        kinds = [self.kinds(float(one)) for one in values]
        given = [one for one, _ in kinds]
        without = [other for _, other in kinds if other is not None]
        return Predictor(
            self._asker.denoiser, self.asked, given, without, places, classes, self._classes, own
        )

    def _ask(self, scale: float, **call: Any) -> Asked:
        given = {**self._call, "guidance_scale": scale, **call}
        if self._classes is not None and self._classes.by_call:
            given["class_labels"] = [0]
        return self._asker.ask(TRIED, **given)

    def _told(self, name: str, otherwise: float) -> float:
        parameter = self._asker.takes.get(name)
        default = getattr(parameter, "default", inspect.Parameter.empty)
        given = self._asker.arguments.get(name, default)
        return float(given) if isinstance(given, (int, float)) else otherwise


class Predictor:
    """Asks the denoiser for the rows of a batch, each with its own guidance.

    Parameters
    ----------
    denoiser : torch.nn.Module
        The network.
    asked : Asked
        How the pipeline called it.
    given, without : list of dict
        What it is passed with the prompt and without, of each kind of row.
    places : ndarray
        Of which kind each row is.
    numbers : ndarray or None
        The class of each row.
    classes : Classes or None
        How classes are passed.
    own : callable or None
        See `Guidance.predictor`.
    """

    def __init__(
        self,
        denoiser: Any,
        asked: Asked,
        given: list[dict[str, Any]],
        without: list[dict[str, Any]],
        places: NDArray[np.intp],
        numbers: NDArray[np.int64] | None,
        classes: Classes | None,
        own: Callable[[dict[str, Any], Rows], dict[str, Any]] | None,
    ) -> None:
        self._denoiser, self._asked, self._own = denoiser, asked, own
        self._given, self._without, self._places = given, without, places
        self._numbers, self._classes = numbers, classes
        # The rows of the batch that the denoiser is being asked about, those with the prompt first.
        self.asked_rows: Rows = np.zeros(0, np.intp)
        self._made: dict[bytes, list[Call]] = {}
        self._last: tuple[Any, Any, Plan] | None = None

    def predict(self, x: Tensor, times: list[float], rows: Rows, weights: Any) -> Tensor:
        """Predict for some rows at a step.

        Parameters
        ----------
        x : Tensor
            float32 ``(len(rows), ...)``.
        times : list of float
            As the denoiser takes them, one for each row.
        rows : ndarray
            Which rows of the batch.
        weights : ndarray
            ``(len(rows),)``: guidance. At 1 only the prompt is asked, at 0 only what is without.

        Returns
        -------
        Tensor
            float32, of the shape of x; with variances after it where the network predicts them.
        """
        plan = self._plan(rows, weights, x)
        found: dict[bool, Tensor] = {}
        dtype = self._asked.time.dtype
        told: list[Any] = times if dtype.is_floating_point else [*map(round, times)]
        same = told.count(told[0]) == len(told)
        all_times = None if same else torch.tensor(told, dtype=dtype, device=x.device)
        for call in plan.calls:
            if all_times is None:
                t = torch.full((len(call.both),), told[0], dtype=dtype, device=x.device)
            else:
                t = all_times[call.places]
            self.asked_rows = rows[call.both]
            names = {self._asked.x_name: taken(x, call).to(self._asked.x.dtype)}
            out = self._out({**names, self._asked.time_name: t, **call.passed})
            if len(call.first):
                found[True] = out[: len(call.first)]
            if len(call.second):
                found[False] = out[len(call.first) :]
        return self._mixed(found, plan, x)

    def _plan(self, rows: Rows, weights: Any, x: Tensor) -> Plan:
        """Say whom to ask about what; for the same rows and weights as before at once."""
        if self._last is not None and self._last[0] is rows and self._last[1] is weights:
            return self._last[2]
        used = weights if self._without else np.ones_like(weights)
        with_it, without = np.flatnonzero(used != 0), np.flatnonzero(used != 1)
        key = rows.tobytes() + b"|" + with_it.tobytes() + b"|" + without.tobytes()
        calls = self._made.get(key)
        if calls is None:
            calls = [
                Call(passed, first, second, both, torch.from_numpy(both).to(x.device))
                for passed, first, second in self._calls(rows, with_it, without)
                for both in [np.concatenate([first, second])]
            ]
            self._made = {key: calls}
        factor = None
        if len(with_it) == len(without) == len(used):
            factor = float(used[0]) if (used == used[0]).all() else column(used, x)
        plan = Plan(calls, used, with_it, without, factor)
        self._last = rows, weights, plan
        return plan

    def _out(self, passed: dict[str, Any]) -> Tensor:
        returned = self._denoiser(**passed)
        out = returned if isinstance(returned, Tensor) else returned[0]
        if isinstance(out, list):
            out = torch.stack(out)
        if not isinstance(out, Tensor):
            raise DecodeError(
                f"{type(self._denoiser).__name__} returned a {type(out).__name__}; expected a "
                "tensor."
            )
        return out.float()

    def _mixed(self, found: dict[bool, Tensor], plan: Plan, x: Tensor) -> Tensor:
        _, weights, with_it, without, factor = plan
        if not len(without):
            return found[True]
        if not len(with_it):
            return found[False]
        channels = x.shape[1]
        some = found[True]
        if factor is not None and some.shape[1] == channels:
            # What follows below, for the usual case, in a third of the time.
            base = found[False]
            if isinstance(factor, float):
                return base.add(some - base, alpha=factor)
            return base + factor * (some - base)
        mixed = some.new_empty(len(weights), *some.shape[1:])
        base = torch.from_numpy(without).to(x.device)
        mixed[base] = found[False]
        places = torch.from_numpy(with_it).to(x.device)
        factors = column(weights[with_it], x)
        guided = mixed[places] + factors * (some - mixed[places])
        mixed[places] = torch.where(factors == 1, some, guided)
        if some.shape[1] == 2 * channels:  # variances are not guided
            mixed[places, channels:] = some[:, channels:]
        return mixed

    def _calls(
        self, rows: Rows, with_it: Rows, without: Rows
    ) -> list[tuple[dict[str, Any], Rows, Rows]]:
        """Make what the denoiser is passed: in one call, or where that does not fit in two."""
        none = np.zeros(0, np.intp)
        first = self._passed(self._given, rows[with_it]) if len(with_it) else None
        if first is not None and self._own is not None:
            first = self._own(first, rows[with_it])
        first = self._labelled(first, rows[with_it], nothing=False)
        second = self._passed(self._without, rows[without]) if len(without) else None
        second = self._labelled(second, rows[without], nothing=True)
        if first is None or second is None:
            return [(first or second or {}, with_it, without)]
        model = self._labelled(self._given[0], rows[:1], nothing=False)
        try:
            both = mapped(_joined, model, first, second)
        except RuntimeError:  # as many tokens in one prompt as not in the other
            return [(first, with_it, none), (second, none, without)]
        return [(both, with_it, without)]

    def _passed(self, bank: list[dict[str, Any]], rows: Rows) -> dict[str, Any]:
        places = torch.from_numpy(self._places[rows]).to(self._asked.x.device)
        passed: dict[str, Any] = picked(bank, places)
        return passed

    def _labelled(
        self, passed: dict[str, Any] | None, rows: Rows, *, nothing: bool
    ) -> dict[str, Any] | None:
        """Put the classes of rows in."""
        if passed is None or self._classes is None or self._numbers is None:
            return passed
        numbers = self._numbers[rows]
        if nothing and self._classes.null is not None:
            numbers = np.full_like(numbers, self._classes.null)
        labels = torch.from_numpy(numbers).to(self._asked.x.device)
        return {**passed, "class_labels": labels}


def _joined(model: Any, one: Any, other: Any) -> Any:
    if isinstance(one, Tensor) != isinstance(other, Tensor):
        raise RuntimeError("there is a mask of one and none of the other")
    return torch.cat([one, other]) if is_row(model) else one
