"""`leakage`: which attributes of what is decoded move with which directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.intervals import mean_intervals, sign_flip_p_values
from latentwidgets.analysis.leakage_result import LEVEL, Leakage
from latentwidgets.common.checks import check_text
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.common.wording import brief
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.fitting import of_space
from latentwidgets.directions.moving import Measure, Moves, check_encodes
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike

__all__ = ["leakage"]

# Changes of fewer standard deviations than this are rounding.
ROUNDING = 1e-6
# A result of fewer latents, or values of a condition, gets a warning.
FEW = 20


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
    >>> from latentwidgets import LatentSpace
    >>> space = LatentSpace(np.tanh, 2, kind="curve")
    >>> given = [Direction("x", [1.0, 0.5]), Direction("y", [0.0, 1.0])]
    >>> height = {"x": lambda lines: lines[:, 0, 0], "y": lambda lines: lines[:, 0, 1]}
    >>> found = leakage(space, given, height)
    >>> found.moved.tolist(), [(one.direction, one.measure) for one in found.leaks]
    ([[True, True], [False, True]], [('x', 'y')])
    """
    space = as_space(space)
    given = of_space(directions, space)
    named = _named(given if measures is None else measures, space)
    measured = [_measure(name, one, space) for name, one in named.items()]
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
    p_values = np.maximum(p_values, [_own_p_value(one) for one in named.values()])
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
        warning=_warning(given, named, np.array([*named])[constant].tolist(), moves.units),
    )


def _named(measures: Any, space: Any) -> dict[str, Any]:
    """Give measures by their names, directions of the space's own shape."""
    if callable(measures) and not isinstance(measures, (Direction, Directions)):
        raise LatentTypeError(
            f"measures are {brief(measures)}; expected measures by name: "
            "measures={'width': function}."
        )
    if not isinstance(measures, Mapping):
        return {one.name: one for one in of_space(measures, space)}
    if not measures:
        raise LatentValueError("measures are empty; expected one at least, such as {'width': f}.")
    found: dict[str, Any] = {}
    for name, one in measures.items():
        if isinstance(one, Direction):
            [found[check_text(name, "the name of a measure")]] = of_space(one, space)
        elif callable(one):
            found[check_text(name, "the name of a measure")] = one
        else:
            raise LatentTypeError(
                f"the measure {brief(name)} is {brief(one)}; expected a direction, or a function "
                "from outputs to numbers."
            )
    return found


def _measure(name: str, one: Any, space: Any) -> Measure:
    if isinstance(one, Direction):
        argument = f"measures={{{name!r}: ...}}"
        check_encodes(space, argument)
        return Measure(brief(name), one.measure, encoded=True, argument=argument)
    return Measure(brief(name), one, encoded=False)


def _own_p_value(one: Any) -> float:
    """Give how often a readout of shuffled labels is as good; 0 where that is not the question."""
    return (one.evidence.p_value or 0.0) if isinstance(one, Direction) else 0.0


def _warning(
    directions: Directions, measures: Mapping[str, Any], constant: list[str], count: int
) -> str | None:
    """Say in plain words why not to believe it."""
    readouts = {name: one for name, one in measures.items() if isinstance(one, Direction)}
    origins = [origin for one in directions if (origin := _origin(one))]
    shared = [name for name, one in readouts.items() if _origin(one) in origins]
    random = [name for name, one in readouts.items() if _own_p_value(one) > LEVEL]
    untested = [
        name
        for name, one in readouts.items()
        if one.evidence.p_value is None and _origin(one) is not None
    ]
    doubts = {
        "measured with what was fitted to the same labels as the directions, and so shares their "
        "errors; pass probes of other latents": shared,
        "no better read than shuffled labels, so that nothing is said to move it": random,
        "not compared with shuffled labels, and may be read by chance": untested,
        "the same of all outputs": constant,
    }
    said = [f"{', '.join(map(brief, names))}: {why}." for why, names in doubts.items() if names]
    if count < FEW:
        said.append(f"Rests on only {count} samples.")
    return " ".join(said) or None


def _origin(one: Direction) -> tuple[Any, Any] | None:
    """Say which latents and labels a readout was fitted to; None where there were no labels."""
    parameters = one.provenance.get("parameters")
    labels = parameters.get("labels") if isinstance(parameters, Mapping) else None
    return None if labels is None else (one.provenance.get("data"), labels)
