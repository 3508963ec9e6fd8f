"""What `make fuzz` has found: wrong arguments are refused in words of this package."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import torch
import traitlets

import latentwidgets as lw
from latentwidgets.common.wording import brief
from latentwidgets.engine.answers import words_of
from tests.unit.page import Page, array_in, state_of

LATENTS = np.random.default_rng(0).normal(size=(24, 6)).astype(np.float32)
PICTURES = np.zeros((24, 4, 4), np.uint8)
FOUND = lw.pca_directions(LATENTS, 2)
TABLE = pd.DataFrame({"a": [1, 2], "b": [3, 4]})  # which is neither equal nor unequal to anything
TAKES_TABLE: dict[str, Callable[..., Any]] = {
    "count": partial(lw.analysis.clusters, np.zeros((9, 2))),
    "latent_shape": partial(lw.as_space, lw.adapters.Retrieval(np.eye(2), ["a", "b"])),
    "run": partial(lw.explore, lw.LatentSpace(np.square, 4, value_range=(0, 1))),
    "encode_shape": partial(lw.as_space, torch.nn.Linear(3, 64)),
    "image_shape": partial(lw.as_space, torch.nn.Linear(3, 64)),
}
HUGE = 10**5000  # which Python refuses to write in digits


class Unreadable:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise KeyError("k")


class Unspeakable:
    def __repr__(self) -> str:
        raise ZeroDivisionError("no words")

    def __iter__(self) -> Any:
        raise ZeroDivisionError("no items")


def failing() -> Iterator[str]:
    yield "a"
    raise ZeroDivisionError("no more items")


def space() -> lw.LatentSpace:
    return lw.as_space(
        lambda z: 0.5 + 0.1 * z[:, :4, None] * np.ones(4), latent_shape=6, value_range=(0, 1)
    )


def curves() -> lw.LatentSpace:
    return lw.as_space(lambda z: z @ np.ones((6, 16)), latent_shape=6, kind="curve")


def set_on(make: Callable[[], Any], name: str, value: Any) -> Callable[[], Any]:
    return lambda: setattr(make(), name, value)


def walk() -> lw.Interpolator:
    return lw.Interpolator(space(), LATENTS[:2])


def editor() -> lw.DirectionEditor:
    return lw.DirectionEditor(space(), LATENTS[0], FOUND)


def explorer() -> lw.LatentExplorer:
    return lw.explore(space(), LATENTS, parts=["grid", "editor"])


PATH = lw.Path(LATENTS[:2])
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "words of a number": (lambda: PATH.words(0.5), "positions have shape (1,)"),  # type: ignore[arg-type]
    "latents at numbers": (lambda: PATH.latents([0.5]), "positions have shape (1,)"),  # type: ignore[list-item]
    "latents at texts": (lambda: PATH.latents("ab"), "positions holds"),  # type: ignore[arg-type]
    "t that is unreadable": (
        lambda: PATH(Unreadable()),
        "t is a Unreadable that NumPy cannot read",
    ),
    "words of no place": (lambda: PATH.words(()), "positions have shape (1, 0)"),
    "cells of several lengths": (
        set_on(lambda: lw.LatentGrid(space(), LATENTS), "selection", [[1, 2], [3]]),
        "selection are no array",
    ),
    "a place of no words": (
        set_on(lambda: lw.LatentGrid(space(), LATENTS), "value", Unspeakable()),
        "value is <Unspeakable",
    ),
    "parts of no words": (
        lambda: lw.explore(space(), LATENTS, parts=[Unspeakable()]),  # type: ignore[list-item]
        "parts are [<Unspeakable",
    ),
    "a place of many numbers": (
        set_on(lambda: lw.LatentMap(None, LATENTS), "value", [0.5] * 1000),
        "value is [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, ...]",
    ),
    "a mock": (lambda: lw.pca_directions(mock.MagicMock()), "latents"),
    **{
        f"a table as {name}": (partial(call, **{name: TABLE}), f"{name} is ")
        for name, call in TAKES_TABLE.items()
    },
    "a mock as a prior": (
        lambda: lw.analysis.Typicality(prior=mock.MagicMock()).fit(),
        "samples of the prior",
    ),
    "41 axes": (
        lambda: lw.lerp(np.ones((1,) * 41), np.ones((1,) * 41), 0),
        "they do not broadcast",
    ),
    "latent_ndim without digits": (
        lambda: lw.slerp(LATENTS, LATENTS, 0, latent_ndim=HUGE),
        "latent_ndim is <int>",
    ),
    "headings that are a number": (
        lambda: lw.LatentGrid(space(), LATENTS, row_names=1),  # type: ignore[arg-type]
        "row_names are 1; expected texts",
    ),
    "layers without items": (
        lambda: lw.as_space(lambda z: z, latent_shape=(3, 8), layers=failing()),
        "layers are <generator",
    ),
    "a place without items": (
        set_on(lambda: lw.LatentMap(None, LATENTS), "value", failing()),
        "value is <generator",
    ),
    "tokens without items": (lambda: lw.Tokens(failing()), "pairs is <generator"),  # type: ignore[arg-type]
    "curves without items": (set_on(editor, "curves", Unspeakable()), "curves are <Unspeakable"),
    "curves of no axes": (set_on(editor, "curves", np.array(1.0)), "curves are array(1.)"),
    "items of no axes": (
        lambda: lw.adapters.Retrieval(LATENTS, np.array("a")),
        "items are array('a', dtype='<U1'); expected one entry for each latent",
    ),
    "names without items": (
        lambda: lw.LatentGrid.table(space(), LATENTS[:2], FOUND[0], names=Unspeakable()),
        "names are <Unspeakable",
    ),
    "a direction that is an array": (
        lambda: lw.LatentGrid.table(space(), LATENTS[:2], LATENTS[0]),
        "direction is a ndarray",
    ),
    "directions that are a number": (
        lambda: lw.LatentGrid.traversals(space(), LATENTS[0], 5),  # type: ignore[arg-type]
        "directions are 5; expected directions",
    ),
    "a method that is a list": (
        lambda: lw.LatentGrid.corners(space(), LATENTS[:4], method=["slerp"]),  # type: ignore[arg-type]
        "method is ['slerp']",
    ),
    "cells without number": (
        lambda: lw.LatentGrid.corners(space(), LATENTS[:4], n=HUGE),
        "n is <int>; expected at most 316",
    ),
    "latents of samples": (
        lambda: lw.LatentGrid.samples(space(), 4, latents=LATENTS),  # type: ignore[call-arg]
        "latents follow from the other arguments",
    ),
    "a layout with a number for a name": (set_on(walk, "layout", {3: 1}), "layout is {3: 1}"),
    "a layout of no words": (set_on(walk, "layout", [Unspeakable()]), "layout is [<Unspeakable"),
    "a layout of many words": (set_on(walk, "layout", "x" * 10**6), "layout is 'xxx"),
    "a part that is an array": (
        set_on(explorer, "grid", np.zeros((24, 6))),
        "grid is array([[0., 0.",
    ),
    "directions in an array": (
        set_on(editor, "directions", torch.ones(2, 6).bfloat16()),
        "directions are an array of shape (2, 6)",
    ),
    "held that has no words": (set_on(editor, "hold", [Unspeakable()]), "hold names <Unspeakable"),
    "held that has no items": (set_on(editor, "hold", Unspeakable()), "hold is <Unspeakable"),
    "a bookmark that is a list": (
        lambda: explorer().history.open(["one"]),
        "there is no bookmark ['one']",
    ),
    "rows of several lengths": (
        set_on(lambda: lw.LatentMap(None, LATENTS), "selection", [[1, 2], [3]]),
        "selection is [[1, 2], [3]]",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_in_our_words(what: str) -> None:
    call, words = REFUSED[what]
    with pytest.raises(lw.LatentWidgetsError, match=re.escape(words)) as caught:
        call()
    assert len(str(caught.value)) < 500


def test_what_an_observer_raises_comes_through() -> None:
    """It is the person's own, though another package checks the trait."""
    widget = walk()

    def observe(_change: Any) -> None:
        raise KeyError("k")

    widget.observe(observe, "layout")
    with pytest.raises(KeyError):
        widget.layout = {"width": "50%"}


