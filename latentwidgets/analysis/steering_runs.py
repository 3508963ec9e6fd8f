"""Runs a steered model over prompts, layers and strengths, and measures what it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters.readings import continuations_of
from latentwidgets.common.items import check_ordered
from latentwidgets.common.progress import progress, without_bars
from latentwidgets.common.wording import brief, raised
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from latentwidgets.adapters.continuation import Continuation

__all__ = [
    "DAMAGE",
    "Place",
    "Plan",
    "Runs",
    "called",
    "check_readable",
    "listed_prompts",
    "plain_prompts",
    "run",
]

DAMAGE = ("divergence", "surprise", "repetition")
# So many texts that the model draws by itself say how surprising its own texts are.
DRAWN = 20
# Conditions that a plan goes through, or averages over.
VARIED = ("layer", "strength", "seed")


def listed_prompts(prompts: Any) -> list[Any]:
    """List prompts; one alone is none."""
    way = f"a list of texts or chats: prompts=[{brief(prompts)}]"
    return check_ordered(
        prompts, "prompts are", way if isinstance(prompts, str) else "a list of prompts"
    )


def check_readable(model: Any, prompts: Sequence[Any], name: str) -> None:
    """See that a model can read prompts, before anything is written; it says which it cannot."""
    for i, one in enumerate(prompts):
        try:
            if one is not None:
                model.prompt_tokens(one)
        except (LatentTypeError, LatentValueError) as error:
            raise type(error)(f"{name}[{i}]: {error}") from error


def plain_prompts(words: Any, prompts: Sequence[Any]) -> tuple[Any, ...]:
    """Put words before prompts: texts or chats; none where there are no words."""
    if not (words is None or isinstance(words, str) or callable(words)):
        raise LatentTypeError(
            f"plain_prompt is {brief(words)}; expected a text, or a function that makes a prompt "
            "of a prompt."
        )
    if not words:
        return ()
    if any(one is None for one in prompts):
        raise LatentValueError(
            "plain_prompt changes prompts, and there are none; expected prompts=[...] beside it."
        )
    if callable(words):
        made = []
        for i, one in enumerate(prompts):
            made.append(called(words, one, "plain_prompt", f"prompts[{i}]"))
            if made[i] is None:
                raise LatentTypeError(
                    f"plain_prompt returned None for prompts[{i}]; expected a prompt: a text or a "
                    "chat. Does the function end with return?"
                )
        return tuple(made)
    return tuple(
        f"{words.rstrip()} {one}"
        if isinstance(one, str)
        else [{"role": "system", "content": words}, *one]
        for one in prompts
    )


def called(function: Callable[[Any], Any], given: Any, name: str, what: str) -> Any:
    """Call a function of the person's own, which may raise anything; `what` says what it got."""
    try:
        return function(given)
    except LatentWidgetsError:
        raise
    except Exception as error:
        raise LatentValueError(f"{name} failed: {raised(error)}. It got {what}.") from error


@dataclass(frozen=True)
class Place:
    """A layer, a choice of tokens and a strength, and how much is added there."""

    layer: int
    steer: str
    strength: float
    relative: float

    @property
    def group(self) -> tuple[int, str]:
        """What it has in common with other strengths."""
        return self.layer, self.steer


@dataclass(frozen=True, eq=False)
class Plan:
    """What is run: the arguments of `steering_curve`, checked.

    Attributes
    ----------
    steps : mapping of int to ndarray
        One sigma at each layer, ``(width,)``.
    plain : tuple
        The prompts with words before them; empty where none are asked for.
    """

    space: Any
    steps: Mapping[int, NDArray[np.float64]]
    strengths: NDArray[np.float64]
    steer: tuple[str, ...]
    prompts: tuple[Any, ...]
    plain: tuple[Any, ...]
    effect: Callable[[list[str]], NDArray[np.float64]]
    conditions: dict[str, Any]
    randoms: int
    seed: int

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The settings: choice of tokens by choice, layer by layer, strength by strength."""
        norms = self.space.residual_norms()
        return tuple(
            Place(
                layer,
                steer,
                float(strength),
                float(abs(strength) * np.linalg.norm(step) / norms[layer]),
            )
            for steer in self.steer
            for layer, step in self.steps.items()
            for strength in self.strengths
        )

    @cached_property
    def opposite(self) -> NDArray[np.intp]:
        """For each setting the number of that of the negative strength; its own where none is."""
        numbers = {(*one.group, one.strength): i for i, one in enumerate(self.places)}
        found = [numbers.get((*one.group, -one.strength), i) for i, one in enumerate(self.places)]
        return np.array(found, np.intp)

    @property
    def temperature(self) -> float:
        """At which texts are written: 0 takes the likeliest token each time."""
        return float(self.space.conditions.settled(self.conditions)["temperature"])

    def seeds(self, first: int, count: int, but: Collection[int] = ()) -> list[int]:
        """Give so many seeds that the space has, from one on, none of some others if it can."""
        choices = self.space.conditions["seed"].choices
        choices = [one for one in choices if one not in but] or [*choices]
        start = choices.index(first) if first in choices else first
        return [choices[(start + i) % len(choices)] for i in range(count)]

    @property
    def kept(self) -> dict[str, Any]:
        """The other conditions, those that are left out at their defaults."""
        settled = self.space.conditions.settled(self.conditions)
        return {name: one for name, one in settled.items() if name not in VARIED}

    @cached_property
    def rows(self) -> NDArray[np.float32]:
        """What is added: ``(1 + randoms, layers * strengths, width)``, the direction's first."""
        units = np.random.default_rng(self.seed).normal(
            size=(self.randoms, len(next(iter(self.steps.values()))))
        )
        units /= np.linalg.norm(units, axis=1, keepdims=True)
        every = []
        for unit in [None, *units]:
            steps = [
                one if unit is None else np.linalg.norm(one) * unit for one in self.steps.values()
            ]
            every.append([strength * step for step in steps for strength in self.strengths])
        with np.errstate(over="ignore"):  # too large for float32: infinite, and refused
            return np.asarray(every, np.float32)


