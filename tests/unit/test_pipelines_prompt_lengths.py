"""Prompts that a pipeline embeds in different numbers of tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import latentwidgets as lw
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
