"""What all results of `lw.analysis` have in common: shown, drawn, written, and never changed."""

from __future__ import annotations

import copy
import dataclasses
import functools
import io
import itertools
import json
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from IPython.lib import pretty
from matplotlib import pyplot
from matplotlib.figure import Figure

import latentwidgets as lw
from latentwidgets.analysis.results import PrintedResult, Result
from tests.unit.spaces import logit, sigmoid
from tests.unit.writers import tokenizer, writer

RNG = np.random.default_rng(0)
LATENTS = RNG.normal(size=(60, 5)).astype(np.float32)
KINDS = np.array(["a", "b", "c"] * 20)
LATENTS[:, :3] += 4 * np.eye(3)[np.arange(60) % 3]
SPACE = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1), name="one")
OTHER = lw.LatentSpace(
    lambda z: sigmoid(z / 2), 5, lambda x: 2 * logit(x), value_range=(0, 1), name="two"
)
FACTORS = {"kind": KINDS, "place": LATENTS[:, 3]}
IMAGES = sigmoid(LATENTS)
DIRECTIONS = [lw.Direction(name, row) for name, row in zip("xyz", np.eye(5), strict=False)]
analysis: Any = lw.analysis
at_prompt: Any = pretty.pretty


def words() -> Any:
    return lw.as_space(writer(), tokenizer=tokenizer(), prompt="the cat", layer=1, max_new_tokens=4)


def compared(**options: Any) -> Any:
    return analysis.compare_spaces(SPACE, OTHER, items=IMAGES, k=3, labels=KINDS, **options)


def layers() -> Any:
    def encode(items: Any) -> np.ndarray:
        return np.stack([[[len(one), 0.0], [one.count("a"), one.count("b")]] for one in items])

    space = lw.LatentSpace(lambda z: ["x"] * len(z), (2, 2), encode, kind="text", layers=True)
    texts = ["ba" * (i % 2) + "bb" * (1 - i % 2) + "c" * (i % 7) for i in range(60)]
    return lw.layer_scores(space, texts, {"a": ["a" in text for text in texts]})


def steered() -> Any:
    mood = lw.Direction("mood", np.eye(16)[0], sigma=20.0)
    given: Any = {"effect": lambda texts: [len(text) for text in texts], "prompts": ["the", "a"]}
    return analysis.steering_curve(words(), mood, [1.0], [1], randoms=1, **given)


MADE: dict[str, Callable[[], Any]] = {
    "Typicality": lambda: analysis.Typicality().fit(LATENTS).report(LATENTS[:4]),
    "anomaly_scores": lambda: analysis.anomaly_scores(SPACE, IMAGES),
    "clusters": lambda: analysis.clusters(LATENTS, count=3, labels=KINDS, halves=2),
    "compare_paths": lambda: analysis.compare_paths(
        SPACE, LATENTS[:2], methods=["lerp", "slerp"], n=8, controls=1
    ),
    "compare_spaces": lambda: compared(paths=1),
    "compare_spaces(...).show": lambda: compared().show(7),
    "dci": lambda: analysis.dci(LATENTS, FACTORS),
    "geodesic": lambda: analysis.geodesic(SPACE, *LATENTS[:2], most_steps=1, controls=1),
    "layer_scores": layers,
    "leakage": lambda: analysis.leakage(SPACE, DIRECTIONS, latents=LATENTS, n=20),
    "mig": lambda: analysis.mig(LATENTS, FACTORS),
    "nearest": lambda: analysis.nearest(LATENTS[:4], LATENTS, k=3),
    "next_tokens": lambda: analysis.next_tokens(words(), np.ones(16), {"strength": 2.0}),
    "perceptual_path_length": lambda: analysis.perceptual_path_length(SPACE, n=8),
    "probe_report": lambda: analysis.probe_report(LATENTS, {"kind": KINDS}),
    "sap": lambda: analysis.sap(LATENTS, FACTORS),
    "smoothness": lambda: analysis.smoothness(SPACE, lw.Path(LATENTS[:2]), n=8, controls=1),
    "steering_curve": steered,
}


@functools.cache
def result(name: str) -> Any:
    return MADE[name]()


def within(value: Any) -> Iterator[Any]:
    """Give a value, and all that lies in it."""
    yield value
    if dataclasses.is_dataclass(value):
        parts = [getattr(value, one.name) for one in dataclasses.fields(value)]
    elif isinstance(value, Mapping):
        parts = [*value.values()]
    else:
        parts = [*value] if isinstance(value, (tuple, list)) else []
    for one in parts:
        yield from within(one)


def test_every_function_that_returns_a_result_is_here() -> None:
    assert {*analysis.__all__} - {"LatentIndex"} == {one for one in MADE if one in analysis.__all__}


