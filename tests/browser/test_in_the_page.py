"""Decoders in the page: the picture is the kernel's own, to 1 of 255 levels, at every repaint."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Error

from tests.browser.conftest import OpenMarimo, OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.lab import CHROMIUM_ARGS, KERNELS_DECODE, Lab
from tests.browser.notebook import BrowserPage, Notebook
from tests.browser.view import View
from tests.runtime import need_runtime
from tools.chromium import find

# Other tests leave all to the kernel.
IN_THE_PAGE = "import os\nos.environ['LATENTWIDGETS_RUN'] = 'auto'\n"
PCA = """
import numpy as np
import latentwidgets as lw
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
images = load_digits().data
space = lw.as_space(PCA(10).fit(images), value_range=(0, 16))
latents = space.encode(images[:5])
"""
TORCH = """
import numpy as np
import torch
import latentwidgets as lw

class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first = torch.nn.Linear(6, 128)
        self.up = torch.nn.ConvTranspose2d(8, 3, 4, stride=4)
        self.dropout = torch.nn.Dropout()

    def decode(self, z):
        wide = self.dropout(torch.relu(self.first(z))).unflatten(1, (8, 4, 4))
        return torch.sigmoid(3 * self.up(wide))

space = lw.as_space(Small(), value_range=(0, 1))
latents = space.sample(5, seed=0)
"""
# Pictures that carry the latent's number, exactly, in their colours, as those of `view.SPACE` do.
NUMBERED = """
import torch
import latentwidgets as lw

class Numbered(torch.nn.Module):
    def decode(self, z):
        number = torch.round(60000 * z[:, 0])
        red = torch.floor(number / 256)
        levels = torch.stack([red, number - 256 * red, 0 * red + 128], 1)
        return ((levels + 0.5) / 256)[:, :, None, None].expand(-1, 3, 16, 16)

