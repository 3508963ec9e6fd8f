"""When a decoder is exported anew: reasons that pass, models that change; and slow decoders."""

from __future__ import annotations

import re
import time
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import latentwidgets as lw
from latentwidgets.engine import exports, handing
from latentwidgets.engine.exports import export, forget_exported, has_changed
from latentwidgets.space.locks import ModelCaller
from latentwidgets.space.portable import Linear, PassingError, Wish
from tests.unit.page import Page

MOST = 64 * 2**20


class Model(ModelCaller):
    """A linear decoder that is exported unless it has a reason not to be.

    Attributes
    ----------
    side : int
        Of its pictures.
    gain : float
        What a latent is multiplied with.
    seconds : float
        How long it takes for a batch.
    raises : Exception or None
        Why it is not exported.
    exports, decodes : int
        How often it was exported, or tried to; how often it has decoded.
    """

    def __init__(self, side: int = 8) -> None:
        self.models = (self,)
        self.side, self.gain, self.seconds = side, 1.0, 0.0
        self.raises: Exception | None = None
        self.exports = self.decodes = 0

    def decode(self, latents: NDArray[np.float32]) -> NDArray[np.float32]:
        self.decodes += 1
        time.sleep(self.seconds)
        wide = np.repeat(latents[:, :1], self.side**2, axis=1)
        return self.gain * wide.reshape(-1, self.side, self.side)

    def state(self) -> object:
        return self.gain

    def portable(self, wish: Wish) -> Linear:
        self.exports += 1
        if self.raises is not None:
            raise self.raises
        weights = np.zeros((2, self.side**2), np.float32)
        weights[0] = self.gain
        return Linear(weights, np.zeros(self.side**2, np.float32))


class Trained(Model):
    """Changes while it is exported."""

    def portable(self, wish: Wish) -> Linear:
        found = super().portable(wish)
        self.gain += 1
        return found


def space_of(model: Model) -> lw.LatentSpace:
    return lw.LatentSpace(model.decode, 2, value_range=(0, 1))


def widget_of(space: lw.LatentSpace, **traits: Any) -> lw.Interpolator:
    return lw.Interpolator(space, np.eye(2), method="lerp", **traits)


def check(widget: lw.Interpolator) -> tuple[dict[str, Any], list[bytes]]:
    page = Page(widget.comm)
    page.ask(type="decoder", at=[0.5], part="check")
    return page.answer()


def test_a_reason_that_passes_is_looked_at_anew() -> None:
    model = Model()
    space = space_of(model)
    for raises in (PassingError("not now."), MemoryError()):
        model.raises = raises
        assert export(space, MOST).reason
    model.raises = None
    assert export(space, MOST).reason == ""
    assert model.exports == 3


def test_a_reason_that_lies_in_the_decoder_stays() -> None:
    model = Model()
    space = space_of(model)
    model.raises = lw.errors.LatentValueError("it is random.")
    assert [export(space, MOST).reason for _ in range(3)] == ["it is random."] * 3
    export(space, MOST, anew=True)
    assert model.exports == 1


def test_what_took_long_to_fail_is_not_tried_again_at_once() -> None:
    class Late(Model):
        def portable(self, wish: Wish) -> Linear:
            self.exports += 1
            time.sleep(1.2)  # and so for twelve seconds
            raise PassingError("it took too long.")

    model = Late()
    space = space_of(model)
    for _ in range(3):
        assert export(space, MOST).reason == "it took too long."
    assert model.exports == 1
    export(space, MOST, anew=True)
    assert model.exports == 2


