"""Where the latent of a widget stands among ordinary ones, and which of the data are nearest."""

from __future__ import annotations

import gc
import io
import weakref
from typing import Any

import numpy as np
import pytest
from PIL import Image

import latentwidgets as lw
from latentwidgets.common.pieces import outcome
from latentwidgets.engine import Ordinary, ordinary_of
from latentwidgets.engine.standing import standings
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.path import Path
from tests.unit.page import Page

SIZE = 64
RNG = np.random.default_rng(3)


def decode(latents: Any, gain: Any = 1.0) -> Any:
    return np.clip(0.5 + np.reshape(gain, (-1, 1, 1)) * latents.reshape(-1, 8, 8) / 8, 0, 1)


def space_of(**options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(decode, SIZE, **{"kind": "image", "value_range": (0, 1), **options})


def digits_in_rows(count: int = 300) -> Any:
    return RNG.normal(size=(count, SIZE)).astype(np.float32)


def asked(widget: Any, at: list[float], *positions: list[float]) -> dict[str, Any]:
    return Page(widget.comm).asked(type="typicality", at=at, positions=positions)


def test_a_page_is_told_where_latents_stand_among_samples_of_the_prior() -> None:
    space = space_of(prior=lw.NormalPrior(np.ones(SIZE)))
    typical = space.sample(1, seed=99)[0]
    walk = lw.Interpolator(space, [typical, np.ones(SIZE)], method="lerp")
    answer = asked(walk, [0.0], [1.0])
    first, last = answer["places"]
    assert first["test"] == ""
    assert first["words"].startswith("typical: more so than ")
    assert first["words"].endswith(" of 100 samples")
    assert last == {
        **last,
        "test": "whiteness",
        "words": "rarer than any of 10,000: its entries are not independent of each other",
    }
    assert last["p"] == pytest.approx(1 / 10_001)
    assert "dependence of its entries 0.98" in last["details"]
    assert answer["words"] == (
        "Compared with 10,000 samples of the prior; 5 % of these are called rare."
    )


def test_the_middle_of_a_straight_path_is_too_near_the_middle_of_the_space() -> None:
    space = lw.LatentSpace(lambda latents: latents[:, :, None], 400, kind="image")
    walk = lw.Interpolator(space, space.sample(2, seed=99), method="lerp")
    [middle] = asked(walk, [0.5])["places"]
    assert (middle["test"], middle["words"][:16]) == ("norm", "rarer than any o")
    walk.method = "gaussian"
    [middle] = asked(walk, [0.5])["places"]
    assert middle["test"] == ""


def test_a_prior_that_nobody_gave_is_doubted_aloud() -> None:
    walk = lw.Interpolator(space_of(), np.eye(SIZE)[:2])
    assert "a standard normal one, as no other was given" in asked(walk, [0.0])["words"]


def test_it_is_what_the_analysis_says_of_the_data() -> None:
    data = digits_in_rows(500)
    walk = lw.Interpolator(space_of(data=data), [data[0], 3 * data[1]], method="lerp")
    positions = [[t] for t in np.linspace(0, 1, 9)]
    answer = asked(walk, [0.0], *positions)
    latents = walk.path([t for [t] in positions])
    known = lw.analysis.Typicality(most=10_000).fit(data).report(latents)
    np.testing.assert_allclose([one["p"] for one in answer["places"][1:]], known.p_values)
    assert [one["test"] or None for one in answer["places"][1:]] == [*known.failed]
    assert answer["places"][0]["words"].endswith("of 100 of the data")
    assert "500 latents of the data;" in answer["words"]


def test_of_much_data_it_is_told_that_only_a_part_is_compared_with() -> None:
    data = RNG.normal(size=(10_500, 8)).astype(np.float32)
    space = lw.LatentSpace(lambda z: z[:, :4].reshape(-1, 2, 2), 8, value_range=(-3, 3), data=data)
    words = asked(lw.Interpolator(space), [0.0])["words"]
    assert "10,000 latents of the data, of 10,500;" in words


def test_of_several_bases_the_rarest_counts() -> None:
    data = digits_in_rows()
    directions = lw.pca_directions(data, n=2)
    editor = lw.DirectionEditor(space_of(data=data), [data[0], 9 * data[1]], directions)
    [one] = asked(editor, [0.0, 0.0])["places"]
    assert one["words"] == "the rarest of 2: rarer than any of 300: too far from its neighbours"


def test_every_widget_answers() -> None:
    data = digits_in_rows()
    space = space_of(data=data)
    for widget in (
        lw.LatentGrid(space, data[:6]),
        lw.LatentGrid.plane(space, data[0], *lw.pca_directions(data, n=2)),
        lw.LatentMap(space, data),
        lw.LatentMap(None, data),
    ):
        page = Page(widget.comm)
        at = page.state.get("_spot") or page.state["value"]
        answer = page.asked(type="typicality", at=at, positions=[])
        assert [one["p"] > 0 for one in answer["places"]] == [True], widget
        assert "typicality" in page.state["_parts"]


def no_samples(_rng: Any, _n: int) -> Any:
    raise ValueError("no samples")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prior": no_samples}, "no samples"),
        ({"prior": no_samples, "data": digits_in_rows(39)}, "no samples"),
        ({"prior": lambda _rng, n: np.ones((n, SIZE))}, "are the same"),
    ],
)
def test_where_there_is_nothing_to_compare_with_nothing_is_said(options: Any, words: str) -> None:
    walk = lw.Interpolator(space_of(**options), np.eye(SIZE)[:2])
    answer = asked(walk, [0.5], [1.0])
    assert answer["places"] == []
    assert words in answer["words"]


