"""Prompts that are embedded in different numbers of tokens: filled up, and masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Filling"]


class Filling:
    """Fills embeddings up to one number of tokens, of which a mask says which count.

    Parameters
    ----------
    masks : dict of str to str
        Of each argument of the denoiser that has a row for each token the argument that is its
        mask.
    length : int
        To how many tokens.
    """

    def __init__(self, masks: dict[str, str], length: int) -> None:
        self._masks, self._length = masks, length

    @classmethod
    def of(cls, trees: Iterable[dict[str, Any]], length: Any) -> Filling | None:
        """See which arguments differ in length, and what masks them.

        Parameters
        ----------
        trees : iterable of dict
            What the denoiser is passed for some prompts.
        length : int or None
            To how many tokens; that of the longest of these if None.

        Returns
        -------
        Filling or None
            None where the lengths are the same, or the pipeline passes no mask of them.
        """
        trees = [*trees]
        names = [
            name
            for name, one in trees[0].items()
            if len({tuple(tree[name].shape) for tree in trees if isinstance(one, Tensor)}) > 1
        ]
        masks = {}
        for name in names:
            known = (f"{name}_mask", name.replace("hidden_states", "attention_mask"))
            mask = next((one for one in known if one != name and one in trees[0]), None)
            if mask is None or {tree[name].ndim for tree in trees} != {3}:
                return None
            masks[name] = mask
        if not masks:
            return None
        longest = max(tree[name].shape[1] for tree in trees for name in masks)
        return cls(masks, length if isinstance(length, int) else longest)

    def __call__(self, passed: dict[str, Any], prompt: str) -> dict[str, Any]:
        """Fill up what the denoiser is passed for a prompt.

        Raises
        ------
        LatentValueError
            If it has more tokens.
        """
        filled = dict(passed)
        for name, mask_name in self._masks.items():
            rows, mask = passed[name], passed[mask_name]
            count = rows.shape[1]
            if count > self._length:
                raise LatentValueError(
                    f"the prompt {brief(prompt)} has {count} tokens; the latents of this space "
                    f"hold {self._length}. Make a space that holds more: pass the longest prompt "
                    'as lw.as_space(pipe, latent="prompt", prompt=...).'
                )
            if mask is None:
                mask = torch.ones(1, count, dtype=torch.bool, device=rows.device)
            missing = self._length - count
            filled[name] = torch.nn.functional.pad(rows, (0, 0, 0, missing))
            filled[mask_name] = torch.nn.functional.pad(mask, (0, missing))
        return filled
