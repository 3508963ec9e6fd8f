"""What an explorer finds in the data: directions at once, and how far to believe them later."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.progress import without_bars
from latentwidgets.directions import Directions
from latentwidgets.directions.components import pca_directions
from latentwidgets.directions.labels import (
    MOST_CLASSES,
    Attribute,
    attributes_in,
    columns_in,
    missing_in,
    plain_values,
)
from latentwidgets.directions.local import local_directions
from latentwidgets.directions.probes import directions_without_evidence, probe_directions
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Judge", "Labelled", "components_of", "local_to"]

COMPONENTS = 6
FOLDS = 5
# A page has this long to show what there is before something else takes the processor: at most
# until it says that it does, and then some.
PATIENCE_SECONDS, REST_SECONDS = 3.0, 1.0

log = logging.getLogger(__name__)


def components_of(latents: NDArray[np.float32], seed: int) -> Directions:
    """Find the first principal components; fewer where latents do not vary along as many."""
    return pca_directions(latents, seed=seed)[:COMPONENTS]


def local_to(space: LatentSpace, base: NDArray[np.float32], samples: Any) -> Directions:
    """Find what changes the output most at a latent."""
    return local_directions(space, base, latents=samples)[:COMPONENTS]


@dataclass
class Labelled:
    """Latents, and what can be asked of them.

    Attributes
    ----------
    latents : ndarray
        ``(n, *latent_shape)``.
    asked : dict of str to ndarray
        One label a direction, by the direction's name; None or NaN where it is missing.
    kinds : dict of str to str
        Whether each is "binary" or "continuous".
    left_out : list of str
        Why there are no directions for some labels.
    """

    latents: NDArray[np.float32]
    asked: dict[str, NDArray[Any]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, latents: NDArray[np.float32], labels: Any) -> Labelled:
        """Read labels, and leave out what no probe can answer.

        Raises
        ------
        LatentTypeError, LatentValueError
            If labels cannot be used at all.
        """
        found = cls(latents)
        for name, values in columns_in(labels).items():
            classes = _classes(values)
            if classes > MOST_CLASSES:
                found.left_out.append(f"{name!r} has {classes:,} classes, too many for sliders.")
                continue
            for attribute in attributes_in({name: values}, len(latents)):
                found.ask(attribute)
        return found

    def ask(self, attribute: Attribute) -> None:
        """Take in one attribute, if there is enough to judge its answer by."""
        try:
            attribute.check_folds(FOLDS)
        except LatentValueError:
            what = attribute.rarest
            few = f"{attribute.counts[what]} {what}"
            self.left_out.append(f"{attribute.name!r} has too few samples for a slider ({few}).")
            return
        missing, dtype = (None, object) if attribute.is_binary else (np.nan, np.float64)
        values: NDArray[Any] = np.full(len(self.latents), missing, dtype)
        values[attribute.rows] = attribute.values
        self.asked[attribute.name] = values
        self.kinds[attribute.name] = "binary" if attribute.is_binary else "continuous"

    def directions(self) -> Directions:
        """Find directions at once, without evidence."""
        return directions_without_evidence(self.latents, self.asked, kind=self.kinds)

    def judged(self, seed: int) -> Directions:
        """Find the same directions with their evidence, which takes a while."""
        return probe_directions(self.latents, self.asked, kind=self.kinds, folds=FOLDS, seed=seed)


class Judge:
    """Finds out on a thread of its own how far to believe directions.

    Parameters
    ----------
    labelled : Labelled
        What they were found in.
    seed : int
        As of `probe_directions`.
    done : callable
        ``done(directions)``, with their evidence, called on that thread.
    fail : callable
        ``fail(error)``, called there in its place.
    """

    def __init__(
        self,
        labelled: Labelled,
        seed: int,
        done: Callable[[Directions], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self._done, self._fail = done, fail
        self._shown, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=self._work, args=(labelled, seed), name="latentwidgets-judge", daemon=True
        )

    def start(self) -> None:
        """Begin, once there is nothing more urgent."""
        self._thread.start()

    def hurry(self) -> None:
        """Begin soon: what there is is shown."""
        self._shown.set()

    def close(self) -> None:
        """Find out nothing more, and tell nobody of what is being found out."""
        self._closed.set()
        self._shown.set()

    def _work(self, labelled: Labelled, seed: int) -> None:
        if self._shown.wait(PATIENCE_SECONDS):
            self._closed.wait(REST_SECONDS)
        if self._closed.is_set():
            return
        try:
            # A bar would be drawn below whatever cell runs meanwhile.
            with without_bars():
                judged = labelled.judged(seed)
            if not self._closed.is_set():
                self._done(judged)
        except Exception as error:
            log.exception("Directions could not be judged")
            if not self._closed.is_set():
                self._fail(error)


def _classes(values: NDArray[Any]) -> int:
    """Count the texts that labels are; 0 where they are numbers."""
    present = plain_values(values[~missing_in(values)])
    return len(set(present.tolist())) if present.dtype == object else 0
