"""One module per kind of model that `as_space` takes, loaded when a model of that kind comes.

Each registers its classes on `latentwidgets.as_space`, and the arrays its models return on
`latentwidgets.kinds.reading.arrays.as_outputs`. A new library is one module here, called as the
library is where the classes of its models lie (`flax`, say, not `jax`), and its name in
`LIBRARIES`; `weights` says how what its models have learned is read, for recipes. Beyond this
folder only texts name the libraries: what `as_space` takes, and hints in errors, such as what to do
when memory runs out.
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

# The model libraries that have a module of their name here, which `latentwidgets.common.lookup`
# loads. A person's own subclass of torch.nn.Module counts as PyTorch's.
LIBRARIES = frozenset({"diffusers", "sklearn", "torch", "transformers"})


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{name.lower()}"), name)
