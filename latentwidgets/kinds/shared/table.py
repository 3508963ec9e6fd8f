"""The table of all kinds of output: those of this package, and those that a person adds."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import check_function
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.lookup import modules_of
from latentwidgets.common.wording import brief, near_miss, short
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.kinds.reading.ranges import Range
    from latentwidgets.kinds.shared.kind import Framer, Kind, Options

__all__ = ["choose_kind", "framer_for", "kind_named", "kinds", "recognise", "register_kind"]

# The kinds that a person added, by name.
_added: dict[str, Kind] = {}


@cache
def _own() -> dict[str, Kind]:
    """Give the kinds of this package by name, the default one first, then in the order of names."""
    found: list[Kind] = [module.KIND for module in modules_of("latentwidgets.kinds")]
    found.sort(key=lambda kind: not kind.is_default)
    return {kind.name: kind for kind in found}


def kinds() -> dict[str, Kind]:
    """Give all kinds by name.

    Examples
    --------
    >>> "image" in kinds()
    True
    """
    return {**_own(), **_added}


def kind_named(name: object) -> Kind:
    """Look a kind up.

    Parameters
    ----------
    name : str
        What it is called.

    Returns
    -------
    Kind
        The kind.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is none of that name.
    """
    if isinstance(name, str) and (found := _added.get(name) or _own().get(name)):
        return found
    known = kinds()
    listed = ", ".join(map(short, known))
    if not isinstance(name, str):
        raise LatentTypeError(f"kind is {brief(name)}; expected one of {listed}.")
    raise LatentValueError(
        f"kind is {brief(name)}; expected 'auto' or one of {listed}."
        f"{near_miss(name, known)} A kind of your own comes first: lw.register_kind(name, to_png)."
    )


def choose_kind(name: object, options: Options) -> Kind:
    """Find the kind of a space's outputs, before there are any, and check its options.

    Parameters
    ----------
    name : str
        The option `kind` of `latentwidgets.LatentSpace`. "auto" stands for a kind that needs an
        option which was given, else for the default kind, unless the first outputs tell of another:
        see `recognise`.
    options : Options
        The other options that belong to kinds.

    Returns
    -------
    Kind
        The kind.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is no such kind, an option is missing that it needs, or one was given that it does
        not take.
    """
    known, given = kinds().values(), options.given
    if isinstance(name, str) and name == "auto":
        chosen = next((kind for kind in known if given.keys() & kind.needs.keys()), None)
        kind = chosen or next(kind for kind in known if kind.is_default)
    else:
        kind = kind_named(name)
    for option, needed in kind.needs.items():
        if option not in given:
            raise LatentValueError(f"a space of kind {brief(kind.name)} needs to know {needed}")
    for option, value in given.items():
        if option not in kind.takes:
            takers = [other.name for other in known if option in other.takes]
            raise LatentValueError(
                f"{option} is {brief(value)}, but this space is of kind {brief(kind.name)}; "
                f"expected it only for {' or '.join(takers)}. Leave {option} out, or pass "
                f"kind='{takers[0]}'."
            )
    return kind


def recognise(raw: object) -> Kind | None:
    """See from what a decoder returned first which kind it is of, where nobody said.

    Parameters
    ----------
    raw : object
        What it returned.

    Returns
    -------
    Kind or None
        The kind that knows such outputs as its own, if one does.

    Examples
    --------
    >>> recognise(["a text"]).name
    'text'
    """
    recognising = (kind for kind in kinds().values() if kind.recognises and kind.recognises(raw))
    return next(recognising, None)


def framer_for(
    kind: str, *, sample_rate: int | None = None, value_range: Range | None = None
) -> Framer:
    """Make what draws outputs of a kind.

    Parameters
    ----------
    kind : str
        Its name.
    sample_rate : int, optional
        Of the space, where it has one.
    value_range : tuple of float, optional
        Of the space as it is now, where it has one.

    Returns
    -------
    Framer
        The framer.
    """
    return kind_named(kind).make_framer(sample_rate, value_range)


@checked_keywords
def register_kind(name: str, to_png: Callable[[Any], bytes]) -> None:
    """Add a kind of output: what one of them looks like is all there is to say.

    Parameters
    ----------
    name : str
        What to call it, as in ``LatentSpace(..., kind=name)``. Registered again, the newest counts.
    to_png : callable
        Takes one output, any object, and returns a picture of it: the bytes of a PNG. A decoder of
        this kind returns a list of n such objects.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the name is no text or taken, or `to_png` is no function.

    Examples
    --------
    >>> import io
    >>> import latentwidgets as lw
    >>> from PIL import Image
    >>> def to_png(colour):
    ...     buffer = io.BytesIO()
    ...     Image.new("RGB", (64, 64), colour).save(buffer, "PNG")
    ...     return buffer.getvalue()
    >>> lw.register_kind("colour", to_png)
    >>> def decode(latents):
    ...     return ["red" if x > 0 else "blue" for x in latents[:, 0]]
    >>> space = lw.as_space(decode, latent_shape=2, kind="colour")
    >>> space.decode([[1.0, 0.0], [-1.0, 0.0]])
    ['red', 'blue']
    >>> lw.Interpolator(space, [[1.0, 0.0], [-1.0, 0.0]]).image().size
    (64, 64)
    """
    if not isinstance(name, str):
        raise LatentTypeError(f"name is {brief(name)}; expected a text, such as 'molecule'.")
    if name in ("auto", *_own()) or not name.strip():
        raise LatentValueError(
            f"name is {brief(name)}; expected one of your own, such as 'molecule'."
        )
    check_function(to_png, "to_png")
    from latentwidgets.kinds.shared.objects import drawn_kind  # which loads Pillow

    _added[name] = drawn_kind(name, to_png)
