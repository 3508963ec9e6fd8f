"""Where the kernel takes in what a page sends: beside a cell that runs, where it can."""

from __future__ import annotations

from typing import Any

__all__ = ["take_where_sent"]

# What ipykernel asks; its own word, which no public one stands for. Where it is gone, so is this.
ROUTE = "_reply_subshell_for"


def take_where_sent(comm: Any) -> None:
    """Have a kernel take in what a page sends to a widget where the page sends it: in a subshell.

    ipykernel 7.4 takes it in where the widget last sent something itself. After a cell has made or
    changed a widget, that is the shell of cells, where it waits until the next cell is done. That
    suits code that waits for an answer in a loop of its own; these widgets never do.

    Parameters
    ----------
    comm : object
        What connects a widget with its pages.
    """
    if hasattr(comm, ROUTE):
        setattr(comm, ROUTE, _as_sent)


def _as_sent(_data: Any, sent_to: str | None) -> str | None:
    return sent_to
