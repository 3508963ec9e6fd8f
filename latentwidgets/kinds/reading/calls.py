"""Calling a decoder or encoder, and checking that what comes back is one row for each item."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.pictures import plain_colours
from latentwidgets.common.wording import listed, raised, said
from latentwidgets.errors import DecodeError, LatentWidgetsError
from latentwidgets.kinds.reading.arrays import as_outputs
from latentwidgets.kinds.reading.containers import array_in, is_array
from latentwidgets.kinds.reading.ranges import tell_apart, warn_guess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.containers import Choice
    from latentwidgets.kinds.reading.ranges import Range, Shape

__all__ = [
    "call",
    "call_model",
    "check_extent",
    "check_shape",
    "finite_extent",
    "outputs_of",
    "widened",
]

# What to add to the message where a function of torch tensors got a NumPy array.
_TENSOR_HINT = (
    " A function of tensors is passed together with its module: as_space(module, decode=function)."
)


def call(function: Callable[[Any], Any], batch: Any, *, source: str = "decode") -> Any:
    """Call a model.

    Parameters
    ----------
    function : callable
        The decoder or encoder.
    batch : ndarray or list
        What it gets, ``(n, ...)``.
    source : str
        What to call it in messages.

    Returns
    -------
    object
        What it returned.

    Raises
    ------
    DecodeError
        If it raises.
    """
    try:
        return function(batch)
    except LatentWidgetsError:
        raise
    except Exception as error:
        words = _said(error)
        hint = _TENSOR_HINT if "must be Tensor, not numpy" in words else ""
        raise DecodeError(f"{source} raised {words}{hint}") from error


def _said(error: Exception) -> str:
    """Name an error and give what it says; of TorchScript's, which begin with code, the end."""
    words, name = said(error), type(error).__name__
    if "of TorchScript" in words:
        words = words.strip().rpartition("\n")[2]
    return name if words == name else f"{name}: {words}"


def outputs_of(
    raw: object,
    count: int,
    *,
    source: str = "decode",
    expected: Shape | None = None,
    doubted_by: str = "",
) -> Outputs:
    """Wrap what a model returned, and see that it is one array with one row for each item.

    Parameters
    ----------
    raw : object
        What it returned: an array, or something that holds it. See
        `latentwidgets.kinds.reading.containers.array_in`.
    count : int
        For how many items.
    source : str
        What to call it in messages.
    expected : tuple of int, optional
        The shape of one row, where that is known.
    doubted_by : str
        What to call the model in a warning, where another array could be meant; empty for none.

    Returns
    -------
    Outputs
        ``(count, ...)``.

    Raises
    ------
    DecodeError
        If it is something else.

    Warns
    -----
    GuessWarning
        If it holds several that may be meant.
    """
    if not is_array(raw):
        raw = plain_colours(raw)
        chosen = array_in(raw, count, source=source, expected=expected, stack=_stacked)
        if chosen.is_doubtful and doubted_by:
            warn_guess(_doubt(raw, chosen, source), doubted_by)
        raw = chosen.value
    outputs = as_outputs(raw, source=source)
    if outputs.shape[:1] != (count,) or 0 in outputs.shape:
        raise DecodeError(
            f"{source} returned shape {outputs.shape} for a batch of {count}; expected "
            f"({count}, ...). Return one {'latent' if source == 'encode' else 'output'} for "
            "each, even for a batch of 1."
        )
    return outputs


def _doubt(raw: Any, chosen: Choice, source: str) -> str:
    """Say what was taken of several, and the line that says which, alike for all batches."""
    kind = type(raw).__name__
    got = f"{source} returned a {kind}"
    given = "images" if source == "encode" else "latents"
    if not chosen.how:
        return (
            f"{got}, which was taken for one array for each of the {given}. Return one array, such "
            f"as np.stack({kind}) of them, or where one of them holds all, pass "
            f"{source}=lambda {given}: model.{source}({given})[0]."
        )
    with suppress(Exception):  # whatever a length raises
        got += f" of {len(raw)}"
    taken = "the first" if chosen.how == "[0]" else chosen.how
    shape = ", ".join(map(str, ("n", *np.shape(chosen.value)[1:])))
    return (
        f"{got}; {taken} was taken, of shape ({shape}). Pass {source}=lambda {given}: "
        f"model.{source}({given}){chosen.how} to say so, or with another in its place."
    )