space = lw.as_space(Numbered(), latent_shape=1, value_range=(0, 1))
"""
AUTO = "w = lw.Interpolator(space, [[0.0], [0.5], [1.0]], method='lerp', run='auto')\nw"
# What is painted at every repaint while a thumb is dragged: [the thumb, the picture, is it exact].
WATCH = """([canvas, slider]) => {
    window.seen = [];
    const look = () => {
        const { lwValue, lwExact } = canvas.dataset;
        window.seen.push([Number(slider.value), Number(lwValue), lwExact === 'true']);
        window.watching = requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture(scope="module", autouse=True)
def onnxruntime_web() -> None:
    """Skip all where networks cannot be decoded in a page."""
    need_runtime()


def show(
    open_notebook: OpenNotebook, space: str, widget: str, *, use: bool = True, own: bool = False
) -> Notebook:
    """Show a widget, and move a control: before that nothing is exported."""
    notebook = open_notebook([IN_THE_PAGE + space, f"w = {widget}\nw"], own_page=own)
    notebook.run(0)
    notebook.run(1)
    if use:
        notebook.page.locator(".lw-status[data-lw-state=exact]").wait_for()
        notebook.page.locator(".lw-slider").first.press("ArrowRight")
    return notebook


# Where the exact picture that is shown was decoded in the page itself.
MADE_HERE = "[data-lw-state=exact][title*=', in the page, ']:not([title*='by the kernel'])"


def wait_made_here(notebook: BrowserPage, *, seconds: float = 30) -> None:
    """Wait until the exact picture is shown, and the page itself has decoded it."""
    notebook.page.locator(f".lw-status{MADE_HERE}").first.wait_for(timeout=1000 * seconds)


def wait_page(notebook: BrowserPage, *, seconds: float = 90) -> None:
    """Wait until the page decodes; a cell that asks would keep the kernel from being idle."""
    first = notebook.page.locator(".lw-status").first
    first.scroll_into_view_if_needed()  # else nothing is asked
    status = notebook.page.locator(".lw-status[title*=', in the page']").first
    try:
        status.wait_for(timeout=1000 * seconds)  # marimo's shadow root included
    except Error as error:  # before the test itself is ended, which would not say why
        raise AssertionError(f"after {seconds:g} s: {first.get_attribute('title')}") from error


def most_off(shown: np.ndarray[Any, Any], notebook: Notebook) -> int:
    """Compare what is on the page with what the kernel itself decodes there."""
    kernels = np.array(notebook.value("np.asarray(w.image().convert('RGB')).tolist()"))
    assert shown.shape[:2] == kernels.shape[:2]
    return int(np.abs(shown[..., :3].astype(int) - kernels).max())


def wait_same(view: View, notebook: Notebook, *, seconds: float = 20) -> None:
    """Wait until the page shows what the kernel itself decodes, to 1 of 255 levels."""
    end = time.monotonic() + seconds
    while (off := most_off(view.pixels(), notebook)) > 1:
        assert time.monotonic() < end, f"the picture is {off} levels off"


def drag_exactly(view: View, start: float, stop: float, *, steps: int = 40) -> list[float]:
    """Drag the thumb, at each step until the exact picture is there, however busy the machine."""
    mouse, thumbs = view.page.mouse, []
    view.drag(start, start, steps=1, drop=False)
    for i in range(steps + 1):
        mouse.move(*view.at(start + (stop - start) * i / steps))
        thumbs.append(view.value)
        view.wait_exact(thumbs[-1])
    assert len({*thumbs}) > steps / 2, "the thumb was not dragged"
    mouse.up()
    return thumbs


@pytest.mark.parametrize(
    ("space", "method"), [(PCA, "slerp"), (TORCH, "spline")], ids=["pca", "torch"]
)
def test_what_the_page_decodes_is_what_the_kernel_does(
    open_notebook: OpenNotebook, space: str, method: str
) -> None:
    widget = f"lw.Interpolator(space, latents[:3], method={method!r}, strip_length=2, filmstrip=0)"
    notebook = show(open_notebook, space, widget)
    view = View(notebook)
    wait_page(notebook)
    notebook.wait_value("w.runs_in", "page")
    notebook.execute("asked = []; w.on_msg(lambda _, content, __: asked.append(content['type']))")
    handles = [view.canvas.element_handle(), view.slider.element_handle()]
    notebook.page.evaluate(WATCH, handles)
    thumbs = drag_exactly(view, 0.02, 0.83)
    wait_made_here(notebook)
    seen = notebook.page.evaluate("() => (cancelAnimationFrame(window.watching), window.seen)")
    shown = {shown for _, shown, _ in seen}
    assert shown <= {seen[0][1], *thumbs}, "a picture of elsewhere was painted"
    assert len(shown) > 20, "the picture did not follow"
    asked = {*notebook.value("asked")}
    assert not asked & {"ask", "strip"}, "the kernel was asked for frames all the same"
    notebook.wait_value("w.value", pytest.approx(view.value, abs=1e-12))
    assert len(np.unique(view.pixels())) > 10, "nothing is to be seen"
    assert most_off(view.pixels(), notebook) <= 1
    assert notebook.console_errors == []


@pytest.mark.slow
def test_playing_shows_every_picture_in_the_page(open_notebook: OpenNotebook) -> None:
    widget = "lw.Interpolator(space, latents[:3], method='lerp', strip_length=2, filmstrip=0)"
    notebook = show(open_notebook, PCA, widget)
    view = View(notebook)
    wait_page(notebook)
    handles = [view.canvas.element_handle(), view.slider.element_handle()]
    notebook.page.evaluate(WATCH, handles)
    notebook.execute("w.playing = True")
    many = "() => new Set(window.seen.map(([, shown]) => shown)).size > 20"
    notebook.page.wait_for_function(many, timeout=30_000)
    notebook.execute("w.playing = False")
    view.wait_exact(view.value)
    wait_made_here(notebook)
    assert most_off(view.pixels(), notebook) <= 1
    assert notebook.console_errors == []


@pytest.mark.slow
def test_the_runtime_comes_from_the_server_where_it_has_it(open_notebook: OpenNotebook) -> None:
    # A page keeps what it has fetched.
    widget = "lw.Interpolator(space, latents[:3])"
    notebook = show(open_notebook, TORCH, widget, use=False, own=True)
    fetched: list[str] = []
    notebook.page.on("response", lambda one: fetched.append(f"{one.status} {one.url}"))
    View(notebook).slider.press("ArrowRight")
    wait_page(notebook)
    runtime = [one for one in fetched if "/latentwidgets/runtime/" in one]
    assert len(runtime) == 2, runtime
    assert all(one.startswith("200 ") and "?v=1." in one for one in runtime), runtime


@pytest.mark.slow
@pytest.mark.timeout(300)  # twice the page takes over
def test_an_editor_of_several_decodes_in_the_page(open_notebook: OpenNotebook) -> None:
    widget = "lw.DirectionEditor(space, latents, lw.pca_directions(space.sample(60, seed=1), n=3))"
    notebook = show(open_notebook, TORCH, widget)
    view = EditorView(notebook)
    wait_page(notebook)
    notebook.execute("w.value = {'PC 1': 1.5, 'PC 3': -0.7}")
    view.wait_exact(**{"PC 1": 1.5, "PC 3": -0.7})
    wait_made_here(notebook)
    assert most_off(notebook.pixels(), notebook) <= 1
    # Until what is held was checked too, it is the kernel's.
    notebook.execute("w.hold = ['PC 2']; w.value = {'PC 1': -1.0}")
    view.wait_exact(**{"PC 1": -1.0})
    wait_page(notebook)
    notebook.execute("w.value = {'PC 1': -1.25}")
    view.wait_exact(**{"PC 1": -1.25})
    wait_made_here(notebook)
    assert most_off(notebook.pixels(), notebook) <= 1
    assert notebook.console_errors == []


@pytest.mark.slow
def test_conditions_are_decoded_in_the_page(open_notebook: OpenNotebook) -> None:
    space = TORCH.replace("decode(self, z)", "decode(self, z, kind, gain)")
    space = space.replace("3 * self.up(wide)", "self.up(wide) * gain[:, None, None, None] + kind")
    space = space.replace("relu(self", "relu(kind[:, None] + self").replace(" + kind)", ")")
    taken = "conditions={'kind': ['plain', 'odd'], 'gain': (3.0, 0.0, 6.0)}"
    space = space.replace("value_range=(0, 1)", f"value_range=(0, 1), {taken}")
    notebook = show(open_notebook, space, "lw.Interpolator(space, latents[:2], method='lerp')")
    view = View(notebook)
    wait_page(notebook)
    pictures = [view.pixels()]
    # Places where the kernel has decoded nothing ahead.
    for given in ({"gain": 5.87}, {"gain": 1.27}, {"kind": "odd", "gain": 1.27}):
        notebook.execute(f"w.conditions = {given}")
        wait_made_here(notebook)
        wait_same(view, notebook)
        pictures.append(view.pixels())
    assert all(np.abs(a.astype(int) - b).max() > 5 for a, b in pairwise(pictures))
    notebook.wait_value("w.runs_in", "page")
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_widget_that_nobody_uses_stays_with_the_kernel(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, PCA, "lw.Interpolator(space, latents[:3])", use=False)
    view = View(notebook)
    view.wait_strip()
    asked = "asked = []; w.on_msg(lambda _, content, __: asked.append(content['type']))"
    notebook.execute(asked)
    notebook.page.wait_for_timeout(1500)
    assert "decoder" not in notebook.value("asked")
    view.slider.press("ArrowRight")
    wait_page(notebook)
    assert "decoder" in notebook.value("asked")


@pytest.mark.slow
def test_a_kernel_that_is_killed_in_mid_drag_changes_nothing(open_notebook: OpenNotebook) -> None:
    widget = "lw.Interpolator(space, latents[:3], method='lerp', strip_length=2, filmstrip=0)"
    # The page of a dead kernel is no use to another test.
    notebook = show(open_notebook, TORCH, widget, own=True)
    view = View(notebook)
    wait_page(notebook)
    process = int(notebook.value("__import__('os').getpid()"))
    view.drag(0.02, 0.3, steps=20, drop=False)
    os.kill(process, signal.SIGKILL)
    drag_exactly(view, 0.3, 0.7)
    assert not view.root.locator(".lw-alert").is_visible()
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click(timeout=30_000)
    view.slider.press("Home")
    view.wait_exact(0.0)
    # What is asked at rest finds no kernel: that is said, and no more.
    status = view.root.locator(".lw-status")
    status.filter(has_text="kernel restarted or gone").wait_for()
    notebook.page.wait_for_timeout(1500)
    assert not view.root.locator(".lw-alert").is_visible()
    assert "pictures go on" in (status.get_attribute("title") or "")
    view.slider.press("End")
    view.wait_exact(1.0)
    assert not view.root.locator(".lw-alert").is_visible()


@pytest.mark.slow
def test_a_page_without_webassembly_leaves_it_to_the_kernel(lab: Lab) -> None:
    flags = [*CHROMIUM_ARGS, "--js-flags=--jitless"]  # which leaves WebAssembly out
    browser = lab.browser.browser_type.launch(executable_path=find(), args=flags)
    with contextlib.closing(browser), Lab(browser=browser, env=KERNELS_DECODE) as other:
        widget = "lw.Interpolator(space, latents[:3], method='lerp')"
        notebook = show(lambda cells, **_: other.open(cells), TORCH, widget, use=False)
        asked = "asked = []; w.on_msg(lambda _, content, __: asked.append(content['type']))"
        notebook.execute(asked)
        notebook.page.locator(".lw-slider").first.press("ArrowRight")
        assert notebook.page.evaluate("typeof WebAssembly") == "undefined"
        title = "() => document.querySelector('.lw-status')?.title.includes('by the kernel: ')"
        notebook.page.wait_for_function(title, timeout=90_000)
        notebook.wait_value("w.runs_in", "kernel: the page has no WebAssembly.")
        asked_of = {*notebook.value("asked")}
        assert "ask" in asked_of
        assert "decoder" not in asked_of, "it was exported for nothing"
        view = View(notebook)
        view.drag(0.0, 0.6, steps=10)
        view.wait_exact()
        assert most_off(view.pixels(), notebook) == 0
        assert not view.root.locator(".lw-alert").is_visible()


def test_what_cannot_go_stays_and_says_why(open_notebook: OpenNotebook) -> None:
    space = "import numpy as np, latentwidgets as lw\nspace = lw.LatentSpace("
    space += "lambda z: np.repeat(z, 64, axis=1).reshape(-1, 8, 8), 1, value_range=(0, 1))"
    notebook = show(open_notebook, space, "lw.Interpolator(space, [[0.0], [1.0]], method='lerp')")
    view = View(notebook)
    view.wait_exact()
    notebook.wait_value("w.runs_in.startswith('kernel: it is code in Python')", True)
    view.root.locator(".lw-status[title*='by the kernel: it is code in Python']").wait_for()


@pytest.mark.slow
def test_a_random_decoder_stays(open_notebook: OpenNotebook) -> None:
    space = TORCH.replace("torch.sigmoid(3 * self.up(wide))", "torch.rand(len(z), 3, 8, 8)")
    notebook = show(open_notebook, space, "lw.Interpolator(space, latents[:2])")
    title = "() => document.querySelector('.lw-status')?.title.includes('it is random')"
    notebook.page.wait_for_function(title, timeout=90_000)


@pytest.mark.slow
def test_a_model_above_the_limit_stays_until_more_is_allowed(open_notebook: OpenNotebook) -> None:
    wide = "torch.nn.Sequential(torch.nn.Linear(6, 3000), torch.nn.Linear(3000, 128))"
    space = TORCH.replace("torch.nn.Linear(6, 128)", wide)
    notebook = show(open_notebook, space, "lw.Interpolator(space, latents[:2], page_memory=1)")
    words = "it takes 2 MB, and the page is sent at most 1 MB; set page_memory for more"
    status = notebook.page.locator(f".lw-status[title*='by the kernel: {words}']")
    status.wait_for(timeout=90_000)
    notebook.wait_value("w.runs_in", f"kernel: {words}.")
    notebook.execute("w.page_memory = 4")
    wait_page(notebook)
    notebook.wait_value("w.runs_in", "page")


@pytest.mark.timeout(300)  # twice the page takes over
def test_a_refresh_goes_back_to_the_kernel_until_the_new_model_is_checked(
    open_notebook: OpenNotebook,
) -> None:
    notebook = show(open_notebook, TORCH, "lw.Interpolator(space, latents[:3], method='lerp')")
    view = View(notebook)
    wait_page(notebook)
    before = view.pixels()
    notebook.execute(
        "space.decoder.__self__.models[0].up.bias.data += 0.2\nw.refresh()\nw.value = 0.3"
    )
    view.wait_exact(0.3)
    assert most_off(view.pixels(), notebook) == 0, "the kernel's own picture is not shown"
    wait_page(notebook)
    notebook.execute("w.value = 0.45")
    view.wait_exact(0.45)
    wait_made_here(notebook)
    assert most_off(view.pixels(), notebook) <= 1
    assert np.abs(view.pixels().astype(int) - before).max() > 5


@pytest.mark.slow
def test_a_model_that_is_trained_on_is_shown_as_it_is(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, TORCH, "lw.Interpolator(space, latents[:3], method='lerp')")
    view = View(notebook)
    wait_page(notebook)
    before = view.pixels()
    bias = "space.decoder.__self__.models[0].up.bias"
    notebook.execute(f"with torch.no_grad():\n    {bias} += 0.2")
    exports = notebook.value("w._exports")
    notebook.page.wait_for_timeout(300)  # so often it is looked at
    view.slider.press("ArrowRight")
    notebook.wait_value(f"w._exports > {exports}", True, seconds=60)
    # What the page says just now may be from before: it is exported anew once the kernel is idle.
    notebook.wait_value("w.runs_in", "page", seconds=60)
    notebook.execute("w.value = 0.4567")  # where the kernel has decoded nothing ahead
    view.wait_exact(0.4567)
    wait_made_here(notebook)
    assert most_off(view.pixels(), notebook) <= 1
    assert np.abs(view.pixels().astype(int) - before).max() > 5


def drag_in_the_page(page: BrowserPage) -> None:
    """Use a widget, wait until the page decodes, and see that the pixels are those of the thumb."""
    shown = View(page)
    shown.wait_exact()
    shown.drag(0.0, 0.2, steps=5)
    wait_page(page)
    drag_exactly(shown, 0.0, 0.9)
    wait_made_here(page)
    assert shown.value == pytest.approx(0.9, abs=0.02)
    assert shown.shown == pytest.approx(shown.value, abs=1e-4)


@pytest.mark.slow
def test_it_decodes_in_the_page_of_notebook_7(open_in_notebook_7: OpenNotebook) -> None:
    notebook = open_in_notebook_7([NUMBERED, AUTO])
    notebook.run(0)
    notebook.run(1)
    drag_in_the_page(notebook)
    notebook.wait_value("w.runs_in", "page")
    notebook.wait_value("w.value", pytest.approx(View(notebook).value, abs=1e-12))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["edit", pytest.param("run", marks=pytest.mark.slow)])
def test_it_decodes_in_the_page_of_marimo(open_in_marimo: OpenMarimo, mode: str) -> None:
    page = open_in_marimo([NUMBERED, AUTO], mode=mode)
    drag_in_the_page(page)
    assert page.console_errors == []
