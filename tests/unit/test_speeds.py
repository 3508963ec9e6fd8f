"""How fast the output changes along a path, its timing, and the distances it is measured by."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.segments import INTERPOLATIONS
from latentwidgets.routes.similarity import pictures_of, structural_dissimilarity

LATENTS = np.random.default_rng(3).normal(size=(4, 6))
MATRIX = np.random.default_rng(0).normal(size=(6, 20))


def curve(z: np.ndarray) -> np.ndarray:
    return np.tanh(z @ MATRIX)


SPACE = lw.LatentSpace(curve, 6, kind="curve")


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("method", INTERPOLATIONS)
def test_velocity_is_the_slope_of_the_path(method: str, closed: bool) -> None:
    path = lw.Path(LATENTS, method, closed=closed)
    t = np.array([[0.03, 0.2], [0.55, 0.91]])
    seen = (path(t + 1e-6) - path(t - 1e-6)) / 2e-6
    assert path.velocity(t) == pytest.approx(seen, rel=1e-5, abs=1e-5)
    after = (path(path.marks[1] + 1e-6) - path(path.marks[1])) / 1e-6
    assert path.velocity(path.marks[1]) == pytest.approx(after, abs=1e-3)


@pytest.mark.parametrize("method", INTERPOLATIONS)
@pytest.mark.parametrize("closed", [False, True])
def test_at_constant_speed_every_step_is_as_far(method: str, closed: bool) -> None:
    path = lw.Path(LATENTS, method, closed=closed)
    even = path.at_constant_speed(SPACE)

    def unevenness(path: lw.Path) -> float:
        steps = np.linalg.norm(np.diff(curve(path(np.linspace(0, 1, 201))), axis=0), axis=1)
        return float(steps.max() / steps.mean())

    assert unevenness(even) < 1.15 < unevenness(path)
    assert even(even.marks).tolist() == path(path.marks).tolist()
    t = np.linspace(0.01, 0.99, 40)
    assert even.velocity(t) == pytest.approx(
        (even(t + 1e-7) - even(t - 1e-7)) / 2e-7, rel=1e-3, abs=1e-3
    )
    assert even.at_constant_speed(SPACE) == even


def test_a_timed_path_is_a_path() -> None:
    path = lw.Path(LATENTS, "slerp")
    even = path.at_constant_speed(SPACE)
    t = np.linspace(-0.1, 1.1, 50)
    for same in (copy.deepcopy(even), pickle.loads(pickle.dumps(even))):
        assert same == even
        assert same.digest == even.digest
        assert same(t).tolist() == even(t).tolist()
    assert even != path
    assert even.digest != path.digest
    assert repr(even).endswith("closed=False, timed)")
    assert even.reversed()(1 - t) == pytest.approx(even(t), abs=1e-8)
    assert even.nearest(even(0.37)) == pytest.approx(0.37, abs=1e-6)
    assert [even.nearest(one) for one in even.anchors] == even.marks.tolist()
    made = lw.Path(LATENTS, "slerp", timing=[[0, 0.9, 1], [0, 0.5, 1]])
    assert made(0.9) == pytest.approx(path(0.5))
    assert made(0.45) == pytest.approx(path(0.25))
    after = (made(0.9 + 1e-6) - made(0.9)) / 1e-6
    assert made.velocity(0.9) == pytest.approx(after, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        ([[0, 1]], "timing has shape"),
        ([[0, 0.5, 0.5, 1], [0, 0.2, 0.3, 1]], "without a pause"),
        ([[0, 0.5, 2], [0, 0.2, 1]], "from 0 to 1"),
        ([[0, np.nan, 1], [0, 0.2, 1]], "NaN"),
        ("fast", "timing are"),
    ],
)
def test_a_timing_that_does_not_rise_is_refused(timing: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        lw.Path(LATENTS, timing=timing)


def test_where_nothing_changes_no_speed_is_constant() -> None:
    space = lw.LatentSpace(lambda z: 0 * z + 1, 6, kind="curve")
    with pytest.raises(lw.LatentValueError, match="does not change along the path"):
        lw.Path(LATENTS).at_constant_speed(space)
    with pytest.raises(lw.LatentValueError, match=r"latents of shape \(6,\); this space's have"):
        lw.Path(LATENTS).at_constant_speed(lw.LatentSpace(np.tanh, 5, kind="curve"))


def test_raw_outputs_are_neither_rounded_nor_cut_off() -> None:
    space = lw.LatentSpace(lambda z: 3 * z.reshape(-1, 8, 8), 64, value_range=(0, 1))
    latents = space.sample(3)
    assert space.decode(latents, raw=True).tolist() == (3 * latents.reshape(-1, 8, 8)).tolist()
    assert space.decode(latents).dtype == np.uint8
    conditioned = lw.LatentSpace(
        lambda z, scale: z * scale[:, None], 8, kind="curve", conditions={"scale": (1.0, 0.0, 9.0)}
    )
    found = conditioned.decode(latents[:2, :8], {"scale": [2.0, 3.0]}, raw=True)
    assert found == pytest.approx(latents[:2, :8] * np.array([[2.0], [3.0]]))
    with pytest.raises(lw.LatentTypeError, match="raw"):
        space.decode(latents, raw="yes")  # type: ignore[arg-type]
    words = lw.LatentSpace(lambda z: ["a"] * len(z), 1)
    with pytest.raises(lw.LatentValueError, match="kind 'text'"):
        words.decode([[1.0]], raw=True)


def naive_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity as the paper writes it, window by window."""
    place = np.arange(11) - 5
    weights = np.exp(-(place[:, None] ** 2 + place**2) / (2 * 1.5**2))
    weights /= weights.sum()
    found = []
    for channel in range(a.shape[2]):
        for i in range(a.shape[0] - 10):
            for j in range(a.shape[1] - 10):
                x, y = (one[i : i + 11, j : j + 11, channel] for one in (a, b))
                mx, my = (weights * x).sum(), (weights * y).sum()
                vx, vy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
                cov = (weights * (x - mx) * (y - my)).sum()
                found.append(
                    (2 * mx * my + 0.01**2)
                    * (2 * cov + 0.03**2)
                    / ((mx**2 + my**2 + 0.01**2) * (vx + vy + 0.03**2))
                )
    return float(np.mean(found))


