"""How much memory there is for more work."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

__all__ = ["free_bytes"]


def free_bytes(root: Path = Path("/")) -> int | None:
    """Say how many bytes of memory are free, of the machine and of what confines this process.

    Parameters
    ----------
    root : Path
        Where the files of the system are.

    Returns
    -------
    int or None
        Bytes; None where the system does not say it.
    """
    free = []
    with suppress(OSError):
        found = re.search(r"MemAvailable: *(\d+) kB", root.joinpath("proc/meminfo").read_text())
        free += [1024 * int(found[1])] if found else []
    with suppress(OSError):
        for line in root.joinpath("proc/self/cgroup").read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            if kinds in ("", "memory"):
                free += _left_of(root, kinds, path)
    return min(free, default=None)


# Of version 2 of control groups and of version 1: the limit, what is used, and what of that is kept
# of files (recently used or not), and given up first.
NAMES = {
    "": ("memory.max", "memory.current", "(?:in)?active_file"),
    "memory": (
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_(?:in)?active_file",
    ),
}


def _left_of(root: Path, kind: str, path: str) -> list[int]:
    """Say what is left to a control group, and to those that it is in, where they have limits."""
    top = root.joinpath("sys/fs/cgroup", kind)
    group = top.joinpath(path.lstrip("/"))
    left = []
    # In a container the path may be one of the machine, of which only the top is to be seen.
    for folder in {top, group, *(one for one in group.parents if top in one.parents)}:
        with suppress(OSError, ValueError):  # as of a limit that is "max"
            limit, used, kept = NAMES[kind]
            free = int(folder.joinpath(limit).read_text()) - int(folder.joinpath(used).read_text())
            found = re.findall(rf"^{kept} (\d+)", folder.joinpath("memory.stat").read_text(), re.M)
            left.append(free + sum(map(int, found)))
    return left
