"""Drawing outputs with matplotlib, for files and figures: as pixels, or as lines and letters."""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PIL import Image

from latentwidgets.frames.encode import as_png, to_pil
from latentwidgets.frames.ink import GREY
from latentwidgets.frames.tiles import Tiling, grid, tiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.frames.frame import Frame

__all__ = ["PixelPlotter", "Plotter", "draw_lines", "label"]

# The width of a drawn picture in pixels, twice its width on the page, and pixels per inch.
WIDTH = 576
DPI = 144
# The least width of a tile in pixels, and the longest side of a picture that matplotlib can draw.
LEAST_TILE = 192
MOST_SIDE = 32_000
# The width of a tile in the units of the axes that it is drawn into.
UNITS = 300
# A line of more points than this is cut into stretches, and of each stretch only the least and the
# greatest value are drawn: no more could be seen.
MOST_POINTS = 600
# The grey of the line at 0.
QUIET = "0.75"


class PixelPlotter(ABC):
    """Draws outputs that are made of pixels, as they are: one pixel of an output, one square."""

    # The width of a tile in a figure in inches: ten of them fill a page.
    inches: ClassVar[float] = 0.7

    @abstractmethod
    def pixels(self, outputs: Any) -> NDArray[np.uint8]:
        """Give the pixels of outputs of one size, ``(n, height, width, channels)``."""

    def tiles(self, outputs: Any, columns: int | None = None) -> Image.Image:
        """Put outputs side by side into one picture, so many in a row, or four at most."""
        return to_pil(tiled(self.pixels(outputs), columns))

    def plot(
        self, axes: Any, outputs: Any, columns: int, *, points: float, below: float = 0
    ) -> Tiling:
        """Draw outputs as tiles, and say where they lie.

        Parameters
        ----------
        axes : matplotlib.axes.Axes
            Empty.
        outputs : sequence
            One a tile, row by row.
        columns : int
            How many stand side by side.
        points : float
            How wide a tile is on paper, in points. Pixels look the same at any width.
        below : float
            How much room there is under each tile, as a share of its width.
        """
        pixels = self.pixels(outputs)
        count, height, width, channels = pixels.shape
        tiling = Tiling(count, columns, width, height, math.ceil(width * below))
        picture = tiled(pixels, columns, below=tiling.below)
        axes.imshow(
            picture[..., 0] if channels == 1 else picture,
            cmap="gray" if channels == 1 else None,
            vmin=0,
            vmax=255,
            interpolation="none",
            extent=(0, tiling.size[0], tiling.size[1], 0),
        )
        return tiling


class Plotter(ABC):
    """Draws outputs as lines and letters: all tiles into one pair of axes, which is fast."""

    # The width of a tile over its height, and its width in a figure in inches.
    aspect: ClassVar[float]
    inches: ClassVar[float] = 0.9

    @abstractmethod
    def draw(self, axes: Any, outputs: Any, tiling: Tiling, *, points: float) -> None:
        """Draw outputs, each into its tile, which is so many points wide on paper."""

    @abstractmethod
    def outputs(self, frame: Frame) -> Any:
        """Read what a frame shows."""

    def plot(
        self, axes: Any, outputs: Any, columns: int, *, points: float, below: float = 0
    ) -> Tiling:
        """Draw outputs as tiles, and say where they lie.

        Parameters
        ----------
        axes : matplotlib.axes.Axes
            Empty.
        outputs : sequence
            One a tile, row by row.
        columns : int
            How many stand side by side.
        points : float
            How wide a tile is on paper, in points.
        below : float
            How much room there is under each tile, as a share of its width.
        """
        room = round(UNITS * below)
        tiling = Tiling(len(outputs), columns, UNITS, round(UNITS / self.aspect), room)
        across, down = tiling.size
        axes.set(xlim=(0, across), ylim=(down, 0), aspect="equal")
        edge = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0], [np.nan, np.nan]])
        edges = tiling.corners[:, np.newaxis] + edge * (tiling.width, tiling.height)
        axes.plot(*edges.reshape(-1, 2).T, color="0.6", linewidth=0.5, clip_on=False)
        self.draw(axes, outputs, tiling, points=points)
        return tiling

    def picture(self, outputs: Any, columns: int | None = None) -> Image.Image:
        """Draw outputs as tiles of one picture.

        Parameters
        ----------
        outputs : sequence
            At least one.
        columns : int, optional
            How many stand side by side; four at most if None.

        Returns
        -------
        PIL.Image.Image
            In mode "RGB".
        """
        from matplotlib import rcParamsDefault
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        columns = columns or grid(len(outputs))[1]
        rows = math.ceil(len(outputs) / columns)
        width = max(WIDTH // columns, LEAST_TILE)
        width = min(width, MOST_SIDE // columns, int(MOST_SIDE / rows * self.aspect))
        size = width * columns, round(width * rows / self.aspect)
        figure = Figure((size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor="white")
        canvas: Any = FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), facecolor="white")
        axes.set_axis_off()
        axes.set_prop_cycle(rcParamsDefault["axes.prop_cycle"])  # a style may be for a dark ground
        self.plot(axes, outputs, columns, points=width * 72 / DPI)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a font that lacks a letter draws a box, and says so
            canvas.draw()
        return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())

    def png(self, frame: Frame) -> bytes:
        """Draw what a frame shows, as PNG."""
        return as_png(self.picture(self.outputs(frame)))


