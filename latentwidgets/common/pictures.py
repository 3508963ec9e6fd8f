"""Pictures of PIL, of which NumPy alone reads numbers that are no colours."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["plain_colours"]

# The numbers of pictures in these modes are places in a palette, inks, or colours by other names.
_OTHERS = {
    **dict.fromkeys(("LA", "La", "PA", "RGBa"), "RGBA"),
    **dict.fromkeys(("CMYK", "HSV", "LAB", "P", "RGBX", "YCbCr"), "RGB"),
}


def plain_colours(given: Any) -> Any:
    """Turn pictures of PIL into such whose numbers are grey or red, green and blue; all else stays.

    Examples
    --------
    >>> import PIL.Image
    >>> picture = PIL.Image.new("P", (2, 2))
    >>> plain_colours(picture).mode, plain_colours([picture, 5])[0].mode
    ('RGB', 'RGB')
    """
    if "PIL.Image" not in sys.modules:  # then there are none, and it need not be loaded
        return given
    from PIL.Image import Image

    if isinstance(given, (list, tuple)) and any(isinstance(one, Image) for one in given):
        return [plain_colours(one) for one in given]
    if not isinstance(given, Image) or given.mode not in _OTHERS:
        return given
    clear = given.mode == "P" and "transparency" in given.info
    return given.convert("RGBA" if clear else _OTHERS[given.mode])
