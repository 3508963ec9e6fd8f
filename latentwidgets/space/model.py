"""`Model`: decodes latents and reads the outputs, one thread at a time; encodes them too."""

from __future__ import annotations

import copy
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_flag
from latentwidgets.common.memory import is_out_of_memory
from latentwidgets.common.wording import brief
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.kinds.reading.calls import outputs_of
from latentwidgets.kinds.reading.ranges import once, warn_guess
from latentwidgets.kinds.shared.table import choose_kind, kind_named, recognise
from latentwidgets.space.batches import Batches
from latentwidgets.space.derivatives import changes_along
from latentwidgets.space.drafts import Drafts, read_draft
from latentwidgets.space.latents import check_encoded, one_for_each
from latentwidgets.space.steps import Run, is_stepwise, last_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.shared.kind import Options, Reader
    from latentwidgets.space.functions import Functions
    from latentwidgets.space.locks import ModelLock

    # For each condition an array with one number per latent; None without conditions.
    Values = dict[str, NDArray[Any]] | None
    # Conditions as a person gives them, one value for all latents or one for each.
    Given = Mapping[str, Any] | None

__all__ = ["Model"]

# How many samples of the prior are decoded once, where that helps to guess the value range.
PROBES = 4
# The options of a space that have no bearing on how outputs are read.
BESIDE_READING = {"encode", "batch_size", "derivative", "draft", "layers", "name"}


