"""What spaces of a pipeline are made of: how it is asked, guided, stepped and shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters.diffusers.classes import classes_of
from latentwidgets.adapters.diffusers.distilled import sign_of_distilling
from latentwidgets.adapters.diffusers.guidance import OVERDONE, Guidance
from latentwidgets.adapters.diffusers.lora import WEIGHT
from latentwidgets.adapters.diffusers.noise import NoiseSampling
from latentwidgets.adapters.diffusers.pictures import Pictures
from latentwidgets.adapters.diffusers.schedules import Schedules
from latentwidgets.adapters.diffusers.weighted import WeightedSampling
from latentwidgets.adapters.sampler import class_or_none
from latentwidgets.common.checks import check_sizes
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.condition import Condition, with_note, with_way
from latentwidgets.space.conditions import conditions_of
from latentwidgets.space.declared import doubt_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.adapters.diffusers.asking import Asker

__all__ = ["Parts"]

# Steps where the pipeline itself would take more, and how many the menu offers at least.
STEPS, OFFERED = 50, 100
# The menu of seeds goes from 0 to one less than this.
SEEDS = 1000


@dataclass
class Parts:
    """The parts of a pipeline's spaces, each made when it is first needed.

    Attributes
    ----------
    asker : Asker
        Knows the pipeline.
    prompt, negative_prompt, seed, classes, null, preview, block
        As `as_space` takes them.
    """

    asker: Asker
    prompt: str
    negative_prompt: str | None
    seed: int
    classes: Any
    null: Any
    preview: Any
    block: int | None
    call: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._found = classes_of(self.asker, self.classes, self.null)
        self.call = {"prompt": self.prompt}
        self.guidance = Guidance(self.asker, self.call, self.negative_prompt, self._found)
        if self._found is not None and self._found.by_call:
            self.call["class_labels"] = [0]
        embedded = self.guidance.is_embedded
        self.call["guidance_scale"] = self.guidance.embedded_default if embedded else 1.0
        self.shape = tuple(self.guidance.asked.x.shape[1:])

    def tell_doubts(self) -> None:
        """Warn of what was guessed of classes."""
        if self._found is not None and self._found.doubt:
            warn_guess(self._found.doubt)

    @property
    def name(self) -> str:
        """What the pipeline is called."""
        return type(self.asker.pipe).__name__

    @cached_property
    def schedules(self) -> Schedules:
        """Its steps."""
        return Schedules(self.asker, self.call, self.seed)

    @cached_property
    def pictures(self) -> Pictures:
        """What makes pictures."""
        return Pictures(self.asker, self.call, self.guidance.asked.x, self.preview)

    @cached_property
    def sampling(self) -> NoiseSampling:
        """The way from noise to pictures."""
        return NoiseSampling(self.asker, self.guidance, self.schedules, self.pictures)

    def weighted(self, sampling: NoiseSampling) -> NoiseSampling | WeightedSampling:
        """Let LoRA adapters act as their conditions say, where there are any."""
        adapters = self.asker.adapters
        return WeightedSampling(sampling, adapters) if adapters.names else sampling

    def noise(self, seeds: NDArray[np.int64]) -> NDArray[np.float32]:
        """Draw the noise of some seeds, ``(n, *shape)``: that of a seed is always the same."""
        each = {
            int(seed): np.random.default_rng(seed).standard_normal(self.shape)
            for seed in np.unique(seeds)
        }
        return np.stack([each[int(seed)] for seed in seeds]).astype(np.float32)

    @property
    def conditions(self) -> dict[str, Condition]:
        """What is decoded beside noise."""
        own: dict[str, Condition] = {}
        guidance = self.guidance
        if guidance.can_guide:
            default = self._guidance
            own["guidance"] = Condition(
                default, min(0.0, default), max(10.0, 2 * default), step=0.1
            )
            own["start"], own["stop"] = Condition(0.0, 0.0, 1.0), Condition(1.0, 0.0, 1.0)
        if guidance.is_embedded:
            default = guidance.embedded_default
            top = max(10.0, 2 * default)
            own["embedded_guidance"] = Condition(default, min(0.0, default), top, step=0.1)
        own["steps"] = self._steps
        if self._found is not None:
            own["class"] = Condition(choices=self._found.choices)
        return own | dict.fromkeys(self.asker.adapters.names, WEIGHT)

    @cached_property
    def _distilled(self) -> str:
        """What tells that the network is run without guidance; empty where nothing does."""
        return sign_of_distilling(self.asker)

    @property
    def _guidance(self) -> float:
        """The guidance where nobody says another: 1 of a network that was distilled."""
        is_said = self.guidance.argument in self.asker.arguments
        return self.guidance.default if is_said or not self._distilled else 1.0

    def _told_distilled(self, guidance: Condition, *, is_given: bool) -> Condition:
        """Say that guidance begins at 1, and have it said where more guidance is asked for.

        Who says themselves that guidance begins beyond 1 knows what they want.
        """
        default = self.guidance.default
        if guidance.default > 1 or not self._distilled:
            return guidance
        sign = self.guidance.distilled = self._distilled
        if not is_given and guidance.default != default:
            warn_guess(
                f"{sign}; distilled networks are run in few steps with guidance 1, which was taken "
                f"in place of {default:g}. For another: "
                f'conditions={{"guidance": ({default:g}, 0, {max(10, default):g})}}.'
            )
        return with_note(guidance, f"{sign[:1].upper()}{sign[1:]}; {OVERDONE}")

    @property
    def seeds(self) -> dict[str, Condition]:
        """The condition of spaces whose noise is no latent: its seed."""
        return {"seed": Condition(self.seed, choices=range(max(SEEDS, self.seed + 1)))}

    @property
    def _steps(self) -> Condition:
        """As many steps as the scheduler has."""
        asker = self.asker
        told = getattr(asker.takes.get("num_inference_steps"), "default", STEPS)
        told = asker.arguments.get("num_inference_steps", told)
        default = min(told, STEPS) if isinstance(told, int) else STEPS
        most = self._most_steps
        offered = min(most, max(OFFERED, default))
        steps = Condition(min(default, most), choices=range(1, offered + 1))
        return self._told_of_more(steps)

    def _told_of_more(self, steps: Condition) -> Condition:
        """Have steps say how to take more than are offered."""
        most = self._most_steps
        way = f'For more: lw.as_space(pipe, conditions={{"steps": range(1, {most + 1})}}).'
        is_less = isinstance(steps.choices, range) and max(steps.choices) < most
        return with_way(steps, way) if is_less else steps

    @property
    def _most_steps(self) -> int:
        most: int = self.asker.pipe.scheduler.config.get("num_train_timesteps") or OFFERED
        return most

    def taken(self, own: dict[str, Condition], options: dict[str, Any]) -> dict[str, Condition]:
        """Take other defaults and bounds of conditions, out of options, in place of its own.

        Raises
        ------
        LatentValueError
            If there is no such condition, it is of another form, or there are no such classes.
        """
        merged = dict(own)
        for key, one in conditions_of(options.pop("conditions", None)).items():
            if key == "guidance" and key not in own and own:
                raise LatentValueError(
                    f"{self.name} has nothing that stands for no prompt or no class, so that there "
                    "is no guidance. Of a network with labels say which is for none: null=...."
                )
            if key not in own:
                raise LatentValueError(
                    f"{self.name} has no condition {brief(key)}. {hint(key, list(merged))}"
                )
            if (one.choices is None) != (own[key].choices is None):
                raise LatentValueError(
                    f"conditions[{brief(key)}] is {brief(one)}; expected something like "
                    f"{brief(own[key])}."
                )
            if key == "class" and not _are_labels(one, own[key]):
                raise LatentValueError(
                    f"conditions[{brief(key)}] is {brief(one)}, which {self.name} does not have; "
                    f"expected something like {brief(own[key])}."
                )
            if self.classes is not None and isinstance(names := own[key].choices, tuple):
                doubt_order(key, one, {name: i for i, name in enumerate(names)}, "classes=...")
            told = self._told_of_more(one) if key == "steps" else one
            merged[key] = with_note(told, own[key].note)
        if "guidance" in own:
            is_given = merged["guidance"] is not own["guidance"]
            merged["guidance"] = self._told_distilled(merged["guidance"], is_given=is_given)
        return class_or_none(merged)

    def shape_in(self, options: dict[str, Any], own: tuple[int, ...]) -> tuple[int, ...]:
        """Take the shape of latents out of options: the pipeline's own, and no other."""
        shape = check_sizes(options.pop("latent_shape", own), "latent_shape")
        if shape != own:
            way = ""
            if "height" in self.asker.takes and len(own) > 1:  # else of a prompt, which has no size
                way = ' For another size: arguments={"height": ..., "width": ...}.'
            raise LatentValueError(
                f"latent_shape is {shape}, and this latent of {self.name} has shape {own}. Leave "
                f"latent_shape out.{way}"
            )
        return own

    def options(self, own: dict[str, Condition], options: dict[str, Any]) -> dict[str, Any]:
        """Give what a space is made with."""
        conditions = self.taken(own, options)
        defaults = {
            "conditions": conditions,
            "kind": "image",
            "layout": "channels_first",
            "value_range": (0, 1),
            "name": self.name,
        }
        return {**defaults, **options}


def _are_labels(one: Condition, own: Condition) -> bool:
    """Say whether all choices are labels that there are: numbers, or the places of names."""
    theirs, mine = (
        given.choices if isinstance(given.choices, range) else range(len(given.choices or ()))
        for given in (one, own)
    )
    is_renamed = isinstance(one.choices, tuple) and isinstance(own.choices, tuple)
    return len(theirs) == len(mine) if is_renamed else all(label in mine for label in theirs)
