"""Objects of a kind that a person added to frames: as the picture that they draw of one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.frames.encode import as_png
from latentwidgets.frames.frame import Frame, Quality
from latentwidgets.frames.tiles import grid
from latentwidgets.kinds.registry import drawer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from latentwidgets.kinds.arrays import Outputs

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


class ObjectReader:
    """Reads the outputs of one decoder as a list of objects.

    Parameters
    ----------
    kind : str
        What the objects are.
    """

    settled = True
    value_range = None

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def read(self, raw: Any, count: int, _probe: Callable[[], Iterable[Outputs]]) -> list[Any]:
        """See that a batch is a list with one object for each latent.

        Parameters
        ----------
        raw : list, tuple or array
            What the decoder returned.
        count : int
            For how many latents.
        _probe : callable
            Not needed.

        Returns
        -------
        list
            The objects.

        Raises
        ------
        DecodeError
            If it is something else.
        """
        got = f"decode returned a {type(raw).__name__}"
        expected = f"expected a list of {count}: one {self.kind} for each latent"
        if isinstance(raw, str):
            raise DecodeError(f"{got}; {expected}, even for a batch of 1. Return [text].")
        try:
            if isinstance(raw, (bytes, Mapping)):
                raise TypeError
            objects: list[Any] = list(raw)
        except TypeError as error:
            raise DecodeError(f"{got}; {expected}. Return that.") from error
        if len(objects) != count:
            raise DecodeError(f"{got} of {len(objects)}; {expected}, even for a batch of 1.")
        return objects

    def take(self, given: Any) -> NDArray[Any]:
        """Take a list of objects that are to be encoded."""
        if isinstance(given, (str, bytes, Mapping)) or not hasattr(given, "__iter__"):
            raise LatentTypeError(
                f"encode got a {type(given).__name__}; expected a list, one {self.kind} an entry."
            )
        objects = np.fromiter(given, object)
        if not objects.size:
            raise LatentValueError(f"encode got an empty list; expected at least one {self.kind}.")
        return objects

    def to_model(self, batch: NDArray[Any]) -> list[Any]:
        """Give them to the encoder as a list."""
        return list(batch)
