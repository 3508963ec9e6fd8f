"""What must be so of all that is accepted, and of all that is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import pickle
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image
import torch

import latentwidgets as lw
from latentwidgets.analysis.results import Result
from latentwidgets.errors import LatentWidgetsError
from latentwidgets.export.check_result import CheckResult
from tests.fuzz.hostile import Trap

MOST_LETTERS = 2000
# A table of what was measured may have a row for each of some dozens of latents.
MOST_SHOWN = 100_000
# Arguments that are numbers alone: what is none must not pass for one.
NUMBERS = {
    *("latents", "data", "anchors", "before", "after", "other", "a", "b", "c", "at", "base"),
    *("bases", "latent", "path", "vector", "readout", "mean", "tangents", "t", "amount"),
    *("amounts", "weight", "start", "among"),
}
PLAIN = (str, bytes, int, float, complex, bool, type(None), range, slice, Path)


class WrongError(AssertionError):
    """Something is silently wrong."""


def check(holds: object, words: str) -> None:
    if not holds:
        raise WrongError(words)


def digest(value: Any) -> str:
    """Name all that a value holds; what cannot be read is named by its type."""
    found = hashlib.sha256()
    for part in _parts(value, 12):
        found.update(part)
    return found.hexdigest()


def _parts(value: Any, depth: int) -> Iterator[bytes]:
    yield type(value).__name__.encode()
    if depth == 0:
        return
    if isinstance(value, np.ma.MaskedArray):
        yield from _parts(value.filled(0), depth - 1)
        yield from _parts(np.ma.getmaskarray(value), depth - 1)
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype.str} {value.shape} {value.flags.writeable}".encode()
        plain = np.asarray(value)
        if plain.dtype.itemsize > 8 and plain.dtype.kind in "fc":
            yield repr(plain.tolist()).encode()  # between long doubles lie bytes that mean nothing
        elif plain.dtype != object:
            yield plain.tobytes()
        if plain.dtype == object:
            yield from _parts(plain.ravel().tolist(), depth - 1)
    elif isinstance(value, torch.Tensor):
        readable = value.device.type == "cpu" and value.layout == torch.strided
        yield value.detach().float().numpy().tobytes() if readable else b""
    elif isinstance(value, PIL.Image.Image):
        yield value.tobytes()
    elif isinstance(value, (pd.DataFrame, pd.Series)):
        yield from _parts(np.asarray(value, dtype=object), depth - 1)
    elif isinstance(value, PLAIN):
        yield repr(value if not isinstance(value, int) else hex(value)).encode()
    elif isinstance(value, (set, frozenset)):
        yield from sorted(digest(one).encode() for one in value)
    elif isinstance(value, Mapping):
        for name in value:
            yield from _parts(name, depth - 1)
            yield from _parts(value[name], depth - 1)
    elif isinstance(value, lw.Direction):
        yield repr(value).encode()
        yield from _parts([value.vector, value.readout, value.mean, value.sigma], depth - 1)
    elif isinstance(value, (list, tuple, lw.Directions)):
        for one in list(value)[:1000]:
            yield from _parts(one, depth - 1)
    elif isinstance(value, lw.Path):
        yield from _parts([value.anchors, value.method, value.closed], depth - 1)
    elif isinstance(value, lw.LatentSpace):
        yield from _parts([value.latent_shape, value.batch_size, value.name], depth - 1)
    elif isinstance(value, (Result, CheckResult)) and hasattr(value, "to_dict"):
        yield from _parts(value.to_dict(), depth - 1)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _parts(
            [getattr(value, one.name) for one in dataclasses.fields(value)], depth - 1
        )
    elif hasattr(type(value), "class_traits"):
        yield state_of(value).encode()


def state_of(widget: Any) -> str:
    """Name what a widget shows and what can be set of it."""
    names = sorted(name for name in widget.trait_names() if not name.startswith("_"))
    own = [name for name in names if name not in ("layout", "comm", "keys", "tooltip", "log")]
    values = [getattr(widget, name) for name in own if not hasattr(getattr(widget, name), "comm")]
    return digest(values) + (
        picture_of(widget) if getattr(widget, "comm", None) is not None else ""
    )


def picture_of(widget: Any) -> str:
    """Name the picture of a widget: explorers have none, and a decoder may fail far out."""
    try:
        picture = widget.image() if hasattr(widget, "image") else None
    except LatentWidgetsError as error:
        check_error(error)
        return ""
    check(picture is None or min(picture.size) > 0, "an image without pixels")
    return digest(picture)


def check_error(error: BaseException) -> None:
    """An error's words are few, and say something."""
    text = str(error)
    if not 0 < len(text.strip()) <= MOST_LETTERS:
        raise WrongError(f"a message of {'many letters' if text.strip() else 'none'}") from error


