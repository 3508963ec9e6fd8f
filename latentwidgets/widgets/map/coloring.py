"""What the points of a map are coloured by: classes, amounts, clusters, density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.labels import kind_of, missing_in, plain_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GREY", "Coloring", "by_clusters", "by_density", "by_values"]

# Told apart on white and on black, and mostly by people who see few colours.
CLASSES = (
    "#4477c4", "#e8842c", "#35a06c", "#d9506a", "#8f6bd1", "#21aebf", "#c49a1a", "#d879bd",
    "#79a931", "#a86a4a", "#6f8fa8", "#f0a58f", "#5fc7a0", "#b0a0e8", "#8d8b3a", "#9c4f9c",
    "#4fa3e0", "#e3c15b", "#7f7f7f", "#c7d66d",
)  # fmt: skip
GREY = "#9a9a9a"  # what has no label, or is one of too many classes
# From low to high: as viridis, without its ends, which are lost on black and on white.
AMOUNTS = ((84, 74, 150), (46, 128, 152), (41, 168, 132), (122, 196, 82), (232, 200, 60))
SHADES = 128
# The ends of the colours: percentiles, so that one wild value does not take all of them.
PERCENTILES = (1.0, 99.0)
# Cells of a density in each direction, and the width of its kernel in cells.
CELLS, SMOOTH = 192, 2.0
CLUSTERED = 100_000  # latents that k-means is fitted to at most


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
        What the page shows of it: "entries" of classes, each with name, color, code and count; or
        the "low" and "high" end of amounts.
    """

    codes: NDArray[np.uint8]
    colors: tuple[str, ...]
    legend: dict[str, Any]


def by_values(values: NDArray[Any]) -> Coloring:
    """Colour by labels: texts and few whole numbers as classes, other numbers as amounts.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Numbers, truth values or objects; NaN and None stand for no label.

    Returns
    -------
    Coloring
        Points without a label are grey.

    Examples
    --------
    >>> found = by_values(np.array(["cat", "dog", None, "cat"], object))
    >>> [(entry["name"], entry["count"]) for entry in found.legend["entries"]]
    [('cat', 2), ('dog', 1), ('no label', 1)]
    """
    rows = np.flatnonzero(~missing_in(values))
    present = plain_values(values[rows])
    try:
        distinct, which = np.unique(present, return_inverse=True)
    except TypeError:  # texts beside numbers
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


def by_clusters(latents: NDArray[np.float32], count: int, *, seed: int) -> Coloring:
    """Colour by k-means clusters of the latents themselves, not of their places on the map.

    Parameters
    ----------
    latents : ndarray, shape (n, latent_size)
        Flat latents.
    count : int
        How many clusters; fewer where there are fewer latents.
    seed : int
        Where the search begins.

    Returns
    -------
    Coloring
        The largest cluster first.
    """
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(min(count, len(latents)), random_state=seed, n_init=3)
    sample = latents
    if len(latents) > CLUSTERED:
        sample = latents[np.random.default_rng(seed).permutation(len(latents))[:CLUSTERED]]
    which = model.fit(sample).predict(latents)
    order = np.argsort(-np.bincount(which, minlength=model.n_clusters), kind="stable")
    names = [f"cluster {i + 1}" for i in range(len(order))]
    return _classes(names, np.argsort(order)[which], np.arange(len(latents)), len(latents))


def _classes(
    names: list[str], which: NDArray[np.intp], rows: NDArray[np.intp], count: int
) -> Coloring:
    """Give the classes colours, the most frequent ones where there are too many."""
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
        parts += ["no label"] if missing else []
        entries.append({"name": ", ".join(parts), "color": GREY, "code": len(kept), "count": rest})
    return Coloring(codes, (*CLASSES[: len(kept)], GREY), {"entries": entries})


def _amounts(values: NDArray[np.float64], rows: NDArray[np.intp], count: int) -> Coloring:
    finite = np.isfinite(values)
    low, high = np.percentile(values[finite], PERCENTILES) if finite.any() else (0.0, 1.0)
    share = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    codes = np.full(count, SHADES, np.uint8)
    codes[rows] = np.where(finite, np.nan_to_num(share) * (SHADES - 1), SHADES).round()
    legend: dict[str, Any] = {"low": f"{low:.4g}", "high": f"{high:.4g}"}
    if len(rows) < count:
        legend["note"] = f"{count - len(rows):,} without a value are grey"
    return Coloring(codes, (*_shades(), GREY), legend)


def _shades() -> tuple[str, ...]:
    stops = np.linspace(0, 1, len(AMOUNTS))
    channels = [
        np.interp(np.linspace(0, 1, SHADES), stops, channel).round().astype(int)
        for channel in zip(*AMOUNTS, strict=True)
    ]
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in zip(*channels, strict=True))
