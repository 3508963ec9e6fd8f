"""Pages that were saved live, opened from disk with the network off: they decode by themselves."""

from __future__ import annotations

import contextlib
import json
import re
import warnings
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import latentwidgets as lw
from tests.browser.conftest import OpenFile
from tests.browser.editor_view import EditorView
from tests.browser.grid_view import GridView
from tests.browser.lab import CHROMIUM_ARGS, Lab
from tests.browser.notebook import BrowserPage, until
from tests.browser.test_in_the_page import MADE_HERE, drag_exactly
from tests.browser.view import View
from tests.models import MODELS, load_vae, models_missing
from tests.runtime import need_runtime
from tools.chromium import find

IMAGES = load_digits().data
NETWORK = re.compile(r'(id="lw-decoder-network">)(.*?)(</script>)')


@pytest.fixture(scope="module")
def pca() -> lw.LatentSpace:
    return lw.as_space(PCA(10).fit(IMAGES), value_range=(0, 16))


# The clock of workers goes on by a millisecond whenever it is read: how busy this machine is does
# not tell whether pages decode.
OWN_CLOCK = """
const Own = Blob;
globalThis.Blob = class extends Own {
    constructor(parts, how) {
        const clock = 'let now = 0; globalThis.document ?? (performance.now = () => ++now);';
        super(typeof parts?.[0] === 'string' ? [`{ ${clock} }`, ...parts] : parts, how);
    }
};
"""


def save_live(widget: Any, file: Path, **how: Any) -> None:
    """Save a page that decodes; where this machine was too busy for one, fail with the reason."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        widget.save_html(file, live=True, **how)


def open_live(open_file: OpenFile, file: Path) -> BrowserPage:
    """Open a page, and wait until it decodes; fail at once where it says why it does not."""
    page = open_file(file, OWN_CLOCK)
    said = page.page.locator("footer [role=status]", has_text=re.compile("^(Live|Not live): "))
    said.wait_for(timeout=60_000)
    assert said.inner_text().startswith("Live: "), said.inner_text()
    return page


def off(page: BrowserPage, widget: Any) -> int:
    """Say by how many levels what is shown differs from what the kernel itself decodes."""
    kernels = np.asarray(widget.image().convert("RGB")).astype(int)
    shown = page.pixels("canvas.lw-picture:not(.lw-before)")[..., :3]
    assert shown.shape == kernels.shape
    assert len(np.unique(shown)) > 10, "nothing is to be seen"
    return int(np.abs(shown - kernels).max())


def network_in(file: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Write another network into a page."""
    text = file.read_text("utf-8")
    found = NETWORK.search(text)
    assert found
    told = json.loads(found[2])
    changed = change([b64decode(one) for one in told["buffers"]])
    told["buffers"] = [b64encode(one).decode() for one in changed]
    file.write_text(text.replace(found[2], json.dumps(told)), "utf-8")


def walked(
    open_file: OpenFile, file: Path, space: Any, latents: Any, positions: int = 5
) -> BrowserPage:
    """Drag the thumb of a live path, and compare what it is dropped at with the kernel's own."""
    widget = lw.Interpolator(space, latents, filmstrip=3)
    save_live(widget, file, positions=positions)
    page = open_live(open_file, file)
    view = View(page)
    view.wait_exact(0.0)
    thumbs = drag_exactly(view, 0.02, 0.83, steps=20)
    page.page.locator(f".lw-status{MADE_HERE}").first.wait_for()
    assert view.value == thumbs[-1]
    for t in (view.value, 0.37):
        if t != view.value:
            view.slider.evaluate(
                "(one, t) => { one.value = t; one.dispatchEvent(new Event('input')); }", t
            )
        widget.value = view.value
        view.wait_exact(view.value)
        assert off(page, widget) <= 1
    return page


def test_a_path_of_a_network_is_exact_wherever_it_is_dragged(
    open_file: OpenFile, tmp_path: Path
) -> None:
    need_runtime()
    digits = lw.demo.digits()
    page = walked(open_file, tmp_path / "path.html", digits.space, digits.latents[:3])
    title = page.page.locator(".lw-status").get_attribute("title") or ""
    assert re.match(r"exact · [\d.]+ ms, in the page", title)
    footer = page.page.locator("footer").inner_text()
    assert "The decoder is in this page too" in footer
    assert page.page.locator(".lw-alert").is_hidden()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["faces", *MODELS])
