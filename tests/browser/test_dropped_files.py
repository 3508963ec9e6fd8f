"""Files that are dropped on a widget: it shows again what they were saved of."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

import latentwidgets as lw
from tests.browser.conftest import OpenNotebook

SPACE = """import latentwidgets as lw
digits = lw.demo.digits()"""
PARTS = "lw.explore(digits.space, digits.latents[:200], parts=['grid', 'editor'])"
DRAG = """async (root, [name, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name));
    const target = root.querySelector('.lw-picture') ?? root;
    const drag = (type) => {
        const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
        target.dispatchEvent(event);
        return event.defaultPrevented;
    };
    drag('dragenter');
    const outline = () => getComputedStyle(root).outlineStyle;
    for (let i = 0; i < 100 && !(drag('dragover') && outline() === 'dashed'); i++)
        await new Promise((done) => setTimeout(done, 20));
    const shown = outline();
    return [drag('drop'), shown];
}"""


# Before what takes files is there: it is loaded as the first one is dragged over a widget.
AT_ONCE = """(root, [name, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name));
    return ['dragenter', 'dragover', 'drop'].map((type) => {
        const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
        root.dispatchEvent(event);
        return event.defaultPrevented;
    });
}"""


def drop(root: Locator, file: Path) -> None:
    """Drag a file over a widget, as a person does, and let it go there."""
    data = base64.b64encode(file.read_bytes()).decode()
    assert root.evaluate(DRAG, [file.name, data]) == [True, "dashed"]


def test_a_picture_dropped_on_a_widget_brings_its_state_back(
    open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    digits = lw.demo.digits()
    walk = lw.Interpolator(digits, value=0.25, method="spline")
    walk.save_image(tmp_path / "walk.png", size=400)
    walk.image().save(tmp_path / "bare.png")
    notebook = open_notebook([SPACE, "w = lw.Interpolator(digits); w"])
    notebook.run(0)
    notebook.run(1)
    root = notebook.page.locator(".lw-interpolator")
    root.locator(".lw-status[data-lw-state='exact']").wait_for()
    drop(root, tmp_path / "walk.png")
    notebook.wait_value("[w.value, w.method]", [0.25, "spline"])
    expect(root.locator(".lw-picture")).to_have_attribute("data-lw-value", "0.25")
    assert notebook.value("dict(w.recipe())") == dict(walk.recipe())
    drop(root, tmp_path / "bare.png")
    expect(root.get_by_role("alert")).to_contain_text("this picture holds no recipe")
    drop(root, tmp_path / "walk.png")
    expect(root.get_by_role("alert")).to_be_hidden()
    assert notebook.console_errors == []


def test_a_file_of_bookmarks_dropped_on_an_explorer_brings_all_parts_back(
    open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    digits = lw.demo.digits()
    explorer = lw.explore(digits.space, digits.latents[:200], parts=["grid", "editor"])
    explorer.grid.value = (1, 3)
    explorer.editor.value = {"PC 1": 1.5}
    explorer.history.bookmark("mine")
    explorer.history.save(tmp_path / "found.json")
    (tmp_path / "odd.json").write_text('{"recipe": 2}')
    notebook = open_notebook([SPACE, f"e = {PARTS}; e.grid.value = (0, 5); e"])
    notebook.run(0)
    notebook.run(1)
    root = notebook.page.locator(".lw-latent-explorer")
    root.locator(".lw-looks .lw-seen canvas[data-lw-exact='true']").wait_for()
    before = notebook.value("dict(e.recipe())")
    data = base64.b64encode((tmp_path / "found.json").read_bytes()).decode()
    assert root.evaluate(AT_ONCE, ["found.json", data]) == [True] * 3
    root.get_by_role("button", name="mine", exact=True).wait_for()
    notebook.wait_value("[*e.grid.value, e.editor.value['PC 1']]", [1, 3, 1.5])
    assert notebook.value("dict(e.recipe())") == dict(explorer.recipe())
    drop(root, tmp_path / "odd.json")
    expect(root.locator(".lw-doing")).to_contain_text("of version 2")
    root.get_by_role("button", name="Undo").click()
    notebook.wait_value("[*e.grid.value, e.editor.value['PC 1']]", [0, 5, 0])
    assert notebook.value("dict(e.recipe())") == before
    root.get_by_role("button", name="mine", exact=True).wait_for()
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["DirectionEditor", "LatentGrid", "LatentMap"])
def test_every_other_widget_takes_files_too(
    open_notebook: OpenNotebook, tmp_path: Path, kind: str
) -> None:
    if kind == "LatentMap":
        pytest.importorskip("jscatter", reason="needs the extra map")
    digits = lw.demo.digits()
    moved = {"DirectionEditor": ("value", "{'PC 1': 1.0}"), "LatentGrid": ("value", "(0, 2)")}
    trait, value = moved.get(kind, ("index", "7"))
    given = "digits, digits.latents[0], lw.pca_directions(digits.latents, 2)"
    given = given if kind == "DirectionEditor" else "digits.space, digits.latents[:20]"
    widget = eval(f"lw.{kind}({given}, {trait}={value})", {"lw": lw, "digits": digits})
    widget.recipe().save(tmp_path / "found.json")
    notebook = open_notebook([SPACE, f"w = lw.{kind}({given}); w"])
    notebook.run(0)
    notebook.run(1)
    root = notebook.page.locator(".lw-root")
    root.locator(".lw-status[data-lw-state='exact']").wait_for()
    drop(root, tmp_path / "found.json")
    there = (
        f"{{**w.{trait}}}['PC 1'] == 1" if kind == "DirectionEditor" else f"w.{trait} == {value}"
    )
    notebook.wait_value(there, True)
    assert notebook.value("dict(w.recipe())") == dict(widget.recipe())
