from __future__ import annotations

import gc
import itertools
import json
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from sklearn.svm import SVC

import latentwidgets as lw
from latentwidgets.demo import Diffusion, diffusion, train_diffusion
from latentwidgets.demo.card import CARD, write_table
from latentwidgets.demo.diffusion_model import FOLDER, NAMES, NOTHING
from latentwidgets.demo.train_diffusion import main, table, train
from latentwidgets.demo.train_digits import split
from tests.unit.page import Page

TWENTY = {"steps": 20}
LIBRARY: Any = diffusers  # which has no types


@pytest.fixture(scope="module")
def demo() -> Diffusion:
    return diffusion()


@pytest.fixture(scope="module")
def scores() -> dict[str, Any]:
    found: dict[str, Any] = read_provenance(FOLDER)["scores"]
    return found


def read_provenance(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "provenance.json").read_text("utf-8"))
    return content


def read_digits(demo: Diffusion, pictures: np.ndarray) -> np.ndarray:
    """Say what a classifier of written digits reads in pictures."""
    judge = SVC(C=10).fit(demo.images.reshape(-1, 64) / 255, demo.labels)
    return np.asarray(judge.predict(pictures.reshape(-1, 64) / 255))


def in_plain_diffusers(noise: np.ndarray, label: int, guidance: float, steps: int) -> np.ndarray:
    """Draw pictures as a person would without this package: uint8 (n, 8, 8, 1)."""
    pipe = LIBRARY.DDIMPipeline.from_pretrained(FOLDER)
    pipe.scheduler.set_timesteps(steps)
    x = torch.from_numpy(noise)
    labels = torch.tensor([label] * len(x) + [NOTHING] * len(x))
    with torch.no_grad():
        for t in pipe.scheduler.timesteps:
            out = pipe.unet(torch.cat([x, x]), t, class_labels=labels).sample
            given, without = out.chunk(2)
            x = pipe.scheduler.step(without + guidance * (given - without), t, x).prev_sample
    return np.asarray((x / 2 + 0.5).clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1))


def test_shapes_and_conditions(demo: Diffusion) -> None:
    space, images, labels, pipe = demo
    assert space.latent_shape == (1, 8, 8)
    arrays: list[np.ndarray] = [images, labels]
    assert [array.shape for array in arrays] == [(1797, 8, 8, 1), (1797,)]
    assert [array.dtype.name for array in arrays] == ["uint8", "int64"]
    assert isinstance(pipe, LIBRARY.DDIMPipeline)
    assert list(space.conditions["class"].choices) == [*NAMES]
    assert {"guidance", "steps", "class"} <= space.conditions.keys()
    assert space.can_encode


@pytest.mark.slow
def test_plain_diffusers_draws_the_same(demo: Diffusion) -> None:
    noise = demo.space.sample(4, seed=3)
    for guidance in (0.0, 1.0, 4.0):
        ours = demo.space.decode(noise, {"class": "5", "guidance": guidance, **TWENTY})
        theirs = in_plain_diffusers(noise, 5, guidance, 20)
        assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 1


def test_folder_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 2_000_000
    assert (FOLDER / "model_index.json").is_file()


def test_samples_are_the_digits_asked_for(demo: Diffusion) -> None:
    wanted = np.repeat(np.arange(10), 5)
    noise = demo.space.sample(50, seed=5)
    right = {
        guidance: np.mean(
            read_digits(
                demo,
                demo.space.decode(noise, {"class": wanted, "guidance": guidance, **TWENTY}),
            )
            == wanted
        )
        for guidance in (0.0, 4.0)
    }
    assert right[4.0] >= 0.94
    assert right[0.0] <= 0.3, "without a class it is one digit in ten"


def test_more_guidance_leaves_less_difference_between_samples(demo: Diffusion) -> None:
    wanted = np.repeat(np.arange(10), 4)
    noise = demo.space.sample(len(wanted), seed=2)
    spread = []
    for guidance in (0.0, 1.0, 4.0, 8.0):
        given = {"class": wanted, "guidance": guidance, **TWENTY}
        drawn = demo.space.decode(noise, given).reshape(len(wanted), -1) / 255
        spread.append(train_diffusion.diversity(drawn, wanted))
    assert (np.diff(spread) < 0).all(), spread
    assert spread[-1] < 0.8 * spread[0]


def test_without_a_class_pictures_do_not_depend_on_it(demo: Diffusion) -> None:
    noise = demo.space.sample(2)
    drawn = [
        demo.space.decode(noise, {"class": name, "guidance": 0.0, **TWENTY}) for name in ("2", "6")
    ]
    assert (drawn[0] == drawn[1]).all()


def test_a_picture_is_the_same_alone_and_on_another_day(demo: Diffusion) -> None:
    noise = demo.space.sample(6, seed=1)
    names, strengths = [*"012345"], [0.0, 0.5, 1.0, 2.0, 4.0, 8.0]
    given = {"class": names, "guidance": strengths, **TWENTY}
    together = demo.space.decode(noise, given).astype(int)
    again = diffusion().space
    for i, (name, strength) in enumerate(zip(names, strengths, strict=True)):
        own = {"class": name, "guidance": strength, **TWENTY}
        alone = again.decode(noise[i : i + 1], own)[0].astype(int)
        assert np.abs(alone - together[i]).max() <= 1


