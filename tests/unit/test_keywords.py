"""Misspelt keywords: refused with the one that was meant, and seen by type checkers."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from pathlib import Path
from subprocess import run
from typing import Any, get_args, get_type_hints, is_typeddict

import numpy as np
import pytest
from typing_extensions import Unpack

import latentwidgets as lw
from latentwidgets.adapters import LIBRARIES
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.lookup import load_adapters_in_use
from latentwidgets.directions.direction import DirectionOptions
from latentwidgets.space.option_types import ModelOptions, SpaceOptions
from latentwidgets.widgets.trait_types import GridTraits, MapTraits, PathTraits, Traits
from tests.fuzz import adapted
from tests.fuzz.calls import Target, public, targets

# Public functions and classes that take keywords, with one of these misspelt.
MISSPELT = {
    "LatentSpace": ("layuot", "layout"),
    "Path": ("close", "closed"),
    "contrast_directions": ("sed", "seed"),
    "difference_directions": ("nmae", "name"),
    "explore": ("part", "parts"),
    "lerp": ("latent_dim", "latent_ndim"),
    "link": ("secnd", "second"),
    "nlerp": ("latent_dim", "latent_ndim"),
    "slerp": ("latent_dim", "latent_ndim"),
    "ica_directions": ("sed", "seed"),
    "local_directions": ("whithin", "within"),
    "pca_directions": ("sed", "seed"),
    "probe_directions": ("shufles", "shuffles"),
    "sparse_pca_directions": ("aplha", "alpha"),
    "weight_directions": ("latnts", "latents"),
    "LatentExplorer": ("part", "parts"),
}
# What hands its options on to something else, beside the makers of grids.
HANDING_ON = {
    *("as_space", "LatentSpace.replace", "Direction.replace"),
    *("DirectionEditor", "Interpolator", "LatentGrid", "LatentMap"),
}
# The names of these options are the attributes of the data.
BY_ATTRIBUTE = {"Faces.draw", "Stories.write"}
# Traits of ipywidgets that nobody passes, and those that follow from other arguments.
UNSAID = {"comm", "keys", "log"}
FOLLOW = {"DirectionEditor": {"latent"}, "LatentGrid": {"grid", "latent"}}

LATENTS = np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)
SPACE = lw.LatentSpace(np.tanh, 5, kind="curve", data=LATENTS)
FOUND = lw.pca_directions(LATENTS, 2)
# Widgets look at their keywords last: what they need must be right. All others get None for it.
VALID: dict[str, list[Any]] = {
    "DirectionEditor": [SPACE, LATENTS[0], FOUND],
    "Interpolator": [SPACE, LATENTS],
    "LatentGrid": [SPACE],
    "LatentGrid.analogy": [SPACE, *LATENTS[:3]],
    "LatentGrid.corners": [SPACE, LATENTS[:4]],
    "LatentGrid.plane": [SPACE, LATENTS[0], *FOUND],
    "LatentGrid.samples": [SPACE],
    "LatentGrid.table": [SPACE, LATENTS[:3], FOUND[0]],
    "LatentGrid.traversals": [SPACE, LATENTS[0], FOUND],
    "LatentMap": [SPACE],
}


def public_targets() -> list[Target]:
    """List what a person calls by its name: what adapters make of a model, `as_space` does."""
    return [one for one in targets() if one.name not in adapted.makers()]


def takes_names(target: Target) -> bool:
    kinds = {one.kind for one in target.parameters.values()}
    return not target.owner and bool(kinds) and inspect.Parameter.VAR_POSITIONAL not in kinds


@pytest.mark.parametrize("name", MISSPELT)
def test_a_misspelt_keyword_is_refused_with_the_one_that_was_meant(name: str) -> None:
    wrong, right = MISSPELT[name]
    function: Any = getattr(lw, name)
    needed = [
        None
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
    ]
    message = f"{name} has no option '{wrong}'. Did you mean '{right}'?"
    with pytest.raises(lw.LatentTypeError, match=re.escape(message)):
        function(*needed, **{wrong: 1})


@pytest.mark.parametrize("name", [one.name for one in public_targets() if takes_names(one)])
def test_all_that_is_public_refuses_keywords_that_it_does_not_take(name: str) -> None:
    function = public(name)
    [target] = [one for one in public_targets() if one.name == name]
    needed = [one for one in target.parameters.values() if one.default is one.empty]
    by_name = {one.name: None for one in needed if one.kind is one.KEYWORD_ONLY}
    by_place = VALID.get(name, [None] * (len(needed) - len(by_name)))
    for wrong in ("sede", "a b"):
        message = rf"(has no option|takes no argument) '{wrong}'"
        with pytest.raises(lw.LatentTypeError, match=message):
            function(*by_place, **by_name, **{wrong: 1})


@pytest.mark.parametrize("name", MISSPELT)
def test_the_signature_is_the_one_that_is_written(name: str) -> None:
    kinds = {one.kind for one in inspect.signature(getattr(lw, name)).parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD not in kinds
    assert kinds >= {inspect.Parameter.POSITIONAL_OR_KEYWORD}


@pytest.mark.parametrize(
    "name", [*MISSPELT, "DirectionEditor", "Interpolator", "LatentGrid", "LatentMap"]
)
def test_too_many_by_position_are_told_their_names(name: str) -> None:
    function = getattr(lw, name)
    parameters = inspect.signature(function).parameters.values()
    places = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    named = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
    if any(one.kind is one.VAR_POSITIONAL for one in parameters) or not named:
        return
    call = re.escape(", ".join([*places, f"{named[0]}=..."]))
    with pytest.raises(lw.LatentTypeError, match=rf"Pass by name .*: \w+\({call}\)"):
        function(*[None] * (len(places) + 1))


def test_methods_count_without_themselves() -> None:
    space = lw.LatentSpace(abs, 2)
    with pytest.raises(
        lw.LatentTypeError, match=r"1 argument by position, n, and got 2.*seed="
    ) as no:
        space.sample(3, 0)  # type: ignore[call-arg]
    assert "self" not in str(no.value)


def test_a_missing_argument_is_an_ordinary_error() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        lw.Path()  # type: ignore[call-arg]


def test_what_must_be_passed_by_name_says_what_it_can_be() -> None:
    words = (
        r"Sampler needs predicts=\.\.\. and schedule=\.\.\.; expected predicts : \{\"noise\", .*\."
    )
    with pytest.raises(lw.LatentTypeError, match=words):
        lw.adapters.Sampler(abs, 2)  # type: ignore[call-arg]
    with pytest.raises(lw.LatentTypeError, match=r"needs schedule=\.\.\.; .*\"flow-reversed\""):
        lw.adapters.Sampler(abs, 2, predicts="noise")  # type: ignore[call-arg]

    @checked_keywords
    def bare(*, size: int) -> int:
        return size

    with pytest.raises(lw.LatentTypeError, match=r"bare needs size=\.\.\.\.$"):
        bare()  # type: ignore[call-arg]
    assert bare(size=3) == 3


def options_of(name: str) -> Any:
    """Give the `TypedDict` of the options that a function or a class hands on; None if it does not.

    It is read as type checkers read it, but from what is there at run time.
    """
    found: Any = public(name)
    written = inspect.unwrap(found.__init__ if inspect.isclass(found) else found)
    kinds = {one.kind: one for one in inspect.signature(written).parameters.values()}
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        return None
    annotation = kinds[inspect.Parameter.VAR_KEYWORD].annotation
    [options] = get_args(eval(annotation, written.__globals__))
    assert is_typeddict(options), annotation
    return options


def handing_on() -> dict[str, Any]:
    """List all that is public and hands options on, with the `TypedDict` of these."""
    names = {
        one.name for one in public_targets() if not one.trait and callable(public_or_none(one.name))
    }
    found = {name: options_of(name) for name in sorted(names - BY_ATTRIBUTE)}
    return {name: options for name, options in found.items() if options is not None}


def public_or_none(name: str) -> Any:
    """Give what a person can call by its name, and not only as a method of what they get."""
    try:
        return public(name)
    except StopIteration:
        return None


def test_what_hands_options_on_says_which() -> None:
    found = handing_on()
    assert found["as_space"] is ModelOptions
    assert found["LatentSpace.replace"] is SpaceOptions
    assert found["Direction.replace"] is DirectionOptions
    makers = {name: one for name, one in found.items() if name.startswith("LatentGrid.")}
    assert len(makers) == 6
    assert {*makers.values()} == {GridTraits}
    assert found.keys() - makers.keys() == HANDING_ON
    assert get_type_hints(lw.as_space)["options"] == Unpack[ModelOptions]
    assert get_type_hints(lw.LatentGrid.samples)["traits"] == Unpack[GridTraits]


@pytest.mark.slow
def test_type_checkers_see_misspelt_keywords(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    pairs = [(name, wrong, [right]) for name, (wrong, right) in MISSPELT.items()]
    for name, options in handing_on().items():
        known = [*get_type_hints(options)]
        pairs.append((name, f"{known[0]}x", known))
    lines, wrongs = ["from typing import Any", "import latentwidgets as lw", "some: Any = None"], {}
    for name, wrong, right in pairs:
        lines += [f"lw.{name}(*some, {wrong}=some)"]
        wrongs[str(len(lines))] = wrong
        given = "some" if name == "link" else "*some"  # which needs its two and takes no other
        lines += [f"lw.{name}({given}, {', '.join(f'{one}=some' for one in right)})"]
    snippet = tmp_path / "snippet.py"
    snippet.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--no-incremental", str(snippet)]
    done = run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    errors = re.findall(r"snippet\.py:(\d+): error: (.*)", done.stdout)
    found = {
        line: re.sub(r'Unexpected (?:keyword )?argument "(\w+)".*', r"\1", error)
        for line, error in errors
    }
    assert len(errors) == len(found), done.stdout
    assert found == wrongs, done.stdout


def test_type_checkers_know_the_options_of_spaces() -> None:
    for library in LIBRARIES:
        pytest.importorskip(library)
    load_adapters_in_use()
    assert lw.adapters.Sampler in lw.as_space.registry
    language = importlib.import_module("latentwidgets.adapters.transformers.space").language_space
    known = {*inspect.signature(lw.LatentSpace).parameters}
    assert {*SpaceOptions.__annotations__} == known
    for adapter in (language, *lw.as_space.registry.values()):
        options = inspect.signature(adapter).parameters.values()
        known |= {one.name for one in options if one.kind is one.KEYWORD_ONLY}
    assert {*get_type_hints(ModelOptions)} == known


def test_type_checkers_know_the_options_of_directions() -> None:
    assert {*get_type_hints(DirectionOptions)} == {*inspect.signature(lw.Direction).parameters}


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Interpolator", PathTraits),
        ("DirectionEditor", Traits),
        ("LatentGrid", GridTraits),
        ("LatentMap", MapTraits),
    ],
)
def test_type_checkers_know_the_traits_of_widgets(name: str, known: type) -> None:
    widget = getattr(lw, name)
    taken = {
        trait
        for trait, one in widget.class_traits().items()
        if not one.read_only and not trait.startswith("_")
    }
    own = {*inspect.signature(widget).parameters, *UNSAID, *FOLLOW.get(name, ())}
    assert {*get_type_hints(known)} == taken - own


def test_a_method_is_called_by_the_class_of_what_it_is_called_of() -> None:
    with pytest.raises(
        lw.LatentTypeError, match=r"^LatentSpace\.sample takes 1 .*: LatentSpace\.s"
    ):
        SPACE.sample(3, 0)  # type: ignore[call-arg]
    with pytest.raises(lw.LatentTypeError, match=r"^LatentSpace\.sample has no option 'sed'"):
        SPACE.sample(3, sed=0)  # type: ignore[call-arg]
