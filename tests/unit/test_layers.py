"""Spaces with layers, directions of one layer on them, and profiles."""

from __future__ import annotations

import copy
import pickle
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.directions import Evidence
from latentwidgets.engine import Drawn, Scheduler, messages
from latentwidgets.engine.layers import layer_effects
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from tests.unit.page import Page

RNG = np.random.default_rng(7)
LAYERS, WIDTH = 6, 4
NAMES = ("coarse", "two", "three", "four", "five", "fine")
# Latents of one layer, and such of six.
FLAT = (RNG.normal(size=(300, WIDTH)) @ RNG.normal(size=(WIDTH, WIDTH))).astype(np.float32)
LATENTS = RNG.normal(size=(50, LAYERS, WIDTH)).astype(np.float32)


def decode(latents: np.ndarray) -> np.ndarray:
    """Pictures of six rows: each shows what its layer sums to."""
    rows = 0.5 + 0.02 * latents.sum(axis=2)
    return np.repeat(rows[:, :, None], LAYERS, axis=2).clip(0, 1)


def space_of(**options: Any) -> lw.LatentSpace:
    given = {"layers": True, "value_range": (0, 1), **options}
    return lw.as_space(decode, latent_shape=(LAYERS, WIDTH), **given)


SPACE = space_of()
FOUND = lw.pca_directions(FLAT, n=3) + lw.probe_directions(
    FLAT, {"smile": FLAT[:, 0] > 0}, shuffles=0, bootstraps=0
)


def editor(**options: Any) -> lw.DirectionEditor:
    directions = options.pop("directions", FOUND)
    return lw.DirectionEditor(SPACE, options.pop("base", LATENTS[0]), directions, **options)


# The space


