"""How good the model of small stories is: all of it counted, since the grammar can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from latentwidgets.demo.story_grammar import ATTRIBUTES, read_story
from latentwidgets.demo.story_writer import write_stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

__all__ = [
    "Score",
    "carried",
    "continued",
    "evaluate",
    "hidden_states",
    "mood_directions",
    "parsed",
    "probe_scores",
    "steering_score",
    "told",
]

# How many pairs a direction is found from, and how many tokens a story goes on for.
PAIRS, TOKENS = 100, 40
# How many tokens a whole story has room in.
WHOLE = 100
MOODS = ATTRIBUTES["mood"]
# The strengths among which the best is chosen, by so many prompts, and how many others judge it.
STRENGTHS, CHOOSING, JUDGING = (1, 2, 3, 4), 60, 200
# How many stories of its own are read, and from how many of the grammar the rest is measured.
OWN, CARRIED, PROBED = 300, 200, 1500
# What the share of sentences that the grammar has may lose by it.
LOSS = 0.1


class Score(NamedTuple):
    """What adding the directions of moods to prompts does.

    Attributes
    ----------
    shares : list of float
        For each mood the share of prompts that go on with it, when its direction is added.
    parsed : float
        The share of sentences that the grammar has.
    """

    shares: list[float]
    parsed: float


def continued(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    *,
    layer: int = 0,
    added: NDArray[np.float32] | None = None,
    seed: int | None = 0,
    tokens: int | None = None,
) -> list[str]:
    """Let the model go on with stories, steered or not.

    Parameters
    ----------
    model, tokenizer
        The model, and its tokenizer.
    prompts : sequence of str
        How the stories begin.
    layer : int
        After which block something is added.
    added : ndarray, optional
        float32 ``(n, width)``, what is added to the state of each prompt's last token.
    seed : int, optional
        Tokens are drawn, at temperature 1, with this seed; where None, the most likely are taken.
    tokens : int, optional
        How many at most, 40 if None.

    Returns
    -------
    list of str
        What follows each prompt.
    """
    batch = tokenizer([*prompts], return_tensors="pt", padding=True)
    length = batch.input_ids.shape[1]

    def steer(_module: object, _inputs: object, output: Tensor) -> Tensor:
        # Only of the prompt there are several tokens at a time; padding is on the left.
        if added is not None and output.shape[1] == length:
            output = output.clone()
            output[:, -1] += torch.from_numpy(added)
        return output

    handle = model.model.layers[layer].register_forward_hook(steer)
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed or 0)
            found = model.generate(
                input_ids=batch.input_ids,
                attention_mask=batch.attention_mask,
                do_sample=seed is not None,
                max_new_tokens=tokens or TOKENS,
            )
    finally:
        handle.remove()
    return [str(text) for text in tokenizer.batch_decode(found[:, length:], True)]


def parsed(texts: Sequence[str]) -> float:
    """Give the share of whole sentences, over all texts, that the grammar has.

    Examples
    --------
    >>> parsed(["It felt sad. It sad.", "It cried. It"])
    0.6666666666666666
    """
    sentences = [one for text in texts for one in read_story(text).sentences]
    return _share(one is not None for one in sentences)


def _share(flags: Iterable[bool]) -> float:
    """Give the share of flags that are set; NaN where there are none."""
    found = [*flags]
    return sum(map(bool, found)) / len(found) if found else float("nan")


def told(texts: Sequence[str], attribute: str) -> NDArray[np.str_]:
    """Give for each text the value of an attribute that it tells, empty where it tells none.

    Examples
    --------
    >>> told(["It felt sad.", "It saw a kite."], "mood").tolist()
    ['sad', '']
    """
    return np.array([read_story(text).attributes[attribute] or "" for text in texts])


def carried(model: Any, tokenizer: Any, *, count: int, seed: int = 4) -> dict[str, float]:
    """Measure whether the model keeps in mind what was told once.

    Parameters
    ----------
    model, tokenizer
        The model, and its tokenizer.
    count : int
        How many stories of each attribute.
    seed : int
        For the stories.

    Returns
    -------
    dict of str to float
        For each attribute: of the stories that go on after the first sentence that told it, and
        tell it again, the share in which it is still the same.
    """
    found = {}
    for name in ATTRIBUTES:
        texts, truth = write_stories(count, seed=seed, until=name)
        again = told(continued(model, tokenizer, texts), name)
        found[name] = _share((again == truth[name])[again != ""])
    return found


def hidden_states(model: Any, tokenizer: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Give the states of texts after every block.

    Parameters
    ----------
    model, tokenizer
        The model, and its tokenizer.
    texts : sequence of str
        The texts.

    Returns
    -------
    ndarray
        float32 ``(blocks, 2, n, width)``: of the last token, and the mean over tokens without the
        first, which stands for the beginning.
    """
    batch = tokenizer([*texts], return_tensors="pt", padding=True)
    found: list[NDArray[np.float32]] = []

    def record(_module: object, _inputs: object, output: Tensor) -> None:
        words = (batch.attention_mask * (batch.input_ids != tokenizer.bos_token_id))[..., None]
        mean = (output * words).sum(1) / words.sum(1)
        found.append(torch.stack([output[:, -1], mean]).numpy())

    handles = [layer.register_forward_hook(record) for layer in model.model.layers]
    try:
        with torch.no_grad():
            model(**{name: batch[name] for name in ("input_ids", "attention_mask")})
    finally:
        for handle in handles:
            handle.remove()
    return np.stack(found)


