"""`Sampler`: what cannot be, refused with the way out."""

from __future__ import annotations

import re
import warnings
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from torch import nn

import latentwidgets as lw
from latentwidgets.adapters.modules import broken_weights, modules_of
from tests.unit.letters_pipeline import letters_pipeline
from tests.unit.pipelines import pipeline
from tests.unit.samplers import NAMES, NULL, mixture, predicted

BETAS = np.linspace(1e-4, 0.02, 1000)


def of(denoise: Any = None, shape: Any = 2, **options: Any) -> Any:
    given = {"predicts": "noise", "schedule": "ddpm", **options}
    return lw.as_space(lw.adapters.Sampler(denoise or (lambda x, t: x), shape, **given))


def three_axes(x: Any, t: Any) -> Any:
    return x[:, None] * t


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: of("net"), lw.LatentTypeError, "denoise is a str; expected a network"),
        (lambda: of(predicts="epsilon"), lw.LatentValueError, "What you mean is 'noise' here"),
        (lambda: of(predicts="x0"), lw.LatentValueError, "one of 'noise'.*mean is 'sample'"),
        (lambda: of(predicts="v_prediction"), lw.LatentValueError, "mean is 'velocity'"),
        (lambda: of(predicts="score"), lw.LatentValueError, "expected one of 'noise', 'velo"),
        (lambda: of(schedule=1 - BETAS), lw.LatentValueError, "fall from 0.9999 to 0.98.*alphas"),
        (
            lambda: of(schedule=np.cumprod(1 - BETAS)),
            lw.LatentValueError,
            r"1 - a\[1:\] / a\[:-1\]",
        ),
        (lambda: of(predicts="velocty"), lw.LatentValueError, "Did you mean 'velocity'"),
        (lambda: of(schedule="flow_reversed"), lw.LatentValueError, "Did you mean 'flow-rev"),
        (lambda: of(schedule="cosine"), lw.LatentValueError, "For another one pass its betas"),
        (lambda: of(schedule=[0.1, 1.0]), lw.LatentValueError, "reach from 0.1 to 1; expected"),
        (lambda: of(schedule=[0.0, 0.1]), lw.LatentValueError, "between 0 and 1"),
        (lambda: of(schedule=[[0.1]]), lw.LatentValueError, r"shape \(1, 1\); expected betas"),
        (lambda: of(schedule=None), lw.LatentTypeError, "betas of schedule"),
        (lambda: of(steps=0), lw.LatentValueError, "steps is 0; expected at least 1"),
        (lambda: of(steps=9, schedule=[0.1]), lw.LatentValueError, "steps is 9; expected at most"),
        (lambda: of(null=3), lw.LatentValueError, "there are no classes"),
        (lambda: of(classes="abc"), lw.LatentTypeError, r"a name of each letter pass list"),
        (lambda: of(classes=["a", "a"]), lw.LatentValueError, "classes: two choices are named"),
        (lambda: of(classes=3, null=1), lw.LatentValueError, "null is 1, the number of a class"),
        (lambda: of(classes=11, null=10), lw.LatentValueError, "leave it out: classes=10"),
        (
            lambda: of(classes=range(1, 12), null=11),
            lw.LatentValueError,
            r"leave it out: classes=range\(1, 11\)",
        ),
        (lambda: of(classes=3, null=0), lw.LatentValueError, r"classes=range\(1, 4\)"),
        (lambda: of(classes=[0, 1, 3]), lw.LatentValueError, r"Pass classes=range\(0, 4\)"),
        (lambda: of(classes=np.array([1, 0, 1])), lw.LatentValueError, r"np\.unique\(labels\)"),
        (lambda: of(classes=3, null=[0, 0]), lw.LatentValueError, "a row of 3 zeros"),
        (lambda: of(classes=3, null=[0, 1, 0]), lw.LatentValueError, "a row of 3 zeros"),
        (lambda: of(lambda x, t: x * np.nan), lw.DecodeError, "NaN or infinity .* at the first"),
        (lambda: of(lambda x, t: x[:, :1]), lw.DecodeError, r"returned shape \(2, 1\) for x of"),
        (lambda: of(three_axes), lw.DecodeError, r"returned shape \(2, 1, 2\)"),
        (lambda: of(lambda x, t: "no"), lw.DecodeError, "returned a str; expected an array"),
        (
            lambda: of(lambda x, t: x + t[:3, None, 0]),
            lw.DecodeError,
            "raised IndexError: too many",
        ),
        (lambda: of(lambda x: x), lw.DecodeError, r"It got arrays: x float32 \(2, 2\), t float32"),
        (
            lambda: of(lambda x, t, y: x),
            lw.DecodeError,
            r"argument: 'y'\. It was passed no label, .* pass classes=\.\.\. to the Sampler",
        ),
        (lambda: of(decode=3), lw.LatentTypeError, "decode is a int; expected a function"),
        (lambda: of(stpes=3), lw.LatentTypeError, "no option 'stpes'. Did you mean 'steps'"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(make: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        make()


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"strength": (1.0, 0.0, 2.0)}, "a Sampler has no condition 'strength'"),
        ({"guidence": (1.0, 0.0, 2.0)}, "Did you mean 'guidance'"),
        ({"steps": (5.0, 1.0, 9.0)}, r"conditions\['steps'\].*cannot be called with"),
        ({"steps": range(5)}, r"conditions\['steps'\].*cannot be called with"),
        ({"class": ["one"]}, r"conditions\['class'\].*cannot be called with"),
    ],
)
def test_conditions_that_the_network_cannot_take(conditions: Any, words: str) -> None:
    with pytest.raises(lw.LatentValueError, match=words):
        lw.as_space(mixture()[2], conditions=conditions)


