"""`LatentSpace`: a decoder, the shape of its latents, and where it has them encoder and prior."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import Unpack

from latentwidgets.common import checks
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import short
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.kind import Options
from latentwidgets.space.conditions import conditions_of
from latentwidgets.space.functions import Functions
from latentwidgets.space.latent_source import LatentSource
from latentwidgets.space.layers import layer_names
from latentwidgets.space.locks import ModelLock, models_of
from latentwidgets.space.model import Model
from latentwidgets.space.option_types import SpaceOptions
from latentwidgets.space.priors import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.kinds.reading.image_format import ImageFormat
    from latentwidgets.kinds.reading.ranges import Range
    from latentwidgets.space.drafts import Drafts
    from latentwidgets.space.priors import Prior

__all__ = ["LatentSpace"]


class LatentSpace(LatentSource):
    """A decoder, the shape of its latents, and where it has them an encoder and a prior.

    Parameters
    ----------
    decode : callable
        Takes latents, float32 ``(n, *latent_shape)``, and returns n outputs: pictures, an array
        ``(n, height, width)``, or with 1, 3 or 4 channels first or last, or flat; or what `kind`
        says. `as_space` makes such functions from models. Or a generator function, which yields
        such outputs again and again, each batch better than the last: the last is the answer.
    latent_shape : int or tuple of int
        Shape of one latent.
    encode : callable, optional
        Takes n outputs as `decode` returns them, in float32, and returns their latents. Where it
        takes no such arrays, other layouts of them are tried.
    kind : {"auto", "image", "text", "tokens", "curve", "sound"} or str
        What `decode` returns: pictures; a list of n texts or `Tokens`; curves, ``(n, points)`` or
        ``(n, channels, points)``; sounds of the same shapes; or a list of n objects of a kind that
        `register_kind` knows. "auto" stands for sounds where there is a `sample_rate`, for texts
        and tokens where `decode` returns them, else for pictures.
    sample_rate : int, optional
        Of sounds: samples a second.
    layout : {"auto", "channels_first", "channels_last"}
        Where `decode` has its channels.
    value_range : "auto" or pair of float
        Which values of `decode` are black and white: (0, 1), (-1, 1), or (0, 255) for uint8.
        "auto" looks at the first outputs and at four samples of the prior, decoded once. Of curves
        the values at bottom and top, which "auto" widens where outputs reach further; of sounds
        those of full scale, for "auto" (-1, 1). Of tokens the numbers with the fullest colours.
    image_shape : tuple of int, optional
        For flat outputs, the shape to give them, such as (28, 28) or (3, 64, 64). Guessed if None.
    encode_range : "auto" or pair of float
        Which values `encode` takes for black and white. "auto" takes those of `value_range`; with
        a warning (0, 1) where these are logits.
    encode_shape : int or tuple of int, optional
        Shape of one picture as `encode` takes it, where `decode` returns others.
    batch_size : int, optional
        Most latents in one call of `decode`. Found automatically if None. Halved for good when
        memory runs out. A model that takes exactly so many gets the last batch filled up.
    prior : callable, optional
        Takes a `numpy.random.Generator` and n, and returns n latents; standard normal if None. A
        `NormalPrior` is known to be normal.
    data : array_like, optional
        Latents of the space's data, ``(n, *latent_shape)``: widgets that are given nothing else
        begin with them. If None they begin with samples of the prior.
    derivative : callable, optional
        Takes k latents and k unit vectors, and returns how the output changes at each latent along
        its vector, ``(k, ...)``. Central differences if None.
    conditions : mapping of str to Condition, tuple or choices, optional
        What `decode` takes beside latents, by name: a `Condition`; three numbers,
        ``(default, low, high)``; or choices, names in the order of the model's numbers or a range,
        of which the first is the default. `decode` gets n values of each, float32, or of choices
        int64 (a name's position or a range's own number): by keyword where it has that parameter or
        ``**``, else by position, in order. So do `encode`, `draft` and `derivative` that take them.
    draft : callable, optional
        A cheaper function that takes and returns what `decode` does, or smaller pictures: they are
        shown until `decode` is done, and are never called exact.
    layers : iterable of str, True or int, optional
        Says that the first axis of a latent is layers, and what they are called; True, or how
        many, numbers them from 0. A direction of one layer's shape then acts on all of them.
    name : str, optional
        What to call the space.

    Attributes
    ----------
    latent_shape, name, data, conditions, layers
        As above, read-only: `data` is float32 or None, `conditions` a dict of `Condition`, `layers`
        a tuple of names; both are empty where there is nothing.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.

    Warns
    -----
    GuessWarning
        At the first decode, if the layout or the value range had to be guessed and may be wrong.
        At once, if a model orders names otherwise (``id2label``). `replace` repeats no warning.

    Notes
    -----
    Threads may share a space. One at a time runs a model: all spaces of one function, of one torch
    module, or of methods of one object take turns. Generators take turns step by step: what one
    needs from step to step it must keep to itself, not in the model.

    A space is a value: `copy.deepcopy`, `pickle`, or for functions of a notebook ``cloudpickle``
    copy it with its model and with how outputs are read.

    Examples
    --------
    >>> def decode(latents):
    ...     return np.clip(latents[:, :1, np.newaxis] * np.ones((8, 8)), 0, 1)
    >>> space = LatentSpace(decode, 2, value_range=(0, 1))
    >>> space.decode(space.sample(3)).shape
    (3, 8, 8, 1)
    """

    _functions: Functions | None = None  # in a copy that `replace` makes, first those replaced

    @checked_keywords
    def __init__(
        self,
        decode: Callable[..., Any],
        latent_shape: int | tuple[int, ...],
        encode: Callable[..., Any] | None = None,
        *,
        kind: str = "auto",
        sample_rate: int | None = None,
        layout: str = "auto",
        value_range: str | ArrayLike = "auto",
        image_shape: tuple[int, ...] | None = None,
        encode_range: str | ArrayLike = "auto",
        encode_shape: int | tuple[int, ...] | None = None,
        batch_size: int | None = None,
        prior: Prior | None = None,
        data: ArrayLike | None = None,
        derivative: Callable[..., Any] | None = None,
        conditions: Mapping[str, Any] | None = None,
        draft: Callable[..., Any] | None = None,
        layers: Iterable[str] | bool | int | None = None,
        name: str | None = None,
    ) -> None:
        self._arguments = {key: one for key, one in locals().items() if key != "self"}
        own = decode, encode, derivative, draft
        self._functions = functions = Functions(*own, conditions_of(conditions), self._functions)
        LatentSource.__init__(self, latent_shape, prior, data)
        self.layers = layer_names(layers, self.latent_shape)
        layers = self.layers if isinstance(layers, Iterator) else layers  # for `replace` to read
        self._arguments |= {"data": self.data, "layers": layers}
        name = getattr(decode, "__name__", type(decode).__name__) if name is None else name
        self.name = short(checks.check_text(name, "name"))
        self.sample_rate, self.conditions = sample_rate, functions.conditions
        self._model = Model(
            self.name,
            functions,
            self.latent_shape,
            options=Options.among(self._arguments),
            batch_size=batch_size,
            lock=ModelLock(models_of(*own)),
            sample=partial(sample, self._prior, self.latent_shape),
        )

    @property
    def batch_size(self) -> int:
        """Most latents in one call of the model; smaller once memory has run out."""
        return self._model.batches.size

    @property
    def kind(self) -> str:
        """What is decoded: "image", "text", "tokens", "curve", "sound" or a registered kind.

        Where only outputs tell, a sample of the prior is decoded, once.
        """
        return self._model.kind

    @property
    def value_range(self) -> Range | None:
        """The values of black and white, bottom and top of curves, full scale, colours of tokens.

        None for other kinds, and as long as only outputs will tell.
        """
        return self._model.reader.value_range

    @property
    def image_format(self) -> ImageFormat | None:
        """How outputs are read as pictures; None for other kinds, and before the first decode.

        It has the attributes `output_shape`, `stored_shape`, `channels_first` and `value_range`.
        """
        found: ImageFormat | None = getattr(self._model.reader, "image_format", None)
        return found

    @property
    def is_stepwise(self) -> bool:
        """Whether `decode` is a generator. The first decode shows it."""
        return self._model.is_stepwise

    @property
    def gives_drafts(self) -> bool:
        """Whether `drafts` gives more than the answer. Of a generator the first decode shows it."""
        return self._arguments["draft"] is not None or self._model.is_stepwise

    def decode(
        self, latents: ArrayLike, conditions: Mapping[str, Any] | None = None, *, raw: bool = False
    ) -> Any:
        """Decode latents to outputs. A generator runs to its end.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``, finite.
        conditions : mapping of str to value or sequence of values, optional
            Values of `conditions` by name, one for all latents or one for each; a choice by its
            name or number. Those that are left out have their default.
        raw : bool
            Whether to return the model's own numbers, float32 ``(n, ...)``, neither read nor cut.

        Returns
        -------
        ndarray or list
            Pictures, uint8 ``(n, height, width, channels)``, with 1, 3 or 4 channels; in memory
            perhaps in the decoder's order (`numpy.ascontiguousarray` lays them out anew). Curves,
            float32 ``(n, channels, points)``. Sounds, float32 ``(n, channels, samples)`` in
            [-1, 1]. A list of n texts, `Tokens`, or objects of a registered kind.

        Raises
        ------
        LatentTypeError, LatentValueError
            If the latents or the conditions cannot be used.
        DecodeError
            If the decoder raises, or does not return one output of its kind per latent.
        """
        return self._model.decode(self.check(latents), conditions, raw=raw)

    def drafts(self, latents: ArrayLike, conditions: Mapping[str, Any] | None = None) -> Drafts:
        """Decode latents, and give outputs as they come: drafts, and at last the answer.

        Where it is not known yet how outputs are read, one latent is decoded to the end before.

        Parameters
        ----------
        latents, conditions
            As of `decode`. A `draft` gets the conditions that it takes.

        Returns
        -------
        Drafts
            An iterator of batches of outputs as `decode` returns them; the last is what it returns.
            Its ``close()`` closes the generator.

        Raises
        ------
        LatentTypeError, LatentValueError
            If the latents or the conditions cannot be used.
        DecodeError
            At a step, if the decoder raises there, yields what is not one output of its kind per
            latent, or has yielded nothing at its end.

        Examples
        --------
        >>> def develop(latents):
        ...     for step in (1, 2, 3):
        ...         yield latents.reshape(-1, 8, 8) * step / 3
        >>> space = LatentSpace(develop, 64, value_range=(0, 1))
        >>> [int(images.max()) for images in space.drafts(np.ones((1, 64)))]
        [85, 170, 255]
        """
        return self._model.drafts(self.check(latents), conditions)

    def encode(
        self, images: Any, conditions: Mapping[str, Any] | None = None
    ) -> NDArray[np.float32]:
        """Encode outputs to latents.

        Parameters
        ----------
        images : array_like
            As `decode` returns them, uint8 ``(n, height, width, channels)``, or without channels,
            or with channels first, or as the encoder itself takes them. uint8 and bool are
            converted to `encode_range`, other dtypes must be in it. Grey, RGB and RGBA are
            converted to what the encoder takes; sizes are not. Of other kinds what `decode` gives.
        conditions : mapping of str to value or sequence of values, optional
            As of `decode`, for encoders that take them; others do not get them.

        Returns
        -------
        ndarray
            float32 ``(n, *latent_shape)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If the images cannot be used, or the space has no encoder.
        DecodeError
            If the encoder raises, or does not return one latent per image.
        """
        if not self.can_encode:
            raise LatentValueError(
                f"{self.name} has no encoder. Pass latents, or make the space with encode=..."
            )
        return self._model.encode(images, conditions)

    def derivative(
        self,
        latent: ArrayLike,
        tangents: ArrayLike,
        *,
        scale: float = 1.0,
        conditions: Mapping[str, Any] | None = None,
    ) -> tuple[NDArray[np.float32], str]:
        """Say how the decoder's output changes along moves, at one latent or several.

        Parameters
        ----------
        latent : array_like
            Where, ``latent_shape``; or one for each of the vectors, ``(k, *latent_shape)``.
        tangents : array_like
            Along which unit vectors, ``(k, *latent_shape)``.
        scale : float
            The standard deviation of the latents' numbers: how far differences may reach.
        conditions : mapping of str to value, optional
            As of `decode`, one value each.

        Returns
        -------
        changes : ndarray
            float32 ``(k, ...)``: of the output as the model returns it, per unit of move.
        how : str
            "forward mode" where the model says so itself (torch), else "central differences".

        Raises
        ------
        LatentTypeError, LatentValueError
            If latent or tangents cannot be used.
        DecodeError
            If the decoder raises or returns something else.

        Examples
        --------
        >>> LatentSpace(np.square, 1).derivative([3.0], [[1.0]])[0].round(2).tolist()
        [[6.0]]
        """
        moves, reach = self.check(tangents, "tangents"), checks.check_positive(scale, "scale")
        return self._model.derivative(latent, moves, conditions, scale=reach)

    def replace(self, **options: Unpack[SpaceOptions]) -> LatentSpace:
        """Make a space of the same model with some options changed.

        Parameters
        ----------
        **options
            What `LatentSpace` takes. A new `decode` comes without the old derivative and draft.

        Returns
        -------
        LatentSpace
            The changed space, which takes turns with this one. How outputs are read and how many
            fit into memory is kept as far as it is settled, unless an option bears on it.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an option is unknown or cannot be used.

        Examples
        --------
        >>> space = LatentSpace(np.square, (8, 8), value_range=(0, 4))
        >>> space.replace(value_range=(0, 16)).decode(np.full((1, 8, 8), 2.0)).max()
        np.uint8(64)
        """
        left = {"derivative": "decode", "draft": "decode", "data": "latent_shape"}
        given = {**{name: None for name, by in left.items() if by in options}, **options}
        changed = copy.copy(self)  # of the same subclass, whatever its __init__ takes
        LatentSpace.__init__(changed, **{**self._arguments, **given})
        changed._model.keep(self._model, given)
        return changed

    def __repr__(self) -> str:
        shape = self.latent_shape
        return f"LatentSpace({self.name}, latent_shape={shape}, can_encode={self.can_encode})"
