"""What a widget says of itself and of its methods, and that to look at it changes nothing."""

from __future__ import annotations

import inspect
import pydoc
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.page import Wire
from tests.unit.spaces import sigmoid, space_of

LATENTS = np.random.default_rng(0).normal(size=(12, 5))
WIDGETS: dict[str, Callable[[lw.LatentSpace], Any]] = {
    "Interpolator": lambda space: lw.Interpolator(space, LATENTS[:2]),
    "DirectionEditor": lambda space: lw.DirectionEditor(space, LATENTS[0]),
    "LatentGrid": lambda space: lw.LatentGrid(space, LATENTS),
    "LatentMap": lambda space: lw.LatentMap(space, LATENTS),
    "LatentExplorer": lambda space: lw.explore(space, LATENTS),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_to_write_a_widget_down_sends_nothing_and_decodes_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in ("LatentMap", "LatentExplorer"):
        pytest.importorskip("jscatter")
    sent: list[str] = []
    decoded: list[int] = []

    def decode(latents: Any) -> Any:
        decoded.append(len(latents))
        return sigmoid(latents)

    widget = WIDGETS[name](space_of(decode))
    monkeypatch.setattr(Wire, "publish_msg", lambda _wire, kind, *_, **__: sent.append(kind))
    decoded.clear()
    assert repr(widget).startswith(f"{name}(")
    assert not sent
    assert not decoded
    widget.send_state()  # is seen where it is sent
    assert sent == ["comm_msg"]
    widget.close()


@pytest.mark.parametrize(
    "name", ["apply", "figure", "image", "recipe", "save_animation", "save_html", "save_image"]
)
def test_help_explains_what_leaves_a_widget(name: str) -> None:
    widget = lw.DirectionEditor(space_of(sigmoid), LATENTS[0])  # which has none of its own
    method = getattr(widget, name)
    shown = pydoc.plain(pydoc.render_doc(method))
    assert f"{name}(" in shown
    assert all(one in shown for one in inspect.signature(method).parameters)
    assert "Raises\n" in shown
    assert "self" not in inspect.signature(method).parameters
    of_class = str(inspect.signature(getattr(lw.DirectionEditor, name)))
    assert re.match(r"\(self: '?AnyLatentWidget'?[,)]", of_class), "not ipywidgets.Widget"


def test_help_of_no_method_says_that_it_is_of_any_widget_of_another_package() -> None:
    for name in WIDGETS:
        held = [one for kind in getattr(lw, name).__mro__ for one in vars(kind).items()]
        functions = {key: one for key, one in held if inspect.isfunction(one)}
        ours = {
            key: one
            for key, one in functions.items()
            if one.__module__.startswith("latentwidgets.")
        }
        assert "image" in ours or name == "LatentExplorer"
        for key, method in ours.items():
            first = next(iter(inspect.signature(method).parameters.values()), None)
            assert first is None or str(first.annotation).strip("'") != "Widget", (name, key)