def test_a_slow_prior_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def prior(rng: Any, n: int) -> Any:
        drawn.append(n)
        return rng.normal(size=(n, SIZE))

    monkeypatch.setattr("latentwidgets.engine.ordinary.SLOW_SECONDS", 0.0)
    walk = lw.Interpolator(space_of(prior=prior), np.eye(SIZE)[:2])
    before = sum(drawn)
    assert "take too long" in asked(walk, [0.5])["words"]
    assert sum(drawn) <= before + 3


def test_latents_that_are_too_long_are_not_compared() -> None:
    route = Path(np.zeros((2, 4)), "lerp")
    known = Ordinary(np.zeros((50, 4)), {})
    assert outcome(known.judge(None, (2**20,))) is None
    assert outcome(standings(known, None, route, [(0.0,)])) == []
    assert "too long" in known.fault


def test_all_widgets_of_a_space_share_what_is_fitted_and_let_go_of_it() -> None:
    draws: list[int] = []

    def prior(rng: Any, n: int) -> Any:
        draws.append(n)
        return rng.normal(size=(n, SIZE))

    space = space_of(prior=prior)
    first, second = (lw.Interpolator(space, np.eye(SIZE)[:2]) for _ in range(2))
    asked(first, [0.5])
    fitted = sum(draws)
    assert fitted > 10_000
    asked(second, [0.5])
    assert sum(draws) == fitted
    known = weakref.ref(ordinary_of(space))
    first.close()
    assert known() is not None
    second.close()
    gc.collect()
    assert known() is None


def test_fitting_takes_many_steps_and_anybody_may_take_the_next() -> None:
    known = Ordinary(None, {})
    space = space_of(prior=lw.NormalPrior(np.ones(SIZE)))
    first, second = (known.judge(space, (SIZE,)) for _ in range(2))
    steps = 0
    for _ in first:
        steps += 1
        if steps > 20:
            break  # the page that asked is gone
    assert outcome(second) is not None
    assert steps > 20


# The nearest of the data


def neighbours(widget: Any, at: list[float]) -> tuple[dict[str, Any], list[bytes]]:
    page = Page(widget.comm)
    page.ask(type="neighbours", at=at)
    return page.answer()


