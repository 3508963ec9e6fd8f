"""`perceptual_path_length` beside torchmetrics and torch-fidelity, where these can be imported.

Both need torchvision. What the docstring says of them is held here: a finite difference at the
start of the way ("end"), steps of 1e-4, pictures of 64 pixels, and which quantiles are left out.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw

SIZE, COUNT, EPSILON = 4, 60, 1e-2
MATRIX = torch.from_numpy(np.random.default_rng(0).normal(size=(SIZE, 3 * 8 * 8))).float()
# Of 60 values, the quantiles 0.1 and 0.9 lie at places 5.9 and 53.1.
LOW, HIGH = 0.1, 0.9


def needed(*names: str) -> Any:
    """Import modules, the last of which is given; skip where one is missing, or another's torch."""
    for name in names:
        try:
            found = importlib.import_module(name)
        except (ImportError, RuntimeError) as error:  # the latter of another torch
            pytest.skip(f"{name} cannot be imported: {error}")
    return found


def pictures(latents: torch.Tensor) -> torch.Tensor:
    """Draw pictures from 0 to 255."""
    return 255 * torch.sigmoid(latents.float() @ MATRIX / 2).reshape(-1, 3, 8, 8)


class Generator(torch.nn.Module):
    """Draws pictures of latents, first of the one half that there are, then of the other."""

    def __init__(self, latents: np.ndarray) -> None:
        super().__init__()
        self.halves = [torch.from_numpy(one) for one in np.split(latents, 2)]

    def sample(self, count: int) -> torch.Tensor:
        half = self.halves.pop(0)
        assert len(half) == count
        return half

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return pictures(latents)


class Squares(torch.nn.Module):
    """The squared distance of pictures, in place of LPIPS."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return ((a.double() - b.double()) ** 2).flatten(1).sum(dim=1)


def ours(latents: np.ndarray, unit: float, trim: tuple[float, float] | None) -> Any:
    """What this package measures of the same pairs, of pictures over a unit."""
    space = lw.LatentSpace(
        lambda z: pictures(torch.from_numpy(z)).flatten(1).numpy() / unit,
        SIZE,
        kind="curve",
        prior=lambda _rng, n: latents[:n],
    )
    return lw.analysis.perceptual_path_length(
        space, method="lerp", mode="end", epsilon=EPSILON, trim=trim, n=COUNT
    )


def test_torchmetrics_measures_the_same_but_for_its_upper_quantile() -> None:
    measure = needed("torchvision", "torchmetrics.functional.image").perceptual_path_length
    given = inspect.signature(measure).parameters
    assert (given["epsilon"].default, given["resize"].default) == (1e-4, 64)
    latents = np.random.default_rng(1).normal(size=(2 * COUNT, SIZE)).astype(np.float32)

    def theirs(low: float | None, high: float | None) -> np.ndarray:
        mean, _, distances = measure(
            Generator(latents),
            COUNT,
            epsilon=EPSILON,
            lower_discard=low,
            upper_discard=high,
            sim_net=Squares(),
        )
        assert float(mean) == pytest.approx(float(distances.mean()))
        found: np.ndarray = distances.numpy()
        return found

    # It takes pictures from -1 to 1.
    mine = ours(latents, 127.5, None)
    assert mine.values == pytest.approx(theirs(None, None), rel=1e-3)
    ordered = np.sort(mine.values)
    assert np.sort(theirs(LOW, HIGH)) == pytest.approx(ordered[5:54], rel=1e-3)
    trimmed = ours(latents, 127.5, (LOW, HIGH))
    assert (trimmed.kept, trimmed.mean) == (50, pytest.approx(ordered[5:55].mean()))
    print(
        f"torchmetrics keeps 49 of 60, mean {theirs(LOW, HIGH).mean():.4f}; here {trimmed.mean:.4f}"
    )


def test_torch_fidelity_measures_the_same_and_leaves_out_the_same_quantiles() -> None:
    fidelity = needed("torchvision", "torch_fidelity")
    base = needed("torch_fidelity.sample_similarity_base").SampleSimilarityBase
    defaults = needed("torch_fidelity.defaults").DEFAULTS
    assert (defaults["ppl_epsilon"], defaults["ppl_sample_similarity_resize"]) == (1e-4, 64)

    class Similarity(base):  # type: ignore[misc, valid-type]
        def __init__(self, name: str, **_: Any) -> None:
            super().__init__(name)

        def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return Squares().forward(a, b)

    fidelity.register_sample_similarity("squares", Similarity)
    # As it draws them itself.
    rng = np.random.RandomState(7)
    latents = np.concatenate([rng.randn(COUNT, SIZE), rng.randn(COUNT, SIZE)]).astype(np.float32)

    percentile = np.percentile

    def as_before(values: Any, q: float, *, interpolation: Any) -> Any:
        return percentile(values, q, method=interpolation)

    def theirs(low: int | None, high: int | None) -> np.ndarray:
        model = fidelity.GenerativeModelModuleWrapper(Generator(latents), SIZE, "normal", 0)
        with pytest.MonkeyPatch.context() as patch:
            # torch-fidelity 0.4 passes it as NumPy took it before 2.4.
            patch.setattr(np, "percentile", as_before)
            found = fidelity.calculate_metrics(
                input1=model,
                input1_model_num_samples=COUNT,
                ppl=True,
                ppl_epsilon=EPSILON,
                ppl_reduction="none",
                ppl_sample_similarity="squares",
                ppl_discard_percentile_lower=low,
                ppl_discard_percentile_higher=high,
                rng_seed=7,
                cuda=False,
                verbose=False,
            )
        raw: np.ndarray = found["perceptual_path_length_raw"]
        return raw

    mine = ours(latents, 1.0, None)
    assert mine.values == pytest.approx(theirs(None, None), rel=1e-3)
    trimmed = ours(latents, 1.0, (LOW, HIGH))
    kept = theirs(10, 90)
    assert (trimmed.kept, len(kept)) == (50, 50)
    assert trimmed.mean == pytest.approx(kept.mean(), rel=1e-3)
    print(f"torch-fidelity keeps 50 of 60, mean {kept.mean():.1f}; here {trimmed.mean:.1f}")
