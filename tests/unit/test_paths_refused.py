"""What paths refuse, and what they say then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.path import Path
from latentwidgets.routes.segments import INTERPOLATIONS, lerp, nlerp, slerp
from tests.unit.path_strategies import (
    Between,
    between,
    refused,
)

# What is refused


HOPELESS: list[tuple[Any, type[Exception], str]] = [
    ([1 + 2j, 0], LatentTypeError, "np.asarray({}, dtype=np.float32)"),
    ([True, False], LatentTypeError, "holds bool"),
    (["a", "b"], LatentTypeError, "expected real numbers"),
    ([None, 1.0], LatentTypeError, "holds object"),
    (None, LatentTypeError, "expected real numbers"),
    ([[1.0], [1.0, 2.0]], LatentValueError, "Give rows of one shape"),
    ([np.nan, 1.0], LatentValueError, "holds 1 NaN or infinite numbers of 2, first at [0]"),
    ([0.0, -np.inf], LatentValueError, "first at [1]; expected finite ones. Drop or mend those"),
    (torch.ones(2, requires_grad=True), LatentTypeError, "tensor.detach().float().cpu().numpy()"),
    (torch.ones(2, dtype=torch.bfloat16), LatentTypeError, "Tensor that NumPy cannot read"),
]


@between
@pytest.mark.parametrize(("value", "error", "word"), HOPELESS)
def test_arguments_that_are_not_finite_real_numbers(
    f: Between, value: Any, error: type[Exception], word: str
) -> None:
    fine = np.ones(2)
    path = Path([fine, 2 * fine])
    refused(lambda: f(value, fine, 0.5), error, "a ", word.format("a"))
    refused(lambda: f(fine, value, 0.5), error, "b ", word.format("b"))
    refused(lambda: f(fine, fine, value), error, "t ", word.format("t"))
    refused(lambda: path(value), error, "t ", word.format("t"))
    refused(lambda: path.nearest(value), error, "latent ", word.format("latent"))
    refused(lambda: Path(value), error, "anchors ", word.format("anchors"))


@between
def test_shapes_that_do_not_fit(f: Between) -> None:
    refused(
        lambda: f(np.ones((2, 3)), np.ones((4, 3)), 0),
        LatentValueError,
        "a has shape (2, 3), b (4, 3): they do not broadcast",
        "Give both one latent shape",
    )
    for bad in (0, -1, 3, 1.0, 1.5, "1"):
        refused(
            lambda bad=bad: f(np.ones((2, 3)), np.ones((2, 3)), 0, latent_ndim=bad),  # type: ignore[misc]
            LatentValueError,
            f"latent_ndim is {bad!r}",
            "latent_ndim=len(latent_shape)",
        )
    refused(lambda: f(1.0, 2.0, 0.5), LatentValueError, "a has shape (), b ()")
    refused(lambda: f(np.ones((3, 0)), np.ones(0), 0), LatentValueError, "latents of no numbers")


@pytest.mark.parametrize("shape", [(), (3,), (0, 3), (1, 3), (2, 0)])
def test_too_few_anchors(shape: tuple[int, ...]) -> None:
    refused(
        lambda: Path(np.ones(shape)),
        LatentValueError,
        f"anchors have shape {shape}",
        "two or more",
        "np.stack([first, second])",
        "anchors[:, None]",
    )


@pytest.mark.parametrize(
    ("method", "hint"),
    [
        ("slrep", "Did you mean 'slerp'?"),
        ("Lerp", "Did you mean 'lerp'?"),
        ("splines", "'spline'?"),
    ],
)
def test_an_unknown_method_names_the_near_miss(method: str, hint: str) -> None:
    listed = "Expected one of 'slerp', 'lerp', 'nlerp', 'spline', 'gaussian'."
    refused(lambda: Path(np.eye(2), method), LatentValueError, repr(method), hint, listed)


def test_an_unknown_keyword_names_the_near_miss() -> None:
    misspelt: dict[str, Any] = {"metod": "lerp"}
    refused(lambda: Path(np.eye(2), **misspelt), LatentTypeError, "'metod'", "'method'")


@pytest.mark.parametrize("method", ["xyz", "", None, 3, [1, 2]])
def test_a_method_unlike_any_lists_them_all(method: Any) -> None:
    with pytest.raises(LatentValueError, match=r"unknown method .*\. Expected one of 'slerp', "):
        Path(np.eye(2), method)


def test_a_latent_of_another_shape_has_no_nearest_point() -> None:
    path = Path(np.eye(4))
    refused(
        lambda: path.nearest(np.ones((2, 4))),
        LatentValueError,
        "latent has shape (2, 4); this path takes one of shape (4,)",
        "latents[0]",
    )


@pytest.mark.parametrize("method", [one for one in INTERPOLATIONS if one != "gaussian"])
def test_t_that_leads_beyond_the_dtype(method: str) -> None:
    a, b = np.array([1.0, 2.0], np.float32), np.array([2.0, 5.0], np.float32)
    words = ("float32 cannot hold", "Keep t nearer to [0, 1]")
    for t in (1e39, 1e300, 1.7e308):
        refused(lambda t=t: Path([a, b], method)(t), LatentValueError, *words)  # type: ignore[misc]
        if method != "spline":
            f = {"slerp": slerp, "lerp": lerp, "nlerp": nlerp}[method]
            refused(lambda t=t, f=f: f(a, b, t), LatentValueError, *words)  # type: ignore[misc]


@pytest.mark.parametrize("method", ["slerp", "lerp", "nlerp"])
def test_a_velocity_that_no_number_holds_is_refused(method: str) -> None:
    path = Path(np.random.default_rng(0).normal(size=(3, 6)), method)
    for t in (-1e308, [0.5, 1.7e308]):
        refused(lambda t=t: path.velocity(t), LatentValueError, "t leads to latents that", "t ")  # type: ignore[misc]