def test_the_nearest_are_those_that_the_analysis_finds() -> None:
    digits = lw.demo.digits()
    walk = lw.Interpolator(digits, method="lerp")
    answer, pictures = neighbours(walk, [0.3])
    latent = walk.path(0.3)
    found = lw.analysis.nearest(latent, digits.latents, k=6)
    told = answer["neighbours"]
    assert [one["row"] for one in told] == found.rows[0].tolist()
    np.testing.assert_allclose([one["distance"] for one in told], found.distances[0], rtol=1e-5)
    distances = np.linalg.norm(digits.latents - latent, axis=1)
    assert answer["chance"] == pytest.approx(np.median(distances), rel=1e-5)
    assert (answer["searched"], answer["goes"]) == (1797, False)
    assert [one["label"] for one in told] == [str(digits.labels[row]) for row in found.rows[0]]
    assert len(pictures) == 6


def test_their_pictures_are_decoded_under_the_conditions_of_now() -> None:
    data = digits_in_rows(8)
    space = space_of(data=data, conditions={"gain": (1.0, 0.0, 4.0)})
    walk = lw.Interpolator(space, data[:2])
    for gain in (0.0, 4.0):
        answer, pictures = neighbours(walk, [0.0, gain])
        for one, data_of in zip(answer["neighbours"], pictures, strict=True):
            shown = picture(one["mime"], data_of)
            [expected] = space.decode(data[one["row"]][np.newaxis], {"gain": gain})
            assert np.abs(shown.astype(int) - expected[..., 0]).max() < 40  # some are lossy


def picture(mime: str, data: bytes) -> Any:
    if mime.startswith("image/x-rgba"):
        return np.frombuffer(data, np.uint8).reshape(8, 8, 4)[..., 0]
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def test_fewer_data_are_all_shown_and_none_where_there_are_none() -> None:
    data = digits_in_rows(3)
    answer, _ = neighbours(lw.Interpolator(space_of(data=data)), [0.0])
    assert answer["neighbours"][0]["row"] == 0
    assert len(answer["neighbours"]) == 3
    walk = lw.Interpolator(space_of(), np.eye(SIZE)[:2])
    assert neighbours(walk, [0.0])[0]["neighbours"] == []
    assert Page(walk.comm).state["_neighbours"] == ""


def test_a_map_says_what_it_knows_of_them_and_shows_their_items() -> None:
    data = digits_in_rows(50)
    names = [f"item {i}" for i in range(50)]
    plain = lw.LatentMap(None, data, {"kind": np.arange(50) % 2}, items=names)
    at = Page(plain.comm).state["_spot"]
    answer, pictures = neighbours(plain, at)
    row = answer["neighbours"][1]["row"]
    assert answer["neighbours"][1]["label"] == f"kind {row % 2}, item {row}"
    assert pictures == [b""] * 6
    numbers = lw.LatentMap(None, data, {"n": np.arange(50) / 7, "version": ["1.10", "1.1"] * 25})
    answer, _ = neighbours(numbers, Page(numbers.comm).state["_spot"])
    for one in answer["neighbours"]:
        version = ("1.10", "1.1")[one["row"] % 2]
        assert one["label"] == f"n {one['row'] / 7:.3g}, version {version}"
        assert one["whole"] == f"n {one['row'] / 7:.6g}, version {version}"
    items = [np.full((8, 8), i, np.uint8) for i in range(50)]
    shown = lw.LatentMap(None, data, items=items)
    answer, pictures = neighbours(shown, Page(shown.comm).state["_spot"])
    for one, data_of in zip(answer["neighbours"], pictures, strict=True):
        assert abs(int(picture(one["mime"], data_of)[4, 4]) - one["row"]) < 4


def test_a_page_goes_to_one_of_them() -> None:
    data = digits_in_rows(50)
    space = space_of(data=data)
    editor = lw.DirectionEditor(space, data[0], lw.pca_directions(data, n=2), value={"PC 1": 1})
    assert Page(editor.comm).asked(type="visit", row=7)["type"] == "visit"
    assert np.array_equal(editor.base, data[7])
    assert [*editor.value.values()] == [0.0, 0.0]
    chart = lw.LatentMap(space, data)
    page = Page(chart.comm)
    page.say({"type": "visit", "client": "p", "seq": 1, "route": page.state["_route"], "row": 9})
    assert chart.index == 9


