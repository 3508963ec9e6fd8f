"""Draw the moving picture that notebooks/quickstart.ipynb shows before anything is run.

It is saved as the output of the notebook's first cell, so that the notebook moves where there is
no kernel yet. Run `python tools/preview.py` when the bundled model or that cell changes.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "quickstart.ipynb"
FRAMES = 72
FRAME_MS = 80
# Each pixel of the model becomes as many of the picture, so that a browser need not blur it.
ENLARGE = 6


def main() -> None:
    """Run the first cell, record its widget from end to end, and save that as its output."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cell = notebook.cells[0]
    names: dict[str, object] = {}
    exec(cell.source, names)
    widget = names["walk"]
    there = np.linspace(0, 1, FRAMES // 2, endpoint=False)
    images = widget.space.decode(widget.path(np.concatenate([there, 1 - there])))  # type: ignore[attr-defined]
    pictures = [
        Image.fromarray(image[..., 0]).resize([ENLARGE * side for side in image.shape[1::-1]], 0)
        for image in images
    ]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer, "PNG", save_all=True, append_images=pictures[1:], duration=FRAME_MS, loop=0
    )
    picture = base64.b64encode(buffer.getvalue()).decode("ascii")
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"image/png": picture, "text/plain": "Run this cell, and it follows your hand."},
        )
    ]
    nbformat.write(notebook, NOTEBOOK)
    print(f"{NOTEBOOK.name}: {FRAMES} pictures, {len(picture) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
