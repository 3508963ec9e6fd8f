"""`Sampling`: the way from noise to pictures and back, step by step, with no noise added."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters.denoisers import (
    added,
    cast,
    copied,
    is_finite,
    is_plain,
    like,
    single,
    stacked,
)
from latentwidgets.adapters.inversion_errors import InversionErrors, measured
from latentwidgets.adapters.modules import broken_weights
from latentwidgets.errors import DecodeError
from latentwidgets.kinds.reading.arrays import Outputs, as_outputs
from latentwidgets.kinds.reading.calls import outputs_of
from latentwidgets.kinds.reading.containers import array_in
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.locks import ModelCaller
from latentwidgets.space.steps import last_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from latentwidgets.adapters.denoisers import Denoiser
    from latentwidgets.adapters.schedules import Schedule, Walk

__all__ = ["Sampling", "Unread"]

# How often a step of the way back is corrected.
CORRECTIONS = 3


class Sampling(ModelCaller):
    """Takes the steps of a schedule, in tensors or NumPy arrays.

    Parameters
    ----------
    denoiser : Denoiser
        What is asked at each step.
    schedule : Schedule
        The steps.
    predicts : str
        What the denoiser gives: see `Schedule.walk`.
    decode, encode : callable or None
        An autoencoder's, from x to pictures and back.
    modules : list of torch.nn.Module
        What runs in evaluation mode.
    models : tuple of object
        What one thread at a time may run.

    Attributes
    ----------
    errors : InversionErrors
        How far the pictures that were encoded are from what their noise decodes to.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        schedule: Schedule,
        predicts: str,
        *,
        decode: Callable[..., Any] | None,
        encode: Callable[..., Any] | None,
        modules: list[Any],
        models: tuple[object, ...],
    ) -> None:
        self._denoiser, self._schedule, self._predicts = denoiser, schedule, predicts
        self._decode, self._encode = decode, encode
        self.modules, self.models = modules, models
        self._walks: dict[int, Walk] = {}
        # The times of the last walk, and what they depend on.
        self._told: tuple[Any, list[Any]] | None = None
        self.errors = InversionErrors()

    def decode(self, noise: Any, /, **conditions: Any) -> Iterator[Any]:
        """Go from noise to pictures, step by step.

        Parameters
        ----------
        noise : ndarray or Tensor
            ``(n, *shape)``.
        **conditions
            "guidance", "steps" and "class": arrays or tensors of n numbers.

        Yields
        ------
        object
            What the picture would be, which is decoded when it is read; at last the pictures.
        """
        x, dtype = single(noise), noise.dtype
        count = len(x)
        steps, classes, guidance = self._settings(count, conditions)
        last, turn = max(steps) - 1, None
        for i in range(last + 1):
            if turn is None or i >= turn.until:
                turn = self._turn(cast(x, dtype), i, steps, classes, guidance)
            part = turn.of(x)
            out = turn.predict(part, i, dtype)
            x = turn.put(turn.mixed("onward", i, part, out), x)
            if i < last:
                yield Unread(partial(self._draft, turn, i, x, part, out, dtype), count)
        yield self._picture(x, dtype)

    def encode(self, images: Any, /, **conditions: Any) -> Any:
        """Go back from pictures to noise, with guidance 1; see the notes of `Sampler`.

        Parameters
        ----------
        images : ndarray or Tensor
            As `decode` gives them at last.
        **conditions
            "steps" and "class", as of `decode`.

        Returns
        -------
        ndarray or Tensor
            ``(n, *shape)``.
        """
        start = images if self._encode is None else self._encoded(images)
        if tuple(start.shape[1:]) != self._denoiser.shape:
            what = "encode gave" if self._encode is not None else "pictures have"
            raise DecodeError(
                f"{what} shape {tuple(start.shape)}; expected (n, {str(self._denoiser.shape)[1:]}, "
                "as the network takes it."
            )
        x, dtype = single(start), start.dtype
        steps, classes, _ = self._settings(len(x), conditions)
        ones, turn = np.ones(len(x), np.float32), None
        for i in reversed(range(max(steps))):
            if turn is None or i + 1 in steps:
                turn = self._turn(cast(x, dtype), i, steps, classes, ones)
            guess = after = turn.of(x)
            for _ in range(CORRECTIONS):
                out = turn.predict(guess, i, dtype)
                guess = turn.mixed("back", i, after, guess, out)
            x = turn.put(guess, x)
        self._measure(images, start, x, dtype, {**conditions, "guidance": ones})
        return x

    def settle(self, noise: Any, /) -> Any:
        """Ask the network once, so that faults show at once; see `Denoiser.settle`."""
        x = single(noise)
        t = like(x, np.full(len(x), self._walk(1).times[0], np.float32))
        return self._denoiser.settle(cast(x, noise.dtype), t)

    def _settings(
        self, count: int, conditions: dict[str, Any]
    ) -> tuple[list[int], NDArray[np.int64] | None, NDArray[np.float32]]:
        """Read the conditions of each row, which may be on a device."""
        read = {name: given.tolist() for name, given in conditions.items()}
        guidance = np.array(read.get("guidance", [1] * count), np.float32)
        classes = np.array(read["class"]) if "class" in read else None
        return [*map(round, read["steps"])], classes, guidance

    def _walk(self, steps: int) -> Walk:
        walk = self._walks.get(steps)
        if walk is None:
            walk = self._walks[steps] = self._schedule.walk(steps, self._predicts)
        return walk

    def _encoded(self, images: Any) -> Any:
        """Give what the autoencoder makes of pictures: of several arrays the one that is meant."""
        assert self._encode is not None
        returned = self._encode(images)
        shape = self._denoiser.shape
        found = array_in(returned, len(images), source="encode", expected=shape, stack=stacked)
        if found.is_doubtful:
            warn_guess(
                f"encode returned a {type(returned).__name__} of several arrays; {found.how} was "
                "taken. Pass a function that returns one: "
                f"encode=lambda images: encode(images){found.how}."
            )
        return found.value

    def _turn(
        self,
        x: Any,
        i: int,
        steps: list[int],
        classes: NDArray[np.int64] | None,
        guidance: NDArray[np.float32],
    ) -> Turn:
        """Get ready for step i, of the rows that have so many."""
        counts = [one for one in steps if one > i]
        rows, part, until = None, x, min(counts)
        if len(counts) < len(steps):
            rows = np.flatnonzero(np.array(steps) > i)
            part, guidance = x[like(x, rows)], guidance[rows]
            classes = None if classes is None else classes[rows]
        walks = [self._walk(one) for one in (counts[:1] if until == max(counts) else counts)]
        ask = self._denoiser.ready(part, classes, guidance)
        return Turn(rows, walks, until, self._times(x, counts, until), ask)

    def _times(self, x: Any, counts: list[int], until: int) -> list[Any]:
        """Give the times of the steps for these rows; those of before where nothing differs."""
        key = getattr(x, "device", None), counts, until
        if self._told is not None and self._told[0] == key and is_plain(x):
            return self._told[1]
        each = np.stack([self._walk(one).times[:until] for one in counts], axis=1)
        times = [*like(x, each.astype(np.float32))]
        if is_plain(times[0]):
            self._told = key, times
        return times

    def _picture(self, x: Any, dtype: Any) -> Any:
        if not is_finite(x):
            broken = broken_weights(self.modules)
            if broken:
                raise DecodeError(
                    "denoise gave NaN or infinity on the way, and some weights of its network are "
                    f"NaN or infinite too, such as {broken}. Load weights that are finite."
                )
            raise DecodeError(
                "denoise gave NaN or infinity on the way; expected finite numbers. Half precision "
                "may be too narrow for this network: take it in float32 or bfloat16. Or guidance "
                "is too strong, or the schedule is another than it was trained with."
            )
        x = cast(x, dtype)
        return x if self._decode is None else self._decode(x)

    def _draft(self, turn: Turn, i: int, x: Any, part: Any, out: Any, dtype: Any) -> Any:
        """Make the picture that each row is on its way to; some rows may have arrived."""
        with self._quietly():
            return self._picture(turn.put(turn.mixed("clean", i, part, out), x), dtype)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Run the autoencoder as a step is run, since a draft is read after its step."""
        mode: AbstractContextManager[Any] = nullcontext()
        evaluation: AbstractContextManager[Any] = nullcontext()
        if self.modules:
            import torch

            from latentwidgets.adapters.torch_modes import evaluating, listed

            mode, evaluation = torch.no_grad(), evaluating(listed(self.modules))
        with evaluation, mode:
            yield

    def _measure(
        self, images: Any, start: Any, noise: Any, dtype: Any, conditions: dict[str, Any]
    ) -> None:
        """Decode the noise, and measure how far that is from the pictures."""
        alone = None
        if self._decode is not None:
            alone = partial(self._picture, single(start), dtype)
        decoded = last_of(self.decode(cast(noise, dtype), **conditions))
        self.errors.add(measured(images, decoded, alone))


@dataclass(frozen=True)
class Turn:
    """The rows of a batch that take a step together.

    Attributes
    ----------
    rows : ndarray or None
        Which; None for all.
    walks : list of Walk
        The steps of each, or one for all.
    until : int
        The first step that not all of them take.
    times : list of ndarray or Tensor
        What the network is told at each step, ``(n,)``.
    ask : callable
        Predicts for them.
    """

    rows: NDArray[np.intp] | None
    walks: list[Walk]
    until: int
    times: list[Any]
    ask: Callable[[Any, Any], Any]

    def of(self, x: Any) -> Any:
        """Take these rows."""
        return x if self.rows is None else x[like(x, self.rows)]

    def put(self, part: Any, x: Any) -> Any:
        """Give x with these rows replaced."""
        if self.rows is None:
            return part
        whole = copied(x)
        whole[like(x, self.rows)] = part
        return whole

    def mixed(self, name: str, i: int, *parts: Any) -> Any:
        """Add parts up, each times what step i takes of it: see `Walk`."""
        if len(self.walks) == 1:
            numbers: list[Any] = getattr(self.walks[0], name)[i].tolist()
        else:
            rows = np.array([getattr(walk, name)[i] for walk in self.walks], np.float32)
            shape = (-1, *(1,) * (parts[0].ndim - 1))
            numbers = [like(parts[0], column.reshape(shape)) for column in rows.T]
        total = None
        for number, part in zip(numbers, parts, strict=True):
            if isinstance(number, float) and number == 0:
                continue
            if total is None:
                total = part if isinstance(number, float) and number == 1 else part * number
            elif isinstance(number, float):
                total = added(total, part, number)
            else:
                total = total + part * number
        return total

    def predict(self, x: Any, i: int, dtype: Any) -> Any:
        """Ask the network at step i."""
        return single(self.ask(cast(x, dtype), self.times[i]))


class Unread:
    """A draft that is made when it is read: nobody may look at it."""

    def __init__(self, make: Callable[[], Any], count: int) -> None:
        self.make, self._count = make, count

    def outputs(self) -> Outputs:
        """Make it."""
        return outputs_of(self.make(), self._count)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self.outputs().to_float32().astype(dtype or np.float32)


@as_outputs.register
def _(raw: Unread, *, source: str = "decode") -> Outputs:
    return raw.outputs()
