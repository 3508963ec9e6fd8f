"""What norms the noise of a prior has, and whether noise that was found has one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.space.priors import NormalPrior

__all__ = ["NoiseNorms", "noise_norms"]

# How often noise that the prior draws may be doubted: once in so many calls, however many
# pictures a call has.
CALLS = 1000
# How far from the usual norm noise may be in any case, as a share of it. Of very many numbers the
# norm hardly varies, and the way back is never so exact: where a picture is even, as sky is, few
# steps leave out a fifth of it. Nonsense and networks that are untrained are off by factors.
NEAR = 0.3
# Of few numbers the prior's mean is the likeliest noise, which nobody doubts; of more there is
# hardly any near it. Where the least usual norm is such a share of the middle one, there are more.
HOLLOW = 0.5


@dataclass(frozen=True)
class NoiseNorms:
    """Norms of noise, beside those of noise that the prior draws.

    Attributes
    ----------
    norms : ndarray
        float64 ``(n,)``: of the noise found, from the prior's mean and in its standard deviations.
    low, high : float
        Between which all n norms are in 999 of 1,000 draws of the prior, or more.
    """

    norms: NDArray[np.float64]
    low: float
    high: float

    @property
    def farthest(self) -> int:
        """Which is the farthest beyond them, as a share of them; of none, the nearest to them."""
        below = self.low / np.maximum(self.norms, 1e-9)
        return int(np.maximum(below, self.norms / self.high).argmax())

    def are_unlike(self, row: int) -> bool:
        """Say whether the prior hardly draws noise of the norm of a row."""
        return not self.low <= self.norms[row] <= self.high

    def about(self, row: int) -> str:
        """Write the norm of a row beside those of the prior."""
        return (
            f"has norm {self.norms[row]:.3g}, and noise that the prior draws {self.low:.3g} to "
            f"{self.high:.3g}"
        )


def noise_norms(noise: NDArray[np.float32], prior: NormalPrior) -> NoiseNorms:
    """Measure the norms of noise that was found, and say which the prior draws.

    Parameters
    ----------
    noise : ndarray
        ``(n, *latent_shape)``.
    prior : NormalPrior
        The prior. Norms of what it draws, from its mean and in its standard deviations, follow a
        chi distribution with as many degrees of freedom as a latent has numbers.

    Returns
    -------
    NoiseNorms
        The norms.

    Examples
    --------
    >>> from latentwidgets.space.priors import NormalPrior
    >>> prior = NormalPrior(np.ones(64))
    >>> found = noise_norms(np.ones((1, 64), np.float32) * [[3]], prior)
    >>> found.about(0), found.are_unlike(0)
    ('has norm 24, and noise that the prior draws 5.57 to 10.4', True)
    """
    from scipy.special import chdtri

    away = (noise - prior.mean) / prior.scale
    norms = np.sqrt((away.reshape(len(noise), -1) ** 2).sum(axis=1))
    numbers, tail = prior.scale.size, 1 / (2 * CALLS * max(len(noise), 1))
    low, middle, high = np.sqrt(chdtri(numbers, [1 - tail, 0.5, tail]))
    low = low if low > HOLLOW * middle else 0.0
    low, high = min(low, (1 - NEAR) * middle), max(high, (1 + NEAR) * middle)
    return NoiseNorms(norms, float(low), float(high))
