"""The blocks of a network whose residual stream runs through them, found by running it once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["check_blocks", "find_blocks", "stream_of", "with_stream"]


def stream_of(returned: Any) -> Any:
    """Take the residual stream out of what a block returns: it, or the first of a tuple.

    Examples
    --------
    >>> import torch
    >>> stream_of((torch.ones(1, 2, 3), None)).shape
    torch.Size([1, 2, 3])
    """
    return returned[0] if isinstance(returned, (tuple, list)) and returned else returned


def with_stream(returned: Any, stream: Tensor) -> Any:
    """Put another residual stream in its place in what a block returned.

    Examples
    --------
    >>> import torch
    >>> with_stream((torch.ones(1), "cache"), torch.zeros(1))
    (tensor([0.]), 'cache')
    """
    if isinstance(returned, (tuple, list)):
        return type(returned)((stream, *returned[1:]))
    return stream


def find_blocks(module: nn.Module, run: Callable[[], Any]) -> tuple[list[nn.Module], int]:
    """Find the blocks of a network, by no name: by what goes in and out when it runs.

    They are the members of the longest list of modules each of which takes and gives a tensor of
    one shape, ``(n, t, width)``. Of a list within such a member nothing is taken.

    Parameters
    ----------
    module : torch.nn.Module
        The network.
    run : callable
        Runs it once, with a batch of one.

    Returns
    -------
    list of torch.nn.Module
        The blocks, in order.
    int
        The width.

    Raises
    ------
    LatentValueError
        If there are none.

    Warns
    -----
    GuessWarning
        If two lists are equally long.

    Examples
    --------
    >>> import torch
    >>> blocks = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8))
    >>> network = nn.Sequential(nn.Embedding(5, 8), blocks, nn.Linear(8, 5))
    >>> found, width = find_blocks(network, lambda: network(torch.tensor([[0, 1, 2]])))
    >>> [*found] == [*blocks], width
    (True, 8)
    """
    lists = [
        list(found)
        for found in module.modules()
        if isinstance(found, (nn.ModuleList, nn.Sequential)) and len(found)
    ]
    widths = _widths({id(one): one for found in lists for one in found}.values(), run)
    fitting = []
    for found in lists:
        of_these = {widths.get(id(one)) for one in found}
        if len(of_these) == 1 and None not in of_these:
            fitting.append(found)
    within = {
        id(part) for found in fitting for one in found for part in one.modules() if part is not one
    }
    outer = [found for found in fitting if not any(id(one) in within for one in found)]
    if not outer:
        raise LatentValueError(
            f"{type(module).__name__} has no list of blocks that each take and give a tensor "
            "(n, t, width); expected an nn.ModuleList of them. Say which they are: "
            "lw.adapters.Residual(model, blocks=[...], tokenize=..., generate=...)."
        )
    best = max(outer, key=lambda found: (len(found), _size(found)))
    rivals = [found for found in outer if len(found) == len(best) and found is not best]
    if rivals and _size(rivals[0]):
        warn_guess(
            f"{type(module).__name__} has {len(rivals) + 1} lists of {len(best)} blocks; the "
            f"largest was taken, of {type(best[0]).__name__}. Say which is meant: "
            "lw.adapters.Residual(model, blocks=model...., tokenize=..., generate=...)."
        )
    width = widths[id(best[0])]
    assert width is not None
    return best, width


def check_blocks(blocks: Any, run: Callable[[], Any]) -> tuple[list[nn.Module], int]:
    """Take blocks that a person names.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are no modules, or one does not take and give a tensor ``(n, t, width)``.
    """
    found = list(blocks) if isinstance(blocks, (list, tuple, nn.ModuleList, nn.Sequential)) else []
    if not found or not all(isinstance(one, nn.Module) for one in found):
        raise LatentTypeError(
            f"blocks is a {type(blocks).__name__}; expected a list of torch modules, such as "
            "model.blocks."
        )
    widths = _widths(found, run)
    for i, one in enumerate(found):
        if widths.get(id(one)) is None:
            raise LatentValueError(
                f"block {i}, a {type(one).__name__}, did not take and give a tensor (n, t, width) "
                "when the network ran; expected each block to."
            )
    if len({*widths.values()}) > 1:
        raise LatentValueError(
            f"blocks have widths {sorted({*map(str, widths.values())})}; expected one. Leave "
            "some out."
        )
    width = widths[id(found[0])]
    assert width is not None
    return found, width


def _widths(modules: Iterable[nn.Module], run: Callable[[], Any]) -> dict[int, int | None]:
    """Run a network, and note the width of the stream through each module; None of no stream."""
    widths: dict[int, int | None] = {}

    def note(block: nn.Module, args: Any, kwargs: Any, returned: Any) -> None:
        given, made = [*args, *kwargs.values()], stream_of(returned)
        taken = next((one for one in given if _is_stream(one)), None)
        fits = taken is not None and _is_stream(made) and made.shape == taken.shape
        width = made.shape[2] if fits else None
        widths[id(block)] = width if widths.get(id(block), width) == width else None

    handles = [one.register_forward_hook(note, with_kwargs=True) for one in modules]
    try:
        run()
    finally:
        for handle in handles:
            handle.remove()
    return widths


def _is_stream(value: Any) -> bool:
    return isinstance(value, Tensor) and value.ndim == 3 and value.is_floating_point()


def _size(modules: Sequence[nn.Module]) -> int:
    return sum(one.numel() for one in itertools.chain(*(found.parameters() for found in modules)))
