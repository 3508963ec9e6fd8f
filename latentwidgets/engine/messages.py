"""What the page may ask: read from a message, refused where it is not what it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from latentwidgets.errors import LatentValueError

# No honest page asks for more positions at once.
MOST_POSITIONS = 2048

Coordinates = tuple[float, ...]
Bounds = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Question:
    """Asks for the exact frame at some coordinates.

    Attributes
    ----------
    client : str
        Which page asks. A newer question of the same page replaces a waiting one.
    seq : int
        The page's own count; the answer carries it back.
    line : str
        What the coordinates mean, as the widget named it to the page (its anchors and
        method). A question about a line that is no longer shown is answered "stale".
    at : tuple of float
        The coordinates.
    fast : bool
        Whether bytes cost next to nothing between page and kernel, so that the frame need not
        be compressed.
    """

    client: str
    seq: int
    line: str
    at: Coordinates
    fast: bool


@dataclass(frozen=True)
class StripQuestion:
    """Asks for the frames at some positions of one control.

    Attributes
    ----------
    client, seq, line
        As in `Question`.
    positions : tuple of tuple of float
        The coordinates to decode ahead, the most wanted first.
    """

    client: str
    seq: int
    line: str
    positions: tuple[Coordinates, ...]


@dataclass(frozen=True)
class LatentQuestion:
    """Asks for the latent at some coordinates, as text to copy.

    Attributes
    ----------
    client, seq, line, at
        As in `Question`.
    """

    client: str
    seq: int
    line: str
    at: Coordinates


def parse(
    content: object, *, bounds: Bounds, line: str | None = None, bare: bool = False
) -> Question | StripQuestion | LatentQuestion:
    """Read a question from a message of the page.

    Parameters
    ----------
    content : object
        What arrived: anything at all.
    bounds : sequence of pair of float
        Least and most of each coordinate.
    line : str, optional
        The line that the bounds are of. A question about another one is stale wherever it is:
        its coordinates are left out, unchecked.
    bare : bool
        Whether the exact frame at no coordinates, ``[]``, may be asked for: the picture before
        anything was moved.

    Returns
    -------
    Question, StripQuestion or LatentQuestion
        The question, every field checked.

    Raises
    ------
    LatentValueError
        If the message is not a question; it says which part is wrong.
    """
    if not isinstance(content, dict):
        raise _refused("the message", content, "an object")
    client = _text(content, "client")
    about = _text(content, "line")
    within = bounds if line in (None, about) else None
    seq = content.get("seq")
    if type(seq) is not int or seq < 0:
        raise _refused("seq", seq, "a whole number from 0")
    kind = content.get("type")
    if kind == "ask":
        fast = content.get("fast")
        if type(fast) is not bool:
            raise _refused("fast", fast, "true or false")
        at = content.get("at")
        where = () if bare and at == [] else _coordinates(at, within)
        return Question(client, seq, about, where, fast)
    if kind == "strip":
        positions = content.get("positions")
        if not isinstance(positions, list) or not 0 < len(positions) <= MOST_POSITIONS:
            raise _refused("positions", positions, f"a list of 1 to {MOST_POSITIONS}")
        return StripQuestion(
            client, seq, about, tuple(_coordinates(position, within) for position in positions)
        )
    if kind == "latent":
        return LatentQuestion(client, seq, about, _coordinates(content.get("at"), within))
    raise _refused("type", kind, '"ask", "strip" or "latent"')


def _text(content: dict[str, object], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise _refused(name, value, "a text of 1 to 64 characters")
    return value


def _coordinates(value: object, bounds: Bounds | None) -> Coordinates:
    if bounds is None:
        return ()
    if isinstance(value, list) and len(value) == len(bounds):
        pairs = zip(value, bounds, strict=True)
        if all(type(x) in (int, float) and low <= x <= high for x, (low, high) in pairs):
            return tuple(float(number) for number in value)
    within = ", ".join(f"{low:g} to {high:g}" for low, high in dict.fromkeys(bounds))
    raise _refused("coordinates", value, f"{len(bounds)} numbers within {within}")


def _refused(what: str, got: object, expected: str) -> LatentValueError:
    return LatentValueError(f"{what} is {str(got)[:80]!r}; expected {expected}.")
