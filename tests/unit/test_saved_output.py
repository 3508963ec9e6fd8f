"""What the output of a cell holds for where no kernel runs: how much, of what, and how soon."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import latentwidgets as lw
from latentwidgets.export import saved_output, saved_page
from latentwidgets.export.exported import path as exported_path
from latentwidgets.export.picture import still_of
from latentwidgets.kinds.image import ImageFramer
from latentwidgets.widgets import saved
from latentwidgets.widgets.code import page_code_in
from latentwidgets.widgets.grid import saved_cells
from tests.unit.page import Page

SOON = saved_output.SOON_SECONDS
ENDS = np.eye(2, dtype=np.float32)
NOISE = np.random.default_rng(0).normal(0, 0.1, (256, 256))


def shades(latents: Any) -> Any:
    return latents[:, :1, None] * np.ones((8, 8))


def noisy(latents: Any) -> Any:
    """Large pictures that are hard to compress."""
    return latents[:, :1, None] / 2 + 0.25 + NOISE


class Slow:
    """A decoder that takes so many seconds a latent, and counts."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.count = seconds, 0

    def __call__(self, latents: Any) -> Any:
        self.count += len(latents)
        time.sleep(self.seconds * len(latents))
        return shades(latents)


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not change what is tested, but where time itself is."""
    monkeypatch.setattr(saved_output, "SOON_SECONDS", 20.0)
    monkeypatch.setattr(saved_cells, "SOON_SECONDS", 20.0)
    monkeypatch.setattr(saved_output, "PACKING_SECONDS", 60.0)


def space_of(decode: Any, **more: Any) -> lw.LatentSpace:
    return lw.as_space(decode, latent_shape=(2,), value_range=(0, 1), name="greys", **more)


def output_of(widget: Any) -> dict[str, Any]:
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    data: dict[str, Any] = bundle[0]
    return data


def size_of(data: dict[str, Any]) -> int:
    return len(data.get("image/png", "")) + len(data.get("text/html", ""))


def page_in(data: dict[str, Any]) -> tuple[str, list[Any]]:
    """Give the page that an output holds without its frames, and the frames."""
    found = re.search(r'data-lw-page="([^"]*)" data-lw-frames="([^"]*)"', data["text/html"])
    assert found, "no page is there"
    text = gzip.decompress(base64.b64decode(found[1])).decode("utf-8")
    frames: list[Any] = json.loads(html.unescape(found[2]))
    return text, frames


def has_page(data: dict[str, Any]) -> bool:
    return "data-lw-page" in data.get("text/html", "")


def page_missing(data: dict[str, Any]) -> str:
    assert not has_page(data)
    return str(data["text/html"])


def pixels(data: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))


def test_a_path_moves_through_33_positions_as_they_are_decoded() -> None:
    widget = lw.Interpolator(space_of(shades), ENDS, method="lerp", value=0.5)
    text, frames = page_in(output_of(widget))
    assert [at for [at], *_ in frames] == [i / 32 for i in range(33)]
    for [t], mime, data, lossless in frames:
        assert (mime, lossless) == ("image/png", True)
        [shade] = {*pixels(data).flat}
        assert abs(int(shade) - 255 * (1 - t)) <= 1
    assert "33 pictures along the path. Saved in the notebook: no kernel runs here." in text
    assert text.count("no kernel runs") == 1


def test_what_is_shown_without_scripts_says_what_scripts_show() -> None:
    data = output_of(lw.Interpolator(space_of(shades), ENDS))
    assert re.match(r'<figure[^>]*><img src="data:image/png;base64,', data["text/html"])
    assert "33 pictures along the path are saved here" in data["text/html"]
    assert data["image/png"] in data["text/html"]


def test_an_edit_moves_along_those_directions_that_are_moved() -> None:
    axes = [lw.Direction(name, np.eye(2)[i % 2]) for i, name in enumerate("abc")]
    editor = lw.DirectionEditor(space_of(shades), ENDS[0], axes, value={"c": 1})
    text, frames = page_in(output_of(editor))
    assert "of c." in text
    assert len(frames) == 33 + 1 + 1, "33 positions, where it is, and before any edit"
    editor.value = {}
    text, frames = page_in(output_of(editor))
    assert "of a and b." in text
    assert len(frames) == 9 * 9 + 1


def test_a_grid_has_all_its_cells_and_the_picture_too() -> None:
    greys = np.arange(20, dtype=np.float32) * 12 + 10
    latents = np.stack([greys / 255, np.zeros(20)], axis=1)
    grid = lw.LatentGrid(space_of(shades), latents, columns=6)
    data = output_of(grid)
    _, frames = page_in(data)
    assert [set(pixels(one[2]).flat) for one in frames] == [{int(grey)} for grey in greys]
    whole = pixels(data["image/png"])
    assert {int(grey) for grey in greys} <= {*whole.flat}
    # The state that notebooks save has them as well: it is what an exported page may show.
    held = grid.get_state()["_picture"]
    assert {tuple(one["at"]) for one in held} == {tuple(place) for place in grid.grid.places}


def test_a_grid_with_more_cells_than_come_first_has_them_all_where_they_are_soon_decoded() -> None:
    latents = np.linspace(0, 1, 200)[:, None] * np.ones((1, 2))
    grid = lw.LatentGrid(space_of(shades), latents, columns=20)
    assert "200 of 200 cells" in output_of(grid)["text/html"]


def noise_of(side: int) -> Any:
    """A decoder of pictures in colour that hardly anything can be spared of."""
    noise = np.random.default_rng(1).random((side, side, 3))
    return lambda latents: latents[:, :1, None, None] / 2 + noise / 2


@pytest.mark.parametrize("side", [64, 96])
def test_cells_in_the_state_are_as_good_as_those_that_a_page_asks_for(side: int) -> None:
    latents = np.linspace(0, 1, 12)[:, None] * np.ones((1, 2))
    decode = noise_of(side)
    grid = lw.LatentGrid(space_of(decode), latents, columns=6)
    for one in grid.get_state()["_picture"]:
        assert one.get("lossless", True), "a page does not ask for what it has"
        picture = Image.open(io.BytesIO(base64.b64decode(one["data"])))
        row, column = one["at"]
        whole = np.rint(255 * decode(latents)[int(6 * row + column)])
        assert np.abs(np.asarray(picture, float) - whole).max() <= 1


@pytest.mark.parametrize("side", [64, 256])
def test_large_cells_do_not_fill_the_state(side: int) -> None:
    latents = np.linspace(0, 1, 64)[:, None] * np.ones((1, 2))
    grid = lw.LatentGrid(space_of(noise_of(side)), latents)

    def letters() -> list[int]:
        held = grid.get_state("_picture")["_picture"]
        assert held[0]["at"] == grid.value
        return [len(one["data"]) for one in held[1:]]

    some = letters()
    assert 0 < sum(some) <= 500_000
    assert len(some) < 63
    grid.saved_bytes = sum(some) - 1
    assert letters() == some[:-1]


def test_a_page_has_room_for_all_cells_of_the_state_and_where_it_is() -> None:
    latents = np.linspace(0, 1, 90)[:, None] * np.ones((1, 2))
    grid = lw.LatentGrid(space_of(shades), latents, columns=9)
    grid.value = (9, 8)
    held = [one["at"] for one in grid.get_state()["_picture"]]
    assert len({*held}) == len(held) == 64
    assert held[0] == (9, 8)


@pytest.mark.parametrize("most", [0, 500, 5_000, 50_000, 200_000, 500_000, 1_000_000])
def test_no_output_is_larger_than_it_may_be(most: int) -> None:
    widget = lw.Interpolator(space_of(noisy), ENDS, method="lerp")
    widget.image()
    widget.saved_bytes = most
    data = output_of(widget)
    assert size_of(data) <= most
    assert ("image/png" in data) == (most > 500)
    assert has_page(data) == (most >= 50_000)
    assert "application/vnd.jupyter.widget-view+json" in data


def test_where_there_is_little_room_there_are_fewer_frames_then_smaller_ones() -> None:
    widget = lw.Interpolator(space_of(noisy), ENDS, method="lerp")
    seen = []
    for most in (4_000_000, 1_500_000, 1_000_000, 300_000, 200_000):
        widget.saved_bytes = most
        text, frames = page_in(output_of(widget))
        assert f"{len(frames)} pictures along the path" in text
        seen.append((len(frames), pixels(frames[1][2]).shape[0]))
    assert seen[0] == (33, 256)
    assert seen == sorted(seen, reverse=True), "never more frames, never larger ones, in less room"
    assert seen[-1][0] == 9
    assert seen[-1][1] < 256
    assert "compressed" in text, "what has lost something is not called exact"
    assert not frames[1][3]


@pytest.mark.parametrize("most", [2_000, 20_000, 200_000, 2_000_000])
def test_a_picture_that_shows_less_than_was_drawn_says_so(most: int) -> None:
    widget = lw.Interpolator(space_of(noisy), ENDS, method="lerp", saved_bytes=most)
    shown = output_of(widget)["text/html"]
    [found] = re.findall(r'data:image/\w+;base64,([^"]*)', shown)
    exact = np.array_equal(pixels(found), np.asarray(widget.image().convert("L")))
    assert exact == (most == 2_000_000)
    [caption] = re.findall("<figcaption[^>]*>(.*)</figcaption>", shown)
    assert (", compressed" in caption) != exact


def test_a_slow_decoder_is_not_called_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_output, "SOON_SECONDS", SOON)
    decode = Slow(0.12)
    widget = lw.Interpolator(space_of(decode), ENDS)
    before = decode.count
    data = output_of(widget)
    assert decode.count == before
    assert "as saved. Run the cell to move it. No page that moves is saved" in page_missing(data)
    assert "would take too long. Show the widget again once it was moved" in data["text/html"]


def test_what_a_page_has_asked_for_is_there_when_it_is_shown_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saved_output, "SOON_SECONDS", SOON)
    decode = Slow(0.12)
    widget = lw.Interpolator(space_of(decode), ENDS)
    page = Page(widget.comm)
    places = [[i / 8] for i in range(9)]
    page.ask(type="strip", positions=places)
    frames = 0
    while frames < 9:
        frames += len(page.answer()[0]["frames"])
    before = decode.count
    assert [at for at, *_ in page_in(output_of(widget))[1]] == places
    assert decode.count == before


class Clock:
    """A clock that moves only where something is said to take time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def decoder(self, seconds: float) -> Any:
        def decode(latents: Any) -> Any:
            self.now += seconds * len(latents)
            return shades(latents)

        return decode


