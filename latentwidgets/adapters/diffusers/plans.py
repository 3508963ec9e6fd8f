"""What a denoiser is asked at a step: in how many calls, about which rows, and how it is mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

__all__ = ["Call", "Plan", "column", "taken"]


class Call(NamedTuple):
    """One call of the denoiser: what it is passed, and which rows with the prompt and without."""

    passed: dict[str, Any]
    first: Rows
    second: Rows
    both: Rows
    places: Tensor


class Plan(NamedTuple):
    """The calls of a step, and how their answers are mixed.

    Attributes
    ----------
    calls : list of Call
        The calls.
    weights : ndarray
        The guidance of each row of the step.
    with_it, without : ndarray
        Which of these rows are asked with the prompt, and which without.
    factor : float, Tensor or None
        The guidance where all rows are asked both: of all of them, or a column.
    """

    calls: list[Call]
    weights: Any
    with_it: Rows
    without: Rows
    factor: float | Tensor | None


def column(weights: NDArray[Any], x: Tensor) -> Tensor:
    """Write numbers, ``(n,)``, as a column that x, ``(n, ...)``, can be multiplied with."""
    numbers = torch.from_numpy(weights.astype(np.float32)).to(x.device)
    return numbers.reshape(-1, *(1,) * (x.ndim - 1))


def taken(x: Tensor, call: Call) -> Tensor:
    """Take the rows of a step that are asked about, with the prompt and then without."""
    if len(call.first) == len(call.second) == len(x):
        return torch.cat([x, x])
    one_kind = not (len(call.first) and len(call.second))
    if one_kind and len(call.places) == len(x):  # which are 0, 1, 2 and so on
        return x.clone()  # a hook of the network may write into what it gets
    return x[call.places]
