"""What moving latents does to what is decoded: moved both ways, decoded, and measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import (
    check_controls,
    check_finite,
    check_positive,
    check_seed,
    check_whole,
    real_array,
)
from latentwidgets.common.wording import brief, short
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.samples import Data
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.directions.direction import Direction

__all__ = [
    "Measure",
    "Moves",
    "check_encodes",
    "random_direction",
    "read_outputs",
    "sigmas_between",
]

# How many samples of the prior random directions are drawn from.
SAMPLES = 512
# And how many where the latents to move from are given, and are but one.
AROUND = 64


@dataclass(frozen=True)
class Measure:
    """What is read of each output, as one number.

    Attributes
    ----------
    name : str
        What it is called in messages.
    read : callable
        Takes k outputs, or k latents that outputs were encoded to, and gives k numbers.
    encoded : bool
        Whether outputs are encoded again before.
    argument : str
        As what a function of outputs is passed in its place, in messages.
    """

    name: str
    read: Callable[[Any], ArrayLike]
    encoded: bool
    argument: str = "measure=..."


class Moves:
    """Latents to move and how far, and random directions to compare with.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    latents, n, amount, controls, conditions, seed
        As `measure_effects` takes them.

    Attributes
    ----------
    random : list of Direction
        So many random directions, each from one latent to another.
    units : int
        How many values the condition has that has several; else how many latents there are.
    """

    def __init__(
        self,
        space: Any,
        *,
        latents: ArrayLike | None,
        n: int,
        amount: float,
        controls: int,
        conditions: Mapping[str, Any] | None,
        seed: int,
    ) -> None:
        self._space = space
        self._amount, seed = check_positive(amount, "amount"), check_seed(seed)
        several, self._under = space.conditions.each(conditions)
        n, controls = check_whole(n, "n", least=2), check_controls(controls)
        starts = space.sample(max(SAMPLES, n), seed=seed) if latents is None else latents
        starts = space.check(starts)
        rng = np.random.default_rng(seed)
        self._points = starts[rng.permutation(len(starts))[:n]]
        # The mean is over the latents where a condition has several values.
        self._averaged = 1 if several is None else 2
        self.units = len(self._points) if several is None else len(self._under)
        self.random: list[Direction] = []
        if controls:
            data = Data(starts if len(starts) > 1 else space.sample(AROUND, seed=seed))
            self.random = [random_direction(data, rng) for _ in range(controls)]

    def changes(self, one: Direction, measures: Sequence[Measure]) -> NDArray[np.float64]:
        """Give how measures change, per sigma of a direction.

        Parameters
        ----------
        one : Direction
            What to move along.
        measures : sequence of Measure
            What is read, k of them.

        Returns
        -------
        ndarray
            ``(k, units)``: one for each value of the condition that has several, of the mean over
            the latents; else one for each latent.
        """
        ends = (one.move(self._points, side * self._amount) for side in (1, -1))
        up, down = (self._read(end, measures) for end in ends)
        changes: NDArray[np.float64] = (up - down).mean(axis=self._averaged) / (2 * self._amount)
        return changes

    def by_chance(self, measures: Sequence[Measure]) -> NDArray[np.float64] | None:
        """Give the root mean square of what random directions do, ``(k,)``; None without them."""
        if not self.random:
            return None
        found = [self.changes(one, measures).mean(axis=1) for one in self.random]
        return np.asarray(np.sqrt(np.mean(np.square(found), axis=0)))

    def unmoved(self, measures: Sequence[Measure]) -> NDArray[np.float64]:
        """Give what is read where nothing is moved, ``(k, all)``."""
        return self._read(self._points, measures).reshape(len(measures), -1)

    def try_out(self, measures: Sequence[Measure]) -> None:
        """Read two outputs: what is wrong with a measure shows before all is decoded."""
        few = self._points[:2]
        first = {name: [value] * len(few) for name, value in self._under[0].items()}
        read_outputs(self._space, few, first, measures)

    def _read(
        self, latents: NDArray[np.float32], measures: Sequence[Measure]
    ) -> NDArray[np.float64]:
        """Read latents under each of the conditions: ``(k, conditions, latents)``."""
        return np.concatenate([*self._parts(latents, measures)], axis=1)

    def _parts(
        self, latents: NDArray[np.float32], measures: Sequence[Measure]
    ) -> Iterator[NDArray[np.float64]]:
        count = len(latents)
        at_once = max(1, self._space.batch_size // count)
        for start in range(0, len(self._under), at_once):
            some = self._under[start : start + at_once]
            conditions = {name: [one[name] for one in some for _ in latents] for name in some[0]}
            rows = np.concatenate([latents] * len(some))
            found = read_outputs(self._space, rows, conditions, measures)
            yield found.reshape(len(measures), len(some), count)


def random_direction(data: Data, rng: np.random.Generator) -> Direction:
    """Draw a direction from one latent to another."""
    for _ in range(100):
        first, second = rng.choice(len(data), 2, replace=False)
        step = data.rows[second].astype(np.float64) - data.rows[first]
        if step.any():
            break
    return data.direction(
        "random", step, method="random", evidence=Evidence(), provenance={"method": "random"}
    )


def sigmas_between(data: Data, start: NDArray[np.float32], end: NDArray[np.float32]) -> float:
    """Say how many sigmas of data a move is; NaN where the data do not go that way.

    Examples
    --------
    >>> data = Data([[-1.0, 0.0], [1.0, 0.0]])
    >>> sigmas_between(data, np.zeros(2, np.float32), np.array([3, 0], np.float32))
    3.0
    """
    step = end.astype(np.float64) - start
    length = float(np.linalg.norm(step))
    if not length:
        return 0.0
    along = float((data.rows @ (step.ravel() / length).astype(data.rows.dtype)).std())
    return length / along if along > 0 else float("nan")


def check_encodes(space: Any, argument: str) -> None:
    """Check that what a space decodes can be encoded again, as far as it says so."""
    if not space.can_encode:
        raise LatentValueError(
            "this space does not encode, so that what it decodes cannot be read again. Pass "
            f"{argument}, a function from outputs to numbers, or make the space with encode=..."
        )


def read_outputs(
    space: Any,
    latents: NDArray[np.float32],
    conditions: Mapping[str, Any] | None,
    measures: Sequence[Measure],
) -> NDArray[np.float64]:
    """Decode latents, and read what is decoded.

    Parameters
    ----------
    space : LatentSpace
        What decodes, and encodes where a measure wants that.
    latents : ndarray
        ``(n, *latent_shape)``.
    conditions : mapping, optional
        As `LatentSpace.decode` takes them.
    measures : sequence of Measure
        What is read, k of them.

    Returns
    -------
    ndarray
        float64 ``(k, n)``.

    Raises
    ------
    LatentValueError
        If outputs cannot be encoded again, or a measure does not give one finite number each.
    DecodeError
        If the decoder or the encoder raises.
    """
    outputs = space.decode(latents, conditions)
    again = None
    for one in measures:
        if not one.encoded or again is not None:
            continue
        try:
            again = space.encode(outputs, conditions)
        except (LatentTypeError, LatentValueError) as error:
            raise LatentValueError(
                "this space does not encode what it decodes, so that it cannot be read again. Pass "
                f"{one.argument}, a function from outputs to numbers."
            ) from error
    found = [_numbers(one, again if one.encoded else outputs, len(latents)) for one in measures]
    return np.stack(found)


def _numbers(measure: Measure, seen: Any, count: int) -> NDArray[np.float64]:
    try:
        measured = measure.read(seen)
    except LatentWidgetsError:
        raise
    except Exception as error:  # a function of the person's own may raise anything
        raise LatentValueError(
            f"{measure.name} failed: {type(error).__name__}: {short(str(error)).rstrip('.')}. It "
            f"got outputs of shape {np.shape(seen)}."
        ) from error
    try:
        numbers = real_array(measured, f"the numbers of {measure.name}")
    except (LatentTypeError, LatentValueError) as error:
        raise _not_one_each(measure.name, measured, count) from error
    if numbers.shape != (count,):
        raise _not_one_each(measure.name, measured, count)
    check_finite(numbers, f"the numbers of {measure.name}")
    return numbers.astype(np.float64)


def _not_one_each(name: str, measured: Any, count: int) -> LatentValueError:
    """Say that a measure must return one number for each output."""
    shape = getattr(measured, "shape", None)
    got = f"shape {tuple(shape)}" if shape else brief(measured)
    return LatentValueError(
        f"{name} returned {got} for {count} outputs; expected one number each. It takes what "
        "decode returns for several latents at once, and must return a number for each of them: "
        "lambda outputs: [number_of(one) for one in outputs]."
    )
