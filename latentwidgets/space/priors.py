"""Distributions that latents are drawn from where a space has no prior of its own."""

from __future__ import annotations

import inspect
import math
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import (
    MOST_NUMBERS,
    amounts_in,
    check_function,
    check_positive,
    check_whole,
)
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief, short
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.space.latents import check_latents

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Prior: TypeAlias = Callable[[np.random.Generator, int], ArrayLike]

__all__ = [
    "HalfNormalPrior",
    "NormalPrior",
    "check_count",
    "check_generator",
    "no_memory_for",
    "prior_of",
    "sample",
    "truncated_normal",
]


def prior_of(given: Prior | None, latent_shape: tuple[int, ...]) -> Prior:
    """Check the prior that a person gave; where there is none, give independent standard normals.

    Raises
    ------
    LatentTypeError
        If it is no function of a generator and a number.

    Examples
    --------
    >>> prior_of(None, (4,))(np.random.default_rng(0), 3).shape
    (3, 4)
    """
    if given is None:
        try:
            return NormalPrior(np.ones(latent_shape))
        except MemoryError as error:
            raise LatentValueError(
                f"latent_shape is {latent_shape}: there is no memory for one latent."
            ) from error
    check_function(given, "prior")
    with suppress(ValueError):  # of some functions nobody knows what they take
        signature = inspect.signature(given)
        try:
            signature.bind(None, 1)
        except TypeError as error:
            raise LatentTypeError(
                f"prior takes {signature}; it is called as prior(rng, n), with a "
                "numpy.random.Generator, and returns n latents."
            ) from error
    return given


def sample(
    prior: Prior,
    latent_shape: tuple[int, ...],
    n: int,
    *,
    seed: int = 0,
    truncation: float | None = None,
) -> NDArray[np.float32]:
    """Draw latents from a prior: see `latentwidgets.LatentSpace.sample`.

    Examples
    --------
    >>> sample(lambda rng, n: np.ones((n, 2)), (2,), 3).shape
    (3, 2)
    """
    rng = np.random.default_rng(check_whole(seed, "seed", least=0))
    count = check_count(n, latent_shape)
    try:
        drawn = _draw(prior, rng, count, truncation)
    except MemoryError as error:
        raise no_memory_for(count) from error
    except LatentWidgetsError:
        raise
    except Exception as error:
        raise LatentValueError(
            f"prior failed: {type(error).__name__}: {short(str(error))}. It is called as "
            "prior(rng, n), with a numpy.random.Generator, and returns n latents."
        ) from error
    latents = check_latents(drawn, latent_shape, "samples of the prior")
    if len(latents) != count:
        raise LatentValueError(f"prior returned {len(latents)} latents; expected {count}.")
    return latents


def no_memory_for(count: int) -> LatentValueError:
    """Make the error of more latents than there is memory for."""
    return LatentValueError(f"n is {count:,}: there is no memory for so many.")


