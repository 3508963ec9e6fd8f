"""What an edit moves: how it changes what is read of the decoded output."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.measures import said_of
from latentwidgets.common.pieces import STEP_SECONDS, Pieces
from latentwidgets.common.wording import brief
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.moving import (
    Measure,
    random_direction,
    read_outputs,
    sigmas_between,
)
from latentwidgets.directions.samples import Data
from latentwidgets.engine.layers import edit_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.common.pieces import Steps
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Change", "Readers", "edit_leakage", "notes_of", "summed_up"]

# So many random moves are compared with, each from another to another of so many samples.
CONTROLS, SAMPLES = 8, 64
# So many latents are decoded at once, at most.
AT_ONCE = 2
# Of several bases, at most so many are looked at.
MOST_BASES = 4
# Of so many conditions it is kept what the units are.
MOST_STATES = 4
# Changes that are smaller than this share of a reading are rounding.
ROUNDING = 1e-6
# What is said of a measure that is the same of all samples.
NO_UNIT = f"The same of {SAMPLES} samples: its change has no unit."

# Of which move, 0 for the edit and else a random one: what changes, reading by reading.
Change = tuple[int, "NDArray[np.float64]"]


class Readers:
    """What reads the outputs that an edit changes.

    Readouts of directions read what is encoded again, in standard deviations of the data that they
    were fitted to; functions read outputs, in standard deviations over 64 samples of the prior.

    Parameters
    ----------
    named : mapping of str to Direction or callable
        By their names.

    Attributes
    ----------
    named
        As above.
    """

    def __init__(self, named: Mapping[str, Any]) -> None:
        self.named = named
        self.measures = [
            Measure(
                brief(name),
                partial(one.measure, standardized=True) if isinstance(one, Direction) else one,
                encoded=isinstance(one, Direction),
                argument=f"measures={{{name!r}: ...}}",
            )
            for name, one in named.items()
        ]
        self._functions = [i for i, one in enumerate(self.measures) if not one.encoded]
        # As many latents at a time as take no longer than one, or hardly.
        self._pieces = Pieces(STEP_SECONDS, most=AT_ONCE)
        # By conditions what functions say of samples, a few at a time: as far as that is known.
        self._found: dict[str, list[NDArray[np.float64]]] = {}

    def forget(self) -> None:
        """Forget what functions say of samples: for when the model itself has changed."""
        self._found = {}

    def read(
        self, space: LatentSpace, latents: Any, under: dict[str, Any] | None
    ) -> Iterator[NDArray[np.float64]]:
        """Decode latents under some conditions, some at a time, and read these, ``(k, n)``."""
        return self._read(space, latents, under, self.measures)

    def _read(
        self,
        space: LatentSpace,
        latents: NDArray[np.float32],
        under: dict[str, Any] | None,
        measures: list[Measure],
    ) -> Iterator[NDArray[np.float64]]:
        def read(some: NDArray[np.float32]) -> NDArray[np.float64]:
            each = {name: [value] * len(some) for name, value in (under or {}).items()}
            return read_outputs(space, some, each or None, measures)

        return self._pieces.over("read", read, latents)

    def unit_steps(self, space: LatentSpace, under: dict[str, Any] | None) -> Steps[Any]:
        """Find out step by step what is one unit of each, ``(k, 1)``.

        It is NaN of what is the same of all outputs. Where it was interrupted, it goes on.
        """
        units = np.ones((len(self.measures), 1))
        if not self._functions:
            return units
        functions = [self.measures[i] for i in self._functions]
        found = self._found.pop(repr(under), [])
        self._found[repr(under)] = found
        while len(self._found) > MOST_STATES:
            del self._found[next(iter(self._found))]
        samples = space.sample(SAMPLES, seed=0)
        # Another page may be at it too, and take steps in between.
        while (done := sum(one.shape[1] for one in found)) < SAMPLES:
            found.append(next(self._read(space, samples[done:], under, functions)))
            yield
        every = np.concatenate(found, axis=1)
        spread = every.std(axis=1)
        spread[spread <= ROUNDING * np.abs(every).max(axis=1)] = np.nan
        units[self._functions, 0] = spread
        return units


def notes_of(readers: Readers, route: Route, at: Coordinates, units: Any) -> list[str]:
    """Say of each of what reads whether it was held out from what an edit moves and holds.

    And where it has no unit, as `Readers.unit_steps` gives them, that it has none.
    """
    edit, _ = edit_at(route, at)
    amounts = zip(edit.directions, at, edit.origin.tolist(), strict=False)
    moved = [one for one, amount, start in amounts if amount != start]
    moved += [edit.directions[name] for name in edit.hold]
    said = [said_of(one, moved) for one in readers.named.values()]
    lacks = np.isnan(units).ravel()
    return [f"{one} {NO_UNIT}" if lack else one for one, lack in zip(said, lacks, strict=True)]


def edit_leakage(
    space: LatentSpace,
    route: Route,
    at: Coordinates,
    readers: Readers | None = None,
    units: Any = 1.0,
) -> Steps[list[Change]]:
    """Say how readings of what is decoded change, step by step: by an edit, and by random moves.

    Parameters
    ----------
    space : LatentSpace
        What decodes, and encodes again.
    route : Route
        An edit.
    at : tuple of float
        Its coordinates, those of conditions last. Of several bases the first four are used.
    readers : Readers, optional
        What reads; if None, the readouts of the edit's directions.
    units : ndarray
        What `Readers.unit_steps` gives under these conditions.

    Returns
    -------
    list of tuple
        Of which move it is, 0 for the edit, and the change of every reading, in standard
        deviations: one of each base, then of each random move of each base, which are as long. NaN
        where something has no unit, and changes.

    Raises
    ------
    LatentValueError
        If it is no edit, or what is decoded cannot be encoded again.
    DecodeError
        If the decoder or the encoder fails.
    """
    edit, conditions = edit_at(route, at)
    readers = readers or Readers({one.name: one for one in edit.directions})
    every = edit.bases.reshape(-1, *space.latent_shape)
    bases, edited = every[:MOST_BASES], route.latents([at]).reshape(every.shape)[:MOST_BASES]

    def read(latents: list[NDArray[np.float32]]) -> Steps[NDArray[np.float64]]:
        read = []
        for some in readers.read(space, np.stack(latents), conditions):
            read.append(some)
            yield
        return np.concatenate(read, axis=1)

    def change(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
        rounding = ROUNDING * np.maximum(np.abs(before), np.abs(after))
        none = np.isnan(one_unit) & (np.abs(after - before) <= rounding)
        return np.where(none, 0.0, (after - before) / one_unit)

    one_unit, befores = np.ravel(units), []
    found: list[Change] = []
    for base, moved in zip(bases, edited, strict=True):
        before, after = (yield from read([base, moved])).T
        befores.append(before)
        found.append((0, change(before, after)))
    data = Data(space.sample(SAMPLES, seed=0))
    amounts = [sigmas_between(data, *pair) for pair in zip(bases, edited, strict=True)]
    if not any(amounts) or not np.isfinite(amounts).all():
        return found
    rng = np.random.default_rng(0)
    moves = []
    for number in range(1, 1 + CONTROLS):
        one = random_direction(data, rng)
        for i, amount in enumerate(amounts):
            moves.append((number, befores[i], one.move(bases[i : i + 1], amount)[0]))
    numbers, unmoved, ends = zip(*moves, strict=True)
    afters = yield from read(list(ends))
    for number, before, after in zip(numbers, unmoved, afters.T, strict=True):
        found.append((number, change(before, after)))
    return found


def summed_up(found: Sequence[Change]) -> tuple[list[float], list[float]]:
    """Give the mean change by the edit, and the root mean square of those by random moves.

    Means are over the bases, for both.

    Examples
    --------
    >>> summed_up([(0, np.array([1.0])), (1, np.array([3.0])), (2, np.array([-4.0]))])
    ([1.0], [3.5355339059327378])
    >>> summed_up([(0, np.array([1.0])), (1, np.array([3.0])), (1, np.array([-1.0]))])  # two bases
    ([1.0], [1.0])
    >>> summed_up([(0, np.array([1.0]))])
    ([1.0], [])
    """
    means = [
        np.mean([change for one, change in found if one == number], axis=0)
        for number in sorted({one for one, _ in found})
    ]
    chance = np.sqrt(np.mean(np.square(means[1:]), axis=0)).tolist() if means[1:] else []
    return means[0].tolist(), chance
