"""What a saved page holds to decode by itself: all that a kernel would tell it of its decoder."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from latentwidgets.engine.exports import export
from latentwidgets.engine.handed_over import handed_over
from latentwidgets.errors import LatentValueError
from latentwidgets.export.picture import base64_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.engine.shown import Shown
    from latentwidgets.routes.route import Coordinates
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["LIVE_WORDS", "decoder_for_page", "live_traits", "why_not_now"]

# Of what a kernel tells, this is compressed already.
COMPRESSED = ("runtime",)
# A page holds its network as one text, a third longer, and a text of Chromium has at most 512 MB.
MOST_BYTES = 2**28
# Traits that only a page that decodes has a use for, of those that no other one holds.
TAKEN = ("_conditions", "_dials")
LIVE_WORDS = (
    "The decoder is in this page too, as it was then: once it is seen to decode here as it did "
    "there, to 1 of 255 levels, pictures that are not saved here are decoded here, wherever the "
    "controls are. This page needs no kernel and no network."
)


def decoder_for_page(
    space: LatentSpace, shown: Shown, at: Coordinates, most_bytes: int
) -> dict[str, Any]:
    """Export a decoder, and give it as JSON values.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    shown : Shown
        The route, as it was shown when the page was asked for.
    at : tuple of float
        Where all controls are.
    most_bytes : int
        How large the decoder may be.

    Returns
    -------
    dict
        By what a page asks for: the answer, and its buffers in base64, each compressed as zlib does
        it where they are packed.

    Raises
    ------
    LatentValueError
        If it has to stay in the kernel; the message is the reason, as a sentence.
    DecodeError
        If the decoder raises.
    """
    told = handed_over(space, shown.own, at, most_bytes)
    size = sum(map(len, told["network"].buffers))
    if size > MOST_BYTES:
        raise LatentValueError(
            f"it takes {size / 2**20:.0f} MB, and a page that is one file can hold at most "
            f"{MOST_BYTES // 2**20} MB."
        )
    return {part: _as_json(part, one.answer, one.buffers) for part, one in told.items()}


def why_not_now(space: LatentSpace, decoder: Mapping[str, Any], most_bytes: int) -> str:
    """Say why a decoder is no longer that of its space; empty where it is.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    decoder : mapping
        What `decoder_for_page` gave.
    most_bytes : int
        As it was given then.
    """
    now = export(space, most_bytes, insists=True, anew=True)
    if now.reason or now.name == decoder["offer"]["answer"]["name"]:
        return now.reason
    return "the model has changed while the page was made. Save it again once it is trained."


def _as_json(part: str, answer: Mapping[str, Any], buffers: list[bytes]) -> dict[str, Any]:
    packed = part not in COMPRESSED
    held = [zlib.compress(data, 9) if packed else data for data in buffers]
    return {"answer": answer, "buffers": [base64_of(data) for data in held], "packed": packed}


def live_traits(state: Mapping[str, Any], decodes: str) -> dict[str, Any]:
    """Give the traits that a page holds which decodes, and others do not.

    Parameters
    ----------
    state : mapping of str to object
        The widget's traits, code in place of references to it.
    decodes : str
        The module that decodes in a page.

    Examples
    --------
    >>> live_traits({"_conditions": [], "_dials": "", "value": 0.5}, "export default () => {};")
    {'_conditions': [], '_dials': '', '_page': 'export default () => {};', 'runs_in': 'kernel'}
    """
    return {**{name: state[name] for name in TAKEN}, "_page": decodes, "runs_in": "kernel"}
