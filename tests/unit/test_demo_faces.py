"""Faces that are drawn, and the model of them that comes with the package."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import latentwidgets as lw
from latentwidgets.demo import Faces, faces, train_faces
from latentwidgets.demo.card import CARD, write_table
from latentwidgets.demo.face_demo import SEED
from latentwidgets.demo.face_drawing import HAIR, RANGES, draw_faces
from latentwidgets.demo.face_model import WEIGHTS, load_model
from latentwidgets.demo.train_faces import BATCH, FACES, STEPS, evaluate, main, table, train

NUMBERS = [*RANGES]


@pytest.fixture(scope="module")
def demo() -> Faces:
    return faces()


@pytest.fixture(scope="module")
def provenance() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(WEIGHTS.with_suffix(".json").read_text("utf-8"))
    return found


# How faces are drawn


def plain(**attributes: Any) -> np.ndarray:
    """Draw one face: the plainest there is but for what is given."""
    middle: dict[str, Any] = {name: (low + high) / 2 for name, (low, high) in RANGES.items()}
    given = {**middle, "hair": "brown", "glasses": False, **attributes}
    picture: np.ndarray = draw_faces(1, **given)[0][0].astype(float)
    return picture


def test_faces_are_what_their_attributes_say() -> None:
    images, truth = draw_faces(3, seed=1, hair=["red", "blue", "black"], mood=0.5, glasses=True)
    assert (images.shape, images.dtype.name) == ((3, 64, 64, 3), "uint8")
    assert truth["hair"].tolist() == ["red", "blue", "black"]
    assert truth["mood"].tolist() == [0.5] * 3
    assert truth["glasses"].tolist() == [True] * 3
    given: dict[str, Any] = dict(truth)
    again = draw_faces(3, **given)[0]
    assert (again == images).all(), "nothing else is random"


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_changes_the_face_step_by_step(name: str) -> None:
    low, high = RANGES[name]
    low += 0.25 * (name == "length")  # shorter hair is hidden behind the head
    steps = [plain(**{name: value}) for value in np.linspace(low, high, 5)]
    changes = [np.abs(one - other).mean() for one, other in itertools.pairwise(steps)]
    assert min(changes) > 0.05
    assert np.abs(steps[0] - steps[-1]).mean() > max(changes), "it goes on, and not back"


def test_attributes_change_what_they_are_named_after() -> None:
    assert plain(backdrop=1)[2, 2, 2] > plain(backdrop=0)[2, 2, 2] + 50, "a cool one is blue"
    assert plain(skin=0)[50, 32].mean() > plain(skin=1)[50, 32].mean() + 50
    assert plain(length=1)[50, 15].mean() < plain(length=0)[50, 15].mean() - 50
    for name, color in HAIR.items():
        assert plain(hair=name)[14, 38] / 255 == pytest.approx(color, abs=0.01)
    dark = [(plain(glasses=worn)[22:46] < 60).mean() for worn in (False, True)]
    assert dark[1] > dark[0] + 0.02
    # Rows are counted from the top, columns from the left.
    across = np.arange(64)
    mouths = [np.abs(plain(mood=mood) - plain(mood=0))[40:52].mean() for mood in (-1, 1)]
    assert min(mouths) > 1
    eyes = [
        (np.abs(plain(turn=turn) - plain(turn=turn, eyes=0)).sum(axis=(0, 2)) * across).sum()
        / np.abs(plain(turn=turn) - plain(turn=turn, eyes=0)).sum()
        for turn in (-1, 1)
    ]
    assert eyes[1] - eyes[0] > 6, "they go to the right with the head"


def test_a_seed_draws_the_same_of_what_is_not_given() -> None:
    free, truth = draw_faces(40, seed=3)
    assert (draw_faces(40, seed=3)[0] == free).all()
    assert (draw_faces(40, seed=4)[0] != free).any()
    _, with_mood = draw_faces(40, seed=3, mood=1)
    for name, values in truth.items():
        assert name == "mood" or (with_mood[name] == values).all()


def test_faces_do_not_depend_on_how_many_are_drawn() -> None:
    images, truth = draw_faces(40, seed=3)
    given: dict[str, Any] = {name: values[30:33] for name, values in truth.items()}
    few = draw_faces(3, **given)[0]
    assert (few == images[30:33]).all()


def test_attributes_are_independent_and_even() -> None:
    _, truth = draw_faces(2000, seed=0, glasses=True)
    numbers = np.stack([truth[name] for name in NUMBERS])
    assert np.abs(np.corrcoef(numbers) - np.eye(len(NUMBERS))).max() < 0.1
    for name, (low, high) in RANGES.items():
        shares = np.histogram(truth[name], 4, (low, high))[0] / 2000
        assert shares == pytest.approx([0.25] * 4, abs=0.05)
    counts = np.unique(truth["hair"], return_counts=True)[1]
    assert len(counts) == 5
    assert counts / 2000 == pytest.approx([0.2] * 5, abs=0.05)


class Raises:
    """An object whose own methods raise what no library raises on purpose."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    def __repr__(self) -> str:
        return "Raises()"


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"smile": 1}, lw.errors.LatentTypeError, "no attribute 'smile'"),
        ({"moods": 1}, lw.errors.LatentTypeError, "Did you mean 'mood'?"),
        ({"mood": "sad"}, lw.errors.LatentTypeError, "mood is 'sad'; expected a number from -1"),
        ({"mood": [[0], [0, 1]]}, lw.errors.LatentTypeError, "expected a number from -1 to 1"),
        ({"mood": None}, lw.errors.LatentTypeError, "mood is None; expected a number"),
        ({"mood": np.ma.masked_array([0, 1], [True, False])}, lw.errors.LatentValueError, "masked"),
        ({"mood": Raises()}, lw.errors.LatentTypeError, "mood is Raises(); expected a number"),
        ({"count": 2**40}, lw.errors.LatentValueError, "expected at most 100,000"),
        ({"mood": 2}, lw.errors.LatentValueError, "mood is 2; expected a number from -1 to 1."),
        ({"mood": float("nan")}, lw.errors.LatentValueError, "mood is nan"),
        ({"eyes": [0, 1, 0]}, lw.errors.LatentValueError, "shape (3,); expected one value"),
        ({"hair": "green"}, lw.errors.LatentValueError, "hair is 'green'; expected one of black"),
        ({"hair": 3}, lw.errors.LatentTypeError, "hair is 3; expected one of black"),
        ({"glasses": "yes"}, lw.errors.LatentTypeError, "'yes'; expected True or False"),
        ({"glasses": 2}, lw.errors.LatentValueError, "glasses is 2; expected True or False."),
        ({"count": 0}, lw.errors.LatentValueError, "count is 0; expected at least 1."),
        ({"count": 2.5}, lw.errors.LatentTypeError, "count is 2.5"),
        ({"seed": -1}, lw.errors.LatentValueError, "seed is -1"),
    ],
)
def test_what_no_face_has_is_told(given: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error) as caught:
        draw_faces(**{"count": 2, **given})
    assert words in str(caught.value)


