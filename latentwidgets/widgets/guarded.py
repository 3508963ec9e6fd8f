"""`Guarded`: a widget that refuses what it does not know, whoever sets it."""

from __future__ import annotations

import inspect
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets

from latentwidgets.common.wording import brief, near_miss
from latentwidgets.engine import answers
from latentwidgets.errors import LatentTypeError, LatentWidgetsError
from latentwidgets.widgets.code import Coded, shared, static
from latentwidgets.widgets.subshells import take_where_sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Guarded"]

# What every widget of ipywidgets has; its own pages write some of it.
THEIRS = frozenset(ipywidgets.DOMWidget.class_trait_names())


# Of each thread, by widget, the names of traits that it holds back.
_held = threading.local()

# Words of other packages that are longer are not repeated.
MOST_LETTERS = 400


class Guarded(Coded):
    """A widget that refuses what it does not know: a person gets an error, a page is told."""

    @contextmanager
    def hold_sync(self) -> Iterator[None]:
        """Have one message carry what this thread sets until the block ends.

        Each thread has a message of its own. With one for all, as ipywidgets has it, what a thread
        sets while another sends would be lost: a path that was found, or a map that was fitted.
        """
        held: dict[int, set[str]] = vars(_held).setdefault("names", {})
        if id(self) in held:
            yield
            return
        held[id(self)] = set()
        try:
            yield
        finally:
            self.send_state(held.pop(id(self)))

    def _should_send_property(self, key: str, value: Any) -> bool:
        """Say whether a value is sent at once: not while this thread holds it back."""
        sent: bool = super()._should_send_property(key, value)
        held: set[str] | None = vars(_held).get("names", {}).get(id(self))
        if held is None:
            return sent
        held.discard(key)
        if sent:
            held.add(key)
        return False

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, unless a trait was meant by it: `walk.valeu = 0.3` sets nothing.

        Subclasses that a person writes have attributes of their own.
        """
        ours = type(self).__module__.partition(".")[0] == "latentwidgets"
        if ours and not hasattr(type(self), name):
            hint = near_miss(name, self._names(), alike=0.75)
            if hint:
                raise LatentTypeError(f"{type(self).__name__} has no {brief(name)}.{hint}")
        if not self._is_foreign(name):
            super().__setattr__(name, value)
            return
        before = self._trait_values.get(name)
        try:
            super().__setattr__(name, value)
        except Exception as error:
            if self._trait_values.get(name) is not before:  # it was set: an observer raised
                raise
            expected = f"{name} is {brief(value)}; expected {self.traits()[name].info()}."
            said = answers.words_of(error)
            # Its own words repeat a whole value; of a dict with a wrong entry they name the entry.
            short = isinstance(error, traitlets.TraitError) and len(said) < MOST_LETTERS
            raise LatentTypeError(said if short else expected) from error

    def open(self) -> None:
        """Connect with pages."""
        self._help = shared(static("part_help.js"))
        super().open()
        take_where_sent(self.comm)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page has set; what cannot be is said there, and taken back.

        Traits of ours whose names begin with "_" are the kernel's, but for those tagged
        ``from_page``, and so are those that hold widgets: the page only reads them. An extension or
        an old saved state may write them all the same.
        """
        taken = {name: value for name, value in sync_data.items() if not self._is_kernels(name)}
        ignored = [name for name in sync_data if name not in taken]
        if ignored:
            names = ", ".join(ignored)
            self.log.warning("%s ignored what a page set: %s", type(self).__name__, names)
            self.send_state(ignored)
        try:
            super().set_state(taken)
        except (LatentWidgetsError, traitlets.TraitError) as error:
            refusal = answers.refusal(error)
            said = refusal["message"]
            self.log.warning("%s refused what the page set: %s", type(self).__name__, said)
            self.send_state([name for name in taken if name in self.keys])
            self.send(refusal)

    def _is_foreign(self, name: str) -> bool:
        """Say whether another package checks what an attribute is set to."""
        if name.startswith("_") or not self.has_trait(name):
            return False
        return name in THEIRS or isinstance(self.traits()[name], anywidget.WidgetTrait)

    def _is_kernels(self, name: str) -> bool:
        if name not in self.keys or name in THEIRS:
            return False
        trait = self.traits()[name]
        if isinstance(trait, anywidget.WidgetTrait):
            return True
        return name.startswith("_") and not trait.metadata.get("from_page")

    def _refuse_unknown(self, given: Iterable[str]) -> None:
        """Refuse arguments that are no traits, with the near miss."""
        known = self._names()
        for name in given:
            if name not in known:
                arguments = inspect.signature(type(self)).parameters
                hint = near_miss(name, [*known, *arguments])
                raise LatentTypeError(
                    f"{type(self).__name__} takes no argument {brief(name)}.{hint}"
                )

    def _names(self) -> list[str]:
        """List the traits that a person sets."""
        return [name for name in self.trait_names() if not name.startswith("_")]
