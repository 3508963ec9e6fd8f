"""What directions read in the tokens of a text: numbers, coloured words, a heat map."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.analysis.heat_map import MOST_WRITTEN
from latentwidgets.demo import Stories, stories
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.tokens import colour_of

TEXT = "One day a cat played on the farm. Sadly it sat behind the barn."
MOODS = ("happy", "sad")


@pytest.fixture(scope="module")
def demo() -> Stories:
    return stories()


@pytest.fixture(scope="module")
def moods(demo: Stories) -> lw.Directions:
    happy, sad = (
        demo.space.encode(demo.write(60, seed=1, until="mood", mood=mood)[0]) for mood in MOODS
    )
    made: Any = lw.contrast_directions
    return lw.Directions([made(sad, happy, name="happy")[0], made(happy, sad, name="sad")[0]])


def test_every_token_is_measured_as_its_state_is(demo: Stories, moods: lw.Directions) -> None:
    found = lw.token_readings(demo.space, TEXT, moods)
    space: Any = demo.space
    [states] = space.encode([TEXT], pool="tokens")
    for tokens, direction in zip(found, moods, strict=True):
        assert str(tokens) == TEXT
        assert [*tokens.numbers] == pytest.approx(direction.measure(states, standardized=True))
        assert tokens.label.startswith(direction.name)
    assert [text for text, _ in found[0].pairs][:3] == ["One", " day", " a"]


def test_a_mood_is_read_where_it_was_told(demo: Stories, moods: lw.Directions) -> None:
    happy, sad = (
        np.array(one.numbers, float) for one in lw.token_readings(demo.space, TEXT, moods)
    )
    assert sad[-1] > 0.5
    assert sad[-1] == max(sad)
    assert happy[-1] < 0


def test_a_layer_can_be_chosen(demo: Stories, moods: lw.Directions) -> None:
    first, last = (
        lw.token_readings(demo.space, TEXT, moods["sad"], conditions={"layer": layer})[0].numbers
        for layer in (0, 5)
    )
    assert first != last


def test_the_map_has_a_row_a_direction_and_a_column_a_token(
    demo: Stories, moods: lw.Directions
) -> None:
    axes: Any = lw.token_map(demo.space, TEXT, moods).axes[0]
    readings = lw.token_readings(demo.space, TEXT, moods)
    numbers = np.array([one.numbers for one in readings], float)
    np.testing.assert_allclose(axes.images[0].get_array(), numbers)
    assert "".join(label.get_text() for label in axes.get_xticklabels()) == TEXT
    assert [label.get_text() for label in axes.get_yticklabels()] == [*MOODS]
    written = [text.get_text() for text in axes.texts]
    assert written == [f"{x + 0.0:.1f}".replace("-", "−") for x in numbers.round(1).ravel()]
    low, high = axes.images[0].get_clim()
    assert -low == high == np.abs(numbers).max()
    colour = axes.images[0].cmap(axes.images[0].norm(high))[:3]
    assert colour == pytest.approx(colour_of(1, (-1, 1)), abs=0.01)


def test_names_and_words_are_no_formulas_and_many_numbers_are_left_out(demo: Stories) -> None:
    several = [lw.Direction(f"$x_{i}$", np.eye(128)[i]) for i in range(MOST_WRITTEN // 10)]
    axes: Any = lw.token_map(demo.space, TEXT, several).axes[0]
    assert not axes.texts
    assert axes.get_yticklabels()[0].get_text() == "$x_0$"
    assert not axes.get_yticklabels()[0].get_parse_math()
    axes.figure.draw_without_rendering()


def test_what_has_no_tokens_is_refused(demo: Stories) -> None:
    flat = lw.LatentSpace(lambda z: ["a"] * len(z), 2)
    direction = lw.Direction("x", [1.0, 0.0])
    with pytest.raises(
        LatentTypeError, match="whose latents are not of tokens; expected the space"
    ):
        lw.token_map(flat, TEXT, direction)
    with pytest.raises(LatentValueError, match="takes \\(n, 2\\)"):
        lw.token_map(demo.space, TEXT, direction)
    with pytest.raises(LatentValueError, match="empty"):
        lw.token_map(demo.space, "", lw.Direction("x", np.eye(128)[0]))
    with pytest.raises(LatentTypeError, match="Did you mean 'conditions'"):
        lw.token_map(demo.space, TEXT, direction, condition={})  # type: ignore[call-arg]


def test_the_first_token_does_not_make_all_others_pale(demo: Stories) -> None:
    space: Any = demo.space
    [states] = space.encode([TEXT], pool="tokens")
    drawn = []
    for sink in (states[0] - states[1:].mean(axis=0), states[-1] - states[:-1].mean(axis=0)):
        direction = lw.Direction("sink", sink)
        numbers = np.abs(np.array(lw.token_readings(space, TEXT, direction)[0].numbers, float))
        axes = lw.token_map(space, TEXT, direction).axes[0]
        assert axes.images[0].get_clim()[1] == pytest.approx(numbers[1:].max())
        assert bool(axes.get_xlabel()) == (numbers[0] > numbers[1:].max())
        drawn.append(axes.get_xlabel())
    assert drawn == ["The first token lies beyond the colours.", ""]


def test_attention_is_parked_only_where_the_first_state_is_far_out() -> None:
    rng = np.random.default_rng(0)
    found = {}
    for factor in (4.0, 40.0):
        states = rng.normal(size=(9, 6)).astype(np.float32)
        states[0] *= factor * np.sqrt(6) / np.linalg.norm(states[0])

        class Tokens(lw.LatentSpace):
            words = staticmethod(lambda text: [f" w{i}" for i in range(9)])
            encode: Any = staticmethod(lambda *_, states=states, **__: [states])

        direction = lw.Direction("out", states[0])
        found[factor] = lw.token_map(Tokens(np.square, 6), "a text", direction).axes[0].get_xlabel()
    assert found[4.0] == "The first token lies beyond the colours."
    assert re.search(r"its state is (3|4)\d times as far from the median one", found[40.0])
