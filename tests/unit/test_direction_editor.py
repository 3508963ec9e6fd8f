"""The DirectionEditor in plain Python: what it edits, and what follows from what."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets
from PIL import Image

import latentwidgets as lw
from latentwidgets.directions import Direction, Directions
from latentwidgets.routes.edit import Edit
from tests.unit.editors import DATA, DIRECTIONS, Decoder, make, moved
from tests.unit.page import Page


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


class Asking(lw.DirectionEditor):
    """A person's own: a base is checked once more."""

    meanwhile: Callable[[], None] | None = None

    @traitlets.validate("base")
    def _check_again(self, proposal: Any) -> Any:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        return proposal["value"]


def test_a_base_that_another_thread_sets_keeps_the_edit() -> None:
    """Though this thread is about to make a base of a latent, which ends an edit."""
    space = lw.LatentSpace(Decoder(), 5, value_range=(0, 1))
    widget = Asking(space, DATA[3], DIRECTIONS, value={"smile": 1})
    seen: list[float] = []

    def set_base() -> None:
        widget.base = DATA[9]
        seen.append(widget.value["smile"])

    def meanwhile() -> None:
        other = threading.Thread(target=set_base)
        other.start()
        other.join(20)

    widget.meanwhile = meanwhile
    widget.latent = DATA[7]
    assert seen == [1.0]
    assert set(widget.value.values()) == {0.0}
    np.testing.assert_array_equal(widget.base, DATA[7])


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
    assert widget.space.decoder.batches[-1] == 16


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


def test_what_is_held_is_moved_by_its_own_slider_alone() -> None:
    widget = make(hold=["smile", "age"], mode="absolute")
    edit = Edit(DATA[3:4], DIRECTIONS, widget.hold)
    np.testing.assert_allclose(edit.gains[2:, 2:] - np.diag(np.diag(edit.gains)[2:]), 0, atol=1e-12)
    assert abs(np.diag(edit.gains)[2:]).min() > 0.1
    before = DIRECTIONS["age"].measure(DATA[3:4])
    widget.value = {**widget.value, "smile": 2}
    after = DIRECTIONS["age"].measure(widget.latent[np.newaxis])
    np.testing.assert_allclose(after, before, atol=1e-5)
    everything = Edit(DATA[3:4], DIRECTIONS, DIRECTIONS.names)
    np.testing.assert_allclose(everything.gains, np.diag(np.diag(everything.gains)), atol=1e-10)


def test_what_moves_only_together_cannot_be_held() -> None:
    readouts = [[1, 2, 3], [2, 1, 1], [4, 1, 1]]  # b and c cannot cancel what they read of a
    odd = [Direction("abc"[i], np.eye(3)[i], readout=readouts[i]) for i in range(3)]
    with pytest.raises(lw.LatentValueError, match="cannot all be held still"):
        Edit(np.zeros(3, np.float32), Directions(odd), "abc")


def test_a_direction_of_which_nothing_is_left_says_so() -> None:
    twin = DIRECTIONS["smile"].replace(name="twin")
    widget = make(directions=DIRECTIONS + [twin], hold=["smile"], value={"twin": 3})
    np.testing.assert_array_equal(widget.latent, DATA[3])
    left = Page(widget.comm).state["_left"]
    assert left[-1] == 0
    assert left[0] == pytest.approx(1, abs=0.9)
    assert left[DIRECTIONS.names.index("smile")] == 1


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


def test_what_is_not_moved_leaves_every_base_alone() -> None:
    widget = make(base=DATA[:3], mode="absolute")
    np.testing.assert_array_equal(widget.latent, DATA[:3])
    widget.value = {"PC 1": 0.5}
    one = DIRECTIONS["PC 1"]
    steps = 0.5 - one.coordinate(DATA[:3])
    np.testing.assert_allclose(widget.latent, one.move(DATA[:3], steps), rtol=1e-4, atol=1e-6)
    widget.latent = DATA[5:8]
    np.testing.assert_array_equal(widget.latent, DATA[5:8])


def test_an_absolute_amount_holds_for_a_direction_moved_alone() -> None:
    widget = make(mode="absolute")
    smile, age = DIRECTIONS["smile"], DIRECTIONS["age"]
    widget.value = {"smile": 1}
    assert smile.coordinate(widget.latent[np.newaxis])[0] == pytest.approx(1, abs=1e-5)
    shift = widget.value["age"]
    widget.value = {"smile": 1, "age": shift + 1}
    angle = float(smile.vector @ age.vector) * age.sigma / smile.sigma
    assert abs(angle) > 0.01
    assert smile.coordinate(widget.latent[np.newaxis])[0] == pytest.approx(1 + angle, abs=1e-5)


def test_a_far_base_keeps_its_latent_in_every_mode() -> None:
    base = DATA[3] + 2000 * DIRECTIONS["PC 1"].sigma * DIRECTIONS["PC 1"].vector
    widget = make(base=base.astype(np.float32), value={"age": 1})
    latent = widget.latent.copy()
    for mode in ("absolute", "relative"):
        widget.mode = mode
        np.testing.assert_allclose(widget.latent, latent, rtol=1e-4, atol=1e-2)


