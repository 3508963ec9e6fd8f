"""LoRA adapters of a pipeline: which there are, and how strongly each acts.

The strength of an adapter is kept in the layers of a network, so that it is one for a whole batch.
It is set here for as long as something runs, and then put back as the person left it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import torch

from latentwidgets.common.wording import brief
from latentwidgets.errors import DecodeError
from latentwidgets.space.condition import Condition, with_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["WEIGHT", "Adapters", "registered"]

# What every adapter gets: Concept Sliders are trained for weights about 1, both ways.
WEIGHT = with_note(
    Condition(0.0, -2.0, 2.0, step=0.1),
    "The weight of a LoRA adapter. It is one for the whole network, so a batch is decoded one "
    "weight at a time: a grid of five weights takes as long as five batches.",
)

# The adapters that are conditions, of each pipeline, and where they were loaded from.
_registered: WeakKeyDictionary[Any, dict[str, str | None]] = WeakKeyDictionary()


def registered(pipe: Any) -> dict[str, str | None]:
    """Give the names of adapters that are conditions of a pipeline, and their files."""
    return _registered.setdefault(pipe, {})


class Adapters:
    """The adapters in the networks of a pipeline.

    Parameters
    ----------
    pipe : diffusers.DiffusionPipeline
        The pipeline.

    Attributes
    ----------
    names : tuple of str
        Those that are conditions and still loaded, as it is made. Others are left alone.
    """

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        loaded = self.loaded() if registered(pipe) else []
        self.names = tuple(name for name in registered(pipe) if name in loaded)

    def layers(self, component: str | None = None) -> list[Any]:
        """List the layers that hold adapters, of one part of the pipeline or of all."""
        if sys.modules.get("peft") is None:
            return []
        from peft.tuners.tuners_utils import BaseTunerLayer

        return [
            layer
            for name, part in self._pipe.components.items()
            if isinstance(part, torch.nn.Module) and component in (None, name)
            for layer in part.modules()
            if isinstance(layer, BaseTunerLayer) and isinstance(_scaling(layer), dict)
        ]

    def loaded(self) -> list[str]:
        """List the names of all adapters that the pipeline has."""
        return [*dict.fromkeys(name for layer in self.layers() for name in _scaling(layer))]

    def state(self, *, beside: Any = None) -> tuple[Any, ...]:
        """Give what acts now, to tell whether what was kept still holds.

        Parameters
        ----------
        beside : torch.nn.Module, optional
            A network that is left out.
        """
        layers = self.layers()
        if not layers:
            return ()
        skipped = set() if beside is None else {id(layer) for layer in beside.modules()}
        return tuple(
            (name, _scaling(layer).get(name))
            for layer in layers
            if id(layer) not in skipped and not layer.disable_adapters
            for name in layer.active_adapters
        )

    @contextmanager
    def acting(
        self, weights: Mapping[str, float], layers: list[Any] | None = None
    ) -> Iterator[None]:
        """Let conditions act with some weights, as long as this runs; those left out with 0.

        What else the person has switched on acts as they left it, and all is put back at the end.

        Parameters
        ----------
        weights : mapping of str to float
            Weights by name.
        layers : list, optional
            What `layers` gives, where that is known.

        Raises
        ------
        DecodeError
            If an adapter is not there any more, or cannot act because others are fused.
        """
        if not self.names:
            yield
            return
        layers = self.layers() if layers is None else layers
        given = {name: weight for name, weight in weights.items() if weight != 0}
        self._check(given, layers)
        before = [kept(layer) for layer in layers]
        try:
            for layer in layers:
                mine = [name for name in given if name in layer.scaling]
                off = layer.disable_adapters
                others = [] if off and mine else layer.active_adapters
                others = [name for name in others if name not in self.names]
                put_back(layer, ([*others, *mine], off and not mine, {}))
                for name in mine:
                    layer.set_scale(name, given[name])
            yield
        finally:
            for layer, one in zip(layers, before, strict=True):
                put_back(layer, one)

    def _check(self, given: Mapping[str, float], layers: list[Any]) -> None:
        for name in given:
            holding = [layer for layer in layers if name in layer.scaling]
            if not holding:
                raise DecodeError(
                    f"the pipeline has no adapter {brief(name)} any more, which this space was "
                    f"made with. Load it again: lw.lora_condition(pipe, {brief(name)}, path)."
                )
            if any(getattr(layer, "merged", False) for layer in holding):
                raise DecodeError(
                    f"adapters of the pipeline are fused, so that {brief(name)} cannot act; "
                    "expected adapters that are loaded and not fused. Call pipe.unfuse_lora()."
                )


def kept(layer: Any) -> tuple[Any, bool, dict[str, float]]:
    """Give what acts in a layer, for `put_back`."""
    return layer.active_adapter, layer.disable_adapters, dict(layer.scaling)


def put_back(layer: Any, before: tuple[Any, bool, dict[str, float]]) -> None:
    """Put a layer back as `kept` gave it."""
    active, is_off, scaling = before
    # Not by the layer's own `set_adapter`, which also changes which weights take gradients.
    vars(layer).update(_active_adapter=active, _disable_adapters=is_off)
    layer.scaling.update(scaling)


def _scaling(layer: Any) -> Any:
    return getattr(layer, "scaling", None)
