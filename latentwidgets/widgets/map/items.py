"""The items that latents stand for: pictures or texts, one a latent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from latentwidgets.common.attributes import has
from latentwidgets.common.checks import check_container
from latentwidgets.common.wording import brief
from latentwidgets.directions.columns import worded
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from latentwidgets.engine.replies import Said

__all__ = ["Items", "said_of"]


# Of a text no more characters than this are shown.
MOST_TEXT = 2000


def said_of(row: float, labels: Mapping[str, NDArray[Any]], items: Items | None) -> Said:
    """Give what is known of the latent in a row, as pairs of name and text; nothing below row 0."""
    lines = []
    if row >= 0:
        lines = [(name, worded(values[int(row)])) for name, values in labels.items()]
        if items is not None and items.told and (text := items.text(int(row))):
            lines.append(("", text))
    return {"row": row, "lines": [(name, text[:MOST_TEXT]) for name, text in lines]}


class Items:
    """What each latent was made from, looked up when it is asked for.

    Parameters
    ----------
    given : sequence
        One a latent: texts, PIL images, or images as arrays of uint8 or of floats in [0, 1],
        ``(height, width)`` or ``(height, width, channels)``; or one array of all of these.
    count : int
        How many latents there are.
    told : bool
        Whether texts are said beside the picture: not where they are what is decoded.

    Attributes
    ----------
    told : bool
        As above.
    pictured : bool
        Whether they are pictures, and not texts.

    Raises
    ------
    LatentTypeError
        If they are something else.
    """

    def __init__(self, given: Any, count: int, *, told: bool = True) -> None:
        self.told = told
        if isinstance(given, (str, type)) or not has(given, "__getitem__"):
            raise LatentTypeError(
                f"items are a {type(given).__name__}; expected a list of texts or images."
            )
        try:
            len(given)
        except Exception:  # as an array of no axes, or an object's own `__len__`
            raise LatentTypeError(
                f"items are {brief(given)}; expected a list of texts or images."
            ) from None
        if not len(given):
            raise LatentValueError("there are no items; expected one a latent.")
        if len(given) != count:
            raise LatentValueError(
                f"there are {len(given)} items and {count} latents. Give one item a latent."
            )
        # A Series is looked up by place, not by name.
        self._given = getattr(given, "iloc", given)
        self.pictured = not isinstance(self._given[0], str)
        if self.pictured:
            self.picture(0)

    def __len__(self) -> int:
        return len(self._given)

    def text(self, index: int) -> str:
        """Give an item as text; empty where items are pictures."""
        return "" if self.pictured else str(self._given[index])

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Give an item as pixels, ``(height, width, channels)``."""
        item = self._given[index]
        if isinstance(item, PIL.Image.Image):
            item = item if item.mode in ("L", "RGB", "RGBA") else item.convert("RGBA")
        check_container(item, f"item {index}")
        array = np.asarray(item)
        if array.ndim == 2:
            array = array[..., np.newaxis]
        if array.ndim != 3 or array.shape[-1] not in (1, 3, 4) or array.dtype.kind not in "buf":
            raise LatentTypeError(
                f"item {index} is a {type(item).__name__} of shape {array.shape} and dtype "
                f"{array.dtype}; expected a text, a PIL image, or an array of uint8 or of floats "
                "in [0, 1], (height, width) or (height, width, channels)."
            )
        if array.dtype != np.uint8:
            array = (np.clip(np.nan_to_num(array.astype(np.float32)), 0, 1) * 255).round()
        return array.astype(np.uint8)
