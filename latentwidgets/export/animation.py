"""Film: frames along a path or an edit, as GIF, WebP, APNG or MP4."""

from __future__ import annotations

import io
import math
import tempfile
from functools import partial
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import PIL.Image

from latentwidgets.common.checks import check_flag, check_one_of, real_number
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wanted import check_wanted, while_wanted
from latentwidgets.common.whole_files import write_whole
from latentwidgets.common.wording import brief
from latentwidgets.engine import Renderer
from latentwidgets.errors import LatentTypeError, LatentValueError, MissingExtraError
from latentwidgets.export.captions import caption_texts, captioned
from latentwidgets.export.exported.table import way_along
from latentwidgets.export.files import form_of, options_with
from latentwidgets.export.outputs import outputs_at
from latentwidgets.export.picture import height_at, sized
from latentwidgets.export.recipe import Recipe, recipe_of
from latentwidgets.export.replaying import check_same_space
from latentwidgets.routes.path import Path
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from latentwidgets.engine.shown import Shown
    from latentwidgets.routes.route import Coordinates

__all__ = ["EASINGS", "Film", "film_of", "save_animation"]

FORMS = {".gif": "GIF", ".webp": "WEBP", ".png": "PNG", ".apng": "PNG", ".mp4": "MP4"}
EASINGS = ("linear", "smooth")
MOST_FRAMES = 2000
# More bytes of pixels than this are no film for a page.
MOST_BYTES = 2**29


class Film(NamedTuple):
    """How a film is made, checked; see `save_animation`."""

    path: str | bytes | os.PathLike[str]
    seconds: float = 3.0
    fps: float = 20.0
    easing: str = "smooth"
    back: bool = True
    loop: bool = True
    size: int | None = None
    captions: Any = False

    def checked(self) -> Film:
        """Check all but the size.

        Raises
        ------
        LatentTypeError, LatentValueError
            If something cannot be used.
        MissingExtraError
            If the name ends in .mp4 and imageio-ffmpeg is not installed.
        """
        if form_of(self.path, FORMS) == "MP4":
            try:
                import imageio_ffmpeg  # noqa: F401
            except ImportError as error:
                raise MissingExtraError("film", "An MP4") from error
        film = self._replace(
            seconds=real_number(self.seconds, "seconds", least=0.05, most=600),
            fps=real_number(self.fps, "fps", least=1, most=60),
            easing=check_one_of(self.easing, "easing", EASINGS),
            back=check_flag(self.back, "back"),
            loop=check_flag(self.loop, "loop"),
        )
        if len(film.times()) > MOST_FRAMES:
            raise LatentValueError(
                f"{len(film.times()):,} frames are too many; expected {MOST_FRAMES:,} at most. "
                "Take fewer seconds, or a smaller fps."
            )
        return film

    def times(self) -> NDArray[np.float64]:
        """Give where on the way each frame is, from 0 to 1."""
        count = max(2, round(self.seconds * self.fps))
        there = np.linspace(0, 1, count)
        if self.easing == "smooth":
            there = there * there * (3 - 2 * there)
        return np.concatenate([there, there[-2:0:-1]]) if self.back else there


