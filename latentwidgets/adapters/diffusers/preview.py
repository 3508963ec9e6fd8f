"""Drafts by a part that a person passes: an autoencoder of few layers, or a function."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from latentwidgets.adapters.modules import modules_of
from latentwidgets.adapters.torch_modes import evaluating, listed, owner_of
from latentwidgets.common.memory import is_out_of_memory
from latentwidgets.common.wording import raised
from latentwidgets.errors import DecodeError, LatentWidgetsError
from latentwidgets.kinds.reading.containers import is_array
from latentwidgets.kinds.reading.image_format import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Preview"]


class Preview:
    """Draws quick pictures of latents, with its modules in evaluation mode.

    A module, a method of one, or a `partial` of either gets latents where its weights are and in
    their precision. A function gets float32 where the pipeline has them: which of the modules that
    it names sees them first, nobody knows.

    Parameters
    ----------
    preview : callable
        From latents ``(n, channels, height, width)`` to pictures ``(n, channels, height, width)``
        in [-1, 1], tensors or NumPy arrays; or what has such a `decode`.
    """

    def __init__(self, preview: Callable[..., Any]) -> None:
        self._draw = getattr(preview, "decode", preview)
        method = self._draw
        while isinstance(method, functools.partial):
            method = method.func
        self._owner = owner_of(method)
        self._modules = listed(modules_of(self._owner, self._draw))

    def __call__(self, latents: Tensor) -> Tensor:
        """Draw pictures in [0, 1], float32 ``(n, channels, height, width)``.

        Raises
        ------
        DecodeError
            If it raises, or returns something else.
        """
        latents = latents.float()
        try:
            latents = self._placed(latents)
            with evaluating(self._modules):
                return _pictures_in(self._draw(latents), latents)
        except LatentWidgetsError:
            raise
        except Exception as error:
            got = f". It got latents {latents.dtype} {tuple(latents.shape)}."
            if is_out_of_memory(error):  # which says nothing of what it takes
                got = ""
            raise DecodeError(f"preview raised {raised(error)}{got}") from error

    def _placed(self, latents: Tensor) -> Tensor:
        """Put latents where the weights of a module are, in their precision."""
        if self._owner is None:
            return latents
        numbers = itertools.chain(self._owner.parameters(), self._owner.buffers())
        weights = next(filter(torch.is_floating_point, numbers), latents)
        # What is offloaded has its weights on "meta" until it runs, and fetches them itself.
        return latents.to(latents.device if weights.is_meta else weights.device, weights.dtype)


def _pictures_in(returned: Any, latents: Tensor) -> Tensor:
    """Read what a preview returned, to [0, 1].

    Raises
    ------
    DecodeError
        If it is something else than pictures in [-1, 1].
    """
    found, where = returned, ""
    if isinstance(returned, (tuple, list)) or hasattr(returned, "to_tuple"):
        held = returned.to_tuple() if hasattr(returned, "to_tuple") else returned
        where = f"a {type(returned).__name__} of {len(held)}"
        if not held:
            raise _not_pictures(where, latents)
        found, where = held[0], f"{where}, the first "  # as diffusers wraps pictures
    if not is_array(found):
        raise _not_pictures(f"{where}a {type(found).__name__}", latents)
    array = found if isinstance(found, Tensor) else np.asarray(found)
    shape = tuple(array.shape)
    if isinstance(array, np.ndarray):
        if array.dtype.kind != "f":
            raise _not_pictures(f"{where}an array of {array.dtype}", latents, str(array.dtype))
        # In the order of its axes: torch knows no strides that go backwards.
        array = torch.from_numpy(np.array(array, np.float32, order="C"))
    if not array.is_floating_point():
        dtype = str(array.dtype).removeprefix("torch.")
        raise _not_pictures(f"{where}a tensor of {dtype}", latents, dtype)
    if array.is_meta:
        raise _not_pictures(f"{where}a tensor on meta, which holds no numbers", latents)
    if len(shape) != 4 or shape[0] != len(latents) or shape[1] not in CHANNELS:
        raise _not_pictures(f"{where}{'of ' if where else ''}shape {shape}", latents)
    if not bool(array.isfinite().all()):
        raise DecodeError("preview returned NaN or infinity; expected pictures in [-1, 1].")
    return (array.float() / 2 + 0.5).clamp(0, 1)


def _not_pictures(what: str, latents: Tensor, dtype: str = "") -> DecodeError:
    way = " Of bytes: pictures / 127.5 - 1." if dtype == "uint8" else ""
    return DecodeError(
        f"preview returned {what} for latents of shape {tuple(latents.shape)}; expected pictures "
        f"of floating-point numbers in [-1, 1], (n, channels, height, width), with 1, 3 or 4 "
        f"channels.{way}"
    )
