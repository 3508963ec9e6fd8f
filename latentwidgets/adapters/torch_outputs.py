"""Tensors as outputs of a decoder or encoder: read where they are, on whichever device."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from latentwidgets.errors import DecodeError
from latentwidgets.kinds.reading.arrays import NumpyOutputs, as_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.image_format import ImageFormat
    from latentwidgets.kinds.reading.ranges import Range, Shape

__all__ = ["DeviceOutputs", "place_of", "stacked", "tensors_of", "without_rest"]


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
        numbers = tensor.is_floating_point() or tensor.dtype in (torch.uint8, torch.bool)
        self.is_whole = not numbers

    @property
    def dtype_range(self) -> Range | None:
        """The values of black and white, where the dtype alone says them."""
        return {torch.uint8: (0.0, 255.0), torch.bool: (0.0, 1.0)}.get(self._tensor.dtype)

    def extent(self) -> Range:
        """Return the smallest and the largest value; NaN if there is one."""
        if self.dtype_range:
            return self.dtype_range
        low, high = torch.stack(
            torch.aminmax(self._tensor)
        ).tolist()  # the device is waited for once
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


def place_of(*modules: nn.Module | None) -> tuple[torch.device, torch.dtype]:
    """Find the device and dtype of the first of some modules that has any, else the usual ones.

    Examples
    --------
    >>> place_of(None, torch.nn.Identity(), torch.nn.Linear(2, 2).half())
    (device(type='cpu'), torch.float16)
    """
    for module in modules:
        if module is not None:
            for tensor in itertools.chain(module.parameters(), module.buffers()):
                if tensor.is_floating_point():
                    return tensor.device, tensor.dtype
    return torch.device("cpu"), torch.float32


def tensors_of(
    conditions: Mapping[str, NDArray[Any]], place: tuple[torch.device, torch.dtype]
) -> dict[str, Tensor]:
    """Put conditions where latents are; numbers of choices stay whole.

    Examples
    --------
    >>> place = torch.device("cpu"), torch.float16
    >>> found = tensors_of({"y": np.arange(2), "scale": np.ones(2, np.float32)}, place)
    >>> found["y"].dtype, found["scale"].dtype
    (torch.int64, torch.float16)
    """
    device, dtype = place
    return {
        name: torch.from_numpy(values).to(device, dtype if values.dtype.kind == "f" else None)
        for name, values in conditions.items()
    }


def stacked(tensors: Sequence[Tensor]) -> Tensor:
    """Make one tensor of several, along a new first axis.

    Examples
    --------
    >>> stacked([torch.zeros(2)] * 3).shape
    torch.Size([3, 2])
    """
    return torch.stack([*tensors])


def without_rest(returned: Any) -> Any:
    """Leave out what a decoder returns beside a list of texts or objects.

    Examples
    --------
    >>> without_rest((["a", "b"], 1.5))
    ['a', 'b']
    """
    if isinstance(returned, tuple) and returned and isinstance(returned[0], list):
        return returned[0]
    return returned