def test_ssim_is_that_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 3, 14, 17, 2))
    b = 0.7 * a + 0.3 * b
    found = structural_dissimilarity(a, b)
    assert found == pytest.approx(
        [1 - naive_ssim(*pair) for pair in zip(a, b, strict=True)], rel=1e-9
    )
    assert structural_dissimilarity(a, a) == pytest.approx([0, 0, 0], abs=1e-12)


@pytest.mark.parametrize("first", [True, False])
def test_pictures_are_those_that_the_space_reads(first: bool) -> None:
    rng = np.random.default_rng(0)
    matrix = rng.random((4, 3 * 12 * 12))
    shape = (3, 12, 12) if first else (12, 12, 3)
    space = lw.LatentSpace(
        lambda z: np.tanh(z @ matrix).reshape(-1, *shape), 4, value_range=(-1, 1)
    )
    latents = space.sample(4)
    found = pictures_of(space)(space.decode(latents, raw=True))
    assert np.abs(255 * found - space.decode(latents)).max() <= 0.51


def speed_of(distance: Any, features: Any = None, space: lw.LatentSpace = SPACE) -> tuple[Any, Any]:
    """The speed that is said, and the distance of two near outputs over their step."""
    one = distance_of(space, distance, features)
    path = lw.Path(space.sample(2, seed=5).astype(np.float64), "lerp")
    at = np.array([0.4])
    from latentwidgets.routes.speeds import speeds_along

    said = speeds_along(space, path, np.array([0.3, 0.4]), one).speeds[1]
    step = 2e-3
    ends = [space.decode(path(at + sign * step), raw=True) for sign in (-1, 1)]
    return said, one.between(*ends)[0] / (2 * step)


def spectrum(outputs: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft(outputs, axis=1))


@pytest.mark.parametrize(
    ("distance", "features"),
    [
        ("l2", None),
        ("cosine", None),
        ("l2", spectrum),
        ("cosine", spectrum),
        (lambda a, b: np.abs(a - b).sum(axis=1), None),
        (lambda a, b: ((a - b) ** 2).mean(axis=1), None),
        (lambda a, b: ((a - b) ** 2).mean(axis=1), spectrum),
    ],
)
def test_speed_is_distance_over_a_small_step(distance: Any, features: Any) -> None:
    said, seen = speed_of(distance, features)
    assert said == pytest.approx(seen, rel=5e-3)
    assert said > 0


