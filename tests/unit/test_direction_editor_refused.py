"""What the DirectionEditor refuses, and that nothing changes then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.directions import Direction, Directions
from tests.unit.editors import DATA, DIRECTIONS, make

BAD: list[tuple[str, Any, str]] = [
    ("value", {"smle": 1}, "Did you mean 'smile'"),
    ("value", {"smile": float("nan")}, r"value\['smile'\] is nan"),
    ("value", {"smile": True}, "expected a number"),
    ("value", {"smile": "1"}, "expected a number"),
    ("value", {"smile": 1e9}, "-1000 to 1000"),
    ("value", {"smile": 10**400}, "-1000 to 1000"),
    ("value", 1.5, "amounts by name"),
    ("value", [1, 2, 3, 4], "amounts by name"),
    ("hold", ["smiles"], "Did you mean 'smile'"),
    ("hold", 3, "expected names"),
    ("hold", None, "expected names"),
    ("mode", "both", '"relative", "absolute"'),
    ("base", DATA[:17], "16 at most"),
    ("base", DATA[3, :4], r"shape \(4,\); expected one latent, \(5,\), or several, \(n, 5\)"),
    ("base", np.full(5, np.nan), "NaN"),
    ("base", np.zeros((2, 3, 4)), "base latents"),
    ("base", [], "base latents"),
    ("base", "picture.png", "base latents"),
    ("directions", Direction("x", np.ones(4)), r"latents of shape \(4,\); this space"),
    ("directions", [], "no directions"),
    ("directions", [DIRECTIONS[0], DIRECTIONS[0]], "two directions are called"),
    ("directions", ["smile"], "expected directions"),
    ("directions", DATA[3], r"array of shape \(5,\).*after the base.*Direction\('name', vector\)"),
    ("directions", "smile", "pca_directions"),
    ("size", 3, "size"),
]


@pytest.mark.parametrize(("name", "value", "expected"), BAD)
def test_bad_arguments_are_refused(name: str, value: Any, expected: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=expected):
        make(**{name: value})


def state_of(widget: Any) -> tuple[Any, ...]:
    arrays = widget.base.tobytes(), widget.latent.tobytes()
    names = widget.directions.names
    return dict(widget.value), widget.hold, widget.mode, names, *arrays, widget.get_state()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        *BAD,
        ("latent", np.ones(4), "shape"),
        ("latent", None, "None"),
        ("value", None, "None"),
        ("directions", None, "None"),
        ("base", None, "None"),
    ],
)
def test_a_refused_change_changes_nothing(name: str, value: Any, expected: str) -> None:
    widget = make(value={"smile": 1}, hold=["age"])
    before = state_of(widget)
    with pytest.raises(lw.LatentWidgetsError, match=expected):
        setattr(widget, name, value)
    assert state_of(widget) == before


def test_directions_that_cannot_be_held_together_are_refused() -> None:
    twin = DIRECTIONS["smile"].replace(name="twin")
    widget = make(directions=DIRECTIONS + [twin], hold=["smile"])
    before = state_of(widget)
    with pytest.raises(lw.LatentValueError, match="cannot all be held still"):
        widget.hold = ["smile", "twin"]
    assert state_of(widget) == before
    smile = DIRECTIONS["smile"]
    sheared = Directions([DIRECTIONS["PC 1"], smile, smile.replace(name="age")])
    widget = make(hold=["smile", "age"])
    before = state_of(widget)
    with pytest.raises(lw.LatentValueError, match="cannot all be held still"):
        widget.directions = sheared
    assert state_of(widget) == before


def test_other_arguments_are_refused() -> None:
    with pytest.raises(lw.LatentTypeError, match="Did you mean 'mode'"):
        make(moda="relative")
    with pytest.raises(lw.LatentTypeError, match="follows from base"):
        make(latent=DATA[0])
    with pytest.raises(lw.LatentTypeError, match="Did you mean 'value'"):
        make().valeu = {}