@pytest.mark.parametrize("name", MADE)
def test_a_result_is_shown_drawn_and_written_and_nothing_in_it_changes(name: str) -> None:
    found = result(name)
    assert isinstance(found.plot(), Figure)
    assert found._repr_html_().startswith("<")
    assert at_prompt(found) == str(found), "at a prompt as where it is printed"
    assert at_prompt([found]) == f"[{found!r}]", "where something holds it, one line"
    assert re.fullmatch(rf"{type(found).__name__}\((\w+=[^\n]+)?\)", repr(found))
    assert len(repr(found)) < 160
    lines = str(found).splitlines()
    assert len(lines) > 1, "a table is printed, as a notebook shows it"
    assert not any("<" in line or type(found).__name__ in line for line in lines)
    written = found.to_dict()
    json.dumps(written, allow_nan=False)
    again = [copy.deepcopy(found)]
    if name not in ("compare_spaces", "compare_spaces(...).show"):  # whose decoder is no function
        again.append(pickle.loads(pickle.dumps(found)))
    for one in (found, *again):
        assert one.to_dict() == written
        for part in within(one):
            assert not isinstance(part, list)
            if isinstance(part, np.ndarray):
                with pytest.raises(ValueError, match="read-only"):
                    part[...] = 0
            elif isinstance(part, Mapping):
                with pytest.raises(lw.LatentTypeError, match="cannot be changed in place"):
                    part["new"] = 1  # type: ignore[index]
            elif dataclasses.is_dataclass(part):
                with pytest.raises(dataclasses.FrozenInstanceError):
                    setattr(part, dataclasses.fields(part)[0].name, None)


def test_results_that_are_printed_as_tables_are_one_line_in_others() -> None:
    waiting, kinds = [PrintedResult], []
    while waiting:
        kinds += waiting
        waiting = [one for kind in waiting for one in kind.__subclasses__()]
    assert len(kinds) > 10
    for kind in kinds:
        assert kind.__repr__ is PrintedResult.__repr__, "@dataclass(repr=False) is missing"
    paired = result("compare_spaces").paths or compared(paths=1).paths
    assert "\n" not in repr(paired)
    assert "Smoothness(distance=" in repr(paired)


def many_layers() -> Any:
    """Scores of more labels than there are colours."""
    found, names = layers(), [f"place: {i}" for i in range(16)]
    row = type(found.scores[0])
    rows = [
        row(name, str(i), 0.5 + i / 20, (0.4, 0.7), 0.5, 0.1) for name in names for i in range(6)
    ]
    return dataclasses.replace(found, scores=tuple(rows), score_names=dict.fromkeys(names, "score"))


def deep() -> Any:
    """Scores of as many layers as a model of seven billion weights has."""
    found = layers()
    rows = [dataclasses.replace(found.scores[0], layer=str(i)) for i in range(32)]
    return dataclasses.replace(found, scores=tuple(rows))


def even_tokens() -> Any:
    """Next tokens of which none is likelier than another: bars reach everywhere."""
    found = result("next_tokens")
    tokens = [dataclasses.replace(one, before=0.1, after=0.1) for one in found.tokens]
    return dataclasses.replace(found, tokens=tuple(tokens))


def unsure_probes() -> Any:
    """Learning curves whose intervals reach everywhere."""
    found = result("probe_report")
    probes = [
        dataclasses.replace(
            one, curve=tuple(dataclasses.replace(step, interval=(0.0, 1.0)) for step in one.curve)
        )
        for one in found.probes
    ]
    return dataclasses.replace(found, probes=tuple(probes))


def long_names() -> Any:
    """Two spaces and probes of long names, and classes that are words."""
    words = np.array(["an elephant", "a hippopotamus", "a rhinoceros"] * 20)
    labels = {"which animal it is": words, "where the animal lives": words}
    return analysis.compare_spaces(SPACE, OTHER, items=IMAGES, k=3, labels=labels, paths=0)


CROWDED: dict[str, Callable[[], Any]] = {
    "layer_scores": many_layers,
    "layer_scores of 32 layers": deep,
    "next_tokens": even_tokens,
    "probe_report of wide intervals": unsure_probes,
    "compare_spaces": long_names,
    "probe_report": lambda: analysis.probe_report(
        LATENTS.repeat(8, axis=0), {"kind": np.resize([*"abcdefgh"], 480)}
    ),
}


def shown_boxes(axis: Any, ticks: Any) -> list[Any]:
    """Where the labels of the ticks that are seen lie."""
    low, high = sorted(axis.get_view_interval())
    seen = [one for one in ticks if low <= one.get_loc() <= high and one.label1.get_visible()]
    return [one.label1.get_window_extent() for one in seen if one.label1.get_text()]


