"""Data without a decoder as latent spaces: a latent decodes to the items nearest to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import (
    check_container,
    check_sizes,
    check_whole,
    real_array,
    to_float32,
)
from latentwidgets.common.items import check_ordered
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.nearest import searcher
from latentwidgets.common.wording import brief, near_miss
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.options import check_options
from latentwidgets.space.priors import check_count, check_generator, no_memory_for

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Retrieval"]


class Retrieval:
    """Decodes a latent to the items whose latents are nearest to it.

    With it embeddings of words or sentences, and data sets that nothing decodes, can be explored:
    pass it to `as_space`, or to a widget.

    Parameters
    ----------
    latents : array_like
        ``(m, *latent_shape)``, finite: one for each item.
    items : sequence
        m texts, pictures (arrays of one shape), or objects of any registered kind. Where they are
        neither texts nor pictures say so, as in ``as_space(retrieval, kind="curve")``.
    n : int
        For texts: how many of the nearest to show, as lines, the nearest first.
    metric : str or callable
        How far two latents are apart: "euclidean", "cosine", or another metric of
        `sklearn.neighbors.NearestNeighbors`. With "cosine" a latent of zeros, which has no
        direction, counts as perpendicular to every other.

    Attributes
    ----------
    latents : ndarray
        float32 ``(m, *latent_shape)``, read-only.
    items : ndarray or list
        The items.
    latent_shape : tuple of int
        Shape of one latent.

    Raises
    ------
    LatentTypeError, LatentValueError
        If latents and items cannot be used, or differ in number.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> words = lw.adapters.Retrieval([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]], ["a", "b", "c"], n=2)
    >>> space = lw.as_space(words)
    >>> space.decode([[0.9, 0.1]])[0].split()
    ['b', 'a']
    >>> space.encode(["c"])
    array([[0., 2.]], dtype=float32)
    """

    @checked_keywords
    def __init__(
        self, latents: ArrayLike, items: Any, *, n: int = 1, metric: Any = "euclidean"
    ) -> None:
        array = to_float32(real_array(latents, "latents"), "latents").copy()
        if array.ndim < 2:
            raise LatentValueError(
                f"latents have shape {array.shape}; expected one for each item, (m, ...)."
            )
        self.items = _checked(items)
        if len(self.items) != len(array):
            raise LatentValueError(
                f"there are {len(array)} latents and {len(self.items)} items; expected one latent "
                "for each item."
            )
        array.flags.writeable = False  # what is searched is made of it
        self.latents = array
        self.latent_shape = array.shape[1:]
        self._texts = isinstance(self.items[0], str)
        self._n = check_whole(n, "n", least=1)
        if self._n > len(self.items):
            raise LatentValueError(f"n is {brief(n)}; there are only {len(self.items)} items.")
        if self._n > 1 and not self._texts:
            raise LatentValueError(
                f"n is {brief(n)}; only of texts several can be shown together. Leave n out."
            )
        self._search = searcher(array.reshape(len(array), -1), metric)
        self._places: dict[str, int] = {}
        if self._texts:
            for i, text in enumerate(self.items):
                self._places.setdefault(text, i)

    def decode(self, latents: ArrayLike) -> Any:
        """Find the nearest items.

        Parameters
        ----------
        latents : array_like
            ``(k, *latent_shape)``.

        Returns
        -------
        list or ndarray
            k texts, or k items.

        Raises
        ------
        LatentTypeError, LatentValueError
            If they are no latents.
        """
        array = to_float32(real_array(latents, "latents"), "latents")
        if array.shape[1:] != self.latent_shape:
            raise LatentValueError(
                f"latents have shape {array.shape}; expected "
                f"({', '.join(map(str, ('n', *self.latent_shape)))})."
            )
        nearest, _ = self._search(array.reshape(len(array), -1), self._n)
        if self._texts:
            return ["\n".join(self.items[i] for i in row) for row in nearest]
        if isinstance(self.items, np.ndarray):
            return self.items[nearest[:, 0]]
        return [self.items[i] for i in nearest[:, 0]]

    def encode(self, items: list[str]) -> NDArray[np.float32]:
        """Look up the latents of items that are texts.

        Parameters
        ----------
        items : list of str
            k of the items.

        Returns
        -------
        ndarray
            float32 ``(k, *latent_shape)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If they are no list, or one is no item.
        """
        texts = check_ordered(items, "items are", "a list of texts")
        for item in texts:
            if not isinstance(item, str) or item not in self._places:
                raise LatentValueError(
                    f"{brief(item)} is none of the {len(self.items)} items; expected one of them."
                    f"{near_miss(item, self._places)}"
                )
        return self.latents[[self._places[item] for item in texts]]

    def sample(self, rng: np.random.Generator, n: int) -> NDArray[np.float32]:
        """Draw latents of items.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        n : int
            How many.

        Returns
        -------
        ndarray
            float32 ``(n, *latent_shape)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an argument cannot be used.
        """
        count = check_count(n, self.latent_shape)
        try:
            return self.latents[check_generator(rng).integers(len(self.latents), size=count)]
        except MemoryError as error:
            raise no_memory_for(count) from error

    def __repr__(self) -> str:
        return f"Retrieval({len(self.items)} items, latent_shape={self.latent_shape})"


@as_space.register
def _(model: Retrieval, **options: Any) -> LatentSpace:
    """Make a space from a retrieval. Its prior draws among the latents of the items."""
    check_options(options)
    shape = check_sizes(options.pop("latent_shape", model.latent_shape), "latent_shape")
    own: dict[str, Any] = {"prior": model.sample, "name": type(model).__name__}
    if shape == model.latent_shape:
        own["data"] = model.latents
    if isinstance(model.items[0], str):
        own |= {"encode": model.encode, "kind": "text"}
    elif not isinstance(model.items, np.ndarray) and "kind" not in options:
        raise LatentValueError(
            f"the items are of class {type(model.items[0]).__name__}; expected texts or pictures, "
            "or to be told what they are. Pass kind=..., a kind that lw.register_kind knows."
        )
    return LatentSpace(model.decode, shape, **{**own, **options})


def _checked(items: Any) -> Any:
    """Take items: a list of texts or of objects, or one array of pictures."""
    if isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable):
        raise LatentTypeError(
            f"items are a {type(items).__name__}; expected a list, with one entry for each latent."
        )
    check_container(items, "items")
    whole = isinstance(items, np.ndarray) and items.ndim
    listed: Any = items if whole else check_ordered(items, "items are", "one entry for each latent")
    if not len(listed):
        raise LatentValueError("there are no items; expected at least one.")
    if isinstance(listed, np.ndarray) and listed.dtype.kind in "biuf" and listed.ndim > 1:
        return listed
    listed = list(listed)
    if any(isinstance(item, str) for item in listed):
        for i, item in enumerate(listed):
            if not isinstance(item, str):
                raise LatentTypeError(
                    f"item {i} is a {type(item).__name__}, others are texts; expected all texts."
                )
        return [str(item) for item in listed]
    if all(hasattr(item, "__array__") or hasattr(item, "__array_interface__") for item in listed):
        check_container(listed, "items")
        arrays = [real_array(item, "items") for item in listed]
        shapes = sorted({array.shape for array in arrays})
        if len(shapes) > 1:
            raise LatentValueError(f"items differ in shape: {shapes}. Give all of them one shape.")
        return np.stack(arrays)
    return listed
