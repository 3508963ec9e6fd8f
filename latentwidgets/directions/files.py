"""Directions in one safetensors file: arrays and a JSON header, nothing that can run."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets._version import __version__
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.samples import fingerprint, plain
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = ["load", "save"]

# The header's key, and the version of what is in it.
KEY, VERSION = "latentwidgets.directions", 2
ARRAYS = ("vector", "readout", "mean")
NUMBERS = ("offset", "sigma", "readout_mean", "readout_sigma")


def save(directions: Sequence[Direction], path: str | PathLike[str]) -> None:
    """Write directions to one file; see `Directions.save`."""
    from safetensors import SafetensorError
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.stack([getattr(one, name) for one in directions]) for name in ARRAYS}
    # As a reader will find them.
    records = json.loads(json.dumps([_record(one) for one in directions], default=plain))
    header = {
        "version": VERSION,
        "written_by": f"latentwidgets {__version__}",
        "fingerprint": _fingerprint(arrays, records),
        "directions": records,
    }
    part = Path(f"{path}.part")  # so that what there was stays whole until this is
    try:
        part.write_bytes(to_bytes(arrays, metadata={KEY: json.dumps(header)}))
        part.replace(path)
    except (OSError, SafetensorError) as error:
        with suppress(OSError):
            part.unlink()
        raise LatentValueError(
            f"{path} cannot be written: {error}. Give a file in a folder that is there."
        ) from error


def load(path: str | PathLike[str]) -> list[Direction]:
    """Read directions from a file; see `Directions.load`."""
    from safetensors import SafetensorError

    cause: Exception | None
    try:
        return _read(path)
    except _Unreadable as error:
        why, cause = str(error), None
    except SafetensorError as error:
        why, cause = f"it is damaged, or no safetensors file ({error})", error
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        why, cause = f"its header is damaged ({error})", error
    raise LatentValueError(
        f"{path} holds no directions: {why}. Give a file that Directions.save wrote."
    ) from cause


class _Unreadable(Exception):  # noqa: N818 (no person sees it)
    """Why a file holds no directions."""


def _read(path: str | PathLike[str]) -> list[Direction]:
    from safetensors import safe_open

    if Path(path).is_dir():
        raise _Unreadable("it is a folder")
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
        _direction(record, {name: array[i] for name, array in arrays.items()})
        for i, record in enumerate(header["directions"])
    ]


def _record(one: Direction) -> dict[str, Any]:
    return {
        "name": one.name,
        "method": one.method,
        "limits": list(one.limits),
        **{name: getattr(one, name) for name in NUMBERS},
        "evidence": asdict(one.evidence),
        "provenance": dict(one.provenance),
    }


def _direction(record: dict[str, Any], arrays: dict[str, Any]) -> Direction:
    given = {**record, **arrays}
    given["limits"] = tuple(given["limits"])
    given["evidence"] = Evidence(**given["evidence"])
    return Direction(**given)


def _fingerprint(arrays: dict[str, Any], records: Any) -> str:
    """Name all that a file holds; another name says that it was changed."""
    return fingerprint(*arrays.values(), json.dumps(records, sort_keys=True))
