"""Grids of diffusers pipelines: how often their networks are asked."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.pipelines import pipeline

SIZE = {"height": 16, "width": 16}
STEPS = 3
# Of seven values of guidance from 0 to 6, that at 0 needs no prompt and that at 1 nothing else.
ASKED = 2 * 7 - 2


def made(folder: Path, latent: str) -> tuple[lw.LatentSpace, list[int]]:
    """Make a space of a pipeline, and count the rows of each call of its network."""
    pipe = pipeline("sdxl", folder)
    options: dict[str, Any] = {
        "prompt": "a cat",
        "arguments": {**SIZE, "num_inference_steps": STEPS},
        "conditions": {"guidance": (1.0, 0.0, 6.0)},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # some prompts of its own are long here
        space = lw.as_space(pipe, latent=latent, **options)
    rows: list[int] = []
    pipe.unet.register_forward_pre_hook(
        lambda _, args, kwargs: rows.append(len(kwargs["sample"])), with_kwargs=True
    )
    return space, rows


def decoded_alone(space: lw.LatentSpace, latents: Any, given: dict[str, Any]) -> Any:
    found = [
        space.decode([latent], {name: values[i] for name, values in given.items()})[0]
        for i, latent in enumerate(latents)
    ]
    return np.stack(found).astype(float)


def test_a_grid_of_guidance_and_noise_is_one_batch(tmp_path: Path) -> None:
    space, rows = made(tmp_path, "noise")
    noise = space.sample(4)
    grid = lw.LatentGrid.table(space, noise, "guidance")
    rows.clear()
    picture = grid.image()
    assert rows == [4 * ASKED] * STEPS
    guidance = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    given = {"guidance": guidance, "steps": [STEPS] * 7}
    wanted = decoded_alone(space, np.repeat(noise[3:], 7, axis=0), given)
    pixels = np.asarray(picture).astype(float)
    tile = wanted.shape[1]
    pitch = (pixels.shape[1] + 1) // 7  # tiles have a gap of one pixel
    for column, one in enumerate(wanted):
        top, left = 3 * pitch, column * pitch
        assert np.abs(pixels[top : top + tile, left : left + tile] - one).max() <= 1


@pytest.mark.parametrize("latent", ["prompt", "bottleneck"])
def test_a_grid_of_guidance_and_seed_is_one_batch(latent: str, tmp_path: Path) -> None:
    space, rows = made(tmp_path, latent)
    edit = np.ones(space.latent_shape, np.float32)  # from the first step on
    base = space.encode("a dog")[0] if latent == "prompt" else edit
    grid = lw.LatentGrid.plane(space, base, "guidance", "seed")
    rows.clear()
    grid.image()
    assert rows == [7 * ASKED] * STEPS
