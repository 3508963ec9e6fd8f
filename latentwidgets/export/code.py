"""The latent that a widget shows, as a cell of Python that makes it again."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.path import Path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

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
    own, values = route, dict(conditions or {})
    if isinstance(route, Conditioned):
        own, values = route.route, {name: _plain(one) for name, [one] in route.values([at]).items()}
        at = at[: len(own.bounds)]
    latent = own.latents([at])[0]
    lines = None
    if isinstance(own, Path):
        lines = _of_path(own, at)
    elif isinstance(own, Edit):
        lines = _of_edit(own, at)
    lines = lines or [f"latent = {_array(latent)}"]
    under_which = [f"conditions = {values!r}"] if values else []
    libraries = ["import numpy as np"]
    if isinstance(own, Path):
        libraries.append("import latentwidgets as lw")
    several = isinstance(own, Edit) and latent.shape != own.directions.latent_shape
    given = "latent" if several else "latent[np.newaxis]"
    under = ", conditions" if values else ""
    # As JSON writes it, the name cannot end the comment.
    shown = f"# The picture, of the space {json.dumps(space)}: space.decode({given}{under})"
    rest = [] if space is None else ["", SPACE, shown]
    return "\n".join([*libraries, "", *lines, *under_which, *rest])


def _of_path(path: Path, at: Coordinates) -> list[str] | None:
    """Write the path and where on it; None where its prior is needed, or it had to be found."""
    if path.method == "geodesic":
        return None
    if path.method == "gaussian" and (path.prior is None or path.prior.mean.any()):
        return None
    timing = "" if path.timing is None else f", timing={_array(path.timing)}"
    return [
        f"anchors = {_array(path.anchors)}",
        f"path = lw.Path(anchors, {path.method!r}, closed={path.closed}{timing})",
        f"latent = path({at[0]!r}).astype(np.float32)",
    ]


def _of_edit(edit: Edit, at: Coordinates) -> list[str] | None:
    """Write the base, and what each amount adds; None where it adds other steps to each base."""
    amounts = np.asarray(at or edit.origin, np.float64)
    steps = np.where(amounts == edit.origin, 0.0, amounts - edit.starts)
    if (steps != steps[0]).any():
        return None
    base = f"base = {_array(edit.bases)}"
    names = dict(zip(edit.directions.names, steps[0].tolist(), strict=True))
    moved = {name: step for name, step in names.items() if step}
    if not moved:
        return [base, "latent = base"]
    shape = edit.directions.latent_shape
    rows = zip(edit.directions.names, edit.moves, strict=True)
    moves = [f"    {name!r}: {_array(row.reshape(shape))}," for name, row in rows if name in moved]
    about = "how far from the base, in sigmas" if edit.absolute else "in sigmas"
    return [
        base,
        f"amounts = {moved!r}  # {about}",
        "moves = {  # what one sigma of each adds",
        *moves,
        "}",
        "latent = base + sum(amounts[name] * moves[name] for name in amounts)",
        "latent = latent.astype(np.float32)",
    ]


def _array(array: NDArray[Any]) -> str:
    """Write an array so that Python reads the same numbers again."""
    with np.printoptions(formatter=None, legacy=False, sign="-"):  # a person may have set others
        text = np.array2string(
            array, separator=", ", threshold=sys.maxsize, floatmode="unique", max_line_width=88
        )
    return f"np.array({text}, dtype=np.{array.dtype})"


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
