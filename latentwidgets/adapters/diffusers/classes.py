"""The classes of a pipeline: which there are, and what stands for none."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from latentwidgets.adapters.sampler import class_choices
from latentwidgets.common.checks import check_whole
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from latentwidgets.adapters.diffusers.asking import Asker

__all__ = ["Classes", "classes_of"]


@dataclass(frozen=True)
class Classes:
    """Classes that a denoiser takes as ``class_labels``.

    Attributes
    ----------
    choices : tuple of str or range
        Their names, whose positions are the labels, or the labels.
    null : int or None
        The label of no class.
    by_call : bool
        Whether the pipeline itself takes labels; else its denoiser alone does.
    doubt : str
        What to warn of once all else is right: that nothing says whether a label stands for no
        class. Empty where it is known.
    """

    choices: tuple[str, ...] | range
    null: int | None
    by_call: bool
    doubt: str = ""


def classes_of(asker: Asker, given: Any, null: Any) -> Classes | None:
    """Find the classes of a pipeline.

    Parameters
    ----------
    asker : Asker
        Knows the pipeline.
    given : sequence of str, range, int or None
        Names, labels, or how many, where a person says it.
    null : int or None
        The label of no class, likewise.

    Returns
    -------
    Classes or None
        None where it has none.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they cannot be used.
    """
    pipe, config = asker.pipe, getattr(asker.denoiser, "config", None)
    by_call = "class_labels" in asker.takes
    module = getattr(asker.denoiser, "_orig_mod", asker.denoiser)
    takes = "class_labels" in inspect.signature(type(module).forward).parameters
    count = getattr(config, "num_embeds_ada_norm" if by_call else "num_class_embeds", None)
    if not takes or count is None or (not by_call and "prompt" in asker.takes):
        if given is not None or null is not None:
            raise LatentValueError(
                f"{type(pipe).__name__} has no classes, and "
                f"{'classes' if given is not None else 'null'} was passed. Leave it out."
            )
        return None
    choices = _named(pipe, count) if given is None else class_choices(given)
    labels = choices if isinstance(choices, range) else range(len(choices))
    # A DiT has a row for no class beside those that it counts.
    most = count if by_call else count - 1
    if min(labels) < 0 or max(labels) > most:
        raise LatentValueError(
            f"classes are {brief(given)}, labels {min(labels)} to {max(labels)}; the network has "
            f"{count} labels, 0 to {count - 1}."
        )
    if null is not None:
        label = check_whole(null, "null", least=0, most=most)
        if label in labels:
            if given is not None:
                raise LatentValueError(
                    f"null is {label}, the label of a class too; expected that of no class, such "
                    f"as {most}, and classes without it."
                )
            others = range(count - 1) if label == count - 1 else range(1, count)
            if label not in (0, count - 1):
                raise LatentValueError(
                    f"null is {label}, which lies between classes. Say which these are: "
                    "classes=range(...), or their names."
                )
            choices = others
        return Classes(choices, label, by_call)
    if by_call:
        return Classes(choices, count, by_call)
    if len(labels) == count - 1 and max(labels) < count - 1:
        return Classes(choices, count - 1, by_call)
    doubt = ""
    if given is None:
        doubt = (
            f"{type(pipe).__name__}: its network takes {count} class labels, and nothing says "
            "whether one of them stands for no class; all were taken as classes, and there is no "
            f"guidance. If the last is for no class: lw.as_space(pipe, null={count - 1}), or with "
            f"names of the other {count - 1}: lw.as_space(pipe, classes=[...]). If all are "
            f"classes: lw.as_space(pipe, classes={count}). What else is passed stays."
        )
    return Classes(choices, None, by_call, doubt)


def _named(pipe: Any, count: int) -> tuple[str, ...] | range:
    """Take the names that a pipeline knows, the first of each label."""
    labels = getattr(pipe, "labels", None)
    names: dict[int, str] = {}
    if isinstance(labels, dict):
        for name, label in labels.items():
            names.setdefault(int(label), str(name))
    if sorted(names) != [*range(count)]:
        return range(count)
    seen = [names[label] for label in range(count)]
    # Two animals may have one name: the label tells them apart.
    return tuple(name if seen.count(name) == 1 else f"{name} ({i})" for i, name in enumerate(seen))
