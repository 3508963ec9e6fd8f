"""Recipes inside of pictures, and the files that hold recipes."""

from __future__ import annotations

import base64
import io
import re
import warnings
from typing import TYPE_CHECKING, Any

import PIL.Image
import PIL.PngImagePlugin

from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.whole_files import file_named, write_whole
from latentwidgets.common.wording import brief, said
from latentwidgets.errors import LatentValueError
from latentwidgets.export.recipe import Recipe, recipe_from
from latentwidgets.export.saved_page import recipe_in_page

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = [
    "PAGES",
    "PICTURES",
    "dropped",
    "form_of",
    "load",
    "noted",
    "options_with",
    "packed",
    "save_picture",
]

PICTURES = {".png": "PNG", ".webp": "WEBP"}
PAGES = {".html": "HTML", ".htm": "HTML"}
# What a recipe is called in a picture.
KEY = "latentwidgets.recipe"
# A recipe of more letters than this is not put into a picture: viewers refuse such files.
MOST_LETTERS = 2**25
# A PNG begins with its signature and its size: what is to be known of it may come next.
PNG_HEADER = 33
# A file of more bytes than this holds no recipe.
MOST_BYTES = 2**31
# The arrays of a recipe that was dropped on a page have no more bytes than these, unpacked: such a
# file is at most 6 MB, and nobody looked into it.
MOST_DROPPED = 2**26
# Pillow opens no larger picture.
MOST_PIXELS = 178_956_970
XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'rdf:about="" xmlns:lw="latentwidgets:" lw:recipe="{}"/></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="w"?>'
)
IN_XMP = re.compile(rb'lw:recipe="([A-Za-z0-9+/=]+)"')


def options_with(recipe: Recipe | None, form: str) -> dict[str, Any]:
    """Give what Pillow's `save` takes to write a recipe into a picture.

    Parameters
    ----------
    recipe : Recipe or None
        None for no recipe.
    form : {"PNG", "WEBP", "GIF"}
        The form of the picture.

    Returns
    -------
    dict
        Options; none where the recipe is too long for a picture.

    Examples
    --------
    >>> options_with(None, "PNG")
    {}
    """
    text = "" if recipe is None else recipe.to_json()
    if not text or len(text) > MOST_LETTERS:
        return {}
    if form == "PNG":
        held = PIL.PngImagePlugin.PngInfo()
        held.add_text(KEY, text)
        return {"pnginfo": held}
    if form == "WEBP":
        return {"xmp": XMP.format(base64.b64encode(text.encode()).decode()).encode()}
    return {"comment": f"{KEY} {text}".encode()}


def noted(png: bytes, recipe: Recipe) -> bytes:
    """Write a recipe into the bytes of a PNG, whose pixels are not packed once more.

    Parameters
    ----------
    png : bytes
        The picture.
    recipe : Recipe
        What `load` finds in it; left out where it is too long for a picture.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> walk = lw.Interpolator(lw.demo.digits())
    >>> png = noted(packed(walk.image(), "PNG", None), walk.recipe())
    >>> dropped(base64.b64encode(png).decode()) == walk.recipe()
    True
    """
    held, buffer = options_with(recipe, "PNG").get("pnginfo"), io.BytesIO()
    for kind, data, *_ in held.chunks if held else ():
        PIL.PngImagePlugin.putchunk(buffer, kind, data)
    return png[:PNG_HEADER] + buffer.getvalue() + png[PNG_HEADER:]


def form_of(path: str | bytes | os.PathLike[str], forms: Mapping[str, str]) -> str:
    """Say by the ending of a file's name how it is written.

    Parameters
    ----------
    path : path-like
        The file.
    forms : mapping of str to str
        What each ending means.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it names no file, or has another ending.

    Examples
    --------
    >>> form_of("figure.PNG", {".png": "PNG"})
    'PNG'
    """
    file = file_named(path)
    if file.suffix.lower() not in forms:
        raise LatentValueError(
            f"path ends in {brief(file.suffix)}; expected one of {', '.join(forms)}."
        )
    return forms[file.suffix.lower()]


def save_picture(
    picture: PIL.Image.Image, path: str | bytes | os.PathLike[str], recipe: Recipe | None
) -> None:
    """Write a picture, lossless, with its recipe.

    Parameters
    ----------
    picture : PIL.Image.Image
        The picture.
    path : path-like
        Ends in .png or .webp.
    recipe : Recipe or None
        What `load` finds in it.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it cannot be written there. An older file stays until this one is whole.
    """
    write_whole(path, packed(picture, form_of(path, PICTURES), recipe))


