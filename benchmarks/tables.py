"""Tables of what was found, what was wanted, and whether it was met."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Found", "judged"]

# What was measured, what was found, what was wanted, and whether that was met; None where nothing
# was wanted.
Found = tuple[str, str, str, bool | None]


def judged(rows: Iterable[Found]) -> str:
    """Lay out a table in Markdown."""
    words = {True: "yes", False: "**no**", None: ""}
    lines = ["| what | found | target | met |", "| --- | --- | --- | --- |"]
    lines += [f"| {a} | {b} | {c} | {words[met]} |" for a, b, c, met in rows]
    return "\n".join(lines)
