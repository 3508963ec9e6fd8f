"""Reads messages from a page, and refuses those that do not follow `messages`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from latentwidgets.engine.messages import (
    DECODER_PARTS,
    EXPLORER_TYPES,
    FILE_FORMS,
    MOST_DROPPED,
    AskMessage,
    ChangesMessage,
    DecoderMessage,
    ExplorerMessage,
    FileMessage,
    LatentMessage,
    LayersMessage,
    LeakageMessage,
    NeighboursMessage,
    PullMessage,
    RecipeMessage,
    SpeedsMessage,
    StopMessage,
    StripMessage,
    TypicalityMessage,
    VisitMessage,
)
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from latentwidgets.engine.messages import AnyQuestion, PicturePoint
    from latentwidgets.routes.route import Coordinates

__all__ = ["parse", "parse_explorer"]

# What is asked of one place, and needs no more than that.
OF_PLACE: dict[str, Callable[..., AnyQuestion]] = {
    one.type: one for one in (LatentMessage, ChangesMessage, LeakageMessage, NeighboursMessage)
}
OTHERS = (
    AskMessage,
    StripMessage,
    StopMessage,
    FileMessage,
    VisitMessage,
    RecipeMessage,
    LayersMessage,
    SpeedsMessage,
    TypicalityMessage,
    PullMessage,
    DecoderMessage,
)
TYPES = (*(one.type for one in OTHERS), *OF_PLACE)
# Our page never asks for more positions at once.
MOST_POSITIONS = 2048
# x and y as shares of a picture: what is pulled may leave it a little.
NEAR_PICTURE = ((-1.0, 2.0), (-1.0, 2.0))
# No picture or film to keep is wider, in pixels.
WIDEST = 16_384
# Our page asks for no longer film, in seconds.
MOST_SECONDS = 60


def parse(
    content: object,
    *,
    bounds: Sequence[tuple[float, float]],
    route: str | None = None,
    takes_empty: bool = False,
) -> AnyQuestion | StopMessage:
    """Read a question from a message of the page.

    Parameters
    ----------
    content : object
        The message, which may be anything.
    bounds : sequence of pair of float
        Least and most of each coordinate.
    route : str, optional
        The name of the route that the bounds belong to. A question about another route is stale
        anyway: its coordinates are neither checked nor kept.
    takes_empty : bool
        Whether the exact frame at no coordinates, ``[]``, may be asked for: the picture before
        anything was moved.

    Returns
    -------
    AnyQuestion or StopMessage
        The question, every field checked.

    Raises
    ------
    LatentValueError
        If the message is not a question; it says which part is wrong.
    """
    if not isinstance(content, dict):
        raise _refused("the message", content, "an object")
    client = _text(content, "client")
    about_route = _text(content, "route")
    within = bounds if route in (None, about_route) else None
    seq = _count(content, "seq")
    kind = content.get("type")
    if kind == AskMessage.type:
        at = content.get("at")
        where = () if takes_empty and at == [] else _coordinates(at, within)
        return AskMessage(client, seq, about_route, where, _flag(content, "fast"))
    if kind == StripMessage.type:
        found = _positions(content, within, least=1)
        return StripMessage(client, seq, about_route, found, _flag(content, "drafts"))
    if kind == StopMessage.type:
        return StopMessage(client, seq, about_route)
    if kind == VisitMessage.type:
        return VisitMessage(client, seq, about_route, _count(content, "row"))
    if kind == RecipeMessage.type:
        return RecipeMessage(client, seq, about_route, _dropped(content.get("data")))
    if isinstance(kind, str) and kind in OF_PLACE:
        place = _coordinates(content.get("at"), within)
        return OF_PLACE[kind](client, seq, about_route, place)
    if kind == FileMessage.type:
        form, width = content.get("form"), content.get("width")
        if not isinstance(form, str) or form not in FILE_FORMS:
            raise _refused("form", form, f"one of {', '.join(FILE_FORMS)}")
        if width is not None and (type(width) is not int or not 0 < width <= WIDEST):
            raise _refused("width", width, f"a whole number from 1 to {WIDEST:,}, or nothing")
        at = _coordinates(content.get("at"), within)
        along = content.get("along")
        if along is not None and not isinstance(along, str):
            raise _refused("along", along, "the name of a direction, or nothing")
        return FileMessage(client, seq, about_route, at, form, width, along, *_film(content))
    if kind == LayersMessage.type:
        at = _coordinates(content.get("at"), within)
        return LayersMessage(client, seq, about_route, at, _axis(content, within))
    if kind == SpeedsMessage.type:
        at = _coordinates(content.get("at"), within)
        return SpeedsMessage(client, seq, about_route, at, _flag(content, "chance"))
    if kind == TypicalityMessage.type:
        at, others = _coordinates(content.get("at"), within), _positions(content, within, least=0)
        return TypicalityMessage(client, seq, about_route, at, others)
    if kind == DecoderMessage.type:
        at, part = _coordinates(content.get("at"), within), content.get("part")
        if not isinstance(part, str) or part not in DECODER_PARTS:
            raise _refused("part", part, f"one of {', '.join(DECODER_PARTS)}")
        name = _text(content, "name") if content.get("name", "") != "" else ""
        return DecoderMessage(client, seq, about_route, at, part, name)
    if kind == PullMessage.type:
        at, start = (_coordinates(content.get(name), within) for name in ("at", "start"))
        grabbed, to, here = (_point(content.get(name)) for name in ("grabbed", "to", "here"))
        return PullMessage(client, seq, about_route, at, start, grabbed, to, here)
    expected = f"one of {', '.join(TYPES)}"
    raise _refused("type", kind, expected)


def parse_explorer(content: object) -> ExplorerMessage:
    """Read a message from the page of an explorer.

    Raises
    ------
    LatentValueError
        If the message is not one of theirs.
    """
    if not isinstance(content, dict):
        raise _refused("the message", content, "an object")
    kind, name, at = content.get("type"), content.get("name"), content.get("at")
    if kind not in EXPLORER_TYPES:
        raise _refused("type", kind, f"one of {', '.join(EXPLORER_TYPES)}")
    if not isinstance(name, (str, type(None))):
        raise _refused("name", name, "a text, or nothing")
    place = None if at is None else _coordinates([at], [(0.0, 1.0)])[0]
    data = _dropped(content.get("data")) if kind == "apply" else None
    return ExplorerMessage(kind, name, place, data)


def _film(content: dict[str, object]) -> tuple[float, bool]:
    """Read how a film is made; what is left out is as usual."""
    seconds = content.get("seconds", 3)
    if seconds is True or not isinstance(seconds, (int, float)) or not 0 < seconds <= MOST_SECONDS:
        raise _refused("seconds", seconds, f"a number above 0, {MOST_SECONDS} at most")
    return float(seconds), _flag({"captions": False, **content}, "captions")


def _text(content: dict[str, object], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise _refused(name, value, "a text of 1 to 64 characters")
    return value


def _dropped(data: object) -> str:
    if not isinstance(data, str) or len(data) > 4 * -(-MOST_DROPPED // 3):
        raise _refused("data", data, f"a file of at most {MOST_DROPPED:,} bytes in base64")
    return data


def _count(content: dict[str, object], name: str) -> int:
    value = content.get(name)
    if type(value) is not int or value < 0:
        raise _refused(name, value, "a whole number from 0")
    return value


def _axis(content: dict[str, object], bounds: Sequence[tuple[float, float]] | None) -> int:
    value = content.get("axis")
    if type(value) is not int or value < 0 or (bounds is not None and value >= len(bounds)):
        raise _refused("axis", value, "the number of a coordinate")
    return value


def _positions(
    content: dict[str, object], bounds: Sequence[tuple[float, float]] | None, *, least: int
) -> tuple[Coordinates, ...]:
    value = content.get("positions")
    if not isinstance(value, list) or not least <= len(value) <= MOST_POSITIONS:
        raise _refused("positions", value, f"a list of {least} to {MOST_POSITIONS}")
    return tuple(_coordinates(one, bounds) for one in value)


def _flag(content: dict[str, object], name: str) -> bool:
    value = content.get(name)
    if type(value) is not bool:
        raise _refused(name, value, "true or false")
    return value


def _coordinates(value: object, bounds: Sequence[tuple[float, float]] | None) -> Coordinates:
    if bounds is None:
        return ()
    if isinstance(value, list) and len(value) == len(bounds):
        pairs = zip(value, bounds, strict=True)
        if all(type(x) in (int, float) and low <= x <= high for x, (low, high) in pairs):
            return tuple(float(number) for number in value)
    within = ", ".join(f"{low:g} to {high:g}" for low, high in dict.fromkeys(bounds))
    raise _refused("coordinates", value, f"{len(bounds)} numbers within {within}")


def _point(value: object) -> PicturePoint:
    x, y = _coordinates(value, NEAR_PICTURE)
    return x, y


def _refused(what: str, got: object, expected: str) -> LatentValueError:
    return LatentValueError(f"{what} is {str(got)[:80]!r}; expected {expected}.")