def check_result(result: Any, given: Mapping[str, Any], target: str) -> None:
    """Whatever is returned is whole: finite, of the right type, and the same when it is loaded."""
    if isinstance(result, np.ndarray):
        _check_array(result, target)
    elif isinstance(result, lw.Direction):
        _check_direction(result)
    elif isinstance(result, lw.Directions):
        _check_directions(result)
    elif isinstance(result, lw.Path):
        _check_path(result)
    elif isinstance(result, lw.LatentSpace):
        _check_space(result)
    elif isinstance(result, lw.Condition):
        _check_condition(result)
    elif isinstance(result, lw.Evidence):
        check(len(repr(result)) <= MOST_LETTERS * 2, "a repr of many letters")
    elif isinstance(result, CheckResult):
        json.dumps(result.to_dict(), allow_nan=False)
        check(result.passed == result.message.startswith("Passed"), "a message that says otherwise")
        check(len(result._repr_html_()) < 10 * MOST_LETTERS, "a table of many letters")
    elif isinstance(result, Result):
        _check_found(result)
    elif isinstance(result, PIL.Image.Image):
        check(min(result.size) > 0, "an image without pixels")
    elif isinstance(result, float):
        check(math.isfinite(result), "a number that is none")
    elif isinstance(result, tuple) and all(isinstance(one, np.ndarray) for one in result):
        for one in result:
            _check_array(one, target)
    elif hasattr(type(result), "class_traits"):
        check_widget(result)


def check_widget(widget: Any) -> None:
    """A widget that was made, or took what was set, works."""
    if not hasattr(widget, "image"):
        check(len(repr(widget)) <= MOST_LETTERS, "a repr of many letters")
        for part in widget.parts.values():
            check_widget(part)
    elif widget.comm is not None and not _decodes_nothing(widget):
        check_latent(widget)
        picture_of(widget)


def _decodes_nothing(widget: Any) -> bool:
    """Tell whether this is a map of latents alone."""
    try:
        return widget.space is None
    except LatentWidgetsError:
        return isinstance(widget, lw.LatentMap)


def check_latent(widget: Any) -> None:
    """A widget shows one latent or several, of the space's shape, and can be written."""
    check(len(repr(widget)) <= MOST_LETTERS, "a repr of many letters")
    latent, shape = np.asarray(widget.latent), widget.space.latent_shape
    check(latent.shape[latent.ndim - len(shape) :] == shape, "a latent of another shape")
    check(latent.dtype == np.float32, f"a latent of {latent.dtype}")
    check(np.isfinite(latent).all(), "a latent that is not finite")
    widget.get_state()  # which its page is sent: a `Wire` refuses what is no JSON


def _check_array(array: Any, target: str) -> None:
    if target == "Recipe.get":  # which gives back its `default` as it is, whatever that is
        return
    check(array.dtype.kind in "biuf", f"an array of {array.dtype}")
    check(np.isfinite(array).all(), "an array that is not finite")
    if target in ("LatentSpace.sample", "LatentSpace.check", "LatentSpace.encode"):
        check(array.dtype == np.float32, f"latents of {array.dtype}")
    if target in ("Direction.move", "Path.latents"):
        check(array.dtype == np.float32, f"latents of {array.dtype}")


