"""Single points of a map stand out from its ground, in a light theme and in a dark one."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.map_view import MapView
from tests.browser.notebook import until

pytest.importorskip("jscatter", reason="needs the extra map")

# Latents in rows and columns, so that no point lies on another: of 20 classes, and without a label.
SETUP = """
import numpy as np
import latentwidgets as lw

space = lw.LatentSpace(lambda z: z[:, :1, np.newaxis] * np.ones((8, 8)), 2, value_range=(0, 60))

def map_of(count):
    side = int(np.ceil(count**0.5))
    latents = np.stack([np.arange(count) % side, np.arange(count) // side], axis=1)
    names = [f"class {i % 21}" if i % 21 < 20 else None for i in range(count)]
    chart = lw.LatentMap(space, latents, np.array(names, object), projection=latents.astype(float))
    chart.layout.width = "400px"
    return chart
"""
PLACES = """(box) => {
    const { api } = [...box.querySelectorAll('div')].find((one) => one.api);
    const [x, y] = [api.get('xScale'), api.get('yScale')];
    return Array.from(api.get('points')).map((point) => [x(point[0]), y(point[1]), point[2]]);
}"""
# The ring of the current point covers what is nearer than this, in CSS pixels.
RING = 14


def contrasts(view: MapView) -> dict[int, float]:
    """The contrast to the ground of the middle of points of each colour: the median."""
    with PIL.Image.open(io.BytesIO(view.overlay.screenshot())) as shot:
        pixels = np.asarray(shot.convert("RGB"))
    shares = pixels / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    light = linear @ [0.2126, 0.7152, 0.0722]
    colors, counts = np.unique(light, return_counts=True)
    ground = colors[counts.argmax()]
    found: dict[int, list[float]] = {}
    spot = view.drawn("spot")
    for x, y, code in view.ground.evaluate(PLACES):
        if np.hypot(x - spot[0], y - spot[1]) > RING:
            own = light[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2]
            ratios = (np.maximum(own, ground) + 0.05) / (np.minimum(own, ground) + 0.05)
            found.setdefault(code, []).append(float(ratios.max()))
    return {code: float(np.median(ratios)) for code, ratios in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("count", [30, 300, 3000])
def test_a_point_of_any_colour_is_seen_in_both_themes(
    open_notebook: OpenNotebook, count: int
) -> None:
    notebook = open_notebook([SETUP, f"map_of({count})"])
    notebook.run(0)
    notebook.run(1)
    view = MapView(notebook)
    for theme in ("light", "dark"):
        notebook.set_theme(theme)

        def stand_out() -> None:
            ratios = contrasts(view)
            assert len(ratios) == 21
            assert min(ratios.values()) >= 3, ratios

        until(stand_out)
