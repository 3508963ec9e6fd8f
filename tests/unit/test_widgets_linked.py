"""Widgets that are linked, or set from several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets

import latentwidgets as lw
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.route import StaleError
from tests.unit.editors import DATA, DIRECTIONS, Decoder, make, moved


@pytest.mark.parametrize(("traits_of", "trait"), [("base", "base"), ("latent", "latent")])
def test_arrays_of_two_editors_can_be_linked(traits_of: str, trait: str) -> None:
    one, other = make(), make(base=DATA[5])
    traitlets.link((one, traits_of), (other, trait))
    np.testing.assert_array_equal(other.base, DATA[3])
    one.base = DATA[6]
    np.testing.assert_array_equal(other.base, DATA[6])
    other.base = DATA[7]
    np.testing.assert_array_equal(one.base, DATA[7])


def test_an_interpolator_can_lead_an_editor() -> None:
    walk = lw.Interpolator(
        lw.LatentSpace(Decoder(), 5, value_range=(0, 1)), DATA[:2], method="lerp"
    )
    editor = make(value={"smile": 1})
    traitlets.link((walk, "latent"), (editor, "base"))
    for t in (0.25, 1.0):
        walk.value = t
        np.testing.assert_array_equal(editor.base, walk.latent)
        np.testing.assert_allclose(editor.latent, moved(walk.latent, {"smile": 1}), rtol=1e-4)
    editor.base = DATA[0]
    assert walk.value == pytest.approx(0)
    follower = lw.Interpolator(walk.space, DATA[:3])
    traitlets.dlink((walk, "anchors"), (follower, "anchors"))
    walk.anchors = DATA[5:9]
    np.testing.assert_array_equal(follower.anchors, DATA[5:9])


def test_an_array_trait_is_an_ordinary_array() -> None:
    latent = make().latent
    assert (latent == DATA[3]).tolist() == [True] * 5
    assert (latent != np.where(np.arange(5) < 2, 99, DATA[3])).tolist() == [True] * 2 + [False] * 3
    assert bool(latent != DATA[3]) is False
    assert latent != DATA[3, :4]
    assert type(latent + 1) is np.ndarray
    assert type(latent.sum()) is np.float32
    assert isinstance(latent, np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        latent[0] = 1


def interrupted(function: Any, other: Callable[[], None]) -> Any:
    """Let another thread do something once, just when the function has been called."""
    waiting = [threading.Thread(target=other)]

    def called(*args: Any) -> Any:
        result = function(*args)
        if waiting:
            thread = waiting.pop()
            thread.start()
            thread.join()
        return result

    return called


def test_amounts_set_in_another_thread_keep_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = make()
    other = interrupted(Edit.latents, lambda: setattr(widget, "value", {"age": 2}))
    monkeypatch.setattr(Edit, "latents", other)
    widget.value = {"smile": 1}
    np.testing.assert_array_equal(widget.base, DATA[3])
    assert {name: x for name, x in widget.value.items() if x} == {"age": 2}
    np.testing.assert_allclose(widget.latent, moved(DATA[3], {"age": 2}), rtol=1e-5)


def test_a_place_set_in_another_thread_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = lw.Interpolator(
        lw.LatentSpace(Decoder(), 5, value_range=(0, 1)), DATA[:2], method="lerp"
    )
    other = interrupted(lw.Path.__call__, lambda: setattr(walk, "value", 1.0))
    monkeypatch.setattr(lw.Path, "__call__", other)
    walk.value = 0.25
    assert walk.value == 1
    np.testing.assert_array_equal(walk.latent, DATA[1])


def test_directions_replaced_in_another_thread_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = make()
    other = interrupted(Edit.latents, lambda: setattr(widget, "directions", DIRECTIONS[3:]))
    monkeypatch.setattr(Edit, "latents", other)
    widget.value = {"age": 1}
    assert widget.value == {"age": 1}
    np.testing.assert_allclose(widget.latent, moved(DATA[3], {"age": 1}), rtol=1e-5)


def test_amounts_of_other_directions_are_stale() -> None:
    edit = Edit(DATA[3], DIRECTIONS[3:])
    for amounts in ([(1.0, 2.0)], [(), (1.0,) * (len(DIRECTIONS) + 1)]):
        with pytest.raises(StaleError):
            edit.latents(amounts)


def test_an_editor_dragged_in_two_threads_keeps_its_base() -> None:
    one = make()

    def drag(name: str) -> None:
        for step in range(50):
            one.value = {name: step / 10}

    threads = [threading.Thread(target=drag, args=[name]) for name in ("smile", "age")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(one.base, DATA[3])
    np.testing.assert_allclose(one.latent, moved(DATA[3], one.value), rtol=1e-5)
