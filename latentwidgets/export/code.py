"""The latent that a widget shows, as a cell of Python that makes it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.export.exported.table import exported
from latentwidgets.routes.conditioned import own_of, values_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.routes.route import Coordinates, Route

__all__ = ["code_of"]

# Every widget takes what `as_space` takes, and only the person's own script knows what that was.
SPACE = "# space = lw.as_space(...) of what the widget was made with"


def code_of(
    route: Route,
    at: Coordinates,
    space: str | None = None,
    conditions: Mapping[str, Any] | None = None,
) -> str:
    """Write a cell that makes the latent at some coordinates.

    Parameters
    ----------
    route : Route
        What the coordinates mean.
    at : tuple of float
        The coordinates, those of conditions last.
    space : str, optional
        What the space is called that decodes it; None where nothing does.
    conditions : mapping of str to value, optional
        Under which it is decoded, where no coordinates stand for them.

    Returns
    -------
    str
        Python that runs by itself, in which ``latent`` is float32 and of the shape that the widget
        gives it; and as a comment how to decode it.

    Raises
    ------
    StaleError, LatentValueError
        If the route makes no latent there.

    Examples
    --------
    >>> from latentwidgets.routes.path import Path
    >>> print(code_of(Path([[0.0, 1.0], [2.0, 3.0]], "lerp"), (0.5,), "mine"))
    import numpy as np
    import latentwidgets as lw
    <BLANKLINE>
    anchors = np.array([[0., 1.],
     [2., 3.]], dtype=np.float64)
    path = lw.Path(anchors, 'lerp', closed=False)
    latent = path(0.5).astype(np.float32)
    <BLANKLINE>
    # space = lw.as_space(...) of what the widget was made with
    # The picture, of the space "mine": space.decode(latent[np.newaxis])
    """
    latent = route.latents([at])[0]  # an error where there is none
    own, under = own_of(route), {**(conditions or {}), **values_at(route, at)}
    values = {name: _plain(one) for name, one in under.items()}
    found = exported(own)
    lines, needs_lw = found.code(at[: len(own.bounds)], latent)
    under_which = [f"conditions = {values!r}"] if values else []
    libraries = ["import numpy as np", *(["import latentwidgets as lw"] if needs_lw else [])]
    given = "latent" if found.many_latents else "latent[np.newaxis]"
    decoded = f"space.decode({given}{', conditions' if values else ''})"
    # As JSON writes it, the name cannot end the comment.
    shown = f"# The picture, of the space {json.dumps(space)}: {decoded}"
    rest = [] if space is None else ["", SPACE, shown]
    return "\n".join([*libraries, "", *lines, *under_which, *rest])


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
