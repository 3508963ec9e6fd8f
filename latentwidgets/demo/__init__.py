"""Models and data that come with the package, to try everything on without a download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from latentwidgets.demo.face_demo import Faces, faces
from latentwidgets.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.demo.story_grammar import Reading
    from latentwidgets.space.latent_space import LatentSpace

__all__ = [
    "Diffusion",
    "Digits",
    "Faces",
    "Stories",
    "diffusion",
    "digit_images",
    "digits",
    "faces",
    "stories",
]

# Grey values, as shares of full ink, that become black and white.
BLACK, WHITE = 0.1, 0.9
# How many stories come with the model of them, and their seed.
TEXTS, SEED = 1000, 1000


class Digits(NamedTuple):
    """A space of handwritten digits, and the images it was made for.

    Attributes
    ----------
    space : LatentSpace
        A small variational autoencoder. Latents have shape (10,), images (32, 32, 1).
    images : ndarray
        uint8 ``(1797, 32, 32, 1)``, white on black.
    labels : ndarray
        int64 ``(1797,)``, the digit each image shows, 0 to 9.
    latents : ndarray
        float32 ``(1797, 10)``, the encoder's mean for each image.
    """

    space: LatentSpace
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    latents: NDArray[np.float32]

    def __repr__(self) -> str:
        return (
            f"Digits({self.space!r}, images {self.images.shape}, labels {self.labels.shape}, "
            f"latents {self.latents.shape})"
        )


def digits() -> Digits:
    """Load a variational autoencoder of handwritten digits, with its images.

    Returns
    -------
    Digits
        `space`, `images`, `labels` and `latents`. Every call makes its own.

    Notes
    -----
    The images are not scikit-learn's 8x8 ones but a smooth enlargement of them to 32x32: see
    `digit_images`. The model has seen 1500 of them. ``latentwidgets/demo/README.md`` says how it
    was made and how good it is.

    References
    ----------
    Kingma & Welling 2014, "Auto-encoding variational Bayes" (arXiv 1312.6114).

    Examples
    --------
    >>> space, images, labels, latents = digits()
    >>> images.shape, labels.shape, latents.shape
    ((1797, 32, 32, 1), (1797,), (1797, 10))
    >>> between = (latents[0] + latents[1]) / 2
    >>> space.decode(between[None]).shape
    (1, 32, 32, 1)
    """
    from latentwidgets.demo.kept_latents import kept_latents
    from latentwidgets.demo.model import load_model
    from latentwidgets.space.as_space import as_space

    images, labels = digit_images()
    space = as_space(
        load_model(),
        latent_shape=(10,),
        layout="channels_first",
        value_range=(0, 1),
        name="digits",
    )
    latents = kept_latents("digits")
    return Digits(space.replace(data=latents), images, labels, latents)


class Diffusion(NamedTuple):
    """A space of noise, of a diffusion model that draws handwritten digits.

    Attributes
    ----------
    space : LatentSpace
        Latents are the noise that the model begins with, shape (1, 8, 8); images have shape
        (8, 8, 1). Conditions are "guidance", between which shares of the steps it acts, "start" and
        "stop", "steps" and "class", "0" to "9".
    images : ndarray
        uint8 ``(1797, 8, 8, 1)``, white on black: the digits it was made for.
    labels : ndarray
        int64 ``(1797,)``, the digit each image shows, 0 to 9.
    pipe : diffusers.DDIMPipeline
        The model, as diffusers has it.
    """

    space: LatentSpace
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    pipe: Any

    def __repr__(self) -> str:
        return (
            f"Diffusion({self.space!r}, images {self.images.shape}, labels {self.labels.shape}, "
            f"pipe {type(self.pipe).__name__})"
        )


def diffusion() -> Diffusion:
    """Load a class-conditional diffusion model of handwritten digits, with the images it learnt.

    It needs the extra ``diffusion``, which brings diffusers.

    Returns
    -------
    Diffusion
        `space`, `images`, `labels` and `pipe`. Every call makes its own.

    Raises
    ------
    MissingExtraError
        If diffusers is not installed.

    Notes
    -----
    The images are scikit-learn's 8x8 ones as they are; the model has seen 1500 of them.
    ``latentwidgets/demo/README.md`` says how it was made and how good it is.

    References
    ----------
    Song et al. 2021, "Denoising diffusion implicit models" (arXiv 2010.02502).

    Examples
    --------
    >>> space, images, labels, pipe = diffusion()
    >>> noise = space.sample(3)
    >>> space.decode(noise, {"class": "7", "guidance": 4.0, "steps": 20}).shape
    (3, 8, 8, 1)
    """
    try:
        import diffusers  # noqa: F401 (whether it is there)
    except ModuleNotFoundError as error:
        raise MissingExtraError("diffusion", "lw.demo.diffusion()") from error
    from latentwidgets.demo.diffusion_model import digit_pixels, load_pipeline, space_of

    pipe = load_pipeline()
    return Diffusion(space_of(pipe), *digit_pixels(), pipe)


class Stories(NamedTuple):
    """A space of what a small language model has in mind, and the stories that it can write.

    Attributes
    ----------
    space : LatentSpace
        Latents are what is added to the state of the prompt's last token after one of the model's
        blocks, shape (128,); outputs are how the story goes on. For other prompts and layers make
        one of your own: ``lw.as_space(model, tokenizer=tokenizer, prompt="...", layer=2)``.
    texts : list of str
        1000 stories that the model has not seen: ``write(1000, seed=1000)`` writes them again.
    truth : dict of str to ndarray
        For "animal", "place", "mood", "tense" and "weather" what each story tells, ``(1000,)``.
    model : transformers.LlamaForCausalLM
        The model, as transformers has it.
    tokenizer : transformers.PreTrainedTokenizerFast
        Its tokenizer.
    """

    space: LatentSpace
    texts: list[str]
    truth: dict[str, NDArray[np.str_]]
    model: Any
    tokenizer: Any

    def __repr__(self) -> str:
        return (
            f"Stories({self.space!r}, {len(self.texts)} texts, truth of "
            f"{', '.join(map(repr, self.truth))}, model {type(self.model).__name__}, tokenizer "
            f"{type(self.tokenizer).__name__})"
        )

    @staticmethod
    def read(text: str) -> Reading:
        """Read what a text tells: see `latentwidgets.demo.story_grammar.read_story`.

        Examples
        --------
        >>> reading = Stories.read("The cat felt sad. It is a cat it.")
        >>> reading.attributes["mood"], reading.parsed
        ('sad', 0.5)
        """
        from latentwidgets.demo.story_grammar import read_story

        return read_story(text)

    @staticmethod
    def write(
        count: int,
        *,
        seed: int = 0,
        until: str | None = None,
        before: str | None = None,
        **attributes: str | Sequence[str] | NDArray[np.str_],
    ) -> tuple[list[str], dict[str, NDArray[np.str_]]]:
        """Write stories, or how they begin: see `latentwidgets.demo.story_writer.write_stories`.

        Examples
        --------
        >>> (happy, _), (sad, _) = (
        ...     Stories.write(2, until="mood", mood=mood) for mood in ("happy", "sad")
        ... )
        >>> happy[0]
        'It was a sunny day and a cat sat in the forest. Happily it sat on the moss.'
        >>> sad[0]
        'It was a sunny day and a cat sat in the forest. Sadly it sat on the moss.'
        """
        from latentwidgets.demo.story_writer import write_stories

        return write_stories(count, seed=seed, until=until, before=before, **attributes)


def stories() -> Stories:
    """Load a language model of small stories, with stories of which everything is known.

    It needs the extra ``language``, which brings transformers.

    Returns
    -------
    Stories
        `space`, `texts`, `truth`, `model` and `tokenizer`, and the functions `read` and `write`.
        Every call makes its own.

    Raises
    ------
    MissingExtraError
        If transformers is not installed.

    Notes
    -----
    A grammar writes the stories and reads them, so that what a model writes can be counted. The
    model has a million parameters. ``latentwidgets/demo/README.md`` says how it was made and how
    good it is.

    Examples
    --------
    >>> demo = stories()
    >>> demo.texts[0]
    'A dog lives in the forest. Dust rises on the moss. ...'
    >>> [text] = demo.space.decode(np.zeros((1, 128)))
    >>> demo.read(text).parsed
    1.0
    """
    try:
        import transformers  # noqa: F401 (whether it is there)
    except ModuleNotFoundError as error:
        raise MissingExtraError("language", "lw.demo.stories()") from error
    from latentwidgets.demo.story_model import load_model, load_tokenizer, space_of
    from latentwidgets.demo.story_writer import write_stories

    model, tokenizer = load_model(), load_tokenizer()
    return Stories(space_of(model, tokenizer), *write_stories(TEXTS, seed=SEED), model, tokenizer)


def digit_images() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Enlarge scikit-learn's handwritten digits from 8x8 to 32x32.

    Each image gets a black border of one pixel, is enlarged by Pillow's bicubic filter, and passes
    a smooth contrast curve that turns the blur of the enlargement back into the edge of a stroke.
    Nothing in it is random.

    Returns
    -------
    images : ndarray
        uint8 ``(1797, 32, 32, 1)``, white on black.
    labels : ndarray
        int64 ``(1797,)``, the digit each image shows, 0 to 9.

    References
    ----------
    Alpaydin & Kaynak 1998, "Optical recognition of handwritten digits", UCI machine learning
    repository, test set, as `sklearn.datasets.load_digits` has it.

    Examples
    --------
    >>> images, labels = digit_images()
    >>> images.shape, images.min(), images.max(), labels[:4]
    ((1797, 32, 32, 1), np.uint8(0), np.uint8(255), array([0, 1, 2, 3]))
    """
    from latentwidgets.demo.written_digits import written_digits

    grey, labels = written_digits()
    framed = np.pad(grey, ((0, 0), (1, 1), (1, 1))).astype(np.float32)
    # Across and then down, as Pillow itself enlarges one image.
    ink = (_widened(_widened(framed, 32), 32) / 16 - BLACK) / (WHITE - BLACK)
    ink = np.clip(ink, 0, 1)
    ink = ink * ink * (3 - 2 * ink)
    return np.round(255 * ink[..., None]).astype(np.uint8), labels


def _widened(images: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Enlarge images across, all at once, and turn them on their side."""
    from PIL import Image

    count, height, narrow = images.shape
    stacked = Image.fromarray(np.ascontiguousarray(images).reshape(-1, narrow))
    wide = np.asarray(stacked.resize((width, count * height), Image.Resampling.BICUBIC))
    turned: NDArray[np.float32] = wide.reshape(count, height, width).transpose(0, 2, 1)
    return turned
