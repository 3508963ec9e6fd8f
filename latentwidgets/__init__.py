"""Move through the latent spaces of generative and representation models, in a notebook."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from . import adapters, analysis, demo
    from .adapters.lora import lora_condition
    from .analysis.layer_scores import layer_scores
    from .analysis.token_changes import token_changes
    from .analysis.token_damage import token_damage
    from .analysis.token_map import token_map, token_readings
    from .directions import Direction, Directions, Evidence
    from .directions.axes import axis_directions
    from .directions.components import pca_directions
    from .directions.contrasts import contrast_directions
    from .directions.differences import difference_directions
    from .directions.effects import measure_effects
    from .directions.ica_and_sparse_pca import ica_directions, sparse_pca_directions
    from .directions.imported import control_vector_directions, sae_directions
    from .directions.label_scores import score_directions
    from .directions.local import local_directions
    from .directions.probes import probe_directions
    from .directions.weights import weight_directions
    from .errors import (
        CheckFailedError,
        DecodeError,
        LatentTypeError,
        LatentValueError,
        LatentWidgetsError,
        MissingExtraError,
    )
    from .export.animation import save_animation
    from .export.files import load
    from .export.grading import check
    from .export.recipe import Recipe
    from .export.replaying import replay
    from .export.students import student_start
    from .kinds.reading.ranges import GuessWarning
    from .kinds.shared.table import register_kind
    from .kinds.tokens import Tokens
    from .routes.path import Path
    from .routes.segments import lerp, nlerp, slerp
    from .space.as_space import as_space
    from .space.condition import Condition
    from .space.latent_space import LatentSpace
    from .space.priors import NormalPrior
    from .widgets.direction_editor import DirectionEditor
    from .widgets.interpolator import Interpolator
    from .widgets.latent_explorer import LatentExplorer, explore
    from .widgets.latent_grid import LatentGrid
    from .widgets.latent_map import LatentMap
    from .widgets.links import link

# Every public name and the module that holds it: loaded when first asked for, so that
# `import latentwidgets` costs next to nothing.
_HOMES = {
    "CheckFailedError": ".errors",
    "Condition": ".space.condition",
    "DecodeError": ".errors",
    "Direction": ".directions",
    "DirectionEditor": ".widgets.direction_editor",
    "Directions": ".directions",
    "Evidence": ".directions",
    "GuessWarning": ".kinds.reading.ranges",
    "Interpolator": ".widgets.interpolator",
    "LatentExplorer": ".widgets.latent_explorer",
    "LatentGrid": ".widgets.latent_grid",
    "LatentMap": ".widgets.latent_map",
    "LatentSpace": ".space.latent_space",
    "LatentTypeError": ".errors",
    "LatentValueError": ".errors",
    "LatentWidgetsError": ".errors",
    "MissingExtraError": ".errors",
    "NormalPrior": ".space.priors",
    "Path": ".routes.path",
    "Recipe": ".export.recipe",
    "Tokens": ".kinds.tokens",
    "as_space": ".space.as_space",
    "axis_directions": ".directions.axes",
    "check": ".export.grading",
    "contrast_directions": ".directions.contrasts",
    "control_vector_directions": ".directions.imported",
    "difference_directions": ".directions.differences",
    "explore": ".widgets.latent_explorer",
    "ica_directions": ".directions.ica_and_sparse_pca",
    "layer_scores": ".analysis.layer_scores",
    "lerp": ".routes.segments",
    "link": ".widgets.links",
    "load": ".export.files",
    "local_directions": ".directions.local",
    "lora_condition": ".adapters.lora",
    "measure_effects": ".directions.effects",
    "nlerp": ".routes.segments",
    "pca_directions": ".directions.components",
    "probe_directions": ".directions.probes",
    "register_kind": ".kinds.shared.table",
    "replay": ".export.replaying",
    "sae_directions": ".directions.imported",
    "save_animation": ".export.animation",
    "score_directions": ".directions.label_scores",
    "slerp": ".routes.segments",
    "sparse_pca_directions": ".directions.ica_and_sparse_pca",
    "student_start": ".export.students",
    "token_changes": ".analysis.token_changes",
    "token_damage": ".analysis.token_damage",
    "token_map": ".analysis.token_map",
    "token_readings": ".analysis.token_map",
    "weight_directions": ".directions.weights",
}

__all__ = [
    "CheckFailedError",
    "Condition",
    "DecodeError",
    "Direction",
    "DirectionEditor",
    "Directions",
    "Evidence",
    "GuessWarning",
    "Interpolator",
    "LatentExplorer",
    "LatentGrid",
    "LatentMap",
    "LatentSpace",
    "LatentTypeError",
    "LatentValueError",
    "LatentWidgetsError",
    "MissingExtraError",
    "NormalPrior",
    "Path",
    "Recipe",
    "Tokens",
    "__version__",
    "adapters",
    "analysis",
    "as_space",
    "axis_directions",
    "check",
    "contrast_directions",
    "control_vector_directions",
    "demo",
    "difference_directions",
    "explore",
    "ica_directions",
    "layer_scores",
    "lerp",
    "link",
    "load",
    "local_directions",
    "lora_condition",
    "measure_effects",
    "nlerp",
    "pca_directions",
    "probe_directions",
    "register_kind",
    "replay",
    "sae_directions",
    "save_animation",
    "score_directions",
    "slerp",
    "sparse_pca_directions",
    "student_start",
    "token_changes",
    "token_damage",
    "token_map",
    "token_readings",
    "weight_directions",
]


def __getattr__(name: str) -> object:
    if name in ("adapters", "analysis", "demo"):
        return importlib.import_module(f".{name}", __name__)
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