def test_drafts_come_and_stop(demo: Diffusion) -> None:
    noise = demo.space.sample(1)
    given = {"class": "8", "guidance": 4.0, **TWENTY}
    asked = []
    hook = demo.pipe.unet.register_forward_hook(lambda *_: asked.append(1))
    try:
        drafts = [*demo.space.drafts(noise, given)]
        assert len(drafts) == len(asked) == 20
        assert (drafts[-1] == demo.space.decode(noise, given)).all()
        errors = [np.abs(draft.astype(float) - drafts[-1]).mean() for draft in drafts]
        assert errors[0] > errors[10] > errors[18]
        asked.clear()
        some = demo.space.drafts(noise, given)
        seen = [*itertools.islice(some, 2)]
        some.close()
        assert len(seen) == 2
        assert len(asked) <= 3, "at most one step more than was seen"
    finally:
        hook.remove()


def test_a_widget_wastes_one_step_at_most_when_the_thumb_moves_on(demo: Diffusion) -> None:
    noise, given = demo.space.sample(2), {"guidance": 4.0, **TWENTY}
    widget = lw.Interpolator(demo.space, noise, conditions=given)
    page = Page(widget.comm)
    _, *under = page.picture()[0]
    asked: list[int] = []
    reached, moved = threading.Event(), threading.Event()

    def hold(*_: object) -> None:
        asked.append(1)
        if len(asked) == 5:
            reached.set()
            assert moved.wait(20)

    hook = demo.pipe.unet.register_forward_pre_hook(hold)
    try:
        page.ask(at=[0.5, *under])
        assert reached.wait(20)
        page.ask(at=[0.75, *under], seq=2)
        moved.set()
        while (answer := page.answer()[0])["seq"] != 2 or answer["more"]:
            pass
    finally:
        hook.remove()
        widget.close()
    assert answer["frames"][0]["at"] == [0.75, *under]
    assert len(asked) <= 5 + 20, "the step in which the thumb moved on is the last for its place"


@pytest.mark.slow
def test_held_out_digits_come_back_from_their_noise(demo: Diffusion) -> None:
    _, held_out = split(demo.labels)
    images, labels = demo.images[held_out[:8]], demo.labels[held_out[:8]]
    given = {"class": labels, "steps": 50}
    noise = demo.space.encode(images, given)
    back = demo.space.decode(noise, {**given, "guidance": 1.0})
    assert np.abs(back / 255 - images / 255).mean() < 0.05
    assert noise.std() == pytest.approx(1, abs=0.25)


def test_loading_leaves_torchs_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    diffusion()
    assert torch.equal(before, torch.random.get_rng_state())


def test_nothing_is_kept_once_it_is_let_go() -> None:
    unet = weakref.ref(diffusion().pipe.unet)
    gc.collect()
    assert unet() is None


def test_without_diffusers_it_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(lw.MissingExtraError, match=r"pip install \"latentwidgets\[diffusion\]\""):
        diffusion()


def test_the_model_is_good(scores: dict[str, Any]) -> None:
    by_guidance = dict(zip(scores["guidance"], scores["accuracy"], strict=True))
    assert scores["accuracy_of_digits"] > 0.97
    assert by_guidance[0] < 0.2, "chance is 0.1"
    assert by_guidance[1] > 0.95
    assert by_guidance[4] > 0.98
    assert scores["diversity"] == sorted(scores["diversity"], reverse=True)
    assert scores["inversion"] < 0.05


def test_samples_are_no_copies(scores: dict[str, Any]) -> None:
    nearest = dict(zip(scores["guidance"], scores["nearest"], strict=True))
    for ours, written in zip(nearest[1], scores["nearest_of_digits"], strict=True):
        assert ours > 0.8 * written


def test_card_has_the_numbers_of_the_folder(scores: dict[str, Any]) -> None:
    card = CARD.read_text("utf-8")
    assert table(scores) in card
    assert f"{read_provenance(FOLDER)['steps']} steps" in card


def test_card_is_written_anew(scores: dict[str, Any], tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text(CARD.read_text("utf-8"), "utf-8")
    write_table(card, "train_diffusion", table({**scores, "inversion": 0.0432}))
    text = card.read_text("utf-8")
    assert "error 0.0432 of" in text
    write_table(card, "train_diffusion", table(scores))
    assert card.read_text("utf-8") == CARD.read_text("utf-8")


@pytest.mark.slow
def test_same_seed_trains_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in {"GUIDANCE": (1,), "EACH": 2, "SAMPLED": 2, "INVERTED": 2}.items():
        monkeypatch.setattr(train_diffusion, name, few)
    folders = [tmp_path / name for name in ("first", "second", "other")]
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    card = CARD.read_bytes()
    for folder, seed in zip(folders, (7, 7, 8), strict=True):
        main(["--steps", "2", "--seed", str(seed), "--output", str(folder)])
    first, second, other = (
        (folder / "unet" / "diffusion_pytorch_model.safetensors").read_bytes() for folder in folders
    )
    assert first == second
    assert first != other
    assert read_provenance(folders[0])["seed"] == 7
    assert torch.get_num_threads() == threads
    assert torch.equal(state, torch.random.get_rng_state())
    assert CARD.read_bytes() == card


@pytest.mark.slow
def test_training_learns(demo: Diffusion) -> None:
    """After few steps the error of what it predicts is well below that of a guess of nothing."""
    pipe = train(demo.images[:500], demo.labels[:500], steps=60)
    data = torch.from_numpy(demo.images[500:600]).permute(0, 3, 1, 2) / 127.5 - 1
    noise = torch.randn(data.shape, generator=torch.Generator().manual_seed(0))
    times = torch.linspace(0, 999, len(data)).long()
    wanted = pipe.scheduler.get_velocity(data, noise, times)
    with torch.no_grad():
        noisy = pipe.scheduler.add_noise(data, noise, times)
        labels = torch.from_numpy(demo.labels[500:600])
        found = pipe.unet(noisy, times, class_labels=labels).sample
    assert ((found - wanted) ** 2).mean() < 0.65 * (wanted**2).mean()
