"""Calls of all that is public, with arguments that are right, nearly right or hostile.

What can be called is read off the package: a new public function, method or trait is called too.
"""

from __future__ import annotations

import functools
import inspect
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ipywidgets
import numpy as np
import sklearn.base

import latentwidgets as lw
from latentwidgets.errors import LatentWidgetsError
from tests.fuzz import adapted, analysis, recipes, returned
from tests.fuzz import world as worlds
from tests.fuzz.hostile import Spoiled, hostile, nearly_right
from tests.fuzz.world import World

WIDGETS = ("Interpolator", "LatentGrid", "DirectionEditor", "LatentMap", "LatentExplorer")
# Public special methods; the others are called by what looks at every result.
SPECIAL = ("__call__", "__getitem__", "__add__", "__contains__")
# What makes the instance that methods are called on.
INSTANCES: dict[str, Callable[[World, random.Random], Any]] = {
    "Condition": lambda _, rng: rng.choice(
        [lw.Condition(1.0, 0.0, 2.0), lw.Condition(choices=["owl", "mug", "cat"])]
    ),
    "Direction": lambda world, _: world.directions[0],
    "Directions": lambda world, _: world.directions,
    "LatentSpace": lambda world, _: lw.as_space(world.space),
    "NormalPrior": lambda world, _: lw.NormalPrior(np.ones(world.latents.shape[1:])),
    "Path": lambda world, rng: lw.Path(
        world.latents[:3], rng.choice(["slerp", "lerp", "nlerp", "spline", "gaussian"])
    ),
    "Sampler": lambda *_: worlds.sampler(),
    "Typicality": lambda world, _: lw.analysis.Typicality().fit(world.latents),
    "Tokens": lambda *_: lw.Tokens((("a", 1.0), (" b", None)), label="surprise"),
    "LatentIndex": lambda world, _: lw.analysis.LatentIndex(analysis.many(world)),
    "Retrieval": lambda *_: worlds.MAKERS["texts"](),
    "Recipe": recipes.recipe,
    "History": lambda world, rng: _history(world, rng),
    "Fitting": lambda world, rng: worlds.widget("LatentMap", world, rng).fitting,
    **adapted.INSTANCES,
    **returned.INSTANCES,
    **{
        name: lambda world, rng, name=name: worlds.widget(name, world, rng)  # type: ignore[misc]
        for name in WIDGETS
    },
}


def _history(world: World, rng: random.Random) -> Any:
    history = worlds.widget("LatentExplorer", world, rng).history
    history.bookmark("first")
    return history


# Of these parameters only some belong together.
TOGETHER: dict[str, tuple[tuple[str, ...], ...]] = {
    "Condition": (("default", "low", "high", "step"), ("choices",)),
    "LatentMap": ((), ("index",), ("value",), ("latent",)),
    "LatentSpace": ((), ("encode",), ("image_shape",), ("batch_size", "name"), ("conditions",)),
    "Sampler": ((), ("steps",), ("classes",), ("classes", "null"), ("decode", "encode")),
    "as_space": ((), ("name",), ("encode",), ("batch_size",), ("value_range",)),
    "LatentSpace.replace": ((), ("name", "batch_size"), ("value_range",), ("sample_rate",)),
    "LatentSpace.encode": (("images",),),
}
# The default of what ``**traits`` and the like stand for: there are many of these.
SELDOM = "seldom"
# What acts within a block.
ENTERED = ("ResidualSpace.steering",)
# What an explorer calls of its history, a map of its fitting, and Python of what goes apart.
INTERNAL = (
    *("History.amend", "History.continuing", "History.close", "History.take", "History.acts"),
    *(f"Fitting.{name}" for name in ("begin", "close", "forget", "hear", "take", "wanted")),
    "Faces.__getitem__",
)
# What has nothing to do in what it is called on here, and says so.
ALWAYS_REFUSED = {"LatentGrid.save_animation", "LatentMap.save_animation", "LatentMap.save_html"}
# Each is chosen so many times less often: it takes long.
SLOW = {
    "steering_curve": 9,
    **dict.fromkeys(("check", "probe_directions", "explore", "LatentExplorer"), 3),
    **dict.fromkeys(("clusters", "compare_spaces", "probe_report", "History"), 6),
}


@dataclass(frozen=True)
class Target:
    """Something public that can be called, or a trait that can be set.

    Attributes
    ----------
    name : str
        As "lerp", "Path", "Path.nearest", or "LatentMap.index =" for a trait.
    owner : str
        The class whose instance it is called on; empty where there is none.
    parameters : mapping of str to Parameter
        By name, those of traits and options among them.
    """

    name: str
    owner: str
    parameters: dict[str, inspect.Parameter] = field(hash=False)

    @property
    def trait(self) -> str:
        """The trait that it sets; empty where it is none."""
        return self.name.rpartition(".")[2][:-2] if self.name.endswith(" =") else ""


