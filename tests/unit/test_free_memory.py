"""How much memory is free: of the machine, and of the control groups that confine a process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from latentwidgets.common.free_memory import free_bytes

GB = 2**30
MACHINE = {"proc/meminfo": f"MemTotal: 1 kB\nMemFree: 2 kB\nMemAvailable:   {8 * GB // 1024} kB\n"}
SECOND = {
    "proc/self/cgroup": "0::/pods/mine\n",
    "sys/fs/cgroup/pods/mine/memory.max": "max\n",
    "sys/fs/cgroup/pods/mine/memory.current": "1\n",
    "sys/fs/cgroup/pods/mine/memory.stat": "inactive_file 0\n",
    "sys/fs/cgroup/pods/memory.max": f"{4 * GB}\n",
    "sys/fs/cgroup/pods/memory.current": f"{3 * GB}\n",
    "sys/fs/cgroup/pods/memory.stat": f"anon 5\ninactive_file {GB - 7}\nactive_file 7\n",
}
FIRST = {
    "proc/self/cgroup": "3:cpu:/\n2:memory:/docker/of-the-machine\n0::/\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{4 * GB}\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{3 * GB}\n",
    "sys/fs/cgroup/memory/memory.stat": (
        "inactive_file 1\ntotal_inactive_file 500\ntotal_active_file 12\n"
    ),
}


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, None),
        (MACHINE, 8 * GB),
        (MACHINE | SECOND, 2 * GB),
        (MACHINE | FIRST, GB + 512),
        (MACHINE | {"proc/self/cgroup": "0::/\n"}, 8 * GB),
    ],
    ids=["elsewhere", "machine", "version 2", "version 1", "no limit"],
)
def test_the_least_of_all_limits_counts(
    files: dict[str, str], free: int | None, tmp_path: Path
) -> None:
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert free_bytes(tmp_path) == free


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it so")
def test_this_machine_says_it() -> None:
    free = free_bytes()
    assert free is not None
    assert 0 < free < 2**50
