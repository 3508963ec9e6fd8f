"""Pages that were saved live: what they carry of a decoder, and what is said where none can go."""

from __future__ import annotations

import base64
import html
import json
import re
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import latentwidgets as lw
from latentwidgets.engine.exports import runtime
from latentwidgets.export.live_page import decoder_for_page
from tests.runtime import need_runtime

IMAGES = load_digits().data


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


@pytest.fixture(scope="module")
def pca() -> lw.LatentSpace:
    return lw.as_space(PCA(4).fit(IMAGES), value_range=(0, 16), name="digits as seen")


def numpy_space() -> lw.LatentSpace:
    return lw.as_space(
        lambda z: np.repeat(z, 16, axis=1).reshape(-1, 6, 8), latent_shape=(3,), value_range=(0, 1)
    )


def held_in(page: Path) -> dict[str, Any]:
    """Read what a page holds for its scripts: elements of JSON, by their names."""
    found = re.findall(
        r'<script type="application/json" id="lw-([\w-]+)">(.*?)</script>', page.read_text("utf-8")
    )
    return {name: json.loads(text) for name, text in found}


def arrays_in(told: dict[str, Any]) -> list[bytes]:
    data = [base64.b64decode(text) for text in told["buffers"]]
    return [zlib.decompress(one) for one in data] if told["packed"] else data


def test_a_linear_decoder_goes_without_any_runtime(pca: lw.LatentSpace, tmp_path: Path) -> None:
    latents = pca.encode(IMAGES[:3])
    widget = lw.Interpolator(pca, latents, value=0.3)
    widget.save_html(tmp_path / "path.html", positions=3, live=True)
    held = held_in(tmp_path / "path.html")
    assert [name for name in held if name.startswith("decoder-")] == [
        "decoder-offer",
        "decoder-check",
        "decoder-network",
    ]
    weights, offset = (np.frombuffer(one, "<f4") for one in arrays_in(held["decoder-network"]))
    decoded = latents[:1] @ weights.reshape(4, 64) + offset
    np.testing.assert_allclose(decoded, PCA(4).fit(IMAGES).inverse_transform(latents[:1]), atol=1)
    check = held["decoder-check"]["answer"]
    first, *_ = arrays_in(held["decoder-check"])
    assert check["positions"][0] == [0.3]
    shown = np.asarray(widget.image().convert("RGBA"))
    np.testing.assert_array_equal(
        np.frombuffer(zlib.decompress(first), np.uint8).reshape(shown.shape), shown
    )
    state = held["recording"]["state"]
    assert "Built from js/src/parts/page.js" in state["_page"]
    assert held["recording"]["frames"][0][0] == [0.0]
    text = (tmp_path / "path.html").read_text("utf-8")
    assert "The decoder is in this page too, as it was then" in text
    assert "shows nothing in between" not in text
    assert "script-src 'unsafe-inline' blob: 'wasm-unsafe-eval';" in text
    assert lw.load(tmp_path / "path.html") == widget.recipe()


def test_a_network_goes_with_what_runs_it_and_its_conditions(tmp_path: Path) -> None:
    need_runtime()
    space = lw.as_space(
        Graded(), latent_shape=3, value_range=(0, 1), conditions={"gain": (2, 0, 4)}
    )
    found = lw.Directions([lw.Direction(name, np.eye(3)[i]) for i, name in enumerate("abc")])
    editor = lw.DirectionEditor(space, [0.1, 0.2, 0.3], found, value={"c": 1.5})
    editor.conditions = {"gain": 3.0}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # as where this machine is too busy
        editor.save_html(tmp_path / "edit.html", directions="a", positions=2, live=True)
    held = held_in(tmp_path / "edit.html")
    assert arrays_in(held["decoder-runtime"]) == runtime()
    assert held["decoder-offer"]["answer"]["conditions"] == [[0.0, 1.0]]
    state = held["recording"]["state"]
    assert [row["name"] for row in state["_rows"]] == ["a", "b", "c"], "all directions move"
    assert state["value"] == {"a": 0.0, "b": 0.0, "c": 1.5}
    assert [one["name"] for one in state["_conditions"]] == ["gain"]
    assert "Built from js/src/parts/condition.js" in state["_dials"]
    *frames, before = [at for at, *_ in held["recording"]["frames"]]
    low, high = found["a"].limits
    assert frames == [[x, 0.0, 1.5, 3.0] for x in (low, 0.0, high)]
    assert before == [3.0]
    size = (tmp_path / "edit.html").stat().st_size
    assert size < 7_000_000, "the runtime included"


