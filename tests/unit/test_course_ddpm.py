"""A DDPM written by hand, as in a course, and what the README makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from torch import nn

import latentwidgets as lw

STEPS = 200
BETAS = torch.linspace(1e-4, 0.05, STEPS)
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


class Net(nn.Module):
    """Predicts the noise in digits of 8 x 8; label 10 stands for no class."""

    def __init__(self) -> None:
        super().__init__()
        self.time, self.label = nn.Embedding(STEPS, 128), nn.Embedding(11, 128)
        self.first, self.last = nn.Linear(64, 256), nn.Linear(256, 64)
        self.middle = nn.Sequential(nn.SiLU(), nn.Linear(256, 256), nn.SiLU())
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Any, t: Any, y: Any) -> Any:
        known = torch.cat([self.time(t), self.label(y)], dim=1)
        hidden = self.middle(self.first(x.flatten(1)) + known)
        return self.last(self.dropout(hidden)).reshape(x.shape)


@pytest.fixture(scope="module")
def course() -> tuple[Net, Any, Any]:
    digits = load_digits()
    images = torch.from_numpy(digits.images / 8 - 1).float()[:, None]
    labels = torch.from_numpy(digits.target)
    kept = torch.cumprod(1 - BETAS, 0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = Net()
        optimizer = torch.optim.Adam(net.parameters(), 2e-3)
        for _ in range(2000):
            rows = torch.randint(len(images), (128,))
            t, noise = torch.randint(STEPS, (128,)), torch.randn(128, 1, 8, 8)
            level = kept[t].reshape(-1, 1, 1, 1)
            x = level.sqrt() * images[rows] + (1 - level).sqrt() * noise
            y = torch.where(torch.rand(128) < 0.15, 10, labels[rows])
            loss = (net(x, t, y) - noise).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net, digits.images, digits.target


@pytest.mark.slow
def test_course_code_becomes_a_space_of_noise(course: Any) -> None:
    net, images, labels = course
    sampler = lw.adapters.Sampler(
        lambda x, t, label: net(x, t.long(), label),
        (1, 8, 8),
        predicts="noise",
        schedule=BETAS,
        classes=NAMES,
        null=10,
    )
    space = lw.as_space(sampler, value_range=(-1, 1))
    judge = KNeighborsClassifier(5).fit(images.reshape(-1, 64), labels)
    wanted = np.repeat(np.arange(10), 8)
    right = {}
    for guidance in (0, 1, 3):
        under = {"class": wanted, "guidance": guidance}
        drawn = space.decode(space.sample(80), under).reshape(80, 64) / 255 * 16
        right[guidance] = (judge.predict(drawn) == wanted).mean()
    assert right[0] < 0.3, "without a class by chance: one in ten"
    assert right[1] > 0.4
    assert right[3] > 0.75

    real, classes = images[:20, :, :, None] / 16, labels[:20]
    noise = space.encode((real * 255).astype(np.uint8), {"class": classes})
    assert noise.std() == pytest.approx(1, abs=0.25)
    assert sampler.reconstruction_error is not None
    assert sampler.reconstruction_error.mean() < 0.05

    walk = lw.Interpolator(space, space.sample(5), method="gaussian", conditions={"class": "two"})
    assert walk.image().size == (8, 8)
    grid = lw.LatentGrid.table(space, space.sample(2), "guidance")
    assert grid.figure() is not None
    assert net.training, "the network is left as it was"