def test_a_square_is_seen_and_its_root_is_taken() -> None:
    square = distance_of(SPACE, lambda a, b: ((a - b) ** 2).sum(axis=1), None)
    plain = distance_of(SPACE, lambda a, b: np.sqrt(((a - b) ** 2).sum(axis=1)), None)
    assert (square.squared, plain.squared) == (True, False)
    a, b = SPACE.decode(SPACE.sample(4), raw=True).reshape(2, 2, -1)
    assert square.between(a, b) == pytest.approx(np.linalg.norm(a - b, axis=1), rel=1e-6)
    unit = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in (a, b)]
    chord = np.sqrt(2 * (1 - (unit[0] * unit[1]).sum(axis=1)))
    assert distance_of(SPACE, "cosine", None).between(a, b) == pytest.approx(chord, rel=1e-5)


def test_speed_by_structural_similarity() -> None:
    matrix = np.random.default_rng(0).normal(size=(6, 256))
    space = lw.LatentSpace(
        lambda z: np.tanh(z @ matrix / 2).reshape(-1, 16, 16), 6, value_range=(-1, 1)
    )
    said, seen = speed_of("ssim", space=space)
    assert said == pytest.approx(seen, rel=1e-2)


@pytest.mark.parametrize(
    ("distance", "features", "words"),
    [
        ("l3", None, "expected one of 'l2', 'cosine', 'ssim', 'lpips'"),
        ("cosin", None, "Did you mean 'cosine'?"),
        (lambda a, b: np.full(len(a), np.nan), None, "returned nan for 4 of 4 pairs"),
        (lambda a, b: a - b, None, "one number each"),
        (lambda a, b: np.ones(len(a)), None, "that grows with their difference"),
        (lambda a, b: 1 + np.abs(a - b).sum(axis=1), None, "expected 0"),
        (lambda a, b: a / 0 + "x", None, "distance failed"),
        ("l2", 7, "features is a int; expected a function"),
        ("ssim", spectrum, "expected no features beside it"),
        ("ssim", None, "kind 'curve'; expected pictures"),
    ],
)
def test_what_is_no_distance_is_refused(distance: Any, features: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words.replace("?", r"\?")):
        distance_of(SPACE, distance, features)


@pytest.mark.parametrize("features", [lambda a: a.sum(), lambda a: a * np.nan, lambda a: a.missing])
def test_what_are_no_features_is_refused(features: Any) -> None:
    with pytest.raises(lw.LatentWidgetsError, match="features"):
        lw.Path(LATENTS).at_constant_speed(SPACE, features=features)


def test_small_pictures_and_zeros_have_a_way_out() -> None:
    small = lw.LatentSpace(lambda z: z[:, :1, None] * np.ones((8, 8)), 6, value_range=(0, 1))
    with pytest.raises(lw.LatentValueError, match=r"8 x 8 pixels.*distance='l2'"):
        lw.Path(LATENTS).at_constant_speed(small, distance="ssim")
    space = lw.LatentSpace(lambda z: np.maximum(z, 0) * 0, 3, kind="curve")
    with pytest.raises(lw.LatentValueError, match=r"nothing but zeros.*distance='l2'"):
        lw.Path(np.eye(3)).at_constant_speed(space, distance="cosine")


def test_lpips_asks_for_its_extra_or_is_that_of_its_authors() -> None:
    space = lw.LatentSpace(
        lambda z: np.tanh(z[:, :1, None] + np.linspace(0, 1, 64) * np.ones((64, 64))),
        2,
        value_range=(-1, 1),
    )
    try:
        import lpips
        import torch
    except ImportError:
        with pytest.raises(lw.MissingExtraError, match=r'pip install "latentwidgets\[lpips\]"'):
            distance_of(space, "lpips", None)
        return
    raw = space.decode(space.sample(2), raw=True)
    found = distance_of(space, "lpips", None).between(raw[:1], raw[1:])
    pair = [torch.from_numpy(one).expand(1, 3, 64, 64) for one in raw]
    assert found**2 == pytest.approx([float(lpips.LPIPS(net="alex")(*pair))], rel=1e-4)


