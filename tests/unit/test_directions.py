"""Direction and Directions: what they promise whatever way they were found."""

from __future__ import annotations

import copy
import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.linalg

from latentwidgets import (
    Direction,
    Directions,
    LatentTypeError,
    LatentValueError,
    LatentWidgetsError,
    contrast_directions,
    difference_directions,
    probe_directions,
)
from latentwidgets.directions import Evidence
from latentwidgets.directions.tables import badge, note

RNG = np.random.default_rng(0)


def some(n: int = 3, size: int = 6, *, names: str = "abcdef") -> Directions:
    """Directions that are correlated, each with a readout of its own."""
    return Directions(
        Direction(
            names[i],
            RNG.normal(size=size) + 0.5,
            readout=RNG.normal(size=size),
            offset=float(i),
            sigma=1.0 + i,
        )
        for i in range(n)
    )


# Direction


def test_a_direction_is_a_unit_vector_and_does_not_change() -> None:
    direction = Direction("smile", [3, 4])
    assert direction.vector.tolist() == [0.6, 0.8]
    assert np.array_equal(direction.readout, direction.vector)
    with pytest.raises(ValueError, match="read-only"):
        direction.vector[0] = 1
    with pytest.raises(AttributeError):
        direction.sigma = 2.0  # type: ignore[misc]


def test_moving_is_in_sigmas_and_measuring_in_the_readouts_units() -> None:
    direction = Direction(
        "age", [0, 2], readout=[0, 10], offset=3, sigma=0.5, readout_mean=3, readout_sigma=5
    )
    moved = direction.move(np.zeros((2, 2)), [1, -2])
    assert moved.dtype == np.float32
    assert moved.tolist() == [[0, 0.5], [0, -1]]
    assert direction.measure(moved).tolist() == [8, -7]
    assert direction.measure(moved, standardized=True).tolist() == [1, -2]
    assert direction.coordinate(moved).tolist() == [1, -2]


def test_latents_of_any_shape_are_moved() -> None:
    direction = Direction("x", np.ones((2, 3, 4)))
    moved = direction.move(np.zeros((5, 2, 3, 4)), 1.0)
    assert moved.shape == (5, 2, 3, 4)
    assert np.allclose(np.linalg.norm(moved.reshape(5, -1), axis=1), 1)
    with pytest.raises(LatentValueError, match=r"'x' takes \(n, 2, 3, 4\)"):
        direction.move(np.zeros((5, 24)), 1.0)
    with pytest.raises(LatentValueError, match=r"For one pass latents\[None\]"):
        direction.move(np.zeros((2, 3, 4)), 1.0)


def test_flipping_turns_all_of_it() -> None:
    direction = Direction("x", [1.0, 0], readout=[2.0, 0], offset=1, limits=(-1, 4), readout_mean=3)
    flipped = direction.flipped()
    latents = RNG.normal(size=(5, 2))
    assert np.allclose(flipped.move(latents, 1), direction.move(latents, -1))
    assert np.allclose(flipped.measure(latents), -direction.measure(latents))
    standardized = direction.measure(latents, standardized=True)
    assert np.allclose(flipped.measure(latents, standardized=True), -standardized)
    assert flipped.limits == (-4, 1)
    assert flipped.flipped() == direction


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_do_not_change_either(again: Callable[[Any], Any]) -> None:
    evidence = Evidence(0.9, counts={"samples": 5})
    one = again(Direction("x", [1.0, 0.0], evidence=evidence, provenance={"a": {"b": [1]}}))
    assert one.provenance == {"a": {"b": (1,)}}
    assert not any(array.flags.writeable for array in (one.vector, one.readout, one.mean))
    for changed in (one.provenance, one.provenance["a"], one.evidence.counts):
        with pytest.raises(LatentTypeError, match="cannot be changed"):
            changed["samples"] = 6
    assert hash(one.evidence) == hash(evidence)


def test_equal_directions_have_one_hash() -> None:
    one, other = Direction("x", [1, 0.0]), Direction("x", [1, -0.0])
    assert one == other
    assert hash(one) == hash(other)


