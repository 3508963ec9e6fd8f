"""`weight_directions`: the directions that the weights of a layer stretch most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.attributes import attribute, has, raised_by
from latentwidgets.common.checks import check_finite, check_whole, detached, real_array
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.common.wording import brief
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.samples import Data, fingerprint, provenance, signed
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["weight_directions"]


@checked_keywords
def weight_directions(
    weight: Any,
    n: int | None = None,
    *,
    latents: ArrayLike | None = None,
) -> Directions:
    """Find the directions that a layer's weights stretch most.

    Parameters
    ----------
    weight : array_like or torch layer
        ``(outputs, latent_size)``, as the ``weight`` of a `torch.nn.Linear` that takes latents;
        such a layer itself; or several weights stacked along the first axis.
    n : int, optional
        How many directions. If None, all along which the layer's output changes, but at most 20.
    latents : array_like, optional
        ``(m, latent_size)``: data to take sigma and limits from. If None, sigma is 1 and the limits
        are -3 and 3, as for standard normal latents.

    Returns
    -------
    Directions
        "weight 1" to "weight n", the one stretched most first. The entry of largest magnitude of
        each vector is positive. The score of each is its share of the squared singular values.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the weights or the latents cannot be used, or there are fewer directions than n.

    References
    ----------
    Shen & Zhou 2021, "Closed-form factorization of latent semantics in GANs" (SeFa,
    arXiv 2007.06600).

    Examples
    --------
    >>> weight_directions([[0.0, 3.0], [1.0, 0.0]])[0].vector.tolist()
    [0.0, 1.0]
    """
    values = attribute(weight, "weight", weight)
    if not isinstance(values, (list, tuple)) and not has(values, "__array__"):
        raise LatentTypeError(
            f"weight is a {type(weight).__name__}; expected weights, or a layer that has them. "
            f"Pass {_layer_of(weight)}.{raised_by(weight, 'weight')}"
        )
    if has(values, "detach"):
        values = detached(values, "weights")
        if values.is_floating_point():  # bfloat16, for one, NumPy does not know
            values = values.double()
    matrix = real_array(values, "weights").astype(np.float64)
    check_finite(matrix, "weights")
    if matrix.ndim != 2:
        raise LatentValueError(
            f"weights have shape {matrix.shape}; expected (outputs, latent_size). Reshape them: "
            "weight.reshape(latent_size, -1).T where latents come first, as in a transposed "
            "convolution, weight.reshape(-1, latent_size) where they come last."
        )
    extent = float(np.abs(matrix).max())
    if not extent:
        raise LatentValueError("all weights are zero; expected a trained layer.")
    # Shares do not depend on the weights' unit, in which squares may overflow.
    with one_blas_thread(matrix.size):
        _, stretches, rows = np.linalg.svd(matrix / extent, full_matrices=False)
    kept = stretches > 1e-9 * stretches[0]
    most = int(kept.sum())
    count = min(most, 20) if n is None else check_whole(n, "n", least=1)
    if count > most:
        raise LatentValueError(
            f"n is {count}; the layer leaves only {most} directions. Pass a smaller n."
        )
    shares = stretches**2 / (stretches**2).sum()
    found = [
        Direction(
            f"weight {i + 1}",
            row,
            method="weights",
            evidence=Evidence(float(share), score_name="share of squared singular values"),
            provenance=provenance("weights", None, n=n, weights=fingerprint(matrix)),
        )
        for i, (row, share) in enumerate(zip(signed(rows[:count]), shares, strict=False))
    ]
    if latents is None:
        return Directions(found)
    data = Data(latents)
    if data.rows.shape[1] != matrix.shape[1]:
        raise LatentValueError(
            f"weights take latents of {matrix.shape[1]} numbers; the latents have "
            f"{data.rows.shape[1]}. Pass the latents that this layer gets."
        )
    about = data.provenance("weights", n=n, weights=fingerprint(matrix))
    return Directions(
        data.direction(
            one.name, one.vector, method="weights", evidence=one.evidence, provenance=about
        )
        for one in found
    )


def _layer_of(model: Any) -> str:
    """Say, for a message, which layer of a model to pass; without any, what else to pass."""
    layers = model.named_modules() if has(model, "named_modules") else ()
    for name, layer in layers:
        if getattr(getattr(layer, "weight", None), "ndim", 0) == 2:
            return f"one of its layers, such as get_submodule({brief(name)})"
    return "an array, (outputs, latent_size)"
