"""`Guarded`: a widget that refuses what it does not know, whoever sets it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import ipywidgets
import traitlets

from latentwidgets.common.wording import brief, near_miss
from latentwidgets.engine import answers
from latentwidgets.errors import LatentTypeError, LatentWidgetsError
from latentwidgets.widgets.of_thread import OfThread, while_set
from latentwidgets.widgets.placings import Placings, consequences, is_consequence, same
from latentwidgets.widgets.subshells import take_where_sent

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

__all__ = ["Guarded"]

# What every widget of ipywidgets has; its own pages write some of it.
THEIRS = frozenset(ipywidgets.DOMWidget.class_trait_names())

# Traits that come after all others in a message, in this order.
LAST = ("_placed", "_route")

# Words of other packages that are longer are not repeated.
MOST_LETTERS = 400


class Guarded(anywidget.AnyWidget):
    """A widget that refuses what it does not know: a person gets an error, a page is told.

    What Python sets stands against what a page had said before it was told: see `Placings`.
    """

    _placed: Any = traitlets.Any(None, help="How often Python has set something; coordinates.").tag(
        sync=True, to_json=lambda _value, widget: widget._placed_counts()
    )
    _seen: Any = traitlets.Dict(help="Which counts the page knew as it set traits.").tag(
        sync=True, from_page=True, echo_update=False
    )

    # traitlets' own: whether changes are held back, and checked later; ipywidgets' own: what is
    # taken from a page now.
    _cross_validation_lock: Any = OfThread(False)
    _property_lock: Any = OfThread({})

    # What a thread tells later: names to pages, by `hold_sync`; what was and is to observers.
    _unsent: Any = OfThread(None)
    _untold: Any = OfThread(None)
    # Which counts a page knew whose values are taken; what of the state is there, to be sent.
    _taken: Any = OfThread(None)
    _ready: Any = OfThread(None)

    # None before a page can be told anything.
    _placings: Placings | None = None

    @contextmanager
    def hold_sync(self) -> Iterator[None]:
        """Have one message carry what this thread sets until the block ends.

        Each thread has a message of its own. With one for all, as ipywidgets has it, what a thread
        sets while another sends would be lost: a path that was found, or a map that was fitted.
        """
        if self._unsent is not None:
            yield
            return
        unsent: set[str] = set()
        try:
            with while_set(self, "_unsent", unsent):
                yield
        finally:
            self.send_state(unsent)

    @contextmanager
    def hold_trait_notifications(self) -> Iterator[None]:
        """Have observers told of what is set once the block ends, and then pages.

        What pages have said before is older from the moment that something is set. What another
        thread sets meanwhile stays.
        """
        if self._cross_validation_lock:
            yield
            return
        alone = self._placings is None or self._taken is not None
        with nullcontext() if alone else self.hold_sync(), self._telling_after() as untold:
            self._cross_validation_lock = True
            undoing: type[Exception] = traitlets.TraitError  # as traitlets does, in the block
            try:
                yield
                undoing = Exception  # whatever a check raises
                self._check(untold)
            except undoing:
                self._take_back(untold)
                raise
            finally:
                self._cross_validation_lock = False

    @contextmanager
    def _telling_after(self) -> Iterator[dict[str, tuple[Any, Any]]]:
        """Have observers told of what this thread changes once the block ends.

        Where another thread has set something else since, that is what they have been told.
        """
        untold: dict[str, tuple[Any, Any]] = {}
        try:
            with while_set(self, "_untold", untold):
                yield untold
        finally:
            for name, (old, new) in untold.items():
                if same(self._trait_values.get(name), new):
                    self._notify_trait(name, old, new)

    def _check(self, untold: dict[str, tuple[Any, Any]]) -> None:
        """Check against each other what was set while checks were held back."""
        for name, (_, new) in [*untold.items()]:
            if same(self._trait_values.get(name), new):
                checked = getattr(type(self), name)._cross_validate(self, new)
                if checked is not new:
                    self.set_trait(name, checked)

    def _take_back(self, untold: dict[str, tuple[Any, Any]]) -> None:
        """Have traits be what they were before this thread set them, and nobody told."""
        for name, (old, new) in [*untold.items()]:  # what follows from others comes after these
            if not same(self._trait_values.get(name), new):
                continue
            if old is traitlets.Undefined:
                self._trait_values.pop(name, None)
            else:
                self.set_trait(name, old)
        untold.clear()

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Give the state, the route's name last: marimo's page takes in trait after trait."""
        ready = self._ready or {}
        names = self.keys if key is None else [key] if isinstance(key, str) else [*key]
        rest = [name for name in names if name not in ready]
        state: dict[str, Any] = super().get_state(rest, drop_defaults)
        state |= {name: ready[name] for name in names if name in ready}
        return {name: state[name] for name in sorted(state, key=_order)}

    def send_state(self, key: Any = None) -> None:
        """Tell pages values, and of those that Python has set how often it has."""
        placings = self._placings
        if placings is None:
            super().send_state(key)
            return
        names = [*self.keys] if key is None else [key] if isinstance(key, str) else [*key]
        # A model may be in use by who waits for the lock.
        ready = self.get_state([one for one in names if self.trait_metadata(one, "drawn")])
        # The last to be told is what it is.
        with while_set(self, "_ready", ready), placings.lock:
            placed = {name: self._trait_values.get(name) for name in names}
            if placings.tell(placed) and "_placed" not in names:
                names.append("_placed")
            super().send_state(names)

    def _notify_trait(self, name: str, old_value: Any, new_value: Any) -> None:
        """Tell of a change now, or keep it until the block ends that says so."""
        if self._untold is None:
            super()._notify_trait(name, old_value, new_value)
            return
        old, last = self._untold.get(name, (old_value, old_value))
        # Of what another thread has set in between everybody knows.
        self._untold[name] = (old if same(last, old_value) else old_value, new_value)

    def notify_change(self, change: Any) -> None:
        """Tell pages of a change, then others who observe it."""
        name, placings = change["name"], self._placings
        # What an observer sets of a report is no last word where the page has said that itself.
        mine = self._is_pages(name) and name not in (self._taken or ())
        if placings is not None and mine and change["type"] == "change":
            placings.changed(name, change["old"], change["new"])
        with consequences():
            super().notify_change(change)

    def _should_send_property(self, key: str, value: Any) -> bool:
        """Say whether a value is sent at once: not while this thread holds it back."""
        sent: bool = super()._should_send_property(key, value)
        if self._unsent is None:
            return sent
        self._unsent.discard(key)
        if sent:
            self._unsent.add(key)
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
        placed = "" if self._placings is None else self._placed_by(name)
        with self._placing(name, placed, value) if placed else nullcontext():
            self._assign(name, value)

    @contextmanager
    def _placing(self, name: str, placed: str, value: Any) -> Iterator[None]:
        """Have what a page said before count as older than what is set now, though it be the same.

        What follows from something else that is set, or from what a page sets, counts only where
        it changes.
        """
        placings = self._placings
        if placings is None or is_consequence():
            yield
            return
        new = self._checked(name, value) if name == placed else None
        with placings.lock:
            before = self._trait_values.get(placed)
            withdraw = placings.announce(placed, before, new)
        try:
            with consequences():
                yield
        except BaseException:
            if self._trait_values.get(placed) is before:  # else an observer raised: it is set
                withdraw()
            raise
        finally:
            if placings.is_coming(placed):  # nothing changed, or somebody holds it back
                if self._unsent is None:
                    self.send_state(placed)
                else:
                    self._unsent.add(placed)

    def _checked(self, name: str, value: Any) -> Any:
        """Give what a value by names would be kept as; None where it is refused, or is another."""
        if not isinstance(self._trait_values.get(name), Mapping):
            return None
        try:
            return self.traits()[name].validate(self, value)
        except Exception:  # which is raised again as it is set
            return None

    def _assign(self, name: str, value: Any) -> None:
        """Set an attribute; what another package refuses is refused in our words."""
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
        super().open()
        self._placings = Placings()
        take_where_sent(self.comm)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page has set; what cannot be is said there, and taken back.

        Traits of ours whose names begin with "_" are the kernel's, but for those tagged
        ``from_page``, and so are those that hold widgets: the page only reads them. An extension or
        an old saved state may write them all the same. Of what Python has set meanwhile the page
        is told what it is.
        """
        given = {name: value for name, value in sync_data.items() if name != "_seen"}
        taken = {name: value for name, value in given.items() if not self._is_kernels(name)}
        ignored = [name for name in given if name not in taken]
        if ignored:
            names = ", ".join(ignored)
            self.log.warning("%s ignored what a page set: %s", type(self).__name__, names)
            self.send_state(ignored)
        pages = [name for name in taken if self._is_pages(name)]
        seen: dict[str, int | None] = {}
        if self._placings is not None:
            seen = self._placings.counts_in(sync_data.get("_seen"), pages)
        try:
            with consequences(), while_set(self, "_taken", seen):
                super().set_state(self._as_it_is(taken))
        except (LatentWidgetsError, traitlets.TraitError) as error:
            refusal = answers.refusal(error)
            said = refusal["message"]
            self.log.warning("%s refused what the page set: %s", type(self).__name__, said)
            self.send_state([name for name in taken if name in self.keys])
            self.send(refusal)

    def set_trait(self, name: str, value: Any) -> None:
        """Set a trait; what a page sets only where Python has not set it since the page spoke."""
        placings, seen = self._placings, (self._taken or {}).get(name)
        if placings is None or seen is None:
            super().set_trait(name, value)
            return
        if name.startswith("_"):  # which may set off more than may happen under a lock
            if not placings.is_older(name, seen):
                super().set_trait(name, value)
            return
        with self._telling_after(), placings.lock:
            own = self._trait_values.get(name)
            newer = placings.newer(name, value, own, seen)
            if newer is not own:
                super().set_trait(name, newer)

    def _send(self, msg: Any, buffers: Any = None) -> None:
        """Send a message; where it tells pages what one of them has set, as it is."""
        placings = self._placings
        if placings is None or not self._taken or msg["method"] != "echo_update":
            super()._send(msg, buffers)
            return
        with placings.lock:
            super()._send({**msg, "state": self._as_it_is(msg["state"])}, buffers)

    def _as_it_is(self, said: dict[str, Any]) -> dict[str, Any]:
        """Give what a page says in a message, but for what was set since it spoke."""
        placings, seen = self._placings, self._taken or {}
        if placings is None or not seen:
            return said
        counts = {name: seen[name] for name in said if seen.get(name) is not None}
        own = self.get_state([*counts])
        newer = {name: placings.newer(name, said[name], own[name], counts[name]) for name in own}
        return {**said, **newer}

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        """Take a message: a person asks for what follows, and may have moved on meanwhile."""
        with consequences():
            super()._handle_custom_msg(content, buffers)

    # What a subclass says of coordinates

    # The trait of the page's with the widget's own coordinates, and traits set in its place.
    _coordinates: ClassVar[str] = ""
    _leads: ClassVar[tuple[str, ...]] = ()

    def _placed_keys(self) -> list[tuple[str, Hashable]]:
        """Name every coordinate, as `Placings.of` takes it."""
        return []

    def _placed_by(self, name: str) -> str:
        """Name the trait of the page's that is placed where a trait is set; empty for none."""
        if name in self._leads:
            return self._coordinates
        return name if self._is_pages(name) else ""

    def _placed_counts(self) -> list[int]:
        """Give the count of all that pages have been told, then that of every coordinate."""
        if (placings := self._placings) is None:
            return [0]
        return [placings.count, *(placings.of(*one) for one in self._placed_keys())]

    def _is_pages(self, name: str) -> bool:
        """Say whether a page can set a trait."""
        return name not in THEIRS and name in self.keys and not self._is_kernels(name)

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
        given = (name for name, trait in self.traits().items() if not trait.read_only)
        return [name for name in given if not name.startswith("_")]


def _order(name: str) -> int:
    return LAST.index(name) if name in LAST else -1