@pytest.mark.parametrize("classes", [range(3), range(4, 10, 2)])
def test_classes_that_a_network_does_not_have_are_refused(classes: range) -> None:
    def denoise(x: Any, t: Any, label: Any) -> Any:
        return -x + label.sum(axis=1)[:, None]

    sampler = lw.adapters.Sampler(
        denoise, 4, predicts="velocity", schedule="flow", classes=classes, null=[0, 0, 0]
    )
    for other in (range(5, 8), range(-1, 2), range(4, 7), range(4)):
        with pytest.raises(lw.LatentValueError, match=r"conditions\['class'\].*cannot be called"):
            lw.as_space(sampler, conditions={"class": other})
    space = lw.as_space(sampler, kind="curve", conditions={"class": classes[1:]})
    given = {"steps": 1, "class": classes[1]}
    known = space.decode(space.sample(1), given)
    # A space that is made of it knows of choices, and not of the network.
    for other in (range(11, 14), range(-3, -1), range(5, 6)):
        wrong = space.replace(conditions={**space.conditions, "class": other})
        with pytest.raises(lw.DecodeError, match=f"^class is {other[0]}; the network has labels"):
            wrong.decode(space.sample(1), {**given, "class": other[0]})
    assert np.array_equal(space.decode(space.sample(1), given), known)


@pytest.mark.parametrize("fails_at", [1, 2])
@pytest.mark.parametrize("tensors", [False, True])
def test_memory_that_runs_out_is_no_refusal_of_a_form_of_labels(
    fails_at: int, tensors: bool
) -> None:
    net = nn.Identity()
    asked: list[tuple[int, ...]] = []

    def denoise(x: Any, t: Any, label: Any) -> Any:
        asked.append(tuple(label.shape))
        if len(asked) == fails_at:
            raise torch.OutOfMemoryError("out of memory")
        return net(x) if tensors else x

    def plain(x: Any, t: Any, label: Any) -> Any:
        asked.append(tuple(label.shape))
        if len(asked) == fails_at:
            raise MemoryError("out of memory")
        return x

    sampler = lw.adapters.Sampler(
        denoise if tensors else plain, 4, predicts="noise", schedule="ddpm", classes=3
    )
    with pytest.raises(lw.DecodeError, match="out of memory. It ran out for the two pictures"):
        lw.as_space(sampler)
    assert asked == [(2,), (2, 3)][:fails_at]
    with pytest.warns(lw.GuessWarning, match="as whole numbers and one-hot"):
        lw.as_space(sampler)


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_memory_that_runs_out_is_no_answer_to_whether_null_is_right(fails_at: int) -> None:
    asked: list[int] = []

    def denoise(x: Any, t: Any, label: Any) -> Any:
        asked.append(1)
        if len(asked) == fails_at:
            raise MemoryError("out of memory")
        return x + label @ np.ones((10, 2), np.float32)

    with pytest.raises(lw.DecodeError) as told:
        of(denoise, classes=10, null=10)
    assert ("out of memory" in str(told.value)) == (fails_at < 3)
    assert ("null=[0] * 10" in str(told.value)) == (fails_at == 3)


