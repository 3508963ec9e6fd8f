"""`ResidualModel`: a causal network as adapters call it, steered at its residual stream."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from latentwidgets.adapters.own_tokens import own_start
from latentwidgets.adapters.states import taken
from latentwidgets.adapters.steering import TOKENS, Steering, recorded
from latentwidgets.adapters.torch_modes import ModeSteps, evaluating
from latentwidgets.common.checks import check_layer, check_one_of
from latentwidgets.common.items import check_ordered
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.condition import Condition
from latentwidgets.space.conditions import conditions_of
from latentwidgets.space.locks import ModelCaller
from latentwidgets.space.priors import NormalPrior

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from latentwidgets.adapters.continuation import Continuation

__all__ = ["ResidualModel", "layers_of"]

STRENGTH = Condition(1.0, -3.0, 3.0, step=0.1)


class ResidualModel(ModelCaller, ABC):
    """Adds latents to a network's residual stream while it writes, and reads states off it.

    Parameters
    ----------
    module : torch.nn.Module
        The network.
    blocks : sequence of torch.nn.Module
        Its blocks, in order.
    width : int
        Of the stream.
    layer : int, sequence of int, "all" or None
        After which blocks: see `layers_of`.
    steer : {"last", "generated", "all"}
        Which tokens are steered.

    Attributes
    ----------
    module, blocks, width, steer
        As above.
    chosen : tuple of int
        The blocks after which is added.
    is_single : bool
        Whether a latent is one row, for one layer.
    prompt, said : list of int, str or list of dict
        The tokens that are continued, and what was given for them; set by subclasses and makers.
    front : list of int
        The tokens in front of every text, such as one that says that it begins.
    """

    prompt: list[int]
    said: Any = ""
    front: Sequence[int] = ()

    def __init__(
        self, module: nn.Module, blocks: Sequence[nn.Module], width: int, layer: Any, steer: str
    ) -> None:
        self.module, self.blocks, self.width = module, list(blocks), width
        self.steer, self.models = check_one_of(steer, "steer", TOKENS), (module,)
        self.chosen, self.is_single = layers_of(layer, len(self.blocks))

    def like(self, prompt: list[int] | None, steer: str | None, layer: Any) -> ResidualModel:
        """Give the same model with another prompt, or steered elsewhere; None for as it is."""
        other = copy.copy(self)
        vars(other).pop("usual_norms", None)
        if prompt is not None:
            other.prompt = prompt
        if steer is not None:
            other.steer = check_one_of(steer, "steer", TOKENS)
        if layer is not None:
            other.chosen, other.is_single = layers_of(layer, len(self.blocks))
        return other

    def prompt_tokens(self, prompt: Any) -> list[int]:
        """Give the tokens of another prompt."""
        ids = self.tokens(prompt)
        if not ids:
            raise LatentValueError(
                f"prompt is {brief(prompt)}, which has no tokens; expected at least one."
            )
        return ids

    def continuations(self, *_: Any) -> list[Continuation]:
        """Continue the prompt, and compare what is written with the model as it is."""
        raise self._without_logits()

    def next_probabilities(self, *_: Any) -> NDArray[np.float32]:
        """Give how likely each token is next, ``(n, vocabulary)``."""
        raise self._without_logits()

    def _without_logits(self) -> LatentValueError:
        return LatentValueError(
            f"of {type(self.module).__name__} it is not known how likely a token is; expected a "
            "causal model of transformers: as_space(model, tokenizer=..., prompt=...)."
        )

    @abstractmethod
    def tokens(self, item: Any) -> list[int]:
        """Give the tokens of a text."""

    def words(self, ids: list[int]) -> list[str]:
        """Give the text of each token; the token itself where nobody knows more."""
        return [str(one) for one in ids]

    @abstractmethod
    def turn_tokens(self, turns: list[Any]) -> list[int]:
        """Give the tokens of a chat up to the end of what its last turn says."""

    @abstractmethod
    def run(self, ids: Tensor, lengths: list[int]) -> None:
        """Run the network.

        Parameters
        ----------
        ids : Tensor
            int64 ``(n, t)``, of shorter rows filled up at the end.
        lengths : list of int
            How long each row is.
        """

    @abstractmethod
    def steps(self, latents: NDArray[np.float32], conditions: dict[str, Any]) -> Iterator[Any]:
        """Continue the prompt, steered, and yield the n texts so far again and again."""

    # Whether rows of different lengths can go together.
    can_pad = False

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """``(width,)``, or ``(layers, width)``."""
        return (self.width,) if self.is_single else (len(self.chosen), self.width)

    @property
    def layers(self) -> tuple[str, ...] | None:
        """The names of the layers of a latent; None where it is for one."""
        return None if self.is_single else tuple(map(str, self.chosen))

    @property
    def conditions(self) -> dict[str, Condition]:
        """What is decoded beside latents."""
        own = {"strength": STRENGTH}
        if self.is_single:
            own["layer"] = Condition(self.chosen[0], choices=range(len(self.blocks)))
        return own

    @property
    def device(self) -> torch.device:
        """Where the network takes tokens."""
        return next(self.module.parameters()).device

    def taken(self, given: Mapping[str, Any] | None) -> dict[str, Condition]:
        """Take other defaults and bounds of conditions in place of its own.

        Raises
        ------
        LatentTypeError, LatentValueError
            If there is no such condition, or it is of another kind.
        """
        merged = {**self.conditions}
        for name, one in conditions_of(given).items():
            if name not in merged:
                raise LatentValueError(
                    f"there is no condition {brief(name)}. {hint(name, list(merged))}"
                )
            mine = merged[name].choices
            whole = isinstance(one.choices, range) and {*one.choices} <= {*(mine or ())}
            if not (one.choices is None if mine is None else whole):
                raise LatentValueError(
                    f"conditions[{brief(name)}] is {brief(one)}; expected something like "
                    f"{brief(merged[name])}."
                )
            merged[name] = one
        return merged

    def decode(self, latents: NDArray[np.float32], /, **conditions: Any) -> Iterator[Any]:
        """Continue the prompt, each row with its own latent and conditions, token by token."""
        return ModeSteps(self.steps(latents, conditions), self.module, lambda one: one)

    def encode(self, texts: list[Any], /, layer: Any = None) -> NDArray[np.float32]:
        """Give the states of the last tokens of texts, from that of the prompt on."""
        rows = np.fromiter((self.tokens(text) for text in texts), object)
        found: NDArray[np.float32] = np.stack([*self.encoded(rows, self.layers_at(layer, rows))])
        return found

    def layers_at(self, layer: Any, rows: Any) -> NDArray[np.int64]:
        """Give for each row the blocks after which it is read or steered, ``(n, k)``."""
        if self.is_single and layer is not None:
            return np.asarray(layer, np.int64).reshape(len(rows), 1)
        return np.tile(np.array(self.chosen, np.int64), (len(rows), 1))

    def encoded(
        self, rows: NDArray[Any], layers: NDArray[np.int64], pool: str = "last"
    ) -> list[NDArray[np.float32]]:
        """Encode the tokens of texts.

        Parameters
        ----------
        rows : ndarray
            Of each text its list of tokens.
        layers : ndarray
            ``(n, k)``, see `layers_at`.
        pool : {"last", "mean", "tokens"}
            Of which tokens.

        Returns
        -------
        list of ndarray
            float32 ``latent_shape`` each; of "tokens" ``(tokens, *latent_shape)``.
        """
        wanted = np.unique(layers)
        of_prompt = "mean" if pool == "mean" else "last"
        [base] = self.states([self.prompt], wanted[np.newaxis], of_prompt)
        found = []
        for states, its in zip(self.states([*rows], layers, pool), layers, strict=True):
            relative = states - base[np.searchsorted(wanted, its)]
            found.append(relative[..., 0, :] if self.is_single else relative)
        return found

    def states(
        self, rows: list[list[int]], layers: NDArray[np.int64], what: str
    ) -> list[NDArray[np.float32]]:
        """Read some texts, unsteered, and take of each what is wanted.

        Parameters
        ----------
        rows : list of list of int
            Their tokens.
        layers : ndarray
            ``(n, k)``: after which blocks.
        what : str
            See `latentwidgets.adapters.states.taken`.

        Returns
        -------
        list of ndarray
            float32, ``(k, width)`` each; where there is one a token ``(tokens, k, ...)``.
        """
        groups: dict[int, list[int]] = {}
        for i, row in enumerate(rows):
            groups.setdefault(0 if self.can_pad else len(row), []).append(i)
        found: dict[int, NDArray[np.float32]] = {}
        wanted = {int(i): self.blocks[i] for i in np.unique(layers)}
        axis = 0 if what in ("last", "mean") else 1
        for group in groups.values():
            lengths = [len(rows[i]) for i in group]
            filled = [rows[i] + [0] * (max(lengths) - len(rows[i])) for i in group]
            ids = torch.tensor(filled, device=self.device)
            leads = [own_start(rows[i], self.front) for i in group]
            take = partial(taken, lengths=lengths, leads=leads, what=what)
            with torch.no_grad(), evaluating(self.module), recorded(wanted, take) as kept:
                self.run(ids, lengths)
            for place, i in enumerate(group):
                found[i] = np.stack([kept[k][place] for k in layers[i].tolist()], axis=axis)
        return [found[i] for i in range(len(rows))]

    def reference(self) -> list[int]:
        """Give the tokens whose states say how large the stream is: the prompt's."""
        return self.prompt

    @cached_property
    def usual_norms(self) -> NDArray[np.float32]:
        """The median norm of the stream after each block, over what the model itself writes."""
        return self.norms([self.reference()])

    @property
    def knows_norms(self) -> bool:
        """Whether `usual_norms` has been measured."""
        return "usual_norms" in vars(self)

    def norms(self, rows: list[list[int]]) -> NDArray[np.float32]:
        """Give the median norm of the stream after each block, over tokens but the first."""
        layers = np.tile(np.arange(len(self.blocks)), (len(rows), 1))
        each = np.concatenate(self.states(rows, layers, "norms"))
        medians: NDArray[np.float32] = np.median(each, axis=0).astype(np.float32)
        return medians

    def steering(
        self,
        latents: NDArray[np.float32],
        conditions: dict[str, Any],
        prompt: int | None = None,
        start: int = 0,
    ) -> Steering:
        """Say what is added to the stream of some rows."""
        strength = conditions.get("strength", np.ones(len(latents), np.float32))
        layers = self.layers_at(conditions.get("layer"), latents)
        rows = latents.reshape(len(latents), layers.shape[1], self.width)
        rows = rows * np.asarray(strength, np.float32).reshape(-1, 1, 1)
        added = {
            int(i): torch.from_numpy(
                np.where((layers == i)[..., np.newaxis], rows, 0).sum(axis=1, dtype=np.float32)
            ).to(self.device)
            for i in np.unique(layers)
        }
        length = len(self.prompt) if prompt is None else prompt
        return Steering(self.blocks, added, self.steer, length, start=start)

    def check_causal(self) -> None:
        """See that what a token gives depends on no token after it.

        Raises
        ------
        LatentValueError
            If it does, as in an encoder.
        """
        before = (self.prompt * 2)[:2]
        layers = np.full((1, 1), len(self.blocks) - 1)
        one, other = (self.states([[*before, last]], layers, "all")[0][:2] for last in (0, 1))
        dtypes = {given.dtype for given in self.module.parameters() if given.is_floating_point()}
        rounding = max((torch.finfo(dtype).eps for dtype in dtypes), default=0.0)
        apart = np.abs(one - other).max() / np.abs(one).max()
        if apart > max(1e-4, 8 * rounding):
            raise LatentValueError(
                f"{type(self.module).__name__} is not causal: what it gives for a token depends "
                "on the tokens after it, as in an encoder; expected a model that writes from left "
                "to right."
            )

    def prior(self) -> Any:
        """Draw latents whose norm is about half the median norm of the stream."""
        medians = self.usual_norms[[*self.chosen]]
        scale = np.repeat(medians[:, np.newaxis] / 2 / self.width**0.5, self.width, axis=1)
        return NormalPrior(scale[0] if self.is_single else scale)


