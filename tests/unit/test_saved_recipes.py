"""The picture in the output of a cell carries its recipe, as a file that a widget saves does."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from latentwidgets.adapters import weights
from latentwidgets.export import saved_output
from latentwidgets.widgets import latent_grid, saved

DIGITS = lw.demo.digits()
WIDGETS: dict[str, Any] = {
    "path": lambda: lw.Interpolator(DIGITS, value=0.25, names=["é", "3 → 8", "8"]),
    "editor": lambda: lw.DirectionEditor(
        DIGITS, DIGITS.latents[0], lw.pca_directions(DIGITS.latents, 2), value={"PC 1": 1.5}
    ),
    "grid": lambda: lw.LatentGrid(DIGITS.space, DIGITS.latents[:20], value=(0, 3)),
    "map": lambda: lw.LatentMap(DIGITS.space, DIGITS.latents[:50], index=7),
    "map that decodes nothing": lambda: lw.LatentMap(None, DIGITS.latents[:50]),
    "explorer": lambda: lw.explore(DIGITS.space, DIGITS.latents[:50], parts=["grid", "editor"]),
}


def output_of(widget: Any) -> dict[str, Any]:
    data: dict[str, Any] = widget._repr_mimebundle_()[0]
    return data


def picture_of(widget: Any, folder: Path) -> Path:
    """Pull the picture out of the output, as a file."""
    file = folder / "out.png"
    file.write_bytes(base64.b64decode(output_of(widget)["image/png"]))
    return file


def without_recipe(widget: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    with monkeypatch.context() as patch:
        patch.setattr(saved, "SHARE_OF_RECIPE", 2**40)
        return output_of(widget)


@pytest.mark.parametrize("kind", WIDGETS)
def test_a_picture_pulled_out_of_a_notebook_gives_the_recipe(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = WIDGETS[kind]()
    file = picture_of(widget, tmp_path)
    assert lw.load(file) == widget.recipe()
    plain = without_recipe(widget, monkeypatch)["image/png"]
    with PIL.Image.open(file) as one, PIL.Image.open(io.BytesIO(base64.b64decode(plain))) as other:
        assert np.array_equal(np.asarray(one), np.asarray(other)), "the pixels are the same"
    widget.close()


@pytest.mark.parametrize("kind", ["path", "editor", "grid", "map"])
def test_picture_and_recipe_are_of_one_moment_though_another_thread_moves_it(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is moved as soon as its picture is drawn, and the picture of before is kept."""
    widget, moved = WIDGETS[kind](), WIDGETS[kind]()
    before = widget.recipe()
    module, name = (latent_grid, "picture_of_cells") if kind == "grid" else (saved, "still_of")
    draw = getattr(module, name)
    goes: dict[str, Any] = {"path": 0.9, "editor": {"PC 1": -2.0}, "grid": (0, 1), "map": (0.1, 0)}

    def drawn(*given: Any, **options: Any) -> Any:
        found = draw(*given, **options)
        widget.value = goes[kind]
        return found

    with monkeypatch.context() as patch:
        patch.setattr(module, name, drawn)
        file = picture_of(widget, tmp_path)
    assert widget.recipe() != before
    assert lw.load(file) == before
    plain = without_recipe(moved, monkeypatch)["image/png"]
    with PIL.Image.open(file) as one, PIL.Image.open(io.BytesIO(base64.b64decode(plain))) as other:
        assert np.array_equal(np.asarray(one), np.asarray(other))
    widget.close()
    moved.close()


def test_it_is_the_recipe_that_a_subclass_writes(tmp_path: Path) -> None:
    class Mine(lw.Interpolator):
        def recipe(self) -> lw.Recipe:
            recipe: lw.Recipe = WIDGETS["grid"]().recipe()
            return recipe

    assert lw.load(picture_of(Mine(DIGITS), tmp_path)) == WIDGETS["grid"]().recipe()


def test_a_picture_that_was_made_smaller_carries_it_too(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).random((256, 256))
    space = lw.as_space(
        lambda z: z[:, :1, None] / 2 + noise / 2, latent_shape=(2,), value_range=(0, 1)
    )
    walk = lw.Interpolator(space, np.eye(2), saved_bytes=120_000)
    with PIL.Image.open(picture_of(walk, tmp_path)) as picture:
        assert picture.width < 256
    assert lw.load(tmp_path / "out.png") == walk.recipe()


def test_a_long_recipe_takes_no_room_from_the_picture_and_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = lw.as_space(lambda z: z[:, :64].reshape(-1, 8, 8), latent_shape=(2000,))
    ends = np.random.default_rng(0).random((8, 2000)).astype(np.float32)
    walk = lw.Interpolator(space, ends)
    walk.saved_bytes = 400_000
    assert len(walk.recipe().to_json()) > 50_000
    for seconds in ("SOON_SECONDS", "PACKING_SECONDS"):  # else a busy machine leaves frames out
        monkeypatch.setattr(saved_output, seconds, 60.0)
    data = output_of(walk)
    assert data == without_recipe(walk, monkeypatch)
    with pytest.raises(lw.errors.LatentValueError, match="holds no recipe"):
        lw.load(picture_of(walk, tmp_path))
    walk.saved_bytes = 4_000_000
    assert lw.load(picture_of(walk, tmp_path)) == walk.recipe()


@pytest.mark.parametrize("most", [10_000, 99_999, 100_000, 300_000])
def test_an_output_has_no_more_bytes_than_it_may(most: int, tmp_path: Path) -> None:
    walk = WIDGETS["path"]()
    walk.saved_bytes = most
    data = output_of(walk)
    assert len(data["image/png"]) + len(data["text/html"]) <= most
    file = picture_of(walk, tmp_path)
    with PIL.Image.open(file) as picture:
        assert bool(picture.info) == (most >= 100_000)


def test_no_cell_waits_for_large_weights_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    space = lw.as_space(torch.nn.Linear(4, 64).eval(), latent_shape=(4,))
    grid = lw.LatentGrid.samples(space, 2)
    assert weights.weights_bytes(space.decoder) == 4 * (4 * 64 + 64)
    monkeypatch.setattr(saved, "MOST_WEIGHTS", 4 * (4 * 64 + 64))
    assert lw.load(picture_of(grid, tmp_path)) == grid.recipe()
    monkeypatch.setattr(saved, "MOST_WEIGHTS", 4 * (4 * 64 + 64) - 1)
    read: list[Any] = []
    monkeypatch.setattr("latentwidgets.export.fingerprint.weights_digest", read.append)
    with pytest.raises(lw.errors.LatentValueError, match="holds no recipe"):
        lw.load(picture_of(grid, tmp_path))
    assert not read


def test_a_recipe_that_cannot_be_written_leaves_the_picture(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Odd(lw.Interpolator):
        def recipe(self) -> lw.Recipe:
            raise RuntimeError("no such thing")

    assert "image/png" in output_of(Odd(DIGITS))
    assert "Odd could not write its recipe" in caplog.text