def test_values_may_come_from_a_table() -> None:
    hair = np.array(["red", "blue"], object)
    assert draw_faces(2, hair=hair)[1]["hair"].tolist() == ["red", "blue"]
    assert draw_faces(2, glasses=np.array([1, 0]))[1]["glasses"].tolist() == [True, False]


# The model


def test_shapes_and_dtypes(demo: Faces) -> None:
    space, images, labels, latents = demo
    assert (images.shape, images.dtype.name) == ((1500, 64, 64, 3), "uint8")
    assert (latents.shape, latents.dtype.name) == ((1500, *space.latent_shape), "float32")
    assert space.can_encode
    assert {name: values.dtype.kind for name, values in labels.items()} == {
        **dict.fromkeys(NUMBERS, "f"),
        "glasses": "b",
        "hair": "U",
    }
    assert {len(values) for values in labels.values()} == {1500}
    assert "latents (1500, " in repr(demo)


def test_labels_are_the_truth(demo: Faces) -> None:
    few: dict[str, Any] = {name: values[:20] for name, values in demo.labels.items()}
    assert (demo.draw(20, **few)[0] == demo.images[:20]).all()


def test_faces_are_not_those_it_learnt() -> None:
    assert SEED != train_faces.LEARNT


def test_latents_are_the_spaces_own(demo: Faces) -> None:
    np.testing.assert_allclose(demo.space.encode(demo.images), demo.latents, atol=1e-4)
    np.testing.assert_array_equal(demo.space.data, demo.latents)


def test_the_prior_is_normal_and_so_are_the_latents(demo: Faces) -> None:
    assert demo.space.sample(2000).std() == pytest.approx(1, abs=0.02)
    assert np.abs(demo.latents.mean(axis=0)).max() < 0.3
    assert 0.7 < demo.latents.std() < 1.1  # without what the encoder leaves open


def test_files_are_small_and_say_where_they_come_from(provenance: dict[str, Any]) -> None:
    assert WEIGHTS.stat().st_size < 3_000_000
    assert {"data", "faces", "package", "scores", "script", "seed", "steps"} <= provenance.keys()


def test_the_model_is_as_good_as_it_is_said_to_be(provenance: dict[str, Any]) -> None:
    scores = provenance["scores"]
    assert scores["mse"] < scores["mse_of_components"] / 2 < scores["mse_of_mean"] / 8
    assert all(0.8 < share < 1.2 for share in scores["edges"].values())
    known = {name for name, probe in scores["probes"].items() if probe["score"] > 0.7}
    assert {*scores["probes"]} - known == {"eyes", "mood"}, "as the card says"


@pytest.mark.slow
def test_scores_are_what_the_file_says(provenance: dict[str, Any]) -> None:
    said, found = provenance["scores"], evaluate(load_model())
    assert said.keys() == found.keys()
    for name in ("mse", "mse_of_components", "mse_of_mean"):
        assert found[name] == pytest.approx(said[name], rel=0.02)
    for name in ("kl", "latent_sd"):
        assert found[name] == pytest.approx(said[name], abs=0.02)
    assert found["edges"] == pytest.approx(said["edges"], abs=0.02)
    for name, probe in said["probes"].items():
        assert found["probes"][name]["score"] == pytest.approx(probe["score"], abs=0.01)
        assert found["probes"][name]["chance"] == probe["chance"]


