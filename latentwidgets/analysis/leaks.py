"""`leakage`: which attributes of what is decoded move with which directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.intervals import mean_intervals, sign_flip_p_values
from latentwidgets.analysis.leakage_result import Leakage
from latentwidgets.analysis.measures import (
    doubts_about,
    measure_of,
    named_measures,
    own_p_value,
)
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.directions.fitting import of_space
from latentwidgets.directions.moving import Moves
from latentwidgets.errors import LatentValueError
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike

    from latentwidgets.directions.direction import Direction

__all__ = ["leakage"]

# Changes of fewer standard deviations than this are rounding.
ROUNDING = 1e-6


@checked_keywords
def leakage(
    space: Any,
    directions: Direction | Iterable[Direction],
    measures: Direction
    | Iterable[Direction]
    | Mapping[str, Direction | Callable[[Any], ArrayLike]]
    | None = None,
    *,
    latents: ArrayLike | None = None,
    n: int = 64,
    amount: float = 1.0,
    controls: int = 8,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Leakage:
    """Measure what else moves when latents are moved along directions.

    Latents are moved both ways along each direction and decoded, and every attribute is measured on
    what is decoded: as a function of yours says, or as a probe's readout says once it is encoded
    again. `measure_effects` measures each direction's own attribute alone.

    Parameters
    ----------
    space, latents, n, amount, controls, conditions, seed
        As `measure_effects` takes them. Where the data lie elsewhere than the prior, pass latents
        of data.
    directions : Direction or iterable of Direction
        What to move along.
    measures : mapping of str to callable or Direction, or iterable of Direction, optional
        What to measure. A function takes what `LatentSpace.decode` returns for k latents, and
        returns k numbers. A direction measures with its readout what is encoded again: the space
        must encode. If None, the readouts of the directions measure. A readout shares the errors of
        the direction that was found with it: pass probes of other latents, such as
        ``probe_directions(latents[1::2], labels[1::2])`` beside directions of ``latents[::2]``.

    Returns
    -------
    Leakage
        Of each direction and each measure the mean change per sigma, with its interval, p-value,
        and what random directions do; ``plot()`` draws it as a heat map.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or a measure does not give one finite number each.
    DecodeError
        If the decoder or the encoder raises.

    Notes
    -----
    Effects are in standard deviations of the measure over outputs where nothing is moved, so that
    measures can be compared. A cell is called moved where its p-value is at most 5 %. P-values are
    of means over latents whose signs are turned at random, corrected for all cells together; that
    of a cell is moreover at least the p-value of the readout that measures it, as
    `probe_directions` gives it: what a probe of random labels reads means nothing. Readouts of
    several calls of `probe_directions` are each corrected within their own.

    That an effect is told apart from nothing does not make it large: compare it with the diagonal,
    and with what random directions do. To be rid of one, hold the attribute still:
    ``directions.conditioned_on("scale")``, and measure again.

    References
    ----------
    Westfall & Young 1993, "Resampling-based multiple testing", for the correction.

    Examples
    --------
    >>> from latentwidgets import Direction, LatentSpace
    >>> space = LatentSpace(np.tanh, 2, kind="curve")
    >>> given = [Direction("x", [1.0, 0.5]), Direction("y", [0.0, 1.0])]
    >>> height = {"x": lambda lines: lines[:, 0, 0], "y": lambda lines: lines[:, 0, 1]}
    >>> found = leakage(space, given, height)
    >>> found.moved.tolist(), [(one.direction, one.measure) for one in found.leaks]
    ([[True, True], [False, True]], [('x', 'y')])
    """
    space = as_space(space)
    given = of_space(directions, space)
    named = named_measures(given if measures is None else measures, space)
    measured = [measure_of(name, one, space) for name, one in named.items()]
    moves = Moves(
        space,
        latents=latents,
        n=n,
        amount=amount,
        controls=controls,
        conditions=conditions,
        seed=seed,
    )
    if moves.units < 2:
        raise LatentValueError(
            "there is one latent, and no condition has several values: of one, nobody knows what "
            "chance does. Pass several latents, or several seeds: conditions={'seed': range(16)}."
        )
    moves.try_out(measured)
    unmoved = moves.unmoved(measured)
    units = unmoved.std(axis=1)
    units[units <= ROUNDING * np.abs(unmoved).max(axis=1)] = np.nan
    found = np.stack([moves.changes(one, measured) for one in progress([*given], "leakage")])
    found /= units[:, np.newaxis]
    found[np.abs(found) < ROUNDING] = 0.0
    constant = np.isnan(units)
    shape = found.shape[:2]
    rows = np.nan_to_num(found).reshape(-1, moves.units)
    p_values = sign_flip_p_values(rows, seed).reshape(shape)
    p_values = np.maximum(p_values, [own_p_value(one) for one in named.values()])
    p_values[:, constant] = 1.0
    intervals = mean_intervals(rows, seed).reshape(*shape, 2)
    intervals[:, constant] = np.nan
    chance = moves.by_chance(measured)
    return Leakage(
        directions=given.names,
        measures=tuple(named),
        effects=found.mean(axis=2),
        intervals=intervals,
        p_values=p_values,
        chance=None if chance is None else chance / units,
        units=units,
        count=moves.units,
        warning=doubts_about(given, named, np.array([*named])[constant].tolist(), moves.units),
    )
