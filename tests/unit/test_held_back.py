"""What a thread sets together reaches the page together, whatever other threads set meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets

import latentwidgets as lw
from latentwidgets.widgets.of_thread import OfThread
from tests.unit.page import Page


def walk(kind: type[lw.Interpolator] = lw.Interpolator) -> Any:
    space = lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4, value_range=(0, 1))
    return kind(space, np.eye(4)[:2])


def texts() -> lw.Interpolator:
    space = lw.LatentSpace(lambda z: ["word"] * len(z), 4, kind="text")
    return lw.Interpolator(space, np.eye(4)[:2])


def test_what_a_thread_sets_is_held_back_by_nobody_else() -> None:
    widget = walk()
    page = Page(widget.comm)
    with widget.hold_sync():
        widget.speed = 2.0
        other = threading.Thread(target=lambda: setattr(widget, "size", 99))
        other.start()
        other.join()
        assert page.state["size"] == 99
        assert page.state["speed"] == 1.0
    assert page.state["speed"] == 2.0


def test_nothing_is_lost_where_threads_hold_back_at_once() -> None:
    widget = walk()
    page = Page(widget.comm)
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with widget.hold_sync():
            begun.set()
            done.wait(20)
            widget.size = 123

    other = threading.Thread(target=hold)
    with widget.hold_sync():
        other.start()
        assert begun.wait(20)
        widget.speed = 3.0
    assert page.state["speed"] == 3.0
    done.set()
    other.join()
    assert page.state["size"] == 123


def test_blocks_within_blocks_are_one_message() -> None:
    widget = walk()
    page = Page(widget.comm)
    with widget.hold_sync():
        with widget.hold_sync():
            widget.speed = 4.0
        assert page.state["speed"] == 1.0
    assert page.state["speed"] == 4.0


def test_a_page_that_sets_what_it_knows_is_not_told_it_again() -> None:
    widget = walk()
    page = Page(widget.comm)
    page.set(speed=5.0)
    del page.state["speed"]
    page.set(size=77)
    assert widget.size == 77
    assert "speed" not in page.state


def in_a_thread(call: Callable[[], object]) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    if raised:
        raise raised[0]


def test_observers_of_what_another_thread_sets_are_told_at_once() -> None:
    widget, told = walk(), []
    widget.observe(lambda change: told.append((change["name"], change["new"])), ["size", "speed"])
    with widget.hold_trait_notifications():
        widget.speed = 2.0
        in_a_thread(lambda: setattr(widget, "size", 99))
        assert told == [("size", 99)]
    assert told == [("size", 99), ("speed", 2.0)]


def test_what_another_thread_sets_is_checked_at_once() -> None:
    widget = texts()
    with widget.hold_trait_notifications(), pytest.raises(lw.LatentValueError, match="an even"):
        in_a_thread(lambda: setattr(widget, "even_speed", True))
    assert not widget.even_speed


def test_what_is_checked_late_and_refused_is_taken_back() -> None:
    widget = texts()
    told: list[Any] = []
    widget.observe(told.append, ["even_speed", "speed"])

    def set_both() -> None:
        with widget.hold_trait_notifications():
            widget.speed = 2.0
            widget.even_speed = True

    with pytest.raises(lw.LatentValueError, match="an even speed asks"):
        set_both()
    assert (widget.even_speed, widget.speed, told) == (False, 1.0, [])


def test_what_a_page_sets_and_does_not_suit_the_space_is_taken_back() -> None:
    widget = texts()
    page = Page(widget.comm)
    page.set(even_speed=True)
    assert not widget.even_speed
    assert page.state["even_speed"] is False
    assert "an even speed asks" in page.answer()[0]["message"]


def test_observers_are_told_once_of_what_is_set_twice() -> None:
    widget, told = walk(), []
    widget.observe(lambda change: told.append((change["old"], change["new"])), "speed")
    with widget.hold_trait_notifications():
        widget.speed = 2.0
        with widget.hold_trait_notifications():
            widget.speed = 3.0
        assert told == []
    assert told == [(1.0, 3.0)]


class Doubled(lw.Interpolator):
    """A person's own: its size is even."""

    @traitlets.validate("size")
    def _even(self, proposal: Any) -> int:
        size: int = proposal["value"]
        return 2 * (size // 2)


def test_what_a_check_of_a_persons_own_makes_of_a_value_is_kept() -> None:
    widget = walk(Doubled)
    with widget.hold_trait_notifications():
        widget.size = 99
    assert widget.size == 98


def test_the_last_that_observers_hear_is_what_it_is() -> None:
    widget, told = walk(), []
    page = Page(widget.comm)
    widget.observe(lambda change: told.append((change["old"], change["new"])), "speed")
    with widget.hold_trait_notifications():
        widget.speed = 2.0
        in_a_thread(lambda: setattr(widget, "speed", 3.0))
    assert (widget.speed, page.state["speed"], told) == (3.0, 3.0, [(2.0, 3.0)])
    with widget.hold_trait_notifications():
        widget.speed = 4.0
        in_a_thread(lambda: setattr(widget, "speed", 5.0))
        widget.speed = 6.0
    assert (widget.speed, page.state["speed"]) == (6.0, 6.0)
    assert told[1:] == [(4.0, 5.0), (5.0, 6.0)]


def test_widgets_that_are_linked_agree_where_two_threads_set_one() -> None:
    first, second = walk(), walk()
    traitlets.link((first, "speed"), (second, "speed"))
    with first.hold_trait_notifications():
        first.speed = 2.0
        in_a_thread(lambda: setattr(first, "speed", 3.0))
    assert first.speed == second.speed == 3.0


def test_what_another_thread_sets_is_not_taken_back() -> None:
    widget, told = walk(), []
    page = Page(widget.comm)
    widget.observe(lambda change: told.append((change["name"], change["new"])), ["size", "speed"])

    def fail() -> None:
        with widget.hold_trait_notifications():
            widget.size, widget.speed = 50, 2.0
            in_a_thread(lambda: setattr(widget, "size", 60))
            raise traitlets.TraitError("mine")

    with pytest.raises(traitlets.TraitError, match="mine"):
        fail()
    assert (widget.size, page.state["size"], widget.speed) == (60, 60, 1.0)
    assert told == [("size", 60)]


def test_what_is_taken_back_is_what_another_thread_has_set_before() -> None:
    widget = walk()

    def fail() -> None:
        with widget.hold_trait_notifications():
            widget.size = 50
            in_a_thread(lambda: setattr(widget, "size", 60))
            widget.size = 70
            raise traitlets.TraitError

    with pytest.raises(traitlets.TraitError):
        fail()
    assert widget.size == 60


class Own(lw.Interpolator):
    """A person's own, in older and other ways."""

    share = traitlets.Float(0.0)
    told: tuple[tuple[str, str], ...] = ()

    def _size_validate(self, size: int, _trait: Any) -> int:
        return 2 * (size // 2)

    def notify_change(self, change: Any) -> None:
        """Take note, too."""
        if change["name"] in ("size", "share"):
            self.told = (*self.told, (change["name"], change["type"]))
        super().notify_change(change)


@pytest.mark.filterwarnings("ignore:.*_size_validate:DeprecationWarning")
def test_a_check_by_its_name_is_one_in_a_block_and_for_a_page_too() -> None:
    widget = walk(Own)
    with widget.hold_trait_notifications():
        widget.size = 77
    assert widget.size == 76
    Page(widget.comm).set(size=55)
    assert widget.size == 54


@pytest.mark.filterwarnings("ignore:.*_size_validate:DeprecationWarning")
def test_a_method_that_tells_of_changes_is_called_once_for_each() -> None:
    widget = walk(Own)
    with widget.hold_trait_notifications():
        widget.size = 78
        widget.size = 80
        assert widget.told == ()
    Page(widget.comm).set(size=54)
    assert widget.told == (("size", "change"),) * 2


def test_what_is_set_again_to_an_equal_value_is_told() -> None:
    widget = walk(Own)
    with widget.hold_trait_notifications():
        widget.share = 2.5
        widget.share = float("2.5")
    assert widget.told == (("share", "change"),)


def test_a_notice_that_is_no_change_is_not_taken_back() -> None:
    widget = walk(Own)

    def fail() -> None:
        with widget.hold_trait_notifications():
            widget.notify_change(traitlets.Bunch(name="share", type="asked", owner=widget))
            widget.share = 1.0
            raise traitlets.TraitError("mine")

    with pytest.raises(traitlets.TraitError, match="mine"):
        fail()
    assert (widget.share, widget.told) == (0.0, (("share", "asked"),))


def test_what_was_set_on_a_widget_is_gone_with_it() -> None:
    """One that is refused leaves its checks off: another one has its place in memory then."""

    class Locked:
        locked = OfThread(False)

    for _ in range(20):
        refused = Locked()
        refused.locked = True
        place = id(refused)
        del refused
        one = Locked()
        assert not one.locked
    assert id(one) == place, "else nothing was tested"
