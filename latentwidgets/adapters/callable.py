"""NumPy functions, and objects with ``decode`` and perhaps ``encode``, as latent spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.adapters import declared_shapes
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from latentwidgets.space import LatentSpace

__all__ = ["callable_space"]


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
    from latentwidgets.models import as_space, check_options
    from latentwidgets.space import LatentSpace

    check_options(options)
    owner = getattr(obj, "__self__", None)
    if hasattr(owner, "parameters"):  # a method of a torch module, which takes tensors
        return as_space(owner, **{"decode": obj, **options})
    decode = getattr(obj, "decode", obj)
    encode = getattr(obj, "encode", None)
    name = getattr(obj, "__name__", type(obj).__name__)
    if isinstance(obj, type):
        raise LatentTypeError(f"as_space got the class {name}; pass a model: {name}(...).")
    if isinstance(obj, (str, bytes)) or not callable(decode):
        raise LatentTypeError(
            f"as_space got a {name}; expected a torch module, a scikit-learn transformer with "
            "inverse_transform, a NumPy function from latents to pictures, or a LatentSpace. For "
            f"a class of your own, decorate a function with @as_space.register({name})."
        )
    shape = options.pop("latent_shape", None)
    if shape is None:
        shape = next(iter(declared_shapes(obj)), None)
    if shape is None:
        raise LatentValueError(
            f"{name} does not say what latents it takes. Pass latent_shape, for instance "
            "latent_shape=(64,)."
        )
    return LatentSpace(decode, shape, **{"encode": encode, "name": name, **options})
