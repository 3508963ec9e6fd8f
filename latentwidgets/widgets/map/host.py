"""`Host`: what the parts of a map ask of the widget that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.map_plane import MapPlane
    from latentwidgets.routes.projection import Projection

    Columns = Mapping[str, NDArray[Any]]

__all__ = ["Host"]


@dataclass(frozen=True)
class Host:
    """What the parts of a map ask of the widget that holds them; they know nothing else of that.

    Attributes
    ----------
    labels : callable
        ``labels()`` gives the labels of the latents, by name.
    plane : callable
        ``plane()`` gives the plane that is shown; None before the map is open, and once it is
        closed.
    projection : callable
        ``projection()`` gives the projection that lays the latents out, before the map is open too;
        None once it is closed.
    path : callable
        ``path()`` gives the latents that a line is drawn through; None once the map is closed.
    searched : callable
        ``searched()`` gives the text that is searched for; empty for none.
    store : callable
        ``store(color="kind")`` keeps what a person sees in these traits; raises once the map is
        closed. What it gives is called to notify those who observe them: never with a lock held.
    tell_pages : callable
        ``tell_pages(legend={}, color="kind")`` tells pages, in one message: it sets the traits that
        they see, ``_legend`` and ``_color``.
    be_at : callable
        ``be_at(plane)`` shows the person where they are on a plane, and the latent there; false,
        and nothing is shown, where the latents lie otherwise by now, or have other labels.
    lay_out : callable
        ``lay_out(plane)`` shows all that is drawn on another plane; raises, and changes nothing,
        where something has no place there.
    refuse : callable
        ``refuse(error)`` tells pages why they do not get what was chosen.
    select : callable
        ``select(rows)`` selects the latents in these rows, int64.
    """

    labels: Callable[[], Columns]
    plane: Callable[[], MapPlane | None]
    projection: Callable[[], Projection | None]
    path: Callable[[], NDArray[np.float32] | None]
    searched: Callable[[], str]
    store: Callable[..., Callable[[], object]]
    tell_pages: Callable[..., object]
    be_at: Callable[[MapPlane], bool]
    lay_out: Callable[[MapPlane], object]
    refuse: Callable[[Exception], object]
    select: Callable[[NDArray[np.int64]], object]
