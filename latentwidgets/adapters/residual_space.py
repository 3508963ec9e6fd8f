"""`ResidualSpace`: the residual stream of a network that writes, as a space of texts."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from latentwidgets.adapters.own_calls import OwnCalls
from latentwidgets.adapters.own_tokens import check_filled, check_said, own_start
from latentwidgets.adapters.residual_model import ResidualModel
from latentwidgets.adapters.states import POOLS
from latentwidgets.common.checks import check_one_of, check_whole
from latentwidgets.common.items import check_ordered
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.calls import call
from latentwidgets.space.last_tokens import note_text_ends
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["ResidualSpace"]


class ResidualSpace(LatentSpace):
    """What is added to the residual stream of a network that writes; zero adds nothing.

    `as_space` makes it from a causal model of transformers, and from a
    `latentwidgets.adapters.Residual`. Its options are those of `LatentSpace`.

    Examples
    --------
    >>> import torch
    >>> import latentwidgets as lw
    >>> letters = torch.nn.Embedding.from_pretrained(torch.eye(3))
    >>> network = torch.nn.Sequential(letters, torch.nn.Sequential(torch.nn.Identity()))
    >>> def generate(ids):
    ...     return ["abc"[i] for i in network(ids)[:, -1].argmax(-1)]
    >>> space = lw.as_space(lw.adapters.Residual(
    ...     network, tokenize=lambda text: ["abc".index(one) for one in text],
    ...     generate=generate, prompt="ab", layer=0))
    >>> to_c = space.encode(["c"])
    >>> space.decode(to_c), space.decode(to_c, {"strength": 0.0})
    (['c'], ['b'])
    >>> [states.shape for states in space.encode(["ca", "abc"], pool="tokens")]
    [(2, 3), (3, 3)]
    >>> space.trajectory(["a"]).tolist()
    [[1.0, -1.0, 0.0]]
    >>> space.residual_norms(["abc"]), space.relative_norms(2 * to_c).round(2)
    (array([1.], dtype=float32), array([2.83]))
    >>> space.prompt, space.at(prompt="ba").prompt
    ('ab', 'ba')
    >>> with space.steering(to_c):
    ...     network(torch.tensor([[0, 1]]))[0, -1]
    tensor([0., 0., 1.])
    """

    @checked_keywords
    def encode(
        self,
        texts: Any,
        conditions: Mapping[str, Any] | None = None,
        *,
        pool: str = "last",
    ) -> Any:
        """Read the states of texts off the residual stream, relative to that of the prompt.

        Decoded with ``steer="last"``, the latent of a text puts the state of its last token in the
        place of the prompt's: it is what activation patching does.

        Parameters
        ----------
        texts : list of str or list of list of dict
            Texts; or chats, lists of messages with "role" and "content", for the chat template.
            With ``pool="last"`` the last token counts: let texts end as the prompt ends, and where
            the model has taken in what matters; `relative_norms` of a difference says how much.
        conditions : mapping, optional
            The "layer" to read at, one for all texts or one for each; others change nothing.
        pool : {"last", "mean", "tokens"}
            Of which tokens: the last; the mean of all, from the mean of the prompt's on; or each,
            from the prompt's last on. A token that says that a text begins is left out, and from a
            mean the first token in any case: its state is many times as large as any other.

        Returns
        -------
        ndarray or list of ndarray
            float32 ``(n, *latent_shape)``; of "tokens" a list of ``(tokens, *latent_shape)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If these are no texts, one is empty or too long, or an argument cannot be used.
        DecodeError
            If the model fails.
        """
        check_one_of(pool, "pool", POOLS)
        model = self._stream
        if model is None or self._arguments["encode"] != model.encode:
            if pool != "last":
                raise LatentValueError(
                    f"pool is {pool!r}, and {self.name} has another encoder or decoder than the "
                    "model's own. Leave pool out."
                )
            return super().encode(texts, conditions)
        items = check_ordered(texts, "encode got", "a list of texts")
        if not items:
            raise LatentValueError("encode got an empty list; expected at least one text.")
        if all(isinstance(item, dict) for item in items):
            raise LatentTypeError(
                "encode got one chat, a list of messages; expected a list of chats: [messages]. "
                "For a latent a turn: space.trajectory(messages)."
            )
        rows = np.fromiter((model.tokens(item) for item in items), object, len(items))
        check_filled([*rows], model.front, "text")
        found = self._encoded(model, rows, conditions, pool)
        if pool != "tokens":
            note_text_ends(found, rows, model.words, items if pool == "mean" else None)
        return found

    def words(self, text: Any) -> list[str]:
        """Give the text of each token of a text: one for each row of ``pool="tokens"``.

        Parameters
        ----------
        text : str or list of dict
            A text or a chat, as `encode` takes several of.

        Returns
        -------
        list of str
            The tokens, each with the space before it. A character of several tokens is the text of
            the last of them. Of a `latentwidgets.adapters.Residual`, of which only numbers are
            known, these.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it is neither.
        """
        model = self._own_model()
        ids = model.tokens(text)
        return model.words(ids)[own_start(ids, model.front) :]

    def trajectory(
        self, messages: Sequence[Any], conditions: Mapping[str, Any] | None = None
    ) -> NDArray[np.float32]:
        """Read a chat as a path: one latent a turn, the state of its last token.

        Parameters
        ----------
        messages : sequence of dict
            A chat: messages with "role" and "content". Or texts: each turn is read after all
            before it.
        conditions : mapping, optional
            As of `encode`.

        Returns
        -------
        ndarray
            float32 ``(turns, *latent_shape)``, relative to the state of the prompt.

        Raises
        ------
        LatentTypeError, LatentValueError, DecodeError
            If these are no messages, one is empty, an argument cannot be used, or the model fails.
        """
        model = self._own_model()
        if isinstance(messages, dict):
            raise LatentTypeError("messages are one message; expected a list of them: [message].")
        turns = check_ordered(messages, "messages are", "a list of messages, or of texts")
        if not turns:
            raise LatentValueError("there are no messages; expected at least one.")
        rows = np.fromiter(
            (model.turn_tokens(turns[: i + 1]) for i in range(len(turns))), object, len(turns)
        )
        check_said(turns, model.tokens, model.front)
        return np.asarray(self._encoded(model, rows, conditions, "last"))

    def residual_norms(self, texts: Any = None) -> NDArray[np.float32]:
        """Say how large the residual stream is: the median norm after each block.

        Parameters
        ----------
        texts : list of str or list of list of dict, optional
            Over whose tokens, but the first of each. If None, those of the prompt and of what the
            model writes after it, which is measured once.

        Returns
        -------
        ndarray
            float32 ``(blocks,)``.

        Raises
        ------
        LatentTypeError, LatentValueError, DecodeError
            If these are no texts, there are none, one is empty, or the model fails.
        """
        model = self._own_model()
        if texts is None and model.knows_norms:  # nobody has to wait for the model
            return model.usual_norms
        if texts is None:
            return ModelLock(model.models).run(lambda _: model.usual_norms, None)
        rows = [*map(model.tokens, check_ordered(texts, "texts are", "a list of texts"))]
        if not rows:
            raise LatentValueError("texts are an empty list; expected at least one text.")
        check_filled(rows, model.front, "text")
        return ModelLock(model.models).run(model.norms, rows)

    def relative_norms(
        self, latents: ArrayLike, conditions: Mapping[str, Any] | None = None
    ) -> NDArray[np.float64]:
        """Say how large latents are beside the residual stream that they are added to.

        A latent of norm 1 is much at one layer and nothing at another. See `residual_norms`.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``.
        conditions : mapping, optional
            Their "layer" and "strength", as of `decode`.

        Returns
        -------
        ndarray
            float64: norms as fractions of the median norm of the stream, ``(n,)``, or for several
            layers ``(n, layers)``.

        Raises
        ------
        LatentTypeError, LatentValueError, DecodeError
            If an argument cannot be used, or the model fails.
        """
        array = self.check(latents)
        model, medians = self._own_model(), self.residual_norms()
        values = self.conditions.arrays(conditions, len(array))
        layers = model.layers_at(values.get("layer"), array)
        rows = array.reshape(len(array), layers.shape[1], -1).astype(np.float64)
        norms = np.linalg.norm(rows, axis=2) / medians[layers]
        found: NDArray[np.float64] = norms * np.abs(values.get("strength", np.ones(1)))[:, None]
        return found[:, 0] if model.is_single else found

    def size_of_step(
        self, step: NDArray[np.floating], conditions: Mapping[str, Any] | None = None
    ) -> tuple[float, str]:
        """Say how long a step is beside the stream that it is added to."""
        if (model := self._stream) is None:
            return 0.0, ""
        settled = self.conditions.settled(conditions)
        shares = np.atleast_1d(self.relative_norms([step], settled)[0])
        most = int(shares.argmax())
        at_most = "" if model.is_single else "at most "
        layer = settled.get("layer", model.chosen[most])
        words = f"{at_most}{{}} of the median norm of the stream after layer {layer}"
        return float(shares[most]), words

    @checked_keywords
    @contextmanager
    def steering(
        self,
        latents: ArrayLike,
        conditions: Mapping[str, Any] | None = None,
        *,
        prompt_tokens: int | None = None,
    ) -> Iterator[None]:
        """Steer your own calls of the model in this thread, as `decode` steers its own.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``: one for each row of the batch that the model is called with, or
            one for all.
        conditions : mapping, optional
            "strength" and "layer", as of `decode`.
        prompt_tokens : int, optional
            How many tokens of each row are the prompt, which says which is its last. If None, those
            that a call with nothing cached passes, without padding as the attention mask tells it.

        Yields
        ------
        None
            While it lasts, calls of the model are steered. A call raises `LatentValueError` where
            the prompt's end cannot be known, such as that of a prompt which was cached before.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an argument cannot be used.
        """
        array = self.check(latents)
        model = self._own_model()
        values = self.conditions.arrays(conditions, len(array))
        if prompt_tokens is not None:
            check_whole(prompt_tokens, "prompt_tokens", least=1)
        calls = OwnCalls(model.module, prompt_tokens)
        with model.steering(array, values).acting(calls=calls):
            yield

    @checked_keywords
    def at(self, *, prompt: Any = None, layer: Any = None, steer: str | None = None) -> Any:
        """Make a space of the same model with another prompt, or steered elsewhere.

        Parameters
        ----------
        prompt : str or list of dict, optional
            Another prompt, a text or a chat.
        layer : int, list of int or "all", optional
            Other layers. Those of several are rows of a latent.
        steer : {"last", "generated", "all"}, optional
            Which tokens are steered.

        Returns
        -------
        ResidualSpace
            What is left out stays as it is; conditions keep their defaults and bounds.

        Raises
        ------
        LatentTypeError, LatentValueError
            If an argument cannot be used.
        """
        own = self.stream
        model = own.like(None if prompt is None else own.prompt_tokens(prompt), steer, layer)
        model.said = own.said if prompt is None else prompt
        conditions = {name: one for name, one in self.conditions.items() if name != "layer"}
        if model.is_single:
            keeps = layer is None and "layer" in self.conditions
            conditions["layer"] = (self if keeps else model).conditions["layer"]
        changed: dict[str, Any] = {"decode": model.decode, "encode": model.encode}
        changed |= {"prior": model.prior(), "layers": model.layers, "conditions": conditions}
        return self.replace(**changed, latent_shape=model.latent_shape)

    @property
    def is_zero_unchanged(self) -> bool:
        """Whether zero is the model as it is, and so ordinary whatever its prior draws."""
        return self._stream is not None

    @property
    def prompt(self) -> Any:
        """What is continued, as it was given; None where the space has a decoder of its own."""
        model = self._stream
        return None if model is None else model.said

    @property
    def stream(self) -> ResidualModel:
        """The model as this space calls it.

        Raises
        ------
        LatentValueError
            If the space has a decoder of its own.
        """
        return self._own_model()

    @property
    def _stream(self) -> ResidualModel | None:
        owner = getattr(self.decoder, "__self__", None)
        return owner if isinstance(owner, ResidualModel) else None

    def _own_model(self) -> ResidualModel:
        model = self._stream
        if model is None:
            raise LatentValueError(f"{self.name} has a decoder of its own; expected the model's.")
        return model

    def _encoded(
        self,
        model: ResidualModel,
        rows: NDArray[Any],
        conditions: Mapping[str, Any] | None,
        pool: str,
    ) -> Any:
        layers = model.layers_at(self.conditions.arrays(conditions, len(rows)).get("layer"), rows)
        encode = partial(_encode, model, pool)
        found = self._model.batches.run(encode, rows, {"layers": layers})
        for i, states in enumerate(found):
            if not np.isfinite(states).all():
                raise DecodeError(
                    f"{self.name} has states for text {i} that are NaN or infinite; expected "
                    "finite numbers. Half precision is too narrow for some models: load it in "
                    "bfloat16 or float32."
                )
        return found if pool == "tokens" else np.stack(found)


def _encode(model: ResidualModel, pool: str, rows: Any, beside: dict[str, Any]) -> list[Any]:
    layers = beside["layers"]
    return cast(
        "list[Any]", call(lambda rows: model.encoded(rows, layers, pool), rows, source="encode")
    )