def test_a_space_names_its_layers() -> None:
    assert SPACE.layers == ("0", "1", "2", "3", "4", "5")
    assert space_of(layers=6).layers == SPACE.layers
    assert space_of(layers=iter(NAMES)).layers == NAMES
    assert space_of(layers=None).layers == ()
    named = SPACE.replace(layers=NAMES)
    assert named.layers == named.replace(name="other").layers == NAMES
    assert copy.deepcopy(named).layers == pickle.loads(pickle.dumps(named)).layers == NAMES


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (5, "6 rows"),
        (NAMES[:2], "there are 2 layers"),
        (["a"] * 6, "two layers are called 'a'"),
        ("abcdef", "expected a name for each layer"),
        ([*NAMES[:5], " "], "expected a text"),
        (0, "at least 1"),
        (2.5, "expected a name for each layer"),
    ],
)
def test_what_is_no_layers_is_refused(layers: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        space_of(layers=layers)


def test_layers_need_latents_of_two_axes() -> None:
    with pytest.raises(lw.LatentValueError, match="latent_shape=\\(layers, width\\)"):
        lw.as_space(np.cos, latent_shape=8, layers=True)


# Directions of one layer


@pytest.mark.parametrize("shape", [(WIDTH,), (1, WIDTH)])
def test_a_direction_of_one_layer_moves_all_of_them_alike(shape: tuple[int, ...]) -> None:
    one = FOUND[0]
    given = one.replace(
        **{name: getattr(one, name).reshape(shape) for name in ("vector", "readout", "mean")}
    )
    widget = editor(directions=[given], value={"PC 1": 1.5})
    step = (widget.latent - LATENTS[0]).astype(np.float64)
    expected = one.move(FLAT[:1], 1.5)[0] - FLAT[0]
    np.testing.assert_allclose(step, np.broadcast_to(expected, step.shape), atol=1e-5)
    made = widget.directions[0]
    assert made.latent_shape == (LAYERS, WIDTH)
    assert made.evidence == one.evidence
    assert "spread from one layer over all 6 layers" in made.method


def test_on_latents_that_are_one_layer_repeated_it_reads_what_it_reads_of_that_layer() -> None:
    repeated = np.repeat(FLAT[:, None], LAYERS, axis=1)
    for one in FOUND:
        spread = one.on_layers((LAYERS, WIDTH))
        np.testing.assert_allclose(spread.measure(repeated), one.measure(FLAT), atol=1e-4)
        np.testing.assert_allclose(spread.coordinate(repeated), one.coordinate(FLAT), atol=1e-4)
        assert (spread.limits, spread.readout_sigma) == (one.limits, one.readout_sigma)


def test_some_of_one_layer_and_some_of_all_go_together() -> None:
    whole = lw.Direction("whole", LATENTS[1])
    widget = editor(directions=[FOUND[0], whole])
    assert widget.directions.names == ("PC 1", "whole")
    assert widget.directions["whole"] is whole
    widget.directions = FOUND[:2]
    assert widget.directions.names == ("PC 1", "PC 2")


def test_grids_and_local_directions_take_them_too() -> None:
    rows = lw.LatentGrid.traversals(SPACE, LATENTS[0], FOUND)
    assert rows.latents.shape == (4 * 7, LAYERS, WIDTH)
    np.testing.assert_allclose(
        rows.latents[6] - LATENTS[0],
        np.tile(3 * FOUND[0].sigma * FOUND[0].vector, (6, 1)),
        atol=1e-5,
    )
    assert lw.LatentGrid.plane(SPACE, LATENTS[0], *FOUND[:2]).grid.count == 49
    assert lw.LatentGrid.table(SPACE, LATENTS[:2], FOUND[0]).grid.count == 14
    some = FOUND[0].on_layers(SPACE.latent_shape, range(2))
    moved = lw.LatentGrid.traversals(SPACE, LATENTS[0], [some]).latents[0] - LATENTS[0]
    assert moved[:2].all()
    assert not moved[2:].any()
    with pytest.raises(lw.LatentValueError, match="are one direction"):
        lw.LatentGrid.plane(SPACE, LATENTS[0], FOUND[0], FOUND[0])
    local = lw.local_directions(SPACE, np.zeros((LAYERS, WIDTH)), within=FOUND[:2])
    assert np.ptp(local[0].vector, axis=0).max() < 1e-6


def test_without_layers_nothing_is_guessed_and_the_way_out_is_shown() -> None:
    space = space_of(layers=None)
    with pytest.raises(lw.LatentValueError, match="layers=True.*broadcast.*on_layers"):
        lw.DirectionEditor(space, LATENTS[0], FOUND)
    with pytest.raises(lw.LatentValueError, match="on_layers\\(\\(6, 4\\)\\)"):
        FOUND[0].move(LATENTS, 1)
    with pytest.raises(lw.LatentValueError, match="of shape \\(3,\\)"):
        lw.DirectionEditor(SPACE, LATENTS[0], [lw.Direction("x", [1.0, 0, 0])])


def test_on_layers_says_what_becomes_of_the_evidence() -> None:
    found = Evidence(0.3, score_name="share of variance", stability=0.9)
    whole = lw.Direction("age", LATENTS[0], evidence=found)
    part = whole.on_layers((LAYERS, WIDTH), range(1, 3))
    assert part.evidence == Evidence()
    assert part.method == "given, at layers 1-2 of 6"
    assert part.provenance["changed"] == ("at layers 1-2 of 6",)
    np.testing.assert_allclose(part.sigma * part.vector[1:3], whole.vector[1:3])
    assert not part.vector[[0, 3, 4, 5]].any()
    assert whole.on_layers((LAYERS, WIDTH)) is whole
    with pytest.raises(lw.LatentValueError, match="acts at no layer"):
        whole.on_layers((LAYERS, WIDTH), [0] * LAYERS)
    with pytest.raises(lw.LatentValueError, match="one of shape \\(5,\\) can act"):
        whole.on_layers((LAYERS, 5))


# Profiles


def test_a_profile_says_how_strongly_each_layer_is_moved() -> None:
    weights = (0, 0, 1, 0.5, 0, 0)
    widget = editor(profiles={"PC 1": weights}, value={"PC 1": 2.0})
    step = FOUND[0].sigma * 2 * FOUND[0].vector
    np.testing.assert_allclose(widget.latent - LATENTS[0], np.outer(weights, step), atol=1e-5)
    assert widget.profiles == {"PC 1": weights}
    page = Page(widget.comm)
    shown = page.state["_route"]
    widget.profiles = {"PC 1": range(2, 4)}
    assert widget.profiles == {"PC 1": (0, 0, 1, 1, 0, 0)}
    assert page.state["_route"] != shown
    assert widget.value["PC 1"] == 2.0
    widget.profiles = {"PC 1": [1] * 6}
    assert widget.profiles == {}
    np.testing.assert_allclose(widget.latent - LATENTS[0], np.tile(step, (6, 1)), atol=1e-5)


def test_profiles_are_observed_and_go_with_their_directions() -> None:
    widget = editor()
    seen: list[dict[str, Any]] = []
    widget.observe(lambda change: seen.append(dict(change["new"])), "profiles")
    widget.profiles = {"PC 2": range(1)}
    widget.profiles = {"PC 2": [1, 0, 0, 0, 0, 0]}
    assert [one["PC 2"] for one in seen] == [(1, 0, 0, 0, 0, 0)]
    widget.directions = FOUND[:1]
    assert widget.profiles == {}
    with pytest.raises(lw.LatentTypeError, match="widget.profiles = "):
        widget.profiles["PC 1"] = (0,) * 6


def test_layers_can_be_named() -> None:
    widget = lw.DirectionEditor(SPACE.replace(layers=NAMES), LATENTS[0], FOUND)
    widget.profiles = {"PC 1": ["two", "fine"], "PC 2": "coarse"}
    assert widget.profiles == {"PC 1": (0, 1, 0, 0, 0, 1), "PC 2": (1, 0, 0, 0, 0, 0)}
    assert Page(widget.comm).state["_layers"] == list(NAMES)
    with pytest.raises(lw.LatentValueError, match="'corse'. Did you mean 'coarse'"):
        widget.profiles = {"PC 1": ["corse"]}


@pytest.mark.parametrize(
    ("profiles", "words"),
    [
        ({"PC 11": range(2)}, "profiles names 'PC 11'.*Did you mean 'PC 1'"),
        ({"PC 1": range(4, 8)}, "from 0 to 5"),
        ({"PC 1": range(-2, 2)}, "from 0 to 5"),
        ({"PC 1": [0, 1]}, "shape \\(2,\\); expected 6 numbers.*range"),
        ({"PC 1": [0, 0, 0, 0, 0, 2]}, "reaches from 0 to 2"),
        ({"PC 1": [-1, 0, 0, 0, 0, 0]}, "reaches from -1"),
        ({"PC 1": [0, 0, 0, 0, 0, np.nan]}, "NaN"),
        ({"PC 1": 3}, "one a layer, or a range"),
        ({"PC 1": {"a": 1}}, "one a layer, or a range"),
        ({"PC 1": ["a", "b", 1, 2, 3, 4]}, "real numbers"),
        ({"PC 1": []}, "at least one"),
        ([1, 0], "expected profiles by name"),
        (None, "expected profiles by name"),
    ],
)
def test_what_is_no_profile_is_refused_and_changes_nothing(profiles: Any, words: str) -> None:
    widget = editor(profiles={"PC 2": range(2)})
    with pytest.raises(lw.LatentWidgetsError, match=words):
        widget.profiles = profiles
    assert widget.profiles == {"PC 2": (1, 1, 0, 0, 0, 0)}


def test_profiles_need_layers() -> None:
    space = lw.as_space(lambda z: z.reshape(-1, 2, 2), latent_shape=WIDTH, value_range=(-3, 3))
    with pytest.raises(lw.LatentValueError, match="has no layers.*layers=True"):
        lw.DirectionEditor(space, FLAT[0], FOUND, profiles={"PC 1": [1]})
    with pytest.raises(lw.LatentTypeError, match="Did you mean 'profiles'"):
        lw.DirectionEditor(space, FLAT[0], FOUND, profile={})  # type: ignore[call-arg]


def test_a_direction_that_acts_nowhere_moves_nothing() -> None:
    for mode in ("relative", "absolute"):
        widget = editor(profiles={"PC 1": range(0)}, mode=mode, hold=["PC 2"])
        widget.value = {"PC 1": 3.0}
        np.testing.assert_array_equal(widget.latent, LATENTS[0])
        assert Page(widget.comm).state["_left"][0] == 1


@pytest.mark.parametrize("mode", ["relative", "absolute"])
def test_what_is_held_is_read_the_same_and_only_painted_layers_change(mode: str) -> None:
    rng = np.random.default_rng(1)
    data = rng.normal(size=(500, LAYERS, WIDTH)) @ rng.normal(size=(WIDTH, WIDTH))
    data[:, 2] += 2 * data[:, 3]
    labels = {"age": data[:, 2, 0] + data[:, 3, 1], "hair": data[:, 2].sum(axis=1)}
    found = lw.probe_directions(data, labels, shuffles=0, bootstraps=0)
    found += lw.pca_directions(data, n=3)
    assert abs(found.cosines() - np.eye(5)).max() > 0.3, "nothing to hold against"
    widget = lw.DirectionEditor(
        SPACE, data[0], found, hold=["age", "hair"], profiles={"PC 1": range(2, 4)}, mode=mode
    )
    for name in ("PC 1", "PC 2"):
        before = (
            found["age"].measure(widget.latent[None]),
            found["hair"].measure(widget.latent[None]),
        )
        start = widget.latent
        widget.value = {**widget.value, name: widget.value[name] + 2.0}
        for held, was in zip(("age", "hair"), before, strict=True):
            now = found[held].measure(widget.latent[None])
            assert now == pytest.approx(was, abs=1e-4 * found[held].readout_sigma)
        moved = np.abs(widget.latent - start).max(axis=1) > 1e-6
        assert moved[2:4].all()
        assert moved.all() if name == "PC 2" else not moved[[0, 1, 4, 5]].any()
    # Its own slider still moves what is held, and the other one that is held stays.
    hair = found["hair"].measure(widget.latent[None])
    age = found["age"].measure(widget.latent[None])
    widget.value = {**widget.value, "age": widget.value["age"] + 1.0}
    assert found["hair"].measure(widget.latent[None]) == pytest.approx(hair, abs=1e-4)
    assert found["age"].measure(widget.latent[None]) > age + 0.1


def test_readings_of_the_page_follow_profiles() -> None:
    widget = editor(profiles={"PC 1": range(2)}, hold=["smile"])
    widget.value = {"PC 1": 1.7, "PC 2": -0.5}
    told = Page(widget.comm).state
    gains, readings = np.array(told["_gains"]), np.array(told["_readings"])
    said = readings[0] + gains @ [1.7, -0.5, 0, 0]
    measured = [one.measure(widget.latent[None], standardized=True)[0] for one in widget.directions]
    assert said == pytest.approx(measured, abs=1e-4)
    assert abs(gains[3, :3]).max() < 1e-9


def test_where_the_painted_layers_cannot_hold_it_others_help() -> None:
    # What is held moves layer 0 where its own readout does not look: only layer 1 can make up.
    vector, readout = np.zeros((2, LAYERS, WIDTH))
    vector[0, 1], vector[1, 0] = 1, 1
    readout[0, 0], readout[1, 0] = 1, 1
    held = lw.Direction("held", vector, readout=readout)
    other = np.zeros((LAYERS, WIDTH))
    other[0] = [0.6, 0.8, 0, 0]
    both = lw.Directions([held, lw.Direction("free", other)])
    edit = Edit(LATENTS[0], both, ["held"], profiles={"free": (1, 0, 0, 0, 0, 0)})
    step = edit.latents([(0.0, 1.0)])[0] - LATENTS[0]
    assert step[0, 0] == pytest.approx(0.6, abs=1e-5)
    assert (step * readout).sum() == pytest.approx(0, abs=1e-5)
    assert step[1, 0] == pytest.approx(-0.6, abs=1e-5)


def test_in_absolute_mode_an_amount_is_the_coordinate_within_the_painted_layers() -> None:
    widget = editor(profiles={"PC 1": range(2, 4)}, mode="absolute")
    own = FOUND[0].coordinate(LATENTS[0][2:4]).mean()
    assert widget.value["PC 1"] == pytest.approx(own, abs=1e-5)
    widget.value = {"PC 1": 1.25}
    assert FOUND[0].coordinate(widget.latent[2:4]).mean() == pytest.approx(1.25, abs=1e-5)
    np.testing.assert_array_equal(widget.latent[[0, 1, 4, 5]], LATENTS[0][[0, 1, 4, 5]])


def test_ganspace_components_of_w_act_at_some_layers_of_w_plus() -> None:
    """Painting the coarse layers changes the upper rows of the picture, and no others."""
    widget = editor(value={"PC 1": 2.0}, profiles={"PC 1": range(2)})
    changed = np.abs(
        SPACE.decode(widget.latent[None]).astype(int) - SPACE.decode(LATENTS[:1]).astype(int)
    )[0, :, :, 0].any(axis=1)
    assert changed.tolist() == [True, True, False, False, False, False]


def test_undo_brings_profiles_back() -> None:
    explorer = lw.explore(SPACE, LATENTS, directions=FOUND, parts=["editor", "grid"])
    explorer.editor.profiles = {"PC 1": range(3)}
    explorer.history.undo()
    assert explorer.editor.profiles == {}
    explorer.history.redo()
    assert explorer.editor.profiles == {"PC 1": (1, 1, 1, 0, 0, 0)}


# Where a direction acts


def test_what_layers_do_is_found_out_under_the_conditions_of_now() -> None:
    def strong(latents: np.ndarray, strength: np.ndarray) -> np.ndarray:
        return decode(strength[:, None, None] * latents)

    options = {"layers": True, "value_range": (0, 1), "conditions": {"strength": (1.0, 0.0, 2.0)}}
    space = lw.as_space(strong, latent_shape=(LAYERS, WIDTH), **options)
    edit = Edit(LATENTS[0], lw.Directions(one.on_layers((LAYERS, WIDTH)) for one in FOUND))
    route = Conditioned.of(edit, space.conditions)

    def effects(strength: float, axis: int = 0) -> np.ndarray:
        at = (*edit.origin.tolist(), strength)
        return np.concatenate(list(layer_effects(space, route, at, axis)))

    assert (effects(1.0) > 0).all()
    np.testing.assert_allclose(effects(0.5), 0.5 * effects(1.0), rtol=1e-2)
    with pytest.raises(lw.LatentValueError, match="is a condition"):
        effects(1.0, axis=len(FOUND))


def asked(widget: lw.DirectionEditor, axis: int, **more: Any) -> dict[str, Any]:
    """Ask as the page does, and wait for what is answered."""
    at = list(widget.value.values())
    return Page(widget.comm).asked(type="layers", at=at, axis=axis, **more)


def test_the_kernel_says_how_much_each_layer_changes_the_output() -> None:
    def uneven(latents: np.ndarray) -> np.ndarray:
        return decode(latents * np.linspace(0, 1, LAYERS)[:, None])

    space = lw.as_space(uneven, latent_shape=(LAYERS, WIDTH), layers=True, value_range=(0, 1))
    widget = lw.DirectionEditor(space, LATENTS[0], FOUND, profiles={"PC 2": range(1)})
    answer = asked(widget, 1)
    assert (answer["type"], answer["of"], answer["seq"]) == ("layers", "layers", 1)
    # One row of six changes, by 0.02 times what the vector sums to, whatever the profile is.
    step = 0.02 * FOUND[1].sigma * abs(FOUND[1].vector.sum()) / LAYERS**0.5
    assert answer["effects"] == pytest.approx(step * np.linspace(0, 1, LAYERS), rel=0.02, abs=1e-5)


def test_what_cannot_be_said_of_layers_is_answered_in_words() -> None:
    def write(latents: np.ndarray) -> list[str]:
        return [f"{latent.sum():.1f}" for latent in latents]

    space = lw.as_space(write, latent_shape=(LAYERS, WIDTH), layers=True, kind="text")
    answer = asked(lw.DirectionEditor(space, LATENTS[0], FOUND), 0)
    assert answer["type"] == "error"
    assert "no derivative" in answer["message"]
    answer = asked(lw.DirectionEditor(SPACE, LATENTS[0], FOUND), 0, route="gone")
    assert answer["type"] == "stale"


@pytest.mark.parametrize("axis", [4, -1, 0.5, None, True])
def test_a_page_that_asks_about_no_direction_is_not_answered(
    axis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    Page(editor().comm).ask(type="layers", at=[0.0] * len(FOUND), axis=axis)
    assert "refused a message from the page: axis is" in caplog.text


def test_frames_go_before_what_is_done_while_idle() -> None:
    """Between two layers a question for a frame is answered."""
    done: list[str] = []
    gate = threading.Event()

    def steps() -> Iterator[None]:
        for i in range(3):
            done.append(f"step {i}")
            if i == 0:
                gate.wait(5)
            yield
        done.append("end")

    def draw(_route: str, _positions: Any, _quality: Any) -> Generator[Drawn, None, None]:
        done.append("frame")
        yield Drawn([])

    scheduler = Scheduler(draw, lambda *_: None, lambda *_: None)
    scheduler.do_while_idle("p", steps())
    while not done:
        time.sleep(0.01)
    scheduler.ask(messages.AskMessage("p", 1, "a", (0.0,), fast=False))
    gate.set()
    end = time.monotonic() + 5
    while "end" not in done and time.monotonic() < end:
        time.sleep(0.01)
    scheduler.close()
    assert done == ["step 0", "frame", "step 1", "step 2", "end"]
