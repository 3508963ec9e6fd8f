"""Decoders of torch as bytes, for another process: a notebook's code included, without a GPU."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from latentwidgets.common.wording import said
from latentwidgets.errors import LatentValueError
from latentwidgets.space.portable import PassingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["bytes_of", "numbers_used"]


def numbers_used(call: Callable[[], object], numbers: Iterable[Tensor]) -> list[Tensor]:
    """Find out which of some numbers a call computes with.

    Parameters
    ----------
    call : callable
        What computes.
    numbers : iterable of Tensor
        Parameters and buffers, say.

    Returns
    -------
    list of Tensor
        Those of the numbers whose memory was read or written; all of them where nobody can tell.

    Examples
    --------
    >>> pair = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 2)])
    >>> used = numbers_used(lambda: pair[0](torch.zeros(1, 2)), pair.parameters())
    >>> [tuple(one.shape) for one in used]
    [(3, 2), (3,)]
    """
    seen = _Seen()
    try:
        with seen:
            call()
    except Exception:  # whatever forbids to be watched: it runs as ever elsewhere
        return [*numbers]
    return [one for one in numbers if _memory(one) in seen.memories]


class _Seen(TorchFunctionMode):
    """Notes, in this thread alone, which memory is computed with.

    A `TorchDispatchMode` would see more, and import the compiler of PyTorch first, for ten seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.memories: set[int] = set()

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(function, "__name__", "") != "__get__":  # such as of a shape or a device
            tensors = (one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor))
            self.memories.update(map(_memory, tensors))
        return function(*args, **kwargs)


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def bytes_of(decoder: object, most_bytes: int, left_out: Iterable[Tensor] = ()) -> bytes:
    """Pickle a decoder; its tensors are on the processor there.

    Parameters
    ----------
    decoder : object
        The decoder, and what belongs to it.
    most_bytes : int
        How many bytes it may take.
    left_out : iterable of Tensor
        Numbers that are replaced by none.

    Raises
    ------
    LatentValueError
        If it takes more, or cannot be pickled. A `PassingError` where it may be at another time.

    Examples
    --------
    >>> len(bytes_of(nn.Linear(100, 100), 2**20)) > 40_000
    True
    """
    import cloudpickle

    nothing = {id(one) for one in left_out}

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, given: Any) -> Any:
            if not isinstance(given, Tensor):
                return super().reducer_override(given)
            if id(given) in nothing:
                return _none_like, (given.dtype, isinstance(given, nn.Parameter))
            if isinstance(given, nn.Parameter):
                return super().reducer_override(given)  # which comes back with what it holds
            if given.layout is torch.strided and not given.is_meta:
                # Before it is copied: what is too large may be larger than all memory.
                file.make_room(given.untyped_storage().nbytes())
            if given.device.type not in ("cpu", "meta"):
                copied: Any = given.detach().cpu()
                return copied.__reduce_ex__(PROTOCOL)
            return super().reducer_override(given)

    file = _Bounded(most_bytes)
    try:
        Pickler(file, PROTOCOL).dump(decoder)
    except LatentValueError:
        raise
    except Exception as error:
        # What changes while it is copied, or finds no memory, may be copied at another time.
        kind = PassingError if isinstance(error, (MemoryError, RuntimeError)) else LatentValueError
        raise kind(f"it cannot be copied to the process that exports it: {said(error)}") from error
    return file.getvalue()


# Of the pickles that other processes read.
PROTOCOL = 5


def _none_like(dtype: torch.dtype, is_parameter: bool) -> Tensor:
    """Stand in for numbers that are not used."""
    none = torch.empty(0, dtype=dtype)
    return nn.Parameter(none, requires_grad=False) if is_parameter else none


class _Bounded(io.BytesIO):
    """Bytes in memory, of which there are never too many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def make_room(self, count: int) -> None:
        """Refuse more bytes than there may be."""
        if self.tell() + count > self._most:
            raise LatentValueError(
                f"with all that its code refers to it takes more than {self._most / 2**20:.0f} MB; "
                "set page_memory for more."
            )

    def write(self, data: Any) -> int:
        """Write, if there is room."""
        self.make_room(memoryview(data).nbytes)
        return super().write(data)
