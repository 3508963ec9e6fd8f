"""One module per kind of model that `as_space` takes, loaded when a model of that kind comes.

Each registers its classes on `latentwidgets.as_space`, and the arrays its models return on
`latentwidgets.kinds.reading.arrays.as_outputs`; the table in `latentwidgets.common.lookup` says
which library a module is for: a new one is added there. Nothing else knows a model library.
`Retrieval` is a model of our own, for data that have no decoder; `Sampler` one for diffusion and
flow networks that have no library, and `Residual` one for networks that write.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latentwidgets.adapters.residual import Residual
    from latentwidgets.adapters.retrieval import Retrieval
    from latentwidgets.adapters.sampler import Sampler

__all__ = ["Residual", "Retrieval", "Sampler"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{name.lower()}"), name)
