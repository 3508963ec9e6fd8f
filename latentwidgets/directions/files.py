"""Directions in one safetensors file: arrays and a JSON header, without code that could run."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets._version import __version__
from latentwidgets.common.whole_files import file_named, write_whole
from latentwidgets.common.wording import said
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.samples import fingerprint, plain
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["ARRAYS", "direction_from", "load", "record_of", "save"]

# Where the header lies in the file's metadata, and the version of what is in it.
KEY, VERSION = "latentwidgets.directions", 2
ARRAYS = ("vector", "readout", "mean")
NUMBERS = ("offset", "sigma", "readout_mean", "readout_sigma")


def save(directions: Sequence[Direction], path: str | bytes | os.PathLike[str]) -> None:
    """Write directions to one file; see `Directions.save`."""
    from safetensors import SafetensorError
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.stack([getattr(one, name) for one in directions]) for name in ARRAYS}
    # Written and read again, so that the fingerprint is of what a reader will find.
    records = json.loads(json.dumps([record_of(one) for one in directions], default=plain))
    header = {
        "version": VERSION,
        "written_by": f"latentwidgets {__version__}",
        "fingerprint": _fingerprint(arrays, records),
        "directions": records,
    }
    target = file_named(path)
    try:
        data = to_bytes(arrays, metadata={KEY: json.dumps(header)})
    except SafetensorError as error:
        raise LatentValueError(f"{target} cannot be written: {said(error)}.") from error
    write_whole(target, data)


def load(path: str | bytes | os.PathLike[str]) -> list[Direction]:
    """Read directions from a file; see `Directions.load`."""
    from safetensors import SafetensorError

    cause: Exception | None
    file = file_named(path)
    try:
        return _read(file)
    except _Unreadable as error:
        why, cause = str(error), None
    except SafetensorError as error:
        why, cause = f"it is damaged, or no safetensors file ({said(error)})", error
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        why, cause = f"its header is damaged ({said(error)})", error
    raise LatentValueError(
        f"{file} holds no directions: {why}. Give a file that Directions.save wrote."
    ) from cause


class _Unreadable(Exception):  # noqa: N818 (`load` catches it)
    """Why a file holds no directions, for the message of `load`."""


def _read(path: Path) -> list[Direction]:
    """Read a file that is whole; anything may be raised where it is not."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as opened:
        text = (opened.metadata() or {}).get(KEY)
        if text is None:
            raise _Unreadable("it is a safetensors file of something else")
        header = json.loads(text)
        arrays = {name: opened.get_tensor(name) for name in ARRAYS}
    if header["version"] != VERSION:
        raise _Unreadable(f"it was written by another version ({header['written_by']})")
    if header["fingerprint"] != _fingerprint(arrays, header["directions"]):
        raise _Unreadable("its contents are damaged")
    return [
        direction_from(record, {name: array[i] for name, array in arrays.items()})
        for i, record in enumerate(header["directions"])
    ]


def record_of(one: Direction) -> dict[str, Any]:
    """Give all that a direction holds beside its arrays."""
    return {
        "name": one.name,
        "method": one.method,
        "limits": list(one.limits),
        **{name: getattr(one, name) for name in NUMBERS},
        "evidence": asdict(one.evidence),
        "provenance": dict(one.provenance),
    }


def direction_from(record: dict[str, Any], arrays: dict[str, Any]) -> Direction:
    """Make a direction of its record and its arrays."""
    given = {**record, **arrays}
    given["limits"] = tuple(given["limits"])
    given["evidence"] = Evidence(**given["evidence"])
    return Direction(**given)


def _fingerprint(arrays: dict[str, Any], records: Any) -> str:
    """Give a short name of all that a file holds, which shows whether it was changed."""
    return fingerprint(*arrays.values(), json.dumps(records, sort_keys=True))
