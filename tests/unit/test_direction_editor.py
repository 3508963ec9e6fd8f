"""The DirectionEditor in plain Python: what it edits, what it reads, what it refuses."""

from __future__ import annotations

import copy
import gc
import json
import time
import weakref
from typing import Any

import numpy as np
import pytest
import traitlets
from PIL import Image

import latentwidgets as lw
from latentwidgets.directions import Direction, Directions, Evidence
from latentwidgets.directions.edits import Edit

RNG = np.random.default_rng(3)
DATA = (RNG.normal(size=(400, 5)) @ RNG.normal(size=(5, 5))).astype(np.float32)
LABELS = {"smile": DATA[:, 0] + 0.3 * DATA[:, 1] > 0, "age": DATA[:, 1] * 2.0 + DATA[:, 2]}


def found() -> Directions:
    return lw.pca_directions(DATA, n=2) + lw.probe_directions(DATA, LABELS, seed=0)


DIRECTIONS = found()


class Decoder:
    """Pictures of 8 x 8 whose grey is the first number of the latent, in tenths."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, latents: np.ndarray) -> np.ndarray:
        self.batches.append(len(latents))
        return np.broadcast_to(latents[:, :1, None] / 10, (len(latents), 8, 8)).clip(0, 1)


class Recorded(lw.DirectionEditor):
    """An editor that keeps what it sends to the page."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes] | None]] = []
        super().__init__(*args, **options)

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append((content, buffers))

    def ask(self, **more: Any) -> None:
        message = {"type": "ask", "client": "page", "seq": 1, "line": self._line}
        self._receive(self, {**message, "fast": False, **more}, [])

    def answer(self) -> tuple[dict[str, Any], list[bytes] | None]:
        deadline = time.monotonic() + 20
        while not self.sent:
            assert time.monotonic() < deadline, "no answer came"
            time.sleep(0.002)
        return self.sent.pop(0)


def make(cls: type[lw.DirectionEditor] = lw.DirectionEditor, **options: Any) -> Any:
    space = options.pop("space", None) or lw.LatentSpace(Decoder(), 5, value_range=(0, 1))
    base, directions = options.pop("base", DATA[3]), options.pop("directions", DIRECTIONS)
    return cls(space, base, directions, **options)


def moved(base: np.ndarray, amounts: dict[str, float]) -> np.ndarray:
    """What the edit should be, step by step."""
    latents = base.astype(np.float64)
    for name, amount in amounts.items():
        latents = latents + amount * DIRECTIONS[name].sigma * DIRECTIONS[name].vector
    return latents


def test_the_value_moves_the_latent_along_the_directions() -> None:
    widget = make()
    assert widget.value == dict.fromkeys(DIRECTIONS.names, 0.0)
    np.testing.assert_array_equal(widget.latent, DATA[3])
    seen: list[Any] = []
    widget.observe(lambda change: seen.append(change["new"]), "latent")
    widget.value = {"smile": 1.5, "PC 1": -1}
    assert widget.value == {"PC 1": -1.0, "PC 2": 0.0, "smile": 1.5, "age": 0.0}
    np.testing.assert_allclose(widget.latent, moved(DATA[3], {"smile": 1.5, "PC 1": -1}), rtol=1e-5)
    assert widget.latent.dtype == np.float32
    assert len(seen) == 1
    widget.value = {"PC 1": -1, "smile": 1.5}
    assert len(seen) == 1, "the same numbers are no change"
    widget.value = {}
    np.testing.assert_array_equal(widget.latent, DATA[3])


def test_it_begins_where_it_is_told() -> None:
    widget = make(value={"age": 2})
    np.testing.assert_allclose(widget.latent, moved(DATA[3], {"age": 2}), rtol=1e-5)
    assert widget.get_state()["_picture"]["at"] == (0.0, 0.0, 0.0, 2.0)
    json.dumps(widget.get_state())


def test_a_latent_that_is_set_becomes_the_base() -> None:
    widget = make(value={"smile": 1})
    widget.latent = DATA[7]
    np.testing.assert_array_equal(widget.base, DATA[7])
    np.testing.assert_array_equal(widget.latent, DATA[7])
    assert set(widget.value.values()) == {0.0}
    widget.value = {"smile": 1}
    widget.latent = widget.base
    assert set(widget.value.values()) == {0.0}


