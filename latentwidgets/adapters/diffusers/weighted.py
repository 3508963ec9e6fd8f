"""Batches whose rows have different weights of LoRA adapters: decoded one weight at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.noise import joined
from latentwidgets.adapters.inversion_errors import InversionErrors, Measured
from latentwidgets.adapters.sampling import Unread
from latentwidgets.space.locks import ModelCaller

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.adapters.diffusers.lora import Adapters
    from latentwidgets.adapters.diffusers.noise import NoiseSampling

__all__ = ["WeightedSampling"]


@dataclass
class Group:
    """Rows of a batch that have the same weights.

    Attributes
    ----------
    rows : ndarray
        Which.
    weights : dict of str to float
        Weights by the name of the adapter.
    steps : iterator or None
        What decodes them.
    latest : object
        What that gave last.
    """

    rows: NDArray[np.intp]
    weights: dict[str, float]
    steps: Any = None
    latest: Any = None
    is_done: bool = False


class WeightedSampling(ModelCaller):
    """Lets a sampling run with the weights that rows have.

    Parameters
    ----------
    sampling : NoiseSampling
        What decodes rows of one weight.
    adapters : Adapters
        What is set.
    """

    def __init__(self, sampling: NoiseSampling, adapters: Adapters) -> None:
        self.sampling, self._adapters = sampling, adapters
        self.models = sampling.models
        self.errors = InversionErrors()

    def decode(self, latents: NDArray[np.float32], /, **conditions: Any) -> Iterator[Any]:
        """Decode, step by step: each step is taken for one weight after the other."""
        groups, others = self._grouped(conditions, len(latents))
        for group in groups:
            given = {name: some[group.rows] for name, some in others.items()}
            group.steps = self.sampling.decode(latents[group.rows], **given)
        return WeightedSteps(groups, self._adapters, len(latents))

    def encode(self, images: NDArray[np.float32], /, **conditions: Any) -> NDArray[np.float32]:
        """Go back from pictures to noise, for one weight after the other."""
        groups, others = self._grouped(conditions, len(images))
        found, errors = [], []
        for group in groups:
            given = {name: some[group.rows] for name, some in others.items()}
            with self._adapters.acting(group.weights):
                part, error = self.sampling.inverted(images[group.rows], given)
            found.append(part)
            errors.append(error)
        self.errors.add(Measured.joined(errors, [group.rows for group in groups]))
        noise = np.empty((len(images), *found[0].shape[1:]), np.float32)
        for group, part in zip(groups, found, strict=True):
            noise[group.rows] = part
        return noise

    def _grouped(
        self, conditions: dict[str, Any], count: int
    ) -> tuple[list[Group], dict[str, NDArray[Any]]]:
        """Put rows of the same weights together, and give the other conditions."""
        names = self._adapters.names
        table = np.stack([np.asarray(conditions[name], np.float64) for name in names], axis=1)
        values, places = np.unique(table, axis=0, return_inverse=True)
        groups = [
            Group(
                np.flatnonzero(places.ravel() == k),
                dict(zip(names, map(float, value), strict=True)),
            )
            for k, value in enumerate(values)
        ]
        others = {name: np.asarray(some) for name, some in conditions.items() if name not in names}
        return groups, others


class WeightedSteps(Iterator[Any]):
    """The steps of some groups of rows, side by side.

    Weights are set for the length of a step, so that between two steps, and after a decode that
    is given up, they are the person's own.

    Parameters
    ----------
    groups : list of Group
        The groups.
    adapters : Adapters
        What is set.
    count : int
        How many rows there are.
    """

    def __init__(self, groups: list[Group], adapters: Adapters, count: int) -> None:
        self._groups, self._adapters, self._count = groups, adapters, count

    def __next__(self) -> Any:
        """Take a step of each group that has one left."""
        layers = self._adapters.layers()
        for group in self._groups:
            if group.is_done:
                continue
            with self._adapters.acting(group.weights, layers):
                try:
                    group.latest = next(group.steps)
                except StopIteration:
                    group.is_done = True
        if all(group.is_done for group in self._groups):
            raise StopIteration
        parts = [(group.rows, group.latest) for group in self._groups]
        if len(parts) == 1:
            return parts[0][1]
        if any(isinstance(latest, Unread) for _, latest in parts):
            return Unread(partial(_draft, parts, self._count), self._count)
        return joined(parts, self._count)

    def close(self) -> None:
        """Give the decode up."""
        for group in self._groups:
            group.steps.close()


def _draft(parts: list[tuple[NDArray[np.intp], Any]], count: int) -> Tensor:
    """Join drafts, and the pictures of rows that are done, which may be larger."""
    made = [(rows, one.make() if isinstance(one, Unread) else one) for rows, one in parts]
    size = max(tuple(part.shape[2:]) for _, part in made)
    resize = torch.nn.functional.interpolate
    return joined(
        [
            (rows, part if tuple(part.shape[2:]) == size else resize(part, size))
            for rows, part in made
        ],
        count,
    )
