"""Conditional autoencoders as courses write them: what is said of them, and that it works."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import latentwidgets as lw
from latentwidgets import GuessWarning, LatentSpace, LatentValueError, as_space

LATENT, CLASSES, SIDE = 3, 5, 8
PIXELS = SIDE * SIDE


def one_hot(y: Tensor) -> Tensor:
    return nn.functional.one_hot(y, CLASSES).float()


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(PIXELS + CLASSES, 32)
        self.mean, self.spread = nn.Linear(32, LATENT), nn.Linear(32, LATENT)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        inner = self.layer(torch.cat([x.flatten(1), y], 1)).relu()
        return self.mean(inner), self.spread(inner)


class Decoder(nn.Module):
    """Two arguments, of which the second is one-hot."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = layers()

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        pictures: Tensor = self.layers(torch.cat([z, y], 1))
        return pictures


def layers() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(LATENT + CLASSES, 32),
        nn.ReLU(),
        nn.Linear(32, PIXELS),
        nn.Sigmoid(),
        nn.Unflatten(1, (1, SIDE, SIDE)),
    )


class Parts(nn.Module):
    """An encoder and a decoder, each of two arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def forward(self, x: Tensor, y: Tensor) -> Any:
        mean, spread = self.encoder(x, y)
        return self.decoder(mean, y), mean, spread


class Methods(Parts):
    """The same as methods, whose condition has another name."""

    def __init__(self) -> None:
        super().__init__()
        self.to_code, self.to_picture = self.encoder, self.decoder
        del self.encoder, self.decoder

    def encode(self, x: Tensor, c: Tensor) -> Any:
        return self.to_code(x, c)

    def decode(self, z: Tensor, c: Tensor) -> Any:
        return self.to_picture(z, c)


class Joined(Parts):
    """A decoder of one argument, into which the model puts both."""

    def __init__(self) -> None:
        super().__init__()
        self.decoder = layers()  # type: ignore[assignment]


class BothJoined(nn.Module):
    """And an encoder likewise, which gives mean and variance in one row."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(PIXELS + CLASSES, 32), nn.ReLU(), nn.Linear(32, 2 * LATENT)
        )
        self.decoder = layers()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        code = self.encoder(torch.cat([x.flatten(1), y], 1)).chunk(2, 1)[0]
        pictures: Tensor = self.decoder(torch.cat([code, y], 1))
        return pictures


class Convolutions(nn.Module):
    """Classes as maps beside the colours, as convolutions want them."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1 + CLASSES, 4, 4, stride=4), nn.Flatten(), nn.Linear(16, LATENT)
        )
        self.decoder = layers()

    def forward(self, x: Tensor, labels: Tensor) -> Any:
        return self.decoder(torch.cat([self.encoder(with_maps(x, labels)), labels], 1))


def with_maps(x: Tensor, y: Tensor) -> Tensor:
    return torch.cat([x, y[:, :, None, None].expand(-1, -1, SIDE, SIDE)], 1)


class Numbers(nn.Module):
    """Classes as numbers, made one-hot inside."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = layers()

    def decode(self, z: Tensor, y: Tensor) -> Any:
        return self.layers(torch.cat([z, one_hot(y)], 1))


def truth(model: Any, z: Tensor, y: Tensor) -> Any:
    """Decode as the model's own code would."""
    both = torch.cat([z, one_hot(y)], 1)
    if isinstance(model, Numbers):
        return model.layers(both)
    if isinstance(model, Methods):
        return model.to_picture.layers(both)
    inner = model.decoder.layers if isinstance(model.decoder, Decoder) else model.decoder
    return inner(both)


def code(model: Any, x: Tensor, y: Tensor) -> Any:
    """Encode as the model's own code would."""
    rows = one_hot(y)
    if isinstance(model, BothJoined):
        return model.encoder(torch.cat([x.flatten(1), rows], 1)).chunk(2, 1)[0]
    if isinstance(model, Convolutions):
        return model.encoder(with_maps(x, rows))
    encoder = model.to_code if isinstance(model, Methods) else model.encoder
    return encoder(x, rows)[0]


def line_in(said: str) -> str:
    found = re.search(r"Pass (latent_shape=.*?)\.(?: Pass|$)", said)
    assert found is not None, said
    return found[1]


def followed(model: nn.Module, line: str, **more: Any) -> LatentSpace:
    """Pass what a message says to pass."""
    names = {"as_space": as_space, "model": model, "torch": torch, "more": more}
    space: LatentSpace = eval(f"as_space(model, {line}, **more)", names)
    return space


def check(model: nn.Module, space: LatentSpace, name: str) -> None:
    """See that a space does what the model does, both ways, under each class."""
    assert space.latent_shape == (LATENT,)
    latents, classes = space.sample(4), [0, 1, CLASSES - 1, 2]
    images = space.decode(latents, {name: classes})
    with torch.no_grad():
        expected = truth(model, torch.from_numpy(latents), torch.tensor(classes))
        assert np.abs(images[..., 0] - 255 * expected[:, 0].numpy()).max() <= 0.51
        if not space.can_encode:
            return
        pictures = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
        found = code(model, pictures, torch.tensor(classes)).numpy()
    assert space.encode(images, {name: classes}) == pytest.approx(found, abs=1e-5)


