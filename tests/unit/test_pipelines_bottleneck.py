"""What is added in the middle of a pipeline's denoiser, step by step."""

from __future__ import annotations

import copy
import pickle
import warnings
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests.unit.pipelines import TEXTS, pipeline

STEPS = {"num_inference_steps": 5}
SIZE = {"height": 16, "width": 16}
NOISE = {"sd3": (1, 16, 8, 8), "flux": (1, 16, 16)}


def made(family: str, folder: Path, **options: Any) -> tuple[Any, Any, list[int]]:
    pipe = pipeline(family, folder)
    more: dict[str, int] = SIZE if family in TEXTS else {}
    if family in ("sd3", "flux"):
        more = {**more, "max_sequence_length": 16}
    options = {"prompt": "a cat", **options} if more else options
    space = lw.as_space(pipe, latent="bottleneck", arguments={**STEPS, **more}, **options)
    asked: list[int] = []
    net = getattr(pipe, "unet", None) or pipe.transformer
    net.register_forward_hook(lambda _, args, out: asked.append(len(out[0])))
    return pipe, space, asked


def gap(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).max())


def edit(space: Any, first: int, scale: float = 30.0) -> Any:
    latent = np.random.default_rng(1).standard_normal(space.latent_shape).astype(np.float32)
    latent[:first] = 0
    return scale * latent


def test_nothing_added_is_the_picture_itself(tmp_path: Path) -> None:
    pipe, space, _ = made("ddim", tmp_path, seed=4)
    assert space.latent_shape == (5, 32, 4, 4)
    assert space.layers == ("0", "1", "2", "3", "4")
    plain = lw.as_space(pipe)
    noise = np.random.default_rng(4).standard_normal((1, 1, 8, 8))
    wanted = plain.decode(noise, {"steps": 5})
    nothing = np.zeros((1, *space.latent_shape))
    assert gap(space.decode(nothing), wanted) == 0
    assert gap(space.decode(nothing, {"seed": 5}), wanted) > 1


def test_what_is_added_acts_at_its_own_step_and_row(tmp_path: Path) -> None:
    _, space, _ = made("stable diffusion", tmp_path)
    steps = space.latent_shape[0]
    latents = np.stack([edit(space, k) for k in (0, 2, steps - 1)])
    together = space.decode(latents, {"guidance": [1.0, 3.0, 3.0], "seed": [0, 1, 1]})
    for i, (scale, seed) in enumerate([(1.0, 0), (3.0, 1), (3.0, 1)]):
        alone = made("stable diffusion", tmp_path)[1]
        found = alone.decode(latents[i : i + 1], {"guidance": scale, "seed": seed})
        assert gap(found[0], together[i]) <= 1
    nothing = space.decode(np.zeros((1, *space.latent_shape)), {"guidance": 3.0, "seed": 1})
    assert gap(together[1], nothing[0]) > 1
    assert gap(together[2], nothing[0]) > 0


def test_an_edit_begins_at_the_kept_state_of_its_step(tmp_path: Path) -> None:
    _, space, asked = made("ddim", tmp_path)
    latents = np.stack([edit(space, 3), edit(space, 3, 10.0), edit(space, 4)])
    first = space.decode(latents)
    assert asked == [1] * 3 + [3] * 2  # one way up to the edits, then each its own
    asked.clear()
    assert gap(space.decode(latents), first) == 0
    assert asked == [3] * 2
    asked.clear()
    drafts = [*space.drafts(latents[:1])]
    assert asked == [1] * 2
    assert gap(drafts[-1][0], first[0]) <= 1
    asked.clear()
    space.decode(latents[:1], {"seed": 9})
    assert asked == [1] * 5


def test_the_ways_of_a_few_seeds_are_kept(tmp_path: Path) -> None:
    _, space, asked = made("ddim", tmp_path)
    latent = edit(space, 4)
    for seed in range(9):
        space.decode([latent], {"seed": seed})
    asked.clear()
    space.decode([latent], {"seed": 8})
    assert asked == [1]
    space.decode([latent], {"seed": 0})
    assert asked == [1] * 6


@pytest.mark.parametrize("name", ["DPMSolverMultistepScheduler", "EulerAncestralDiscreteScheduler"])
def test_what_a_scheduler_keeps_is_kept_too(name: str, tmp_path: Path) -> None:
    pipe = pipeline("ddim")
    pipe.scheduler = getattr(diffusers, name)()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        spaces = [lw.as_space(pipe, latent="bottleneck", arguments=STEPS) for _ in range(2)]
    latents = np.stack([edit(spaces[0], 0), edit(spaces[0], 3)])
    # The first way begins at its first step, so that the other has no kept state beside it.
    wanted = spaces[0].decode(latents)
    found = spaces[1].decode(latents[1:])
    assert gap(found[0], wanted[1]) <= 1
    assert gap(spaces[1].decode(latents[1:]), found) == 0


