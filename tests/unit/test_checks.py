"""What checks of arguments say: short, of what was given, whatever it is."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

import latentwidgets as lw
from latentwidgets.common.checks import check_controls, check_seed, check_whole, seed_after
from latentwidgets.common.wording import brief, hint, near_miss


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


class Unreadable:
    def __array__(self, *_args: Any, **_options: Any) -> Any:
        raise KeyError("k")


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        list(range(10**6)),
        [["a" * 99] * 9] * 9,
        Unspeakable(),
        np.ones(10**6),
        10**4000,
    ],
)
def test_values_are_written_briefly(value: Any) -> None:
    assert 0 < len(brief(value)) <= 160
    assert not isinstance(value, str) or brief(value).startswith("'xxx")


def test_a_whole_text_is_compared_with_no_name() -> None:
    assert near_miss("smile" * 10**5, ["smile"]) == ""
    assert hint(Unspeakable(), ["smile"]) == "There are 'smile'."


@pytest.mark.parametrize(
    ("call", "attribute"),
    [
        (lambda digits: lw.Path(digits), "latents"),
        (lambda digits: lw.pca_directions(digits, 2), "latents"),
        (lambda digits: digits.space.encode(digits), "images"),
        (lambda digits: digits.space.decode(lw.Direction("up", np.ones(10))), "vector"),
    ],
)
def test_what_holds_latents_among_others_is_told_apart(call: Any, attribute: str) -> None:
    digits = lw.demo.digits()
    with pytest.raises(lw.LatentTypeError, match=rf"a Di.*Pass its attribute, \.{attribute}"):
        call(digits)


@pytest.mark.parametrize("seed", [-1, 2**32, 10**400, 1.5, True, None, "0", Unspeakable()])
def test_seeds_that_cannot_be(seed: Any) -> None:
    with pytest.raises(lw.LatentWidgetsError, match="seed is "):
        check_seed(seed)
    assert check_seed(2**32 - 1) == 2**32 - 1
    assert seed_after(2**32 - 1, 0) == 2**32 - 1
    assert seed_after(2**32 - 1, 2) == 1


@pytest.mark.parametrize("controls", [-1, 10_001, 2**32, 2.5, True, None])
def test_controls_that_cannot_be(controls: Any) -> None:
    with pytest.raises(lw.LatentWidgetsError, match="controls is "):
        check_controls(controls)
    assert check_controls(10_000) == 10_000


def test_a_number_that_is_too_small_is_written_briefly() -> None:
    with pytest.raises(lw.LatentValueError) as refused:
        check_whole(-(10**4000), "n", least=1)
    assert len(str(refused.value)) < 250


def test_an_object_that_is_no_array() -> None:
    with pytest.raises(lw.LatentTypeError, match="no array"):
        lw.pca_directions(Unreadable())


def test_traits_of_other_packages_refuse_as_ours_do() -> None:
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 4, 4)), 2, value_range=(0, 1))
    with pytest.raises(lw.LatentTypeError, match="'layout' trait"):
        lw.Interpolator(space, np.eye(2), layout="x")
    widget = lw.Interpolator(space, np.eye(2))
    for wrong in (np.ones(2), Unspeakable(), "x" * 10**6):
        with pytest.raises(lw.LatentWidgetsError, match="method is ") as refused:
            widget.method = wrong
        assert len(str(refused.value)) < 300


def test_a_path_is_closed_or_not() -> None:
    with pytest.raises(lw.LatentTypeError, match="closed is .*expected True or False"):
        lw.Path(np.eye(2), closed=np.ones(2))  # type: ignore[arg-type]
    with pytest.raises(lw.LatentValueError, match="unknown method"):
        lw.Path(np.eye(2), Unspeakable())  # type: ignore[arg-type]


def test_columns_and_rows_named_as_units_are_no_units() -> None:
    numbers = np.random.default_rng(0).normal(size=(20, 3))
    table = pd.DataFrame(numbers, columns=["a", "units", "unit"])
    assert lw.pca_directions(table, 1).latent_shape == (3,)


def test_a_prior_takes_any_seed() -> None:
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 4, 4)), 2)
    assert space.sample(2, seed=2**40).shape == (2, 2)


RNG = np.random.default_rng(0)
ROWS = np.empty(12, object)
ROWS[:] = [*RNG.normal(size=(12, 5)).astype(np.float32)]
RAGGED = ROWS.copy()
RAGGED[3] = RAGGED[3][:2]
GAP = ROWS.copy()
GAP[3] = None


@pytest.mark.parametrize(
    "take",
    [
        lambda rows: lw.analysis.nearest(np.zeros(5), rows),
        lambda rows: lw.LatentMap(None, rows),
        lambda rows: lw.Interpolator(lw.LatentSpace(np.tanh, 5, kind="curve"), rows),
        lambda rows: lw.Path(rows),
    ],
    ids=["nearest", "map", "interpolator", "path"],
)
def test_rows_in_a_column_are_to_be_stacked(take: Any) -> None:
    with pytest.raises(lw.LatentTypeError, match=r"row of its own: pass np\.stack\(\[\*\w+\]\)\.$"):
        take(pd.DataFrame({"embedding": [*ROWS]})["embedding"].to_numpy())
    with pytest.raises(
        lw.LatentTypeError, match=r"shapes \(5,\) and \(2,\): give rows of one shape"
    ):
        take(RAGGED)
    with pytest.raises(lw.LatentTypeError, match="Among the rows is None: leave it out"):
        take(GAP)
    take(np.stack([*ROWS]))


@pytest.mark.parametrize("one", [Decimal("0.5"), np.bool_(True), Fraction(1, 2)])
def test_objects_that_are_numbers_are_to_be_converted(one: Any) -> None:
    given = np.full((4, 3), one, object)
    for take in (lambda: lw.Path(given), lambda: lw.LatentMap(None, given)):
        with pytest.raises(lw.LatentTypeError, match=r"Pass .*\)\.astype\(np\.float32\)\.$"):
            take()
    lw.Path(given.astype(np.float32))


@pytest.mark.parametrize("dtype", [str, object])
def test_texts_of_numbers_are_numbers_and_others_are_to_be_encoded(dtype: Any) -> None:
    texts = np.array([["1.0", "2.0"], ["3", "4"]], dtype)
    with pytest.raises(lw.LatentTypeError, match=r"pass np.asarray\(anchors, dtype=np.float32\)"):
        lw.Path(texts)
    np.testing.assert_array_equal(lw.Path(np.asarray(texts, dtype=np.float32))(1.0), [3, 4])
    with pytest.raises(lw.LatentTypeError, match="Encode texts first.*LatentSpace of their model"):
        lw.Path(np.array([["sad", "2"], ["3", "4"]], dtype))
