from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from sklearn.datasets import load_digits

import latentwidgets
from latentwidgets.demo import Digits, digit_images, digits
from latentwidgets.demo.model import WEIGHTS, load_model
from latentwidgets.demo.train_digits import evaluate, main, split, train
from latentwidgets.demo.written_digits import written_digits


@pytest.fixture(scope="module")
def demo() -> Digits:
    return digits()


@pytest.fixture(scope="module")
def provenance() -> dict[str, Any]:
    return read_provenance(WEIGHTS)


def read_provenance(path: Path) -> dict[str, Any]:
    with safe_open(path, framework="np") as file:
        header: dict[str, str] = file.metadata()  # type: ignore[no-untyped-call, unused-ignore]
    content: dict[str, Any] = json.loads(header["provenance"])
    return content


def test_shapes_and_dtypes(demo: Digits) -> None:
    space, images, labels, latents = demo
    arrays: list[np.ndarray] = [images, labels, latents]
    assert [array.shape for array in arrays] == [(1797, 32, 32, 1), (1797,), (1797, 10)]
    assert [array.dtype.name for array in arrays] == ["uint8", "int64", "float32"]
    assert space.latent_shape == (10,)
    assert space.can_encode


def test_images_are_scikit_learns_digits_enlarged() -> None:
    images, labels = digit_images()
    data = load_digits()
    # Without the border, 3.2 pixels wide, and shrunk again they are much what they were.
    blocks = images[:, 4:28, 4:28, 0].reshape(-1, 8, 3, 8, 3).mean(axis=(2, 4))
    pairs = zip(blocks.reshape(-1, 64), data.images.reshape(-1, 64), strict=True)
    assert min(np.corrcoef(ours, theirs)[0, 1] for ours, theirs in pairs) > 0.85
    assert (labels == data.target).all()
    assert (images.min(), images.max()) == (0, 255)
    assert np.median(images) == 0, "white on black, with more paper than ink"


def test_the_file_holds_what_scikit_learn_has() -> None:
    grey, labels = written_digits()
    data = load_digits()
    np.testing.assert_array_equal(grey, data.images)
    np.testing.assert_array_equal(labels, data.target)


def test_latents_are_the_spaces_own(demo: Digits) -> None:
    np.testing.assert_allclose(demo.space.encode(demo.images), demo.latents, atol=1e-5)
    np.testing.assert_array_equal(demo.space.data, demo.latents)


def test_decoded_latents_look_like_the_images(demo: Digits) -> None:
    images = demo.images[:300].astype(float)
    decoded = demo.space.decode(demo.latents[:300])
    assert decoded.shape == images.shape
    assert ((decoded - images) ** 2).mean() < 0.1 * images.var(axis=0).mean()


def test_samples_and_frames_between_digits_are_as_crisp_as_the_images(demo: Digits) -> None:
    def grey(images: np.ndarray) -> float:
        ink = images / 255
        return float((4 * ink * (1 - ink)).mean())

    middles = (demo.latents[:300] + demo.latents[1:301]) / 2
    for latents in (demo.space.sample(300), middles, demo.latents[:300]):
        assert grey(demo.space.decode(latents)) == pytest.approx(grey(demo.images), rel=0.25)


def test_calls_share_no_arrays(demo: Digits) -> None:
    second = digits()
    first_arrays: list[np.ndarray] = [demo.images, demo.labels, demo.latents]
    second_arrays: list[np.ndarray] = [second.images, second.labels, second.latents]
    for first, other in zip(first_arrays, second_arrays, strict=True):
        assert not np.shares_memory(first, other)
        np.testing.assert_allclose(first, other, atol=1e-5)
        assert other.flags.writeable
    assert second.space is not demo.space


def test_nothing_is_kept_once_it_is_let_go() -> None:
    space = digits().space
    alive = weakref.ref(space)
    del space
    gc.collect()
    assert alive() is None


def test_loading_leaves_torchs_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    digits()
    assert torch.equal(before, torch.random.get_rng_state())


def test_file_is_small_and_says_where_it_comes_from(provenance: dict[str, Any]) -> None:
    assert WEIGHTS.stat().st_size < 1_000_000
    assert {"data", "epochs", "package", "scores", "script", "seed"} <= provenance.keys()
    assert provenance["package"].startswith("latentwidgets ")


