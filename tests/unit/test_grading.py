"""`check` and `student_start`: answers are graded by what they decode to, beside chance."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.export.check_result import CheckResult
from latentwidgets.export.check_words import leakage_number, target_number
from latentwidgets.export.recipe import recipe_of
from latentwidgets.routes.edit import Edit

SIZE = 4
RNG = np.random.default_rng(0)
ORDINARY = RNG.normal(size=(400, SIZE)).astype(np.float32)
START = np.array([-0.8, -0.9, 1.1, 0.9], np.float32)
AXES = lw.Directions(lw.Direction(f"way {i}", np.eye(SIZE)[i]) for i in range(SIZE))


def curves(latents: np.ndarray) -> np.ndarray:
    drawn: np.ndarray = np.tanh(np.asarray(latents) / 4)
    return drawn


def encode(outputs: np.ndarray) -> np.ndarray:
    read: np.ndarray = 4 * np.arctanh(np.reshape(outputs, (len(outputs), -1)))
    return read


SPACE = lw.LatentSpace(curves, SIZE, kind="curve", encode=encode, data=ORDINARY)
MEASURES: dict[str, Any] = {"smile": lambda out: out[:, 0, 0], "width": lambda out: out[:, 0, 1]}
UNITS = np.tanh(ORDINARY.astype(np.float64) / 4).std(axis=0)


def answer(*amounts: float, space: Any = SPACE, start: Any = START) -> lw.Recipe:
    """Write down an edit of the start; amounts that are left out are 0."""
    at = tuple(map(float, amounts + (0,) * (SIZE - len(amounts))))
    return recipe_of(space, Edit(np.asarray(start, np.float32), AXES), at)


def graded(recipe: lw.Recipe, **options: Any) -> Any:
    given = {"start": START, "n": len(ORDINARY), **options}
    return lw.check(recipe, given.pop("space", SPACE), "smile", MEASURES, **given)


def test_numbers_are_changes_in_deviations_of_the_measure_beside_random_moves_as_long() -> None:
    found = graded(answer(1.5, 0.25), controls=2000)
    ends = START + np.array([1.5, 0.25, 0, 0])
    change = (np.tanh(ends / 4) - np.tanh(START / 4)) / UNITS
    assert found["smile"].value == pytest.approx(change[0], rel=1e-4)
    assert found["width"].value == pytest.approx(change[1], rel=1e-4)
    # The square of one of four numbers of a random direction is a quarter of its length.
    length = np.hypot(1.5, 0.25) / 2
    assert found["smile"].chance == pytest.approx(length, rel=0.15)
    assert found["width"].chance == pytest.approx(length, rel=0.15)
    roles = [(one.name, one.role, one.limit, one.passed) for one in found.numbers]
    assert roles == [
        ("smile", "target", 1.0, True),
        ("width", "leakage", 0.5, True),
        ("typicality", "typicality", 0.05, True),
    ]
    judge = lw.analysis.Typicality().fit(ORDINARY)
    report = judge.report(ends[None].astype(np.float32))
    assert found["typicality"].value == report.p_values[0]
    assert found.passed
    assert found.message.startswith("Passed: 3 of 3 things")


def test_readouts_measure_what_is_encoded_again() -> None:
    named = {"smile": AXES[0], "width": AXES[1]}
    found = lw.check(answer(1.5, 0.25), SPACE, "smile", named, n=400)
    spread = ORDINARY.astype(np.float64).std(axis=0)
    assert found["smile"].value == pytest.approx(1.5 / spread[0], rel=1e-3)
    assert found["width"].value == pytest.approx(0.25 / spread[1], rel=1e-3)
    same = lw.check(answer(1.5, 0.25), SPACE, "way 0", AXES[:2], n=400)
    assert same["way 0"].value == found["smile"].value


@pytest.mark.parametrize(
    ("amounts", "options", "name", "said"),
    [
        ((0.5,), {}, "smile", "smile rose by {value:.2f} standard deviations, asked was a rise of"),
        ((0.5,), {}, "smile", "The right way, and {missing:.2f} too little"),
        ((-1.0,), {}, "smile", "the wrong way, {missing:.2f} from what was asked"),
        ((1.0,), {"by": -1.0}, "smile", "the wrong way, {missing:.2f} from what was asked"),
        ((), {}, "smile", "Nothing has been moved"),
        ((0, 0, -1.2), {}, "smile", "smile did not change"),
        ((0.1, 0, -1.2), {}, "smile", "no more than random moves as long do ({chance:.2f})"),
        ((1.2, -0.8), {}, "width", "width fell by {size:.2f} standard deviations, allowed were"),
        ((1.2, -0.8), {}, "width", "{over:.2f} too much"),
        ((5.0,), {}, "typicality", "the latent is rarer than any of 400"),
    ],
)
def test_the_message_says_by_how_much_what_falls_short(
    amounts: tuple[float, ...], options: dict[str, Any], name: str, said: str
) -> None:
    found = graded(answer(*amounts), **options)
    one = found[name]
    expected = said.format(
        value=one.value,
        size=abs(one.value),
        chance=one.chance,
        missing=abs(one.limit - one.value),
        over=abs(one.value) - one.limit,
    )
    assert [other.name for other in found.numbers if not other.passed] == [name]
    assert expected in found.message
    assert found.message.splitlines()[1] == f"- not yet: {one.words}"
    with pytest.raises(lw.CheckFailedError) as failed:
        found.raise_if_failed()
    assert isinstance(failed.value, AssertionError)
    assert str(failed.value) == found.message
    # It tells where to look, and not what to do.
    assert not [way for way in AXES.names if way in found.message]


def test_numbers_are_written_with_as_many_digits_as_tell_them_apart() -> None:
    near = target_number("smile", 0.998, 1.0, 0.1, True)
    assert "smile rose by 0.998 standard deviations, asked was a rise of at least 1.000." in (
        near.words
    )
    assert "0.002 too little" in near.words
    edge = target_number("smile", np.nextafter(-1.0, 0), -1.0, None, True).words
    assert "at least 1.0000000000000000." in edge
    assert "0.0000000000000001 too little" in edge
    assert "rose by 1.00 standard" in target_number("smile", 1.002, 1.0, 0.1, True).words
    leak = leakage_number("width", -0.5004, 0.5, None)
    assert "fell by 0.5004 standard deviations, allowed were 0.5000 either way" in leak.words
    assert "0.0004 too much" in leak.words
    small = leakage_number("width", 0.004, 0.001, None).words
    assert "rose by 0.004 standard deviations, allowed were 0.001 either way. 0.003 too" in small
    page = CheckResult((near, leak), None)._repr_html_()
    for text in ("0.998", "at least 1.000", "−0.5004", "at most 0.5000 either way"):
        assert f">{text}</td>" in page
    rare = graded(answer(0.5, 0, -3.4))["typicality"]
    level = rare.value + 0.00002
    words = graded(answer(0.5, 0, -3.4), typicality=level)["typicality"].words
    assert f"than {100 * level:.3f} %, and it is more so than {100 * rare.value:.3f} %" in words
    same = graded(answer(0.5, 0, -3.4), typicality=rare.value)["typicality"]
    assert not same.passed
    assert f"and it is no more so than {100 * rare.value:.1f} %" in same.words


@pytest.mark.parametrize("by", [1.0, -1.0])
@pytest.mark.parametrize("change", [0.0, -0.004, 0.004])
@pytest.mark.parametrize("chance", [None, 0.1])
def test_what_did_not_change_goes_no_way(by: float, change: float, chance: float | None) -> None:
    words = target_number("smile", change, by, chance, True).words
    assert words.startswith("smile did not change, asked was")
    assert "too little" in words
    assert "way" not in words


def test_no_measure_is_called_what_another_number_is() -> None:
    named = {"typicality": MEASURES["smile"], "width": MEASURES["width"]}
    for target in named:
        with pytest.raises(lw.LatentValueError, match="a measure is called 'typicality'"):
            lw.check(answer(1.5), SPACE, target, named)


def test_limits_are_reached_from_both_sides() -> None:
    value = graded(answer(1.2))["smile"].value
    assert graded(answer(1.2), by=value).passed
    assert not graded(answer(1.2), by=np.nextafter(value, 2)).passed
    leak = graded(answer(1.2, -0.8))["width"].value
    assert graded(answer(1.2, -0.8), leakage={"width": -leak}).passed
    assert not graded(answer(1.2, -0.8), leakage=np.nextafter(-leak, 0)).passed
    assert graded(answer(1.2, -0.8), leakage=None).passed
    assert graded(answer(5.0), typicality=None).passed
    assert graded(answer(-1.2), by=-1).passed


def test_nobody_is_blamed_for_a_start_that_is_rare_itself() -> None:
    far = np.array([0, 0, 5, 0], np.float32)
    away = graded(answer(1.2, start=far), start=far)
    assert away["typicality"].limit < 0.05
    back = graded(answer(1.2, 0, -0.5, start=far), start=far)
    assert back["typicality"].passed
    assert "no rarer than the latent that it starts from" in back.message
    near = np.array([0, 0, 2.5, 0], np.float32)
    assert not graded(answer(1.2, 0, 2.5, start=near), start=near)["typicality"].passed


def test_a_start_rarer_than_all_may_not_be_moved_further_out() -> None:
    far = np.array([0, 0, 5, 0], np.float32)
    options: dict[str, Any] = {"start": far, "leakage": None}
    judge = lw.analysis.Typicality().fit(ORDINARY)
    ends = far + np.array([[0, 500, 0, 0], [1.2, 0, -0.1, 0], [1.2, 0, 0, 0]], np.float32)
    report = judge.report(np.concatenate([far[None], ends]))
    assert set(report.p_values) == {1 / 401}  # which cannot tell them apart
    outs = np.max([one.how_far_out for one in report.tests], axis=0)
    found = graded(answer(1.2, 500, start=far), **options)["typicality"]
    assert not found.passed
    assert f"It is {outs[1]:.2f} times as far out as the end of what is ordinary" in found.words
    assert f"that it starts from {outs[0]:.2f} times. Asked was no further." in found.words
    assert not graded(answer(1.2, start=far), **options)["typicality"].passed
    assert graded(answer(1.2, 0, -0.4, start=far), **options)["typicality"].passed
    assert graded(answer(start=far), **options)["typicality"].passed
    # Of several latents the one that goes further out is told of.
    both = np.stack([START, far])
    found = graded(answer(1.2, start=both), start=both, leakage=None)["typicality"]
    assert not found.passed
    assert "Asked was no further" in found.words


def test_a_typicality_of_ones_own_judges() -> None:
    strict = lw.analysis.Typicality(level=0.9).fit(ORDINARY)
    found = graded(answer(1.5, -1.0), typicality=strict)
    assert 0.05 < found["typicality"].value < 0.9
    assert not found["typicality"].passed
    assert graded(answer(1.5, -1.0))["typicality"].passed
    prior = lw.LatentSpace(curves, SIZE, kind="curve", encode=encode)
    found = graded(answer(1.5, space=prior), space=prior)
    judge = lw.analysis.Typicality(prior=prior)
    end = (START + np.array([1.5, 0, 0, 0])).astype(np.float32)
    assert found["typicality"].value == judge.report(end[None]).p_values[0]


def test_of_several_latents_the_mean_change_and_the_rarest_are_judged() -> None:
    starts = np.stack([START, START + np.float32(2.5)])
    found = graded(answer(1.5, start=starts), start=starts)
    ends = starts + np.array([1.5, 0, 0, 0])
    change = (np.tanh(ends / 4) - np.tanh(starts / 4))[:, 0].mean() / UNITS[0]
    assert found["smile"].value == pytest.approx(change, rel=1e-4)
    report = lw.analysis.Typicality().fit(ORDINARY).report(ends.astype(np.float32))
    assert found["typicality"].value == report.p_values.min()
    with pytest.raises(lw.LatentValueError, match="starts from 2 latents; expected 1"):
        graded(answer(1.5, start=starts))


def test_what_rises_in_one_latent_does_not_make_up_for_what_falls_in_another() -> None:
    starts = np.zeros((2, SIZE), np.float32)
    starts[:, 1] = -1.5, 1.5
    edit = Edit(starts, AXES, absolute=True)
    recipe = recipe_of(SPACE, edit, (1.2, 0.0, *edit.origin[2:]))
    found = graded(recipe, start=starts)
    size = np.tanh(1.5 / 4) / UNITS[1]
    assert found["width"].value == pytest.approx(size, rel=1e-4)
    assert not found["width"].passed
    assert f"width rose in some and fell in others, by {size:.2f} standard" in found.message
    # Chance likewise: what random moves do to the square of it has the sign of the latent.
    squares = {"smile": MEASURES["smile"], "square": lambda out: out[:, 0, 1] ** 2}
    sizes = lw.check(recipe, SPACE, "smile", squares, n=400)["square"].chance
    means = lw.check(recipe, SPACE, "square", squares, n=400)["square"].chance
    assert sizes is not None
    assert means is not None
    assert sizes > 1.5 * means
    # Where all fall it is said so.
    fell = graded(answer(1.2, -0.8, start=starts), start=starts)["width"]
    change = (np.tanh((starts[:, 1] - 0.8) / 4) - np.tanh(starts[:, 1] / 4)).mean() / UNITS[1]
    assert fell.value == pytest.approx(change, rel=1e-4)
    assert "width fell by" in fell.words


def test_a_path_starts_at_its_first_anchor() -> None:
    end = START + np.array([1.5, 0, 0, 0], np.float32)
    walk = lw.Interpolator(SPACE, [START, end], method="lerp", value=1.0)
    assert graded(walk.recipe()).passed
    assert not graded(lw.Interpolator(SPACE, [START, end], value=0.1).recipe()).passed
    with pytest.raises(lw.LatentValueError, match="starts elsewhere"):
        graded(lw.Interpolator(SPACE, [end, START], value=0.0).recipe())


def test_a_teacher_says_which_recipes_count() -> None:
    end = START + np.array([1.5, 0, 0, 0], np.float32)
    walk = lw.Interpolator(SPACE, [START, end], method="lerp", value=1.0).recipe()
    assert graded(walk, routes="path").passed
    with pytest.raises(lw.LatentValueError, match=r"of an Interpolator, which .* DirectionEditor"):
        graded(walk, routes=("edit",))
    assert graded(answer(1.5), routes=("edit",)).passed
    with pytest.raises(lw.LatentValueError, match=r"of a DirectionEditor, which .* Interpolator"):
        graded(answer(1.5), routes="path")


def test_a_recipe_that_starts_elsewhere_is_refused() -> None:
    ada, bob = (lw.student_start(SPACE, name, among=ORDINARY) for name in ("ada", "bob"))
    graded(answer(1.5, start=ada), start=ada)
    with pytest.raises(lw.LatentValueError, match=r"starts elsewhere.*lw.student_start"):
        graded(answer(1.5, start=bob), start=ada)
    rounded = ada + np.float32(1e-5) * np.abs(ada).max()
    graded(answer(1.5, start=rounded), start=ada)  # as another machine encodes it
    graded(answer(1.5, start=bob), start=None)
    # One large number does not hide what was done to the others.
    large, shifted = np.array([[0.5, 0, 3000, 0], [-2.0, 0, 3000, 0]], np.float32)
    graded(answer(1.5, start=large), start=large)
    with pytest.raises(lw.LatentValueError, match="starts elsewhere: .* up to 2.5 from"):
        graded(answer(1.5, start=shifted), start=large)


def test_the_change_is_measured_from_the_start_that_was_given() -> None:
    near = START - np.array([0.0015, 0, 0, 0], np.float32)
    found = graded(answer(1.5, start=near), start=START)["smile"]
    change = (np.tanh((near[0] + 1.5) / 4) - np.tanh(START[0] / 4)) / UNITS[0]
    assert found.value == pytest.approx(change, rel=1e-5)
    still = graded(answer(start=near), start=START)
    assert "Nothing has been moved" in still.message
    assert still["smile"].chance is None


@pytest.mark.parametrize("kind", ["grid", "spot"])
def test_what_starts_nowhere_is_refused(kind: str) -> None:
    if kind == "grid":
        recipe = lw.LatentGrid(SPACE, ORDINARY[:4]).recipe()
    else:
        recipe = lw.LatentMap(SPACE, ORDINARY[:50], index=3).recipe()
    with pytest.raises(lw.LatentValueError, match=f"is of a {kind}, which starts nowhere"):
        graded(recipe)


def test_another_space_is_refused_and_other_versions_are_not() -> None:
    other = SPACE.replace(value_range=(0, 2))
    with pytest.raises(lw.LatentValueError, match="for another space: options"):
        graded(answer(1.5), space=other)
    assert graded(answer(1.5), space=other, allow=("versions", "options")).passed
    wide = lw.LatentSpace(curves, SIZE + 1, kind="curve")
    with pytest.raises(lw.LatentValueError, match="for another space: latent_shape"):
        graded(answer(1.5), space=wide)
    loose = recipe_of(None, Edit(START, AXES), (1.5, 0, 0, 0))
    with pytest.raises(lw.LatentValueError, match="names no space"):
        graded(loose)


@pytest.mark.parametrize("given", [{}, "answer.json", None, START, answer(1.0).to_json()])
def test_what_is_no_recipe_is_refused_with_the_way_to_one(given: Any) -> None:
    with pytest.raises(lw.LatentTypeError, match=r"expected a Recipe: .*lw.load\(path\)"):
        graded(given)


def test_outputs_that_are_no_numbers_name_the_latent_that_gives_them() -> None:
    def breaks(latents: np.ndarray) -> np.ndarray:
        return np.where(latents[:, :1] > 6, np.nan, np.tanh(latents / 4))

    space = lw.LatentSpace(breaks, SIZE, kind="curve", data=ORDINARY)
    with pytest.raises(lw.DecodeError, match="that the recipe leads to cannot be measured: .*NaN"):
        graded(answer(7.0, space=space), space=space)
    # Where only random moves break, an answer is judged, and chance is not known.
    steep = np.array([5.9, 0, 0, 0], np.float32)
    recipe = answer(0.0, 6.0, space=space, start=steep)
    found = graded(recipe, space=space, start=steep)
    assert found["smile"].chance is None
    assert "What chance gives is not known: a random move" in found.warning


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (lambda out: out, "'smile' returned shape .* expected one number each"),
        (lambda out: 1.0, "'smile' returned 1.0 for 1 outputs; expected one number each"),
        (lambda out: out[:, 5], "'smile' failed: IndexError"),
        (lambda out: out[:, 0, 0] * np.nan, "the numbers of 'smile'"),
        (lambda out: np.ones(len(out)), "'smile' is 1 of all 400 ordinary outputs.*latents="),
        (3, "the measure 'smile' is 3; expected a direction, or a function"),
    ],
)
def test_a_measure_that_measures_nothing_is_refused(measure: Any, said: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=said):
        lw.check(answer(1.5), SPACE, "smile", {"smile": measure}, n=400)


def test_readouts_need_an_encoder() -> None:
    space = lw.LatentSpace(curves, SIZE, kind="curve")
    with pytest.raises(lw.LatentValueError, match="does not encode"):
        lw.check(answer(1.5, space=space), space, "way 0", AXES)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": 0}, "by is 0"),
        ({"by": np.nan}, "by is nan"),
        ({"by": "1"}, "by is '1'"),
        ({"leakage": -1}, "leakage is -1"),
        ({"leakage": {"widht": 1}}, "leakage has too much or too little.*'width'"),
        ({"typicality": 2}, "typicality is 2"),
        ({"typicality": lw.analysis.Typicality()}, "was not fitted"),
        ({"start": START[:3]}, "start"),
        ({"latents": ORDINARY[:1]}, "one latent alone"),
        ({"conditions": {"class": 1}}, "class"),
        ({"allow": "everything"}, "allow"),
        ({"routes": "grid"}, "routes is 'grid'"),
        ({"routes": 3}, "routes is 3"),
        ({"routes": ()}, "routes is empty"),
        ({"strat": START}, "Did you mean 'start'"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=said):
        graded(answer(1.5), **options)
    with pytest.raises(lw.LatentValueError, match=r"target is 'smiles'.*'smile'"):
        lw.check(answer(1.5), SPACE, "smiles", MEASURES)


def test_what_a_condition_changes_does_not_count_as_moved() -> None:
    def bent(latents: np.ndarray, lift: np.ndarray) -> np.ndarray:
        drawn: np.ndarray = np.tanh(latents / 4) + np.asarray(lift)[:, None]
        return drawn

    space = lw.LatentSpace(
        bent, SIZE, kind="curve", data=ORDINARY, conditions={"lift": (0.0, -9.0, 9.0)}
    )
    editor = lw.DirectionEditor(space, START, AXES, conditions={"lift": 5.0})
    options: dict[str, Any] = {"space": space}
    assert graded(editor.recipe(), **options)["smile"].value == pytest.approx(0, abs=1e-6)
    assert graded(editor.recipe(), **options, conditions={"lift": 5.0})
    with pytest.raises(lw.LatentValueError, match="under another 'lift' than was asked for: 5.0"):
        graded(editor.recipe(), **options, conditions={"lift": 1.0})


def test_a_teacher_is_warned_of_what_says_little() -> None:
    assert graded(answer(1.5)).warning is None
    assert "A random move as long" in graded(answer(1.5), by=0.2).warning
    labels = {"smile": ORDINARY[:, 0]}
    found = lw.probe_directions(ORDINARY, labels, shuffles=0, bootstraps=0)
    recipe = recipe_of(SPACE, Edit(START, found), (1.5,))
    assert "shares their errors" in str(lw.check(recipe, SPACE, "smile", found).warning)


def test_a_result_is_frozen_and_can_be_written() -> None:
    names = {"<b>smile": MEASURES["smile"], "width": MEASURES["width"]}
    found = lw.check(answer(1.5), SPACE, "<b>smile", names, start=START)
    with pytest.raises(FrozenInstanceError):
        found.warning = "none"  # type: ignore[misc]
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["passed"] is True
    assert written["message"] == str(found)
    assert written["numbers"][0]["value"] == found["<b>smile"].value
    page = found._repr_html_()
    assert "<b>smile" not in page
    assert "&lt;b&gt;smile" in page
    assert page.count("<tr>") == 4
    with pytest.raises(lw.LatentWidgetsError, match="Did you mean 'width'"):
        found["widht"]


def test_the_same_answer_gets_the_same_numbers() -> None:
    recipe = answer(1.5, 0.2)
    again = lw.Recipe.from_json(recipe.to_json())
    assert graded(recipe).to_dict() == graded(again).to_dict()


def test_students_start_where_their_names_say_on_any_machine() -> None:
    numbered = np.arange(1000, dtype=np.float32).reshape(-1, 1)
    space = lw.LatentSpace(np.tanh, 1, kind="curve")
    rows = [int(lw.student_start(space, name, among=numbered)[0]) for name in ("ada", "bob", 7)]
    assert rows == [863, 618, 298]
    assert lw.student_start(space, " ADA ", among=numbered) == rows[0]
    assert lw.student_start(space, "7", among=numbered) == rows[2]
    many = [int(lw.student_start(space, i, among=numbered[:10])[0]) for i in range(500)]
    assert np.bincount(many, minlength=10).min() > 25
    drawn = lw.student_start(SPACE, "ada")
    assert drawn.dtype == np.float32
    assert drawn.shape == (SIZE,)
    np.testing.assert_array_equal(drawn, lw.student_start(SPACE, "Ada"))
    assert (drawn != lw.student_start(SPACE, "bob")).all()


@pytest.mark.parametrize("student", [None, "", "  ", True, 1.5, b"ada", ["ada"]])
def test_what_is_no_student_is_refused(student: Any) -> None:
    with pytest.raises(lw.LatentWidgetsError, match="what the student is called"):
        lw.student_start(SPACE, student)


def test_there_must_be_latents_to_choose_from() -> None:
    with pytest.raises(lw.LatentValueError, match="among"):
        lw.student_start(SPACE, "ada", among=np.zeros((0, SIZE)))
    with pytest.raises(lw.LatentValueError, match="among"):
        lw.student_start(SPACE, "ada", among=np.zeros((5, SIZE + 1)))
