"""The grammar of small stories, and the language model that ships with it."""

from __future__ import annotations

import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import latentwidgets as lw
from latentwidgets.demo import Stories, stories, story_scores, train_stories
from latentwidgets.demo.card import CARD, write_table
from latentwidgets.demo.story_grammar import (
    ATTRIBUTES,
    FIRST,
    SLOTS,
    TELLS,
    TOLD,
    draw,
    meanings,
    read_story,
    words,
)
from latentwidgets.demo.story_model import (
    CONTEXT,
    FOLDER,
    load_model,
    load_tokenizer,
    make_tokenizer,
)
from latentwidgets.demo.story_scores import (
    MOODS,
    continued,
    hidden_states,
    mood_directions,
    parsed,
    steering_score,
    told,
)
from latentwidgets.demo.story_writer import draw_stories, write_stories
from latentwidgets.demo.train_digits import one_thread
from latentwidgets.demo.train_stories import (
    BATCH,
    STEPS,
    main,
    table,
    train,
)
from latentwidgets.errors import LatentTypeError, LatentValueError

LIBRARY: Any = transformers  # which has no types


@pytest.fixture(scope="module")
def model() -> Any:
    return load_model()


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return load_tokenizer()


@pytest.fixture(scope="module")
def provenance() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "provenance.json").read_text("utf-8"))
    return found


# The grammar


def test_there_are_as_many_attributes_and_values_as_promised() -> None:
    assert [*ATTRIBUTES] == ["animal", "place", "mood", "tense", "weather"]
    assert all(len(ATTRIBUTES[name]) >= 4 for name in ATTRIBUTES if name != "tense")
    assert ATTRIBUTES["tense"] == ("past", "present")


@pytest.mark.parametrize("slot", SLOTS)
def test_a_phrase_belongs_to_one_value_and_values_have_as_many(slot: str) -> None:
    attribute, phrases = SLOTS[slot]
    assert tuple(phrases) == ATTRIBUTES[attribute]
    forms = [form for options in phrases.values() for one in options for form in one.split("|")]
    assert len(forms) == len({*forms}) == len(meanings("{" + slot + "}"))
    assert len({len(options) for options in phrases.values()}) == 1


@given(st.integers(0, 2**32 - 1), st.data())
def test_what_is_written_is_read_back(seed: int, data: Any) -> None:
    values = {name: data.draw(st.sampled_from(of)) for name, of in ATTRIBUTES.items()}
    story = [*draw(random.Random(seed), values)]
    reading = read_story(" ".join(sentence for sentence, _ in story))
    assert reading.attributes == values
    assert (reading.parsed, reading.contradicted) == (1.0, ())
    found = [set(sentence or ()) for sentence in reading.sentences]
    assert found == [set(told) for _, told in story]
    # Each attribute comes up again, and the first sentence leaves the mood open.
    assert all(sum(name in one for one in found) >= TOLD for name in ATTRIBUTES)
    assert "mood" not in found[0]


def test_first_sentences_tell_where_who_and_when() -> None:
    assert all({"animal", "place"} <= {*TELLS[template]} for template in FIRST)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It was a rainy day.", {"tense": "past", "weather": "rainy"}),
        ("  It feels sad.", {"tense": "present", "mood": "sad"}),
        ("Sadly it ate milk.", {"tense": "past", "mood": "sad", "animal": "cat"}),
        ("It smiled when it sees a kite.", None),
        ("The cat looked at its long ears.", None),
        ("It rainy was a day.", None),
        ("it felt sad.", None),
        ("It felt sad", "nothing"),
        (".", None),
    ],
)
def test_sentences_are_read(text: str, wanted: Any) -> None:
    sentences = read_story(text).sentences
    assert sentences == (() if wanted == "nothing" else (wanted,))


def test_of_what_is_told_twice_most_sentences_count() -> None:
    reading = read_story("It felt sad. It smiled. It wept. It sees a kite. It was a cat")
    assert reading.attributes["mood"] == "sad"
    assert reading.contradicted == ("mood", "tense")
    assert read_story("It smiled. It wept.").attributes["mood"] == "happy"
    assert reading.attributes["animal"] is None
    assert np.isnan(read_story("no full stop").parsed)
    assert np.isnan(read_story("x" * 10**6).parsed), "however long"
    with pytest.raises(LatentTypeError, match="text is 3; expected a text"):
        read_story(3)  # type: ignore[arg-type]


# Writing


def test_stories_of_one_seed_are_the_same() -> None:
    first, second, other = (write_stories(5, seed=seed)[0] for seed in (3, 3, 4))
    assert first == second
    assert not {*first} & {*other}


