"""What is right for the parameters of functions about language models."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

import latentwidgets as lw

WORDS = "abc"


class Network(nn.Module):
    """Two blocks, a letter a token: it writes the letter that the last state is most like."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(3, 3)
        self.blocks = nn.ModuleList([nn.Identity(), nn.Identity()])
        self.embed.weight.data = torch.eye(3)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        state: torch.Tensor = self.embed(ids)
        for block in self.blocks:
            state = block(state)
        return state


@functools.cache
def network() -> Network:
    """Give the network that `Residual` is made of."""
    return Network()


def tokenize(text: str) -> list[int]:
    return [WORDS.index(letter) for letter in text]


def generate(ids: torch.Tensor) -> list[str]:
    return [WORDS[i] for i in network()(ids)[:, -1].argmax(-1)]


@functools.cache
def space() -> Any:
    """Make the space of a small language model."""
    return lw.demo.stories().space


def _of(*values: Any) -> Callable[[Any, Any], Any]:
    return lambda _, rng: rng.choice(values)


def _sae(_: Any, __: Any) -> Path:
    """Write the weights of a sparse autoencoder."""
    path = Path("sae.safetensors")
    save_file({"W_dec": np.eye(6, 6, dtype=np.float32)[:4], "W_enc": np.eye(6, 4)}, path)
    return path


def _stories(_: Any, __: Any) -> list[str]:
    return lw.demo.stories().texts[:20]


RIGHT: dict[str, Callable[[Any, Any], Any]] = {
    "Residual.module": lambda *_: network(),
    "Residual.tokenize": _of(tokenize),
    "Residual.generate": _of(generate),
    "Residual.prompt": _of("ab", "c"),
    "Residual.layer": _of(0, 1, [0, 1], "all"),
    "Residual.blocks": lambda *_: network().blocks,
    "Residual.steer": _of("last", "generated", "all"),
    "Tokens.pairs": _of([("a", 1.0), (" b", None)], [["a", 2]], ()),
    "label": _of("surprise", ""),
    "text": _of("It felt sad.", "One day a cat walked on the farm. It smiled."),
    "token_changes.other": _of("It felt happy.", ""),
    **{
        f"{name}.{parameter}": right
        for name in ("token_map", "token_readings")
        for parameter, right in {
            "space": lambda *_: space(),
            "directions": lambda *_: lw.Direction("first number", np.eye(128)[0]),
            "conditions": _of(None, {"layer": 2}),
        }.items()
    },
    "token_damage.space": lambda *_: space(),
    "token_damage.latents": _of(np.zeros((1, 128)), np.eye(128)[:2]),
    "token_damage.conditions": _of(None, {"layer": 2, "strength": -1.0}),
    "measure": _of("divergence", "surprise"),
    "layer_scores.space": lambda *_: space(),
    "layer_scores.texts": _stories,
    "layer_scores.labels": lambda *_: {"mood": lw.demo.stories().truth["mood"][:20]},
    "pool": _of("last", "mean"),
    "control_vector_directions.source": _of({0: np.eye(6)[0], 3: np.eye(6)[1]}),
    "together": _of(True, False),
    "sae_directions.path": _sae,
    "sae_directions.features": _of([0, 1], {0: "first"}),
    "sae_directions.key": _of(None, "W_dec"),
    "sae_directions.width": _of(None, 6),
}
