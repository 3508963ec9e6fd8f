"""LoRA adapters as conditions of pipelines: what rows get, what is put back, what is refused."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import peft
import pytest
import torch
from diffusers.utils import convert_state_dict_to_diffusers
from peft.tuners.tuners_utils import BaseTunerLayer
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file

import latentwidgets as lw
from tests.unit.pipelines import pipeline

SIZE = {"height": 16, "width": 16}
STEPS = {"num_inference_steps": 3}
Weights = dict[str, Any]


class Trap:
    """A path that raises what it likes."""

    def __fspath__(self) -> str:
        raise ZeroDivisionError


def inject(network: Any, name: str, targets: list[str], seed: int = 1) -> None:
    """Put a LoRA of random weights into a network."""
    config = peft.LoraConfig(r=4, lora_alpha=16, target_modules=targets)
    torch.manual_seed(seed)
    peft.inject_adapter_in_model(config, network, name)
    for layer in layers(network):
        if name in layer.lora_B:
            layer.lora_B[name].weight.data.normal_(std=0.5)


def layers(*networks: Any) -> list[Any]:
    return [one for net in networks for one in net.modules() if isinstance(one, BaseTunerLayer)]


def saved(folder: Path, name: str, *, seed: int = 1) -> Path:
    """Save a LoRA of random weights for the tiny Stable Diffusion 1 pipeline."""
    pipe = pipeline("stable diffusion", folder)
    inject(pipe.unet, "x", ["to_q", "to_v", "to_out.0"], seed)
    state = get_peft_model_state_dict(pipe.unet, adapter_name="x")
    pipe.save_lora_weights(folder / name, convert_state_dict_to_diffusers(state))
    return folder / name / "pytorch_lora_weights.safetensors"


def inject_texts(pipe: Any) -> None:
    """Put an adapter "age" into the text encoder, which files of some adapters hold too."""
    inject(pipe.text_encoder, "age", ["q_proj", "v_proj"])


def made(pipe: Any, **options: Any) -> lw.LatentSpace:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return lw.as_space(pipe, **{"prompt": "a cat", "arguments": {**SIZE, **STEPS}, **options})


def own(pipe: Any, latent: Any, **call: Any) -> Any:
    """The picture of the pipeline's own call."""
    noise = torch.from_numpy(latent[None])
    given = {"prompt": "a cat", "guidance_scale": 1.0, **SIZE, **STEPS, **call}
    return pipe(latents=noise, output_type="np", **given).images[0] * 255


def gap(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).max())


