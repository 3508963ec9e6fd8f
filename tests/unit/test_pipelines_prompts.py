"""Embeddings of prompts, and latents of an autoencoder, as spaces of a diffusers pipeline."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests.unit.pipelines import TEXTS, pipeline

SIZE = {"height": 16, "width": 16}
PROMPTS = ["a cat", "a dog in snow", "ab"]


def made(family: str, folder: Path, latent: str, **options: Any) -> tuple[Any, Any]:
    pipe = pipeline(family, folder)
    more = {"max_sequence_length": 16} if family in ("sd3", "flux") else {}
    texts = {"arguments": {**SIZE, **more}} if family in TEXTS else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # some prompts of its own are long here
        return pipe, lw.as_space(pipe, latent=latent, **texts, **options)


def gap(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).max())


@pytest.mark.parametrize("family", TEXTS)
def test_an_embedding_decodes_to_the_picture_of_its_prompt(family: str, tmp_path: Path) -> None:
    pipe, space = made(family, tmp_path, "prompt", seed=3)
    latents = space.encode(PROMPTS)
    assert latents.shape == (3, *space.latent_shape)
    assert latents.dtype == np.float32
    guidance = {"true_cfg_scale" if family == "flux" else "guidance_scale": 3.0}
    given = {"steps": 3, "guidance": 3.0, "seed": [3, 3, 5]}
    found = space.decode(latents, given)
    x = np.random.default_rng(5).standard_normal((16, 16) if family == "flux" else (4, 8, 8))
    if family == "sd3":
        x = np.random.default_rng(5).standard_normal((16, 8, 8))
    more = {"max_sequence_length": 16} if family in ("sd3", "flux") else {}
    wanted = pipe(
        PROMPTS[2],
        negative_prompt="",
        latents=torch.from_numpy(x[None]).float(),
        num_inference_steps=3,
        output_type="np",
        **guidance,
        **SIZE,
        **more,
    ).images[0]
    if family != "sdxl":  # without a negative prompt it takes zeros
        assert gap(found[2], wanted * 255) <= 1
    assert gap(found[0], space.decode(latents[:1], {**given, "seed": 3})) <= 1
    if family == "sdxl":
        _, other = made(family, tmp_path, "noise", prompt=PROMPTS[2])
        assert (other.prompt, other.replace(name="a").prompt) == (PROMPTS[2], PROMPTS[2])
        assert space.prompt is None, "here it is the latent"
        noise = {"steps": 3, "guidance": 3.0}
        assert gap(found[2], other.decode(x[None], noise)[0]) <= 1


def test_embeddings_carry_the_pooled_part_too(tmp_path: Path) -> None:
    sizes = {"stable diffusion": 16 * 16, "sdxl": 16 * 32 + 16, "flux": 16 * 32 + 16}
    sizes["sd3"] = (16 + 16) * 32 + 32
    for family, size in sizes.items():
        assert made(family, tmp_path, "prompt")[1].latent_shape == (size,)


def test_tokens_are_matched_to_those_of_the_prompt_of_the_space(tmp_path: Path) -> None:
    own, turned = "a dog in snow", "snow in a dog"
    given = {"steps": 3, "guidance": 2.0}
    _, natural = made("flux", tmp_path, "prompt", prompt=turned)
    _, space = made("flux", tmp_path, "prompt", prompt=own)
    [as_written], [matched] = natural.encode(turned), space.encode(turned)
    rows, others = (one[: 16 * 32].reshape(16, 32) for one in (as_written, matched))
    assert (rows != others).any(1).sum() > 4
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, others.tolist()))
    [own_latent] = space.encode(own)
    assert np.linalg.norm(matched - own_latent) < np.linalg.norm(as_written - own_latent) / 4
    assert gap(space.decode([as_written], given), space.decode([matched], given)) <= 1


@pytest.mark.parametrize("family", TEXTS)
def test_beside_an_empty_prompt_no_order_is_worse_than_that_of_the_words(
    family: str, tmp_path: Path
) -> None:
    """The space's own prompt has nothing then to which tokens could be matched."""
    pipe, space = made(family, tmp_path, "prompt")
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice([*"abcdefghijklm"], 3)) for _ in range(24)]
    prompts = ["a cat", "a dog", *words, *(f"{one} xyz" for one in words)]
    more = {"max_sequence_length": 16} if family in ("sd3", "flux") else {}
    told = {"device": "cpu", "num_images_per_prompt": 1, **more}
    if family != "flux":
        told["do_classifier_free_guidance"] = False
    if family != "stable diffusion":
        told["prompt_2"] = None
    if family == "sd3":
        told["prompt_3"] = None
    with torch.no_grad():
        rows = pipe.encode_prompt(prompts, **told)[0].flatten(1).numpy()
    found = []
    for latents in (space.encode(prompts)[:, : rows.shape[1]], rows):
        cat, dog, *_ = latents
        plain, changed = latents[2:26], latents[26:]
        vector = (changed - plain)[:16].mean(axis=0)
        error = np.linalg.norm(plain[16:] + vector - changed[16:], axis=1).mean()
        found.append([np.linalg.norm(cat - dog), error])
    assert (np.array(found[0]) <= np.array(found[1]) * (1 + 1e-5)).all()


