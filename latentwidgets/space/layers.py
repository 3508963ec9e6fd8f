"""The layers of latents that have a row for each: what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from latentwidgets.common.checks import check_whole
from latentwidgets.common.items import check_ordered
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError

__all__ = ["layer_names"]


def layer_names(layers: object, latent_shape: tuple[int, ...]) -> tuple[str, ...]:
    """Name the layers of a space.

    Parameters
    ----------
    layers : iterable of str, bool, int or None
        Their names; True, or how many there are, to have them numbered from 0; None or False where
        latents have no layers.
    latent_shape : tuple of int
        Shape of one latent, whose first axis is the layers.

    Returns
    -------
    tuple of str
        One name a layer; empty where there are none.

    Raises
    ------
    LatentTypeError, LatentValueError
        If these are no names, a name is empty or comes twice, or latents have another number of
        rows.

    Examples
    --------
    >>> layer_names(True, (3, 8)), layer_names(["low", "high"], (2, 8))
    (('0', '1', '2'), ('low', 'high'))
    """
    if layers is None or layers is False:
        return ()
    if len(latent_shape) < 2:
        raise LatentValueError(
            f"there are layers, but latents have shape {latent_shape}; expected a row for each "
            "layer. Pass latent_shape=(layers, width)."
        )
    rows = latent_shape[0]
    if layers is True:
        layers = rows
    if isinstance(layers, int):
        names = tuple(map(str, range(check_whole(layers, "layers", least=1))))
    elif isinstance(layers, (str, Mapping)) or not isinstance(layers, Iterable):
        raise LatentTypeError(
            f"layers is {brief(layers)}; expected a name for each layer, or True to number them."
        )
    else:
        listed = check_ordered(layers, "layers are", "a name for each layer")
        names = tuple(map(str, listed)) if isinstance(layers, range) else tuple(listed)
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise LatentTypeError(
                f"a layer is called {brief(name)}; expected a text, or layers=True."
            )
        if names.count(name) > 1:
            raise LatentValueError(f"two layers are called {brief(name)}; give each its own name.")
    if len(names) != rows:
        raise LatentValueError(
            f"there are {len(names)} layers, but latents have shape {latent_shape}: {rows} rows. "
            "The first axis of a latent is its layers; give each row a name."
        )
    return names
