"""What the DirectionEditor tells the page, and what it answers."""

from __future__ import annotations

import gc
import time
import weakref
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.directions import Direction, Evidence
from latentwidgets.routes.edit import Edit
from tests.unit.editors import DATA, DIRECTIONS, make, moved
from tests.unit.page import Page


@pytest.mark.parametrize("mode", ["relative", "absolute"])
@pytest.mark.parametrize("hold", [(), ("age",)])
def test_the_page_can_work_out_the_readings(mode: str, hold: tuple[str, ...]) -> None:
    widget = make(base=DATA[:3], mode=mode, hold=hold)
    widget.value = {"PC 1": 1.25, "smile": -0.5, "age": 0.75}
    amounts = np.array(list(widget.value.values()))
    expected = [one.measure(widget.latent, standardized=True) for one in DIRECTIONS]
    told = Page(widget.comm).state
    steps = np.where(amounts == told["_origin"], 0, amounts - told["_starts"])
    shown = np.array(told["_readings"]) + steps @ np.array(told["_gains"]).T
    np.testing.assert_allclose(shown.T, expected, atol=1e-5)


def test_a_slider_reaches_as_far_as_the_data_and_the_value() -> None:
    widget = make()
    told = Page(widget.comm).state
    low, high = DIRECTIONS["age"].limits
    assert told["_ranges"][3] == [low, high]
    widget.value = {"age": 40}
    assert told["_ranges"][3] == [low, 40]
    widget.value = {"age": 0.5}
    assert told["_ranges"][3] == [low, 40], "a slider does not shrink under the thumb"
    widget.value = {}
    assert told["_ranges"][3] == [low, high]


def test_routes_are_named_by_what_they_are() -> None:
    widget = make()
    told = Page(widget.comm).state
    route = told["_route"]
    for name, value, back in [
        ("hold", ["smile"], ()),
        ("mode", "absolute", "relative"),
        ("base", DATA[4], DATA[3]),
        ("directions", DIRECTIONS[:2], DIRECTIONS),
    ]:
        setattr(widget, name, value)
        assert told["_route"] != route, name
        setattr(widget, name, back)
        assert told["_route"] == route == Page(make().comm).state["_route"], name


def test_rows_tell_the_evidence() -> None:
    warned = Direction(
        "doubt",
        np.ones(5),
        evidence=Evidence(score=0.51, score_name="balanced accuracy", warning="chance"),
    )
    rows = Page(make(directions=DIRECTIONS + [warned]).comm).state["_rows"]
    assert rows[0]["badge"].endswith("%")
    assert "share of variance" in rows[0]["note"]
    assert rows[4]["badge"] == "acc 0.51"
    assert rows[4]["warning"] == "chance"
    for words in ("balanced accuracy", "±", "chance", "p ", "stability"):
        assert words in rows[2]["note"]


def test_the_bundle_says_what_it_shows() -> None:
    sharp = [DIRECTIONS["age"].replace(name='<i>"a"</i>')]
    data, _ = make(directions=sharp, value={'<i>"a"</i>': 1.5})._repr_mimebundle_()
    assert "&lt;i&gt;&quot;a&quot;&lt;/i&gt; +1.5 σ" in data["text/html"]
    assert "<i>" not in data["text/html"]


def test_what_the_page_may_not_set_is_told_and_taken_back() -> None:
    twin = DIRECTIONS["smile"].replace(name="twin")
    widget = make(directions=DIRECTIONS + [twin])
    page = Page(widget.comm)
    page.set(value={**widget.value, "smile": 1})
    assert widget.value["smile"] == 1
    assert page.messages == []
    page.set(hold=["smile", "twin"])
    assert widget.hold == ()
    assert page.state["hold"] == []
    content, _ = page.answer()
    assert (content["of"], content["type"]) == ("state", "error")
    assert "cannot all be held still" in content["message"]


def test_questions_carry_one_number_a_direction() -> None:
    widget = make(base=DATA[:2])
    page = Page(widget.comm)
    page.ask(at=[0.5, 0, 0, 1])
    content, buffers = page.answer()
    assert content["frames"][0]["at"] == [0.5, 0.0, 0.0, 1.0]
    assert abs(content["sent"] - 1000 * time.time()) < 60_000
    assert len(buffers) == 1
    assert page.asked(at=[])["frames"][0]["at"] == [], "the picture before the edit"
    assert widget.value["PC 1"] == 0
    names: dict[str, Any] = {}
    exec(page.asked(type="latent", at=[0, 0, 0, 1])["text"], names)
    np.testing.assert_allclose(names["latent"], moved(DATA[:2], {"age": 1}), rtol=1e-5)


