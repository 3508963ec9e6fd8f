"""Ways between normal latents that keep their law: what the method "gaussian" of a path does.

A weighted mean of independent normal latents, divided by the norm of the weights, is a normal
latent again, with the mean and the standard deviation of each. Bodin et al. 2024, "Linear
combinations of latents in generative models" (arXiv 2408.08558).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.layered import anchors_between
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.routes.segments import polar
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_source import LatentSource
from latentwidgets.space.priors import NormalPrior

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from latentwidgets.routes.segments import Float64, Floats, Piece, Rows

__all__ = ["check_law", "combined", "gaussian", "known", "prior_in", "quarter_turn", "standardised"]

# Norms that are further from the law than this many standard deviations are told, and cosines that
# chance gives once in a billion pairs; both only where latents get this much too long or short.
SIGMAS, SELDOM, MATTERS = 6.0, math.log(1e-9), 0.05


def prior_in(space: Any, latent_shape: tuple[int, ...]) -> NormalPrior | None:
    """Give the prior of a space where it is normal, else None; without a space, standard normals.

    Raises
    ------
    LatentValueError
        If its latents have another shape.

    Examples
    --------
    >>> prior_in(None, (2,)).scale.tolist()
    [1.0, 1.0]
    """
    if space is None:
        return NormalPrior(np.ones(latent_shape))
    source = space if isinstance(space, LatentSource) else as_space(space)
    if source.latent_shape != latent_shape:
        raise LatentValueError(
            f"anchors are latents of shape {latent_shape}; those of the space have shape "
            f"{source.latent_shape}. Pass anchors of this space, or the space that they are from."
            f"{anchors_between(latent_shape, source.latent_shape)}"
        )
    return source.normal_prior


def known(prior: NormalPrior | None, what: str) -> NormalPrior:
    """Refuse a prior that is not known to be normal.

    Raises
    ------
    LatentValueError
        If it is not.
    """
    if prior is None:
        raise LatentValueError(
            f"{what} asks for a normal prior, and that of this space is a function of its own. "
            "Take method='slerp' or 'lerp'; or where the prior is normal, make the space with "
            "prior=lw.NormalPrior(scale, mean)."
        )
    return prior


def standardised(latents: NDArray[np.floating], prior: NormalPrior) -> Float64:
    """Give latents ``(..., *latent_shape)`` as they would be of a standard normal prior.

    Examples
    --------
    >>> standardised(np.array([[7.0]]), NormalPrior([2.0], [3.0])).tolist()
    [[2.0]]
    """
    standard: Float64 = (latents.astype(np.float64) - prior.mean) / prior.scale
    return standard


def quarter_turn(t: Float64) -> tuple[Float64, Float64]:
    """Give the weights of two latents at t: their norm is 1, and they turn evenly.

    ``1 - t`` and ``t``, divided by their norm, would go the same way, but in the middle twice as
    fast as at the ends.

    Examples
    --------
    >>> [float(weight.round(3)) for weight in quarter_turn(np.array(0.5))]
    [0.707, 0.707]
    """
    angle = t * (np.pi / 2)
    # Exactly 0 at the other end, where the cosine would be 6e-17.
    return np.where(t == 1, 0.0, np.cos(angle)), np.where(t == 0, 0.0, np.sin(angle))


def combined(weights: Iterable[Float64], latents: Iterable[Any], mean: Float64) -> Float64:
    """Add up deviations from the mean by weights whose norm is 1."""
    total = sum(weight * (one - mean) for weight, one in zip(weights, latents, strict=True))
    moved: Float64 = mean + total
    return moved


def gaussian(points: Floats, mean: Float64) -> Piece:
    """Join rows of `points`, flat latents, one after another."""
    knots, centre = points.astype(np.float64), mean.ravel()

    def piece(t: Float64, rows: Rows) -> Float64:
        return combined(quarter_turn(t), (knots[:-1][rows], knots[1:][rows]), centre)

    return piece


def check_law(anchors: Floats, prior: NormalPrior, *, closed: bool, every: bool = False) -> None:
    """Warn where the law does not hold between anchors.

    Parameters
    ----------
    anchors : ndarray
        ``(m, *latent_shape)``.
    prior : NormalPrior
        What they should be drawn from, independently.
    closed : bool
        Whether the last is joined to the first.
    every : bool
        Whether each is joined to all others, not to its neighbours alone.

    Warns
    -----
    GuessWarning
        If two that are joined are correlated, or one is shorter or longer than normal latents are.
    """
    centred = standardised(anchors, prior).reshape(len(anchors), -1)
    size = centred.shape[1]
    units, norms = polar(centred)
    chance = 1 / math.sqrt(2 * size)
    ratios = norms[:, 0] / math.sqrt(size)
    off = np.abs(ratios - 1)
    if off.max() > max(SIGMAS * chance, MATTERS):
        worst = int(off.argmax())
        warn_guess(
            f"anchor {worst} has {ratios[worst]:.2f} times the norm of the prior's latents, which "
            f"is 1 ± {chance:.2g}: it lies outside the prior, and so do latents near it. Draw "
            "anchors from the prior, space.sample(n); or take method='slerp', which leads from one "
            "norm to the other."
        )
    count = len(anchors)
    pairs = [(i, i + 1) for i in range(count - 1)] + [(count - 1, 0)] * closed
    if every:
        pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    cosines = np.array([float(np.clip(units[i] @ units[j], -1, 1)) for i, j in pairs])
    with np.errstate(divide="ignore", invalid="ignore"):
        # The log of how seldom independent normals have such a cosine; not a number for latents of
        # one number, whose cosine is always 1 or -1.
        seldom = (size - 1) / 2 * np.log(1 - cosines**2)
    off = np.where(seldom < SELDOM, np.abs(np.sqrt(1 + cosines) - 1), 0.0)
    if off.max() > MATTERS:
        worst = int(off.argmax())
        (i, j), cosine = pairs[worst], cosines[worst]
        warn_guess(
            f"anchors {i} and {j} have a cosine of {cosine:.2f}, where independent normal latents "
            f"have 0 ± {1 / math.sqrt(size):.2g}: midway between them latents get "
            f"{math.sqrt(1 + cosine):.2f} times the norm of the prior's. Take method='slerp' "
            "for such anchors, which keeps their norm."
        )