def test_an_ordinary_decoder_gives_as_many_positions_as_there_is_time_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saved_output, "SOON_SECONDS", SOON)
    clock = Clock(monkeypatch)
    widget = lw.Interpolator(space_of(clock.decoder(0.01)), ENDS)
    counts, start = [], clock.now
    for _ in range(8):  # the next time there are more: each time more of the rest is decoded
        counts.append(len(page_in(output_of(widget))[1]))
        assert clock.now - start <= SOON + 0.01 + 1e-6, "and one more shows how long it takes"
        start = clock.now
    assert 3 <= counts[0] < counts[-1]
    assert counts == sorted(counts)


def test_only_a_mistake_of_ours_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    latents = np.linspace(0, 1, 4097)[:, None] * np.ones((1, 2))  # more than a page holds
    grid = lw.LatentGrid(space_of(shades), latents)
    for widget in (grid, lw.Interpolator(space_of(shades), latents, method="lerp")):
        assert "more than 4,096 pictures. Show fewer latents." in page_missing(output_of(widget))
    assert not caplog.text
    monkeypatch.setattr(exported_path, "TRIED", (1, 3))
    output_of(lw.Interpolator(space_of(shades), ENDS))
    assert "positions is 1; expected" in caplog.text


def test_frames_that_take_long_to_pack_leave_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    latents = np.linspace(0, 1, 300)[:, None] * np.ones((1, 2))
    clock = Clock(monkeypatch)
    grid = lw.LatentGrid(space_of(shades), latents)
    assert has_page(output_of(grid))
    own, packed = ImageFramer.png, []

    def png(framer: Any, frame: Any) -> bytes:
        clock.now += 0.01
        packed.append(frame.at)
        return own(framer, frame)

    monkeypatch.setattr(ImageFramer, "png", png)
    monkeypatch.setattr(saved_output, "PACKING_SECONDS", 0.5)
    monkeypatch.setattr(saved, "first_picture", lambda *_: None)
    data = output_of(grid)
    assert "image/png" in data
    assert "to make its pictures would take too long" in page_missing(data)
    assert len(packed) <= 52


