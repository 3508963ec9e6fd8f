"""What steering does to a causal model: its logits steered and as it is, on the same tokens."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import torch

from latentwidgets.adapters.continuation import Continuation
from latentwidgets.adapters.torch_modes import evaluating

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["continuations", "next_probabilities"]

# Rows are compared so many at a time that their logits are at most so many numbers.
MOST_LOGITS = 2**25


def continuations(
    model: Any,
    latents: NDArray[np.float32],
    conditions: dict[str, Any],
    against: Sequence[int] | None = None,
) -> list[Continuation]:
    """Continue the prompt, and compare what is written with the model as it is.

    Parameters
    ----------
    model : Generation
        The model.
    latents : ndarray
        float32 ``(n, *latent_shape)``.
    conditions : dict
        Of each an array of length n.
    against : sequence of int, optional
        The tokens of another prompt, after which the model as it is reads what was written. The
        same prompt if None.

    Returns
    -------
    list of Continuation
        One for each latent.
    """
    other = list(model.prompt if against is None else against)
    with torch.no_grad(), evaluating(model.module):
        written = model.rows(latents, conditions)
        vocabulary = model.vocabulary
        longest = max(map(len, written), default=0)
        step = max(1, MOST_LOGITS // max(1, vocabulary * longest))
        found: list[Continuation] = []
        for start in range(0, len(written), step):
            part = slice(start, start + step)
            rows = written[part]
            own = {name: values[part] for name, values in conditions.items()}
            steered = _log_probabilities(model, model.prompt, rows, (latents[part], own))
            plain = _log_probabilities(model, other, rows, None)
            for i, row in enumerate(rows):
                p, q = steered[i, : len(row)], plain[i, : len(row)]
                # A token that the steered model rules out adds nothing, however unlikely it is.
                each = torch.where(p == -torch.inf, 0.0, p.exp() * (p - q)).sum(dim=-1)
                taken = torch.tensor(row, dtype=torch.int64, device=q.device)[:, None]
                surprise = -q.gather(1, taken)[:, 0]
                found.append(
                    Continuation(
                        model.texts.text(model.prompt, row),
                        tuple(row),
                        each.double().clamp(min=0).cpu().numpy(),
                        surprise.double().cpu().numpy(),
                    )
                )
    return found


def next_probabilities(
    model: Any, latents: NDArray[np.float32], conditions: dict[str, Any]
) -> NDArray[np.float32]:
    """Give how likely each token is next, for each latent: float32 ``(n, vocabulary)``."""
    nothing: list[list[int]] = [[0]] * len(latents)
    with torch.no_grad(), evaluating(model.module):
        logs = _log_probabilities(model, model.prompt, nothing, (latents, conditions))
    found: NDArray[np.float32] = logs[:, 0].exp().cpu().numpy()
    return found


def _log_probabilities(
    model: Any,
    prompt: list[int],
    rows: list[list[int]],
    steered: tuple[NDArray[np.float32], dict[str, Any]] | None,
) -> Tensor:
    """Read rows after a prompt, and give log probabilities of each of their tokens.

    Parameters
    ----------
    model : Generation
        The model.
    prompt : list of int
        What comes before each row.
    rows : list of list of int
        Their tokens.
    steered : tuple or None
        Latents and conditions; None for the model as it is.

    Returns
    -------
    Tensor
        float32 ``(n, longest row, vocabulary)``: entry j is of what follows the first j tokens.
        Past the end of a row it means nothing.
    """
    longest = max(map(len, rows))
    # The last token is never read: nothing that follows it is asked for.
    ids = torch.tensor(
        [prompt + row[:-1] + [0] * (longest - max(len(row), 1)) for row in rows],
        device=model.device,
    )
    acting: Any = nullcontext()
    if steered is not None:
        acting = model.steering(*steered, prompt=len(prompt)).acting(0)
    with acting:
        logits: Tensor = model.logits(ids, longest)
    return logits.float().log_softmax(dim=-1)
