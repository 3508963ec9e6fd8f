"""Finds the shape of a torch module's latent, and doubts it where the module tells otherwise."""

from __future__ import annotations

import math
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from torch import nn

from latentwidgets.adapters.torch_wrappers import original
from latentwidgets.common.checks import check_sizes
from latentwidgets.common.memory import is_out_of_memory
from latentwidgets.common.wording import brief
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.kinds.reading.calls import call, call_model, outputs_of
from latentwidgets.kinds.reading.containers import holds_arrays
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.batches import fixed_batch
from latentwidgets.space.options import declared_shapes
from latentwidgets.space.steps import first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from latentwidgets.adapters.torch_conditional import ConditionalWays
    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.ranges import Shape
    from latentwidgets.space.condition import Condition

    Function = Callable[[NDArray[np.float32]], Any]

__all__ = ["TRIED", "LatentShapes"]

# So many latents are tried: layers of torch also take one picture without the batch axis.
TRIED = 2
# Under which names models keep how they were made.
SETTINGS = ("hparams", "config", "cfg", "args", "opt", "params")

# How many times as many numbers as it takes a whole autoencoder may return, such as colours of grey
# or a mean and a variance.
MOST_TIMES = 4


class Evidence(NamedTuple):
    """A shape that something says, and what says it."""

    shape: Shape
    source: str


