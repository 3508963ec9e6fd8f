"""`Residual`: the residual stream of any torch network that writes, by a person's functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import latentwidgets as lw
from tests.unit.writers import PROMPT, tokenizer, writer

LETTERS = "abcdefgh"


class Letters(nn.Module):
    """A small causal network of one's own: torch's blocks under a mask."""

    def __init__(self, *, causal: bool = True) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(len(LETTERS), 16)
        self.inside = nn.Sequential(
            *(
                nn.TransformerEncoderLayer(16, 2, 32, dropout=0.5, batch_first=True)
                for _ in range(3)
            )
        )
        self.norms = nn.ModuleList([nn.LayerNorm(16)])
        self.head = nn.Linear(16, len(LETTERS))
        self.causal = causal

    def forward(self, ids: Tensor) -> Tensor:
        x, t = self.embed(ids), ids.shape[1]
        mask = torch.full((t, t), float("-inf")).triu(1) if self.causal else None
        for block in self.inside:
            x = block(x, src_mask=mask)
        out: Tensor = self.head(self.norms[0](x))
        return out


def letters(text: str) -> list[int]:
    return [LETTERS.index(one) for one in text]


def residual(network: Letters, count: int = 6, **options: Any) -> lw.adapters.Residual:
    def generate(ids: Tensor) -> Iterator[list[str]]:
        start = ids.shape[1]
        for _ in range(count):
            ids = torch.cat([ids, network(ids)[:, -1:].argmax(-1)], dim=1)
            yield ["".join(LETTERS[i] for i in row) for row in ids[:, start:].tolist()]

    given = {"tokenize": letters, "generate": generate, "prompt": "abc", "layer": 1, **options}
    return lw.adapters.Residual(network, **given)


def test_blocks_are_found_by_no_name() -> None:
    network = Letters()
    found = residual(network)
    assert found.blocks == [*network.inside]
    space: Any = lw.as_space(found)
    assert space.latent_shape == (16,)
    assert list(space.conditions) == ["strength", "layer"]
    texts = space.decode(np.zeros((2, 16)))
    assert texts[0] == texts[1]
    assert len(texts[0]) == 6
    assert network.training


def test_drafts_are_steered_and_the_network_between_them_is_not() -> None:
    network = Letters().eval()
    for steer in ("last", "generated", "all"):
        space = lw.as_space(residual(network, steer=steer))
        latents = np.random.default_rng(0).standard_normal((5, 16)) * 9
        ids = torch.tensor([letters("abc")])
        own = network(ids)
        steps = []
        for texts in space.drafts(latents, {"layer": [0, 1, 2, 0, 1]}):
            steps.append(texts)
            assert torch.equal(network(ids), own)
        assert [len(texts[0]) for texts in steps[:6]] == [1, 2, 3, 4, 5, 6]
        assert len({*steps[-1]}) > 1


def test_states_are_relative_to_the_prompt_and_patch_it() -> None:
    network = Letters().eval()
    space: Any = lw.as_space(residual(network, layer=2))
    assert np.abs(space.encode(["abc"])).max() < 1e-5
    texts = ["de", "hgfedcba", "b"]
    # After the last block nothing but the last token's state says what follows it.
    for text, written in zip(texts, space.decode(space.encode(texts)), strict=True):
        [own] = lw.as_space(residual(network, prompt=text)).decode(np.zeros((1, 16)))
        assert written[0] == own[0]
    assert [len(found) for found in space.encode(texts, pool="tokens")] == [2, 8, 1]


@pytest.mark.parametrize("steer", ["last", "generated", "all"])
@pytest.mark.parametrize("cached", [True, False])
def test_it_writes_what_the_space_of_a_transformers_model_does(steer: str, cached: bool) -> None:
    model, words = writer(), tokenizer()

    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, ids: Tensor) -> Any:
            return self.inner(ids).logits

    def generate(ids: Tensor) -> list[str]:
        options = {"max_new_tokens": 8, "do_sample": False, "pad_token_id": 2}
        mask = torch.ones_like(ids)
        made = model.generate(ids, attention_mask=mask, use_cache=cached, **options)
        return [words.decode(row[ids.shape[1] :], skip_special_tokens=True) for row in made]

    def tokenize(text: str) -> list[int]:
        found: list[int] = words(text)["input_ids"]
        return found

    given: dict[str, Any] = {"prompt": PROMPT, "layer": 1, "steer": steer}
    own: Any = lw.as_space(model, tokenizer=words, max_new_tokens=8, **given)
    space: Any = lw.as_space(
        lw.adapters.Residual(Plain(), tokenize=tokenize, generate=generate, **given)
    )
    latents = np.random.default_rng(0).standard_normal((5, 16)) * 20
    under = {"layer": [0, 1, 2, 3, 1], "strength": [1.0, -1.0, 2.0, 0.5, 0.0]}
    found = [text.split() for text in space.decode(latents, under)]
    assert found == [text.split() for text in own.decode(latents, under)]
    texts = ["the dog", "a very big bird"]
    for pool in ("last", "mean"):
        assert np.allclose(space.encode(texts, pool=pool), own.encode(texts, pool=pool), atol=1e-4)


def test_a_text_of_spaces_says_something_where_they_are_tokens() -> None:
    network = Letters().eval()
    space: Any = lw.as_space(
        residual(network, tokenize=lambda text: [max(LETTERS.find(one), 0) for one in text])
    )
    path = space.trajectory(["bc", " ", "d"])
    assert np.allclose(path, space.encode(["bc", "bc\n ", "bc\n \nd"]), atol=1e-5)
    with pytest.raises(lw.LatentValueError, match="message 1 of 2 is empty"):
        space.trajectory(["bc", ""])


def test_what_begins_and_ends_every_text() -> None:
    network = Letters().eval()
    begun: Any = lw.as_space(residual(network, tokenize=lambda text: letters(f"g{text}")))
    both: Any = lw.as_space(residual(network, tokenize=lambda text: letters(f"g{text}h")))
    assert both.words("ab") == [*begun.words("ab"), *map(str, letters("h"))]
    [own], [ended] = (space.encode(["ab"], pool="tokens") for space in (begun, both))
    assert (len(own), len(ended)) == (2, 3), "the first token is none of the text"
    for space in (begun, both):
        with pytest.raises(lw.LatentValueError, match="text 1 of 2 is empty"):
            space.encode(["ab", ""])


def test_conditions_of_ones_own_reach_generate() -> None:
    network = Letters().eval()

    def generate(ids: Tensor, length: Tensor) -> list[str]:
        return ["a" * int(one) for one in length]

    model = residual(network, generate=generate)
    space = lw.as_space(model, conditions={"length": range(1, 9), "strength": (0.0, -1.0, 1.0)})
    assert space.decode(np.zeros((2, 16)), {"length": [3, 5]}) == ["aaa", "aaaaa"]
    assert space.conditions["strength"].default == 0
    with pytest.raises(lw.LatentValueError, match="length"):
        lw.as_space(model)


def test_what_cannot_be_used_is_refused() -> None:
    network = Letters().eval()
    with pytest.raises(lw.LatentValueError, match="not causal"):
        residual(Letters(causal=False))
    flat = nn.Sequential(nn.Embedding(8, 4), nn.Flatten(1))
    given: dict[str, Any] = {"tokenize": letters, "generate": letters, "prompt": "a"}
    with pytest.raises(lw.LatentValueError, match=r"Sequential has no list of blocks.*Residual"):
        lw.adapters.Residual(flat, **given)
    with pytest.raises(lw.LatentTypeError, match="expected a torch module"):
        lw.adapters.Residual(letters, **given)  # type: ignore[arg-type]
    for options, words in (
        ({"blocks": [1]}, "blocks is a list"),
        ({"blocks": [network.embed]}, "block 0, a Embedding"),
        ({"prompt": ""}, "no tokens"),
        ({"prompt": 3}, "prompt is 3"),
        ({"layer": 3}, "layer"),
        ({"tokenize": lambda text: text}, "tokenize gave"),
        ({"tokenize": None}, "tokenize"),
        ({"tokenize": "ab".index, "prompt": "c"}, "tokenize failed for 'c': ValueError: substring"),
        ({"steer": "first"}, "steer"),
    ):
        with pytest.raises((lw.LatentTypeError, lw.LatentValueError), match=words):
            residual(network, **options)
    with pytest.raises(lw.LatentTypeError, match="no option 'token'"):
        lw.adapters.Residual(network, token=letters)  # type: ignore[call-arg]


def test_blocks_can_be_named() -> None:
    network = Letters().eval()
    found = residual(network, blocks=[network.inside[0], network.inside[2]], layer="all")
    space = lw.as_space(found)
    assert space.latent_shape == (2, 16)
    assert space.layers == ("0", "1")


def test_lists_within_blocks_are_not_taken_for_them() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleList([nn.Linear(16, 16) for _ in range(5)])

        def forward(self, x: Tensor) -> tuple[Tensor, None]:
            for part in self.parts:
                x = x + part(x)
            return x, None

    class Outer(Letters):
        def forward(self, ids: Tensor) -> Tensor:
            x = self.embed(ids)
            for block in self.inside:
                x, _ = block(x)
            out: Tensor = self.head(x)
            return out

    network = Outer()
    network.inside = nn.Sequential(Block(), Block())
    found = residual(network)
    assert found.blocks == [*network.inside]
    space = lw.as_space(found)
    texts = space.decode(np.random.default_rng(0).standard_normal((6, 16)) * 99)
    assert len({*texts}) > 1
