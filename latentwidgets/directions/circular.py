"""Labels that were made from the latents themselves: their scores are no evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.samples import fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.directions.direction import Direction
    from latentwidgets.directions.labels import Attribute
    from latentwidgets.directions.samples import Data

__all__ = ["circular_doubt", "fitted_doubt", "found_by", "labelled_by", "selected_by", "step_doubt"]

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
        such a number, or a weighted sum of the numbers, up to rounding.

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
    what = "tells these labels apart without an error" if attribute.is_binary else "is these labels"
    if any(_is_made_of(one, attribute.values) for one in columns):
        found = "One number of the latents alone"
    elif not attribute.is_binary and _is_mixed_of(some, attribute.values):
        found = "A weighted sum of the numbers of the latents"
    else:
        return None
    return (
        f"{found} {what}. If they were made from the latents, as a "
        "selection on a map is, the score is by construction and says nothing."
    )


def labelled_by(data: Data, attribute: Attribute) -> str:
    """Give the fingerprint of labels and of the latents that they are of, whatever is 1 and what 0.

    Examples
    --------
    >>> from latentwidgets.directions.labels import attributes_in
    >>> from latentwidgets.directions.samples import Data
    >>> data, cut = Data([[1.0], [2.0], [3.0]]), np.array([True, False, False])
    >>> [one], [other] = attributes_in(cut, 3), attributes_in(~cut, 3)
    >>> labelled_by(data, one) == labelled_by(data, other)
    True
    """
    values = attribute.values
    if attribute.is_binary and len(values) and not values[0]:
        values = ~values
    return fingerprint(np.frombuffer(data.fingerprint.encode(), np.uint8), values, attribute.rows)


def selected_by(selected: NDArray[np.floating]) -> str:
    """Give the fingerprint of the latents of a selection, in whatever order.

    Examples
    --------
    >>> selected_by(np.eye(2)) == selected_by(np.eye(2)[::-1])
    True
    """
    flat = np.ascontiguousarray(np.reshape(selected, (len(selected), -1)), np.float32)
    rows = sorted(hashlib.blake2b(row, digest_size=16).digest() for row in flat)
    return fingerprint(np.frombuffer(b"".join(rows), np.uint8), np.array(flat.shape))


def found_by(about: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Add to a provenance what a direction was found by, as `fitted_doubt` looks for it."""
    return {**about, "parameters": {**about["parameters"], "found_by": [*names]}}


def fitted_doubt(
    direction: Direction, latents: NDArray[np.floating], data: Data, attribute: Attribute
) -> str | None:
    """Say that a direction was found by these very labels of these latents; None if it was not.

    All of the latents in this order are recognised, in any dtype; some of them are not.

    Parameters
    ----------
    direction : Direction
        What is to be scored.
    latents : ndarray
        The latents that it is scored on, ``(n, *latent_shape)``.
    data : Data
        The same.
    attribute : Attribute
        The labels.

    Returns
    -------
    str or None
        What to warn of: what a direction is fitted to says nothing of how well it does elsewhere.
    """
    parameters = direction.provenance.get("parameters", {})
    known = [*parameters.get("found_by", ())] if isinstance(parameters, Mapping) else []
    if not known:
        return None
    own = {labelled_by(data, attribute)}
    if attribute.is_binary and direction.method == "selection":
        some = latents[attribute.rows]
        own |= {selected_by(some[attribute.values]), selected_by(some[~attribute.values])}
    if own.isdisjoint(known):
        return None
    return (
        "It was found by these very labels of these latents: the score is of what it was fitted "
        "to, and says nothing of others. Score it on latents that it has not seen."
    )


def step_doubt(steps: NDArray[np.float64], first: Data) -> str | None:
    """Say that all pairs differ by one step, as of latents that were moved; None if they do not.

    Parameters
    ----------
    steps : ndarray
        The differences of the pairs, ``(n, latent_size)``.
    first : Data
        The first latents of the pairs.

    Examples
    --------
    >>> from latentwidgets.directions.samples import Data
    >>> pairs = Data(np.eye(3))
    >>> step_doubt(np.ones((3, 3)), pairs)[:31], step_doubt(np.eye(3), pairs)
    ('All pairs differ by the very sa', None)
    """
    extent = np.abs(first.rows).max() + np.abs(first.shift).max() + np.abs(steps).max()
    rounding = 4 * float(np.finfo(first.rows.dtype).eps) * float(extent)
    if len(steps) < 2 or float(np.ptp(steps, axis=0).max()) > rounding:
        return None
    return (
        "All pairs differ by the very same step. If the second latents were made by moving the "
        "first, the score is by construction and says nothing."
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


def _is_mixed_of(rows: NDArray[np.floating], values: NDArray[Any]) -> bool:
    """Tell whether amounts are a weighted sum of the columns, and of so few that this tells."""
    if len(rows) < 2 * rows.shape[1] + FEWEST or rows.shape[1] > WIDEST:
        return False
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    level = values.astype(np.float64) - values.mean(dtype=np.float64)
    # Some of the rows are enough to refuse nearly all labels, and to find the weights.
    some = slice(None, None, max(1, len(rows) // (4 * rows.shape[1] + FEWEST)))
    weights = np.linalg.lstsq(centred[some], level[some], rcond=None)[0]
    for part in (some, slice(None)):
        left = level[part] - centred[part] @ weights
        if left @ left > (1 - SAME) * (level[part] @ level[part]):
            return False
    return True


def _first_components(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the first principal components as columns, ``(latent_size, k)``."""
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(vectors[:, ::-1][:, :COMPONENTS])