def test_a_live_grid_has_its_cells_and_what_decodes_between_them(
    pca: lw.LatentSpace, tmp_path: Path
) -> None:
    grid = lw.LatentGrid.corners(pca, pca.encode(IMAGES[:4]), n=3, method="lerp")
    grid.save_html(tmp_path / "grid.html", live=True)
    held = held_in(tmp_path / "grid.html")
    assert len(held["recording"]["frames"]) == 9
    assert held["decoder-offer"]["answer"]["plan"]["form"] == "cells"


@pytest.mark.parametrize("kind", ["path", "edit", "grid"])
def test_what_cannot_go_says_why_and_is_a_page_of_pictures(kind: str, tmp_path: Path) -> None:
    space = numpy_space()
    latents = np.eye(3, dtype=np.float32)
    makers: dict[str, Any] = {
        "path": lambda: lw.Interpolator(space, latents),
        "edit": lambda: lw.DirectionEditor(
            space, latents[0], lw.Directions([lw.Direction("a", latents[1])])
        ),
        "grid": lambda: lw.LatentGrid(space, latents),
    }
    widget = makers[kind]()
    widget.save_html(tmp_path / "plain.html")
    with pytest.warns(
        UserWarning, match="holds pictures, but no decoder .* code in Python"
    ) as told:
        widget.save_html(tmp_path / "page.html", live=True)
    assert told[0].filename == __file__
    text = html.unescape((tmp_path / "page.html").read_text("utf-8"))
    reason = str(told[0].message).partition("others: ")[2]
    said = f" The decoder could not come along: {reason}"
    assert said in text
    plain = html.unescape((tmp_path / "plain.html").read_text("utf-8"))
    assert text.replace(said, "") == plain, "beside these words it is as any other page"


def test_a_page_that_is_not_live_carries_nothing_of_it(pca: lw.LatentSpace, tmp_path: Path) -> None:
    lw.Interpolator(pca, pca.encode(IMAGES[:3])).save_html(tmp_path / "path.html", positions=2)
    text = (tmp_path / "path.html").read_text("utf-8")
    for word in ("lw-decoder", "wasm-unsafe-eval", "parts/page.js", "live_page"):
        assert word not in text


def test_a_decoder_that_is_too_large_or_has_texts_stays(tmp_path: Path) -> None:
    wide = np.random.default_rng(0).uniform(size=(80, 64 * 64))
    space = lw.as_space(PCA(70).fit(wide), value_range=(0, 1))
    widget = lw.Interpolator(space, space.encode(wide[:2]), page_memory=1)
    with pytest.warns(UserWarning, match="sent at most 1 MB; set page_memory for more"):
        widget.save_html(tmp_path / "page.html", positions=2, live=True)
    texts = lw.as_space(lambda z: [f"{x:.1f}" for x in z[:, 0]], latent_shape=(3,), kind="text")
    with pytest.warns(UserWarning, match="of kind text, and not pictures"):
        lw.Interpolator(texts, np.eye(3)).save_html(tmp_path / "page.html", live=True)