@dataclass
class Call:
    """A target with arguments."""

    target: Target
    world: World
    instance: Any
    arguments: dict[str, Any]
    words: dict[str, str]
    no_numbers: list[str]  # arguments that hold what is no number

    def run(self) -> Any:
        """Do it."""
        name = self.target.name.rpartition(".")[2]
        if self.target.trait:
            setattr(self.instance, self.target.trait, self.arguments["value"])
            return self.instance
        if self.instance is None:
            function = public(self.target.name)
        else:
            function = getattr(self.instance, name)
            if isinstance(getattr(type(self.instance), name), property):
                return function
        named = dict(self.arguments)
        positional = [
            named.pop(parameter.name)
            for parameter in self.target.parameters.values()
            if parameter.name in named and _by_place(self.target.name, parameter)
        ]
        if self.target.name in ENTERED:
            with function(*positional, **named):
                return None
        return function(*positional, **named)

    def __str__(self) -> str:
        given = ", ".join(f"{name}={words}" for name, words in self.words.items())
        return f"{self.target.name}({given}) in the world {self.world.name!r}"


def _by_place(target: str, parameter: inspect.Parameter) -> bool:
    """Say whether an argument has no name: `as_space` looks at the type of its first."""
    places = (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL)
    return parameter.kind in places or (target, parameter.name) == ("as_space", "obj")


def public(name: str) -> Any:
    """Look up ``function``, ``Class`` or ``Class.maker``; `as_space` of what a maker takes."""
    if name in adapted.makers():
        return adapted.made(name)
    first, *rest = name.split(".")
    found = next(getattr(module, first) for module in PUBLIC if first in module.__all__)
    return functools.reduce(getattr, rest, found)


# Where what is public is.
PUBLIC: tuple[Any, ...] = (lw, lw.adapters, lw.analysis, lw.demo)
OF_FILES = ("Directions.save", "Directions.load", "control_vector_directions", "sae_directions")
# What these bring is not ours.
BASES = (ipywidgets.DOMWidget, sklearn.base.BaseEstimator, sklearn.base.OutlierMixin, tuple)
# Classes that a person gets and does not make: only their methods are called.
RETURNED = ("Diffusion", "Digits", "Faces", "Stories")


@functools.cache
def targets() -> tuple[Target, ...]:
    """List all that is public, in an order that stays."""
    found = []
    for module in PUBLIC:
        for name in module.__all__:
            one = getattr(module, name)
            if inspect.ismodule(one) or isinstance(one, str):
                continue
            if inspect.isclass(one) and issubclass(one, Exception):
                continue
            if name not in RETURNED:
                found.append(Target(name, "", _parameters(one)))
            if inspect.isclass(one):
                found += _members(name, one)
    for name in ("History", "Fitting"):
        found += _members(name, type(INSTANCES[name](worlds.world_of("plain"), rng_of(0))))
    found += [Target(name, "", _parameters(one)) for name, one in adapted.makers().items()]
    for name, kind in adapted.spaces().items():
        found += [one for one in _members(name, kind) if one.name.split(".")[1] in vars(kind)]
    for name, kind in returned.results().items():
        found += _members(name, kind)
    return tuple(one for one in found if one.name not in INTERNAL)


def _members(name: str, one: type) -> Iterator[Target]:
    theirs = [member for base in BASES if issubclass(one, base) for member in dir(base)]
    traits: dict[str, Any] = getattr(one, "class_traits", dict)()
    for member in dir(one):
        if member in theirs and member not in ("close", "layout"):
            continue
        if member in traits and traits[member].read_only:
            continue
        if member.startswith("_") and member not in SPECIAL:
            continue
        if re.fullmatch(r"set_\w+_request", member):  # which scikit-learn gives an estimator
            continue
        value: Any = getattr(one, member)
        if member in traits:
            parameter = inspect.Parameter("value", inspect.Parameter.KEYWORD_ONLY)
            yield Target(f"{name}.{member} =", name, {"value": parameter})
        elif inspect.ismethod(value):  # of the class itself
            yield Target(f"{name}.{member}", "", _parameters(value))
        elif callable(value) and not inspect.isclass(value):
            yield Target(f"{name}.{member}", name, _parameters(value))
        elif isinstance(value, property):
            yield Target(f"{name}.{member}", name, {})


