"""Films and pages that a person saves from a widget's menu: as `save_animation` makes them."""

from __future__ import annotations

import faulthandler
import io
import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from latentwidgets.common.wanted import check_wanted
from latentwidgets.export import animation, saved_page
from latentwidgets.export.animation import MOST_BYTES, Film
from latentwidgets.export.picture import base64_of
from latentwidgets.routes.route import StaleError
from latentwidgets.space.locks import Rank, calling_as
from latentwidgets.widgets.snapshot import shown_by
from tests.unit.page import Message, Page

LATENTS = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
FOUND = lw.pca_directions(LATENTS, 2)
FORMATS = {"gif": "GIF", "webp": "WEBP", "apng": "PNG"}


def decode(latents: np.ndarray, gain: Any = 1.0) -> np.ndarray:
    """Pictures of 8 x 6 whose grey is the first number of the latent."""
    grey = np.asarray(gain).reshape(-1, 1, 1) * latents[:, :1, None] / 8 + 0.5
    return np.broadcast_to(grey.clip(0, 1), (len(latents), 6, 8))


def of_a_kind(latents: np.ndarray, gain: Any, kind: Any) -> np.ndarray:
    return decode(latents, gain)


def space(decoder: Any = decode, **options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(decoder, 4, value_range=(0, 1), **options)


def asked(page: Page, form: str, at: list[float], **more: Any) -> Message:
    page.ask(type="file", form=form, at=at, **more)
    return page.answer()


def loaded(data: bytes, folder: File, name: str) -> lw.Recipe:
    (folder / name).write_bytes(data)
    return lw.load(folder / name)


@pytest.mark.parametrize("form", FORMATS)
def test_a_film_is_that_of_save_animation_and_carries_its_recipe(form: str, tmp_path: File) -> None:
    walk = lw.Interpolator(space(), LATENTS[:3], value=0.25)
    answer, [data] = asked(Page(walk.comm), form, [0.25], width=16)
    walk.save_animation(tmp_path / f"own.{form}", size=16)
    assert data == (tmp_path / f"own.{form}").read_bytes()
    film: Any = PIL.Image.open(io.BytesIO(data))
    assert film.format == FORMATS[form]
    assert film.n_frames > 20
    assert answer["size"] == [*film.size] == [16, 12]
    assert loaded(data, tmp_path, f"film.{form}") == walk.recipe()


def test_a_film_takes_as_long_as_the_page_says_and_has_captions_where_it_wants_them(
    tmp_path: File,
) -> None:
    walk = lw.Interpolator(space(), LATENTS[:3], value=0.25)
    more: dict[str, Any] = {"seconds": 1, "captions": True}
    answer, [data] = asked(Page(walk.comm), "gif", [0.25], width=64, **more)
    walk.save_animation(tmp_path / "own.gif", size=64, **more)
    assert data == (tmp_path / "own.gif").read_bytes()
    assert answer["size"] == [64, 48 + 16], "captions stand under the picture"
    film: Any = PIL.Image.open(io.BytesIO(data))
    durations = []
    for i in range(film.n_frames):
        film.seek(i)
        durations.append(film.info["duration"])
    assert sum(durations) == 1900, "there and back, at 20 frames a second"


@pytest.mark.parametrize("kind", ["path", "edit", "grid"])
def test_a_page_is_that_of_save_html_and_carries_its_recipe(kind: str, tmp_path: File) -> None:
    makers: dict[str, Any] = {
        "path": lambda: lw.Interpolator(space(), LATENTS[:3], value=0.25),
        "edit": lambda: lw.DirectionEditor(space(), LATENTS[0], FOUND, value={"PC 1": 1.0}),
        "grid": lambda: lw.LatentGrid(space(), LATENTS, columns=6, value=(1, 2)),
    }
    widget = makers[kind]()
    page = Page(widget.comm)
    at = page.picture()[0]
    answer, [data] = asked(page, "page", at)
    widget.save_html(tmp_path / "own.html")
    assert data == (tmp_path / "own.html").read_bytes()
    assert answer["type"] == "file"
    assert answer["size"] is None
    assert loaded(data, tmp_path, "page.html") == widget.recipe()


def test_it_is_of_the_place_and_the_conditions_that_the_page_says(tmp_path: File) -> None:
    conditions = {"gain": (1.0, 0.0, 2.0), "kind": ["mug", "owl"]}
    own = space(of_a_kind, conditions=conditions)
    walk = lw.Interpolator(own, LATENTS[:3], value=0.25)
    page = Page(walk.comm)
    for form, name in (("gif", "a.gif"), ("page", "a.html"), ("picture", "a.png")):
        recipe = loaded(asked(page, form, [0.75, 0.5, 1.0])[1][0], tmp_path, name)
        assert recipe.at[0] == 0.75, form
        assert dict(recipe["conditions"]) == {"gain": 0.5, "kind": "owl"}, form
    assert walk.value == 0.25
    assert walk.conditions["gain"] == 1.0


def test_a_film_of_one_direction_goes_over_its_limits_and_of_no_edit_there_is_none(
    tmp_path: File, caplog: pytest.LogCaptureFixture
) -> None:
    edit = lw.DirectionEditor(space(), LATENTS[0], FOUND)
    page = Page(edit.comm)
    _, [data] = asked(page, "webp", [0.0, 0.0], along=FOUND.names[1])
    edit.save_animation(tmp_path / "own.webp", along=FOUND.names[1])
    assert data == (tmp_path / "own.webp").read_bytes()
    answer, _ = asked(page, "webp", [0.0, 0.0])
    assert "nothing is edited" in answer["message"]
    grid = lw.LatentGrid(space(), LATENTS, columns=6)
    chart = lw.LatentMap(space(), LATENTS)
    walk = lw.Interpolator(space(), LATENTS[:2])
    for widget, form, more, words in (
        (grid, "gif", {}, "no way here to film along"),
        (grid, "map", {}, "no map here"),
        (chart, "page", {}, "a page of this widget cannot be saved"),
        (walk, "gif", {"along": "PC 1"}, "along is for edits"),
        (edit, "gif", {"along": "PC 3"}, "along is 'PC 3'"),
    ):
        page = Page(widget.comm)
        answer, _ = asked(page, form, page.picture()[0], **more)
        assert answer["type"] == "error"
        assert words in answer["message"]
    assert not caplog.records, "nothing went wrong"


def test_what_is_no_question_for_a_file_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    edit = lw.DirectionEditor(space(), LATENTS[0], FOUND)
    page = Page(edit.comm)
    wrong: list[dict[str, Any]] = [
        {"form": "mp4"},
        {"form": ["gif"]},
        {"form": "gif", "along": 1},
        {"form": "gif", "along": ["PC 1"]},
        {"form": "gif", "width": 0},
        *({"form": "gif", "seconds": one} for one in (0, -1, 61, True, "3", None)),
        *({"form": "gif", "captions": one} for one in (1, None, "yes")),
    ]
    with caplog.at_level(logging.WARNING):
        for one in wrong:
            page.ask(**{"type": "file", "at": [0.0, 0.0], **one})
    assert len(caplog.records) == len(wrong)
    assert not page.messages


class Gated:
    """A decoder that waits where it is told to, and says how many latents it was given."""

    def __init__(self) -> None:
        self.held, self.begun, self.go = threading.Event(), threading.Event(), threading.Event()
        self.counts: list[int] = []

    def __call__(self, latents: np.ndarray) -> np.ndarray:
        if self.held.is_set():
            self.counts.append(len(latents))
            self.begun.set()
            assert self.go.wait(30)
        return decode(latents)


@pytest.fixture
def film() -> Iterator[tuple[Gated, lw.Interpolator, Page]]:
    """Give a film whose first frame is being decoded: the decoder, the widget, and its page."""
    gated = Gated()
    walk = lw.Interpolator(space(gated), LATENTS[:3])
    page = Page(walk.comm)
    page.picture()
    gated.held.set()
    page.ask(type="file", form="gif", at=[0.5], width=16)
    assert gated.begun.wait(30)
    yield gated, walk, page
    gated.go.set()
    walk.close()


def waits_for_the_model(name: str) -> bool:
    """Tell whether a thread of this name waits for its turn with the model."""
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        stacks = file.read().split("\n\n")
    numbers = [f"{one.ident:x} " for one in threading.enumerate() if one.name == name]
    own = [one for one in stacks if any(number in one.partition("\n")[0] for number in numbers)]
    return any("space/locks.py" in one for one in own)


def test_a_thumb_that_moves_waits_for_one_frame_of_a_film_at_most(
    film: tuple[Gated, lw.Interpolator, Page],
) -> None:
    gated, _, page = film
    page.ask(at=[0.3])
    assert gated.counts == [1]
    while not waits_for_the_model("latentwidgets-decode"):
        time.sleep(0.002)
    gated.held.clear()
    gated.go.set()
    answer, _ = page.answer()
    assert (answer["of"], answer["type"]) == ("ask", "frames")
    assert page.answer()[0]["of"] == "file"


def test_a_film_that_nobody_waits_for_is_not_decoded_to_its_end(
    film: tuple[Gated, lw.Interpolator, Page],
) -> None:
    gated, walk, page = film
    walk.anchors = LATENTS[3:5]
    gated.go.set()
    answer, _ = page.answer()
    assert (answer["of"], answer["type"]) == ("file", "stale")
    assert sum(gated.counts) <= 4


def no_more_files() -> None:
    """Wait until no file is made any more."""
    deadline = time.monotonic() + 20
    while any(one.name == "latentwidgets-file" for one in threading.enumerate()):
        assert time.monotonic() < deadline, "the film is made to its end"
        time.sleep(0.002)


def test_a_film_that_is_cancelled_is_decoded_no_further_and_not_answered(
    film: tuple[Gated, lw.Interpolator, Page], caplog: pytest.LogCaptureFixture
) -> None:
    gated, _, page = film
    page.ask(type="file", form="gif", at=[0.5], width=16, client="waits")
    page.ask(type="stop", client="waits")
    page.ask(type="stop", client="nobody")
    page.ask(type="stop")
    gated.go.set()
    no_more_files()
    assert gated.counts == [1]
    assert not page.messages
    assert not caplog.records, "nothing went wrong"
    answer, _ = asked(page, "gif", [0.5], width=16)
    assert answer["type"] == "file", "another one is made"


def test_a_film_takes_the_place_of_the_one_that_the_same_page_asked_for(
    film: tuple[Gated, lw.Interpolator, Page],
) -> None:
    gated, _, page = film
    for seq in (2, 3):
        page.ask(type="file", form="gif", at=[0.5], width=16, seq=seq)
    gated.go.set()
    assert page.answer()[0]["seq"] == 3
    no_more_files()
    assert not page.messages


@pytest.mark.parametrize("ends", ["cancelled", "closed"])
@pytest.mark.parametrize("form", [*FORMATS, "page"])
def test_a_file_that_is_cancelled_while_it_is_packed_ends_there(
    form: str, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first picture that is packed is where it is cancelled; no second one is."""
    walk = lw.Interpolator(space(), np.stack([LATENTS[0], LATENTS[1]]))
    page = Page(walk.comm)
    packed = list[str]()

    def end() -> None:
        packed.append(form)
        if ends == "closed":
            walk.close()
        else:
            page.ask(type="stop")

    def look() -> None:
        end()
        check_wanted()

    def letters(data: bytes) -> str:
        end()
        return base64_of(data)

    monkeypatch.setattr(animation, "check_wanted", look)  # as each frame of a film is packed
    monkeypatch.setattr(saved_page, "base64_of", letters)
    page.ask(type="file", form=form, at=[0.5], width=16)
    no_more_files()
    assert packed == [form]
    assert not page.messages


def test_files_are_made_one_by_one_and_of_more_than_a_few_none(
    film: tuple[Gated, lw.Interpolator, Page],
) -> None:
    gated, _, page = film
    for client in "abcd":
        page.ask(type="file", form="gif", at=[0.5], width=16, client=client)
    assert not page.messages
    answer = page.asked(type="file", form="gif", at=[0.5], width=16, client="e")
    assert (answer["client"], answer["type"]) == ("e", "error")
    assert "other files of this widget are on their way" in answer["message"]
    assert gated.counts == [1]
    assert sum(one.name == "latentwidgets-file" for one in threading.enumerate()) == 1
    gated.go.set()
    for client in ("page", *"abcd"):
        answer, _ = page.answer()
        assert (answer["client"], answer["type"]) == (client, "file")


def test_a_picture_waits_for_one_frame_of_a_film_at_most(
    film: tuple[Gated, lw.Interpolator, Page],
) -> None:
    gated, _, page = film
    page.ask(type="file", form="picture", at=[0.3], width=16, client="picture")
    deadline = time.monotonic() + 20
    while not waits_for_the_model("latentwidgets-picture"):
        assert time.monotonic() < deadline, "it waits for the film"
        time.sleep(0.002)
    gated.go.set()
    assert [page.answer()[0]["client"] for _ in range(2)] == ["picture", "page"]


def test_a_file_that_cannot_be_sent_keeps_no_other_from_coming(
    film: tuple[Gated, lw.Interpolator, Page],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gated, walk, page = film
    publish, lost = walk.comm.publish_msg, list[str]()

    def fails_once(kind: str, data: Any = None, *rest: Any, **more: Any) -> None:
        if not lost and data["method"] == "custom":
            lost.append(data["content"]["client"])
            raise OSError("the socket is closed")
        publish(kind, data, *rest, **more)

    monkeypatch.setattr(walk.comm, "publish_msg", fails_once)
    page.ask(type="file", form="gif", at=[0.5], width=16, client="next")
    gated.go.set()
    answer, _ = page.answer()
    assert (answer["client"], answer["type"]) == ("next", "file")
    assert lost == ["page"]
    assert "the socket is closed" in caplog.text


def test_a_decoder_that_takes_as_long_for_many_is_given_many() -> None:
    counts: list[int] = []

    def fixed(latents: np.ndarray) -> np.ndarray:
        counts.append(len(latents))
        time.sleep(0.03)
        return decode(latents)

    walk = lw.Interpolator(space(fixed), LATENTS[:3])
    page = Page(walk.comm)
    page.picture()
    counts.clear()
    answer, _ = asked(page, "gif", [0.5], width=16)
    assert answer["type"] == "file"
    assert max(counts) == 16
    assert len(counts) < sum(counts) / 4


def test_a_film_that_is_too_large_is_refused_before_it_is_decoded() -> None:
    counts: list[int] = []

    def counted(latents: np.ndarray) -> np.ndarray:
        counts.append(len(latents))
        return decode(latents)

    walk = lw.Interpolator(space(counted), LATENTS[:3])
    page = Page(walk.comm)
    page.picture()
    counts.clear()
    answer, _ = asked(page, "gif", [0.5], width=4096)
    assert answer["type"] == "error"
    assert answer["message"].startswith("118 frames of 4,096 × 3,072 pixels are too much.")
    assert answer["message"].endswith("so many frames may be 1,231 pixels wide.")
    assert counts == [1]


def test_the_width_that_is_advised_fits() -> None:
    walk = lw.Interpolator(
        lw.LatentSpace(lambda z: np.zeros((len(z), 36, 64)), 4, value_range=(0, 1)), LATENTS[:3]
    )
    page = Page(walk.comm)
    for width in (4000, 1422):  # 1422 × 800, of which the height is rounded
        answer, _ = asked(page, "gif", [0.5], width=width)
        assert answer["type"] == "error"
        assert answer["message"].endswith("so many frames may be 1,421 pixels wide.")
    assert 1421 * round(1421 * 36 / 64) * 4 * len(Film("film.gif").times()) <= MOST_BYTES


def test_a_widget_that_is_closed_meanwhile_makes_no_file(
    film: tuple[Gated, lw.Interpolator, Page],
) -> None:
    gated, walk, _ = film
    snapshot = shown_by(walk)
    walk.close()
    gated.go.set()
    with calling_as(Rank.PAGE), pytest.raises(StaleError):
        snapshot.film(Film("film.gif").checked(), None, snapshot.recipe())
