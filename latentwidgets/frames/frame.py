"""The frame: one picture as shown, with the coordinates it belongs to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """One picture, encoded.

    Attributes
    ----------
    at : tuple of float
        The coordinates it was decoded for.
    data : bytes
        The encoded picture.
    mime : str
        How it is encoded: "image/png", "image/jpeg" or "image/webp".
    lossless : bool
        Whether the bytes hold every pixel as it was decoded. Only a lossless frame can be
        exact; whether it is depends on the coordinates the person is at.
    """

    at: tuple[float, ...]
    data: bytes
    mime: str
    lossless: bool
