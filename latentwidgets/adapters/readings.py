"""What is read off a model that writes while it is steered: in batches, under its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from latentwidgets.common.attributes import has, raised_by
from latentwidgets.errors import LatentTypeError
from latentwidgets.kinds.reading.calls import call
from latentwidgets.space.as_space import within
from latentwidgets.space.batches import Batches
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelLock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.adapters.continuation import Continuation

__all__ = ["check_language", "continuations_of", "next_tokens_of"]


def check_language(space: Any, what: str) -> Any:
    """Take a space of a model that writes, or an object that holds one.

    Raises
    ------
    LatentTypeError
        If it is something else.
    """
    space = within(space)
    # A stand-in for anything has these too.
    ours = isinstance(space, LatentSpace)
    if not (ours and has(space, "stream") and has(space, "residual_norms")):
        raise LatentTypeError(
            f"{what} got a {type(space).__name__}; expected a space of a language model: "
            'as_space(model, tokenizer=tokenizer, prompt="...", layer=...).'
            f"{raised_by(space, 'stream', 'residual_norms')}"
        )
    return space


def continuations_of(
    space: Any,
    latents: ArrayLike,
    conditions: Mapping[str, Any] | None = None,
    against: list[int] | None = None,
) -> list[Continuation]:
    """Continue the prompt of a space for each latent, and compare with the model as it is.

    Parameters
    ----------
    space : ResidualSpace
        The space.
    latents, conditions
        As `LatentSpace.decode` takes them.
    against : list of int, optional
        The tokens of another prompt, after which the model as it is reads what was written.

    Returns
    -------
    list of Continuation
        One for each.
    """
    array = space.check(latents)
    model = space.stream

    def run(rows: NDArray[np.float32], values: dict[str, Any]) -> list[Continuation]:
        return cast(
            "list[Continuation]",
            call(lambda rows: model.continuations(rows, values, against), rows, source="decode"),
        )

    batches = Batches(space.batch_size, ModelLock(model.models))
    return batches.run(run, array, space.conditions.arrays(conditions, len(array)))


def next_tokens_of(
    space: Any, latents: ArrayLike, conditions: Mapping[str, Any] | None, count: int
) -> tuple[list[str], list[int], NDArray[np.float64]]:
    """Give the tokens that are most likely next, unsteered or steered, and how likely they are.

    Parameters
    ----------
    space : ResidualSpace
        The space.
    latents : array_like
        ``(n, *latent_shape)``: what is added, one by one. The first steers; of the others it is
        said how likely they make the same tokens: they are random ones, as long as the first.
    conditions : mapping or None
        As `LatentSpace.decode` takes them, of one latent.
    count : int
        How many of either.

    Returns
    -------
    texts : list of str
        Of each token, of those of both once.
    ids : list of int
        Their numbers.
    probabilities : ndarray
        Of all tokens that there are, as the model is and with each latent:
        ``(1 + n, vocabulary)``.

    Raises
    ------
    DecodeError
        If the model raises, or gives NaN or infinity.
    """
    steered = np.asarray(latents, np.float32)
    array = np.concatenate([np.zeros_like(steered[:1]), steered])
    model = space.stream
    values = space.conditions.arrays(conditions, len(array))
    called = ["no latent", "the latent", *["a random latent of the same length"] * (len(array) - 2)]

    def likely(rows: NDArray[np.float32], beside: dict[str, Any]) -> NDArray[np.float32]:
        some = {name: beside[name] for name in values}
        found: NDArray[np.float32] = model.next_probabilities(rows, some, [*beside["called"]])
        return found

    batches = Batches(space.batch_size, ModelLock(model.models))
    found = batches.run(likely, array, {**values, "called": np.array(called)})
    order = np.argsort(-found[:2], axis=1, kind="stable")[:, :count]
    ids = [*dict.fromkeys(int(one) for one in order.ravel())]
    texts = [model.texts.text(model.prompt, [one]) for one in ids]
    return texts, ids, np.asarray(found, np.float64)
