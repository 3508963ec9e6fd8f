"""Structural similarity of pictures, and pictures of the numbers that a model returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import kind_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

__all__ = ["pictures_of", "structural_dissimilarity"]

# The window of Wang et al. 2004: a Gaussian of this standard deviation, cut off at this radius.
SIGMA, RADIUS = 1.5, 5
K1, K2 = 0.01, 0.03


def pictures_of(
    space: Any, conditions: Mapping[str, Any] | None = None
) -> Callable[[NDArray[Any]], NDArray[np.float64]]:
    """Give the function from a model's numbers to pictures, unrounded.

    Parameters
    ----------
    space : LatentSpace
        A space of pictures.
    conditions : mapping of str to value, optional
        Under which two samples of the prior are decoded, to see how it reads pictures.

    Returns
    -------
    callable
        From float32 ``(n, ...)`` to float64 ``(n, height, width, channels)``, where 0 is black and
        1 is white.

    Raises
    ------
    LatentValueError
        If the space decodes something else.

    Examples
    --------
    >>> from latentwidgets import LatentSpace
    >>> space = LatentSpace(lambda z: z * np.ones(144), 1, value_range=(-1, 1))
    >>> pictures_of(space)(np.zeros((2, 144))).shape
    (2, 12, 12, 1)
    """
    if not kind_named(space.kind).has_pixels:
        raise LatentValueError(
            f"{space.name} decodes outputs of kind {space.kind!r}; expected pictures. Take "
            "distance='l2' or 'cosine', or a function of two batches."
        )
    samples = space.sample(2)
    seen = space.decode(samples, conditions)
    numbers = space.decode(samples, conditions, raw=True)
    height, width, channels = seen.shape[1:]
    low, high = space.value_range

    def scaled(raw: NDArray[Any]) -> NDArray[np.float64]:
        made: NDArray[np.float64] = (raw.astype(np.float64) - low) / (high - low)
        return made

    def last(raw: NDArray[Any]) -> NDArray[np.float64]:
        return scaled(raw).reshape(len(raw), height, width, channels)

    def first(raw: NDArray[Any]) -> NDArray[np.float64]:
        return np.moveaxis(scaled(raw).reshape(len(raw), channels, height, width), 1, -1)

    # Which of the two it is shows in the pictures that the space itself reads.
    off = [np.abs(255 * np.clip(way(numbers), 0, 1) - seen).max() for way in (last, first)]
    return last if off[0] <= off[1] else first


def structural_dissimilarity(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Give 1 - SSIM of pictures, row by row.

    Parameters
    ----------
    a, b : ndarray
        ``(n, height, width, channels)``, from 0 to 1.

    Returns
    -------
    ndarray
        float64 ``(n,)``: the mean over channels and over all places where the window is within the
        picture.

    Raises
    ------
    LatentValueError
        If pictures are smaller than the window, 11 pixels.

    Notes
    -----
    With the Gaussian window and the constants of the paper, and the covariances of a population:
    ``skimage.metrics.structural_similarity(gaussian_weights=True, sigma=1.5, data_range=1,
    use_sample_covariance=False)`` gives the same.

    References
    ----------
    Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity",
    IEEE Trans. Image Proc. 13.

    Examples
    --------
    >>> picture = np.random.default_rng(0).random((1, 16, 16, 1))
    >>> structural_dissimilarity(picture, picture).tolist()
    [0.0]
    """
    if min(a.shape[1:3]) < 2 * RADIUS + 1:
        raise LatentValueError(
            f"pictures have {a.shape[1]} x {a.shape[2]} pixels; structural similarity needs at "
            f"least {2 * RADIUS + 1} each way. Take distance='l2' or 'cosine'."
        )
    from scipy.ndimage import correlate1d

    weights = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
    weights /= weights.sum()
    inner = slice(RADIUS, -RADIUS)

    def blurred(pictures: NDArray[Any]) -> NDArray[np.float64]:
        found = correlate1d(correlate1d(pictures, weights, axis=1), weights, axis=2)
        inside: NDArray[np.float64] = found[:, inner, inner]
        return inside

    # Of the difference and the sum, so that nothing is lost in rounding where a is nearly b.
    mean_a, mean_b, mean_gap = blurred(a), blurred(b), blurred(a - b)
    variance_gap = blurred((a - b) ** 2) - mean_gap**2
    variances = blurred(a**2) - mean_a**2 + blurred(b**2) - mean_b**2
    means = mean_a**2 + mean_b**2 + K1**2
    lightness = 1 - mean_gap**2 / means
    structure = 1 - variance_gap / (variances + K2**2)
    similar: NDArray[np.float64] = (lightness * structure).mean(axis=(1, 2, 3))
    return np.maximum(1 - similar, 0.0)
