"""Torch modules as latent spaces: devices, dtypes, evaluation mode, and what models return."""

from __future__ import annotations

import functools
import itertools
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from latentwidgets.adapters.style_generator import StyleGenerator, is_style_generator
from latentwidgets.adapters.torch_modes import evaluating
from latentwidgets.common.checks import check_function, check_sizes
from latentwidgets.common.forks import before_first_decode_of_child
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.arrays import NumpyOutputs, as_outputs
from latentwidgets.kinds.reading.calls import call, call_model, outputs_of
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelCaller, models_of
from latentwidgets.space.options import check_options, declared_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.image_format import ImageFormat
    from latentwidgets.kinds.reading.ranges import Range, Shape

    Part = Callable[[Tensor], Any]

__all__ = ["DeviceOutputs", "TorchModel"]


@as_space.register
def _(module: nn.Module, **options: Any) -> LatentSpace:
    """Make a space from a module. See `TorchModel` for what is called, and how.

    A generator of StyleGAN's interface takes ``latent="z"``, "w" or "w+" beside the usual options.
    """
    if is_style_generator(module) and "decode" not in options:
        return _style_space(module, **options)
    parts = {role: options.pop(role, None) for role in ("decode", "encode")}
    check_options(options)
    model = TorchModel(module, **parts)
    shape = options.pop("latent_shape", None)
    if shape is None:
        shape = model.find_latent_shape(options.get("image_shape"))
    encode = model.encode if model.can_encode else None
    own = {"derivative": model.derivative, "name": type(module).__name__}
    return LatentSpace(model.decode, shape, encode, **{**own, **options})


def _style_space(module: nn.Module, *, latent: str = "z", **options: Any) -> LatentSpace:
    """Make a space from a generator of StyleGAN's interface. See `StyleGenerator`."""
    check_options(options)
    generator = StyleGenerator(module, latent)
    model = TorchModel(module, decode=generator.decode, encode=options.pop("encode", None))
    own = {
        "derivative": model.derivative,
        "layers": generator.layers,
        "name": f"{type(module).__name__} {latent}",
        "prior": None if latent == "z" else generator.sample,
        "value_range": (-1, 1),
    }
    encode = model.encode if model.can_encode else None
    shape = options.pop("latent_shape", generator.latent_shape)
    return LatentSpace(model.decode, shape, encode, **{**own, **options})