def mood_directions(model: Any, tokenizer: Any, *, seed: int = 1) -> NDArray[np.float32]:
    """Find the direction of each mood from pairs of stories that differ in nothing else.

    Parameters
    ----------
    model, tokenizer
        The model, and its tokenizer.
    seed : int
        For the stories.

    Returns
    -------
    ndarray
        float32 ``(moods, blocks, width)``: the mean of the last tokens' states of 100 stories of
        this mood, less that of the same stories of other moods.
    """
    written = {mood: write_stories(PAIRS, seed=seed, until="mood", mood=mood)[0] for mood in MOODS}
    directions = []
    for mood in MOODS:
        others = [one for one in MOODS if one != mood]
        pairs = [written[others[i % len(others)]][i] for i in range(PAIRS)]
        ours, theirs = (
            hidden_states(model, tokenizer, texts)[:, 0].mean(1) for texts in (written[mood], pairs)
        )
        directions.append(ours - theirs)
    return np.stack(directions)


def probe_scores(
    model: Any, tokenizer: Any, *, count: int, seed: int = 3
) -> dict[str, NDArray[np.float64]]:
    """Read attributes from states by a linear probe, on stories that it has not seen.

    Parameters
    ----------
    model, tokenizer
        The model, and its tokenizer.
    count : int
        How many stories; a third of them is held out.
    seed : int
        For the stories.

    Returns
    -------
    dict of str to ndarray
        For each attribute the accuracy, ``(blocks, 2)``: from the last token's state, and from the
        mean.
    """
    texts, truth = write_stories(count, seed=seed)
    states = hidden_states(model, tokenizer, texts)
    fitted = count * 2 // 3
    return {
        name: np.array(
            [
                [
                    make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
                    .fit(some[:fitted], truth[name][:fitted])
                    .score(some[fitted:], truth[name][fitted:])
                    for some in layer
                ]
                for layer in states
            ]
        )
        for name in ATTRIBUTES
    }


def steering_score(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    directions: NDArray[np.float32],
    *,
    layer: int,
    strength: float,
    seed: int | None = 0,
) -> Score:
    """Measure what the directions of moods do.

    Parameters
    ----------
    model, tokenizer
        The model, and its tokenizer.
    prompts : sequence of str
        Stories that have not told their mood.
    directions : ndarray
        float32 ``(moods, blocks, width)``.
    layer : int
        After which block they are added.
    strength : float
        How often.
    seed : int, optional
        As `continued` takes it.

    Returns
    -------
    Score
        Each mood over all prompts.
    """
    added = np.repeat(np.float32(strength) * directions[:, layer], len(prompts), axis=0)
    texts = continued(
        model, tokenizer, [*prompts] * len(MOODS), layer=layer, added=added, seed=seed
    )
    moods = told(texts, "mood").reshape(len(MOODS), len(prompts))
    shares = [_share(row == mood) for row, mood in zip(moods, MOODS, strict=True)]
    return Score(shares, parsed(texts))


def evaluate(model: Any, tokenizer: Any) -> dict[str, Any]:
    """Measure the model.

    Parameters
    ----------
    model, tokenizer
        The model, and its tokenizer.

    Returns
    -------
    dict
        ``written``, of stories of its own the share of sentences that the grammar has, and of
        stories that tell an attribute in two ways; ``carried`` and ``probes``, see the functions of
        these names; ``steering``, of which layer and strength were chosen by other prompts than
        those that judge them.
    """
    own = continued(model, tokenizer, [""] * OWN, tokens=WHOLE)
    directions = mood_directions(model, tokenizer)
    chosen, judging = (
        write_stories(count, seed=seed, before="mood")[0]
        for count, seed in ((CHOOSING, 11), (JUDGING, 12))
    )

    def score(prompts: Sequence[str], layer: int, strength: float, seed: int | None = 0) -> Score:
        return steering_score(
            *(model, tokenizer, prompts, directions), layer=layer, strength=strength, seed=seed
        )

    def gain(setting: tuple[int, int]) -> float:
        toward, away = (score(chosen, setting[0], sign * setting[1]) for sign in (1, -1))
        if min(toward.parsed, away.parsed) < plain - LOSS:
            return -1.0
        return float(np.mean(toward.shares) - np.mean(away.shares))

    plain = score(chosen, 0, 0).parsed
    settings = [(layer, strength) for layer in range(directions.shape[1]) for strength in STRENGTHS]
    layer, strength = max(settings, key=gain)
    steering: dict[str, Any] = {"layer": layer, "strength": strength}
    for name, seed in (("drawn", 0), ("most likely", None)):
        for word, sign in (("unsteered", 0), ("toward", 1), ("away", -1)):
            found = score(judging, layer, sign * strength, seed)
            steering[f"{name}, {word}"] = {"shares": found.shares, "parsed": found.parsed}
    return {
        "written": {
            "parsed": parsed(own),
            "contradicted": _share(bool(read_story(one).contradicted) for one in own),
        },
        "carried": carried(model, tokenizer, count=CARRIED),
        "probes": {
            name: found.tolist()
            for name, found in probe_scores(model, tokenizer, count=PROBED).items()
        },
        "steering": steering,
    }
