"""Recipes: every route written down, and made again to the last bit, here and elsewhere."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import subprocess
import sys
import types
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from latentwidgets.export.recipe import recipe_of
from latentwidgets.routes.route import digest_of

DIGITS = lw.demo.digits()
LATENTS = DIGITS.latents
FOUND = lw.pca_directions(LATENTS, 3)
EIGHT = np.ones((8, 8))


def layered(latents: Any) -> Any:
    return np.clip(latents[:, :, :1] * np.ones((3, 8)), 0, 1)


def under(latents: Any, label: Any, gain: Any) -> Any:
    return np.clip(latents[:, :1, None] * (gain * (1 + label)).reshape(-1, 1, 1), 0, 1) * EIGHT


LAYERS = lw.LatentSpace(
    layered, (3, 4), layers=["a", "b", "c"], value_range=(0, 1), image_shape=(3, 8)
)
ROWS = np.random.default_rng(1).normal(size=(6, 3, 4)).astype(np.float32)
ACROSS = [lw.Direction("x", np.ones((3, 4)), sigma=2.0), lw.Direction("y", np.eye(3, 4))]
CLASSES = {"label": ["owl", "mug", "cat"], "gain": (1.0, 0.0, 2.0)}
CONDITIONED = lw.LatentSpace(under, 10, value_range=(0, 1), conditions=CLASSES)
SCALED = lw.LatentSpace(
    lambda z: np.repeat(z, 10, 1), 10, prior=lw.NormalPrior(np.ones(10), 3.0), image_shape=(10, 10)
)
HERE = {"label": "cat", "gain": 0.5}

# Widgets in every state that a route can be in.
WIDGETS: dict[str, Any] = {
    **{
        method: lambda method=method: lw.Interpolator(
            DIGITS.space, LATENTS[:3], method=method, closed=method == "nlerp", value=0.3
        )
        for method in ("slerp", "lerp", "nlerp", "spline", "gaussian")
    },
    "gaussian, other prior": lambda: lw.Interpolator(
        SCALED, LATENTS[:3] * 0.9 + 3, method="gaussian", value=0.3
    ),
    "even speed": lambda: lw.Interpolator(DIGITS.space, LATENTS[:2], even_speed=True, value=0.6),
    "edit": lambda: lw.DirectionEditor(
        DIGITS.space, LATENTS[0], FOUND, value={"PC 2": 1.5}, hold=["PC 1"]
    ),
    "edit of several, absolute": lambda: lw.DirectionEditor(
        DIGITS.space, LATENTS[:4], FOUND, value={"PC 2": 1.5}, mode="absolute"
    ),
    "edit with profiles": lambda: lw.DirectionEditor(
        LAYERS, ROWS[0], ACROSS, value={"x": -1, "y": 2}, profiles={"x": range(1, 3)}
    ),
    "samples": lambda: lw.LatentGrid.samples(DIGITS.space, 7, value=(1, 2)),
    "traversals": lambda: lw.LatentGrid.traversals(DIGITS.space, LATENTS[0], FOUND, value=(2, 1)),
    "table": lambda: lw.LatentGrid.table(DIGITS.space, LATENTS[:3], FOUND[0], value=(1, 1)),
    "plane": lambda: lw.LatentGrid.plane(
        DIGITS.space, LATENTS[0], FOUND[0], FOUND[1], value=(0.3, 2.7)
    ),
    "corners": lambda: lw.LatentGrid.corners(DIGITS.space, LATENTS[:4], value=(0.3, 2.7)),
    "gaussian corners": lambda: lw.LatentGrid.corners(
        DIGITS.space, LATENTS[:4], method="gaussian", value=(0.3, 2.7)
    ),
    "analogy": lambda: lw.LatentGrid.analogy(DIGITS.space, *LATENTS[:3], value=(0.3, 2.7)),
    "row of a map": lambda: lw.LatentMap(DIGITS.space, LATENTS[:50], index=7),
    "ground of a map": lambda: lw.LatentMap(DIGITS.space, LATENTS[:50], value=(0.3, -0.4)),
    "latent set on a map": lambda: lw.LatentMap(DIGITS.space, LATENTS[:50], latent=LATENTS[60]),
    "under conditions": lambda: lw.Interpolator(CONDITIONED, LATENTS[:2], conditions=HERE),
    "grid of conditions": lambda: lw.LatentGrid.table(
        CONDITIONED, LATENTS[:2], "label", conditions=HERE, value=(1, 1)
    ),
    "plane of conditions": lambda: lw.LatentGrid.plane(
        CONDITIONED, LATENTS[0], "gain", "label", value=(1.4, 0.2)
    ),
    "rows of conditions": lambda: lw.LatentGrid.traversals(
        CONDITIONED, LATENTS[0], ["gain", lw.Direction("x", np.eye(10)[0])], value=(0, 2)
    ),
}


@pytest.fixture(scope="module")
def widgets() -> dict[str, Any]:
    return {name: make() for name, make in WIDGETS.items()}


@pytest.mark.parametrize("name", WIDGETS)
def test_a_recipe_is_plain_json_and_says_all(name: str, widgets: dict[str, Any]) -> None:
    widget = widgets[name]
    recipe = widget.recipe()
    text = recipe.to_json()
    assert dict(recipe) == json.loads(text)
    assert lw.Recipe.from_json(text) == lw.Recipe(dict(recipe)) == recipe
    assert pickle.loads(pickle.dumps(recipe)) == copy.deepcopy(recipe) == recipe
    np.testing.assert_array_equal(lw.replay(recipe, widget.space), widget.latent)
    if "grid of" not in name and "of conditions" not in name:
        assert recipe["conditions"] == dict(widget.conditions)
    else:
        assert recipe["conditions"] == widget.cell_conditions


@pytest.mark.parametrize("name", WIDGETS)
def test_its_code_makes_the_latent(name: str, widgets: dict[str, Any]) -> None:
    names: dict[str, Any] = {}
    exec(widgets[name].recipe().code(), names)
    assert names["latent"].dtype == np.float32
    np.testing.assert_allclose(names["latent"], widgets[name].latent, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", WIDGETS)
def test_apply_brings_back_what_was_left(name: str, widgets: dict[str, Any]) -> None:
    widget, other = widgets[name], WIDGETS[name]()
    recipe = lw.Recipe.from_json(widget.recipe().to_json())
    # Somewhere else, and in another state.
    if isinstance(other, lw.LatentGrid):
        other.value = (0, 0)
    else:
        other.latent = other.latent * np.float32(0.5)
    if other.conditions:
        other.conditions = {}
    other.apply(recipe)
    np.testing.assert_array_equal(other.latent, widget.latent)
    if name != "latent set on a map":  # whose row says which of those that were set it is
        assert other.recipe() == recipe
    np.testing.assert_array_equal(np.asarray(other.image()), np.asarray(widget.image()))


@pytest.mark.slow
def test_every_recipe_replays_bit_for_bit_in_another_process(
    widgets: dict[str, Any], tmp_path: File
) -> None:
    expected = {}
    for number, widget in enumerate(widgets.values()):
        widget.recipe().save(tmp_path / f"{number}.json")
        expected[str(number)] = hashlib.sha256(np.asarray(widget.latent).tobytes()).hexdigest()
    program = (
        "import sys, json, hashlib, pathlib\n"
        "import latentwidgets as lw\n"
        "space = lw.demo.digits().space\n"
        "found = {}\n"
        "for file in pathlib.Path(sys.argv[1]).glob('*.json'):\n"
        "    recipe = lw.load(file)\n"
        "    ours = recipe['space']['name'] == space.name\n"
        "    latent = lw.replay(recipe, space if ours else None)\n"
        "    again = recipe.route.latents([recipe.at])[0]\n"
        "    assert (again == latent).all(), file  # the route itself leads there, to the bit\n"
        "    found[file.stem] = hashlib.sha256(latent.tobytes()).hexdigest()\n"
        "print(json.dumps(found))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    assert json.loads(done.stdout) == expected


def test_equal_arrays_are_written_once() -> None:
    recipe = lw.DirectionEditor(DIGITS.space, LATENTS[0], FOUND).recipe()
    # The base, which is the latent too; three vectors, which are readouts too; one mean.
    assert len(recipe["arrays"]) == 5


def test_a_recipe_gives_copies() -> None:
    recipe = lw.Interpolator(DIGITS.space, LATENTS[:2]).recipe()
    recipe["at"][0] = 0.9
    recipe["route"]["method"] = "lerp"
    assert recipe["at"] == [0.0]
    assert recipe["route"]["method"] == "slerp"
    with pytest.raises(TypeError):
        recipe["at"] = [0.5]  # type: ignore[index]
    with pytest.raises(KeyError, match="a recipe has no 'points'"):
        recipe["points"]
    assert recipe.get("points") is None


# Other spaces


def net(seed: int) -> Any:
    torch.manual_seed(seed)
    layers = (
        torch.nn.Linear(6, 16),
        torch.nn.Sigmoid(),
        torch.nn.Unflatten(1, (1, 4, 4)),
    )
    return torch.nn.Sequential(*layers)


def space_of(seed: int = 0, **options: Any) -> Any:
    return lw.as_space(net(seed), latent_shape=6, **{"value_range": (0, 1), **options})


SIX = np.random.default_rng(3).normal(size=(3, 6)).astype(np.float32)
OTHERS: dict[str, tuple[Any, str]] = {
    "weights": (lambda: space_of(1), "weights were"),
    "options": (lambda: space_of(value_range=(0, 2)), "value_range"),
    "prior": (lambda: space_of(prior=lw.NormalPrior(2 * np.ones(6))), "prior"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_space_is_refused_unless_told(name: str) -> None:
    make, words = OTHERS[name]
    widget = lw.Interpolator(space_of(), SIX, value=0.4)
    recipe, other = widget.recipe(), make()
    np.testing.assert_array_equal(lw.replay(recipe, space_of()), widget.latent)
    part = "weights" if name == "weights" else "options"
    with pytest.raises(lw.LatentValueError, match=words) as refused:
        lw.replay(recipe, other)
    assert f"allow=['{part}']" in str(refused.value)
    np.testing.assert_array_equal(lw.replay(recipe, other, allow=part), widget.latent)
    there = lw.Interpolator(other, SIX)
    with pytest.raises(lw.LatentValueError, match=words):
        there.apply(recipe)
    assert there.value == 0
    there.apply(recipe, allow=[part])
    assert there.value == 0.4


def test_one_weight_that_changed_is_seen() -> None:
    model = net(0)
    space = lw.as_space(model, latent_shape=6, value_range=(0, 1))
    recipe = lw.Interpolator(space, SIX).recipe()
    lw.replay(recipe, space)
    model[0].bias.data[3] += 1e-6
    with pytest.raises(lw.LatentValueError, match="weights were"):
        lw.replay(recipe, space)


def test_weights_of_half_precision_and_of_functions_are_seen() -> None:
    model = net(0).to(torch.bfloat16)

    def half(latents: Any, one: Any = model) -> Any:  # which a default holds
        return one(torch.tensor(latents).bfloat16()).float().detach().numpy()

    spaces = [lw.LatentSpace(half, 6, value_range=(0, 1)), space_of()]
    seen = [lw.Interpolator(space, SIX).recipe()["space"]["weights"] for space in spaces]
    matrix = np.ones((6, 16))

    def inner(latents: Any) -> Any:
        return latents @ matrix

    made = lw.LatentSpace(lambda z: inner(z).reshape(-1, 4, 4), 6, value_range=(0, 16))
    before = lw.Interpolator(made, SIX).recipe()
    matrix[0, 0] = 2
    assert before != lw.Interpolator(made, SIX).recipe()
    assert len({None, *seen}) == 3
    assert None not in (*seen, before["space"]["weights"])


def test_a_recipe_is_written_while_another_thread_imports_a_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = lw.Interpolator(DIGITS.space, LATENTS[:2]).recipe()
    monkeypatch.setitem(sys.modules, "sklearn.base", types.ModuleType("sklearn.base"))
    assert lw.Interpolator(DIGITS.space, LATENTS[:2]).recipe() == before


def test_a_space_of_another_shape_is_refused_whatever_is_allowed() -> None:
    recipe = lw.Interpolator(space_of(), SIX).recipe()
    with pytest.raises(lw.LatentValueError, match="latent_shape were"):
        lw.replay(recipe, DIGITS.space, allow=("weights", "options", "versions"))


def test_versions_count(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = lw.Interpolator(DIGITS.space, LATENTS[:2]).recipe()
    monkeypatch.setattr(torch, "__version__", "1.0")
    with pytest.raises(lw.LatentValueError, match="versions: 'torch' .*, and now 1.0"):
        lw.replay(recipe, DIGITS.space)
    assert lw.replay(recipe, DIGITS.space, allow="versions").shape == (10,)


def test_a_recipe_of_another_widget_changes_nothing() -> None:
    editor = lw.DirectionEditor(DIGITS.space, LATENTS[0], FOUND)
    before = editor.recipe()
    with pytest.raises(lw.LatentValueError, match=r"widget.latent = lw.replay"):
        editor.apply(lw.Interpolator(DIGITS.space, LATENTS[:2]).recipe())
    assert editor.recipe() == before


# Damage


def sealed(contents: dict[str, Any]) -> dict[str, Any]:
    """What somebody writes who knows how the digest is made."""
    rest = {name: one for name, one in contents.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return {**rest, "digest": hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    contents = dict(lw.DirectionEditor(DIGITS.space, LATENTS[0], FOUND).recipe())
    at = contents
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return contents


CHANGES: list[tuple[tuple[Any, ...], Any]] = [
    (("at",), [1e9, 0, 0]),
    (("at",), [0.0]),
    (("at",), "0,0"),
    (("arrays",), {}),
    (("arrays",), [1]),
    (("route",), None),
    (("route", "type"), "eval"),
    (("route", "type"), ["edit"]),
    (("route", "directions", 0, "vector"), {"array": "nothing"}),
    (("route", "directions", 0, "sigma"), -1.0),
    (("route", "directions", 0, "evidence"), {"__class__": "os.system"}),
    (("route", "hold"), ["nobody", 3]),
    (("route", "profiles"), 7),
    (("latent",), {"array": 3}),
    (("space",), "digits"),
    (("conditions",), {"label": ["owl"]}),
    (("more",), 1),
]


@pytest.mark.parametrize(("path", "value"), CHANGES, ids=str)
def test_what_was_changed_is_refused(path: tuple[Any, ...], value: Any) -> None:
    contents = changed(path, value)
    with pytest.raises(lw.LatentValueError, match="this is no recipe"):
        lw.Recipe(contents)
    if path == ("route", "hold"):  # names of nobody hold nothing
        return
    with pytest.raises(lw.LatentValueError, match="this is no recipe"):
        lw.Recipe(sealed(contents))


def test_a_latent_that_its_route_does_not_make_is_refused() -> None:
    contents = dict(lw.Interpolator(DIGITS.space, LATENTS[:2]).recipe())
    with pytest.raises(lw.LatentValueError, match="leads to another latent"):
        lw.Recipe(sealed({**contents, "at": [0.5]}))


def test_a_bomb_is_not_unpacked() -> None:
    contents = dict(lw.Interpolator(DIGITS.space, LATENTS[:2]).recipe())
    [name] = [contents["latent"]["array"]]
    contents["arrays"][name]["shape"] = [10**12]
    with pytest.raises(lw.LatentValueError, match="too large"):
        lw.Recipe(sealed(contents))
    contents["arrays"][name].update(shape=[3], dtype="object")
    with pytest.raises(lw.LatentValueError, match="damaged"):
        lw.Recipe(sealed(contents))


def test_another_version_is_named() -> None:
    contents = dict(lw.Interpolator(DIGITS.space, LATENTS[:2]).recipe())
    later = sealed({**contents, "recipe": 2, "written_by": "latentwidgets 9.0"})
    with pytest.raises(lw.LatentValueError, match=r"version 2, written by 'latentwidgets 9.0'"):
        lw.Recipe(later)


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{", "[" * 100_000, '{"recipe": true}', b"\xff"]
)
def test_what_is_no_recipe_says_so(text: Any) -> None:
    with pytest.raises(lw.LatentValueError, match="this is no recipe"):
        lw.Recipe.from_json(text)


def test_a_name_cannot_become_code() -> None:
    name = "mine\nraise SystemExit(7)  # </script>"
    space = lw.LatentSpace(lambda z: np.repeat(z, 10, 1), 10, image_shape=(10, 10))
    contents = dict(lw.Interpolator(space, LATENTS[:2]).recipe())
    contents["space"]["name"] = name
    code = lw.Recipe(sealed(contents)).code()
    exec(code, {})
    assert "raise" not in [line[:5] for line in code.splitlines()]
    walk = '"); raise SystemExit(7) #'
    found = [lw.Direction(walk, np.eye(10)[0])]
    exec(lw.DirectionEditor(space, LATENTS[0], found, value={walk: 1}).recipe().code(), {})


def test_a_route_that_nobody_knows_keeps_its_latent() -> None:
    class Mine:
        bounds = ((0.0, 1.0),)
        takes_empty = False
        digest = digest_of("mine")

        def latents(self, positions: Any) -> Any:
            return np.array([[x, 1 - x] for (x,) in positions], np.float32)

        def words(self, at: Any) -> str:
            return str(at)

    recipe = recipe_of(None, Mine(), (0.25,))
    assert lw.replay(recipe, None).tolist() == [0.25, 0.75]
    assert recipe["route"]["of"] == "Mine"