class TorchModel(ModelCaller):
    """Calls the decoder and encoder of a module with NumPy arrays.

    They run on the device and in the dtype of their parameters, under `torch.inference_mode`, with
    the module in evaluation mode for the call. A module that keeps a tensor of its last call then
    keeps an inference tensor, which later training refuses: pass a copy, ``copy.deepcopy(model)``.

    Parameters
    ----------
    module : torch.nn.Module
        A module that has ``decode`` or ``decoder``, and perhaps ``encode`` or ``encoder``, or that
        is a decoder itself. They may return a tensor, a tuple of which the first counts (the mean
        of mean and log variance), or an object with the tensor as ``sample``, ``latents``,
        ``latent_dist`` or ``mean``. A decoder may also return a list, of texts or of objects.
    decode, encode : callable, optional
        What to call instead: functions from a tensor to one of these.

    Raises
    ------
    LatentTypeError
        If there is no decoder.

    Examples
    --------
    >>> model = TorchModel(nn.Sequential(nn.Linear(8, 64), nn.Unflatten(1, (8, 8))))
    >>> model.find_latent_shape()
    (8,)
    >>> model.decode(np.zeros((2, 8), np.float32)).shape
    torch.Size([2, 8, 8])
    """

    def __init__(
        self, module: nn.Module, *, decode: Part | None = None, encode: Part | None = None
    ) -> None:
        for role, part in (("decode", decode), ("encode", encode)):
            if part is not None:
                check_function(part, role)
        self._module = module
        self._encode = encode or _first_callable(module, "encode", "encoder")
        found = decode or _first_callable(module, "decode", "decoder")
        if found is None and self._encode is not None and encode is None:
            name = type(module).__name__
            raise LatentTypeError(
                f"{name} has an encoder, but no decode or decoder. Pass decode=..., a function "
                "from a tensor of latents to pictures."
            )
        self._decode = found or module
        # What evaluation mode is for: a part may be a module beside this one.
        owners = (module, _owner(self._decode), _owner(self._encode))
        self._modules = nn.ModuleList(owner for owner in owners if owner is not None)
        self.models = (module, *models_of(self._decode, self._encode))
        self._warned = False

    @property
    def can_encode(self) -> bool:
        """Whether there is an encoder."""
        return self._encode is not None

    def decode(self, latents: NDArray[np.float32]) -> Any:
        """Decode float32 ``(n, *latent_shape)``, to a tensor where the module returned one."""
        return self._call(self._decode, latents)

    def encode(self, images: NDArray[np.float32]) -> Any:
        """Encode float32 ``(n, ...)``, to a tensor where the module returned one."""
        assert self._encode is not None
        return self._call(self._encode, images, check=self._warn_tuple)

    def derivative(self, latent: NDArray[np.float32], tangents: NDArray[np.float32]) -> Any:
        """Give the derivatives of `decode` at a latent along tangents, by forward mode.

        Parameters
        ----------
        latent : ndarray
            float32 ``latent_shape``.
        tangents : ndarray
            float32 ``(k, *latent_shape)``.

        Returns
        -------
        Tensor
            ``(k, ...)``.
        """
        place = self._place(self._decode)
        point = torch.from_numpy(latent[np.newaxis]).to(*place)

        def decode(latents: Tensor) -> Tensor:
            tensor: Tensor = _result(self._decode(latents))
            return tensor

        def along(tangent: Tensor) -> Tensor:
            change: Tensor = torch.func.jvp(decode, (point,), (tangent[None],))[1]
            return change[0]

        with evaluating(self._modules), torch.no_grad():
            return torch.func.vmap(along)(torch.from_numpy(tangents).to(*place))

    def find_latent_shape(self, image_shape: Shape | None = None) -> Shape:
        """Infer the shape of a latent, and see that the decoder takes it.

        Parameters
        ----------
        image_shape : tuple of int, optional
            Shape of a picture as the encoder takes it.

        Returns
        -------
        tuple of int
            The shape.

        Raises
        ------
        LatentValueError
            If no shape works.
        """
        first_problem = ""
        for shape in dict.fromkeys(self._likely_shapes(image_shape)):
            problem = self._try(shape)
            if not problem:
                return shape
            first_problem = first_problem or f" It was tried with {shape}: {problem}"
        raise LatentValueError(
            f"{type(self._module).__name__} does not say what latents it takes. Pass latent_shape, "
            f"for instance latent_shape=(512,) or latent_shape=(4, 64, 64).{first_problem}"
        )

    def _likely_shapes(self, image_shape: Shape | None) -> Iterator[Shape]:
        """Go through what the model says, encodes to, and has layers for."""
        yield from declared_shapes(self._module, self._decode)
        if self._encode is not None and image_shape is not None:
            sizes = check_sizes(image_shape, "image_shape", axes=(2, 3))
            for shape in (sizes, (1, *sizes), (math.prod(sizes),)):
                with suppress(DecodeError):
                    # Two of them, as torch takes one without its axis for a picture too.
                    images = np.zeros((2, *shape), np.float32)
                    yield call_model(self.encode, images, source="encode").shape[1:]
        part = self._decode if isinstance(self._decode, nn.Module) else self._module
        for weight in part.parameters():
            if weight.ndim == 2:  # (out, in), of whatever kind of linear layer
                yield (weight.shape[1],)
        for layer in part.modules():
            # The first layer of a DCGAN generator makes a picture of one pixel larger.
            if isinstance(layer, nn.ConvTranspose2d) and layer.stride == (1, 1):
                yield (layer.in_channels, 1, 1)

    def _try(self, shape: Shape) -> str | None:
        """Decode two latents of a shape, and say what goes wrong."""
        latents = np.random.default_rng(0).standard_normal((2, *shape), np.float32)
        try:
            returned = call(self.decode, latents)
            lists = isinstance(returned, (list, tuple))
            if lists and not any(isinstance(one, Tensor) for one in returned):
                return None  # texts or objects, which the space checks
            outputs = outputs_of(returned, len(latents))
        except DecodeError as error:
            return str(error)
        if self._decode is self._module and outputs.shape[1:] == shape:
            warn_guess(
                f"{type(self._module).__name__} returns {shape} for {shape}: is it a whole "
                "autoencoder? Pass the decoder, or decode=..., a function from latents to pictures."
            )
        return None

    def _call(
        self,
        part: Part,
        values: NDArray[np.float32],
        check: Callable[[Any], None] = lambda returned: None,
    ) -> Any:
        with evaluating(self._modules), torch.inference_mode():
            returned = part(torch.from_numpy(values).to(*self._place(part)))
            check(returned)
            return _result(returned)

    def _warn_tuple(self, returned: Any) -> None:
        """Warn, once, where it is not clear which of several is the latent."""
        if isinstance(returned, tuple) and len(returned) > 2 and not self._warned:
            self._warned = True
            warn_guess(
                f"{type(self._module).__name__}: encode returned a tuple of {len(returned)}; the "
                "first was taken for the latent. Pass encode=lambda images: "
                "model.encode(images)[i] to say which."
            )

    def _place(self, part: Part) -> tuple[torch.device, torch.dtype]:
        """Find the device and dtype of a part, else of the module, else the usual ones."""
        for owner in (_owner(part), self._module):
            if owner is not None:
                for tensor in itertools.chain(owner.parameters(), owner.buffers()):
                    if tensor.is_floating_point():
                        return tensor.device, tensor.dtype
        return torch.device("cpu"), torch.float32


