"""The kinds of output there are, and those that a person adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import check_function, near_miss
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BUILT_IN", "check_kind", "drawer_of", "register_kind"]

BUILT_IN = ("image", "text", "curve", "sound")

# What draws each kind that was added.
_drawers: dict[str, Callable[[Any], bytes]] = {}


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
        raise LatentTypeError(f"name is {name!r}; expected a text, such as 'molecule'.")
    if name in ("auto", *BUILT_IN) or not name.strip():
        raise LatentValueError(f"name is {name!r}; expected one of your own, such as 'molecule'.")
    check_function(to_png, "to_png")
    _drawers[name] = to_png


def check_kind(kind: object) -> str:
    """Take the name of a kind there is."""
    known = (*BUILT_IN, *_drawers)
    if not isinstance(kind, str):
        raise LatentTypeError(f"kind is {kind!r}; expected one of {', '.join(known)}.")
    if kind not in known:
        raise LatentValueError(
            f"kind is {kind!r}; expected 'auto' or one of {', '.join(known)}."
            f"{near_miss(kind, known)} A kind of your own comes first: "
            "lw.register_kind(name, to_png)."
        )
    return kind


def drawer_of(kind: str) -> Callable[[Any], bytes]:
    """Give the function that draws a kind that was added."""
    return _drawers[kind]
