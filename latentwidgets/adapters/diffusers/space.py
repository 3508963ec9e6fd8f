"""Pipelines of diffusers to spaces: `as_space(pipe)`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
from diffusers import DiffusionPipeline

from latentwidgets.adapters import torch_outputs  # noqa: F401 (so that tensors are known)
from latentwidgets.adapters.diffusers.asking import Asker
from latentwidgets.adapters.diffusers.autoencoder import autoencoder_space
from latentwidgets.adapters.diffusers.bottleneck import bottleneck_space
from latentwidgets.adapters.diffusers.cutting import tell_cut
from latentwidgets.adapters.diffusers.parts import Parts
from latentwidgets.adapters.diffusers.prompts import prompt_space
from latentwidgets.adapters.noise_space import NoiseSpace
from latentwidgets.adapters.schedules import tell_early_end
from latentwidgets.common.checks import check_function, check_one_of, check_seed
from latentwidgets.common.memory import raise_with_way_out
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.declared import doubt_names
from latentwidgets.space.latent_source import tell_prompt
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelCaller, ModelLock
from latentwidgets.space.options import check_options


@as_space.register
def pipeline_space(
    pipe: DiffusionPipeline,
    *,
    latent: str = "noise",
    prompt: str = "",
    negative_prompt: str | None = None,
    seed: int = 0,
    classes: Any = None,
    null: Any = None,
    preview: Any = None,
    block: int | None = None,
    arguments: Mapping[str, Any] | None = None,
    **options: Any,
) -> LatentSpace:
    """Make a space of a diffusers pipeline.

    Parameters
    ----------
    pipe : diffusers.DiffusionPipeline
        The pipeline, which keeps its state, its offloading and its attention: copies are called.
    latent : {"noise", "prompt", "vae", "bottleneck"}
        What decodes: the noise that a picture begins with; the embedding of the prompt; what the
        autoencoder decodes, scaled as the pipeline scales it; or what is added to what the middle
        of the network gives, for each step a layer of the latent.
    prompt, negative_prompt : str
        What is drawn, and what guidance leads away from; None for what the pipeline takes. Of
        ``latent="prompt"``, the tokens of other prompts are matched to those of `prompt`.
    seed : int
        Of the noise that a picture begins with, where that is no latent; and of the noise that
        some schedulers draw at each step, which is the same for all pictures.
    classes : iterable of str, range or int, optional
        Names of the classes of a network that takes labels, in the order of these. One name fewer
        than labels: the last label stands for no class.
    null : int, optional
        The label of no class.
    preview : callable, optional
        Makes drafts: an AutoencoderTiny, or a function from latents, float32 ``(n, channels,
        height, width)``, to pictures ``(n, 3, height, width)`` in [-1, 1], tensors or NumPy arrays
        of floating-point numbers. A module, or a method of one, gets latents where its weights
        are, in their dtype; a function gets them where the pipeline has them. The modules of both
        run in evaluation mode. Where it fails, a warning says why, its draft is left out, and the
        picture comes all the same. If None, colours are fitted to the latents of the autoencoder,
        once.
    block : int, optional
        Of a transformer the block after which a bottleneck latent is added; of a U-Net it is the
        middle block.
    arguments : mapping, optional
        What each call of the pipeline is passed beside, such as its height and width.
    **options
        What `LatentSpace` takes.

    Returns
    -------
    LatentSpace
        The space. Its conditions are those that there are of "guidance"; "start" and "stop", the
        share of the steps between which guidance acts; "embedded_guidance", a number that a
        distilled network takes itself, in one run without a negative prompt; "steps"; "class";
        "seed"; and the adapters that `latentwidgets.lora_condition` was told of.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or the pipeline lacks a part.
    DecodeError
        If memory runs out as the pipeline is tried.

    Warns
    -----
    GuessWarning
        If nothing says whether a label stands for no class, or names of classes are in another
        order than the pipeline's own.
    UserWarning
        If the prompt is longer than the pipeline reads, its scheduler draws noise, or its betas
        leave much of a picture at their last step.

    Examples
    --------
    >>> import diffusers, torch
    >>> unet = diffusers.UNet2DModel(
    ...     sample_size=8, in_channels=1, out_channels=1, num_class_embeds=4, norm_num_groups=8,
    ...     block_out_channels=(8, 16), layers_per_block=1,
    ...     down_block_types=("DownBlock2D",) * 2, up_block_types=("UpBlock2D",) * 2)
    >>> pipe = diffusers.DDIMPipeline(unet=unet, scheduler=diffusers.DDIMScheduler())
    >>> space = as_space(pipe, classes=["owl", "mug", "sun"])  # and one label for no class
    >>> list(space.conditions)
    ['guidance', 'start', 'stop', 'steps', 'class']
    >>> given = {"guidance": [1.0, 4.0], "steps": 5, "class": "mug"}
    >>> space.decode(space.sample(2), given).shape
    (2, 8, 8, 1)
    """
    check_options(options, pipeline_space, _elsewhere(pipe, options))
    check_one_of(latent, "latent", MAKERS)
    negative = "" if negative_prompt is None else negative_prompt
    for name, text in (("prompt", prompt), ("negative_prompt", negative)):
        if not isinstance(text, str):
            raise LatentTypeError(f"{name} is {brief(text)}; expected a text.")
    # Of NumPy's texts diffusers says that they are none.
    prompt, negative = str(prompt), str(negative)
    negative_prompt = None if negative_prompt is None else negative
    if block is not None and latent != "bottleneck":
        raise LatentValueError(
            f"block is {brief(block)}, and latent is {latent!r}: a block is where latent="
            '"bottleneck" adds what it adds. Leave block out, or take that latent.'
        )
    if preview is not None:
        check_function(getattr(preview, "decode", preview), "preview")
    seed = check_seed(seed)
    given = {} if arguments is None else arguments
    if not isinstance(given, Mapping):
        raise LatentTypeError(
            f"arguments are {brief(arguments)}; expected a dict of what a call of the pipeline "
            'takes, such as {"height": 512, "width": 512}.'
        )
    asker = Asker(pipe, given)
    for name, text in (("prompt", prompt), ("negative_prompt", negative)):
        if text and name not in asker.takes:
            raise LatentValueError(
                f"{type(pipe).__name__} takes no {name}, and {name}={brief(text)} was passed; its "
                f"call takes {', '.join([*asker.takes][1:])}. Leave {name} out. A network with "
                'labels is told what to draw by its class: space.decode(latents, {"class": ...}).'
            )
    tell_cut(asker, prompt, negative)
    lock = ModelLock(tuple(one for one in pipe.components.values() if one is not None))

    def make(_: object) -> LatentSpace:
        with asker.freeing():
            parts = Parts(asker, prompt, negative_prompt, seed, classes, null, preview, block)
            made = MAKERS[latent](parts, dict(options))
        parts.tell_doubts()
        doubt_names(made.conditions, (pipe,))
        if latent != "vae":  # which is decoded in one step
            _tell_early_end(pipe.scheduler)
        caller = getattr(made.decoder, "__self__", None)
        if isinstance(caller, ModelCaller):
            settings = {"negative_prompt": negative, "seed": seed}
            vars(caller).update(settings, settings=tuple(settings))
        if prompt and latent in PROMPTED:
            tell_prompt(made, prompt)
        return made

    try:
        return lock.run(make, None)
    except Exception as error:  # a part of the pipeline was run to find out what it takes
        raise_with_way_out(error)


def _elsewhere(pipe: DiffusionPipeline, options: dict[str, Any]) -> dict[str, str]:
    """Say where options go that no space takes: into a call, or into what is decoded."""
    calls = inspect.signature(type(pipe).__call__).parameters
    found = {}
    for name, value in options.items():
        under = f'space.decode(latents, {{"{name}": {brief(value)}}})'
        called = CALLED.get(name, name)
        if called in calls:
            found[name] = (
                "Pass what each call of the pipeline takes as arguments: "
                f'lw.as_space(pipe, arguments={{"{called}": {brief(value)}}}).'
            )
            if name in CALLED:
                found[name] += f" It is a condition too, which a decode is given: {under}."
        elif name in CONDITIONS:
            found[name] = f"It is a condition, where the pipeline has it: {under}."
    return found


def _tell_early_end(scheduler: Any) -> None:
    """Warn of a scheduler whose betas leave much of a picture at their last step."""
    kept = getattr(scheduler, "alphas_cumprod", None)
    if kept is not None:
        name = f"the betas of {type(scheduler).__name__}"
        tell_early_end(np.asarray(kept.tolist(), np.float64), name)


def _noise_space(parts: Parts, options: dict[str, Any]) -> LatentSpace:
    sampling = parts.weighted(parts.sampling)
    encode = sampling.encode if parts.pictures.can_encode else None
    shape = parts.shape_in(options, parts.shape)
    made = parts.options(parts.conditions, options)
    return NoiseSpace(sampling, sampling.decode, shape, **{"encode": encode, **made})


# What calls of pipelines call some conditions, and the other conditions.
CALLED = {"steps": "num_inference_steps", "guidance": "guidance_scale"}
CONDITIONS = (*CALLED, "class", "start", "stop", "embedded_guidance")
# Of which latents the prompt is no part.
PROMPTED = ("bottleneck", "noise")
MAKERS = {
    "bottleneck": bottleneck_space,
    "noise": _noise_space,
    "prompt": prompt_space,
    "vae": autoencoder_space,
}