def test_derivatives_of_whole_levels_are_taken_once() -> None:
    """Of outputs in whole levels, whose differences are rounding, derivatives say the lengths."""
    taken: list[int] = []
    space = lw.LatentSpace(lambda z: np.rint(255 / (1 + np.exp(-z @ MATRIX))), 6, kind="curve")
    derivative = space.derivative

    def counted(latents: np.ndarray, *args: Any, **options: Any) -> Any:
        taken.append(len(latents))
        return derivative(latents, *args, **options)

    space.derivative = counted  # type: ignore[method-assign, assignment]
    lw.Path(LATENTS[:2], "lerp").at_constant_speed(space, n=16)
    assert sum(taken) == 17


def test_a_function_without_a_name_is_called_what_it_is() -> None:
    distance = distance_of(SPACE, lambda a, b: np.abs(a - b).sum(axis=1), lambda x: x[:, :3])
    assert distance.name == "a distance of features, a function of the person's own"
    assert distance_of(SPACE, "l2", lambda x: x[:, :3]).name == "Euclidean distance of features"


@pytest.mark.parametrize(
    "measure",
    [
        lambda space, ends: lw.analysis.smoothness(space, lw.Path(ends)),
        lambda space, ends: lw.analysis.compare_paths(space, ends),
        lambda space, ends: lw.analysis.geodesic(space, *ends),
        lambda space, ends: lw.analysis.perceptual_path_length(space),
        lambda space, ends: lw.Path(ends).at_constant_speed(space),
    ],
)
def test_texts_have_no_distance(measure: Any) -> None:
    # Too many numbers for a geodesic, besides: that is not what is told.
    space = lw.LatentSpace(lambda z: [f"{one[0]:.1f}" for one in z], 99)
    with pytest.raises(lw.LatentValueError, match="kind 'text'; expected outputs .* numbers"):
        measure(space, space.sample(2))


@pytest.mark.parametrize(
    ("size", "scale", "middle"), [(20, 1, 0), (20, 1000, 0), (20, 1e-3, 0), (4096, 1, 30)]
)
def test_outputs_as_their_own_features_go_as_fast(size: int, scale: float, middle: float) -> None:
    """However large, small or many the numbers are, and far from 0."""
    matrix = np.random.default_rng(0).normal(size=(6, size))
    space = lw.LatentSpace(lambda z: middle + scale * np.tanh(z @ matrix), 6, kind="curve")
    plain, own = (speed_of("l2", features, space)[0] for features in (None, lambda x: x))
    assert own == pytest.approx(plain, rel=1e-3)


def test_where_an_output_stands_still_its_speed_is_0_without_a_warning() -> None:
    space = lw.LatentSpace(lambda z: np.maximum(z, 0) + [1, 2, 3], 3, kind="curve")
    path = lw.Path([[-1.0] * 3, [1.0, 2.0, -1.0]], "lerp")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = lw.analysis.smoothness(space, path, distance="cosine")
    assert found.speeds[0] == 0 < found.speeds[-1]


def test_what_a_distance_gives_for_equals_is_no_part_of_how_it_grows() -> None:
    def grown(a: Any, b: Any) -> Any:
        return np.linalg.norm(a - b, axis=1) ** 1.45

    outputs = SPACE.decode(SPACE.sample(5), raw=True)
    near = grown(outputs[:-1], outputs[:-1] + 0.02 * np.diff(outputs, axis=0)).mean()
    for rest in (0, 0.09 * near):
        found = distance_of(SPACE, lambda a, b, rest=rest: rest + grown(a, b), None)
        assert found.name == "a distance, a function of the person's own"


def test_what_cannot_be_compared_is_said_in_numbers() -> None:
    with pytest.raises(lw.LatentValueError, match="^1 of 3 outputs hold nothing but zeros"):
        distance_of(SPACE, "cosine", None).between(np.eye(3), np.diag([1.0, 1.0, 0.0]))
    # All latents of this path have norm 3.
    space = lw.LatentSpace(lambda z: np.where(abs(z) > 2, np.nan, z), 2, kind="curve")
    with pytest.raises(lw.LatentWidgetsError, match=r"infinity from latents of norm 3;"):
        lw.Path(3 * np.eye(2), "slerp").at_constant_speed(space)