def drawings(axes: Any) -> Iterator[Any]:
    """Give what is drawn in axes, of lines, bars and shades, as paths in the figure."""
    for line in axes.lines:
        yield line.get_transform().transform_path(line.get_path())
    for bar in axes.patches:
        yield bar.get_transform().transform_path(bar.get_path())
    for shade in axes.collections:
        yield from map(shade.get_transform().transform_path, shade.get_paths())


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize(
    ("name", "make"),
    [(name, functools.partial(result, name)) for name in MADE] + [*CROWDED.items()],
)
def test_no_label_of_a_plot_lies_on_another_nor_a_legend_on_lines(
    name: str, make: Callable[[], Any], style: str
) -> None:
    with pyplot.style.context(style):
        figure = make().plot()
        figure.savefig(io.BytesIO())
        for axes in figure.axes:
            for axis, side in ((axes.xaxis, 0), (axes.yaxis, 1)):
                ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
                boxes = [box.get_points()[:, side] for box in shown_boxes(axis, ticks)]
                boxes.sort(key=lambda ends: float(ends.min()))
                slanted = any(one.label1.get_rotation() % 90 for one in ticks)
                for one, other in itertools.pairwise([] if slanted else boxes):
                    assert one.max() <= other.min() + 1, (name, side)
            for legend in filter(None, [axes.get_legend(), *figure.legends]):
                box = legend.get_window_extent()
                assert not any(drawn.intersects_bbox(box) for drawn in drawings(axes)), name
            for one in (axes.xaxis.label, axes.yaxis.label, axes.title):
                low, high = one.get_window_extent().get_points()
                whole = not one.get_text() or ((low > -1) & (high < figure.bbox.size + 1)).all()
                assert whole, (name, one.get_text())


# The fields whose names do not say that they are the evidence of a number, or which chance is.
EVIDENCE_OF = {
    ("ClusterName", "share"): "chance",
    ("Geodesic", "lerp_length"): "lerp_interval",
    ("Geodesic", "slerp_length"): "slerp_interval",
    ("LayerScore", "score"): "chance",
    ("Leakage", "effects"): "intervals",
    ("LearningStep", "score"): "interval",
    ("NearestLatents", "distances"): "chance",
    ("NextToken", "after"): "chance",
    ("PerceptualPathLength", "mean"): "interval",
    ("Probe", "score"): "interval",
    ("ShuffledScore", "value"): "chance",
    ("Smoothness", "speeds"): "chance_peak",
    ("SpaceComparison", "overlaps"): "overlap_chance",
    ("SteeringSetting", "change"): "interval",
    ("SteeringSetting", "effect"): "interval",  # that of its change
    ("TypicalityTest", "middle"): "interval",
    ("TypicalityTest", "values"): "p_values",
}
# The numbers that have none, and why.
WITHOUT = {
    ("AnomalyScores", "level"): "given",
    ("ClusterName", "elsewhere"): "what the share is compared with",
    ("Geodesic", "data_weight"): "given",
    ("Geodesic", "lerp_objective"): "a start of the search, which is compared with the objective",
    ("Geodesic", "objective"): "what the search lowers: no more than that of lerp and slerp",
    ("Geodesic", "slerp_objective"): "a start of the search, as above",
    ("Leakage", "units"): "what an effect of 1 is",
    ("NextToken", "before"): "of the model as it is: computed, not estimated",
    ("PerceptualPathLength", "values"): "what the mean is of",
    ("Probe", "balanced"): "by chance 1 / classes",
    ("ProbeReport", "majority"): "what chance is",
    ("Smoothness", "t"): "where it was measured",
    ("SteeringCurve", "conditions"): "given",
    ("SteeringCurve", "limits"): "where damage begins, by unsteered texts",
    ("SteeringCurve", "steps"): "given by the direction",
    ("SteeringSetting", "relative"): "of what was given",
    ("SteeringSetting", "strength"): "given",
    ("SteeringSetting", "unread"): "the share that was counted, of these prompts",
    ("TypicalityReport", "level"): "given",
}


def is_real(value: Any) -> bool:
    """Tell whether a value is a real number, or holds such: what is measured, and no count."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "f")
    if isinstance(value, Mapping):
        return any(map(is_real, value.values()))
    if isinstance(value, tuple):
        return any(map(is_real, value))
    return isinstance(value, float)


def test_every_number_of_a_result_has_its_chance_or_its_interval() -> None:
    numbers: set[tuple[str, str]] = set()
    evident: set[tuple[str, str]] = set()
    for part in (one for name in MADE for one in within(result(name))):
        if not (isinstance(part, Result) and dataclasses.is_dataclass(part)):
            continue
        for field in (one.name for one in dataclasses.fields(part)):
            evidence = re.search(r"chance|interval|p_value|reference", field)
            if evidence or field.startswith("_") or not is_real(getattr(part, field)):
                continue
            which = type(part).__name__, field
            numbers.add(which)
            own = [f"{field}_chance", f"chance_{field}", f"{field}_interval"]
            own += [EVIDENCE_OF.get(which, own[0])]
            if any(getattr(part, name, None) is not None for name in own):
                evident.add(which)
    assert numbers - evident == {*WITHOUT}
    assert {*EVIDENCE_OF} <= evident


def test_an_array_that_a_result_was_made_of_can_be_written_as_before() -> None:
    mine = LATENTS.copy()
    found = analysis.nearest(mine[:4], mine, k=3)
    mine[:] = 0
    assert found.distances.max() > 0
