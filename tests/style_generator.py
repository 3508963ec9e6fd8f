"""A small module of the interface that StyleGAN2-ADA and StyleGAN3 publish.

The official networks cannot be fetched where the tests run: they are pickles of several hundred
megabytes that need compiled operations. This one has their attributes and signatures. It is not
trained; its layers differ in effect as theirs do: the first paint the whole picture, later ones
finer and finer stripes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

Z_DIM, W_DIM, NUM_WS, RESOLUTION = 8, 6, 5, 32


class Mapping(nn.Module):
    """From z and a class to w, repeated for all layers."""

    def __init__(self, c_dim: int) -> None:
        super().__init__()
        self.num_ws, self.c_dim = NUM_WS, c_dim
        self.layers = nn.Sequential(
            nn.Linear(Z_DIM + c_dim, 16), nn.LeakyReLU(0.2), nn.Linear(16, W_DIM)
        )
        self.w_avg: Tensor
        self.register_buffer("w_avg", torch.zeros(W_DIM))

    def forward(
        self,
        z: Tensor,
        c: Tensor | None,
        truncation_psi: float = 1,
        truncation_cutoff: int | None = None,
        update_emas: bool = False,
    ) -> Tensor:
        """Give (n, num_ws, w_dim)."""
        z = z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        if self.c_dim > 0:
            assert c is not None
            z = torch.cat([z, c], 1)
        w: Tensor = self.layers(z).unsqueeze(1).repeat([1, self.num_ws, 1])
        if truncation_psi != 1:
            w[:, :truncation_cutoff] = self.w_avg.lerp(w[:, :truncation_cutoff], truncation_psi)
        return w


class Synthesis(nn.Module):
    """From a w for each layer to pictures in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.num_ws = NUM_WS
        self.affines = nn.ModuleList(nn.Linear(W_DIM, 3) for _ in range(NUM_WS))
        across = torch.linspace(0, 1, RESOLUTION)
        waves = [torch.cos(torch.pi * (2**i - 1) * across) for i in range(NUM_WS)]
        self.waves: Tensor
        self.register_buffer("waves", torch.stack(waves))

    def forward(self, ws: Tensor, noise_mode: str = "random", **layer_kwargs: Any) -> Tensor:
        """Give (n, 3, height, width)."""
        picture = torch.zeros(len(ws), 3, RESOLUTION, RESOLUTION, device=ws.device)
        for i, affine in enumerate(self.affines):
            picture = picture + (affine(ws[:, i])[:, :, None] * self.waves[i])[:, :, None, :]
        if noise_mode == "random":
            picture = picture + 0.2 * torch.randn_like(picture)
        return torch.tanh(picture)


class Generator(nn.Module):
    """z_dim, w_dim, num_ws and c_dim; `mapping` and `synthesis`."""

    def __init__(self, *, c_dim: int = 0, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.z_dim, self.c_dim, self.w_dim, self.num_ws = Z_DIM, c_dim, W_DIM, NUM_WS
        self.img_resolution, self.img_channels = RESOLUTION, 3
        self.mapping, self.synthesis = Mapping(c_dim), Synthesis()
        with torch.no_grad():
            c = torch.eye(c_dim)[torch.arange(2000) % c_dim] if c_dim else torch.zeros(2000, 0)
            self.mapping.w_avg.copy_(self.mapping(torch.randn(2000, Z_DIM), c)[:, 0].mean(0))

    def forward(
        self, z: Tensor, c: Tensor, truncation_psi: float = 1, **synthesis_kwargs: Any
    ) -> Tensor:
        """Give (n, 3, height, width)."""
        pictures: Tensor = self.synthesis(
            self.mapping(z, c, truncation_psi=truncation_psi), **synthesis_kwargs
        )
        return pictures