def test_stories_of_two_moods_differ_in_the_mood_alone() -> None:
    (happy, truth), (sad, other) = (
        write_stories(60, seed=1, until="mood", mood=mood) for mood in ("happy", "sad")
    )
    assert {*truth.pop("mood")} == {"happy"}
    assert {*other.pop("mood")} == {"sad"}
    assert all((truth[name] == other[name]).all() for name in truth)
    for one, two in zip(happy, sad, strict=True):
        pairs = [*zip(one.split(), two.split(), strict=True)]
        assert 1 <= sum(a != b for a, b in pairs) <= 2
        assert one.split(".")[:-2] == two.split(".")[:-2], "only the last sentence tells it"
        assert read_story(one).attributes["mood"] == "happy"


@pytest.mark.parametrize("attribute", ["mood", "weather"])
def test_beginnings_leave_an_attribute_open(attribute: str) -> None:
    texts, truth = write_stories(80, seed=2, before=attribute)
    whole, _ = write_stories(80, seed=2, before=attribute, place="farm")
    for text, tense, other in zip(texts, truth["tense"], whole, strict=True):
        reading = read_story(text)
        assert reading.attributes[attribute] is None
        assert reading.attributes["tense"] == tense
        assert reading.parsed == 1
        assert len(other.split(".")) == len(text.split("."))


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_beginnings_end_with_what_tells_an_attribute(attribute: str) -> None:
    texts, truth = write_stories(40, seed=2, until=attribute)
    for text, value in zip(texts, truth[attribute], strict=True):
        *before, last = read_story(text).sentences
        assert last is not None
        assert last[attribute] == value
        assert not any(attribute in (one or {}) for one in before)


def test_chosen_attributes_are_one_for_all_or_one_for_each() -> None:
    moods = ["sad", "happy", "angry"]
    _, truth = write_stories(3, animal="fox", mood=moods, place=np.array(["farm"] * 3))
    assert truth["animal"].tolist() == ["fox"] * 3
    assert truth["mood"].tolist() == moods
    assert truth["place"].tolist() == ["farm"] * 3


def test_values_are_as_frequent_and_tell_nothing_of_each_other() -> None:
    _, truth = write_stories(4000, seed=5)
    for name, values in ATTRIBUTES.items():
        shares = [np.mean(truth[name] == value) for value in values]
        assert shares == pytest.approx([1 / len(values)] * len(values), abs=0.035)
    cat = truth["mood"][truth["animal"] == "cat"]
    assert [np.mean(cat == mood) for mood in MOODS] == pytest.approx([0.25] * 4, abs=0.07)


class Raises:
    """An object whose own methods raise what no library raises on purpose."""

    def __iter__(self) -> Any:
        raise ZeroDivisionError

    def __repr__(self) -> str:
        return "Raises()"


@pytest.mark.parametrize(
    ("options", "error", "complaint"),
    [
        ({"count": 0}, LatentValueError, "count is 0; expected at least 1"),
        ({"count": 2**40}, LatentValueError, "expected at most 1,000,000"),
        ({"mood": Raises()}, LatentValueError, "mood is Raises(); expected one of 'angry', "),
        ({"seed": -1}, LatentValueError, "seed is -1"),
        ({"mod": "sad"}, LatentTypeError, "stories have no attribute 'mod'. Did you mean 'mood'?"),
        ({"mood": "gloomy"}, LatentValueError, "mood is 'gloomy'; expected one of 'angry', "),
        ({"mood": 3}, LatentValueError, "mood is 3; expected one of 'angry'"),
        ({"mood": ["sad"]}, LatentValueError, "mood has 1 values for 2 stories; expected one for"),
        ({"until": "color"}, LatentValueError, "until is 'color'; expected one of 'animal'"),
        ({"before": "animal"}, LatentValueError, "before is 'animal'; expected one of 'mood', "),
        ({"before": "mood", "until": "mood"}, LatentValueError, "Leave one out"),
    ],
)
def test_what_cannot_be_written_is_refused(options: Any, error: Any, complaint: str) -> None:
    with pytest.raises(error, match=re.escape(complaint)):
        write_stories(**{"count": 2, **options})


def test_no_story_of_training_is_written_again() -> None:
    trained, _ = draw_stories(random.Random(0), 5000)
    assert not {*trained} & {*write_stories(5000, seed=0)[0]}
    assert len({*trained}) > 4990


# Tokenizer and model


