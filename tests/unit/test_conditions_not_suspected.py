"""Models of which nothing says that they take a condition: no word of one, and no call for one."""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from latentwidgets import DecodeError, GuessWarning, LatentValueError, as_space

LATENT, PIXELS = 6, 64


class Coder(nn.Module):
    """A plain autoencoder, which counts its calls, and whose encoder samples."""

    def __init__(self, times: int = 2) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.to_code = nn.Sequential(
            nn.Linear(PIXELS, 4), nn.ReLU(), nn.Linear(4, 5), nn.Linear(5, times * LATENT)
        )
        self.to_picture = nn.Sequential(nn.Linear(LATENT, 32), nn.Linear(32, PIXELS), nn.Sigmoid())

    def encode(self, x: Tensor) -> Any:
        self.calls["encode"] += 1
        mean, spread = self.to_code(x.flatten(1)).chunk(2, 1)
        return mean + spread.exp() * torch.randn_like(mean)

    def decode(self, z: Tensor) -> Any:
        pictures = self.to_picture(z).view(-1, 1, 8, 8)
        self.calls["decode"] += 1  # of latents that it takes
        return pictures


class WithTarget(Coder):
    def forward(self, x: Tensor, target: Tensor) -> Any:
        return (self.decode(self.encode(x)) - target).square().mean()


class WithMask(Coder):
    def forward(self, x: Tensor, mask: Tensor) -> Any:
        return self.decode(self.encode(x * mask))


class WithNoise(Coder):
    def forward(self, x: Tensor, eps: Tensor) -> Any:
        return self.decode(self.encode(x) + eps)


class OfPairs(Coder):
    def forward(self, x1: Tensor, x2: Tensor) -> Any:
        return self.decode(self.encode(x1)), self.decode(self.encode(x2))


class WithLengths(Coder):
    def forward(self, x: Tensor, lengths: Tensor) -> Any:
        return self.decode(self.encode(x))


class WithLatent(Coder):
    def forward(self, x: Tensor, z: Tensor) -> Any:
        return self.decode(self.encode(x)), self.decode(z)


class WithClasses(Coder):
    """Which are for its loss alone."""

    def forward(self, x: Tensor, y: Tensor) -> Any:
        return self.decode(self.encode(x)), y


class Masked(Coder):
    """An encoder that does not take pictures alone, though by no condition."""

    def encode(self, x: Tensor, mask: Tensor) -> Any:  # type: ignore[override]
        return super().encode(x * mask)

    def forward(self, x: Tensor, mask: Tensor) -> Any:
        return self.decode(self.encode(x, mask))


KINDS = [WithTarget, WithMask, WithNoise, OfPairs, WithLengths, WithLatent, WithClasses, Masked]


@pytest.mark.parametrize("make", KINDS)
def test_a_plain_autoencoder_is_neither_doubted_nor_called_for_a_condition(make: Any) -> None:
    plain, model = Coder(), make()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert as_space(plain).latent_shape == as_space(model).latent_shape == (LATENT,)
    assert model.calls["decode"] == plain.calls["decode"] == 1
    assert model.calls["encode"] == plain.calls["encode"] * (make is not Masked)


class Joined(Coder):
    """Takes a class beside pictures, and decodes it in one row with the latent."""

    def __init__(self) -> None:
        super().__init__()
        self.to_code = nn.Sequential(nn.Linear(PIXELS + 2, 3), nn.ReLU(), nn.Linear(3, 8))

    def encode(self, x: Tensor, y: Tensor) -> Any:  # type: ignore[override]
        self.calls["encode"] += 1
        mean, spread = self.to_code(torch.cat([x.flatten(1), y], 1)).chunk(2, 1)
        return mean + spread.exp() * torch.randn_like(mean)

    def forward(self, x: Tensor, y: Tensor) -> Any:
        return self.decode(torch.cat([self.encode(x, y), y], 1))