def test_an_absolute_slider_reaches_about_bases_beyond_the_limits() -> None:
    one = DIRECTIONS["PC 1"]
    low, high = one.limits
    bases = one.move(np.zeros((2, 5)) + one.mean, [0, 9])
    widget = make(base=bases, directions=one, mode="absolute")
    told = Page(widget.comm).state
    assert told["_ranges"][0] == pytest.approx([low, high + 9], abs=1e-4)
    widget.mode = "relative"
    assert told["_ranges"][0] == pytest.approx([low, high])


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


def test_new_directions_keep_what_has_the_same_name() -> None:
    widget = make(value={"smile": 1, "PC 1": 2}, hold=["age", "PC 1"])
    widget.directions = lw.Directions([DIRECTIONS["age"], DIRECTIONS["smile"]])
    assert list(widget.value.items()) == [("age", 0.0), ("smile", 1.0)]
    assert widget.hold == ("age",)
    page = Page(widget.comm)
    assert [one["name"] for one in page.state["_rows"]] == ["age", "smile"]
    assert page.picture()[0] == [0.0, 1.0]
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


def test_images_are_encoded() -> None:
    space = lw.LatentSpace(
        Decoder(), 5, lambda images: images.reshape(len(images), -1)[:, :5] * 10, value_range=(0, 1)
    )
    one = lw.DirectionEditor(space, Image.new("L", (8, 8), 51), DIRECTIONS)
    np.testing.assert_allclose(one.base, np.full(5, 2.0), atol=1e-5)
    two = lw.DirectionEditor(space, [Image.new("L", (8, 8), grey) for grey in (0, 255)], DIRECTIONS)
    assert two.base.shape == (2, 5)
    two.base = Decoder()(np.full((1, 5), 3.0))[0]
    np.testing.assert_allclose(two.base, np.full(5, 3.0), atol=1e-5)


def test_it_says_in_short_what_it_is() -> None:
    space = lw.LatentSpace(Decoder(), 5, value_range=(0, 1), name="faces")
    widget = make(space=space, base=DATA[:1])
    assert repr(widget) == "DirectionEditor(faces, 4 directions, 1 base)"
    assert repr(lw.Interpolator(space, DATA[:3])) == "Interpolator(faces, 3 anchors)"
    assert repr(lw.LatentGrid(space, DATA[:3])).startswith("LatentGrid(faces")
    widget.close()
    assert repr(widget) == "DirectionEditor(closed)"


def test_the_page_hears_of_the_line_last() -> None:
    editor = make()
    assert list(editor.get_state())[-1] == "_route"
    assert list(editor.get_state(["_route", "_rows", "value"])) == ["_rows", "value", "_route"]


def test_the_mode_counts_where_no_base_has_a_coordinate() -> None:
    found = [lw.Direction("x", [1.0, 0.0])]
    widget = lw.DirectionEditor(lw.LatentSpace(Decoder(), 2, value_range=(0, 1)), [0.0, 0.0], found)
    widget.value = {"x": 1.5}
    widget.mode = "absolute"
    widget.base = [0.75, 0.25]
    assert widget.value == {"x": 1.5}
    np.testing.assert_allclose(widget.latent, [1.5, 0.25])


def test_bases_far_out_leave_nothing_half_made() -> None:
    space = lw.LatentSpace(Decoder(), 2, value_range=(0, 1))
    found = [lw.Direction("x", [1.0, 0.0])]
    widget = lw.DirectionEditor(space, [[0.0, 0.0], [5000.0, 0.0]], found, mode="absolute")
    page = Page(widget.comm)
    end = page.state["_ranges"][0][1]
    assert page.asked(at=[end])["type"] == "frames", "the page asks for nothing that is refused"
    widget.base = [5000.0, 0.0]
    widget.value = {"x": 4000}
    widget.base = [0.0, 0.0]
    assert widget.value == {"x": 1000.0}
    np.testing.assert_allclose(widget.latent, [1000.0, 0.0])


def test_without_a_base_the_first_of_the_data_is_edited_or_a_sample() -> None:
    space = lw.LatentSpace(np.asarray, 5, kind="curve")
    held = lw.LatentSpace(np.asarray, 5, kind="curve", data=DATA)
    one = lw.LatentSpace(np.asarray, 5, kind="curve", data=DATA[7:8])
    assert (lw.DirectionEditor(held, directions=DIRECTIONS).base == DATA[0]).all()
    assert (lw.DirectionEditor(one, directions=DIRECTIONS).base == DATA[7]).all()
    assert (lw.DirectionEditor(space, directions=DIRECTIONS).base == space.sample(1)[0]).all()
    faces = lw.demo.faces()
    editor = lw.DirectionEditor(faces)
    assert (editor.base == faces.latents[0]).all()
    assert editor.directions.names[0].startswith("axis")


def test_without_a_base_data_or_a_prior_the_message_names_the_base() -> None:
    space = lw.LatentSpace(np.asarray, 5, kind="curve", prior=lambda rng, n: np.zeros((n, 2)))
    with pytest.raises(lw.LatentValueError, match="no base: .* no data, and gives no samples"):
        lw.DirectionEditor(space)
