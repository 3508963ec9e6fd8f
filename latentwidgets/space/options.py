"""What models say of their latents, and which options adapters hand on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from latentwidgets.common.keywords import refuse_unknown
from latentwidgets.errors import LatentTypeError
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from typing import Any


# What people call the shape, or the size, of a latent in a model.
NAMES = (
    *("latent_shape", "latent_dim", "latent_dims", "latent_size", "n_latent", "n_latents"),
    *("z_dim", "z_dims", "z_size", "dim_z", "zdim", "nz", "n_z", "dim_latent", "latent_features"),
    *("code_dim", "code_size", "bottleneck_dim", "bottleneck_size"),
)


def check_options(options: dict[str, Any]) -> None:
    """Refuse what `LatentSpace` does not take, and a decoder beside the model's own.

    Adapters call it before they look for a shape: one that is missing may be misspelt.

    Parameters
    ----------
    options : dict
        The options of `as_space` that the adapter does not take itself.

    Raises
    ------
    LatentTypeError
        If there is such an option.
    """
    refuse_unknown(options, LatentSpace)
    if "decode" in options:
        raise LatentTypeError(
            "as_space got decode=... beside a model that decodes; expected one decoder. Leave "
            "decode out, or pass it alone: as_space(function, latent_shape=...)."
        )


def declared_shapes(*objects: object) -> list[tuple[int, ...]]:
    """Read the latent shapes that objects declare under the names people use.

    Parameters
    ----------
    *objects : object
        A model, its parts and its settings, which may be mappings.

    Returns
    -------
    list of tuple of int
        What they say, in order. It may be wrong.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> declared_shapes(SimpleNamespace(latent_dim=10))
    [(10,)]
    """
    shapes = []
    for obj in objects:
        for name in NAMES:
            value = obj.get(name) if isinstance(obj, Mapping) else getattr(obj, name, None)
            sizes = tuple(value) if isinstance(value, (tuple, list)) else (value,)
            if sizes and all(type(size) is int and size > 0 for size in sizes):
                shapes.append(sizes)
    return shapes
