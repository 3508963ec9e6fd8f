"""Reads a decoder's outputs as texts, or as objects of a kind that a person added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from latentwidgets.outputs import Outputs

__all__ = ["ObjectReader", "TextReader", "holds_texts"]


class ObjectReader:
    """Reads the outputs of one decoder as a list of objects.

    Parameters
    ----------
    kind : str
        What the objects are.
    """

    settled = True
    value_range = None

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def read(self, raw: Any, count: int, _probe: Callable[[], Iterable[Outputs]]) -> list[Any]:
        """See that a batch is a list with one object for each latent.

        Parameters
        ----------
        raw : list, tuple or array
            What the decoder returned.
        count : int
            For how many latents.
        _probe : callable
            Not needed.

        Returns
        -------
        list
            The objects.

        Raises
        ------
        DecodeError
            If it is something else.
        """
        got = f"decode returned a {type(raw).__name__}"
        expected = f"expected a list of {count}: one {self.kind} for each latent"
        if isinstance(raw, str):
            raise DecodeError(f"{got}; {expected}, even for a batch of 1. Return [text].")
        try:
            if isinstance(raw, (bytes, Mapping)):
                raise TypeError
            objects: list[Any] = list(raw)
        except TypeError as error:
            raise DecodeError(f"{got}; {expected}. Return that.") from error
        if len(objects) != count:
            raise DecodeError(f"{got} of {len(objects)}; {expected}, even for a batch of 1.")
        return objects

    def take(self, given: Any) -> NDArray[Any]:
        """Take a list of objects that are to be encoded."""
        if isinstance(given, (str, bytes, Mapping)) or not hasattr(given, "__iter__"):
            raise LatentTypeError(
                f"encode got a {type(given).__name__}; expected a list, one {self.kind} an entry."
            )
        objects = np.fromiter(given, object)
        if not objects.size:
            raise LatentValueError(f"encode got an empty list; expected at least one {self.kind}.")
        return objects

    def to_model(self, batch: NDArray[Any]) -> list[Any]:
        """Give them to the encoder as a list."""
        return list(batch)


class TextReader(ObjectReader):
    """Reads the outputs of one decoder as texts.

    Examples
    --------
    >>> TextReader().read(("a", "b"), 2, lambda: [])
    ['a', 'b']
    """

    def __init__(self) -> None:
        super().__init__("text")

    def read(self, raw: Any, count: int, probe: Callable[[], Iterable[Outputs]]) -> list[str]:
        """See that a batch is a list with one text for each latent.

        Parameters
        ----------
        raw : list, tuple or array
            What the decoder returned.
        count : int
            For how many latents.
        probe : callable
            Not needed.

        Returns
        -------
        list of str
            The texts.

        Raises
        ------
        DecodeError
            If it is something else, or an entry is no str.
        """
        texts = super().read(raw, count, probe)
        for i, text in enumerate(texts):
            if not isinstance(text, str):
                raise DecodeError(
                    f"decode returned a list whose entry {i} is a {type(text).__name__}; expected "
                    "a str for each latent. Return str(...) of it, or '' where there is nothing."
                )
        return [str(text) for text in texts]  # NumPy has texts of its own

    def take(self, given: Any) -> NDArray[Any]:
        """Take a list of texts that are to be encoded."""
        texts = super().take(given)
        if not all(isinstance(text, str) for text in texts):
            raise LatentTypeError("encode got a list with entries that are no str; expected texts.")
        return texts


def holds_texts(raw: object) -> bool:
    """Tell whether a decoder returned texts, or meant to: one will do.

    Examples
    --------
    >>> [holds_texts(raw) for raw in ([None, "a"], np.array(["a"]), [], np.zeros(3), "a")]
    [True, True, False, False, False]
    """
    if isinstance(raw, np.ndarray):
        return raw.dtype.kind == "U" or (raw.dtype == object and holds_texts(raw.ravel().tolist()))
    return isinstance(raw, (list, tuple)) and any(isinstance(one, str) for one in raw)
