"""The errors this package raises: what went wrong, what was expected, and the way out."""

from __future__ import annotations

__all__ = [
    "DecodeError",
    "LatentTypeError",
    "LatentValueError",
    "LatentWidgetsError",
    "MissingExtraError",
]


class LatentWidgetsError(Exception):
    """Base of every error that latentwidgets raises on purpose."""


class LatentValueError(LatentWidgetsError, ValueError):
    """A value of the right type that cannot be used: a shape, a range, a name."""


class LatentTypeError(LatentWidgetsError, TypeError):
    """An object of a type that cannot be used here."""


class DecodeError(LatentWidgetsError, RuntimeError):
    """A decoder raised, or returned something that is not one output per latent."""


class MissingExtraError(LatentWidgetsError, ImportError):
    """Something needs a package that comes with an extra of latentwidgets."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(
            f"{what} needs the extra {extra!r}, which is not installed. Install it with "
            f'pip install "latentwidgets[{extra}]", and restart the kernel.'
        )
