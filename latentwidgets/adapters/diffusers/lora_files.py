"""Loading an adapter into a pipeline so that the pipeline's own pictures stay as they were."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from diffusers import DiffusionPipeline
from diffusers.utils.peft_utils import delete_adapter_layers

from latentwidgets.adapters.diffusers.lora import Adapters, kept, put_back, registered
from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.locks import ModelLock

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["add"]

# The conditions that pipelines have of their own.
OWN = ("guidance", "start", "stop", "embedded_guidance", "steps", "class", "seed", "latents")
# What diffusers calls the file of an adapter.
USUAL = "pytorch_lora_weights.safetensors"


def add(pipe: Any, name: str, path: Path | None) -> None:
    """Make an adapter a condition; see `latentwidgets.adapters.lora`."""
    if not isinstance(pipe, DiffusionPipeline):
        raise LatentTypeError(
            f"pipe is a {type(pipe).__name__}; expected a pipeline of diffusers, such as "
            "diffusers.StableDiffusionPipeline."
        )
    if name in OWN:
        raise LatentValueError(
            f"name is {brief(name)}, which is a condition of pipelines already; expected another, "
            "such as what the adapter changes."
        )
    parts = tuple(one for one in pipe.components.values() if one is not None)
    ModelLock(parts).run(lambda _: _add(pipe, name, path), None)


def _add(pipe: Any, name: str, path: Path | None) -> None:
    adapters, known = Adapters(pipe), registered(pipe)
    loaded = adapters.loaded()
    if path is None:
        if name not in loaded:
            there = f"has {', '.join(map(brief, loaded))}" if loaded else "has none"
            raise LatentValueError(
                f"the pipeline has no adapter {brief(name)}; it {there}. Pass its file or folder: "
                f"lw.lora_condition(pipe, {brief(name)}, path)."
            )
        known.setdefault(name, None)
        return
    file = _file(path, name)
    if name in loaded:
        if known.get(name) == str(file):
            return  # the cell was run again
        raise LatentValueError(
            f"the pipeline has an adapter {brief(name)} already; expected another name. To use "
            f"that adapter, leave path out; to load this one in its place, call "
            f"pipe.delete_adapters({brief(name)}) first."
        )
    _load(pipe, adapters, name, file)
    known[name] = str(file)


def _file(file: Path, name: str) -> Path:
    """Find the file of an adapter."""
    if not os.path.exists(file):  # False too where the name is too long
        raise LatentValueError(
            f"path is {brief(str(file))}, where there is nothing; expected the file or folder of "
            "an adapter. One of a hub is loaded by the pipeline: pipe.load_lora_weights(..., "
            f"adapter_name={brief(name)}), then lw.lora_condition(pipe, {brief(name)})."
        )
    if not file.is_dir():
        return file
    found = sorted(file.glob("*.safetensors"))
    if (file / USUAL) in found:
        return file / USUAL
    if len(found) != 1:
        raise LatentValueError(
            f"path is the folder {brief(str(file))}, with {len(found)} files that end in "
            ".safetensors; expected one. Pass the file itself."
        )
    return found[0]


def _load(pipe: Any, adapters: Adapters, name: str, file: Path) -> None:
    """Load an adapter that does not act yet."""
    kind = type(pipe).__name__
    load = getattr(pipe, "load_lora_weights", None)
    if load is None:
        raise LatentValueError(
            f"{kind} loads no LoRA adapters; expected a pipeline with load_lora_weights. Add the "
            f"adapter to its network yourself, then call lw.lora_condition(pipe, {brief(name)})."
        )
    before = {id(layer): (layer, kept(layer)) for layer in adapters.layers()}
    try:
        load(str(file.parent), weight_name=file.name, adapter_name=name)
        if name not in adapters.loaded():
            raise LatentValueError("none of its weights is for a layer of this pipeline")
    except Exception as error:
        _remove(pipe, name)
        told = " ".join(str(error).split())
        raise LatentValueError(
            f"{brief(str(file))} cannot be loaded into {kind}: it raised {type(error).__name__}: "
            f"{told[:300].rstrip('.')}. Expected a LoRA adapter that was trained for this network."
        ) from error
    finally:
        _switch_off(pipe, adapters, before)
    if not any(_changes(layer, name) for layer in adapters.layers()):
        warn_caller(
            f"the adapter {brief(name)} changes nothing: the weights that it adds are all 0, or "
            "those of its file are for layers that this network does not have."
        )


def _switch_off(pipe: Any, adapters: Adapters, before: dict[int, Any]) -> None:
    """Let act what acted before; a layer that is new goes by the others of its network."""
    for component in pipe.components:
        layers = adapters.layers(component)
        old = [before[id(layer)][1] for layer in layers if id(layer) in before]
        active, off = (old[0][0], old[0][1]) if old else ([], False)
        for layer in layers:
            put_back(layer, before[id(layer)][1] if id(layer) in before else (active, off, {}))


def _remove(pipe: Any, name: str) -> None:
    """Take out what was loaded of an adapter before it failed."""
    for part in pipe.components.values():
        if name in (getattr(part, "peft_config", None) or {}):
            delete_adapter_layers(part, name)


def _changes(layer: Any, name: str) -> bool:
    """Say whether an adapter changes what a layer gives; one that is no LoRA is taken to."""
    if name not in layer.scaling:
        return False
    held = getattr(layer, "lora_B", None)
    return held is None or name not in held or bool((held[name].weight != 0).any())
