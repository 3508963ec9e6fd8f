"""The code of parts of an editor: it is sent to the page where it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.widgets.code import shared, static

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["with_parts"]


def with_parts(
    parts: Mapping[str, Any], space: LatentSpace, curves: Mapping[str, Any]
) -> dict[str, Any]:
    """Add the parts that an editor needs by now to those that it has.

    Parameters
    ----------
    parts : mapping
        By name, what the page loads their code with.
    space : LatentSpace
        What is edited.
    curves : mapping
        What is known of steering, by direction.

    Returns
    -------
    dict
        All of them.
    """
    has = {
        "change": True,
        "preview": True,
        "pull": True,
        "cells": space.layers,
        "curve": curves,
        "leakage": space.can_encode,
    }
    missing = [name for name in has if has[name] and name not in parts]
    return {**parts, **{name: shared(static(f"part_{name}.js")) for name in missing}}