@pytest.fixture
def looked_at_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every look count, however soon after the last one."""
    monkeypatch.setattr(exports, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(exports, "LOOK_SHARE", float("inf"))


@pytest.mark.usefixtures("looked_at_always")
def test_a_model_that_has_changed_is_exported_anew() -> None:
    model = Model()
    space = space_of(model)
    before = export(space, MOST)
    assert export(space, MOST) is before
    assert not has_changed(space)
    model.gain = 2.0
    assert has_changed(space)
    after = export(space, MOST)
    assert after.name != before.name
    assert has_changed(space), "who has asked for no export knows nothing of the change"
    forget_exported(space, seen=True)
    export(space, MOST)
    assert not has_changed(space)


def test_a_model_that_is_trained_meanwhile_stays_until_that_ends() -> None:
    model = Trained()
    space = space_of(model)
    assert "changes while it is exported" in export(space, MOST).reason
    assert model.exports == 1


@pytest.mark.usefixtures("looked_at_always")
def test_whoever_moves_next_sees_the_model_as_it_is() -> None:
    model = Model()
    space = space_of(model)
    widgets = [widget_of(space), widget_of(space), widget_of(space_of(Model()))]
    for widget in widgets:
        assert check(widget)[0]["reason"] == ""
        Page(widget.comm).set(runs_in="page")
    widgets[0].value = 0.6
    assert widgets[0].runs_in == "page"
    before = [Page(widget.comm).state["_exports"] for widget in widgets]
    model.gain = 0.5
    Page(widgets[0].comm).set(value=0.7)
    assert [widget.runs_in for widget in widgets] == ["kernel", "kernel", "page"]
    after = [Page(widget.comm).state["_exports"] for widget in widgets]
    assert np.not_equal(after, before).tolist() == [True, True, False]


@pytest.mark.usefixtures("looked_at_always")
def test_a_change_that_one_widget_has_used_is_told_to_the_others() -> None:
    model = Model()
    space = space_of(model)
    first, second = widget_of(space), widget_of(space)
    for widget in (first, second):
        assert check(widget)[0]["reason"] == ""
        Page(widget.comm).set(runs_in="page")
    model.gain = 0.5
    assert check(first)[0]["reason"] == ""  # as for a new path: nobody has moved
    assert second.runs_in == "page"
    Page(second.comm).set(value=0.7)
    assert second.runs_in == "kernel"
    exported = model.exports
    for widget in (first, second):
        assert check(widget)[0]["reason"] == ""
        Page(widget.comm).set(runs_in="page", value=0.8)
    assert [first.runs_in, second.runs_in] == ["page", "page"]
    assert model.exports == exported


class Counting(Model):
    """Seems to have changed after each decode, and exports to the same."""

    def state(self) -> object:
        return self.decodes


@pytest.mark.usefixtures("looked_at_always")
def test_a_model_that_seems_to_change_for_ever_stays_with_a_reason() -> None:
    model = Counting()
    widget = widget_of(space_of(model))
    page = Page(widget.comm)
    reasons = list[str]()
    for i in range(9):
        reasons.append(check(widget)[0]["reason"])
        page.set(value=i / 10)
        page.asked(at=[i / 10])
        page.set(value=i / 10 + 0.05)
    assert "it is written to all the time, though it decodes the same" in reasons[-1]
    assert model.exports < 9
    exported = model.exports
    check(widget)
    assert model.exports == exported
    widget.refresh()
    assert check(widget)[0]["reason"] == ""


@pytest.mark.usefixtures("looked_at_always")
def test_what_has_to_stay_anyhow_is_not_looked_at() -> None:
    class Watched(Model):
        looks = 0

        def state(self) -> object:
            self.looks += 1
            return self.gain

    model = Watched()
    model.raises = lw.errors.LatentValueError("it is random.")
    space = space_of(model)
    export(space, MOST)
    looks = model.looks
    assert not has_changed(space)
    assert model.looks == looks


@pytest.mark.usefixtures("looked_at_always")
def test_what_cannot_be_looked_at_counts_as_unchanged() -> None:
    class Busy(Model):
        busy = False

        def state(self) -> object:
            if self.busy:
                raise RuntimeError("dictionary changed size during iteration")
            return self.gain

    model = Busy()
    space = space_of(model)
    assert export(space, MOST).reason == ""
    model.busy = True
    assert not has_changed(space)
    assert export(space, MOST).reason == ""


def test_a_slow_look_is_not_repeated_soon() -> None:
    class Large(Model):
        looks = 0

        def state(self) -> object:
            self.looks += 1
            time.sleep(0.05)
            return self.gain

    model = Large()
    space = space_of(model)
    export(space, MOST)
    looks, end = model.looks, time.monotonic() + 1
    while time.monotonic() < end:
        assert not has_changed(space)
        time.sleep(0.01)
    assert model.looks == looks + 1


SLOW = r"a picture takes \d+\.\d s here, and would take longer in a page\.$"


def test_a_slow_decoder_is_neither_exported_nor_compared() -> None:
    model = Model()
    space = widget_of(space_of(model)).space
    model.seconds = 0.4
    widget = widget_of(space)
    exported, decodes = model.exports, model.decodes
    assert re.search(SLOW, check(widget)[0]["reason"])
    assert (model.exports, model.decodes) == (exported, decodes)


def test_a_person_who_insists_is_told_at_once_that_a_decoder_is_slow() -> None:
    model = Model()
    space = widget_of(space_of(model)).space
    model.seconds = 0.4
    exported, decodes = model.exports, model.decodes
    with pytest.raises(lw.errors.LatentValueError, match=SLOW):
        widget_of(space, run="page")
    assert model.exports == exported
    assert model.decodes == decodes + 2, "once more, as the first may have been slow"


def test_the_first_decode_of_all_does_not_rule_out_what_a_person_insists_on() -> None:
    class Cold(Model):
        def decode(self, latents: NDArray[np.float32]) -> NDArray[np.float32]:
            self.seconds = 0.4 if self.decodes == 0 else 0.0
            return super().decode(latents)

    widget = widget_of(space_of(Cold()), run="page")
    assert check(widget)[0]["reason"] == ""


@pytest.mark.usefixtures("looked_at_always")
def test_an_export_that_took_long_to_fail_is_not_repeated_for_each_new_path() -> None:
    class Late(Model):
        late = False

        def portable(self, wish: Wish) -> Linear:
            if self.late:
                self.exports += 1
                time.sleep(1.2)
                raise PassingError("it took too long.")
            return super().portable(wish)

    model = Late()
    widget = widget_of(space_of(model), run="page")
    model.late, model.gain = True, 2.0
    assert check(widget)[0]["reason"] == "it took too long."
    exported = model.exports
    widget.method = "slerp"
    assert check(widget)[0]["reason"] == "it took too long."
    assert model.exports == exported
    widget.run = "auto"
    with pytest.raises(lw.errors.LatentValueError, match="it took too long"):
        widget.run = "page"
    assert model.exports == exported + 1


def test_the_first_decode_of_all_does_not_count_as_slow() -> None:
    model = Model()
    model.seconds = 0.4
    widget = widget_of(space_of(model))
    model.seconds = 0.0
    page = Page(widget.comm)
    page.asked(at=[0.25])
    page.ask(type="decoder", at=[0.5], part="check")
    assert page.answer()[0]["reason"] == ""


@pytest.mark.parametrize(("side", "count"), [(8, 4), (1040, 2)])
def test_frames_to_compare_with_are_small_and_not_kept(
    side: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "SLOW_SECONDS", 60.0)  # however busy the machine is
    model = Model(side)
    widget = widget_of(space_of(model), page_memory=512)
    answer, buffers = check(widget)
    frames = buffers[len(answer["arrays"]) :]
    assert len(answer["positions"]) == len(frames) == count
    for frame in frames:
        assert len(frame) < side**2
        assert len(zlib.decompress(frame)) == 4 * side**2
    decodes = model.decodes
    for at in answer["positions"][1:]:
        Page(widget.comm).asked(at=at)
    assert model.decodes > decodes, "a frame of the check was kept"
