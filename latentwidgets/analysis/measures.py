"""What is measured of outputs: functions of them, and readouts of what is encoded again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from latentwidgets.analysis.leakage_result import LEVEL
from latentwidgets.common.checks import check_text
from latentwidgets.common.wording import brief
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.fitting import of_space
from latentwidgets.directions.moving import Measure, check_encodes
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["doubts_about", "measure_of", "named_measures", "own_p_value"]

# A result of fewer latents, or values of a condition, gets a warning.
FEW = 20


def named_measures(measures: Any, space: Any) -> dict[str, Any]:
    """Give measures by their names, directions of the space's own shape.

    Parameters
    ----------
    measures : mapping of str to callable or Direction, or iterable of Direction
        As `leakage` takes them.
    space : LatentSpace
        What decodes.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are none, or directions are of another shape.
    """
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


def measure_of(name: str, one: Any, space: Any) -> Measure:
    """Say how outputs are read by one of `named_measures`.

    Raises
    ------
    LatentValueError
        If it reads what is encoded again, and the space says that it does not encode.
    """
    if isinstance(one, Direction):
        argument = f"measures={{{name!r}: ...}}"
        check_encodes(space, argument)
        return Measure(brief(name), one.measure, encoded=True, argument=argument)
    return Measure(brief(name), one, encoded=False)


def own_p_value(one: Any) -> float:
    """Give how often a readout of shuffled labels is as good; 0 where that is not the question."""
    return (one.evidence.p_value or 0.0) if isinstance(one, Direction) else 0.0


def doubts_about(
    directions: Iterable[Direction], measures: Mapping[str, Any], constant: list[str], count: int
) -> str | None:
    """Say in plain words why not to believe what is measured; None where nothing speaks against it.

    Parameters
    ----------
    directions : iterable of Direction
        What is moved along.
    measures : mapping of str to callable or Direction
        What measures.
    constant : list of str
        Those measures that are the same of all outputs.
    count : int
        Of how many samples.
    """
    readouts = {name: one for name, one in measures.items() if isinstance(one, Direction)}
    origins = [origin for one in directions if (origin := _origin(one))]
    shared = [name for name, one in readouts.items() if _origin(one) in origins]
    random = [name for name, one in readouts.items() if own_p_value(one) > LEVEL]
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
