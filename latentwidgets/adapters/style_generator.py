"""Generators of the interface that StyleGAN2-ADA and StyleGAN3 publish, as latent spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from latentwidgets.adapters.torch_modes import evaluating
from latentwidgets.common.checks import check_one_of
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentValueError
from latentwidgets.space.conditions import conditions_of
from latentwidgets.space.locks import ModelCaller, ModelLock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from torch import Tensor, nn

__all__ = ["StyleGenerator", "is_style_generator"]

LATENTS = ("z", "w", "w+")
# How much of its distance from the average w is kept of a w. The networks are trained at 1.
TRUNCATION = (1.0, 0.0, 1.5)
# How many latents are mapped to w at a time.
BATCH = 1024


def is_style_generator(module: nn.Module) -> bool:
    """Tell whether a module has the interface: `mapping`, `synthesis`, and how large all is."""
    sizes = (getattr(module, name, None) for name in ("z_dim", "w_dim", "num_ws", "c_dim"))
    parts = (getattr(module, name, None) for name in ("mapping", "synthesis"))
    return all(type(size) is int for size in sizes) and all(callable(part) for part in parts)


class StyleGenerator(ModelCaller):
    """A generator that is decoded from one of its latents.

    Parameters
    ----------
    module : torch.nn.Module
        ``mapping(z, c)`` gives ``(n, num_ws, w_dim)``, ``mapping.w_avg`` is the average of these;
        ``synthesis(ws, noise_mode="const")`` gives ``(n, channels, height, width)`` in [-1, 1].
    latent : {"z", "w", "w+"}
        What decodes: what `mapping` takes; one w, for all layers; or a w for each layer.

    Attributes
    ----------
    latent_shape : tuple of int
        ``(z_dim,)``, ``(w_dim,)`` or ``(num_ws, w_dim)``.
    layers : int or None
        How many, of "w+".
    conditions : dict
        What `decode` takes beside latents: "truncation_psi", and for "z" of a generator with
        classes "class".

    Raises
    ------
    LatentValueError
        If the latent is another.

    References
    ----------
    Karras et al. 2020 (arXiv 2006.06676) and 2021 (arXiv 2106.12423). W+: Abdal et al. 2019,
    "Image2StyleGAN" (arXiv 1904.03189).
    """

    def __init__(self, module: nn.Module, latent: str = "z") -> None:
        check_one_of(latent, "latent", LATENTS)
        self._module: Any = module
        self._latent = latent
        self.models = (module,)
        sizes: Any = module
        shapes: dict[str, tuple[int, ...]] = {
            "z": (sizes.z_dim,),
            "w": (sizes.w_dim,),
            "w+": (sizes.num_ws, sizes.w_dim),
        }
        self.latent_shape = shapes[latent]
        self.layers = self._module.num_ws if latent == "w+" else None

    @property
    def conditions(self) -> dict[str, Any]:
        """What `decode` takes beside latents, as `as_space` takes it as `conditions`."""
        classes = self._module.c_dim if self._latent == "z" else 0
        # A class changes nothing of how a w is drawn.
        return {"truncation_psi": TRUNCATION, **({"class": range(classes)} if classes else {})}

    def taken(self, given: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Take other conditions in place of some, such as another default or names of classes.

        Raises
        ------
        LatentValueError
            If `decode` takes no such condition.
        """
        if given is None:
            return self.conditions
        for name in conditions_of(given):
            if name not in self.conditions:
                raise LatentValueError(
                    f"latents {brief(self._latent)} of this generator have no condition "
                    f"{brief(name)}. {hint(name, list(self.conditions))}"
                )
        return {**self.conditions, **given} if given else {}

    def decode(self, latents: Tensor, truncation_psi: Any = 1.0, **conditions: Any) -> Tensor:
        """Draw pictures.

        Parameters
        ----------
        latents : Tensor
            ``(n, *latent_shape)``.
        truncation_psi : float or Tensor
            How much of its distance from the average w is kept of each w; of shape ``(n,)`` for
            each latent its own. 1 leaves all as it is, 0 gives the average.
        **conditions
            "class", for "z": the number of a class, or ``(n,)`` of them. 0 if left out.

        Returns
        -------
        Tensor
            ``(n, channels, height, width)`` in [-1, 1].
        """
        ws = latents
        if self._latent == "z":
            ws = self._mapped(latents, conditions.get("class", 0))
        elif self._latent == "w":
            ws = latents.unsqueeze(1).repeat(1, self._module.num_ws, 1)
        psi = torch.as_tensor(truncation_psi, dtype=ws.dtype, device=ws.device).reshape(-1, 1, 1)
        average = self._module.mapping.w_avg.to(ws)
        # Written so that 1 leaves every number exactly as it is.
        ws = torch.where(psi == 1, ws, average + psi * (ws - average))
        pictures: Tensor = self._module.synthesis(ws, noise_mode="const")
        return pictures

    def sample(self, rng: np.random.Generator, n: int) -> NDArray[np.float32]:
        """Draw latents "w" or "w+": what normal z are mapped to, of any class."""
        z = rng.standard_normal((n, self._module.z_dim), dtype=np.float32)
        classes = rng.integers(self._module.c_dim, size=n) if self._module.c_dim else None
        average = self._module.mapping.w_avg

        def mapped(start: int) -> NDArray[np.float32]:
            rows = slice(start, start + BATCH)
            with evaluating(self._module), torch.no_grad():
                some = torch.from_numpy(z[rows]).to(average)
                ws = self._mapped(some, 0 if classes is None else classes[rows])
                found: NDArray[np.float32] = ws.float().cpu().numpy()
                return found

        lock = ModelLock(self.models)
        ws = np.concatenate([lock.run(mapped, start) for start in range(0, n, BATCH)])
        return ws if self._latent == "w+" else np.ascontiguousarray(ws[:, 0])

    def _mapped(self, z: Tensor, classes: Any) -> Tensor:
        """Map z to ``(n, num_ws, w_dim)``, without truncation."""
        c = torch.zeros(len(z), self._module.c_dim, dtype=z.dtype, device=z.device)
        if self._module.c_dim:
            numbers = torch.as_tensor(classes, device=z.device).long().expand(len(z))
            c[torch.arange(len(z), device=z.device), numbers] = 1
        ws: Tensor = self._module.mapping(z, c)
        return ws
