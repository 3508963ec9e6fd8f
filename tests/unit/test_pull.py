"""Pulls at the picture of an editor, where it is known which latent moves what was grabbed."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import latentwidgets as lw
from latentwidgets.engine.messages import PullMessage
from latentwidgets.engine.patches import Patch, found_at
from latentwidgets.engine.pull import Pulled, arranger_of, pulled
from latentwidgets.engine.replies import PullAnswer
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from tests.models import load_vae, models_missing
from tests.sprites import centres_and_sizes, draw_sprites
from tests.unit.page import Page

# A spot at (16, 16) in a picture of 40 by 32 that moves by so many pixels a unit of the first two
# numbers of its latent; the third is how bright it is, and the fourth does nothing.
HEIGHT, WIDTH, PIXELS = 32, 40, 3.0
ROW, COLUMN = np.mgrid[:HEIGHT, :WIDTH]
DATA = np.random.default_rng(0).normal(size=(400, 4)).astype(np.float32)


def spots(latents: NDArray[Any]) -> NDArray[np.float64]:
    x, y, bright, _ = np.asarray(latents, float).T[..., np.newaxis, np.newaxis]
    squares = (COLUMN - 16 - PIXELS * x) ** 2 + (ROW - 16 - PIXELS * y) ** 2
    drawn: NDArray[np.float64] = (0.8 + 0.05 * bright) * np.exp(-squares / 32)
    return drawn


SPACE = lw.LatentSpace(spots, 4, value_range=(0, 1), data=DATA)
AXES = lw.axis_directions(SPACE, latents=DATA)
ZERO = np.zeros(4, np.float32)


def shares(x: float, y: float, width: int = WIDTH, height: int = HEIGHT) -> tuple[float, float]:
    """Where the middle of a pixel is."""
    return (x + 0.5) / width, (y + 0.5) / height


def dragged(
    space: lw.LatentSpace,
    route: Any,
    grabbed: tuple[float, float],
    to: tuple[float, float],
    start: tuple[float, ...] | None = None,
    most: int = 40,
) -> Pulled:
    """Pull until it leads no further, as a page does."""
    start = tuple(route.origin.tolist()) if start is None else start
    found = Pulled(start, grabbed, 0, done=False)
    for _ in range(most):
        pull = PullMessage("p", 1, "r", found.at, start, grabbed, to, found.here)
        found = pulled(space, route, pull)
        if found.done:
            return found
    raise AssertionError(f"no end: {found}")


def test_what_is_grabbed_follows_by_as_much_as_it_is_pulled() -> None:
    edit = Edit(ZERO, AXES)
    found = dragged(SPACE, edit, shares(16, 16), shares(21, 13))
    latent = edit.latents([found.at])[0]
    moved = PIXELS * latent[:2]
    assert np.abs(moved - [5, -3]).max() < 0.6
    assert abs(latent[2]) < 0.1, "it gets no darker"
    assert abs(latent[3]) < 1e-3, "what does nothing stays"
    assert found.share == pytest.approx(1, abs=0.15)
    assert (found.why, found.done) == ("", True)
    along = moved @ [5, -3] / 34
    steps = np.random.default_rng(1).normal(size=(200, 4))
    steps *= np.linalg.norm(latent) / np.linalg.norm(steps, axis=1, keepdims=True)
    chance = PIXELS * steps[:, :2] @ [5, -3] / 34
    assert along > np.quantile(chance, 0.98)


def test_one_step_is_small() -> None:
    edit = Edit(ZERO, AXES)
    pull = PullMessage(
        "p", 1, "r", (0.0,) * 4, (0.0,) * 4, shares(16, 16), shares(30, 16), shares(16, 16)
    )
    found = pulled(SPACE, edit, pull)
    assert 0 < PIXELS * edit.latents([found.at])[0][0] < 1.5
    assert not found.done
    assert max(map(abs, found.at)) <= 0.5 + 1e-6


def test_of_many_sliders_no_more_than_64_mixtures_are_looked_at() -> None:
    decoded = []

    def decode(latents: NDArray[Any]) -> NDArray[np.float64]:
        decoded.append(len(latents))
        return spots(np.asarray(latents)[:, :4])

    # The first axes move the latent farthest.
    data = np.random.default_rng(0).normal(size=(400, 100)).astype(np.float32)
    data *= np.linspace(1.5, 0.5, 100, dtype=np.float32)
    space = lw.LatentSpace(decode, 100, value_range=(0, 1), data=data)
    axes = lw.axis_directions(space, latents=data)
    looked = {}
    for count in (32, 64, 65, 100):
        edit = Edit(np.zeros(100, np.float32), axes[:count])
        zeros = (0.0,) * count
        pull = PullMessage(
            "p", 1, "r", zeros, zeros, shares(16, 16), shares(30, 16), shares(16, 16)
        )
        decoded.clear()
        found = pulled(space, edit, pull)
        looked[count] = sum(decoded)
        assert PIXELS * edit.latents([found.at])[0][0] > 0.5, "what is grabbed follows"
    assert looked[32] < looked[64] == looked[65] == looked[100]


@pytest.mark.parametrize(
    ("decode", "options"),
    [
        (lambda z: np.stack([spots(z), spots(z), 0 * spots(z)], 1), {}),
        (lambda z: np.stack([spots(z), spots(z), 0 * spots(z)], -1), {}),
        (lambda z: 2 * spots(z).reshape(len(z), -1) - 1, {"image_shape": (HEIGHT, WIDTH)}),
        (lambda z: (255 * spots(z)).astype(np.uint8), {}),
    ],
)
def test_it_does_not_matter_how_a_model_lays_out_its_pictures(decode: Any, options: Any) -> None:
    low = -1 if options else 0
    ends: dict[str, Any] = {} if decode(DATA[:1]).dtype == np.uint8 else {"value_range": (low, 1)}
    space = lw.LatentSpace(decode, 4, data=DATA, **ends, **options)
    edit = Edit(ZERO, AXES)
    found = dragged(space, edit, shares(16, 16), shares(20, 16))
    assert abs(PIXELS * edit.latents([found.at])[0][0] - 4) < 0.7


def test_colours_in_a_square_are_not_taken_for_rows() -> None:
    raw = np.random.default_rng(0).random((4, 4, 4))
    first, last = np.moveaxis(raw, 0, -1), raw
    for picture in (first, last):
        assert (arranger_of(raw, picture)(raw) == picture).all()


def test_it_stops_where_a_slider_ends() -> None:
    edit = Edit(ZERO, AXES)
    found = dragged(SPACE, edit, shares(16, 16), shares(35, 16))
    reached = PIXELS * edit.latents([found.at])[0][0]
    assert found.why == "a slider ends here"
    assert 4 < reached < PIXELS * DATA[:, 0].max()
    assert found.share == pytest.approx(reached / 19, abs=0.05)
    assert all(
        low - 1e-6 <= x <= high + 1e-6
        for x, (low, high) in zip(found.at, [one.limits for one in AXES], strict=True)
    )


def test_no_latent_is_farther_out_than_the_data() -> None:
    wide = lw.Directions(
        lw.Direction(one.name, one.vector, sigma=one.sigma, limits=(-90, 90)) for one in AXES
    )
    edit = Edit(ZERO, wide)
    found = dragged(SPACE, edit, shares(16, 16), shares(38, 16))
    assert found.why == "the data ends here"
    far = np.linalg.norm(DATA - DATA.mean(axis=0), axis=1).max()
    assert np.linalg.norm(edit.latents([found.at])[0]) <= far + 0.2


def test_where_sliders_cannot_move_it_it_stays_and_says_so() -> None:
    edit = Edit(ZERO, AXES[2:])
    found = dragged(SPACE, edit, shares(16, 16), shares(20, 16))
    assert found.at == (0.0, 0.0)
    assert found.share == 0
    assert found.why == "what these sliders do leads no further from here"
    # Of two of the four axes only one can move it: it comes as near as that one lets it.
    found = dragged(SPACE, Edit(ZERO, AXES[1:]), shares(16, 16), shares(20, 12))
    assert 0.3 < found.share < 0.7


def test_what_is_held_still_stays() -> None:
    edit = Edit(ZERO, AXES, hold=[AXES.names[0]])
    found = dragged(SPACE, edit, shares(16, 16), shares(20, 12))
    assert found.at[0] == 0
    assert PIXELS * edit.latents([found.at])[0][1] < -2


def test_it_goes_on_from_where_the_sliders_are() -> None:
    edit = Edit(ZERO, AXES)
    start = (0.5, 0.0, 0.4, 0.3)
    here = 16 + PIXELS * float(edit.latents([start])[0][0])
    found = dragged(SPACE, edit, shares(here, 16), shares(here - 4, 16), start)
    assert PIXELS * edit.latents([found.at])[0][0] == pytest.approx(here - 16 - 4, abs=0.7)
    assert found.at[3] == pytest.approx(0.3, abs=0.02)


def test_more_sliders_than_are_looked_along_still_follow() -> None:
    rng = np.random.default_rng(2)
    mixed = lw.Directions(
        lw.Direction(f"d{i}", rng.normal(size=90) * (5 if i == 3 else 1)) for i in range(80)
    )
    wide = lw.LatentSpace(
        lambda z: spots(np.pad(z[:, :3], ((0, 0), (0, 1)))), 90, value_range=(0, 1)
    )
    edit = Edit(np.zeros(90, np.float32), mixed)
    found = dragged(wide, edit, shares(16, 16), shares(20, 16))
    assert PIXELS * edit.latents([found.at])[0][0] == pytest.approx(4, abs=0.8)


def test_conditions_stay_as_they_are() -> None:
    def decode(latents: Any, bright: Any) -> Any:
        return spots(latents) * np.reshape(bright, (-1, 1, 1))

    space = lw.LatentSpace(
        decode, 4, value_range=(0, 1), data=DATA, conditions={"bright": (0.5, 0.2, 1.0)}
    )
    route = Conditioned.of(Edit(ZERO, AXES), space.conditions)
    start = (0.0, 0.0, 0.0, 0.0, 1.0)
    found = dragged(space, route, shares(16, 16), shares(20, 16), start)
    assert found.at[4] == 1
    assert found.share > 0.8


def test_what_cannot_be_pulled_says_why() -> None:
    def refused(space: Any, route: Any, x: float = 16) -> str:
        at = (0.0,) * len(route.bounds)
        pull = PullMessage("p", 1, "r", at, at, shares(x, 16), shares(x + 3, 16), shares(x, 16))
        with pytest.raises(lw.LatentValueError) as caught:
            pulled(space, route, pull)
        return str(caught.value)

    edit = Edit(ZERO, AXES)
    assert "nothing to grab" in refused(SPACE, edit, x=38)
    at = (0.0,) * 4
    middle = shares(16, 16)
    pull = PullMessage("p", 1, "r", at, at, middle, middle, middle)
    with pytest.raises(lw.LatentValueError, match=r"about 2\.4 s with this decoder: too slow"):
        pulled(SPACE, edit, pull, 0.6)
    assert "pull at one alone" in refused(SPACE, Edit(DATA[:2], AXES))
    assert "no edit" in refused(SPACE, lw.Path(DATA[:2]))
    curves = lw.LatentSpace(lambda z: z @ np.ones((4, 9)), 4, kind="curve")
    assert "no picture" in refused(curves, edit)


def test_a_pull_of_no_length_changes_nothing() -> None:
    at = (0.3, 0.0, 0.0, 0.0)
    middle = shares(16, 16)
    pull = PullMessage("p", 1, "r", at, at, middle, middle, middle)
    assert pulled(SPACE, Edit(ZERO, AXES), pull) == Pulled(at, middle, 1.0, done=True)


def test_what_was_grabbed_is_found_between_pixels() -> None:
    before, now = (spots(np.array([[x, 0, 0, 0]]))[0][..., np.newaxis] for x in (0, 0.75))
    point, unlike = found_at(before, np.array([16.0, 16.0]), now, np.array([17.5, 16.0]), 3)
    assert point == pytest.approx([16 + PIXELS * 0.75, 16], abs=0.1)
    assert unlike < 0.05
    assert Patch(np.array([0.0, 0.0]), before.shape).cut(before).shape == (13, 13, 1)


@pytest.mark.slow
@pytest.mark.skipif(bool(models_missing), reason=models_missing)
def test_a_sprite_follows_a_pull_farther_than_chance_would_lead_it() -> None:
    vae = load_vae("dsprites_btcvae")
    options = {"latent_shape": 10, "value_range": (0, 1)}
    space = lw.as_space(vae, decode=vae.decode, encode=lambda x: vae.encode(x)[0], **options)
    data = space.encode(draw_sprites(400, 0)[0])
    space = space.replace(data=data)
    found = lw.axis_directions(space, latents=data)
    rng = np.random.default_rng(0)
    followed, chance = [], []
    for latent in space.encode(draw_sprites(6, 1)[0]):
        x, y, _ = centres_and_sizes(space.decode([latent]))
        centre = np.concatenate([x, y])
        pull = np.sign(31.5 - centre) * [6.0, 5.0]  # towards the middle, where there is room
        edit = Edit(latent, found)
        to = centre + pull
        grabbed, wanted = (shares(float(x), float(y), 64, 64) for x, y in (centre, to))
        end = dragged(space, edit, grabbed, wanted)
        steps = rng.normal(size=(20, 10))
        steps *= np.linalg.norm(end.at) / np.linalg.norm(steps, axis=1, keepdims=True)
        latents = edit.latents([end.at, *map(tuple, steps.tolist())])
        x, y, _ = centres_and_sizes(space.decode(latents))
        along = (np.stack([x, y], 1) - centre) @ pull / (pull @ pull)
        followed.append(along[0])
        chance.append(along[1:].max())
        assert end.share == pytest.approx(along[0], abs=0.1), "it says how far it moved"
    assert np.min(followed) > 0.85
    assert np.median(followed) > np.median(chance) + 0.1


# The message.


def test_a_page_asks_and_is_answered() -> None:
    widget = lw.DirectionEditor(SPACE, ZERO, AXES)
    page = Page(widget.comm)
    zero, middle = [0.0] * 4, list(shares(16, 16))
    asked = {"type": "pull", "at": zero, "start": zero, "grabbed": middle, "here": middle}
    answer = page.asked(**asked, to=list(shares(20, 16)), client="page-pull", seq=3)
    assert (answer["type"], answer["of"], answer["seq"]) == ("pull", "pull", 3)
    assert set(answer) == set(PullAnswer.__annotations__)
    assert answer["at"][0] > 0.2
    assert (answer["done"], answer["words"]) == (False, "")
    off = list(shares(38, 30))
    answer = page.asked(**{**asked, "grabbed": off, "here": off}, to=middle)
    assert (answer["type"], answer["of"]) == ("error", "pull")
    assert "nothing to grab" in answer["message"]
    assert "export" in page.state["_parts"]["pull"]
    assert page.asked(**asked, to=middle, route="gone")["type"] == "stale"


def test_only_the_newest_pull_of_a_page_that_waits_is_answered() -> None:
    gate, entered = threading.Event(), threading.Event()
    gate.set()

    def slow(latents: Any) -> Any:
        if not gate.is_set():
            entered.set()
            gate.wait(5)
        return spots(latents)

    widget = lw.DirectionEditor(lw.LatentSpace(slow, 4, value_range=(0, 1), data=DATA), ZERO, AXES)
    page = Page(widget.comm)
    gate.clear()
    zero, middle = [0.0] * 4, list(shares(16, 16))
    page.ask(at=[0.1, 0, 0, 0])
    assert entered.wait(5)
    for seq in (2, 3, 4):
        page.ask(
            type="pull",
            client="page-pull",
            seq=seq,
            at=zero,
            start=zero,
            grabbed=middle,
            here=middle,
            to=list(shares(20, 16)),
        )
    gate.set()
    answers = [page.answer()[0] for _ in range(2)]
    assert [(one["of"], one["seq"]) for one in answers] == [("ask", 1), ("pull", 4)]
