"""`steering_curve`: which layer, which strength, and at what price, measured over prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters.readings import check_language
from latentwidgets.analysis.steering_records import curve_of
from latentwidgets.analysis.steering_runs import (
    Plan,
    called,
    check_readable,
    listed_prompts,
    plain_prompts,
    run,
)
from latentwidgets.common.attributes import attribute
from latentwidgets.common.checks import (
    amounts_in,
    check_finite,
    check_one_of,
    check_seed,
    check_text,
    check_whole,
    detached,
    real_number,
)
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief, hint
from latentwidgets.directions.direction import Direction
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.analysis.steering_result import SteeringCurve

__all__ = ["steering_curve"]


@checked_keywords
def steering_curve(
    space: Any,
    direction: Direction | Mapping[int, Direction],
    strengths: ArrayLike = (-6.0, -3.0, -1.0, 1.0, 3.0, 6.0),
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
    both_ways: bool | None = None,
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
        In sigmas of the direction. Negative ones steer the other way. What differs from a negative
        by less than a billionth of the largest is taken as it.
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
        Where damage begins, by "perplexity", "repetition" or "divergence"; it is called where it is
        beyond that on average and in 97.5 % of bootstrap samples. If None, at 0.1 more
        repetition than unsteered, and at 0.1 nats a token more surprise (of perplexity about a
        tenth), or at the perplexity of what the model draws by itself at temperature 1 where that
        is more.
    conditions : mapping, optional
        Other conditions of the space, such as "temperature": the same for all. The first prompt is
        drawn with "seed", each further one with the next.
    both_ways : bool, optional
        Whether the best strength is to work as its negative, too: one that raises the effect while
        its negative lowers it, without damage in either; of these the one whose effect is farthest
        above that of its negative. If None, where every strength came with its negative.
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
        If an argument cannot be used; or if `effect` or `plain_prompt`, as a function, fails.
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
    amounts = amounts_in(strengths, "strengths").astype(np.float64)
    if amounts.ndim != 1:
        raise LatentValueError(f"strengths have shape {amounts.shape}; expected a row: (n,).")
    check_finite(amounts, "strengths")
    amounts, apart = _matched(amounts)
    if not apart or not amounts.any():
        raise LatentValueError(
            f"strengths are {brief(amounts.tolist())}; expected numbers, each once, not 0 alone."
        )
    own = space.stream
    if layers is None:
        layers = [*direction] if isinstance(direction, Mapping) else [own.chosen[0]]
    tokens = own.steer if steer is None else steer
    several = [tokens] if isinstance(tokens, str) else check_items(tokens, "steer is", "names")
    chosen = tuple(check_text(one, "steer") for one in several)
    if not chosen or len({*chosen}) < len(chosen):
        raise LatentValueError(f"steer is {brief(chosen)}; expected one or more, each once.")
    check_readable(own, given, "prompts")
    plain = plain_prompts(plain_prompt, given)
    check_readable(own, plain, "plain prompts")
    space.conditions.settled(conditions)  # which refuses what are none
    every = space.at(layer=check_items(layers, "layers are", "a list of layers")).stream.chosen
    plan = Plan(
        space=space,
        steps={layer: _step(direction, layer, own.width) for layer in every},
        strengths=amounts,
        steer=chosen,
        prompts=tuple(given),
        plain=plain,
        effect=_effect(space, effect, effect_layer, effect_pool),
        conditions={} if conditions is None else dict(conditions),
        randoms=check_whole(randoms, "randoms", least=0, most=1000),
        seed=check_seed(seed),
    )
    bootstraps = check_whole(bootstraps, "bootstraps", least=0, most=1_000_000)
    mine = _limits(limits)
    pairs = _in_pairs(plan.strengths, both_ways)
    draws: NDArray[np.float64] = np.empty((0, len(given)))
    if bootstraps and len(given) > 1:
        rng = np.random.default_rng(seed)
        counts = rng.multinomial(len(given), np.full(len(given), 1 / len(given)), bootstraps)
        draws = counts.astype(np.float64)
    name = getattr(effect, "name", None) or getattr(effect, "__name__", type(effect).__name__)
    if name == "<lambda>":
        name = "effect"
    first = next(iter(direction.values())) if isinstance(direction, Mapping) else direction
    return curve_of(plan, run(plan), draws, mine, (first.name, str(name)), both_ways=pairs)


def _matched(strengths: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    """Sort strengths, make negatives exact that are so but for rounding; say if all are apart."""
    found = np.sort(strengths)
    near = 1e-9 * np.abs(found).max(initial=0.0)
    found[np.abs(found) <= near] = 0.0
    for i, one in enumerate(found):
        if one < 0:
            found[i] = next((-two for two in found if abs(one + two) <= near), one)
    return found, bool((np.diff(found) > near).all())


def _in_pairs(strengths: NDArray[np.float64], asked: Any) -> bool:
    """Say whether strengths are chosen together with their negatives."""
    if not (asked is None or isinstance(asked, (bool, np.bool_))):
        raise LatentTypeError(f"both_ways is {brief(asked)}; expected True, False or None.")
    alone = [one for one in strengths.tolist() if one and -one not in strengths]
    if asked and alone:
        raise LatentValueError(
            f"both_ways needs every strength with its negative, and {alone[0]:g} comes alone; "
            f"expected {-alone[0]:g} among strengths, too."
        )
    return not alone if asked is None else bool(asked)


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
            f"({width},), those of one layer: a space with layer=..., one number. "
            "For several layers pass a direction for each: {layer: Direction}."
        )
    return direction.vector * direction.sigma


def _limits(given: Any) -> dict[str, float]:
    """Check where damage begins: of perplexity its log, the surprise."""
    found: dict[str, float] = {}
    known = ("perplexity", "repetition", "divergence")
    if given is None:
        return found
    if not isinstance(given, Mapping):
        raise LatentTypeError(
            f"limits are {brief(given)}; expected numbers by name, such as {{'divergence': 0.5}}."
        )
    for name, limit in given.items():
        if not isinstance(name, str) or name not in known:
            raise LatentValueError(f"limits name {brief(name)}. {hint(name, known)}")
        one = detached(limit, f"the limit of {name}")
        one = one.item() if attribute(one, "ndim") == 0 else one
        amount = real_number(one, f"the limit of {name}", least=-1e9, most=1e9)
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
    check_one_of(pool, "effect_pool", ("mean", "last"))
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
        what = f"a list of {len(texts)} texts"
        found: NDArray[Any] = called(lambda given: np.asarray(effect(given)), texts, "effect", what)
        if found.shape != (len(texts),) or found.dtype.kind not in "biuf":
            raise LatentTypeError(
                f"effect returned {found.dtype} of shape {found.shape} for {len(texts)} texts; "
                "expected a number or a truth value for each."
            )
        return found.astype(np.float64)

    return call
