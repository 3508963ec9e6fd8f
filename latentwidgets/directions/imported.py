"""Directions that others found: control vectors of other packages, features of autoencoders."""

from __future__ import annotations

import numbers
import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.attributes import attribute, raised_by
from latentwidgets.common.checks import (
    check_finite,
    check_flag,
    check_text,
    check_whole,
    detached,
    real_array,
)
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.whole_files import file_named
from latentwidgets.common.wording import brief, hint
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.samples import fingerprint, provenance
from latentwidgets.directions.tensor_files import FileTensor, read_gguf, read_safetensors
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["control_vector_directions", "sae_directions"]

# What a control vector's arrays are called in a GGUF file.
NAMED = re.compile(r"direction\.(\d+)")
# What others call the decoder of a sparse autoencoder: a feature a row, or a feature a column.
ROWS, COLUMNS = ("W_dec",), ("decoder.weight",)
# The encoder that goes with each of these, and the axis along which its features lie.
ENCODERS = {"W_dec": ("W_enc", 1), "decoder.weight": ("encoder.weight", 0)}


@checked_keywords
def control_vector_directions(
    source: Any,
    *,
    name: str | None = None,
    layers: Sequence[int] | None = None,
    together: bool = False,
) -> Directions:
    """Take over a control vector that another package made.

    Parameters
    ----------
    source : str, path, mapping or object
        A GGUF file, as repeng and llama.cpp write it; a mapping from layers to vectors, NumPy
        arrays or torch tensors; or an object that has one: a ``ControlVector`` of repeng, a
        ``SteeringVector`` of steering-vectors.
    name : str, optional
        What to call it. The file's name, else "control vector", if None.
    layers : sequence of int, optional
        Which of its layers, after which block counted from 0; all if None.
    together : bool
        Whether to make one direction of all, ``(layers, width)``, for a space of these layers.

    Returns
    -------
    Directions
        One for each layer, called "name, layer 14", ``(width,)``; or one. Their sigma is the norm
        of the vector, so that an amount of 1 adds the vector as it is. Nothing is known of how good
        they are: `lw.analysis.steering_curve` measures it.

    Raises
    ------
    LatentTypeError, LatentValueError
        If that holds no control vector, or a layer is not in it.
    FileNotFoundError
        If there is no such file.

    References
    ----------
    Zou et al. 2023, "Representation engineering" (arXiv 2310.01405).

    Examples
    --------
    >>> found = control_vector_directions({14: [3.0, 4.0], 15: [0.0, 1.0]}, name="honest")
    >>> found.names, found[0].sigma, found[0].vector.tolist()
    (('honest, layer 14', 'honest, layer 15'), 5.0, [0.6, 0.8])
    """
    vectors, where = _vectors(source)
    if name is None:
        name = os.path.splitext(os.path.basename(where))[0] if where else "control vector"
    check_text(name, "name")
    chosen = sorted(vectors) if layers is None else check_items(layers, "layers are", "numbers")
    for layer in chosen:
        if not isinstance(layer, numbers.Integral) or layer not in vectors:
            raise LatentValueError(
                f"the control vector has no layer {brief(layer)}; it has {_runs(sorted(vectors))}."
            )
    if not chosen:
        raise LatentValueError("layers are empty; expected at least one.")
    widths = {len(vectors[layer]) for layer in chosen}
    if len(widths) > 1:
        raise LatentValueError(
            f"the layers of the control vector have widths {sorted(widths)}; expected one. They "
            "are not of one model."
        )
    about = provenance("imported", fingerprint(*(vectors[layer] for layer in chosen)), file=where)
    if check_flag(together, "together"):
        stacked = np.stack([vectors[layer] for layer in chosen])
        return Directions([_imported(name, stacked, {**about, "layers": [*map(int, chosen)]})])
    return Directions(
        _imported(f"{name}, layer {layer}", vectors[layer], {**about, "layers": [int(layer)]})
        for layer in chosen
    )