def test_a_network_that_breaks_on_the_way_is_told() -> None:
    def denoise(x: Any, t: Any) -> Any:
        return np.where(t[:, None] > 0.5, np.inf, x)

    sampler = lw.adapters.Sampler(denoise, 2, predicts="velocity", schedule="flow")
    space = lw.as_space(sampler, kind="curve")
    with pytest.raises(lw.DecodeError, match="NaN or infinity on the way.*Half precision"):
        space.decode(space.sample(1))


def test_a_network_that_wants_another_t_is_told_how() -> None:
    table = nn.Embedding(1000, 4)

    def denoise(x: Any, t: Any) -> Any:
        return x + table(t)

    with pytest.raises(lw.DecodeError, match=r"denoise=lambda x, t: net\(x, t.long\(\)\)"):
        of(denoise, 4)
    assert of(lambda x, t: x + table(t.long()), 4).latent_shape == (4,)


def test_memory_that_runs_out_halves_the_batch() -> None:
    def denoise(x: Any, t: Any, label: Any) -> Any:
        if len(x) > 8:
            raise MemoryError
        return predicted(x, t, label, schedule="flow", predicts="velocity")

    sampler = lw.adapters.Sampler(
        denoise, 2, predicts="velocity", schedule="flow", classes=NAMES, null=NULL, steps=3
    )
    space = lw.as_space(sampler, kind="curve")
    assert space.decode(space.sample(20), {"guidance": 3.0}).shape == (20, 1, 2)
    assert space.batch_size <= 4


def test_a_network_without_memory_for_one_is_told_the_way_out() -> None:
    full = True

    def denoise(x: Any, t: Any) -> Any:
        if full:
            raise torch.OutOfMemoryError("out of memory")
        return -x

    tried = r"OutOfMemoryError: out of memory\. It ran out for the two pictures .* half precision"
    with pytest.raises(lw.DecodeError, match=f"^denoise raised {tried}"):
        of(denoise, 4)
    full = False
    space = of(denoise, 4).replace(kind="curve")
    noise = space.sample(2)
    wanted = space.decode(noise)
    full = True
    for work in (space.decode, space.encode):
        with pytest.raises(lw.DecodeError, match="memory. It ran out for one.*precision") as told:
            work(noise)
        assert "It got" not in str(told.value)
    full = False
    assert np.array_equal(space.decode(noise), wanted), "nothing is lost"


@pytest.mark.parametrize("name", ["t", "time", "timestep"])
def test_a_network_that_takes_a_time_is_told_of_samplers(name: str) -> None:
    made: dict[str, Any] = {}
    exec(f"def forward(self, x, {name}): return self.layer(x)", made)
    net = type("Net", (nn.Module,), made)()
    net.layer = nn.Linear(4, 4)
    with pytest.raises(lw.LatentValueError, match=rf"needs '{name}'.*lw\.adapters\.Sampler\("):
        lw.as_space(net, latent_shape=4)
    with pytest.raises(lw.LatentValueError) as caught:
        lw.as_space(lambda z, label: z, latent_shape=4)
    assert "Sampler" not in str(caught.value)


class Holder:
    def __init__(self, net: Any) -> None:
        self.net = net

    def __call__(self, x: Any, t: Any, label: Any) -> Any:
        return self.net(x, t.long(), label)


def test_a_network_behind_other_functions_has_its_own_error_told() -> None:
    class Net(nn.Module):
        def forward(self, x: Any, t: Any, label: Any) -> Any:
            return x * nn.functional.one_hot(t * 0, 2)

    net = Net()
    inner: Any = lambda x, t, label: net(x, t.long(), label)  # noqa: E731
    holder = Holder(net)
    outer: Any
    for outer in (inner, holder):
        denoise: Any = lambda x, t, label, outer=outer: outer(x, t, label).repeat(1, 2)  # noqa: E731
        named = lambda x, t, label: inner(x, t, label).repeat(1, 2)  # noqa: E731
        held = lambda x, t, label: holder(x, t, label).repeat(1, 2)  # noqa: E731
        for one in (denoise, named, held):
            with pytest.raises(lw.DecodeError, match=r"returned shape \(2, 4\) for x .*tensors"):
                of(one, classes=3)
    assert modules_of(named) == modules_of(held) == [net]


@pytest.mark.parametrize(
    ("denoise", "words"),
    [
        (lambda x, t: x.foo, "'numpy.ndarray' object has no attribute 'foo'"),
        (lambda x, t: x.astype(np.float32) @ np.ones((3, 2)), "mismatch"),
        (lambda x, t: (x.long(), torch.cat([x, x]))[1], r"shape \(4, 2\)"),
    ],
)
def test_of_two_failures_the_one_that_counts_is_told(denoise: Any, words: str) -> None:
    with pytest.raises(lw.DecodeError, match=words):
        of(denoise)


