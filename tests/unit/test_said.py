"""What somebody else's code says as it raises is repeated in messages, but not megabytes of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.common.wording import raised, said
from latentwidgets.kinds.shared.objects import ObjectFramer
from latentwidgets.routes.projection import project

PACKAGE = Path(lw.__file__).parent
Z = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)
MOST_LETTERS = 2000
BEGIN, END = "it begins so ", " and ends so"
LONG = BEGIN + "x" * 10**7 + END


class SilentError(Exception):
    """An exception that cannot be written."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def raising(error: Exception) -> Any:
    """Make an object that raises this, whatever is done with it."""

    def fail(*_args: Any, **_options: Any) -> Any:
        raise error

    names = ("__call__", "__array__", "fit_transform", "inverse_transform")
    return type("Odd", (), dict.fromkeys(names, fail))()


def decoded(error: Exception) -> Any:
    return lw.as_space(raising(error).__call__, latent_shape=3).decode(Z)


def encoded(error: Exception) -> Any:
    given: Any = {"latent_shape": 3, "encode": raising(error).__call__, "value_range": (0, 1)}
    return lw.as_space(lambda z: np.zeros((len(z), 4, 4)), **given).encode(np.zeros((1, 4, 4)))


def drafted(error: Exception) -> Any:
    space = lw.LatentSpace(np.tanh, 3, draft=raising(error).__call__, kind="curve")
    return lw.Interpolator(space, Z[:2])


def drawn(error: Exception) -> Any:
    return ObjectFramer("odd", raising(error).__call__).picture([1])


def read(error: Exception) -> Any:
    return lw.as_space(lambda _: raising(error), latent_shape=3).decode(Z)


CALLS: dict[str, Callable[[Exception], Any]] = {
    "decode": decoded,
    "encode": encoded,
    "an output that cannot be read": read,
    "a function that draws": drawn,
    "latents": lambda error: lw.pca_directions(raising(error)),
    "an anchor": lambda error: lw.lerp(raising(error), Z[0], 0.5),
    "labels": lambda error: lw.probe_directions(Z, raising(error)),
    "a projection": lambda error: project(Z, raising(error)),
    "a value range": lambda error: lw.LatentSpace(np.tanh, 3, value_range=raising(error)),
}


@pytest.mark.parametrize("error", [ValueError(LONG), SilentError()], ids=["10 MB", "silent"])
@pytest.mark.parametrize("call", CALLS)
def test_whatever_is_raised_the_message_is_short(call: str, error: Exception) -> None:
    with pytest.raises(lw.LatentWidgetsError) as caught:
        CALLS[call](error)
    assert 0 < len(str(caught.value)) <= MOST_LETTERS


@pytest.mark.parametrize("call", ["decode", "encode", "a function that draws", "a projection"])
def test_of_a_long_text_the_beginning_and_the_end_are_told(call: str) -> None:
    with pytest.raises(lw.LatentWidgetsError) as caught:
        CALLS[call](ValueError(LONG))
    assert BEGIN in str(caught.value)
    assert END in str(caught.value)


def test_where_to_decode_is_told_in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENTWIDGETS_RUN", "x" * 100_000)
    with pytest.raises(lw.LatentValueError, match="LATENTWIDGETS_RUN is 'xxx") as caught:
        lw.Interpolator(lw.LatentSpace(np.tanh, 3, kind="curve"), Z[:2])
    assert len(str(caught.value)) < 300


def test_what_says_nothing_has_a_name() -> None:
    assert (said(ValueError()), raised(ValueError())) == ("ValueError", "ValueError")
    assert (said(SilentError()), raised(SilentError())) == ("SilentError", "SilentError")
    assert len(said(ValueError(LONG))) == len(said(ValueError("y" * 601))) == 600
    assert said(ValueError("y" * 600)) == "y" * 600


# What is raised on purpose is short already.
OURS = {*lw.errors.__all__} | {"PassingError", "UnfittedError", "Unreadable", "_Unreadable"}
SHORT = {"brief", "raised", "said", "short"}
# These look for words in a message, and do not repeat it, or take little of it.
LOOKED_AT = {
    *(f"adapters/{name}.py" for name in ("torch", "torch_export", "torch_modes")),
    "adapters/diffusers/lora_files.py",
}


def repeated_whole(path: Path) -> Iterator[int]:
    """Lines that write somebody else's error as it is."""
    for handler in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(handler, ast.ExceptHandler) or not handler.name or not handler.type:
            continue
        kinds = [
            one for one in ast.walk(handler.type) if isinstance(one, (ast.Name, ast.Attribute))
        ]
        names = {one.id if isinstance(one, ast.Name) else one.attr for one in kinds}
        if names <= OURS:
            continue
        cut = {
            inner
            for call in ast.walk(handler)
            if isinstance(call, ast.Call)
            if isinstance(call.func, ast.Name) and call.func.id in SHORT
            for inner in ast.walk(call)
        }
        for node in ast.walk(handler):
            parts: list[ast.AST] = []
            if isinstance(node, ast.FormattedValue):
                parts = [node.value]
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("str", "repr"):
                parts = [*node.args]
            for one in parts:
                if isinstance(one, ast.Name) and one.id == handler.name and one not in cut:
                    yield node.lineno  # type: ignore[attr-defined]


def test_no_message_repeats_somebody_elses_error_whole() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): [*repeated_whole(path)]
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    whole = {name: lines for name, lines in found.items() if lines and name not in LOOKED_AT}
    assert whole == {}
