"""Decoders outside of Python: what they decode there, and why some stay."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator
from sklearn.datasets import load_digits
from sklearn.decomposition import NMF, PCA, FastICA, KernelPCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

import latentwidgets as lw
from latentwidgets.adapters import torch_export
from latentwidgets.engine import exports
from latentwidgets.engine.handed import numberings, places
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.conditioned import Conditioned as ConditionedRoute
from latentwidgets.space.portable import Carried, Linear, Network, PassingError, carried
from tests.unit.page import Page

MOST = 64 * 2**20
IMAGES = load_digits().data


class Small(nn.Module):
    """A decoder with a dropout that is left on, of float64."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 32), nn.Dropout(), nn.Tanh(), nn.Linear(32, 64))
        self.double()

    def decode(self, z: Tensor) -> dict[str, Any]:
        return {"noise": None, "picture": self.layers(z).unflatten(1, (1, 8, 8))}


class Branching(nn.Module):
    def decode(self, z: Tensor) -> Tensor:
        return torch.ones(len(z), 8, 8) if z.sum() > 0 else torch.zeros(len(z), 8, 8)


class Random(nn.Module):
    def decode(self, z: Tensor) -> Tensor:
        return torch.rand(len(z), 8, 8)


CONDITIONS = {"kind": ["a", "b", "c"], "gain": (1.0, 0.0, 2.0), "size": range(10, 50, 10)}


