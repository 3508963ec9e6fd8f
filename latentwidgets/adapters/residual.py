"""`Residual`: any torch network with blocks, which writes, as a model of its residual stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from latentwidgets.adapters.blocks import check_blocks, find_blocks
from latentwidgets.adapters.residual_model import ResidualModel
from latentwidgets.adapters.residual_space import ResidualSpace
from latentwidgets.adapters.steering import STEERED
from latentwidgets.adapters.torch_modes import evaluating
from latentwidgets.common.checks import check_function
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.memory import is_out_of_memory, raise_with_way_out
from latentwidgets.common.wording import brief, raised
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.kinds.reading.calls import call
from latentwidgets.space.as_space import as_space
from latentwidgets.space.conditions import conditions_of
from latentwidgets.space.options import check_options
from latentwidgets.space.passing import passing
from latentwidgets.space.steps import is_stepwise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Residual"]


class Residual:
    """Makes the residual stream of a torch network that writes a space of texts.

    Pass it to `as_space` or to a widget. A latent is added to the stream after a block; zero is
    the network as it is. For causal models of transformers nothing of this is needed:
    ``as_space(model, tokenizer=..., prompt=..., layer=...)``.

    Parameters
    ----------
    module : torch.nn.Module
        The network. ``module(ids)`` takes int64 ``(n, t)``; what it returns is not looked at.
    tokenize : callable
        ``tokenize(text)`` gives the tokens of one text, whole numbers. What it gives for "" is
        taken for what begins every text, or begins and ends it.
    generate : callable
        ``generate(ids)`` continues int64 ``(n, t)``, where all rows are the prompt, by running the
        network, and returns a list of n texts; or it is a generator of such lists, each longer
        than the last. With a cache it passes the network only what is new.
    prompt : str
        What is continued.
    layer : int, sequence of int or "all", optional
        After which block is added, counted from 0; of several a latent has a row for each.
    blocks : sequence of torch.nn.Module, optional
        The blocks. If None, they are found by running the network.
    steer : {"last", "generated", "all"}
        Which tokens are steered: the prompt's last, those that follow, or every one.

    Attributes
    ----------
    blocks : list of torch.nn.Module
        The blocks.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or the network fails or is not causal.
    DecodeError
        If memory runs out.

    Warns
    -----
    GuessWarning
        If no layer is named, or two lists may be the blocks.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> class Network(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.embed = torch.nn.Embedding(3, 3)
    ...         self.blocks = torch.nn.ModuleList([torch.nn.Identity(), torch.nn.Identity()])
    ...         self.embed.weight.data = torch.eye(3)
    ...     def forward(self, ids):
    ...         x = self.embed(ids)
    ...         for block in self.blocks:
    ...             x = block(x)
    ...         return x
    >>> network = Network()
    >>> def generate(ids):
    ...     return ["abc"[i] for i in network(ids)[:, -1].argmax(-1)]
    >>> residual = lw.adapters.Residual(
    ...     network, tokenize=lambda text: ["abc".index(one) for one in text],
    ...     generate=generate, prompt="ab", layer=1)
    >>> space = lw.as_space(residual)
    >>> space.decode([[0.0, 0.0, 0.0], [0.0, 0.0, 2.0]]), space.encode(["c"]).tolist()
    (['b', 'c'], [[0.0, -1.0, 1.0]])
    """

    @checked_keywords
    def __init__(
        self,
        module: nn.Module,
        *,
        tokenize: Callable[[str], Any],
        generate: Callable[..., Any],
        prompt: str,
        layer: Any = None,
        blocks: Any = None,
        steer: str = STEERED,
    ) -> None:
        if not isinstance(module, nn.Module):
            raise LatentTypeError(
                f"module is a {type(module).__name__}; expected a torch module, and functions that "
                "run it: tokenize=..., generate=...."
            )
        check_function(tokenize, "tokenize")
        check_function(generate, "generate")
        tokens = tokens_of(tokenize, prompt, "prompt")
        if not tokens:
            raise LatentValueError(
                f"prompt is {brief(prompt)}, which has no tokens; expected at least one."
            )

        def run() -> None:
            probe(module, tokens, module)

        found, width = find_blocks(module, run) if blocks is None else check_blocks(blocks, run)
        self.blocks = found
        self._model = _Writing(module, found, width, layer, steer, tokenize, generate, tokens)
        self._model.said = prompt
        self._model.check_causal()

    def _space(self, options: dict[str, Any]) -> ResidualSpace:
        model, given = self._model, conditions_of(options.pop("conditions", None))
        mine = {name: one for name, one in given.items() if name in model.conditions}
        theirs = {name: one for name, one in given.items() if name not in model.conditions}
        passing(model.generate, theirs, what="generate")
        return ResidualSpace(**{**space_options(model, {**model.taken(mine), **theirs}), **options})

    def __repr__(self) -> str:
        return f"Residual({len(self.blocks)} blocks)"


class _Writing(ResidualModel):
    """Runs a network by the functions of a `Residual`."""

    settings = ("steer",)

    def __init__(
        self,
        module: nn.Module,
        blocks: list[nn.Module],
        width: int,
        layer: Any,
        steer: str,
        tokenize: Callable[[str], Any],
        generate: Callable[..., Any],
        prompt: list[int],
    ) -> None:
        super().__init__(module, blocks, width, layer, steer)
        self._tokenize, self.generate = tokenize, generate
        self.prompt, self.front = prompt, tokens_of(tokenize, "", "an empty text")

    def tokens(self, item: Any) -> list[int]:
        return tokens_of(self._tokenize, item, "a text")

    def turn_tokens(self, turns: list[Any]) -> list[int]:
        for one in turns:
            if not isinstance(one, str):
                raise LatentTypeError(
                    f"a message is {brief(one)}; expected a text: this model has no chat template."
                )
        return self.tokens("\n".join(turns))

    def run(self, ids: Tensor, lengths: list[int]) -> None:
        call(self.module, ids, source=type(self.module).__name__)

    def steps(self, latents: NDArray[np.float32], conditions: dict[str, Any]) -> Iterator[Any]:
        ids = torch.tensor([self.prompt] * len(latents), device=self.device)
        steering = self.steering(latents, conditions)
        theirs = {
            name: torch.from_numpy(values).to(self.device)
            for name, values in conditions.items()
            if name not in self.conditions
        }
        way = passing(self.generate, theirs, what="generate")
        with steering.acting():
            returned = way.call(self.generate, ids, values=theirs)
        if not is_stepwise(returned):
            yield returned
            return
        try:
            while True:
                with steering.acting():
                    texts = next(returned, None)
                if texts is None:
                    return
                yield texts
        finally:
            close = getattr(returned, "close", None)
            if close is not None:
                close()


def probe(module: nn.Module, tokens: list[int], run: Callable[[Tensor], Any]) -> Tensor:
    """Run a network once on three tokens, and give these.

    Raises
    ------
    LatentValueError
        If it fails.
    DecodeError
        If memory runs out.
    """
    device = next(module.parameters()).device
    some = [(tokens * 3)[:3]]
    ids = torch.tensor(some, device=device)
    try:
        with torch.no_grad(), evaluating(module):
            run(ids)
    except LatentWidgetsError:  # such as of the hooks of `ResidualSpace.steering`
        raise
    except Exception as error:  # whatever a network raises
        if is_out_of_memory(error):
            raise_with_way_out(error, "It ran out for three tokens.")
        raise LatentValueError(
            f"{type(module).__name__} failed for the first tokens of the prompt: {raised(error)}. "
            f"Expected that it runs: model(torch.tensor({some}))."
        ) from error
    return ids


def tokens_of(tokenize: Callable[[str], Any], text: Any, what: str) -> list[int]:
    """Tokenize a text by a person's function.

    Raises
    ------
    LatentTypeError
        If it is no text, or the function gives no whole numbers.
    LatentValueError
        If the function fails.
    """
    if not isinstance(text, str):
        raise LatentTypeError(f"{what} is {brief(text)}; expected a text.")
    try:
        found = np.asarray(tokenize(text))
    except LatentWidgetsError:
        raise
    except Exception as error:
        raise LatentValueError(
            f"tokenize failed for {brief(text)}: {raised(error)}. "
            "Expected a function of a text that gives its tokens."
        ) from error
    if found.size and (found.ndim != 1 or found.dtype.kind not in "iu"):
        raise LatentTypeError(
            f"tokenize gave {found.dtype} of shape {found.shape} for {brief(text)}; expected the "
            "tokens of one text, a list of whole numbers."
        )
    return [int(one) for one in found]


def space_options(model: ResidualModel, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a space of a network's residual stream is made with."""
    return {
        "decode": model.decode,
        "latent_shape": model.latent_shape,
        "encode": model.encode,
        "kind": "text",
        "prior": model.prior(),
        "conditions": conditions,
        "layers": model.layers,
        "name": type(model.module).__name__,
    }


@as_space.register
def _(model: Residual, **options: Any) -> ResidualSpace:
    """Make a space of a network's residual stream."""
    check_options(options)
    return model._space(options)
