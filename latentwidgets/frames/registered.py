"""Objects of a kind that a person added to frames: as the picture that they draw of one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from latentwidgets.errors import DecodeError, LatentWidgetsError
from latentwidgets.kinds import drawer_of

from .frame import Frame, Quality
from .image import as_png
from .layout import grid

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RegisteredFramer"]


class RegisteredFramer:
    """Makes frames of objects, by the function that was registered for them.

    Parameters
    ----------
    kind : str
        What the objects are.
    """

    painter = ""  # images

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def frame(self, outputs: Sequence[Any], at: tuple[float, ...], _quality: Quality) -> Frame:
        """Encode the objects shown at some coordinates."""
        drawn = [self._draw(one) for one in outputs]
        data = drawn[0] if len(drawn) == 1 else as_png(_tiled(drawn))
        return Frame(at, data, "image/png", lossless=True)

    def picture(self, outputs: Sequence[Any]) -> Image.Image:
        """Draw the objects."""
        picture = Image.open(io.BytesIO(self.frame(outputs, (), Quality.LOSSLESS).data))
        picture.load()
        return picture

    def png(self, frame: Frame) -> bytes:
        """Give the picture of a frame."""
        return frame.data

    def _draw(self, output: Any) -> bytes:
        """Draw one object, and see that it is a PNG."""
        name = f"the function registered for kind {self._kind!r}"
        try:
            data = drawer_of(self._kind)(output)
        except LatentWidgetsError:
            raise
        except Exception as error:
            raise DecodeError(f"{name} raised {type(error).__name__}: {error}") from error
        got = f"a {type(data).__name__}"
        if isinstance(data, (bytes, bytearray, memoryview)):
            try:
                with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
                    picture.verify()
                return bytes(data)
            except UnidentifiedImageError:
                got = f"{len(data)} bytes that are no PNG"
            except Exception as error:
                raise DecodeError(f"{name} returned a broken PNG: {error}") from error
        raise DecodeError(
            f"{name} returned {got}; expected the bytes of a PNG, such as buffer.getvalue() after "
            "picture.save(buffer, 'PNG')."
        )


def _tiled(drawn: Sequence[bytes]) -> Image.Image:
    """Lay pictures out as tiles, each in the middle of a place for the largest."""
    pictures = [Image.open(io.BytesIO(data)).convert("RGBA") for data in drawn]
    rows, columns = grid(len(pictures))
    across = max(picture.width for picture in pictures)
    down = max(picture.height for picture in pictures)
    whole = Image.new("RGBA", (columns * across, rows * down))
    for i, picture in enumerate(pictures):
        left = i % columns * across + (across - picture.width) // 2
        top = i // columns * down + (down - picture.height) // 2
        whole.paste(picture, (left, top))
    return whole