def packed(picture: PIL.Image.Image, form: str, recipe: Recipe | None) -> bytes:
    """Give the bytes of a picture with its recipe; errors as of `save_picture`."""
    if picture.width * picture.height > MOST_PIXELS:
        raise LatentValueError(
            f"a picture of {picture.width} × {picture.height} pixels is too large to be opened "
            f"again; expected {MOST_PIXELS:,} pixels at most. Pass a smaller size."
        )
    buffer = io.BytesIO()
    more = {"lossless": True, "exact": True} if form == "WEBP" else {"optimize": True}
    try:
        picture.save(buffer, form, **more, **options_with(recipe, form))
    except (OSError, ValueError) as error:  # as larger than WebP can be
        raise LatentValueError(
            f"a picture of {picture.width} × {picture.height} pixels cannot be written as {form}: "
            f"{said(error)}. Write a PNG."
        ) from error
    return buffer.getvalue()


@checked_keywords
def load(path: str | bytes | os.PathLike[str]) -> Recipe:
    """Read the recipe of a file that a widget saved, picture, film or page; or a recipe's own.

    Parameters
    ----------
    path : path-like
        A PNG, WebP or GIF that `save_image` or `save_animation` wrote, a page of `save_html`, or
        what `Recipe.save` wrote.

    Returns
    -------
    Recipe
        For `replay`, or `apply` of a widget. Nothing in the file is run.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the file cannot be read, or holds no recipe, as after a picture was edited or sent
        through a service that takes such notes out.

    Examples
    --------
    >>> import tempfile, pathlib, latentwidgets as lw
    >>> widget = lw.Interpolator(lw.demo.digits(), value=0.5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     widget.save_image(pathlib.Path(folder) / "figure.png")
    ...     recipe = lw.load(pathlib.Path(folder) / "figure.png")
    >>> bool((lw.replay(recipe, widget.space) == widget.latent).all())
    True
    """
    file = file_named(path)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise LatentValueError(f"{file} is too large to hold a recipe. Give a recipe's file.")
        data = file.read_bytes()
    except OSError as error:
        raise LatentValueError(
            f"{file} cannot be read: {said(error)}. Give a file that a widget or a recipe wrote."
        ) from error
    try:
        return Recipe.from_json(_text_in(data))
    except LatentValueError as error:
        raise LatentValueError(f"{file}: {error}") from error


def dropped(data: str) -> Recipe:
    """Read the recipe of a file that was dropped on a page, in base64.

    Raises
    ------
    LatentValueError
        If it holds none.
    """
    try:
        held = base64.b64decode(data, validate=True)
    except ValueError as error:  # which no page of ours sends
        raise LatentValueError(f"this file came damaged ({said(error)}).") from error
    return recipe_from(_text_in(held), MOST_DROPPED)


def _text_in(data: bytes) -> str | bytes:
    """Find the recipe in a file, as JSON."""
    if data.lstrip()[:1] == b"{":
        return data
    if data.lstrip()[:1] == b"<":
        return recipe_in_page(data)
    return _text_in_picture(data)


def _text_in_picture(data: bytes) -> str | bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)  # no pixel is read
            with PIL.Image.open(io.BytesIO(data), formats=("PNG", "WEBP", "GIF")) as picture:
                held = dict(picture.info)
    except Exception as error:  # Pillow raises many kinds where a file is damaged
        raise LatentValueError(
            f"this is neither a picture nor a recipe ({brief(str(error))}). Give a PNG, WebP or "
            "GIF that a widget saved, or what recipe.save wrote."
        ) from error
    text: str | bytes | None = held.get(KEY)
    if text is None and (found := IN_XMP.search(_bytes(held.get("xmp")))):
        try:
            text = base64.b64decode(found[1], validate=True)
        except ValueError as error:
            raise LatentValueError(f"its recipe is damaged ({said(error)}).") from error
    comment = _bytes(held.get("comment"))
    if text is None and comment.startswith(KEY.encode()):
        text = comment[len(KEY) + 1 :]
    if text is None:
        raise LatentValueError(
            "this picture holds no recipe: no widget saved it, a page saved it while its kernel "
            "did not answer, it is of a whole map, or what was beside the pixels has been taken "
            "out since. Ask for the file as it was saved."
        )
    return text


def _bytes(held: Any) -> bytes:
    return held.encode() if isinstance(held, str) else held if isinstance(held, bytes) else b""
