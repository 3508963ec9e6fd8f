"""How a decoder written by hand takes its conditions: one-hot, or in one row with the latent."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from latentwidgets.adapters.torch_modes import signed
from latentwidgets.common.attributes import attribute
from latentwidgets.common.checks import check_sizes
from latentwidgets.errors import DecodeError, LatentWidgetsError
from latentwidgets.kinds.reading.calls import call, call_model, outputs_of
from latentwidgets.space.steps import first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.ranges import Shape
    from latentwidgets.space.condition import Condition

    Part = Callable[..., Any]
    # Calls a function with items and conditions, as the space will.
    Run = Callable[[Part, NDArray[np.float32], dict[str, NDArray[Any]]], Any]

__all__ = ["ConditionalWays", "Way", "called"]

ONE_HOT = "torch.nn.functional.one_hot"
# Makes maps of one-hot rows, for a convolution.
MAPS = "[:, :, None, None]"
# What decoders and encoders mostly call a class, or another condition. Of a forward that takes a
# mask, noise, lengths or a target beside pictures nothing follows.
NAMES = {
    *("y", "c", "label", "labels", "class_label", "class_labels", "class_id", "class_ids"),
    *("cls", "classes", "cond", "condition", "conditions", "onehot", "one_hot", "y_onehot"),
    *("attribute", "attributes", "attr", "attrs"),
}
# Names that the lines which are shown use for something else.
TAKEN = {"model", "torch", "x", "z"}
# So many sizes of a condition are tried, each with a few calls of the encoder.
MOST_SIZES = 4


class Way(NamedTuple):
    """What to pass to `as_space` so that a decoder gets its conditions as it wants them.

    Attributes
    ----------
    shape : tuple of int
        The shape of a latent.
    line : str
        The options, as Python; tried but for the names of what the person has.
    said : str
        How conditions are taken.
    """

    shape: Shape
    line: str
    said: str


class ConditionalWays:
    """Finds out how the parts of a module take conditions, by trying.

    Parameters
    ----------
    module : torch.nn.Module
        The module.
    part, encode : callable or None
        What decodes, and what encodes.
    run : callable
        Calls a function with float32 ``(n, ...)`` and conditions, ``(n,)`` each, as tensors.
    count : int
        How many latents are tried at a time.

    Examples
    --------
    >>> class Decoder(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.layer = nn.Linear(13, 64)
    ...     def forward(self, z, y):
    ...         return self.layer(torch.cat([z, y], 1)).view(-1, 8, 8)
    >>> def run(part, items, conditions):
    ...     values = {name: torch.from_numpy(one) for name, one in conditions.items()}
    ...     return part(torch.from_numpy(items), **values)
    >>> model = Decoder()
    >>> way = ConditionalWays(model, model, None, run).find({"y": 3})
    >>> way.shape, way.said
    ((10,), 'takes y one-hot')
    >>> print(way.line)
    latent_shape=(10,), conditions={'y': range(3)}, decode=lambda z, y: model(z,
    torch.nn.functional.one_hot(y, 3).to(z))
    """

    def __init__(
        self,
        module: nn.Module,
        part: Part,
        encode: Part | None,
        run: Run,
        count: int = 2,
    ) -> None:
        self._module, self._part, self._encode = module, part, encode
        self._run, self._count = run, count
        self._called = called(module, part)

    def find(
        self,
        sizes: Mapping[str, int | None],
        latents: int | Shape | None = None,
        *,
        given: bool = False,
    ) -> Way | None:
        """Find a way that works; None where there is none.

        Parameters
        ----------
        sizes : mapping of str to int or None
            For each condition how many choices it has; None for a number.
        latents : int or tuple of int, optional
            The shape of a latent, where it is known.
        given : bool
            Whether the person has passed these conditions, and need not be told to.
        """
        if not all(_is_free(name) for name in sizes):
            return None
        # It is advice, which nothing of the person's may fail by.
        with suppress(LatentWidgetsError), _same_draws(self._module):
            known = None if latents is None else check_sizes(latents, "latent_shape")
            return self._found(sizes, known, given)
        return None

    def _found(
        self, sizes: Mapping[str, int | None], latents: Shape | None, given: bool
    ) -> Way | None:
        names = " and ".join(sizes)
        ways = {"beside": f"takes {names} one-hot"} if any(sizes.values()) else {}
        ways["joined"] = f"takes {names} in one row with the latent"
        for how, said in ways.items():
            for shape in self._shapes(sum(one or 1 for one in sizes.values()), how, latents):
                images = self._decoded(how, sizes, shape)
                if images is not None:
                    line = self._line(how, sizes, shape, given) + self._encoding(
                        sizes, shape, images
                    )
                    return Way(shape, line, said)
        return None

    def told(self, conditions: Mapping[str, Condition], latents: int | Shape | None = None) -> str:
        """Say how to pass conditions that were given; empty where no way is found.

        Parameters
        ----------
        conditions : mapping of str to Condition
            What was given.
        latents : int or tuple of int, optional
            The shape of a latent, where it is known.
        """
        sizes = {
            name: None if one.choices is None else len(one.choices)
            for name, one in conditions.items()
        }
        way = self.find(sizes, latents, given=True)
        return "" if way is None else f"It {way.said}. Pass {way.line}."

    def suspected(self, taken: Shape, images: NDArray[np.float32]) -> str:
        """Say why what a decoder takes may be a latent and a condition in one row, and the way out.

        Only where the encoder, or the whole module, needs what is called as conditions are: all
        else is no sign of one, and nothing is called for it.

        Parameters
        ----------
        taken : tuple of int
            The shape that the decoder takes.
        images : ndarray
            What it made of latents of that shape.

        Returns
        -------
        str
            Words that follow the decoder's name; empty where nothing speaks for it.
        """
        if len(taken) != 1 or self._part is self._module:
            return ""
        name, why = self._wanted()
        if not why:
            return ""
        said = f"takes {taken[0]} numbers, and {why}: are {name} and the latent in one row?"
        with suppress(LatentWidgetsError), _same_draws(self._module):
            for many in itertools.islice(self._classes(taken[0]), MOST_SIZES):
                sizes, shape = {name: many}, (taken[0] - many,)
                encoding = self._encoding(sizes, shape, images)
                # An encoder of pictures alone tells nothing.
                if f"{ONE_HOT}({name}" in encoding:
                    return f"{said} Pass {self._line('joined', sizes, shape, False)}{encoding}."
        row = f"torch.cat([z, {ONE_HOT}({name}, n).to(z)], 1)"
        return (
            f"{said} If so, with n classes, pass latent_shape=({taken[0]} - n,), "
            f"conditions={{{name!r}: range(n)}}, decode=lambda z, {name}: {self._called}({row})."
        )

    def _wanted(self) -> tuple[str, str]:
        """Name the condition that the encoder or the whole module needs beside pictures."""
        parts = {"its encoder": self._encode, "its forward": self._module}
        for what, part in parts.items():
            with suppress(TypeError, ValueError):
                needed = _needed(part)
                if len(needed) == 2 and needed[1].lower() in NAMES:
                    return needed[1], f"{what} takes {needed[1]!r} beside {needed[0]!r}"
        return "", ""

    def _classes(self, taken: int) -> Iterator[int]:
        """Go through how many numbers of a row may be a condition's: the encoder makes the rest."""
        if self._encode is None:
            return
        owner = self._encode if isinstance(self._encode, nn.Module) else self._module
        widths = [one.out_features for one in owner.modules() if isinstance(one, nn.Linear)]
        sizes = {taken - width // times for width in widths for times in (1, 2)}
        yield from sorted(size for size in sizes if 1 < size < taken)

    def _shapes(self, more: int, how: str, latents: Shape | None) -> Iterator[Shape]:
        """Go through the shapes of latents that layers of the decoder may be made for."""
        if latents is not None:
            yield latents
            return
        owner = self._part if isinstance(self._part, nn.Module) else self._module
        widths = [one.shape[1] for one in owner.parameters() if one.ndim == 2]
        # Where the condition has layers of its own, the latent alone is as wide as one.
        for width in [*(width - more for width in widths), *(widths if how != "joined" else ())]:
            if width > 0:
                yield (int(width),)
        for layer in owner.modules():
            if isinstance(layer, nn.ConvTranspose2d) and layer.in_channels > more:
                yield (layer.in_channels - more, 1, 1)

    def _decoded(
        self, how: str, sizes: Mapping[str, int | None], shape: Shape
    ) -> NDArray[np.float32] | None:
        """Decode latents of a shape; None where that fails."""

        def decode(z: Tensor, /, **values: Tensor) -> Any:
            rows = [_rows(values[name], size, z, how) for name, size in sizes.items()]
            return self._part(torch.cat([z, *rows], 1)) if how == "joined" else self._part(z, *rows)

        latents = np.random.default_rng(0).standard_normal((self._count, *shape), np.float32)
        with suppress(DecodeError):
            returned = call(lambda z: self._run(decode, z, self._values(sizes)), latents)
            return outputs_of(first_of(returned), self._count).to_float32()
        return None

    def _line(self, how: str, sizes: Mapping[str, int | None], shape: Shape, given: bool) -> str:
        line = f"latent_shape={shape}"
        if not given:
            ranges = (f"{name!r}: range({size})" for name, size in sizes.items())
            line += f", conditions={{{', '.join(ranges)}}}"
        rows = ", ".join(_row(name, size, "z", how, shape) for name, size in sizes.items())
        passed = f"torch.cat([z, {rows}], 1)" if how == "joined" else f"z, {rows}"
        return f"{line}, decode=lambda z, {', '.join(sizes)}: {self._called}({passed})"

    def _encoding(
        self, sizes: Mapping[str, int | None], shape: Shape, images: NDArray[np.float32]
    ) -> str:
        """Write how to encode under these conditions; empty where nothing need be said."""
        encode = self._encode
        if encode is None:
            return ""
        ways: dict[str, Part] = {
            "x": lambda x, *rows: encode(x),
            "x, {rows}": lambda x, *rows: encode(x, *rows),
            "torch.cat([x.flatten(1), {rows}], 1)": lambda x, *rows: encode(
                torch.cat([x.flatten(1), *rows], 1)
            ),
            "torch.cat([x, {maps}], 1)": lambda x, *rows: encode(
                torch.cat([x, *(_maps(row, x) for row in rows)], 1)
            ),
        }
        # Where it takes conditions as they are, it gets them without being told.
        if self._encoded(lambda x, /, **values: encode(x, *values.values()), sizes, images, shape):
            return ""
        for text, way in ways.items():
            times = self._encoded(_with_rows(way, sizes), sizes, images, shape)
            if times and text == "x" and times == 1:
                return ""
            if times:
                rows = [_row(name, size, "x", "", (1,)) for name, size in sizes.items()]
                spread = ".expand(-1, -1, *x.shape[2:])"
                given = text.format(
                    rows=", ".join(rows), maps=", ".join(f"{row}{MAPS}{spread}" for row in rows)
                )
                half = ".chunk(2, 1)[0]" if times == 2 else ""
                names = ", ".join(["x", *sizes])
                return f", encode=lambda {names}: {called(self._module, encode)}({given}){half}"
        return ""

    def _encoded(
        self,
        function: Part,
        sizes: Mapping[str, int | None],
        images: NDArray[np.float32],
        shape: Shape,
    ) -> int:
        """Encode; give how many times as many numbers as a latent come out, 0 if others or none."""
        with suppress(DecodeError):
            found = call_model(
                lambda x: self._run(function, x, self._values(sizes)), images, source="encode"
            )
            times, rest = divmod(math.prod(found.shape[1:]), math.prod(shape))
            return times if times in (1, 2) and not rest else 0
        return 0

    def _values(self, sizes: Mapping[str, int | None]) -> dict[str, NDArray[Any]]:
        """Give one value of each condition for every latent: the first choice, or a half."""
        return {
            name: np.zeros(self._count, np.int64) if size else np.full(self._count, 0.5, np.float32)
            for name, size in sizes.items()
        }


def called(module: nn.Module, part: Part) -> str:
    """Say how a person calls what decodes or encodes in a model.

    Examples
    --------
    >>> model = nn.ModuleDict({"decoder": nn.Identity()})
    >>> called(model, model), called(model, nn.Identity())
    ('model', 'model.decode')
    """
    if part is module:
        return "model"
    names = ("decode", "decoder", "encode", "encoder")
    found = (name for name in names if attribute(module, name) == part)
    return f"model.{next(found, 'decode')}"


def _is_free(name: str) -> bool:
    """Tell whether a line of Python can call a condition so."""
    return name.isidentifier() and not iskeyword(name) and name not in TAKEN


@contextmanager
def _same_draws(module: nn.Module) -> Iterator[None]:
    """Leave torch's generators as they were: an encoder may draw from them."""
    gpus = {one.device.index for one in module.parameters() if one.device.type == "cuda"}
    with torch.random.fork_rng(devices=sorted(gpus)):
        yield


def _with_rows(way: Part, sizes: Mapping[str, int | None]) -> Part:
    def call_with(x: Tensor, /, **values: Tensor) -> Any:
        return way(x, *(_rows(values[name], size, x, "") for name, size in sizes.items()))

    return call_with


def _needed(part: Part | None) -> list[str]:
    """Name the parameters without which a part cannot be called."""
    if part is None:
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(signed(part)).parameters.values()
    return [one.name for one in found if one.kind in kinds and one.default is one.empty]


def _rows(value: Tensor, size: int | None, like: Tensor, how: str) -> Tensor:
    """Make rows of the values of a condition, to lie beside rows of others."""
    if not size:
        return value if how == "beside" else value[:, None].to(like)
    rows = nn.functional.one_hot(value, size).to(like)
    return rows[:, :, None, None] if how == "joined" and like.ndim == 4 else rows


def _maps(rows: Tensor, like: Tensor) -> Tensor:
    return rows[:, :, None, None].expand(-1, -1, *like.shape[2:])


def _row(name: str, size: int | None, like: str, how: str, shape: Shape) -> str:
    """Write what `_rows` does."""
    if not size:
        return name if how == "beside" else f"{name}[:, None].to({like})"
    return (
        f"{ONE_HOT}({name}, {size}).to({like}){MAPS if how == 'joined' and len(shape) == 3 else ''}"
    )
