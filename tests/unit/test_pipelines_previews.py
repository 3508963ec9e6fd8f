"""Drafts of pipelines by a preview that a person passes: what it may be, and where it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize("part", ["module", "method", "function"])
def test_a_preview_runs_evaluated_in_its_own_precision(part: str, tmp_path: Path) -> None:
    module = Dropping().half().train()
    preview = {
        "module": module,
        "method": module.decode,
        "function": lambda latents: module.decode(latents),
    }[part]
    space = made(tmp_path, preview)
    noise = space.sample(2)
    first, again = ([*space.drafts(noise, THREE)] for _ in range(2))
    assert len(first) == 3
    assert np.array_equal(first[0], again[0])
    assert module.training


def test_a_preview_may_give_arrays(tmp_path: Path) -> None:
    space = made(tmp_path, lambda latents: np.zeros((len(latents), 3, 8, 8)))
    assert np.unique(next(space.drafts(space.sample(2), THREE))).tolist() == [128]


@pytest.mark.parametrize(
    ("preview", "words"),
    [
        (
            diffusers.AutoencoderTiny(
                latent_channels=7, decoder_block_out_channels=(8,), num_decoder_blocks=(1,)
            ),
            r"preview raised RuntimeError: .*It got latents torch\.float32 \(2, 4, 8, 8\)",
        ),
        (lambda latents: 1 / 0, "preview raised ZeroDivisionError"),
        (lambda latents: "none", r"preview returned a str for latents .*; expected pictures"),
        (lambda latents: latents[1:, :3], r"preview returned shape \(1, 3, 8, 8\) for latents"),
        (lambda latents: latents.flatten(1), r"preview returned shape \(2, 256\) for latents"),
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