@pytest.mark.parametrize("schedule", [BETAS[:200], "flow"])
def test_more_steps_than_are_offered_say_how_to_have_them(schedule: Any) -> None:
    space = lw.as_space(of(schedule=schedule, predicts="sample"), kind="curve")
    z = space.sample(1)
    words = r"number from 1 to 100\. .*Sampler\(\.\.\., steps=\.\.\.\)"
    with pytest.raises(lw.LatentValueError, match=words):
        space.decode(z, {"steps": 200})
    with pytest.raises(lw.LatentValueError, match=r"from 1 to 100\.$"):
        space.decode(z, {"steps": 0})
    sampler = lw.adapters.Sampler(lambda x, t: x, 2, predicts="sample", schedule=schedule)
    fewer = lw.as_space(sampler, kind="curve", conditions={"steps": range(1, 11)})
    with pytest.raises(lw.LatentValueError, match=r"from 1 to 10\. For more: lw\.as_space\(") as e:
        fewer.decode(z, {"steps": 200})
    [most] = re.findall(r'\{"steps": range\(1, (\d+)\)\}', str(e.value))
    given = {"steps": range(1, int(most))}
    all_of_them = lw.as_space(sampler, kind="curve", conditions=given)
    with pytest.raises(lw.LatentValueError, match=rf"from 1 to {int(most) - 1}\.$"):
        all_of_them.decode(z, {"steps": int(most)})
    more = of(schedule=schedule, predicts="sample", steps=200)
    assert more.conditions["steps"].check(200) == 200


class Tables(nn.Module):
    """Has a time for each of 200 steps, and a row for each of 11 labels."""

    def __init__(self) -> None:
        super().__init__()
        self.times, self.labels = nn.Embedding(200, 2), nn.Embedding(11, 2)

    def forward(self, x: Any, t: Any, label: Any) -> Any:
        return x + self.times(t.long()) + self.labels(label)


def test_numbers_beyond_a_table_are_named() -> None:
    with pytest.raises(lw.DecodeError, match=r"t from 999 to 999 and labels from 0 to 1\. If its"):
        of(Tables(), classes=10, null=10)
    for null in (11, -1):
        with pytest.raises(lw.DecodeError, match=rf"labels from {null} to {null}\. .*another null"):
            of(Tables(), schedule=BETAS[:200], classes=10, null=null)


