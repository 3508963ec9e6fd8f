"""Texts with a number for each token: how they are read, coloured, sent and drawn."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import latentwidgets as lw
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.frames import Quality
from latentwidgets.kinds.shared.figure import grid_figure
from latentwidgets.kinds.shared.table import framer_for
from latentwidgets.kinds.tokens import (
    LETTER,
    MOST_COLOUR,
    TokenReader,
    Tokens,
    colour_of,
    placed_in,
)

from .page import Page

Array = np.ndarray[Any, Any]
MARKUP = "<img src=x onerror=alert(1)>"
ENDS = [[-1.0, 0.0], [1.0, 0.0]]


def pairs(latents: Array) -> list[list[tuple[str, float | None]]]:
    return [[(MARKUP, x), (" fox", -2 * x), (".", None)] for x in latents[:, 0].tolist()]


def contrast(one: Any, other: Any) -> float:
    """The contrast of two colours, each of red, green and blue from 0 to 1, as WCAG 2 has it."""

    def luminance(colour: Any) -> float:
        parts = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in colour]
        return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    "wrap",
    [
        list,
        tuple,
        lambda found: [Tokens(one) for one in found],
        lambda found: [[[text, number] for text, number in one] for one in found],
        lambda found: [[(t, None if x is None else torch.tensor(x)) for t, x in o] for o in found],
        lambda found: [[(t, np.nan if x is None else np.float16(x)) for t, x in o] for o in found],
    ],
)
def test_tokens_are_found_out(wrap: Any) -> None:
    space = lw.LatentSpace(lambda latents: wrap(pairs(latents)), 2)
    one, other = space.decode([[0.5, 0], [1.5, 0]])
    assert space.kind == "tokens"
    assert one.pairs == ((MARKUP, 0.5), (" fox", -1.0), (".", None))
    assert str(other) == f"{MARKUP} fox."
    assert other.numbers == (1.5, -3.0, None)


def test_of_a_list_with_empty_texts_one_token_is_enough() -> None:
    space = lw.LatentSpace(lambda z: [[], [("a", 1)]][: len(z)], 1, kind="tokens")
    assert [str(one) for one in space.decode([[0.0], [1.0]])] == ["", "a"]


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        ([3], "latent 0 no tokens: pairs is 3; expected a list of (token, number) pairs"),
        (["ab"], "latent 0 no tokens: pairs is 'ab'; expected a list of (token, number) pairs"),
        ([[("a", 1), "b"]], "entry 1 is 'b'; expected a pair of a token"),
        ([[("a", 1), ("b", 2, 3)]], "entry 1 is ('b', 2, 3); expected a pair"),
        ([[(7, 1)]], "entry 0 is (7, 1); expected a text as its first part. Decode the token"),
        ([[("a", "b")]], "entry 0 is ('a', 'b'); expected a number or None as its second"),
        ([[("a", np.inf)]], "expected a finite number. Cut it off"),
        ([[("a", 1)], [("a", 1)]], "of 2; expected a list of 1: one tokens for each latent"),
        ("a", "decode returned a str; expected a list of 1"),
    ],
)
def test_what_is_no_list_of_pairs_is_refused(returned: Any, complaint: str) -> None:
    space = lw.LatentSpace(lambda _: returned, 1, kind="tokens")
    with pytest.raises(DecodeError, match=re.escape(complaint)):
        space.decode([[0.0]])


def test_tokens_made_by_hand_are_checked() -> None:
    with pytest.raises(LatentTypeError, match="label is 3; expected a text"):
        Tokens([("a", 1)], label=3)  # type: ignore[arg-type]
    with pytest.raises(LatentTypeError, match="Did you mean 'label'"):
        Tokens([("a", 1)], lable="x")  # type: ignore[call-arg, arg-type]
    with pytest.raises(LatentValueError, match="finite"):
        Tokens([("a", -float("inf"))])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        ([[0.0, 3.7]], [(0, 4)]),
        ([[-0.3, 3.7]], [(-4, 4)]),
        ([[1.0], [3.7], [2.0]], [(0, 1), (0, 4), (0, 4)]),
        ([[3.7], [-1.0], [0.5]], [(0, 4), (-4, 4), (-4, 4)]),
        ([[None], [0.0]], [(0, 1), (0, 1)]),
        ([[1.1], [1.1], [0.2]], [(0, pytest.approx(1.2))] * 3),
    ],
)
def test_colours_reach_to_round_numbers_and_only_widen(numbers: Any, wanted: Any) -> None:
    rows = iter(numbers)
    space = lw.LatentSpace(lambda _: [[("a", x) for x in next(rows)]], 1, kind="tokens")
    assert space.value_range is None
    for expected in wanted:
        space.decode([[0.0]])
        assert space.value_range == expected


def test_a_range_that_was_given_stays() -> None:
    space = lw.LatentSpace(pairs, 2, kind="tokens", value_range=(-0.5, 0.25))
    space.decode([[7.0, 0]])
    assert space.value_range == (-0.5, 0.25)


def test_drafts_do_not_settle_colours() -> None:
    def decode(latents: Array) -> Any:
        yield [[("a", 9.0)]] * len(latents)
        yield [[("a", 1.0), ("b", 1.0)]] * len(latents)

    space = lw.LatentSpace(decode, 2, kind="tokens")
    drafts = [*space.drafts([[0.0, 0.0]])]
    assert [[str(one) for one in batch] for batch in drafts] == [["a"], ["ab"]]
    assert space.value_range == (0, 1)


def test_an_unchanging_reader_stays_as_it_is() -> None:
    for first in ([], [1.0]):
        reader = TokenReader("auto")
        for number in first:
            reader.read([[("a", number)]], 1, list)
        other, before = reader.unchanging(), reader.value_range
        other.read([[("a", -9.0)]], 1, list)
        assert other.value_range == reader.value_range == before
        reader.read([[("a", -9.0)]], 1, list)
        assert reader.value_range == (-10, 10)


def test_the_scale_is_below_the_text() -> None:
    made = framer_for("tokens", value_range=(0, 1))
    for count in range(4, 60, 4):
        text = [Tokens(tuple((f" word{i}", 0.5) for i in range(count)), label="x")]
        axes: Any = grid_figure(made, text, 1).axes[0]
        axes.figure.draw_without_rendering()
        *_, last, scale = (one.get_window_extent() for one in axes.texts)
        assert scale.y1 < last.y0


def test_texts_of_tokens_can_be_encoded() -> None:
    def encode(texts: list[str]) -> Array:
        assert all(type(text) is str for text in texts)
        return np.array([[len(text), 0] for text in texts], np.float32)

    space = lw.LatentSpace(pairs, 2, encode=encode, kind="tokens")
    decoded = space.decode([[1.0, 0.0]])
    assert space.encode([*decoded, "four"])[:, 0].tolist() == [len(MARKUP) + 5, 4]
    with pytest.raises(LatentTypeError, match="neither str nor Tokens"):
        space.encode(["a", 3])
    with pytest.raises(LatentTypeError, match="encode got a str; expected a list"):
        space.encode("abc")
    with pytest.raises(LatentValueError, match="empty list"):
        space.encode([])


def test_frames_hold_range_labels_and_pairs() -> None:
    outputs = [Tokens((("a", 0.5), ("\ud800", None)), label="x"), Tokens(())]
    made: Any = framer_for("tokens", value_range=(-1, 2))
    frame = made.frame(outputs, (0.5,), Quality.STRIP)
    assert (frame.at, frame.mime, frame.lossless) == ((0.5,), "application/json", True)
    assert json.loads(frame.data) == {
        "range": [-1, 2],
        "texts": [
            {"label": "x", "pairs": [["a", 0.5], ["\ud800", None]]},
            {"label": "", "pairs": []},
        ],
    }
    assert made.outputs(frame) == outputs


@pytest.mark.parametrize("share", [-1.0, -0.6, -0.1, 0.1, 0.6, 1.0])
@pytest.mark.parametrize(
    ("ground", "letters"),
    [
        ((1, 1, 1), (0x1F, 0x23, 0x28)),
        ((0x1B, 0x1E, 0x20), (0xE6, 0xE8, 0xEB)),
        ((1, 1, 1), 0.13),
        ((0x21, 0x21, 0x21), 0.87),
        ((0x11, 0x11, 0x11), 0.87),
    ],
    ids=["own light", "own dark", "JupyterLab light", "JupyterLab dark", "JupyterLab darker"],
)
def test_letters_can_be_read_on_every_colour(share: float, ground: Any, letters: Any) -> None:
    ground = np.array(ground) / (255 if max(ground) > 1 else 1)
    white = np.array(colour_of(share, (-1, 1)))
    full = 1 - (1 - white) / abs(share) / MOST_COLOUR
    tinted = full * MOST_COLOUR * abs(share) + ground * (1 - MOST_COLOUR * abs(share))
    # JupyterLab writes in black or white that lets 13 % of the ground through.
    ink = np.array(letters) / 255 if isinstance(letters, tuple) else None
    if ink is None:
        ink = (1.0 if letters > 0.5 else 0.0) * 0.87 + tinted * 0.13
    assert contrast(tinted, ink) >= 4.5
    assert contrast(tinted, ground) > 1


def test_colours_are_as_bright_below_as_above_and_part_for_the_colour_blind() -> None:
    below, above = (np.array(colour_of(x, (-1, 1))) for x in (-1, 1))
    assert contrast(below, above) < 1.05
    # As seen without cones for red or for green: Viénot, Brettel & Mollon 1999, on linear light.
    for seen in (
        [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
        [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    ):
        one, other = (np.clip(np.array(seen) @ colour**2.2, 0, 1) for colour in (below, above))
        assert np.abs(one - other).max() > 0.3


def test_colours_grow_with_the_distance_from_0_and_end_at_the_range() -> None:
    reds = [colour_of(x, (-2, 2))[2] for x in (0, 0.5, 1, 2, 5)]
    assert reds == sorted(reds, reverse=True)
    assert reds[3] == reds[4] < reds[2]
    assert colour_of(None, (-2, 2)) == colour_of(0, (-2, 2)) == (1, 1, 1)
    # On both sides a colour means the same distance, whatever the range is.
    assert colour_of(1, (-1, 3)) == colour_of(1, (0, 3))


def test_in_a_figure_tokens_are_text_on_their_colours() -> None:
    outputs = [Tokens((("$a$", 1.0), (" " + MARKUP, -1.0), (" b", None)), label="KL")]
    made = framer_for("tokens", value_range=(-1, 1))
    axes: Any = grid_figure(made, outputs, 1).axes[0]
    drawn = [text.get_text() for text in axes.texts]
    assert "".join(drawn[:-1]).replace(" ", "") == f"$a${MARKUP}b".replace(" ", "")
    assert drawn[-1] == "KL: −1 (blue) to 1 (orange)"
    assert not any(text.get_parse_math() for text in axes.texts)
    colours = [tuple(box.get_facecolor()[:3]) for box in axes.patches]
    assert colours[0] == pytest.approx(colour_of(1, (-1, 1)))
    assert colours[1] == pytest.approx(colour_of(-1, (-1, 1)))
    assert colours[-1] == (1, 1, 1)
    # A letter is as wide as its box says.
    axes.figure.draw_without_rendering()
    box, text = axes.patches[0].get_window_extent(), axes.texts[0].get_window_extent()
    assert text.x0 >= box.x0 - 1
    assert text.x1 <= box.x1 + 1
    assert LETTER[0] > 0.6


def test_a_long_text_is_cut_in_a_picture() -> None:
    made = framer_for("tokens", value_range=(0, 1))
    long = [Tokens(tuple((f" word{i}", i / 400) for i in range(400)))]
    axes: Any = grid_figure(made, long, 1).axes[0]
    assert 20 < len(axes.patches) < 401
    assert made.picture(long).size == (576, 384)


@given(
    st.lists(st.text("ab \n", max_size=9), max_size=9),
    st.integers(1, 12),
)
def test_placed_pieces_lose_no_letter_and_stay_in_their_lines(texts: Any, across: int) -> None:
    found = placed_in([(text, float(i)) for i, text in enumerate(texts)], across)
    letters = "".join(text for text, *_ in found)
    assert re.sub(r"\s", "", letters) == re.sub(r"\s", "", "".join(texts))
    assert all(column + len(text.rstrip()) <= across for text, _, column, _ in found)
    places = [(line, column) for _, _, column, line in found]
    assert places == sorted(places)


def test_widgets_show_tokens() -> None:
    widget = lw.Interpolator(lw.LatentSpace(pairs, 2), ENDS, value=0.75, method="lerp")
    state = widget.get_state()
    assert "export" in state["_painter"]
    shown = json.loads(base64.b64decode(state["_picture"]["data"]))
    assert shown["texts"][0]["pairs"] == [[MARKUP, 0.5], [" fox", -1.0], [".", None]]
    assert widget.image().size == (576, 384)
    bundle: Any = widget._repr_mimebundle_()
    assert "onerror" not in bundle[0]["text/html"]
    page = Page(widget.comm)
    page.ask(at=[1.0])
    content, [data] = page.answer()
    assert content["frames"][0]["mime"] == "application/json"
    assert json.loads(data)["range"] == [-2, 2]
    widget.close()


def test_a_grid_and_an_editor_show_tokens() -> None:
    space = lw.LatentSpace(pairs, 2)
    grid = lw.LatentGrid.samples(space, 4)
    figure: Any = grid.figure()
    assert [text.get_text() for text in figure.axes[0].texts].count(".") == 4
    found = lw.Directions([lw.Direction("x", [1.0, 0.0])])
    editor = lw.DirectionEditor(space, [0.0, 0.0], found, value={"x": 0.5})
    shown = json.loads(base64.b64decode(editor.get_state()["_picture"]["data"]))
    assert shown["texts"][0]["pairs"][0] == [MARKUP, 0.5]


@pytest.mark.parametrize(
    ("text", "other", "wanted"),
    [
        ("It felt sad.", "It felt happy.", [0, 0, 1]),
        ("The big fox sat.", "The fox sat.", [0, 1, 0, 0]),
        ("a  b\nc", "a b c", [0, 0, 0]),
        ("a", "", [1]),
        ("", "a", []),
        ("a a a", "a a", [0, 0, 1]),
    ],
)
def test_changed_words_are_marked(text: str, other: str, wanted: list[float]) -> None:
    tokens = lw.token_changes(text, other)
    assert [*tokens.numbers] == wanted
    assert str(tokens) == text


@given(st.text("ab \n\t", max_size=20), st.text("ab \n", max_size=20))
def test_marking_keeps_the_text(text: str, other: str) -> None:
    assert str(lw.token_changes(text, other)) == text
    assert 1 not in lw.token_changes(text, text).numbers


def test_marking_takes_texts_alone() -> None:
    with pytest.raises(LatentTypeError, match="other is 3; expected a text"):
        lw.token_changes("a", 3)  # type: ignore[arg-type]
    with pytest.raises(LatentTypeError, match="text is None"):
        lw.token_changes(None, "a")  # type: ignore[arg-type]


def test_steered_and_unsteered_stand_side_by_side_with_what_differs_marked() -> None:
    def write(latents: Array) -> list[str]:
        return [f"It felt {'sad' if x > 0 else 'happy'}." for x in latents[:, 0]]

    plain = lw.LatentSpace(write, 2)
    [unsteered] = plain.decode([[0.0, 0.0]])
    marked = lw.LatentSpace(
        lambda latents: [lw.token_changes(text, unsteered) for text in plain.decode(latents)], 2
    )
    found = lw.Directions([lw.Direction("mood", [1.0, 0.0])])
    editor = lw.DirectionEditor(marked, [0.0, 0.0], found, value={"mood": 1.0})
    shown = json.loads(base64.b64decode(editor.get_state()["_picture"]["data"]))
    assert shown["texts"][0]["pairs"][2] == [" sad.", 1.0]
    assert shown["texts"][0]["label"] == "1 where the other text differs"


def test_long_texts_are_compared_in_seconds() -> None:
    long = "a " * 20_000
    began = time.perf_counter()
    assert 1 not in lw.token_changes(long, long).numbers
    assert lw.token_changes(long + "b", long + "c").numbers[-1] == 1
    assert time.perf_counter() - began < 20


def test_tokens_are_shown_coloured_in_a_notebook() -> None:
    shown = Tokens(((MARKUP, 2.0), (" fox", -1.0), (".", None)), label="a <b> c")._repr_html_()
    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "a &lt;b&gt; c: −2 (blue) to 2 (orange)" in shown
    assert 'background: rgba(194, 90, 0, 0.700)" title="2"' in shown
    assert 'background: rgba(31, 120, 209, 0.350)" title="−1"' in shown
    assert '<span title="no number">.</span>' in shown
    assert "0 to 3 (orange)" in Tokens((("a", 3.0), ("b", 0.0)))._repr_html_()
    # Without a mouse there is no title: what can be opened by keys lists all numbers.
    _, opened = shown.split("</summary>")
    assert opened.count("<b>") == 3
    assert all(one in opened for one in ("fox <b>−1</b>", ". <b>no number</b>", "&gt; <b>2</b>"))
    assert "<img" not in opened
    assert "a &lt;b&gt; c: −2 (blue) to 2 (orange); all numbers</summary>" in shown
    assert Tokens(())._repr_html_().count("<div") == 2


def test_no_number_of_a_token_is_listed_without_a_word() -> None:
    pairs = ((" fox", 1.0), ("\n", 2.0), (" ", 3.0), (".\n", 4.0), ("\t", 5.0), ("", 6.0))
    listed = Tokens(pairs)._repr_html_().split("</summary>")[1]
    words = re.findall(r">([^<>]*) <b>", listed)
    assert words == ["fox", "⏎", "␣", ".⏎", "⇥", "no text"]
