"""`steering_curve`: which layer, which strength, and at what price, measured over prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters.readings import check_language
from latentwidgets.analysis.steering_choice import Measured, best_of, interval_of, means
from latentwidgets.analysis.steering_result import BestSteering, SteeringCurve, SteeringSetting
from latentwidgets.analysis.steering_runs import (
    DAMAGE,
    Plan,
    Runs,
    check_readable,
    listed_prompts,
    plain_prompts,
    run,
)
from latentwidgets.common.checks import amounts_in, check_finite, check_seed, check_whole
from latentwidgets.common.frozen_dict import frozen
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief, hint
from latentwidgets.directions.direction import Direction
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["steering_curve"]

# Damage is a text that surprises the model more than what it draws at temperature 1 itself, or one
# that repeats so much more than what it writes unsteered.
REPETITION = 0.1


@checked_keywords
def steering_curve(
    space: Any,
    direction: Direction | Mapping[int, Direction],
    strengths: ArrayLike = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0),
    layers: Sequence[int] | None = None,
    *,
    effect: Callable[[list[str]], Any] | Direction,
    prompts: Sequence[Any] | None = None,
    steer: str | Sequence[str] | None = None,
    effect_layer: int | None = None,
    effect_pool: str = "mean",
    plain_prompt: str | Callable[[Any], Any] | None = None,
    limits: Mapping[str, float] | None = None,
    conditions: Mapping[str, Any] | None = None,
    randoms: int = 3,
    bootstraps: int = 500,
    seed: int = 0,
) -> SteeringCurve:
    """Measure what steering a language model does, and what it costs.

    For every layer, strength and choice of steered tokens, all prompts are continued; of what is
    written the effect is read, and the damage is measured against the model as it is.

    Parameters
    ----------
    space : LatentSpace
        A space of a causal model of transformers.
    direction : Direction or mapping of int to Direction
        What to steer along, of latents of one layer: one for all layers, or for each its own.
    strengths : array_like
        In sigmas of the direction. Negative ones steer the other way.
    layers : sequence of int, optional
        After which blocks, counted from 0. Those of a mapping, else that of the space, if None.
    effect : callable or Direction
        What is to change: a function of texts, the continuations without their prompts, that
        returns a number or a truth value for each, NaN where it cannot tell; or a probe, which
        measures the continuations where `effect_layer` and `effect_pool` say.
    prompts : sequence of str or list of dict, optional
        What is continued: texts or chats. The space's own if None, and then nothing is known of
        other prompts.
    steer : {"last", "generated", "all"} or sequence of these, optional
        Which tokens are steered. As the space does if None.
    effect_layer : int, optional
        Where a probe reads. A layer that is not steered shows more than that the state moved.
    effect_pool : {"mean", "last"}
        Which states it reads.
    plain_prompt : str or callable, optional
        What the same is asked for in words with: a text put before each prompt (of a chat, a
        message of the system), or a function of a prompt that returns another one. It is measured
        too.
    limits : mapping of str to float, optional
        Where damage begins, by "perplexity", "repetition" or "divergence". If None, at the
        perplexity of what the model draws by itself at temperature 1, and at 0.1 more repetition
        than unsteered.
    conditions : mapping, optional
        Other conditions of the space, such as "temperature" and "seed": the same for all.
    randoms : int
        How many random directions of the same norm say what chance does; 0 for none. Each costs as
        much as the direction itself.
    bootstraps : int
        On how many bootstrap samples of the prompts intervals are computed; 0 for none.
    seed : int
        For random directions, samples, and the texts that the model draws by itself.

    Returns
    -------
    SteeringCurve
        A record for each setting; the best one without damage, with its interval, judged on prompts
        that it was not chosen on; and a plot.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.
    DecodeError
        If the model gives NaN, such as where a strength is too large for its dtype.

    References
    ----------
    Turner et al. 2023, "Steering language models with activation engineering" (arXiv 2308.10248).
    Tan et al. 2024, "Analyzing the generalization and reliability of steering vectors"
    (arXiv 2407.12404), for prompts that are moved the wrong way.

    Examples
    --------
    >>> import tokenizers, transformers
    >>> from latentwidgets.space.as_space import as_space
    >>> words = {word: i for i, word in enumerate("? . the cat dog sat ran".split())}
    >>> made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="?"))
    >>> made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    >>> tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=made, unk_token="?")
    >>> config = transformers.LlamaConfig(
    ...     vocab_size=7, hidden_size=8, intermediate_size=8, num_hidden_layers=3,
    ...     num_attention_heads=2, bos_token_id=None, eos_token_id=None)
    >>> model = transformers.LlamaForCausalLM(config)
    >>> space = as_space(model, tokenizer=tokenizer, prompt="the cat", layer=1, max_new_tokens=3)
    >>> found = steering_curve(
    ...     space, Direction("first", np.eye(8)[0]), [-1.0, 1.0], [0, 1],
    ...     effect=lambda texts: [text.count("dog") for text in texts],
    ...     prompts=["the cat", "the dog sat"], randoms=1)
    >>> len(found.settings), found.unsteered.divergence, found.prompts
    (4, 0.0, 2)
    """
    space = check_language(space, "steering_curve")
    given = [None] if prompts is None else listed_prompts(prompts)
    if not given:
        raise LatentValueError("there are no prompts; expected at least one.")
    if isinstance(prompts, Sequence) and all(isinstance(one, dict) for one in prompts):
        raise LatentTypeError("prompts are one chat, a list of messages; expected a list of chats.")
    amounts = amounts_in(strengths).astype(np.float64)
    check_finite(amounts, "strengths")
    if len({*amounts.tolist()}) < len(amounts) or not amounts.any():
        raise LatentValueError(
            f"strengths are {brief(amounts.tolist())}; expected numbers, each once, not 0 alone."
        )
    own = space.stream
    if layers is None:
        layers = [*direction] if isinstance(direction, Mapping) else [own.chosen[0]]
    tokens = own.steer if steer is None else steer
    chosen = (
        (tokens,) if isinstance(tokens, str) else tuple(check_items(tokens, "steer is", "names"))
    )
    if not chosen or len({*chosen}) < len(chosen):
        raise LatentValueError(f"steer is {brief(chosen)}; expected one or more, each once.")
    plain = plain_prompts(plain_prompt, given)
    check_readable(own, given, "prompts")
    check_readable(own, plain, "plain prompts")
    every = space.at(layer=check_items(layers, "layers are", "a list of layers")).stream.chosen
    plan = Plan(
        space=space,
        steps={layer: _step(direction, layer, own.width) for layer in every},
        strengths=np.sort(amounts),
        steer=chosen,
        prompts=tuple(given),
        plain=plain,
        effect=_effect(space, effect, effect_layer, effect_pool),
        conditions=dict(conditions or {}),
        randoms=check_whole(randoms, "randoms", least=0, most=1000),
        seed=check_seed(seed),
    )
    bootstraps = check_whole(bootstraps, "bootstraps", least=0, most=1_000_000)
    mine = _limits(limits)
    draws: NDArray[np.float64] = np.empty((0, len(given)))
    if bootstraps and len(given) > 1:
        rng = np.random.default_rng(seed)
        counts = rng.multinomial(len(given), np.full(len(given), 1 / len(given)), bootstraps)
        draws = counts.astype(np.float64)
    name = getattr(effect, "name", None) or getattr(effect, "__name__", type(effect).__name__)
    if name == "<lambda>":
        name = "effect"
    first = next(iter(direction.values())) if isinstance(direction, Mapping) else direction
    return _result(plan, run(plan), draws, mine, (first.name, str(name)))


def _result(
    plan: Plan,
    runs: Runs,
    draws: NDArray[np.float64],
    given: Mapping[str, float],
    names: tuple[str, str],
) -> SteeringCurve:
    """Make the result of what was run."""
    n, count = len(plan.prompts), len(plan.places)
    signs = np.array([np.sign(one.strength) for one in plan.places])
    # Axes: prompts, the direction and random ones, settings.
    change = runs.effects - runs.unsteered.effects[:, :, None]
    wrong = np.where(np.isfinite(change), change * signs < 0, np.nan)
    towards = 1.0 if (signs > 0).any() else -1.0
    measured = Measured(
        change=change[:, 0] * towards,
        damage={name: runs.damage[name][:, 0] for name in DAMAGE},
        base={"surprise": runs.drawn, "repetition": runs.unsteered.damage["repetition"][:, 0]},
        slack={"repetition": REPETITION},
        wanted=signs == towards,
        limits=dict(given),
    )
    whole = np.ones((1, n))
    damaged = measured.damaged(whole)[0]
    intervals = interval_of(change[:, 0], draws)
    mean = {name: means(one[:, 0], whole)[0] for name, one in runs.damage.items()}
    effects, changes = means(runs.effects[:, 0], whole)[0], means(change[:, 0], whole)[0]
    wrongs = means(wrong[:, 0], whole)[0]
    chance = wrong_chance = divergence_chance = None
    if plan.randoms:
        each = np.stack([means(change[:, i], whole)[0] for i in range(1, 1 + plan.randoms)])
        chance = np.sqrt(np.nanmean(each**2, axis=0)) if np.isfinite(each).any() else None
        flat = wrong[:, 1:].reshape(-1, count)
        wrong_chance = means(flat, np.ones((1, len(flat))))[0]
        flat = runs.damage["divergence"][:, 1:].reshape(-1, count)
        divergence_chance = means(flat, np.ones((1, len(flat))))[0]
    settings = tuple(
        SteeringSetting(
            layer=place.layer,
            steer=place.steer,
            strength=float(place.strength),
            relative=place.relative,
            effect=float(effects[i]),
            change=float(changes[i]),
            interval=intervals[i],
            chance=None if chance is None else float(chance[i]),
            wrong_way=float(wrongs[i]),
            wrong_way_chance=None if wrong_chance is None else float(wrong_chance[i]),
            divergence=float(mean["divergence"][i]),
            divergence_chance=None if divergence_chance is None else float(divergence_chance[i]),
            perplexity=float(np.exp(mean["surprise"][i])),
            repetition=float(mean["repetition"][i]),
            unread=float(np.mean(~np.isfinite(runs.effects[:, 0, i]))),
            damaged=bool(damaged[i]),
            example=runs.examples[i],
        )
        for i, place in enumerate(plan.places)
    )
    groups = {key: i for i, key in enumerate(dict.fromkeys(one.group for one in plan.places))}
    best = best_of(
        measured,
        np.array([one.strength for one in plan.places]),
        np.array([groups[one.group] for one in plan.places]),
        draws,
    )
    found = {name: float(one[0, 0]) for name, one in measured.limits_of(whole).items()}
    if "surprise" in found:
        found = {"perplexity": float(np.exp(found.pop("surprise"))), **found}
    return SteeringCurve(
        *names,
        settings,
        _alone(runs.unsteered, runs.unsteered, draws, measured),
        None if runs.plain is None else _alone(runs.plain, runs.unsteered, draws, measured),
        None if best is None else _best(best, settings, towards),
        frozen(found),
        n,
        plan.steps,
        frozen(plan.kept),
    )


def _best(
    best: dict[str, Any], settings: Sequence[SteeringSetting], towards: float
) -> BestSteering:
    held, interval = best["held_out"], best["held_out_interval"]
    if held is not None and towards < 0:
        held, interval = -held, interval and (-interval[1], -interval[0])
    return BestSteering(
        settings[best["setting"]], best["interval"], best["agreement"], held, interval
    )


def _alone(
    runs: Runs, unsteered: Runs, draws: NDArray[np.float64], measured: Measured
) -> SteeringSetting:
    """Make the record of the model as it is, after the prompts or after plain ones."""
    whole = np.ones((1, len(runs.effects)))
    change = runs.effects - unsteered.effects
    mean = {name: float(means(one[:, 0, None], whole)[0, 0]) for name, one in runs.damage.items()}
    limits = {name: float(one[0, 0]) for name, one in measured.limits_of(whole).items()}
    known = np.isfinite(change)
    return SteeringSetting(
        layer=None,
        steer="",
        strength=0.0,
        relative=0.0,
        effect=float(means(runs.effects[:, 0, None], whole)[0, 0]),
        change=float(means(change, whole)[0, 0]),
        interval=None if runs is unsteered else interval_of(change, draws)[0],
        chance=None,
        wrong_way=float((change[known] < 0).mean()) if known.any() else np.nan,
        wrong_way_chance=None,
        divergence=mean["divergence"],
        divergence_chance=None,
        perplexity=float(np.exp(mean["surprise"])),
        repetition=mean["repetition"],
        unread=float((~np.isfinite(runs.effects)).mean()),
        damaged=any(not mean[name] <= limit + 1e-9 for name, limit in limits.items()),
        example=runs.examples[0],
    )


def _step(direction: Any, layer: int, width: int) -> NDArray[np.float64]:
    """Give one sigma of a direction at a layer, ``(width,)``."""
    if isinstance(direction, Mapping):
        if layer not in direction:
            raise LatentValueError(
                f"there is no direction for layer {layer}; expected layers of {[*direction]}."
            )
        direction = direction[layer]
    if not isinstance(direction, Direction):
        raise LatentTypeError(
            f"direction is a {type(direction).__name__}; expected a Direction, or for each layer "
            "its own: {layer: Direction}. Of several directions take one: directions[0]."
        )
    if direction.latent_shape != (width,):
        raise LatentValueError(
            f"{brief(direction.name)} moves latents of shape {direction.latent_shape}; expected "
            f"({width},), those of one layer: a space with layer=..., one number."
        )
    return direction.vector * direction.sigma


def _limits(given: Any) -> dict[str, float]:
    """Check where damage begins: of perplexity its log, the surprise."""
    found = {}
    known = ("perplexity", "repetition", "divergence")
    for name, limit in dict(given or {}).items():
        if name not in known:
            raise LatentValueError(f"limits name {brief(name)}. {hint(name, known)}")
        amount = float(amounts_in(limit)[0])
        if name == "perplexity":
            if not amount > 0:
                raise LatentValueError(
                    f"the limit of perplexity is {amount:g}; expected more than 0."
                )
            name, amount = "surprise", float(np.log(amount))
        found[name] = amount
    return found


def _effect(
    space: Any, effect: Any, layer: int | None, pool: str
) -> Callable[[list[str]], NDArray[np.float64]]:
    """Make a function of texts of what is to be measured."""
    if isinstance(effect, Direction):
        if layer is None:
            raise LatentValueError(
                f"effect is the probe {brief(effect.name)}, and nothing says where it reads; "
                "expected effect_layer=..., the layer whose states it was found in."
            )
        reading = space.at(layer=layer)
        if effect.latent_shape != reading.latent_shape:
            raise LatentValueError(
                f"{brief(effect.name)} measures latents of shape {effect.latent_shape}; those of "
                f"layer {layer} have shape {reading.latent_shape}."
            )

        def read(texts: list[str]) -> NDArray[np.float64]:
            found = np.full(len(texts), np.nan)
            # Where nothing was written there is nothing to read.
            some = [i for i, text in enumerate(texts) if text.strip()]
            if some:
                states = reading.encode([texts[i] for i in some], pool=pool)
                found[some] = effect.measure(states)
            return found

        return read
    if not callable(effect):
        raise LatentTypeError(
            f"effect is {brief(effect)}; expected a function of texts, or a Direction that reads "
            "their states."
        )

    def call(texts: list[str]) -> NDArray[np.float64]:
        found = np.asarray(effect(texts))
        if found.shape != (len(texts),) or found.dtype.kind not in "biuf":
            raise LatentTypeError(
                f"effect returned {found.dtype} of shape {found.shape} for {len(texts)} texts; "
                "expected a number or a truth value for each."
            )
        return found.astype(np.float64)

    return call
