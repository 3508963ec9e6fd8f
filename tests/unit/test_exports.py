"""What is exported for a page, when, and for how long: nothing waits, nothing is outdated."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import latentwidgets as lw
from latentwidgets.common.wanted import UnwantedError
from latentwidgets.engine import exports
from latentwidgets.engine.exports import export, exported_before, forget_exported
from latentwidgets.engine.handed import places
from latentwidgets.errors import LatentValueError
from latentwidgets.routes import grids
from latentwidgets.routes.edit import Edit
from latentwidgets.space.locks import ModelCaller
from latentwidgets.space.portable import Linear, Network, Wish
from tests.unit.page import Page
from tests.unit.test_forks import in_fork, needs_fork

SIDE = 8
MOST = 64 * 2**20


class Model(ModelCaller):
    """A linear decoder whose export waits until it is let go, or unwanted.

    Attributes
    ----------
    gain : float
        What a latent is multiplied with.
    begun, let : Event
        An export has begun; it may end.
    given_up, calls : int
        How many exports were given up; how often it has decoded.
    """

    def __init__(self, side: int = SIDE) -> None:
        self.models = (self,)
        self.side, self.gain, self.given_up, self.calls = side, 1.0, 0, 0
        self.begun, self.let = threading.Event(), threading.Event()

    def decode(self, latents: NDArray[np.float32]) -> NDArray[np.float32]:
        self.calls += 1
        wide = np.repeat(latents[:, :1], self.side**2, axis=1)
        return self.gain * wide.reshape(-1, self.side, self.side)

    def portable(self, wish: Wish) -> Linear:
        gain = self.gain
        self.begun.set()
        while not self.let.wait(0.01):
            if wish.unwanted():
                self.given_up += 1
                raise UnwantedError
        weights = np.zeros((2, self.side**2), np.float32)
        weights[0] = gain
        return Linear(weights, np.zeros(self.side**2, np.float32))


class Networked(Model):
    def portable(self, wish: Wish) -> Network:  # type: ignore[override]
        return Network(b"a graph")


def space_of(model: Model) -> lw.LatentSpace:
    return lw.LatentSpace(model.decode, 2, value_range=(0, 1))


def widget_of(model: Model, **traits: Any) -> lw.Interpolator:
    return lw.Interpolator(space_of(model), np.eye(2), method="lerp", **traits)


@pytest.fixture
def hanging() -> Iterator[Model]:
    """A model whose export hangs until the test ends."""
    model = Model()
    yield model
    model.let.set()


def free() -> Model:
    model = Model()
    model.let.set()
    return model


def export_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "latentwidgets-export"]


def wait_for(happens: Callable[[], object], words: str) -> None:
    deadline = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < deadline, words
        time.sleep(0.01)


def test_a_decoder_is_handed_over_while_another_is_exported(hanging: Model) -> None:
    mine = widget_of(free(), run="page")
    other = Page(widget_of(hanging).comm)
    other.ask(type="decoder", at=[0.5], part="check")
    assert hanging.begun.wait(10)
    page = Page(mine.comm)
    page.ask(type="decoder", at=[0.5], part="network")
    answer, buffers = page.answer()  # the other one has no end yet
    assert answer["type"] == "decoder"
    assert len(buffers) == 2


def test_what_was_forgotten_is_not_exported_in_the_handler(hanging: Model) -> None:
    space = space_of(hanging)
    widget = lw.Interpolator(space, np.eye(2), method="lerp")
    page = Page(widget.comm)
    answer = page.asked(type="decoder", at=[0.5], part="network")
    assert (answer["type"], answer["message"]) == ("error", "the decoder has changed.")
    assert not hanging.begun.is_set()
    hanging.let.set()
    export(space, MOST)
    hanging.begun.clear()
    widget.refresh()
    answer = page.asked(type="decoder", at=[0.5], part="network")
    assert (answer["type"], answer["message"]) == ("error", "the decoder has changed.")
    assert not hanging.begun.is_set()


def test_a_decoder_of_another_name_is_refused() -> None:
    widget = widget_of(free(), run="page")
    page = Page(widget.comm)
    found = exported_before(widget.space)
    assert found is not None
    answer = page.asked(type="decoder", at=[0.5], part="network", name=found.name)
    assert answer["type"] == "decoder"
    answer = page.asked(type="decoder", at=[0.5], part="network", name="another")
    assert (answer["type"], answer["message"]) == ("error", "the decoder has changed.")


def test_a_model_that_changes_while_it_is_exported_is_exported_anew() -> None:
    model = Model()
    space = space_of(model)
    found: list[exports.Exported] = []
    thread = threading.Thread(target=lambda: found.append(export(space, MOST)))
    thread.start()
    assert model.begun.wait(10)
    model.gain = 3.0
    forget_exported(space)
    wait_for(lambda: model.given_up == 1, "the outdated export went on")
    model.let.set()
    thread.join(10)
    [exported] = found
    assert isinstance(exported.carried, Linear)
    assert exported.carried.weights[0, 0] == 3.0
    assert exported_before(space) is exported


class Deaf(Model):
    """Does not look whether anybody wants its export: it ends with what it began with."""

    def portable(self, wish: Wish) -> Linear:
        weights = np.full((2, self.side**2), self.gain, np.float32)
        self.begun.set()
        self.let.wait(10)
        return Linear(weights, np.zeros(self.side**2, np.float32))


def test_a_model_that_changed_as_it_was_exported_is_never_kept() -> None:
    model = Deaf()
    space = space_of(model)
    found: list[exports.Exported] = []
    thread = threading.Thread(target=lambda: found.append(export(space, MOST)))
    thread.start()
    assert model.begun.wait(10)
    model.gain = 5.0
    forget_exported(space)
    model.let.set()
    thread.join(10)
    assert isinstance(found[0].carried, Linear)
    assert found[0].carried.weights[0, 0] == 5.0


def test_a_widget_that_is_closed_ends_its_export(hanging: Model) -> None:
    space = space_of(hanging)
    widget = lw.Interpolator(space, np.eye(2), method="lerp")
    Page(widget.comm).ask(type="decoder", at=[0.5], part="check")
    assert hanging.begun.wait(10)
    assert export_threads()
    gone = weakref.ref(space)
    widget.close()
    del space, widget
    wait_for(lambda: not export_threads(), "the thread of the export is still there")
    assert hanging.given_up == 1
    wait_for(lambda: gc.collect() >= 0 and gone() is None, "something holds the space")


def test_a_thread_that_waits_for_its_turn_ends_with_its_widget(hanging: Model) -> None:
    space = space_of(hanging)
    first, second = (lw.Interpolator(space, np.eye(2), method="lerp") for _ in range(2))
    Page(first.comm).ask(type="decoder", at=[0.5], part="check")
    assert hanging.begun.wait(10)
    Page(second.comm).ask(type="decoder", at=[0.5], part="check")
    wait_for(lambda: len(export_threads()) == 2, "no second thread")
    second.close()
    wait_for(lambda: len(export_threads()) == 1, "it still waits")
    assert hanging.given_up == 0


def test_each_widget_has_its_own_limit() -> None:
    model = Model(side=512)
    model.let.set()
    space = space_of(model)
    assert export(space, MOST).reason == ""
    assert "takes 3 MB, and the page is sent at most 1 MB" in export(space, 2**20).reason
    assert export(space, MOST).reason == ""
    forget_exported(space)
    assert export(space, 2**20).reason
    assert export(space, MOST).reason == ""  # what was too large for one is tried again


def test_more_memory_is_enough_for_a_widget_that_is_there() -> None:
    model = Model(side=512)
    model.let.set()
    widget = widget_of(model, page_memory=1)
    page = Page(widget.comm)
    answer = page.asked(type="decoder", at=[0.5], part="check")
    assert "takes 3 MB, and the page is sent at most 1 MB; set page_memory" in answer["reason"]
    widget.page_memory = 4
    answer = page.asked(type="decoder", at=[0.5], part="check")
    assert (answer["reason"], answer["of"]) == ("", "decoder")


class Alone(ModelCaller):
    """Calls a model in a way of its own."""

    def __init__(self) -> None:
        self.models = (Model(),)

    def decode(self, latents: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.repeat(latents[:, :1], 64, axis=1).reshape(-1, 8, 8)


def test_what_has_a_way_of_its_own_is_told_what_it_is() -> None:
    space = lw.LatentSpace(Alone().decode, 2, value_range=(0, 1))
    assert export(space, MOST).reason.startswith("the code in Python that calls Model stays. Plain")


@needs_fork
def test_a_fork_waits_for_no_export_of_the_process_that_was_forked(hanging: Model) -> None:
    space = space_of(hanging)
    thread = threading.Thread(target=partial(export, space, MOST), daemon=True)
    thread.start()
    assert hanging.begun.wait(10)

    def exported() -> str:
        hanging.let.set()
        return export(space, MOST).name

    assert len(in_fork(exported)) > 8
    hanging.let.set()
    thread.join(10)


def test_frames_are_compared_only_once_nobody_moves() -> None:
    model = free()
    page = Page(widget_of(model).comm)
    page.ask(type="decoder", at=[0.5], part="check")
    wait_for(lambda: not export_threads(), "the export did not end")
    model.calls = 0
    for i in range(10):  # somebody drags: four times as long as a check takes
        answer = page.asked(at=[i / 20])
        assert answer["of"] == "ask"
        time.sleep(0.05)
    assert model.calls <= 10
    assert page.answer()[0]["of"] == "decoder"


def test_places_are_all_over_a_grid() -> None:
    latents = np.random.default_rng(0).standard_normal((900, 2)).astype(np.float32)
    found = places(grids.cells(latents), (0.0, 0.0))
    assert len(found) == 4
    assert max(max(place) for place in found) > 10
    plane = grids.plane(
        np.zeros(2, np.float32),
        lw.Direction("x", [1.0, 0.0]),
        lw.Direction("y", [0.0, 1.0]),
        amounts=np.linspace(-3, 3, 31).tolist(),
    )
    spread = np.array(places(plane, (0.0, 0.0))[1:])
    assert spread.max() > 10
    assert (spread >= 0).all()
    assert (spread <= 30).all()


@pytest.mark.parametrize("limits", [(-0.5, 0.25), (-20.0, 20.0), (2.0, 6.0)])
def test_places_of_an_edit_are_within_its_sliders(limits: tuple[float, float]) -> None:
    vectors = np.eye(4)
    directions = lw.Directions(
        lw.Direction(f"d{i}", vector, limits=limits) for i, vector in enumerate(vectors)
    )
    edit = Edit(np.zeros(4, np.float32), directions)
    spread = np.array(places(edit, (0.0,) * 4)[1:])
    low, high = edit.ends[0]
    assert (spread >= low).all()
    assert (spread <= high).all()
    assert np.ptp(spread) > 0.5 * (high - low)


def test_run_page_raises_where_the_runtime_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "RUNTIME", ("no_such_file",))
    with pytest.raises(LatentValueError, match="lacks onnxruntime-web"):
        widget_of(Networked(), run="page")
    assert widget_of(free(), run="page").run == "page"  # a matrix needs none
    monkeypatch.setattr(exports, "GPU_RUNTIME", ("no_such_file",))
    with pytest.raises(LatentValueError, match="lacks the build of onnxruntime-web for GPUs"):
        exports.check_runtime(gpu=True)


def test_the_page_alone_says_where_it_runs() -> None:
    with pytest.raises(lw.errors.LatentTypeError, match="takes no argument 'runs_in'"):
        widget_of(free(), runs_in="page")
    widget = widget_of(free())
    assert widget.runs_in == "kernel"
    with pytest.raises(lw.errors.LatentTypeError, match="the page says it. To say where"):
        widget.runs_in = "page"
    page = Page(widget.comm)
    assert page.state["runs_in"] == "kernel"
    page.set(runs_in="page")
    assert widget.runs_in == "page"
    page.set(runs_in="moon")
    assert widget.runs_in == "page"


def test_a_wrong_variable_says_nothing_where_run_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENTWIDGETS_RUN", "nowhere")
    assert widget_of(free(), run="kernel").run == "kernel"