@given(st.integers(0, 10**6))
def test_texts_come_back_from_their_tokens(seed: int) -> None:
    tokenizer = make_tokenizer()
    [text], _ = write_stories(1, seed=seed)
    ids = tokenizer(text).input_ids
    assert ids[0] == tokenizer.bos_token_id
    assert len(ids) == len(text.replace(".", " .").split()) + 1 < CONTEXT
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_the_tokenizer_of_the_folder_is_that_of_the_grammar(tokenizer: Any) -> None:
    assert tokenizer.get_vocab() == make_tokenizer().get_vocab()
    assert len(tokenizer) == len(words()) + 4
    ids = tokenizer("The dragon, felt sad.").input_ids
    assert tokenizer.convert_ids_to_tokens(ids) == [
        *("<s>", "▁The", "<unk>", "▁felt", "▁sad", "."),
    ]
    padded = tokenizer(["It felt sad.", "It cried."], padding=True).input_ids
    assert padded[1][:2] == [tokenizer.pad_token_id, tokenizer.bos_token_id]
    assert isinstance(tokenizer, LIBRARY.PreTrainedTokenizerFast)


def test_the_folder_is_small_and_transformers_loads_it(model: Any, tokenizer: Any) -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 2_500_000
    assert {one.dtype for one in load_file(FOLDER / "model.safetensors").values()} == {
        torch.float16
    }
    same = LIBRARY.AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32)
    assert 900_000 < sum(one.numel() for one in model.parameters()) < 1_100_000
    batch = LIBRARY.AutoTokenizer.from_pretrained(FOLDER)("It felt sad.", return_tensors="pt")
    assert batch.input_ids.tolist() == [tokenizer("It felt sad.").input_ids]
    with torch.no_grad():
        ours, theirs = (one(batch.input_ids).logits for one in (model, same))
    assert torch.equal(ours, theirs)
    assert model.lm_head.weight is model.model.embed_tokens.weight
    assert model.config.dtype == torch.float32
    assert not model.training
    assert not any(one.requires_grad for one in model.parameters())


def test_loading_leaves_the_random_state_alone(capfd: pytest.CaptureFixture[str]) -> None:
    state = torch.random.get_rng_state()
    load_model()
    load_tokenizer()
    assert torch.equal(state, torch.random.get_rng_state())
    assert capfd.readouterr() == ("", "")


def test_what_the_model_writes_can_be_read(model: Any, tokenizer: Any) -> None:
    own = continued(model, tokenizer, [""] * 50, tokens=100, seed=7)
    assert parsed(own) > 0.95
    assert np.mean([bool(read_story(one).contradicted) for one in own]) < 0.25
    assert all(told(own, "animal") != "")


def test_an_unknown_word_does_not_break_a_story(model: Any, tokenizer: Any) -> None:
    prompts = ["One day a dragon walked in the forest.", "A fox slept in the swamp."]
    assert parsed(continued(model, tokenizer, prompts * 10)) > 0.9


@pytest.mark.slow
def test_a_direction_of_a_mood_steers_it(model: Any, tokenizer: Any) -> None:
    """With the setting of the card, and with other stories than it was chosen and judged by."""
    steering = json.loads((FOLDER / "provenance.json").read_text("utf-8"))["scores"]["steering"]
    directions = mood_directions(model, tokenizer, seed=21)
    prompts, _ = write_stories(80, seed=22, before="mood")
    plain, toward, away = (
        steering_score(
            *(model, tokenizer, prompts, directions),
            layer=steering["layer"],
            strength=sign * steering["strength"],
        )
        for sign in (0, 1, -1)
    )
    assert plain.shares == pytest.approx([0.25] * 4, abs=0.13)
    assert min(toward.shares) >= 0.6
    assert max(away.shares) <= 0.13
    assert np.mean(away.shares) <= 0.1
    assert min(toward.parsed, away.parsed) >= plain.parsed - 0.1


def test_steering_stays_with_its_call(model: Any, tokenizer: Any) -> None:
    prompts, _ = write_stories(4, seed=3, before="mood")
    before = continued(model, tokenizer, prompts, seed=None)
    big = np.full((4, 128), 9, np.float32)
    assert continued(model, tokenizer, prompts, layer=2, added=big, seed=None) != before
    assert continued(model, tokenizer, prompts, seed=None) == before


@pytest.mark.slow
def test_attributes_are_read_off_the_states(model: Any, tokenizer: Any) -> None:
    texts, truth = write_stories(900, seed=31)
    mean = hidden_states(model, tokenizer, texts)[4, 1]
    for name in ATTRIBUTES:
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
        probe.fit(mean[:600], truth[name][:600])
        assert probe.score(mean[600:], truth[name][600:]) >= 0.95, name


def test_states_do_not_depend_on_padding(model: Any, tokenizer: Any) -> None:
    short, long = "It felt sad.", "One day a fox walked in the forest. It was a rainy day."
    together = hidden_states(model, tokenizer, [short, long])
    alone = hidden_states(model, tokenizer, [short])
    assert together.shape == (6, 2, 2, 128)
    np.testing.assert_allclose(together[:, :, :1], alone, atol=2e-4)


