"""Between what a pipeline denoises and pictures: its autoencoder, as the pipeline itself uses it.

Some pipelines pack the latents of their autoencoder into rows of patches, and each scales them its
own way. Neither is written here: a pipeline whose schedule has no steps left decodes what it is
given, and what it passes to its autoencoder then shows how it unpacks and scales.
"""

from __future__ import annotations

import copy
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.packing import Packing
from latentwidgets.adapters.diffusers.preview import Preview
from latentwidgets.adapters.modules import broken_weights
from latentwidgets.common.memory import is_out_of_memory
from latentwidgets.common.warning import warn_caller
from latentwidgets.errors import DecodeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from latentwidgets.adapters.diffusers.asking import Asker

__all__ = ["Pictures"]

# Positions are passed through a pipeline as digits that half precision holds too.
BASE = 64
# The colour fields that the map from latents to colours is fitted to: how many, and how smooth.
FIELDS, SMOOTH = 4, 4


class Pictures:
    """Makes pictures of what a pipeline denoises, exact ones and quick ones, and goes back.

    Parameters
    ----------
    asker : Asker
        Knows the pipeline.
    call : dict
        What it is called with.
    x : Tensor
        ``(1, ...)``, what it denoises, which shows the shape.
    preview : callable or None
        Makes quick pictures, ``(n, channels, height, width)`` in [-1, 1], from the latents of the
        autoencoder before they are scaled for it; or what has such a `decode`.
    """

    def __init__(
        self, asker: Asker, call: dict[str, Any], x: Tensor, preview: Callable[..., Any] | None
    ) -> None:
        self._asker, self._call = asker, call
        self._shape, self._device = tuple(x.shape[1:]), x.device
        vae = getattr(asker.pipe, "vae", None)
        self.vae: Any = vae if isinstance(vae, torch.nn.Module) else None
        self._preview = None if preview is None else Preview(preview)
        self._told_blackened = False
        # How many pictures the autoencoder decodes at once; fewer when memory has run out.
        self._at_once = 1 << 30

    @property
    def can_encode(self) -> bool:
        """Whether pictures can be taken back."""
        return self.vae is None or callable(getattr(self.vae, "encode", None))

    def exact(self, x: Tensor) -> Tensor:
        """Make pictures, ``(n, channels, height, width)`` in [0, 1]."""
        if not bool(x.isfinite().all()):
            name = type(self._asker.denoiser).__name__
            # All but the autoencoder have run, or may have: what reads a prompt too.
            parts = {
                part: module
                for part, module in self._asker.pipe.components.items()
                if isinstance(module, torch.nn.Module) and module is not self.vae
            }
            raise DecodeError(
                _broken(parts, f"{name} gave NaN or infinity on the way")
                or f"{name} gave NaN or infinity on the way; expected finite numbers. Half "
                "precision may be too narrow for it: load the pipeline with "
                "torch_dtype=torch.bfloat16 or torch.float32. Or guidance is too strong."
            )
        if self.vae is None:
            return (x / 2 + 0.5).clamp(0, 1)
        while True:
            try:
                return torch.cat([self._decoded(part) for part in torch.split(x, self._at_once)])
            except RuntimeError as error:
                # The steps are done: only the autoencoder has to go through again.
                count = min(self._at_once, len(x))
                if count == 1 or not is_out_of_memory(error):
                    raise
                self._at_once = count // 2

    def _decoded(self, x: Tensor) -> Tensor:
        """Run the autoencoder."""
        if self._decodes_itself:
            found, *others = self._finished(self._cast(x), output_type="pt", return_dict=False)
            pictures: Tensor = found
            self._tell_blackened(others)
        else:
            with self._wide():
                z = self._cast(self.scaled(x))
                pictures = (_sample(self.vae.decode(z)) / 2 + 0.5).clamp(0, 1)
        if not bool(pictures.isfinite().all()):
            dtype = str(self._dtype).removeprefix("torch.")
            found = (
                f"the autoencoder of the pipeline, {type(self.vae).__name__} in {dtype}, gave NaN "
                "or infinity for latents that are finite"
            )
            raise DecodeError(
                _broken({"vae": self.vae}, found)
                or f"{found}; expected pictures. Half precision is too narrow for some: "
                "pipe.vae.to(torch.float32), or one that was made for it."
            )
        return pictures.float()

    def quick(self, clean: Tensor) -> Tensor:
        """Make drafts of what the pictures would be, ``(n, channels, height, width)``."""
        if self.vae is None and self._preview is None:
            return (clean / 2 + 0.5).clamp(0, 1)
        latents = self.unpacked(clean) if self.vae is not None else clean
        if self._preview is not None:
            return self._preview(latents)
        weights = self._colours
        colours = torch.einsum("nchw,cd->ndhw", latents, weights[:-1]) + weights[-1].reshape(
            -1, 1, 1
        )
        size = [side * self._enlarged for side in colours.shape[2:]]
        return torch.nn.functional.interpolate(colours, size, mode="bilinear").clamp(0, 1)

    def back(self, pictures: Tensor) -> Tensor:
        """Go from pictures in [0, 1] to what the pipeline denoises, without noise."""
        signed = pictures.to(self._device) * 2 - 1
        if self.vae is None:
            if tuple(signed.shape[1:]) != self._shape:
                raise DecodeError(
                    f"pictures have shape {tuple(signed.shape)}; expected (n, "
                    f"{str(self._shape)[1:]}, as the pipeline makes them."
                )
            return signed.float()
        return self.packed(self.encoded(signed))

    def encoded(self, signed: Tensor) -> Tensor:
        """Encode pictures in [-1, 1] to latents as the autoencoder gives them, float32."""
        assert self.vae is not None
        with self._wide():
            returned = self.vae.encode(self._cast(signed))
            held = getattr(returned, "latent_dist", None)
            z = held.mode() if held is not None else getattr(returned, "latents", None)
        z = returned[0] if z is None else z
        if not bool(z.isfinite().all()):
            raise DecodeError(
                f"the autoencoder of the pipeline, {type(self.vae).__name__}, gave NaN or infinity "
                "for a picture; expected finite latents. Half precision is too narrow for some: "
                "pipe.vae.to(torch.float32)."
            )
        latents: Tensor = z.float()
        return latents

    def scaled(self, x: Tensor) -> Tensor:
        """Give what the autoencoder decodes: unpacked, and scaled as it takes it."""
        unpacked = self.unpacked(x)
        return unpacked * self._packing.scale + self._packing.offset

    def unpacked(self, x: Tensor) -> Tensor:
        """Put x where it is in the autoencoder's latents, ``(n, channels, height, width)``."""
        flat = x.flatten(1)[:, self._packing.order]
        return flat.reshape(len(x), *self._packing.shape)

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """The shape of one of the autoencoder's latents."""
        return self._packing.shape

    def packed(self, z: Tensor) -> Tensor:
        """Go the way back from latents of the autoencoder to x."""
        x = (z - self._packing.offset) / self._packing.scale
        if tuple(x.shape[1:]) != self._packing.shape:
            raise DecodeError(
                f"a picture is encoded to {tuple(x.shape[1:])}; expected {self._packing.shape}, as "
                "the pipeline decodes. Pass pictures of the size that it makes."
            )
        return self.placed(x)

    def placed(self, latents: Tensor) -> Tensor:
        """Put scaled latents of the autoencoder where the pipeline has them."""
        x = latents.to(self._device)
        flat = x.new_empty(len(x), x[0].numel())
        flat[:, self._packing.order] = x.flatten(1)
        return flat.reshape(len(x), *self._shape)

    @cached_property
    def _decodes_itself(self) -> bool:
        """Whether the pipeline takes latents, so that it can be asked to decode them."""
        return "latents" in self._asker.takes

    @cached_property
    def _packing(self) -> Packing:
        """See where the pipeline puts each number of x, and how it scales it."""
        zeros = torch.zeros(1, *self._shape, device=self._device)
        if not self._decodes_itself:
            return Packing.declared(self.vae, self._shape, self._device)
        offset = self._passed_to_vae(zeros)
        scale = self._passed_to_vae(zeros + 1) - offset
        count = zeros.numel()
        numbers = torch.arange(count, device=self._device)
        order = torch.zeros(count, dtype=torch.int64, device=self._device)
        power = 1
        while power < count:
            digits = (numbers // power % BASE).float().reshape(zeros.shape)
            read = ((self._passed_to_vae(digits) - offset) / scale).round().long()
            order += read.flatten() * power
            power *= BASE
        if sorted(order.tolist()) != numbers.tolist():
            raise LatentValueError(
                f"{type(self._asker.pipe).__name__} passes its autoencoder other numbers than it "
                "denoises; expected the same, scaled and in some order. Pass latent_shape=..., and "
                "a function: lw.as_space(function)."
            )
        return Packing(order, scale, offset, tuple(offset.shape[1:]))

    def _passed_to_vae(self, x: Tensor) -> Tensor:
        """Have the pipeline decode x, and note what its autoencoder is to be passed."""
        noting = _Noting(self.vae)
        try:
            self._finished(self._cast(x), vae=noting, output_type="pt", return_dict=False)
        except _NotedError as noted:
            passed: Tensor = noted.passed
            return passed.float()
        raise LatentValueError(
            f"{type(self._asker.pipe).__name__} made a picture without its autoencoder's decode."
        )

    def _finished(self, x: Tensor, *, vae: Any = None, **call: Any) -> Any:
        """Call the pipeline with latents and no step left to take."""
        copied = self._asker.copied()
        scheduler = copy.deepcopy(self._asker.pipe.scheduler)
        done = {"set_timesteps": _lay_out_nothing, "init_noise_sigma": 1.0}
        scheduler.__class__ = type(type(scheduler).__name__, (type(scheduler),), done)
        scheduler.timesteps = torch.zeros(0, device=x.device)
        vars(copied)["scheduler"] = scheduler
        if vae is not None:
            vars(copied)["vae"] = vae
        given = {"guidance_scale": 1.0, "num_inference_steps": 1, "latents": x}
        with self._kept():
            return self._asker.call(copied, {**self._call, **given, **call})

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Put the autoencoder back to its precision, which a call that fails may have changed."""
        dtype = self._dtype
        try:
            yield
        finally:
            if self._dtype != dtype:
                self.vae.to(dtype)

    @contextmanager
    def _wide(self) -> Iterator[None]:
        """Run the autoencoder in single precision where its config says that half is too narrow."""
        with self._kept():
            if self._dtype == torch.float16 and self.vae.config.get("force_upcast"):
                self.vae.to(torch.float32)
            yield

    @cached_property
    def _colours(self) -> Tensor:
        """Fit the colours of pictures to their latents: of encoded fields of colour, and of noise.

        Returns
        -------
        Tensor
            ``(channels + 1, 3)``, the last row for what is always added.
        """
        assert self.vae is not None
        generator = torch.Generator().manual_seed(0)
        resize = torch.nn.functional.interpolate
        scale, offset = (one.mean((2, 3), keepdim=True) for one in self._packing.parts)
        side = 4 * SMOOTH
        coarse = torch.randn(FIELDS, scale.shape[1], SMOOTH, SMOOTH, generator=generator)
        latents = resize(coarse, (side, side), mode="bicubic").to(self._device)
        if self.can_encode:
            coarse = torch.rand(FIELDS, 3, SMOOTH, SMOOTH, generator=generator)
            size = side * self._enlarged
            fields = resize(coarse, (size, size), mode="bicubic").clamp(0, 1).to(self._device)
            latents = torch.cat([latents, (self.encoded(fields * 2 - 1) - offset) / scale])
        with self._wide():
            made = _sample(self.vae.decode(self._cast(latents * scale + offset))).float() / 2 + 0.5
        wanted = resize(made.clamp(0, 1), latents.shape[2:], mode="area")
        rows = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
        ones = torch.ones(len(rows), 1, device=rows.device)
        targets = wanted.permute(0, 2, 3, 1).reshape(len(rows), -1)
        design = torch.cat([rows, ones], 1).double().cpu()
        solved = torch.linalg.lstsq(design, targets.double().cpu(), driver="gelsd")
        colours: Tensor = solved.solution.float().to(self._device)
        return colours

    @cached_property
    def _enlarged(self) -> int:
        """How much larger a picture is than its latents."""
        factor = getattr(self._asker.pipe, "vae_scale_factor", None)
        if isinstance(factor, int):
            return factor
        blocks = self.vae.config.get("block_out_channels") if self.vae is not None else None
        return int(2 ** (len(blocks) - 1)) if blocks else 1

    @property
    def _dtype(self) -> torch.dtype:
        """The precision of the autoencoder."""
        dtype: torch.dtype = next(self.vae.parameters()).dtype
        return dtype

    def _cast(self, x: Tensor) -> Tensor:
        return x.to(self._dtype)

    def _tell_blackened(self, others: list[Any]) -> None:
        """Say once that a safety checker has made pictures black."""
        flags = others[0] if others else None
        if isinstance(flags, (list, tuple)) and any(flags) and not self._told_blackened:
            self._told_blackened = True
            which = [*map(bool, flags)].index(True)
            warn_caller(
                f"the safety checker of the pipeline made picture {which} of {len(flags)} black: "
                "it is no failure of the model. Drafts are not checked. The checker is yours to "
                "take out: pipe.safety_checker = None."
            )


class _NotedError(BaseException):
    """Leaves a pipeline at its autoencoder."""

    def __init__(self, passed: Tensor) -> None:
        self.passed = passed


class _Noting:
    """Stands for an autoencoder, and leaves where it is to decode."""

    def __init__(self, vae: Any) -> None:
        self._vae = vae

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vae, name)

    def to(self, *_: Any, **__: Any) -> Any:
        """Change nothing: the autoencoder itself is not run."""
        return self

    def decode(self, latents: Tensor, *_: Any, **__: Any) -> None:
        raise _NotedError(latents)


def _broken(parts: Mapping[str, Any], found: str) -> str:
    """Say that weights of a part are why NaN was found; nothing where all are finite."""
    for part, module in parts.items():
        if name := broken_weights([module]):
            return (
                f"{found}: some weights of pipe.{part} are NaN or infinity, such as {name}. Load "
                "weights that are finite."
            )
    return ""


def _lay_out_nothing(
    self: Any,
    num_inference_steps: Any = None,
    device: Any = None,
    timesteps: Any = None,
    sigmas: Any = None,
    mu: Any = None,
) -> None:
    """Stand for `set_timesteps` of a scheduler that is done."""


def _sample(returned: Any) -> Any:
    """Take the tensor out of what a decoder of diffusers returns."""
    return returned if isinstance(returned, Tensor) else returned[0]