@checked_keywords
def save_animation(
    what: Path | Recipe,
    space: Any,
    path: str | bytes | os.PathLike[str],
    *,
    seconds: float = 3.0,
    fps: float = 20.0,
    easing: str = "smooth",
    back: bool = True,
    loop: bool = True,
    size: int | None = None,
    captions: bool | Iterable[str] = False,
    along: str | None = None,
    allow: str | Iterable[str] = (),
) -> None:
    """Save a film along a path, or of an edit as it is made.

    Parameters
    ----------
    what : Path or Recipe
        A path from end to end; or the recipe of a path or an edit. An edit goes from the base to
        what it is.
    space : LatentSpace or object
        What decodes it, or anything that `as_space` takes.
    path : path-like
        The file. Its ending says the form: .gif, .webp (lossless), .png or .apng, or .mp4 (extra
        ``film``). An older one stays until this one is whole.
    seconds : float
        How long it takes from end to end.
    fps : float
        Frames a second, from 1 to 60.
    easing : {"smooth", "linear"}
        Whether it starts and ends gently.
    back : bool
        Whether it goes back to where it began, so that it repeats without a jump.
    loop : bool
        Whether it repeats for ever; of an MP4 the player decides.
    size : int, optional
        Width of the pictures in pixels; as of `Interpolator.image`.
    captions : bool or iterable of str
        What is written under the frames: True for where each is; or texts, each for the same share
        of the way.
    along : str, optional
        Of an edit, the name of the one direction that moves, over its limits.
    allow : str or iterable of str
        In what the space may differ from that of a recipe; as of `latentwidgets.replay`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used, or the file cannot be written.
    MissingExtraError
        If an MP4 is asked for and imageio-ffmpeg is not installed.
    DecodeError
        If the decoder raises.

    Notes
    -----
    Every frame is decoded for exactly its place. `latentwidgets.load` finds the recipe in all forms
    but MP4.

    Examples
    --------
    >>> import tempfile, pathlib, latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> way = lw.Path(digits.latents[:3], "spline")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "walk.gif"
    ...     lw.save_animation(way, digits.space, file, seconds=0.5, captions=["7", "to 3"])
    ...     lw.load(file).route == way
    True
    """
    film = Film(path, seconds, fps, easing, back, loop, size, captions).checked()
    renderer = Renderer(as_space(space))
    if isinstance(what, Recipe):
        check_same_space(what, renderer.space, allow)
        route, at, under = what.route, what.at, what["conditions"]
    elif isinstance(what, Path):
        route, at, under = what, (0.0,), {}
    else:
        raise LatentTypeError(f"what is {brief(what)}; expected a Path, or a Recipe.")
    latent_shape = route.latents([at]).shape[1:]
    if latent_shape[-len(renderer.space.latent_shape) :] != renderer.space.latent_shape:
        raise LatentValueError(
            f"its latents have shape {latent_shape}; those of {renderer.space.name} have shape "
            f"{renderer.space.latent_shape}. Pass the space that they are of."
        )
    shown = renderer.show(route)
    way, values = way_along(route, at, along), renderer.conditions.settled(under)
    recipe = recipe_of(renderer.space, shown.route, shown.place(at, values))
    squares = not renderer.painter
    data, _ = film_of(
        renderer, shown, lambda t: shown.place(way(t), values), film, recipe, squares=squares
    )
    write_whole(path, data)


def film_of(
    renderer: Renderer,
    shown: Shown,
    way: Callable[[float], Coordinates],
    film: Film,
    recipe: Recipe,
    *,
    squares: bool,
) -> tuple[bytes, tuple[int, int]]:
    """Decode the frames of a film and pack them; errors as of `save_animation`.

    Parameters
    ----------
    renderer : Renderer
        Of the space.
    shown : Shown
        The route, as it was shown when the film was asked for.
    way : callable
        From a place in [0, 1] to the coordinates of all controls.
    film : Film
        Checked.
    recipe : Recipe
        What `load` finds in it.
    squares : bool
        Whether pixels are to be seen as squares where pictures are enlarged.

    Returns
    -------
    data : bytes
        The file.
    size : tuple of int
        Its width and height in pixels.
    """
    times = film.times()
    unique = np.unique(times)
    places = [way(float(t)) for t in unique]
    own = len(shown.own.bounds)
    near = [(*(round(x, 2) for x in at[:own]), *at[own:]) for at in places]  # to read, not to go to
    written = caption_texts(film.captions, unique, [shown.route.words(at) for at in near])
    outputs: list[Any] = []
    for output in outputs_at(renderer, shown, places):
        if not outputs:  # before minutes go into the others
            one = renderer.framer().picture(output)
            _check_room(one, sized(one, film.size, squares=squares).size, len(times))
        outputs.append(output)
    framer = renderer.framer()  # once all is decoded: the range of curves may have widened
    enlarged = partial(sized, size=film.size, squares=squares)
    drawn = [enlarged(framer.picture(one)) for one in while_wanted(outputs)]
    pictures = _alike(captioned(drawn, written))
    frames = [pictures[i] for i in np.searchsorted(unique, times)]
    form = form_of(film.path, FORMS)
    if form == "MP4":
        return _mp4(frames, film.fps), frames[0].size
    buffer, more = io.BytesIO(), options_with(recipe, form)
    unit = 10 if form == "GIF" else 1  # milliseconds
    ends = np.rint(np.arange(len(frames) + 1) * 1000 / film.fps / unit) * unit
    duration = np.maximum(np.diff(ends), 20 if form == "GIF" else 1).astype(int)
    more["duration"] = _Lengths(duration.tolist())
    if form == "WEBP":
        more |= {"lossless": True, "loop": 0 if film.loop else 1}
    elif form == "PNG" or film.loop:  # a GIF without the note of a loop plays once
        more |= {"loop": 0 if film.loop else 1}
    first, *rest = frames
    try:
        first.save(buffer, form, save_all=True, append_images=rest, **more)
    except (OSError, ValueError, RuntimeError) as error:  # as larger than WebP can be
        raise LatentValueError(
            f"frames of {first.width} × {first.height} pixels cannot be written as {form}: "
            f"{brief(str(error))}. Pass a smaller size."
        ) from error
    return buffer.getvalue(), first.size


