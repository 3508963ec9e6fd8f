"""Pictures that a page saves to files: drawn by the kernel as `image(size=...)` draws them."""

from __future__ import annotations

import io
import threading
from typing import Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from tests.unit.page import Message, Page

LATENTS = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)


def decode(latents: np.ndarray) -> np.ndarray:
    """Pictures of 8 x 6 whose grey is the first number of the latent."""
    return np.broadcast_to((latents[:, :1, None] / 8 + 0.5).clip(0, 1), (len(latents), 6, 8))


def space(**options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(decode, 4, value_range=(0, 1), **options)


def asked(page: Page, at: list[float], width: int | None, form: str = "picture") -> Any:
    page.ask(type="file", form=form, at=at, width=width)
    return page.answer()


def opened(message: Message) -> PIL.Image.Image:
    answer, [data] = message
    assert answer["type"] == answer["of"] == "file", answer
    picture = PIL.Image.open(io.BytesIO(data))
    assert list(picture.size) == answer["size"]
    assert picture.format == "PNG"
    return picture


def same(one: PIL.Image.Image, other: PIL.Image.Image) -> bool:
    return np.array_equal(np.asarray(one), np.asarray(other))


WIDGETS: dict[str, Any] = {
    "interpolator": lambda: lw.Interpolator(space(), LATENTS[:3], value=0.25),
    "grid": lambda: lw.LatentGrid(space(), LATENTS, columns=6),
    "editor": lambda: lw.DirectionEditor(space(), LATENTS[0], lw.pca_directions(LATENTS, 2)),
    "map": lambda: lw.LatentMap(space(), LATENTS, index=3),
}


@pytest.mark.parametrize("kind", WIDGETS)
@pytest.mark.parametrize("width", [None, 96])
def test_it_is_the_kernels_own_picture(kind: str, width: int | None) -> None:
    widget = WIDGETS[kind]()
    page = Page(widget.comm)
    at, _ = page.picture()
    found = opened(asked(page, at, width))
    assert same(found, widget.image(size=width))
    if width:
        assert found.width == width
    widget.close()


def test_it_is_of_the_place_that_the_page_says() -> None:
    walk = WIDGETS["interpolator"]()
    found = opened(asked(Page(walk.comm), [1.0], 16))
    assert walk.value == 0.25
    walk.value = 1.0
    assert same(found, walk.image(size=16))


def test_a_map_is_saved_too_in_its_colours_and_refused_where_it_is_too_large() -> None:
    labels = np.repeat(["a", "b"], 12)
    chart = lw.LatentMap(None, LATENTS, labels)
    page = Page(chart.comm)
    at = page.state["_spot"]
    found = np.asarray(opened(asked(page, at, 300, "map")).convert("RGBA"))
    shown = {tuple(pixel) for pixel in found.reshape(-1, 4) if pixel[3]}
    assert {f"#{r:02x}{g:02x}{b:02x}" for r, g, b, _ in shown} == {
        entry["color"] for entry in page.state["_legend"]["entries"]
    }
    assert opened(asked(page, at, None, "map")).size == (chart.height, chart.height)
    answer, _ = asked(page, at, 5000, "map")
    assert answer["type"] == "error"
    assert "4,096" in answer["message"]
    assert asked(page, at, 96)[0]["type"] == "error"  # nothing decodes it


def test_what_is_no_width_is_refused_and_what_is_of_another_route_is_stale() -> None:
    walk = WIDGETS["interpolator"]()
    page = Page(walk.comm)
    for width in (0, -1, 16_385, 1.5, "96", True):
        page.ask(type="file", form="picture", at=[0.5], width=width)
    assert not page.messages
    stale = page.asked(type="file", form="picture", at=[0.5], width=9, route="gone")
    assert stale["type"] == "stale"


def test_an_error_is_told_and_the_kernel_stays_free_meanwhile() -> None:
    go, begun = threading.Event(), threading.Event()
    slow = threading.Event()

    def decode_slowly(latents: np.ndarray) -> np.ndarray:
        if slow.is_set():
            begun.set()
            go.wait(20)
            raise RuntimeError("out of memory")
        return decode(latents)

    walk = lw.Interpolator(lw.LatentSpace(decode_slowly, 4, value_range=(0, 1)), LATENTS[:2])
    page = Page(walk.comm)
    slow.set()
    page.ask(type="file", form="picture", at=[0.5], width=16)  # returns at once
    assert begun.wait(20)
    assert not page.messages
    go.set()
    answer, _ = page.answer()
    assert answer["type"] == "error"
    assert "out of memory" in answer["message"]
    walk.close()


def test_a_picture_of_a_route_that_is_gone_is_not_kept() -> None:
    moved: list[bool] = []

    def decode_and_move(latents: np.ndarray) -> np.ndarray:
        if moved:
            walk.anchors = LATENTS[2:4]
        return decode(latents)

    walk = lw.Interpolator(lw.LatentSpace(decode_and_move, 4, value_range=(0, 1)), LATENTS[:2])
    page = Page(walk.comm)
    moved.append(True)
    assert asked(page, [0.5], 16)[0]["type"] == "stale"
