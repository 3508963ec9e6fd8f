"""Conditions that would be taken for something else, and the way out that is shown."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw


def space(choices: Any, decode: Any = lambda z, y: z) -> lw.LatentSpace:
    return lw.as_space(decode, latent_shape=3, conditions={"y": choices})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: space(range(5), lambda y, z: z), "decode takes 'y' first"),
        (lambda: space({"owl", "mug"}), "which has no order"),
        (lambda: space(np.arange(10)), "For whole numbers pass a range"),
        (lambda: lw.Condition(choices=["owl"]).check(["owl"]), "by its name or number from 0 to 0"),
    ],
)  # fmt: skip
def test_what_would_be_taken_for_something_else_is_refused(make: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=re.escape(words)):
        make()


def test_the_line_for_one_hot_classes_runs() -> None:
    torch = pytest.importorskip("torch")

    class Model:
        def decode(self, z: Any, y: Any) -> Any:
            return torch.as_tensor(z)[:, :1, None] + (y @ torch.ones(3, 16)).reshape(-1, 4, 4)

    model = Model()
    space = lw.LatentSpace(model.decode, 2, conditions={"class": ["a", "b", "c"]})
    with pytest.raises(lw.DecodeError) as caught:
        space.decode(np.zeros((2, 2)))
    line = re.search(r"decode=(lambda z, y: .*\.float\(\)\))\.\)", str(caught.value))
    assert line is not None
    made = eval(line[1], {"model": model, "torch": torch})
    assert made(np.zeros((2, 2)), torch.tensor([0, 2])).shape == (2, 4, 4)


def test_a_number_that_no_float_can_hold_is_refused() -> None:
    made = space((1.0, 0.0, 2.0))
    with pytest.raises(lw.LatentValueError, match=r"conditions\['y'\] is inf.*from 0 to 2"):
        made.decode(np.ones((1, 3)), {"y": 10**400})
