"""Widgets show outputs of every kind: what they send to the page, and to viewers without one."""

from __future__ import annotations

import base64
import gc
import html
import io
import json
import weakref
from typing import Any

import numpy as np
import pytest
from PIL import Image

import latentwidgets as lw
from latentwidgets.errors import DecodeError

from .page import Page

Array = np.ndarray[Any, Any]
MARKUP = "<img src=x onerror=alert(1)>"
ENDS = [[0.0, 1.0], [1.0, 0.0]]


def texts(latents: Array) -> list[str]:
    return [f"{MARKUP} {x:.2f}" for x in latents[:, 0]]


def waves(latents: Array) -> Array:
    return latents[:, :1] * np.sin(np.linspace(0, 20, 300))


MIMES = {
    "text": "application/json",
    "curve": "application/octet-stream",
    "sound": "audio/wav",
}
SPACES: dict[str, Any] = {
    "text": lambda: lw.LatentSpace(texts, 2),
    "curve": lambda: lw.LatentSpace(waves, 2, kind="curve"),
    "sound": lambda: lw.LatentSpace(waves, 2, sample_rate=8000),
}


def editor(space: Any, base: Any) -> lw.DirectionEditor:
    found = lw.Directions([lw.Direction("x", [1.0, 0.0])])
    return lw.DirectionEditor(space, base, found, value={"x": 0.5})


def pixels(data: str) -> Array:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))


@pytest.mark.parametrize("kind", SPACES)
def test_the_page_gets_the_painter_with_the_state(kind: str) -> None:
    widget = lw.Interpolator(SPACES[kind](), ENDS, value=0.5, method="lerp")
    state = widget.get_state()
    assert "export" in state["_painter"]
    assert len(state["_painter"]) < 40_000
    picture = state["_picture"]
    assert picture["at"] == (0.5,)
    data = base64.b64decode(picture["data"])
    if kind == "text":
        assert json.loads(data) == [f"{MARKUP} 0.50"]


def test_images_need_no_painter(space: lw.LatentSpace) -> None:
    assert lw.Interpolator(space, space.sample(2)).get_state()["_painter"] == ""


@pytest.mark.parametrize("kind", SPACES)
@pytest.mark.parametrize("count", [1, 3])
def test_viewers_without_a_page_get_a_picture(kind: str, count: int) -> None:
    base = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])[:count]
    widget = editor(SPACES[kind](), base if count > 1 else base[0])
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    shown = pixels(bundle[0]["image/png"])
    assert (shown < 128).any()
    assert "onerror" not in html.unescape(bundle[0]["text/html"])
    assert np.asarray(widget.image()).shape[:2] == shown.shape


def test_frames_of_several_texts_hold_all_of_them() -> None:
    widget = editor(SPACES["text"](), [[0.0, 0.0], [1.0, 0.0]])
    picture = widget.get_state()["_picture"]
    assert json.loads(base64.b64decode(picture["data"])) == [f"{MARKUP} 0.50", f"{MARKUP} 1.50"]


@pytest.mark.parametrize("kind", SPACES)
def test_questions_are_answered_with_exact_frames(kind: str) -> None:
    page = Page(lw.Interpolator(SPACES[kind](), ENDS, method="lerp").comm)
    page.ask(at=[0.25])
    content, [data] = page.answer()
    [frame] = content["frames"]
    assert (frame["at"], frame["lossless"]) == ([0.25], True)
    assert frame["mime"] == MIMES[kind]
    if kind == "text":
        assert json.loads(data) == [f"{MARKUP} 0.25"]
    # What was drawn once is kept.
    assert page.asked(at=[0.25])["ms"] is None


def test_an_error_while_moving_loses_nothing() -> None:
    faults: list[str] = []

    def decode(latents: Array) -> list[Any]:
        return [3] * len(latents) if faults else texts(latents)

    widget = lw.Interpolator(lw.LatentSpace(decode, 2), ENDS)
    faults.append("ragged")
    widget.refresh()
    widget.value = 0.5
    with pytest.raises(DecodeError, match="entry 0 is a int"):
        widget.image()
    faults.clear()
    assert widget.value == 0.5
    assert widget.image().width == 576


@pytest.mark.parametrize("kind", SPACES)
def test_closing_lets_go_of_the_space(kind: str) -> None:
    space = SPACES[kind]()
    gone = weakref.ref(space)
    widget = lw.Interpolator(space, ENDS)
    widget.image()
    widget.close()
    del space
    gc.collect()
    assert gone() is None
