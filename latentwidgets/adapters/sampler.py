"""`Sampler`: a diffusion or flow network of one's own as a model whose latents are noise."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters.denoisers import Denoiser
from latentwidgets.adapters.modules import modules_of
from latentwidgets.adapters.noise_space import NoiseSpace
from latentwidgets.adapters.sampling import Sampling
from latentwidgets.adapters.schedules import prediction_of, schedule_of
from latentwidgets.common.checks import check_function, check_sizes, check_whole, detached
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.memory import is_out_of_memory, raise_with_way_out
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.condition import (
    Condition,
    checked_choices,
    with_ignored_where,
    with_way,
)
from latentwidgets.space.conditions import conditions_of
from latentwidgets.space.declared import doubt_order
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelLock, models_of
from latentwidgets.space.options import check_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

__all__ = ["Sampler", "class_choices", "class_or_none"]

# Steps where nobody says another number, and how many the menu offers at least.
STEPS, OFFERED = 50, 100
# The most steps that a condition may be given, of a flow.
MOST_STEPS = 10_000


class Sampler:
    """Draws pictures from noise, with a network that predicts noise, velocity or data.

    Pass it to `as_space` or to a widget. A latent is the noise that it begins with, whose prior is
    standard normal; the way from there takes no further noise (DDIM, or Euler's method along a
    flow), so that the same latent and conditions give the same picture. After each step it shows
    what the picture would be: a draft.

    Parameters
    ----------
    denoise : callable
        A torch module, or a function of tensors or of NumPy arrays: ``denoise(x, t)``, with classes
        ``denoise(x, t, label)``. x has shape ``(n, *shape)``, t is float32 ``(n,)``. A function
        runs on the device of the modules that it names.
    shape : int or tuple of int
        The shape of one x.
    predicts : {"noise", "velocity", "sample"}
        What the network gives, of the shape of x: the noise in x; the velocity dx/dt of a flow, or
        v of DDPM; or the data.
    schedule : {"flow", "flow-reversed", "ddpm"} or array_like
        "flow": t goes from 0, noise, to 1, data, and x is ``t * data + (1 - t) * noise``.
        "flow-reversed": t goes from 1 to 0. "ddpm": t is the number of the step, from 999 down to
        0, and betas go from 0.0001 to 0.02; or betas, ``(T,)``, for t from T - 1 to 0.
    steps : int, optional
        How many steps are taken where nobody says another number. 50 if None, or all T of fewer.
        The condition "steps" offers 1 to 100, or to this number if it is larger.
    classes : iterable of str, range or int, optional
        Names of the classes in the order of their labels; or the labels themselves, whole
        numbers; or how many there are. The network gets labels as int64 ``(n,)`` or one-hot
        ``(n, classes)``, whichever it takes.
    null : int or array_like, optional
        What stands for no class: a number, or where labels are one-hot a row of zeros. It brings
        the condition "guidance".
    decode, encode : callable, optional
        Of an autoencoder, if x is its latent: from x to pictures, and back.

    Attributes
    ----------
    conditions : dict of str to Condition
        What is decoded beside the noise: "guidance", 1 where nobody says another number, which is
        the network as it was trained; "steps"; "class".
    reconstruction_error : ndarray or None
        Of the pictures that were encoded last, each: how far what the noise decodes to is from the
        picture, as the mean absolute difference and a share of the range of all of them. The space
        has it too.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.

    Notes
    -----
    ``space.encode(images)`` goes the way back, step by step, with the class and the steps that it
    is given, and with guidance 1: what guidance adds grows on the way back, and would lead to noise
    that is not normal (Mokady et al. 2023, arXiv 2211.09794). Decode with guidance 1 to get the
    pictures again. Each step back is found by fixed-point iteration (Pan et al. 2023, "Effective
    real image editing with accelerated iterative diffusion inversion", arXiv 2309.04907).

    Other defaults and bounds are options of the space: ``as_space(sampler, conditions={"guidance":
    (4.0, 0.0, 8.0)})``.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> def denoise(x, t):  # of data that are standard normal around 2
    ...     a, s = t[:, None], 1 - t[:, None]
    ...     return 2 + (a - s) * (x - 2 * a) / (a**2 + s**2)
    >>> sampler = lw.adapters.Sampler(denoise, 16, predicts="velocity", schedule="flow")
    >>> space = lw.as_space(sampler, kind="curve")
    >>> [round(float(space.decode(space.sample(500)).mean()), 1), space.conditions["steps"].default]
    [2.0, 50]
    """

    @checked_keywords
    def __init__(
        self,
        denoise: Callable[..., Any],
        shape: int | tuple[int, ...],
        *,
        predicts: str,
        schedule: Any,
        steps: int | None = None,
        classes: Any = None,
        null: Any = None,
        decode: Callable[..., Any] | None = None,
        encode: Callable[..., Any] | None = None,
    ) -> None:
        self.latent_shape = check_sizes(shape, "shape")
        self._predicts = prediction_of(predicts)
        self._schedule = schedule_of(schedule)
        most = self._schedule.most
        default = min(STEPS, most or STEPS) if steps is None else steps
        self._steps = check_whole(default, "steps", least=1, most=most or MOST_STEPS)
        offered = max(OFFERED, self._steps)
        offered = offered if most is None else min(offered, most)
        choices = Condition(self._steps, choices=range(1, offered + 1))
        top = most or MOST_STEPS
        way = f"It can take up to {top:,}: Sampler(..., steps=...) offers as many as it is given."
        own: dict[str, Any] = {"steps": with_way(choices, way) if offered < top else choices}
        numbers = None
        if classes is not None:
            own["class"] = Condition(choices=class_choices(classes))
            given = own["class"].choices
            numbers = given if isinstance(given, range) else range(len(given))
        elif null is not None:
            raise LatentValueError(
                "null says what stands for no class, and there are no classes. Pass classes=..., "
                "their names; or leave null out."
            )
        for part, role in ((decode, "decode"), (encode, "encode")):
            if part is not None:
                check_function(part, role)
        if encode is not None and decode is None:
            raise LatentValueError(
                "there is encode without decode; expected both of an autoencoder, or neither."
            )
        denoiser = Denoiser(denoise, self.latent_shape, numbers, null)
        if denoiser.can_guide:
            own = {"guidance": Condition(1.0, 0.0, 10.0, step=0.1), **own}
        self.conditions = own
        modules = modules_of(denoise, decode, encode)
        self._sampling = Sampling(
            denoiser,
            self._schedule,
            predicts,
            decode=decode,
            encode=encode,
            modules=modules,
            models=(*modules,) or models_of(denoise, decode, encode),
        )
        self.can_encode = decode is None or encode is not None

    @property
    def reconstruction_error(self) -> NDArray[np.float32] | None:
        """How far the pictures that were encoded last are from what their noise decodes to."""
        return self._sampling.errors.last

    def _taken(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """Take other defaults and bounds of conditions in place of its own.

        Raises
        ------
        LatentTypeError, LatentValueError
            If there is no such condition, or the network cannot be called so.
        """
        merged = {**self.conditions}
        for name, one in conditions_of(given).items():
            if name == "guidance" and name not in merged:
                raise LatentValueError(
                    "guidance goes from what the network gives without a class to what it gives "
                    "with one, and nothing says how to ask without. Pass null=..., what stands for "
                    "no class, and classes=... to the Sampler."
                )
            if name not in merged:
                raise LatentValueError(
                    f"a Sampler has no condition {brief(name)}. {hint(name, list(merged))}"
                )
            if not self._can_take(name, one):
                raise LatentValueError(
                    f"conditions[{brief(name)}] is {brief(one)}, which the network cannot be "
                    f"called with; expected something like {brief(merged[name])}."
                )
            if isinstance(names := self.conditions[name].choices, tuple):
                doubt_order(name, one, {own: i for i, own in enumerate(names)}, "the Sampler")
            merged[name] = with_way(one, self._way_to_more(one)) if name == "steps" else one
        return class_or_none(merged)

    def _way_to_more(self, steps: Condition) -> str:
        """Say how to take more steps than a person offers."""
        most = self._schedule.most or MOST_STEPS
        way = f'For more: lw.as_space(sampler, conditions={{"steps": range(1, {most + 1})}}).'
        return way if max(steps.choices) < most else ""

    def _can_take(self, name: str, one: Condition) -> bool:
        """Say whether the network can be called with all values of a condition."""
        theirs, mine = one.choices, self.conditions[name].choices
        if theirs is None or mine is None:
            return theirs is mine
        if name != "steps":
            if isinstance(theirs, range) and isinstance(mine, range):
                return all(number in mine for number in theirs)
            return len(theirs) == len(mine) and type(theirs) is type(mine)
        most = self._schedule.most or MOST_STEPS
        return isinstance(theirs, range) and min(theirs) >= 1 and max(theirs) <= most

    def __repr__(self) -> str:
        words = f"shape={self.latent_shape}, predicts={self._predicts!r}"
        return f"Sampler({words}, schedule={self._schedule}, steps={self._steps})"


@as_space.register
def _(model: Sampler, **options: Any) -> LatentSpace:
    """Make a space of noise. Its network is asked once, to see that it can be called."""
    check_options(options)
    conditions = model._taken(options.pop("conditions", None))
    sampling, shape = model._sampling, options.pop("latent_shape", model.latent_shape)
    noise = np.random.default_rng(0).standard_normal((2, *model.latent_shape)).astype(np.float32)
    try:
        caller = _asked(sampling, noise, conditions)
    except DecodeError as error:
        raise_with_way_out(error, "It ran out for the two pictures that the network is tried with.")
    own: dict[str, Any] = {"conditions": conditions, "name": type(model).__name__}
    if caller is not sampling:
        own["derivative"] = caller.derivative
    own["encode"] = caller.encode if model.can_encode else None
    return NoiseSpace(sampling, caller.decode, shape, **{**own, **options})


def _asked(sampling: Sampling, noise: NDArray[np.float32], conditions: dict[str, Condition]) -> Any:
    """Ask the network once, and give what calls it: with tensors, where it takes them."""
    if not _takes_tensors(sampling, noise):
        return sampling
    from latentwidgets.adapters.torch import TorchModel
    from latentwidgets.adapters.torch_modes import listed

    holder = listed(sampling.modules)
    asked = TorchModel(holder, decode=sampling.settle)
    ModelLock(sampling.models).run(asked.decode, noise)
    return TorchModel(
        holder,
        decode=sampling.decode,
        encode=sampling.encode,
        conditions=conditions_of(conditions),
    )


def _takes_tensors(sampling: Sampling, noise: NDArray[np.float32]) -> bool:
    """Find out whether the functions take tensors: they run modules, or refuse NumPy arrays."""
    if sampling.modules:
        return True
    lock = ModelLock(sampling.models)
    try:
        out = lock.run(sampling.settle, noise)
    except DecodeError as error:
        if "torch" not in sys.modules or is_out_of_memory(error):
            raise
        import torch

        try:
            lock.run(sampling.settle, torch.from_numpy(noise))
        except DecodeError as other:
            # The first fault counts, unless the function only could not take an array. What has no
            # cause was found out, and not raised by the function: it took arrays.
            if is_out_of_memory(other) and error.__cause__ is not None:
                raise
            if "ndarray" in str(error.__cause__) and "'Tensor' object" not in str(other.__cause__):
                raise
            raise error from error.__cause__
        return True
    return not isinstance(out, np.ndarray)


def class_or_none(conditions: dict[str, Condition]) -> dict[str, Condition]:
    """Have a class say how to draw without one, where there is guidance."""
    if not {"class", "guidance"} <= conditions.keys():
        return conditions
    return {**conditions, "class": with_ignored_where(conditions["class"], "guidance", 0)}


def class_choices(classes: Any) -> tuple[str, ...] | range:
    """Take classes: their names, their labels, or how many there are.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are none of these.

    Examples
    --------
    >>> class_choices(3), class_choices(["owl", "mug"]), class_choices(np.unique([4, 2, 0, 2]))
    (range(0, 3), ('owl', 'mug'), range(0, 5, 2))
    """
    if isinstance(classes, (int, np.integer)) and not isinstance(classes, bool):
        return range(check_whole(classes, "classes", least=1))
    if isinstance(classes, (str, bytes)) or not isinstance(classes, Iterable):
        letters = " For a name of each letter pass list(...)." if isinstance(classes, str) else ""
        raise LatentTypeError(
            f"classes are {brief(classes)}; expected a list of names, the labels, or how many "
            f"there are.{letters}"
        )
    labels = whole_numbers(classes)
    if labels is not None:
        return evenly(labels)
    try:
        return checked_choices(classes)
    except (LatentTypeError, LatentValueError) as error:
        raise type(error)(f"classes: {error}") from error


def whole_numbers(classes: Any) -> NDArray[np.int64] | None:
    """Read labels, ``(n,)``; None where they are none, such as names, or a range as it is."""
    if not (isinstance(classes, (list, tuple)) or hasattr(classes, "__array__")):
        return None
    try:
        numbers = np.asarray(detached(classes, "classes"))
    except (TypeError, ValueError):  # rows of different length, or what is no array
        return None
    found = numbers.ndim == 1 and len(numbers) and numbers.dtype.kind in "iu"
    return numbers.astype(np.int64) if found else None


def evenly(labels: NDArray[np.int64]) -> range:
    """Make a range of labels, which conditions hold."""
    first = int(labels[0])
    if len(labels) == 1:
        return range(first, first + 1)
    step = int(labels[1]) - first
    if step <= 0 or (np.diff(labels) != step).any():
        span = f"classes=range({labels.min()}, {labels.max() + 1})"
        raise LatentValueError(
            f"classes are the labels {brief(labels.tolist())}; expected each once, increasing in "
            f"even steps. Pass {span}, which has all of them; of the labels of a data set pass "
            "np.unique(labels); or names, with a function that makes labels of their positions: "
            "denoise=lambda x, t, label: ...."
        )
    return range(first, int(labels[-1]) + 1, step)
