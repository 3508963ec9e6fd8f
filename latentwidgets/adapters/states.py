"""What is taken of the residual stream of a batch of texts: a state each, one a token, or norms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["POOLS", "taken"]

# Which state of a text is its latent: that of its last token, their mean, or one a token.
POOLS = ("last", "mean", "tokens")


def taken(
    stream: Tensor, lengths: Sequence[int], leads: Sequence[int], what: str
) -> list[NDArray[np.float32]]:
    """Take what is wanted of each row, where the stream is, and bring that to main memory.

    Parameters
    ----------
    stream : Tensor
        ``(n, t, width)``.
    lengths : sequence of int
        How many tokens each row has.
    leads : sequence of int
        How many tokens of each row only say that a text begins. They are left out of "tokens", and
        from a mean and from norms the first token in any case: its state is many times as large as
        any other.
    what : {"last", "mean", "tokens", "norms", "all"}
        The last state, ``(width,)``; the mean of all, ``(width,)``; all, ``(tokens, width)``; their
        norms, ``(tokens,)``; or all states, with those of what is in front.

    Returns
    -------
    list of ndarray
        float32, one for each row.

    Examples
    --------
    >>> stream = torch.arange(6.0).reshape(1, 3, 2)
    >>> taken(stream, [3], [1], "mean")[0].tolist(), taken(stream, [2], [1], "tokens")[0].tolist()
    ([3.0, 4.0], [[2.0, 3.0]])
    """
    ends = torch.tensor(lengths, device=stream.device)
    if what == "last":
        rows = torch.arange(len(lengths), device=stream.device)
        return [*_brought(stream[rows, ends - 1])]
    firsts = [min(max(lead, 1), length - 1) for lead, length in zip(leads, lengths, strict=True)]
    if what == "mean":
        places = torch.arange(stream.shape[1], device=stream.device)
        begins = torch.tensor(firsts, device=stream.device)
        counted = (places >= begins[:, None]) & (places < ends[:, None])
        total = torch.where(counted[..., None], stream.float(), 0.0).sum(dim=1)
        return [*_brought(total / counted.sum(dim=1, keepdim=True))]
    if what == "norms":
        norms = _brought(stream.float().norm(dim=-1))
        bounds = zip(norms, firsts, lengths, strict=True)
        return [row[first:length] for row, first, length in bounds]
    bounds = zip(_brought(stream), leads, lengths, strict=True)
    return [row[first if what == "tokens" else 0 : length] for row, first, length in bounds]


def _brought(tensor: Tensor) -> NDArray[np.float32]:
    found: NDArray[Any] = tensor.float().cpu().numpy()
    return found
