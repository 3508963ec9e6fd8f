"""Models to spaces: `as_space`, and the registry of what it takes."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from typing_extensions import Unpack

from latentwidgets.common.attributes import attribute, has
from latentwidgets.common.lookup import handler_for
from latentwidgets.space.callables import callable_space
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.option_types import ModelOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["as_space", "within"]

Handler = TypeVar("Handler", bound="Callable[..., LatentSpace]")


class AsSpace(Protocol):
    """What type checkers know of `as_space`; a `functools.singledispatch` takes any option."""

    @property
    def registry(self) -> Mapping[type, Callable[..., LatentSpace]]:
        """The functions that make spaces, by class."""

    def __call__(self, obj: object, /, **options: Unpack[ModelOptions]) -> LatentSpace:
        """Make a `LatentSpace` from a model."""

    def dispatch(self, cls: type, /) -> Callable[..., LatentSpace]:
        """Find the function for a class."""

    @overload
    def register(self, cls: type, /) -> Callable[[Handler], Handler]: ...
    @overload
    def register(self, function: Handler, /) -> Handler: ...
    @overload
    def register(self, cls: type, function: Handler, /) -> Handler: ...


def _dispatching(function: Callable[..., LatentSpace]) -> AsSpace:
    found: Any = singledispatch(function)
    checked: AsSpace = found
    return checked


@_dispatching
def as_space(obj: object, **options: Unpack[ModelOptions]) -> LatentSpace:
    """Make a `LatentSpace` from a model.

    Parameters
    ----------
    obj : object
        - A torch module: a decoder, or one that has ``decode`` or ``decoder``, and perhaps
          ``encode`` or ``encoder``. See `latentwidgets.adapters.torch`. A generator of StyleGAN's
          interface (StyleGAN2-ADA, StyleGAN3) also takes ``latent="z"``, "w" or "w+".
        - A pipeline of diffusers, with ``latent="noise"``, "prompt", "vae" or "bottleneck". See
          `latentwidgets.adapters.diffusers.space.pipeline_space`.
        - A `latentwidgets.adapters.Sampler`, which holds a diffusion or flow network of one's own.
        - A causal language model of transformers, with ``tokenizer=...``, ``prompt="..."`` (a text
          or a chat) and ``layer=...`` (a number, several, or "all"): what is added to its residual
          stream. Also ``steer="last"``, "generated" or "all", which tokens are steered, and
          ``max_new_tokens=40``, how many are written. See
          `latentwidgets.adapters.transformers.space.language_space`.
        - A scikit-learn transformer or pipeline with ``inverse_transform``. See
          `latentwidgets.adapters.sklearn`.
        - A NumPy function from latents to outputs, or an object with ``decode`` and perhaps
          ``encode``. See `latentwidgets.space.callables`.
        - A `LatentSpace`, or an object whose attribute ``space`` is one, such as what
          `latentwidgets.demo.digits` returns, or a widget.
    **options
        What is named above for a kind of model, and what `LatentSpace` takes: `latent_shape` where
        it cannot be inferred, `encode`, `kind`, `sample_rate`, `layout`, `value_range`,
        `image_shape`, `encode_range`, `encode_shape`, `batch_size`, `prior`, `data`, `draft`,
        `conditions`, `layers`, `name`. For a torch module also `decode`; there it, `encode` and
        `draft` are functions of tensors.

    Returns
    -------
    LatentSpace
        The model's space.

    Raises
    ------
    LatentTypeError
        If nothing is known about such an object, or an option is unknown.
    LatentValueError
        If `latent_shape` is needed, or an option cannot be used; or if the decoder needs more than
        latents: the message shows the `conditions` that settle it.

    Notes
    -----
    This is a `functools.singledispatch`: teach it a class of your own in one function. Type
    checkers know the options of the models above and take any other for a misspelling. Pass other
    options to your class when you make it, not to `as_space`.

    Examples
    --------
    >>> import numpy as np
    >>> class Waves:
    ...     def draw(self, latents):
    ...         return np.sin(latents[:, :1, np.newaxis] * np.linspace(0, 3, 64).reshape(8, 8))
    >>> @as_space.register
    ... def _(model: Waves, **options):
    ...     return LatentSpace(model.draw, 1, **{"value_range": (-1, 1), **options})
    >>> as_space(Waves()).decode([[0.5], [2.0]]).shape
    (2, 8, 8, 1)
    """
    if (held := within(obj)) is not obj:
        return as_space(held, **options)
    owner = attribute(obj, "__self__")
    if has(owner, "parameters") and "decode" not in options:
        # A method of a torch module, which takes tensors.
        return as_space(owner, **{**options, "decode": obj})
    handler = handler_for(as_space, obj) or callable_space
    space: LatentSpace = handler(obj, **options)
    return space


@as_space.register
def _(space: LatentSpace, **options: Any) -> LatentSpace:
    return space.replace(**options) if options else space


def within(given: Any) -> Any:
    """Give the space that an object holds as its attribute ``space``; else the object itself.

    For doors that take a `LatentSpace` and nothing that one could be made of.

    Examples
    --------
    >>> from latentwidgets import demo
    >>> within(demo.digits()).name, within([1, 2])
    ('digits', [1, 2])
    """
    held = attribute(given, "space")
    return held if isinstance(held, LatentSpace) else given
