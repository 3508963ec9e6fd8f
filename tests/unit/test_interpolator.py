"""The Interpolator in plain Python: what can be set, what is refused, and that it closes."""

from __future__ import annotations

import base64
import gc
import io
import json
import time
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import latentwidgets as lw
from latentwidgets.engine import Renderer
from latentwidgets.frames import Quality
from latentwidgets.routes.path import Path
from tests.unit.page import Page

ANCHORS = np.array([[0.0, 1.0], [2.0, -1.0], [3.0, 3.0]], np.float32)


class Decoder:
    """Pictures of 8 x 8 whose grey is the first number of the latent, in tenths."""

    def __init__(self) -> None:
        self.calls = 0
        self.fault: Callable[[np.ndarray], Any] | None = None

    def __call__(self, latents: np.ndarray) -> Any:
        self.calls += 1
        if self.fault is not None:
            return self.fault(latents)
        return np.broadcast_to(latents[:, :1, None] / 10, (len(latents), 8, 8)).clip(0, 1)


def make(**options: Any) -> Any:
    space = options.pop("space", None) or lw.LatentSpace(Decoder(), 2, value_range=(0, 1))
    return lw.Interpolator(space, options.pop("anchors", ANCHORS), **options)


def test_value_and_latent_follow_each_other() -> None:
    widget = make(method="lerp")
    seen: list[Any] = []
    widget.observe(lambda change: seen.append(change["new"]), "latent")
    widget.value = 0.25
    np.testing.assert_allclose(widget.latent, [1.0, 0.0])
    assert widget.latent.dtype == np.float32
    widget.latent = [2.0, -1.0]
    assert widget.value == 0.5
    assert len(seen) == 2
    widget.latent = np.array([2.0, -1.0])
    assert len(seen) == 2, "the same numbers are no change"


def test_without_anchors_it_goes_through_three_of_the_data() -> None:
    data = np.arange(10, dtype=np.float32).reshape(5, 2)
    space = lw.LatentSpace(Decoder(), 2, value_range=(0, 1), data=data)
    other = data[::-1]
    given: dict[str, tuple[Any, Any]] = {
        "a space": (space, data[:3]),
        "an object that holds latents": (SimpleNamespace(space=space, latents=other), other[:3]),
        "one that holds others": (SimpleNamespace(space=space, latents=np.ones((4, 7))), data[:3]),
        "a widget": (lw.LatentMap(space, other), other[:3]),
        "few": (space.replace(data=data[:2]), data[:2]),
    }
    for name, (holder, anchors) in given.items():
        widget = lw.Interpolator(holder)
        np.testing.assert_array_equal(widget.anchors, anchors, err_msg=name)
        assert widget.names == tuple(f"data {row}" for row in range(len(anchors))), name
    assert lw.Interpolator(space, names=["a", "b", "c"]).names == ("a", "b", "c")
    assert "3 anchors: 'data 0', 'data 1', 'data 2'" in repr(lw.Interpolator(space))


def test_without_anchors_and_data_it_goes_through_three_samples() -> None:
    space = lw.LatentSpace(Decoder(), 2, value_range=(0, 1))
    for holder in (space, space.replace(data=[[1.0, 2.0]]), SimpleNamespace(space=space)):
        widget = lw.Interpolator(holder)
        np.testing.assert_array_equal(widget.anchors, space.sample(3))
        assert widget.names == ("sample 0", "sample 1", "sample 2")
    widget.anchors = ANCHORS[:2]
    assert widget.names == ()
    poor = space.replace(prior=lambda rng, n: np.zeros((n, 5)))
    with pytest.raises(lw.LatentValueError, match="no anchors: .* no data, and gives no samples"):
        lw.Interpolator(poor)


def test_a_latent_off_the_path_moves_to_the_nearest_point_of_it() -> None:
    widget = make(method="lerp", anchors=[[0.0, 0.0], [4.0, 0.0]])
    seen: list[Any] = []
    widget.observe(lambda change: seen.append(change["new"].tolist()), "latent")
    widget.latent = [1.0, 3.0]
    assert seen == [pytest.approx([1.0, 0.0], abs=1e-6)]
    assert widget.value == pytest.approx(0.25)
    np.testing.assert_allclose(widget.latent, [1.0, 0.0], atol=1e-6)


def test_a_new_path_keeps_the_value() -> None:
    widget = make(method="lerp", value=0.5)
    widget.anchors = ANCHORS[::-1]
    assert widget.value == 0.5
    np.testing.assert_allclose(widget.latent, ANCHORS[1])
    widget.anchors = ANCHORS[:2]
    np.testing.assert_allclose(widget.latent, [1.0, 0.0])
    widget.closed = True
    np.testing.assert_allclose(widget.latent, ANCHORS[1])
    assert Page(widget.comm).state["_marks"] == [0.0, 0.5]