def _stacked(arrays: Sequence[Any]) -> NDArray[Any]:
    """Make one array of several of one shape, with uint8 left as it is."""
    outputs = [as_outputs(one) for one in arrays]
    levels = all(one.dtype_range == (0.0, 255.0) for one in outputs)
    return np.stack([one.to_float32() for one in outputs]).astype(np.uint8 if levels else None)


def call_model(
    function: Callable[[Any], Any],
    batch: Any,
    *,
    source: str = "decode",
    expected: Shape | None = None,
    doubted_by: str = "",
) -> Outputs:
    """Call a model, and wrap the array it returns: `call`, and then `outputs_of`."""
    raw = call(function, batch, source=source)
    return outputs_of(raw, len(batch), source=source, expected=expected, doubted_by=doubted_by)


def check_shape(outputs: Outputs, settled: Shape | None) -> None:
    """Refuse outputs of another shape than earlier ones.

    Parameters
    ----------
    outputs : Outputs
        ``(n, ...)``.
    settled : tuple of int or None
        Shape of one of the earlier ones; None where there were none.

    Raises
    ------
    DecodeError
        If the shapes differ.
    """
    if settled is not None and outputs.shape[1:] != settled:
        raise DecodeError(
            f"decode returned outputs of shape {outputs.shape[1:]}; earlier ones had shape "
            f"{settled}. Return one shape always."
        )


def finite_extent(outputs: Outputs, *, source: str = "decode") -> Range:
    """Find the smallest and largest value, and refuse NaN and infinity.

    Parameters
    ----------
    outputs : Outputs
        ``(n, ...)``.
    source : str
        What returned them, for messages.

    Returns
    -------
    low, high : float
        The smallest and the largest value.

    Raises
    ------
    DecodeError
        If there is NaN or infinity.
    """
    extent = outputs.extent()
    check_extent(outputs, extent, source=source)
    return extent


def check_extent(outputs: Outputs, extent: Range, *, source: str = "decode") -> None:
    """Refuse NaN and infinity, given the smallest and largest value.

    Parameters
    ----------
    outputs : Outputs
        ``(n, ...)``.
    extent : tuple of float
        Their extent.
    source : str
        What returned them, for messages.

    Raises
    ------
    DecodeError
        If there is NaN or infinity.
    """
    if math.isfinite(extent[0]) and math.isfinite(extent[1]):
        return
    rows = np.flatnonzero(~outputs.finite_rows())
    if len(rows):
        raise DecodeError(
            f"{source} returned NaN or infinity in {listed(rows)} of a batch of "
            f"{outputs.shape[0]}; expected finite values. Look at what the model makes of these."
        )


def widened(extent: Range, probe: Callable[[], Iterable[Outputs]], *, name: str) -> Range:
    """Widen what is known of the outputs' range by outputs for samples of the prior.

    Where these cannot be decoded, the decode that a person asked for goes on: only a guess is
    poorer for it, and a warning says so.

    Parameters
    ----------
    extent : tuple of float
        The smallest and the largest value of the outputs that a person asked for.
    probe : callable
        Decodes samples of the prior, and gives what the decoder returned for them.
    name : str
        What to call the decoder in the warning.

    Returns
    -------
    low, high : float
        The smallest and the largest value of all.

    Warns
    -----
    GuessWarning
        If the samples cannot be drawn or decoded.
    """
    low, high = extent
    try:
        for outputs in probe():
            lowest, highest = finite_extent(outputs)
            low, high = min(low, lowest), max(high, highest)
    except Exception as error:
        ours = isinstance(error, LatentWidgetsError)
        what = (said(error) if ours else raised(error)).rstrip(".")
        least, most = tell_apart(low, high)
        warn_guess(
            f"samples of the prior could not be decoded: {what}. So the value range is guessed "
            f"from outputs that reach from {least} to {most} alone, and may be wrong for others. "
            "Pass value_range=(low, high), or a prior whose samples can be decoded.",
            name,
        )
    return low, high