def test_what_is_no_answer_is_refused_before_anything_is_exported(
    pca: lw.LatentSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("it was exported")

    monkeypatch.setattr("latentwidgets.widgets.snapshot.decoder_for_page", fail)
    widget = lw.Interpolator(pca, pca.encode(IMAGES[:3]))
    refused: Any = (({"live": "yes"}, "live is 'yes'"), ({"positions": 1}, "positions"))
    for given, words in refused:
        with pytest.raises(lw.LatentWidgetsError, match=words):
            widget.save_html(tmp_path / "page.html", **{"live": True, **given})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        widget.save_html(tmp_path / "page.html", positions=2)


class Holed(torch.nn.Module):
    """Gives no picture in a small part of a line."""

    def __init__(self, hole: float) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.weights, self.hole = torch.nn.Linear(3, 64), hole

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Decode latents ``(n, 3)``."""
        near = ((z[:, 1:2] - self.hole).abs() < 0.01) & (z[:, 2:] == 0)
        flat: torch.Tensor = torch.where(near, torch.nan, torch.sigmoid(self.weights(z)))
        return flat.reshape(-1, 1, 8, 8)


def path_of(module: torch.nn.Module) -> lw.Interpolator:
    space = lw.as_space(module, latent_shape=3, value_range=(0, 1))
    return lw.Interpolator(space, np.eye(3, dtype=np.float32)[:2], method="lerp")


def test_a_place_that_cannot_be_compared_leaves_the_pictures(tmp_path: Path) -> None:
    need_runtime()
    widget = path_of(Holed(0.637))  # where paths are compared, but no picture is saved
    with pytest.warns(UserWarning, match="no decoder that makes others: .*NaN or infinity"):
        widget.save_html(tmp_path / "page.html", positions=5, live=True)
    held = held_in(tmp_path / "page.html")
    assert len(held["recording"]["frames"]) > 5
    assert "decoder-offer" not in held
    assert "The decoder could not come along: " in (tmp_path / "page.html").read_text("utf-8")


@pytest.mark.parametrize("by", [0.0, 1.0], ids=["written the same", "other"])
def test_a_model_that_changes_before_its_pictures_does_not_go(
    by: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_runtime()
    module = Holed(9.0)
    widget = path_of(module)
    widget.save_html(tmp_path / "before.html", positions=2)

    def and_change(*given: Any) -> Any:
        told = decoder_for_page(*given)
        with torch.no_grad():
            module.weights.bias.add_(by)
        return told

    monkeypatch.setattr("latentwidgets.widgets.snapshot.decoder_for_page", and_change)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", UserWarning)
        widget.save_html(tmp_path / "page.html", positions=2, live=True)
    held = held_in(tmp_path / "page.html")
    assert ("decoder-offer" in held) == (by == 0)
    words = [str(one.message) for one in warned if issubclass(one.category, UserWarning)]
    assert [bool(re.search("the model has changed while", one)) for one in words] == [True] * (
        by != 0
    )
    before = held_in(tmp_path / "before.html")["recording"]["frames"]
    frames = held["recording"]["frames"]
    assert (frames[-1] == before[-1]) == (by == 0), "the pictures are those of the model now"


def test_a_reason_that_has_passed_is_not_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = lw.as_space(PCA(3).fit(IMAGES), value_range=(0, 16))
    widget = lw.Interpolator(space, space.encode(IMAGES[:2]))

    def fail(*_: Any, **__: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("latentwidgets.engine.exports.LONG_SECONDS", -1.0)
        patch.setattr("latentwidgets.engine.exports.TIMES", 1e9)
        patch.setattr("latentwidgets.engine.exports.carried", fail)
        with pytest.warns(UserWarning, match="there is no memory left for its export"):
            widget.save_html(tmp_path / "page.html", positions=2, live=True)
    widget.save_html(tmp_path / "page.html", positions=2, live=True)
    assert "decoder-network" in held_in(tmp_path / "page.html")


def test_a_page_has_a_limit_of_its_own(
    pca: lw.LatentSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("latentwidgets.export.live_page.MOST_BYTES", 1000)
    widget = lw.Interpolator(pca, pca.encode(IMAGES[:2]))
    with pytest.warns(UserWarning, match="a page that is one file can hold at most"):
        widget.save_html(tmp_path / "page.html", positions=2, live=True)
