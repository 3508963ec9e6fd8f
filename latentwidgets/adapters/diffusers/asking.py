"""How a pipeline calls its denoiser: found out by calling a copy of it, and leaving in time.

A pipeline knows what its denoiser takes beside x and the time: embeddings of the prompt, sizes,
positions, how it writes the time. None of that is written here. A copy of the pipeline is called,
and as it is about to run the denoiser for the first time, what it passes is noted, and the call is
left. The schedule is ready by then, as the pipeline prepares it.
"""

from __future__ import annotations

import copy
import functools
import inspect
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.lora import Adapters
from latentwidgets.common.memory import is_out_of_memory, raise_with_way_out
from latentwidgets.common.wording import brief, raised
from latentwidgets.errors import LatentValueError, LatentWidgetsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["TRIED", "Asked", "Asker"]

# How many steps a pipeline is asked to take, where it does not matter how many.
TRIED = 4
# What so many prompts were encoded to is kept, each with what acted in the text encoders.
KEPT = 64
DENOISERS = ("transformer", "unet")
# What parameters of denoisers are called.
X_NAMES, TIME_NAMES = ("hidden_states", "sample", "x"), ("timestep", "timesteps", "t")


@dataclass(frozen=True)
class Asked:
    """What a pipeline passes to its denoiser at a step, and the schedule that it prepared.

    Attributes
    ----------
    x : Tensor
        What it denoises, ``(rows, ...)``.
    time : Tensor
        The time as the denoiser takes it.
    beside : dict of str to object
        All else, by the names of parameters.
    x_name, time_name : str
        The parameters of these two.
    scheduler : object
        The schedule, with its steps laid out.
    timesteps : Tensor
        The times of its steps, as the schedule counts them.
    """

    x: Tensor
    time: Tensor
    beside: dict[str, Any]
    x_name: str
    time_name: str
    scheduler: Any
    timesteps: Tensor


class _ReachedError(BaseException):
    """Leaves a pipeline at its denoiser. No error of its own that it might catch."""

    @property
    def passed(self) -> tuple[Any, Any]:
        """The arguments and keyword arguments that the denoiser was called with."""
        args, kwargs = self.args
        return args, kwargs


