"""The weights of models: all that was learned, by name, whatever library holds it."""

from __future__ import annotations

import functools
import hashlib
import sys
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters import LIBRARIES
from latentwidgets.adapters.modules import modules_of, named_by
from latentwidgets.space.locks import ModelCaller, models_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["libraries_of", "weights_bytes", "weights_digest"]


def weights_digest(decode: Any) -> str | None:
    """Name the weights that a decoder runs: the same for the same numbers, on any machine.

    Parameters
    ----------
    decode : callable
        A decoder: a function that names torch modules, fitted estimators of scikit-learn or NumPy
        arrays; a method of an object that holds such, whose arrays count even if they are a cache;
        or what an adapter made of such.

    Returns
    -------
    str or None
        32 hexadecimal digits; None where no weights are found, as those of a remote model, or where
        one of them cannot be read, as of those that a pipeline keeps on the disk, or a sparse one.

    Examples
    --------
    >>> weights = np.eye(2)
    >>> a, b = (weights_digest(lambda z, of=w: z @ weights) for w in (1, 2))
    >>> a == b, weights_digest(np.tanh)
    (True, None)
    """
    digest, weights = hashlib.blake2b(digest_size=16), _readable(decode)
    try:
        for name, held in weights:
            array = held if isinstance(held, np.ndarray) else _of_tensor(held)
            digest.update(f"{name} {array.dtype} {array.shape};".encode())
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    except (NotImplementedError, RuntimeError):  # of a library's own kind of tensor
        return None
    return digest.hexdigest() if weights else None


def weights_bytes(decode: Any) -> int:
    """Say how many bytes `weights_digest` reads, without reading them; 0 where it begins with none.

    Examples
    --------
    >>> weights = np.eye(2)
    >>> weights_bytes(lambda z: z @ weights)
    32
    """
    return sum(held.nbytes for _, held in _readable(decode))


def libraries_of(decode: Any) -> tuple[str, ...]:
    """Name the model libraries whose objects a decoder runs."""
    models = [*models_of(decode), *modules_of(*models_of(decode))]
    roots = {base.__module__.partition(".")[0] for one in models for base in type(one).__mro__}
    return tuple(sorted(LIBRARIES & roots))


def _readable(decode: Any) -> list[tuple[str, Any]]:
    """List all weights by name; none where one of them cannot be read."""
    weights = list(_weights(decode))
    return weights if all(_is_dense(held) for _, held in weights) else []


def _is_dense(held: Any) -> bool:
    """Tell whether all its numbers lie in memory; what is on the disk is here as on "meta"."""
    if isinstance(held, np.ndarray):
        return True
    import torch

    return bool(held.layout == torch.strided and not (held.is_meta or held.is_nested))


def _weights(decode: Any) -> Iterator[tuple[str, Any]]:
    """Give arrays of NumPy, and tensors of torch, by name."""
    models = models_of(decode)
    if not isinstance(getattr(decode, "__self__", None), ModelCaller):
        models = (decode, *models)  # with what a method's object holds, and a partial's arguments
    for number, module in enumerate(modules_of(*models)):
        for tensors in (module.named_parameters(), module.named_buffers()):
            for name, tensor in tensors:
                yield f"{number}.{name}", tensor
    for number, one in enumerate(_named(models)):
        if isinstance(one, np.ndarray) and one.dtype != object:
            yield f"named {number}", one
        yield from _fitted(f"named {number}", one)


def _named(models: Iterable[Any]) -> Iterator[Any]:
    """Give models, and what functions among them name, themselves or through other functions.

    What objects hold whose methods they do not name is left out: it may be a cache, which changes.
    """
    waiting, seen = list(models), set()
    while waiting:
        one = waiting.pop(0)
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            if isinstance(one, (FunctionType, MethodType, functools.partial)):
                waiting += named_by(one)


def _of_tensor(tensor: Any) -> NDArray[Any]:
    """Give the bytes of a tensor of torch: NumPy does not know all of its dtypes."""
    import torch

    plain = tensor.detach().to("cpu").contiguous().reshape(-1)
    found: NDArray[Any] = plain.view(torch.uint8).numpy()
    return found


def _fitted(name: str, model: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """Give what an estimator of scikit-learn has learned: its arrays, and those of its parts."""
    # Another thread may be about to import it: then there is no estimator yet.
    estimator = getattr(sys.modules.get("sklearn.base"), "BaseEstimator", None)
    if estimator is None or not isinstance(model, estimator):
        return
    for key, value in sorted(vars(model).items()):
        if isinstance(value, np.ndarray) and value.dtype != object and key.endswith("_"):
            yield f"{name}.{key}", value
        for i, part in enumerate(value if isinstance(value, (list, tuple)) else (value,)):
            one = part[-1] if isinstance(part, tuple) and part else part  # a step, with its name
            yield from _fitted(f"{name}.{key}.{i}", one)
            if isinstance(one, np.ndarray) and one.dtype != object and one is not value:
                yield f"{name}.{key}.{i}", one
