"""Drafts of pipelines by a preview that a person passes: what it may be, and where it fails."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import accelerate  # type: ignore[import-untyped, unused-ignore]
import diffusers
import numpy as np
import pytest
import torch
from torch import nn

import latentwidgets as lw
from tests.unit.pipelines import pipeline

SIZE = {"height": 16, "width": 16}
THREE = {"steps": 3}
LEADING = diffusers.DDIMScheduler(clip_sample=False, steps_offset=1)


def made(folder: Path, preview: Any) -> lw.LatentSpace:
    pipe = pipeline("stable diffusion", folder, scheduler=LEADING)
    return lw.as_space(pipe, prompt="a cat", arguments=SIZE, preview=preview)


class Dropping(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.colours, self.dropout = nn.Conv2d(4, 3, 1), nn.Dropout()

    def decode(self, latents: Any) -> Any:
        return self.dropout(self.colours(latents))


@pytest.mark.parametrize("part", ["module", "method", "partial", "partial of a partial"])
def test_a_preview_runs_evaluated_in_its_own_precision(part: str, tmp_path: Path) -> None:
    module = Dropping().half().train()
    once = partial(module.decode)
    preview = {
        "module": module,
        "method": module.decode,
        "partial": once,
        "partial of a partial": SimpleNamespace(decode=partial(once)),
    }[part]
    space = made(tmp_path, preview)
    noise = space.sample(2)
    first, again = ([*space.drafts(noise, THREE)] for _ in range(2))
    assert len(first) == 3
    assert np.array_equal(first[0], again[0])
    assert module.training


def test_the_forward_of_a_module_finds_the_module(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Conv2d(4, 3, 1), nn.Dropout()).half().train()
    space = made(tmp_path, module.forward)
    noise = space.sample(2)
    first, again = ([*space.drafts(noise, THREE)] for _ in range(2))
    assert len(first) == 3
    assert np.array_equal(first[0], again[0])


def test_a_function_gets_float32_and_runs_its_modules_evaluated(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path, scheduler=LEADING)
    large = pipe.vae.half()  # which the function names first
    tiny = Dropping().train()
    seen: list[tuple[Any, bool]] = []

    def preview(latents: Any) -> Any:
        seen.append((latents.dtype, tiny.training))
        return tiny.decode(latents / large.config.scaling_factor)

    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE, preview=preview)
    assert len([*space.drafts(space.sample(1), THREE)]) == 3
    assert {*seen} == {(torch.float32, False)}
    assert tiny.training


def test_modules_that_are_offloaded_leave_latents_where_they_are(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path, scheduler=LEADING)
    accelerate.cpu_offload(pipe.vae, "cpu")
    tiny = nn.Conv2d(4, 3, 1)
    accelerate.cpu_offload(tiny, "cpu")
    assert {one.device.type for one in (*tiny.parameters(), *pipe.vae.parameters())} == {"meta"}
    for preview in (lambda z: z[:, :3] * pipe.vae.config.scaling_factor, tiny):
        space = lw.as_space(pipe, prompt="a cat", arguments=SIZE, preview=preview)
        assert len([*space.drafts(space.sample(1), THREE)]) == 3


@pytest.mark.parametrize("flipped", [False, True])
def test_a_preview_may_give_arrays(flipped: bool, tmp_path: Path) -> None:
    def preview(latents: Any) -> Any:
        pictures = np.zeros((len(latents), 3, 8, 8))
        pictures[:, 0] = 1
        return pictures[:, ::-1] if flipped else pictures

    space = made(tmp_path, preview)
    draft = next(space.drafts(space.sample(2), THREE))
    colour = [128, 128, 255] if flipped else [255, 128, 128]
    assert np.array_equal(draft, np.broadcast_to(colour, draft.shape))


@pytest.mark.parametrize(
    ("preview", "words"),
    [
        (
            lambda latents: nn.Conv2d(7, 3, 1)(latents),
            r"preview raised RuntimeError: .*It got latents torch\.float32 \(2, 4, 8, 8\)",
        ),
        (lambda latents: 1 / 0, "preview raised ZeroDivisionError"),
        (lambda latents: "none", r"preview returned a str for latents .*; expected pictures"),
        (lambda latents: latents[1:, :3], r"preview returned shape \(1, 3, 8, 8\) for latents"),
        (lambda latents: latents.flatten(1), r"preview returned shape \(2, 256\) for latents"),
        (
            lambda latents: (latents[:, :3] * 99).to(torch.uint8),
            r"preview returned a tensor of uint8 for latents .*: pictures / 127\.5 - 1\.",
        ),
        (
            lambda latents: np.zeros((2, 3, 8, 8), np.uint8),
            r"preview returned an array of uint8 for .*: pictures / 127\.5 - 1\.",
        ),
        (lambda latents: latents[:, :3] + 0j, "preview returned a tensor of complex64 for .*float"),
        (lambda latents: latents[:, :3].numpy() + 0j, "preview returned an array of complex64 for"),
        (lambda latents: (), "preview returned a tuple of 0 for latents"),
        (lambda latents: (None,), "preview returned a tuple of 1, the first a NoneType for"),
        (lambda latents: np.array(["a", "b"]), "preview returned an array of <U1 for latents"),
        (lambda latents: np.array([None, 3]), "preview returned an array of object for latents"),
        (
            lambda latents: [*latents[:, :3]],
            r"preview returned a list of 2, the first of shape \(3, 8, 8\) for latents",
        ),
        (lambda latents: latents[:, :3].to("meta"), "preview returned a tensor on meta, which"),
        (lambda latents: latents[:, :2], r"preview returned shape \(2, 2, 8, 8\) .*1, 3 or 4 chan"),
        (
            lambda latents: latents[:, :3].permute(0, 2, 3, 1),
            r"preview returned shape \(2, 8, 8, 3\) .*\(n, channels, height, width\)",
        ),
        (lambda latents: latents[:, :3] * np.inf, "preview returned NaN or infinity; expected"),
    ],
)
def test_a_preview_that_fails_costs_its_drafts_and_no_picture(
    preview: Any, words: str, tmp_path: Path
) -> None:
    space = made(tmp_path, preview)
    noise = space.sample(2)
    with pytest.warns(UserWarning, match=f"a draft is left out: {words}"):
        *drafts, last = space.drafts(noise, THREE)
    assert not drafts
    assert np.array_equal(last, space.decode(noise, THREE))


def test_memory_that_runs_out_in_a_preview_halves_the_batch(tmp_path: Path) -> None:
    sizes: list[int] = []

    def preview(latents: Any) -> Any:
        sizes.append(len(latents))
        if len(latents) > 1:
            raise torch.OutOfMemoryError("out of memory")
        return latents[:, :3]

    space = made(tmp_path, preview)
    noise = space.sample(2)
    *_, last = space.drafts(noise, THREE)
    assert {*sizes} == {2, 1}
    assert np.abs(last.astype(int) - space.decode(noise, THREE)).max() <= 1


def test_memory_that_a_preview_lacks_for_one_costs_its_drafts_and_no_picture(
    tmp_path: Path,
) -> None:
    def preview(latents: Any) -> Any:
        raise torch.OutOfMemoryError("out of memory")

    space = made(tmp_path, preview)
    for count in (1, 2):
        noise = space.sample(count)
        with pytest.warns(UserWarning, match=r"draft is left out: preview .*out of memory$"):
            *drafts, last = space.drafts(noise, THREE)
        assert not drafts
        assert np.abs(last.astype(int) - space.decode(noise, THREE)).max() <= 1


def test_a_decoder_of_a_sampler_that_fails_on_a_draft_costs_no_picture() -> None:
    asked: list[int] = []

    def decode(x: Any) -> Any:
        asked.append(1)
        if len(asked) == fails_at:
            raise ValueError("not yet")
        return x

    sampler = lw.adapters.Sampler(
        lambda x, t: -x, 4, predicts="velocity", schedule="flow", decode=decode
    )
    space = lw.as_space(sampler, kind="curve")
    noise = space.sample(1)
    fails_at = 0
    wanted = space.decode(noise, THREE)
    fails_at = len(asked) + 1
    with pytest.warns(UserWarning, match="a draft is left out: decode raised ValueError: not yet"):
        *_, last = space.drafts(noise, THREE)
    assert np.array_equal(last, wanted)