def test_where_it_cannot_go_it_says_why() -> None:
    data = digits_in_rows(50)
    space = space_of(data=data)
    editor = lw.DirectionEditor(space, data[0], lw.pca_directions(data, n=2))
    refused = Page(editor.comm).asked(type="visit", row=50)
    assert refused["message"] == "there is no latent 50; expected one below 50."
    walk = lw.Interpolator(space)
    assert "cannot go there" in Page(walk.comm).asked(type="visit", row=1)["message"]


def test_a_generator_is_drawn_to_its_end() -> None:
    def develop(latents: Any) -> Any:
        for share in (0.2, 1.0):
            yield share * decode(latents)

    data = digits_in_rows(8)
    space = lw.LatentSpace(develop, SIZE, value_range=(0, 1), data=data)
    answer, pictures = neighbours(lw.Interpolator(space), [0.0])
    [expected] = space.decode(data[answer["neighbours"][0]["row"]][np.newaxis])
    shown = picture(answer["neighbours"][0]["mime"], pictures[0])
    assert np.abs(shown.astype(int) - expected[..., 0]).max() < 40


def test_an_explorer_compares_all_parts_with_one_set_of_data() -> None:
    digits = lw.demo.digits()
    explorer = lw.explore(
        digits.space, digits.latents[:200], digits.labels[:200], lw.axis_directions(digits.space)
    )
    page = Page(explorer.comm)
    for name in ("path", "grid"):
        part = page.child(name)
        part.ask(type="neighbours", at=[0.0] if name == "path" else [0.0, 0.0])
        answer = part.answer()[0]
        assert answer["searched"] == 200
        assert answer["neighbours"][0]["label"] in "0123456789"
    explorer.close()


def test_a_widget_that_is_closed_before_the_fit_is_done_lets_go_of_its_model() -> None:
    space = lw.LatentSpace(lambda z: z, 8, kind="curve", prior=lw.NormalPrior(np.ones(8)))
    known = ordinary_of(space)
    steps, gone = known.judge(space, (8,)), weakref.ref(space)
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            next(steps)
        steps.close()
        del known, steps, space
        assert gone() is None
    finally:
        gc.enable()


def test_the_rarest_of_several_ordinary_ones_is_ordinary() -> None:
    rng = np.random.default_rng(0)
    space = lw.LatentSpace(lambda z: z, 8, kind="curve", prior=lw.NormalPrior(np.ones(8)))
    known = ordinary_of(space)
    odd = 0
    for _ in range(40):
        bases = rng.standard_normal((16, 8)).astype(np.float32)
        route = Edit(bases, lw.Directions([lw.Direction("x", np.eye(8)[0])]))
        [found] = outcome(standings(known, space, route, [tuple(route.origin)]))
        odd += found["test"] != ""
    assert odd <= 8, "more than one in twenty, far beyond chance"


def test_what_fails_while_it_is_fitted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any, **_how: Any) -> Any:
        raise np.linalg.LinAlgError("no decomposition")
        yield

    monkeypatch.setattr("latentwidgets.analysis.typicality.typicality_steps", failing)
    known = ordinary_of(None, np.zeros((99, 3), np.float32))
    assert outcome(known.judge(None, (3,))) is None
    assert known.fault == "no decomposition"


def test_what_is_missing_to_compare_with_is_said_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    few = np.zeros((10, 3), np.float32)
    monkeypatch.setattr("latentwidgets.engine.ordinary.SLOW_SECONDS", 0)
    way = "To compare with latents of your own, pass 40 or more: as_space(..., data=latents)."
    for space, data, words in [
        (None, None, "there is no space to draw samples of"),
        (None, few, "there is no space to draw samples of; there are 10 data, too few to compare"),
        (space_of(), None, "samples take too long to draw here"),
        (space_of(), few, "samples take too long to draw here; there are 10 data, too few"),
    ]:
        known = ordinary_of(space, data)
        assert outcome(known.judge(space, (3,))) is None
        assert known.fault.startswith(words)
        assert known.fault.endswith(way)
