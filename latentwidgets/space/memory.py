"""How models say that memory has run out."""

from __future__ import annotations

from latentwidgets.errors import LatentWidgetsError

__all__ = ["is_out_of_memory"]


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error, or the one it was raised from, says that memory ran out.

    Examples
    --------
    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("CUDA out of memory"))
    (True, True)
    """
    cause = error.__cause__ if isinstance(error, LatentWidgetsError) else error
    if isinstance(cause, MemoryError) or type(cause).__name__ == "OutOfMemoryError":
        return True
    signs = ("out of memory", "not enough memory", "can't allocate memory")
    return isinstance(cause, RuntimeError) and any(sign in str(cause).lower() for sign in signs)