@pytest.mark.parametrize("family", TEXTS)
def test_prompts_of_two_calls_are_as_those_of_one(family: str, tmp_path: Path) -> None:
    _, space = made(family, tmp_path, "prompt")
    together = space.encode(PROMPTS)
    assert np.array_equal(space.encode(PROMPTS[::-1]), together[::-1])
    for one, row in zip(PROMPTS, together, strict=True):
        assert np.array_equal(space.encode(one)[0], row)


def test_a_contrast_of_prompts_moves_others_the_same_way(tmp_path: Path) -> None:
    _, space = made("stable diffusion", tmp_path, "prompt", prompt="ab")
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice([*"abcdefghijklm"], 3)) for _ in range(24)]
    plain, changed = space.encode(words), space.encode([f"{one} xyz" for one in words])
    [found] = lw.contrast_directions(plain[:16], changed[:16], name="xyz")
    back = words[15::-1]  # which pair comes first says nothing
    turned = [space.encode(back), space.encode([f"{one} xyz" for one in back])]
    [again] = lw.contrast_directions(*turned)
    np.testing.assert_allclose(again.vector, found.vector, atol=1e-6)
    amount = np.mean(found.measure(changed[:16]) - found.measure(plain[:16])) / found.sigma
    moved = found.move(plain[16:], amount)
    given = {"steps": 4, "guidance": 4.0, "seed": 2}
    pictures = [space.decode(one, given).astype(float) for one in (plain[16:], moved, changed[16:])]
    before, after, wanted = pictures
    left = np.abs(after - wanted).mean(axis=(1, 2, 3)) / np.abs(before - wanted).mean(
        axis=(1, 2, 3)
    )
    assert (left < 0.5).all()


def test_samples_lie_between_prompts(tmp_path: Path) -> None:
    _, space = made("stable diffusion", tmp_path, "prompt", prompt="owl")
    some = space.sample(20)
    assert np.array_equal(some, space.sample(20))
    assert np.linalg.matrix_rank(some, tol=1e-3 * np.abs(some).max()) <= 9
    reach = np.abs(space.encode(["owl", "a cat"])).max()
    assert np.abs(some).max() < 2 * reach


def test_what_is_no_prompt_is_refused(tmp_path: Path) -> None:
    _, space = made("stable diffusion", tmp_path, "prompt")
    assert space.encode("a cat").shape == (1, 256)
    for wrong in ([], 3, [3], np.zeros((1, 16, 16, 3))):
        with pytest.raises(lw.LatentTypeError, match=r"expected texts"):
            space.encode(wrong)
    with pytest.raises(lw.LatentValueError, match=r"DiTPipeline takes no prompt.*noise"):
        lw.as_space(pipeline("dit"), latent="prompt")


# Latents of an autoencoder


@pytest.mark.parametrize("family", ["stable diffusion", "sdxl", "sd3", "flux", "dit"])
def test_latents_of_the_autoencoder_are_scaled_as_the_pipeline_does(
    family: str, tmp_path: Path
) -> None:
    pipe, space = made(family, tmp_path, "vae")
    pictures = np.random.default_rng(0).random((2, 16, 16, 3)).astype(np.float32)
    latents = space.encode(pictures)
    config = pipe.vae.config
    signed = torch.from_numpy(pictures).permute(0, 3, 1, 2) * 2 - 1
    with torch.no_grad():
        z = pipe.vae.encode(signed).latent_dist.mode()
        drawn = pipe.vae.decode(z).sample / 2 + 0.5
    shift = config.shift_factor or 0.0
    np.testing.assert_allclose(latents, (z - shift) * config.scaling_factor, atol=1e-5)
    assert gap(space.decode(latents), drawn.clamp(0, 1).permute(0, 2, 3, 1) * 255) <= 1


def test_channels_may_have_scales_of_their_own(tmp_path: Path) -> None:
    pipe = pipeline("dit")
    mean, spread = [0.1, 0.2, 0.3, 0.4], [1.0, 2.0, 3.0, 4.0]
    pipe.vae.register_to_config(latents_mean=mean, latents_std=spread)
    space = lw.as_space(pipe, latent="vae")
    pictures = np.random.default_rng(0).random((1, 16, 16, 3)).astype(np.float32)
    with torch.no_grad():
        z = pipe.vae.encode(torch.from_numpy(pictures).permute(0, 3, 1, 2) * 2 - 1).latent_dist
    scaled = (z.mode() - torch.tensor(mean).reshape(-1, 1, 1)) / torch.tensor(spread).reshape(
        -1, 1, 1
    )
    wanted = scaled * pipe.vae.config.scaling_factor
    np.testing.assert_allclose(space.encode(pictures), wanted, atol=1e-5)


