"""What a person takes away from an explorer, and brings back: methods of `LatentExplorer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from latentwidgets.common.keywords import checked_keywords
from latentwidgets.errors import LatentValueError
from latentwidgets.export.replaying import check_same_space
from latentwidgets.kinds.shared.figure import stacked
from latentwidgets.widgets.explorer.recipes import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure

    from latentwidgets.export.recipe import Recipe
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.explorer.recipes import RecipeHistory

__all__ = ["apply", "figure", "recipe"]


class Explores(Protocol):
    """What these methods ask of an explorer."""

    history: RecipeHistory

    @property
    def space(self) -> LatentSpace:
        """The space that is explored."""

    @property
    def parts(self) -> dict[str, Any]:
        """The parts there are, by name."""

    def _say(self, about: str, what: str) -> None:
        """Say something beside the buttons."""


def recipe(self: Explores) -> Recipe:
    """Write down what all parts show now.

    Bookmarks and steps are written down by `history.recipe`.

    Returns
    -------
    Recipe
        That of the current latent, which `latentwidgets.replay` makes again, and of what each part
        shows, which `apply` brings back. Its `parts` are recipes for widgets of their own.

    Raises
    ------
    LatentValueError
        If the explorer is closed.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> explorer = lw.explore(digits, parts=["grid", "editor"])
    >>> explorer.editor.value = {"PC 1": 2}
    >>> recipe = explorer.recipe()
    >>> bool((lw.replay(recipe, digits.space) == explorer.editor.latent).all())
    True
    >>> list(recipe.parts)
    ['editor', 'grid']
    """
    return self.history.now()


@checked_keywords
def apply(self: Explores, recipe: Recipe, *, allow: str | Iterable[str] = ()) -> None:
    """Bring back what a recipe says: all parts as they were, and its bookmarks and steps.

    It is one step: undo goes back to before it, then through the steps there were, then through
    those of the recipe. Its bookmarks come beside those there are, with a number where their name
    is taken; undo leaves bookmarks alone.

    Parameters
    ----------
    recipe : Recipe
        Of an explorer; or of one widget, which the part that is like it follows.
    allow : str or iterable of str
        In what the space may differ; see `latentwidgets.replay`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is for another space, no part shows what it is of, or one cannot show it, such as
        points of other data that are selected, or there would be more than 200 bookmarks. Then all
        stays as it is.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> explorer = lw.explore(lw.demo.digits(), parts=["grid", "editor"])
    >>> recipe = explorer.recipe()
    >>> explorer.grid.value = (1, 1)
    >>> explorer.apply(recipe)
    >>> explorer.grid.value
    (0.0, 0.0)
    """
    check_same_space(recipe, self.space, allow)
    missing = self.history.take(recipe)
    words = f"The recipe is also of a {' and a '.join(missing)}, which is not here."
    self._say("doing", words if missing else "")


def figure(self: Explores) -> Figure:
    """Draw what all parts show, for a paper: the figure of each, one below the other.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for ``savefig``; text in it stays text, and lines stay lines.

    Raises
    ------
    LatentValueError
        If the explorer is closed.
    DecodeError
        If the decoder raises.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> explorer = lw.explore(lw.demo.digits(), parts=["grid", "editor"])
    >>> len(explorer.figure().axes)
    2
    """
    if not self.parts:
        raise LatentValueError(CLOSED)
    return stacked(part.figure for part in self.parts.values())
