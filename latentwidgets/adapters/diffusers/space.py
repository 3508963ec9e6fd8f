"""Pipelines of diffusers to spaces: `as_space(pipe)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from diffusers import DiffusionPipeline

from latentwidgets.adapters import torch_outputs  # noqa: F401 (so that tensors are known)
from latentwidgets.adapters.diffusers.asking import Asker
from latentwidgets.adapters.diffusers.classes import classes_of
from latentwidgets.adapters.diffusers.cutting import tell_cut
from latentwidgets.adapters.diffusers.guidance import Guidance
from latentwidgets.adapters.diffusers.noise import NoiseSampling
from latentwidgets.adapters.diffusers.pictures import Pictures
from latentwidgets.adapters.diffusers.schedules import Schedules
from latentwidgets.common.checks import check_function, check_one_of, check_seed
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.condition import Condition
from latentwidgets.space.conditions import conditions_of
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelLock
from latentwidgets.space.options import check_options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LATENTS = ("noise",)
# Steps where the pipeline itself would take more, and how many the menu offers at least.
STEPS, OFFERED = 50, 100


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
    arguments: Mapping[str, Any] | None = None,
    **options: Any,
) -> LatentSpace:
    """Make a space of a diffusers pipeline.

    Parameters
    ----------
    pipe : diffusers.DiffusionPipeline
        The pipeline, which keeps its state: copies of it are called.
    latent : {"noise"}
        What decodes: the noise that a picture begins with.
    prompt, negative_prompt : str
        What is drawn, and what guidance leads away from; None for what the pipeline takes.
    seed : int
        Of the noise that some schedulers draw at each step.
    classes : iterable of str, range or int, optional
        Names of the classes of a network that takes labels.
    null : int, optional
        The label of no class.
    preview : callable, optional
        Makes drafts: an AutoencoderTiny, or a function from latents to pictures in [-1, 1].
    arguments : mapping, optional
        What each call of the pipeline is passed beside, such as its height and width.
    **options
        What `LatentSpace` takes.

    Returns
    -------
    LatentSpace
        The space.
    """
    check_options(options)
    check_one_of(latent, "latent", LATENTS)
    for name, text in (("prompt", prompt), ("negative_prompt", negative_prompt or "")):
        if not isinstance(text, str):
            raise LatentTypeError(f"{name} is {brief(text)}; expected a text.")
    if preview is not None:
        check_function(getattr(preview, "decode", preview), "preview")
    seed = check_seed(seed)
    given = {} if arguments is None else arguments
    if not hasattr(given, "items"):
        raise LatentTypeError(
            f"arguments are {brief(arguments)}; expected a dict of what a call of the pipeline "
            'takes, such as {"height": 512, "width": 512}.'
        )
    asker = Asker(pipe, given)
    tell_cut(asker, prompt, negative_prompt or "")
    lock = ModelLock(tuple(one for one in pipe.components.values() if one is not None))

    def make(_: object) -> LatentSpace:
        return _noise_space(
            asker, prompt, negative_prompt, seed, classes, null, preview, dict(options)
        )

    return lock.run(make, None)


def _noise_space(
    asker: Asker,
    prompt: str,
    negative_prompt: str | None,
    seed: int,
    classes: Any,
    null: Any,
    preview: Any,
    options: dict[str, Any],
) -> LatentSpace:
    found = classes_of(asker, classes, null)
    call: dict[str, Any] = {"prompt": prompt}
    guidance = Guidance(asker, call, negative_prompt, found)
    if found is not None and found.by_call:
        call["class_labels"] = [0]
    call["guidance_scale"] = guidance.embedded_default if guidance.is_embedded else 1.0
    schedules = Schedules(asker, call, seed)
    pictures = Pictures(asker, call, guidance.asked.x, preview)
    sampling = NoiseSampling(asker, guidance, schedules, pictures)
    own: dict[str, Any] = {}
    if guidance.can_guide:
        top = max(10.0, 2 * guidance.default)
        own["guidance"] = Condition(guidance.default, min(0.0, guidance.default), top, step=0.1)
        own["start"], own["stop"] = Condition(0.0, 0.0, 1.0), Condition(1.0, 0.0, 1.0)
    if guidance.is_embedded:
        default = guidance.embedded_default
        own["embedded_guidance"] = Condition(default, 0.0, max(10.0, 2 * default), step=0.1)
    own["steps"] = _steps_of(asker)
    if found is not None:
        own["class"] = Condition(choices=found.choices)
    conditions = _taken(own, options.pop("conditions", None), type(asker.pipe).__name__)
    defaults = {
        "conditions": conditions,
        "kind": "image",
        "layout": "channels_first",
        "value_range": (0, 1),
        "name": type(asker.pipe).__name__,
    }
    shape = options.pop("latent_shape", tuple(guidance.asked.x.shape[1:]))
    encode = sampling.encode if pictures.can_encode else None
    return PipelineSpace(sampling.decode, shape, encode, **{**defaults, **options})


class PipelineSpace(LatentSpace):
    """The space of a pipeline.

    Attributes
    ----------
    reconstruction_error : ndarray or None
        Of the pictures that were encoded last, each: how far what its noise decodes to is from it,
        as the mean absolute difference and a share of the range of all of them.
    """

    @property
    def reconstruction_error(self) -> NDArray[np.float32] | None:
        """How far the pictures that were encoded last are from what their noise decodes to."""
        return getattr(getattr(self.decoder, "__self__", None), "error", None)


def _steps_of(asker: Asker) -> Condition:
    """Offer as many steps as the scheduler has."""
    told = getattr(asker.takes.get("num_inference_steps"), "default", STEPS)
    told = asker.arguments.get("num_inference_steps", told)
    default = min(told, STEPS) if isinstance(told, int) else STEPS
    most = asker.pipe.scheduler.config.get("num_train_timesteps") or OFFERED
    return Condition(default, choices=range(1, min(most, max(OFFERED, default)) + 1))


def _taken(own: dict[str, Condition], given: Any, name: str) -> dict[str, Condition]:
    """Take other defaults and bounds of conditions in place of a pipeline's own."""
    merged = dict(own)
    for key, one in conditions_of(given).items():
        if key == "guidance" and key not in own:
            raise LatentValueError(
                f"{name} has nothing that stands for no prompt or no class, so that there is no "
                "guidance. Of a network with labels say which is for none: null=...."
            )
        if key not in own:
            raise LatentValueError(
                f"{name} has no condition {brief(key)}. {hint(key, list(merged))}"
            )
        if (one.choices is None) != (own[key].choices is None):
            raise LatentValueError(
                f"conditions[{brief(key)}] is {brief(one)}; expected something like "
                f"{brief(own[key])}."
            )
        merged[key] = one
    return merged
