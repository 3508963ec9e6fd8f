"""What the page does by itself: where it forbids that, without a kernel, on its second load."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Any

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.lab import KERNELS_DECODE, Lab, reload
from tests.browser.notebook import Notebook
from tests.browser.test_in_the_page import (
    NUMBERED,
    TORCH,
    drag_exactly,
    most_off,
    show,
    wait_page,
)
from tests.browser.test_models_in_the_page import ASKED
from tests.browser.test_usual_run import WIDGET
from tests.browser.view import View
from tests.runtime import need_runtime

# What JupyterLab itself needs, and the code of widgets, which it reads from memory.
SCRIPTS = "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:"
# Has a page forbid all but this from now on.
FORBID = """(policy) => {
    const meta = document.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = policy;
    document.head.append(meta);
}"""
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


@pytest.fixture(scope="module", autouse=True)
def onnxruntime_web() -> None:
    """Skip all where networks cannot be decoded in a page."""
    need_runtime()


def stays_and_says(notebook: Notebook, words: str) -> None:
    """See that the kernel serves a page that runs no decoder, and that both say why."""
    notebook.execute(ASKED)
    view = View(notebook)
    view.slider.press("ArrowRight")
    status = view.root.locator(f".lw-status[title*='by the kernel: {words}']")
    status.wait_for(timeout=60_000)
    notebook.wait_value(f"w.runs_in.startswith({f'kernel: {words}'!r})", True)
    view.drag(0.01, 0.6, steps=10)
    view.wait_exact()
    assert most_off(view.pixels(), notebook) == 0
    asked = {*notebook.value("asked")}
    assert "ask" in asked
    assert "decoder" not in asked, "it was exported for nothing"
    assert not view.root.locator(".lw-alert").is_visible()
    # A person who insists is told so.
    notebook.execute("w.run = 'page'")
    view.root.scroll_into_view_if_needed()  # what nobody sees asks for nothing
    alert = view.root.get_by_role("alert")
    alert.get_by_text(f"This cannot run in the page: {words}").wait_for(timeout=60_000)
    view.slider.press("Home")
    view.wait_exact(0.0)


@pytest.mark.slow
@pytest.mark.timeout(300)  # what it waits for, all together
def test_a_page_whose_server_forbids_workers_leaves_it_to_the_kernel(lab: Lab) -> None:
    policy = f"{SCRIPTS}; worker-src 'none'"
    with Lab(browser=lab.browser, env=KERNELS_DECODE, warm=True, policy=policy) as other:
        widget = "lw.Interpolator(space, latents[:3], method='lerp')"
        notebook = show(lambda cells, **_: other.open(cells), TORCH, widget, use=False)
        with contextlib.closing(notebook):
            stays_and_says(notebook, "its worker could not start: the page may forbid workers.")


@pytest.mark.slow
@pytest.mark.timeout(300)  # what it waits for, all together
def test_a_page_that_forbids_webassembly_leaves_it_to_the_kernel(
    open_notebook: OpenNotebook,
) -> None:
    widget = "lw.Interpolator(space, latents[:3], method='lerp')"
    notebook = show(open_notebook, TORCH, widget, use=False, own=True)
    View(notebook).wait_exact()
    # JupyterLab itself compiles code as it starts, and would not without "unsafe-eval".
    notebook.page.evaluate(FORBID, SCRIPTS.replace(" 'unsafe-eval'", ""))
    words = "the page forbids WebAssembly: CompileError: "
    stays_and_says(notebook, words)


def play(open_notebook: OpenNotebook) -> tuple[Notebook, View]:
    """Have the page play by itself."""
    notebook = show(open_notebook, NUMBERED, WIDGET, own=True)
    wait_page(notebook)
    view = View(notebook)
    view.root.locator(".lw-play").click()
    see_playing(view)
    return notebook, view


def see_playing(view: View) -> None:
    """See that pictures follow one another, each of where the thumb is."""
    seen: set[float] = set()
    end = time.monotonic() + 20
    while len(seen) < 20:
        assert time.monotonic() < end, f"only {len(seen)} pictures were painted"
        seen.add(view.shown)
        view.page.wait_for_timeout(25)


def pause_and_go_on(view: View, **press: Any) -> None:
    """See that a widget whose kernel is gone can be used, and says one quiet word."""
    view.root.locator(".lw-play").click(**press)
    view.wait_exact()
    assert view.shown == pytest.approx(view.value, abs=1e-4)
    drag_exactly(view, 0.1, 0.8)
    assert view.shown == pytest.approx(view.value, abs=1e-4)
    status = view.root.locator(".lw-status")
    status.filter(has_text="kernel restarted or gone").wait_for(timeout=60_000)
    assert "pictures go on" in (status.get_attribute("title") or "")
    assert not view.root.locator(".lw-alert").is_visible()


@pytest.mark.slow
@pytest.mark.timeout(300)  # twice the page takes over
def test_it_plays_on_where_the_kernel_is_restarted(open_notebook: OpenNotebook) -> None:
    notebook, view = play(open_notebook)
    notebook.page.evaluate(RESTART)
    see_playing(view)
    pause_and_go_on(view)
    # What is shown by a cell of the new kernel begins with that kernel, and takes over again.
    notebook.run(0)
    notebook.run(1)
    again = View(notebook)
    again.wait_exact(0.0)
    again.slider.press("ArrowRight")
    wait_page(notebook)
    notebook.wait_value("w.runs_in", "page")


@pytest.mark.slow
@pytest.mark.timeout(300)  # what it waits for, all together
def test_it_plays_on_where_the_kernel_is_killed(open_notebook: OpenNotebook) -> None:
    notebook, view = play(open_notebook)
    os.kill(int(notebook.value("__import__('os').getpid()")), signal.SIGKILL)
    # Jupyter says so once it knows.
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click(timeout=60_000)
    see_playing(view)
    pause_and_go_on(view)


@pytest.mark.slow
@pytest.mark.timeout(300)  # twice the page takes over
def test_a_page_that_is_loaded_again_has_the_runtime_already(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, TORCH, "lw.Interpolator(space, latents[:3])", own=True)
    page = notebook.page
    fetched: list[tuple[str, bool]] = []

    def note(event: dict[str, Any]) -> None:
        response = event["response"]
        if "/latentwidgets/runtime/" in response["url"]:
            headers = {name.lower(): value for name, value in response["headers"].items()}
            fetched.append((headers["cache-control"], bool(response.get("fromDiskCache"))))

    session = page.context.new_cdp_session(page)
    session.on("Network.responseReceived", note)
    session.send("Network.enable")
    wait_page(notebook)
    assert len(fetched) == 2
    for control, kept in fetched:
        assert not kept
        assert int(control.partition("max-age=")[2].split(",")[0]) > 86400, control
    fetched.clear()
    reload(notebook)
    again = View(notebook)
    again.wait_exact()
    again.slider.press("ArrowRight")
    wait_page(notebook)
    assert [kept for _, kept in fetched] == [True, True], "it was fetched again"