def test_words_of_other_packages_stay_where_they_are_short() -> None:
    with pytest.raises(lw.LatentTypeError, match="'width' trait of a Layout"):
        walk().layout = {"width": 5}


def test_a_map_whose_place_is_none_begins_at_the_first_latent() -> None:
    assert lw.LatentMap(space(), LATENTS, index=None).index == 0


def test_decodes_that_are_no_images_stand_beside_pictures() -> None:
    chart = lw.LatentMap(curves(), LATENTS, items=PICTURES)
    assert chart.image().size == (4, 4)
    chart.value = (0.5, -0.5)
    assert chart.index is None
    assert chart.image().mode == "RGB"
    assert chart.image().size > (4, 4)


def test_a_value_of_any_kind_is_written_briefly() -> None:
    assert brief(HUGE) == "<int>"
    assert "Unspeakable" in brief([Unspeakable()])


def test_an_answer_is_short_whatever_was_raised() -> None:
    assert len(words_of(ValueError("x" * 10**6))) == 1000
    assert words_of(ValueError(Unspeakable())) == "ValueError"


def test_logs_and_answers_about_state_are_short(caplog: pytest.LogCaptureFixture) -> None:
    class Long(traitlets.TraitType[Any, Any]):
        def validate(self, obj: Any, value: Any) -> Any:
            if value:
                raise traitlets.TraitError("x" * 10**6)
            return value

    class Walk(lw.Interpolator):
        long = Long(0).tag(sync=True)

    Walk(space(), LATENTS[:2]).set_state({"long": 1})
    assert "refused what the page set" in caplog.text
    assert len(caplog.text) < 2000


