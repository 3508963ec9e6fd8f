"""Directions in latent space: what they are, and one file per way to find them."""

from __future__ import annotations

from latentwidgets.directions.direction import Direction
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence

__all__ = ["Direction", "Directions", "Evidence"]