def test_a_new_base_keeps_the_edit() -> None:
    widget = make(value={"smile": 1})
    widget.base = DATA[9]
    assert widget.value["smile"] == 1
    np.testing.assert_allclose(widget.latent, moved(DATA[9], {"smile": 1}), rtol=1e-5)


def test_several_bases_are_edited_alike() -> None:
    widget = make(base=DATA[:16], value={"smile": 1})
    assert widget.latent.shape == (16, 5)
    np.testing.assert_allclose(widget.latent, moved(DATA[:16], {"smile": 1}), rtol=1e-4, atol=1e-6)
    gap = 1
    assert widget.image().size == (4 * 8 + 3 * gap, 4 * 8 + 3 * gap)
    assert widget.space._decode.batches[-1] == 16


def test_what_is_held_reads_the_same_whatever_else_moves() -> None:
    widget = make(hold=["smile", "PC 2"])
    before = [DIRECTIONS[name].measure(DATA[3:4])[0] for name in widget.hold]
    widget.value = {"PC 1": 2, "age": -3}
    after = [DIRECTIONS[name].measure(widget.latent[np.newaxis])[0] for name in widget.hold]
    np.testing.assert_allclose(after, before, atol=1e-5)
    assert widget.hold == ("PC 2", "smile")
    edit = Edit(DATA[3:4], DIRECTIONS, widget.hold)
    held = [DIRECTIONS.names.index(name) for name in widget.hold]
    free = [i for i in range(4) if i not in held]
    np.testing.assert_allclose(edit.gains[np.ix_(held, free)], 0, atol=1e-12)


def test_the_own_slider_of_a_held_direction_still_moves_it() -> None:
    widget = make(hold="smile", value={"smile": 1})
    np.testing.assert_allclose(widget.latent, moved(DATA[3], {"smile": 1}), rtol=1e-5)


def test_a_direction_of_which_nothing_is_left_says_so() -> None:
    twin = DIRECTIONS["smile"].replace(name="twin")
    widget = make(directions=DIRECTIONS + [twin], hold=["smile"], value={"twin": 3})
    np.testing.assert_array_equal(widget.latent, DATA[3])
    assert "Nothing of it is left" in widget._rows[-1]["warning"]


def test_an_absolute_amount_replaces_the_coordinate() -> None:
    widget = make(mode="absolute")
    own = {one.name: one.coordinate(DATA[3:4])[0] for one in DIRECTIONS}
    assert widget.value == pytest.approx(own)
    np.testing.assert_array_equal(widget.latent, DATA[3])
    widget.value = {"PC 1": 0.5}
    assert DIRECTIONS["PC 1"].coordinate(widget.latent[np.newaxis])[0] == pytest.approx(
        0.5, abs=1e-5
    )


def test_absolute_amounts_are_shared_by_all_bases() -> None:
    widget = make(base=DATA[:3], directions=DIRECTIONS[:2], mode="absolute", value={"PC 2": 1})
    np.testing.assert_allclose(DIRECTIONS["PC 2"].coordinate(widget.latent), 1, atol=1e-5)