class Conditioned(nn.Module):
    """A decoder that takes a choice, a number, and one of some whole numbers."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.kinds = nn.Embedding(3, 64)
        self.layer = nn.Linear(3, 64)

    def decode(self, z: Tensor, kind: Tensor, *, gain: Tensor, size: Tensor) -> Tensor:
        wide = gain[:, None] * self.layer(z) + self.kinds(kind) + size[:, None] / 40
        return torch.sigmoid(wide).reshape(-1, 1, 8, 8)


class Bessel(nn.Module):
    def decode(self, z: Tensor) -> Tensor:
        wide: Tensor = torch.special.bessel_j0(z @ torch.ones(3, 64))
        return wide.reshape(len(z), 8, 8)


def space_of(module: nn.Module) -> lw.LatentSpace:
    return lw.as_space(module, latent_shape=3, value_range=(0, 1))


def test_a_module_is_a_graph_for_batches_of_any_size() -> None:
    space = space_of(Small().train())
    found = carried(space, MOST)
    assert isinstance(found, Network)
    onnx.checker.check_model(onnx.load_from_string(found.data))
    graph = ReferenceEvaluator(onnx.load_from_string(found.data))
    for count in (1, 2, 5):
        latents = space.sample(count, seed=count)
        ran: Any = graph.run(None, {"latents": latents})
        outputs = ran[0]
        assert outputs.dtype == np.float32
        np.testing.assert_allclose(outputs, space.decode(latents, raw=True), atol=1e-5)


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (Random(), "it is random"),
        pytest.param(
            Branching(), "which way its code takes depends on the numbers", marks=pytest.mark.slow
        ),
        pytest.param(
            Bessel(), "ONNX has no counterpart of its prims.bessel_j0", marks=pytest.mark.slow
        ),
    ],
    ids=["random", "branching", "operator"],
)
def test_what_cannot_be_a_graph_says_why(module: nn.Module, why: str) -> None:
    with pytest.raises(LatentValueError, match=why):
        carried(space_of(module), MOST)


def test_conditions_are_inputs_of_the_graph() -> None:
    space = lw.as_space(Conditioned(), latent_shape=3, value_range=(0, 1), conditions=CONDITIONS)
    found = carried(space, MOST)
    assert isinstance(found, Network)
    graph = ReferenceEvaluator(onnx.load_from_string(found.data))
    latents = space.sample(4, seed=0)
    given = {"kind": ["b", "a", "c", "b"], "gain": [0.0, 0.5, 2.0, 1.5], "size": [20, 30, 10, 40]}
    numbers = np.array([[1, 0, 20], [0, 0.5, 30], [2, 2.0, 10], [1, 1.5, 40]], np.float32)
    ran: Any = graph.run(None, {"latents": latents, "conditions": numbers})
    raw = space.decode(latents, conditions=given, raw=True)
    np.testing.assert_allclose(ran[0], raw, atol=1e-6)
    assert np.ptp(raw, axis=0).max() > 0.1, "the conditions change nothing"


def test_a_condition_that_is_a_range_has_places_and_the_numbers_that_these_stand_for() -> None:
    def decode(latents: Any, **_: Any) -> Any:
        return np.zeros((len(latents), 8, 8))

    conditions = {**CONDITIONS, "back": range(9, 0, -4)}
    space = lw.LatentSpace(decode, 3, value_range=(0, 1), conditions=conditions)
    route = ConditionedRoute.of(lw.Path(np.eye(3), "lerp"), space.conditions)
    found: Any = numberings(route, space.conditions)
    assert found == [[0.0, 1.0], [0.0, 1.0], [10.0, 10.0], [9.0, -4.0]]
    at = (0.5, 1.0, 1.0, 2.0, 1.0)
    first, *others = places(route, at)
    assert first == at
    assert len(others) == 3
    for _t, kind, gain, size, back in others:
        assert kind in (0, 1, 2)
        assert 0 <= gain <= 2
        assert size in (0, 1, 2, 3)
        assert back in (0, 1, 2)
    values = route.values([at])
    assert [values["size"], values["back"]] == [
        [start + step * one] for (start, step), one in zip(found[2:], at[3:], strict=True)
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("onnxruntime_web")
def test_a_page_is_told_what_coordinates_of_conditions_stand_for() -> None:
    space = lw.as_space(Conditioned(), latent_shape=3, value_range=(0, 1), conditions=CONDITIONS)
    with suppress(LatentValueError):
        carried(space, MOST)  # which takes longer than a page waits for here
    page = Page(lw.Interpolator(space, np.eye(3), method="lerp").comm)
    offer = page.asked(type="decoder", at=[0.5, 1, 1.0, 2], part="offer")
    assert offer["conditions"] == [[0.0, 1.0], [0.0, 1.0], [10.0, 10.0]]
    page.ask(type="decoder", at=[0.5, 1, 1.0, 2], part="check")
    answer, buffers = page.answer()
    assert answer["reason"] == ""
    assert len(buffers) == len(answer["positions"])
    for t, kind, gain, size in answer["positions"]:
        assert 0 <= t <= 1
        assert kind in (0, 1, 2)
        assert 0 <= gain <= 2
        assert size in (0, 1, 2, 3)
    assert len({gain for _, _, gain, _ in answer["positions"]}) == 4


def test_a_large_module_stays() -> None:
    with pytest.raises(LatentValueError, match=r"takes 8 MB, .* at most 1 MB; set page_memory"):
        carried(space_of(nn.Sequential(nn.Linear(3, 2**19), nn.Unflatten(1, (512, 1024)))), 2**20)


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_export, "NEEDS", ("onnx", "no_such", "nor_this", "and_this"))
    words = "this needs the packages no_such, nor_this and and_this: pip install 'latentwi"
    with pytest.raises(PassingError, match=words):
        carried(space_of(Small()), MOST)
    monkeypatch.setattr(torch_export, "NEEDS", ("no_such_package",))
    with pytest.raises(PassingError, match="needs the package no_such_package: .* restart the ker"):
        carried(space_of(Small()), MOST)


@pytest.mark.parametrize(
    "model",
    [
        PCA(5),
        PCA(5, whiten=True),
        NMF(4, max_iter=500, tol=1e-2),
        FastICA(4, random_state=0),
        make_pipeline(StandardScaler(), PCA(5)),
    ],
    ids=["pca", "whitened", "nmf", "ica", "pipeline"],
)
def test_linear_models_are_matrices(model: Any) -> None:
    space = lw.as_space(model.fit(IMAGES), value_range=(0, 16))
    found = carried(space, MOST)
    assert isinstance(found, Linear)
    latents = space.encode(IMAGES[:20])
    off = latents @ found.weights + found.offset - space.decode(latents, raw=True)
    assert np.abs(off).max() < 1e-3  # of 16


def test_a_kernel_pca_is_not_linear() -> None:
    model = KernelPCA(3, kernel="rbf", fit_inverse_transform=True).fit(IMAGES[:100])
    with pytest.raises(LatentValueError, match="KernelPCA is not linear"):
        carried(lw.as_space(model, value_range=(0, 16)), MOST)


@pytest.mark.parametrize(
    ("space", "why"),
    [
        (lw.LatentSpace(lambda z: np.zeros((len(z), 8, 8)), 2), "it is code in Python"),
        (lw.LatentSpace(lambda z: z, 8, kind="curve"), "of kind curve"),
    ],
    ids=["function", "curve"],
)
def test_other_spaces_stay(space: lw.LatentSpace, why: str) -> None:
    with pytest.raises(LatentValueError, match=why):
        carried(space, MOST)


# What a page asks, and is answered.


def pca() -> lw.LatentSpace:
    return lw.as_space(PCA(5).fit(IMAGES), value_range=(0, 16))


def array_of(shape: list[int], data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, "<f8").reshape(shape)


def test_a_page_is_told_all_it_needs_to_decode() -> None:
    space = pca()
    widget = lw.Interpolator(space, space.sample(3), method="lerp", value=0.5)
    page = Page(widget.comm)
    page.ask(type="decoder", at=[0.5], part="offer")
    answer, buffers = page.answer()
    assert (answer["of"], answer["reason"], answer["linear"]) == ("decoder", "", True)
    names = [name for name, *_ in answer["arrays"]]
    assert names == ["rows", "numbers", "timing"]
    assert len(buffers) == 4
    page.ask(type="decoder", at=[0.5], part="check")
    check, frames = page.answer()
    assert check["positions"][0] == [0.5]
    # A page that follows this alone paints what the kernel sends along, level by level.
    page.ask(type="decoder", at=[0.5], part="network")
    weights, offset = (np.frombuffer(one, np.float32) for one in page.answer()[1])
    rows = array_of(answer["arrays"][0][1], buffers[0])
    assert rows.shape == (2, 4, 5)
    latent = rows[1, 0]  # the second piece begins halfway
    reading = answer["reading"]
    values = latent @ weights.reshape(5, -1) + offset
    levels = np.floor((values - reading["origin"]) * reading["scale"]).clip(0, 255)
    assert check["packed"]
    frame = np.frombuffer(zlib.decompress(frames[0]), np.uint8).reshape(-1, 4)
    assert np.abs(frame[:, 0] - levels).max() <= 1
    assert len(frames) == len(check["positions"]) == 4


def test_a_page_is_told_why_a_decoder_stays() -> None:
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 8, 8)), 2)
    page = Page(lw.Interpolator(space, np.eye(2)).comm)
    answer = page.asked(type="decoder", at=[0.5], part="check")
    assert answer["reason"].startswith("it is code in Python")
    assert answer["name"] == ""
    answer = page.asked(type="decoder", at=[0.5], part="network")
    assert answer["type"] == "error"


def test_a_page_may_ask_for_nothing_else() -> None:
    space = pca()
    page = Page(lw.Interpolator(space, space.sample(2)).comm)
    page.ask(type="decoder", at=[0.5], part="../secrets")
    page.ask(type="decoder", at=[7.0], part="check")
    page.ask(type="latent", at=[0.5])
    assert page.answer()[0]["type"] == "latent"  # the others were refused
    assert not page.messages


def test_without_the_runtime_a_network_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "RUNTIME", ("no_such_file",))
    monkeypatch.setattr(torch_export, "apart", None)  # nothing is done for it before
    page = Page(lw.Interpolator(space_of(Small()), np.eye(3)).comm)
    page.ask(type="decoder", at=[0.5], part="check")
    assert "lacks onnxruntime-web" in page.answer()[0]["reason"]


def test_a_kernel_that_runs_itself_sends_no_code() -> None:
    space = pca()
    widget = lw.Interpolator(space, space.sample(2), run="kernel")
    assert Page(widget.comm).state["_page"] == ""
    widget.run = "auto"
    assert "js/src/parts/page.js" in Page(widget.comm).state["_page"]


def test_a_hub_keeps_all_in_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    space = pca()
    monkeypatch.setenv("LATENTWIDGETS_RUN", "kernel")
    widget = lw.Interpolator(space, space.sample(2))
    assert (widget.run, Page(widget.comm).state["_page"]) == ("kernel", "")
    assert lw.DirectionEditor(space, space.sample(1)[0], run="auto").run == "auto"
    monkeypatch.setenv("LATENTWIDGETS_RUN", "")
    assert lw.Interpolator(space, space.sample(2)).run == "auto"
    monkeypatch.setenv("LATENTWIDGETS_RUN", "nowhere")
    with pytest.raises(LatentValueError, match="LATENTWIDGETS_RUN is 'nowhere'; expected one of"):
        lw.Interpolator(space, space.sample(2))


def test_where_to_run_is_checked_as_it_is_set() -> None:
    space = pca()
    widget = lw.Interpolator(space, space.sample(2), run="page")
    assert (widget.run, widget.runs_in) == ("page", "kernel")
    other = lw.Interpolator(lw.LatentSpace(lambda z: np.zeros((len(z), 8, 8)), 2), np.eye(2))
    with pytest.raises(LatentValueError, match="has to stay here: it is code in Python"):
        other.run = "page"
    assert other.run == "auto"
    with pytest.raises(LatentValueError, match="code in Python"):
        lw.Interpolator(other.space, np.eye(2), run="page")
    with pytest.raises(LatentValueError, match='expected one of "auto", "page", "kernel"'):
        lw.Interpolator(space, space.sample(2), run="browser")


def test_a_decoder_is_exported_once_until_it_is_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    space = pca()
    calls: list[lw.LatentSpace] = []

    def counted(
        space: lw.LatentSpace, most: int, unwanted: Callable[[], bool], **how: Any
    ) -> Carried:
        calls.append(space)
        return carried(space, most, unwanted, **how)

    monkeypatch.setattr(exports, "carried", counted)
    widget = lw.Interpolator(space, space.sample(2), run="page")
    editor = lw.DirectionEditor(space, space.sample(1)[0], run="page")
    assert len(calls) == 1
    widget.refresh()
    editor.run = "kernel"
    editor.run = "page"
    assert len(calls) == 2
