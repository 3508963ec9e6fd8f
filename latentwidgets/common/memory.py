"""How models say that memory has run out, and what to do where nothing smaller can be tried."""

from __future__ import annotations

from typing import NoReturn

from latentwidgets.errors import DecodeError, LatentWidgetsError

__all__ = ["ALONE", "BESIDE", "is_out_of_memory", "raise_with_way_out"]

# Said where memory ran out: whether smaller batches would help.
ALONE = "It ran out for one alone, so smaller batches do not help."
BESIDE = "It ran out for one beside others: decode fewer at once, such as fewer cells of a grid."
WAY_OUT = (
    "Ask for smaller outputs, use half precision (torch.float16), call "
    "pipe.enable_model_cpu_offload() on a diffusers pipeline, or free other models: close their "
    "widgets and delete them."
)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error, or the one it was raised from, says that memory ran out.

    Examples
    --------
    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("CUDA out of memory"))
    (True, True)
    """
    cause = _cause(error)
    if isinstance(cause, MemoryError) or type(cause).__name__ == "OutOfMemoryError":
        return True
    signs = ("out of memory", "not enough memory", "can't allocate memory")
    return isinstance(cause, RuntimeError) and any(sign in str(cause).lower() for sign in signs)


def raise_with_way_out(error: Exception, why: str = ALONE) -> NoReturn:
    """Raise an error that came of one item; where it says that memory ran out, with what to do.

    Parameters
    ----------
    error : Exception
        What was raised.
    why : str
        What memory ran out for, if it did: a sentence.

    Raises
    ------
    DecodeError
        If memory ran out.
    Exception
        The error itself if not.

    Examples
    --------
    >>> raise_with_way_out(ValueError("no more"))
    Traceback (most recent call last):
    ValueError: no more
    """
    try:
        if not is_out_of_memory(error) or WAY_OUT in str(error):
            raise error
        name = "" if isinstance(error, LatentWidgetsError) else f"{type(error).__name__}: "
        told = f"{name}{error}".rstrip(": .")
        raise DecodeError(f"{told}. {why} {WAY_OUT}") from _cause(error)
    finally:
        # Its traceback would hold it, and with it the model, until the next collection.
        del error


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ if isinstance(error, LatentWidgetsError) else error
