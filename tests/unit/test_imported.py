"""Control vectors and features that other packages wrote, read by us without these packages."""

from __future__ import annotations

import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import latentwidgets as lw

RNG = np.random.default_rng(0)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(arrays: dict[str, Any], *, kinds: dict[str, int] | None = None, version: int = 3) -> bytes:
    """Write a GGUF file by its specification: header, values, where arrays are, arrays."""
    values = [
        text("general.architecture") + struct.pack("<I", 8) + text("controlvector"),
        text("general.alignment") + struct.pack("<II", 4, 64),
        text("a.list") + struct.pack("<IIQ3h", 9, 3, 3, 1, -2, 3),
        text("a.flag") + struct.pack("<I?", 7, True),
    ]
    head = b"GGUF" + struct.pack("<IQQ", version, len(arrays), len(values)) + b"".join(values)
    body = b""
    for name, array in arrays.items():
        kind = (kinds or {}).get(name, {"f4": 0, "f2": 1, "f8": 28, "u2": 30}[array.dtype.str[1:]])
        axes = array.shape[::-1]
        head += text(name) + struct.pack(f"<I{len(axes)}QIQ", len(axes), *axes, kind, len(body))
        body += array.tobytes() + b"\0" * (-array.nbytes % 64)
    return head + b"\0" * (-len(head) % 64) + body


def written(folder: Path, content: bytes, name: str = "happy.gguf") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_control_vector_of_gguf(tmp_path: Path) -> None:
    vectors = {f"direction.{i}": RNG.normal(size=6).astype("f4") for i in (3, 12, 7)}
    path = written(tmp_path, gguf(vectors))
    found = lw.control_vector_directions(path)
    assert found.names == ("happy, layer 3", "happy, layer 7", "happy, layer 12")
    for one, layer in zip(found, (3, 7, 12), strict=True):
        vector = vectors[f"direction.{layer}"]
        np.testing.assert_allclose(one.vector * one.sigma, vector, rtol=1e-6)
        moved = one.move(np.zeros((1, 6)), 1.0)  # an amount of 1 adds the vector as it is
        np.testing.assert_allclose(moved[0], vector, rtol=1e-6)
        assert one.method == "imported"
        assert one.provenance["parameters"] == {"file": "happy.gguf"}
        assert one.provenance["layers"] == (layer,)
        assert one.evidence == lw.Evidence()
    [one] = lw.control_vector_directions(path, name="joy", layers=[7, 12], together=True)
    stacked = np.stack([vectors["direction.7"], vectors["direction.12"]])
    assert one.name == "joy"
    np.testing.assert_allclose(one.vector * one.sigma, stacked, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["f2", "f8", "bf16"])
def test_numbers_of_other_widths(tmp_path: Path, dtype: str) -> None:
    vector = RNG.normal(size=5)
    if dtype == "bf16":
        stored = torch.tensor(vector, dtype=torch.bfloat16).view(torch.uint16).numpy()
    else:
        stored = vector.astype(dtype)
    path = written(tmp_path, gguf({"direction.1": stored}, version=2))
    [one] = lw.control_vector_directions(path)
    np.testing.assert_allclose(one.vector * one.sigma, vector, rtol=1e-2)


def test_gguf_as_the_package_of_its_authors_writes_it(tmp_path: Path) -> None:
    package = pytest.importorskip("gguf")
    writer = package.GGUFWriter(str(tmp_path / "vector.gguf"), "controlvector")
    writer.add_string("controlvector.model_hint", "mistral")
    writer.add_uint32("controlvector.layer_count", 3)
    vectors = {i: RNG.normal(size=33).astype("f4") for i in (1, 2, 30)}
    for i, vector in vectors.items():
        writer.add_tensor(f"direction.{i}", vector)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = lw.control_vector_directions(tmp_path / "vector.gguf")
    assert len(found) == 3
    for one, vector in zip(found, vectors.values(), strict=True):
        np.testing.assert_allclose(one.vector * one.sigma, vector, rtol=1e-6)


