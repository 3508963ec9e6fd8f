"""The items that latents stand for: pictures or texts, one a latent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from latentwidgets.common.attributes import has
from latentwidgets.common.checks import check_container
from latentwidgets.common.wanted import UnwantedError
from latentwidgets.common.wording import brief
from latentwidgets.directions.columns import worded_twice
from latentwidgets.engine.handed import SaidOfAll
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from latentwidgets.engine.replies import Said

__all__ = ["Items", "said_of", "said_of_all"]


# Of a text no more characters than this are shown.
MOST_TEXT = 2000
# A page is sent no more characters of all of them together, names included.
MOST_LETTERS = 2**21
# So many values are gone through between two looks whether they are still wanted.
LOOK_EVERY = 2**12


def said_of(row: float, labels: Mapping[str, NDArray[Any]], items: Items | None) -> Said:
    """Give what is known of the latent in a row, as `Said` has it; nothing below row 0."""
    lines: list[tuple[str, ...]] = []
    if row >= 0:
        lines = [(name, *worded_twice(values[int(row)])) for name, values in labels.items()]
        if items is not None and items.told and (text := items.text(int(row))):
            lines.append(("", text))
    return {"row": row, "lines": [(name, *_cut(words)) for name, *words in lines]}


def said_of_all(
    labels: Mapping[str, NDArray[Any]],
    items: Items | None,
    count: int,
    unwanted: Callable[[], bool],
) -> SaidOfAll:
    """Give what `said_of` says of each latent of a map.

    Raises
    ------
    LatentValueError
        If that is too much for a page, or not to be had without looking items up one by one.
    UnwantedError
        If nobody wants it any more.

    Examples
    --------
    >>> said_of_all({"digit": np.array([7, 7, 5])}, None, 3, lambda: False)
    SaidOfAll(lines=[[('digit', '5')], [('digit', '7')]], rows=array([1, 1, 0], dtype=int32))
    """
    told = items is not None and items.told and not items.pictured
    texts = items.listed if items is not None and told else ()
    if texts is None:
        raise LatentValueError(
            "the texts that its points stand for are looked up one by one, which only the kernel "
            "can. Pass them as a list."
        )
    sources: list[tuple[str, Iterable[Any], Callable[[Any], tuple[str, ...]]]]
    sources = [(name, values, worded_twice) for name, values in labels.items()]
    sources += [("", texts, _as_text)] if told else []
    columns, rows = list[list[tuple[str, ...]]](), np.zeros((0, count), np.int64)
    for _, values, words in sources:
        different, codes = _distinct(values, words, unwanted)
        columns.append(different)
        rows = np.concatenate([rows, codes[np.newaxis]])
    found, which = np.unique(rows, axis=1, return_inverse=True)
    lines, letters = list[list[tuple[str, ...]]](), 0
    for i, codes in enumerate(found.T.tolist()):
        _look(i, unwanted)
        said = [column[code] for column, code in zip(columns, codes, strict=True)]
        named = zip(sources, said, strict=True)
        lines.append([(name, *words) for (name, *_), words in named if words])
        letters += sum(len(text) for line in lines[-1] for text in line)
        _check_letters(letters)
    return SaidOfAll(lines, which.reshape(-1).astype(np.int32))


def _distinct(
    values: Iterable[Any], words: Callable[[Any], tuple[str, ...]], unwanted: Callable[[], bool]
) -> tuple[list[tuple[str, ...]], NDArray[np.int64]]:
    """Give the different words of values, and which of them each value has."""
    numbers = values if isinstance(values, np.ndarray) and values.dtype.kind in "biuf" else None
    which = None
    if numbers is not None:
        values, which = np.unique(numbers, return_inverse=True)
    places, letters, codes = dict[tuple[str, ...], int](), 0, list[int]()
    for i, value in enumerate(values):
        _look(i, unwanted)
        said = _cut(words(value))
        if said not in places:
            letters += sum(map(len, said))
            _check_letters(letters)
        codes.append(places.setdefault(said, len(places)))
    found = np.array(codes, np.int64)
    return [*places], found if which is None else found[which.reshape(-1)]


def _as_text(item: Any) -> tuple[str, ...]:
    """Write an item that is a text; nothing is said of an empty one."""
    text = str(item)
    return (text,) if text else ()


def _cut(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(text[:MOST_TEXT] for text in words)


def _look(i: int, unwanted: Callable[[], bool]) -> None:
    if i % LOOK_EVERY == 0 and unwanted():
        raise UnwantedError


def _check_letters(count: int) -> None:
    if count > MOST_LETTERS:
        raise LatentValueError(
            f"the labels and texts of its points have more than {MOST_LETTERS:,} characters, which "
            "is what a page is sent at most."
        )


class Items:
    """What each latent was made from, looked up when it is asked for.

    Parameters
    ----------
    given : sequence
        One a latent: texts, PIL images, or images as arrays of uint8 or of floats in [0, 1],
        ``(height, width)`` or ``(height, width, channels)``; or one array of all of these.
    count : int
        How many latents there are.
    told : bool
        Whether texts are said beside the picture: not where they are what is decoded.

    Attributes
    ----------
    told : bool
        As above.
    pictured : bool
        Whether they are pictures, and not texts.
    listed : sequence or None
        All of them, where nothing is computed or read as they are looked up.

    Raises
    ------
    LatentTypeError
        If they are something else.
    """

    def __init__(self, given: Any, count: int, *, told: bool = True) -> None:
        self.told = told
        if isinstance(given, (str, type)) or not has(given, "__getitem__"):
            raise LatentTypeError(
                f"items are a {type(given).__name__}; expected a list of texts or images."
            )
        try:
            len(given)
        except Exception:  # as an array of no axes, or an object's own `__len__`
            raise LatentTypeError(
                f"items are {brief(given)}; expected a list of texts or images."
            ) from None
        if not len(given):
            raise LatentValueError("there are no items; expected one a latent.")
        if len(given) != count:
            raise LatentValueError(
                f"there are {len(given)} items and {count} latents. Give one item a latent."
            )
        series = hasattr(type(given), "iloc")
        self.listed = given if series or isinstance(given, (list, tuple, np.ndarray)) else None
        # A Series is looked up by place, not by name.
        self._given = getattr(given, "iloc", given)
        self.pictured = not isinstance(self._given[0], str)
        if self.pictured:
            self.picture(0)

    @classmethod
    def of(cls, given: Any, count: int) -> Items | None:
        """Take items as a person passes them; None for none, and what are items already as such."""
        return given if given is None or isinstance(given, cls) else cls(given, count)

    def __len__(self) -> int:
        return len(self._given)

    def text(self, index: int) -> str:
        """Give an item as text; empty where items are pictures."""
        return "" if self.pictured else str(self._given[index])

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Give an item as pixels, ``(height, width, channels)``."""
        item = self._given[index]
        if isinstance(item, PIL.Image.Image):
            item = item if item.mode in ("L", "RGB", "RGBA") else item.convert("RGBA")
        check_container(item, f"item {index}")
        array = np.asarray(item)
        if array.ndim == 2:
            array = array[..., np.newaxis]
        if array.ndim != 3 or array.shape[-1] not in (1, 3, 4) or array.dtype.kind not in "buf":
            raise LatentTypeError(
                f"item {index} is a {type(item).__name__} of shape {array.shape} and dtype "
                f"{array.dtype}; expected a text, a PIL image, or an array of uint8 or of floats "
                "in [0, 1], (height, width) or (height, width, channels)."
            )
        if array.dtype != np.uint8:
            array = (np.clip(np.nan_to_num(array.astype(np.float32)), 0, 1) * 255).round()
        return array.astype(np.uint8)
