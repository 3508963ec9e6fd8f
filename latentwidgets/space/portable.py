"""What a decoder is where it runs outside of Python: in the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from latentwidgets.common.wanted import never
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import kind_named
from latentwidgets.space.conditions import NONE
from latentwidgets.space.locks import ModelCaller

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from latentwidgets.space.conditions import Conditions
    from latentwidgets.space.latent_space import LatentSpace

__all__ = [
    "CHANGES_ITSELF",
    "Carried",
    "Linear",
    "Network",
    "PassingError",
    "Wish",
    "carried",
    "state_of",
    "too_large",
]

CHANGES_ITSELF = (
    "its forward changes its own buffers or hooks, so that nobody can tell when it has changed; "
    "refresh() tries again."
)
# A decoder is tried with so many latents of the prior, and with as many of the data.
TRIED = 3


class PassingError(LatentValueError):
    """Says why a decoder stays where it is for now: at another time it may go."""


@dataclass(frozen=True, eq=False)
class Wish:
    """What is to be taken elsewhere of a decoder, and under which terms.

    Attributes
    ----------
    samples : ndarray of float32, shape (n, *latent_shape)
        Latents as the space has them, of its prior and of its data: what the decoder is tried with.
    most_bytes : int
        How large it may be.
    conditions : Conditions
        What it takes beside latents.
    unwanted : callable
        Says whether nobody wants it any more.
    insists : bool
        Whether a person asks for it, rather than that it would be of use.
    no_network : str
        Why no network runs where it is to be taken; empty where some do.
    """

    samples: NDArray[np.float32]
    most_bytes: int
    conditions: Conditions = NONE
    unwanted: Callable[[], bool] = never
    insists: bool = False
    no_network: str = ""


@dataclass(frozen=True, eq=False)
class Linear:
    """A decoder that is one matrix: ``latents @ weights + offset``.

    Attributes
    ----------
    weights : ndarray of float32, shape (latent size, output size)
        What one of each number of a latent adds.
    offset : ndarray of float32, shape (output size,)
        The output at zero.
    """

    weights: NDArray[np.float32]
    offset: NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        """How many bytes it takes."""
        return self.weights.nbytes + self.offset.nbytes


@dataclass(frozen=True, eq=False)
class Network:
    """A decoder as a graph of ONNX, from ``(n, *latent_shape)`` to ``(n, *output_shape)``.

    Where it takes conditions, it has a second input, ``(n, k)`` of float32: the number of each.

    Attributes
    ----------
    data : bytes
        The graph, as a file of ONNX holds it; latents and outputs are float32.
    """

    data: bytes

    @property
    def nbytes(self) -> int:
        """How many bytes it takes."""
        return len(self.data)


Carried: TypeAlias = Linear | Network


def carried(
    space: LatentSpace,
    most_bytes: int,
    unwanted: Callable[[], bool] = never,
    *,
    insists: bool = False,
    no_network: str = "",
) -> Carried:
    """Give the decoder of a space for where there is no Python.

    This may take seconds, in which the model is free but for moments.

    Parameters
    ----------
    space : LatentSpace
        What decodes. Its decoder is a method of a `ModelCaller` that has a method
        ``portable(wish)``, which takes a `Wish` and gives it or raises.
    most_bytes : int
        How large it may be.
    unwanted : callable
        Says whether nobody wants it any more; asked every now and then.
    insists, no_network
        As in `Wish`.

    Raises
    ------
    LatentValueError
        If it has to stay with the kernel; the message is the reason, as a sentence. A
        `PassingError` where it may go at another time.
    UnwantedError
        If nobody wants it any more.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.decomposition import PCA
    >>> from latentwidgets import as_space
    >>> data = np.random.default_rng(0).uniform(size=(50, 64))
    >>> space = as_space(PCA(3).fit(data), value_range=(0, 1))
    >>> carried(space, 2**20).weights.shape
    (3, 64)
    """
    if not kind_named(space.kind).has_pixels:
        raise LatentValueError(f"what it decodes is of kind {space.kind}, and not pictures.")
    if space.gives_drafts:
        raise LatentValueError("it gives drafts step by step, which a page cannot.")
    caller: Any = getattr(space.decoder, "__self__", None)
    if not isinstance(caller, ModelCaller):
        raise LatentValueError(f"it is code in Python. {CAN}")
    if not hasattr(caller, "portable"):
        names = " and ".join(dict.fromkeys(type(one).__name__ for one in caller.models))
        raise LatentValueError(f"the code in Python that calls {names or 'it'} stays. {CAN}")
    samples = space.sample(TRIED)
    if space.data is not None:
        rows = np.linspace(0, len(space.data) - 1, TRIED).astype(int)
        samples = np.concatenate([samples, space.data[rows]])
    wish = Wish(samples, most_bytes, space.conditions, unwanted, insists, no_network)
    found: Carried = caller.portable(wish)
    return found


def state_of(space: LatentSpace) -> object:
    """Give what differs once the model of a space has changed, as far as it can be told at once.

    Its decoder is a method of a `ModelCaller` that has a method ``state()``, which gives it; what
    others give never differs.

    Examples
    --------
    >>> from latentwidgets import demo
    >>> space = demo.digits().space
    >>> state_of(space) == state_of(space)
    True
    """
    caller: Any = getattr(space.decoder, "__self__", None)
    return caller.state() if isinstance(caller, ModelCaller) and hasattr(caller, "state") else None


# Said where a decoder must stay in the kernel: which others can run in the page.
CAN = "Plain torch modules can run in the page, and PCA, NMF and FastICA of scikit-learn."


def too_large(found: int, most: int) -> str:
    """Say that a decoder has too many bytes.

    Examples
    --------
    >>> too_large(300 * 2**20, 64 * 2**20)
    'it takes 300 MB, and the page is sent at most 64 MB; set page_memory for more.'
    """
    return (
        f"it takes {found / 2**20:.0f} MB, and the page is sent at most {most / 2**20:.0f} MB; set "
        "page_memory for more."
    )