def test_mappings_of_other_packages() -> None:
    vectors = {5: torch.randn(4, dtype=torch.bfloat16), 6: torch.randn(1, 4).requires_grad_()}
    for source in (
        vectors,
        SimpleNamespace(layer_activations=vectors, layer_type="decoder_block"),
        SimpleNamespace(directions={i: one.detach().float().numpy() for i, one in vectors.items()}),
        {str(i): one for i, one in vectors.items()},
    ):
        found = lw.control_vector_directions(source)
        assert found.names == ("control vector, layer 5", "control vector, layer 6")
        for one, vector in zip(found, vectors.values(), strict=True):
            wanted = vector.detach().float().numpy().ravel()
            np.testing.assert_allclose(one.vector * one.sigma, wanted, rtol=1e-6)


def test_every_cut_of_a_gguf_file_is_told(tmp_path: Path) -> None:
    whole = gguf({"direction.1": np.ones(5, "f4"), "direction.2": np.ones(5, "f4")})
    lw.control_vector_directions(written(tmp_path, whole))
    for end in [*range(len(whole) - 150), len(whole) - 64]:
        with pytest.raises(lw.LatentValueError, match=r"cannot be read: it|without a control"):
            lw.control_vector_directions(written(tmp_path, whole[:end]))


def test_other_files_are_told(tmp_path: Path) -> None:
    one = np.ones(3, "f4")
    cases = {
        "is a GGUF file of 'controlvector' without a control vector": gguf({"blk.0.weight": one}),
        "holds numbers as type 8": gguf({"direction.1": one}, kinds={"direction.1": 8}),
        "is of version 1, and 2 and 3 are known": gguf({"direction.1": one}, version=1),
        "it is no GGUF file": b"PK\3\4" + bytes(100),
        "has shape (2, 2)": gguf({"direction.1": np.ones((2, 2), "f4")}),
        "widths [3, 4]": gguf({"direction.1": one, "direction.2": np.ones(4, "f4")}),
        "is zero: it points nowhere": gguf({"direction.1": np.zeros(3, "f4")}),
        "not finite": gguf({"direction.1": np.full(3, np.nan, "f4")}),
        "has 18,446,744,073,709,551,615 entries": b"GGUF" + struct.pack("<IQQ", 3, 0, 2**64 - 1),
    }
    for message, content in cases.items():
        path = written(tmp_path, content)
        with pytest.raises(lw.LatentValueError) as caught:
            lw.control_vector_directions(path)
        assert message in str(caught.value) or "NaN" in str(caught.value)
    with pytest.raises(lw.LatentValueError, match=r"torch\.load\(path, weights_only=True\)"):
        lw.control_vector_directions(written(tmp_path, b"x", "vector.pt"))
    with pytest.raises(FileNotFoundError):
        lw.control_vector_directions(tmp_path / "no.gguf")
    with pytest.raises(lw.LatentTypeError, match="expected a GGUF file, or a mapping"):
        lw.control_vector_directions([1.0, 2.0])
    with pytest.raises(lw.LatentValueError, match="no layer 9; it has layers 1 to 3"):
        lw.control_vector_directions({key: [1.0, 2.0] for key in (1, 2, 3)}, layers=[9])
    with pytest.raises(lw.LatentTypeError, match=r"together is (?s:.*); expected True or False"):
        lw.control_vector_directions({1: np.ones(4)}, together=np.ones(24))  # type: ignore[arg-type]
    with pytest.raises(lw.LatentValueError, match="expected at least 0"):
        lw.control_vector_directions({-1: [1.0, 2.0]})


