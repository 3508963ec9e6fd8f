"""The embeddings of prompts as a space.

What a pipeline passes to its denoiser is looked at for some prompts: what differs between them is
what a prompt is turned into, a row for each token, a pooled part, perhaps a mask. All of it is one
latent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from latentwidgets.adapters.diffusers.asking import TRIED
from latentwidgets.adapters.diffusers.cutting import tell_cut
from latentwidgets.adapters.diffusers.filling import Filling
from latentwidgets.adapters.diffusers.matching import Matching, Unmatched
from latentwidgets.adapters.diffusers.noise import NoiseSampling
from latentwidgets.adapters.diffusers.rows import leaves, replaced
from latentwidgets.adapters.torch_modes import evaluating
from latentwidgets.common.items import check_ordered
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from latentwidgets.adapters.diffusers.parts import Parts

__all__ = ["PromptSpace", "prompt_space"]

# What prompts are turned into is seen by these; samples of the prior lie between two of them.
PROMPTS = (
    "a photograph of a cat",
    "a red car in a street",
    "a painting of mountains",
    "the portrait of an old man",
    "a bowl of fruit",
    "a house by the sea at night",
    "a robot",
    "",
)
# Where a denoiser sees no order in its tokens, it predicts the same in any, up to this share.
SAME = 1e-3


@dataclass(frozen=True)
class Leaf:
    """A tensor that depends on the prompt.

    Attributes
    ----------
    path : tuple of str
        The names that lead to it.
    shape : tuple of int
        Of one prompt.
    dtype : torch.dtype
        Its own; whole numbers and booleans are masks.
    """

    path: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: torch.dtype

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return int(np.prod(self.shape))


class PromptSampling(NoiseSampling):
    """Draws pictures of embeddings of prompts, each from the noise of a seed.

    Parameters
    ----------
    parts : Parts
        What the pipeline's spaces are made of.

    Raises
    ------
    LatentValueError
        If the pipeline has no prompt, or embeddings of different length.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.asker, parts.guidance, parts.schedules, parts.pictures)
        self._parts = parts
        if "prompt" not in parts.asker.takes:
            raise LatentValueError(
                f'{parts.name} takes no prompt; expected one that does for latent="prompt". Here '
                'latent="noise" is the way.'
            )
        self._fill: Filling | None = None
        some = (parts.prompt, PROMPTS[0], PROMPTS[-1])
        trees = {prompt: self._passed(prompt) for prompt in dict.fromkeys(some)}
        unfilled = trees[parts.prompt]
        longest = parts.asker.arguments.get("max_sequence_length")
        if Filling.of(trees.values(), longest) is not None:
            trees |= {prompt: self._passed(prompt) for prompt in PROMPTS if prompt not in trees}
            self._fill = Filling.of(trees.values(), longest)
            trees = {prompt: self._passed(prompt) for prompt in trees}
        base = dict(leaves(trees[parts.prompt]))
        self._check_lengths(base, trees)
        differing = {
            path
            for tree in trees.values()
            for path, one in leaves(tree)
            if not torch.equal(one, base[path])
        }
        self._leaves = [
            Leaf(path, tuple(one.shape[1:]), one.dtype)
            for path, one in base.items()
            if path in differing
        ]
        if not self._leaves:
            raise LatentValueError(
                f"{parts.name} passes its denoiser the same for each prompt; expected embeddings."
            )
        self.size = sum(leaf.size for leaf in self._leaves)
        self.base = self._flat(trees[parts.prompt])
        self._anchors: NDArray[np.float32] | None = None
        self._unmatched = Unmatched(self._unrelated)
        if self._fill is not None:
            self._check_mask(unfilled)
        self._sees_order = self._finds_order()

    def decode(self, latents: NDArray[np.float32], /, **conditions: Any) -> Iterator[Any]:
        """Go from the noise of seeds to pictures of embeddings, step by step."""
        noise = self._parts.noise(conditions["seed"])
        return super().decode(noise, **{**conditions, "latents": latents})

    def predictor(self, count: int, conditions: dict[str, Any], own: Any = None) -> Any:
        """Get ready to ask the denoiser, with embeddings in the place of the prompt's own."""
        latents = conditions["latents"]

        def put(passed: dict[str, Any], rows: NDArray[np.intp]) -> dict[str, Any]:
            return self._put(passed, latents[rows])

        return super().predictor(count, conditions, put)

    def embed(self, prompts: list[str]) -> NDArray[np.float32]:
        """Embed prompts, ``(n, size)``, with tokens matched to those of the space's own prompt."""
        tell_cut(self._asker, *prompts)
        with self._asker.freeing():
            trees = {prompt: self._passed(prompt) for prompt in dict.fromkeys(prompts)}
            base = dict(leaves(self._passed(self._parts.prompt)))
        self._check_lengths(base, trees)
        found = {prompt: self._matched(self._flat(tree)) for prompt, tree in trees.items()}
        self._tell_unmatched(found)
        return np.stack([found[prompt] for prompt in prompts])

    def sample(self, rng: np.random.Generator, n: int) -> NDArray[np.float32]:
        """Draw embeddings between two prompts of a list, at random."""
        anchors = ModelLock(self.models).run(self._between, None)
        pairs = rng.integers(len(anchors), size=(2, n))
        share = rng.random((n, 1), dtype=np.float32)
        drawn: NDArray[np.float32] = (1 - share) * anchors[pairs[0]] + share * anchors[pairs[1]]
        return drawn

    def _between(self, _: None) -> NDArray[np.float32]:
        """Embed the prompts of the list, when they are first needed."""
        if self._anchors is None:
            self._anchors = self.embed([self._parts.prompt, *PROMPTS])
        return self._anchors

    def _passed(self, prompt: str) -> dict[str, Any]:
        with self._asker.adapters.acting({}):
            passed = self._asker.ask(TRIED, **{**self._parts.call, "prompt": prompt}).beside
        return passed if self._fill is None else self._fill(passed, prompt)

    def _check_lengths(
        self, base: dict[tuple[str, ...], Tensor], trees: Mapping[str, dict[str, Any]]
    ) -> None:
        for prompt, tree in trees.items():
            found = dict(leaves(tree))
            for path, one in base.items():
                if path not in found or found[path].shape != one.shape:
                    raise LatentValueError(
                        f"{self._parts.name} embeds the prompt {brief(prompt)} in another number "
                        f"of tokens than {brief(self._parts.prompt)} ({'.'.join(path)}); expected "
                        "as many for each prompt, filled up, or a mask that says which count. Pass "
                        "the pipeline's own argument that fills prompts up, such as arguments="
                        '{"max_sequence_length": ...}; or take latent="noise" with prompt=....'
                    )

    def _check_mask(self, unfilled: dict[str, Any]) -> None:
        """See that tokens which a mask leaves out change nothing."""
        found = [
            self._predicted(1, lambda _passed, _rows: unfilled),
            self._predicted(1, lambda passed, rows: self._put(passed, self.base[None][rows])),
        ]
        if _apart(*found) > SAME:
            raise LatentValueError(
                f"{self._parts.name} embeds prompts in different numbers of tokens, and its "
                "network predicts something else where they are filled up and masked; expected a "
                'mask that leaves tokens out. Take latent="noise" with prompt=....'
            )

    def _flat(self, tree: dict[str, Any]) -> NDArray[np.float32]:
        """Write all that depends on the prompt one after the other."""
        found = dict(leaves(tree))
        rows = [found[leaf.path][0].float().cpu().numpy().ravel() for leaf in self._leaves]
        return np.concatenate(rows)

    def _put(self, passed: dict[str, Any], latents: NDArray[np.float32]) -> dict[str, Any]:
        """Put embeddings in the place of the prompt's own."""
        start = 0
        for leaf in self._leaves:
            part = latents[:, start : start + leaf.size].reshape(-1, *leaf.shape)
            start += leaf.size
            tensor = torch.from_numpy(np.ascontiguousarray(part))
            if not leaf.dtype.is_floating_point:
                tensor = tensor > 0.5
            device = self._schedules.first.x.device
            passed = replaced(passed, leaf.path, tensor.to(device, leaf.dtype))
        return passed

    def _tokens(self, latent: NDArray[np.float32]) -> list[tuple[slice, NDArray[np.float32]]]:
        """Take the parts of a latent that have a row, or a number of a mask, for each token."""
        found, start = [], 0
        counts = [leaf.shape[0] for leaf in self._leaves if len(leaf.shape) == 2]
        for leaf in self._leaves:
            place = slice(start, start + leaf.size)
            start += leaf.size
            is_mask = len(leaf.shape) == 1 and not leaf.dtype.is_floating_point
            if len(leaf.shape) == 2 or (is_mask and leaf.shape[0] in counts):
                found.append((place, latent[place].reshape(leaf.shape[0], -1)))
        return found

    def _matched(self, latent: NDArray[np.float32]) -> NDArray[np.float32]:
        """Move tokens to where they are clearly nearer to those of the space's own prompt.

        Latents of two calls are subtracted and averaged, as by `contrast_directions`, and then row
        must stand for row: so all are matched to one prompt, and not to each other.
        """
        if self._sees_order or not self._parts.prompt.strip():
            return latent
        matching, matched = self._matching(self.base, latent), latent.copy()
        for place, rows in self._tokens(latent):
            matched[place] = rows[matching.orders[len(rows)]].ravel()
        return matched

    def _matching(self, kept: NDArray[np.float32], moved: NDArray[np.float32]) -> Matching:
        return Matching.of(*([rows for _, rows in self._tokens(one)] for one in (kept, moved)))

    def _tell_unmatched(self, latents: dict[str, NDArray[np.float32]]) -> None:
        """Say, once, that like tokens of two prompts stand in different places."""
        own, (first, *others) = self._parts.prompt, latents
        if own in latents and own.strip() and not self._sees_order:
            return  # the others were matched to that
        way = f"tokens are matched to those of the space's prompt, {brief(own)}. Make a space "
        way += 'whose prompt is one of them, best the longest: prompt="...".'
        if self._sees_order:
            way = "this network sees the order of tokens, so that they stay as they are written. "
            way += "Write like words in like places."
        for other in others:
            match = partial(self._matching, latents[first], latents[other])
            self._unmatched.look(brief(first), brief(other), match, way)

    def _unrelated(self) -> list[Matching]:
        """Match some prompts that have nothing to do with each other."""
        some = self._between(None)[1:-1]  # but for the space's own, and the empty one
        return [self._matching(*pair) for pair in pairwise(some)]

    def _finds_order(self) -> bool:
        """See whether the denoiser predicts something else of tokens in reversed order."""
        turned = self.base.copy()
        for place, rows in self._tokens(self.base):
            turned[place] = rows[::-1].ravel()
        latents = np.stack([self.base, turned])
        out = self._predicted(2, lambda passed, rows: self._put(passed, latents[rows]))
        return _apart(out[:1], out[1:]) > SAME

    def _predicted(self, count: int, put: Any) -> Tensor:
        """Ask the denoiser once about one noise, with something put in place of the prompt."""
        noise = self._parts.noise(np.zeros(count, np.int64))
        first = self._schedules.first
        x = torch.from_numpy(noise).to(first.x.device)
        predictor = super().predictor(count, {}, put)
        time = self._schedules.time(first.timesteps[0])
        with torch.no_grad(), evaluating(self.modules):
            ones = np.ones(count, np.float32)
            return predictor.predict(x, [time] * count, np.arange(count), ones)


