"""Where latents stand among ordinary ones, in words, and which of the data are nearest to one."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from latentwidgets.analysis.typicality_report import usual_of
from latentwidgets.common.pieces import STEP_SECONDS, Pieces
from latentwidgets.directions.columns import worded_twice
from latentwidgets.frames import Quality
from latentwidgets.routes.conditioned import own_of, values_at
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.space.latents import check_latents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.analysis.typicality_report import TypicalityReport, TypicalityTest
    from latentwidgets.common.pieces import Steps
    from latentwidgets.engine.ordinary import Ordinary
    from latentwidgets.engine.renderer import Renderer
    from latentwidgets.engine.replies import Standing
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Near", "label_of", "nearest_data", "pictures_of", "standings"]

# Of a slider, at most so many latents are judged at once.
AT_ONCE = 256
# So many of the data are shown.
NEIGHBOURS = 6
# What the tests measure, in words.
MEASURES = {
    "norm": "distance from the mean",
    "mahalanobis": "Mahalanobis distance",
    "neighbours": "mean distance to its neighbours",
    "whiteness": "dependence of its entries",
}
# And where zero is ordinary: the model as it is.
AROUND_ZERO = MEASURES | {
    "norm": "distance from the unsteered model",
    "mahalanobis": "Mahalanobis distance from the unsteered model",
    "neighbours": "mean distance to its neighbours (or to the unsteered model, if less)",
}
# Distances to about so many numbers are measured in one step.
PART_SIZE = 2**19


def standings(
    ordinary: Ordinary, space: LatentSpace | None, route: Route, positions: Sequence[Coordinates]
) -> Steps[list[Standing]]:
    """Say where the latents at some positions stand, step by step.

    Parameters
    ----------
    ordinary : Ordinary
        What they are compared with.
    space : LatentSpace or None
        The space, for its prior.
    route : Route
        From positions to latents. Of several latents at one position the rarest counts.
    positions : sequence of tuple of float
        Coordinates.

    Returns
    -------
    list of Standing
        One a position; empty where there is nothing to compare with.
    """
    latents = route.latents(positions)
    yield
    judge = yield from ordinary.judge(space, _shape_of(space, latents))
    if judge is None:
        return []
    latents = latents.reshape(-1, *judge.latent_shape_)
    each = len(latents) // len(positions)
    found: list[Standing] = []
    # All latents of one position at a time, at least.
    places = np.arange(len(positions))

    def judged(some: NDArray[np.intp]) -> TypicalityReport:
        rows = (some[:, np.newaxis] * each + np.arange(each)).ravel()
        return judge.report(latents[rows])

    for report in Pieces(STEP_SECONDS, most=max(1, AT_ONCE // each)).over("judge", judged, places):
        rarest = report.p_values.reshape(-1, each).argmin(axis=1)
        found += [
            _standing(report, i * each + int(row), each, ordinary.noun)
            for i, row in enumerate(rarest)
        ]
        yield
    return found


class Near(NamedTuple):
    """The nearest of the data.

    Attributes
    ----------
    rows : ndarray of int64, shape (k,)
        Which they are.
    distances : ndarray of float64, shape (k,)
        How far away, the nearest first.
    labels : list of tuple of str
        What is known of them, as of `label_of`.
    chance : float
        The median distance to all of the data.
    searched : int
        How many were looked at: all.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.float64]
    labels: list[tuple[str, str]]
    chance: float
    searched: int


