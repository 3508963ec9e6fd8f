"""What models say of their latents, and which options adapters hand on."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING

from latentwidgets.common.attributes import attribute
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentTypeError
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


# What people call the shape, or the size, of a latent in a model.
NAMES = (
    *("latent_shape", "latent_dim", "latent_dims", "latent_size", "n_latent", "n_latents"),
    *("z_dim", "z_dims", "z_size", "dim_z", "zdim", "nz", "n_z", "dim_latent", "latent_features"),
    *("code_dim", "code_size", "bottleneck_dim", "bottleneck_size"),
)


def check_options(
    options: dict[str, Any],
    own: Callable[..., object] | None = None,
    ways: Mapping[str, str] | None = None,
) -> None:
    """Refuse what `LatentSpace` does not take, and a decoder beside the model's own.

    Adapters call it before they look for a shape: one that is missing may be misspelt.

    Parameters
    ----------
    options : dict
        The options of `as_space` that the adapter does not take itself.
    own : callable, optional
        What takes options of its own by name, which are named first.
    ways : mapping of str to str, optional
        What is said of options that people pass, and that go elsewhere.

    Raises
    ------
    LatentTypeError
        If there is such an option.
    """
    theirs = [*inspect.signature(LatentSpace).parameters]
    parameters = {} if own is None else inspect.signature(own).parameters
    mine = [name for name, one in parameters.items() if one.kind is inspect.Parameter.KEYWORD_ONLY]
    for option in options:
        if option not in theirs:
            known = [*mine, *(name for name in theirs if name not in mine)]
            way = (ways or {}).get(option) or hint(option, known, most=max(len(mine), 8))
            raise LatentTypeError(f"as_space has no option {brief(option)}. {way}")
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
            value = obj.get(name) if isinstance(obj, Mapping) else attribute(obj, name)
            sizes = tuple(value) if isinstance(value, (tuple, list)) else (value,)
            if sizes and all(type(size) is int and size > 0 for size in sizes):
                shapes.append(sizes)
    return shapes