@checked_keywords
def sae_directions(
    path: str | bytes | os.PathLike[str],
    features: Sequence[int] | Mapping[int, str],
    *,
    key: str | None = None,
    width: int | None = None,
) -> Directions:
    """Take over features of a sparse autoencoder as directions: rows of its decoder.

    Only these features are read, so that the file may be large.

    Parameters
    ----------
    path : str, bytes or path
        A safetensors file of its weights.
    features : sequence of int or mapping of int to str
        Their numbers; or what to call each.
    key : str, optional
        What the decoder is called in the file. "W_dec" (a feature a row, as SAELens and sparsify
        write it) or "decoder.weight" (a feature a column, as torch's linear layers) if None.
    width : int, optional
        Of the model's residual stream, which tells rows from columns. If None, of the decoder under
        another name the shorter side is taken for it, which is a guess.

    Returns
    -------
    Directions
        One for each feature: it moves along the decoder's row, and measures with the encoder's
        weights where these are in the file. Their sigma is the norm of the row. The offset of the
        readout is 0: of latents, which are differences of states, it tells the change.

    Raises
    ------
    LatentTypeError, LatentValueError
        If that is no such file, or a feature is not in it.
    FileNotFoundError
        If there is no such file.

    Warns
    -----
    GuessWarning
        If rows and columns are told by their number alone.

    References
    ----------
    Bricken et al. 2023, "Towards monosemanticity", Transformer Circuits Thread.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from safetensors.numpy import save_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "sae.safetensors"
    ...     save_file({"W_dec": np.eye(4, 2, dtype=np.float32)}, file)
    ...     found = sae_directions(file, {1: "dogs"})
    >>> found["dogs"].vector.tolist()
    [0.0, 1.0]
    """
    width = None if width is None else check_whole(width, "width", least=1)
    file = _existing(path)
    tensors = read_safetensors(file)
    name, by_row = _decoder(file, tensors, key, width)
    tensor = tensors[name]
    if len(tensor.shape) != 2:
        raise LatentValueError(
            f"{brief(name)} of {file} has shape {tensor.shape}; expected (features, width)."
        )
    count, wide = tensor.shape if by_row else tensor.shape[::-1]
    if width is not None and wide != width:
        raise LatentValueError(
            f"{brief(name)} of {file} has shape {tensor.shape}, features of width {wide}; expected "
            f"width {width}. It is of another model."
        )
    names = dict(features) if isinstance(features, Mapping) else {}
    numbers = [*names] if names else check_items(features, "features are", "numbers")
    if not numbers:
        raise LatentValueError("features are empty; expected at least one number.")
    chosen = [check_whole(one, "a feature", least=0, most=count - 1) for one in numbers]
    readouts = _encoder(tensors, name, (count, wide), chosen)
    made = []
    for place, feature in enumerate(chosen):
        vector = tensor.read(feature if by_row else (slice(None), feature))
        about = provenance("imported", fingerprint(vector), file=str(file.name), feature=feature)
        title = names.get(feature, f"feature {feature}")
        made.append(_imported(title, vector, about, None if readouts is None else readouts[place]))
    return Directions(made)


def _imported(
    name: str,
    vector: NDArray[np.float64],
    about: dict[str, Any],
    readout: NDArray[np.float64] | None = None,
) -> Direction:
    check_finite(vector, f"the vector of {brief(name)}")
    norm = float(np.linalg.norm(vector))
    return Direction(
        name, vector, readout=readout, sigma=norm or 1.0, method="imported", provenance=about
    )


