"""Write the handwritten digits that come with the package, from scikit-learn's copy of them.

``python tools/digits.py`` writes ``latentwidgets/demo/written_digits.npz``, so that the demo need
not load scikit-learn for them. ``latentwidgets/demo/README.md`` says whose they are.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from latentwidgets.demo.written_digits import PICTURES


def main() -> None:
    """Write the file."""
    data = load_digits()
    grey, labels = data.images.astype(np.uint8), data.target.astype(np.uint8)
    assert (grey == data.images).all()
    np.savez_compressed(PICTURES, grey=grey, labels=labels)


if __name__ == "__main__":
    main()
