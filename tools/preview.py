"""Draw the moving picture that notebooks/quickstart.ipynb shows before anything is run.

It is saved as the output of the notebook's first cell of code, so that the notebook moves where
there is no kernel yet. Run `python tools/preview.py` when the bundled model or that cell changes.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "quickstart.ipynb"
FRAMES = 48
FRAME_MS = 120
# As wide as it is shown, in CSS pixels; its own pixels are those of the model.
WIDTH = 288


def main() -> None:
    """Run the first cell of code, and save its widget, moved from end to end, as its output."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cell = next(one for one in notebook.cells if one.cell_type == "code")
    names: dict[str, object] = {}
    exec(cell.source, names)
    widget = names["walk"]
    there = np.linspace(0, 1, FRAMES // 2, endpoint=False)
    images = widget.space.decode(widget.path(np.concatenate([there, 1 - there])))  # type: ignore[attr-defined]
    pictures = [Image.fromarray(image) for image in images]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer, "PNG", save_all=True, append_images=pictures[1:], duration=FRAME_MS, loop=0
    )
    picture = base64.b64encode(buffer.getvalue()).decode("ascii")
    cell.execution_count = 1
    cell.outputs = [
        nbformat.v4.new_output(
            "execute_result",
            {"image/png": picture, "text/plain": repr(widget)},
            metadata={"image/png": {"width": WIDTH}},
            execution_count=1,
        )
    ]
    nbformat.write(notebook, NOTEBOOK)
    print(f"{NOTEBOOK.name}: {FRAMES} pictures, {len(picture) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
