"""Pixels to bytes: lossless where every pixel counts, JPEG or WebP with loss elsewhere."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from latentwidgets.frames.frame import BARE, Frame, Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

# An image of at most so many pixels is about as small and as quick to make as a PNG as it is as a
# JPEG. It is sent lossless even where loss is allowed.
SMALL = 128 * 128
# An image of at most so many pixels is sent without compression: to compress it and to open it
# again on the page takes longer than to send all of its pixels. A page may show thousands.
TINY = 64 * 64
# The longest side that a WebP file can have, in pixels.
WEBP_SIDE = 16383


def to_pil(image: NDArray[np.uint8]) -> Image.Image:
    """Turn one decoded image into a PIL image.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, channels)
        One image with 1, 3 or 4 channels.

    Returns
    -------
    PIL.Image.Image
        In mode "L", "RGB" or "RGBA".
    """
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    return Image.fromarray(np.ascontiguousarray(pixels))


def to_png(image: NDArray[np.uint8]) -> bytes:
    """Encode one decoded image of shape (height, width, channels) as PNG."""
    return as_png(to_pil(image))


def as_png(picture: Image.Image) -> bytes:
    """Encode a PIL image as PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return buffer.getvalue()


def image_frame(image: NDArray[np.uint8], at: tuple[float, ...], quality: Quality) -> Frame:
    """Encode one decoded image.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, channels)
        One image with 1, 3 or 4 channels.
    at : tuple of float
        The coordinates it was decoded for.
    quality : Quality
        What it may lose. Small images lose nothing whatever is asked for.

    Returns
    -------
    Frame
        The picture as bytes.
    """
    height, width, channels = image.shape
    fits_webp = max(height, width) <= WEBP_SIDE
    if quality is Quality.RAW or height * width <= TINY:
        pixels = np.full((height, width, 4), 255, np.uint8)
        pixels[..., : max(3, channels)] = image
        return Frame(at, pixels.tobytes(), f"{BARE}{width}", lossless=True)
    picture, buffer = to_pil(image), io.BytesIO()
    if height * width <= SMALL:
        return Frame(at, to_png(image), "image/png", lossless=True)
    if quality is not Quality.STRIP:
        if not fits_webp:
            return Frame(at, to_png(image), "image/png", lossless=True)
        # With these settings lossless WebP is as small as PNG, and takes less than half the time.
        picture.save(buffer, "WEBP", lossless=True, quality=0, method=0, exact=True)
        return Frame(at, buffer.getvalue(), "image/webp", lossless=True)
    if channels == 4 and fits_webp:
        picture.save(buffer, "WEBP", quality=90, method=0)
        return Frame(at, buffer.getvalue(), "image/webp", lossless=False)
    picture.convert("RGB" if channels > 1 else "L").save(buffer, "JPEG", quality=90, subsampling=0)
    return Frame(at, buffer.getvalue(), "image/jpeg", lossless=False)
