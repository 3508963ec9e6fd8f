"""NumPy functions, and objects with ``decode`` and perhaps ``encode``, as latent spaces."""

from __future__ import annotations

from os import PathLike
from typing import Any

from latentwidgets.common.attributes import attribute, raised_by
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.options import NAMES, check_options, declared_shapes

__all__ = ["callable_space"]

# This package, whose own objects are no models where they register none.
OWN = __name__.partition(".")[0]


def callable_space(obj: Any, **options: Any) -> LatentSpace:
    """Make a space from a function, or from an object with ``decode``.

    Parameters
    ----------
    obj : object
        A function from float32 latents, ``(n, *latent_shape)``, to n pictures; or an object whose
        ``decode`` is one, and whose ``encode``, if it has one, goes back.
    **options
        What `LatentSpace` takes. `latent_shape` is needed unless the object says it under a usual
        name, such as ``latent_dim``.

    Returns
    -------
    LatentSpace
        The function's space.

    Raises
    ------
    LatentTypeError
        If it is neither, or an option is unknown.
    LatentValueError
        If `latent_shape` is needed.

    Examples
    --------
    >>> import numpy as np
    >>> def decode(latents):
    ...     return np.tanh(latents)[:, :, np.newaxis] * np.ones(8)
    >>> callable_space(decode, latent_shape=6)
    LatentSpace(decode, latent_shape=(6,), can_encode=False)
    """
    if isinstance(obj, (str, bytes, PathLike)):  # no option is wrong as long as there is no model
        raise LatentTypeError(
            f"as_space got {brief(obj)}; expected a model. Load it first, such as with torch.load, "
            "or with AutoModelForCausalLM.from_pretrained of transformers."
        )
    check_options(options)
    decode = attribute(obj, "decode", obj)
    encode = attribute(obj, "encode")
    name = attribute(obj, "__name__", type(obj).__name__)
    if isinstance(obj, type):
        raise LatentTypeError(f"as_space got the class {name}; pass a model: {name}(...).")
    # A path of this package can be called too, but not with latents.
    broken = raised_by(obj, "decode")
    if not callable(decode) and hasattr(type(obj), "__array__"):
        raise LatentTypeError(
            f"as_space got a {name}; expected a model, from which latents come after. Embeddings "
            "that nothing decodes: lw.explore(embeddings, labels), lw.LatentMap(None, embeddings, "
            "labels), or as a model lw.adapters.Retrieval(embeddings, items)."
        )
    if not callable(decode) or type(obj).__module__.startswith(f"{OWN}."):
        raise LatentTypeError(
            f"as_space got a {name}; expected a torch module, a scikit-learn transformer with "
            "inverse_transform, a NumPy function from latents to pictures, or a LatentSpace. For "
            f"a class of your own, decorate a function with @as_space.register({name})."
            f"{broken or raised_by(obj, 'space')}"
        )
    if broken:  # it could be called as well, which is not what it means
        raise LatentTypeError(f"as_space got a {name} whose decoder cannot be had.{broken}")
    if "encode" not in options and (cannot := raised_by(obj, "encode")):
        warn_guess(f"{name} is taken without its encoder.{cannot} Pass encode=..., or None.")
    shape = options.pop("latent_shape", None)
    if shape is None:
        shape = next(iter(declared_shapes(obj)), None)
    if shape is None:
        raise LatentValueError(
            f"{name} does not say what latents it takes. Pass latent_shape, for instance "
            f"latent_shape=(64,).{raised_by(obj, *NAMES)}"
        )
    return LatentSpace(decode, shape, **{"encode": encode, "name": name, **options})