def _parameters(function: Any) -> dict[str, inspect.Parameter]:
    found = {
        name: parameter
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "self" and not (name == "chart" and not inspect.isclass(function))
    }
    last = list(found.values())[-1:]
    if last and last[0].kind is inspect.Parameter.VAR_KEYWORD:
        del found[last[0].name]
        for name in _expanded(function, last[0].name):
            option = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=SELDOM)
            found.setdefault(name, option)
    return found


def _expanded(function: Any, name: str) -> list[str]:
    """Name what ``**traits``, ``**options``, ``**changes`` and ``**attributes`` stand for."""
    if name == "traits":
        owner: Any = function if inspect.isclass(function) else function.__self__
        theirs = ipywidgets.DOMWidget.class_trait_names()
        traits = owner.class_traits().items()
        own = [name for name, one in traits if name not in theirs and not one.read_only]
        return ["layout", *(one for one in own if not one.startswith("_"))]
    if name == "attributes":
        return returned.ATTRIBUTES_OF[function.__qualname__]
    of = lw.Direction if name == "changes" else lw.LatentSpace
    return list(inspect.signature(of).parameters)


def rng_of(number: object) -> random.Random:
    """Make random numbers: the same for the same text or number."""
    return random.Random(str(number))


@functools.cache
def _choices() -> tuple[list[Target], list[float]]:
    every = list(targets())
    weights = [
        1 / SLOW.get(one.name, SLOW.get(one.owner, 1)) * (1 + min(len(one.parameters), 8))
        for one in every
    ]
    return every, weights


def call_of(seed: int, number: int) -> Call:
    """Make a call: the same for the same seed and number."""
    return call_to(*_begun(seed, number))


def target_of(seed: int, number: int) -> Target:
    """Say what a call calls, without making what it needs."""
    return _begun(seed, number)[0]


def _begun(seed: int, number: int) -> tuple[Target, random.Random]:
    rng = rng_of(f"call {seed} {number}")
    return rng.choices(*_choices())[0], rng


def call_to(target: Target, rng: random.Random, *, spoil: bool = True) -> Call:
    """Call a target: some arguments are spoiled, or none."""
    world = worlds.a_world(rng)
    instance = INSTANCES[target.owner](world, rng) if target.owner else None
    names = _chosen(target, rng)
    spoilt = rng.choices([0, 1, 2, len(names)], [15, 60, 18, 7])[0]
    to_spoil = set(rng.sample(names, min(spoilt, len(names)))) if spoil else set()
    call = Call(target, world, instance, {}, {}, [])
    for name in names:
        try:
            given = right_for(target, name, world, rng)
        except (
            LookupError
        ):  # a parameter that is new: a test says that its right values are missing
            given = None
            to_spoil.add(name)
        words = "right"
        if name in to_spoil:
            spoiled: Spoiled = nearly_right(given, rng) if rng.random() < 0.5 else hostile(rng)
            given, words = spoiled.value, spoiled.words
            if spoiled.holds_no_number:
                call.no_numbers.append(target.trait or name)
        call.arguments[name], call.words[name] = given, words
    if spoil and rng.random() < 0.02 and not target.owner and target.parameters:
        name = rng.choice(["latnets", "sede", "color", "a b"])
        if name not in target.parameters and all(
            parameter.kind is not parameter.VAR_POSITIONAL
            for parameter in target.parameters.values()
        ):
            call.arguments[name], call.words[name] = 1, "unknown"
    return call


def right_for(target: Target, name: str, world: World, rng: random.Random) -> Any:
    """Give what is right for a parameter of a target."""
    owner = target.name.split(".")[0]
    if owner in WIDGETS and "layout" in (name, target.trait):
        return {"width": "50%"}
    if target.trait:
        return worlds.right(owner, target.trait, world, rng)
    return worlds.right(target.name, name, world, rng)


def _chosen(target: Target, rng: random.Random) -> list[str]:
    """Choose parameters: those that are needed, and some of the others."""
    together = TOGETHER.get(target.name)
    also = rng.choice(together) if together else ()
    exclusive = {name for group in together or () for name in group}
    chosen = []
    for name, parameter in target.parameters.items():
        needed = parameter.default is parameter.empty
        if name in exclusive and rng.random() < 0.9:
            if name in also:
                chosen.append(name)
        elif needed or rng.random() < (0.05 if parameter.default is SELDOM else 0.3):
            chosen.append(name)
    return chosen


def refused(error: BaseException, target: Target) -> bool:
    """Say whether an error is one of ours, or of the system about a file."""
    return isinstance(error, LatentWidgetsError) or (
        target.name in OF_FILES and isinstance(error, OSError)
    )
