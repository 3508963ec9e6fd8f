"""What lines and letters of a figure are drawn in, whatever its ground is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DARK", "GREY", "ink"]

# The letters on a light ground; and the one grey that can be read on white and on black.
DARK, GREY = "#1f2328", "0.46"


def ink(axes: Any) -> str:
    """Give black or white, nearly: what is seen best on the ground of axes, which may be dark.

    Figures follow the style that somebody has set, such as
    ``matplotlib.pyplot.style.use("dark_background")``; without one their ground is white, in a dark
    notebook too. What is behind a ground that can be seen through is not known; it is taken to be
    what the letters of the style are seen on.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        What is drawn into.

    Returns
    -------
    str
        A dark colour, or white: the one with the larger contrast, as WCAG 2.2 defines it.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot(facecolor="white")
    >>> dark = Figure(facecolor="black").add_subplot(facecolor="none")
    >>> ink(axes), ink(dark)
    ('#1f2328', 'white')
    """
    from matplotlib import rcParams
    from matplotlib.colors import to_rgb, to_rgba

    ground = np.full(3, float(_best_on(np.array(to_rgb(rcParams["text.color"]))) == "white"))
    # A part of a figure has no ground of its own; what it is part of has.
    for one in dict.fromkeys((axes.figure.figure, axes.figure, axes)):
        *colour, alpha = to_rgba(one.get_facecolor())
        ground += alpha * (np.array(colour) - ground)
    return _best_on(ground)


def _best_on(ground: NDArray[np.float64]) -> str:
    from matplotlib.colors import to_rgb

    lightness = _lightness(ground) + 0.05
    dark = _lightness(np.array(to_rgb(DARK))) + 0.05
    return "white" if 1.05 / lightness > lightness / dark else DARK


def _lightness(colour: NDArray[np.float64]) -> float:
    """Give the relative luminance, as WCAG 2.2 defines it."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