def test_each_frame_is_turned_into_a_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    own, packed = ImageFramer.png, []

    def png(framer: Any, frame: Any) -> bytes:
        packed.append(frame.at)
        return own(framer, frame)

    def decode(latents: Any) -> Any:
        return latents[:, :1, None] / 2 + NOISE[:64, :64] + 0.25

    widget = lw.Interpolator(space_of(decode), ENDS, method="lerp", saved_bytes=120_000)
    monkeypatch.setattr(saved, "first_picture", lambda *_: None)
    monkeypatch.setattr(ImageFramer, "png", png)
    text, _ = page_in(output_of(widget))
    assert "compressed" in text, "several sizes were tried"
    assert len(packed) <= len({*packed}) + 1, "and that of the still picture"


def test_a_page_has_no_more_memory_than_a_saved_file(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = lw.Interpolator(space_of(noisy), ENDS, method="lerp", saved_bytes=2**23)

    def memory() -> int:
        [found] = re.findall(r'"frame_memory": ?(\d+)', page_in(output_of(widget))[0])
        return int(found)

    before = memory()
    monkeypatch.setattr(saved_page, "MOST_OPEN", 2**20)
    assert memory() == before - 33 * 4 * 256 * 256 // 2**20 + 1


def test_a_decoder_that_fails_elsewhere_leaves_the_picture(caplog: Any) -> None:
    def decode(latents: Any) -> Any:
        if len(latents) > 1 or 0.1 < latents[0, 0] < 0.9:
            raise ValueError("not in between")
        return shades(latents)

    data = output_of(lw.Interpolator(space_of(decode), ENDS, method="lerp"))
    assert "image/png" in data
    assert not has_page(data)
    assert "could not decode its picture" in caplog.text
    assert "the decoder failed for its pictures: the log says how." in data["text/html"]


def test_a_path_that_is_still_looked_for_is_not_passed_off_as_found() -> None:
    def waves(latents: Any) -> Any:
        lines = latents @ np.array([[3.0], [1.0]]) + np.arange(64)
        return (np.sin(lines) / 2 + 0.5).reshape(-1, 8, 8)

    space = space_of(waves)
    widget = lw.Interpolator(space, ENDS)
    page = Page(widget.comm)
    page.ask(at=[0.5])
    page.answer()
    widget.method = "geodesic"
    data = output_of(widget)
    assert "image/png" in data
    assert "still being looked for. Show the widget again once that is found" in page_missing(data)
    assert widget.path.method == "geodesic"  # by now it is found
    assert has_page(output_of(widget))


def test_conditions_are_said_and_followed() -> None:
    space = lw.as_space(
        lambda z, strength: shades(z) * strength[:, None, None],
        latent_shape=(2,),
        value_range=(0, 1),
        conditions={"strength": (1.0, 0.0, 1.0)},
    )
    widget = lw.Interpolator(space, ENDS, conditions={"strength": 0.5})
    text, frames = page_in(output_of(widget))
    assert "under strength 0.5" in text
    assert max(pixels(data).max() for _, _, data, _ in frames) in (127, 128)


@pytest.mark.parametrize("kind", ["text", "curve"])
def test_other_kinds_move_as_well(kind: str) -> None:
    decoders: dict[str, Any] = {
        "text": lambda z: [f"<i>{x:.2f}</i>" for x in z[:, 0]],
        "curve": lambda z: np.cumsum(z[:, :1] * np.ones((1, 30)), axis=1),
    }
    space = lw.as_space(decoders[kind], latent_shape=(2,), kind=kind)
    widget = lw.Interpolator(space, ENDS, method="lerp")
    text, frames = page_in(output_of(widget))
    assert len({data for _, _, data, _ in frames}) > 9
    if kind == "text":
        said = [base64.b64decode(data).decode() for _, _, data, _ in frames]
        assert sum("<i>0.50</i>" in one for one in said) == 1, "as the decoder wrote it"
        assert "<i>" not in text
        assert "<i>" not in output_of(widget)["text/html"]


def test_names_are_only_read() -> None:
    name = '"><script>alert(1)</script>'
    space = space_of(shades).replace(name=name)
    data = output_of(lw.Interpolator(space, ENDS, names=[name, "b"]))
    assert name not in data["text/html"]
    assert data["text/html"].count("<script") == 1
    text, _ = page_in(data)
    assert name not in text


def test_maps_and_explorers_have_a_picture_of_all_they_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digits = lw.demo.digits()
    map_ = lw.LatentMap(digits.space, digits.latents, digits.labels)
    shown = Image.open(io.BytesIO(base64.b64decode(output_of(map_)["image/png"])))
    assert shown.width > map_.height + map_.size, "points, what colours mean, and the picture"
    explorer = lw.explore(digits)
    data = output_of(explorer)
    said = r"LatentMap of 1,797 latents; DirectionEditor at no edit; LatentGrid, \d+ of 64 cells"
    assert re.search(f'alt="{said}"', data["text/html"])
    assert re.search(f"<figcaption[^>]*>{said}, ", data["text/html"])
    whole = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert whole.height > explorer.map.height
    drawn: list[str] = []

    def noted(*given: Any, name: str, **options: Any) -> Any:
        drawn.append(name)
        return still_of(*given, name=name, **options)

    monkeypatch.setattr(saved, "still_of", noted)
    output_of(explorer)
    assert drawn == ["DirectionEditor"], "the editor shows the picture of the map"
    assert size_of(data) <= explorer.saved_bytes
    explorer.saved_bytes = 0
    assert size_of(output_of(explorer)) == 0
    explorer.close()  # and the testing of its sliders, in the background


def test_to_look_at_an_output_leaves_no_file_and_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("TMPDIR", "TMP", "TEMP", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # which is looked up once
    assert Path(tempfile.gettempdir()) == tmp_path
    widget = lw.Interpolator(space_of(shades), ENDS, value=0.25)
    before = {name: one for name, one in widget.get_state().items() if name != "_picture"}
    output_of(widget)
    after = {name: one for name, one in widget.get_state().items() if name != "_picture"}
    assert str(before) == str(after)
    assert not [*tmp_path.iterdir()]


def test_a_map_that_decodes_nothing_has_its_picture_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    latents = np.random.default_rng(0).normal(size=(20, 3))
    map_ = lw.LatentMap(None, latents, {"kind": ["a", "b"] * 10}, items=["text"] * 20)
    data = output_of(map_)
    assert "image/png" in data
    assert "Run the cell to move it.<" in page_missing(data), "there is never one"
    assert not caplog.records


def test_what_has_no_page_does_not_gather_its_state_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gathered: list[Any] = []

    def counted(widget: Any) -> Any:
        gathered.append(widget)
        return page_code_in(widget)

    monkeypatch.setattr(saved, "page_code_in", counted)
    output_of(lw.LatentMap(space_of(shades), np.random.default_rng(0).normal(size=(20, 2))))
    walk = lw.Interpolator(space_of(noisy), ENDS, saved_bytes=3000)
    assert "Set the widget&#x27;s saved_bytes to more" in page_missing(output_of(walk))
    walk.saved_bytes = 1_000_000
    assert has_page(output_of(walk))
    assert gathered == [walk], "once"