@dataclass(frozen=True, eq=False)
class Runs:
    """What was measured.

    Attributes
    ----------
    effects : ndarray
        ``(prompts, 1 + randoms, settings)``; of the model as it is ``(prompts, 1)``.
    damage : dict of str to ndarray
        Of the same shape each.
    examples : list of str
        What was written after the first prompt, in each setting.
    drawn : ndarray
        The mean surprise of what the model draws by itself after each prompt at temperature 1,
        ``(prompts,)``. Where all texts are written at 1, that of the model as it is.
    own, plain : Runs or None
        The model as it is, after the prompts and after the plain ones.
    """

    effects: NDArray[np.float64]
    damage: dict[str, NDArray[np.float64]]
    examples: list[str]
    drawn: NDArray[np.float64]
    own: Runs | None = None
    plain: Runs | None = None

    @property
    def unsteered(self) -> Runs:
        """The model as it is."""
        return self if self.own is None else self.own


def run(plan: Plan) -> Runs:
    """Run all prompts in all settings, a prompt and a choice of tokens at a time."""
    many = 2 if plan.plain else 1
    drawn: list[float] = []
    alone: list[list[Continuation]] = [[] for _ in range(many)]
    steered: list[list[Continuation]] = []
    bar = progress(total=len(plan.prompts) * len(plan.steer), what="prompts")
    layers = np.repeat([*plan.steps], len(plan.strengths))
    count = 1 + plan.randoms
    own = plan.space.at(layer=next(iter(plan.steps)))
    fixed = {**plan.conditions, "strength": 1.0}
    nothing = np.zeros((1, *own.latent_shape), np.float32)
    # At temperature 1 what is written unsteered is what the model draws by itself.
    seeds = 0 if plan.temperature == 1 else max(1, -(-DRAWN // len(plan.prompts)))
    # Each prompt has seeds of its own: with one for all, one chance would decide them all alike.
    first_seed = own.conditions.settled(fixed)["seed"]
    own_seeds = plan.seeds(first_seed, len(plan.prompts))
    beside_seeds = plan.seeds(plan.seed, seeds * len(plan.prompts), but={*own_seeds})
    with bar, without_bars():
        for i, prompt in enumerate(plan.prompts):
            space = own.at(prompt=prompt)
            # As the conditions say; and beside it, where they say something else than temperature
            # 1, what the model draws by itself.
            given = {**fixed, "seed": own_seeds[i]}
            beside = {
                "temperature": [plan.temperature, *[1.0] * seeds],
                "seed": [own_seeds[i], *beside_seeds[i * seeds : (i + 1) * seeds]],
            }
            found = continuations_of(
                space, np.repeat(nothing, 1 + seeds, axis=0), {**given, **beside}
            )
            alone[0].append(found[0])
            if not i:  # an effect that fails does so now, not after all has been written
                plan.effect([one.text for one in found])
            drawn.append(_mean_surprise(found[1:] or found))
            if plan.plain:
                asked = own.at(prompt=plan.plain[i])
                alone[1] += continuations_of(asked, nothing, given, against=space.stream.prompt)
            for steer in plan.steer:
                steered.append(
                    continuations_of(
                        space.at(steer=steer),
                        plan.rows.reshape(-1, *own.latent_shape),
                        {**given, "layer": np.tile(layers, count).tolist()},
                    )
                )
                bar.update()
    # From prompts, choices of tokens, directions, the rest to prompts, directions, settings.
    shape = len(plan.prompts), len(plan.steer), count, len(layers)
    flat = [one for row in steered for one in row]

    def laid_out(values: Any) -> NDArray[np.float64]:
        array = np.asarray(values, np.float64).reshape(shape)
        return np.moveaxis(array, 1, 2).reshape(shape[0], count, -1)

    texts = [one.text for one in [*flat, *(one for group in alone for one in group)]]
    effects = plan.effect(texts)
    ends = np.cumsum([len(flat), *map(len, alone)])
    others = [
        Runs(
            effects[start:end, None],
            {name: _amounts(group, name)[:, None] for name in DAMAGE},
            [group[0].text],
            np.array(drawn),
        )
        for group, start, end in zip(alone, ends[:-1], ends[1:], strict=True)
    ]
    first = [one.text for row in steered[: len(plan.steer)] for one in row[: len(layers)]]
    return Runs(
        laid_out(effects[: len(flat)]),
        {name: laid_out(_amounts(flat, name)) for name in DAMAGE},
        first,
        np.array(drawn),
        own=others[0],
        plain=others[1] if plan.plain else None,
    )


def _mean_surprise(found: list[Continuation]) -> float:
    known = [one.mean_surprise for one in found if one.ids]
    return float(np.mean(known)) if known else float("nan")


def _amounts(found: list[Continuation], name: str) -> NDArray[np.float64]:
    get = {"divergence": "mean_divergence", "surprise": "mean_surprise"}.get(name, name)
    return np.array([getattr(one, get) for one in found], np.float64)
