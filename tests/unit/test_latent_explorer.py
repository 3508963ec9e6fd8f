"""The LatentExplorer in plain Python: its parts, what they hand on, what is undone."""

from __future__ import annotations

import gc
import time
import weakref
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.spaces import logit, sigmoid

RNG = np.random.default_rng(6)
DATA = RNG.normal(size=(90, 5)).astype(np.float32)
LABELS = {"smile": DATA[:, 0] > 0}


def make(data: Any = DATA, labels: Any = None, **options: Any) -> lw.LatentExplorer:
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))
    options = {"parts": ["grid", "editor", "path"], **options}
    return lw.explore(space, data, labels, **options)


def later(explorer: lw.LatentExplorer) -> None:
    """Make the next change a step of its own."""
    explorer.history._last = (None, "", 0.0)


def test_a_cell_becomes_the_base_and_chosen_cells_the_path() -> None:
    explorer = make()
    grid, editor, path = explorer.grid, explorer.editor, explorer.path
    np.testing.assert_array_equal(editor.base, grid.latents[0])
    grid.value = (1, 2)
    np.testing.assert_array_equal(editor.base, grid.latents[10])
    grid.selection = [4]
    np.testing.assert_array_equal(path.anchors, grid.latents[:3])
    grid.selection = [4, 9]
    np.testing.assert_array_equal(path.anchors, grid.latents[[4, 9]])


def test_with_nothing_but_a_decoder_there_are_samples_and_local_directions() -> None:
    explorer = lw.explore(lw.LatentSpace(sigmoid, 5, value_range=(0, 1)))
    assert set(explorer.parts) == {"grid", "editor", "path"}
    assert explorer.editor.directions.names[0] == "local 1"
    assert explorer.grid.grid.count == 64


def test_data_give_components_and_labels_give_probes_with_evidence_after_a_while() -> None:
    explorer = make(labels=LABELS)
    names = explorer.editor.directions.names
    assert names == ("PC 1", "PC 2", "PC 3", "PC 4", "PC 5", "smile")
    explorer.editor.value = {"smile": 1.5}
    deadline = time.monotonic() + 60
    while explorer._note:
        assert time.monotonic() < deadline, explorer._note
        time.sleep(0.05)
    judged = explorer.editor.directions["smile"]
    assert judged.evidence.p_value is not None
    assert explorer.editor.value["smile"] == 1.5
    explorer.history.undo()
    assert explorer.editor.value["smile"] == 0
    assert explorer.editor.directions["smile"] == judged


def test_the_map_is_linked_too() -> None:
    explorer = make(parts=["map", "grid", "editor", "path"])
    chart, editor = explorer.map, explorer.editor
    later(explorer)
    chart.index = 7
    np.testing.assert_array_equal(editor.base, DATA[7])
    editor.value = {"PC 1": 1.0}
    np.testing.assert_array_equal(chart.latent, editor.latent)
    np.testing.assert_array_equal(editor.base, DATA[7])
    explorer.path.anchors = DATA[[1, 2]]
    np.testing.assert_allclose(chart.path[[0, -1]], DATA[[1, 2]])
    later(explorer)
    chart.selection = np.flatnonzero(LABELS["smile"])
    found = editor.directions["selection"]
    assert found.vector @ DATA[LABELS["smile"]].mean(axis=0) > 0
    assert editor.value["PC 1"] == 1.0
    explorer.history.undo()
    assert "selection" not in editor.directions.names
    assert len(chart.selection) == 0
    chart.selection = [1, 2]  # too few to say where they lie
    assert "selection" not in editor.directions.names


def test_images_are_encoded() -> None:
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))
    images = space.decode(DATA[:30])
    explorer = lw.explore(space, images, parts=["grid"])
    np.testing.assert_allclose(explorer.grid.latents, space.encode(images))


def test_all_parts_go_back_together() -> None:
    explorer = make()
    grid, editor, path = explorer.grid, explorer.editor, explorer.path
    first = editor.base
    later(explorer)
    grid.value = (2, 2)
    later(explorer)
    editor.value = {"PC 1": 1.0}
    later(explorer)
    grid.selection = [1, 2]
    explorer.history.undo()
    assert grid.selection == ()
    np.testing.assert_array_equal(path.anchors, grid.latents[:3])
    assert editor.value["PC 1"] == 1.0
    explorer.history.undo()
    assert editor.value["PC 1"] == 0.0
    explorer.history.undo()
    assert grid.value == (0.0, 0.0)
    np.testing.assert_array_equal(editor.base, first)
    explorer.history.redo()
    explorer.history.redo()
    assert editor.value["PC 1"] == 1.0
    np.testing.assert_array_equal(editor.base, grid.latents[18])


def test_the_page_asks_for_steps_and_bookmarks() -> None:
    explorer = make()
    later(explorer)
    explorer.editor.value = {"PC 2": 1.0}
    explorer._receive(explorer, {"type": "bookmark", "name": None}, [])
    assert explorer._bookmarks == ["bookmark 1"]
    explorer._receive(explorer, {"type": "undo"}, [])
    assert explorer.editor.value["PC 2"] == 0
    assert explorer._steps == {"undo": False, "redo": True}
    explorer._receive(explorer, {"type": "open", "name": "bookmark 1"}, [])
    assert explorer.editor.value["PC 2"] == 1
    explorer._receive(explorer, {"type": "open", "name": "nowhere"}, [])
    assert "no bookmark 'nowhere'" in explorer._note
    for nonsense in (None, 3, {"type": "__class__"}, {}):
        explorer._receive(explorer, nonsense, [])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parts": ["gird"]}, "parts are .* expected one or more of 'map', 'grid'"),
        ({"parts": []}, "expected one or more of"),
        ({"data": None, "labels": LABELS}, "labels, but no data"),
        ({"data": DATA[:, :2]}, r"shape \(90, 2\)"),
        ({"labels": {"smile": LABELS["smile"][:5]}}, "5"),
        ({"directions": []}, "direction"),
    ],
)
def test_what_cannot_be_is_refused(options: Any, message: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=message):
        make(**options)


def test_without_a_kernel_there_is_a_picture() -> None:
    bundle = make()._repr_mimebundle_()
    assert bundle is not None
    assert {"image/png", "text/html"} <= set(bundle[0])


def test_close_closes_every_part() -> None:
    def decode(latents: Any) -> Any:
        return sigmoid(latents)

    explorer = lw.explore(
        lw.LatentSpace(decode, 5, value_range=(0, 1)), DATA, parts=["grid", "editor"]
    )
    gone = weakref.ref(decode)
    del decode
    explorer.close()
    gc.collect()
    assert gone() is None


def test_link_says_what_it_cannot_link() -> None:
    space = lw.LatentSpace(sigmoid, 5, value_range=(0, 1))
    grid, path = lw.LatentGrid(space, DATA[:6]), lw.Interpolator(space, DATA[:2])
    linked = lw.link(path, grid)
    grid.selection = [1, 2, 3]
    np.testing.assert_array_equal(path.anchors, DATA[1:4])
    linked.unlink()
    grid.selection = [4, 5]
    np.testing.assert_array_equal(path.anchors, DATA[1:4])
    with pytest.raises(lw.LatentTypeError, match="nothing in common"):
        lw.link(grid, grid)
