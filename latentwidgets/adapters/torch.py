"""Torch modules as latent spaces: devices, dtypes, evaluation mode, and what models return."""

from __future__ import annotations

import functools
import inspect
import numbers
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from latentwidgets.adapters.style_generator import StyleGenerator, is_style_generator
from latentwidgets.adapters.torch_conditional import ConditionalWays, called
from latentwidgets.adapters.torch_export import exported, state_of
from latentwidgets.adapters.torch_modes import (
    ModeSteps,
    evaluating,
    listed,
    owner_of,
    signed,
    told_of_inference,
)
from latentwidgets.adapters.torch_outputs import place_of, stacked, tensors_of, without_rest
from latentwidgets.adapters.torch_shapes import TRIED, LatentShapes
from latentwidgets.adapters.torch_wrappers import decoder_of, encoder_of, original, unwrapped
from latentwidgets.common.checks import check_function
from latentwidgets.common.forks import before_first_decode_of_child
from latentwidgets.common.lookup import handler_for
from latentwidgets.common.memory import raise_with_way_out
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.containers import array_in
from latentwidgets.space.as_space import as_space
from latentwidgets.space.conditions import conditions_of
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelCaller, ModelLock, models_of
from latentwidgets.space.options import check_options
from latentwidgets.space.passing import LastWay, passing
from latentwidgets.space.steps import is_stepwise, last_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.ranges import Shape
    from latentwidgets.space.portable import Network, Wish

    Part = Callable[..., Any]

__all__ = ["TorchModel", "torch_space"]


@as_space.register
def _(module: nn.Module, **options: Any) -> LatentSpace:
    """Make a space from a module: by the adapter of the library of its class, if it has one."""
    module = unwrapped(module)
    # That one may not be loaded yet, and this one was found in its place.
    handler = handler_for(as_space, module)
    own = as_space.dispatch(nn.Module)
    space: LatentSpace = (torch_space if handler in (None, own) else handler)(module, **options)
    return space


def torch_space(module: nn.Module, **options: Any) -> LatentSpace:
    """Make a space from a module. See `TorchModel` for what is called, and how.

    A generator of StyleGAN's interface takes ``latent="z"``, "w" or "w+" beside the usual options.
    """
    if "tokenizer" in options:
        raise LatentTypeError(
            f"as_space got a tokenizer beside a {type(module).__name__}, which is no model of "
            "transformers; expected one. If it is a wrapper, pass the model inside, such as "
            "model.get_base_model(); for any other network use lw.adapters.Residual(module, "
            "tokenize=..., generate=...)."
        )
    if is_style_generator(module) and "decode" not in options:
        return _style_space(module, **options)
    parts = {role: options.pop(role, None) for role in ("decode", "encode", "draft")}
    check_options(options)
    shape = options.pop("latent_shape", None)
    conditions = options.get("conditions")
    model = TorchModel(module, **parts, conditions=conditions, latent_shape=shape)
    if shape is None:
        picture = options.get("encode_shape")
        picture = options.get("image_shape") if picture is None else picture
        find = functools.partial(model.find_latent_shape, batch_size=options.get("batch_size"))
        try:
            shape = ModelLock(model.models).run(find, picture)
        except DecodeError as error:
            raise_with_way_out(error, "It ran out for the few items that the model is tried with.")
    encode = model.encode if model.can_encode else None
    own = {"derivative": model.derivative, "name": type(original(module)).__name__}
    own |= {"draft": model.draft} if parts["draft"] else {}
    return LatentSpace(model.decode, shape, encode, **{**own, **options})


@as_space.register
def _(program: torch.export.ExportedProgram, **options: Any) -> LatentSpace:
    """Make a space from an exported program, which is no module itself."""
    return as_space(program.module(), **options)


def _style_space(module: nn.Module, *, latent: str = "z", **options: Any) -> LatentSpace:
    """Make a space from a generator of StyleGAN's interface. See `StyleGenerator`."""
    check_options(options)
    generator = StyleGenerator(module, latent)
    conditions = generator.taken(options.pop("conditions", None))
    parts = {role: options.pop(role, None) for role in ("encode", "draft")}
    model = TorchModel(module, decode=generator.decode, **parts, conditions=conditions)
    own = {
        "conditions": conditions,
        "derivative": model.derivative,
        "layers": generator.layers,
        "name": f"{type(module).__name__} {latent}",
        "prior": None if latent == "z" else generator.sample,
        "value_range": (-1, 1),
    }
    own |= {"encode": model.encode} if model.can_encode else {}
    own |= {"draft": model.draft} if parts["draft"] else {}
    shape = options.pop("latent_shape", generator.latent_shape)
    return LatentSpace(model.decode, shape, **{**own, **options})


