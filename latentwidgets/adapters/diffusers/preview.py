"""Drafts by a part that a person passes: an autoencoder of few layers, or a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from latentwidgets.adapters.modules import modules_of
from latentwidgets.adapters.torch_modes import evaluating, listed
from latentwidgets.adapters.torch_outputs import place_of
from latentwidgets.common.wording import raised
from latentwidgets.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Preview"]


class Preview:
    """Draws quick pictures of latents, where its modules are, in their precision and evaluated.

    Parameters
    ----------
    preview : callable
        From latents ``(n, channels, height, width)`` to pictures ``(n, channels, height, width)``
        in [-1, 1], tensors or NumPy arrays; or what has such a `decode`.
    """

    def __init__(self, preview: Callable[..., Any]) -> None:
        self._draw = getattr(preview, "decode", preview)
        self._modules = listed(modules_of(self._draw))

    def __call__(self, latents: Tensor) -> Tensor:
        """Draw pictures in [0, 1], float32 ``(n, channels, height, width)``.

        Raises
        ------
        DecodeError
            If it raises, or returns something else.
        """
        if len(self._modules):
            latents = latents.to(*place_of(self._modules))
        try:
            with evaluating(self._modules):
                returned = self._draw(latents)
        except Exception as error:
            raise DecodeError(
                f"preview raised {raised(error)}. It got latents {latents.dtype} "
                f"{tuple(latents.shape)}."
            ) from error
        if isinstance(returned, (tuple, list)) or hasattr(returned, "to_tuple"):
            returned = returned[0]  # as diffusers wraps pictures
        shape = tuple(getattr(returned, "shape", ()))
        if len(shape) != 4 or shape[0] != len(latents):
            what = f"shape {shape}" if shape else f"a {type(returned).__name__}"
            raise DecodeError(
                f"preview returned {what} for latents of shape {tuple(latents.shape)}; expected "
                "pictures (n, channels, height, width) in [-1, 1]."
            )
        return (torch.as_tensor(returned).float() / 2 + 0.5).clamp(0, 1)
