"""What is right for recipes, and for the files that hold them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np

import latentwidgets as lw


def recipe(world: Any, _rng: random.Random) -> lw.Recipe:
    """Write one down, of the world's space."""
    return lw.Interpolator(world.space, world.latents[:3], value=0.5).recipe()


def text(world: Any, rng: random.Random) -> str:
    """Write one as JSON; now and then with a letter changed."""
    written = recipe(world, rng).to_json()
    at = rng.randrange(len(written))
    return written if rng.random() < 0.5 else f"{written[:at]}7{written[at + 1 :]}"


def file(world: Any, rng: random.Random) -> Path:
    """Save one, as a picture or as it is."""
    if rng.random() < 0.5:
        recipe(world, rng).save("found.json")
        return Path("found.json")
    lw.Interpolator(world.space, world.latents[:3]).save_image("found.png")
    return Path("found.png")


def edit(world: Any, _rng: random.Random) -> lw.Recipe:
    """Write down an edit."""
    name = world.directions.names[0]
    editor = lw.DirectionEditor(world.space, world.latents[0], world.directions, value={name: 1.0})
    return editor.recipe()


def explored(world: Any, rng: random.Random) -> lw.Recipe:
    """Write down an explorer, with or without its history; or one of its parts alone."""
    explorer = lw.explore(world.space, world.latents, parts=["grid", "editor"])
    explorer.history.bookmark("one")
    made: lw.Recipe = rng.choice([explorer, explorer.history, explorer.grid]).recipe()
    return made


def brightness(outputs: Any) -> Any:
    """Measure each output, of whatever kind."""
    return np.asarray([len(one) if isinstance(one, str) else np.mean(one) for one in outputs])


WIDGETS = ("Interpolator", "LatentGrid", "DirectionEditor", "LatentMap")
FILMS = ("save_animation", *(f"{widget}.save_animation" for widget in WIDGETS))

RIGHT = {
    "save_animation.what": lambda world, rng: rng.choice(
        [lw.Path(world.latents[:2]), recipe(world, rng)]
    ),
    **{
        f"{film}.path": lambda _, rng: Path(rng.choice(["a.gif", "a.png", "a.webp"]))
        for film in FILMS
    },
    **{f"{film}.loop": lambda _, rng: rng.choice([True, False]) for film in FILMS},
    "Interpolator.figure.columns": lambda _, rng: rng.choice([2, 5]),
    "seconds": lambda _, rng: rng.choice([0.1, 0.3]),
    "fps": lambda _, rng: rng.choice([10, 25.0]),
    "easing": lambda _, rng: rng.choice(["smooth", "linear"]),
    "back": lambda _, rng: rng.choice([True, False]),
    "captions": lambda _, rng: rng.choice([False, True, ["a", "b"]]),
    "along": lambda *_: None,
    "DirectionEditor.save_animation.along": lambda world, _: world.directions.names[0],
    "recipe": recipe,
    "DirectionEditor.apply.recipe": edit,
    "LatentGrid.apply.recipe": lambda world, _: lw.LatentGrid(world.space, world.latents).recipe(),
    "LatentMap.apply.recipe": lambda world, _: lw.LatentMap(world.space, world.latents).recipe(),
    "LatentExplorer.apply.recipe": explored,
    "History.save.path": lambda *_: Path("history.json"),
    "History.recipe.name": lambda *_: "first",
    "Recipe.contents": lambda world, rng: dict(recipe(world, rng)),
    "Recipe.from_json.text": text,
    "Recipe.save.path": lambda *_: Path("saved.json"),
    "Recipe.__getitem__.name": lambda *_: "at",
    "Recipe.__contains__.key": lambda *_: "at",
    "Recipe.get.key": lambda *_: "at",
    "Recipe.get.default": lambda *_: None,
    **{
        f"{widget}.save_html.path": lambda *_: Path("a.html")
        for widget in (*WIDGETS, "LatentExplorer")
    },
    "LatentExplorer.save_html.positions": lambda *_: None,
    "LatentExplorer.save_html.directions": lambda *_: None,
    "positions": lambda _, rng: rng.choice([2, 3]),
    "live": lambda _, rng: rng.choice([False, True]),
    "LatentExplorer.save_html.live": lambda *_: False,
    "DirectionEditor.save_html.directions": lambda *_: ["PC 1"],
    **{
        f"{widget}.save_html.{name}": lambda *_: None
        for widget in WIDGETS
        for name in ("positions", "directions")
        if name == "directions" or widget in ("LatentGrid", "LatentMap")
        if (widget, name) != ("DirectionEditor", "directions")
    },
    "load.path": file,
    "check.recipe": edit,
    "check.target": lambda *_: "bright",
    "check.measures": lambda *_: {"bright": brightness},
    "by": lambda _, rng: rng.choice([1.0, -0.5]),
    "check.leakage": lambda _, rng: rng.choice([0.5, None, {}]),
    "typicality": lambda _, rng: rng.choice([0.05, None]),
    "start": lambda world, _: world.latents[0],
    "check.n": lambda _, rng: rng.choice([4, 8]),
    "check.controls": lambda _, rng: rng.choice([0, 2]),
    "student": lambda _, rng: rng.choice(["ada", 17]),
    "among": lambda world, rng: rng.choice([None, world.latents]),
    "check.routes": lambda _, rng: rng.choice(["edit", "path", ["edit"], ("edit", "path")]),
    "allow": lambda _, rng: rng.choice([(), "versions", ["weights", "options"]]),
    **{
        f"{widget}.save_image.path": lambda _, rng: Path(rng.choice(["a.png", "a.webp"]))
        for widget in WIDGETS
    },
}