def test_a_pipeline_without_an_autoencoder() -> None:
    with pytest.raises(lw.LatentValueError, match=r"DDIMPipeline has no autoencoder.*noise"):
        lw.as_space(pipeline("ddim"), latent="vae")


def test_effects_of_prompts_need_a_measure(tmp_path: Path) -> None:
    _, space = made("stable diffusion", tmp_path, "prompt")
    latents = space.encode(PROMPTS)
    found = lw.Direction("dog", latents[1] - latents[0])
    settings: dict[str, Any] = {"latents": latents, "n": 2, "controls": 0}
    under = {"steps": 2}
    with pytest.raises(
        lw.LatentValueError, match=r"does not encode what it decodes.*Pass measure=..., a function"
    ):
        lw.measure_effects(space, found, conditions=under, **settings)
    measured = lw.measure_effects(
        space, found, lambda images: images.mean(axis=(1, 2, 3)), conditions=under, **settings
    )
    assert measured[0].evidence.effect is not None


def test_the_shape_and_the_conditions_of_prompts_are_checked(tmp_path: Path) -> None:
    _, space = made("stable diffusion", tmp_path, "prompt")
    again = lw.as_space(
        pipeline("stable diffusion", tmp_path),
        latent="prompt",
        latent_shape=space.latent_shape,
        arguments=SIZE,
    )
    assert again.latent_shape == space.latent_shape
    for given in ([1.0], {"guidanc": 1.0}):
        with pytest.raises(lw.LatentWidgetsError, match="conditions"):
            space.encode("a cat", given)


def test_what_decodes_prompts_under_conditions_encodes_them_too(tmp_path: Path) -> None:
    _, space = made("stable diffusion", tmp_path, "prompt")
    plain = space.encode(PROMPTS[:2])
    for given in (1.0, [1.0, 4.0]):
        assert np.array_equal(space.encode(PROMPTS[:2], {"guidance": given}), plain)
        assert len(space.decode(plain, {"guidance": given, "steps": 1})) == 2
    for wrong in ([1.0, 4.0, 2.0], "much"):
        with pytest.raises(lw.LatentWidgetsError, match="guidance"):
            space.encode(PROMPTS[:2], {"guidance": wrong})


@pytest.mark.parametrize("latent", ["prompt", "bottleneck", "noise", "vae"])
def test_latents_have_the_shape_of_the_pipeline_and_no_other(latent: str, tmp_path: Path) -> None:
    pipe, space = made("stable diffusion", tmp_path, latent)
    size = r" For another size: arguments={\"height\": \.\.\., \"width\": \.\.\.}\."
    size = "" if latent == "prompt" else size
    for wrong in ((3,), (4, 7), (int(np.prod(space.latent_shape)), 1)):
        with pytest.raises(
            lw.LatentValueError, match=rf"^latent_shape is \(.*Leave latent_shape out\.{size}$"
        ):
            lw.as_space(pipe, latent=latent, arguments=SIZE, latent_shape=wrong)
    own = space.latent_shape
    again = lw.as_space(pipe, latent=latent, arguments=SIZE, latent_shape=own)
    assert again.latent_shape == own


def test_a_pipeline_that_takes_no_size_is_not_asked_for_one() -> None:
    with pytest.raises(lw.LatentValueError, match=r"Leave latent_shape out\.$"):
        lw.as_space(pipeline("ddim"), latent_shape=(1, 9, 9))


def test_prompts_have_an_order(tmp_path: Path) -> None:
    _, space = made("stable diffusion", tmp_path, "prompt")
    for prompts in ({*PROMPTS}, frozenset(PROMPTS), dict.fromkeys(PROMPTS, 1)):
        match = f"^prompts are a {type(prompts).__name__}; expected a list of texts"
        with pytest.raises(lw.LatentTypeError, match=match):
            space.encode(prompts)
    assert np.array_equal(space.encode(iter(PROMPTS)), space.encode(PROMPTS))


def test_texts_of_numpy_are_texts(tmp_path: Path) -> None:
    words = {"prompt": "a cat", "negative_prompt": "a dog"}
    texts = {**words, "negative_prompt": np.str_("a dog")}  # which diffusers takes for another type
    _, plain = made("stable diffusion", tmp_path, "noise", **words)
    _, space = made("stable diffusion", tmp_path, "noise", **texts)
    latents = plain.sample(1, seed=0)
    pictures = [one.decode(latents, {"guidance": 3.0, "steps": 1}) for one in (plain, space)]
    assert np.array_equal(*pictures)


def test_a_prompt_that_no_tokenizer_reads_is_told_in_these_words(tmp_path: Path) -> None:
    told = "the tokenizer failed for "
    with pytest.raises(lw.LatentValueError, match=told):
        made("stable diffusion", tmp_path, "prompt")[1].encode("half a surrogate \ud800")
    for latent in ("noise", "prompt"):
        with pytest.raises(lw.LatentValueError, match=told):
            made("stable diffusion", tmp_path, latent, prompt="\ud800")
