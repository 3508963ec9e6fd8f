"""Photographs through an autoencoder that others trained: a space loses nothing more of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests.models import load_tiny_autoencoder, models_missing
from tests.photographs import MOST_LOST, SIDE, photographs, qualities, vae_space

pytestmark = pytest.mark.skipif(bool(models_missing), reason=models_missing)


@pytest.mark.slow
@pytest.mark.parametrize("latent", ["vae", "module"])
def test_photographs_lose_no_more_than_by_the_bare_module(latent: str) -> None:
    if latent == "vae":
        space, module = vae_space()
        assert space.latent_shape == (32, SIDE // 8, SIDE // 8)
    else:
        module = load_tiny_autoencoder()
        space = lw.as_space(module, latent_shape=(32, 32, 32), value_range=(0, 1))
    for kind, (ours, theirs) in qualities(space, module).items():
        print(f"{latent}, {kind}: {ours:.2f} dB, bare {theirs:.2f} dB")
        assert ours > theirs - MOST_LOST
        assert theirs > 20, "this is a picture that it can show"
    if latent == "vae":
        pictures = np.stack([*photographs().values()])
        with torch.no_grad():
            z = module.encode(torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255)
        np.testing.assert_allclose(space.encode(pictures), 1.2 * z, atol=1e-3)