class LatentShapes:
    """What is known of the latents of a module, and what follows from it.

    Parameters
    ----------
    module : torch.nn.Module
        The module.
    part : callable
        What decodes: the module itself, a part or a method of it, or a function.
    run : callable
        Calls a part with float32 ``(n, ...)``, as the space will.
    decode, encode : callable or None
        Call the decoder and the encoder.
    count : int
        How many latents are tried at a time.
    ways : ConditionalWays, optional
        Finds out how the module takes conditions.
    conditions : mapping of str to Condition, optional
        What the decoder gets beside latents.

    Examples
    --------
    >>> import torch
    >>> layers = nn.Sequential(nn.Linear(8, 64), nn.Unflatten(1, (8, 8)))
    >>> def decode(latents):
    ...     return layers(torch.from_numpy(latents))
    >>> LatentShapes(layers, layers, lambda part, x: part(x), decode, None).find()
    (8,)
    """

    def __init__(
        self,
        module: nn.Module,
        part: Callable[..., Any],
        run: Callable[[nn.Module, NDArray[np.float32]], Any],
        decode: Function,
        encode: Function | None,
        count: int = TRIED,
        ways: ConditionalWays | None = None,
        conditions: Mapping[str, Condition] | None = None,
    ) -> None:
        self._ways, self._conditions = ways, conditions or {}
        self._count = count
        # Of a compiled module the layers are those of what was compiled.
        module, part = original(module), original(part)
        self._module, self._part, self._run = module, part, run
        self._decode, self._encode = decode, encode
        self._name = type(module).__name__
        declared = _declared(module, part)
        self._declared = [Evidence(shape, "declares") for shape in declared]
        if not declared:
            self._declared = [
                Evidence(shape, f"(its {name}) declares")
                for name, child in module.named_children()
                for shape in _declared(child)
            ]
        self._encoded: list[Evidence] = []

    def find(self, image_shape: int | Shape | None = None, *, advise: bool = True) -> Shape:
        """Find a shape that the decoder takes, the likeliest first. See `TorchModel`.

        A refusal tries more to say what to do, unless it need not `advise`.
        """
        problems: dict[Shape, str] = {}
        for shape in self._likely_shapes(image_shape):
            if shape in problems:
                continue
            outputs, problem = self._try(shape)
            if problem is None:
                doubt = self._doubt(shape, outputs, problems)
                if doubt is not None:
                    warn_guess(doubt)
                return shape
            problems[shape] = problem
        raise LatentValueError(self._refusal(problems) if advise else "No shape works.")

    def _likely_shapes(self, image_shape: int | Shape | None) -> Iterator[Shape]:
        """Go through what the module says, encodes to, and has layers for."""
        yield from (one.shape for one in self._declared)
        if self._encode is not None and image_shape is not None:
            sizes = check_sizes(image_shape, "image_shape", axes=(1, 2, 3))
            for shape in (sizes, (1, *sizes), (math.prod(sizes),)):
                for found in self._encode_to(np.zeros((self._count, *shape), np.float32)):
                    yield found.shape
        part = self._part if isinstance(self._part, nn.Module) else self._module
        # (out, in), of whatever kind of linear layer
        widths = [weight.shape[1] for weight in part.parameters() if weight.ndim == 2]
        yield from ((width,) for width in widths)
        # A decoder may put conditions into one row with the latent.
        more = sum(
            1 if one.choices is None else len(one.choices) for one in self._conditions.values()
        )
        yield from ((width - more,) for width in widths if 0 < width - more < width)
        for layer in part.modules():
            # The first layer of a DCGAN generator makes a picture of one pixel larger.
            if isinstance(layer, nn.ConvTranspose2d) and layer.stride == (1, 1):
                yield (layer.in_channels, 1, 1)

    def _encode_to(self, images: NDArray[np.float32]) -> Iterator[Evidence]:
        """Ask the encoder, where it takes such images."""
        assert self._encode is not None
        try:
            shape = call_model(self._encode, images, source="encode").shape[1:]
        except DecodeError as error:
            if is_out_of_memory(error):  # which says nothing of shapes
                raise
            return
        self._encoded.append(Evidence(shape, "encodes to"))
        yield self._encoded[-1]

    def _try(self, shape: Shape) -> tuple[Outputs | None, str | None]:
        """Decode latents of a shape; give the outputs, or say what goes wrong."""
        latents = np.random.default_rng(0).standard_normal((self._count, *shape), np.float32)
        try:
            returned = first_of(call(self._decode, latents))
            if isinstance(returned, (list, tuple)) and not holds_arrays(returned):
                return None, None  # texts or objects, which the space checks
            return outputs_of(returned, len(latents)), None
        except DecodeError as error:
            if is_out_of_memory(error):
                raise
            hint = fixed_batch(str(error), self._count)
            return None, f"{str(error).rstrip('.')}. {hint}" if hint else str(error)

    def _doubt(
        self, shape: Shape, outputs: Outputs | None, problems: dict[Shape, str]
    ) -> str | None:
        """Say why the shape of a hidden layer, or of pixels, may have been taken for a latent's."""
        if any(_agree(shape, one.shape) for one in self._declared):
            return None
        settled = f"Pass latent_shape={shape} to say that it is right."
        if not self._declared and not self._encoded and self._encode and outputs is not None:
            with suppress(DecodeError):  # no memory, which costs this doubt alone
                list(self._encode_to(outputs.to_float32()))
        # An encoder may give mean and variance in one array.
        encoded = [one for one in self._encoded if not _agree(shape, one.shape, times=(1, 2))]
        others = [*self._declared, *encoded]
        if others:
            other, source = others[0]
            said = f"{self._name} {source} latents of shape {other}"
            problem = f" ({problems[other].rstrip('.')})" if other in problems else ""
            return (
                f"{said}, but {self._what()} does not take them{problem}. It takes {shape}, which "
                f"may be the features of a layer inside. {self._way(other, shape)} {settled}"
            )
        # A decoder that gets conditions beside latents is known to take them apart, and an encoder
        # that takes pictures alone to make the whole latent.
        ways = None if self._conditions or self._encoded else self._ways
        joined = ways.suspected(shape, outputs.to_float32()) if ways and outputs else ""
        if joined:
            return f"{self._name}: {self._what()} {joined} {settled}"
        if whole := self._whole(shape, outputs):
            whole = f"{self._name} {whole}: is it a whole autoencoder?"
            return f"{whole} {self._way(None, shape)} {settled}"
        if before := self._layer_before(shape):
            name, features = before
            return (
                f"{self._name}: {self._what()} takes latents of shape {shape}, but the layer "
                f"{name} leads to them from {features} numbers, which may be the latent. "
                f"{self._way((features,), shape)} {settled}"
            )
        return None

    def _refusal(self, problems: dict[Shape, str]) -> str:
        """Say why no shape was found, what really went wrong first."""
        for one in self._declared + self._encoded:
            if one.shape in problems:
                problem = problems[one.shape].rstrip(".")
                return (
                    f"{self._name} {one.source} latents of shape {one.shape}, but {self._what()} "
                    f"does not take them: {problem}. {self._way(one.shape, None)} Or "
                    "pass latent_shape, the shape that it takes."
                )
        if self._conditions and self._ways and (told := self._ways.told(self._conditions)):
            return f"{self._name}: {self._what()} does not take the conditions as they are. {told}"
        first = next(iter(problems), None)
        given = "".join(f" and {brief(name)}, a number each" for name in self._conditions)
        tried = "" if first is None else f" It was tried with {first}{given}: {problems[first]}"
        return (
            f"{self._name} does not say what latents it takes. Pass latent_shape, for instance "
            f"latent_shape=(512,) or latent_shape=(4, 64, 64).{tried}"
        )

    def _what(self) -> str:
        """Call the decoder by what it is in the module."""
        if self._part is self._module:
            return "its forward"
        return f"its {self._called()}"

    def _called(self) -> str:
        names = (n for n in ("decode", "decoder") if getattr(self._module, n, None) == self._part)
        return next(names, "decode")

    def _whole(self, shape: Shape, outputs: Outputs | None) -> str:
        """Say why a module that is called itself may encode as well; empty if it may not."""
        if self._part is not self._module or outputs is None:
            return ""
        taken, returned = math.prod(shape), math.prod(outputs.shape[1:])
        if taken == returned:
            return f"returns as many numbers as it takes, {shape}"
        narrow, features = _narrowest(self._module)
        if narrow and 2 * features < min(taken, returned) and returned <= MOST_TIMES * taken:
            layer = f"its layer {brief(narrow)} takes {features}"
            return f"takes {taken} numbers and returns {returned}, and {layer}"
        return ""

    def _way(self, latent: Shape | None, taken: Shape | None) -> str:
        """Show the line that decodes the latent, where the module's layers tell it."""
        general = "a function from latents to pictures"
        if self._part is self._module:
            narrow, _ = _narrowest(self._module)
            start = f", which may begin at its narrowest layer, {brief(narrow)}" if narrow else ""
            return f"Pass the decoder, or decode=..., {general}{start}."
        part = f"model.{self._called()}"
        if latent is None or len(latent) != 1:
            return f"Pass decode=..., {general}."
        for name, child in self._beside(taken):
            for shape, view in self._made_by(child, latent[0], taken):
                with suppress(DecodeError):
                    if self._try(shape)[1] is not None:
                        continue
                    line = f"decode=lambda z: {part}(model.{name}(z){view})"
                    return f"Pass latent_shape={latent}, {line}{self._way_back(latent)}."
        if taken is not None and len(taken) == 1 and taken[0] > latent[0]:
            more = taken[0] - latent[0]
            way = self._ways and self._ways.find({"y": more}, latent)
            if way:
                return (
                    f"Where it takes {more} numbers more beside the latent, such as those of a "
                    f"class, pass {way.line}."
                )
        return f"Pass latent_shape={latent}, decode=..., {general}."

    def _way_back(self, latent: Shape) -> str:
        """Show the line that encodes to the latent, where the encoder's own shape is another."""
        name = next((n for n in ("encode", "encoder") if hasattr(self._module, n)), None)
        for one in self._encoded:
            if name is None or _agree(one.shape, latent):
                continue
            for child_name, child in self._beside():
                made = self._made_by(child, math.prod(one.shape), None)
                if next(made, ((), ""))[0] == latent:
                    return f", encode=lambda x: model.{child_name}(model.{name}(x).flatten(1))"
        return ""

    def _layer_before(self, shape: Shape) -> tuple[str, int] | None:
        """Find the layer beside the decoder that leads to what it takes, from fewer numbers."""
        if not isinstance(self._part, nn.Module) or self._part is self._module:
            return None
        for name, child in self._beside():
            features = _features(child)
            if features < math.prod(shape):
                made = [shape for shape, _ in self._made_by(child, features, shape)]
                if shape in made:
                    return name, features
        return None

    def _beside(self, taken: Shape | None = None) -> Iterator[tuple[str, nn.Module]]:
        """Go through the parts of the module that are neither decoder nor encoder.

        Nor are they run by the decoder itself, where it is a function and takes such a shape.
        """
        inside = set() if taken is None else self._run_by_part(taken)
        for name, child in _children(self._module, self._part):
            ends = name.rpartition(".")[2] in ("encoder", "decoder")
            if child is not self._part and child not in inside and not ends:
                yield name, child

    def _run_by_part(self, taken: Shape) -> set[nn.Module]:
        """Find the children that a decoder which is a function runs."""
        found: set[nn.Module] = set()
        if isinstance(self._part, nn.Module):
            return found
        children = [child for _, child in _children(self._module, self._part)]
        with ExitStack() as stack, suppress(Exception):  # some take no hooks
            for child in children:
                handle = child.register_forward_pre_hook(lambda one, _: found.add(one))
                stack.callback(handle.remove)
            self._try(taken)
        return found

    def _made_by(
        self, child: nn.Module, features: int, taken: Shape | None
    ) -> Iterator[tuple[Shape, str]]:
        """Give the shapes that what a part makes may go on in, and what makes them of it."""
        if not features or _features(child) != features:
            return
        with suppress(Exception):
            shape = tuple(self._run(child, np.ones((self._count, features), np.float32)).shape[1:])
            yield shape, ""
            for other in (taken, _square(self._part, math.prod(shape))):
                if other is not None and other != shape and math.prod(other) == math.prod(shape):
                    yield other, f".view(-1, {', '.join(map(str, other))})"