class _Lengths(list[int]):
    """How long each frame is; Pillow asks that of one after the other as it packs them."""

    def __getitem__(self, i: Any) -> Any:
        check_wanted()
        return super().__getitem__(i)


def _check_room(picture: PIL.Image.Image, size: tuple[int, int], count: int) -> None:
    """Refuse a film of so many pictures of a size where these take more memory than a film may."""
    (width, height), most = size, MOST_BYTES // (4 * count)
    if width * height > most:
        widest = math.isqrt(most * picture.width // picture.height)
        while widest * height_at(picture, widest) > most:  # heights are rounded
            widest -= 1
        raise LatentValueError(
            f"{count:,} frames of {width:,} × {height:,} pixels are too much. Pass a smaller size: "
            f"so many frames may be {widest:,} pixels wide."
        )


def _alike(pictures: list[PIL.Image.Image]) -> list[PIL.Image.Image]:
    """Give pictures of one size and mode: smaller ones, as of short texts, on white."""
    modes = {one.mode for one in pictures}
    mode = "RGBA" if "RGBA" in modes else "RGB" if len(modes) > 1 else modes.pop()
    width, height = (max(one.size[i] for one in pictures) for i in (0, 1))
    found = []
    for one in pictures:
        if one.size != (width, height) or one.mode != mode:
            whole = PIL.Image.new(mode, (width, height), "white")
            whole.paste(one.convert(mode), (0, 0))
            one = whole
        found.append(one)
    return found


def _mp4(frames: list[PIL.Image.Image], fps: float) -> bytes:
    """Write frames as H.264, which asks for an even number of pixels each way."""
    import imageio_ffmpeg

    width, height = (side + side % 2 for side in frames[0].size)
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = File(folder) / "film.mp4"
            writer = imageio_ffmpeg.write_frames(
                str(file), (width, height), fps=fps, quality=8, macro_block_size=2
            )
            writer.send(None)
            for frame in frames:
                pixels = np.asarray(frame.convert("RGB"))
                more = [(0, height - frame.height), (0, width - frame.width), (0, 0)]
                writer.send(np.ascontiguousarray(np.pad(pixels, more, "edge")))
            writer.close()  # which does not say whether all was written
            written, _ = imageio_ffmpeg.count_frames_and_secs(str(file))
            if written != len(frames):
                raise RuntimeError(f"{written} of {len(frames)} frames were written")
            return file.read_bytes()
    except (OSError, RuntimeError, IndexError) as error:
        raise LatentValueError(f"the film cannot be encoded: {brief(str(error))}.") from error
