"""Prompts that a pipeline embeds in different numbers of tokens."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import latentwidgets as lw
from latentwidgets.adapters.diffusers.matching import COMPARED, Matching
from tests.unit.letters_pipeline import WIDTH, letters_pipeline

PROMPTS = ["a cat", "an owl in the snow", "ab"]
LONGEST = len("a house by the sea at night")  # of those that the space asks about itself


def gap(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).max())


@pytest.mark.parametrize("guidance", [0.0, 1.0, 3.0])
def test_filled_up_and_masked_they_give_the_pictures_of_the_pipeline(guidance: float) -> None:
    pipe = letters_pipeline()
    space = lw.as_space(pipe, latent="prompt", prompt="a cat")
    assert space.latent_shape == (LONGEST * (WIDTH + 1),), "a row and a mask for each token"
    latents = space.encode(PROMPTS)
    given = {"steps": 4, "guidance": guidance, "seed": [1, 2, 3]}
    found = space.decode(latents, given)
    wanted = []
    for prompt, seed in zip(PROMPTS, (1, 2, 3), strict=True):
        x = np.random.default_rng(seed).standard_normal((1, 1, 8, 8))
        call = {"guidance_scale": guidance, "num_inference_steps": 4}
        wanted.append(pipe(prompt, latents=torch.from_numpy(x).float(), **call)[0] * 255)
    assert gap(found, wanted) <= 1
    if guidance:
        others = space.decode(latents[[1, 2, 0]], given)
        assert gap(others, wanted) > 10, "of other prompts they are others"


def test_what_lies_between_two_lengths_can_be_decoded() -> None:
    space = lw.as_space(letters_pipeline(), latent="prompt")
    ends = space.encode([PROMPTS[1], PROMPTS[2]])
    path = lw.Path(ends, method="lerp")
    drawn = space.decode(path(np.linspace(0, 1, 5)), {"steps": 3, "seed": 1})
    assert gap(drawn[[0, -1]], space.decode(ends, {"steps": 3, "seed": 1})) == 0
    assert gap(drawn[0], drawn[-1]) > 5
    assert space.decode(space.sample(3), {"steps": 3}).shape == (3, 8, 8, 1)


def test_a_space_holds_what_its_own_prompt_needs() -> None:
    long = "the old lighthouse on the cliff above the sea in winter"
    small = lw.as_space(letters_pipeline(), latent="prompt")
    with pytest.raises(
        lw.LatentValueError, match=rf"has {len(long)} tokens.*hold {LONGEST}.*longest"
    ):
        small.encode([long])
    large = lw.as_space(letters_pipeline(), latent="prompt", prompt=long)
    assert large.latent_shape == (len(long) * (WIDTH + 1),)
    assert large.encode([long, "ab"]).shape == (2, *large.latent_shape)


def test_without_a_mask_they_are_refused() -> None:
    with pytest.raises(lw.LatentValueError, match=r"another number of tokens.*latent=\"noise\""):
        lw.as_space(letters_pipeline(uses_mask=False), latent="prompt")


def test_a_mask_that_leaves_nothing_out_is_refused() -> None:
    pipe = letters_pipeline()

    class Deaf(nn.Module):
        """A processor of attention that does not look at its mask."""

        def __init__(self, own: Any) -> None:
            super().__init__()
            self.own = own

        def __call__(self, attention: Any, hidden: Any, *args: Any, **kwargs: Any) -> Any:
            return self.own(attention, hidden, *args, **{**kwargs, "attention_mask": None})

    pipe.unet.set_attn_processor(
        {name: Deaf(own) for name, own in pipe.unet.attn_processors.items()}
    )
    with pytest.raises(lw.LatentValueError, match=r"predicts something else.*filled up and masked"):
        lw.as_space(pipe, latent="prompt")


# Tokens that are matched before prompts are mixed

LONG, SHORT = "the red owl", "owl"


def letters_rather_than_places() -> Any:
    """Make a pipeline whose embeddings say what a letter is more than where."""
    pipe = letters_pipeline()
    with torch.no_grad():
        pipe.text_encoder.places.weight *= 0.2
    return pipe


def rows_of(latent: Any) -> Any:
    """Take the embedding of each token, and whether it counts."""
    return latent[: LONGEST * WIDTH].reshape(LONGEST, WIDTH), latent[LONGEST * WIDTH :]


def test_like_tokens_of_two_lengths_stand_in_like_places() -> None:
    pipe = letters_rather_than_places()
    space = lw.as_space(pipe, latent="prompt", prompt=LONG)
    long, short = space.encode([LONG, SHORT])
    rows, counts = rows_of(short)
    letters = pipe.text_encoder.letters.weight.detach().numpy()
    found = {
        int(place): chr(np.linalg.norm(letters - rows[place], axis=1).argmin())
        for place in np.flatnonzero(counts)
    }
    assert sorted(found.values()) == sorted(SHORT)
    assert all(LONG[place] == letter for place, letter in found.items())
    [as_written] = lw.as_space(pipe, latent="prompt").encode(SHORT)
    given = {"steps": 3, "guidance": 2.0, "seed": 1}
    assert gap(space.decode([short], given), space.decode([as_written], given)) <= 1
    apart, unmatched = (np.linalg.norm(long - one) for one in (short, as_written))
    assert apart < 0.95 * unmatched


@pytest.mark.parametrize("method", ["lerp", "slerp"])
def test_a_path_passes_through_prompts_as_they_are_encoded_bit_for_bit(method: str) -> None:
    space = lw.as_space(letters_rather_than_places(), latent="prompt", prompt=LONG)
    prompts = [SHORT, LONG, "a red cat"]
    alone = np.concatenate([space.encode(one) for one in prompts])
    for order in ([0, 1, 2], [2, 0, 1]):
        latents = space.encode([prompts[k] for k in order])
        assert np.array_equal(latents, alone[order])
        path = lw.Path(latents, method=method)
        at_anchors = path([0.0, 0.5, 1.0] if method == "lerp" else [0.0, 1.0])
        wanted = latents if method == "lerp" else latents[[0, 2]]
        assert np.array_equal(at_anchors, wanted)
        for latent, one in zip(at_anchors, wanted, strict=True):
            given = {"steps": 2, "seed": 1}
            assert np.array_equal(space.decode([latent], given), space.decode([one], given))


# Two that gain more by another order of their letters than unrelated prompts do.
TWO, NO_TWO = "two owls on a snowy branch", "owls on a snowy branch"


def test_tokens_that_are_not_matched_are_told_once() -> None:
    pipe = letters_rather_than_places()
    space = lw.as_space(pipe, latent="prompt")
    words = (
        rf"'{TWO}' and '{NO_TWO}' stand in different places.* \d+% smaller.* \d+% of the mean "
        r"squared.* of 6 such pairs none saves more than \d+%.*prompt, ''.*the longest"
    )
    with pytest.warns(UserWarning, match=words):
        space.encode([TWO, NO_TWO])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        space.encode([TWO, NO_TWO])
        lw.as_space(pipe, latent="prompt", prompt=TWO).encode([TWO, NO_TWO])
    with pytest.warns(UserWarning, match="stand in different places"):  # to "" nothing is matched
        lw.as_space(pipe, latent="prompt").encode([TWO, NO_TWO, ""])


@pytest.mark.parametrize(
    "prompts", [["an owl", "an elk"], ["a red fox", "the red fox"], [LONG, SHORT]]
)
def test_prompts_that_gain_no_more_than_unrelated_ones_are_no_doubt(prompts: list[str]) -> None:
    space = lw.as_space(letters_rather_than_places(), latent="prompt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        space.encode(prompts)


def test_only_so_many_pairs_of_prompts_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    matched: list[Any] = []
    of = Matching.of

    def counted(*parts: Any) -> Matching:
        matched.append(parts)
        return of(*parts)

    monkeypatch.setattr(Matching, "of", counted)
    space = lw.as_space(letters_rather_than_places(), latent="prompt")
    for _ in range(6):
        space.encode(["a cat", "a dog", "a cow", "a pig"])
    assert len(matched) <= COMPARED + 6, "and six of unrelated prompts"


def test_to_an_empty_prompt_nothing_is_matched() -> None:
    pipe = letters_pipeline()
    space = lw.as_space(pipe, latent="prompt")
    for prompt in PROMPTS:
        rows, counts = rows_of(space.encode(prompt)[0])
        written = pipe.text_encoder(prompt)[0].detach().numpy()
        assert np.array_equal(rows[: len(prompt)], written)
        assert counts.tolist() == [1.0] * len(prompt) + [0.0] * (LONGEST - len(prompt))


def test_a_network_that_sees_the_order_of_tokens_keeps_it() -> None:
    pipe = letters_rather_than_places()

    def place(_: Any, args: Any, kwargs: Any) -> Any:
        rows = kwargs["encoder_hidden_states"]
        ramp = 1 + torch.arange(rows.shape[1])[:, None] / 10
        return args, {**kwargs, "encoder_hidden_states": rows * ramp}

    pipe.unet.register_forward_pre_hook(place, with_kwargs=True)
    space = lw.as_space(pipe, latent="prompt")
    with pytest.warns(UserWarning, match=r"sees the order of tokens.*like words in like places"):
        [_, short] = space.encode([TWO, NO_TWO])
    _, counts = rows_of(short)
    assert counts.tolist() == [1.0] * len(NO_TWO) + [0.0] * (LONGEST - len(NO_TWO))
