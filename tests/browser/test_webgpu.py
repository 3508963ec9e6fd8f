"""Decoders in the page by WebGPU, on a GPU that Chromium simulates; and where there is none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.lab import CHROMIUM_ARGS, KERNELS_DECODE, Lab
from tests.browser.notebook import Notebook
from tests.browser.test_in_the_page import (
    MADE_HERE,
    most_off,
    show,
    wait_made_here,
    wait_page,
)
from tests.browser.view import View
from tests.runtime import need_runtime
from tools.chromium import find

# Small, since the GPU is simulated; and so slow in the kernel that the page may be slow too.
SPACE = """
import time
import numpy as np
import torch
import latentwidgets as lw

class Slow(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(4, 192)

    def decode(self, z):
        time.sleep(0.1)
        return torch.sigmoid(self.layer(z)).unflatten(1, (3, 8, 8))

space = lw.as_space(Slow(), value_range=(0, 1))
latents = space.sample(3, seed=0)
"""
WIDGET = "lw.Interpolator(space, latents, strip_length=2, filmstrip=0, page_gpu=True)"
# Workers of scripts that are made from now on have WebGPU and no GPU, and their clock stands still:
# whatever else the machine does, the page's processor is fast enough.
WITHOUT_GPU = """() => {
    const first = `performance.now = () => 0;
        const gpu = { requestAdapter: async () => null };
        Object.defineProperty(navigator, 'gpu', { value: gpu });`;
    window.Blob = class extends Blob {
        constructor(parts, how) {
            super(how?.type === 'text/javascript' ? [first, ...parts] : parts, how);
        }
    };
}"""
SIMULATED = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]


@pytest.fixture(scope="module", autouse=True)
def onnxruntime_web() -> None:
    """Skip all where there is nothing that runs networks on a GPU."""
    need_runtime(gpu=True)


@pytest.fixture
def lab_with_gpu(lab: Lab) -> Iterator[Lab]:
    """JupyterLab in a browser that simulates a GPU."""
    flags = [one for one in CHROMIUM_ARGS if one != "--disable-gpu"]
    kind = lab.browser.browser_type
    browser = kind.launch(executable_path=find(), args=[*flags, *SIMULATED])
    with contextlib.closing(browser), Lab(browser=browser, env=KERNELS_DECODE) as other:
        yield other


def check_picture(view: View, notebook: Notebook, value: float) -> None:
    """See that the page makes the kernel's own picture of a place where there was none."""
    notebook.execute(f"w.value = {value}")
    view.wait_exact(value)
    wait_made_here(notebook)
    assert most_off(view.pixels(), notebook) <= 1


@pytest.mark.simulated_gpu
@pytest.mark.timeout(300)  # twice the page takes over
def test_a_decoder_runs_on_the_gpu_of_the_page(lab_with_gpu: Lab) -> None:
    notebook = show(lambda cells, **_: lab_with_gpu.open(cells), SPACE, WIDGET)
    wait_page(notebook)
    view = View(notebook)
    notebook.wait_value("w.runs_in", "page")
    check_picture(view, notebook, 0.4567)
    view.root.locator(f".lw-status{MADE_HERE}[title*='; on the GPU, by WebGPU']").wait_for()
    notebook.execute("w.page_gpu = False; w.value = 0.3")
    view.wait_exact(0.3)  # by the kernel, until the page has made it anew
    wait_page(notebook)
    check_picture(view, notebook, 0.6789)
    assert "WebGPU" not in (view.root.locator(".lw-status").get_attribute("title") or "")
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_browser_without_a_gpu_takes_the_processor_and_says_so(
    open_notebook: OpenNotebook,
) -> None:
    # What it changes in its page is no use to another test.
    notebook = show(open_notebook, SPACE, WIDGET, use=False, own=True)
    notebook.page.locator(".lw-status[data-lw-state=exact]").wait_for()
    notebook.page.evaluate(WITHOUT_GPU)
    notebook.page.locator(".lw-slider").first.press("ArrowRight")
    wait_page(notebook)
    view = View(notebook)
    words = "without WebGPU: this browser finds no GPU that it may use"
    notebook.wait_value("w.runs_in", f"page: {words}")
    check_picture(view, notebook, 0.4567)
    view.root.locator(f".lw-status[title*='{words}']").wait_for()
    assert not view.root.locator(".lw-alert").is_visible()
