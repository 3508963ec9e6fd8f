"""The decoders that the benchmark drags through, and the barcode they write.

Every picture says in its own pixels for which t it was decoded, so that a painted frame is proved
by reading it and not by what a program says about itself. The barcode lies along the top edge: two
rows of 16 square blocks, the lower row the negative of the upper one. The blocks at both ends are
black above white, and mark the corners; the 14 between are the bits of t in steps of 1/8192,
highest first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.models import load_vae

STEPS = 8192
BITS = 14
SLOW_SECONDS = 0.1

Pictures = np.ndarray  # uint8 (n, height, width, 3)


@dataclass(frozen=True)
class Decoder:
    """A decoder with the two anchors that it is dragged between.

    Parameters
    ----------
    name
        What the table calls it.
    anchors
        Latents at t = 0 and t = 1, float32 `(2, *latent_shape)`.
    draw
        Latents `(n, *latent_shape)` to pictures, uint8 `(n, size, size, 3)`.
    bases
        How many latents are edited at once along twelve directions, of which the first leads from
        anchor to anchor, each with a picture of its own; 0 where one moves between the anchors.
    """

    name: str
    anchors: np.ndarray
    draw: Callable[[np.ndarray], Pictures]
    bases: int = 0

    def __call__(self, latents: np.ndarray) -> Pictures:
        """Decode latents, and write the t that each of them stands for into its picture."""
        pictures = self.draw(latents)
        for picture, t in zip(pictures, self.position(latents), strict=True):
            write_barcode(picture, float(t))
        return pictures

    def position(self, latents: np.ndarray) -> np.ndarray:
        """Give the t of latents that lie on the straight line between the anchors."""
        start, end = self.anchors.astype(np.float64)
        along = end - start
        flat = (latents.astype(np.float64) - start).reshape(len(latents), -1)
        return np.asarray(flat @ along.ravel() / np.sum(along**2))

    def at(self, t: float) -> np.ndarray:
        """Give one picture, as a person who writes their own slider would."""
        start, end = self.anchors
        latents = (1 - t) * start + t * end
        if self.bases > 1:
            latents = latents + self.beside()
        flat: np.ndarray = latents.reshape(-1, start.size).astype(np.float32)
        tiles = self(flat)
        side = int(np.sqrt(len(tiles)))
        rows = [np.concatenate(tiles[i : i + side], axis=1) for i in range(0, len(tiles), side)]
        return np.concatenate(rows)

    def across(self) -> np.ndarray:
        """Give unit vectors, the first from anchor to anchor, the others at right angles to it."""
        along = (self.anchors[1] - self.anchors[0]).astype(np.float64)
        others = np.random.default_rng(5).standard_normal((along.size - 1, along.size))
        basis = np.linalg.qr(np.stack([along, *others]).T)[0].T
        return np.asarray(basis * np.sign(basis[0] @ along))

    def beside(self) -> np.ndarray:
        """Give steps to several bases, none of which changes the t that a picture stands for."""
        amounts = np.random.default_rng(6).standard_normal((self.bases, len(self.across()) - 1))
        return np.asarray(amounts @ self.across()[1:], np.float32)

    def editor(self, space: Any = None, **options: Any) -> Any:
        """Make the editor of these latents whose first slider goes from anchor to anchor.

        Its space is that given, or one of this decoder: without an encoder and data, but for what
        options of `LatentSpace` say.
        """
        import latentwidgets as lw

        start, end = self.anchors
        vectors = [*self.across(), *np.random.default_rng(7).standard_normal((12, start.size))][:12]
        along = lw.Direction(
            "t", vectors[0], sigma=float(np.linalg.norm(end - start)), limits=(0, 1)
        )
        others = [lw.Direction(f"direction {i}", vectors[i]) for i in range(1, 12)]
        base = start if self.bases == 1 else np.asarray(start + self.beside())
        space = space or lw.LatentSpace(self, start.shape, **options)
        return lw.DirectionEditor(space, base, [along, *others])

    def seconds(self, calls: int = 15) -> float:
        """Give the median time of one picture."""
        times = []
        for t in np.linspace(0.1, 0.9, calls):
            begin = time.perf_counter()
            self.at(float(t))
            times.append(time.perf_counter() - begin)
        return float(np.median(times))


def write_barcode(picture: np.ndarray, t: float) -> None:
    """Write t into the top of one picture, in place."""
    block = picture.shape[1] // (BITS + 2)
    number = int(np.floor(np.clip(t, 0.0, 1.0) * STEPS + 0.5))
    bits = [0, *(number >> shift & 1 for shift in reversed(range(BITS))), 0]
    row = np.repeat(np.array(bits, np.uint8) * 255, block)[:, None]
    picture[:block] = row
    picture[block : 2 * block] = 255 - row


def trivial() -> Decoder:
    """64x64 with nothing to compute: what is measured is everything around the decoder."""
    ramp = np.linspace(0, 127, 64, dtype=np.float32)
    base = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], 64.0), axis=-1)

    def draw(latents: np.ndarray) -> Pictures:
        return np.asarray(base + 127 * latents[:, :1, None, None], np.uint8)

    return Decoder("trivial", np.array([[0.0, 0.0], [1.0, 0.5]], np.float32), draw)


def vae() -> Decoder:
    """Faces of 64x64 from the CelebA VAE, one at a time."""
    return Decoder("vae", anchors_of(10), _faces())


def grid() -> Decoder:
    """Faces, 8x8 of them, as one picture of 512x512: 64 decodings a frame."""
    faces = _faces()
    steps = np.linspace(-1.5, 1.5, 8, dtype=np.float32)
    offsets = np.zeros((8, 8, 10), np.float32)
    offsets[..., 0] += steps[:, None]
    offsets[..., 1] += steps[None, :]

    def draw(latents: np.ndarray) -> Pictures:
        tiles = faces((latents[:, None] + offsets.reshape(1, 64, 10)).reshape(-1, 10))
        rows = tiles.reshape(-1, 8, 8, 64, 64, 3).swapaxes(2, 3)
        return np.ascontiguousarray(rows.reshape(-1, 512, 512, 3))

    return Decoder("grid", anchors_of(10), draw)


def slow() -> Decoder:
    """256x256 from convolutions at full size: 100 ms a picture or more, of real work.

    A machine that is done sooner waits for the rest of the 100 ms.
    """
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Unflatten(1, (8, 1, 1)),
        nn.ConvTranspose2d(8, 64, 32),
        nn.Upsample(scale_factor=8, mode="bilinear"),
        *(layer for _ in range(3) for layer in (nn.Conv2d(64, 64, 3, padding=1), nn.ReLU())),
        nn.Conv2d(64, 3, 1),
        nn.Sigmoid(),
    ).eval()

    def draw(latents: np.ndarray) -> Pictures:
        end = time.perf_counter() + SLOW_SECONDS * len(latents)
        with torch.inference_mode():
            pictures = _to_uint8(net(torch.from_numpy(latents)))
        time.sleep(max(0.0, end - time.perf_counter()))
        return pictures

    return Decoder("slow", anchors_of(8), draw)


def editor() -> Decoder:
    """Move the faces of `vae` along twelve directions."""
    return Decoder("editor", anchors_of(10), _faces(), bases=1)


def editor16() -> Decoder:
    """Move sixteen of them at once, all alike."""
    return Decoder("editor16", anchors_of(10), _faces(), bases=16)


DECODERS: dict[str, Callable[[], Decoder]] = {
    "trivial": trivial,
    "vae": vae,
    "grid": grid,
    "slow": slow,
    "editor": editor,
    "editor16": editor16,
}


def face_encoder() -> Callable[[np.ndarray], np.ndarray]:
    """Give the encoder of the faces: pictures ``(n, 64, 64, 3)`` from 0 to 1 to latents."""
    model = load_vae("celeba_vae").eval()

    def encode(pictures: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            channels_first = torch.from_numpy(np.moveaxis(pictures, -1, 1).astype(np.float32))
            return model.encode(channels_first)[0].numpy()

    return encode


def anchors_of(size: int) -> np.ndarray:
    """Draw the two latents between which one drags."""
    return np.random.default_rng(3).standard_normal((2, size)).astype(np.float32)


def _faces() -> Callable[[np.ndarray], Pictures]:
    model = load_vae("celeba_vae").eval()

    def draw(latents: np.ndarray) -> Pictures:
        with torch.inference_mode():
            return _to_uint8(model.decode(torch.from_numpy(latents)))

    return draw


def _to_uint8(images: torch.Tensor) -> Pictures:
    scaled = images.mul(255).round().to(torch.uint8)
    return np.ascontiguousarray(scaled.permute(0, 2, 3, 1).numpy())
