"""What the colours of a map mean, drawn beside a picture of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import PIL.Image
import PIL.ImageDraw

from latentwidgets.export.captions import fitted, letters_of
from latentwidgets.export.picture import Still
from latentwidgets.frames import as_png
from latentwidgets.widgets.map.thumbnail import thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.routes.map_plane import MapPlane
    from latentwidgets.widgets.map.coloring import Coloring

__all__ = ["still_of_map", "with_legend"]

# In pixels: of letters, of a line of them, of a patch of colour, between two things.
LETTERS, LINE, PATCH, GAP = 12, 20, 10, 12
# How wide a legend is at most, and how high a scale is.
WIDEST, SCALE = 220, 160
# The radius of the ring around the current point.
RING = 7
# Can be read on white and on black.
INK = (118, 122, 128, 255)


def still_of_map(plane: MapPlane, coloring: Coloring, map_: Any) -> Still:
    """Draw the points of a map and what their colours mean, with a ring around the current one."""
    side, places = int(map_.height), plane.places()
    with PIL.Image.open(io.BytesIO(thumbnail(places, coloring, side))) as drawn:
        points = drawn.convert("RGBA")
    if map_.index is not None:
        x, y = ((places[map_.index] * [1, -1] + 1) / 2 * side).tolist()
        pen = PIL.ImageDraw.Draw(points)
        pen.ellipse((x - RING, y - RING, x + RING, y + RING), outline=INK, width=2)
    whole = with_legend(points, coloring, coloring.by)
    return Still(as_png(whole), whole.width, f"LatentMap of {len(places):,} latents")


def with_legend(points: PIL.Image.Image, coloring: Coloring, title: str) -> PIL.Image.Image:
    """Draw what colours mean on the right of a picture of points.

    Parameters
    ----------
    points : PIL.Image.Image
        In mode "RGBA".
    coloring : Coloring
        Their colours.
    title : str
        What they are coloured by.

    Returns
    -------
    PIL.Image.Image
        As high, with a transparent ground. Entries for which there is no room are counted.

    Examples
    --------
    >>> import numpy as np
    >>> from latentwidgets.widgets.map.coloring import by_values
    >>> colored = by_values(np.array(["cat", "dog"], object))
    >>> whole = with_legend(PIL.Image.new("RGBA", (200, 200)), colored, "animal")
    >>> whole.height, whole.width > 200
    (200, True)
    """
    font = letters_of(LETTERS)
    legend = coloring.legend
    lines = (
        _scale(coloring, points.height) if "low" in legend else _entries(coloring, points.height)
    )
    given = (title, *(text for text, _ in lines), legend.get("note", ""))
    texts = [fitted(text, font, WIDEST - PATCH - GAP) for text in given]
    wide = PATCH + GAP + max((int(font.getlength(text)) for text in texts), default=0) + 1
    whole = PIL.Image.new("RGBA", (points.width + GAP + wide, points.height))
    whole.paste(points, (0, 0))
    pen, left, top = PIL.ImageDraw.Draw(whole), points.width + GAP, 2
    if texts[0]:
        pen.text((left, top), texts[0], fill=INK, font=font)
        top += LINE
    for text, (_, patch) in zip(texts[1:-1], lines, strict=True):
        top += patch(pen, left, top)
        pen.text((left + PATCH + 6, top), text, fill=INK, font=font)
        top += LINE
    if texts[-1]:
        pen.text((left, top + 4), texts[-1], fill=INK, font=font)
    return whole


def _entries(coloring: Coloring, height: int) -> list[tuple[str, Callable[..., int]]]:
    """Give a line for each class that there is room for.

    With each comes what draws beside it, and says how much lower its text stands.
    """
    entries = coloring.legend.get("entries", ())
    room = max(1, height // LINE - 2)
    shown = entries if len(entries) <= room else entries[: room - 1]

    def square(color: str) -> Callable[..., int]:
        def draw(pen: PIL.ImageDraw.ImageDraw, left: int, top: int) -> int:
            pen.ellipse((left, top + 2, left + PATCH, top + 2 + PATCH), fill=color)
            return 0

        return draw

    lines = [(f"{one['name']}  {one['count']:,}", square(one["color"])) for one in shown]
    if len(shown) < len(entries):
        lines.append((f"and {len(entries) - len(shown)} more", lambda *_: 0))
    return lines


def _scale(coloring: Coloring, height: int) -> list[tuple[str, Callable[..., int]]]:
    """Give a line for each end of a scale, which leaves room for a title and a note."""
    shades, long = coloring.colors[:-1], max(2 * LINE, min(SCALE, height - 3 * LINE))

    def draw(pen: PIL.ImageDraw.ImageDraw, left: int, top: int) -> int:
        for down in range(long):
            color = shades[round((long - 1 - down) / (long - 1) * (len(shades) - 1))]
            pen.line((left, top + down, left + PATCH, top + down), fill=color)
        return 0

    return [
        (coloring.legend["high"], draw),
        (coloring.legend["low"], lambda *_: long - 2 * LINE),
    ]