def test_pages_of_real_models_decode_what_the_kernel_does(
    name: str, open_file: OpenFile, tmp_path: Path
) -> None:
    need_runtime()
    if name == "faces":
        space = lw.demo.faces().space
    elif models_missing:
        pytest.skip(models_missing)
    else:
        space = lw.as_space(load_vae(name))
    walked(open_file, tmp_path / "path.html", space, space.sample(3, seed=7))
    assert (tmp_path / "path.html").stat().st_size < (7e6 if name == "celeba_vae" else 20e6)


def test_an_edit_of_a_linear_model_goes_beyond_its_lattice_without_any_runtime(
    pca: lw.LatentSpace, open_file: OpenFile, tmp_path: Path
) -> None:
    file = tmp_path / "edit.html"
    found = lw.pca_directions(pca.encode(IMAGES), 4)
    editor = lw.DirectionEditor(pca, pca.encode(IMAGES[:1])[0], found)
    save_live(editor, file, directions="PC 1", positions=3)
    assert "lw-decoder-runtime" not in file.read_text("utf-8")
    page = open_live(open_file, file)
    view = EditorView(page)
    assert view.rows() == ["PC 1", "PC 2", "PC 3", "PC 4"]
    amounts = {"PC 1": 0.37, "PC 4": -1.21}
    for name, amount in amounts.items():
        view.root.locator(f'.lw-row[aria-label="{name}"] input[type=number]').fill(str(amount))
        page.page.keyboard.press("Enter")
    view.wait_exact(**amounts)
    page.page.locator(f".lw-status{MADE_HERE}").first.wait_for()
    view.wait_exact(**amounts)
    editor.value = amounts
    assert off(page, editor) <= 1


