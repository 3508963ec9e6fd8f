"""`next_tokens`: which tokens come next, as the model is and steered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters.readings import check_language, next_tokens_of
from latentwidgets.analysis.results import Result, TableResult
from latentwidgets.analysis.tables import Table, plain_data
from latentwidgets.common.checks import check_controls, check_seed, check_whole
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.frames.ink import ink
from latentwidgets.space.inputs import one_latent

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

__all__ = ["NextToken", "NextTokens", "next_tokens"]

MOST_SHOWN = 50  # in a table or a figure; `tokens` has all


@dataclass(frozen=True)
class NextToken(Result):
    """One token that may come next.

    Attributes
    ----------
    text : str
        With the space before it.
    id : int
        Its number.
    before, after : float
        Its probability as the model is, and steered.
    chance : tuple of float or None
        The least and the largest that random latents make of it, as long as what steers.
    """

    text: str
    id: int
    before: float
    after: float
    chance: tuple[float, float] | None = None


@dataclass(frozen=True, repr=False)
class NextTokens(TableResult):
    """The tokens that are most likely next. What `next_tokens` returns.

    Attributes
    ----------
    tokens : tuple of NextToken
        All that are among the most likely before or after.
    count : int
        How many are shown of either.
    change : float
        How much probability goes to other tokens, of all that there are: the total variation
        distance of before and after, from 0 to 1.
    chance_change : tuple of float or None
        What random latents change, as long as what steers: the least, the median and the largest.
    controls : int
        How many random latents there were.
    """

    tokens: tuple[NextToken, ...]
    count: int
    change: float
    chance_change: tuple[float, ...] | None = None
    controls: int = 0

    @property
    def before(self) -> tuple[NextToken, ...]:
        """The most likely as the model is, from the likeliest on."""
        return tuple(sorted(self.tokens, key=lambda one: -one.before)[: self.count])

    @property
    def after(self) -> tuple[NextToken, ...]:
        """The most likely steered, from the likeliest on."""
        return tuple(sorted(self.tokens, key=lambda one: -one.after)[: self.count])

    def to_dict(self) -> dict[str, Any]:
        """Give all as JSON can hold it."""
        found: dict[str, Any] = plain_data(self)
        return found

    def plot(self) -> Figure:
        """Draw both probabilities of each token as bars.

        Returns
        -------
        matplotlib.figure.Figure
            Whiskers go from the least to the largest of random latents. Closed, so that a notebook
            shows it once.
        """
        import matplotlib.pyplot as plt

        shown = sorted(self.tokens, key=lambda one: -max(one.before, one.after))[:MOST_SHOWN]
        height = max(2.0, 0.3 * len(shown) + 1.1)
        figure, axes = plt.subplots(figsize=(5, height), layout="constrained")
        for place, one in enumerate(shown):
            axes.barh(
                place - 0.2, one.before, 0.38, color="0.5", alpha=0.55, label="before" * (not place)
            )
            axes.barh(
                place + 0.2,
                one.after,
                0.38,
                color="tab:blue",
                alpha=0.55,
                label="after" * (not place),
            )
            if one.chance is not None:
                name = "random latents" * (not place)
                where = [place + 0.2] * 2
                axes.plot(one.chance, where, "|-", color=ink(axes), linewidth=1, label=name)
        names = [repr(one.text).replace("$", r"\$") for one in shown]
        axes.set_yticks(range(len(shown)), names)
        axes.invert_yaxis()
        axes.set_xlabel("probability")
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside upper right", frameon=False, fontsize="small", ncols=3)
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        rows = [
            [repr(one.text), _share(one.before), _share(one.after)]
            + [repr(other.text), _share(other.before), _share(other.after)]
            + (
                []
                if other.chance is None
                else [" to ".join(dict.fromkeys(map(_share, other.chance)))]
            )
            for one, other in zip(self.before[:MOST_SHOWN], self.after[:MOST_SHOWN], strict=True)
        ]
        head = ["likeliest before", "before", "after", "likeliest after", "before", "after"]
        note = f"Steered, {_share(self.change)} of the probability goes to other tokens."
        left = len(self.before) - len(rows)
        more = [f"{left:,} more are not shown."] if left else []
        if self.chance_change is None:
            return Table(head, rows, notes=[*more, note])
        head += ["after, random latents"]
        low, middle, high = map(_share, self.chance_change)
        moved = middle if low == high else f"{middle} (median; {low} to {high})"
        many = f"{self.controls} random latent{'s' * (self.controls > 1)} of the same length"
        notes = [
            *more,
            f"{note} Under {many} it is {moved}.",
            f"The last column: the range of the likeliest-after token under {many}.",
        ]
        return Table(head, rows, notes=notes)


def _share(value: float) -> str:
    return f"{value:.1%}" if value >= 0.001 or value == 0 else "< 0.1%"


@checked_keywords
def next_tokens(
    space: Any,
    latent: ArrayLike,
    conditions: Mapping[str, Any] | None = None,
    *,
    prompt: Any = None,
    count: int = 10,
    controls: int = 8,
    seed: int = 0,
) -> NextTokens:
    """Say which tokens are most likely next, as the model is and steered.

    Parameters
    ----------
    space : LatentSpace
        A space of a causal model of transformers.
    latent : array_like
        What is added, ``latent_shape``.
    conditions : mapping, optional
        "strength" and "layer", as `LatentSpace.decode` takes them. "temperature" changes nothing:
        probabilities are those of temperature 1.
    prompt : str or list of dict, optional
        What they follow; the space's own prompt if None.
    count : int
        How many of either.
    controls : int
        With so many random latents it is compared, each as long as `latent`, or at each of its
        layers as that is there. Each reads the prompt once more: with 8 it takes about as long as
        reading the prompt 10 times in place of 2. 0, for none, is the quick way. They are read in
        parts of the space's `batch_size`.
    seed : int
        For these.

    Returns
    -------
    NextTokens
        Shown as a table. Where only what is generated is steered, the first token is not, and both
        are the same.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.
    DecodeError
        If the model raises, or gives NaN or infinity, as where too much is added.

    Examples
    --------
    >>> import numpy as np, tokenizers, transformers
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
    >>> found = next_tokens(space, np.ones(8), {"strength": 2.0}, count=7)
    >>> len(found.before), round(sum(one.after for one in found.after), 3)
    (7, 1.0)
    >>> least, _, most = found.chance_change
    >>> 0 < least <= most < 1, 0 < found.change < 1
    (True, True)
    """
    space = check_language(space, "next_tokens")
    most = check_whole(count, "count", least=1)
    used = space if prompt is None else space.at(prompt=prompt)
    controls, seed = check_controls(controls), check_seed(seed)
    steered = one_latent(used, latent)
    others = np.random.default_rng(seed).normal(size=(controls, *steered.shape))
    lengths = np.linalg.norm(others, axis=-1, keepdims=True)
    others *= np.linalg.norm(steered, axis=-1, keepdims=True) / lengths
    texts, ids, found = next_tokens_of(used, [steered, *others], conditions, most)
    ends = np.stack([found[2:].min(axis=0), found[2:].max(axis=0)]).T if controls else None
    tokens = tuple(
        NextToken(
            *(text, one, float(found[0, one]), float(found[1, one])),
            chance=None if ends is None else (float(ends[one, 0]), float(ends[one, 1])),
        )
        for text, one in zip(texts, ids, strict=True)
    )
    change, *by_chance = (np.abs(found[1:] - found[0]).sum(axis=1) / 2).tolist()
    return NextTokens(
        tokens,
        min(most, len(tokens)),
        change,
        tuple(np.percentile(by_chance, [0, 50, 100]).tolist()) if controls else None,
        controls,
    )