class Asker:
    """Calls copies of a pipeline, which itself keeps its state.

    Parameters
    ----------
    pipe : diffusers.DiffusionPipeline
        The pipeline.
    arguments : mapping
        What each call of it is passed, beside what is asked for.

    Attributes
    ----------
    pipe, arguments
        As above.
    denoiser : torch.nn.Module
        The network that it asks at each step.
    takes : mapping of str to inspect.Parameter
        What a call of it takes.
    adapters : Adapters
        The LoRA adapters in its networks.

    Raises
    ------
    LatentValueError
        If it has no denoiser or no scheduler, or takes no such arguments.
    """

    def __init__(self, pipe: Any, arguments: Mapping[str, Any]) -> None:
        self.pipe = pipe
        name = type(pipe).__name__
        self.takes = dict(inspect.signature(type(pipe).__call__).parameters)
        found = [getattr(pipe, one, None) for one in DENOISERS]
        present = [one for one in found if isinstance(one, torch.nn.Module)]
        for part, is_there in (
            (" or ".join(DENOISERS), bool(present)),
            ("scheduler", hasattr(getattr(pipe, "scheduler", None), "set_timesteps")),
        ):
            if not is_there:
                raise LatentValueError(
                    f"{name} has no {part}, which takes the steps from noise to pictures. Load "
                    f"one with it: {name}.from_pretrained(..., {part.split(' ')[-1]}=...)."
                )
        for one in arguments:
            if one not in self.takes:
                raise LatentValueError(
                    f"arguments name {brief(one)}, which a call of {name} does not take; expected "
                    f"some of {', '.join([*self.takes][1:12])}, ...."
                )
        self.denoiser: Any = present[0]
        self.arguments = dict(arguments)
        # What prompts were encoded to: a text encoder may be the slowest part of a call.
        self._texts: dict[Any, Any] = {}
        self.adapters = Adapters(pipe)

    def ask(self, steps: int, *, skipped: int = 0, **call: Any) -> Asked:
        """Find out what the denoiser is passed.

        Parameters
        ----------
        steps : int
            How many steps the pipeline is to take.
        skipped : int
            How many of these are left out, so that the first that it takes is a later one.
        **call
            What the pipeline is called with; what it does not take is left out.

        Returns
        -------
        Asked
            What it passes at the first step that it takes.

        Raises
        ------
        LatentValueError
            If it cannot be called so, or does not call its denoiser.
        """
        copied = self.copied()
        scheduler = vars(copied)["scheduler"] = copy.deepcopy(self.pipe.scheduler)
        if skipped:
            lay_out = scheduler.set_timesteps

            @functools.wraps(lay_out)
            def later(*args: Any, **kwargs: Any) -> None:
                lay_out(*args, **kwargs)
                scheduler.timesteps = scheduler.timesteps[skipped:]

            scheduler.set_timesteps = later
        generator = torch.Generator().manual_seed(0)
        args, kwargs = self._left(
            copied, {"num_inference_steps": steps, "generator": generator, **call}
        )
        module = getattr(self.denoiser, "_orig_mod", self.denoiser)  # of one that is compiled
        bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs)
        passed: dict[str, Any] = {}
        for name, value in [*bound.arguments.items()][1:]:
            kind = bound.signature.parameters[name].kind
            passed |= value if kind is inspect.Parameter.VAR_KEYWORD else {name: value}
        names = [
            next((name for name in known if name in passed), None)
            for known in (X_NAMES, TIME_NAMES)
        ]
        x_name, time_name = names
        if x_name is None or time_name is None or not isinstance(passed[x_name], Tensor):
            raise LatentValueError(
                f"{type(self.pipe).__name__} passes its {type(module).__name__} "
                f"{', '.join(passed)}; expected a tensor {' or '.join(X_NAMES)} and "
                f"{' or '.join(TIME_NAMES)} among these. Wrap its network as lw.adapters.Sampler."
            )
        x = passed.pop(x_name)
        time = torch.as_tensor(passed.pop(time_name), device=x.device).reshape(-1)
        vars(scheduler).pop("set_timesteps", None)
        return Asked(x, time, passed, x_name, time_name, scheduler, scheduler.timesteps)

    def copied(self) -> Any:
        """Copy the pipeline, not its parts, so that what is set on the copy is its alone."""
        copied = copy.copy(self.pipe)
        copied.set_progress_bar_config(disable=True)
        encode = getattr(copied, "encode_prompt", None)
        if encode is not None:

            @functools.wraps(encode)
            def remembered(*args: Any, **kwargs: Any) -> Any:
                if _holds_tensors([*args, *kwargs.values()]):
                    return encode(*args, **kwargs)
                key = repr((args, sorted(kwargs.items()))), self.texts_state()
                if key not in self._texts:
                    if len(self._texts) >= KEPT:
                        self._texts.clear()
                    self._texts[key] = encode(*args, **kwargs)
                return self._texts[key]

            vars(copied)["encode_prompt"] = remembered
        return copied

    @contextmanager
    def freeing(self) -> Iterator[None]:
        """Free the device that parts of an offloaded pipeline are on, once this has run.

        The pipeline does it at the end of a call, which is not reached where it is left before.
        """
        try:
            yield
        finally:
            self.pipe.maybe_free_model_hooks()

    def texts_state(self) -> tuple[Any, ...]:
        """Give what adapters act in the text encoders now, on which embeddings depend."""
        return self.adapters.state(beside=self.denoiser)

    def call(self, copied: Any, call: dict[str, Any]) -> Any:
        """Call a copy with what it takes of some arguments, which come before a person's own."""
        taken = {name: value for name, value in call.items() if name in self.takes}
        given = {**taken, **{k: v for k, v in self.arguments.items() if k not in taken}}
        missing = [
            name
            for name, one in [*self.takes.items()][1:]
            if one.default is one.empty
            and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
            and name not in given
        ]
        if missing:
            raise LatentValueError(
                f"{type(self.pipe).__name__} needs {' and '.join(map(brief, missing))} to make a "
                f"picture. Pass it: lw.as_space(pipe, arguments={{{brief(missing[0])}: ...}})."
            )
        return copied(**given)

    def _left(self, copied: Any, call: dict[str, Any]) -> tuple[Any, Any]:
        """Call a copy up to its denoiser, and return what that was to be passed."""
        thread = threading.get_ident()

        def leave(_: Any, args: Any, kwargs: Any) -> None:
            if threading.get_ident() == thread:
                raise _ReachedError(args, kwargs)

        name = type(self.pipe).__name__
        with _hooked(self.denoiser, leave):
            try:
                self.call(copied, call)
            except _ReachedError as reached:
                return reached.passed
            except LatentWidgetsError:
                raise
            except Exception as error:
                if is_out_of_memory(error):
                    raise_with_way_out(error)  # it was asked about one prompt
                _refuse(name, error)
        raise LatentValueError(
            f"{name} made something without a call of its {type(self.denoiser).__name__}; expected "
            "a pipeline that asks it at each step."
        )


@contextmanager
def _hooked(module: torch.nn.Module, hook: Any) -> Iterator[None]:
    handle = module.register_forward_pre_hook(hook, prepend=True, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def _refuse(name: str, error: Exception) -> NoReturn:
    raise LatentValueError(
        f"{name} cannot be called: it raised {raised(error)}. "
        "What its call takes beside the prompt is passed as arguments={...}."
    ) from error


def _holds_tensors(values: Any) -> bool:
    if isinstance(values, Tensor):
        return True
    if isinstance(values, dict):
        values = values.values()
    return isinstance(values, (list, tuple)) and any(map(_holds_tensors, values))
