"""The code of the widgets goes to the page once: what a real kernel sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

import latentwidgets as lw
from latentwidgets.widgets.code import LOADER, static

SETUP = """
import ipywidgets
import numpy as np
import latentwidgets as lw
space = lw.LatentSpace(lambda z: np.tanh(z[:, :1, None]) + np.ones((4, 4)), 2, value_range=(0, 2))
words = lw.LatentSpace(lambda z: [f"{x:.2f}" for x in z[:, 0]], 2)
ends = [[0.0, 1.0], [1.0, 0.0]]
"""
WALK = "w = lw.Interpolator(space, ends)"

State = dict[str, Any]


class Kernel:
    """A kernel, and the widgets that it has told its pages of."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.open: dict[str, State] = {}
        self.run(SETUP)

    def run(self, source: str) -> dict[str, State]:
        """Run some code, and give the states of the widgets that it made, by their identifiers."""
        made = {}
        errors = []

        def listen(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "comm_open":
                made[content["comm_id"]] = content["data"]["state"]
            elif message["msg_type"] == "comm_close":
                self.open.pop(content["comm_id"], None)
            elif message["msg_type"] == "error":
                errors.append(content["evalue"])

        self.client.execute_interactive(source, timeout=60, output_hook=listen)
        assert not errors
        self.open |= made
        return made


@pytest.fixture(scope="module")
def client() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(client: BlockingKernelClient) -> Kernel:
    client.execute_interactive("%reset -f\nimport ipywidgets; ipywidgets.Widget.close_all()")
    return Kernel(client)


def held(states: dict[str, State], name: str) -> list[str]:
    """Identifiers of the widgets that hold a file of code."""
    return [key for key, state in states.items() if static(name) in state.values()]


def shown(states: dict[str, State]) -> list[State]:
    return [state for state in states.values() if "_esm" in state]


def test_many_widgets_refer_to_one_that_holds_their_code(kernel: Kernel) -> None:
    states = kernel.run("many = [lw.Interpolator(space, ends) for _ in range(5)]")
    widgets = shown(states)
    assert len(widgets) == 5
    [holder] = held(states, "interpolator.js")
    assert held(states, "interpolator.css") == [holder]
    assert next(iter(states)) == holder, "the page hears of a widget before it hears of its code"
    for state in widgets:
        assert state["_code"] == f"IPY_MODEL_{holder}"
        assert state["_esm"] == LOADER
        assert state["_css"] == ""
    assert not held(kernel.run(WALK), "interpolator.js"), "a later cell sends it again"


def test_every_part_of_an_explorer_refers_to_its_code(kernel: Kernel) -> None:
    states = kernel.run("e = lw.explore(space, parts=['grid', 'editor', 'path'])")
    again = kernel.run("e = lw.explore(space, parts=['grid', 'editor', 'path'])")
    for name in ("latent_explorer", "latent_grid", "direction_editor", "interpolator"):
        assert len(held(states, f"{name}.js")) == 1
    assert [state["_esm"] for state in shown(states)] == [LOADER] * 4
    assert max(len(json.dumps(state["_esm"])) for state in shown(again)) < 1000
    assert not [key for key, state in again.items() if "js" in state]


def test_what_paints_a_kind_is_sent_once_too(kernel: Kernel) -> None:
    states = kernel.run("many = [lw.Interpolator(words, ends) for _ in range(3)]")
    [holder] = held(states, "kind_text.js")
    assert [one["_painter"] for one in shown(states)] == [f"IPY_MODEL_{holder}"] * 3


def test_the_code_outlives_a_widget_that_is_closed(kernel: Kernel) -> None:
    [holder] = held(kernel.run(WALK), "interpolator.js")
    kernel.run("w.close()")
    assert holder in kernel.open
    [state] = shown(kernel.run(WALK))
    assert state["_code"] == f"IPY_MODEL_{holder}"


def test_the_code_is_sent_again_when_all_widgets_were_closed(kernel: Kernel) -> None:
    [first] = held(kernel.run(WALK), "interpolator.js")
    kernel.run("ipywidgets.Widget.close_all()")
    assert first not in kernel.open
    states = kernel.run(WALK)
    [second] = held(states, "interpolator.js")
    assert shown(states)[0]["_code"] == f"IPY_MODEL_{second}"


def test_the_map_and_what_draws_its_points_refer_to_their_code(kernel: Kernel) -> None:
    pytest.importorskip("jscatter", reason="needs the extra map")
    states = kernel.run("m = [lw.LatentMap(space, space.sample(20, seed=0)) for _ in range(2)]")
    assert [state["_esm"] for state in shown(states)] == [LOADER] * 4
    holders = [state["js"] for state in states.values() if "js" in state]
    what = "of the map, its points, its help, its gauge, the nearest data, what saves, what decodes"
    assert len(holders) == len(set(holders)) == 7, what


def test_a_widget_carries_its_code_where_there_is_no_kernel(space: lw.LatentSpace) -> None:
    state = lw.Interpolator(space, space.sample(2)).get_state()
    assert state["_esm"] == static("interpolator.js")
    assert state["_css"] == static("interpolator.css")
    assert state["_code"] is None