def test_changing_the_mode_keeps_the_latent() -> None:
    widget = make(value={"smile": 1, "age": -2})
    latent = widget.latent.copy()
    widget.mode = "absolute"
    own = DIRECTIONS["smile"].coordinate(DATA[3:4])[0]
    assert widget.value["smile"] == pytest.approx(1 + own)
    np.testing.assert_allclose(widget.latent, latent, rtol=1e-5)
    widget.base = DATA[8]
    assert widget.value["smile"] == pytest.approx(1 + own), "what was edited stays"
    assert widget.value["PC 1"] == pytest.approx(DIRECTIONS["PC 1"].coordinate(DATA[8:9])[0])
    widget.mode = "relative"
    assert widget.value["PC 1"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("mode", ["relative", "absolute"])
@pytest.mark.parametrize("hold", [(), ("age",)])
def test_the_page_can_work_out_the_readings(mode: str, hold: tuple[str, ...]) -> None:
    widget = make(base=DATA[:3], mode=mode, hold=hold)
    widget.value = {"PC 1": 1.25, "smile": -0.5, "age": 0.75}
    amounts = np.array(list(widget.value.values()))
    expected = [one.measure(widget.latent, standardized=True) for one in DIRECTIONS]
    shown = np.array(widget._constants) + np.array(widget._gains) @ amounts
    np.testing.assert_allclose(shown.T, expected, atol=1e-5)
    np.testing.assert_allclose(
        Edit(DATA[:3], DIRECTIONS, hold, absolute=mode == "absolute").readings(amounts),
        shown,
        atol=1e-12,
    )


def test_a_slider_reaches_as_far_as_the_data_and_the_value() -> None:
    widget = make()
    low, high = DIRECTIONS["age"].limits
    assert widget._ranges[3] == [low, high]
    widget.value = {"age": 40}
    assert widget._ranges[3] == [low, 40]
    widget.value = {}
    assert widget._ranges[3] == [low, 40], "a slider does not shrink under the thumb"


def test_new_directions_keep_what_has_the_same_name() -> None:
    widget = make(value={"smile": 1, "PC 1": 2}, hold=["age", "PC 1"])
    widget.directions = lw.Directions([DIRECTIONS["age"], DIRECTIONS["smile"]])
    assert list(widget.value.items()) == [("age", 0.0), ("smile", 1.0)]
    assert widget.hold == ("age",)
    assert [one["name"] for one in widget._rows] == ["age", "smile"]
    assert widget._at() == (0.0, 1.0)
    widget.directions = DIRECTIONS["PC 2"]
    assert widget.value == {"PC 2": 0.0}
    np.testing.assert_array_equal(widget.latent, DATA[3])


def test_names_value_and_directions_can_change_together() -> None:
    widget = make()
    with widget.hold_trait_notifications():
        widget.directions = DIRECTIONS[2:]
        widget.value = {"age": 1}
    assert widget.value == {"smile": 0.0, "age": 1.0}
    np.testing.assert_allclose(widget.latent, moved(DATA[3], {"age": 1}), rtol=1e-5)


def test_lines_are_named_by_what_they_are() -> None:
    widget = make()
    line = widget._line
    for name, value, back in [
        ("hold", ["smile"], ()),
        ("mode", "absolute", "relative"),
        ("base", DATA[4], DATA[3]),
        ("directions", DIRECTIONS[:2], DIRECTIONS),
    ]:
        setattr(widget, name, value)
        assert widget._line != line, name
        setattr(widget, name, back)
        assert widget._line == line == make()._line, name


def test_rows_tell_the_evidence() -> None:
    warned = Direction(
        "doubt",
        np.ones(5),
        evidence=Evidence(score=0.51, score_name="balanced accuracy", warning="chance"),
    )
    rows = make(directions=DIRECTIONS + [warned])._rows
    assert rows[0]["badge"].endswith("%")
    assert "share of variance" in rows[0]["note"]
    assert rows[4]["badge"] == "0.51"
    assert rows[4]["warning"] == "chance"
    for words in ("balanced accuracy", "±", "chance", "p ", "stability"):
        assert words in rows[2]["note"]


def test_amounts_cannot_be_changed_unseen() -> None:
    widget = make()
    with pytest.raises(lw.LatentTypeError, match="Set all of it"):
        widget.value["smile"] = 2
    with pytest.raises(lw.LatentTypeError):
        widget.value.update(smile=2)
    other = copy.deepcopy(widget.value)
    other["smile"] = 2
    widget.value = other
    assert widget.value["smile"] == 2
    assert widget.value | {"age": 1} == {**widget.value, "age": 1}


def test_the_bundle_says_what_it_shows() -> None:
    sharp = [DIRECTIONS["age"].replace(name='<i>"a"</i>')]
    data, _ = make(directions=sharp, value={'<i>"a"</i>': 1.5})._repr_mimebundle_()
    assert "&lt;i&gt;&quot;a&quot;&lt;/i&gt; +1.5 σ" in data["text/html"]
    assert "<i>" not in data["text/html"]


def test_images_are_encoded() -> None:
    space = lw.LatentSpace(
        Decoder(), 5, lambda images: images.reshape(len(images), -1)[:, :5] * 10, value_range=(0, 1)
    )
    one = lw.DirectionEditor(space, Image.new("L", (8, 8), 51), DIRECTIONS)
    np.testing.assert_allclose(one.base, np.full(5, 2.0), atol=1e-5)
    two = lw.DirectionEditor(space, [Image.new("L", (8, 8), grey) for grey in (0, 255)], DIRECTIONS)
    assert two.base.shape == (2, 5)


BAD: list[tuple[str, Any, str]] = [
    ("value", {"smle": 1}, "Did you mean 'smile'"),
    ("value", {"smile": float("nan")}, r"value\['smile'\] is nan"),
    ("value", {"smile": True}, "expected a number"),
    ("value", {"smile": "1"}, "expected a number"),
    ("value", {"smile": 1e9}, "-1000 to 1000"),
    ("value", {"smile": 10**400}, "-1000 to 1000"),
    ("value", 1.5, "amounts by name"),
    ("value", [1, 2, 3, 4], "amounts by name"),
    ("hold", ["smiles"], "Did you mean 'smile'"),
    ("hold", 3, "expected names"),
    ("hold", None, "expected names"),
    ("mode", "both", '"relative", "absolute"'),
    ("base", DATA[:17], "16 at most"),
    ("base", DATA[3, :4], r"shape \(4,\)"),
    ("base", np.full(5, np.nan), "NaN"),
    ("base", np.zeros((2, 3, 4)), "base latents"),
    ("base", None, "None"),
    ("base", [], "base latents"),
    ("base", "picture.png", "base latents"),
    ("directions", Direction("x", np.ones(4)), r"latents of shape \(4,\); this space"),
    ("directions", [], "no directions"),
    ("directions", [DIRECTIONS[0], DIRECTIONS[0]], "two directions are called"),
    ("directions", ["smile"], "expected directions"),
    ("directions", "smile", "pca_directions"),
    ("directions", None, "None"),
    ("size", 3, "size"),
]


@pytest.mark.parametrize(("name", "value", "expected"), BAD)
def test_bad_arguments_are_refused(name: str, value: Any, expected: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=expected):
        make(**{name: value})


def state_of(widget: Any) -> tuple[Any, ...]:
    arrays = widget.base.tobytes(), widget.latent.tobytes()
    names = widget.directions.names
    return (
        dict(widget.value),
        widget.hold,
        widget.mode,
        widget._line,
        names,
        widget._rows,
        *arrays,
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [*BAD, ("latent", np.ones(4), "shape"), ("latent", None, "None"), ("value", None, "None")],
)
def test_a_refused_change_changes_nothing(name: str, value: Any, expected: str) -> None:
    widget = make(value={"smile": 1}, hold=["age"])
    before = state_of(widget)
    with pytest.raises(lw.LatentWidgetsError, match=expected):
        setattr(widget, name, value)
    assert state_of(widget) == before


def test_directions_that_cannot_be_held_together_are_refused() -> None:
    twin = DIRECTIONS["smile"].replace(name="twin")
    widget = make(directions=DIRECTIONS + [twin], hold=["smile"])
    before = state_of(widget)
    with pytest.raises(lw.LatentValueError, match="cannot all be held still"):
        widget.hold = ["smile", "twin"]
    assert state_of(widget) == before
    smile = DIRECTIONS["smile"]
    sheared = Directions([DIRECTIONS["PC 1"], smile, smile.replace(name="age")])
    widget = make(hold=["smile", "age"])
    before = state_of(widget)
    with pytest.raises(lw.LatentValueError, match="cannot all be held still"):
        widget.directions = sheared
    assert state_of(widget) == before


def test_other_arguments_are_refused() -> None:
    with pytest.raises(lw.LatentTypeError, match='Did you mean "mode"'):
        make(moda="relative")
    with pytest.raises(lw.LatentTypeError, match="follows from base"):
        make(latent=DATA[0])
    with pytest.raises(lw.LatentTypeError, match='Did you mean "value"'):
        make().valeu = {}


def test_what_the_page_may_not_set_is_told_and_taken_back() -> None:
    twin = DIRECTIONS["smile"].replace(name="twin")
    widget = make(Recorded, directions=DIRECTIONS + [twin])
    widget.set_state({"value": {**widget.value, "smile": 1}})
    assert widget.value["smile"] == 1
    assert widget.sent == []
    widget.set_state({"hold": ["smile", "twin"]})
    assert widget.hold == ()
    content, _ = widget.answer()
    assert (content["of"], content["type"]) == ("state", "error")
    assert "cannot all be held still" in content["message"]


def test_questions_carry_one_number_a_direction() -> None:
    widget = make(Recorded, base=DATA[:2])
    widget.sent.clear()
    widget.ask(at=[0.5, 0, 0, 1])
    content, buffers = widget.answer()
    assert content["frames"][0]["at"] == (0.5, 0.0, 0.0, 1.0)
    assert buffers is not None
    widget.ask(at=[])
    assert widget.answer()[0]["frames"][0]["at"] == (), "the picture before the edit"
    assert widget.value["PC 1"] == 0
    widget.ask(type="latent", at=[0, 0, 0, 1])
    copied = eval(widget.answer()[0]["text"], {"np": np})
    np.testing.assert_allclose(copied, moved(DATA[:2], {"age": 1}), rtol=1e-5)


@pytest.mark.parametrize("at", [[0.5], [0, 0, 0, 1e9], [0, 0, 0, "x"], [0] * 5])
def test_garbage_from_the_page_is_refused(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    widget = make(Recorded)
    logged: list[str] = []
    monkeypatch.setattr(widget.log, "warning", lambda text, *args: logged.append(text % args))
    widget.ask(at=at)
    assert "refused a message" in logged[0]


def test_strips_batch_over_positions_and_bases() -> None:
    widget = make(Recorded, base=DATA[:4])
    widget.ask(type="strip", positions=[[x / 8, 0, 0, 0] for x in range(8)])
    frames: list[Any] = []
    while len(frames) < 8:
        frames += widget.answer()[0]["frames"]
    assert max(widget.space._decode.batches) > 4
    assert all(size % 4 == 0 for size in widget.space._decode.batches)


@pytest.mark.parametrize(("traits_of", "trait"), [("base", "base"), ("latent", "latent")])
def test_arrays_of_two_editors_can_be_linked(traits_of: str, trait: str) -> None:
    one, other = make(), make(base=DATA[5])
    traitlets.link((one, traits_of), (other, trait))
    np.testing.assert_array_equal(other.base, DATA[3])
    one.base = DATA[6]
    np.testing.assert_array_equal(other.base, DATA[6])
    other.base = DATA[7]
    np.testing.assert_array_equal(one.base, DATA[7])


def test_an_interpolator_can_lead_an_editor() -> None:
    walk = lw.Interpolator(
        lw.LatentSpace(Decoder(), 5, value_range=(0, 1)), DATA[:2], method="lerp"
    )
    editor = make(value={"smile": 1})
    traitlets.link((walk, "latent"), (editor, "base"))
    for t in (0.25, 1.0):
        walk.value = t
        np.testing.assert_array_equal(editor.base, walk.latent)
        np.testing.assert_allclose(editor.latent, moved(walk.latent, {"smile": 1}), rtol=1e-4)
    editor.base = DATA[0]
    assert walk.value == pytest.approx(0)
    follower = lw.Interpolator(walk.space, DATA[:3])
    traitlets.dlink((walk, "anchors"), (follower, "anchors"))
    walk.anchors = DATA[5:9]
    np.testing.assert_array_equal(follower.anchors, DATA[5:9])


def test_an_array_trait_is_an_ordinary_array() -> None:
    latent = make().latent
    assert (latent == DATA[3]).tolist() == [True] * 5
    assert (latent != np.where(np.arange(5) < 2, 99, DATA[3])).tolist() == [True] * 2 + [False] * 3
    assert bool(latent != DATA[3]) is False
    assert latent != DATA[3, :4]
    assert type(latent + 1) is np.ndarray
    assert type(latent.sum()) is np.float32
    assert isinstance(latent, np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        latent[0] = 1


def test_closing_frees_decoder_and_latents() -> None:
    kept = []
    for _ in range(5):
        widget = make(Recorded, base=DATA[:4])
        widget.ask(type="strip", positions=[[x / 8, 0, 0, 0] for x in range(8)])
        widget.ask(at=[0.5, 0, 0, 0])
        widget.answer()
        kept += [weakref.ref(widget.space._decode), weakref.ref(widget.base)]
        widget.close()
    with pytest.raises(lw.LatentWidgetsError, match="closed"):
        widget.image()
    with pytest.raises(lw.LatentWidgetsError, match="closed"):
        widget.value = {"smile": 1}
    del widget
    deadline = time.monotonic() + 20
    while any(ref() is not None for ref in kept):
        gc.collect()
        assert time.monotonic() < deadline
        time.sleep(0.01)