def test_lines_are_named_by_what_they_are() -> None:
    widget = make()
    page = Page(widget.comm)
    name = page.state["_route"]
    widget.method = "lerp"
    assert page.state["_route"] != name
    widget.method = "slerp"
    assert page.state["_route"] == name == Page(make().comm).state["_route"]


def test_what_is_kept_cannot_be_changed_from_outside() -> None:
    anchors = ANCHORS.copy()
    widget = make(anchors=anchors)
    anchors[0] = 99
    np.testing.assert_array_equal(widget.anchors, ANCHORS)
    with pytest.raises(ValueError, match="read-only"):
        widget.anchors[0] = 99


def test_the_picture_is_the_one_at_the_value() -> None:
    widget = make(method="lerp", anchors=[[0.0, 0.0], [4.0, 0.0]])
    widget.value = 0.5
    picture = widget.image()
    assert (picture.mode, picture.size) == ("L", (8, 8))
    assert (np.asarray(picture) == round(0.2 * 255)).all()


def test_a_picture_has_the_width_that_is_asked_for() -> None:
    def stripes(latents: np.ndarray) -> np.ndarray:
        return np.tile(np.array([0, 1, 0, 1]), (len(latents), 2, 1))

    walk = make(space=lw.LatentSpace(stripes, 2, value_range=(0, 1)))
    assert walk.image().size == (4, 2)
    large = np.asarray(walk.image(size=8))
    assert large.tolist() == [[0, 0, 255, 255, 0, 0, 255, 255]] * 4
    uneven = np.asarray(walk.image(size=10)).astype(int)[2]
    np.testing.assert_allclose(uneven, 255 - uneven[::-1], atol=1, err_msg="each stripe is as wide")
    assert walk.image(size=2).size == (2, 1)
    assert lw.LatentGrid(walk.space, ANCHORS).image(300).width == 300
    for wrong in (0, 2.5, 10**6, "wide"):
        with pytest.raises((lw.LatentValueError, lw.LatentTypeError), match="size is"):
            walk.image(size=wrong)
    tall = make(space=lw.LatentSpace(lambda z: np.zeros((len(z), 40, 1)), 2, value_range=(0, 1)))
    with pytest.raises(lw.LatentValueError, match="20,000 pixels high"):
        tall.image(size=500)


def test_the_bundle_shows_the_picture_without_a_kernel() -> None:
    widget = make(value=1.0, method="lerp")
    data, metadata = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("L"))
    np.testing.assert_array_equal(shown, np.asarray(widget.image()))
    assert data["image/png"] in data["text/html"]
    assert metadata["image/png"]["width"] == widget.size


def test_the_state_brings_the_picture_at_the_value() -> None:
    widget = make(method="lerp")
    widget.value = 0.5
    picture = widget.get_state()["_picture"]
    assert picture["at"] == (0.5,)
    assert picture["route"] == Page(widget.comm).state["_route"]
    json.dumps(widget.get_state())


def test_images_are_encoded_to_anchors() -> None:
    space = lw.LatentSpace(
        Decoder(), 2, lambda images: images.reshape(len(images), -1)[:, :2] * 10, value_range=(0, 1)
    )
    images = [Image.new("L", (8, 8), grey) for grey in (0, 51, 255)]
    widget = lw.Interpolator(space, images)
    np.testing.assert_allclose(widget.anchors[:, 0], [0, 2, 10], atol=1e-5)


def test_flat_images_are_encoded_too() -> None:
    space = lw.LatentSpace(
        lambda latents: np.repeat(latents[:, :1], 64, axis=1),
        2,
        lambda images: images[:, :2],
        value_range=(0, 1),
    )
    images = np.linspace(0, 1, 192).reshape(3, 64)
    widget = lw.Interpolator(space, images)
    np.testing.assert_allclose(widget.anchors, images[:, :2], atol=1e-6)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"anchors": []}, r"anchors have shape \(0,\)"),
        ({"anchors": ANCHORS[:1]}, "two or more"),
        ({"anchors": ANCHORS[:, :1]}, r"latents of shape \(2,\)"),
        ({"anchors": ANCHORS * np.nan}, "NaN"),
        ({"anchors": np.full((2, 2), np.inf)}, "infinity"),
        ({"anchors": [[0, 1], [2]]}, "anchors"),
        ({"anchors": np.zeros((2, 8, 8))}, "anchors"),
        ({"method": "slurp"}, '"slerp", "lerp"'),
        ({"method": ["slerp"]}, '"slerp", "lerp"'),
        ({"value": 1.5}, "from 0 to 1"),
        ({"value": float("nan")}, "from 0 to 1"),
        ({"value": True}, "from 0 to 1"),
        ({"speed": 0}, "speed"),
        ({"filmstrip": 2.5}, "whole number"),
        ({"metod": "lerp"}, "Did you mean 'method'"),
        ({"closed": "yes"}, "True or False"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=expected):
        make(**options)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("anchors", ANCHORS[:1]),
        ("anchors", np.full((2, 2), -np.inf)),
        ("method", "slurp"),
        ("value", -0.1),
        ("value", "0.5"),
        ("latent", [1.0, 2.0, 3.0]),
        ("latent", [1.0, np.nan]),
        ("latent", None),
        ("anchors", None),
        ("loop", 1),
    ],
)
def test_a_refused_change_changes_nothing(name: str, value: Any) -> None:
    widget = make(value=0.25)
    before = widget.get_state(), widget.latent.tobytes()
    with pytest.raises(lw.LatentWidgetsError, match=r"expected|takes"):
        setattr(widget, name, value)
    assert (widget.get_state(), widget.latent.tobytes()) == before


