"""Diffusers pipelines as spaces of noise: the same pictures as their own call, row by row."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests.unit.pipelines import FAMILIES, TEXTS, pipeline

SIZE = {"height": 16, "width": 16}


def arguments(family: str) -> dict[str, Any]:
    more = {"max_sequence_length": 16} if family in ("sd3", "flux") else {}
    return {**SIZE, **more} if family in TEXTS else {}


def made(family: str, folder: Path, **options: Any) -> tuple[Any, lw.LatentSpace]:
    pipe = pipeline(family, folder)
    if family in TEXTS:
        options = {"prompt": "a cat", "arguments": arguments(family), **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return pipe, lw.as_space(pipe, **options)


def own(pipe: Any, latent: Any, **call: Any) -> Any:
    """The picture of the pipeline's own call, uint8."""
    out = pipe(latents=torch.from_numpy(latent[None]), output_type="np", **call).images[0]
    return out * 255


def gap(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).max())


@pytest.mark.parametrize("family", TEXTS)
def test_a_picture_is_that_of_the_pipelines_own_call(family: str, tmp_path: Path) -> None:
    pipe, space = made(family, tmp_path, negative_prompt="dog")
    noise = space.sample(2)
    scale = "true_cfg_scale" if family == "flux" else "guidance_scale"
    for guidance in (1.0, 1.5, 6.0):
        found = space.decode(noise, {"steps": 4, "guidance": guidance})
        call = {"num_inference_steps": 4, "negative_prompt": "dog", scale: guidance}
        wanted = own(pipe, noise[1], prompt="a cat", **call, **arguments(family))
        assert gap(found[1], wanted) <= 1


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_are_the_same_alone_and_beside_others(family: str, tmp_path: Path) -> None:
    _, space = made(family, tmp_path)
    noise = space.sample(4)
    each: dict[str, Any] = {"steps": [2, 3, 5, 3]}
    if "guidance" in space.conditions:
        each |= {"guidance": [0.0, 1.0, 3.0, 0.5], "start": [0.0, 0.1, 0.3, 0.0]}
    if "embedded_guidance" in space.conditions:
        each["embedded_guidance"] = [1.0, 3.5, 1.0, 5.0]
    if "class" in space.conditions:
        each["class"] = [0, 7, 3, 999]
    together = space.decode(noise, each)
    for i in range(4):
        alone = space.decode(noise[i : i + 1], {name: some[i] for name, some in each.items()})
        assert gap(alone[0], together[i]) <= 1
    assert gap(space.decode(noise, each), together) == 0


@pytest.mark.parametrize("family", ["stable diffusion", "sd3", "flux"])
def test_guidance_goes_through_one_without_a_jump(family: str, tmp_path: Path) -> None:
    """Of Flux it is the true guidance, which its own call names `true_cfg_scale`."""
    _, space = made(family, tmp_path)
    noise = np.repeat(space.sample(1), 5, axis=0)
    guidance = [0.999, 1.0, 1.001, 0.0, 0.001]
    found = space.decode(noise, {"steps": 3, "guidance": guidance})
    assert gap(found[0], found[1]) <= 1
    assert gap(found[2], found[1]) <= 1
    assert gap(found[4], found[3]) <= 1
    assert gap(found[3], found[1]) > 1, "with the prompt it is another picture"


def test_the_guidance_that_a_network_takes_itself_is_another_condition(tmp_path: Path) -> None:
    pipe, space = made("flux", tmp_path)
    assert space.conditions["guidance"].default == 1
    assert space.conditions["embedded_guidance"].default == 3.5
    noise = space.sample(1)
    rows = np.repeat(noise, 2, axis=0)
    found = space.decode(rows, {"steps": 2, "embedded_guidance": [1.0, 9.0]})
    for row, scale in zip(found, (1.0, 9.0), strict=True):
        call = {"num_inference_steps": 2, "guidance_scale": scale, **arguments("flux")}
        assert gap(row, own(pipe, noise[0], prompt="a cat", **call)) <= 1