# PyTorch must not ask for the threads of the process that was forked.
before_first_decode_of_child(functools.partial(torch.set_num_threads, 1))


class DeviceOutputs:
    """Outputs in the memory of a device, converted there before they are copied.

    Parameters
    ----------
    tensor : Tensor
        Real numbers, ``(n, ...)``.
    """

    def __init__(self, tensor: Tensor) -> None:
        # Half precision is too coarse to compute in at 255, and torch knows few operations on
        # unsigned integers.
        exact = (torch.float32, torch.float64, torch.uint8, torch.bool)
        self._tensor = tensor if tensor.dtype in exact else tensor.float()
        self.shape: Shape = tuple(tensor.shape)

    @property
    def dtype_range(self) -> Range | None:
        """The values of black and white, where the dtype alone says them."""
        return {torch.uint8: (0.0, 255.0), torch.bool: (0.0, 1.0)}.get(self._tensor.dtype)

    def extent(self) -> Range:
        """Return the smallest and the largest value; NaN if there is one."""
        if self.dtype_range:
            return self.dtype_range
        low, high = torch.stack(torch.aminmax(self._tensor)).tolist()  # one wait for the device
        return low, high

    def finite_rows(self) -> NDArray[np.bool_]:
        """Say for each output whether all of its values are finite."""
        rows: NDArray[np.bool_] = torch.isfinite(self._tensor).flatten(1).all(1).cpu().numpy()
        return rows

    def to_uint8(self, image_format: ImageFormat) -> tuple[NDArray[np.uint8], Range]:
        """Convert to ``(n, height, width, channels)``, clipped; return the extent too."""
        levels = self._tensor.reshape(-1, *image_format.stored_shape)
        if levels.dtype != torch.uint8 or image_format.value_range != (0, 255):
            levels = levels.add(-image_format.origin).mul_(image_format.scale)
            levels = levels.clamp_(0, 255).to(torch.uint8)
        if image_format.channels_first:
            levels = levels.permute(0, 2, 3, 1)
        images: NDArray[np.uint8] = levels.contiguous().cpu().numpy()
        return images, self.extent()

    def to_float32(self) -> NDArray[np.float32]:
        """Copy the values to NumPy as they are."""
        values: NDArray[np.float32] = self._tensor.float().cpu().numpy()
        return values


@as_outputs.register(Tensor)
def _(raw: Tensor, *, source: str = "decode") -> Outputs:
    if raw.is_complex():
        raise DecodeError(f"{source} returned a tensor of {raw.dtype}; expected real numbers.")
    tensor = raw.detach().to_dense().resolve_neg()
    if tensor.device.type != "cpu":
        return DeviceOutputs(tensor)
    if tensor.is_floating_point() and tensor.element_size() < 4:
        tensor = tensor.float()  # NumPy knows one kind of half precision, and is slow in it
    # In the host's memory NumPy sees the same values without a copy, and is quicker: it has no
    # threads to wake for so little work.
    return NumpyOutputs(tensor.numpy())


def _owner(part: object) -> nn.Module | None:
    """Find the module that a part is, or is a method of."""
    owner = getattr(part, "__self__", part)
    return owner if isinstance(owner, nn.Module) else None


def _first_callable(module: nn.Module, *names: str) -> Part | None:
    parts = (getattr(module, name, None) for name in names)
    return next((part for part in parts if callable(part)), None)


def _result(returned: Any) -> Any:
    """Find the tensor in what a decoder or encoder returned; give back what has none."""
    if isinstance(returned, Tensor):
        return returned
    if isinstance(returned, tuple) and returned:
        return returned if isinstance(returned[0], str) else _result(returned[0])
    for name in ("latent_dist", "latents", "sample", "mean"):
        value = getattr(returned, name, None)
        if isinstance(value, Tensor):
            return value
        if name == "latent_dist" and value is not None:
            return _result(value)
    mode = getattr(returned, "mode", None)
    return mode() if callable(mode) else returned
