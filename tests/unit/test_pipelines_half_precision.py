"""Pipelines in half precision: their pictures are those of single precision, or it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests.unit.pipelines import TEXTS, pipeline

FAMILIES = ("stable diffusion", "sdxl", "sd3", "flux", "dit", "ddim")
# The mean difference from single precision, in grey levels: bfloat16 has 8 bits, float16 11.
MOST = {torch.bfloat16: 5.0, torch.float16: 1.0}
halves = pytest.mark.parametrize("dtype", MOST, ids=lambda dtype: str(dtype)[6:])


def made(family: str, folder: Path, dtype: Any, latent: str = "noise") -> tuple[Any, Any]:
    pipe = pipeline(family, folder).to(dtype)
    given: dict[str, Any] = {"arguments": {"height": 16, "width": 16}, "prompt": "a cat"}
    if family in ("sd3", "flux"):
        given["arguments"]["max_sequence_length"] = 16
    return pipe, lw.as_space(pipe, latent=latent, **(given if family in TEXTS else {}))


def apart(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


@halves
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.slow
def test_pictures_are_those_of_single_precision(family: str, dtype: Any, tmp_path: Path) -> None:
    _, single = made(family, tmp_path, torch.float32)
    pipe, half = made(family, tmp_path, dtype)
    noise, given = single.sample(3), {"steps": 4}
    wanted = single.decode(noise, given)
    found = half.decode(noise, given)
    assert apart(found, wanted) < MOST[dtype]
    assert apart(wanted[0], wanted[1]) > 5 * MOST[dtype], "by chance, another picture"
    assert apart([*half.drafts(noise, given)][-1], found) == 0
    assert apart(half.decode(noise[1:2], given)[0], found[1]) <= MOST[dtype]
    networks = [one for one in pipe.components.values() if isinstance(one, torch.nn.Module)]
    assert {weight.dtype for one in networks for weight in one.parameters()} == {dtype}


@halves
def test_prompts_and_latents_of_the_autoencoder_too(dtype: Any, tmp_path: Path) -> None:
    found, latents = {}, {}
    for one in (torch.float32, dtype):
        _, prompts = made("stable diffusion", tmp_path, one, "prompt")
        latents[one] = prompts.encode(["a cat", "a dog"])
        found[one] = prompts.decode(latents[one], {"steps": 4, "seed": 3})
        assert latents[one].dtype == np.float32
    np.testing.assert_allclose(latents[dtype], latents[torch.float32], atol=0.1)
    assert apart(found[dtype], found[torch.float32]) < MOST[dtype]
    pipe, space = made("stable diffusion", tmp_path, dtype, "vae")
    pictures = np.random.default_rng(0).random((2, 16, 16, 3)).astype(np.float32)
    with torch.no_grad():
        signed = torch.from_numpy(pictures).permute(0, 3, 1, 2).to(dtype) * 2 - 1
        z = pipe.vae.encode(signed).latent_dist.mode()
        bare = pipe.vae.decode(z).sample.float() / 2 + 0.5
    again = space.decode(space.encode(pictures))
    assert apart(again, bare.clamp(0, 1).permute(0, 2, 3, 1) * 255) < MOST[dtype]


@halves
def test_bottleneck_latents_act_in_half_precision(dtype: Any, tmp_path: Path) -> None:
    pipe = pipeline("ddim").to(dtype)
    space = lw.as_space(pipe, latent="bottleneck", arguments={"num_inference_steps": 4})
    nothing = np.zeros((1, *space.latent_shape), np.float32)
    plain = lw.as_space(pipe).decode(
        np.random.default_rng(0).normal(size=(1, 1, 8, 8)), {"steps": 4}
    )
    assert apart(space.decode(nothing), plain) == 0
    assert apart(space.decode(nothing + 30), plain) > 1


def test_an_autoencoder_for_which_half_precision_is_too_narrow(tmp_path: Path) -> None:
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        pipe = pipeline("stable diffusion", tmp_path)
        with torch.no_grad():  # as of an autoencoder whose numbers grow on the way
            pipe.vae.decoder.conv_in.weight *= 1e5
        pipe.to(dtype)
        space = lw.as_space(pipe, arguments={"height": 16, "width": 16})
        if dtype is not torch.float16:
            assert space.decode(space.sample(1), {"steps": 2}).shape == (1, 16, 16, 3)
            continue
        told = r"AutoencoderKL in float16, gave NaN.*pipe\.vae\.to\(torch\.float32\)"
        with pytest.raises(lw.DecodeError, match=told):
            space.decode(space.sample(1), {"steps": 2})
        pipe.vae.to(torch.float32)  # what the message says
        space = lw.as_space(pipe, arguments={"height": 16, "width": 16})
        assert space.decode(space.sample(1), {"steps": 2}).shape == (1, 16, 16, 3)


def test_an_autoencoder_that_asks_for_single_precision_gets_it_and_stays_as_it_is(
    tmp_path: Path,
) -> None:
    pipe = pipeline("sdxl", tmp_path)
    with torch.no_grad():
        pipe.vae.decoder.conv_in.weight *= 1e5
        pipe.vae.encoder.conv_in.weight *= 1e5
    pipe.to(torch.float16)
    assert pipe.vae.config.force_upcast
    given: Any = {"arguments": {"height": 16, "width": 16}, "prompt": "a cat"}
    space = lw.as_space(pipe, **given)
    noise = space.sample(1)
    *drafts, answer = space.drafts(noise, {"steps": 3})
    assert len(drafts) == 2
    assert all(np.ptp(draft) > 0 for draft in drafts)
    assert pipe.vae.dtype == torch.float16
    space.encode(answer, {"steps": 3})
    assert pipe.vae.dtype == torch.float16
    latents = lw.as_space(pipe, latent="vae", **given)
    latents.decode(latents.encode(answer))
    assert pipe.vae.dtype == torch.float16


def test_memory_that_runs_out_in_the_autoencoder_leaves_its_precision(tmp_path: Path) -> None:
    pipe = pipeline("sdxl", tmp_path).to(torch.float16)
    space = lw.as_space(pipe, prompt="a cat", arguments={"height": 16, "width": 16})
    sizes: list[int] = []

    def count(_: Any, given: Any) -> None:
        sizes.append(len(given[0]))
        if len(given[0]) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    handle = pipe.vae.decoder.register_forward_pre_hook(count)
    assert len(space.decode(space.sample(2), {"steps": 2})) == 2
    handle.remove()
    assert sizes == [2, 1, 1]
    assert pipe.vae.dtype == torch.float16
