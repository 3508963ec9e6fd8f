"""A warning points at the person's line, whatever called the package for it."""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.common.warning import warn_caller
from tests.unit.pipelines import pipeline

NOISES = np.random.default_rng(0).standard_normal((4, 64))
NEAR = NOISES[:1] + 0.01 * NOISES[1:3]


def curves(**options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(np.tanh, 64, value_range=(-1, 1), kind="curve", **options)


def doubtful() -> lw.LatentSpace:
    return lw.LatentSpace(lambda z: z[:, :, None] * np.ones(7), 3, value_range=(-9, 9))


class Own:
    """Something of a person's own that holds a model."""

    decode = staticmethod(lambda z: z[:, :, None] * np.ones(7))


MAKERS: dict[str, Callable[[], Any]] = {
    "a scheduler that draws noise": lambda: lw.as_space(pipeline("ddpm")),
    "a label of no class": lambda: lw.as_space(pipeline("ddim", classes=4)),
    "a pipeline passed to a widget": lambda: lw.LatentGrid.samples(
        pipeline("ddpm"), 2, conditions={"steps": 2}
    ),
    "pictures that may be curves": lambda: doubtful().decode(np.eye(3)),
    "a widget that decodes as it opens": lambda: lw.Interpolator(doubtful(), np.eye(3)),
    "an object passed to a widget": lambda: lw.Interpolator(
        lw.as_space(Own(), latent_shape=3, value_range=(-9, 9)), np.eye(3)
    ),
    "a path": lambda: lw.Path(NEAR, method="gaussian"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_warning_points_at_the_line_that_called(name: str) -> None:
    make = MAKERS[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    ours = [one for one in caught if one.category in (UserWarning, lw.GuessWarning)]
    assert ours
    lines, first = inspect.getsourcelines(MAKERS[name])
    for one in ours:
        assert Path(one.filename).name == Path(__file__).name, str(one.message)
        assert first <= one.lineno < first + len(lines)


def test_a_trait_that_is_set_points_at_the_line_that_sets_it() -> None:
    walk = lw.Interpolator(curves(), NOISES, method="gaussian")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        walk.anchors = NEAR
    ours = [one for one in caught if issubclass(one.category, UserWarning)]
    assert ours
    assert {Path(one.filename).name for one in ours} == {Path(__file__).name}


def test_where_no_line_is_the_persons_it_warns_all_the_same() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        thread = threading.Thread(target=warn_caller, args=("from a thread",))
        thread.start()
        thread.join()
    assert [str(one.message) for one in caught] == ["from a thread"]
