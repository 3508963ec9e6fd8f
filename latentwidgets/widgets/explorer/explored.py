"""What a person gives to explore: a space and data, or one object that holds both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.attributes import attribute
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.text import holds_texts
from latentwidgets.space.as_space import as_space
from latentwidgets.space.held import Held, held_by
from latentwidgets.space.inputs import shape_of
from latentwidgets.widgets.explorer.embeddings import embeddings_in, is_table
from latentwidgets.widgets.map.items import Items

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["explored"]


def explored(given: Any, data: Any, labels: Any) -> tuple[Held, Items | None, list[str]]:
    """Say what to explore.

    Parameters
    ----------
    given : object
        What `embeddings_in` takes for embeddings, or else what `as_space` takes.
    data, labels : object
        As `LatentExplorer` takes them. Where there are no data, those are taken that `given` holds.
        Embeddings are data themselves: what comes after them are their labels.

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
    if data is not None and not is_table(given):
        space = as_space(given)
        shape = () if space.can_encode and holds_texts(data) else shape_of(data)
        if len(shape) == 1 and space.latent_shape != shape:
            raise LatentValueError(
                f"data have shape {shape}; this space takes latents of shape "
                f"{space.latent_shape}, a batch of them: (n, ...). Labels go by name: "
                "lw.explore(space, labels=...), or lw.explore(space, latents, labels)."
            )
        return Held(space, data, labels), None, []
    if data is not None and labels is not None:
        raise LatentValueError(
            f"a {type(given).__name__} of embeddings came first, and data after it; but embeddings "
            "are the data. Leave data out: lw.explore(embeddings, labels). Of a model pass the "
            "model first."
        )
    table = embeddings_in(given)
    if table is not None and labels is None and _is_another(data, given, table.latents):
        raise LatentValueError(
            f"two tables of embeddings came, of {table.latents.shape[1]} numbers a row each; "
            "expected one, and its labels. Pass both as one table, and say by a label from which "
            "a row is: lw.explore(np.concatenate([first, second]), "
            '["first"] * len(first) + ["second"] * len(second)). If the second are labels, say so: '
            "lw.explore(embeddings, labels=...)."
        )
    labels = data if labels is None else labels
    held = held_by(given if table is None else table)
    if labels is not None and held.data is None:
        raise LatentValueError("there are labels, but no data; pass the latents they belong to.")
    held = held if labels is None else Held(held.space, held.data, labels)
    if table is None:
        return held, None, []
    texts = table.texts and Items(table.texts, len(table.texts), told=False)
    return held, texts or None, [table.words]


def _is_another(data: Any, given: Any, latents: NDArray[np.float32]) -> bool:
    """Tell whether what comes after embeddings are embeddings too, and no labels of them."""
    shape = shape_of(data)
    if len(shape) != 2 or not is_table(data) or shape[1] < 2:
        return False
    names = attribute(data, "columns")
    if names is not None:
        return [*names] == [*attribute(given, "columns", ())]
    return shape[1] == latents.shape[1] and np.asarray(data).dtype.kind == "f"
