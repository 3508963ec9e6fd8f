"""Latents, anchors and paths that the tests of paths share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from latentwidgets.routes.path import Path
from latentwidgets.routes.segments import INTERPOLATIONS, lerp, nlerp, slerp

Array = NDArray[Any]
Between = Callable[..., Array]

BETWEEN: tuple[Between, ...] = (lerp, slerp, nlerp)
ROUND: tuple[Between, ...] = (slerp, nlerp)
between = pytest.mark.parametrize("f", BETWEEN)
around = pytest.mark.parametrize("f", ROUND)
every_method = pytest.mark.parametrize("method", INTERPOLATIONS)
open_and_closed = pytest.mark.parametrize("closed", [False, True])

times = st.floats(-2, 3)
inner = st.floats(0, 1)
widths = st.integers(1, 9)


def for_all(**strategies: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give hypothesis' examples, however long a busy machine takes for one."""
    return lambda test: settings(deadline=None)(given(**strategies)(test))


def latents(width: int, dtype: type = np.float64, rows: tuple[int, ...] = ()) -> Any:
    """Latents with zeros, equal numbers and a wide range of sizes among them."""
    size = st.floats(0.0009765625, 1000, width=32 if dtype is np.float32 else 64)
    numbers = st.one_of(st.just(0.0), st.just(1.0), size, size.map(lambda x: -x))
    return hnp.arrays(dtype, (*rows, width), elements=numbers)


@st.composite
def pairs(draw: st.DrawFn, dtype: type = np.float64) -> tuple[Array, Array]:
    """Two latents: any, or the second near the first, or near its opposite, or a zero."""
    width = draw(widths)
    a, b = draw(latents(width, dtype)), draw(latents(width, dtype))
    kind = draw(st.sampled_from(["any", "near", "opposite", "zero"]))
    tiny = draw(st.sampled_from([0.0, 1e-16, 1e-12, 1e-8, 1e-7, 1e-4]))
    factor = draw(st.sampled_from([1.0, 1.0, 0.3, 7.0]))
    if kind == "near":
        b = factor * (a + tiny * b)
    elif kind == "opposite":
        b = -factor * (a + tiny * b)
    elif kind == "zero":
        b = 0 * b
    return a, b.astype(dtype)


@st.composite
def paths(draw: st.DrawFn, dtype: type = np.float64) -> Path:
    rows = draw(st.integers(2, 7))
    anchors = draw(latents(draw(widths), dtype, (rows,)))
    return Path(anchors, draw(st.sampled_from(INTERPOLATIONS)), closed=draw(st.booleans()))


def size_of(*arrays: Array) -> float:
    return max(float(np.abs(x).max()) for x in arrays)


def norm(x: Array) -> Array:
    return np.asarray(np.linalg.norm(x.astype(np.float64), axis=-1))


def unit(x: Array) -> Array:
    return np.asarray(x / norm(x)[..., None])


def away_from_opposite(a: Array, b: Array, least: float) -> bool:
    return norm(a) == 0 or norm(b) == 0 or bool(norm(unit(a) + unit(b)) > least)


def same_bits(x: Array, y: Array) -> bool:
    return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()


def refused(f: Callable[[], object], error: type[Exception], *words: str) -> None:
    with pytest.raises(error) as caught:
        f()
    for word in words:
        assert word in str(caught.value)
