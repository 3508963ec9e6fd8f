"""What a kind of output has to give: a reader, a framer, and a few words about itself."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray
    from PIL import Image

    from latentwidgets.frames.frame import Frame, Quality
    from latentwidgets.frames.tiles import Tiling
    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.ranges import Range

__all__ = ["Framer", "Kind", "Options", "Reader"]


class Reader(Protocol):
    """Reads what one decoder returns, as outputs of one kind."""

    @property
    def kind(self) -> str:
        """The name of the kind."""

    @property
    def settled(self) -> bool:
        """Whether it is known how outputs are read. The first outputs settle it."""

    @property
    def value_range(self) -> Range | None:
        """The two values that stand for black and white, the bottom and the top, or full scale.

        None for kinds that have none, and as long as no outputs were read that tell.
        """

    def read(self, raw: Any, count: int, probe: Callable[[], Iterable[Outputs]]) -> Any:
        """Check and convert a batch of outputs.

        Parameters
        ----------
        raw : object
            What the decoder returned.
        count : int
            For how many latents.
        probe : callable
            Decodes samples of the prior, and gives what the decoder returned for them. To be called
            at most once, and only where a few more outputs help to guess the value range: one
            picture of a model that returns values in [-1, 1] may well have none below 0, several
            hardly ever.

        Returns
        -------
        ndarray or list
            One output for each latent: an array whose first axis has the length `count`, or a list.
            `latentwidgets.LatentSpace.decode` says what it is for each kind.

        Raises
        ------
        DecodeError
            If these are no outputs of this kind, not one for each latent, of another shape than
            earlier ones, or not finite.
        """

    def unchanging(self) -> Reader:
        """Return a reader that reads in the same way, and that nothing it reads changes.

        Drafts are read by it: how outputs are read is for finished ones to say.
        """

    def take(self, given: Any) -> NDArray[Any]:
        """Check outputs that a person wants to encode, and return them with one in each row.

        Called only once the reader is settled.
        """

    def to_model(self, batch: NDArray[Any]) -> Any:
        """Turn some of these rows into what the encoder takes."""

    def other_layouts(self) -> Iterable[tuple[Reader, str | None]]:
        """Give readers that lay the same outputs out otherwise for the encoder.

        They are tried, in order, where an encoder raises at what `to_model` gives it. With each
        comes what to warn about where the encoder takes that.
        """


class Framer(Protocol):
    """Draws outputs of one kind: as frames for the page, as pictures, and in figures."""

    @property
    def inches(self) -> float:
        """How wide one output is in a figure, in inches."""

    def frame(self, outputs: Any, at: tuple[float, ...], quality: Quality, /) -> Frame:
        """Encode the outputs shown at some coordinates: one, or several as tiles.

        The painter of the kind reads these bytes on the page. Where it has no painter, they are an
        image.
        """

    def picture(self, outputs: Any, columns: int | None = None, /) -> Image.Image:
        """Draw outputs as one picture, `columns` of them side by side.

        Where `columns` is None, they lie as in a frame.
        """

    def png(self, frame: Frame, /) -> bytes:
        """Draw what a frame shows, as PNG."""

    def plot(
        self, axes: Any, outputs: Any, columns: int, /, *, points: float, below: float = 0
    ) -> Tiling:
        """Draw outputs into matplotlib axes, `columns` of them side by side, and say where.

        One is so many points wide on paper. Under each is room, `below` times its width.
        """


@dataclass(frozen=True)
class Options:
    """The options of `latentwidgets.LatentSpace` that belong to kinds: each kind takes some.

    Beside them is the option `kind` itself, which says whether a person chose the kind.

    Examples
    --------
    >>> Options(value_range=(0, 1)).given
    {'value_range': (0, 1)}
    """

    sample_rate: int | None = None
    layout: str = "auto"
    value_range: str | ArrayLike = "auto"
    image_shape: tuple[int, ...] | None = None
    encode_range: str | ArrayLike = "auto"
    encode_shape: int | tuple[int, ...] | None = None
    kind: str = "auto"

    @classmethod
    def among(cls, arguments: Mapping[str, Any]) -> Options:
        """Pick them from among all arguments of a space."""
        return cls(**{one.name: arguments[one.name] for one in fields(cls)})

    @property
    def given(self) -> dict[str, Any]:
        """Those that a person has set, other than `kind`."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "kind"}
        return {
            name: value
            for name, value in values.items()
            if value is not None and not (isinstance(value, str) and value == "auto")
        }


@dataclass(frozen=True)
class Kind:
    """A kind of output.

    Parameters
    ----------
    name : str
        What people call it, as in ``LatentSpace(..., kind=name)``.
    make_reader : callable
        Takes what to call the decoder in messages, and the `Options`; returns a `Reader`.
    make_framer : callable
        Takes the sample rate and the value range of a space, each None where it has none (yet);
        returns a `Framer`.
    painter : str
        The file in ``latentwidgets/static`` that paints its frames on the page. Empty where frames
        are images, which every widget can paint.
    takes : tuple of str
        Which of the `Options` it takes.
    needs : mapping of str to str
        Those of them that it cannot do without: what each says, and how to pass it. Where a person
        gives no kind, one of these options chooses the kind.
    has_pixels : bool
        Whether outputs are pictures: ``(n, height, width, channels)``, in uint8.
    continues_prompt : bool
        Whether outputs are words that go on from a prompt.
    has_derivative : bool
        Whether outputs are numbers, so that one can say how they change as the latent moves.
    recognises : callable, optional
        Takes what a decoder returned first, where a person gave no kind, and tells whether it is of
        this kind.
    is_default : bool
        Whether outputs are of this kind where a person gave no kind, and nothing tells of another.
        One kind says so.
    """

    name: str
    make_reader: Callable[[str, Options], Reader]
    make_framer: Callable[[int | None, Range | None], Framer]
    painter: str = ""
    takes: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    has_pixels: bool = False
    continues_prompt: bool = False
    has_derivative: bool = False
    recognises: Callable[[object], bool] | None = None
    is_default: bool = False
