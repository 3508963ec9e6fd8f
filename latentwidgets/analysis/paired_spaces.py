"""The same items as two spaces see them: decoded side by side, and the paths between them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.path_smoothness import smoothness
from latentwidgets.analysis.results import PrintedResult, Result
from latentwidgets.analysis.tables import plain_data
from latentwidgets.common.progress import progress
from latentwidgets.kinds.shared.figure import grid_figure
from latentwidgets.kinds.shared.table import framer_for, kind_named
from latentwidgets.routes.path import Path

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.analysis.path_smoothness import Smoothness

__all__ = ["BothDecodes", "PairedPath", "decoded_in_both", "paired_paths"]

# Beside an item so many of its neighbours are decoded.
MOST_NEIGHBOURS = 5
# At so many places the speed along a path is measured, and of so many paths of the prior.
PLACES, CONTROLS = 32, 4
# Dots per inch of pictures, and inches that the name over one takes.
DPI, HEADING = 100, 0.25


@dataclass(frozen=True)
class PairedPath(Result):
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


@dataclass(frozen=True, repr=False, eq=False)
class BothDecodes(PrintedResult):
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
    pictures: tuple[bytes, bytes] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them; the pictures are left out."""
        return dict(plain_data(self))

    def plot(self) -> Figure:
        """Draw both pictures, one below the other.

        Returns
        -------
        matplotlib.figure.Figure
            Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt

        drawn = [plt.imread(BytesIO(one)) for one in self.pictures]
        sizes = np.array([one.shape[:2] for one in drawn]) / DPI
        wide, high = sizes[:, 1].max(), sizes[:, 0]
        figure, axes = plt.subplots(
            2,
            1,
            figsize=(wide, high.sum() + 2 * HEADING),
            height_ratios=high.tolist(),
            layout="constrained",
        )
        for ax, name, picture in zip(axes, self.names, drawn, strict=True):
            ax.imshow(picture)
            ax.set_title(name.replace("$", r"\$"), fontsize="small", loc="left")
            ax.set_axis_off()
        plt.close(figure)
        return figure

    def __str__(self) -> str:
        each = (
            f"{name}: item {self.item}, and its nearest {', '.join(map(str, near.tolist()))}"
            for name, near in zip(self.names, self.neighbours, strict=True)
        )
        return "\n".join(each)

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
    items: list[int],
    neighbours: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> list[BothDecodes]:
    """Decode items and their neighbours in both spaces, all of a space at once.

    Parameters
    ----------
    spaces : tuple of LatentSpace
        Both.
    latents : tuple of ndarray
        Of all items in each.
    names : tuple of str
        What they are called.
    items : list of int
        Which items.
    neighbours : tuple of ndarray
        Their neighbours in each, ``(len(items), k)``, the nearest first.

    Returns
    -------
    list of BothDecodes
        The pictures of each item.

    Raises
    ------
    DecodeError
        If a decoder raises.
    """
    few = [one[:, :MOST_NEIGHBOURS] for one in neighbours]
    pictures = []
    for space, own, near in zip(spaces, latents, few, strict=True):
        rows = np.column_stack([items, near])
        outputs = space.decode(own[rows.ravel()])
        framer = framer_for(
            space.kind, sample_rate=space.sample_rate, value_range=space.value_range
        )
        wide, drawn = rows.shape[1], []
        for i, row in enumerate(rows.tolist()):
            heads, png = [f"item {row[0]}", *map(str, row[1:])], BytesIO()
            some = outputs[i * wide : (i + 1) * wide]
            grid_figure(framer, some, wide, column_names=heads).savefig(png, dpi=DPI)
            drawn.append(png.getvalue())
        pictures.append(drawn)
    return [
        BothDecodes(item, names, (few[0][i], few[1][i]), (pictures[0][i], pictures[1][i]))
        for i, item in enumerate(items)
    ]


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