def check_count(n: object, latent_shape: tuple[int, ...]) -> int:
    """Take a number of latents, of which no memory holds too many."""
    return check_whole(n, "n", least=1, most=MOST_NUMBERS // math.prod(latent_shape))


def check_generator(rng: object) -> np.random.Generator:
    """Take a source of randomness."""
    if not isinstance(rng, np.random.Generator):
        raise LatentTypeError(
            f"rng is {brief(rng)}; expected a generator, such as numpy.random.default_rng(0)."
        )
    return rng


def _draw(prior: Prior, rng: np.random.Generator, n: int, truncation: float | None) -> ArrayLike:
    if truncation is None:
        return prior(rng, n)
    if isinstance(prior, NormalPrior):
        return prior(rng, n, truncation=check_positive(truncation, "truncation"))
    raise LatentValueError(
        f"truncation is {brief(truncation)}, but this space has a prior of its own, which only "
        "its author can truncate. Leave truncation out."
    )


class NormalPrior:
    """A prior whose latents have entries that are independent normals.

    Parameters
    ----------
    scale : array_like
        Standard deviations, of the latent shape.
    mean : array_like
        Means, of the latent shape, or one number for all.

    Attributes
    ----------
    scale, mean : ndarray
        As above, float64, of one shape.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are no finite numbers, do not fit, or a standard deviation is not above 0.

    Examples
    --------
    >>> prior = NormalPrior([1.0, 10.0], mean=5.0)
    >>> prior(np.random.default_rng(0), 3).shape
    (3, 2)
    """

    @checked_keywords
    def __init__(self, scale: ArrayLike, mean: ArrayLike = 0.0) -> None:
        self.scale = amounts_in(scale, "scale").astype(np.float64)
        given = amounts_in(mean, "mean").astype(np.float64)
        if (self.scale <= 0).any():
            raise LatentValueError(
                f"the least scale is {self.scale.min():g}; expected standard deviations above 0."
            )
        if given.size > 1 and given.shape != self.scale.shape:
            raise LatentValueError(
                f"mean has shape {given.shape}, scale {self.scale.shape}; expected one shape, that "
                "of a latent."
            )
        one_number = given.size == 1  # of however many axes
        self.mean = np.broadcast_to(given.reshape(()) if one_number else given, self.scale.shape)
        self.mean = self.mean + 0.0

    def __call__(
        self, rng: np.random.Generator, n: int, *, truncation: float | None = None
    ) -> NDArray[np.floating]:
        """Draw latents.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        n : int
            How many.
        truncation : float, optional
            No entry is further from its mean than so many standard deviations.

        Returns
        -------
        ndarray
            ``(n, *latent_shape)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an argument cannot be used, or there is no memory for so many.
        """
        shape = (check_count(n, self.scale.shape), *self.scale.shape)
        normals = check_generator(rng).standard_normal
        try:
            if truncation is not None:
                most = check_positive(truncation, "truncation")
                return truncated_normal(rng, shape, most) * self.scale + self.mean
            return normals(shape) * self.scale + self.mean
        except MemoryError as error:
            raise no_memory_for(shape[0]) from error

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NormalPrior):
            return NotImplemented
        same = (np.array_equal(self.scale, other.scale), np.array_equal(self.mean, other.mean))
        return all(same)

    def __hash__(self) -> int:
        return hash((self.scale.tobytes(), self.mean.tobytes()))

    def __repr__(self) -> str:
        return f"NormalPrior(latents of shape {self.scale.shape})"


class HalfNormalPrior:
    """Latents whose entries are the absolute values of independent standard normals.

    Parameters
    ----------
    size : int
        How many entries a latent has.

    Examples
    --------
    >>> bool(HalfNormalPrior(2)(np.random.default_rng(0), 3).min() >= 0)
    True
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        """Draw `n` latents."""
        return np.abs(rng.standard_normal((n, self.size)))


def truncated_normal(
    rng: np.random.Generator, shape: tuple[int, ...], truncation: float
) -> NDArray[np.float64]:
    """Draw standard normals, and draw again whatever is beyond `truncation`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    shape : tuple of int
        Shape of the result.
    truncation : float
        Largest magnitude, above 0.

    Returns
    -------
    ndarray
        float64.

    References
    ----------
    The truncation trick of Brock et al. 2019, "Large scale GAN training" (arXiv 1809.11096).

    Examples
    --------
    >>> bool(abs(truncated_normal(np.random.default_rng(0), (1000,), 0.5)).max() <= 0.5)
    True
    """
    values = np.empty(np.prod(shape, dtype=int))
    missing = np.arange(values.size)
    while missing.size:
        if truncation > 1:
            drawn = rng.standard_normal(missing.size)
            accepted = np.abs(drawn) <= truncation
        else:
            # Most normals would be refused here. Of uniform numbers more are accepted: each with
            # the probability that the bell curve gives it, relative to the top.
            drawn = rng.uniform(-truncation, truncation, missing.size)
            accepted = rng.random(missing.size) <= np.exp(-(drawn**2) / 2)
        values[missing[accepted]] = drawn[accepted]
        missing = missing[~accepted]
    return values.reshape(shape)
