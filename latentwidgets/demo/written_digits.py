"""The handwritten digits that the models of them were made for, as they were written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PICTURES", "written_digits"]

# What `tools/digits.py` wrote; the README beside it says where they are from.
PICTURES = Path(__file__).with_name("written_digits.npz")


def written_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Read the digits of `sklearn.datasets.load_digits` from the file that comes with the package.

    Returns
    -------
    grey : ndarray
        uint8 ``(1797, 8, 8)``: how much ink, from 0 to 16.
    labels : ndarray
        int64 ``(1797,)``, the digit each image shows, 0 to 9.

    References
    ----------
    Alpaydin & Kaynak 1998, "Optical recognition of handwritten digits", UCI machine learning
    repository, test set.

    Examples
    --------
    >>> grey, labels = written_digits()
    >>> grey.shape, grey.max(), labels[:4]
    ((1797, 8, 8), np.uint8(16), array([0, 1, 2, 3]))
    """
    with np.load(PICTURES, allow_pickle=False) as file:
        return file["grey"], file["labels"].astype(np.int64)
