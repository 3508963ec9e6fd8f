"""Real models in a real JupyterLab: what is painted is what the model decodes, pixel for pixel."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.view import View
from tests.models import MODELS, models_missing

ROOT = Path(__file__).parents[2]

SHOW = """
import json, sys
sys.path.insert(0, {root!r})
import numpy as np
import torch
import latentwidgets as lw
from tests.models import load_vae

vae = load_vae({name!r})
space = lw.as_space(vae)
w = lw.Interpolator(space, space.sample(3, seed=7))
w
"""
# What the bare model makes of the latent that the widget says it shows.
EXPECTED = """
with torch.inference_mode():
    image = vae.decode(torch.from_numpy(w.latent.copy())[None])[0]
pixels = (image * 255).round().to(torch.uint8).movedim(0, -1).numpy()
print(json.dumps([pixels.shape, pixels.ravel().tolist()]))
"""


@pytest.mark.skipif(bool(models_missing), reason=models_missing)
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_drag_ends_on_what_the_model_decodes(name: str, open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SHOW.format(root=str(ROOT), name=name)])
    notebook.run(0)
    view = View(notebook)
    view.wait_strip()
    pictures = set()
    for t in (0.35, 0.85, 0.6):
        view.drag(view.value, t)
        view.wait_exact()
        notebook.wait_value("w.value", view.value)
        painted = view.pixels()
        shape, flat = json.loads(notebook.execute(EXPECTED).text)
        expected = np.array(flat, np.uint8).reshape(shape)
        difference = painted[..., :3].astype(int) - expected
        # One grey level: the batch that it was decoded in may round another way.
        assert np.abs(difference).max() <= 1
        assert (painted[..., 3] == 255).all()
        pictures.add(painted.tobytes())
    assert len(pictures) == 3
    assert notebook.console_errors == []