@pytest.mark.parametrize(
    "given",
    [5, {"a": 1}, {"view": b"", "dtype": "x", "shape": [1]}, state_of(np.array([24], np.uint32))],
    ids=["a number", "a dict", "no dtype", "no such row"],
)
def test_what_a_page_selects_that_is_none_is_taken_back(given: Any) -> None:
    chart = lw.LatentMap(space(), LATENTS, selection=[3, 5])
    ground = Page(chart.comm).child("_ground")
    ground.set(selection=given)
    assert chart.selection.tolist() == [3, 5]
    assert array_in(ground.state["selection"]).tolist() == [3, 5], "the page is told"
    ground.set(selection=state_of(np.array([7], np.uint32)))
    assert chart.selection.tolist() == [7]


def test_a_heading_that_cannot_be_written_is_called_what_it_is() -> None:
    grid = lw.LatentGrid(space(), LATENTS[:2], columns=2, column_names=[Unspeakable(), 2])  # type: ignore[list-item]
    assert "Unspeakable" in grid.grid.columns.names[0]
    assert grid.grid.columns.names[1] == "2"


def test_objects_that_cannot_be_listed_are_told() -> None:
    told = lw.as_space(lambda z: Unspeakable(), latent_shape=6, kind="text")
    with pytest.raises(lw.DecodeError, match="decode returned a Unspeakable; expected a list"):
        told.decode(LATENTS[:2])


def test_a_page_that_selects_none_selects_nothing() -> None:
    chart = lw.LatentMap(space(), LATENTS, selection=[3, 5])
    Page(chart.comm).child("_ground").set(selection=None)
    assert chart.selection.tolist() == []


def test_a_latent_too_far_away_changes_nothing() -> None:
    chart = lw.LatentMap(space(), LATENTS)
    with pytest.raises(lw.LatentValueError, match="spot is"):
        chart.latent = LATENTS[3] * np.float32(1e31)
    assert chart.index == 0
    assert chart.latent.tolist() == LATENTS[0].tolist()


def test_what_somebody_raises_who_watches_a_selection_comes_through() -> None:
    chart = lw.LatentMap(space(), LATENTS)

    def observe(_change: Any) -> None:
        raise KeyError("k")

    chart.observe(observe, "selection")
    with pytest.raises(KeyError):
        Page(chart.comm).child("_ground").set(selection=state_of(np.array([7], np.uint32)))


def test_a_table_of_another_library_breaks_no_message_into_lines() -> None:
    with pytest.raises(lw.LatentTypeError, match=r"^name is <DataFrame>; expected a text\.$"):
        lw.Direction(TABLE, np.ones(4))
