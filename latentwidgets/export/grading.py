"""`check`: whether a recipe does what was asked, measured on what is decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.measures import doubts_about, measure_of, named_measures
from latentwidgets.analysis.typicality import Typicality
from latentwidgets.common.checks import (
    check_controls,
    check_one_of,
    check_seed,
    check_whole,
    real_number,
)
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError
from latentwidgets.export.check_measuring import (
    RandomMoves,
    has_data,
    ordinary_latents,
    read_latents,
    spread_of,
    units_of,
)
from latentwidgets.export.check_result import CheckResult
from latentwidgets.export.check_words import leakage_number, target_number, typicality_number
from latentwidgets.export.exported.table import exported
from latentwidgets.export.replaying import replay
from latentwidgets.routes.edit import FARTHEST_AMOUNT, Edit
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.directions.direction import Direction
    from latentwidgets.export.check_result import CheckNumber
    from latentwidgets.export.recipe import Recipe
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["check"]

# Two latents are one where each number differs by less than this share of itself and of the spread
# of ordinary latents: an encoder rounds otherwise on another machine.
SAME = 1e-3
# Which recipes start somewhere, and whose they are.
WIDGETS = {"edit": "a DirectionEditor", "path": "an Interpolator"}
KINDS_ARE = f"names among {', '.join(WIDGETS)}"
# What the number is called that no measure gives.
TYPICALITY = "typicality"


@checked_keywords
def check(
    recipe: Recipe,
    space: Any,
    target: str,
    measures: Direction
    | Iterable[Direction]
    | Mapping[str, Direction | Callable[[Any], ArrayLike]],
    *,
    by: float = 1.0,
    leakage: float | Mapping[str, float] | None = 0.5,
    typicality: float | Typicality | None = 0.05,
    start: ArrayLike | None = None,
    conditions: Mapping[str, Any] | None = None,
    latents: ArrayLike | None = None,
    n: int = 256,
    controls: int = 32,
    routes: str | Iterable[str] = ("edit", "path"),
    allow: str | Iterable[str] = ("versions",),
    seed: int = 0,
) -> CheckResult:
    """Check whether a recipe does what was asked: for a teacher, without a widget or a browser.

    The latent that the recipe starts from and the one that it leads to are decoded, and everything
    is measured on what is decoded: is the target changed by so much, all else by so little, and
    does the latent lie where the model knows what it does? Nothing in a recipe is run.

    Parameters
    ----------
    recipe : Recipe
        The answer: of an editor, an Interpolator or an explorer, or read by `latentwidgets.load`.
    space : LatentSpace or object
        The space that it is for, or anything that `as_space` takes.
    target : str
        Which of the measures shall change.
    measures : mapping of str to callable or Direction, or iterable of Direction
        What is measured, as `latentwidgets.analysis.leakage` takes it: functions of what
        `LatentSpace.decode` returns, and readouts of what is encoded again, such as probes of a
        label. Take probes of other latents than those that students find their directions in.
    by : float
        By how much the target shall rise at least, in standard deviations of the measure over
        ordinary outputs; below 0, fall.
    leakage : float or mapping of str to float, optional
        By how much each other measure may change at most, either way, in the same unit; all alike,
        or one by one. None for any change. Of several latents the mean of the sizes is judged: one
        that rises does not make up for one that falls.
    typicality : float or Typicality, optional
        The latent must be more typical than this share of ordinary latents, or than the level of a
        `Typicality` of yours, or at least no rarer than the latent that it starts from. None for
        any latent.
    start : array_like, optional
        The latent that the recipe must start from, ``latent_shape``, as `student_start` gives it;
        several for an edit of several. None for any.
    conditions : mapping of str to value, optional
        What the recipe must be decoded under. Those that are left out may have any value.
    latents : array_like, optional
        Ordinary latents, ``(m, *latent_shape)``. The data of the space if None, or else samples of
        its prior.
    n : int
        So many of these are decoded, for the standard deviations.
    controls : int
        So many random moves, as long as that of the recipe, are measured likewise; 10,000 at most.
    routes : str or iterable of str
        Which kinds of recipe count: "edit" of a DirectionEditor, "path" of an Interpolator. Where
        students shall find a direction, ``("edit",)``: a path also leads to any other latent.
    allow : str or iterable of str
        In what the space may differ from that of the recipe, as `replay` takes it.
    seed : int
        For all that is drawn.

    Returns
    -------
    CheckResult
        Whether it ``passed``, and every number beside what was asked and what chance gives.
        ``raise_if_failed()`` is for a cell of an autograder: its error tells a student what fell
        short by how much, and what to look at.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the recipe is of another space or starts elsewhere; if an argument cannot be used, a
        measure does not give one finite number each, or is the same of all ordinary outputs.
    DecodeError
        If the decoder or the encoder fails, or gives NaN.

    Notes
    -----
    What is decoded under the conditions of the recipe, before and after: what a condition changes
    is not counted as moved. Of an edit of several latents the mean change of the target is judged,
    the mean size of all other changes, and the rarest latent. Of a path the start is its first
    anchor. A latent that starts rarer than all ordinary ones may not be moved further out.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> faces = lw.demo.faces()
    >>> ways = lw.pca_directions(faces.latents, 3)
    >>> start = lw.student_start(faces.space, "ada", among=faces.latents)
    >>> measures = {
    ...     "cheeks": lambda images: images[:, 36:40, 24:40].mean(axis=(1, 2, 3)),
    ...     "corners": lambda images: images[:, :8, :8].mean(axis=(1, 2, 3)),
    ... }
    >>> answer = lw.DirectionEditor(faces.space, start, ways, value={"PC 1": 0.1}).recipe()
    >>> result = check(answer, faces.space, "cheeks", measures, start=start)
    >>> result.passed, result["cheeks"].role, result["corners"].limit
    (False, 'target', 0.5)
    """
    space = as_space(space)
    latent = replay(recipe, space, allow=allow)
    kinds = check_items([routes] if isinstance(routes, str) else routes, "routes is", KINDS_ARE)
    for kind in kinds:
        check_one_of(kind, "routes", WIDGETS)
    if not kinds:
        raise LatentValueError(f"routes is empty; expected {KINDS_ARE}.")
    if recipe["space"] is None:
        raise LatentValueError(
            "this recipe names no space: it is of latents that nothing decodes. Hand in the recipe "
            f"of a widget that shows {brief(space.name)}."
        )
    named = named_measures(measures, space)
    if typicality is not None and TYPICALITY in named:
        raise LatentValueError(
            f"a measure is called {TYPICALITY!r}, as the number that says how typical the latent "
            "is: give it another name."
        )
    check_one_of(target, "target", named)
    others = [name for name in named if name != target]
    by = _by(by)
    limits = _limits(leakage, others)
    judge, seed = _judge(typicality), check_seed(seed)
    n, controls = check_whole(n, "n", least=2), check_controls(controls)
    under = _conditions(recipe, space, conditions)
    ends = latent.reshape(-1, *space.latent_shape)
    read = [measure_of(name, one, space) for name, one in named.items()]
    rows = ordinary_latents(space, latents, n, seed)
    own = _own_starts(recipe, ends, kinds)
    starts = own if start is None else _given(start, own, space, spread_of(rows, n, seed))

    before = read_latents(space, starts, under, read, "the latent that the recipe starts from")
    after = read_latents(space, ends, under, read, "the latent that the recipe leads to")
    units = units_of(space, rows, n, seed, under, read, [*named])
    changes = dict(zip(named, (after - before) / units[:, np.newaxis], strict=True))
    moves = RandomMoves(space, rows, under, read, seed)
    moved = not np.array_equal(own, ends)
    random, trouble = moves.of(starts, ends, before, controls if moved else 0)
    chance: dict[str, float | None] = dict.fromkeys(named)
    if random is not None:
        for name, one, unit in zip(named, random, units, strict=True):
            means = (one if name == target else np.abs(one)).mean(axis=1)
            chance[name] = float(np.sqrt(np.mean(np.square(means))) / unit)

    change = float(changes[target].mean())
    found: list[CheckNumber] = [target_number(target, change, by, chance[target], moved)]
    found += [leakage_number(name, changes[name], limits[name], chance[name]) for name in limits]
    if judge is not None:
        if not isinstance(typicality, Typicality):
            fits = latents is not None or has_data(space)
            judge = judge.fit(rows) if fits else judge.set_params(prior=space).fit()
        found.append(typicality_number(judge.report(own), judge.report(ends)))
    directions = recipe.route.directions if isinstance(recipe.route, Edit) else ()
    doubts = [doubts_about(directions, named, [], min(n, len(rows))), trouble]
    if (likely := chance[target]) is not None and likely >= abs(by):
        doubts.append(
            f"A random move as long changes {brief(target)} by {likely:.2f} in the mean, as much "
            "as is asked: ask for more."
        )
    return CheckResult(tuple(found), " ".join(filter(None, doubts)) or None)


def _by(by: Any) -> float:
    amount = real_number(by, "by", least=-FARTHEST_AMOUNT, most=FARTHEST_AMOUNT)
    if not amount:
        raise LatentValueError("by is 0; expected how much the target rises, or below 0 falls.")
    return amount


def _limits(leakage: Any, others: Sequence[str]) -> dict[str, float]:
    """Give for each other measure how much it may change; for none where all is allowed."""
    if leakage is None:
        return {}
    if not isinstance(leakage, Mapping):
        most = real_number(leakage, "leakage", least=0, most=FARTHEST_AMOUNT)
        return dict.fromkeys(others, most)
    if {*leakage} != {*others}:
        odd = sorted(map(str, {*leakage} ^ {*others}))
        raise LatentValueError(
            f"leakage has too much or too little: {brief(odd)}; expected a number for each measure "
            f"but the target: {brief(list(others))}."
        )
    return {
        name: real_number(leakage[name], f"leakage of {brief(name)}", least=0, most=FARTHEST_AMOUNT)
        for name in others
    }


def _judge(typicality: Any) -> Typicality | None:
    if typicality is None or isinstance(typicality, Typicality):
        return typicality
    return Typicality(level=real_number(typicality, "typicality", least=0, most=1))


def _conditions(recipe: Recipe, space: LatentSpace, wanted: Any) -> dict[str, Any]:
    """Give the conditions of a recipe, if they are those that were asked for."""
    has = space.conditions.settled(recipe["conditions"])
    for name, value in space.conditions.settled(wanted).items():
        if wanted and name in wanted and has[name] != value:
            raise LatentValueError(
                f"this recipe is decoded under another {brief(name)} than was asked for: "
                f"{brief(has[name])}, expected {brief(value)}. Set it, and take the recipe again."
            )
    return has


def _own_starts(
    recipe: Recipe, ends: NDArray[np.float32], kinds: Sequence[str]
) -> NDArray[np.float32]:
    """Give the latents that a recipe starts from, one for each that it leads to."""
    begins, kind = exported(recipe.route).first_latents(), recipe["route"]["type"]
    count = " or ".join(WIDGETS[one] for one in kinds)
    if kind in WIDGETS and kind not in kinds:
        raise LatentValueError(
            f"this recipe is of {WIDGETS[kind]}, which does not count here. Hand in the recipe of "
            f"{count}."
        )
    if begins is None:
        raise LatentValueError(
            f"this recipe is of a {kind}, which starts nowhere, so that nobody knows what it "
            f"changed. Hand in the recipe of {count}."
        )
    return np.asarray(begins, np.float32).reshape(ends.shape)


def _given(
    wanted: Any, own: NDArray[np.float32], space: LatentSpace, spread: float
) -> NDArray[np.float32]:
    """Give the latents that a recipe was to start from, if it does."""
    shape = np.shape(wanted)
    given = space.check([wanted] if shape == space.latent_shape else wanted, "start")
    if given.shape != own.shape:
        raise LatentValueError(
            f"this recipe starts from {len(own)} latents; expected {len(given)}. Hand in a "
            "recipe that moves what the assignment gives you, and nothing else."
        )
    exact = given.astype(np.float64)
    apart = np.abs(exact - own)
    if (apart > SAME * (np.abs(exact) + spread)).any():
        raise LatentValueError(
            f"this recipe starts elsewhere: its first latent differs by up to {apart.max():.3g} "
            "from the one that it was to start from. Give the widget the latent that the "
            "assignment gives you, lw.student_start(space, ...) with your own name, and take the "
            "recipe again."
        )
    return given