def layers_of(layer: Any, count: int) -> tuple[tuple[int, ...], bool]:
    """Take one layer or several.

    Parameters
    ----------
    layer : int, sequence of int, "all" or None
        Numbers of blocks, from 0. None for the middle one, which is a guess.
    count : int
        How many blocks there are.

    Returns
    -------
    tuple of int
        The blocks.
    bool
        Whether it is one that was given, not a list.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is no such block, or one comes twice.

    Examples
    --------
    >>> layers_of(3, 8), layers_of("all", 3), layers_of([1, 2], 8)
    (((3,), True), ((0, 1, 2), False), ((1, 2), False))
    """
    if layer is None:
        warn_guess(
            f"no layer was named, of {count}; the middle one, layer={count // 2}, was taken. Say "
            f"which: layer=0 to {count - 1}, several as a list, or layer='all'."
        )
        return (count // 2,), True
    if isinstance(layer, str):
        if layer != "all":
            raise LatentValueError(
                f"layer is {brief(layer)}; expected a number from 0 to {count - 1}, a list of "
                "them, or 'all'."
            )
        return tuple(range(count)), False
    if not isinstance(layer, (int, np.integer, float)):
        numbers = check_ordered(layer, "layer is", "a number, a list of them, or 'all'")
        found = tuple(check_layer(one, f"layer[{i}]", count) for i, one in enumerate(numbers))
        if not found or len({*found}) < len(found):
            raise LatentValueError(
                f"layer is {brief(layer)}; expected numbers of blocks, each of them once."
            )
        return found, False
    return (check_layer(layer, "layer", count),), True
