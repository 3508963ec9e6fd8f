"""`LatentSource`: latents of one shape: those of data, drawn from a prior, or checked."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_sizes, check_text
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import short
from latentwidgets.space.latents import check_latents
from latentwidgets.space.priors import NormalPrior, prior_of, sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.space.priors import Prior

__all__ = ["LatentSource", "tell_prompt"]


class LatentSource:
    """What a space knows of its latents, whatever decodes them: their shape and their prior.

    A `LatentSpace` is one with a decoder. A `Path` keeps one without, so that it holds no model.

    Parameters
    ----------
    latent_shape : int or tuple of int
        Shape of one latent.
    prior : callable, optional
        Takes a `numpy.random.Generator` and n, and returns n latents. Independent standard
        normals if None; a `NormalPrior` has other means and standard deviations.
    data : array_like, optional
        Latents of data, ``(n, *latent_shape)``.

    Attributes
    ----------
    data : ndarray or None
        As above, float32 and read-only; an array that is read-only already is not copied.
    assumes_prior : bool
        Whether the prior is only assumed to be standard normal, as none was given.
    """

    # With what a space was made, by name.
    _arguments: Mapping[str, Any] = MappingProxyType({})

    def __init__(
        self,
        latent_shape: int | tuple[int, ...],
        prior: Prior | None = None,
        data: ArrayLike | None = None,
    ) -> None:
        self.latent_shape = check_sizes(latent_shape, "latent_shape")
        self.assumes_prior = prior is None
        self._prior = prior_of(prior, self.latent_shape)
        self.data = None if data is None else _kept(self.check(data, "data"), data)

    # What pipelines were told to draw.
    _prompt: Any = None

    @property
    def prompt(self) -> Any:
        """What is drawn, or continued, as it was given: a text or a chat; None without a prompt."""
        return self._prompt

    @property
    def options(self) -> dict[str, Any]:
        """All that a space was made with, as its `replace` takes it: a copy."""
        return dict(self._arguments)

    @property
    def decoder(self) -> Any:
        """The decoder, as it was given; None where nothing decodes."""
        return self._arguments.get("decode")

    @property
    def can_encode(self) -> bool:
        """Whether there is an encoder."""
        return self._arguments.get("encode") is not None

    @property
    def normal_prior(self) -> NormalPrior | None:
        """The prior, if it is known to be normal."""
        return self._prior if isinstance(self._prior, NormalPrior) else None

    @checked_keywords
    def sample(
        self, n: int, *, seed: int = 0, truncation: float | None = None
    ) -> NDArray[np.float32]:
        """Draw latents from the prior.

        Parameters
        ----------
        n : int
            How many.
        seed : int
            The same seed gives the same latents.
        truncation : float, optional
            Draw every entry again that is more than this many standard deviations from its
            mean: smaller is more typical and less varied. For normal priors only.

        Returns
        -------
        ndarray
            float32 ``(n, *latent_shape)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an argument cannot be used, or the prior does not return such latents.

        References
        ----------
        Truncation: Brock et al. 2019, "Large scale GAN training" (arXiv 1809.11096).

        Examples
        --------
        >>> LatentSource((4, 4)).sample(2, truncation=0.7).shape
        (2, 4, 4)
        """
        return sample(self._prior, self.latent_shape, n, seed=seed, truncation=truncation)

    def check(self, latents: ArrayLike, name: str = "latents") -> NDArray[np.float32]:
        """Check that these are latents of this space.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``, finite, n at least 1.
        name : str
            What to call them in messages.

        Returns
        -------
        ndarray
            The same as contiguous float32; not copied if they are that already.

        Raises
        ------
        LatentTypeError
            If they are not real numbers.
        LatentValueError
            If they have another shape, or hold NaN or infinity.
        """
        return check_latents(latents, self.latent_shape, short(check_text(name, "name")))

    def size_of_step(
        self, step: NDArray[np.floating], conditions: Mapping[str, Any] | None = None
    ) -> tuple[float, str]:
        """Say how long a step along latents is, beside its sigmas.

        Parameters
        ----------
        step : ndarray
            A difference of two latents, ``latent_shape``.
        conditions : mapping, optional
            Those under which it is decoded, one value of each.

        Returns
        -------
        float
            Its size in a unit of the space.
        str
            How to write that: "{}" stands for the number, such as in "{} of the median norm". Empty
            where the space has no such unit, and sigmas say all.
        """
        return 0.0, ""


def _kept(latents: NDArray[np.float32], given: ArrayLike) -> NDArray[np.float32]:
    """Give latents that nobody can change: a copy, unless nobody could change them before."""
    if latents is not given or latents.flags.writeable:
        latents = latents.copy()
        latents.flags.writeable = False
    return latents


def tell_prompt(source: LatentSource, prompt: Any) -> None:
    """Note what the pictures of a space are drawn of."""
    source._prompt = prompt