def test_it_begins_at_a_latent() -> None:
    widget = make(latent=ANCHORS[1])
    assert widget.value == 0.5
    np.testing.assert_array_equal(widget.latent, ANCHORS[1])


def test_the_page_hears_what_it_set_itself() -> None:
    # Where page and kernel set the value at the same moment, both must end on the same one.
    assert make().traits()["value"].metadata.get("echo_update", True)


def test_nothing_is_kept_of_a_frame_that_was_decoded_while_the_widget_closed() -> None:
    def close(latents: np.ndarray) -> np.ndarray:
        renderer.close()  # as a widget does
        return np.zeros((len(latents), 8, 8))

    renderer = Renderer(lw.LatentSpace(close, 2, value_range=(0, 1)))
    renderer.resize(2**20)
    shown = renderer.show(Path(ANCHORS))
    drawn = renderer.draw(shown.name, [(0.3,)], Quality.LOSSLESS)
    assert len(drawn.frames) == 1
    assert len(renderer.kept.exact) == len(renderer.kept.strips) == 0


def test_what_was_meant_for_a_fast_link_is_not_saved() -> None:
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 300, 300)), 2, value_range=(0, 1))
    widget = make(space=space)
    [frame] = Page(widget.comm).asked(at=[0.5], fast=True)["frames"]
    assert frame["mime"] == "image/x-rgba;width=300"
    widget.value = 0.5
    assert widget.get_state()["_picture"]["mime"] == "image/png"


def test_a_misspelt_attribute_is_told() -> None:
    with pytest.raises(lw.LatentTypeError, match="Did you mean 'value'"):
        make().valeu = 0.5