def test_guidance_acts_between_its_start_and_its_stop(tmp_path: Path) -> None:
    pipe, space = made("sdxl", tmp_path)
    noise = space.sample(1)

    def change(pipe: Any, i: int, t: Any, kwargs: Any) -> Any:
        vars(pipe)["_guidance_scale"] = 6.0 if 1 <= i + 1 < 3 else 1.0000001
        return kwargs

    wanted = own(
        pipe,
        noise[0],
        prompt="a cat",
        num_inference_steps=4,
        guidance_scale=1.0000001,
        callback_on_step_end=change,
        **SIZE,
    )
    part = {"steps": 4, "guidance": 6.0, "start": 0.25, "stop": 0.75}
    assert gap(space.decode(noise, part)[0], wanted) <= 1
    none = {"steps": 4, "guidance": 6.0, "start": 0.5, "stop": 0.5}
    assert gap(space.decode(noise, none), space.decode(noise, {"steps": 4, "guidance": 1.0})) == 0


# Classes


def bare(pipe: Any, noise: Any, label: int, null: int | None, scale: float, steps: int) -> Any:
    """Steps of DDIM in a loop of one's own."""
    scheduler = copy.deepcopy(pipe.scheduler)
    scheduler.set_timesteps(steps)
    net = getattr(pipe, "unet", None) or pipe.transformer
    x = torch.from_numpy(noise[None])
    with torch.no_grad():
        for t in scheduler.timesteps:
            times = t.reshape(1)
            out = net(x, times, class_labels=torch.tensor([label])).sample[:, : x.shape[1]]
            if null is not None:
                nothing = net(x, times, class_labels=torch.tensor([null])).sample[:, : x.shape[1]]
                out = nothing + scale * (out - nothing)
            x = scheduler.step(out, t, x).prev_sample
        if getattr(pipe, "vae", None) is not None:
            x = pipe.vae.decode(x / pipe.vae.config.scaling_factor).sample
    return ((x / 2 + 0.5).clamp(0, 1)[0] * 255).permute(1, 2, 0).numpy()


