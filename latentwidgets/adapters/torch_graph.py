"""Decoders of torch as graphs of ONNX: what is done in the process that does only this."""

from __future__ import annotations

import io
import pickle
import re
import warnings
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from latentwidgets.adapters.torch_modes import evaluating, listed, modules_of, signed
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.reading.containers import array_in
from latentwidgets.space.passing import passing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["error_in", "graph_of"]

# So many latents are in the batch of which a graph is written.
TRACED = 3


def graph_of(made_of: bytes) -> bytes:
    """Write the graph of a decoder that was copied, or say why there is none.

    Parameters
    ----------
    made_of : bytes
        A pickle of the decoder, the modules that are in evaluation mode for it, some latents, and
        values of its conditions for each of them.

    Returns
    -------
    bytes
        A pickle of the graph and the reason, one of them empty.
    """
    torch.set_num_threads(1)
    try:
        answer = _graph(*pickle.loads(made_of)), ""
    except MemoryError:  # which says nothing of the decoder
        raise
    except Exception as error:
        answer = b"", _reason(error)
    return pickle.dumps(answer)


class Alone(nn.Module):
    """A decoder that takes tensors of float32, and returns one.

    Parameters
    ----------
    decode : callable
        The decoder.
    modules : list of Module
        What it runs.
    dtypes : dict of str to dtype
        Conditions, and what numbers it takes of each.
    """

    def __init__(
        self,
        decode: Callable[..., Any],
        modules: list[nn.Module],
        dtypes: dict[str, torch.dtype],
    ) -> None:
        super().__init__()
        self.modules_run, self.decode, self.dtypes = listed(modules), decode, dtypes
        self.way = passing(signed(decode), dtypes)
        # Which of the tensors that it returns is the output; None where it returns nothing else.
        self.leaf: int | None = None

    def forward(self, latents: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Decode ``(n, *latent_shape)``, under ``(n, k)`` conditions."""
        returned = self.returned(latents, conditions)
        tensor: Tensor = returned if self.leaf is None else tree_leaves(returned)[self.leaf]
        return tensor.float()

    def returned(self, latents: Tensor, conditions: Tensor | None = None) -> Any:
        """Give all that the decoder returns."""
        if conditions is None:
            return self.decode(latents)
        values = {
            name: conditions[:, i].to(one) for i, (name, one) in enumerate(self.dtypes.items())
        }
        return self.way.call(self.decode, latents, values=values)


def _graph(
    decode: Callable[..., Any],
    evaluated: list[nn.Module],
    samples: NDArray[np.float32],
    some: dict[str, NDArray[Any]],
) -> bytes:
    """Export a decoder, in the process that does only this."""
    modules = [*{id(one): one for one in (*evaluated, *modules_of(decode))}.values()]
    for module in modules:
        module.to("cpu", torch.float32)
    columns = [torch.from_numpy(one) for one in some.values()]
    inputs = {"latents": torch.from_numpy(samples)}
    if columns:
        inputs["conditions"] = torch.stack([one.float() for one in columns], 1)
    given = tuple(inputs.values())
    with evaluating(listed(evaluated)), torch.no_grad():
        dtypes = dict(zip(some, (one.dtype for one in columns), strict=True))
        alone = Alone(decode, modules, dtypes)
        alone.training = False
        returned = alone.returned(*given)
        found = array_in(returned, len(samples), source="decode", expected=None, stack=_stack)
        output = found.value
        if returned is not output:
            leaves = tree_leaves(returned)
            alone.leaf = next((i for i, one in enumerate(leaves) if one is output), None)
            if alone.leaf is None:
                raise LatentValueError("what it returns is no tensor, and holds none as it is.")
        first, again = alone(*given), alone(*given)
        if not first.isfinite().all():
            raise LatentValueError("it decodes ordinary latents to NaN or infinity.")
        if not torch.equal(first, again):
            raise LatentValueError("it is random: it decodes one latent to two outputs.")
        traced = {name: one[:TRACED] for name, one in inputs.items()}
        return _traced(alone, traced) or _exported(alone, traced)


def _traced(alone: Alone, inputs: dict[str, Tensor]) -> bytes:
    """Write what a decoder does of one batch; nothing where that may not hold of others.

    For a small decoder it takes a twentieth of the time of `_exported`, which finds out by itself
    what holds of all.
    """
    graph: Any = io.BytesIO()
    with warnings.catch_warnings():
        # Its documentation lists it, its module does not.
        warnings.simplefilter("error", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        try:
            torch.onnx.export(
                alone,
                tuple(inputs.values()),
                graph,
                dynamo=False,
                input_names=[*inputs],
                output_names=["outputs"],
                dynamic_axes={name: {0: "n"} for name in (*inputs, "outputs")},
            )
        except Exception:  # in words of many kinds; the other way says what it is
            return b""
    data: bytes = graph.getvalue()
    return data


def _exported(alone: Alone, inputs: dict[str, Tensor]) -> bytes:
    """Export a decoder for batches of any size."""
    count = torch.export.Dim("n")
    program = torch.onnx.export(
        alone,
        tuple(inputs.values()),
        dynamo=True,
        verbose=False,
        input_names=[*inputs],
        output_names=["outputs"],
        dynamic_shapes={name: {0: count} for name in inputs},
    )
    assert program is not None
    data: bytes = program.model_proto.SerializeToString()
    return data


# Words of others are cut after so many letters.
MOST_LETTERS = 200
# What errors of the export say, and what that means.
MEANINGS = (
    (r"No ONNX function found for .*?'([\w.:]+)'", "ONNX has no counterpart of its {}."),
    (r"data-dependent", "which way its code takes depends on the numbers."),
    (r"Constraints violated|specialized|_is_static", "it takes batches of one size only."),
)


def _stack(tensors: Sequence[Tensor]) -> Tensor:
    return torch.stack([*tensors])


def _reason(error: BaseException) -> str:
    """Say in a sentence why a decoder cannot be written as a graph."""
    if isinstance(error, LatentValueError):
        return str(error)
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain:
        chain.append(one)
        one = one.__cause__ or one.__context__
    for pattern, meaning in MEANINGS:
        for one in chain:
            found = re.search(pattern, str(one), re.IGNORECASE | re.DOTALL)
            if found:
                return meaning.format(*found.groups())
    # The first of all says what is wrong, in its first line: advice and reports follow.
    cause = chain[-1]
    said = next((line.strip() for line in str(cause).splitlines() if line.strip()), "")
    return f"it cannot be exported to ONNX: {_short(type(cause).__name__, said)}"


def error_in(words: str) -> str:
    r"""Give the error that a traceback ends with, cut short; empty where there is none.

    Examples
    --------
    >>> error_in("Traceback:\n  ...\nValueError: no such luck\n[W] done")
    'ValueError: no such luck'
    """
    errors = re.findall(r"^(?:[\w.]+\.)?(\w*(?:Error|Exception|Interrupt|Exit)\b.*)$", words, re.M)
    return str(errors[-1])[:MOST_LETTERS] if errors else ""


def _short(name: str, said: str) -> str:
    return (f"{name}: {said}" if said else name)[:MOST_LETTERS]
