"""Pictures of outputs that are no images, for files and figures."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from .layout import grid

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["plot"]

# Pixels across, twice as many as on the page, and how many of them are an inch.
WIDTH = 576
DPI = 144


def plot(outputs: Any, draw: Callable[[Any, Any], None], *, aspect: float) -> Image.Image:
    """Draw outputs with matplotlib, several as tiles.

    Parameters
    ----------
    outputs : sequence
        What to draw.
    draw : callable
        Draws one of them into Axes: ``draw(axes, output)``.
    aspect : float
        Width over height of a tile.

    Returns
    -------
    PIL.Image.Image
        In mode "RGB".
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = grid(len(outputs))
    width, height = WIDTH / DPI, WIDTH / DPI * rows / columns / aspect
    figure = Figure((width, height), dpi=DPI, facecolor="white", layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False).flat
    for i, one in enumerate(axes):
        if i < len(outputs):
            draw(one, outputs[i])
        else:
            one.set_axis_off()
        if len(outputs) > 1:  # no room for numbers
            one.set(xticks=[], yticks=[], xlabel="")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a font that lacks a letter draws a box, and says so
        canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())
