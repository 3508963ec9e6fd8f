"""`LatentSpace`: a decoder, the shape of its latents, and where it has them encoder and prior."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from latentwidgets.common.checks import (
    check_finite,
    check_function,
    check_positive,
    check_sizes,
    check_whole,
    real_array,
    refuse_unknown,
)
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.kinds.reading.calls import call, call_model, finite_extent, outputs_of
from latentwidgets.kinds.shared.kind import Options
from latentwidgets.kinds.shared.table import choose_kind, kind_named, recognise
from latentwidgets.space.batches import Batches
from latentwidgets.space.derivatives import central_differences, confirmed
from latentwidgets.space.priors import NormalPrior

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.ranges import Range
    from latentwidgets.kinds.shared.kind import Reader

    Prior: TypeAlias = Callable[[np.random.Generator, int], ArrayLike]

__all__ = ["LatentSpace"]

# How many samples of the prior are decoded once, where that helps to guess the value range.
PROBES = 4


class LatentSpace:
    """A decoder, the shape of its latents, and where it has them an encoder and a prior.

    Parameters
    ----------
    decode : callable
        Takes latents, float32 ``(n, *latent_shape)``, and returns n outputs: pictures, an array
        ``(n, height, width)``, or with 1, 3 or 4 channels first or last, or flat; or what `kind`
        says. `as_space` makes such functions from models.
    latent_shape : int or tuple of int
        Shape of one latent.
    encode : callable, optional
        Takes n outputs as `decode` returns them, arrays in float32, and returns their latents,
        ``(n, *latent_shape)``.
    kind : {"auto", "image", "text", "curve", "sound"} or str
        What `decode` returns: pictures; a list of n texts; curves, ``(n, points)`` or
        ``(n, channels, points)``; sounds of the same shapes; or a list of n objects of a kind that
        `register_kind` knows. "auto" stands for sounds where there is a `sample_rate`, for texts
        where `decode` returns them, else for pictures.
    sample_rate : int, optional
        Of sounds: samples a second.
    layout : {"auto", "channels_first", "channels_last"}
        Where `decode` has its channels.
    value_range : "auto" or pair of float
        Which values of `decode` are black and white: (0, 1), (-1, 1), or (0, 255) for uint8.
        "auto" looks at the first outputs and at four samples of the prior, decoded once. Of curves
        the values at bottom and top, which "auto" widens where outputs reach further; of sounds
        those of full scale, for "auto" (-1, 1).
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
        encode: Callable[[Any], Any] | None = None,
        *,
        kind: str = "auto",
        sample_rate: int | None = None,
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
            "kind": kind,
            "sample_rate": sample_rate,
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
        self._options = Options(sample_rate, layout, value_range, image_shape)
        chosen = choose_kind(kind, self._options)
        self._reader: Reader = chosen.make_reader(self.name, self._options)
        self.sample_rate = sample_rate
        # Where nobody said the kind, the first outputs may tell of another than the default.
        self._undecided = kind == "auto" and chosen.is_default

    @property
    def can_encode(self) -> bool:
        """Whether there is an encoder."""
        return self._encode is not None

    @property
    def batch_size(self) -> int:
        """Most latents in one call of the model; smaller once memory has run out."""
        return self._batches.size

    @property
    def kind(self) -> str:
        """What is decoded: "image", "text", "curve", "sound" or what `register_kind` was told.

        Where only outputs tell, a sample of the prior is decoded, once.
        """
        if self._undecided:
            self.decode(self.sample(1))
        return self._reader.kind

    @property
    def value_range(self) -> Range | None:
        """The values of black and white, of bottom and top of curves, of full scale of sounds.

        None for other kinds, and as long as only outputs will tell.
        """
        return self._reader.value_range

    def decode(self, latents: ArrayLike) -> Any:
        """Decode latents to outputs.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``, finite.

        Returns
        -------
        ndarray or list
            Pictures, uint8 ``(n, height, width, channels)``, with 1, 3 or 4 channels; in memory
            perhaps in the decoder's order (`numpy.ascontiguousarray` lays them out anew). Curves,
            float32 ``(n, channels, points)``. Sounds, float32 ``(n, channels, samples)`` in
            [-1, 1]. A list of n texts, or of n objects of a registered kind.

        Raises
        ------
        LatentTypeError, LatentValueError
            If the latents cannot be used.
        DecodeError
            If the decoder raises, or does not return one output of its kind per latent.
        """
        return self._batches.run(self._decode_batch, self.check(latents))

    def encode(self, images: Any) -> NDArray[np.float32]:
        """Encode outputs to latents.

        Parameters
        ----------
        images : array_like
            As `decode` returns them, uint8 ``(n, height, width, channels)``, or without channels,
            or with channels first, or as the model itself takes them. uint8 and bool are
            converted to the model's value range, other dtypes must be in it. Grey, RGB and RGBA
            are converted to what the model takes; sizes are not. For spaces of other kinds what
            `decode` returns.

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
        if not self._reader.settled:
            self.decode(self.sample(PROBES))
        reader = self._reader
        given = reader.take(images)
        return self._batches.run(lambda batch: self._encode_batch(reader.to_model(batch)), given)

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

    def _decode_batch(self, latents: NDArray[np.float32]) -> Any:
        raw = call(self._decode, latents)
        if self._undecided:
            self._decide(raw)
        return self._reader.read(raw, len(latents), partial(self._probe, latents))

    def _decide(self, raw: object) -> None:
        """See from the first outputs which kind they are of."""
        if (kind := recognise(raw)) is not None:
            self._reader = kind.make_reader(self.name, self._options)
        self._undecided = False

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
            return self._numbers(latents).to_float32()

        levels = self._numbers(point[np.newaxis]).dtype_range is not None
        decode = partial(self._batches.run, outputs)
        return central_differences(decode, point, tangents, scale=scale, levels=levels)

    def _numbers(self, latents: NDArray[np.float32]) -> Outputs:
        """Decode to an array of numbers, of whatever kind; refuse texts and objects."""
        raw = call(self._decode, latents)
        if self._undecided:
            self._decide(raw)
        if not kind_named(self._reader.kind).has_derivative:
            raise LatentValueError(
                f"{self.name} decodes to outputs of kind {self._reader.kind!r}, which have no "
                "derivative; expected outputs that are numbers. Find directions in latents instead."
            )
        return outputs_of(raw, len(latents))

    def _probe(self, decoded: NDArray[np.float32]) -> Iterator[Outputs]:
        """Decode samples of the prior, unless these were just decoded."""
        samples = self.sample(PROBES)
        if not np.array_equal(decoded[:PROBES], samples):
            for start in range(0, PROBES, self.batch_size):
                yield call_model(self._decode, samples[start : start + self.batch_size])

    def _encode_batch(self, images: Any) -> NDArray[np.float32]:
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
