"""`Continuation`: what a model wrote after a prompt, and what it costs, token by token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Continuation", "repetition"]

# Repetition is counted in runs of so many tokens.
RUN = 3


@dataclass(frozen=True, eq=False)
class Continuation:
    """What a steered model wrote after a prompt, beside the model as it is.

    Attributes
    ----------
    text : str
        What was written.
    ids : tuple of int
        Its tokens, with the one that ends it.
    divergence : ndarray
        For each token, in nats: the Kullback-Leibler divergence of what the model as it is would
        write next from what the steered model would, after the same tokens. float64 ``(tokens,)``.
    surprise : ndarray
        For each token, in nats: minus the log of the probability that the model as it is gives it.
        float64 ``(tokens,)``.

    Examples
    --------
    >>> found = Continuation(" a b a b a b", (1, 2, 1, 2, 1, 2), np.zeros(6), np.ones(6))
    >>> found.mean_divergence, round(found.perplexity, 3), found.repetition
    (0.0, 2.718, 0.5)
    """

    text: str
    ids: tuple[int, ...]
    divergence: NDArray[np.float64]
    surprise: NDArray[np.float64]

    @property
    def mean_divergence(self) -> float:
        """The mean divergence of a token; NaN where nothing was written."""
        return float(self.divergence.mean()) if len(self.ids) else float("nan")

    @property
    def mean_surprise(self) -> float:
        """The mean surprise of a token; NaN where nothing was written."""
        return float(self.surprise.mean()) if len(self.ids) else float("nan")

    @property
    def perplexity(self) -> float:
        """The perplexity of the text under the model as it is; NaN where nothing was written."""
        with np.errstate(over="ignore"):
            return float(np.exp(self.mean_surprise))

    @property
    def repetition(self) -> float:
        """The share of runs of three tokens that came before; see `repetition`."""
        return repetition(self.ids)


def repetition(ids: tuple[int, ...]) -> float:
    """Give the share of runs of three tokens that were there before in the text.

    Parameters
    ----------
    ids : tuple of int
        The tokens.

    Returns
    -------
    float
        From 0, where no run comes twice, to almost 1; 0 for a text of fewer than three tokens.

    References
    ----------
    Welleck et al. 2020, "Neural text generation with unlikelihood training" (arXiv 1908.04319):
    seq-rep-n.

    Examples
    --------
    >>> repetition((1, 2, 3, 4)), repetition((1, 1, 1, 1, 1, 1))
    (0.0, 0.75)
    """
    runs = [ids[i : i + RUN] for i in range(len(ids) - RUN + 1)]
    return 1 - len({*runs}) / len(runs) if runs else 0.0
