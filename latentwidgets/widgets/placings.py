"""`Placings`: which values Python has set since a page spoke, so that none of them is lost."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Placings", "consequences", "is_consequence", "keys_of"]

# How deep each thread is in what follows from something that was set before.
_depth = threading.local()


class Placings:
    """Counts what pages are told that Python has set of a widget, trait by trait.

    While a person drags or plays, their page reports where they are, and a report may be on its way
    as Python sets the same value. A page is told the count with each value, and says with what it
    sets which count it knew: a report from before the value is told from one after it. Until pages
    are told a value, every report is from before it. Of a value by names, such as amounts, each
    entry is counted for itself: a person may move one as Python moves another.

    Attributes
    ----------
    lock : RLock
        Held while a page's value is compared and stored, and while a page is told values; never
        while a model or an observer runs.
    count : int
        How often pages were told what was set. It never goes back.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.count = 0
        # By trait, what is set and not told.
        self._coming: dict[str, list[_Coming]] = {}
        self._told: dict[str, dict[Hashable, int]] = {}

    def announce(self, name: str, old: Any = None, new: Any = None) -> Callable[[], None]:
        """Say that a trait is about to be set: what pages have said of it before is older.

        Parameters
        ----------
        name : str
            Of the trait.
        old, new : object
            What it is, and is set to: of mappings only those entries count that differ, where any
            do. What is set to what it was is meant as a whole.

        Returns
        -------
        callable
            Takes that back, where the value is refused. It does nothing once pages are told.
        """
        coming = _Coming(_differing(old, new))
        with self.lock:
            self._coming.setdefault(name, []).append(coming)

        def withdraw() -> None:
            with self.lock:
                left = [one for one in self._coming.get(name, ()) if one is not coming]
                self._coming.pop(name, None)
                self._coming |= {name: left} if left else {}

        return withdraw

    def changed(self, name: str, old: Any, new: Any) -> None:
        """Take note of a change, unless it was announced."""
        with self.lock:
            keys = _differing(old, new) or {None}
            if not all(self._is_coming(name, key) for key in keys):
                self.announce(name, old, new)

    def is_coming(self, name: str) -> bool:
        """Say whether a value was set that no page has been told."""
        return name in self._coming

    def tell(self, values: Mapping[str, Any]) -> bool:
        """Take note that pages are told values; say whether any of them had been set."""
        told = self._coming.keys() & values.keys()
        self.count += bool(told)
        for name in told:
            value, known = values[name], self._told.setdefault(name, {})
            entries = value if isinstance(value, Mapping) else [None]
            for coming in self._coming.pop(name):
                known |= dict.fromkeys(coming.keys or entries, self.count)
        return bool(told)

    def of(self, name: str, key: Hashable = None) -> int:
        """Give the count with which a value, or an entry of it, was told last."""
        return self._told.get(name, {}).get(key, 0)

    def is_older(self, name: str, seen: int, key: Hashable = None) -> bool:
        """Say whether a value was set since a count."""
        return self._is_coming(name, key) or self.of(name, key) > seen

    def newer(self, name: str, said: Any, own: Any, seen: int) -> Any:
        """Give what a page says of a trait, but for what was set since.

        Parameters
        ----------
        name : str
            Of the trait.
        said, own : object
            What the page says, and what it is.
        seen : int
            The count that the page knew.

        Returns
        -------
        object
            `own` itself where nothing that the page says is newer.
        """
        if not (isinstance(said, Mapping) and isinstance(own, Mapping)):
            return own if self.is_older(name, seen) else said
        older = {key for key in said if self.is_older(name, seen, key)}
        if older and older >= said.keys():
            return own
        # What is there no more since is not refused: the page did not know.
        return {
            key: own[key] if key in older else value
            for key, value in said.items()
            if key in own or key not in older
        }

    def counts_in(self, said: Any, names: Iterable[str]) -> dict[str, int | None]:
        """Read which counts a page knew as it set traits; None of what it says nothing of."""
        counts = said if isinstance(said, Mapping) else {}
        known = {name: counts.get(name) for name in names}
        return {
            name: count if type(count) is int and 0 <= count <= self.count else None
            for name, count in known.items()
        }

    def _is_coming(self, name: str, key: Hashable) -> bool:
        waiting = self._coming.get(name, ())
        return any(not one.keys or key in one.keys for one in waiting)


def keys_of(name: str, value: Any) -> list[tuple[str, Hashable]]:
    """Name what pages are told the counts of, of a trait: entries by names, all numbers of others.

    Parameters
    ----------
    name : str
        Of the trait.
    value : object
        What it is: a mapping, a tuple, or one number.

    Returns
    -------
    list of tuple
        Name and key for each, as `Placings.of` takes them; the numbers of a tuple have one count.

    Examples
    --------
    >>> keys_of("value", {"age": 0.5, "smile": 2.0})
    [('value', 'age'), ('value', 'smile')]
    >>> keys_of("value", (1.0, 2.0))
    [('value', None), ('value', None)]
    """
    if isinstance(value, Mapping):
        return [(name, key) for key in value]
    return [(name, None)] * (len(value) if isinstance(value, tuple) else 1)


@dataclass(eq=False)
class _Coming:
    """A value that is set, and that no page has been told yet; of which entries, or all."""

    keys: set[Hashable]


def _differing(old: Any, new: Any) -> set[Hashable]:
    """Name the entries that differ between two mappings; none of what is no mapping.

    A page knows entries by their places: one that has got another place is not what was there.
    """
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return set()
    before, now = ({key: i for i, key in enumerate(one)} for one in (old, new))
    return {
        key
        for key in {*old, *new}
        if before.get(key) != now.get(key) or not same(old[key], new[key])
    }


def same(old: Any, new: Any) -> bool:
    """Say whether a value is what it was, as traitlets does, which tells nobody of equal ones."""
    try:
        return old is new or bool(old == new)
    except Exception:  # of arrays, which give no single answer, or of a person's own type
        return False


def is_consequence() -> bool:
    """Say whether this thread is in what follows from something that was set before."""
    return bool(getattr(_depth, "now", 0))


@contextmanager
def consequences() -> Iterator[None]:
    """Have what this thread sets meanwhile count as a consequence: only where it changes."""
    _depth.now = getattr(_depth, "now", 0) + 1
    try:
        yield
    finally:
        _depth.now -= 1
