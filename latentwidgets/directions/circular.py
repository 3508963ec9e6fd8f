"""Labels that were made from the latents themselves: their scores are no evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Attribute

__all__ = ["circular_doubt"]

# So many components are looked at: selections on a map are cut along the first two.
COMPONENTS = 8
# Of wider latents the components would take longer than the rest.
WIDEST = 1024
# With fewer samples of a class, a cut that tells the classes apart may well be found by chance.
FEWEST = 8
# A label that correlates more than this with a number of the latents is that number.
SAME = 1 - 1e-6


def circular_doubt(rows: NDArray[np.floating], attribute: Attribute) -> str | None:
    """Say that labels look as if they were made from the latents; None where they do not.

    Parameters
    ----------
    rows : ndarray
        All latents, centred and flat, ``(n, latent_size)``.
    attribute : Attribute
        The labels.

    Returns
    -------
    str or None
        Binary labels: where a cut along one number of the latents, or along one of their first
        principal components, tells the two classes apart without an error. Amounts: where they are
        such a number up to rounding.

    Examples
    --------
    >>> from latentwidgets.directions.labels import attributes_in
    >>> rows = np.random.default_rng(0).normal(size=(100, 3))
    >>> [cut] = attributes_in(rows[:, 1] > 0.8, 100)
    >>> circular_doubt(rows, cut)[:49]
    'One number of the latents alone tells these label'
    """
    if min(attribute.counts.values()) < FEWEST:
        return None
    some = rows[attribute.rows]
    columns = [some]
    if some.shape[1] <= WIDEST:
        columns.append(some @ _first_components(some))
    made = any(_is_made_of(one, attribute.values) for one in columns)
    if not made:
        return None
    what = "tells these labels apart without an error" if attribute.is_binary else "is these labels"
    return (
        f"One number of the latents alone {what}. If they were made from the latents, as a "
        "selection on a map is, the score is by construction and says nothing."
    )


def _is_made_of(columns: NDArray[np.floating], values: NDArray[Any]) -> bool:
    """Tell whether values are a cut along one of the columns, or one of the columns itself."""
    if values.dtype == np.bool_:
        yes, no = columns[values], columns[~values]
        above, below = yes.min(axis=0) > no.max(axis=0), yes.max(axis=0) < no.min(axis=0)
        return bool((above | below).any())
    level = values.astype(np.float64) - values.mean(dtype=np.float64)
    centred = columns - columns.mean(axis=0, dtype=np.float64)
    norms = np.linalg.norm(centred, axis=0) * np.linalg.norm(level)
    along = np.abs(level @ centred)
    return bool((along > SAME * norms)[norms > 0].any())


def _first_components(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the first principal components as columns, ``(latent_size, k)``."""
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(vectors[:, ::-1][:, :COMPONENTS])
