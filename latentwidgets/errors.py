"""The errors this package raises: what went wrong, what was expected, and the way out."""

from __future__ import annotations

from typing import Any

__all__ = [
    "CheckFailedError",
    "DecodeError",
    "LatentIndexError",
    "LatentKeyError",
    "LatentTypeError",
    "LatentValueError",
    "LatentWidgetsError",
    "MissingExtraError",
]


class LatentWidgetsError(Exception):
    """Base of every error that latentwidgets raises on purpose.

    Parameters
    ----------
    *args
        The message; where there is a way out, what went wrong alone, without a full stop.
    way : str
        The way out, in whole sentences, which the message ends with.

    Attributes
    ----------
    clause : str
        What went wrong, without the way out where that is known: for a list of several.
    """

    def __init__(self, *args: object, way: str = "") -> None:
        self.clause = str(args[0]).rstrip(".") if args else ""
        super().__init__(*([f"{self.clause}. {way}"] if way else args))


class LatentValueError(LatentWidgetsError, ValueError):
    """A value of the right type that cannot be used: a shape, a range, a name."""


class LatentIndexError(LatentWidgetsError, IndexError):
    """A number of something that is not there."""


class LatentKeyError(LatentWidgetsError, KeyError):
    """A name of something that is not there."""

    __str__ = Exception.__str__  # a KeyError shows its message in quotes


class LatentTypeError(LatentWidgetsError, TypeError):
    """An object of a type that cannot be used here."""


class DecodeError(LatentWidgetsError, RuntimeError):
    """A decoder raised, or returned something that is not one output per latent."""


class CheckFailedError(LatentWidgetsError, AssertionError):
    """An answer that does not do what was asked; its text is for whoever gave it."""


class MissingExtraError(LatentWidgetsError, ImportError):
    """Something needs a package that comes with an extra of latentwidgets.

    Parameters
    ----------
    extra : str
        The extra.
    what : str
        What needs it.
    """

    def __init__(self, extra: str, what: str) -> None:
        self._extra, self._what = extra, what
        super().__init__(
            f"{what} needs the extra {extra!r}, which is not installed. Install it with "
            f'pip install "latentwidgets[{extra}]", and restart the kernel.'
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is copied and loaded by calling its class with `args`, which is the message.
        return type(self), (self._extra, self._what), vars(self)
