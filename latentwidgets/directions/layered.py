"""How a direction acts on latents of several layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from latentwidgets.common.wording import brief, repeating
from latentwidgets.directions.evidence import without_claims_on_the_vector
from latentwidgets.directions.profiles import flat_weights, profile_of, runs
from latentwidgets.errors import LatentValueError

__all__ = ["anchors_between", "line_between", "may_be_a_layer", "on_layers", "row_shapes"]


def row_shapes(latent_shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Give the shapes of one row of latents, along their first axis; none where they have one axis.

    What is called a layer is such a row, of latents that are known to have layers.
    """
    rest = latent_shape[1:]
    return (rest, (1, *rest)) if rest else ()


def may_be_a_layer(shape: tuple[int, ...], latent_shape: tuple[int, ...]) -> bool:
    """Say whether latents may be one layer of others, of which nobody said that they have layers.

    Latents of two axes may be a row for each layer. Those of three or more are like a picture: the
    first axis is its channels.

    Examples
    --------
    >>> may_be_a_layer((512,), (18, 512)), may_be_a_layer((64, 64), (4, 64, 64))
    (True, False)
    """
    layers = len(latent_shape) == 2 and latent_shape[0] > 1
    return layers and shape in row_shapes(latent_shape)


def line_between(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Show the line that makes a direction fit latents of another form, to append to a message.

    Parameters
    ----------
    name : str
        What the direction is called in the line.
    shape : tuple of int
        Shape of the latents that it moves.
    wanted : tuple of int
        Shape of the latents that it should move.

    Returns
    -------
    str
        The line, after a space; empty where there is none.

    Examples
    --------
    >>> line_between("direction", (512,), (18, 512))
    ' If these are 18 layers of such latents, spread it over them: direction.on_layers((18, 512)).'
    >>> line_between("direction", (500,), (18, 512))
    ''
    """
    if may_be_a_layer(shape, wanted):
        line = f"{name}.on_layers({wanted})"
        return f" If these are {wanted[0]} layers of such latents, spread it over them: {line}."
    if line := repeating(f"{name}.vector", shape, wanted):
        return f" Make it a direction of such latents, Direction(name, vector).{line}"
    return ""


def anchors_between(shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Show the line that makes anchors of one row fit a space whose latents have more, or nothing.

    Examples
    --------
    >>> anchors_between((1, 512), (18, 512))
    ' If these are 18 layers, give each the same: np.repeat(anchors, 18, axis=1).'
    >>> anchors_between((1, 64, 64), (4, 64, 64))
    ' To repeat each along its first axis, pass np.repeat(anchors, 4, axis=1).'
    """
    if shape not in row_shapes(wanted):
        return ""
    rows = "np.asarray(anchors)[:, None]" if len(shape) < len(wanted) else "anchors"
    line = f"np.repeat({rows}, {wanted[0]}, axis=1)"
    if may_be_a_layer(shape, wanted):
        return f" If these are {wanted[0]} layers, give each the same: {line}."
    return f" To repeat each along its first axis, pass {line}."


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
