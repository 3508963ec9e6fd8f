"""Factors that are numbers of the latents, or functions of one: reports of codes say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

import latentwidgets as lw
from latentwidgets.directions.circular import labels_doubt
from latentwidgets.directions.copies import lie_along

RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(800, 6))
PLACE, KIND = RNG.uniform(size=800), RNG.integers(3, size=800)
LUCK = np.random.default_rng(1).integers(2, size=800)
REPORTS: dict[str, Any] = {
    "mig": lambda codes, factors: lw.analysis.mig(codes, factors, shuffles=0),
    "sap": lambda codes, factors: lw.analysis.sap(codes, factors, shuffles=0),
    "dci": lambda codes, factors: lw.analysis.dci(codes, factors, shuffles=0),
}
# Factors of codes, or codes of factors: the codes with what is asked of them.
MADE: dict[str, tuple[Any, Any]] = {
    "a column": (CODES, CODES[:, 2]),
    "a column in other units": (CODES, 3 - 40 * CODES[:, 2]),
    "half precision": (CODES, CODES[:, 2].astype(np.float16)),
    "two digits": (CODES, CODES[:, 2].round(2)),
    "a hundredth of noise": (CODES, CODES[:, 2] + 0.008 * RNG.normal(size=800)),
    "exp": (CODES, np.exp(CODES[:, 2])),
    "sigmoid": (CODES, 1 / (1 + np.exp(-CODES[:, 2]))),
    "ranks": (CODES, CODES[:, 2].argsort().argsort() / 7),
    "square": (CODES, CODES[:, 2] ** 2),
    "cut in four": (CODES, np.digitize(CODES[:, 2], [-0.7, 0.0, 0.7])),
    "quantiles": (CODES, np.searchsorted(np.quantile(CODES[:, 2], [0.3, 0.6]), CODES[:, 2])),
    "cut in two": (CODES, CODES[:, 2] > 0.4),
    "codes of factors": (np.stack([PLACE, *CODES[:, :2].T], axis=1), PLACE),
    "codes of classes": (np.column_stack([CODES[:, :3], KIND]), KIND),
    "codes of texts": (np.column_stack([CODES[:, :3], KIND]), np.array(["a", "b", "c"])[KIND]),
    "codes of truth values": (np.column_stack([CODES[:, :3], KIND > 1]), KIND > 1),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("made", MADE)
def test_a_factor_that_a_code_is_by_definition_is_doubted(report: Any, made: str) -> None:
    codes, values = MADE[made]
    found = report(codes, {"it": values, "luck": LUCK})
    assert found.warning.startswith("it: One number of the latents alone ")
    assert found.warning.endswith("the score is by construction and says nothing.")
    assert "luck" not in found.warning


@pytest.mark.parametrize("seeds", [50, pytest.param(200, marks=pytest.mark.slow)])
def test_random_codes_and_factors_are_not_doubted(seeds: int) -> None:
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        n, size = int(rng.integers(16, 300)), int(rng.integers(2, 80))
        codes = rng.normal(size=(n, size))
        if seed % 3 == 0:
            codes = rng.integers(0, 2, (n, size)).astype(float)  # of one bit each
        for values, classes in (
            (rng.normal(size=n), 0),
            (rng.integers(0, 30, n) / 3, 0),
            (np.arange(n) % 2, 2),
            (np.arange(n) % 5, 5),
            (np.arange(n) / 7, 0),
        ):
            assert labels_doubt(codes, "luck", values, classes) is None, (seed, classes)


@pytest.mark.parametrize("noise", [0.05, 0.2])
def test_good_codes_are_not_doubted(noise: float) -> None:
    """Of what is known of a space it may be told how much a number holds, if not all of it."""
    codes = np.column_stack([PLACE, KIND, CODES[:, :2]]) + noise * RNG.normal(size=(800, 4))
    truth = {"place": PLACE, "kind": KIND, "level": np.floor(8 * PLACE) / 3}
    for report in REPORTS.values():
        assert report(codes, truth).warning is None


@pytest.mark.parametrize("metric", [lw.analysis.mig, lw.analysis.sap])
def test_codes_that_are_all_the_same_are_measured(metric: Any) -> None:
    found = metric(np.ones((60, 4)), {"size": np.arange(60.0)})
    assert found.warning is None
    assert max(score.value for score in found.scores.values()) == 0


def test_codes_of_the_demos_are_not_doubted() -> None:
    faces = lw.demo.faces()
    for name, values in faces.labels.items():
        assert lw.analysis.mig(faces.latents, {name: values}, shuffles=0).warning is None, name
    digits = lw.demo.digits()
    assert lw.analysis.sap(digits.latents, digits.labels, shuffles=0).warning is None


def test_pixels_are_not_doubted() -> None:
    pixels, which = load_digits(return_X_y=True)
    left = (pixels.reshape(-1, 8, 8)[:, :, :4]).sum(axis=(1, 2)) + RNG.normal(size=len(pixels))
    assert lw.analysis.mig(pixels, {"digit": which, "left": left}, shuffles=0).warning is None


def test_what_varies_alone_is_not_doubted() -> None:
    """Of pictures of one thing that moves, every number of a good model is a function of it."""
    place = np.sort(RNG.uniform(size=400))
    weights = RNG.normal(size=(2, 5))
    for noise in (0.0, 1e-4):
        codes = np.tanh(place[:, None] * weights[0] + weights[1]) + noise * RNG.normal(
            size=(400, 5)
        )
        assert lw.analysis.mig(codes, {"place": place}, shuffles=0).warning is None


DEAD = np.maximum(CODES - 2.5, 0)  # nearly always
IN_ROW_ORDER: dict[str, Any] = {
    "of one bit": np.column_stack([CODES[:, :2], KIND > 1]),
    "of one bit alone": (CODES > 0).astype(np.float64),
    "one-hot": np.eye(3)[KIND],
    "dead": DEAD[:, DEAD.any(axis=0)],
    "half of the time": np.maximum(CODES, 0),
    "sparse": CODES * (np.random.default_rng(2).uniform(size=CODES.shape) < 0.05),
    "rounded": CODES.round(),
    "a bit that changes once": np.column_stack([CODES, np.arange(800) > 300]),
}


# Each takes seconds: two stand for all where time is short.
QUICK = ("of one bit", "sparse")


@pytest.mark.parametrize(
    "codes",
    [
        pytest.param(codes, marks=[] if name in QUICK else pytest.mark.slow, id=name)
        for name, codes in IN_ROW_ORDER.items()
    ],
)
def test_amounts_in_the_order_of_the_rows_are_not_given_by_numbers_that_repeat(codes: Any) -> None:
    """Such as dates, or the numbers of frames."""
    for values in (np.arange(800), np.arange(800)[::-1] ** 1.5, np.sort(PLACE)):
        for report in REPORTS.values():
            assert report(codes, {"date": values, "luck": LUCK}).warning is None
        [found] = lw.probe_directions(codes, values, shuffles=0, bootstraps=0)
        assert "by construction" not in (found.evidence.warning or "")
        assert "by construction" not in (lw.analysis.probe_report(codes, values).warning or "")


def test_levels_in_the_order_of_the_rows_do_not_make_a_curve_of_all_numbers() -> None:
    """Numbers that grow from row to row are no function of amounts of few values."""
    time = np.linspace(0, 1, 800)
    level = RNG.integers(4, size=800) / 2
    codes = np.column_stack([time, time**2, np.sin(time)])
    assert not lie_along(codes, level)
    assert lie_along(np.column_stack([level, level**2, np.sin(level)]), level)


def test_items_that_repeat_are_not_labels() -> None:
    """Of a prompt under many seeds the latent is the same, and each of its numbers."""
    codes, which = RNG.normal(size=(4, 6))[np.arange(400) % 4], np.arange(400) % 4
    found = lw.analysis.probe_report(codes, which.astype(str))
    assert "One number of the latents alone is these labels" not in (found.warning or "")
    written = np.column_stack([CODES[:400], which])
    found = lw.analysis.probe_report(written, which.astype(str))
    assert "One number of the latents alone is these labels" in (found.warning or "")


def test_a_weighted_sum_of_numbers_that_go_together_is_doubted() -> None:
    rng = np.random.default_rng(3)
    codes = rng.normal(size=(800, 1)) + 0.15 * rng.normal(size=(800, 3))
    values = codes @ [1.0, 2.0, 0.5]
    assert lie_along(codes, values)
    for report in REPORTS.values():
        said = report(codes, {"sum": values, "luck": LUCK}).warning or ""
        assert said.startswith("sum: A weighted sum of the numbers of the latents is these labels")


def test_a_copy_among_more_numbers_than_are_looked_at_for_functions_is_doubted() -> None:
    codes = RNG.normal(size=(400, 2500))
    for place in (0, 1023, 1024, 2499):
        said = labels_doubt(codes, "it", 3 - codes[:, place].round(2), 0) or ""
        assert said.startswith("One number of the latents alone gives these labels"), place
    assert labels_doubt(codes, "it", RNG.normal(size=400), 0) is None


def test_switches_of_features_are_not_doubted() -> None:
    """A sparse code is exactly 0 where a feature is not there, and far from it where it is."""
    codes = (0.5 + np.abs(CODES)) * (KIND[:, None] == np.arange(6) % 3)
    assert lw.analysis.mig(codes, {"kind": KIND}, shuffles=0).warning is None


def test_probes_of_amounts_doubt_a_function_of_one_number_too() -> None:
    amount = np.exp(CODES[:, 2])
    [found] = lw.probe_directions(CODES, amount, shuffles=0, bootstraps=0)
    assert "One number of the latents alone gives these labels" in (found.evidence.warning or "")
    assert "by construction" in (lw.analysis.probe_report(CODES, amount).warning or "")