def test_a_suspicion_decodes_no_more_and_leaves_the_generator_as_it_was() -> None:
    model = Joined()
    before = torch.random.get_rng_state()
    with pytest.warns(GuessWarning, match=r"takes 'y' beside 'x'.*one_hot\(y, 2\).*encode=lambda"):
        as_space(model)
    assert model.calls["decode"] == 1
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("name", ["z", "x", "way", "model", "torch"])
def test_a_condition_may_be_called_like_anything_in_the_lines_that_are_shown(name: str) -> None:
    """Where a line would not run, none is shown, and what really went wrong is."""
    with pytest.raises(LatentValueError, match=f"decode takes (no )?'{name}'") as no:
        as_space(Coder(), conditions={name: range(2)})
    lines = [part.split(". Pass")[0] for part in str(no.value).split("decode=")[1:]]
    for line in lines:
        compile(line.rstrip("."), "", "eval")
        assert name == "way"
    assert bool(lines) == (name == "way")


def test_a_property_that_raises_breaks_nothing() -> None:
    class Lazy(Coder):
        @property
        def decoder(self) -> Any:
            raise OSError("the weights are gone")

        @property
        def encoder(self) -> Any:
            raise OSError("the weights are gone")

    model = Lazy()
    space = as_space(model, decode=model.to_picture, latent_shape=LATENT)
    assert space.decode(np.zeros((1, LATENT))).shape[0] == 1
    assert as_space(Lazy()).latent_shape == (LATENT,)


def test_what_a_refusal_tries_waits_for_the_model() -> None:
    """Another thread may be decoding with it, and holds its lock."""

    class Slow(Coder):
        def __init__(self) -> None:
            super().__init__()
            self.inside, self.let_go, self.together = threading.Event(), threading.Event(), 0
            self.now, self.wait = 0, False

        def decode(self, z: Tensor) -> Any:
            self.now += 1
            self.together = max(self.together, self.now)
            if self.wait:
                self.wait = False
                self.inside.set()
                self.let_go.wait(10)
            try:
                return super().decode(z)
            finally:
                self.now -= 1

    model = Slow()
    space = as_space(model)
    model.wait = True
    decoding = threading.Thread(target=space.decode, args=(np.zeros((1, LATENT)),))
    decoding.start()
    assert model.inside.wait(10)
    threading.Timer(0.3, model.let_go.set).start()
    with pytest.raises(LatentValueError, match="takes no 'kind'.*It takes kind in one row"):
        as_space(model, conditions={"kind": range(2)}, latent_shape=LATENT - 2)
    decoding.join()
    assert model.together == 1


def test_of_a_given_latent_shape_no_other_is_tried() -> None:
    model = Coder()
    with pytest.raises(LatentValueError, match="takes no 'kind'") as no:
        as_space(model, conditions={"kind": range(2)}, latent_shape=LATENT)
    assert "Pass latent_shape" not in str(no.value)
    assert not model.calls


def test_advice_is_found_for_a_model_that_takes_so_many_at_a_time() -> None:
    class Fours(Coder):
        def decode(self, z: Tensor, y: Tensor) -> Any:  # type: ignore[override]
            if len(z) != 4:
                raise ValueError("four, please")
            return super().decode(torch.cat([z, y], 1))

    model, given = Fours(), {"y": range(2)}
    with pytest.raises(LatentValueError, match=r"Pass latent_shape=\(4,\), decode=lambda z, y"):
        as_space(model, conditions=given, batch_size=4)
    assert model.calls["decode"] == 1


def test_only_of_our_own_caller_it_is_asked_what_it_is_called() -> None:
    class Mine:
        called = 17

        def decode(self, z: Any, y: Any) -> Any:
            raise ValueError("one-hot, please")

    space = as_space(Mine().decode, latent_shape=2, conditions={"y": range(3)})
    with pytest.raises(DecodeError, match=r"decode=lambda z, y: model\.decode\(z"):
        space.decode(np.zeros((1, 2)))