def test_classes_of_a_network_whose_pipeline_knows_none() -> None:
    pipe = pipeline("ddim", classes=4)
    names = ["owl", "mug", "sun"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        space = lw.as_space(pipe, classes=names)
    assert space.conditions["class"].choices == tuple(names)
    noise = space.sample(3)
    given = {"class": ["mug", "sun", "owl"], "guidance": [1.0, 3.0, 0.0], "steps": 3}
    found = space.decode(noise, given)
    for row, z, label, scale in zip(found, noise, (1, 2, 0), (1.0, 3.0, 0.0), strict=True):
        assert gap(row, bare(pipe, z, label, 3, scale, 3)) <= 1


def test_a_label_of_no_class_is_never_guessed_in_silence() -> None:
    pipe = pipeline("ddim", classes=4)
    with pytest.warns(lw.GuessWarning, match=r"takes 4 class labels.*null=3.*classes=4"):
        space = lw.as_space(pipe)
    assert space.conditions["class"].choices == range(4)
    assert "guidance" not in space.conditions
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lw.as_space(pipe, null=3).conditions["class"].choices == range(3)
        assert lw.as_space(pipe, null=0).conditions["class"].choices == range(1, 4)
        assert "guidance" not in lw.as_space(pipe, classes=4).conditions


def test_classes_of_a_dit_with_and_without_names() -> None:
    pipe = pipeline("dit")
    space = lw.as_space(pipe)
    noise = space.sample(2)
    found = space.decode(noise, {"class": [5, 999], "guidance": [4.0, 1.0], "steps": 3})
    assert gap(found[0], bare(pipe, noise[0], 5, 1000, 4.0, 3)) <= 1
    assert gap(found[1], bare(pipe, noise[1], 999, None, 1.0, 3)) <= 1
    labels = {i: f"thing {i}, other {i % 999}" for i in range(1000)}
    named = lw.as_space(pipeline("dit", id2label=labels)).conditions["class"].choices
    assert isinstance(named, tuple)
    assert named[3] == "other 3"  # the pipeline sorts its names
    assert len({*named}) == 1000


def test_names_in_another_order_than_the_pipelines_are_doubted() -> None:
    names = [f"thing {i}" for i in range(1000)]
    pipe = pipeline("dit", id2label=dict(enumerate(names)))
    with pytest.warns(lw.GuessWarning, match=r"'thing 999' is 0, and labels of DiTPipeline"):
        lw.as_space(pipe, classes=names[::-1])
    with pytest.warns(lw.GuessWarning, match=r"'thing 1' is 0, and .* says that it is 1"):
        lw.as_space(pipe, conditions={"class": [*names[1:], names[0]]})
    plain = pipeline("ddim", classes=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error", lw.GuessWarning)
        lw.as_space(pipe, classes=names)
        lw.as_space(plain, classes=["owl", "mug", "sun"], conditions={"class": ["a", "b", "c"]})
    with pytest.warns(lw.GuessWarning, match=r"'sun' is 0, and classes=\.\.\. says that it is 2"):
        lw.as_space(
            plain, classes=["owl", "mug", "sun"], conditions={"class": ["sun", "owl", "mug"]}
        )


def test_variances_that_a_network_predicts_are_not_guided() -> None:
    scheduler = diffusers.DDPMScheduler(variance_type="learned_range")
    pipe = pipeline("ddpm", classes=4, outputs=2, scheduler=scheduler)
    with pytest.warns(UserWarning, match="draws noise"):
        space = lw.as_space(pipe, null=3, seed=5)
    noise = space.sample(1)
    found = space.decode(noise, {"class": 1, "guidance": 3.0, "steps": 4})
    scheduler.set_timesteps(4)
    x, generator = torch.from_numpy(noise), torch.Generator().manual_seed(5)
    with torch.no_grad():
        for t in scheduler.timesteps:
            given, nothing = (
                pipe.unet(x, t, class_labels=torch.tensor([label])).sample for label in (1, 3)
            )
            guided = nothing[:, :1] + 3.0 * (given[:, :1] - nothing[:, :1])
            out = torch.cat([guided, given[:, 1:]], dim=1)
            x = scheduler.step(out, t, x, generator=generator).prev_sample
    assert gap(found[0], ((x / 2 + 0.5).clamp(0, 1) * 255)[0].permute(1, 2, 0)) <= 1


# Drafts


@pytest.mark.parametrize("family", FAMILIES)
def test_drafts_come_step_by_step_and_stop_when_closed(family: str, tmp_path: Path) -> None:
    pipe, space = made(family, tmp_path)
    asked: list[int] = []
    net = getattr(pipe, "unet", None) or pipe.transformer
    net.register_forward_hook(lambda *_: asked.append(1))
    noise, given = space.sample(2), {"steps": 6}
    space.decode(noise[:1], {"steps": 1})  # shows how pictures are read
    asked.clear()
    whole = [*space.drafts(noise, given)]
    steps = len(asked)
    assert len(whole) == steps
    assert {pictures.shape for pictures in whole} == {whole[-1].shape}
    assert gap(whole[-1], space.decode(noise, given)) == 0
    asked.clear()
    drafts = space.drafts(noise, given)
    next(drafts)
    drafts.close()
    assert len(asked) == 1


def test_a_draft_is_the_clean_picture_that_the_scheduler_predicts() -> None:
    pipe = pipeline("ddim")
    space = lw.as_space(pipe)
    noise = space.sample(1)
    first = next(iter(space.drafts(noise, {"steps": 5})))
    scheduler = copy.deepcopy(pipe.scheduler)
    scheduler.set_timesteps(5)
    x = torch.from_numpy(noise)
    with torch.no_grad():
        out = pipe.unet(x, scheduler.timesteps[0]).sample
    clean = scheduler.step(out, scheduler.timesteps[0], x).pred_original_sample
    assert gap(first[0, ..., 0], (clean[0, 0] / 2 + 0.5).clamp(0, 1) * 255) <= 1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("DDIMScheduler", {"prediction_type": "v_prediction"}),
        ("DDIMScheduler", {"prediction_type": "sample"}),
        ("DPMSolverMultistepScheduler", {}),
        ("UniPCMultistepScheduler", {}),
        ("EulerDiscreteScheduler", {}),
        ("HeunDiscreteScheduler", {}),
        ("PNDMScheduler", {"skip_prk_steps": True}),
        ("LCMScheduler", {}),
    ],
)
def test_schedulers_of_all_kinds(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    scheduler = getattr(diffusers, name)(**options)
    pipe = pipeline("stable diffusion", tmp_path, scheduler=scheduler)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    noise = space.sample(1)
    *_, near, last = space.drafts(noise, {"steps": 5, "guidance": 2.0})
    assert near.shape == last.shape
    if name != "LCMScheduler":
        call = {"num_inference_steps": 5, "guidance_scale": 2.0, **SIZE}
        assert gap(last[0], own(pipe, noise[0], prompt="a cat", **call)) <= 1


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("name", ["DPMSolverMultistepScheduler", "DEISMultistepScheduler"])
def test_schedulers_that_say_nothing_of_the_clean_picture(name: str, kind: str) -> None:
    pipe = pipeline("ddim")
    drafts = []
    for one in ("DDIMScheduler", name):
        more = {"clip_sample": False} if one == "DDIMScheduler" else {}
        betas = {"beta_start": 0.001, "beta_end": 0.01, "timestep_spacing": "trailing"}
        pipe.scheduler = getattr(diffusers, one)(prediction_type=kind, **betas, **more)
        space = lw.as_space(pipe)
        space.decode(space.sample(1), {"steps": 2})
        drafts.append(next(space.drafts(space.sample(2), {"steps": 5})))
    assert gap(drafts[0], drafts[1]) <= 2
    assert np.ptp(drafts[0]) > 100


def linear_vae() -> Any:
    """An autoencoder whose pictures are nearly a linear function of its latents."""
    torch.manual_seed(0)
    weights = 0.3 * torch.randn(4, 3)

    class Linear(diffusers.AutoencoderKL):  # type: ignore[misc]
        def decode(self, z: Any, return_dict: bool = True, generator: Any = None) -> Any:
            colours = torch.einsum("nchw,cd->ndhw", z * self.config.scaling_factor, weights)
            return (torch.nn.functional.interpolate(colours, scale_factor=2, mode="bilinear"),)

    plain = pipeline("dit").vae
    return Linear.from_config(plain.config).eval()


@pytest.mark.parametrize("family", ["stable diffusion", "flux"])
def test_colours_are_fitted_to_the_autoencoder(family: str, tmp_path: Path) -> None:
    pipe = pipeline(family, tmp_path)
    vae = linear_vae()
    vae.register_to_config(**{k: pipe.vae.config[k] for k in ("scaling_factor", "shift_factor")})
    pipe.register_modules(vae=vae)
    space = lw.as_space(pipe, prompt="a cat", arguments=arguments(family))
    drafts = [*space.drafts(space.sample(2), {"steps": 8})]
    near, last = drafts[-2].astype(float), drafts[-1].astype(float)
    spread = np.abs(last - last.mean()).mean()
    assert np.abs(near - last).mean() < 0.2 * spread


def test_a_preview_of_ones_own(tmp_path: Path) -> None:
    pipe = pipeline("flux", tmp_path)
    shapes: list[Any] = []

    def preview(latents: Any) -> Any:
        shapes.append(tuple(latents.shape))
        return torch.zeros(len(latents), 3, 16, 16)

    options: dict[str, Any] = {"prompt": "a cat", "arguments": arguments("flux")}
    space = lw.as_space(pipe, preview=preview, **options)
    drafts = space.drafts(space.sample(2), {"steps": 2})
    assert np.unique(next(drafts)).tolist() == [128]
    assert {*shapes} == {(2, 4, 8, 8)}
    tiny = diffusers.AutoencoderTiny(
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
        latent_channels=4,
    ).eval()
    space = lw.as_space(pipe, preview=tiny, **options)
    assert next(space.drafts(space.sample(2), {"steps": 2})).shape == (2, 16, 16, 3)


# The same on another day, and the pipeline as it was


@pytest.mark.parametrize(
    "name", ["DDPMScheduler", "EulerAncestralDiscreteScheduler", "KDPM2AncestralDiscreteScheduler"]
)
def test_noise_of_a_scheduler_is_fixed_by_the_seed(name: str, tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path, scheduler=getattr(diffusers, name)())
    spaces = []
    for seed in (0, 0, 1):
        with pytest.warns(UserWarning, match=f"{name} draws noise at each step.*seed={seed}"):
            spaces.append(lw.as_space(pipe, prompt="a cat", seed=seed, arguments=SIZE))
    noise, given = spaces[0].sample(3), {"steps": 3}
    first = spaces[0].decode(noise, given)
    torch.randn(5)
    assert gap(spaces[1].decode(noise, given), first) == 0
    assert gap(spaces[1].decode(noise[2:], given)[0], first[2]) <= 1
    assert gap(spaces[2].decode(noise, given), first) > 1


def test_noise_that_cannot_be_fixed_is_refused(tmp_path: Path) -> None:
    class Noisy(diffusers.DDIMScheduler):  # type: ignore[misc]
        def step(self, model_output: Any, timestep: Any, sample: Any) -> Any:
            made = super().step(model_output, timestep, sample)
            made.prev_sample = made.prev_sample + torch.randn_like(sample)
            return made

    pipe = pipeline("ddim")
    pipe.scheduler = Noisy()
    with pytest.raises(lw.LatentValueError, match=r"Noisy draws noise.*DPMSolverMultistep"):
        lw.as_space(pipe)


def test_the_pipeline_keeps_its_state(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    pipe.enable_attention_slicing()
    pipe.scheduler.set_timesteps(7)
    before = {name: id(part) for name, part in vars(pipe).items()}
    schedule = copy.deepcopy(vars(pipe.scheduler))
    processors = {name: id(one) for name, one in pipe.unet.attn_processors.items()}
    pipe.unet.train()
    torch.manual_seed(3)
    state = torch.get_rng_state()
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    [*space.drafts(space.sample(2), {"steps": 3})]
    assert torch.equal(torch.get_rng_state(), state)
    assert {name: id(part) for name, part in vars(pipe).items()} == before
    assert pipe.unet.training
    assert {name: id(one) for name, one in pipe.unet.attn_processors.items()} == processors
    for name, value in vars(pipe.scheduler).items():
        assert (
            torch.equal(torch.as_tensor(value), torch.as_tensor(schedule[name]))
            if isinstance(value, torch.Tensor)
            else str(value) == str(schedule[name])
        )


def test_times_are_told_as_the_pipeline_tells_them_in_half_precision_too(tmp_path: Path) -> None:
    pipe = pipeline("flux", tmp_path).to(torch.bfloat16)
    space = lw.as_space(pipe, prompt="a cat", arguments=arguments("flux"))
    told: dict[str, list[float]] = {"space": [], "pipeline": []}
    side = "space"

    def note(_: Any, args: Any, kwargs: Any) -> None:
        told[side].append(float(kwargs["timestep"][0]))

    pipe.transformer.register_forward_pre_hook(note, with_kwargs=True)
    noise = space.sample(1)
    space.decode(noise, {"steps": 7})
    side = "pipeline"
    x = torch.from_numpy(noise).bfloat16()
    pipe("a cat", latents=x, num_inference_steps=7, output_type="latent", **arguments("flux"))
    np.testing.assert_allclose(told["space"], told["pipeline"], rtol=2**-7)  # a last place


def test_half_precision_keeps_its_place(tmp_path: Path) -> None:
    exact = made("stable diffusion", tmp_path)[1]
    noise, given = exact.sample(2), {"steps": 4, "guidance": 2.0}
    wanted = exact.decode(noise, given)
    pipe = pipeline("stable diffusion", tmp_path).to(torch.bfloat16)
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    assert np.abs(space.decode(noise, given).astype(float) - wanted).mean() < 5
    assert pipe.unet.dtype == pipe.vae.dtype == torch.bfloat16


def test_a_hook_may_write_into_what_the_network_gets() -> None:
    """The steps are taken from what was there before."""
    found = []
    for copies in (True, False):
        pipe = pipeline("ddim")

        def blank(_net: object, args: Any, given: Any, copies: bool = copies) -> Any:
            args = tuple(one.clone() if copies else one for one in args)
            given = {
                name: one.clone() if copies and isinstance(one, torch.Tensor) else one
                for name, one in given.items()
            }
            for one in (*args, *given.values()):
                if isinstance(one, torch.Tensor) and one.ndim == 4:
                    one[..., :2] = 0
            return args, given

        pipe.unet.register_forward_pre_hook(blank, with_kwargs=True)
        space = lw.as_space(pipe)
        found.append(space.decode(space.sample(2), {"steps": 4}))
    np.testing.assert_array_equal(*found)