class PromptSpace(LatentSpace):
    """A space of embeddings of prompts: `encode` takes texts."""

    @property
    def can_encode(self) -> bool:
        """Whether there is an encoder: of prompts."""
        return True

    def encode(
        self, images: Any, conditions: Mapping[str, Any] | None = None
    ) -> NDArray[np.float32]:
        """Embed prompts.

        Parameters
        ----------
        images : str or iterable of str
            Prompts.
        conditions : mapping, optional
            One value for all prompts, or one for each, as of `decode`. What a prompt is turned into
            depends on none of them.

        Returns
        -------
        ndarray
            float32 ``(n, *latent_shape)``. Where prompts are embedded in different numbers of
            tokens, they are filled up, and a mask says which count.

        Raises
        ------
        LatentTypeError, LatentValueError
            If they are no texts, or a condition cannot be used.

        Warns
        -----
        UserWarning
            If like tokens of two of them stand in different places all the same: another order
            would bring them nearer by more than any two of some unrelated prompts.

        Notes
        -----
        What lies between two prompts mixes row with row, so like tokens are to stand in like rows.
        Where the network sees no order in its tokens, which is tried out, the tokens of each prompt
        that are clearly nearer to another token of the space's own prompt than to the one in their
        place are moved there, by the distance of their embeddings. The picture stays: for a
        network without order it is the same sum in another order. As each prompt is matched to one
        that is always the same, its latent is the same alone and among others, in whichever order;
        a path through any number of prompts passes exactly through these latents, and latents of
        several calls may be subtracted and averaged.

        Two prompts are matched best where one of them is the space's own: ``as_space(pipe,
        latent="prompt", prompt="a photo of a cat")``. Two others may end further apart than they
        are written, as tokens make room for those that are matched: 22 % of 90 pairs did, with text
        encoders of random weights, and 70 % came nearer. To an empty prompt nothing can be matched:
        there all prompts stay as they are written.

        Only embeddings are compared. Nothing says which token begins, ends or fills up a prompt: a
        word of a longer prompt may trade places with one that fills up a shorter one, and where
        there is a mask its number moves along. Words that the text encoder embeds alike count as
        alike; one that it embeds differently in another place counts as another word. Tokens are
        also aligned before two prompts are mixed by Hertz et al. 2022, "Prompt-to-prompt
        image editing with cross attention control" (arXiv 2208.01626), who align them by their
        words.

        The warning was tried on text encoders of random weights, not on trained ones. The prompts
        of one list are compared with its first, at most eight pairs in all; where nothing is mixed
        within a list, as in one side of `contrast_directions`, it can be ignored.
        """
        is_one = isinstance(images, (str, np.ndarray)) or not isinstance(images, Iterable)
        prompts = [images] if is_one else check_ordered(images, "prompts are", "a list of texts")
        wrong = [one for one in prompts if not isinstance(one, str)]
        if wrong or not prompts:
            raise LatentTypeError(
                f"a prompt is {brief(wrong[0]) if wrong else 'missing'}; expected texts, such as "
                'space.encode(["a cat", "a dog"]).'
            )
        self.conditions.arrays(conditions, len(prompts))  # which refuses what are none
        caller = self.decoder.__self__
        sampling: PromptSampling = getattr(caller, "sampling", caller)
        latents: NDArray[np.float32] = ModelLock(sampling.models).run(sampling.embed, prompts)
        return latents


def prompt_space(parts: Parts, options: dict[str, Any]) -> LatentSpace:
    """Make the space of a pipeline's prompts."""
    sampling = PromptSampling(parts)
    shape = parts.shape_in(options, (sampling.size,))
    made = parts.options({**parts.conditions, **parts.seeds}, options)
    decode = parts.weighted(sampling).decode
    return PromptSpace(decode, shape, **{"prior": sampling.sample, **made})


def _apart(one: Tensor, other: Tensor) -> float:
    """Say how far two predictions are apart, as a share of the first."""
    return float((other - one).abs().mean() / one.abs().mean())