def test_a_score_without_a_name() -> None:
    assert "score 0.500" in repr(Direction("x", [1.0], evidence=Evidence(0.5)))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"name": ""}, LatentTypeError, "expected a text"),
        ({"vector": [0, 0]}, LatentValueError, "is zero"),
        ({"vector": [np.nan, 1]}, LatentValueError, "NaN"),
        ({"vector": 3.0}, LatentValueError, "expected"),
        ({"vector": "ab"}, LatentTypeError, "expected real numbers"),
        ({"readout": [1, 2, 3]}, LatentValueError, "expected one shape"),
        ({"sigma": 0}, LatentValueError, "more than 0"),
        ({"sigma": np.inf}, LatentValueError, "finite"),
        ({"limits": (1, -1)}, LatentValueError, "lower one first"),
        ({"sigma": "2"}, LatentValueError, "finite"),
        ({"sigma": 10**400}, LatentValueError, "finite"),
    ],
)
def test_bad_directions(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Direction(**{"name": "x", "vector": [1.0, 0.0], **changes})


# Directions


def test_they_are_a_sequence_by_index_name_and_slice() -> None:
    found = some(4)
    assert len(found) == 4
    assert found["b"] is found[1]
    assert found[-1].name == "d"
    assert found[1:3].names == ("b", "c")
    assert "a" in found
    assert found[0] in found
    assert (found[:2] + found[2:]) == found
    assert found.matrix.shape == (4, 6)
    with pytest.raises(LatentValueError, match="'a', 'b', 'c', 'd'"):
        found["e"]
    with pytest.raises(IndexError):
        found[9]


def test_what_does_not_go_together() -> None:
    found = some(2)
    with pytest.raises(LatentValueError, match=r"two directions are called 'a'.*rename"):
        found + found
    with pytest.raises(LatentValueError, match="those of one space"):
        Directions([found[0], Direction("other", np.ones(7))])
    with pytest.raises(LatentValueError, match="at least one"):
        Directions([])
    with pytest.raises(LatentTypeError, match="got a str"):
        Directions(["a"])  # type: ignore[list-item]


def test_what_is_not_there_is_told_the_way_out() -> None:
    found = some(10, names="abcdefghij")
    with pytest.raises(LatentValueError, match=r"There are 'a', .* and 2 more\."):
        found["smile"]
    with pytest.raises(LatentValueError, match="Did you mean 'smile'"):
        found.rename({"a": "smile"})["smlie"]
    with pytest.raises(IndexError, match="no direction 99; expected 0 to 9"):
        found[99]
    with pytest.raises(LatentTypeError, match="expected a number, a name or a slice"):
        found[1.5]  # type: ignore[call-overload]


def test_rename_and_flip() -> None:
    found = some(3)
    assert found.rename({"a": "smile"}).names == ("smile", "b", "c")
    assert np.array_equal(found.flip("b").matrix[1], -found.matrix[1])
    assert np.array_equal(found.flip("b").matrix[0], found.matrix[0])
    with pytest.raises(LatentValueError, match="no direction is called 'z'"):
        found.rename({"z": "y"})
    with pytest.raises(LatentValueError, match="no direction is called 'z'"):
        found.flip("z")


def test_orthogonalized_keeps_the_first_and_shrinks_sigmas() -> None:
    found = some(4)
    done = found.orthogonalized()
    assert np.allclose(done.cosines(), np.eye(4), atol=1e-14)
    assert np.array_equal(done.matrix[0], found.matrix[0])
    reference = scipy.linalg.qr(found.matrix.T, mode="economic")
    assert np.allclose(done.matrix, (reference[0] * np.sign(np.diag(reference[1]))).T)
    for i, (one, before) in enumerate(zip(done, found, strict=True)):
        assert one.sigma == pytest.approx(before.sigma * abs(reference[1][i, i]))
    twice = Directions([found[0], found[0].replace(name="again")])
    with pytest.raises(LatentValueError, match="'again' lies in the span of the directions before"):
        twice.orthogonalized()


@pytest.mark.parametrize("held", [("c",), ("c", "d"), ("b", "c", "d")])
def test_no_readout_of_a_condition_changes_along_a_conditioned_move(held: tuple[str, ...]) -> None:
    found = some(5, size=8)
    latents = RNG.normal(size=(7, 8))
    given = found.conditioned_on(*held)
    assert given.names == tuple(name for name in found.names if name not in held)
    for one in given:
        steps = one.sigma * one.vector
        for name in held:
            before = found[name].measure(latents)
            assert np.abs(found[name].measure(latents + steps) - before).max() < 1e-6


def test_with_round_covariance_conditioning_is_the_least_squares_projection() -> None:
    vectors = RNG.normal(size=(3, 8))
    found = Directions(Direction("abc"[i], vectors[i]) for i in range(3))  # readout = vector
    given = found.conditioned_on("b", "c")["a"]
    held = found[1:].matrix.T
    left = found["a"].vector - held @ np.linalg.lstsq(held, found["a"].vector, rcond=None)[0]
    assert np.allclose(given.vector, left / np.linalg.norm(left))
    assert given.sigma == pytest.approx(np.linalg.norm(left))


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_what_is_held_still_may_be_measured_in_any_unit(unit: float) -> None:
    found = some(3)
    other = found[1].replace(readout=unit * found[1].readout)
    given = Directions([found[0], other, found[2]]).conditioned_on("b", "c")
    assert np.allclose(given.matrix, found.conditioned_on("b", "c").matrix, atol=1e-9)


def test_a_direction_in_the_span_of_the_conditions_raises() -> None:
    found = some(2)
    inside = Direction("inside", found.matrix.sum(axis=0))
    with pytest.raises(LatentValueError, match="'inside' lies in the span of the conditions"):
        (found + [inside]).conditioned_on("a", "b")
    same = found[0].replace(name="again")
    with pytest.raises(LatentValueError, match="'a', 'again' cannot all be held still"):
        (found + [same]).conditioned_on("a", "again")
    with pytest.raises(LatentValueError, match="every direction is a condition"):
        found.conditioned_on(found)
    with pytest.raises(LatentValueError, match="no conditions"):
        found.conditioned_on()


def test_table_and_html_hold_everything_as_text() -> None:
    evidence = Evidence(
        0.9,
        score_name="balanced accuracy",
        spread=0.01,
        chance=0.5,
        p_value=0.005,
        counts={"positive": 12, "negative": 988},
        warning="Rests on only 12 positive.",
    )
    found = Directions([Direction("<script>alert(1)</script>", [1.0, 0], evidence=evidence)])
    [record] = found.table()
    assert record["score"] == 0.9
    assert record["counts"] == {"positive": 12, "negative": 988}
    html = found._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    for text in (
        'title="balanced accuracy">acc',
        "0.900 ± 0.010",
        "12 of 1,000",
        "Rests on only 12 positive.",
    ):
        assert text in html
    assert "stability" not in html, "a column without anything in it"


def test_the_least_p_value_that_there_can_be_is_a_bound() -> None:
    def text(p: float, shuffles: int) -> str:
        about = {"parameters": {"shuffles": shuffles}}
        return note(Direction("a", [1.0], evidence=Evidence(0.9, p_value=p), provenance=about))

    assert "p ≤ 0.005" in text(1 / 200, 199)
    assert "p 0.010" in text(2 / 200, 199)
    assert "p 0.005" in text(5 / 1000, 999)


def test_a_badge_says_what_it_counts() -> None:
    names = {"balanced accuracy": "acc 0.53", "R²": "R² 0.53", "share of variance": "53%"}
    for name, text in names.items():
        assert badge(Direction("a", [1.0], evidence=Evidence(0.53, score_name=name))) == text
    assert badge(Direction("a", [1.0], evidence=Evidence(0.53))) == "0.53"
    assert badge(Direction("a", [1.0], evidence=Evidence(-0.001, score_name="R²"))) == "R² 0.00"
    assert badge(Direction("a", [1.0])) == ""


def test_sigmas_have_the_same_decimals() -> None:
    found = Directions(Direction(str(x), [x, 1.0], sigma=x) for x in (1.01, 0.969, 1.0, 1e-6))
    html = found._repr_html_()
    for text in (">1.010<", ">0.969<", ">1.000<", ">1e-06<"):
        assert text in html


def test_no_bar_says_how_sure_a_score_without_spread_is() -> None:
    sure = [Evidence(0.5), Evidence(0.5, spread=0.1)]
    found = Directions(Direction(str(i), [i, 1.0], evidence=one) for i, one in enumerate(sure))
    bars = found.plot().axes[0]
    [ends] = [line.get_xdata() for line in bars.lines if line.get_marker() == "|"][:1]
    assert np.isnan(np.asarray(ends, float)).tolist() == [True, False]


def test_plot_draws_a_bar_each_and_the_cosines() -> None:
    found = some(3)
    bars, heat, *_ = found.plot().axes
    assert len(bars.patches) == 3
    assert np.allclose(np.asarray(heat.images[0].get_array()), found.cosines())


def test_a_plot_of_one_direction_is_a_bar_alone() -> None:
    [bars] = some(1).plot().axes
    assert (len(bars.patches), len(bars.images)) == (1, 0)
    (low, high), [bar] = bars.get_ylim(), bars.patches
    assert bar.get_bbox().height < 0.5 * abs(high - low), "no slab"  # type: ignore[attr-defined]


def test_a_direction_without_a_score_has_no_bar_of_zero() -> None:
    found = Directions(
        [Direction("a", [1.0, 0.0]), Direction("b", [0.0, 1.0], evidence=Evidence(0))]
    )
    bars = found.plot().axes[0]
    widths = [bar.get_bbox().width for bar in bars.patches]  # type: ignore[attr-defined]
    assert np.isnan(widths).tolist() == [True, False]
    assert [(text.get_text().strip(), text.get_position()) for text in bars.texts] == [
        ("no score", (0, 0))
    ]


# Files


def test_a_file_brings_all_of_it_back(tmp_path: Path) -> None:
    evidence = Evidence(0.9, score_name="R²", counts={"samples": 5}, warning="no")
    found = some(2) + [
        Direction("ü <b>", np.arange(6), evidence=evidence, provenance={"seed": 3, "n": None})
    ]
    found.save(tmp_path / "found.safetensors")
    assert Directions.load(tmp_path / "found.safetensors") == found


def test_foreign_and_damaged_files_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "found.safetensors"
    some(2).save(path)
    whole = path.read_bytes()
    header = whole.index(b"latentwidgets.directions")
    files = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "text": b"hello",
        "pickle": pickle.dumps({"a": 1}),
        "header": whole[: header + 60] + b"x" + whole[header + 61 :],
        "name": whole.replace(b'\\"name\\"', b'\\"nome\\"'),
    }
    for name, content in files.items():
        damaged = tmp_path / name
        damaged.write_bytes(content)
        with pytest.raises(
            LatentValueError, match=f"{re.escape(str(damaged))} holds no directions"
        ):
            Directions.load(damaged)
    other = tmp_path / "other.safetensors"
    save_file({"a": np.zeros(3)}, other)
    with pytest.raises(LatentValueError, match="of something else"):
        Directions.load(other)
    with pytest.raises(FileNotFoundError):
        Directions.load(tmp_path / "absent")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (rb"\"sigma\": 1.0", rb"\"sigma\": 9.0", "its contents are damaged"),
        (np.float64(0.125).tobytes(), np.float64(0.25).tobytes(), "its contents are damaged"),
        (rb"\"version\": 2", rb"\"version\": 3", "written by another version .latentwidgets"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    path = tmp_path / "found.safetensors"
    Directions([Direction("x", [1.0, 0.0], mean=[0.125, 0.0])]).save(path)
    whole = path.read_bytes()
    assert whole.count(old) == 1
    path.write_bytes(whole.replace(old, new))
    with pytest.raises(LatentValueError, match=message):
        Directions.load(path)


def test_a_file_has_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    some(2).save(tmp_path / "found")
    assert (tmp_path / "found").stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert len([*tmp_path.iterdir()]) == 2


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(LatentValueError, match=r"cannot be written.*a folder that is there"):
        some(2).save(tmp_path / "absent" / "found.safetensors")
    assert [*tmp_path.iterdir()] == []


def test_what_is_no_file_is_refused_and_stays(tmp_path: Path) -> None:
    names: list[Any] = [None, 5, ["a"], "a\0b", "a" * 5000, tmp_path]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        names.append(tmp_path / "pipe")
    before = sorted(tmp_path.iterdir())
    for name in names:
        for call in (some(2).save, Directions.load):
            with pytest.raises(LatentWidgetsError, match="path|pipe|folder"):
                call(name)
    assert sorted(tmp_path.iterdir()) == before
    assert not any(one.is_file() for one in before)


def test_a_link_stays_and_the_file_behind_it_is_written(tmp_path: Path) -> None:
    path, link = tmp_path / "found.safetensors", tmp_path / "link"
    some(2).save(path)
    link.symlink_to(path.name)
    neighbour = tmp_path / "found.safetensors.part"
    neighbour.write_text("somebody else's")
    some(3).save(link)
    assert link.is_symlink()
    assert len(Directions.load(path)) == len(Directions.load(os.fsencode(link))) == 3
    assert neighbour.read_text() == "somebody else's"


def test_conditions_that_cannot_be_held() -> None:
    found = some(2)
    with pytest.raises(LatentValueError, match="of the same space"):
        found.conditioned_on(Direction("other", np.ones(9)))
    blind = Direction("blind", [1.0, 0, 0, 0, 0, 0], readout=[0.0, 1, 0, 0, 0, 0])
    with pytest.raises(LatentValueError, match="its readout does not see it"):
        (found + blind).conditioned_on("blind")


def test_a_changed_move_keeps_only_the_evidence_of_its_readout() -> None:
    probe = Evidence(0.9, score_name="R²", stability=0.99)
    share = Evidence(0.4, score_name="share of variance")
    found = Directions(
        [
            Direction("a", [1.0, 0, 0]),
            Direction("b", [1.0, 1, 0], evidence=probe, method="probe"),
            Direction("c", [1.0, 0, 1], evidence=share, method="pca"),
            Direction("d", [0.0, 0, 1], evidence=share, method="pca"),
        ]
    )
    given = found.conditioned_on("a")
    assert (given["b"].evidence.score, given["b"].evidence.stability) == (0.9, None)
    assert given["b"].method == "probe, given a"
    assert given["c"].evidence.score is None
    assert given["d"] == found["d"], "it did not change"


def test_what_was_changed_is_remembered_in_order() -> None:
    found = some(3).conditioned_on("a").orthogonalized()
    assert found["c"].provenance["changed"] == ("given a", "orthogonalized")


def test_large_numbers_and_bad_amounts() -> None:
    assert Direction("a", [3e200, 4e200]).vector.tolist() == pytest.approx([0.6, 0.8])
    with pytest.raises(LatentValueError, match="one for each of the 2 latents"):
        Direction("a", [1.0, 0]).move(np.zeros((2, 2)), [1, 2, 3])
    with pytest.raises(LatentValueError, match="expected two numbers"):
        Direction("a", [1.0, 0], limits=(1, 2, 3))  # type: ignore[arg-type]


def test_two_sides_with_one_mean_are_called_that() -> None:
    rows = np.random.default_rng(0).standard_normal((40, 5))
    with pytest.raises(LatentValueError, match=r"means of the two sides are equal\.") as told:
        contrast_directions(rows, rows)
    assert "penalty" not in str(told.value)
    both, sides = np.concatenate([rows, rows]), np.repeat([0, 1], 40)
    with pytest.raises(LatentValueError, match=r"means of the two sides are equal\.") as told:
        difference_directions(both, sides)
    assert "penalty" not in str(told.value)
    with pytest.raises(LatentValueError, match=r"no number of the latents counts.*penalty\."):
        probe_directions(both, sides)
