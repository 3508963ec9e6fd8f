"""The colours of the points of a map: by classes, amounts, clusters or density."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.columns import NO_LABEL, distinct_in, present_in
from latentwidgets.directions.labels import kind_of
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.widgets.map.groups import Groups

__all__ = ["CLASSES", "GREY", "Coloring", "by_density", "by_groups", "by_values"]

# All colours have a relative luminance of 0.15 to 0.29: a contrast of 3 to 1 and more to the ground
# of a light theme, white, and to that of a dark one, up to #212121.
# Those of classes can be told apart, the first ones best, also without seeing red and green.
CLASSES = (
    "#3c6ec8", "#cd6914", "#1e8c5a", "#cd69e6", "#f55587", "#a54b96", "#7d87ff", "#876900",
    "#00a0b9", "#be7da5", "#d73241", "#879b50", "#965ae1", "#8773b4", "#fa5f41", "#b96469",
    "#3c7878", "#0587fa", "#d24ba0", "#2da582",
)  # fmt: skip
GREY = "#808080"  # points without a label, or of a class for which no colour is left
NO_CLUSTER = "no cluster"
# Colours of amounts from low to high, from darker to lighter, as red, green and blue in 0 to 255.
AMOUNTS = ((125, 88, 202), (41, 124, 199), (15, 145, 139), (88, 154, 40), (196, 133, 13))
# How many shades there are between these.
SHADES = 128
# The percentiles of the amounts at which the first and the last shade lie. If these lay at the
# smallest and the largest amount, one wild value would leave a single shade for all others.
PERCENTILES = (1.0, 99.0)
# A density is counted in so many cells along each axis, and smoothed by a normal distribution with
# a standard deviation of so many cells.
CELLS, SMOOTH = 192, 2.0


@dataclass(frozen=True)
class Coloring:
    """Colours for points, and what they mean.

    Attributes
    ----------
    codes : ndarray of uint8, shape (n,)
        Which colour each point has.
    colors : tuple of str
        The colours, as "#rrggbb".
    legend : dict
        What the page shows beside the map: for classes "entries", each with name, color, code and
        count, and "clusters" where they are clusters, which can be renamed; for amounts the texts
        at the "low" and the "high" end.
    ends : tuple of two floats, optional
        The amounts at which the first and the last shade lie, exactly: alike only where all points
        have one amount. None for classes, and for a density, whose ends are words.
    by : str
        What the points are coloured by: a label's name, "cluster" or "density".
    groups : Groups, optional
        The clusters, where they are coloured by these.
    """

    codes: NDArray[np.uint8]
    colors: tuple[str, ...]
    legend: dict[str, Any]
    ends: tuple[float, float] | None = None
    by: str = ""
    groups: Groups | None = None


def by_values(values: NDArray[Any]) -> Coloring:
    """Colour by labels: texts and few whole numbers as classes, other numbers as amounts.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Numbers, truth values or objects; NaN and None stand for no label.

    Returns
    -------
    Coloring
        Points without a label are grey, and so are those of the rarest classes where there are
        more than 20.

    Examples
    --------
    >>> found = by_values(np.array(["cat", "dog", None, "cat"], object))
    >>> [(entry["name"], entry["count"]) for entry in found.legend["entries"]]
    [('cat', 2), ('dog', 1), ('no label', 1)]
    """
    rows, present = present_in(values)
    try:
        distinct, which = distinct_in(present, "labels")[2:]
    except LatentValueError:  # texts and numbers together have no order
        present = np.array([str(value) for value in present], object)
        distinct, which = np.unique(present, return_inverse=True)
    if len(rows) and kind_of(present, distinct) == "continuous":
        return _amounts(present.astype(np.float64), rows, len(values))
    return _classes([str(value) for value in distinct], which.reshape(-1), rows, len(values))


def by_density(points: NDArray[np.float64]) -> Coloring:
    """Colour by how many points lie around each.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Where they are, finite.

    Returns
    -------
    Coloring
        From where there are fewest to where there are most, on a logarithmic scale.

    Examples
    --------
    >>> found = by_density(np.array([[0.0, 0.0], [0.1, 0.0], [9.0, 9.0]]))
    >>> bool(found.codes[0] > found.codes[2]), found.legend
    (True, {'low': 'sparse', 'high': 'dense'})
    """
    low = points.min(axis=0)
    span = np.maximum(points.max(axis=0) - low, np.finfo(np.float32).tiny)
    cells = np.minimum(((points - low) / span * CELLS).astype(np.intp), CELLS - 1)
    flat = cells[:, 0] * CELLS + cells[:, 1]
    counts = np.bincount(flat, minlength=CELLS**2).reshape(CELLS, CELLS)
    bell = np.exp(-0.5 * (np.arange(-6, 7) / SMOOTH) ** 2)
    smooth = counts.astype(np.float64)
    for axis in (0, 1):
        smooth = np.apply_along_axis(np.convolve, axis, smooth, bell, "same")
    found = _amounts(np.log(smooth.reshape(-1)[flat]), np.arange(len(points)), len(points))
    return Coloring(found.codes, found.colors, {"low": "sparse", "high": "dense"})


def by_groups(which: NDArray[Any], names: Sequence[str]) -> Coloring:
    """Colour by clusters, which a person may call as they like.

    Parameters
    ----------
    which : ndarray of int, shape (n,)
        The cluster of each latent, 0 for the largest; -1 for what is in none.
    names : sequence of str
        What the clusters are called; there may be fewer clusters.

    Returns
    -------
    Coloring
        With an entry a cluster in the legend, the largest cluster first.

    Examples
    --------
    >>> found = by_groups(np.array([0, 1, -1, 0]), ["boots", "coats"])
    >>> [(entry["name"], entry["count"]) for entry in found.legend["entries"]]
    [('boots', 2), ('coats', 1), ('no cluster', 1)]
    """
    rows = np.flatnonzero(which >= 0)
    names = names[: int(which.max()) + 1]
    made = _classes(list(names), which[rows], rows, len(which), absent=NO_CLUSTER)
    return replace(made, legend={**made.legend, "clusters": True})


def _classes(
    names: list[str],
    which: NDArray[np.intp],
    rows: NDArray[np.intp],
    count: int,
    *,
    absent: str = NO_LABEL,
) -> Coloring:
    """Colour by classes; where there are too many, only the most frequent ones get a colour.

    Parameters
    ----------
    names : list of str
        Of the classes.
    which : ndarray
        The class of each point that has one, as an index into `names`: ``(m,)``.
    rows : ndarray
        Indices of these points, ``(m,)``.
    count : int
        How many points there are.
    absent : str
        What is said of the points that have none.
    """
    sizes = np.bincount(which, minlength=len(names))
    kept = np.sort(np.argsort(-sizes, kind="stable")[: len(CLASSES)])
    codes = np.full(count, len(kept), np.uint8)
    place = np.full(len(names), len(kept), np.uint8)
    place[kept] = np.arange(len(kept), dtype=np.uint8)
    codes[rows] = place[which]
    entries = [
        {"name": names[one], "color": CLASSES[i], "code": i, "count": int(sizes[one])}
        for i, one in enumerate(kept.tolist())
    ]
    rest = count - int(sizes[kept].sum())
    if rest:
        more, missing = len(names) - len(kept), count - len(rows)
        parts = [f"{more} more classes"] if more else []
        parts += [absent] if missing else []
        name, code = ", ".join(parts), len(kept)
        entries.append({"name": name, "color": GREY, "code": code, "count": rest, "rest": True})
    return Coloring(codes, (*CLASSES[: len(kept)], GREY), {"entries": entries})


def _amounts(values: NDArray[np.float64], rows: NDArray[np.intp], count: int) -> Coloring:
    """Colour by amounts: `values` are those of the points in `rows`, of `count` points."""
    finite = np.isfinite(values)
    low, high = np.percentile(values[finite], PERCENTILES) if finite.any() else (0.0, 1.0)
    if low == high and finite.any():  # almost all are alike: the others need their shades
        low, high = values[finite].min(), values[finite].max()
    share = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    codes = np.full(count, SHADES, np.uint8)
    codes[rows] = np.where(finite, np.nan_to_num(share) * (SHADES - 1), SHADES).round()
    legend: dict[str, Any] = dict(zip(("low", "high"), _texts(low, high), strict=True))
    missing, infinite = count - len(rows), len(rows) - int(finite.sum())
    grey = [f"{missing:,} with {NO_LABEL}"] if missing else []
    grey += [f"{infinite:,} infinite"] if infinite else []
    if grey:
        legend["note"] = f"{' and '.join(grey)} are grey"
    return Coloring(codes, (*_shades(), GREY), legend, (float(low), float(high)))


def _texts(low: float, high: float) -> tuple[str, str]:
    """Write both ends with four digits, and with more where these would read alike."""
    found = [(f"{low:.{digits}g}", f"{high:.{digits}g}") for digits in range(4, 18)]
    return next((texts for texts in found if texts[0] != texts[1]), found[0])


def _shades() -> tuple[str, ...]:
    """Give the colours of amounts as "#rrggbb", from low to high."""
    stops = np.linspace(0, 1, len(AMOUNTS))
    channels = [
        np.interp(np.linspace(0, 1, SHADES), stops, channel).round().astype(int)
        for channel in zip(*AMOUNTS, strict=True)
    ]
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in zip(*channels, strict=True))