def acting(pipe: Any) -> list[Any]:
    """All that says how adapters act in the pipeline."""
    return [
        (layer.active_adapters, layer.disable_adapters, dict(layer.scaling))
        for layer in layers(pipe.unet, pipe.text_encoder)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("guidance", [1.0, 5.0])
def test_a_weight_gives_what_the_pipeline_gives_with_it(
    tmp_path: Path, texts: bool, guidance: float
) -> None:
    path: Path | None = saved(tmp_path, "age")
    pipe = pipeline("stable diffusion", tmp_path)
    bare = pipeline("stable diffusion", tmp_path)
    if texts:
        inject_texts(pipe)
        pipe.load_lora_weights(tmp_path / "age", adapter_name="age")
        path = None
    lw.lora_condition(pipe, "age", path)
    space = made(pipe)
    assert space.conditions["age"] == lw.Condition(0.0, -2.0, 2.0, step=0.1)
    noise = space.sample(1)
    weights = [1.0, 0.0, -2.0, 1.0]
    rows = np.repeat(noise, 4, axis=0)
    found = space.decode(rows, {"age": weights, "guidance": guidance})
    wanted = {0.0: own(bare, noise[0], guidance_scale=guidance)}
    bare.load_lora_weights(tmp_path / "age", adapter_name="age")
    if texts:
        inject_texts(bare)
    for weight in (1.0, -2.0):
        for layer in layers(bare.unet, bare.text_encoder):
            layer.set_scale("age", weight)
        wanted[weight] = own(bare, noise[0], guidance_scale=guidance)
    for row, weight in zip(found, weights, strict=True):
        assert gap(row, wanted[weight]) <= 1
    assert min(gap(wanted[0.0], wanted[1.0]), gap(wanted[0.0], wanted[-2.0])) > 3


@pytest.mark.parametrize("latent", ["noise", "prompt", "bottleneck"])
@pytest.mark.slow
def test_rows_are_the_same_alone_and_beside_others(tmp_path: Path, latent: str) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    pipe.load_lora_weights(saved(tmp_path, "age").parent, adapter_name="age")
    inject_texts(pipe)
    lw.lora_condition(pipe, "age")
    lw.lora_condition(pipe, "smile", saved(tmp_path, "smile", seed=2))
    space = made(pipe, latent=latent)
    latents = np.repeat(space.sample(1), 5, axis=0)
    each: Weights = {"age": [0.0, 2.0, 0.0, -1.0, 2.0], "smile": [0.0, 0.0, 2.0, 1.0, 0.0]}
    if latent != "bottleneck":
        each["steps"] = [3, 2, 4, 3, 3]
    together = space.decode(latents, each)
    for i in range(5):
        alone = space.decode(latents[i : i + 1], {name: one[i] for name, one in each.items()})
        assert gap(alone[0], together[i]) <= 1
    assert min(gap(together[0], together[i]) for i in (1, 2, 3)) > 1


def test_rows_of_one_weight_share_a_call_of_the_network(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path, scheduler=diffusers.DDIMScheduler())
    lw.lora_condition(pipe, "age", saved(tmp_path, "age"))
    space = made(pipe)
    asked: list[int] = []
    handle = pipe.unet.register_forward_pre_hook(
        lambda _module, _args, given: asked.append(len(given["sample"])), with_kwargs=True
    )
    weights = [1.0, -2.0, 1.0, 0.0, -2.0, 1.0]
    space.decode(space.sample(6), {"age": weights, "guidance": 1.0})
    handle.remove()
    assert sorted(asked) == [1] * 3 + [2] * 3 + [3] * 3, "a call for each weight and step"


def test_the_way_without_an_edit_is_kept_for_its_weights_alone(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    lw.lora_condition(pipe, "age", saved(tmp_path, "age"))
    space = made(pipe, latent="bottleneck")
    nothing = np.zeros((1, *space.latent_shape), np.float32)
    first = space.decode(nothing)
    assert gap(space.decode(nothing, {"age": 2.0}), first) > 1
    assert gap(space.decode(nothing), first) == 0


def test_a_widget_says_that_weights_are_decoded_one_at_a_time() -> None:
    pipe = pipeline("ddim")
    inject(pipe.unet, "age", ["to_q", "to_v"])
    lw.lora_condition(pipe, "age")
    for more in ({}, {"age": (1.0, -4.0, 4.0)}):  # also where a person says other bounds
        space = lw.as_space(pipe, conditions=more)
        abouts = lw.Interpolator(space, space.sample(2)).get_state()["_conditions"]
        assert [one["name"] for one in abouts if "note" in one] == ["age"]
        assert "one weight at a time" in abouts[-1]["note"]


def test_an_autoencoder_has_no_such_condition(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    lw.lora_condition(pipe, "age", saved(tmp_path, "age"))
    assert "age" not in made(pipe, latent="vae").conditions


def test_the_pipeline_stays_as_the_person_left_it(tmp_path: Path) -> None:
    mine, age = saved(tmp_path, "mine", seed=3), saved(tmp_path, "age")
    pipe = pipeline("stable diffusion", tmp_path)
    earlier = made(pipe)
    noise = earlier.sample(2)
    without = own(pipe, noise[0])
    lw.lora_condition(pipe, "age", age)
    assert gap(own(pipe, noise[0]), without) == 0
    assert "age" not in earlier.conditions
    pipe.load_lora_weights(mine.parent, adapter_name="mine")
    pipe.set_adapters("mine", 0.5)
    before, drawn = acting(pipe), own(pipe, noise[0])
    assert gap(drawn, without) > 1
    space = made(pipe)
    found = space.decode(noise[[0, 0]], {"age": [0.0, 1.0], "guidance": 1.0})
    assert gap(found[0], drawn) <= 1
    assert acting(pipe) == before
    pipe.set_adapters(["mine", "age"], [0.5, 1.0])
    assert gap(found[1], own(pipe, noise[0])) <= 1
    pipe.disable_lora()
    before = acting(pipe)
    assert gap(space.decode(noise[:1], {"guidance": 1.0})[0], without) <= 1
    alone = space.decode(noise[:1], {"guidance": 1.0, "age": 1.0})[0]
    assert acting(pipe) == before
    pipe.enable_lora()
    pipe.set_adapters("age", 1.0)
    assert gap(alone, own(pipe, noise[0])) <= 1


def test_drafts_come_and_a_decode_given_up_puts_back(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    lw.lora_condition(pipe, "age", saved(tmp_path, "age"))
    space = made(pipe)
    before, noise = acting(pipe), space.sample(3)
    given = {"age": [1.0, -1.0, 1.0], "steps": [4, 2, 3]}
    shown = []
    for one in space.drafts(noise, given):
        assert acting(pipe) == before
        shown.append(np.array(one))
    assert len(shown) == 5  # PNDM takes one more than it is asked for
    assert gap(shown[-1], space.decode(noise, given)) == 0
    assert all(one.shape == shown[0].shape for one in shown)
    drafts = space.drafts(noise, given)
    next(drafts)
    drafts.close()
    assert acting(pipe) == before


def test_an_error_on_the_way_puts_back(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    lw.lora_condition(pipe, "age", saved(tmp_path, "age"))
    space = made(pipe)
    before = acting(pipe)

    def fail(*_: Any) -> None:
        raise RuntimeError("no more")

    handle = pipe.unet.mid_block.register_forward_hook(fail)
    with pytest.raises(lw.DecodeError, match="no more"):
        space.decode(space.sample(1), {"age": 1.0})
    handle.remove()
    assert acting(pipe) == before


def test_pictures_go_back_to_noise_with_their_weights(tmp_path: Path) -> None:
    scheduler = diffusers.DDIMScheduler(clip_sample=False)
    pipe = pipeline("stable diffusion", tmp_path, scheduler=scheduler)
    lw.lora_condition(pipe, "age", saved(tmp_path, "age"))
    space = made(pipe)
    images = np.random.default_rng(0).random((3, 3, 16, 16), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lw.GuessWarning)
        together = space.encode(images, {"age": [1.0, 0.0, 1.0]})
        errors = space.reconstruction_error  # type: ignore[attr-defined]
        assert errors.shape == (3,)
        for i, weight in enumerate([1.0, 0.0, 1.0]):
            alone = space.encode(images[i : i + 1], {"age": weight})
            assert np.abs(alone[0] - together[i]).max() < 1e-2
        without = space.encode(images[:1], {"age": 0.0})
    assert np.abs(without - together[0]).max() > 5e-2


def test_prompts_are_embedded_without(tmp_path: Path) -> None:
    bare = made(pipeline("stable diffusion", tmp_path), latent="prompt")
    pipe = pipeline("stable diffusion", tmp_path)
    inject_texts(pipe)
    lw.lora_condition(pipe, "age")
    space = made(pipe, latent="prompt")
    prompts = ["a cat", "a dog"]
    assert gap(space.encode(prompts), bare.encode(prompts)) < 1e-5


def test_the_same_again_does_nothing_and_a_loaded_one_needs_no_path(tmp_path: Path) -> None:
    path = saved(tmp_path, "age")
    pipe = pipeline("stable diffusion", tmp_path)
    for given in (path, str(path.parent), path):
        lw.lora_condition(pipe, "age", given)
    assert pipe.get_list_adapters() == {"unet": ["age"]}
    pipe.load_lora_weights(saved(tmp_path, "other", seed=5).parent, adapter_name="other")
    lw.lora_condition(pipe, "other")
    space = made(pipe)
    assert [*space.conditions][-2:] == ["age", "other"]
    pipe.delete_adapters("age")
    with pytest.raises(lw.DecodeError, match=r"no adapter 'age' any more.*lora_condition"):
        space.decode(space.sample(1), {"age": 1.0})
    assert "age" not in made(pipe).conditions


def test_adapters_that_are_fused(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    pipe.load_lora_weights(saved(tmp_path, "mine", seed=3).parent, adapter_name="mine")
    lw.lora_condition(pipe, "age", saved(tmp_path, "age"))
    space = made(pipe)
    pipe.fuse_lora(adapter_names=["mine"])
    with pytest.raises(lw.DecodeError, match=r"fused.*unfuse_lora"):
        space.decode(space.sample(1), {"age": 1.0})


# Bad input


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        (3, None, "name is 3; expected a text"),
        (" ", None, "expected a text"),
        ("a.b", None, "without a dot"),
        ("guidance", "age", "'guidance', which is a condition of pipelines already"),
        ("latents", "age", "condition of pipelines already"),
        ("old", None, r"no adapter 'old'; it has 'age'"),
        ("new", 3, "path is a int; expected the name of a file"),
        ("new", Trap(), "path is a Trap; expected the name of a file"),
        ("new", "a\0b", "path names no file: 'embedded null byte'"),
        ("new", "nothing", r"where there is nothing.*adapter_name='new'"),
        ("new", "x" * 1_000_000, "path names no file: File name too long"),
        ("new", "broken.safetensors", r"broken.safetensors' cannot be loaded"),
        ("new", "other.safetensors", r"cannot be loaded.*trained for this network"),
        ("new", "empty", r"with 0 files"),
        ("age", "smile", r"has an adapter 'age' already.*delete_adapters\('age'\)"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: Any, path: Any, message: str) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    lw.lora_condition(pipe, "age", saved(tmp_path, "age"))
    saved(tmp_path, "smile")
    (tmp_path / "broken.safetensors").write_text("nothing", encoding="utf-8")
    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    (tmp_path / "empty").mkdir()
    before = acting(pipe)
    with pytest.raises(lw.LatentWidgetsError, match=message):
        lw.lora_condition(pipe, name, tmp_path / path if isinstance(path, str) else path)
    assert acting(pipe) == before
    assert [*made(pipe).conditions][-2:] == ["steps", "age"]


@pytest.mark.parametrize("family", ["sdxl", "flux"])
def test_an_adapter_for_another_network(tmp_path: Path, family: str) -> None:
    path = saved(tmp_path, "age")
    pipe = pipeline(family, tmp_path)
    with pytest.raises(lw.LatentValueError, match="trained for this network"):
        lw.lora_condition(pipe, "age", path)
    assert not any(pipe.get_list_adapters().values())
    more = {"max_sequence_length": 16} if family == "flux" else {}
    assert "age" not in made(pipe, arguments={**SIZE, **more}).conditions


def test_other_models_and_pipelines(tmp_path: Path) -> None:
    with pytest.raises(lw.LatentTypeError, match="pipe is a int; expected a pipeline"):
        lw.lora_condition(3, "age")
    path = saved(tmp_path, "age")
    with pytest.raises(lw.LatentValueError, match="DDIMPipeline loads no LoRA"):
        lw.lora_condition(pipeline("ddim"), "age", path)


def test_an_adapter_that_changes_nothing(tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    pipe.unet.add_adapter(peft.LoraConfig(r=2, target_modules=["to_q"]), "x")
    state = get_peft_model_state_dict(pipe.unet, adapter_name="x")
    pipe.save_lora_weights(tmp_path / "zero", convert_state_dict_to_diffusers(state))
    fresh = pipeline("stable diffusion", tmp_path)
    with pytest.warns(UserWarning, match="'zero' changes nothing"):
        lw.lora_condition(fresh, "zero", tmp_path / "zero")


def test_without_peft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(lw.MissingExtraError, match=r"latentwidgets\[diffusion\]"):
        lw.lora_condition(pipe, "age", tmp_path)