def test_the_card_has_the_numbers_of_the_file(provenance: dict[str, Any], tmp_path: Path) -> None:
    card = CARD.read_text("utf-8")
    assert table(provenance["scores"]) in card
    assert f"{provenance['steps']} steps of {BATCH} faces" in card
    assert provenance["steps"] == STEPS
    assert provenance["faces"] == FACES
    copy = tmp_path / "README.md"
    copy.write_text(card, "utf-8")
    write_table(copy, "train_faces", table({**provenance["scores"], "mse": 0.54321}))
    assert "| 0.54321 |" in copy.read_text("utf-8")
    write_table(copy, "train_faces", table(provenance["scores"]))
    assert copy.read_text("utf-8") == card


def test_it_is_all_that_the_explorer_needs(demo: Faces) -> None:
    explorer: Any = lw.explore(demo, parts=["grid", "editor"])
    assert {"glasses", "turn", "hair: red"} <= {*explorer.editor.directions.names}
    explorer.close()


def test_calls_share_nothing(demo: Faces) -> None:
    second = faces()
    assert second.space is not demo.space
    first_arrays: list[np.ndarray] = [demo.images, demo.latents, *demo.labels.values()]
    second_arrays: list[np.ndarray] = [second.images, second.latents, *second.labels.values()]
    for one, other in zip(first_arrays, second_arrays, strict=True):
        assert not np.shares_memory(one, other)
        assert other.flags.writeable


def test_what_one_call_gives_can_be_written_over() -> None:
    first, second = faces(), faces()
    kept: list[np.ndarray] = [
        second.images.copy(),
        second.latents.copy(),
        second.labels["skin"].copy(),
    ]
    first.images[:], first.latents[:], first.labels["skin"][:] = 0, 0, 0
    for one in (second, faces()):
        found: list[np.ndarray] = [one.images, one.latents, one.labels["skin"]]
        assert all(np.array_equal(a, b) for a, b in zip(found, kept, strict=True))


# Counts how often the faces are drawn, in a process that has not drawn them.
COUNTS = """
from latentwidgets.demo import face_demo

drawings, paint = [], face_demo.painted

def counted(truth):
    drawings.append(1)
    return paint(truth)

face_demo.painted = counted
one = face_demo.faces()
one.space, one.labels, one.latents, repr(one), len(one), one[0], one[-1], one[2:], one[-4]
space = next(iter(one))
print(len(drawings))
one.images, one[1], [*face_demo.faces()]
print(len(drawings))
"""


def test_faces_are_drawn_when_they_are_asked_for_and_once() -> None:
    said = subprocess.run(
        [sys.executable, "-c", COUNTS], check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == ["0", "1"]


def test_a_demo_goes_apart_like_a_tuple(demo: Faces) -> None:
    assert len(demo) == len([*demo]) == 4
    assert demo[0] is demo.space
    assert demo[-1] is demo.latents
    assert demo[1:3] == (demo.images, demo.labels)
    with pytest.raises(IndexError):
        demo[4]


def test_loading_leaves_torchs_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    load_model()
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.slow
def test_same_seed_trains_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_faces, "COUNT", 60)
    monkeypatch.setattr(train_faces, "MEASURED", 20)
    files = [tmp_path / f"{name}.safetensors" for name in ("first", "second", "other")]
    threads, state, card = torch.get_num_threads(), torch.random.get_rng_state(), CARD.read_bytes()
    for file, seed in zip(files, (7, 7, 8), strict=True):
        main(["--steps", "2", "--faces", "80", "--seed", str(seed), "--output", str(file)])
    first, second, other = (file.read_bytes() for file in files)
    assert first == second
    assert first != other
    assert load_file(files[0]).keys() == load_file(WEIGHTS).keys()
    written = json.loads(files[0].with_suffix(".json").read_text("utf-8"))
    assert (written["seed"], written["steps"], written["faces"]) == (7, 2, 80)
    assert torch.get_num_threads() == threads
    assert torch.equal(state, torch.random.get_rng_state())
    assert CARD.read_bytes() == card


@pytest.mark.slow
def test_measuring_again_keeps_how_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_faces, "COUNT", 60)
    monkeypatch.setattr(train_faces, "MEASURED", 20)
    file = tmp_path / "faces.safetensors"
    main(["--steps", "2", "--faces", "80", "--seed", "7", "--output", str(file)])
    trained, weights = file.with_suffix(".json").read_text("utf-8"), file.read_bytes()
    main(["--measure", "--output", str(file)])
    assert file.with_suffix(".json").read_text("utf-8") == trained
    assert file.read_bytes() == weights


@pytest.mark.slow
def test_training_learns() -> None:
    images, _ = draw_faces(60, seed=2)
    drawn = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255

    def error(steps: int) -> float:
        model = train(steps=steps, faces=200)
        with torch.inference_mode():
            return float((model.decode(model.encode(drawn)[0]) - drawn).square().mean())

    assert error(60) < 0.6 * error(1)
