"""`local_directions`: along which moves the output changes most, at one latent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_whole, real_array, refuse_unknown
from latentwidgets.common.progress import progress
from latentwidgets.directions.directions import NOTHING_LEFT, Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.fitting import fitted
from latentwidgets.directions.samples import Data, fingerprint, signed
from latentwidgets.errors import LatentValueError
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

__all__ = ["local_directions"]

# Derivatives taken at a time, the most numbers they may be together, and the samples of the
# prior that say how far latents spread.
BATCH, MOST_NUMBERS, SAMPLES = 32, 2**28, 512
# Singular values that are rounding of float32, as shares of the largest.
NOISE = {"forward mode": 1e-5, "central differences": 1e-4}
WAY_OUT = "Look within fewer directions, within=pca_directions(latents, 50)."


def local_directions(
    space: Any,
    latent: ArrayLike,
    n: int | None = None,
    *,
    within: Directions | None = None,
    latents: ArrayLike | None = None,
    seed: int = 0,
    **unknown: object,
) -> Directions:
    """Find the moves that change a decoder's output most, at one latent.

    They are the singular vectors of the decoder's Jacobian there: by forward mode where the space
    has it (torch), by central differences for any other decoder; `Direction.method` says which.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    latent : array_like, shape latent_shape
        Where.
    n : int, optional
        How many. All that change the output if None, at most 20.
    within : Directions, optional
        Look at combinations of these only: for latents of so many numbers that the whole
        Jacobian would not fit into memory. Those of one layer's shape act on all layers.
    latents : array_like, optional
        ``(m, *latent_shape)``: data to take sigma and limits from. Samples of the space's prior
        if None.
    seed : int
        For those samples.

    Returns
    -------
    Directions
        "local 1" to "local n", the most change first. A vector's entry of largest magnitude is
        positive. Score: the share of the squared singular values.

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
    refuse_unknown(unknown, local_directions)
    space = as_space(space)
    given = real_array(latent, "latent")
    if given.shape != space.latent_shape:
        raise LatentValueError(
            f"latent has shape {given.shape}; expected one latent, {space.latent_shape}. Pass "
            "one, such as latents[0]."
        )
    point = space.check(given[np.newaxis])[0]
    data = Data(
        space.sample(SAMPLES, seed=check_whole(seed, "seed", least=0))
        if latents is None
        else latents
    )
    if data.latent_shape != space.latent_shape:
        raise LatentValueError(
            f"latents have shape {data.latent_shape}; this space's have {space.latent_shape}."
        )
    basis = _basis(space, within)
    tangents = basis.reshape(-1, *space.latent_shape).astype(np.float32)
    scale = float(np.sqrt(data.rows.var(axis=0, dtype=np.float64).mean())) or 1.0
    jacobian, ways = _jacobian(space, point, tangents, scale)
    how = " and ".join(sorted(ways))
    rotation, stretches, _ = np.linalg.svd(jacobian.astype(np.float64), full_matrices=False)
    kept = int((stretches > max(map(NOISE.__getitem__, ways)) * stretches[0]).sum())
    if not kept:
        raise LatentValueError(
            "no move changes the output at this latent: the decoder is flat there. Try another "
            "latent, such as one of space.sample(8)."
        )
    count = min(kept, 20) if n is None else check_whole(n, "n", least=1)
    if count > kept:
        raise LatentValueError(
            f"n is {count}; only {kept} moves change the output at this latent. Pass a smaller n."
        )
    shares = stretches**2 / (stretches**2).sum()
    about = data.provenance("local", n=n, latent=fingerprint(point), how=how, seed=seed)
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
    """Give perpendicular unit vectors to take derivatives along, as rows."""
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
            f"space's have {space.latent_shape}."
        )
    _, stretches, rows = np.linalg.svd(within.matrix, full_matrices=False)
    basis: NDArray[np.float64] = rows[stretches > NOTHING_LEFT * stretches[0]]
    return basis


def _jacobian(space: Any, point: Any, tangents: Any, scale: float) -> tuple[Any, set[str]]:
    """Give the derivative along every tangent as a row, and how they were taken."""
    rows: list[Any] = []
    ways: set[str] = set()
    for start in progress(range(0, len(tangents), BATCH), "derivatives"):
        changes, how = space.derivative(point, tangents[start : start + BATCH], scale=scale)
        ways.add(how)
        rows.append(changes.reshape(len(changes), -1))
        if rows[0][0].size * len(tangents) > MOST_NUMBERS:
            raise LatentValueError(
                f"the Jacobian has {len(tangents)} x {rows[0][0].size} numbers, too many to hold. "
                f"{WAY_OUT}"
            )
    return np.concatenate(rows), ways
