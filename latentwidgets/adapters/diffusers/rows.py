"""What a denoiser takes beside x and the time, a row for each picture of a batch.

A pipeline that makes one picture passes tensors whose first axis is 1, and others, such as the
positions of pixels, that all pictures share. The first are repeated, the second left as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["distance", "half", "is_row", "leaves", "picked", "replaced"]


def is_row(value: Any) -> bool:
    """Say whether something is a tensor of one row."""
    return isinstance(value, Tensor) and value.ndim > 0 and value.shape[0] == 1


def picked(bank: Sequence[Any], places: Tensor) -> Any:
    """Give each picture its row.

    Parameters
    ----------
    bank : sequence of object
        Of some kinds of picture what one of it takes: tensors, dicts and lists of them.
    places : Tensor
        int64 ``(n,)``: of which kind each picture is.

    Returns
    -------
    object
        Like one of `bank`, with n rows in the place of one.
    """

    def pick(*values: Any) -> Any:
        from torch import cat

        if all(map(is_row, values)):
            if len(values) == 1:
                return values[0].expand(len(places), *values[0].shape[1:])
            return cat(values)[places]
        return values[0]

    return mapped(pick, *bank)


def half(doubled: Any, single: Any, place: int) -> Any:
    """Take one half of what is passed for a batch of two, where a batch of one has one row."""
    return mapped(
        lambda two, one: two[place : place + 1] if is_row(one) and len(two) == 2 else two,
        doubled,
        single,
    )


def leaves(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Tensor]]:
    """List the tensors of one row that lie in dicts, with the names that lead to each."""
    if isinstance(tree, dict):
        for name, one in tree.items():
            yield from leaves(one, (*path, str(name)))
    elif is_row(tree):
        yield path, tree


def replaced(tree: dict[str, Any], path: tuple[str, ...], tensor: Tensor) -> dict[str, Any]:
    """Give dicts with another tensor where some names lead to."""
    name, *rest = path
    return {**tree, name: replaced(tree[name], tuple(rest), tensor) if rest else tensor}


def distance(one: Any, other: Any) -> float:
    """Add up how far all numbers of two are apart."""
    total = 0.0

    def add(mine: Any, theirs: Any) -> Any:
        nonlocal total
        if isinstance(mine, Tensor) and isinstance(theirs, Tensor):
            if mine.shape != theirs.shape:
                total = float("inf")
            else:
                total += float((mine.double() - theirs.double()).abs().sum())
        return None

    mapped(add, one, other)
    return total


def mapped(function: Callable[..., Any], *trees: Any) -> Any:
    """Call a function with the leaves of dicts, lists and tuples of the same form."""
    first = trees[0]
    if isinstance(first, dict):
        return {name: mapped(function, *(tree[name] for tree in trees)) for name in first}
    if isinstance(first, (list, tuple)) and all(type(tree) is type(first) for tree in trees):
        return type(first)(mapped(function, *leaves) for leaves in zip(*trees, strict=True))
    return function(*trees)
