"""A small model in NumPy that the tests of spaces share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

WEIGHTS = np.random.default_rng(0).normal(size=(5, 48)).astype(np.float32)


def sigmoid(latents: Array) -> Array:
    """Five numbers to an RGB picture of 4 by 4, channels first, in [0, 1]."""
    images: Array = 1 / (1 + np.exp(-latents @ WEIGHTS))
    return images.reshape(-1, 3, 4, 4)


def logit(images: Array) -> Array:
    images = np.clip(images, 1e-3, 1 - 1e-3).reshape(-1, 48)
    latents: Array = np.log(images / (1 - images)) @ np.linalg.pinv(WEIGHTS)
    return latents


def space_of(decode: Callable[[Array], Any], **options: Any) -> LatentSpace:
    return LatentSpace(decode, 5, **options)