class TorchModel(ModelCaller):
    """Calls the decoder and encoder of a module with NumPy arrays.

    They run on the device and in the dtype of their parameters, under `torch.no_grad` (unless they
    turn out to need gradients, which makes each call of them slower from then on), with the
    module in evaluation mode for the call; of a generator, for each of its steps. Unlike
    `torch.inference_mode`, that lets a decoder take gradients inside, and a module keep tensors
    that it later trains with. It costs some 0.15 microseconds an operation, 2 to 3 % of the time of
    small models on a CPU; ``decode=torch.inference_mode()(model.decode)`` saves that.

    Parameters
    ----------
    module : torch.nn.Module
        A module that has ``decode`` or ``decoder``, and perhaps ``encode`` or ``encoder``, or that
        is a decoder itself. They may return a tensor, or a tuple, a list, a dict or an object that
        holds it: see `latentwidgets.kinds.reading.containers.array_in`. A decoder may also return
        a list, of texts or of objects, or be a generator that yields any of these again and again,
        each better than the last.
    decode, encode : callable, optional
        What to call instead: functions from a tensor to one of these.
    draft : callable, optional
        A cheaper function than the decoder, of the same argument and results.
    conditions : mapping, optional
        What the decoder takes beside latents, as of `LatentSpace`. It gets tensors on the device
        of its parameters: numbers in their dtype, choices int64. `encode` and `draft` get those
        that they take.
    latent_shape : int or tuple of int, optional
        The shape of a latent, where it is known: what a refusal advises is tried with no other.

    Raises
    ------
    LatentTypeError
        If there is no decoder.
    LatentValueError
        If the decoder needs more than latents and conditions, or takes no such conditions.

    Examples
    --------
    >>> model = TorchModel(nn.Sequential(nn.Linear(8, 64), nn.Unflatten(1, (8, 8))))
    >>> model.find_latent_shape()
    (8,)
    >>> model.decode(np.zeros((2, 8), np.float32)).shape
    torch.Size([2, 8, 8])
    """

    def __init__(
        self,
        module: nn.Module,
        *,
        decode: Part | None = None,
        encode: Part | None = None,
        draft: Part | None = None,
        conditions: Mapping[str, Any] | None = None,
        latent_shape: int | Shape | None = None,
    ) -> None:
        for role, part in (("decode", decode), ("encode", encode), ("draft", draft)):
            if part is not None:
                check_function(part, role)
        module = unwrapped(module)
        self._module = module
        self._encode = encode or encoder_of(module)
        found = decode or decoder_of(module)
        if found is None and self._encode is not None and encode is None:
            name = type(module).__name__
            raise LatentTypeError(
                f"{name} has an encoder, but no decode or decoder. Pass decode=..., a function "
                "from a tensor of latents to pictures."
            )
        self._decode = found or module
        # Only of what was found here is it known what a person calls it.
        self.called = "model.decode" if decode else called(module, self._decode)
        self._draft = draft
        # Whether a part has asked for gradients, and each call is made with them since.
        self._needs_gradients = False
        # All that needs evaluation mode: a part may be another module than this one.
        owners = (module, *(owner_of(part) for part in (self._decode, self._encode, draft)))
        self._modules = listed(owner for owner in owners if owner is not None)
        self.models = (module, *models_of(self._decode, self._encode, draft))
        self._conditions = conditions_of(conditions)
        what = f"{type(module).__name__}: {'its forward' if self._decode is module else 'decode'}"
        self._has_own_parts = bool(decode or encode)
        self._way = LastWay()
        try:
            self._way.find(signed(self._decode), self._conditions, what)
        except LatentValueError as error:
            told = ""
            if self._conditions and not self._has_own_parts:
                tell = functools.partial(self._ways().told, latents=latent_shape)
                told = ModelLock(self.models).run(tell, self._conditions)
            raise LatentValueError(f"{error} {told}".strip()) from None

    @property
    def can_encode(self) -> bool:
        """Whether there is an encoder."""
        return self._encode is not None

    def decode(self, latents: NDArray[np.float32], /, **conditions: NDArray[Any]) -> Any:
        """Decode float32 ``(n, *latent_shape)``, to a tensor where the module returned one.

        Where the module is a generator, return an iterator of what it yields.
        """
        return self._call(self._decode, latents, conditions)

    def draft(self, latents: NDArray[np.float32], /, **conditions: NDArray[Any]) -> Any:
        """Decode float32 ``(n, *latent_shape)`` by the cheaper function, as `decode` does."""
        return self._call(self._draft, latents, conditions, what="draft", every=False)

    def encode(self, images: NDArray[np.float32], /, **conditions: NDArray[Any]) -> Any:
        """Encode float32 ``(n, ...)``, to a tensor where the module returned one."""
        return self._call(self._encode, images, conditions, what="encode", every=False)

    def derivative(
        self,
        latents: NDArray[np.float32],
        tangents: NDArray[np.float32],
        /,
        **conditions: NDArray[Any],
    ) -> Any:
        """Give the derivatives of `decode` at latents, each along its tangent, by forward mode.

        Parameters
        ----------
        latents, tangents : ndarray
            float32 ``(k, *latent_shape)`` each.
        **conditions : ndarray
            A number for each, ``(k,)``.

        Returns
        -------
        Tensor
            ``(k, ...)``.
        """
        place = place_of(owner_of(self._decode), self._module)
        points, moves = (torch.from_numpy(one).to(*place) for one in (latents, tangents))
        # At one latent the output itself is computed once for all tangents.
        same = len(latents) > 1 and bool((latents == latents[0]).all())
        if same:
            points, conditions = points[:1], {name: one[:1] for name, one in conditions.items()}
        values = tensors_of(conditions, place)
        way = passing(signed(self._decode), values)

        def decode(latents: Tensor) -> Tensor:
            returned = last_of(way.call(self._decode, latents, values=values))
            found = array_in(returned, len(latents), source="decode", expected=None, stack=stacked)
            tensor: Tensor = found.value
            return tensor

        def along(tangents: Tensor) -> Tensor:
            changes: Tensor = torch.func.jvp(decode, (points,), (tangents,))[1]
            return changes

        with evaluating(self._modules), torch.no_grad():
            if same:
                return torch.func.vmap(lambda tangent: along(tangent[None])[0])(moves)
            return along(moves)

    def portable(self, wish: Wish) -> Network:
        """Give the decoder as a network: see `exported`."""
        return exported(self._decode, self._module, self.models, self.decode, wish)

    def state(self) -> object:
        """Give what differs once the decoder's numbers or hooks do."""
        return state_of(self._decode, self._module)

    def find_latent_shape(
        self, image_shape: int | Shape | None = None, *, batch_size: int | None = None
    ) -> Shape:
        """Infer the shape of a latent, and see that the decoder takes it.

        Parameters
        ----------
        image_shape : tuple of int, optional
            Shape of a picture as the encoder takes it.
        batch_size : int, optional
            How many latents the decoder takes, where it may take no fewer.

        Returns
        -------
        tuple of int
            The shape.

        Raises
        ------
        LatentValueError
            If no shape works.

        Warns
        -----
        GuessWarning
            If the module declares another, or its layers or its encoder tell of another.
        """
        if not isinstance(batch_size, numbers.Integral) or batch_size < 1:
            return self._find(image_shape, TRIED)
        with suppress(LatentValueError):
            return self._find(image_shape, TRIED, advise=False)  # nobody would see it
        return self._find(image_shape, int(batch_size))

    def _find(self, image_shape: int | Shape | None, count: int, *, advise: bool = True) -> Shape:
        defaults = self._conditions.arrays(None, count)

        shapes = LatentShapes(
            self._module,
            self._decode,
            functools.partial(self._call, conditions={}),
            functools.partial(self.decode, **defaults),
            functools.partial(self.encode, **defaults) if self.can_encode else None,
            count,
            None if self._has_own_parts else self._ways(count),
            self._conditions,
        )
        return shapes.find(image_shape, advise=advise)

    def _ways(self, count: int = TRIED) -> ConditionalWays:
        run = functools.partial(self._call, what="decode", every=False)
        return ConditionalWays(self._module, self._decode, self._encode, run, count)

    def _call(
        self,
        part: Part | None,
        items: NDArray[np.float32],
        conditions: dict[str, NDArray[Any]],
        what: str = "decode",
        *,
        every: bool = True,
    ) -> Any:
        run = functools.partial(self._tried, part, items, conditions, what, every)
        return told_of_inference(run, what)

    def _tried(self, *given: Any) -> Any:
        """Call a part, and again with gradients where it asks for them."""
        try:
            return self._called(*given)
        except RuntimeError as error:
            if self._needs_gradients or "does not require grad" not in str(error):
                raise
            self._needs_gradients = True
            try:
                return self._called(*given)
            except BaseException:
                self._needs_gradients = False  # that was not it
                raise

    def _called(
        self,
        part: Part | None,
        items: NDArray[np.float32],
        conditions: dict[str, NDArray[Any]],
        what: str,
        every: bool,
    ) -> Any:
        assert part is not None
        # To call a generator function runs nothing of it: its steps are evaluated, each by itself.
        mode: AbstractContextManager[object]
        mode = nullcontext() if inspect.isgeneratorfunction(part) else evaluating(self._modules)
        with mode, torch.set_grad_enabled(self._needs_gradients):
            place = place_of(owner_of(part), self._module)
            tensor = torch.from_numpy(items).to(*place)
            if conditions:
                # A forward may be replaced, and conditions declared anew.
                find = self._way.find if every else functools.partial(passing, every=False)
                way = find(signed(part), conditions, what=what)
                returned = way.call(part, tensor, values=tensors_of(conditions, place))
            else:
                returned = part(tensor)
            if is_stepwise(returned) and what != "encode":
                return ModeSteps(returned, self._modules, without_rest)
            return without_rest(returned)


# A child of a fork has none of the threads that PyTorch computes with, and would wait for them.
before_first_decode_of_child(functools.partial(torch.set_num_threads, 1))
