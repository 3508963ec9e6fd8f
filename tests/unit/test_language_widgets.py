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
from tests.unit.writers import PROMPT, tokenizer, writer

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


def exact(widget: Any, at: list[float]) -> list[str]:
    """The texts that the page gets in the end for some coordinates."""
    page = Page(widget.comm)
    page.ask(at=[*at, 1.0, 1.0, 0.0, 0.0])  # strength, layer, temperature, seed
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


def test_a_grid_shows_the_text_of_each_latent(space: Any) -> None:
    latents = space.encode([*HAPPY, *SAD])
    grid = lw.LatentGrid(space, latents)
    columns = grid.latents.shape[1] if grid.latents.ndim == 3 else len(latents)
    assert exact(grid, [4 // columns, 4 % columns]) == space.decode(latents[4:5])


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
