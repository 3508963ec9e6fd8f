"""The latents of the data of the demo, as its encoders gave them once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LATENTS", "kept_latents"]

# The file of latents that `tools/demo_latents.py` has written.
LATENTS = Path(__file__).with_name("latents.npz")


def kept_latents(name: str) -> NDArray[np.float32]:
    """Read the latents of a model's data from the file that comes with the package.

    To encode the data again takes a second, and gives the same to about 1e-6: a processor may add
    in another order than that on which the file was written.

    Parameters
    ----------
    name : {"digits", "faces"}
        Of which model.

    Returns
    -------
    ndarray
        float32 ``(n, 10)``, the encoder's mean for each image.

    Examples
    --------
    >>> kept_latents("digits").shape
    (1797, 10)
    """
    with np.load(LATENTS, allow_pickle=False) as file:
        latents: NDArray[np.float32] = file[name]
    return latents
