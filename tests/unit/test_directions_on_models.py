"""Directions in the latents of models that were trained by others, against known truth."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

import latentwidgets as lw
from tests.models import load_mnist, load_vae, models_missing
from tests.sprites import centres_and_sizes, draw_sprites

pytestmark = pytest.mark.skipif(bool(models_missing), reason=models_missing)


@pytest.fixture(scope="module")
def sprites() -> tuple[lw.LatentSpace, lw.Directions, np.ndarray]:
    """The dSprites model, probes of what was drawn, and latents to begin from."""
    space = lw.as_space(load_vae("dsprites_btcvae"), image_shape=(1, 64, 64), value_range=(0, 1))
    images, truth = draw_sprites(3000, seed=0)
    latents = space.encode(images)
    labels = {name: truth[name] for name in ("x", "y", "scale")}
    return space, lw.probe_directions(latents, labels), latents[:500]


@pytest.mark.slow
def test_position_and_scale_are_read(
    sprites: tuple[lw.LatentSpace, lw.Directions, np.ndarray],
) -> None:
    _, found, _ = sprites
    scores = {one.name: one.evidence.score or 0 for one in found}
    print("held-out R²:", {name: round(score, 3) for name, score in scores.items()})
    assert scores["x"] >= 0.97
    assert scores["y"] >= 0.97
    assert scores["scale"] >= 0.85


@pytest.mark.parametrize("name", ["x", "y", "scale"])
def test_a_sigma_moves_the_shape_and_nothing_else(
    sprites: tuple[lw.LatentSpace, lw.Directions, np.ndarray], name: str
) -> None:
    space, found, bases = sprites
    before = centres_and_sizes(space.decode(bases))
    after = centres_and_sizes(space.decode(found[name].move(bases, 1.0)))
    x, y, size = (float(np.mean(new - old)) for new, old in zip(after, before, strict=True))
    print(f"+1 sigma of {name}: x {x:+.2f}, y {y:+.2f} pixels, root of the area {size:+.2f}")
    if name == "scale":
        assert size >= 2
        assert np.hypot(x, y) <= 0.3
    else:
        along, across = (x, y) if name == "x" else (y, x)
        assert along >= 8
        assert abs(across) <= 0.5


@pytest.mark.slow
def test_digits_are_told_apart_and_moved_towards() -> None:
    space = lw.as_space(load_vae("mnist_btcvae"), image_shape=(1, 32, 32), value_range=(0, 1))
    images, labels = load_mnist()
    latents = space.encode(images)
    found = lw.probe_directions(latents, {"digit": labels}, bootstraps=3)
    assert found.names == tuple(f"digit: {digit}" for digit in range(10))
    accuracy = cross_val_score(LogisticRegression(max_iter=1000), latents, labels, cv=5).mean()
    print(f"multiclass accuracy {accuracy:.3f};", [round(d.evidence.score or 0, 3) for d in found])
    assert accuracy >= 0.93
    assert all(one.evidence.warning is None for one in found)
    three = found["digit: 3"]
    others = latents[labels != 3][:1000]
    steps = [three.move(others, amount) for amount in range(6)]
    scores = np.stack([three.measure(moved) for moved in steps])
    assert (np.diff(scores, axis=0) > 0).all()
    # Of what is drawn, and encoded again, this is true of most digits, not of each.
    seen = np.stack([three.measure(space.encode(space.decode(moved))) for moved in steps])
    rising = np.diff(seen, axis=0) > 0
    called = (seen > 0).mean(axis=1)
    print("drawn and encoded again, log odds of a 3, a sigma each:", seen.mean(axis=1).round(2))
    print("rises for a share of", rising.mean(axis=1).round(3), "all along:", rising.all(0).mean())
    print("called a 3:", called)
    assert (np.diff(seen.mean(axis=1)) > 0).all()
    assert (rising[:3].mean(axis=1) >= 0.9).all()
    assert called[0] <= 0.1 < 0.9 <= called[4]
