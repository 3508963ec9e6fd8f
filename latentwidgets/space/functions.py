"""`Functions`: the decoder and the other functions of a space, called with conditions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_function
from latentwidgets.errors import DecodeError
from latentwidgets.kinds.reading.calls import call, call_model
from latentwidgets.kinds.reading.ranges import once
from latentwidgets.space.declared import doubt_names
from latentwidgets.space.locks import ModelCaller, models_of
from latentwidgets.space.passing import passing

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.space.conditions import Conditions

    Values = dict[str, NDArray[Any]]

__all__ = ["Functions"]


class Functions:
    """Decoder, encoder, derivative and draft of a space, called with the conditions they take.

    Parameters
    ----------
    decode : callable
        The decoder.
    encode, derivative, draft : callable or None
        The other functions, if there are any.
    conditions : Conditions
        What the decoder takes beside latents.
    before : Functions, optional
        Those that these replace: what was doubted of the same decoder, or encoder, is known.

    Attributes
    ----------
    conditions : Conditions
        As given.
    doubts, encoder_doubts : set of str
        What was said already of guesses about the decoder and the names of its conditions, and of
        those about the encoder.

    Raises
    ------
    LatentTypeError
        If one of them is no function.
    LatentValueError
        If the decoder or the draft cannot be called with these.

    Warns
    -----
    GuessWarning
        If names of a condition stand at other places than the model declares them.
    """

    def __init__(
        self,
        decode: Callable[..., Any],
        encode: Callable[..., Any] | None,
        derivative: Callable[..., Any] | None,
        draft: Callable[..., Any] | None,
        conditions: Conditions,
        before: Functions | None = None,
    ) -> None:
        check_function(decode, "decode")
        others = (encode, "encode"), (derivative, "derivative"), (draft, "draft")
        for function, role in others:
            if function is not None:
                check_function(function, role)
        self._decode, self._encode, self._derivative = decode, encode, derivative
        self._draft, self.conditions = draft, conditions
        self._has_decoded = False  # under conditions; before that they may be what is wrong
        self._passing = passing(decode, conditions)
        if draft is not None:
            self._draft_passing = passing(draft, conditions, what="draft", every=False)
        self.doubts: set[str] = set()
        self.encoder_doubts: set[str] = set()
        if before and _run_one_model(decode, before._decode):
            self.doubts = before.doubts
        if before and _run_one_model(encode, before._encode):
            self.encoder_doubts = before.encoder_doubts
        if conditions:
            with once(self.doubts):
                doubt_names(conditions, models_of(decode, encode, derivative, draft))

    @property
    def has_draft(self) -> bool:
        """Whether there is a cheaper function."""
        return self._draft is not None

    def values(self, given: Mapping[str, Any] | None, items: Sized) -> Values | None:
        """Return an array of one number per item for each condition; None without conditions."""
        if not self.conditions and (given is None or (isinstance(given, Mapping) and not given)):
            return None
        return self.conditions.arrays(given, len(items))

    def decode(self, latents: NDArray[np.float32], values: Values | None) -> Any:
        """Give what the decoder returns.

        Raises
        ------
        DecodeError
            If it raises.
        """
        if values is None:
            return call(self._decode, latents)
        try:
            returned = call(partial(self._passing.call, self._decode, values=values), latents)
        except DecodeError as error:
            if self._has_decoded or error.__cause__ is None:
                raise
            raise DecodeError(f"{error} {self._what_it_got(values)}") from error.__cause__
        self._has_decoded = True
        return returned

    def draft(self, latents: NDArray[np.float32], values: Values | None) -> Any:
        """Give what the cheaper function returns.

        Raises
        ------
        DecodeError
            If it raises.
        """
        assert self._draft is not None
        function = self._draft
        if values is not None:
            function = partial(self._draft_passing.call, function, values=values)
        return call(function, latents, source="draft")

    def encode(
        self, images: Any, values: Values | None, *, expected: tuple[int, ...], doubted_by: str = ""
    ) -> Outputs:
        """Give what the encoder returns, one for each image. See `outputs_of` for `expected`.

        Raises
        ------
        DecodeError
            If it raises, or returns something else.
        """
        assert self._encode is not None
        function = self._encode
        if values is not None:
            way = passing(function, values, what="encode", every=False)
            function = partial(way.call, function, values=values)
        with once(self.encoder_doubts):
            return call_model(
                function, images, source="encode", expected=expected, doubted_by=doubted_by
            )

    @property
    def has_derivative(self) -> bool:
        """Whether the decoder can say how its output changes."""
        return self._derivative is not None

    def derivative(
        self, latents: NDArray[np.float32], moves: NDArray[np.float32], values: Values | None
    ) -> Any:
        """Give what the derivative returns, a row for each latent and its move."""
        assert self._derivative is not None
        function = self._derivative
        if values is None:
            return function(latents, moves)
        way = passing(function, values, what="derivative", first=2, every=False)
        return way.call(function, latents, moves, values=values)

    def _what_it_got(self, values: Values) -> str:
        """Say how conditions arrive, and what to do where a model wants them otherwise."""
        got = " and ".join(f"{name}, {one.dtype} {one.shape}" for name, one in values.items())
        said = f"(Beside latents it got {got}: numbers as they are, choices by their position."
        menus = [name for name, one in self.conditions.items() if one.choices is not None]
        if not menus:
            return f"{said} If the model wants something else, pass a function that makes it.)"
        y = menus[0] if menus[0].isidentifier() and not iskeyword(menus[0]) else "y"
        count = len(self.conditions[menus[0]].choices)
        owner = getattr(self._decode, "__self__", None)
        # Of anything else an attribute of that name may mean something else.
        model = getattr(owner, "called", "") if isinstance(owner, ModelCaller) else ""
        # Latents are tensors where a model is called by its adapter, on its device and of its type.
        like = ".to(z)" if model else ".float()"
        one_hot = f"torch.nn.functional.one_hot({y}, {count}){like}"
        model = model or "model.decode"
        likewise = "" if self._encode is None else ", and encode=... likewise"
        return (
            f"{said} If the model wants classes one-hot, pass a function that makes them: "
            f"decode=lambda z, {y}: {model}(z, {one_hot}){likewise}.)"
        )


def _run_one_model(one: Callable[..., Any] | None, other: Callable[..., Any] | None) -> bool:
    """Tell whether two functions run the same model, as an adapter's for two layers do."""
    return [*map(id, models_of(one))] == [*map(id, models_of(other))]
