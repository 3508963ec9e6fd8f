"""What a person gives to explore: a space and data, or one object that holds both."""

from __future__ import annotations

from typing import Any

from latentwidgets.errors import LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.held import Held, held_by
from latentwidgets.widgets.explorer.embeddings import embeddings_in
from latentwidgets.widgets.map.items import Items

__all__ = ["explored"]


def explored(given: Any, data: Any, labels: Any) -> tuple[Held, Items | None, list[str]]:
    """Say what to explore.

    Parameters
    ----------
    given : object
        What `embeddings_in` takes for embeddings, or else what `as_space` takes.
    data, labels : object
        As `LatentExplorer` takes them. Where there are no data, those are taken that `given` holds.

    Returns
    -------
    held : Held
        The space, its data and their labels.
    items : Items or None
        What rows of a table are called, to be searched.
    words : list of str
        What the person should know of how this was taken.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is no space in it, or there are labels of no data.
    """
    if data is not None:
        return Held(as_space(given), data, labels), None, []
    table = embeddings_in(given)
    held = held_by(given if table is None else table)
    if labels is not None and held.data is None:
        raise LatentValueError("there are labels, but no data; pass the latents they belong to.")
    held = held if labels is None else Held(held.space, held.data, labels)
    if table is None:
        return held, None, []
    texts = table.texts and Items(table.texts, len(table.texts), told=False)
    return held, texts or None, [table.words]
