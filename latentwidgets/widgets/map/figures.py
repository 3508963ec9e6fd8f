"""A map as a matplotlib figure, for a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.frames.ink import ink
from latentwidgets.kinds.shared.figure import blank, finished

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from latentwidgets.widgets.map.coloring import Coloring

__all__ = ["figure"]

INCHES, FONT_POINTS = 3.4, 8  # a column of most papers
# Points are this large at most, in points of paper, and smaller where there are many.
LARGEST, LEAST = 12.0, 0.5


def figure(self: Any) -> Figure:
    """Draw all points in their colours, with what these mean, and a ring where the person is.

    Classes have a legend, numbers and the density a colour bar. As on the map, the lowest and the
    highest hundredth of the numbers share the colours of its ends. While something is fitted in the
    background, it is what the map shows until then.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for ``savefig``. Points are drawn as pixels, at 300 a inch, text stays text.

    Raises
    ------
    LatentValueError
        If the map is closed.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> chart = lw.LatentMap(digits.space, digits.latents, digits.labels)
    >>> [one.get_text() for one in chart.figure().axes[0].get_legend().get_texts()][:3]
    ['0', '1', '2']
    """
    plane = self._own_route()  # a closed map has none, and says so
    coloring, points = self._own_parts().points.coloring, plane.projection.points
    drawn, axes = blank(dpi=300)
    width = INCHES
    size = float(np.clip(6000 / len(points), LEAST, LARGEST))
    colors = np.array(coloring.colors)[coloring.codes]
    axes.scatter(points[:, 0], points[:, 1], s=size, c=colors, linewidths=0, rasterized=True)
    if plane.here is not None:
        (_, x, y), _ = plane.here
        axes.scatter([x], [y], s=40, facecolors="none", edgecolors=ink(axes), linewidths=1.2)
    axes.set_aspect("equal")
    axes.tick_params(labelsize=FONT_POINTS - 1)
    names = plane.projection.axes
    if names:
        axes.set_xlabel(_plain(names[0]), fontsize=FONT_POINTS)
        axes.set_ylabel(_plain(names[1]), fontsize=FONT_POINTS)
    else:  # they mean nothing
        axes.set_xticks([])
        axes.set_yticks([])
    entries = coloring.legend.get("entries", ())
    title = _plain(coloring.by)
    if "low" in coloring.legend:
        width = INCHES + 0.6
        _add_bar(drawn, axes, coloring, title)
    handles = [
        axes.scatter([], [], s=LARGEST, c=[one["color"]], label=_plain(one["name"]))
        for one in entries
    ]
    if handles:
        width = INCHES + 1.2
        axes.legend(
            handles=handles,
            title=title,
            fontsize=FONT_POINTS - 1,
            title_fontsize=FONT_POINTS,
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
            frameon=False,
        )
    done: Figure = finished(drawn, width, INCHES)
    return done


def _add_bar(drawn: Figure, axes: Any, coloring: Coloring, title: str) -> None:
    """Add what the colours of amounts mean, and how many points have none."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    *shades, grey = coloring.colors
    words = [] if coloring.ends else [coloring.legend["low"], coloring.legend["high"]]
    low, high = coloring.ends or (0.0, 1.0)
    one = low == high  # all points have the first colour
    scale = Normalize(low, low + (abs(low) or 1.0) if one else high)
    bar: Any = drawn.colorbar(
        ScalarMappable(scale, ListedColormap(shades)),
        ax=axes,
        extend="neither" if words or one else "both",
        shrink=0.8,
    )
    bar.solids.set_edgecolor("face")  # else some viewers draw lines between the shades
    bar.outline.set_linewidth(0.5)
    if words or one:
        bar.set_ticks([low] if one else [low, high], labels=words or [f"{low:g}"])
    else:
        bar.formatter.set_useOffset(False)  # else 1000.02 is written as 0.02, and +1e3 above
    bar.ax.yaxis.get_offset_text().set_fontsize(FONT_POINTS - 1)
    bar.ax.tick_params(labelsize=FONT_POINTS - 1)
    bar.set_label(title, fontsize=FONT_POINTS)
    if note := coloring.legend.get("note"):
        axes.scatter([], [], s=LARGEST, c=[grey], label=_plain(note))
        axes.legend(
            fontsize=FONT_POINTS - 1,
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            frameon=False,
        )


def _plain(name: str) -> str:
    """Write a name so that matplotlib takes it for no formula."""
    return name.replace("$", r"\$")