@pytest.mark.parametrize("make", [Parts, Methods, Joined, BothJoined, Convolutions])
def test_a_refusal_shows_the_line_for_conditions_that_are_one_hot_or_joined(make: Any) -> None:
    model, given = make(), {"kind": [f"kind {i}" for i in range(CLASSES)]}
    with pytest.raises(LatentValueError, match="takes kind (one-hot|in one row)") as no:
        as_space(model, conditions=given)
    check(model, followed(model, line_in(str(no.value)), conditions=given), "kind")


def test_a_decoder_alone_and_one_that_is_the_model() -> None:
    model = Decoder()
    with pytest.raises(LatentValueError, match="its forward does not take the conditions") as no:
        as_space(model, conditions={"y": range(CLASSES)})
    space = followed(model, line_in(str(no.value)), conditions={"y": range(CLASSES)})
    assert space.decode(np.zeros((2, LATENT)), {"y": [0, 4]}).shape == (2, SIDE, SIDE, 1)


def test_a_decoder_that_makes_rows_of_numbers_itself_is_taken_at_once() -> None:
    model = Numbers()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(model, as_space(model, conditions={"y": range(CLASSES)}), "y")


def test_a_number_and_a_class_in_one_row() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.decoder = nn.Sequential(
                nn.Linear(LATENT + CLASSES + 1, PIXELS), nn.Unflatten(1, (1, SIDE, SIDE))
            )

    model, given = Both(), {"y": range(CLASSES), "size": (1.0, 0.0, 2.0)}
    with pytest.raises(LatentValueError, match="takes y and size in one row") as no:
        as_space(model, conditions=given)
    space = followed(model, line_in(str(no.value)), conditions=given, value_range=(-9, 9))
    images = space.decode(np.ones((2, LATENT)), {"y": [3, 3], "size": [1.0, 2.0]})
    assert space.latent_shape == (LATENT,)
    assert (images[0] != images[1]).any()


@pytest.mark.parametrize(("make", "name"), [(Joined, "y"), (BothJoined, "y")])
def test_a_row_that_holds_a_class_is_doubted_where_the_encoder_tells(make: Any, name: str) -> None:
    model = make()
    with pytest.warns(GuessWarning, match=f"takes 8 numbers, and .*takes '{name}' beside") as said:
        assert as_space(model).latent_shape == (LATENT + CLASSES,)
    assert len(said) == 1
    check(model, followed(model, line_in(str(said[0].message))), name)


def test_a_row_that_may_hold_a_class_is_doubted_where_only_the_forward_tells() -> None:
    class Odd(Convolutions):
        def encode(self, x: Tensor) -> Tensor:
            raise RuntimeError("no pictures today")

    model = Odd()
    with pytest.warns(GuessWarning, match="its forward takes 'labels' beside 'x'") as said:
        assert as_space(model).latent_shape == (LATENT + CLASSES,)
    found = re.search(r"with n classes, pass (latent_shape=.*?\))\. Pass", str(said[0].message))
    assert found is not None
    line = re.sub(r"\bn\b", str(CLASSES), found[1])
    space = followed(model, line)
    assert space.latent_shape == (LATENT,)
    assert space.decode(np.zeros((1, LATENT)), {"labels": 4}).shape == (1, SIDE, SIDE, 1)


def test_a_model_without_conditions_is_not_doubted() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.decoder = nn.Linear(PIXELS, 8), layers()

        def forward(self, x: Tensor, sharp: bool = False) -> Any:
            return self.decoder(self.encoder(x.flatten(1)))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert as_space(Plain()).latent_shape == (8,)


@pytest.mark.parametrize(("make", "called"), [(Parts, "model.decoder"), (Decoder, "model")])
def test_where_the_latent_is_given_the_first_decode_shows_the_line(make: Any, called: str) -> None:
    model, given = make(), {"y": range(CLASSES)}
    space = as_space(model, latent_shape=(LATENT,), conditions=given)
    with pytest.raises(lw.DecodeError, match="one-hot, pass a function that makes them") as no:
        space.decode(np.zeros((1, LATENT)))
    found = re.search(r"makes them: (decode=lambda z, y: .*\.to\(z\)\))", str(no.value))
    assert found is not None
    assert f": {called}(z" in found[1]
    assert ("encode=... likewise" in str(no.value)) == space.can_encode
    space = followed(model, found[1], latent_shape=(LATENT,), conditions=given)
    assert space.decode(np.zeros((1, LATENT)), {"y": 4}).shape == (1, SIDE, SIDE, 1)


def test_where_nothing_works_both_are_named() -> None:
    class Stubborn(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(7, 9)

        def decode(self, z: Tensor, y: Tensor) -> Tensor:
            raise RuntimeError("not like this")

    said = r"tried with \(7,\) and 'y', a number each: decode raised RuntimeError: not like this"
    with pytest.raises(LatentValueError, match=said):
        as_space(Stubborn(), conditions={"y": range(3)})