class Graded(torch.nn.Module):
    """Decodes under a condition."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.weights = torch.nn.Linear(3, 64)

    def decode(self, z: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        """Decode latents ``(n, 3)`` under gains ``(n,)``."""
        flat: torch.Tensor = self.weights(z) * gain[:, None]
        return torch.sigmoid(flat).reshape(-1, 1, 8, 8)


@pytest.mark.slow
def test_conditions_move_on_a_live_page(open_file: OpenFile, tmp_path: Path) -> None:
    need_runtime()
    taken = {"gain": (2.0, 0.0, 4.0)}
    space = lw.as_space(Graded(), latent_shape=3, value_range=(0, 1), conditions=taken)
    widget = lw.Interpolator(space, np.eye(3), method="lerp", value=0.25)
    save_live(widget, tmp_path / "path.html", positions=5)
    page = open_live(open_file, tmp_path / "path.html")
    view = View(page)
    number = view.root.locator(".lw-conditions input[type=number]")
    number.fill("3.3")
    number.press("Enter")
    page.page.locator(f".lw-status{MADE_HERE}").first.wait_for()
    view.wait_exact(0.25)
    before = off(page, widget)
    widget.conditions = {"gain": 3.3}
    assert off(page, widget) <= 1 < before


def test_a_grid_decodes_between_its_cells(
    pca: lw.LatentSpace, open_file: OpenFile, tmp_path: Path
) -> None:
    grid = lw.LatentGrid.corners(pca, pca.encode(IMAGES[:4]), n=3, method="lerp")
    save_live(grid, tmp_path / "grid.html")
    page = open_live(open_file, tmp_path / "grid.html")
    view = GridView(page)
    view.wait_cells(*range(9))
    mouse = page.page.mouse
    (left, top), (right, bottom) = view.middle(0), view.middle(4)
    mouse.move(left, top)
    mouse.down()
    for share in (0.2, 0.5, 0.7):
        mouse.move(left + share * (right - left), top + share * (bottom - top))
    mouse.up()
    page.page.locator(f".lw-status{MADE_HERE}").first.wait_for()
    view.wait_exact()

    def is_between() -> None:
        assert all(0.5 < place < 0.9 for place in view.value)

    until(is_between)
    view.wait_exact()
    row, column = view.value
    grid.value = (row, column)
    expected = pca.decode(grid.latent[None])[0].squeeze()
    shown = page.pixels("canvas.lw-picture")[..., 0]
    assert np.abs(shown.astype(int) - expected).max() <= 1


def broken(buffers: list[bytes]) -> list[bytes]:
    return [one[: len(one) // 2] for one in buffers]


def other(buffers: list[bytes]) -> list[bytes]:
    weights = 3 * np.frombuffer(zlib.decompress(buffers[0]), "<f4")
    return [zlib.compress(weights.tobytes()), *buffers[1:]]


@pytest.mark.parametrize(
    ("change", "why"), [(broken, "is damaged"), (other, "of 255 levels off")], ids=["cut", "other"]
)
def test_a_damaged_network_is_told_and_what_is_saved_is_shown(
    change: Any, why: str, pca: lw.LatentSpace, open_file: OpenFile, tmp_path: Path
) -> None:
    file = tmp_path / "path.html"
    widget = lw.Interpolator(pca, pca.encode(IMAGES[:3]))
    widget.save_html(file, positions=5, live=True)
    network_in(file, change)
    page = open_file(file, OWN_CLOCK)
    page.page.locator("footer [role=status]", has_text=why).wait_for()
    view = View(page)
    view.drag(0.0, 0.6)
    page.page.wait_for_function(
        "(one) => one.value * 8 % 1 === 0 && one.value > 0", arg=view.slider.element_handle()
    )
    widget.value = view.value
    view.wait_exact(widget.value)
    assert off(page, widget) == 0
    assert page.page.locator(".lw-alert").is_hidden()


@pytest.mark.slow
def test_a_browser_without_webassembly_shows_what_is_saved(
    pca: lw.LatentSpace, lab: Lab, tmp_path: Path
) -> None:
    lw.Interpolator(pca, pca.encode(IMAGES[:3])).save_html(tmp_path / "path.html", live=True)
    flags = [*CHROMIUM_ARGS, "--js-flags=--jitless"]  # which leaves WebAssembly out
    browser = lab.browser.browser_type.launch(executable_path=find(), args=flags)
    with contextlib.closing(browser):
        page = BrowserPage(browser.new_context(offline=True).new_page())
        page.page.goto((tmp_path / "path.html").as_uri())
        said = "Not live: the page has no WebAssembly. The pictures are those that were saved."
        page.page.locator("footer [role=status]", has_text=said).wait_for(timeout=60_000)
        view = View(page)
        view.slider.press("End")
        view.wait_exact(1.0)
        assert page.page.locator(".lw-alert").is_hidden()
        assert page.console_errors == []


def test_a_function_stays_and_its_page_says_why(open_file: OpenFile, tmp_path: Path) -> None:
    space = lw.as_space(
        lambda z: np.repeat(z, 16, axis=1).reshape(-1, 6, 8), latent_shape=(3,), value_range=(0, 1)
    )
    widget = lw.Interpolator(space, np.eye(3))
    with pytest.warns(UserWarning, match="code in Python"):
        widget.save_html(tmp_path / "path.html", positions=5, live=True)
    page = open_file(tmp_path / "path.html")
    View(page).wait_exact(0.0)
    footer = page.page.locator("footer")
    assert "The decoder could not come along: it is code in Python." in footer.inner_text()
    assert footer.locator("[role=status]").count() == 0


class Bounded(torch.nn.Module):
    """Gives no picture at one place of a line, between those that are saved."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.weights = torch.nn.Linear(3, 64)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Decode latents ``(n, 3)``."""
        near = ((z[:, 1:2] - 0.437).abs() < 0.003) & (z[:, 2:] == 0)
        flat: torch.Tensor = torch.where(near, torch.nan, torch.sigmoid(self.weights(z)))
        return flat.reshape(-1, 1, 8, 8)


def test_a_place_without_a_picture_is_told_and_the_next_one_comes(
    open_file: OpenFile, tmp_path: Path
) -> None:
    need_runtime()
    space = lw.as_space(Bounded(), latent_shape=3, value_range=(0, 1))
    widget = lw.Interpolator(space, np.eye(3)[:2], method="lerp", value=0.25)
    save_live(widget, tmp_path / "path.html", positions=2)
    page = open_live(open_file, tmp_path / "path.html")
    view = View(page)
    put = "(one, t) => { one.value = t; one.dispatchEvent(new Event('input')); }"
    view.slider.evaluate(put, 0.437)
    alert = page.page.locator("[role=alert]", has_text="this cannot be decoded: ")
    alert.wait_for()
    assert "NaN or infinity" in alert.inner_text()
    view.slider.evaluate(put, 0.611)
    view.wait_exact(view.value)
    alert.wait_for(state="hidden")
