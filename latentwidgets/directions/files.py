"""Directions in one safetensors file: arrays and a JSON header, nothing that can run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import latentwidgets
from latentwidgets.directions.data import fingerprint, plain
from latentwidgets.directions.direction import Direction, Evidence
from latentwidgets.directions.directions import Directions
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["load", "save"]

# The header's key, and the version of what is in it.
KEY, VERSION = "latentwidgets.directions", 2
ARRAYS = ("vector", "readout", "mean")
NUMBERS = ("offset", "sigma", "readout_mean", "readout_sigma")


def save(directions: Directions, path: str | PathLike[str]) -> None:
    """Write directions to one file; see `Directions.save`."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    arrays = {name: np.stack([getattr(one, name) for one in directions]) for name in ARRAYS}
    # As a reader will find them.
    records = json.loads(json.dumps([_record(one) for one in directions], default=plain))
    header = {
        "version": VERSION,
        "written_by": f"latentwidgets {latentwidgets.__version__}",
        "fingerprint": _fingerprint(arrays, records),
        "directions": records,
    }
    try:
        save_file(arrays, path, metadata={KEY: json.dumps(header)})
    except (OSError, SafetensorError) as error:
        raise LatentValueError(
            f"{path} cannot be written: {error}. Give a file in a folder that is there."
        ) from error


def load(path: str | PathLike[str]) -> Directions:
    """Read directions from a file; see `Directions.load`."""
    from safetensors import SafetensorError, safe_open

    if Path(path).is_dir():
        raise _unreadable(path, "it is a folder")
    try:
        with safe_open(path, framework="numpy") as opened:
            text = (opened.metadata() or {}).get(KEY)
            if text is None:
                raise _unreadable(path, "it is a safetensors file of something else")
            header = json.loads(text)
            arrays = {name: opened.get_tensor(name) for name in ARRAYS}
        if header["version"] != VERSION:
            raise _unreadable(path, f"it was written by another version ({header['written_by']})")
        if header["fingerprint"] != _fingerprint(arrays, header["directions"]):
            raise _unreadable(path, "its contents are damaged")
        return Directions(
            _direction(record, {name: array[i] for name, array in arrays.items()})
            for i, record in enumerate(header["directions"])
        )
    except SafetensorError as error:
        raise _unreadable(path, f"it is damaged, or no safetensors file ({error})") from error
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, _UnreadableError):
            raise
        raise _unreadable(path, f"its header is damaged ({error})") from error


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


class _UnreadableError(LatentValueError):
    """A file that holds no directions."""


def _unreadable(path: object, why: str) -> _UnreadableError:
    return _UnreadableError(
        f"{path} holds no directions: {why}. Give a file that Directions.save wrote."
    )