FAULTS: dict[str, Callable[[np.ndarray], Any]] = {
    "raises": lambda z: 1 // 0,
    "wrong batch": lambda z: np.zeros((len(z) + 1, 8, 8)),
    "scalar": lambda z: 0.5,
    "NaN": lambda z: np.full((len(z), 8, 8), np.nan),
    "five channels": lambda z: np.zeros((len(z), 8, 8, 5)),
    "list": lambda z: np.zeros((len(z), 8, 8)).tolist(),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_decoder_that_never_works_is_refused_at_once(fault: Callable[[Any], Any]) -> None:
    decoder = Decoder()
    decoder.fault = fault
    with pytest.raises(lw.DecodeError):
        lw.Interpolator(lw.LatentSpace(decoder, 2), ANCHORS)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_decoder_that_fails_once_is_reported_and_the_widget_lives(
    fault: Callable[[Any], Any],
) -> None:
    decoder = Decoder()
    page = Page(make(space=lw.LatentSpace(decoder, 2, value_range=(0, 1))).comm)
    decoder.fault = fault
    content = page.asked(at=[0.3])
    assert (content["type"], content["of"]) == ("error", "ask")
    assert content["message"]
    decoder.fault = None
    page.ask(at=[0.4])
    content, [data] = page.answer()
    header = {"at": [0.4], "mime": "image/x-rgba;width=8", "lossless": True, "draft": 0}
    assert content["frames"] == [header]
    assert len(data) == 8 * 8 * 4


def test_a_question_moves_nothing() -> None:
    widget = make()
    page = Page(widget.comm)
    assert page.asked(at=[0.75])["frames"][0]["at"] == [0.75]
    assert widget.value == page.state["value"] == 0


def test_the_page_moves_the_widget_by_its_value() -> None:
    widget = make()
    page = Page(widget.comm)
    page.set(value=0.75)
    assert widget.value == 0.75
    assert page.messages == []


def test_what_the_page_may_not_set_is_told() -> None:
    widget = make(value=0.25)
    page = Page(widget.comm)
    page.set(value=7)
    assert widget.value == page.state["value"] == 0.25
    content, _ = page.answer()
    assert (content["of"], content["type"]) == ("state", "error")
    assert "from 0 to 1" in content["message"]


def test_refreshing_decodes_anew() -> None:
    widget = make()
    page = Page(widget.comm)
    page.asked(at=[0.5])
    name, calls = page.state["_route"], widget.space.decoder.calls
    widget.refresh()
    assert page.state["_route"] != name
    page.asked(at=[0.5])
    assert widget.space.decoder.calls > calls


def test_a_question_about_another_line_is_stale() -> None:
    assert Page(make().comm).asked(at=[0.75], route="of yesterday")["type"] == "stale"


def test_a_long_drag_keeps_few_frames_and_decodes_none_twice() -> None:
    widget = make()
    page = Page(widget.comm)
    for i in range(200):
        page.asked(at=[i / 200])
    calls = widget.space.decoder.calls
    for i in range(200 - 16, 200):
        page.asked(at=[i / 200])
    assert widget.space.decoder.calls == calls, "these are kept"
    page.asked(at=[(200 - 17) / 200])
    assert widget.space.decoder.calls == calls + 1, "and no others"


@pytest.mark.parametrize(
    "garbage",
    [{"at": [2.0]}, {"at": ["x"]}, {"fast": None}, {"type": "strip", "positions": [[1e300]]}],
)
def test_garbage_from_the_page_is_refused_and_logged(
    garbage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = make()
    page = Page(widget.comm)
    calls = widget.space.decoder.calls
    logged: list[str] = []
    monkeypatch.setattr(widget.log, "warning", lambda text, *args: logged.append(text % args))
    page.ask(**{"at": [0.5], **garbage})
    page.say("drop table")
    time.sleep(0.05)
    assert len(logged) == 2
    assert all("refused a message" in line for line in logged)
    assert page.messages == []
    assert widget.value == 0
    assert widget.space.decoder.calls == calls


def test_strips_decode_in_batches_and_are_kept() -> None:
    widget = make()
    page = Page(widget.comm)
    calls = widget.space.decoder.calls
    positions = [[i / 16] for i in range(1, 17)]
    page.ask(type="strip", positions=positions)
    content, buffers = page.answer()
    assert [frame["at"] for frame in content["frames"]] == positions
    assert len(buffers) == 16
    assert widget.space.decoder.calls - calls < 16
    again = widget.space.decoder.calls
    page.asked(type="strip", positions=positions)
    assert widget.space.decoder.calls == again


def test_twenty_closed_widgets_leave_no_decoder_alive() -> None:
    decoders, anchors = [], []
    for _ in range(20):
        widget = make()
        page = Page(widget.comm)
        page.ask(type="strip", positions=[[i / 64] for i in range(65)])
        page.asked(at=[0.37])
        decoders.append(weakref.ref(widget.space.decoder))
        anchors.append(weakref.ref(widget.anchors))
        widget.close()
    del widget, page
    deadline = time.monotonic() + 20
    while any(ref() is not None for ref in decoders + anchors):
        gc.collect()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_closed_widget_says_that_it_is_closed() -> None:
    widget = make()
    widget.observe(lambda change: change["new"].shape, ["latent", "anchors"])
    widget.close()
    change = (lambda: setattr(widget, "method", "lerp"), lambda: setattr(widget, "closed", True))
    for use in (widget.image, lambda: widget.space, lambda: widget.path, *change):
        with pytest.raises(lw.LatentWidgetsError, match="closed"):
            use()
    widget.close()


def test_anchors_have_names_until_there_are_others() -> None:
    widget = make(names=iter("abc"), anchors=ANCHORS[:3])
    assert widget.get_state()["names"] == ("a", "b", "c")
    widget.anchors = widget.anchors[::-1]
    assert widget.names == ("a", "b", "c")
    widget.anchors = ANCHORS[:2]
    assert widget.names == ()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("abc", "names are 'abc'; expected texts"),
        (["a"], "there are 1 names and 2 anchors"),
        (["a", 5], "names hold 5"),
        (None, "names is None"),
    ],
)
def test_names_that_are_not_one_an_anchor_are_refused(names: Any, message: str) -> None:
    with pytest.raises((lw.LatentTypeError, lw.LatentValueError), match=message):
        make(anchors=ANCHORS[:2], names=names)
    widget = make(anchors=ANCHORS[:2], names=["a", "b"])
    with pytest.raises((lw.LatentTypeError, lw.LatentValueError), match=message):
        widget.names = names
    assert widget.names == ("a", "b")