def _check_found(result: Any) -> None:
    """What was measured can be written, shown, and does not change."""
    try:
        json.dumps(result.to_dict(), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise WrongError("a result that is no JSON") from error
    check(len(result._repr_html_()) < MOST_SHOWN, "a table of many letters")
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        writeable = isinstance(value, np.ndarray) and value.flags.writeable
        check(not writeable, "a result that can be written into")


def _check_direction(direction: Any) -> None:
    vector = direction.vector
    check(np.isfinite(vector).all(), "a vector that is not finite")
    check(abs(np.linalg.norm(vector) - 1) < 1e-6, "a vector that is no unit vector")
    check(0 < direction.sigma < math.inf, f"a sigma of {direction.sigma}")
    for name in ("readout", "mean", "offset", "readout_mean", "readout_sigma", "limits"):
        check(np.isfinite(getattr(direction, name)).all(), f"{name} is not finite")
    check(direction.limits[0] < direction.limits[1], "limits that are none")
    check(len(repr(direction)) <= MOST_LETTERS, "a repr of many letters")
    base = np.zeros((1, *direction.latent_shape), np.float32)
    here = float(direction.coordinate(base)[0])
    try:
        moved = direction.move(base, 1.0)
    except LatentWidgetsError:  # as far as that float32 cannot hold
        return
    if direction.sigma > 1e-3 * max(1.0, abs(here) * direction.sigma):
        gap = float(direction.coordinate(moved)[0]) - here - 1
        check(abs(gap) < 1e-2, "a move by one sigma that is none")


def _check_directions(found: Any) -> None:
    check(len(set(found.names)) == len(found) > 0, "names that are not one's own")
    for direction in found:
        _check_direction(direction)
    check(len(found.table()) == len(found), "a table of other rows")
    found._repr_html_()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found"
        try:
            found.save(path)
        except LatentWidgetsError:  # what the file's format does not hold, it says
            return
        check(digest(lw.Directions.load(path)) == digest(found), "saved and loaded: others")


def _check_path(path: Any) -> None:
    check(np.array_equal(path(path.marks), path.anchors), "not the anchors at the marks")
    check(np.isfinite(path(np.linspace(0, 1, 9))).all(), "latents that are not finite")
    check(pickle.loads(pickle.dumps(path)) == path, "pickled: another path")


def _check_space(space: Any) -> None:
    check(len(repr(space)) <= MOST_LETTERS, "a repr of many letters")
    try:
        latents = space.sample(2, seed=0)
    except LatentWidgetsError as error:
        # What a prior gives is known once it is drawn from.
        check(str(error).startswith(("samples of the prior", "prior failed")), str(error))
        return
    check(latents.shape == (2, *space.latent_shape), "samples of another shape")
    check(latents.dtype == np.float32, f"samples of {latents.dtype}")
    check(np.isfinite(latents).all(), "samples that are not finite")
    try:
        outputs = space.decode(latents)
    except LatentWidgetsError as error:
        check_error(error)
        return
    check(len(outputs) == 2, "not one output a latent")


def _check_condition(condition: Any) -> None:
    low, high = condition.bounds
    check(math.isfinite(low) and math.isfinite(high) and low <= high, "bounds that are none")
    for value in (condition.default, *condition.even(3)):
        check(condition.check(value) == value, "a value of its own that it refuses")
        check(condition.value_at(condition.coordinate(value)) == value, "another value")


def passes_for_numbers(no_numbers: list[str]) -> bool:
    """Say whether what holds no number was given for numbers."""
    return bool(NUMBERS.intersection(no_numbers))


def is_plain(value: Any) -> bool:
    """Say whether a value gives the same when it is read again: no generator, no trap."""
    if hasattr(type(value), "class_traits"):  # a widget, which may well follow another
        return False
    return not isinstance(value, (Iterator, Trap, np.random.Generator))
