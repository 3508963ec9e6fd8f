"""What people have today, and what we give them: one notebook cell each.

Every contender shows the same decoder, gets the same drag, and is read by the same probe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SETUP = """
import io, os, time
import numpy as np
from benchmarks.decoders import DECODERS
decoder = DECODERS[{decoder!r}]()
first = decoder.at(0.0)
"""

SLIDER = """
import ipywidgets
t = ipywidgets.FloatSlider(
    min=0, max=1, step=1 / 4096, readout_format=".4f", layout=ipywidgets.Layout(width="800px")
)
"""

INTERACT = (
    SLIDER
    + """
%matplotlib inline
import matplotlib.pyplot as plt

def show(t):
    plt.imshow(decoder.at(t))
    plt.axis("off")
    plt.show()

ipywidgets.interact(show, t=t);
"""
)

IMAGE = (
    SLIDER
    + """
from PIL import Image
picture = ipywidgets.Image(format="png")
picture.layout.align_self = "flex-start"

def show(t):
    buffer = io.BytesIO()
    Image.fromarray(decoder.at(t)).save(buffer, "png")
    picture.value = buffer.getvalue()

ipywidgets.VBox([t, picture, ipywidgets.interactive_output(show, {"t": t})])
"""
)

IPYMPL = (
    SLIDER
    + """
%matplotlib widget
import matplotlib.pyplot as plt

with plt.ioff():
    figure, axes = plt.subplots()
artist = axes.imshow(first)
axes.axis("off")

def show(t):
    artist.set_data(decoder.at(t))
    figure.canvas.draw_idle()

ipywidgets.VBox([t, figure.canvas, ipywidgets.interactive_output(show, {"t": t})])
"""
)

OURS = """
import latentwidgets as lw

space = lw.LatentSpace(decoder, decoder.anchors.shape[1:])
if decoder.bases:
    widget = decoder.editor()
else:
    widget = lw.Interpolator(space, decoder.anchors, method="lerp")
widget
"""


@dataclass(frozen=True)
class Contender:
    """One way to drag through a decoder.

    Parameters
    ----------
    name
        What the table calls it.
    source
        The cell that shows it; finds `decoder` and `first` from `SETUP`.
    picture, slider, exact
        What `probe.js` needs to know.
    """

    name: str
    source: str
    picture: str
    slider: str = "noui"
    exact: bool = False

    @property
    def spec(self) -> dict[str, Any]:
        """The argument of `probe.js`."""
        return {"picture": self.picture, "slider": self.slider, "exact": self.exact}


OURS_NAME = "latentwidgets"
BASELINE = "interact + imshow"
CONTENDERS = [
    Contender(BASELINE, INTERACT, ".jp-OutputArea-output img"),
    Contender("interactive_output + Image", IMAGE, "img.widget-image"),
    Contender("ipympl set_data", IPYMPL, ".jupyter-matplotlib-canvas-div canvas"),
    Contender(OURS_NAME, OURS, "canvas.lw-picture", slider="native", exact=True),
]
