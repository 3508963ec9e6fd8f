"""The Jupyter kernel that this process may be, and whether somebody waits for it."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["kernel_here", "patience"]

# Where a program runs a notebook, nobody looks on: to wait is better than to leave out what a busy
# machine has no time for.
PATIENT_SECONDS = 10.0


def kernel_here() -> Any:
    """Return the Jupyter kernel that this process is; None where it is none."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else getattr(ipython.get_ipython(), "kernel", None)


def patience(seconds: float) -> float:
    """Say how long something may take that a person waits for so many seconds.

    Parameters
    ----------
    seconds : float
        How long where somebody waits.

    Returns
    -------
    float
        10 s at least where nobody does: where the cell comes from a program, such as
        ``jupyter nbconvert --execute``, that can answer no question which the cell may ask.

    Examples
    --------
    >>> patience(0.5)
    0.5
    """
    parent = getattr(kernel_here(), "get_parent", None)  # not all kernels have it
    cell = ((parent and parent("shell")) or {}).get("content", {})
    return max(seconds, PATIENT_SECONDS) if cell.get("allow_stdin") is False else seconds
