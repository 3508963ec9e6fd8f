"""Arrays as plain JSON, each once, to the last bit."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import said
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.route import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["MOST_BYTES", "ArrayReader", "ArrayWriter", "Unreadable"]

# Nothing else is read: no dtype that holds objects, which could run code as they are made.
DTYPES = {name: np.dtype(name).newbyteorder("<") for name in ("float32", "float64", "int64")}
# Arrays of more bytes than these, unpacked, are none of a recipe; a few packed ones may hold much.
MOST_BYTES = 2**32


class Unreadable(Exception):  # noqa: N818 (`Recipe` catches it)
    """Why something is no recipe."""


class ArrayWriter:
    """Writes arrays into one table, each by a digest of its contents, equal ones once.

    Attributes
    ----------
    table : dict of str to dict
        What `ArrayReader` reads: dtype, shape, and the packed numbers as base64.

    Examples
    --------
    >>> writer = ArrayWriter()
    >>> writer.put(np.zeros(3)) == writer.put(np.zeros(3)), len(writer.table)
    (True, 1)
    >>> ArrayReader(writer.table).get(writer.put(np.zeros(3))).tolist()
    [0.0, 0.0, 0.0]
    """

    def __init__(self) -> None:
        self.table: dict[str, dict[str, Any]] = {}

    def put(self, array: NDArray[Any]) -> dict[str, str]:
        """Write an array, and give what refers to it."""
        name = digest_of(array)
        if name not in self.table:
            plain = np.ascontiguousarray(array, DTYPES[array.dtype.name])
            packed = base64.b64encode(zlib.compress(plain.tobytes(), 6)).decode("ascii")
            shape = list(array.shape)
            self.table[name] = {"dtype": array.dtype.name, "shape": shape, "zlib": packed}
        return {"array": name}


class ArrayReader:
    """Reads what `ArrayWriter` has written.

    Parameters
    ----------
    table : mapping
        The table. It may come from anywhere.
    most : int
        How many bytes all arrays may have that are asked for.

    Examples
    --------
    >>> writer = ArrayWriter()
    >>> name = writer.put(np.zeros(1000))
    >>> ArrayReader(writer.table, 4000).get(name)
    Traceback (most recent call last):
    ...
    latentwidgets.export.arrays.Unreadable: its arrays are too large: more than 4,000 bytes
    """

    def __init__(self, table: Mapping[str, Any], most: int = MOST_BYTES) -> None:
        self._table, self._most, self._left = table, most, most
        self._known: dict[str, NDArray[Any]] = {}

    def get(self, reference: Any) -> NDArray[Any]:
        """Give an array, the same to all that refer to it.

        Raises
        ------
        LatentValueError, LookupError, TypeError
            If it is damaged, or none.
        Unreadable
            If there are too many.
        """
        name = reference["array"]
        if name not in self._known:
            self._known[name] = self._unpacked(name)
        return self._known[name]

    def _unpacked(self, name: str) -> NDArray[Any]:
        held = self._table[name]
        dtype, shape = DTYPES[held["dtype"]], tuple(held["shape"])
        if not all(type(size) is int and size >= 0 for size in shape):
            raise LatentValueError("an array has no shape")
        size = math.prod(shape) * dtype.itemsize
        self._left -= size
        if self._left < 0:  # before anything is unpacked
            raise Unreadable(f"its arrays are too large: more than {self._most:,} bytes")
        try:
            packed = base64.b64decode(held["zlib"], validate=True)
            unpacking = zlib.decompressobj()
            data = unpacking.decompress(packed, size + 1)  # and no more, whatever it holds
        except (binascii.Error, zlib.error, ValueError) as error:
            raise LatentValueError(f"an array is damaged ({said(error)})") from error
        if len(data) != size:
            raise LatentValueError("an array is damaged")
        found: NDArray[Any] = np.frombuffer(data, dtype).astype(held["dtype"]).reshape(shape)
        if digest_of(found) != name:
            raise LatentValueError("an array is not what it was when it was written")
        found.setflags(write=False)
        return found
