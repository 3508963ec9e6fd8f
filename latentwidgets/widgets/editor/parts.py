"""The parts of an editor: their code is sent to the page where they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["parts_of"]


def parts_of(
    space: LatentSpace, curves: Mapping[str, Any], measures: Mapping[str, Any] | None
) -> list[str]:
    """Name the parts that an editor needs.

    Parameters
    ----------
    space : LatentSpace
        What is edited.
    curves : mapping
        What is known of steering, by direction.
    measures : mapping or None
        What reads outputs; None for readouts, which read what is encoded again.
    """
    has = {
        "change": True,
        "preview": True,
        "pull": not space.is_stepwise,
        "cells": space.layers,
        "effects": space.layers,
        "curve": curves,
        "units": space.size_of_step(np.zeros(space.latent_shape))[1],
        "leakage": space.can_encode or measures is not None,
    }
    return [name for name, needed in has.items() if needed]
