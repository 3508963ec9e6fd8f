"""Write the latents that come with the package, of the data of the demo's autoencoders.

``python tools/demo_latents.py`` writes ``latentwidgets/demo/latents.npz``, so that the demo need
not encode 3,297 images before it shows one. To be run again whenever a model was trained again.
"""

from __future__ import annotations

import numpy as np

import latentwidgets as lw
from latentwidgets.demo.kept_latents import LATENTS


def main() -> None:
    """Write the file."""
    digits, faces = lw.demo.digits(), lw.demo.faces()
    np.savez(
        LATENTS,
        digits=digits.space.encode(digits.images),
        faces=faces.space.encode(faces.images),
    )


if __name__ == "__main__":
    main()
