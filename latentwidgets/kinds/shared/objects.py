"""Objects of any kind in lists, and how they are drawn where a person gives a function for it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from latentwidgets.common.wording import brief, raised, said
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.frames.encode import as_png
from latentwidgets.frames.frame import Frame, Quality
from latentwidgets.frames.plot import PixelPlotter
from latentwidgets.frames.tiles import grid, stacked
from latentwidgets.kinds.shared.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.ranges import Range

__all__ = ["ObjectFramer", "ObjectReader", "drawn_kind"]


class ObjectReader:
    """Reads the outputs of one decoder as a list of objects.

    Parameters
    ----------
    kind : str
        What the objects are.
    """

    settled = True
    value_range: Range | None = None

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def read(self, raw: Any, count: int, _probe: Callable[[], Iterable[Outputs]]) -> list[Any]:
        """Check that a batch is a list with one object for each latent: see `Reader.read`."""
        got = f"decode returned a {type(raw).__name__}"
        expected = f"expected a list of {count}: one {self.kind} for each latent"
        if isinstance(raw, str):
            raise DecodeError(f"{got}; {expected}, even for a batch of 1. Return [text].")
        try:
            if isinstance(raw, (bytes, Mapping)):
                raise TypeError
            objects: list[Any] = list(raw)
        except LatentWidgetsError:
            raise
        except Exception as error:  # an object's own `__iter__` may raise anything
            raise DecodeError(f"{got}; {expected}. Return that.") from error
        if len(objects) != count:
            raise DecodeError(f"{got} of {len(objects)}; {expected}, even for a batch of 1.")
        return objects

    def unchanging(self) -> ObjectReader:
        """Return the reader itself: what it reads changes nothing."""
        return self

    def take(self, given: Any) -> NDArray[Any]:
        """Take a list of objects that are to be encoded."""
        if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
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

    def other_layouts(self) -> tuple[()]:
        """Objects are given to an encoder in one way only."""
        return ()


class ObjectFramer(PixelPlotter):
    """Draws objects with a function that a person registered for them.

    Parameters
    ----------
    kind : str
        What the objects are.
    to_png : callable
        Takes one, and returns the bytes of a PNG.
    """

    def __init__(self, kind: str, to_png: Callable[[Any], bytes]) -> None:
        self._kind = kind
        self._to_png = to_png

    def frame(self, outputs: Sequence[Any], at: tuple[float, ...], _quality: Quality) -> Frame:
        """Encode the objects shown at some coordinates."""
        drawn = [self._draw(one) for one in outputs]
        data = drawn[0] if len(drawn) == 1 else as_png(_side_by_side(drawn))
        return Frame(at, data, "image/png", lossless=True)

    def picture(self, outputs: Sequence[Any], columns: int | None = None) -> Image.Image:
        """Draw the objects: as in a frame, or where `columns` is given on white, with gaps."""
        if columns is not None:
            return self.tiles(outputs, columns)
        picture = Image.open(io.BytesIO(self.frame(outputs, (), Quality.LOSSLESS).data))
        picture.load()
        return picture

    def png(self, frame: Frame) -> bytes:
        """Give the picture of a frame."""
        return frame.data

    def pixels(self, outputs: Sequence[Any]) -> NDArray[np.uint8]:
        """Draw each object, on white, all in one size."""
        return stacked([self.picture([one]) for one in outputs])

    def _draw(self, output: Any) -> bytes:
        """Draw one object, and see that it is a PNG."""
        name = f"the function registered for kind {brief(self._kind)}"
        try:
            data = self._to_png(output)
        except LatentWidgetsError:
            raise
        except Exception as error:
            raise DecodeError(f"{name} raised {raised(error)}") from error
        got = f"a {type(data).__name__}"
        if isinstance(data, (bytes, bytearray, memoryview)):
            try:
                with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
                    picture.verify()
                return bytes(data)
            except UnidentifiedImageError:
                got = f"{len(data)} bytes that are no PNG"
            except Exception as error:
                raise DecodeError(f"{name} returned a broken PNG: {said(error)}") from error
        raise DecodeError(
            f"{name} returned {got}; expected the bytes of a PNG, such as buffer.getvalue() after "
            "picture.save(buffer, 'PNG')."
        )


def _side_by_side(drawn: Sequence[bytes]) -> Image.Image:
    """Put pictures into rows without gaps, each in the middle of a place for the largest."""
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


def drawn_kind(name: str, to_png: Callable[[Any], bytes]) -> Kind:
    """Make a kind of any objects from a function that draws one.

    Parameters
    ----------
    name : str
        What to call it.
    to_png : callable
        Takes one object, and returns the bytes of a PNG.

    Returns
    -------
    Kind
        The kind.
    """
    return Kind(
        name=name,
        make_reader=lambda _name, _options: ObjectReader(name),
        make_framer=lambda _sample_rate, _value_range: ObjectFramer(name, to_png),
    )