def draw_lines(
    axes: Any,
    lines: NDArray[np.float32],
    tiling: Tiling,
    limits: tuple[float, float],
    *,
    points: float,
    apart: bool = False,
) -> None:
    """Draw lines into tiles.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        With limits that fit the tiling.
    lines : ndarray of float32, shape (tiles, channels, points)
        Their values.
    tiling : Tiling
        Where the tiles are.
    limits : tuple of float
        The values at the bottom and at the top. What leaves them is not drawn.
    points : float
        How wide a tile is on paper, in points.
    apart : bool
        Whether each channel has a band of its own, one above the other.
    """
    low, high = limits
    thin, thick = min(1.0, points / 140), min(1.4, points / 80)
    bands = lines.shape[1] if apart else 1
    height = tiling.height / bands

    def draw(values: NDArray[np.float32], band: int, **style: Any) -> None:
        # One line through all tiles, with NaN where it is to be interrupted between two of them:
        # much faster than a line for each.
        values = np.pad(_within(values, low, high), ((0, 0), (0, 1)), constant_values=np.nan)
        x = np.linspace(0, 1, values.shape[1] - 1)
        left, top = tiling.corners.T[..., np.newaxis]
        across = left + np.append(x, np.nan) * tiling.width
        down = top + (band + (high - values) / (high - low)) * height
        axes.plot(across.ravel(), down.ravel(), **style)

    if low < 0 < high:
        for band in range(bands):
            draw(np.zeros((len(lines), 2), np.float32), band, color=QUIET, linewidth=0.5)
    for channel in range(lines.shape[1]):
        band = channel if apart else 0
        draw(_thinned(lines[:, channel]), band, linewidth=thin if apart else thick)


def label(axes: Any, text: str, x: float, y: float) -> None:
    """Write a few small letters into a corner of a picture that has one tile alone.

    The corner is at the left where `x` is 0 and at the top where `y` is 0.
    """
    axes.annotate(
        text.replace("-", "−"),
        (x, y),
        (-4 if x else 4, 4 if y else -4),
        textcoords="offset points",
        ha="right" if x else "left",
        va="bottom" if y else "top",
        fontsize=8,
        color=GREY,
    )


def _within(lines: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """Cut lines off where they leave a range.

    A point outside that has a neighbour inside is moved to the border, so that the line reaches it.
    One whose neighbours are outside too becomes NaN, which is not drawn.

    Examples
    --------
    >>> _within(np.float32([[0, 0.5, 3, 4, 5, 0]]), 0, 1)[0].tolist()
    [0.0, 0.5, 1.0, nan, 1.0, 0.0]
    """
    outside = (lines < low) | (lines > high)
    beside = np.pad(outside, ((0, 0), (1, 1)), constant_values=True)
    hidden = outside & beside[:, :-2] & beside[:, 2:]
    return np.where(hidden, np.float32(np.nan), lines.clip(low, high))


def _thinned(lines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Keep only the least and the greatest value of each stretch of very long lines.

    Lines are ``(lines, points)``. Those that are short enough stay as they are.

    Examples
    --------
    >>> _thinned(np.arange(12000, dtype=np.float32)[np.newaxis])[0, :4].tolist()
    [0.0, 39.0, 40.0, 79.0]
    """
    step = math.ceil(2 * lines.shape[1] / MOST_POINTS)
    if lines.shape[1] <= MOST_POINTS:
        return lines
    missing = -lines.shape[1] % step
    stretches = np.pad(lines, ((0, 0), (0, missing)), mode="edge").reshape(len(lines), -1, step)
    ends = np.stack([stretches.min(axis=2), stretches.max(axis=2)], axis=2)
    return ends.reshape(len(lines), -1)
