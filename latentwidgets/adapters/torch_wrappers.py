"""What torch modules are wrapped in: compiled, spread over devices, averaged while training."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.optim import swa_utils

__all__ = ["original", "unwrapped"]

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
