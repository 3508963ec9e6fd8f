"""Widgets over a language space: texts that stream, paths between texts, layer by strength."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests import models
from tests.unit.page import Page
from tests.unit.writers import CHAT, PROMPT, tokenizer, writer

needs_models = pytest.mark.skipif(bool(models.models_missing), reason=models.models_missing)
HAPPY = [
    f"{article} {noun} was {very}happy"
    for article in ("the", "a")
    for noun in ("dog", "girl", "bird")
    for very in ("", "very ")
]
SAD = [text.replace("happy", "sad") for text in HAPPY]


@pytest.fixture
def space() -> Any:
    options = {"prompt": PROMPT, "layer": 1, "max_new_tokens": 8}
    return lw.as_space(writer(), tokenizer=tokenizer(), **options)


def shown(widget: Any) -> list[str]:
    """The texts of the picture that a widget shows first."""
    found: list[str] = json.loads(base64.b64decode(widget.get_state()["_picture"]["data"]))
    return found


# What the page says of conditions: strength, layer, temperature, seed.
USUAL = (1.0, 1.0, 0.0, 0.0)


def exact(widget: Any, at: list[float], under: tuple[float, ...] = USUAL) -> list[str]:
    """The texts that the page gets in the end for some coordinates."""
    page = Page(widget.comm)
    page.ask(at=[*at, *under])
    while True:
        content, [data] = page.answer()
        if content["frames"][0]["draft"] == 0:
            found: list[str] = json.loads(data)
            return found


def mood(space: Any) -> Any:
    return lw.contrast_directions(
        space.encode(SAD), space.encode(HAPPY), name="happy", folds=2, shuffles=0
    )[0]


def test_a_path_between_two_texts(space: Any) -> None:
    ends = ["the dog sang", "a sad boy"]
    path = lw.Interpolator(space, ends, method="lerp", value=0.25)
    latents = space.encode(ends)
    assert np.allclose(path.latent, 0.75 * latents[0] + 0.25 * latents[1], atol=1e-5)
    assert shown(path) == space.decode(path.latent[np.newaxis])
    assert exact(path, [1.0]) == space.decode(latents[1:])


def test_an_editor_says_how_much_a_sigma_is(space: Any) -> None:
    direction = mood(space)
    editor = lw.DirectionEditor(space, np.zeros(16), [direction], value={"happy": 2.0})
    [unit] = editor.get_state()["_units"]
    share = direction.sigma / space.residual_norms()
    assert unit["size"] == pytest.approx(share[1], rel=1e-5)
    assert unit["words"] == "{} of the median norm of the stream after layer 1"
    assert shown(editor) == space.decode(direction.move(np.zeros((1, 16)), 2.0))
    several = lw.as_space(writer(), tokenizer=tokenizer(), prompt=PROMPT, layer="all")
    found = lw.DirectionEditor(several, np.zeros((4, 16)), [direction])
    assert "at most" in found.get_state()["_units"][0]["words"]
    editor.conditions = {"layer": 3, "strength": -2.0}
    [unit] = editor.get_state()["_units"]
    assert unit["size"] == pytest.approx(2 * share[3], rel=1e-5)
    assert unit["words"].endswith("after layer 3")


def test_what_is_continued_is_known_and_shown(space: Any) -> None:
    assert space.prompt == PROMPT
    assert space.at(layer=2).prompt == PROMPT
    other = space.at(prompt="the dog")
    assert (other.prompt, space.prompt) == ("the dog", PROMPT)
    assert other.replace(name="other").prompt == "the dog"
    grid = lw.LatentGrid(other, np.zeros((1, 16)))
    assert grid.get_state()["_prompt"] == "the dog"
    digits = lw.demo.digits()
    assert digits.space.prompt is None
    assert lw.LatentGrid(digits.space, digits.latents[:1]).get_state()["_prompt"] == ""
    own = space.replace(decode=lambda latents, **_: ["a"] * len(latents))
    assert own.prompt is None


def test_other_spaces_say_nothing_of_it() -> None:
    digits = lw.demo.digits()
    found = lw.pca_directions(digits.latents, n=1)
    [unit] = lw.DirectionEditor(digits.space, digits.latents[0], found).get_state()["_units"]
    assert unit["words"] == ""


def test_layer_by_strength_is_one_batch(space: Any) -> None:
    vector = mood(space).move(np.zeros((1, 16)), 4.0)[0]
    grid = lw.LatentGrid.plane(space, vector, "layer", "strength")
    batches: list[int] = []
    model = space.decoder.__self__.module
    model.register_forward_pre_hook(lambda _, args: batches.append(len(args[0])))
    assert grid.image().width > 100
    assert max(batches) == 4 * 7
    strengths = np.linspace(-3, 3, 7)
    given = {"layer": [0, 1, 2, 3] * 7, "strength": np.repeat(strengths[::-1], 4)}
    texts = space.decode(np.stack([vector] * 28), given)
    assert len({*texts}) > 4
    for layer in range(4):
        alone = {"layer": layer, "strength": strengths[0]}
        assert space.decode([vector], alone) == [texts[24 + layer]]
        assert texts[12 + layer] == texts[12]  # strength 0 is the same at every layer


def test_a_direction_by_layer_is_a_plane(space: Any) -> None:
    direction, amounts = mood(space), [-6.0, 0.0, 6.0, 12.0]
    grid = lw.LatentGrid.plane(space, np.zeros(16), direction, "layer", amounts=amounts)
    shares = direction.sigma / space.residual_norms()
    names = tuple(f"{layer} ({shares[layer]:.2g})" for layer in (3, 2, 1, 0))
    assert (grid.grid.rows.names, grid.grid.columns.count) == (names, 4)
    told = Page(grid.comm).state["_cells"]
    assert told["rows"]["names"] == [*names]
    assert told["note"] == (
        f"in brackets what 1 σ of happy is: {shares[3]:.2g} of the median norm of the stream after "
        "layer 3, and so on"
    )
    assert grid.grid.marks == {(2, 1): "base"}  # where nothing is added, at the space's own layer
    assert [one["name"] for one in Page(grid.comm).state["_conditions"]] == [
        "strength",
        "temperature",
        "seed",
    ]
    seen = set()
    for row, layer in enumerate([3, 2, 1, 0]):
        for column, amount in enumerate(amounts):
            latent = direction.move(np.zeros((1, 16)), amount)
            [text] = space.decode(latent, {"layer": layer})
            assert exact(grid, [row, column], (1.0, 0.0, 0.0)) == [text]
            seen.add(text)
    assert len(seen) > 3
    between = direction.move(np.zeros((1, 16)), 3.0)
    assert exact(grid, [0, 1.5], (1.0, 0.0, 0.0)) == space.decode(between, {"layer": 3})


def test_grids_say_how_much_a_sigma_is(space: Any) -> None:
    mine, nothing = mood(space), np.zeros(16)
    other = lw.Direction("other", np.eye(16)[0], sigma=2.0)
    norms = space.residual_norms()
    mean, stream = mine.sigma, "of the median norm of the stream after layer"
    plane = lw.LatentGrid.plane(space, nothing, mine, other).grid
    assert plane.rows.names[0] == "+3 σ"
    assert plane.note == (
        f"1 σ of happy is {mean / norms[1]:.2g} {stream} 1; "
        f"1 σ of other is {2 / norms[1]:.2g} {stream} 1"
    )
    plane = lw.LatentGrid.plane(space, nothing, mine, other, conditions={"layer": 2}).grid
    assert f"1 σ of other is {2 / norms[2]:.2g} {stream} 2" in plane.note
    plane = lw.LatentGrid.plane(space, nothing, mine, "temperature").grid
    assert plane.note == f"1 σ of happy is {mean / norms[1]:.2g} {stream} 1", "at any temperature"
    plane = lw.LatentGrid.plane(space, nothing, mine, "strength", amounts=[0, 1]).grid
    sizes = [f"{float(one):g} ({float(one) * mean / norms[1]:.2g})" for one in (3, -3)]
    assert [*plane.rows.names] == [one.replace("(-", "(") for one in sizes]
    vector = mine.move([nothing], 4.0)[0]
    plane = lw.LatentGrid.plane(space, vector, "layer", "strength").grid
    assert plane.columns.names[3] == f"3 ({4 * mean / norms[3]:.2g})"
    assert plane.rows.names[0] == "3"
    assert plane.note.startswith(
        f"in brackets what the base is: {4 * mean / norms[0]:.2g} {stream}"
    )
    rows = lw.LatentGrid.traversals(space, nothing, [mine, other, "temperature"]).grid
    assert rows.rows.names[1:] == (f"other ({2 / norms[1]:.2g})", "temperature")
    assert f"in brackets what 1 σ is: {mean / norms[1]:.2g} {stream} 1" in rows.note
    table = lw.LatentGrid.table(space, [nothing, vector], other).grid
    assert table.note == f"1 σ of other is {2 / norms[1]:.2g} {stream} 1"


def test_grids_of_other_spaces_say_nothing_of_it() -> None:
    digits = lw.demo.digits()
    first, second = lw.pca_directions(digits.latents, n=2)
    plane = lw.LatentGrid.plane(digits.space, digits.latents[0], first, second).grid
    rows = lw.LatentGrid.traversals(digits.space, digits.latents[0], [first]).grid
    assert (plane.note, rows.note, rows.rows.names) == ("", "", ("PC 1",))


def test_a_profile_steers_the_layers_that_it_names(space: Any) -> None:
    every = lw.as_space(
        writer(), tokenizer=tokenizer(), prompt=PROMPT, layer="all", max_new_tokens=8
    )
    direction, nothing = mood(space), np.zeros((4, 16), np.float32)
    step = 8.0 * direction.sigma * direction.vector
    editor = lw.DirectionEditor(every, nothing, [direction], value={"happy": 8.0})
    texts = {}
    for profile in ([1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 0.5, 0.5], [0, 0, 0, 0.25]):
        editor.profiles = {"happy": profile}
        masked = (np.array(profile)[:, None] * step).astype(np.float32)
        np.testing.assert_allclose(editor.latent, masked, rtol=1e-5, atol=1e-6)
        [text] = every.decode([masked])
        assert exact(editor, [8.0], (1.0, 0.0, 0.0)) == [text]
        some = direction.on_layers(every.latent_shape, profile)
        assert every.decode(some.move([nothing], 8.0)) == [text]
        texts[str(profile)] = text
    # At one layer alone it is what the space of that layer writes.
    assert [texts["[0, 1, 0, 0]"]] == space.decode([step])
    assert len({*texts.values()}) > 1


def test_a_grid_shows_the_text_of_each_latent(space: Any) -> None:
    latents = space.encode([*HAPPY, *SAD])
    grid = lw.LatentGrid(space, latents)
    columns = grid.latents.shape[1] if grid.latents.ndim == 3 else len(latents)
    assert exact(grid, [4 // columns, 4 % columns]) == space.decode(latents[4:5])


def test_a_chat_is_a_line_on_a_map() -> None:
    pytest.importorskip("jscatter", reason="needs the extra map")
    options = {"prompt": CHAT[:1], "layer": 1, "max_new_tokens": 8}
    space: Any = lw.as_space(writer(), tokenizer=tokenizer(chat=True), **options)
    chat = [*CHAT, {"role": "assistant", "content": "a happy boy"}, CHAT[0]]
    turns = space.trajectory(chat)
    said = [f"{one['role']}: {one['content']}" for one in chat]
    chart = lw.LatentMap(space, turns, items=said, path=turns)
    page = Page(chart.comm)
    places = chart.projection.points
    assert places.shape == (5, 2)
    assert len(np.unique(places.round(4), axis=0)) == 5
    np.testing.assert_allclose(page.state["_track"], places, atol=1e-5)
    for row in range(5):
        chart.index = row
        np.testing.assert_array_equal(chart.latent, turns[row])
        # The turn stands beside how the model goes on from there.
        assert page.state["_said"] == {"row": row, "lines": [["", said[row]]]}
        assert exact(chart, page.state["_spot"]) == space.decode(turns[row : row + 1])
    # Between two turns the model goes on from a state that it was never in.
    chart.latent = turns[1:3].mean(axis=0)
    assert chart.index is None
    np.testing.assert_allclose(chart.value, places[1:3].mean(axis=0), atol=1e-4)
    assert exact(chart, page.state["_spot"]) == space.decode([turns[1:3].mean(axis=0)])


@needs_models
def test_a_mood_moves_a_story() -> None:
    model, words = models.load_stories()
    space: Any = lw.as_space(
        model, tokenizer=words, prompt="Tim lost his dog. Tim was very", layer=1, max_new_tokens=8
    )
    names = ["Tim", "Lily", "Ben", "Mia", "Sam"]
    happy = space.encode([f"{name} was very happy" for name in names])
    sad = space.encode([f"{name} was very sad" for name in names])
    direction = (happy - sad).mean(axis=0)
    texts = space.decode(np.stack([direction] * 3), {"strength": [-0.8, 0.0, 0.8]})
    assert texts[2].startswith(" happy")
    assert not texts[1].startswith(" happy")
    assert len({*texts}) == 3
