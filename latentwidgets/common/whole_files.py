"""Files that are whole: named safely, and written beside the old one before they replace it."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from latentwidgets.common.wording import brief, said
from latentwidgets.errors import LatentTypeError, LatentValueError

__all__ = ["file_named", "located", "write_whole"]


def located(path: str | bytes | os.PathLike[str]) -> Path:
    """Find what a path names, through links; it need not be there."""
    try:
        file = Path(os.fsdecode(path)).expanduser().resolve()
        file.exists()  # raises where there can be no such name
    except (OSError, ValueError, RuntimeError) as error:  # too long, with NUL, links in a circle
        raise LatentValueError(
            f"path names no file: {getattr(error, 'strerror', None) or brief(str(error))}."
        ) from error
    except Exception:  # an object's own `__fspath__` may raise anything
        raise LatentTypeError(
            f"path is a {type(path).__name__}; expected the name of a file, as text, bytes or a "
            "path."
        ) from None
    return file


def file_named(path: str | bytes | os.PathLike[str]) -> Path:
    """Find the ordinary file that a path names, through links; it need not be there yet.

    What is no file is refused before it is opened: who opens a pipe may wait for ever.
    """
    file = located(path)
    is_other = file.exists() and not file.is_file()
    if is_other:
        what = "a folder" if file.is_dir() else "no ordinary file, but a pipe or a device"
        raise LatentValueError(f"{file} is {what}. Give the name of a file.")
    return file


def write_whole(path: str | bytes | os.PathLike[str], data: bytes) -> Path:
    """Write a file; an older one of its name stays until this one is whole.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it cannot be written there. Then nothing is left of it.
    """
    target = file_named(path)
    # Written beside the file and moved into its place, under a name of its own, so that no other
    # file is in its way.
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as opened:
            opened.write(data)
        if target.exists():  # a private file stays private
            part.chmod(stat.S_IMODE(target.stat().st_mode))
        part.replace(target)
    except BaseException as error:  # an interrupt leaves nothing behind either
        with suppress(OSError):
            part.unlink()
        if not isinstance(error, OSError):
            raise
        missing = not target.parent.is_dir()
        way = "Give a file in a folder that is there." if missing else "Give another place."
        raise LatentValueError(f"{target} cannot be written: {said(error)}. {way}") from error
    return target