@pytest.mark.parametrize("at", [[0.5], [0, 0, 0, 1e9], [0, 0, 0, "x"], [0] * 5])
def test_garbage_from_the_page_is_refused(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    widget = make()
    logged: list[str] = []
    monkeypatch.setattr(widget.log, "warning", lambda text, *args: logged.append(text % args))
    Page(widget.comm).ask(at=at)
    assert "refused a message" in logged[0]


def test_strips_batch_over_positions_and_bases() -> None:
    widget = make(base=DATA[:4])
    page = Page(widget.comm)
    page.ask(type="strip", positions=[[x / 8, 0, 0, 0] for x in range(8)])
    frames: list[Any] = []
    while len(frames) < 8:
        frames += page.answer()[0]["frames"]
    assert max(widget.space.decoder.batches) > 4
    assert all(size % 4 == 0 for size in widget.space.decoder.batches)


def test_closing_frees_decoder_and_latents() -> None:
    kept = []
    for _ in range(5):
        widget = make(base=DATA[:4])
        page = Page(widget.comm)
        page.ask(type="strip", positions=[[x / 8, 0, 0, 0] for x in range(8)])
        page.asked(at=[0.5, 0, 0, 0])
        kept += [weakref.ref(widget.space.decoder), weakref.ref(widget.base)]
        widget.close()
    with pytest.raises(lw.LatentWidgetsError, match="closed"):
        widget.image()
    with pytest.raises(lw.LatentWidgetsError, match="closed"):
        widget.value = {"smile": 1}
    del widget, page
    deadline = time.monotonic() + 20
    while any(ref() is not None for ref in kept):
        gc.collect()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    "asked",
    [{"at": [1, 0, 0, 0]}, {"type": "strip", "positions": [[1, 0, 0, 0]]}, {"type": "latent"}],
)
def test_a_question_about_directions_that_were_replaced_is_stale(asked: dict[str, Any]) -> None:
    widget = make()
    page = Page(widget.comm)
    name = page.state["_route"]
    widget.directions = DIRECTIONS[:2]
    assert page.asked(route=name, **asked)["type"] == "stale"


def test_a_latent_is_of_the_edit_that_the_question_is_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    widget = make()
    page, expected = Page(widget.comm), widget.latent
    latents = Edit.latents

    def changed(edit: Edit, amounts: Any) -> Any:
        monkeypatch.undo()
        widget.base = DATA[5]
        return latents(edit, amounts)

    monkeypatch.setattr(Edit, "latents", changed)
    name = page.state["_route"]
    content = page.asked(type="latent", at=[0, 0, 0, 0])
    assert content["route"] == name != page.state["_route"]
    names: dict[str, Any] = {}
    exec(content["text"], names)
    np.testing.assert_array_equal(names["latent"], np.ravel(expected))


def test_an_edit_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = make()
    made: list[Edit] = []
    make_edit = Edit.__init__

    def counted(edit: Edit, *args: Any, **options: Any) -> None:
        made.append(edit)
        make_edit(edit, *args, **options)

    monkeypatch.setattr(Edit, "__init__", counted)
    for amount in range(5):
        widget.value = {"smile": amount}
    assert not made
    widget.base = DATA[5]
    assert len(made) == 1


def test_enlarged_pictures_are_smooth_where_somebody_wants_it() -> None:
    space = lw.LatentSpace(lambda z: np.tile([[0.0, 1.0], [1.0, 0.0]], (len(z), 1, 1)), 5)
    widget = make(space=space.replace(value_range=(0, 1)))
    assert set(np.unique(widget.image(size=64))) == {0, 255}
    assert "pixelated" in widget._repr_mimebundle_()[0]["text/html"]
    Page(widget.comm).set(smooth=True)
    assert len(np.unique(widget.image(size=64))) > 10
    assert "pixelated" not in widget._repr_mimebundle_()[0]["text/html"]
    with pytest.raises(lw.LatentTypeError, match="expected True or False"):
        widget.smooth = 1


def test_all_pictures_of_an_explorer_are_smooth_or_none() -> None:
    explorer = lw.explore(lw.demo.digits(), parts=["grid", "editor", "path"])
    explorer.editor.smooth = True
    assert [part.smooth for part in explorer.parts.values()] == [True] * 3
    explorer.path.smooth = False
    assert [part.smooth for part in explorer.parts.values()] == [False] * 3
