"""What lines and letters of a figure are drawn in, whatever its ground is."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["DARK", "GREY", "ink"]

# The letters on a light ground; and the one grey that can be read on white and on black.
DARK, GREY = "#1f2328", "0.46"


def ink(axes: Any) -> str:
    """Give the colour that is seen best on the ground of axes, which a style may have made dark.

    Figures follow the style that somebody has set, such as
    ``matplotlib.pyplot.style.use("dark_background")``; without one their ground is white, in a dark
    notebook too.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        What is drawn into.

    Returns
    -------
    str
        A dark colour, or white.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot(facecolor="white")
    >>> dark = Figure(facecolor="black").add_subplot(facecolor="none")
    >>> ink(axes), ink(dark)
    ('#1f2328', 'white')
    """
    from matplotlib.colors import to_rgba

    ground = np.ones(3)
    for one in (axes.figure, axes):
        *colour, alpha = to_rgba(one.get_facecolor())
        ground += alpha * (np.array(colour) - ground)
    return "white" if ground @ (0.3, 0.6, 0.1) < 0.5 else DARK