def test_a_one_hot_network_with_a_number_for_no_class_is_told_of_zeros() -> None:
    class OneHot(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.labels = nn.Linear(10, 2)

        def forward(self, x: Any, t: Any, label: Any) -> Any:
            return x + self.labels(label)

    with pytest.raises(lw.DecodeError, match=r"one-hot, and null is 10.*null=\[0\] \* 10"):
        of(OneHot(), classes=10, null=10)


def test_weights_that_are_not_finite_are_named() -> None:
    net = Tables()
    space = lw.as_space(of(net, schedule=BETAS[:200], classes=10), kind="curve")
    with torch.no_grad():
        net.times.weight[5:100] = np.nan
    with pytest.raises(
        lw.DecodeError,
        match=r"some weights of its network are NaN or infinite too, such as .*times\.weight",
    ):
        space.decode(space.sample(1), {"steps": 4})


def test_a_network_that_has_its_labels_is_not_told_of_classes() -> None:
    with pytest.raises(lw.DecodeError) as caught:
        of(lambda x, t, y, more: x, classes=3)
    assert "classes=" not in str(caught.value)


@pytest.mark.parametrize("value", [None, "none", "", 2, -1, [None, 0]])
def test_no_class_is_guidance_0(value: Any) -> None:
    way = r"\. Guidance 0 draws without a class: \{\"guidance\": 0\}\.$"
    space = mixture()[0]
    given = lw.as_space(space, conditions={**space.conditions})
    for one in (space, given):
        with pytest.raises(lw.LatentWidgetsError, match=way):
            one.decode(one.sample(2), {"class": value})
    alone = mixture(null=None)[0]
    with pytest.raises(lw.LatentWidgetsError) as caught:
        alone.decode(alone.sample(2), {"class": value})
    assert "uidance" not in str(caught.value), "there is none"


def test_no_class_of_a_pipeline_is_guidance_0() -> None:
    space = lw.as_space(pipeline("ddim", classes=4), null=3, conditions={"class": range(3)})
    for value in (None, 3):
        with pytest.raises(lw.LatentWidgetsError, match=r"Guidance 0 draws without a class"):
            space.decode(space.sample(1), {"class": value})


@pytest.mark.parametrize(
    ("given", "end", "wider"),
    [
        ((4.0, 2.0, 8.0), "begins at 2", "4, 0, 8"),
        ((2.123456789, 1.5, 8.0), "begins at 1.5", "2.123456789, 0, 8"),
        ((-1.0, -3.0, -0.5), "ends at -0.5", "-1, -3, 0"),
    ],
)
def test_guidance_that_cannot_be_0_is_told_with_the_way_there(
    given: tuple[float, ...], end: str, wider: str
) -> None:
    words = r"Guidance 0 draws without a class.*" + re.escape(
        f'{end}: make the space with conditions={{"guidance": ({wider})}}'
    )
    sampler = mixture()[2]
    space = lw.as_space(sampler, kind="curve", conditions={"guidance": given})
    with pytest.raises(lw.LatentWidgetsError, match=words):
        space.decode(space.sample(1), {"class": None})
    way = tuple(map(float, wider.split(", ")))
    space = lw.as_space(sampler, kind="curve", conditions={"guidance": way})
    with pytest.raises(lw.LatentWidgetsError, match=r"without a class: \{.guidance.: 0\}\.$"):
        space.decode(space.sample(1), {"class": None})


def test_how_to_draw_without_a_class_is_told_by_the_guidance_of_the_space_at_hand() -> None:
    wide = mixture()[0]
    narrow = wide.replace(conditions={**wide.conditions, "guidance": (4.0, 2.0, 8.0)})
    words = re.escape('begins at 2: make the space with conditions={"guidance": (4, 0, 8)}')
    again = narrow.replace(conditions={**narrow.conditions, "guidance": (1.0, 0.0, 3.0)})
    menu = narrow.replace(conditions={**narrow.conditions, "guidance": range(5)})
    plain = r"without a class: \{.guidance.: 0\}\.$"
    for space, told in ((narrow, words), (again, plain), (menu, plain)):
        with pytest.raises(lw.LatentWidgetsError, match=told):
            space.decode(space.sample(1), {"class": None})
    never = narrow.replace(conditions={**narrow.conditions, "guidance": range(1, 5)})
    with pytest.raises(lw.LatentWidgetsError) as caught:
        never.decode(never.sample(1), {"class": None})
    assert "uidance" not in str(caught.value)


def test_betas_that_end_early_are_told() -> None:
    words = r"leave 13\.2% of .* at the last of 200 steps; .*np\.linspace\(0\.0005, 0\.1, 200\)"
    with pytest.warns(UserWarning, match=words):
        of(schedule=np.linspace(1e-4, 0.02, 200))
    with pytest.warns(UserWarning, match=r"leave 72\.0% of .*betas that grow further\."):
        of(schedule=[0.1, 0.2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for enough in (
            np.linspace(5e-4, 0.1, 200),
            np.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2,
        ):
            of(schedule=enough)


@pytest.mark.parametrize("latent", ["noise", "prompt", "bottleneck"])
def test_a_scheduler_of_diffusers_that_ends_early_is_told(latent: str) -> None:
    pipe = letters_pipeline() if latent == "prompt" else pipeline("ddim")
    pipe.scheduler = diffusers.DDIMScheduler(num_train_timesteps=200)
    with pytest.warns(UserWarning, match=r"the betas of DDIMScheduler leave 13\.2% of"):
        lw.as_space(pipe, latent=latent)


def test_an_autoencoder_takes_no_steps_that_could_end_early() -> None:
    pipe = pipeline("dit")
    pipe.scheduler = diffusers.DDIMScheduler(num_train_timesteps=200)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lw.as_space(pipe, latent="vae")


def test_broken_weights_are_found_in_numbers_of_one_byte_and_beside_weights() -> None:
    first, second = torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2)
    net = torch.nn.Sequential(first.to(torch.float8_e4m3fn), second)
    assert broken_weights([net]) == ""
    net.register_buffer("mask", torch.full((2, 2), -torch.inf))
    assert broken_weights([net]) == "", "masks are made of infinity"
    assert second.running_mean is not None
    second.running_mean[0] = torch.nan
    assert broken_weights([net]) == "1.running_mean"
    first.bias.data = torch.tensor([torch.nan, 0]).to(torch.float8_e4m3fn)
    assert broken_weights([net]) == "0.bias"
