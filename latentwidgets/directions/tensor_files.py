"""Reads arrays of GGUF and safetensors files: their headers, and of the rest what is asked for.

Nothing in such a file is run, and of a large file only the rows that are wanted are read.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief, said
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FileTensor", "read_gguf", "read_safetensors"]

# What numbers are stored as; BF16 is the upper half of a float32.
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
# How GGUF numbers them, and the values in its header: format and bytes of each.
GGUF_DTYPES = {0: "F32", 1: "F16", 28: "F64", 30: "BF16"}
GGUF_VALUES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?"} | {
    10: "Q",
    11: "q",
    12: "d",
}
TEXT, ARRAY = 8, 9
# A header of more entries, or larger, than this is damaged.
MOST_ENTRIES, MOST_HEADER = 1_000_000, 100_000_000


@dataclass(frozen=True)
class FileTensor:
    """Where an array lies in a file.

    Attributes
    ----------
    path : Path
        The file.
    shape : tuple of int
        Its shape.
    dtype : str
        "F64", "F32", "F16" or "BF16"; another name for what cannot be read.
    offset : int
        Where its numbers begin, in bytes from the start of the file.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: str
    offset: int

    def read(self, index: Any = ...) -> NDArray[np.float64]:
        """Read all of it, or some rows or columns.

        Raises
        ------
        LatentValueError
            If its numbers are stored in another way, or the file ends before.
        """
        if self.dtype not in DTYPES:
            raise LatentValueError(
                f"{self.path} holds numbers as {self.dtype}; expected one of {', '.join(DTYPES)}. "
                "Convert it to float32 or float16."
            )
        try:
            mapped: Any = np.memmap(
                self.path, DTYPES[self.dtype], "r", self.offset, self.shape or (1,)
            )
        except (ValueError, OSError) as error:
            raise _damaged(self.path, f"it ends too early ({said(error)})") from error
        part = np.array(mapped[index])
        if self.dtype == "BF16":
            part = (part.astype(np.uint32) << 16).view(np.float32)
        return part.astype(np.float64)


def read_safetensors(path: Path) -> dict[str, FileTensor]:
    """Read the header of a safetensors file.

    Raises
    ------
    LatentValueError
        If it is no such file, or damaged.
    """
    with path.open("rb") as file:
        start = file.read(8)
        size = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= size <= MOST_HEADER:
            raise _damaged(path, "it is no safetensors file")
        text = file.read(size)
    try:
        header = json.loads(text)
        return {
            name: FileTensor(
                path,
                tuple(map(int, one["shape"])),
                str(one["dtype"]),
                8 + size + int(one["data_offsets"][0]),
            )
            for name, one in header.items()
            if name != "__metadata__"
        }
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise _damaged(path, f"its header is damaged ({said(error)})") from error


def read_gguf(path: Path) -> tuple[dict[str, Any], dict[str, FileTensor]]:
    """Read the header of a GGUF file: its values, and where its arrays lie.

    Raises
    ------
    LatentValueError
        If it is no such file, of another version, or damaged.
    """
    with path.open("rb") as file:
        reader = _Header(path, file)
        if file.read(4) != b"GGUF":
            raise _damaged(path, "it is no GGUF file")
        version = reader.value("I")
        if version not in (2, 3):
            raise _damaged(path, f"it is of version {version}, and 2 and 3 are known")
        tensors, entries = reader.count(), reader.count()
        values = {}
        for _ in range(entries):
            name = reader.text()
            values[name] = reader.typed(reader.value("I"))
        found = []
        for _ in range(tensors):
            name, axes = reader.text(), reader.value("I")
            if axes > 8:
                raise _damaged(path, f"{brief(name)} has {axes} axes")
            shape = tuple(reader.value("Q") for _ in range(axes))[::-1]  # the fastest comes first
            kind = reader.value("I")
            found.append((name, shape, GGUF_DTYPES.get(kind, f"type {kind}"), reader.value("Q")))
        aligned = values.get("general.alignment", 32)
        if not isinstance(aligned, int) or aligned < 1:
            raise _damaged(path, f"general.alignment is {brief(aligned)}")
        start = math.ceil(file.tell() / aligned) * aligned
    return values, {
        name: FileTensor(path, shape, dtype, start + offset) for name, shape, dtype, offset in found
    }


class _Header:
    """Reads the values of a GGUF header, one after the other."""

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file

    def value(self, kind: str) -> Any:
        size = struct.calcsize(f"<{kind}")
        found = self._file.read(size)
        if len(found) < size:
            raise _damaged(self._path, "its header ends too early")
        return struct.unpack(f"<{kind}", found)[0]

    def count(self) -> int:
        found = int(self.value("Q"))
        if found > MOST_ENTRIES:
            raise _damaged(self._path, f"its header has {found:,} entries")
        return found

    def text(self) -> str:
        size = int(self.value("Q"))
        found = self._file.read(size) if size <= MOST_HEADER else b""
        if len(found) < size:
            raise _damaged(self._path, "its header ends too early")
        return str(found, "utf-8", "replace")

    def typed(self, kind: int, depth: int = 0) -> Any:
        if kind == TEXT:
            return self.text()
        if kind == ARRAY and depth < 4:
            of, count = self.value("I"), self.count()
            return [self.typed(of, depth + 1) for _ in range(count)]
        if kind not in GGUF_VALUES:
            raise _damaged(self._path, f"its header has a value of type {kind}")
        return self.value(GGUF_VALUES[kind])


def _damaged(path: Path, why: str) -> LatentValueError:
    return LatentValueError(f"{path} cannot be read: {why}.")