class Model:
    """A decoder, perhaps with an encoder and a derivative, and how its outputs are read.

    Parameters
    ----------
    name : str
        What to call it in messages.
    functions : Functions
        What it runs.
    latent_shape : tuple of int
        Shape of one latent.
    options : Options
        What the outputs are, "auto" where the first outputs may tell, and the other options that
        belong to kinds.
    batch_size : int or None
        Most latents in one call.
    lock : ModelLock
        Lets one thread at a time into the model.
    sample : callable
        ``sample(n)`` draws latents from the prior.

    Attributes
    ----------
    batches : Batches
        How many latents go through the model at once.
    reader : Reader
        Reads the outputs. Replaced if the first outputs turn out to be of another kind.
    is_stepwise : bool
        Whether the decoder was a generator when it was last called.
    """

    def __init__(
        self,
        name: str,
        functions: Functions,
        latent_shape: tuple[int, ...],
        *,
        options: Options,
        batch_size: int | None,
        lock: ModelLock,
        sample: Callable[[int], NDArray[np.float32]],
    ) -> None:
        self._name, self._latent_shape, self._options = name, latent_shape, options
        self._functions, self._lock, self._sample = functions, lock, sample
        self.is_stepwise = self._has_encoded = False
        # How pictures were read before the encoder turned out to take them laid out otherwise.
        self._decoders_own: Reader | None = None
        self.batches = Batches(batch_size, lock)
        chosen = choose_kind(options.kind, options)
        self.reader: Reader = chosen.make_reader(name, options)
        # Where nobody said the kind, the first outputs may tell of another than the default.
        self._undecided = (
            isinstance(options.kind, str) and options.kind == "auto" and chosen.is_default
        )

    @property
    def kind(self) -> str:
        """The kind of the outputs. If it is unknown so far, a sample is decoded to find out."""
        if self._undecided:
            self.settle(1)
        return self.reader.kind

    def settle(self, count: int = PROBES) -> None:
        """Decode samples of the prior, so that it is known how outputs are read."""
        self.decode(self._sample(count), None)

    def keep(self, other: Model, changed: Collection[str]) -> None:
        """Take over the lock of another model, and what it has found out about the outputs.

        Parameters
        ----------
        other : Model
            The model that this one replaces.
        changed : collection of str
            The options of the space that were changed: what depends on them is not taken over.
        """
        self.is_stepwise = "decode" not in changed and other.is_stepwise
        self._lock = self._lock.joined(other._lock)
        same_memory = not {"decode", "batch_size"} & {*changed}
        self.batches = (other if same_memory else self).batches.under(self._lock)
        if {*changed} <= BESIDE_READING and other.reader.settled:
            # What was learnt of an encoder is not kept for another.
            reader = (other._decoders_own if "encode" in changed else None) or other.reader
            self.reader, self._undecided = copy.copy(reader), other._undecided

    def decode(self, latents: NDArray[np.float32], conditions: Given, *, raw: bool = False) -> Any:
        """Decode latents under some conditions, and read the outputs; or leave them raw numbers."""
        values = self._functions.values(conditions, latents)
        batch = self._raw_batch if check_flag(raw, "raw") else self._decode_batch
        return self.batches.run(batch, latents, values)

    def drafts(self, latents: NDArray[np.float32], conditions: Given) -> Drafts:
        """Decode latents under some conditions, and give the outputs as they come."""
        values = self._functions.values(conditions, latents)
        if self._undecided or not self.reader.settled:
            first = None if values is None else {name: some[:1] for name, some in values.items()}
            self.batches.run(self._decode_batch, latents[:1], first)
        cheap = None
        if self._functions.has_draft:
            cheap = partial(self.batches.run, self._draft_batch, latents, values)
        return Drafts(partial(self.batches.begun, self._begin, latents, values), cheap)

    def encode(self, images: Any, conditions: Given) -> NDArray[np.float32]:
        """Read images, or outputs of another kind, and encode them under some conditions."""
        if not self.reader.settled:
            self.settle()
        with once(self._functions.encoder_doubts):
            rows = self.reader.take(images)
        values = self._functions.values(conditions, rows)
        try:
            latents = self._encode(self.reader, rows, values)
        except DecodeError as error:
            # Only where the encoder itself raises, and raises again: it may be a passing failure.
            if self._has_encoded or is_out_of_memory(error) or error.__cause__ is None:
                raise
            if self._takes_two(self.reader, rows, values):
                raise
            found = self._other_layout(rows, values)
            if found is None:
                raise DecodeError(self._encoder_hint(error, rows)) from error.__cause__
            other, doubt = found
            latents = self._encode(other, rows, values)
            self._decoders_own, self.reader = self.reader, other
            if doubt:
                with once(self._functions.encoder_doubts):
                    warn_guess(doubt, self._name)
        return latents

    def _encode(self, reader: Reader, rows: NDArray[Any], values: Values) -> NDArray[np.float32]:
        def encode(batch: NDArray[Any], values: Values = None) -> NDArray[np.float32]:
            encoded = self._functions.encode(
                reader.to_model(batch),
                values,
                expected=self._latent_shape,
                doubted_by="" if self._has_encoded else self._name,
            )
            latents = check_encoded(encoded, self._latent_shape)
            self._has_encoded = True
            return latents

        return self.batches.run(encode, rows, values)

    def _other_layout(self, rows: NDArray[Any], values: Values) -> tuple[Reader, str | None] | None:
        """Find another shape in which the encoder takes outputs."""
        for other, doubt in self.reader.other_layouts():
            if self._takes_two(other, rows, values):
                return other, doubt
        return None

    def _takes_two(self, reader: Reader, rows: NDArray[Any], values: Values) -> bool:
        """Try the encoder with two outputs: one might be taken for one without a batch axis."""
        two, beside = np.repeat(rows[:1], 2, axis=0), None
        if values is not None:
            beside = {name: np.repeat(some[:1], 2) for name, some in values.items()}
        with suppress(DecodeError, LatentValueError):
            self._encode(reader, two, beside)
            return True
        return False

    def _encoder_hint(self, error: DecodeError, rows: NDArray[Any]) -> str:
        """Add to an encoder's error what it got, and how to say what it takes."""
        if "encode_shape" not in kind_named(self.reader.kind).takes:
            return str(error)
        shape = ", ".join(map(str, ("n", *np.shape(self.reader.to_model(rows[:1]))[1:])))
        return (
            f"{str(error).rstrip('.')}. It got pictures as ({shape}), and did not take them laid "
            "out otherwise. Where it takes another size, pass encode_shape=..., the shape of one."
        )

    def derivative(
        self,
        given: Any,
        moves: NDArray[np.float32],
        conditions: Given,
        *,
        scale: float,
    ) -> tuple[NDArray[np.float32], str]:
        """Say how outputs change along moves, each at its latent or all at one; and how."""
        points = one_for_each(given, len(moves), self._latent_shape)
        values = self._functions.values(conditions, points[:1])

        def repeated(count: int) -> Values:
            return values and {name: np.repeat(one, count) for name, one in values.items()}

        def numbers(some: NDArray[np.float32]) -> Outputs:
            return self._numbers(some, repeated(len(some)))

        def change(some: NDArray[np.float32], moves: NDArray[np.float32]) -> Any:
            return self._functions.derivative(some, moves, repeated(len(some)))

        return changes_along(
            moves,
            points,
            derivative=change if self._functions.has_derivative else None,
            numbers=numbers,
            run=self.batches.run,
            scale=scale,
        )

    def _decode_batch(self, latents: NDArray[np.float32], values: Values = None) -> Any:
        """Decode to outputs; if the decoder is a generator, return a `Run`, its work so far."""
        raw = self._raw(latents, values)
        return self._work(latents, raw) if self.is_stepwise else self._read(latents, raw)

    def _begin(self, latents: NDArray[np.float32], values: Values = None) -> Run:
        """Return the decoder's work as a `Run`, of one step if it is not a generator."""
        return self._work(latents, self._raw(latents, values))

    def _draft_batch(self, latents: NDArray[np.float32], values: Values = None) -> Any:
        raw = self._functions.draft(latents, values)
        return read_draft(raw, len(latents), self.reader.unchanging())

    def _raw(self, latents: NDArray[np.float32], values: Values) -> Any:
        raw = self._functions.decode(latents, values)
        self.is_stepwise = is_stepwise(raw)
        return raw

    def _work(self, latents: NDArray[np.float32], raw: Any) -> Run:
        def read_draft(raw: Any) -> Any:
            return self.reader.unchanging().read(raw, len(latents), tuple)

        return Run(raw, partial(self._read, latents), read_draft, self._lock, len(latents))

    def _read(self, latents: NDArray[np.float32], raw: Any) -> Any:
        self._decide(raw)
        with once(self._functions.doubts):
            return self.reader.read(raw, len(latents), partial(self._probe, latents))

    def _decide(self, raw: object) -> None:
        """See from the first outputs which kind they are of."""
        if self._undecided:
            if (kind := recognise(raw)) is not None:
                self.reader = kind.make_reader(self._name, self._options)
            self._undecided = False

    def _raw_batch(self, latents: NDArray[np.float32], values: Values = None) -> Any:
        return self._numbers(latents, values).to_float32()

    def _numbers(self, latents: NDArray[np.float32], values: Values) -> Outputs:
        """Decode to an array of numbers; refuse texts."""
        raw = last_of(self._raw(latents, values))
        self._decide(raw)
        if not kind_named(self.reader.kind).has_derivative:
            raise LatentValueError(
                f"{self._name} decodes to outputs of kind {brief(self.reader.kind)}, which have no "
                "derivative; expected outputs that are numbers. Find directions in latents instead."
            )
        return outputs_of(raw, len(latents))

    def _probe(self, decoded: NDArray[np.float32]) -> Iterator[Outputs]:
        """Decode samples of the prior, unless these were just decoded."""
        samples = self._sample(PROBES)
        if np.array_equal(decoded[:PROBES], samples):
            return

        def outputs(some: NDArray[np.float32]) -> Outputs:
            raw = self._functions.decode(some, self._functions.values(None, some))
            return outputs_of(last_of(raw), len(some))

        yield from self.batches.each(outputs, samples)
