"""What says in an editor what else an edit moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.analysis.measures import measure_of, named_measures
from latentwidgets.common.frozen_dict import Frozen
from latentwidgets.engine import Readers

if TYPE_CHECKING:
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Measures", "measures_of"]


class Measures(Frozen[Any]):
    """Measures by name; read-only, so that no change goes by unseen.

    Attributes
    ----------
    readers : Readers
        What reads with them.
    """

    _way_out = "Set all of it: widget.measures = {**widget.measures, 'width': function}."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readers = Readers(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a copy is an ordinary dict


def measures_of(given: Any, space: LatentSpace) -> Measures:
    """Check measures.

    Parameters
    ----------
    given : mapping of str to Direction or callable, or iterable of Direction
        As `latentwidgets.analysis.leakage` takes them.
    space : LatentSpace
        What decodes.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are none, or read what the space does not encode.

    Examples
    --------
    >>> from latentwidgets.space.latent_space import LatentSpace
    >>> space = LatentSpace(lambda z: z, 2, kind="curve")
    >>> measures_of({"height": lambda lines: lines.max(axis=(1, 2))}, space).keys()
    dict_keys(['height'])
    """
    named = named_measures(given, space)
    for name, one in named.items():
        measure_of(name, one, space)  # raises where the space does not encode
    return Measures(named)
