"""Move through the latent spaces of generative and representation models, in a notebook."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import demo
    from .errors import DecodeError, LatentTypeError, LatentValueError, LatentWidgetsError
    from .image_format import GuessWarning
    from .paths import Path, lerp, nlerp, slerp
    from .space import LatentSpace, as_space
    from .widgets.interpolator import Interpolator

__version__ = "0.1.0"

# Every public name and the module that holds it: loaded when first asked for, so that
# `import latentwidgets` costs next to nothing.
_HOMES = {
    "DecodeError": ".errors",
    "GuessWarning": ".image_format",
    "Interpolator": ".widgets.interpolator",
    "LatentSpace": ".space",
    "LatentTypeError": ".errors",
    "LatentValueError": ".errors",
    "LatentWidgetsError": ".errors",
    "Path": ".paths",
    "as_space": ".space",
    "lerp": ".paths",
    "nlerp": ".paths",
    "slerp": ".paths",
}

__all__ = [
    "DecodeError",
    "GuessWarning",
    "Interpolator",
    "LatentSpace",
    "LatentTypeError",
    "LatentValueError",
    "LatentWidgetsError",
    "Path",
    "__version__",
    "as_space",
    "demo",
    "lerp",
    "nlerp",
    "slerp",
]


def __getattr__(name: str) -> object:
    if name == "demo":
        return importlib.import_module(".demo", __name__)
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
