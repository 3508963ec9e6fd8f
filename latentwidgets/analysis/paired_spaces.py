"""The same items as two spaces see them: decoded side by side, and the paths between them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.path_smoothness import smoothness
from latentwidgets.common.progress import progress
from latentwidgets.kinds.shared.figure import grid_figure
from latentwidgets.kinds.shared.table import framer_for, kind_named
from latentwidgets.routes.path import Path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.analysis.path_smoothness import Smoothness

__all__ = ["BothDecodes", "PairedPath", "decoded_in_both", "paired_paths"]

# Beside an item so many of its neighbours are decoded.
MOST_NEIGHBOURS = 5
# At so many places the speed along a path is measured, and of so many paths of the prior.
PLACES, CONTROLS = 32, 4


@dataclass(frozen=True)
class PairedPath:
    """The path from one item to another, as two spaces have it.

    Attributes
    ----------
    items : tuple of int
        From which item to which.
    found : tuple of Smoothness
        What was measured along it in each space, beside such paths between samples of its prior.
    """

    items: tuple[int, int]
    found: tuple[Smoothness, Smoothness]


@dataclass(frozen=True, eq=False)
class BothDecodes:
    """An item and its nearest neighbours, as each of two spaces decodes them.

    Attributes
    ----------
    item : int
        Which item.
    names : tuple of str
        What the spaces are called.
    neighbours : tuple of ndarray
        In each, the neighbours that are shown by number, int64 ``(m,)``.
    pictures : tuple of bytes
        For each a PNG: the item, then its neighbours.
    """

    item: int
    names: tuple[str, str]
    neighbours: tuple[NDArray[np.int64], NDArray[np.int64]]
    pictures: tuple[bytes, bytes]

    def _repr_html_(self) -> str:
        return "".join(
            f"<div><div>{escape(name)}</div>"
            f'<img alt="item {self.item} and its neighbours in {escape(name)}" '
            f'style="background: white; max-width: 100%" '
            f'src="data:image/png;base64,{b64encode(picture).decode()}"></div>'
            for name, picture in zip(self.names, self.pictures, strict=True)
        )


def decoded_in_both(
    spaces: tuple[Any, Any],
    latents: tuple[Any, Any],
    names: tuple[str, str],
    item: int,
    neighbours: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> BothDecodes:
    """Decode an item and its neighbours in both spaces.

    Parameters
    ----------
    spaces : tuple of LatentSpace
        Both.
    latents : tuple of ndarray
        Of all items in each.
    names : tuple of str
        What they are called.
    item : int
        Which item.
    neighbours : tuple of ndarray
        Its neighbours in each, the nearest first.

    Returns
    -------
    BothDecodes
        The pictures.

    Raises
    ------
    DecodeError
        If a decoder raises.
    """
    few = tuple(one[:MOST_NEIGHBOURS] for one in neighbours)
    pictures = []
    for space, own, near in zip(spaces, latents, few, strict=True):
        outputs = space.decode(own[[item, *near.tolist()]])
        framer = framer_for(
            space.kind, sample_rate=space.sample_rate, value_range=space.value_range
        )
        heads = [f"item {item}", *map(str, near.tolist())]
        drawn = BytesIO()
        grid_figure(framer, outputs, len(heads), column_names=heads).savefig(drawn, dpi=100)
        pictures.append(drawn.getvalue())
    return BothDecodes(item, names, (few[0], few[1]), (pictures[0], pictures[1]))


def paired_paths(
    spaces: tuple[Any, Any], latents: tuple[Any, Any], count: int, seed: int
) -> tuple[PairedPath, ...]:
    """Measure paths between random items in both spaces.

    Parameters
    ----------
    spaces : tuple of LatentSpace
        Both.
    latents : tuple of ndarray
        Of all items in each.
    count : int
        How many pairs of items.
    seed : int
        For which.

    Returns
    -------
    tuple of PairedPath
        Of straight lines. None where outputs are no numbers.

    Raises
    ------
    DecodeError
        If a decoder raises.
    """
    if not all(kind_named(one.kind).has_derivative for one in spaces):
        return ()
    rng, found = np.random.default_rng(seed), []
    for _ in progress(range(count), "paths"):
        pair = np.sort(rng.choice(len(latents[0]), 2, replace=False))
        measured = [
            smoothness(space, Path(own[pair], "lerp"), n=PLACES, controls=CONTROLS, seed=seed)
            for space, own in zip(spaces, latents, strict=True)
        ]
        found.append(PairedPath((int(pair[0]), int(pair[1])), (measured[0], measured[1])))
    return tuple(found)