def test_scores_are_what_the_file_says(demo: Digits, provenance: dict[str, Any]) -> None:
    said = provenance["scores"]
    scores = evaluate(load_model(), demo.images, demo.labels)
    assert scores.keys() == said.keys()
    for name in ("held_out_mse", "train_mse"):
        assert scores[name] == pytest.approx(said[name], rel=0.01)
    for name in ("accuracy", "accuracy_sd"):
        assert scores[name] == pytest.approx(said[name], abs=0.005)
    for name in ("held_out_kl", "latent_sd"):
        assert scores[name] == pytest.approx(said[name], abs=0.01)


def test_the_model_is_good(provenance: dict[str, Any]) -> None:
    scores = provenance["scores"]
    assert scores["held_out_mse"] < 0.01
    assert scores["accuracy"] > 0.9
    assert min(scores["latent_sd"]) > 0.5, "no axis is dead"
    assert min(scores["held_out_kl"]) > 0.5


def test_card_has_the_numbers_of_the_file(provenance: dict[str, Any]) -> None:
    card = WEIGHTS.with_name("README.md").read_text(encoding="utf-8")
    scores = provenance["scores"]
    for name in ("held_out_mse", "train_mse"):
        assert f"{scores[name]:.4f}" in card
    assert f"{scores['accuracy']:.3f} ± {scores['accuracy_sd']:.3f}" in card
    for name in ("held_out_kl", "latent_sd"):
        assert " | ".join(f"{value:.2f}" for value in scores[name]) in card
    assert f"{provenance['epochs']} epochs" in card


def test_the_licence_of_the_images_is_told_where_they_are_told_of() -> None:
    card = WEIGHTS.with_name("README.md").read_text(encoding="utf-8")
    licence = (WEIGHTS.parents[2] / "LICENSE").read_text(encoding="utf-8")
    told = [card.partition("# The digits model")[2].partition("\n# ")[0]]
    told += [card.partition("\n# Licence\n")[2], licence]
    assert WEIGHTS.with_name("written_digits.npz").is_file()
    for text in told:
        assert "written_digits.npz" in text
        assert "10.24432/C50P49" in text
        assert re.search(r"CC BY 4\.0|Attribution 4\.0", text)


def test_split_is_stratified(demo: Digits) -> None:
    seen, held_out = split(demo.labels)
    assert (len(seen), len(held_out)) == (1500, 297)
    assert not np.intersect1d(seen, held_out).size
    counts = np.bincount(demo.labels[held_out]) / np.bincount(demo.labels)
    assert np.ptp(counts) < 0.01


@pytest.mark.slow
def test_same_seed_trains_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("first", "second", "other")]
    threads = torch.get_num_threads()
    state = torch.random.get_rng_state()
    for file, seed in zip(files, (7, 7, 8), strict=True):
        main(["--epochs", "1", "--seed", str(seed), "--output", str(file)])
    first, second, other = (file.read_bytes() for file in files)
    assert first == second
    assert first != other
    assert read_provenance(files[0])["seed"] == 7
    assert torch.get_num_threads() == threads
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.slow
def test_training_learns(demo: Digits) -> None:
    seen, _ = split(demo.labels)
    scores = [
        evaluate(train(demo.images[seen], epochs=epochs), demo.images, demo.labels)
        for epochs in (1, 6)
    ]
    assert scores[1]["held_out_mse"] < 0.7 * scores[0]["held_out_mse"]


def test_import_loads_nothing_heavy_and_the_first_picture_only_torch() -> None:
    program = (
        "import sys, latentwidgets, latentwidgets.demo\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'matplotlib', 'PIL', 'safetensors', 'tqdm'}\n"
        "heavy.add('diffusers')\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
        "latentwidgets.Interpolator(latentwidgets.demo.digits()).image()\n"
        "assert 'torch' in sys.modules\n"
        "slow = {'joblib', 'matplotlib', 'pandas', 'scipy', 'sklearn'}\n"
        "assert not slow & sys.modules.keys(), slow & sys.modules.keys()\n"
        "assert 'latentwidgets.demo.train_digits' not in sys.modules\n"
        "assert 'diffusers' not in sys.modules\n"
    )
    root = Path(latentwidgets.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