def sae(folder: Path, dtype: Any = torch.float32) -> tuple[Path, Any]:
    torch.manual_seed(0)
    made = {"W_dec": torch.randn(12, 4), "W_enc": torch.randn(4, 12), "b_enc": torch.randn(12)}
    made = {name: one.to(dtype) for name, one in made.items()}
    save_file(made, folder / "sae_weights.safetensors")
    return folder / "sae_weights.safetensors", made


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_features_of_an_autoencoder(tmp_path: Path, dtype: Any) -> None:
    path, made = sae(tmp_path, dtype)
    found = lw.sae_directions(path, {7: "dogs", 2: "cats"})
    assert found.names == ("dogs", "cats")
    assert lw.sae_directions(path, [11], width=4).names == ("feature 11",)
    states = RNG.normal(size=(3, 4))
    for one, feature in zip(found, (7, 2), strict=True):
        np.testing.assert_allclose(
            one.vector * one.sigma, made["W_dec"][feature].float().numpy(), rtol=1e-6
        )
        # By how much a step changes what the encoder gives for this feature.
        encoder = made["W_enc"].double().numpy()[:, feature]
        np.testing.assert_allclose(one.measure(states), states @ encoder, rtol=1e-5, atol=1e-6)


def test_features_by_column_and_under_other_names(tmp_path: Path) -> None:
    weights = torch.randn(4, 12)
    path = tmp_path / "one.safetensors"
    save_file({"decoder.weight": weights, "encoder.weight": torch.randn(12, 4)}, path)
    [one] = lw.sae_directions(path, [5])
    np.testing.assert_allclose(one.vector * one.sigma, weights[:, 5], rtol=1e-6)
    save_file({"dictionary": weights}, path)
    with pytest.warns(lw.GuessWarning, match=r"its columns were taken.*width=4"):
        [other] = lw.sae_directions(path, [5], key="dictionary")
    np.testing.assert_allclose(other.vector * other.sigma, weights[:, 5], rtol=1e-6)
    [row] = lw.sae_directions(path, [3], key="dictionary", width=12)
    np.testing.assert_allclose(row.vector * row.sigma, weights[3], rtol=1e-6)


def test_bad_autoencoders_are_told(tmp_path: Path) -> None:
    path, _ = sae(tmp_path)
    with pytest.raises(lw.LatentValueError, match="expected at most 11"):
        lw.sae_directions(path, [12])
    with pytest.raises(lw.LatentValueError, match="features of width 4; expected width 5"):
        lw.sae_directions(path, [1], width=5)
    with pytest.raises(lw.LatentValueError, match="Did you mean 'W_dec'"):
        lw.sae_directions(path, [1], key="W_decc")
    wrong: Any
    for wrong in (slice(1), ["W_dec"], 0):
        with pytest.raises(lw.LatentTypeError, match="^key is .*; expected a text"):
            lw.sae_directions(path, [1], key=wrong)
    nested: Any = []
    for _ in range(1000):
        nested = [nested]
    for wrong in (nested, "4", True, 1.5, 0, -4):
        with pytest.raises(lw.LatentWidgetsError, match="^width is .*; expected"):
            lw.sae_directions(path, [1], width=wrong)
    whole = path.read_bytes()
    for end in (0, 5, 8, 40, len(whole) - 700):
        with pytest.raises(lw.LatentValueError, match="cannot be read"):
            lw.sae_directions(written(tmp_path, whole[:end], "cut.safetensors"), [11])
    save_file({"b": torch.zeros(2)}, path)
    with pytest.raises(lw.LatentValueError, match="no decoder called 'W_dec' or 'decoder.weight'"):
        lw.sae_directions(path, [1])
    save_file({"W_dec": torch.zeros(2)}, path)
    with pytest.raises(lw.LatentValueError, match=r"has shape \(2,\)"):
        lw.sae_directions(path, [1])
    save_file({"W_dec": torch.zeros(2, 3, dtype=torch.int8)}, path)
    with pytest.raises(lw.LatentValueError, match="holds numbers as I8"):
        lw.sae_directions(path, [1])
