"""What is decoded measured for `check`: ordinary latents, those of a recipe, and random moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.directions.moving import random_direction, read_outputs, sigmas_between
from latentwidgets.directions.samples import Data
from latentwidgets.errors import DecodeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.moving import Measure
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["RandomMoves", "has_data", "ordinary_latents", "read_latents", "spread_of", "units_of"]

# So many samples of the prior stand for what is ordinary, and so many data are enough to do so.
SAMPLES, ENOUGH = 512, 40
# A measure that varies by less than this share of its largest value is the same everywhere.
CONSTANT = 1e-6


def has_data(space: LatentSpace) -> bool:
    """Say whether a space has data enough to say what is ordinary."""
    return space.data is not None and len(space.data) >= ENOUGH


def ordinary_latents(space: LatentSpace, latents: Any, n: int, seed: int) -> NDArray[np.float32]:
    """Give what is ordinary: latents that were given, data, or else samples of the prior."""
    if latents is not None:
        rows = space.check(latents, "latents")
    elif space.data is not None and has_data(space):
        rows = space.data
    else:
        rows = space.sample(max(SAMPLES, n), seed=seed)
    if len(rows) < 2:
        raise LatentValueError("there is one latent alone; expected several ordinary latents.")
    return rows


def read_latents(
    space: LatentSpace,
    latents: NDArray[np.float32],
    under: Mapping[str, Any],
    measures: Sequence[Measure],
    what: str,
) -> NDArray[np.float64]:
    """Measure what latents decode to, ``(measures, latents)``."""
    conditions = {name: [value] * len(latents) for name, value in under.items()}
    try:
        return read_outputs(space, latents, conditions or None, measures)
    except DecodeError as error:
        raise DecodeError(f"{what} cannot be measured: {error}") from error


def units_of(
    space: LatentSpace,
    rows: NDArray[np.float32],
    n: int,
    seed: int,
    under: Mapping[str, Any],
    measures: Sequence[Measure],
    names: Sequence[str],
) -> NDArray[np.float64]:
    """Give the standard deviation of every measure over ordinary outputs."""
    some = _some(rows, n, seed)
    found = read_latents(space, some, under, measures, "what is ordinary")
    units = found.std(axis=1)
    for name, unit, values in zip(names, units, found, strict=True):
        if unit <= CONSTANT * np.abs(values).max():
            raise LatentValueError(
                f"the measure {brief(name)} is {values[0]:.4g} of all {len(some)} ordinary "
                "outputs, so that nobody knows how large a change is. Pass latents=... among which "
                "it differs, or leave it out."
            )
    return np.asarray(units)


def spread_of(rows: NDArray[np.float32], n: int, seed: int) -> float:
    """Give the median standard deviation of the entries of ordinary latents that vary."""
    spreads = _some(rows, n, seed).std(axis=0, dtype=np.float64)
    return float(np.median(spreads[spreads > 0])) if spreads.any() else 0.0


def _some(rows: NDArray[np.float32], n: int, seed: int) -> NDArray[np.float32]:
    return rows[np.random.default_rng(seed).permutation(len(rows))[:n]]


class RandomMoves:
    """What random moves do that are as long as those of a recipe."""

    def __init__(
        self,
        space: LatentSpace,
        rows: NDArray[np.float32],
        under: Mapping[str, Any],
        measures: Sequence[Measure],
        seed: int,
    ) -> None:
        self._space, self._under, self._measures = space, under, measures
        self._data, self._rng = Data(rows), np.random.default_rng(seed)

    def of(
        self,
        starts: NDArray[np.float32],
        ends: NDArray[np.float32],
        before: NDArray[np.float64],
        controls: int,
    ) -> tuple[NDArray[np.float64] | None, str | None]:
        """Give how every measure changes, ``(measures, controls, latents)``, or why not known."""
        sigmas = [sigmas_between(self._data, *pair) for pair in zip(starts, ends, strict=True)]
        if not controls or not any(sigmas) or not all(map(math.isfinite, sigmas)):
            return None, None
        moved = []
        for _ in range(controls):
            one = random_direction(self._data, self._rng)
            moved += [
                one.move(start[None], far)[0] for start, far in zip(starts, sigmas, strict=True)
            ]
        what = "a random move as long"
        try:
            after = read_latents(self._space, np.stack(moved), self._under, self._measures, what)
        except (DecodeError, LatentValueError) as error:
            return None, f"What chance gives is not known: {error}"
        return after.reshape(len(before), controls, -1) - before[:, np.newaxis], None
