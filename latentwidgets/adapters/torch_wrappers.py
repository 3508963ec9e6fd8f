"""What torch modules are wrapped in, such as compiled ones; and their decoder and encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn
from torch.optim import swa_utils

from latentwidgets.common.attributes import attribute, raised_by
from latentwidgets.errors import LatentTypeError
from latentwidgets.kinds.reading.ranges import warn_guess

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["decoder_of", "encoder_of", "original", "unwrapped"]

# What holds a module, and is called as it is.
WRAPPERS = (nn.DataParallel, nn.parallel.DistributedDataParallel, swa_utils.AveragedModel)


def original(part: Any) -> Any:
    """Give what was compiled or wrapped, of a module; anything else as it is.

    Examples
    --------
    >>> import torch
    >>> layer = nn.Linear(2, 2)
    >>> original(torch.compile(nn.DataParallel(layer))) is layer, original(print) is print
    (True, True)
    """
    while isinstance(part, nn.Module):
        inner = part.module if isinstance(part, WRAPPERS) else getattr(part, "_orig_mod", None)
        if inner is None:
            break
        part = inner
    return part


def unwrapped(module: nn.Module) -> nn.Module:
    """Take a module out of what spreads or averages it; what is compiled within stays so.

    Examples
    --------
    >>> layer = nn.Linear(2, 2)
    >>> unwrapped(nn.DataParallel(layer)) is layer
    True
    """
    while True:
        compiled = getattr(module, "_orig_mod", None)
        if isinstance(compiled, WRAPPERS):  # its parts are not seen through both
            module = compiled
        if not isinstance(module, WRAPPERS):
            return module
        module = module.module


def decoder_of(module: nn.Module) -> Callable[..., Any] | None:
    """Give what decodes in a module by its name; None where it has nothing of that name.

    Raises
    ------
    LatentTypeError
        If it has, but raises when it is asked for it.
    """
    found, cannot = _first_callable(module, "decode", "decoder")
    if cannot:
        raise LatentTypeError(
            f"{type(module).__name__} has a decoder that cannot be had.{cannot} Mend that, or "
            "pass decode=..., a function from a tensor of latents to pictures."
        )
    return found


def encoder_of(module: nn.Module) -> Callable[..., Any] | None:
    """Give what encodes in a module by its name; None where nothing does.

    Warns
    -----
    GuessWarning
        If it raises when it is asked for it.
    """
    found, cannot = _first_callable(module, "encode", "encoder")
    if cannot:
        warn_guess(
            f"{type(module).__name__} is taken without its encoder.{cannot} Mend that, or "
            "pass encode=..., a function from a tensor of pictures to latents."
        )
    return found


def _first_callable(module: nn.Module, *names: str) -> tuple[Callable[..., Any] | None, str]:
    """Give the first attribute that can be called, or what asking for one of them raises."""
    found = next(
        (part for part in (attribute(module, one) for one in names) if callable(part)), None
    )
    return found, "" if found is not None else raised_by(module, *names)
