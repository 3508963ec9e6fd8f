"""The directions that an explorer finds by itself: at once without evidence, later with it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.progress import without_bars
from latentwidgets.directions import Directions
from latentwidgets.directions.components import pca_directions
from latentwidgets.directions.labels import MOST_CLASSES, Attribute
from latentwidgets.directions.local import local_directions
from latentwidgets.directions.probes import directions_without_evidence, probe_attributes
from latentwidgets.directions.usable_labels import NothingUsableError, usable_attributes
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import kind_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["BackgroundEvidence", "LabelledLatents", "components_of", "local_or_components"]

# How many components or local directions there are at most.
COMPONENTS = 6
# The folds of the cross-validation of probes. Labels too rare to fill them get no slider.
FOLDS = 5
# Measuring evidence takes the processor. It begins REST_SECONDS after the page says that it shows
# the widgets, or after PATIENCE_SECONDS if the page says nothing.
PATIENCE_SECONDS, REST_SECONDS = 3.0, 1.0

log = logging.getLogger(__name__)


def components_of(latents: NDArray[np.float32], seed: int) -> Directions:
    """Find the first six principal components; fewer where latents vary along fewer directions."""
    return pca_directions(latents, seed=seed)[:COMPONENTS]


def local_or_components(
    space: LatentSpace,
    base: NDArray[np.float32],
    samples: Any,
    conditions: Mapping[str, Any] | None,
    seed: int,
) -> tuple[Directions, list[str]]:
    """Find the six moves from one latent that change the output most; else principal components.

    Parameters
    ----------
    space : LatentSpace
        The space.
    base : ndarray
        The latent, of latent_shape.
    samples : ndarray
        ``(n, *latent_shape)``: latents to take sigma and limits from.
    conditions : mapping of str to value or None
        Those that the explorer begins with.
    seed : int
        For the principal components.

    Returns
    -------
    Directions
        At most six.
    list of str
        Why these are principal components; empty where they are not.
    """
    if kind_named(space.kind).has_derivative:
        try:
            found = local_directions(space, base, latents=samples, conditions=conditions)
            return found[:COMPONENTS], []
        except LatentValueError as error:  # the decoder may be flat under these conditions
            why = str(error)
    else:
        why = f"outputs of kind {space.kind!r} have no derivative to find other directions by."
    return components_of(samples, seed), [f"Sliders are principal components of samples: {why}"]


@dataclass
class LabelledLatents:
    """Latents with those of their labels that can be probed. `of` makes one.

    Attributes
    ----------
    latents : ndarray
        ``(n, *latent_shape)``.
    labels : dict of str to ndarray
        One array ``(n,)`` for each direction, by the direction's name: truth values, None where the
        label is missing; or amounts, NaN where it is missing.
    kinds : dict of str to str
        Whether each is "binary" or "continuous".
    attributes : list of Attribute
        The same as they were read: of a class of several with those of all.
    left_out : list of str
        For each column, or class, that gets no direction a clause that says why.
    """

    latents: NDArray[np.float32]
    labels: dict[str, NDArray[Any]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    attributes: list[Attribute] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, latents: NDArray[np.float32], labels: Any) -> LabelledLatents:
        """Read labels; leave out classes that are too many or too rare to probe.

        Parameters
        ----------
        latents : ndarray
            ``(n, *latent_shape)``.
        labels : mapping, DataFrame, Series or array_like
            As `probe_directions` takes them.

        Raises
        ------
        LatentTypeError, LatentValueError
            If labels cannot be used at all.

        Examples
        --------
        >>> rare = ["one", *["many"] * 9, *["more"] * 10]
        >>> found = LabelledLatents.of(np.zeros((20, 2), np.float32), {"word": rare})
        >>> list(found.labels)
        ['word: many', 'word: more']
        >>> found.left_out
        ["'word: one' has 1 positive sample; 5 folds need 5"]
        """
        found = cls(latents)
        usable: list[Attribute] = []
        try:
            usable, found.left_out = usable_attributes(
                labels, len(latents), None, lambda one: one.too_few(FOLDS), most=MOST_CLASSES
            )
        except NothingUsableError as error:
            found.left_out = error.left_out
        for attribute in usable:
            found.add(attribute)
        return found

    def add(self, attribute: Attribute) -> None:
        """Add an attribute."""
        self.attributes.append(attribute)
        missing, dtype = (None, object) if attribute.is_binary else (np.nan, np.float64)
        values: NDArray[Any] = np.full(len(self.latents), missing, dtype)
        values[attribute.rows] = attribute.values
        self.labels[attribute.name] = values
        self.kinds[attribute.name] = "binary" if attribute.is_binary else "continuous"

    def without_evidence(self) -> Directions:
        """Find a direction for each label, in a moment, without evidence."""
        return directions_without_evidence(self.latents, self.labels, kind=self.kinds)

    def with_evidence(self, seed: int) -> Directions:
        """Find directions of the same names with their evidence, which takes a while."""
        return probe_attributes(self.latents, self.attributes, folds=FOLDS, seed=seed)


class BackgroundEvidence:
    """Measures how far to believe directions, on a thread of its own, while the page is used.

    Parameters
    ----------
    labelled : LabelledLatents
        What the directions were found in.
    seed : int
        As `probe_directions` takes it.
    done : callable
        ``done(directions)`` is called on that thread with the directions and their evidence,
    fail : callable
        or ``fail(error)`` where they cannot be measured; neither after `close`.
    """

    def __init__(
        self,
        labelled: LabelledLatents,
        seed: int,
        done: Callable[[Directions], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self._done, self._fail = done, fail
        self._shown, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=self._work, args=(labelled, seed), name="latentwidgets-evidence", daemon=True
        )

    def start(self) -> None:
        """Start the thread, which waits for the page before it measures."""
        self._thread.start()

    def page_is_shown(self) -> None:
        """Stop waiting for the page: it says that it shows the widgets."""
        self._shown.set()

    def close(self) -> None:
        """Begin no measurement any more, and call nobody after one that is on its way."""
        self._closed.set()
        self._shown.set()

    def _work(self, labelled: LabelledLatents, seed: int) -> None:
        if self._shown.wait(PATIENCE_SECONDS):
            self._closed.wait(REST_SECONDS)
        if self._closed.is_set():
            return
        try:
            # A progress bar would appear below whatever cell runs meanwhile.
            with without_bars():
                found = labelled.with_evidence(seed)
            if not self._closed.is_set():
                self._done(found)
        except Exception as error:
            log.exception("Directions could not be judged")
            if not self._closed.is_set():
                self._fail(error)