def test_samples_are_what_the_middle_gives_for_other_seeds(tmp_path: Path) -> None:
    _, space, _ = made("ddim", tmp_path)
    some = space.sample(4)
    assert some.shape == (4, *space.latent_shape)
    assert np.array_equal(space.sample(4), some)
    np.testing.assert_allclose(space.sample(2), some[:2], atol=1e-4)
    directions = lw.pca_directions(space.sample(12), 2)
    assert len(directions) == 2


@pytest.mark.parametrize("latent", ["noise", "prompt", "vae", "bottleneck"])
def test_spaces_are_values(latent: str, tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    pipe.scheduler = diffusers.EulerAncestralDiscreteScheduler()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        space = lw.as_space(pipe, latent=latent, prompt="a cat", arguments={**STEPS, **SIZE})
    latents = space.sample(2)
    wanted = space.decode(latents)
    for copied in (
        copy.deepcopy(space),
        pickle.loads(pickle.dumps(space)),
        space.replace(name="x"),
    ):
        assert type(copied) is type(space)
        assert gap(copied.decode(latents), wanted) == 0
        assert np.array_equal(copied.sample(2), latents)


def test_blocks_of_a_transformer_are_stated(tmp_path: Path) -> None:
    with pytest.warns(lw.GuessWarning, match=r"transformer of 2 blocks.*Block 1 was taken"):
        made("dit", tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, space, _ = made("dit", tmp_path, block=0)
    assert space.latent_shape == (5, 16, 16)
    nothing = np.zeros((1, *space.latent_shape))
    given = {"guidance": 2.0, "class": 3}
    assert gap(space.decode([edit(space, 1)], given), space.decode(nothing, given)) > 1
    with pytest.raises(lw.LatentValueError, match=r"block"):
        made("dit", tmp_path, block=2)
    with pytest.raises(lw.LatentValueError, match=r"U-Net, which has one middle block"):
        made("ddim", tmp_path, block=0)


@pytest.mark.parametrize(("family", "shape"), [("sd3", (64, 32)), ("flux", (16, 32))])
def test_of_text_and_picture_the_picture_is_moved(
    family: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    pipe, space, _ = made(family, tmp_path, block=0)
    assert space.latent_shape == (5, *shape)
    noise = torch.from_numpy(np.random.default_rng(3).standard_normal(NOISE[family])).float()
    given = {"seed": 3, "guidance": 1.0}
    offset = 5 * np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    call = {**STEPS, **SIZE, "max_sequence_length": 16, "latents": noise, "output_type": "np"}
    scale = {} if family == "flux" else {"guidance_scale": 1.0}
    for latent in (0 * offset, offset):

        def add(_: Any, __: Any, out: Any, latent: Any = latent) -> Any:
            text, picture = out
            return text, picture + torch.from_numpy(latent)

        hook = pipe.transformer.transformer_blocks[0].register_forward_hook(add)
        [wanted] = pipe("a cat", **call, **scale).images
        hook.remove()
        [found] = space.decode([np.broadcast_to(latent, space.latent_shape)], given)
        assert gap(found, wanted * 255) <= 1
    nothing = space.decode(np.zeros((1, *space.latent_shape)), given)
    assert gap(found, nothing[0]) > 5


def test_a_profile_says_in_which_steps_a_direction_acts(tmp_path: Path) -> None:
    _, space, asked = made("ddim", tmp_path)
    found = lw.pca_directions(space.sample(12), 2)
    nothing = np.zeros(space.latent_shape, np.float32)
    widget = lw.DirectionEditor(space, nothing, found, value={"PC 1": 4.0, "PC 2": -3.0})
    widget.profiles = {"PC 1": range(3, 5), "PC 2": [0, 0, 0, 0.5, 1]}
    steps = [found[0].move([nothing], 4.0)[0], found[1].move([nothing], -3.0)[0]]
    steps[0][:3] = 0
    steps[1] *= np.array([0, 0, 0, 0.5, 1], np.float32).reshape(5, 1, 1, 1)
    np.testing.assert_allclose(widget.latent, steps[0] + steps[1], atol=1e-5)
    [wanted] = space.decode([steps[0] + steps[1]])
    asked.clear()
    drawn = np.asarray(widget.image())
    assert gap(drawn, wanted[..., 0]) <= 1
    assert asked == [1] * 2, "the steps before it acts are kept"
    assert gap(drawn, space.decode([nothing])[0, ..., 0]) > 1
    late = found[0].on_layers(space.latent_shape, range(3, 5))
    np.testing.assert_allclose(late.move([nothing], 4.0)[0], steps[0], atol=1e-5)
    grid = lw.LatentGrid.traversals(space, nothing, [late], amounts=[0.0, 4.0])
    cells = np.asarray(space.decode(grid.latents.reshape(-1, *space.latent_shape)))
    assert gap(cells[0], space.decode([nothing])[0]) <= 1
    assert gap(cells[1], space.decode([steps[0]])[0]) <= 1
