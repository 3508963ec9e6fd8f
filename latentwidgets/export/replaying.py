"""`replay`: the latent of a recipe, made again for the space that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_one_of
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.export.arrays import ArrayReader
from latentwidgets.export.fingerprint import PARTS, differences, fingerprint_of
from latentwidgets.export.recipe import Recipe
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["check_same_space", "replay"]


@checked_keywords
def replay(recipe: Recipe, space: Any, *, allow: str | Iterable[str] = ()) -> NDArray[np.float32]:
    """Make the latent of a recipe again.

    Parameters
    ----------
    recipe : Recipe
        Of a widget, or read from a file.
    space : LatentSpace or object or None
        The space that it is for, or anything that `as_space` takes. Nothing is checked if None.
    allow : str or iterable of str
        In what the space may differ from that of the recipe: "weights", "options", "conditions",
        "versions".

    Returns
    -------
    ndarray
        float32, as the widget showed it, to the last bit: the one that was written down, once its
        route has been followed again and was found to lead there. The conditions are
        ``recipe["conditions"]``, as `LatentSpace.decode` takes them.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the space is another one, which says what differs; or there is no recipe.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> found = lw.pca_directions(digits.latents, 2)
    >>> recipe = lw.DirectionEditor(digits, digits.latents[3], found, value={"PC 1": 2}).recipe()
    >>> latent = lw.replay(recipe, digits.space)
    >>> digits.space.decode(latent[None], recipe["conditions"]).shape
    (1, 32, 32, 1)
    >>> other = digits.space.replace(value_range=(0, 2))
    >>> lw.replay(recipe, other)
    Traceback (most recent call last):
    ...
    latentwidgets.errors.LatentValueError: this recipe is for another space: options: ...
    """
    check_same_space(recipe, None if space is None else as_space(space), allow)
    latent = ArrayReader(recipe["arrays"]).get(recipe["latent"])
    return np.asarray(latent, np.float32)


def check_same_space(
    recipe: Recipe, space: LatentSpace | None, allow: str | Iterable[str] = ()
) -> None:
    """Refuse a space that a recipe is not for.

    Parameters
    ----------
    recipe : Recipe
        The recipe.
    space : LatentSpace or None
        None for one that is not checked.
    allow : str or iterable of str
        In what they may differ.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is no recipe, or the space differs in something else.
    """
    if not isinstance(recipe, Recipe):
        raise LatentTypeError(
            f"recipe is {brief(recipe)}; expected a Recipe: widget.recipe(), lw.load(path) or "
            "lw.Recipe.from_json(text)."
        )
    given = [allow] if isinstance(allow, str) else allow
    allowed = check_items(given, "allow is", f"names among {', '.join(PARTS[1:])}")
    for one in allowed:
        check_one_of(one, "allow", PARTS[1:])
    was = recipe["space"]
    if was is None or space is None:
        return
    differ = differences(was, fingerprint_of(space))
    refused = [name for name in differ if name not in allowed]
    if not refused:
        return
    said = ". ".join(differ[name] for name in refused)
    way = f"To take it all the same, pass allow={refused!r}."
    if "latent_shape" in refused:
        way = f"Take the space that it was made in, {brief(was['name'])}."
    raise LatentValueError(f"this recipe is for another space: {said}. {way}")
