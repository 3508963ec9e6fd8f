"""How a direction acts on latents of several layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.directions.evidence import without_claims_on_the_vector
from latentwidgets.directions.profiles import flat_weights, profile_of, runs
from latentwidgets.errors import LatentValueError

__all__ = ["on_layers", "row_shapes"]


def row_shapes(latent_shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Give the shapes of one layer of latents that have several; none where they cannot have."""
    rest = latent_shape[1:]
    return (rest, (1, *rest)) if rest else ()


def on_layers(direction: Any, shape: tuple[int, ...], profile: Any) -> Any:
    """Make the direction that `Direction.on_layers` returns, which says what it is.

    Parameters
    ----------
    direction : Direction
        Of latents of this shape, or of one layer of them.
    shape : tuple of int
        Shape of the latents, ``(layers, ...)``.
    profile : array_like, range or None
        As of `Direction.on_layers`.
    """
    spread = direction.latent_shape != shape
    if spread and direction.latent_shape not in row_shapes(shape):
        raise LatentValueError(
            f"{brief(direction.name)} moves latents of shape {direction.latent_shape}; on latents "
            f"of shape {shape} one of shape {shape[1:]} can act on each layer."
        )
    count = shape[0]
    weights = (1.0,) * count
    if profile is not None:
        weights = profile_of(profile, list(map(str, range(count))), direction.name)
    whole = all(weight == 1 for weight in weights)
    if whole and not spread:
        return direction
    vector = np.broadcast_to(direction.vector, shape).ravel() * flat_weights(
        weights, math.prod(shape)
    )
    norm = float(np.linalg.norm(vector))
    if norm == 0:
        raise LatentValueError(f"{brief(direction.name)} acts at no layer; leave it out.")
    where = f"all {count} layers" if whole else f"{runs(weights)} of {count}"
    words = f"spread from one layer over {where}" if spread else f"at {where}"
    evidence = direction.evidence
    if not spread:
        evidence = without_claims_on_the_vector(evidence)
    return direction.replace(
        vector=vector.reshape(shape),
        readout=np.broadcast_to(direction.readout, shape) / (count if spread else 1),
        mean=np.broadcast_to(direction.mean, shape),
        sigma=direction.sigma * norm,
        method=f"{direction.method}, {words}",
        evidence=evidence,
        provenance={
            **direction.provenance,
            "changed": (*direction.provenance.get("changed", ()), words),
        },
    )
