"""Pipelines that keep their parts off the device: these leave it when nothing runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests.unit.pipelines import pipeline

SIZE = {"height": 16, "width": 16}
STEPS = {"num_inference_steps": 3}


def test_hooks_that_free_memory_run_at_the_end_of_each_decode(tmp_path: Path) -> None:
    class Counting(diffusers.DDIMPipeline):  # type: ignore[misc]
        freed = 0

        def maybe_free_model_hooks(self) -> None:
            type(self).freed += 1
            super().maybe_free_model_hooks()

    plain = pipeline("ddim")
    pipe = Counting(unet=plain.unet, scheduler=plain.scheduler)
    pipe.set_progress_bar_config(disable=True)
    space = lw.as_space(pipe)
    assert Counting.freed == 1
    space.decode(space.sample(1), {"steps": 2})
    assert Counting.freed == 2
    drafts = space.drafts(space.sample(1), {"steps": 4})
    next(drafts)
    drafts.close()
    assert Counting.freed == 3


def test_offloading_stays_as_it_was_set(tmp_path: Path) -> None:
    wanted = lw.as_space(pipeline("stable diffusion", tmp_path), prompt="a cat", arguments=SIZE)
    pipe = pipeline("stable diffusion", tmp_path)
    plain = {part: part.forward for part in (pipe.text_encoder, pipe.unet, pipe.vae)}
    pipe.enable_model_cpu_offload(device="cpu")
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    noise, given = space.sample(2), {"steps": 3}
    assert np.array_equal(space.decode(noise, given), wanted.decode(noise, given))
    for part, forward in plain.items():
        assert part.forward != forward, "what brings it to the device and back"
    pipe("a cat", num_inference_steps=2, output_type="np", **SIZE)  # its own call still works


def uses(pipe: Any) -> dict[str, Callable[[], Any]]:
    """All that runs parts of a pipeline."""
    common: dict[str, Any] = {"prompt": "a cat", "arguments": {**SIZE, **STEPS}}
    spaces = {
        latent: lw.as_space(pipe, latent=latent, **common)
        for latent in ("noise", "prompt", "vae", "bottleneck")
    }
    noise, prompts, autoencoder, middle = spaces.values()
    pictures = np.random.default_rng(0).random((2, 16, 16, 3)).astype(np.float32)
    return {
        "made": lambda: lw.as_space(pipe, **common),
        "decoded": lambda: noise.decode(noise.sample(1)),
        "inverted": lambda: noise.encode(pictures),
        "prompts": lambda: prompts.encode(["an owl", "a dog"]),
        "of prompts": lambda: prompts.sample(2),
        "autoencoder": lambda: autoencoder.decode(autoencoder.encode(pictures)),
        "of the middle": lambda: middle.sample(2),
        "edited": lambda: middle.decode(np.ones((1, *middle.latent_shape))),
    }


def test_whatever_has_run_frees_the_device_at_its_end(tmp_path: Path) -> None:
    class Noting(diffusers.StableDiffusionPipeline):  # type: ignore[misc]
        """Says whether a part has run since memory was freed last."""

        is_free = True

        def maybe_free_model_hooks(self) -> None:
            type(self).is_free = True
            super().maybe_free_model_hooks()

    plain = pipeline("stable diffusion", tmp_path, scheduler=diffusers.DDIMScheduler())
    pipe = Noting(**plain.components, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)

    def note(*_: Any) -> None:
        Noting.is_free = False

    for part in (pipe.text_encoder, pipe.unet, pipe.vae.encoder, pipe.vae.decoder):
        part.register_forward_hook(note)
    for name, use in uses(pipe).items():
        use()
        assert Noting.is_free, name


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU: torch sees no CUDA device")
def test_parts_leave_a_gpu(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path, scheduler=diffusers.DDIMScheduler())
    wanted = {name: use() for name, use in uses(pipe).items() if name == "decoded"}
    pipe.enable_model_cpu_offload()
    for name, use in uses(pipe).items():
        found = use()
        for part in (pipe.text_encoder, pipe.unet, pipe.vae):
            assert {one.device.type for one in part.parameters()} == {"cpu"}, name
        if name in wanted:
            assert np.abs(found.astype(int) - wanted[name]).max() <= 2
