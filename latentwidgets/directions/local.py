"""`local_directions`: the moves from one latent that change the decoder's output most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_seed, check_whole
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.common.progress import progress
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.fitting import fitted
from latentwidgets.directions.holding import NOTHING_LEFT
from latentwidgets.directions.layered import line_between
from latentwidgets.directions.samples import Data, fingerprint, signed
from latentwidgets.errors import LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.inputs import one_latent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

__all__ = ["local_directions"]

# How many derivatives are taken at a time.
BATCH = 32
# The Jacobian, and the basis it is taken in, may have at most so many numbers.
MOST_NUMBERS = 2**28
# How many samples of the prior sigma and limits are taken from.
SAMPLES = 512
# Singular values up to this share of the largest are rounding of float32, by the way that
# derivatives are taken.
NOISE = {"forward mode": 1e-5, "central differences": 1e-4}
WAY_OUT = "Look within fewer directions, within=pca_directions(latents, 50)."


@checked_keywords
def local_directions(
    space: Any,
    latent: ArrayLike,
    n: int | None = None,
    *,
    within: Directions | None = None,
    latents: ArrayLike | None = None,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Directions:
    """Find the moves from one latent that change the decoder's output most.

    They are the singular vectors of the decoder's Jacobian there. It is taken by forward-mode
    differentiation where the space has it (torch), and by central differences for any other
    decoder; `Direction.method` says which.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    latent : array_like, shape latent_shape
        The latent to move from; or one image or text, where the space encodes it.
    n : int, optional
        How many moves. If None, all that change the output, but at most 20.
    within : Directions, optional
        Look only at combinations of these: for latents of so many numbers that the whole Jacobian
        would not fit into memory. Those of one layer's shape act on all layers.
    latents : array_like, optional
        ``(m, *latent_shape)``: data to take sigma and limits from. If None, samples of the space's
        prior.
    conditions : mapping of str to value, optional
        Under which the output is looked at, one value each. Those that are left out have their
        default.
    seed : int
        For those samples.

    Returns
    -------
    Directions
        "local 1" to "local n", the one of most change first. The entry of largest magnitude of
        each vector is positive. The score of each is its share of the squared singular values.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or nothing changes the output there.
    DecodeError
        If the decoder raises.

    References
    ----------
    Ramesh, Choi & LeCun 2018, "A spectral regularizer for unsupervised disentanglement"
    (arXiv 1812.01161).

    Examples
    --------
    >>> from latentwidgets import LatentSpace
    >>> space = LatentSpace(lambda latents: latents[:, :, None] * [[1.0], [5.0]], 2)
    >>> local_directions(space, [0.1, 0.2], 1)[0].vector.round(3).tolist()
    [0.0, 1.0]
    """
    space = as_space(space)
    under = space.conditions.settled(conditions)
    point = one_latent(space, latent, conditions=under)
    data = Data(space.sample(SAMPLES, seed=check_seed(seed)) if latents is None else latents)
    if data.latent_shape != space.latent_shape:
        raise LatentValueError(
            f"latents have shape {data.latent_shape}; this space's have {space.latent_shape}."
        )
    basis = _basis(space, within)
    tangents = basis.reshape(-1, *space.latent_shape).astype(np.float32)
    scale = float(np.sqrt(data.rows.var(axis=0, dtype=np.float64).mean())) or 1.0
    jacobian, ways = _jacobian(space, point, tangents, scale, under)
    how = " and ".join(sorted(ways))
    with one_blas_thread(jacobian.size):
        rotation, stretches, _ = np.linalg.svd(jacobian.astype(np.float64), full_matrices=False)
    kept = int((stretches > max(map(NOISE.__getitem__, ways)) * stretches[0]).sum())
    if not kept:
        raise LatentValueError(
            "no move changes the output at this latent: the decoder is flat there. Try another "
            f"latent, such as one of space.sample(8){', or other conditions' if under else ''}."
        )
    count = min(kept, 20) if n is None else check_whole(n, "n", least=1)
    if count > kept:
        raise LatentValueError(
            f"n is {count}; only {kept} moves change the output at this latent. Pass a smaller n."
        )
    shares = stretches**2 / (stretches**2).sum()
    about = data.provenance(
        "local", n=n, latent=fingerprint(point), how=how, conditions=under, seed=seed
    )
    return Directions(
        data.direction(
            f"local {i + 1}",
            row,
            method=f"local, {how}",
            evidence=Evidence(float(share), score_name="share of squared singular values"),
            provenance=about,
        )
        for i, (row, share) in enumerate(
            zip(signed(rotation.T[:count] @ basis), shares, strict=False)
        )
    )


def _basis(space: Any, within: Directions | None) -> NDArray[np.float64]:
    """Give perpendicular unit vectors to take derivatives along, as rows ``(k, latent_size)``."""
    if within is None:
        size = math.prod(space.latent_shape)
        if size**2 > MOST_NUMBERS:
            raise LatentValueError(
                f"latents have {size} numbers, too many to look along each. {WAY_OUT}"
            )
        return np.eye(size)
    within = fitted(within, space)
    if within.latent_shape != space.latent_shape:
        raise LatentValueError(
            f"the directions to look within move latents of shape {within.latent_shape}; this "
            f"space's have {space.latent_shape}. Find them in latents of this space."
            f"{line_between('direction', within.latent_shape, space.latent_shape)}"
        )
    with one_blas_thread(within.matrix.size):
        _, stretches, rows = np.linalg.svd(within.matrix, full_matrices=False)
    basis: NDArray[np.float64] = rows[stretches > NOTHING_LEFT * stretches[0]]
    return basis


def _jacobian(
    space: Any, point: Any, tangents: Any, scale: float, conditions: Mapping[str, Any]
) -> tuple[Any, set[str]]:
    """Take the derivatives of the output along several tangents.

    Parameters
    ----------
    space : LatentSpace
        The space.
    point : ndarray
        Where, of latent_shape.
    tangents : ndarray
        float32 ``(k, *latent_shape)``.
    scale : float
        How far latents spread, from which central differences take their step.
    conditions : mapping of str to value
        Under which, one value each.

    Returns
    -------
    jacobian : ndarray
        One derivative a row, ``(k, output_size)``.
    ways : set of str
        How they were taken: keys of `NOISE`.
    """
    rows: list[Any] = []
    ways: set[str] = set()
    for start in progress(range(0, len(tangents), BATCH), "derivatives"):
        some = tangents[start : start + BATCH]
        changes, how = space.derivative(point, some, scale=scale, conditions=conditions)
        ways.add(how)
        rows.append(changes.reshape(len(changes), -1))
        if rows[0][0].size * len(tangents) > MOST_NUMBERS:
            raise LatentValueError(
                f"the Jacobian has {len(tangents)} x {rows[0][0].size} numbers, too many to hold. "
                f"{WAY_OUT}"
            )
    return np.concatenate(rows), ways
