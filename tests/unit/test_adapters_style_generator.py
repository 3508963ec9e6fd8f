"""Generators of StyleGAN's interface as spaces of z, w and w+."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import latentwidgets as lw
from latentwidgets.adapters.style_generator import StyleGenerator, is_style_generator
from tests.style_generator import NUM_WS, W_DIM, Z_DIM, Generator

G = Generator()


def pictures(module: Generator, ws: Any) -> np.ndarray:
    """Levels that the module itself draws of a w for each layer."""
    with torch.inference_mode():
        drawn = module.synthesis(torch.as_tensor(ws), noise_mode="const")
    levels: np.ndarray = (127.5 * (drawn.numpy() + 1)).transpose(0, 2, 3, 1)
    return levels


def mapped(module: Generator, z: np.ndarray, c: torch.Tensor, psi: float = 1) -> torch.Tensor:
    with torch.inference_mode():
        ws: torch.Tensor = module.mapping(torch.from_numpy(z), c, truncation_psi=psi)
    return ws


def test_a_generator_is_known_by_its_interface() -> None:
    assert is_style_generator(G)
    assert not is_style_generator(nn.Linear(3, 4))
    plain = lw.as_space(G)
    assert plain.latent_shape == (Z_DIM,)
    assert plain.layers == ()


def test_z_w_and_w_plus_decode_to_the_modules_own_pictures() -> None:
    spaces = {latent: lw.as_space(G, latent=latent) for latent in ("z", "w", "w+")}
    assert {name: space.latent_shape for name, space in spaces.items()} == {
        "z": (Z_DIM,),
        "w": (W_DIM,),
        "w+": (NUM_WS, W_DIM),
    }
    assert spaces["w+"].layers == tuple(map(str, range(NUM_WS)))
    z = spaces["z"].sample(3)
    ws = mapped(G, z, torch.zeros(3, 0)).numpy()
    own = pictures(G, ws)
    for name, latents in (("z", z), ("w", ws[:, 0]), ("w+", ws)):
        decoded = spaces[name].decode(latents)
        np.testing.assert_allclose(decoded, own, atol=1)
        np.testing.assert_array_equal(decoded, spaces[name].decode(latents), "noise")


@pytest.mark.parametrize("c_dim", [0, 4])
def test_w_is_drawn_as_the_mapping_of_normal_z(c_dim: int) -> None:
    module = Generator(c_dim=c_dim)
    space = lw.as_space(module, latent="w")
    drawn = space.sample(3000, seed=1)
    average = module.mapping.w_avg.numpy()
    spread = drawn.std(axis=0)
    np.testing.assert_allclose(drawn.mean(axis=0), average, atol=0.1 * spread.max())
    np.testing.assert_array_equal(space.sample(5, seed=1), space.sample(5, seed=1))
    plus = lw.as_space(module, latent="w+").sample(4)
    np.testing.assert_array_equal(plus, np.repeat(plus[:, :1], NUM_WS, axis=1))


def test_truncation_and_class_are_parameters_of_the_decode() -> None:
    module = Generator(c_dim=3)
    generator = StyleGenerator(module, "z")
    assert generator.conditions == {"truncation_psi": (1.0, 0.0, 1.5), "class": range(3)}
    assert StyleGenerator(module, "w").conditions == {"truncation_psi": (1.0, 0.0, 1.5)}
    assert StyleGenerator(G, "z").conditions == {"truncation_psi": (1.0, 0.0, 1.5)}
    z = torch.randn(3, Z_DIM, generator=torch.Generator().manual_seed(0))
    one_hot = torch.eye(3)[[2, 0, 1]]
    with torch.inference_mode():
        drawn = generator.decode(
            z, truncation_psi=torch.tensor([0.5, 1.0, 0.0]), **{"class": torch.tensor([2, 0, 1])}
        )
        for row, psi in enumerate((0.5, 1.0, 0.0)):
            some = slice(row, row + 1)
            own = module(z[some], one_hot[some], truncation_psi=psi, noise_mode="const")
            torch.testing.assert_close(drawn[some], own)
        # Left out, they are the first class, not truncated.
        own = module(z, torch.eye(3)[[0, 0, 0]], noise_mode="const")
        torch.testing.assert_close(generator.decode(z), own)
        # As a condition may come: one number a latent, float32 or whole.
        half = StyleGenerator(module, "w+").decode(module.mapping(z, one_hot), 0.5)
        own = module(z, one_hot, truncation_psi=0.5, noise_mode="const")
        torch.testing.assert_close(half, own)


def test_truncation_and_class_are_conditions_of_the_space() -> None:
    module = Generator(c_dim=3)
    space = lw.as_space(module)
    assert {name: one.default for name, one in space.conditions.items()} == {
        "truncation_psi": 1.0,
        "class": 0,
    }
    assert list(lw.as_space(module, latent="w+").conditions) == ["truncation_psi"]
    z = space.sample(2)
    decoded = space.decode(z, {"truncation_psi": [0.5, 1.0], "class": [2, 1]})
    for row, (psi, chosen) in enumerate([(0.5, 2), (1.0, 1)]):
        ws = mapped(module, z[row : row + 1], torch.eye(3)[[chosen]], psi)
        np.testing.assert_allclose(decoded[row : row + 1], pictures(module, ws), atol=1)
    changes = [
        space.derivative(z[0], np.eye(Z_DIM)[:2], conditions={"truncation_psi": psi, "class": 1})
        for psi in (1.0, 0.0)
    ]
    assert [how for _, how in changes] == ["forward mode"] * 2
    assert np.abs(changes[0][0]).max() > 0
    assert np.abs(changes[1][0]).max() == 0, "at 0 every latent gives the average"


def test_conditions_of_a_generator_can_be_others_that_it_takes() -> None:
    module = Generator(c_dim=3)
    named = lw.as_space(module, conditions={"class": ["cat", "dog", "owl"]})
    z = named.sample(1)
    owl = lw.as_space(module).decode(z, {"class": 2})
    np.testing.assert_array_equal(named.decode(z, {"class": "owl"}), owl)
    assert lw.as_space(module, conditions={}).conditions == {}
    with pytest.raises(
        lw.LatentValueError, match="'w' of this generator have no condition 'class'"
    ):
        lw.as_space(module, latent="w", conditions={"class": range(3)})


def test_what_is_no_latent_is_refused() -> None:
    words = r"latent is 'W\+'; expected one of 'z', 'w', 'w\+'"
    with pytest.raises(lw.LatentValueError, match=words):
        lw.as_space(G, latent="W+")
    with pytest.raises(lw.LatentTypeError, match="no option 'latnet'"):
        lw.as_space(G, latnet="w")  # type: ignore[call-arg]


def test_the_options_of_every_space_are_taken() -> None:
    names = ["4", "8", "16", "32", "rgb"]
    space = lw.as_space(G, latent="w+", layers=names, name="faces", batch_size=2)
    assert (space.layers, space.name, space.batch_size) == (tuple(names), "faces", 2)
    ws = space.sample(5)
    own = lw.as_space(G, decode=lambda ws: G.synthesis(ws, noise_mode="const"), latent_shape=(5, 6))
    drawn = own.replace(value_range=(-1, 1)).decode(ws)
    np.testing.assert_allclose(space.decode(ws), drawn, atol=1)
    assert space.replace(layers=None).layers == ()


def test_training_mode_is_put_back_and_spaces_are_values() -> None:
    module = Generator().train()
    space = lw.as_space(module, latent="w")
    latents = space.sample(2)
    decoded = space.decode(latents)
    assert module.training
    assert module.mapping.training
    for other in (copy.deepcopy(space), pickle.loads(pickle.dumps(space))):
        np.testing.assert_array_equal(other.decode(latents), decoded)
        np.testing.assert_array_equal(other.sample(2), latents)


def test_layers_differ_in_effect_as_the_derivative_says() -> None:
    space = lw.as_space(G, latent="w+")
    tangents = np.zeros((NUM_WS, NUM_WS, W_DIM), np.float32)
    tangents[range(NUM_WS), range(NUM_WS), 0] = 1
    changes, how = space.derivative(space.sample(1)[0], tangents)
    assert how == "forward mode"
    effects = np.sqrt(np.square(changes).mean(axis=(1, 2, 3)))
    assert effects.max() > 1.5 * effects.min()


def test_ganspace_components_of_w_act_in_w_plus() -> None:
    w, plus = lw.as_space(G, latent="w"), lw.as_space(G, latent="w+")
    found = lw.pca_directions(w.sample(500), n=3)
    base = plus.sample(1)[0]
    editor = lw.DirectionEditor(plus, base, found, value={"PC 1": 2.0})
    in_w = lw.DirectionEditor(w, base[0], found, value={"PC 1": 2.0})
    np.testing.assert_allclose(
        np.asarray(editor.image(), int), np.asarray(in_w.image(), int), atol=1
    )
    assert editor.directions["PC 1"].evidence == found["PC 1"].evidence
    everywhere = np.asarray(editor.image(), int)
    editor.profiles = {"PC 1": range(3, 5)}
    assert (editor.latent[:3] == base[:3]).all()
    fine = np.asarray(editor.image(), int)
    assert np.abs(fine - everywhere).max() > 3
