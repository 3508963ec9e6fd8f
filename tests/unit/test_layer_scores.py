"""`layer_scores`: at each layer what `probe_directions` scores there, and what chance gives."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.writers import NOUNS, PROMPT, tokenizer, writer


def made(**options: Any) -> Any:
    given = {"prompt": PROMPT, "layer": 1, **options}
    return lw.as_space(writer(), tokenizer=tokenizer(), **given)


def texts_of_moods(n: int = 40) -> tuple[list[str], list[bool]]:
    rng = np.random.default_rng(0)
    moods = [bool(one) for one in rng.integers(2, size=n)]
    texts = [
        f"the {rng.choice(NOUNS)} {'sang' if mood else 'sat'} and the {rng.choice(NOUNS)} ran"
        for mood in moods
    ]
    return texts, moods


@pytest.mark.parametrize("pool", ["last", "mean"])
def test_scores_are_those_of_probes_at_each_layer(pool: str) -> None:
    space = made()
    texts, moods = texts_of_moods()
    lengths = [float(len(text)) for text in texts]
    labels = {"mood": moods, "length": lengths}
    found = lw.layer_scores(space, texts, labels, pool=pool, shuffles=99)
    assert found.labels == ("mood", "length")
    assert found.layers == ("0", "1", "2", "3")
    for i, layer in enumerate(found.layers):
        latents = space.encode(texts, {"layer": int(layer)}, pool=pool)
        probes = lw.probe_directions(latents, labels, shuffles=99, bootstraps=0)
        for name in labels:
            one, evidence = found.of(name)[i], probes[name].evidence
            assert one.score == pytest.approx(evidence.score, abs=0.03)
            assert one.chance == pytest.approx(evidence.chance, abs=0.03)
            assert one.interval[0] <= one.interval[1]
            assert one.p_value is not None
            assert evidence.p_value is not None
            assert one.p_value >= evidence.p_value - 0.05  # it is corrected for layers too
    assert found.score_names == {"mood": "balanced accuracy", "length": "R²"}
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.slow
def test_the_interval_holds_the_score_and_shrinks_with_texts() -> None:
    space = made()
    widths = []
    for n in (30, 200):
        texts, moods = texts_of_moods(n)
        rng = np.random.default_rng(1)
        moods = [mood if rng.random() > 0.25 else not mood for mood in moods]
        found = lw.layer_scores(space, texts, {"mood": moods}, shuffles=0).best["mood"]
        assert found.interval[0] <= found.score + 0.05
        assert found.interval[1] >= found.score - 0.05
        assert found.chance is None
        widths.append(found.interval[1] - found.interval[0])
    assert widths[1] < widths[0]


def test_labels_of_chance_are_told_to_be() -> None:
    texts, _ = texts_of_moods(60)
    labels = np.random.default_rng(5).integers(2, size=60).astype(bool)
    found = lw.layer_scores(made(), texts, {"coin": labels}, shuffles=99)
    assert all(one.p_value is not None and one.p_value > 0.01 for one in found.scores)
    assert "Within chance at every layer, p above 0.01: coin." in found._repr_html_()


def test_the_curve_has_a_line_and_its_chance_for_each_label() -> None:
    texts, moods = texts_of_moods()
    found = lw.layer_scores(made(), texts, {"a $ mood": moods}, shuffles=99)
    [axes] = found.plot().axes
    assert len(axes.lines) == 2
    drawn: Any = axes.lines[0].get_ydata()
    assert drawn.tolist() == [one.score for one in found.scores]
    table = found._repr_html_()
    assert table.count("<tr") == 1 + len(found.scores)
    assert "(best)" in table


def test_the_layer_of_the_space_and_its_prompt_change_nothing() -> None:
    texts, moods = texts_of_moods()
    one = lw.layer_scores(made(layer=1), texts, {"mood": moods}, shuffles=0)
    other = lw.layer_scores(made(layer="all"), texts, {"mood": moods}, shuffles=0)
    assert one == other


def test_bad_input_is_told() -> None:
    space = made()
    texts, moods = texts_of_moods(12)
    with pytest.raises(lw.LatentValueError, match="expected one of 'last', 'mean'"):
        lw.layer_scores(space, texts, moods, pool="tokens")
    with pytest.raises(lw.LatentValueError, match="there are 11 latents"):
        lw.layer_scores(space, texts[1:], moods)
    with pytest.raises(lw.LatentValueError, match="folds need 5"):
        lw.layer_scores(space, texts[:6], [True, *[False] * 5])
    flat = lw.LatentSpace(np.square, 3, encode=np.square)
    with pytest.raises(lw.LatentValueError, match="has no layers"):
        lw.layer_scores(flat, texts, moods)
    with pytest.raises(lw.LatentTypeError, match="expected a space with an encoder"):
        lw.layer_scores(lw.LatentSpace(np.square, 3), texts, moods)
    with pytest.raises(lw.LatentTypeError, match="Did you mean 'pool'"):
        lw.layer_scores(space, texts, moods, pol="mean")  # type: ignore[call-arg]


@pytest.mark.slow
def test_a_label_of_two_texts_is_found_by_its_own_name() -> None:
    texts, moods = texts_of_moods()
    named = ["sad" if mood else "happy" for mood in moods]
    found = lw.layer_scores(made(), texts, {"mood": named}, shuffles=0)
    assert found.labels == ("mood: sad",)
    assert found.best["mood"] == found.best["mood: sad"]
    assert found.of("mood") == found.of("mood: sad")
    with pytest.raises(KeyError, match="Did you mean 'mood: sad'"):
        found.best["mood: sat"]
    several = ["abc"[i % 3] for i in range(len(texts))]
    with pytest.raises(KeyError, match="no label is called 'word'"):
        lw.layer_scores(made(), texts, {"word": several}, shuffles=0).best["word"]