# What is promised of it


def test_the_model_is_as_good_as_promised(provenance: dict[str, Any]) -> None:
    scores = provenance["scores"]
    assert provenance["steps"] == STEPS
    for name, found in scores["probes"].items():
        assert np.max(found) >= 0.95, name
    assert min(scores["carried"].values()) >= 0.85
    plain, toward, away = (
        scores["steering"][f"drawn, {word}"] for word in ("unsteered", "toward", "away")
    )
    assert plain["shares"] == pytest.approx([0.25] * 4, abs=0.1)
    assert min(toward["shares"]) >= 0.6
    assert max(away["shares"]) <= 0.1
    assert min(toward["parsed"], away["parsed"]) >= plain["parsed"] - 0.1


def test_the_card_has_the_numbers_of_the_folder(provenance: dict[str, Any], tmp_path: Path) -> None:
    card = CARD.read_text("utf-8")
    assert table(provenance["scores"]) in card
    assert f"{STEPS} steps of {BATCH} stories" in card
    assert f"of the {len(words()) - 1} words" in card
    copy = tmp_path / "README.md"
    copy.write_text(card, "utf-8")
    carried = {**provenance["scores"]["carried"], "mood": 0.4321}
    write_table(copy, "train_stories", table({**provenance["scores"], "carried": carried}))
    assert "| mood | 0.25 | 0.432 |" in copy.read_text("utf-8")
    write_table(copy, "train_stories", table(provenance["scores"]))
    assert copy.read_text("utf-8") == card


@pytest.mark.slow
def test_the_same_seed_trains_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"STRENGTHS": (1,), "CHOOSING": 2, "JUDGING": 2, "PAIRS": 6, "OWN": 2, "CARRIED": 2}
    for name, value in {**few, "PROBED": 60, "TOKENS": 4, "WHOLE": 4}.items():
        monkeypatch.setattr(story_scores, name, value)
    monkeypatch.setattr(train_stories, "BATCH", 4)
    folders = [tmp_path / name for name in ("first", "second", "other")]
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    card = CARD.read_bytes()
    for folder, seed in zip(folders, (7, 7, 8), strict=True):
        main(["--steps", "2", "--seed", str(seed), "--output", str(folder)])
    first, second, other = ((folder / "model.safetensors").read_bytes() for folder in folders)
    assert first == second
    assert first != other
    assert json.loads((folders[0] / "provenance.json").read_text("utf-8"))["seed"] == 7
    assert torch.get_num_threads() == threads
    assert torch.equal(state, torch.random.get_rng_state())
    assert CARD.read_bytes() == card


@pytest.mark.slow
def test_training_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_stories, "BATCH", 8)
    with one_thread():
        model, tokenizer = train(steps=40)
    batch = tokenizer(write_stories(20)[0], return_tensors="pt", padding=True)
    labels = batch.input_ids.masked_fill(batch.attention_mask == 0, -100)
    with torch.no_grad():
        loss = model(batch.input_ids, attention_mask=batch.attention_mask, labels=labels).loss
    assert loss < 0.75 * np.log(len(tokenizer))


# The demo


@pytest.fixture(scope="module")
def demo() -> Stories:
    return stories()


def test_texts_come_with_their_truth(demo: Stories) -> None:
    space, texts, truth, model, tokenizer = demo
    assert len(texts) == len({*texts}) == 1000
    assert {name: values.shape for name, values in truth.items()} == dict.fromkeys(
        ATTRIBUTES, (1000,)
    )
    for i in range(0, 1000, 50):
        assert demo.read(texts[i]).attributes == {name: of[i] for name, of in truth.items()}
    assert demo.write(2, seed=1)[0] == write_stories(2, seed=1)[0]
    assert isinstance(model, LIBRARY.LlamaForCausalLM)
    assert isinstance(tokenizer, LIBRARY.PreTrainedTokenizerFast)
    assert "1000 texts" in repr(demo)
    assert space.latent_shape == (128,)


def test_the_space_of_the_demo_is_steered(demo: Stories) -> None:
    direction = mood_directions(demo.model, demo.tokenizer)[MOODS.index("scared"), 4]
    texts = demo.space.decode(np.stack([0 * direction, 2 * direction]))
    assert demo.read(texts[1]).attributes["mood"] == "scared"
    assert [demo.read(text).parsed for text in texts] == [1.0, 1.0]
    again = stories()
    assert again.space.decode(np.stack([0 * direction, 2 * direction])) == texts


def test_without_transformers_it_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(lw.MissingExtraError, match=r"pip install \"latentwidgets\[language\]\""):
        stories()
