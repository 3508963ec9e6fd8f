"""Sprites drawn to known truth, as those of dSprites: one white shape on black."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE = 64
# Shapes are drawn so many times as large, and made smaller then.
FINER = 4
# Positions from 0 to 1 cover the middle half of the picture.
FIRST, REACH = 16.0, 32.0


def outline(shape: int) -> NDArray[np.float64]:
    """Give the outline of a square, an ellipse or a heart, in pixels at scale 1."""
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    if shape == 0:
        return 8.5 * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    if shape == 1:
        return np.stack([7.0 * np.cos(angle), 11.0 * np.sin(angle)], axis=1)
    x = 16 * np.sin(angle) ** 3
    y = 13 * np.cos(angle) - 5 * np.cos(2 * angle) - 2 * np.cos(3 * angle) - np.cos(4 * angle)
    return 0.72 * np.stack([x, -y], axis=1)


def draw_sprites(n: int, seed: int) -> tuple[NDArray[np.uint8], dict[str, NDArray[Any]]]:
    """Draw sprites, uint8 ``(n, 64, 64)``, with their shape, scale, rotation and position."""
    rng = np.random.default_rng(seed)
    truth = {
        "shape": rng.integers(3, size=n),
        "scale": rng.uniform(0.5, 1.0, n),
        "rotation": rng.uniform(0, 2 * np.pi, n),
        "x": rng.uniform(0, 1, n),
        "y": rng.uniform(0, 1, n),
    }
    pictures = np.empty((n, SIDE, SIDE), np.uint8)
    for i in range(n):
        turn = truth["rotation"][i]
        rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        centre = FIRST + REACH * np.array([truth["x"][i], truth["y"][i]])
        points = truth["scale"][i] * outline(truth["shape"][i]) @ rotation + centre
        large = Image.new("L", (FINER * SIDE, FINER * SIDE))
        ImageDraw.Draw(large).polygon([tuple(point) for point in FINER * points], fill=255)
        pictures[i] = np.asarray(large.resize((SIDE, SIDE), Image.Resampling.BOX)) > 127
    return 255 * pictures, truth


def centres_and_sizes(
    images: NDArray[np.uint8],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give x and y of the centre of each shape, and the square root of its area, in pixels."""
    light = images.reshape(len(images), SIDE, SIDE) / 255.0
    area = light.sum(axis=(1, 2))
    place = np.arange(SIDE)
    x = (light.sum(axis=1) * place).sum(axis=1) / area
    y = (light.sum(axis=2) * place).sum(axis=1) / area
    return x, y, np.sqrt(area)
