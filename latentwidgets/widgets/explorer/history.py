"""Undo, redo and bookmarks over several widgets at once."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import traitlets

from latentwidgets.common.wording import brief, hint, said
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.export.part_records import MOST_BOOKMARKS, MOST_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["History", "Kept", "KeptState", "few", "history_acts"]

# One change makes others: what follows this soon belongs to it.
BURST_SECONDS = 0.05
# A drag is one step: as long as it goes on, with no pause longer than this.
PAUSE_SECONDS = 0.7
# The arrays and grids of what can be undone take no more memory than this; the last step can always
# be undone.
MOST_BYTES = 2**27
# In place of part, trait and time of the last change: nothing has changed yet.
NOTHING: tuple[object, str, float] = (None, "", 0.0)


@dataclass(frozen=True, eq=False)
class Kept:
    """One widget as it was.

    Attributes
    ----------
    traits : dict of str to object
        The values of those that make its state, in the order in which they are put back.
    shown : object
        What it showed, where a subclass of `History` says it.
    """

    traits: dict[str, Any]
    shown: Any = None


# Every widget as it was, by name.
KeptState: TypeAlias = "dict[str, Kept]"


class History:
    """What the person did, step by step, and states they want to come back to.

    Parameters
    ----------
    parts : mapping of str to HasTraits
        The widgets, in the order in which their states are put back.
    traits : mapping of str to tuple of str
        Of each part, the traits that make its state, in the order in which they are put back.
    changed : callable
        Called whenever there is something else to undo, to redo or to open.

    Examples
    --------
    >>> import traitlets
    >>> class Dial(traitlets.HasTraits):
    ...     value = traitlets.Int()
    >>> dial = Dial()
    >>> history = History({"dial": dial}, {"dial": ("value",)})
    >>> dial.value = 3
    >>> history.bookmark("three")
    'three'
    >>> history.undo()
    >>> dial.value
    0
    >>> history.open("three")
    >>> dial.value
    3
    """

    def __init__(
        self,
        parts: Mapping[str, traitlets.HasTraits],
        traits: Mapping[str, tuple[str, ...]],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._parts, self._traits, self._changed = dict(parts), dict(traits), changed
        self._past: list[KeptState] = []
        self._future: list[KeptState] = []
        self._bookmarks: dict[str, KeptState] = {}
        self._last = NOTHING
        # Changes come from several threads; while one puts a state back, the others wait, so
        # that what they do is a step of its own.
        self._lock = threading.RLock()
        self._busy = self._continued = False
        self._now = self._read()
        for name, part in self._parts.items():
            part.observe(self._notice, list(self._traits[name]))

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._future)

    @property
    def bookmarks(self) -> tuple[str, ...]:
        """Names of the bookmarks, the oldest first."""
        return tuple(self._bookmarks)

    def undo(self) -> None:
        """Go back to before the last step; nothing happens where there is none.

        Bookmarks stay as they are.

        Raises
        ------
        LatentValueError
            If that cannot be put back, as after something else was changed. All stays, and the step
            is forgotten.
        """
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Do again what was undone last; nothing happens where nothing was.

        Raises
        ------
        LatentValueError
            As of `undo`.
        """
        self._step(self._future, self._past)

    def bookmark(self, name: str | None = None) -> str:
        """Keep the present state.

        Parameters
        ----------
        name : str, optional
            What to call it; one of the same name is replaced. Numbered if None.

        Returns
        -------
        str
            The name.

        Raises
        ------
        LatentTypeError, LatentValueError
            If the name is no text, or there are 200 bookmarks already.
        """
        if not (name is None or (isinstance(name, str) and name.strip())):
            raise LatentTypeError(f"the name of a bookmark is {brief(name)}; expected a text.")
        with self._lock:
            if name is None:
                number = len(self._bookmarks) + 1
                while f"bookmark {number}" in self._bookmarks:
                    number += 1
                name = f"bookmark {number}"
            self._bookmarks = few({**self._bookmarks, name: self._read()})
            self._changed()
        return name

    def open(self, name: str) -> None:
        """Put back the state of a bookmark: a step that can be undone.

        Raises
        ------
        LatentValueError
            If there is none of that name.
        """
        with self._lock:
            state = self._bookmarks[self._known(name)]
            before = self._now
            self._write(state)
            self._remember(before)
            self._changed()

    def remove(self, name: str) -> None:
        """Forget a bookmark.

        Raises
        ------
        LatentValueError
            If there is none of that name.
        """
        with self._lock:
            del self._bookmarks[self._known(name)]
            self._changed()

    def amend(self, part: str, trait: str, better: Callable[[Any], Any]) -> None:
        """Replace a trait's value by a better one, now and in all states: no step of its own."""
        with self._lock:
            for state in (*self._past, *self._future, *self._bookmarks.values()):
                if part in state and trait in (traits := state[part].traits):
                    traits[trait] = better(traits[trait])
            with self._unnoticed():
                owner = self._parts[part]
                setattr(owner, trait, better(getattr(owner, trait)))
            # Not of the other parts: what was done to them meanwhile is noticed next.
            self._now = {**self._now, part: self._read()[part]}

    @contextmanager
    def continuing(self, part: str) -> Iterator[None]:
        """Have what changes meanwhile belong to the last step, if that began with this part."""
        with self._lock:
            self._continued = self._last[0] is self._parts.get(part, self)
            try:
                yield
            finally:
                self._continued = False

    def close(self) -> None:
        """Let go of the parts and of all states."""
        with self._lock:
            for name, part in self._parts.items():
                part.unobserve(self._notice, list(self._traits[name]))
            self._parts, self._now, self._last = {}, {}, NOTHING
            self._past, self._future, self._bookmarks = [], [], {}

    def _known(self, name: str) -> str:
        if isinstance(name, str) and name in self._bookmarks:
            return name
        raise LatentValueError(
            f"there is no bookmark {brief(name)}. {hint(name, [*self._bookmarks])}"
        )

    def _step(self, source: list[KeptState], target: list[KeptState]) -> None:
        with self._lock:
            if not source:
                return
            before = self._now
            try:
                self._write(source[-1])
            except (LatentTypeError, LatentValueError, traitlets.TraitError) as error:
                source.pop()  # or it would stand in the way of all others for ever
                self._changed()
                raise LatentValueError(
                    f"this step cannot be put back, and is forgotten: {said(error)} "
                    "Go on to the next one."
                ) from error
            source.pop()
            target.append(before)
            self._changed()

    def _remember(self, state: KeptState) -> None:
        """Make a step: from a state, to another than those that could be done again."""
        self._past.append(state)
        del self._past[:-MOST_STEPS]
        del self._past[: -self._affordable()]
        self._future.clear()

    def _affordable(self) -> int:
        """Count the last steps whose arrays and grids take no more memory than is given them."""
        # From the newest step back: what it shares with later ones takes no more memory.
        seen: set[int] = set()
        held = 0
        for count, step in enumerate(reversed(self._past)):
            for value in (one for part in step.values() for one in part.traits.values()):
                if id(value) not in seen:
                    seen.add(id(value))
                    held += getattr(value, "nbytes", 0)
            if held > MOST_BYTES and count:
                return count
        return len(self._past)

    def _read(self) -> KeptState:
        return {
            name: Kept({one: getattr(part, one) for one in self._traits[name]}, self._look(part))
            for name, part in self._parts.items()
        }

    def _write(self, state: KeptState) -> None:
        """Put a state back; what cannot be leaves all as it was."""
        before = self._read()
        with self._unnoticed():
            try:
                self._set(state)
            except Exception:
                self._set(before)
                raise
        self._now, self._last = self._read(), NOTHING

    def _set(self, state: KeptState) -> None:
        for name, part in self._parts.items():
            if name in state:
                self._put(part, state[name])

    # What a subclass may say of its widgets

    def _look(self, _part: Any) -> Any:
        """Give what a widget shows, to be kept."""
        return None

    def _put(self, part: Any, kept: Kept) -> None:
        """Put one widget back."""
        for trait, value in kept.traits.items():
            setattr(part, trait, value)

    @contextmanager
    def _unnoticed(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def _notice(self, change: Any) -> None:
        """Take in that something changed; small changes in a row are one step."""
        with self._lock:
            if self._busy or not self._parts:
                return
            owner, trait, before = self._last
            state = self._read()
            if _same(state, self._now):
                # What a change makes is told of before the change itself: all was there already.
                self._last = NOTHING if owner is None else (owner, trait, time.monotonic())
                return
            now = time.monotonic()
            same = owner is change["owner"] and trait == change["name"]
            joined = self._continued or now - before < (PAUSE_SECONDS if same else BURST_SECONDS)
            if joined:
                self._future.clear()
            else:
                self._remember(self._now)
            # What a burst goes on with does not hide what it began with.
            name = (change["owner"], change["name"]) if same or not joined else (owner, trait)
            self._last, self._now = (*name, now), state
            self._changed()


def history_acts(history: History, name: str | None) -> dict[str, Callable[[], object]]:
    """Give what the page can do with a history, by the types of messages; some use a name."""
    return {
        "undo": history.undo,
        "redo": history.redo,
        "bookmark": lambda: history.bookmark(name or None),
        "open": lambda: history.open(name or ""),
        "remove": lambda: history.remove(name or ""),
    }


def few(bookmarks: dict[str, KeptState]) -> dict[str, KeptState]:
    """Give bookmarks back where they are no more than there may be."""
    if len(bookmarks) > MOST_BOOKMARKS:
        raise LatentValueError(
            f"there would be {len(bookmarks)} bookmarks; expected at most {MOST_BOOKMARKS}. Save "
            "those there are (history.save), and remove some (history.remove)."
        )
    return bookmarks


def _same(one: KeptState, other: KeptState) -> bool:
    """Tell whether all traits hold the very same in two states."""
    return all(
        value is other[name].traits[trait]
        for name, kept in one.items()
        for trait, value in kept.traits.items()
    )
