"""`LatentSpace`: a decoder, the shape of its latents, and where it has them encoder and prior."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import partial, singledispatch
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from latentwidgets.adapters import handler_for
from latentwidgets.batching import Batches
from latentwidgets.checks import (
    check_finite,
    check_function,
    check_positive,
    check_sizes,
    check_whole,
    real_array,
    refuse_unknown,
)
from latentwidgets.derivatives import central_differences, confirmed
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.outputs import call_model, finite_extent
from latentwidgets.pictures import PictureReader, check_image_range
from latentwidgets.priors import NormalPrior

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.image_format import ImageFormat
    from latentwidgets.outputs import Outputs

    Prior: TypeAlias = Callable[[np.random.Generator, int], ArrayLike]

__all__ = ["LatentSpace", "as_space", "check_options"]

# How many samples of the prior are decoded once, where that helps to guess the value range.
PROBES = 4


class LatentSpace:
    """A decoder, the shape of its latents, and where it has them an encoder and a prior.

    Parameters
    ----------
    decode : callable
        Takes latents, float32 ``(n, *latent_shape)``, and returns one array of n pictures:
        ``(n, height, width)``, or with 1, 3 or 4 channels first or last, or flat. `as_space`
        makes such functions from models.
    latent_shape : int or tuple of int
        Shape of one latent.
    encode : callable, optional
        Takes n pictures as `decode` returns them, in float32, and returns their latents,
        ``(n, *latent_shape)``.
    layout : {"auto", "channels_first", "channels_last"}
        Where `decode` has its channels.
    value_range : "auto" or pair of float
        Which values of `decode` are black and white: (0, 1), (-1, 1), or (0, 255) for uint8.
        "auto" looks at the first outputs and at four samples of the prior, decoded once.
    image_shape : tuple of int, optional
        For decoders that return flat outputs, the shape to give them, such as (28, 28) or
        (3, 64, 64). Guessed if None.
    batch_size : int, optional
        Most latents in one call of `decode`. Found automatically if None. Halved for good when
        memory runs out.
    prior : callable, optional
        Takes a `numpy.random.Generator` and n, and returns n latents. Independent standard
        normals if None.
    derivative : callable, optional
        Takes one latent and k unit vectors, ``(k, *latent_shape)``, and returns how the output
        of `decode` changes along each, ``(k, ...)``. Central differences if None.
    name : str, optional
        What to call the space.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used.

    Warns
    -----
    GuessWarning
        At the first decode, if the layout or the value range had to be guessed and may be wrong.

    Notes
    -----
    Threads may share a space, and the spaces that `as_space` makes of it with other options. One
    at a time is let into the model.

    Examples
    --------
    >>> def decode(latents):
    ...     return np.clip(latents[:, :1, np.newaxis] * np.ones((8, 8)), 0, 1)
    >>> space = LatentSpace(decode, 2, value_range=(0, 1))
    >>> images = space.decode(space.sample(3))
    >>> images.shape, images.dtype
    ((3, 8, 8, 1), dtype('uint8'))
    """

    def __init__(
        self,
        decode: Callable[[NDArray[np.float32]], Any],
        latent_shape: int | tuple[int, ...],
        encode: Callable[[NDArray[np.float32]], Any] | None = None,
        *,
        layout: str = "auto",
        value_range: str | ArrayLike = "auto",
        image_shape: tuple[int, ...] | None = None,
        batch_size: int | None = None,
        prior: Prior | None = None,
        derivative: Callable[[NDArray[np.float32], NDArray[np.float32]], Any] | None = None,
        name: str | None = None,
        **unknown: object,
    ) -> None:
        refuse_unknown(unknown, LatentSpace)
        self._arguments = {
            "decode": decode,
            "latent_shape": latent_shape,
            "encode": encode,
            "layout": layout,
            "value_range": value_range,
            "image_shape": image_shape,
            "batch_size": batch_size,
            "prior": prior,
            "derivative": derivative,
            "name": name,
        }
        for role in ("decode", "encode", "prior", "derivative"):
            function = self._arguments[role]
            if role == "decode" or function is not None:
                check_function(function, role)
        self.latent_shape = check_sizes(latent_shape, "latent_shape")
        self.name = str(name or getattr(decode, "__name__", type(decode).__name__))
        self._decode, self._encode = decode, encode
        self._derivative = derivative
        self._prior = prior or NormalPrior(np.ones(self.latent_shape))
        self._batches = Batches(batch_size)
        self._reader = PictureReader(
            self.name, layout=layout, value_range=value_range, image_shape=image_shape
        )

    @property
    def can_encode(self) -> bool:
        """Whether there is an encoder."""
        return self._encode is not None

    @property
    def batch_size(self) -> int:
        """Most latents in one call of the model; smaller once memory has run out."""
        return self._batches.size

    def decode(self, latents: ArrayLike) -> NDArray[np.uint8]:
        """Decode latents to pictures.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``, finite.

        Returns
        -------
        ndarray
            uint8 ``(n, height, width, channels)``, with 1, 3 or 4 channels; in memory perhaps in
            the decoder's order (`numpy.ascontiguousarray` lays them out anew).

        Raises
        ------
        LatentTypeError, LatentValueError
            If the latents cannot be used.
        DecodeError
            If the decoder raises, or does not return one picture per latent.
        """
        return self._batches.run(self._decode_batch, self.check(latents))

    def encode(self, images: ArrayLike) -> NDArray[np.float32]:
        """Encode pictures to latents.

        Parameters
        ----------
        images : array_like
            As `decode` returns them, uint8 ``(n, height, width, channels)``, or without channels,
            or with channels first, or as the model itself takes them. uint8 and bool are
            converted to the model's value range, other dtypes must be in it. Grey, RGB and RGBA
            are converted to what the model takes; sizes are not.

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
        if self._encode is None:
            raise LatentValueError(
                f"{self.name} has no encoder. Pass latents, or make the space with encode=..."
            )
        pictures = real_array(images, "images")
        check_finite(pictures, "images")
        image_format = self._image_format()
        check_image_range(pictures, image_format.value_range)
        return self._batches.run(
            lambda batch: self._encode_batch(image_format.to_model(batch)), pictures
        )

    def derivative(
        self, latent: ArrayLike, tangents: ArrayLike, *, scale: float = 1.0
    ) -> tuple[NDArray[np.float32], str]:
        """Say how the decoder's output changes along moves, at one latent.

        Parameters
        ----------
        latent : array_like
            Where, ``latent_shape``.
        tangents : array_like
            Along which unit vectors, ``(k, *latent_shape)``.
        scale : float
            The standard deviation of the latents' numbers: how far differences may reach.

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
        point = self.check(np.asarray(latent)[np.newaxis], "latents")[0]
        moves = self.check(tangents, "tangents")
        differences = partial(self._differences, point, check_positive(scale, "scale"))
        if self._derivative is not None:
            # Some operations of torch know no forward mode, or forget it: differences tell.
            with suppress(DecodeError):
                changes = self._batches.run(partial(self._change, point), moves)
                if confirmed(changes, moves, differences):
                    return changes, "forward mode"
        return differences(moves), "central differences"

    def sample(
        self, n: int, *, seed: int = 0, truncation: float | None = None
    ) -> NDArray[np.float32]:
        """Draw latents from the prior.

        Parameters
        ----------
        n : int
            How many.
        seed : int
            The same seed gives the same latents.
        truncation : float, optional
            Draw every entry again that is more than this many standard deviations from 0: smaller
            is more typical and less varied. For normal priors only.

        Returns
        -------
        ndarray
            float32 ``(n, *latent_shape)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an argument cannot be used, or the prior does not return such latents.

        References
        ----------
        Truncation: Brock et al. 2019, "Large scale GAN training" (arXiv 1809.11096).

        Examples
        --------
        >>> LatentSpace(np.cos, (4, 4)).sample(2, truncation=0.7).shape
        (2, 4, 4)
        """
        rng = np.random.default_rng(check_whole(seed, "seed", least=0))
        count = check_whole(n, "n", least=1)
        if truncation is None:
            drawn = self._prior(rng, count)
        elif isinstance(self._prior, NormalPrior):
            drawn = self._prior(rng, count, truncation=check_positive(truncation, "truncation"))
        else:
            raise LatentValueError(
                f"truncation is {truncation!r}, but this space has a prior of its own, which only "
                "its author can truncate. Leave truncation out."
            )
        latents = self.check(drawn, "samples of the prior")
        if len(latents) != count:
            raise LatentValueError(f"prior returned {len(latents)} latents; expected {count}.")
        return latents

    def check(self, latents: ArrayLike, name: str = "latents") -> NDArray[np.float32]:
        """Check that these are latents of this space.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``, finite, n at least 1.
        name : str
            What to call them in messages.

        Returns
        -------
        ndarray
            The same as contiguous float32; not copied if they are that already.

        Raises
        ------
        LatentTypeError
            If they are not real numbers.
        LatentValueError
            If they have another shape, or hold NaN or infinity.
        """
        array = real_array(latents, name)
        if array.shape[1:] != self.latent_shape:
            raise LatentValueError(self._misfit(array.shape, name))
        if array.dtype != np.float32:
            with np.errstate(over="ignore"):  # what float32 cannot hold is found below
                array = array.astype(np.float32)
        check_finite(array, name)
        return np.ascontiguousarray(array)

    def __repr__(self) -> str:
        return (
            f"LatentSpace({self.name}, latent_shape={self.latent_shape}, "
            f"can_encode={self.can_encode})"
        )

    def _misfit(self, shape: tuple[int, ...], name: str) -> str:
        """Say what is wrong with latents of another shape, and what to do about it."""
        mine = ", ".join(map(str, self.latent_shape))
        got = f"{name} have shape {shape}"
        if shape == self.latent_shape:
            return f"{got}: that is one latent; expected several. For one pass {name}[None]."
        if len(shape) < 2:
            way = f"Pass a batch, (n, {mine})."
        elif math.prod(shape[1:]) == math.prod(self.latent_shape):
            way = f"Reshape them: {name}.reshape(-1, {mine})."
        else:
            way = f"Pass (n, {mine}), or make the space with latent_shape={shape[1:]}."
        return f"{got}; this space takes latents of shape {self.latent_shape}. {way}"

    def _decode_batch(self, latents: NDArray[np.float32]) -> NDArray[np.uint8]:
        outputs = call_model(self._decode, latents)
        return self._reader.read(outputs, partial(self._probe, latents))

    def _change(
        self, point: NDArray[np.float32], tangents: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        assert self._derivative is not None
        derivative = partial(self._derivative, point)
        return call_model(derivative, tangents, source="derivative").to_float32()

    def _differences(
        self, point: NDArray[np.float32], scale: float, tangents: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        def outputs(latents: NDArray[np.float32]) -> NDArray[np.float32]:
            return call_model(self._decode, latents).to_float32()

        levels = call_model(self._decode, point[np.newaxis]).dtype_range is not None
        decode = partial(self._batches.run, outputs)
        return central_differences(decode, point, tangents, scale=scale, levels=levels)

    def _probe(self, decoded: NDArray[np.float32]) -> Iterator[Outputs]:
        """Decode samples of the prior, unless these were just decoded."""
        samples = self.sample(PROBES)
        if not np.array_equal(decoded[:PROBES], samples):
            for start in range(0, PROBES, self.batch_size):
                yield call_model(self._decode, samples[start : start + self.batch_size])

    def _image_format(self) -> ImageFormat:
        """Return how pictures look to the model, which its decoder shows."""
        if self._reader.image_format is None:
            self.decode(self.sample(PROBES))
        assert self._reader.image_format is not None
        return self._reader.image_format

    def _encode_batch(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        assert self._encode is not None
        latents = call_model(self._encode, images, source="encode")
        if latents.shape[1:] != self.latent_shape:
            raise DecodeError(
                f"encode returned shape {latents.shape}; expected one latent per image, "
                f"{(len(images), *self.latent_shape)}. Pass encode=... with a function that "
                "returns that, such as the mean without the variance."
            )
        finite_extent(latents, source="encode")
        return latents.to_float32()


@singledispatch
def as_space(obj: object, **options: Any) -> LatentSpace:
    """Make a `LatentSpace` from a model.

    Parameters
    ----------
    obj : object
        - A torch module: a decoder, or one that has ``decode`` or ``decoder``, and perhaps
          ``encode`` or ``encoder``. See `latentwidgets.adapters.torch`.
        - A scikit-learn transformer or pipeline with ``inverse_transform``. See
          `latentwidgets.adapters.sklearn`.
        - A NumPy function from latents to pictures, or an object with ``decode`` and perhaps
          ``encode``. See `latentwidgets.adapters.callable`.
        - A `LatentSpace`.
    **options
        What `LatentSpace` takes: `latent_shape` where it cannot be inferred, `encode`, `layout`,
        `value_range`, `image_shape`, `batch_size`, `prior`, `name`. For a torch module also
        `decode`; there it and `encode` are functions of tensors.

    Returns
    -------
    LatentSpace
        The model's space.

    Raises
    ------
    LatentTypeError
        If nothing is known about such an object, or an option is unknown.
    LatentValueError
        If `latent_shape` is needed, or an option cannot be used.

    Notes
    -----
    This is a `functools.singledispatch`: teach it a class of your own in one function.

    Examples
    --------
    >>> class Waves:
    ...     def draw(self, latents):
    ...         return np.sin(latents[:, :1, np.newaxis] * np.linspace(0, 3, 64).reshape(8, 8))
    >>> @as_space.register
    ... def _(model: Waves, **options):
    ...     return LatentSpace(model.draw, 1, **{"value_range": (-1, 1), **options})
    >>> as_space(Waves()).decode([[0.5], [2.0]]).shape
    (2, 8, 8, 1)
    """
    handler = handler_for(as_space, obj)
    if handler is None:
        from latentwidgets.adapters.callable import callable_space

        handler = callable_space
    space: LatentSpace = handler(obj, **options)
    return space


@as_space.register
def _(space: LatentSpace, **options: Any) -> LatentSpace:
    if not options:
        return space
    if "decode" in options:  # the derivative was that of the other decoder
        options = {"derivative": None, **options}
    changed = LatentSpace(**{**space._arguments, **options})
    changed._batches.lock = space._batches.lock  # one model, one door
    return changed


def check_options(options: dict[str, Any]) -> None:
    """Refuse what `LatentSpace` does not take, and a decoder beside the model's own.

    Adapters call it before they look for a shape: one that is missing may be misspelt.

    Parameters
    ----------
    options : dict
        The options of `as_space` that the adapter does not take itself.

    Raises
    ------
    LatentTypeError
        If there is such an option.
    """
    refuse_unknown(options, LatentSpace)
    if "decode" in options:
        raise LatentTypeError(
            "as_space got decode=... beside a model that decodes; expected one decoder. Leave "
            "decode out, or pass it alone: as_space(function, latent_shape=...)."
        )
