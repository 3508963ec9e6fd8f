"""What an object holds beside its space: latents of data, and labels of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from latentwidgets.errors import LatentValueError, LatentWidgetsError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.inputs import shape_of
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Held", "held_by"]


class Held(NamedTuple):
    """A space, and what is known of its data.

    Attributes
    ----------
    space : LatentSpace
        The space.
    data : ndarray or None
        Latents, ``(n, *latent_shape)``; None where there are none.
    labels : object
        Labels of these, as `probe_directions` takes them; None where there are none.
    """

    space: LatentSpace
    data: NDArray[Any] | None = None
    labels: Any = None

    def rows(self, what: str) -> NDArray[Any]:
        """Give all latents of the data.

        Parameters
        ----------
        what : str
            What to call them in messages.

        Raises
        ------
        LatentValueError
            If there are none.

        Examples
        --------
        >>> space = LatentSpace(abs, 2)
        >>> Held(space, space.sample(3)).rows("latents").shape
        (3, 2)
        """
        if self.data is None:
            raise LatentValueError(
                f"there are no {what}: {self.space.name} has no data. Pass {what}, such as "
                "space.sample(64), or make the space with data=..."
            )
        return self.data

    def examples(self, count: int, what: str) -> tuple[NDArray[Any], tuple[str, ...]]:
        """Give a few latents to begin with, and what each is called.

        Parameters
        ----------
        count : int
            How many: the first ones of the data, or samples of the prior where there are none, or
            a single one for several.
        what : str
            What to call them in messages.

        Returns
        -------
        latents : ndarray
            ``(count, *latent_shape)``; fewer where there are fewer data.
        names : tuple of str
            "data 0" and on, which are rows of the data, or "sample 0" and on.

        Raises
        ------
        LatentValueError
            If there are neither data nor samples.

        Examples
        --------
        >>> Held(LatentSpace(abs, 2)).examples(2, "anchors")[1]
        ('sample 0', 'sample 1')
        """
        if self.data is not None and len(self.data) >= min(count, 2):
            latents = self.data[:count]
            return latents, tuple(f"data {row}" for row in range(len(latents)))
        try:
            latents = self.space.sample(count)
        except LatentWidgetsError as error:
            raise LatentValueError(
                f"there are no {what}: {self.space.name} has no data, and gives no samples, since "
                f"{error} Pass {what}, or make the space with data=..."
            ) from error
        return latents, tuple(f"sample {row}" for row in range(count))


def held_by(obj: Any) -> Held:
    """Look what an object holds.

    Parameters
    ----------
    obj : object
        Anything that `as_space` takes. Latents and labels are those of a space itself, or, where
        the object holds a space, its own attributes `latents` and `labels`, such as those of what
        `latentwidgets.demo.digits` returns, or of a map.

    Returns
    -------
    Held
        All of it.

    Raises
    ------
    LatentTypeError, LatentValueError
        As `as_space`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> space = LatentSpace(abs, 2)
    >>> held_by(SimpleNamespace(space=space, latents=space.sample(3), labels="abc")).labels
    'abc'
    """
    if isinstance(obj, Held):
        return obj
    space = as_space(obj)
    if getattr(obj, "space", None) is space:
        latents = getattr(obj, "latents", None)
        if latents is not None and shape_of(latents)[1:] == space.latent_shape:
            labels = getattr(obj, "labels", None)
            none = isinstance(labels, Mapping) and not labels
            return Held(space, latents, None if none else labels)
    return Held(space, space.data)
