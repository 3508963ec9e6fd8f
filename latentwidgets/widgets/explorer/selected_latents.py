"""What is selected on the map of an explorer, and the sliders that are made of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.columns import missing_in
from latentwidgets.directions.tables import note
from latentwidgets.engine.answers import words_of
from latentwidgets.errors import LatentWidgetsError
from latentwidgets.widgets.links import FEWEST, numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from latentwidgets.directions import Direction
    from latentwidgets.widgets.direction_editor import DirectionEditor
    from latentwidgets.widgets.latent_map import LatentMap

__all__ = ["SelectedLatents"]

# The label that holds the names which a person gives; with a number where they have one so called.
NAMED = "named"
# Names that a person gives are cut after so many letters.
MOST_LETTERS = 80
NO_SCORE = "No score: what is selected by where it lies can always be told apart."


class SelectedLatents:
    """The selection of a map: it leads to a slider, from all other latents or from one kept before.

    Parameters
    ----------
    chart : LatentMap
        Where latents are selected.
    editor : DirectionEditor
        Where sliders are added.
    tell : callable
        ``tell(state)`` is called with what the page shows of it: how many latents are selected
        ("count") and were kept ("first"), and what is said of the last slider ("said").
    """

    def __init__(
        self, chart: LatentMap, editor: DirectionEditor, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._chart, self._editor, self._tell = chart, editor, tell
        self._first: NDArray[np.int64] | None = None
        self._named = numbered(NAMED, chart.labels)
        chart.observe(self._follow, "selection")
        self._follow()

    def acts(self, name: str) -> dict[str, Callable[[], None]]:
        """Give what can be done with the selection, by the types of messages; some use a name."""
        return {
            "slider": partial(self.add_slider, name),
            "name": partial(self.name, name),
            "compare": self.compare,
            "forget": self.forget,
        }

    def add_slider(self, name: str) -> None:
        """Add a slider that leads to the selected latents, or say why there is none.

        Parameters
        ----------
        name : str
            What to call it; "selection" if empty, with a number where that is taken.
        """
        chart, first = self._chart, self._first
        chosen = np.zeros(len(chart.latents), bool)
        chosen[chart.selection] = True
        others = np.flatnonzero(~chosen) if first is None else first
        if (count := int(chosen.sum())) < FEWEST:
            self._say(f"Of {count} selected no slider is made: it takes {FEWEST} or more.")
            return
        if len(others) < FEWEST:
            self._say(f"Leave {FEWEST} or more unselected: a slider leads away from them.")
            return
        kept = self._editor.directions
        name = name.strip()[:MOST_LETTERS] or ("selection" if first is None else "A to B")
        try:
            found = chart.direction_between(
                others,
                np.flatnonzero(chosen),
                name=numbered(name, kept.names),
                shuffles=0,
                bootstraps=0,
            )
        except LatentWidgetsError as error:
            self._say(words_of(error))
            return
        self._editor.directions = [*kept, found]
        self._first = None
        self._say(_words(found))

    def name(self, name: str) -> None:
        """Give the selected latents a label, which colours the map; take it back if it is empty."""
        chart, text = self._chart, name.strip()[:MOST_LETTERS]
        labels = dict(chart.labels)
        column = np.full(len(chart.latents), None, object)
        column[:] = labels.pop(self._named, column)
        column[chart.selection] = text or None
        if missing_in(column).all():
            chart.labels = labels
        else:
            chart.labels = {**labels, self._named: column}
            chart.color = self._named
        count = len(chart.selection)
        self._say(f"{count:,} are called “{text}”." if text else f"{count:,} have no name.")

    def compare(self) -> None:
        """Keep what is selected; the next slider leads from there to what is selected then."""
        rows = np.asarray(self._chart.selection)
        if len(rows) < FEWEST:
            self._say(f"{len(rows)} selected cannot be compared: it takes {FEWEST} or more.")
            return
        self._chart.selection = []
        self._first = rows
        self._say()

    def forget(self) -> None:
        """Keep nothing to compare with."""
        self._first = None
        self._say()

    def close(self) -> None:
        """Let go of the widgets."""
        self._chart.unobserve(self._follow, "selection")

    def _follow(self, _change: Any = None) -> None:
        self._say()

    def _say(self, said: str = "") -> None:
        first = 0 if self._first is None else len(self._first)
        self._tell({"count": len(self._chart.selection), "first": first, "said": said})


def _words(found: Direction) -> str:
    """Say what is known of a new direction."""
    return f"“{found.name}” is a new slider: {note(found)}." + (
        f" {NO_SCORE}" if found.evidence.score is None else ""
    )