def _square(part: object, numbers: int) -> Shape | None:
    """Give the square map of so many numbers that a part's first convolution takes."""
    layers = part.modules() if isinstance(part, nn.Module) else ()
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    channels = next((layer.in_channels for layer in layers if isinstance(layer, kinds)), None)
    if channels is None or numbers % channels:
        return None
    side = math.isqrt(numbers // channels)
    return (channels, side, side) if channels * side**2 == numbers else None


def _features(child: nn.Module) -> int:
    """Give how many numbers the first linear layer of a part takes; 0 where there is none."""
    first = next((weight for weight in child.parameters() if weight.ndim >= 2), None)
    return 0 if first is None or first.ndim != 2 else int(first.shape[1])


def _declared(module: nn.Module, *parts: object) -> list[Shape]:
    """Read the latent shapes that a module, its parts and its settings declare."""
    settings = (getattr(module, name, None) for name in SETTINGS)
    return declared_shapes(module, *parts, *settings)


def _children(module: nn.Module, part: object) -> Iterator[tuple[str, nn.Module]]:
    """Go through the children of a module; of one that holds the decoder, through its own too."""
    for name, child in module.named_children():
        yield name, child
        if child is not part and any(one is part for one in child.modules()):
            yield from ((f"{name}.{below}", one) for below, one in child.named_children())


def _narrowest(module: nn.Module) -> tuple[str, int]:
    """Name the linear layer that takes the fewest numbers, and say how many."""
    linear = [
        (layer.in_features, name)
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Linear) and name
    ]
    features, name = min(linear, default=(0, ""))
    return name, features


def _agree(one: Shape, other: Shape, times: tuple[int, ...] = (1,)) -> bool:
    """Tell whether two shapes may be one latent's: the same numbers, or the channels of a map.

    The other may have so many `times` the numbers.
    """
    if math.prod(other) in [math.prod(one) * many for many in times]:
        return True
    small, large = sorted((one, other), key=len)
    return len(small) == 1 and len(large) == 3 and small[0] in (large[0], large[-1])