def nearest_data(ordinary: Ordinary, latent: NDArray[np.float32]) -> Steps[Near | None]:
    """Find the nearest of the data to a latent, step by step; None where there are no data.

    All are looked at, a part at a time: what an index costs to make, one question is not worth.
    """
    if ordinary.data is None or not len(ordinary.data):
        return None
    here = latent.astype(np.float64).ravel()
    step, gaps = max(1, PART_SIZE // here.size), []
    for start in range(0, len(ordinary.data), step):
        part = check_latents(ordinary.data[start : start + step], latent.shape, "data")
        gaps.append(np.linalg.norm(part.reshape(len(part), -1) - here, axis=1))
        yield
    distances = np.concatenate(gaps)
    count = min(NEIGHBOURS, len(distances))
    few = np.sort(np.argpartition(distances, count - 1)[:count])
    rows = few[np.argsort(distances[few], kind="stable")]
    labels = [
        label_of([(name, *worded_twice(values[row])) for name, values in ordinary.labels.items()])
        for row in rows
    ]
    return Near(rows, distances[rows], labels, float(np.median(distances)), len(distances))


def label_of(lines: Sequence[tuple[str, ...]]) -> tuple[str, str]:
    """Write what is known of a latent, which comes as of `Said`; names only where it takes them.

    Returns
    -------
    tuple of str
        With numbers in short, and whole; both empty where nothing is known.

    Examples
    --------
    >>> label_of([("digit", "7")]), label_of([("digit", "7"), ("slant", "0.12", "0.1234")])
    (('7', '7'), ('digit 7, slant 0.12', 'digit 7, slant 0.1234'))
    """
    if len(lines) == 1:
        return lines[0][1], lines[0][-1]
    short, whole = (", ".join(f"{one[0]} {one[i]}".strip() for one in lines) for i in (1, -1))
    return short, whole


def pictures_of(
    renderer: Renderer, ordinary: Ordinary, route: Route, at: Coordinates, rows: Sequence[int]
) -> Steps[list[tuple[str, bytes]]]:
    """Draw some of the data under the conditions at some coordinates, step by step.

    Returns
    -------
    list of tuple
        Of each row the format and the bytes of its picture; both empty where nothing is drawn.
    """
    if not renderer.draws:
        return [("", b"")] * len(rows)
    found = []
    for row in rows:
        outputs = yield from _outputs_of(renderer, ordinary, route, at, row)
        frame = renderer.framer().frame(outputs, (float(row),), Quality.STRIP)
        found.append((frame.mime, frame.data))
    return found


def _outputs_of(
    renderer: Renderer, ordinary: Ordinary, route: Route, at: Coordinates, row: int
) -> Steps[Any]:
    """Decode one of the data; a map may have a picture of it."""
    plane = own_of(route)
    if isinstance(plane, MapPlane):
        yield
        return renderer.outputs(route, [(*plane.spot(row), *at[len(plane.bounds) :])])[0]
    conditions = values_at(route, at)
    space, latents = renderer.space, np.asarray(ordinary.data[row : row + 1])
    if not space.is_stepwise:
        yield
        return space.decode(latents, conditions)
    latest = None
    with closing(space.drafts(latents, conditions)) as drafts:
        for outputs in drafts:
            latest = outputs
            yield
    return latest


def _shape_of(space: LatentSpace | None, latents: NDArray[Any]) -> tuple[int, ...]:
    """Give the shape of one latent; without a space there is one latent at each position."""
    return latents.shape[1:] if space is None else space.latent_shape


def _standing(report: TypicalityReport, i: int, each: int, noun: str) -> Standing:
    alone, test = float(report.p_values[i]), report.failed[i]
    # The rarest of several that are all ordinary is rarer than one alone: Šidák 1967.
    p = 1 - (1 - alone) ** each
    if p > report.level:
        test = None
    words = f"typical: more so than {min(99, round(100 * alone))} of 100 {noun}"
    if test is not None:
        words = report.words[i]
    details = "; ".join(_measured(one, i) for one in report.tests)
    return {
        "p": p,
        "words": f"the rarest of {each}: {words}" if each > 1 else words,
        "test": test or "",
        "details": details,
    }


def _measured(test: TypicalityTest, i: int) -> str:
    """Say what a test measured of a latent, and what it measures of ordinary ones."""
    what = (AROUND_ZERO if test.around_zero else MEASURES)[test.name]
    return f"{what} {_short(test.values[i])} ({usual_of(test, _short)})"


def _short(value: float) -> str:
    return f"{value:.3g}"
