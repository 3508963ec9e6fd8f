"""`Sampler`: its steps against exact posteriors, and networks as people have them."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import latentwidgets as lw
from latentwidgets.adapters.inversion_errors import InversionErrors, measured
from latentwidgets.space.locks import models_of
from tests.unit.samplers import (
    BETAS,
    DEVIATIONS,
    MEANS,
    NAMES,
    NULL,
    SCHEDULES,
    SHARES,
    Exact,
    Net,
    mixture,
    pictures,
    predicted,
)

combinations = pytest.mark.parametrize(
    ("schedule", "predicts"),
    [(schedule, one) for schedule in SCHEDULES for one in ("noise", "velocity", "sample")],
)


# Its law


@combinations
@pytest.mark.slow
def test_samples_of_an_exact_posterior_have_the_law_of_the_data(
    schedule: str, predicts: str
) -> None:
    space, _, _ = mixture(schedule, predicts)
    samples = space.decode(space.sample(4000), {"guidance": 0})[:, 0]
    side = (samples[:, 0] > 0).astype(int)
    assert side.mean() == pytest.approx(SHARES[1], abs=5 * np.sqrt(0.21 / 4000))
    for k in (0, 1):
        mine = samples[side == k]
        # Five standard errors, and what 100 steps of Euler leave.
        np.testing.assert_allclose(mine.mean(0), MEANS[k], atol=0.02 + 5 * 0.6 / np.sqrt(len(mine)))
        np.testing.assert_allclose(mine.std(0), DEVIATIONS[k], rtol=0.03 + 5 / np.sqrt(len(mine)))


@combinations
@pytest.mark.slow
def test_a_class_has_its_own_law_and_comes_back_to_its_noise(schedule: str, predicts: str) -> None:
    space, _, sampler = mixture(schedule, predicts)
    noise = space.sample(400)
    for k, name in enumerate(NAMES):
        curves = space.decode(noise, {"class": name})
        assert ((curves[:, 0, 0] > 0) == k).mean() > 0.99
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = space.encode(curves, {"class": name})
        np.testing.assert_allclose(found, noise, atol=0.03)
        assert sampler.reconstruction_error is not None
        assert sampler.reconstruction_error.shape == (400,)
        assert sampler.reconstruction_error.max() < 0.002


def test_steps_are_those_of_ddim() -> None:
    space, _, _ = mixture("betas", "noise", steps=7)
    x = noise = space.sample(5).astype(np.float64)
    kept = np.cumprod(1 - BETAS)
    places = [299, 256, 213, 170, 128, 85, 42]
    for now, then in zip(places, [*places[1:], None], strict=True):
        eps = predicted(x, np.full(5, now), np.ones(5), schedule="betas", predicts="noise")
        clean = (x - np.sqrt(1 - kept[now]) * eps) / np.sqrt(kept[now])
        left = 1.0 if then is None else kept[then]
        x = np.sqrt(left) * clean + np.sqrt(1 - left) * eps
    np.testing.assert_allclose(space.decode(noise, {"class": "right"})[:, 0], x, atol=1e-4)


# Conditions


def test_guidance_goes_through_one_and_zero_without_a_jump() -> None:
    space, net, _ = mixture()
    noise = space.sample(20)
    for at in (1.0, 0.0):
        exact = space.decode(noise, {"guidance": at})
        assert set(net.asked) == {20}, "the half that counts nothing is not computed"
        net.asked.clear()
        beside = space.decode(np.concatenate([noise, noise]), {"guidance": [at] * 20 + [0.5] * 20})[
            :20
        ]
        assert set(net.asked) == {80}, "both halves are one batch"
        net.asked.clear()
        np.testing.assert_allclose(beside, exact, atol=1e-5)
        near = space.decode(noise, {"guidance": at + 1e-5})
        np.testing.assert_allclose(near, exact, atol=2e-3)
        net.asked.clear()


def test_rows_of_one_batch_have_their_own_guidance_class_and_steps() -> None:
    space, net, _ = mixture()
    noise = space.sample(6)
    under: dict[str, Any] = {
        "guidance": [0, 1, 1, 2.5, 4, 0.3],
        "class": ["left", "right", "left", "right", "left", "right"],
        "steps": [1, 30, 7, 100, 7, 30],
    }
    together = space.decode(noise, under)
    assert len(net.asked) == 100, "rows take their steps together"
    assert net.asked[-1] <= 2
    for i in range(6):
        alone = space.decode(noise[i : i + 1], {name: one[i] for name, one in under.items()})
        np.testing.assert_allclose(together[i], alone[0], atol=1e-5)
    assert abs(together[1] - space.decode(noise[1:2], {"class": "right"})[0]).max() > 1e-3


def test_what_there_is_no_class_for_has_no_guidance() -> None:
    def denoise(x: Any, t: Any) -> Any:
        return predicted(x, t, schedule="flow", predicts="velocity")

    bare: Any = {"predicts": "velocity", "schedule": "flow"}
    assert list(lw.as_space(lw.adapters.Sampler(denoise, 2, **bare)).conditions) == ["steps"]
    labelled = lw.adapters.Sampler(Exact(), 2, classes=3, **bare)
    space = lw.as_space(labelled)
    assert list(space.conditions) == ["steps", "class"]
    assert space.conditions["class"].choices == range(3)
    with pytest.raises(lw.LatentValueError, match="without a class.*Pass null="):
        lw.as_space(labelled, conditions={"guidance": (2.0, 0.0, 4.0)})
    changed = mixture()[2]
    conditions = {"guidance": (4.0, 0.0, 8.0), "steps": lw.Condition(9, choices=range(1, 10))}
    space = lw.as_space(changed, conditions=conditions)
    assert [one.default for one in space.conditions.values()] == [4.0, 9, "left"]


def test_steps_are_no_more_than_there_are_betas() -> None:
    def noise(x: Any, t: Any) -> Any:
        assert set(np.unique(t)) <= {0.0, 1.0, 2.0}
        return x / 2

    sampler = lw.adapters.Sampler(noise, 4, predicts="noise", schedule=[0.1, 0.2, 0.3])
    space = lw.as_space(sampler, kind="curve")
    assert space.conditions["steps"].choices == range(1, 4)
    assert space.conditions["steps"].default == 3
    space.decode(space.sample(2), {"steps": [1, 3]})


# Networks of torch


def test_a_network_runs_in_evaluation_mode_and_keeps_its_own() -> None:
    net = Net()
    net.conv.eval()
    space = pictures(net)
    noise = space.sample(4)
    assert (space.decode(noise) == space.decode(noise)).all()
    assert (net.training, net.drop.training, net.conv.training) == (True, True, False)
    assert pictures(lambda x, t, label: net(x, t, label)).decode(noise).shape == (4, 8, 8, 1)
    assert net.drop.training


@pytest.mark.parametrize("kind", ["module", "method", "function", "object"])
def test_spaces_of_one_network_share_its_lock(kind: str) -> None:
    net = Net()

    class Wrapped:
        def __init__(self) -> None:
            self.net = net

        def __call__(self, x: Any, t: Any, label: Any) -> Any:
            return self.net(x, t, label)

    ways: dict[str, Any] = {
        "module": net,
        "method": net.forward,
        "function": lambda x, t, label: net(x, t, label),
        "object": Wrapped(),
    }
    space = pictures(ways[kind])
    assert any(model is net for model in models_of(space.decoder))
    np.testing.assert_array_equal(
        space.decode(space.sample(3)), pictures(net).decode(space.sample(3))
    )


def test_tensors_and_arrays_give_the_same() -> None:
    def denoise(x: Any, t: Any, label: Any) -> Any:
        assert isinstance(x, torch.Tensor)
        assert (t.dtype, label.dtype) == (torch.float32, torch.int64)
        out = predicted(x, t, label, schedule="flow", predicts="velocity")
        return torch.sin(torch.from_numpy(np.arcsin(np.tanh(out / 100)))).atanh().float() * 100

    sampler = lw.adapters.Sampler(
        denoise, 2, predicts="velocity", schedule="flow", classes=NAMES, null=NULL
    )
    space, (exact, _, _) = lw.as_space(sampler, kind="curve"), mixture(steps=50)
    noise, under = space.sample(5), {"class": "right", "guidance": [0, 1, 2, 3, 0.5]}
    np.testing.assert_allclose(space.decode(noise, under), exact.decode(noise, under), atol=1e-3)
    np.testing.assert_allclose(
        space.encode(exact.decode(noise), {"class": "left"}), noise, atol=1e-2
    )


def test_numpy_networks_in_half_precision_are_guided_in_single() -> None:
    """Alone, where all rows share the guidance, as beside rows of another one."""

    def denoise(x: Any, t: Any, label: Any) -> Any:
        return (np.tanh(x) * np.where(label == 2, 0.3, 1.7)[:, None]).astype(np.float16)

    sampler = lw.adapters.Sampler(
        denoise, 4, predicts="velocity", schedule="flow", steps=8, classes=["a", "b"], null=2
    )
    space = lw.as_space(sampler, kind="curve")
    noise = space.sample(2)
    alone = space.decode(noise[:1], {"guidance": 7.3, "class": "a"})
    beside = space.decode(noise, {"guidance": [7.3, 1.5], "class": "a"})
    np.testing.assert_allclose(alone[0], beside[0], rtol=1e-5)


def test_half_precision_adds_up_its_steps_in_single() -> None:
    net = Net().bfloat16()
    seen = []
    net.register_forward_pre_hook(lambda _, given: seen.append([one.dtype for one in given]))
    moved = pictures(lambda x, t, label: net(x, t.to(x.dtype), label))
    moved.decode(moved.sample(2), {"guidance": 2.0})
    assert seen[0] == [torch.bfloat16] * 3
    exact, noise = pictures(Net()), moved.sample(8)
    few, many = ({"steps": steps, "guidance": 2.0} for steps in (6, 100))
    gaps = [
        np.abs(moved.decode(noise, one).astype(int) - exact.decode(noise, one)).mean()
        for one in (few, many)
    ]
    assert gaps[1] < 2 * gaps[0] + 0.5, "a hundred steps lose no more than six"


def test_labels_take_the_form_that_the_network_takes() -> None:
    class Embedded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.label = nn.Embedding(3, 64)

        def forward(self, x: Any, t: Any, label: Any) -> Any:
            return x * t.reshape(-1, 1, 1, 1) + self.label(label).reshape(-1, 1, 8, 8)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pictures(Net(), null=None)  # a linear layer takes one-hot rows alone
        pictures(Embedded(), null=None)  # an embedding takes whole numbers alone
        pictures(Embedded(), classes=["a", "b"], null=2)

    def of_tensors(x: Any, t: Any, label: Any) -> Any:
        return torch.zeros_like(x) + label.reshape(-1, 1, 1, 1)  # refuses arrays, and one-hot rows

    space = pictures(of_tensors, null=None, steps=1)
    assert (space.decode(space.sample(1), {"class": 2}) > space.decode(space.sample(1))).any()
    with pytest.warns(lw.GuessWarning, match="whole numbers and one-hot; whole numbers were"):
        pictures(
            lambda x, t, label: x * label.reshape(len(x), -1)[:, 0].reshape(-1, 1, 1, 1), null=None
        )
    with pytest.raises(lw.DecodeError, match=r"IndexError.*label int64 \(2,\)"):
        pictures(Embedded(), null=3)


def test_predictions_are_found_in_what_networks_wrap_them_in() -> None:
    plain, net = pictures(), Net()
    noise = plain.sample(2)
    for wrap in (lambda out: (out, 1.0), lambda out: {"sample": out}, lambda out: [out]):
        wrapped = pictures(lambda x, t, label, wrap=wrap: wrap(net(x, t, label)))
        np.testing.assert_array_equal(wrapped.decode(noise), plain.decode(noise))
    both = pictures(decode=lambda x: x, encode=lambda x: (x, torch.ones_like(x)))
    assert both.encode(plain.decode(noise)).shape == noise.shape


# Drafts


def test_each_step_gives_a_draft_which_is_decoded_only_where_it_is_read() -> None:
    decoded = []

    def decode(x: Any) -> Any:
        decoded.append(torch.is_grad_enabled())
        return torch.sigmoid(x).repeat(1, 3, 1, 1)

    net = Net()
    space = pictures(net, decode=decode)
    noise = space.sample(4)
    space.decode(noise)
    decoded.clear()
    net.calls = 0
    final = space.decode(noise)
    assert final.shape == (4, 8, 8, 3)
    assert (decoded, net.calls) == ([False], 6)
    decoded.clear()
    drafts = list(space.drafts(noise))
    assert decoded == [False] * 6
    np.testing.assert_array_equal(drafts[-1], final)
    gaps = [np.abs(draft.astype(int) - final).mean() for draft in drafts]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] > 0
    net.calls = 0
    stopped = space.drafts(noise)
    next(stopped)
    stopped.close()
    assert net.calls == 1, "what is stopped after a step has taken one"


def test_a_row_that_has_arrived_stays_while_others_go_on() -> None:
    space, _, _ = mixture()
    noise = space.sample(2)
    drafts = list(space.drafts(noise, {"steps": [3, 9]}))
    assert len(drafts) == 9
    for draft in drafts[3:]:
        np.testing.assert_array_equal(draft[0], drafts[2][0])
    assert abs(drafts[3][1] - drafts[8][1]).max() > 0


# Back to noise


def test_pictures_that_no_noise_decodes_to_are_told() -> None:
    space: Any
    space, _, sampler = mixture(steps=20)
    assert [one.reconstruction_error for one in (sampler, space)] == [None, None]
    far = np.array([[[9.0, -9.0]], [[2.0, 0.5]]], np.float32)
    with pytest.warns(lw.GuessWarning, match=r"picture 0 of 2 has norm \d\d") as told:
        space.encode(far, {"class": "right"})  # an exact network reaches all there is
    assert "decodes to another one" not in str(told[0].message)
    assert space.reconstruction_error.max() < 0.05
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        space.encode(far[1:], {"class": "right"})
    wrong = lw.adapters.Sampler(
        lambda x, t: np.sign(x) * 3, 2, predicts="velocity", schedule="flow", steps=3
    )
    there: Any = lw.as_space(wrong, kind="curve")
    with pytest.warns(lw.GuessWarning, match=r"picture 0 of 2 .*% of the range.*more steps"):
        there.encode(np.array([[[0.5, -0.5]], [[4.0, 4.0]]], np.float32))
    assert there.reconstruction_error is wrong.reconstruction_error
    again: Any = lw.as_space(there, name="it")
    assert again.reconstruction_error is wrong.reconstruction_error
    assert wrong.reconstruction_error is not None
    assert wrong.reconstruction_error[0] > 0.05


@pytest.mark.parametrize("size", [None, 5])
def test_errors_are_told_of_every_picture_and_once(size: int | None) -> None:
    """In batches, with shares of the range of all pictures, in their order."""
    sampler = lw.adapters.Sampler(
        lambda x, t: np.sign(x) * 3, 2, predicts="velocity", schedule="flow", steps=3
    )
    space: Any = lw.as_space(sampler, kind="curve", batch_size=size)
    far = np.random.default_rng(0).normal(0, 3, (70, 1, 1)).astype(np.float32) * [1, -1]
    with pytest.warns(lw.GuessWarning, match="of 70 decodes") as told:
        noise = space.encode(far)
    assert len(told) == 1
    gaps = np.abs(space.decode(noise) - far).mean(axis=(1, 2)) / np.ptp(far)
    np.testing.assert_allclose(space.reconstruction_error, gaps, atol=1e-5)
    assert f"picture {gaps.argmax()} of" in str(told[0].message)


def test_what_has_no_way_into_x_has_no_encoder() -> None:
    assert not pictures(decode=torch.sigmoid).can_encode
    with pytest.raises(lw.LatentValueError, match="encode without decode"):
        pictures(encode=torch.logit)
    both = pictures(decode=lambda x: 2 * x + 1, encode=lambda x: (x - 1) / 2)
    noise = both.sample(3)
    images = both.decode(noise)
    again = both.decode(both.encode(images))
    assert np.abs(again.astype(int) - images).mean() < 2
    assert np.abs(both.decode(noise[::-1]).astype(int) - images).mean() > 20
    flat = pictures(decode=lambda x: x, encode=lambda x: x.flatten(1))
    with pytest.raises(lw.DecodeError, match=r"encode gave shape \(3, 64\); expected \(n, 1, 8"):
        flat.encode(images)


# Widgets, copies


def test_widgets_show_guidance_and_seeds_in_one_batch() -> None:
    net = Net()
    space = pictures(net)
    noise = space.sample(4)
    net.calls = 0
    grid = lw.LatentGrid.table(space, noise, "guidance", amounts=np.linspace(-3, 3, 5))
    assert grid.figure() is not None
    assert net.calls % 6 == 0
    cell = np.asarray(grid.grid.conditions_at([(2.0, 3.0)])["guidance"]).tolist()
    walk = lw.Interpolator(space, noise[:3], method="gaussian", value=0.25)
    walk.conditions = {"guidance": cell[0], "class": "b", "steps": 4}
    picture = np.asarray(walk.image())
    expected = space.decode(walk.latent[None], {"guidance": cell[0], "class": "b", "steps": 4})
    np.testing.assert_array_equal(picture, expected[0, :, :, 0])


def test_a_space_is_copied_with_its_network() -> None:
    space = pictures()
    for same in (copy.deepcopy(space), pickle.loads(pickle.dumps(space))):
        noise = space.sample(2)
        np.testing.assert_array_equal(same.decode(noise), space.decode(noise))
        assert same.normal_prior == space.normal_prior


def test_a_network_in_numpy_needs_no_torch() -> None:
    script = (
        "import sys, latentwidgets as lw\n"
        "s = lw.adapters.Sampler(lambda x, t: x, 4, predicts='noise', schedule='ddpm')\n"
        "space = lw.as_space(s, kind='curve')\n"
        "space.encode(space.decode(space.sample(2)))\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True)


@pytest.mark.parametrize(
    ("given", "choices"),
    [
        (list(range(10)), range(10)),
        (np.unique([3, 1, 2, 3]), range(1, 4)),
        (torch.arange(10), range(10)),
        ([np.int64(0), np.int64(5)], range(0, 6, 5)),
        ((7,), range(7, 8)),
    ],
)
def test_classes_may_be_their_labels(given: Any, choices: range) -> None:
    made = lw.adapters.Sampler(Exact(), 2, predicts="noise", schedule="flow", classes=given)
    assert made.conditions["class"].choices == choices


def test_the_way_back_says_that_it_takes_no_guidance() -> None:
    space, _, _ = mixture(steps=5)
    curves = space.decode(space.sample(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", lw.GuessWarning)
        space.encode(curves, {"class": "left"})
        space.encode(curves, {"guidance": 1.0})
    with pytest.warns(UserWarning, match=r"guidance 3, and went back with 1.*Decode with guidance"):
        space.encode(curves, {"guidance": 3})
    with pytest.warns(UserWarning, match=r"guidance \[1, 2\], and"):
        space.encode(curves, {"guidance": [1, 2]})


def test_a_sampler_says_its_schedule() -> None:
    bare: dict[str, Any] = {"denoise": Exact(), "shape": 2, "predicts": "noise"}
    assert "schedule=<300 betas, 0.0001 to 0.05>" in repr(
        lw.adapters.Sampler(**bare, schedule=BETAS)
    )
    for name in ("ddpm", "flow"):
        assert f"schedule='{name}'" in repr(lw.adapters.Sampler(**bare, schedule=name))


@pytest.mark.parametrize(
    ("by_autoencoder", "by_class", "words", "not_said"),
    [
        (0.3, True, "autoencoder itself makes something else", "steps,"),
        (0.02, True, "Take more steps, or the class .*", "itself"),
        (0.02, False, "Take more steps: ", "class"),
    ],
)
def test_what_does_not_come_back_is_laid_to_what_it_is_due_to(
    by_autoencoder: float, by_class: bool, words: str, not_said: str
) -> None:
    images = np.linspace(0, 1, 64, dtype=np.float32).reshape(1, 8, 8)
    errors = InversionErrors()
    errors.begin()
    errors.add(measured(images, images + 0.3, lambda: images + by_autoencoder))
    with pytest.warns(lw.GuessWarning, match=words) as told:
        errors.tell(1, by_class=by_class)
    assert not_said not in str(told[0].message)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [1, 3])
def test_a_network_may_write_into_the_times(count: int) -> None:
    net = torch.nn.Linear(4, 4)

    def denoise(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return net(x) + t.mul_(2)[:, None]  # type: ignore[no-any-return]

    sampler = lw.adapters.Sampler(denoise, 4, predicts="velocity", schedule="flow", steps=5)
    space = lw.as_space(sampler, kind="curve")
    noise = space.sample(count)
    x = torch.from_numpy(noise)
    with torch.no_grad():
        for i in range(5):
            x = x + (net(x) + 2 * i / 5) / 5
    found = space.decode(noise)
    assert np.allclose(found.reshape(count, 4), x.numpy(), atol=1e-5)
    assert np.array_equal(space.decode(noise), found)
