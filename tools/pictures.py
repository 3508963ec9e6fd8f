"""Draw the pictures of README.md: the gallery, and a film of the explorer under a hand.

The code that stands below each picture in README.md is run in a real JupyterLab, and what it shows
is what the picture becomes. Run `python tools/pictures.py` when a widget looks different; names of
pictures draw only these.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.lab import Lab  # noqa: E402 (where it is, is only known now)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Locator, Page

    from tests.browser.notebook import Notebook

README, FOLDER = ROOT / "README.md", ROOT / "pictures"
# A picture of the gallery, and the code below it.
SHOWN = re.compile(r"\(pictures/(\w+)\.(?:png|gif)\)\s+```python\n(.*?)```", re.DOTALL)
# What is shown in motion.
FILM = "explorer"
# Hides the list of files.
SIDEBAR = "application:toggle-left-area"
WIDTH, HEIGHT = 1280, 900
FRAME_MS, COLOURS = 90, 96
# Until what is decoded ahead is there.
REST_MS = 6000


def gallery(readme: str) -> dict[str, str]:
    """Find the pictures that README.md shows, and the code below each."""
    return dict(SHOWN.findall(readme))


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args(arguments)
    scenes = gallery(README.read_text(encoding="utf-8"))
    wanted = options.names or scenes
    FOLDER.mkdir(exist_ok=True)
    with Lab(warm=True, viewport=(WIDTH, HEIGHT)) as lab:
        for name in wanted:
            path = FOLDER / (f"{name}.gif" if name == FILM else f"{name}.png")
            notebook, widget = opened(lab, scenes[name])
            if name == FILM:
                save_film(path, [*film(notebook.page, widget)])
            else:
                widget.screenshot(path=path)
            print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def opened(lab: Lab, source: str) -> tuple[Notebook, Locator]:
    """Run code in a notebook with nothing beside it, and give what it shows."""
    notebook = lab.open([source])
    notebook.page.evaluate(
        "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
    )
    notebook.run(0)
    widget = notebook.output(0).locator(".lw-root").first
    widget.wait_for()
    notebook.page.wait_for_timeout(REST_MS)
    widget.scroll_into_view_if_needed()
    return notebook, widget


def film(page: Page, widget: Locator) -> Iterator[Image.Image]:
    """Move sliders there and back, then point at the map, and give what is seen on the way."""
    for name in ("PC 1", "glasses"):
        row = widget.get_by_role("group", name=name, exact=True)
        row.scroll_into_view_if_needed()
        slider = row.locator("input[type=range]")
        for share in _there_and_back(0.5, 0.95, 0.05, steps=9):
            _point(page, slider, share, down=True)
            yield _seen(page, widget)
        page.mouse.up()
    chart = widget.locator(".lw-latent-map canvas").first
    for share in _there_and_back(0.4, 0.7, 0.3, steps=8):
        _point(page, chart, share, down=False)
        yield _seen(page, widget)


def _there_and_back(start: float, there: float, back: float, *, steps: int) -> Iterator[float]:
    for first, last in ((start, there), (there, back), (back, start)):
        yield from (first + (last - first) * step / steps for step in range(steps))


def _point(page: Page, target: Locator, share: float, *, down: bool) -> None:
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    if down:
        page.mouse.down()
    page.wait_for_timeout(FRAME_MS)


def _seen(page: Page, widget: Locator) -> Image.Image:
    box = widget.bounding_box()
    assert box is not None
    clip = {**box, "height": min(box["height"], HEIGHT - box["y"])}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]


def save_film(path: Path, frames: Sequence[Image.Image]) -> None:
    """Save pictures as a GIF with one palette, so that only what changes is stored."""
    palette = frames[0].quantize(COLOURS)
    reduced = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    reduced[0].save(
        path, save_all=True, append_images=reduced[1:], duration=FRAME_MS, loop=0, optimize=True
    )


if __name__ == "__main__":
    main()
