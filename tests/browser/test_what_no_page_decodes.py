"""Decoders that no page can run, each tried for real: the kernel serves, and says why."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook import Notebook, until
from tests.browser.test_in_the_page import IN_THE_PAGE, most_off, wait_made_here, wait_page
from tests.browser.view import View
from tests.runtime import need_runtime

pytestmark = pytest.mark.slow

# A decoder whose last step is another one in each test: `wide` is `(n, 3, 8, 8)`, from 0 to 1.
SPACE = """
import os
import numpy as np
import torch
import latentwidgets as lw
from latentwidgets.adapters import torch_export

HOME = os.getpid()

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first = torch.nn.Linear(3, 192)
        self.last = torch.nn.ConvTranspose2d(3, 3, 1)
        self.calls = 0

    def decode(self, z):
        self.calls += 1
        wide = torch.sigmoid(self.first(z)).unflatten(1, (3, 8, 8))
        STEP
        return wide

space = lw.as_space(Net(), latent_shape=3, value_range=(0, 1))
latents = 3 * np.eye(3)
"""
WIDGET = "w = lw.Interpolator(space, latents, method='lerp')\nw"
CASES = {
    "operator": (
        "wide = wide * torch.special.bessel_j0(z[:, :1, None, None])",
        r"ONNX has no counterpart of its .*bessel_j0",
    ),
    "kernel": (
        "twice = [one.double() for one in (wide, self.last.weight)]\n"
        "        wide = torch.nn.functional.conv_transpose2d(*twice).sigmoid().float()",
        r"onnxruntime-web cannot run it: Could not find an implementation for ConvTranspose",
    ),
    "random": ("wide = torch.rand_like(wide)", r"it is random: it decodes one latent to two"),
    "dropout": (
        "wide = torch.nn.functional.dropout(wide)",
        r"it is random: it decodes one latent to two",
    ),
    "counter": (
        "wide = wide * (self.calls % 7) / 7",
        r"it is random: it decodes one latent to two",
    ),
    "elsewhere": (
        "wide = wide / 2 + (os.getpid() == HOME) / 2",
        r"what the page decodes is 1\d\d of 255 levels off what the kernel does",
    ),
    "branches": (
        "wide = wide if z.sum() > 0 else 1 - wide",
        r"which way its code takes depends on the numbers",
    ),
    "hangs": (
        "torch_export.MOST_SECONDS = 2.0\n"
        "        while os.getpid() != HOME:\n            pass",
        r"its export to ONNX took longer than 2 s",
    ),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def onnxruntime_web() -> None:
    """Skip all where networks cannot be decoded in a page."""
    need_runtime()


def show(open_notebook: OpenNotebook, step: str) -> tuple[Notebook, View]:
    """Show what a decoder with such a step makes of latents, and use it."""
    notebook = open_notebook([IN_THE_PAGE + SPACE.replace("STEP", step), WIDGET])
    notebook.run(0)
    notebook.run(1)
    view = View(notebook)
    view.wait_exact()
    view.slider.press("ArrowRight")
    return notebook, view


@pytest.mark.parametrize("case", CASES)
def test_what_no_page_decodes_stays_and_says_why(open_notebook: OpenNotebook, case: str) -> None:
    step, why = CASES[case]
    notebook, view = show(open_notebook, step)
    title = "() => document.querySelector('.lw-status')?.title.includes('by the kernel: ')"
    notebook.page.wait_for_function(title, timeout=120_000)
    said: list[str] = []

    def kernel_knows() -> None:  # to whom the page tells it a moment later
        said[:] = [notebook.value("w.runs_in")]
        assert re.match(f"kernel: {why}", said[0]), said

    until(kernel_knows)
    assert said[0].removeprefix("kernel: ") in (
        view.root.locator(".lw-status").get_attribute("title") or ""
    )
    # Nothing is lost: the kernel goes on, and its picture is the one that is shown.
    view.drag(0.1, 0.6, steps=5)
    view.wait_exact()
    assert not view.root.locator(".lw-alert").is_visible()
    if case in ("operator", "kernel", "elsewhere", "branches", "hangs"):  # the others never agree
        assert most_off(view.pixels(), notebook) == 0
    assert notebook.console_errors == []


@pytest.mark.parametrize(
    "step",
    [
        "wide = wide.double()",
        "wide = wide + 0 * ((z[:, :1, None, None] - 1).abs() - 0.01).log()",
    ],
    ids=["float64", "NaN"],
)
def test_float64_goes_and_where_there_is_nan_the_kernel_says_so(
    open_notebook: OpenNotebook, step: str
) -> None:
    notebook, view = show(open_notebook, step)
    wait_page(notebook)
    notebook.execute("w.value = 0.4567")  # where the kernel has decoded nothing ahead
    view.wait_exact(0.4567)
    wait_made_here(notebook)
    assert most_off(view.pixels(), notebook) <= 1
    if "log" in step:
        notebook.execute("w.value = 1 / 3")  # where the first number is 1
        alert = view.root.locator(".lw-alert")
        alert.wait_for()
        assert "NaN" in alert.inner_text()
        assert view.canvas.get_attribute("data-lw-exact") != "true"
        notebook.execute("w.value = 0.6789")
        view.wait_exact(0.6789)
        wait_made_here(notebook)
        assert not alert.is_visible()
        notebook.wait_value("w.runs_in", "page")
    assert notebook.console_errors == []