def _vectors(source: Any) -> tuple[dict[int, NDArray[np.float64]], str]:
    """Read the vectors of a control vector by layer; and the name of its file, "" of others."""
    if isinstance(source, (str, bytes, os.PathLike)):
        file = _existing(source)
        if file.suffix in (".pt", ".pth", ".bin", ".pkl"):
            raise LatentValueError(
                f"{file} is a file of torch or pickle, which may hold code; expected a GGUF file. "
                "If you trust it, load it: torch.load(path, weights_only=True), and pass its "
                "mapping from layers to vectors."
            )
        return _gguf_vectors(file), str(file.name)
    names = ("layer_activations", "directions")
    cannot = raised_by(source, *names)
    for held in names:
        source = attribute(source, held, source)
    if not isinstance(source, Mapping) or not source:
        raise LatentTypeError(
            f"source is {brief(source)}; expected a GGUF file, or a mapping from layers to vectors."
            f"{cannot}"
        )
    found = {}
    for layer, given in source.items():
        number = check_whole(
            int(layer) if isinstance(layer, str) and layer.isdigit() else layer, "a layer", least=0
        )
        tensor = detached(given, f"the vector of layer {number}")
        tensor = tensor.float() if hasattr(tensor, "float") else tensor  # bfloat16, of torch
        vector = real_array(tensor, f"numbers of layer {number}").astype(np.float64)
        vector = vector.reshape(max(vector.shape)) if vector.size == max(vector.shape) else vector
        if vector.ndim != 1:
            raise LatentValueError(
                f"the vector of layer {number} has shape {vector.shape}; expected one axis."
            )
        found[number] = vector
    return found, ""


def _gguf_vectors(file: Path) -> dict[int, NDArray[np.float64]]:
    values, tensors = read_gguf(file)
    architecture = values.get("general.architecture")
    found = {
        int(match[1]): tensor
        for name, tensor in tensors.items()
        if (match := NAMED.fullmatch(name)) is not None
    }
    if not found:
        what = f"a GGUF file of {brief(architecture)}" if architecture else "a GGUF file"
        raise LatentValueError(
            f"{file} is {what} without a control vector; expected arrays such as 'direction.14', "
            "as repeng's export_gguf writes them."
        )
    vectors = {layer: tensor.read() for layer, tensor in found.items()}
    for layer, vector in vectors.items():
        if vector.ndim != 1:
            raise LatentValueError(
                f"direction.{layer} of {file} has shape {vector.shape}; expected one axis."
            )
    return vectors


def _decoder(
    file: Path, tensors: dict[str, FileTensor], key: str | None, width: int | None
) -> tuple[str, bool]:
    """Find the decoder, and say whether its rows are the features."""
    if key is None:
        key = next((one for one in (*ROWS, *COLUMNS) if one in tensors), None)
        if key is None:
            names = ", ".join(map(brief, [*tensors][:8]))
            raise LatentValueError(
                f"{file} has no decoder called {' or '.join(map(repr, (*ROWS, *COLUMNS)))}; it has "
                f"{names or 'nothing'}. Say which it is: key=..."
            )
    if check_text(key, "key") not in tensors:
        raise LatentValueError(f"{file} has no array {brief(key)}. {hint(key, [*tensors])}")
    if key in ROWS or key in COLUMNS:
        return key, key in ROWS
    shape = tensors[key].shape
    if width is not None and width in shape and shape[0] != shape[-1]:
        return key, shape[-1] == width
    by_row = shape[0] >= shape[-1]
    warn_guess(
        f"{brief(key)} has shape {shape}; its {'rows' if by_row else 'columns'} were taken for the "
        f"features, since there are more of them. Say how wide the stream is: "
        f"width={min(shape, default=0)}."
    )
    return key, by_row


def _encoder(
    tensors: dict[str, FileTensor], decoder: str, shape: tuple[int, int], features: list[int]
) -> list[NDArray[np.float64]] | None:
    """Read the encoder's weights of some features, where they are in the file."""
    name, axis = ENCODERS.get(decoder, ("", 0))
    if name not in tensors or tensors[name].shape != (shape if axis == 0 else shape[::-1]):
        return None
    return [tensors[name].read(one if axis == 0 else (slice(None), one)) for one in features]


def _existing(path: Any) -> Path:
    file = file_named(path)
    if not file.exists():
        raise FileNotFoundError(f"there is no file {file}.")
    return file


def _runs(numbers: list[int]) -> str:
    """Write layers: "layers 1 to 31"."""
    if numbers == [*range(numbers[0], numbers[-1] + 1)]:
        return f"layers {numbers[0]} to {numbers[-1]}"
    return f"layers {', '.join(map(str, numbers))}"
