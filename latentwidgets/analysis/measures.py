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

__all__ = ["doubts_about", "measure_of", "named_measures", "own_p_value", "said_of"]

# A result of fewer latents, or values of a condition, gets a warning.
FEW = 20
# What is said of a readout that was not held out from what moves, as `_relation` names it: of one,
# and of several in a warning.
SAID = {
    "same labels": "Not held out: fitted to the same labels as what moves, whose errors it shares. "
    "Pass measures=..., probes of other latents.",
    "same latents": "Not held out: fitted to other labels of the same latents as what moves. Pass "
    "measures=..., probes of other latents.",
    "unknown": "Not known whether it was held out: nothing says in which latents the moved "
    "direction was found.",
}
DOUBTS = {
    "same labels": "measured with what was fitted to the same labels as the directions, and so "
    "shares their errors; pass probes of other latents",
    "same latents": "measured with what was fitted to other labels of the same latents as the "
    "directions, and so may share their errors; pass probes of other latents",
    "unknown": "not known to be held out: nothing says in which latents the directions were found",
}


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
        argument = f"measures={{{brief(name)}: ...}}"
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
    moved = [*directions]
    labelled = {name: one for name, one in readouts.items() if _labels_of(one)}
    related = {name: _relation(one, moved) for name, one in labelled.items()}
    doubts = {
        why: [name for name, found in related.items() if found == relation]
        for relation, why in DOUBTS.items()
    }
    random = [name for name, one in readouts.items() if own_p_value(one) > LEVEL]
    untested = [name for name, one in labelled.items() if one.evidence.p_value is None]
    doubts |= {
        "no better read than shuffled labels, so that nothing is said to move it": random,
        "not compared with shuffled labels, and may be read by chance": untested,
        "the same of all outputs": constant,
    }
    said = [f"{', '.join(map(brief, names))}: {why}." for why, names in doubts.items() if names]
    if count < FEW:
        said.append(f"Rests on only {count} samples.")
    return " ".join(said) or None


def said_of(measure: Any, moved: Iterable[Direction]) -> str:
    """Say of one measure whether it was held out from what moves.

    Parameters
    ----------
    measure : callable or Direction
        What measures.
    moved : iterable of Direction
        What is moved along, and what is held still.

    Examples
    --------
    >>> said_of(len, [])
    'Measured on the outputs, by a function.'
    """
    if not isinstance(measure, Direction):
        return "Measured on the outputs, by a function."
    if "data" not in measure.provenance:
        return "Not known whether it was held out: nothing says what it was fitted to."
    if not _labels_of(measure):
        return "Not held out: a direction that was fitted to no labels, which is no attribute."
    relation = _relation(measure, [*moved])
    if relation in SAID:
        return SAID[relation]
    if own_p_value(measure) > LEVEL:
        return "Held out, but no better read than shuffled labels."
    if measure.evidence.p_value is None:
        return "Held out, but never compared with shuffled labels."
    return "Held out: fitted to other latents than what moves, unless some are among both."


def _labels_of(one: Direction) -> set[str]:
    """Give the fingerprints of the labels, each with its latents, that something was found by."""
    parameters = one.provenance.get("parameters")
    return set(parameters.get("found_by", ())) if isinstance(parameters, Mapping) else set()


def _relation(measure: Direction, moved: list[Direction]) -> str:
    """Say how a readout of labels belongs to what moves; the worst of all that moves.

    Latents are recognised as a whole: not some of them. What was found in no latents at all, such
    as axes of a prior, shares nothing.
    """
    if any(_labels_of(measure) & _labels_of(one) for one in moved):
        return "same labels"
    latents = measure.provenance.get("data")
    if latents is not None and latents in [one.provenance.get("data") for one in moved]:
        return "same latents"
    return "other latents" if all("data" in one.provenance for one in moved) else "unknown"
