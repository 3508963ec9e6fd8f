"""Diffusers pipelines that cannot be used as they are: what went wrong, and the way out."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
import transformers
from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker

import latentwidgets as lw
from tests.unit.page import Page
from tests.unit.pipelines import pipeline

SIZE = {"height": 16, "width": 16}


def test_a_pipeline_without_the_wanted_part() -> None:
    pipe = pipeline("ddim")
    pipe.register_modules(unet=None)
    with pytest.raises(lw.LatentValueError, match=r"DDIMPipeline has no transformer or unet.*Load"):
        lw.as_space(pipe)
    pipe = pipeline("ddim")
    pipe.register_modules(scheduler=None)
    with pytest.raises(lw.LatentValueError, match=r"has no scheduler.*scheduler=\.\.\."):
        lw.as_space(pipe)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prompt": 3}, r"prompt is 3; expected a text"),
        ({"latent": "nose"}, r"latent is 'nose'.*noise"),
        ({"negative_prompt": np.zeros(3)}, r"negative_prompt is array.*expected a text"),
        ({"negative_prompt": 0}, r"negative_prompt is 0; expected a text"),
        ({"block": 1}, r"block is 1, and latent is 'noise'.*Leave block out"),
        ({"latent": "bottleneck", "block": "x" * 5000}, r"block is 'x{9,300}\.\.\..*one middle"),
        ({"arguments": {"hight": 16}}, r"'hight', which a call of StableDiffusionPipeline"),
        ({"arguments": 3}, r"arguments are 3; expected a dict"),
        (
            {"arguments": {"height": 15, "width": 16}},
            r"raised ValueError: `height` and `width` have",
        ),
        ({"classes": ["owl"]}, r"has no classes, and classes was passed"),
        ({"null": 3}, r"has no classes, and null was passed"),
        ({"conditions": {"scale": (1, 0, 2)}}, r"has no condition 'scale'.*guidance"),
        ({"conditions": {"steps": (1, 0, 2)}}, r"conditions\['steps'\].*expected something like"),
        ({"preview": 3}, r"preview"),
        ({"seed": -1}, r"seed"),
        ({"promt": "a"}, r"has no option 'promt'\. Did you mean 'prompt'"),
        ({"colour": 1}, r"There are 'latent', 'prompt', .*'arguments' and \d+ more"),
        (
            {"steps": 10},
            r"'steps'\. .*arguments=\{\"num_inference_steps\": 10\}.* \{\"steps\": 10\}\)",
        ),
        ({"num_inference_steps": 10}, r"arguments=\{\"num_inference_steps\": 10\}\)\.$"),
        ({"guidance": 4.0}, r"arguments=\{\"guidance_scale\": 4.0\}.*\{\"guidance\": 4.0\}\)"),
        ({"stop": 0.5}, r"It is a condition, .*: space\.decode\(latents, \{\"stop\": 0.5\}\)"),
    ],
)
def test_options(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    with pytest.raises(lw.LatentWidgetsError, match=message):
        lw.as_space(pipe, **{"arguments": SIZE, **options})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": 6}, r"labels 0 to 5; the network has 4 labels, 0 to 3"),
        ({"null": 2}, r"null is 2, which lies between classes"),
        ({"classes": 4, "null": 3}, r"null is 3, the label of a class too"),
        ({"classes": 4, "conditions": {"guidance": (2, 0, 4)}}, r"nothing that stands for no"),
    ],
)
def test_classes(options: dict[str, Any], message: str) -> None:
    with pytest.raises(lw.LatentValueError, match=message):
        lw.as_space(pipeline("ddim", classes=4), **options)


@pytest.mark.parametrize(
    ("null", "given"),
    [(3, range(2, 5)), (3, range(3, 4)), (3, ["a", "b", "c", "d"]), (0, ["a", "b"])],
)
def test_only_classes_that_there_are_may_be_chosen(null: int, given: Any) -> None:
    pipe = pipeline("ddim", classes=4)
    with pytest.raises(lw.LatentValueError, match=r"^conditions\['class'\] is .*does not have"):
        lw.as_space(pipe, null=null, conditions={"class": given})
    own = range(1, 4) if null == 0 else range(3)
    for some in (own, own[1:]):
        space = lw.as_space(pipe, null=null, conditions={"class": some})
        assert space.conditions["class"].choices == some
    names: dict[str, Any] = {"classes": ["owl", "mug", "sun"]}
    with pytest.raises(lw.LatentValueError, match="does not have"):  # "mug" would draw an owl
        lw.as_space(pipe, **names, conditions={"class": ["mug"]})


def test_a_pipeline_that_needs_more_than_a_prompt() -> None:
    class Depth(diffusers.DDIMPipeline):  # type: ignore[misc]
        def __call__(self, depth: Any, **call: Any) -> Any:
            return super().__call__(**call)

    plain = pipeline("ddim")
    pipe = Depth(unet=plain.unet, scheduler=plain.scheduler)
    with pytest.raises(lw.LatentValueError, match=r"Depth needs 'depth'.*arguments=\{'depth'"):
        lw.as_space(pipe)


def test_words_that_a_text_encoder_does_not_read_are_named(tmp_path: Path) -> None:
    long = "abcdefgh ijklmnop"
    with pytest.warns(UserWarning, match=r"longer than the pipeline reads.*tokenizer 'op'"):
        lw.as_space(pipeline("stable diffusion", tmp_path), prompt=long, arguments=SIZE)
    options = {**SIZE, "max_sequence_length": 16}
    with pytest.warns(UserWarning, match=r"tokenizer 'op'.*tokenizer_2 '.*p'"):
        lw.as_space(pipeline("flux", tmp_path), prompt=long, arguments=options)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        lw.as_space(pipeline("stable diffusion", tmp_path), prompt=long[:13], arguments=SIZE)


def test_guidance_of_a_network_whose_name_says_that_it_is_distilled(tmp_path: Path) -> None:
    pipe = pipeline("sdxl", tmp_path)
    pipe.register_to_config(_name_or_path="turbo/folder/xl-turbo")
    with pytest.warns(lw.GuessWarning, match=r"'turbo'.*guidance 1, which was taken in place of 5"):
        space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    assert space.conditions["guidance"].default == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", lw.GuessWarning)
        told = {**SIZE, "guidance_scale": 2.0}
        pipe.register_to_config(_name_or_path="turbo/xl")
        assert lw.as_space(pipe, arguments=SIZE).conditions["guidance"].default == 5
        pipe.register_to_config(_name_or_path="xl-turbo/")
        assert lw.as_space(pipe, arguments=told).conditions["guidance"].default == 2
        mine = lw.as_space(pipe, arguments=SIZE, conditions={"guidance": (5, 0, 10)})
        mine.decode(mine.sample(1), {"steps": 1})  # which the message said is the way
    with pytest.warns(
        UserWarning, match=r"guidance is 3, and 'turbo/folder/xl-turbo' says 'turbo'"
    ):
        space.decode(space.sample(1), {"steps": 1, "guidance": 3.0})


def test_guidance_of_a_network_that_was_made_without(tmp_path: Path) -> None:
    pipe = pipeline("flux", tmp_path, guidance_embeds=False)
    arguments = {**SIZE, "max_sequence_length": 16}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        space = lw.as_space(pipe, prompt="a cat", arguments=arguments)
        assert "embedded_guidance" not in space.conditions
        assert space.conditions["guidance"].default == 1
        noise = space.sample(2)
        found = space.decode(noise, {"steps": 2})
    call = {"num_inference_steps": 2, "output_type": "np", **arguments}
    wanted = pipe("a cat", latents=torch.from_numpy(noise), **call).images
    assert np.abs(found - wanted * 255).max() <= 1
    words = r"guidance is 4, and the FluxTransformer2DModel of FluxPipeline was .*may be.*to 1"
    given = {"steps": 2, "guidance": [1.0, 4.0]}
    with pytest.warns(UserWarning, match=words):
        beyond = space.decode(noise, given)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        again = space.decode(noise, given)  # it is said once
    assert (beyond == again).all()
    assert np.abs(beyond[0].astype(int) - found[0]).max() <= 1
    assert np.abs(beyond[1].astype(int) - found[1]).max() > 1


@pytest.mark.parametrize(("usual", "name"), [(4.0, ""), (1.0, ""), (1.0, "a/flux-de-distilled")])
def test_a_network_without_guidance_embeds_may_be_as_any_other(
    usual: float, name: str, tmp_path: Path
) -> None:
    """As of QwenImage, and of Flux networks that were trained on without distilling."""

    class Image(diffusers.FluxTransformer2DModel):  # type: ignore[misc]
        pass

    class Usual(diffusers.FluxPipeline):  # type: ignore[misc]
        def __call__(self, *args: Any, true_cfg_scale: float = usual, **call: Any) -> Any:
            return super().__call__(*args, true_cfg_scale=true_cfg_scale, **call)

    flux = inspect.signature(diffusers.FluxPipeline.__call__)
    told = [
        one.replace(default=usual) if one.name == "true_cfg_scale" else one
        for one in flux.parameters.values()
    ]
    vars(Usual)["__call__"].__signature__ = flux.replace(parameters=told)
    plain = pipeline("flux", tmp_path, guidance_embeds=False)
    kind = diffusers.FluxPipeline if name else Usual
    pipe = kind(**plain.components)
    pipe.register_to_config(_name_or_path=name)
    if not name and usual == 1:
        pipe.transformer.__class__ = Image  # neither is called Flux
    pipe.set_progress_bar_config(disable=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        space = lw.as_space(pipe, arguments={**SIZE, "max_sequence_length": 16})
        assert space.conditions["guidance"].default == usual
        assert not space.conditions["guidance"].note
        space.decode(space.sample(1), {"steps": 1, "guidance": 5.0})


def test_a_network_may_keep_its_config_in_a_dataclass() -> None:
    @dataclass
    class Config:
        sample_size: int = 8
        in_channels: int = 1
        guidance_embeds: bool = False

    class Net(torch.nn.Module):
        config, dtype, device = Config(), torch.float32, torch.device("cpu")

        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))

        def forward(self, sample: Any, timestep: Any, return_dict: bool = False) -> Any:
            return (self.scale * sample,)

    pipe = pipeline("ddim")
    pipe.unet = Net()
    assert lw.as_space(pipe).latent_shape == (1, 8, 8)


def test_guidance_that_is_passed_is_the_guidance(tmp_path: Path) -> None:
    pipe = pipeline("flux", tmp_path, guidance_embeds=False)
    arguments = {**SIZE, "max_sequence_length": 16, "true_cfg_scale": 4.0}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        space = lw.as_space(pipe, prompt="a cat", arguments=arguments)
    assert space.conditions["guidance"].default == 4


def test_guidance_of_a_distilled_network_that_nobody_asked_for_is_not_warned_of(
    tmp_path: Path,
) -> None:
    pipe = pipeline("flux", tmp_path, guidance_embeds=False)
    mine = lw.Condition(1.0, 0.0, 20.0)
    more = {"guidance": mine, "steps": lw.Condition(1, choices=range(1, 3))}
    options = {"arguments": {**SIZE, "max_sequence_length": 16}}
    space = lw.as_space(pipe, conditions=more, **options)
    assert "colours and contrast are overdone" in space.conditions["guidance"].note
    assert mine.note == "", "it is the person's own"
    walk = lw.Interpolator(space, space.sample(2))
    page, at = Page(walk.comm), [1.0, 0.0, 1.0, 0.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        strip = [[0.5, guidance, *at[1:]] for guidance in (2.0, 20.0)]
        given = page.asked(type="strip", positions=strip, drafts=False)
        assert len(given["frames"]) == 2
    way = r'conditions=\{"guidance": \(15, 0, 15\)\}'
    with pytest.warns(UserWarning, match=r"guidance is 15, and .*" + way):
        space.decode(space.sample(1), {"guidance": 15.0})
    lw.as_space(pipe, conditions={"guidance": (15, 0, 15)}, **options)


def test_nan_is_traced_to_the_part_that_made_it(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)

    def nan(_module: Any, _given: Any, made: Any) -> Any:
        return torch.full_like(made, torch.nan)

    def refused(match: str) -> None:
        with pytest.raises(lw.DecodeError, match=match):
            space.decode(space.sample(1), {"steps": 2})

    hook = pipe.vae.decoder.conv_out.register_forward_hook(nan)
    refused(r"AutoencoderKL in float32, gave NaN.*vae\.to\(")
    hook.remove()
    with torch.no_grad():
        pipe.vae.decoder.conv_out.bias.fill_(torch.nan)
    refused(r"AutoencoderKL in float32.*NaN.*weights of pipe\.vae .*decoder\.conv_out\.bias")
    hook = pipe.unet.conv_out.register_forward_hook(nan)
    refused(r"UNet2DConditionModel gave NaN.*bfloat16")
    hook.remove()
    with torch.no_grad():
        pipe.unet.conv_out.bias.fill_(torch.nan)
    refused(r"UNet2DConditionModel gave NaN.*weights of pipe\.unet .*such as conv_out\.bias")


def test_nan_of_what_reads_a_prompt_is_traced_to_it(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    with torch.no_grad():
        next(pipe.text_encoder.parameters()).fill_(torch.nan)
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    with pytest.raises(lw.DecodeError, match=r"weights of pipe\.text_encoder are NaN"):
        space.decode(space.sample(1), {"steps": 2})


def test_a_safety_checker_that_makes_pictures_black_is_told(tmp_path: Path) -> None:
    small = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 1}
    small |= {"num_hidden_layers": 1}
    config = transformers.CLIPConfig(
        vision_config={**small, "image_size": 16, "patch_size": 8},
        text_config=small,
        projection_dim=8,
    )
    checker = StableDiffusionSafetyChecker(config).eval()
    checker.concept_embeds_weights.data.fill_(-2.0)
    extractor = transformers.CLIPImageProcessor(
        size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}
    )
    pipe = pipeline(
        "stable diffusion", tmp_path, safety_checker=checker, feature_extractor=extractor
    )
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    with pytest.warns(UserWarning, match=r"safety checker of the pipeline made picture 0 of 2 bl"):
        pictures = space.decode(space.sample(2), {"steps": 2})
    assert not pictures.any()


def test_an_autoencoder_that_runs_out_of_memory_at_the_end_goes_again_alone(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    noise, given = space.sample(4), {"steps": 2, "guidance": 1.0}
    wanted = space.decode(noise, given)
    asked: list[int] = []
    decoded: list[int] = []

    def small(_: Any, args: Any) -> None:
        decoded.append(len(args[0]))
        if len(args[0]) > 1:
            raise torch.OutOfMemoryError("out of memory")

    pipe.unet.register_forward_pre_hook(lambda *_: asked.append(1))
    pipe.vae.decoder.register_forward_pre_hook(small)
    assert np.abs(space.decode(noise, given).astype(float) - wanted).max() <= 1
    assert decoded == [4, 2, 1, 1, 1, 1]
    assert len(asked) == 3
    assert space.batch_size == 64


def test_a_scheduler_that_is_called_otherwise() -> None:
    class Keyed(diffusers.DDIMScheduler):  # type: ignore[misc]
        def step(self, model_output: Any, timestep: Any, sample: Any, key: Any) -> Any: ...

    pipe = pipeline("ddim")
    pipe.scheduler = Keyed()
    with pytest.raises(lw.LatentValueError, match=r"Keyed cannot take a step.*'key'.*DDIMSched"):
        lw.as_space(pipe)


def test_a_pipeline_that_passes_more_at_a_later_step() -> None:
    class Passing(diffusers.DDIMPipeline):  # type: ignore[misc]
        def __call__(self, generator: Any = None, num_inference_steps: int = 5) -> Any:
            self.scheduler.set_timesteps(num_inference_steps)
            x = torch.randn(1, 1, 8, 8, generator=generator)
            for t in self.scheduler.timesteps:
                self.unet(x, t, class_labels=t.reshape(1) % 4)

    plain = pipeline("ddim", classes=4)
    pipe = Passing(unet=plain.unet, scheduler=plain.scheduler)
    with pytest.raises(lw.LatentValueError, match=r"Passing passes its denoiser other tensors"):
        lw.as_space(pipe, classes=4)


def test_a_batch_that_runs_out_of_memory_on_the_way_is_halved(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    noise, given = space.sample(4), {"steps": 4, "guidance": 3.0}
    wanted = space.decode(noise, given)
    asked: list[int] = []

    def small(_: Any, args: Any, kwargs: Any) -> None:
        asked.append(len(kwargs["sample"]))
        if len(asked) == 3:
            raise torch.OutOfMemoryError("out of memory")

    pipe.unet.register_forward_pre_hook(small, with_kwargs=True)
    found = space.decode(noise, given)
    assert asked == [8] * 3 + [4] * 10  # its scheduler takes one step more
    assert np.abs(found.astype(float) - wanted).max() <= 1
    assert space.batch_size == 2


def test_a_pipeline_that_has_no_memory_for_one_says_the_way_out(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    space = lw.as_space(pipe, prompt="a cat", arguments=SIZE)
    noise, given = space.sample(2), {"steps": 3, "guidance": 3.0}
    wanted = space.decode(noise, given)
    words = r"OutOfMemoryError: out of memory. It ran out for one alone.*enable_model_cpu_offload"

    def full(*_: Any) -> None:
        raise torch.OutOfMemoryError("out of memory")

    for part in (pipe.unet, pipe.vae.decoder):
        hook = part.register_forward_pre_hook(full)
        with pytest.raises(lw.DecodeError, match=words):
            space.decode(noise, given)
        hook.remove()
        assert np.abs(space.decode(noise, given).astype(float) - wanted).max() <= 1
    prompts = lw.as_space(pipe, latent="prompt", arguments=SIZE)
    for part in (pipe.text_encoder, pipe.unet):
        hook = part.register_forward_pre_hook(full)
        with pytest.raises(lw.DecodeError, match=words):
            lw.as_space(pipe, latent="prompt", prompt="owl", arguments=SIZE)
        if part is pipe.text_encoder:
            with pytest.raises(lw.DecodeError, match=words):
                prompts.encode("an owl")
        hook.remove()
        assert prompts.encode("an owl").shape == (1, 256)


@pytest.mark.parametrize("name", ["prompt", "negative_prompt"])
def test_a_text_that_the_pipeline_does_not_take(name: str) -> None:
    words = rf"DDIMPipeline takes no {name}, and {name}='a three' was.*takes batch_size, .*class"
    with pytest.raises(lw.LatentValueError, match=words):
        lw.as_space(pipeline("ddim"), **{name: "a three"})


def test_more_steps_than_are_offered() -> None:
    space = lw.as_space(pipeline("ddim"))
    words = r'from 1 to 100\. For more: .*conditions=\{"steps": range\(1, 1001\)\}'
    with pytest.raises(lw.LatentValueError, match=words):
        space.conditions["steps"].check(200, "steps")
    fewer = lw.as_space(pipeline("ddim"), conditions={"steps": range(1, 11)})
    with pytest.raises(lw.LatentValueError, match=words.replace("100", "10", 1)):
        fewer.conditions["steps"].check(200, "steps")
    more = lw.as_space(pipeline("ddim"), conditions={"steps": range(1, 1001)})
    assert more.conditions["steps"].check(200) == 200


def test_labels_are_doubted_once_all_else_is_right() -> None:
    pipe = pipeline("ddim", classes=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error", lw.GuessWarning)
        for wrong in ({"block": 99}, {"conditions": {"scale": (1, 0, 2)}}):
            with pytest.raises(lw.LatentWidgetsError, match=r"block|scale"):
                lw.as_space(pipe, latent="bottleneck", **wrong)
    way = r"null=3\), or with names of the other 3: .*classes=\[\.\.\.\]\).*classes=4\)"
    with pytest.warns(lw.GuessWarning, match=way) as told:
        lw.as_space(pipe, latent="bottleneck", arguments={"num_inference_steps": 3})
    assert told[0].filename == __file__
