"""Numbers about spaces, paths, points and directions."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latentwidgets.analysis.anomalies import anomaly_scores
    from latentwidgets.analysis.disentanglement import dci, mig, sap
    from latentwidgets.analysis.found_clusters import clusters
    from latentwidgets.analysis.latent_index import LatentIndex
    from latentwidgets.analysis.leaks import leakage
    from latentwidgets.analysis.nearest_latents import nearest
    from latentwidgets.analysis.next_token_table import next_tokens
    from latentwidgets.analysis.path_comparison import compare_paths
    from latentwidgets.analysis.path_geodesic import geodesic
    from latentwidgets.analysis.path_length import perceptual_path_length
    from latentwidgets.analysis.path_smoothness import smoothness
    from latentwidgets.analysis.probe_reports import probe_report
    from latentwidgets.analysis.space_comparison import compare_spaces
    from latentwidgets.analysis.steering import steering_curve
    from latentwidgets.analysis.typicality import Typicality

# No module has the name of a function: once loaded it would stand in its place.
_HOMES = {
    "LatentIndex": "latent_index",
    "Typicality": "typicality",
    "anomaly_scores": "anomalies",
    "clusters": "found_clusters",
    "compare_paths": "path_comparison",
    "compare_spaces": "space_comparison",
    "dci": "disentanglement",
    "geodesic": "path_geodesic",
    "leakage": "leaks",
    "mig": "disentanglement",
    "nearest": "nearest_latents",
    "next_tokens": "next_token_table",
    "perceptual_path_length": "path_length",
    "probe_report": "probe_reports",
    "sap": "disentanglement",
    "smoothness": "path_smoothness",
    "steering_curve": "steering",
}

__all__ = [
    "LatentIndex",
    "Typicality",
    "anomaly_scores",
    "clusters",
    "compare_paths",
    "compare_spaces",
    "dci",
    "geodesic",
    "leakage",
    "mig",
    "nearest",
    "next_tokens",
    "perceptual_path_length",
    "probe_report",
    "sap",
    "smoothness",
    "steering_curve",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
