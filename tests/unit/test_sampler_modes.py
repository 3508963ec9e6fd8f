"""Samplers of torch modules: the mode of the module in each step, and spaces that are copied."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from torch import Tensor, nn

import latentwidgets as lw


class Net(nn.Module):
    """A network of an image, with dropout and batch norm; it may have itself train."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Dropout())
        self.last = nn.Conv2d(4, 1, 3, padding=1)
        self.seen: list[bool] = []
        self.whole: bool | None = None

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        self.seen += [part.training for part in self.modules()]
        out: Tensor = self.last(self.layers(x * (1 - t[:, None, None, None])))
        if self.whole is not None:
            (self if self.whole else self.layers[2]).train()
        return out


def space_of(net: Net) -> lw.LatentSpace:
    sampler = lw.adapters.Sampler(net, (1, 4, 4), predicts="velocity", schedule="flow", steps=6)
    return lw.as_space(sampler, kind="image", value_range=(-4, 4))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("trains", [True, False])
def test_a_network_that_is_set_to_train_between_two_steps_is_evaluated(
    trains: bool, whole: bool
) -> None:
    net = Net().train(trains)
    space = space_of(net)
    noise = space.sample(2)
    wanted = space.decode(noise)
    net.seen.clear()
    net.whole = whole
    assert np.array_equal(space.decode(noise), wanted)
    assert len(net.seen) == 6 * len([*net.modules()])
    assert not any(net.seen)
    assert net.layers[2].training


def test_after_a_derivative_a_space_can_be_copied_and_drawn() -> None:
    space = space_of(Net())
    noise = space.sample(2)
    wanted = space.decode(noise)
    assert space.derivative(noise[0], noise[:1])[1] == "forward mode"
    same: Any
    for same in (copy.deepcopy(space), pickle.loads(pickle.dumps(space)), space):
        assert np.array_equal(same.decode(noise), wanted)
