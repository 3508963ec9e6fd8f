"""Objects that raise when they are asked for an attribute: they are refused as all others are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

LATENTS = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
SPACE = lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4, value_range=(-3, 3))
PAIR = lw.pca_directions(LATENTS, 2)
FAST: dict[str, Any] = {"shuffles": 0, "bootstraps": 0}


class Away:
    """A stand-in for what is not there yet, as a request outside of its server is."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"working outside of context: {name}")


class Closed:
    @property
    def space(self) -> Any:
        raise KeyError("closed")


class Odd:
    shape = ("a",)


CALLS = {
    "as_space": lambda given: lw.as_space(given),
    "Interpolator": lambda given: lw.Interpolator(given),
    "anchors": lambda given: lw.Interpolator(SPACE, given),
    "grid": lambda given: lw.LatentGrid(SPACE, given),
    "base": lambda given: lw.DirectionEditor(SPACE, given, PAIR),
    "labels of a map": lambda given: lw.LatentMap(None, LATENTS, given),
    "items": lambda given: lw.LatentMap(None, LATENTS, items=given),
    "projection": lambda given: lw.LatentMap(None, LATENTS, projection=given),
    "labels": lambda given: lw.probe_directions(LATENTS, given, **FAST),
    "a label": lambda given: lw.probe_directions(LATENTS, {"a": given}, **FAST),
    "estimator": lambda given: lw.probe_directions(
        LATENTS, LATENTS[:, 0] > 0, estimator=given, **FAST
    ),
    "latents": lambda given: lw.pca_directions(given),
    "axes": lambda given: lw.axis_directions(given),
    "weight": lambda given: lw.weight_directions(given),
    "control vector": lambda given: lw.control_vector_directions(given),
    "amount": lambda given: PAIR[0].move(LATENTS, given),
    "a path's space": lambda given: lw.Path(LATENTS[:2], space=given),
    "a space to compare": lambda given: lw.analysis.compare_spaces(given, LATENTS),
    "next tokens": lambda given: lw.analysis.next_tokens(given, "x"),
    "a prior's scale": lambda given: lw.NormalPrior(given),
    "nearest": lambda given: lw.analysis.nearest(given, LATENTS),
}


@pytest.mark.parametrize("given", [Away(), Closed(), Odd()], ids=["away", "closed", "odd"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_object_that_raises_is_refused(call: Any, given: Any) -> None:
    with pytest.raises(lw.LatentWidgetsError):
        call(given)


def test_a_metric_without_words_is_refused() -> None:
    class Wordless:
        def __repr__(self) -> str:
            raise RuntimeError("no words")

    with pytest.raises(lw.LatentValueError, match="metric is <Wordless"):
        lw.analysis.nearest(LATENTS[0], LATENTS, metric=Wordless())


def test_what_this_package_makes_is_no_model_because_it_can_be_called() -> None:
    with pytest.raises(lw.LatentTypeError, match="as_space got a Path"):
        lw.as_space(lw.Path(LATENTS[:2]))
