"""A page of a widget in one file: its frames and its own front end, without a kernel or network."""

from __future__ import annotations

import datetime
import html
import io
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import PIL.Image

from latentwidgets._version import __version__
from latentwidgets.common.wanted import while_wanted
from latentwidgets.directions.samples import plain
from latentwidgets.errors import LatentValueError
from latentwidgets.export.live_page import LIVE_WORDS
from latentwidgets.export.outputs import outputs_at
from latentwidgets.export.picture import base64_of
from latentwidgets.export.recipe import Recipe
from latentwidgets.frames import Quality
from latentwidgets.frames.encode import WEBP_SIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from latentwidgets.engine import Renderer
    from latentwidgets.engine.shown import Shown
    from latentwidgets.export.exported.route import Recording

__all__ = [
    "FRAMES_WORDS",
    "MOST_OPEN",
    "RECIPE_BEGIN",
    "Contents",
    "PartOfPage",
    "contents_of",
    "decoded_by",
    "memory_for",
    "page_of",
    "recipe_in_page",
    "under",
    "written",
]

# More bytes of pictures than these are no page.
MOST_BYTES = 2**27
# So many bytes of pictures are kept open: others are opened again when they are wanted.
MOST_OPEN = 2**28
# Traits that a page without a kernel has no use for: what places it in a notebook, what only a
# kernel can do, and what a page holds elsewhere.
LEFT_OUT = (
    "_anywidget_id",
    "_code",
    "_conditions",
    "_css",
    "_dials",
    "_dom_classes",
    "_esm",
    "_exports",
    "_neighbours",
    "_page",
    "_parts",
    "_picture",
    "_saver",
    "layout",
    "page_gpu",
    "page_memory",
    "run",
    "runs_in",
    "tabbable",
    "tooltip",
)
DECODER_ELEMENT = '<script type="application/json" id="lw-decoder-{}">{}</script>\n'
# Says in the package from what a file was built: in a page nobody finds that.
NOTE = re.compile(r"/\* Built from \S+ \*/\n")
RECIPE_BEGIN = '<script type="application/json" id="lw-recipe">'
RECIPE_ELEMENT = RECIPE_BEGIN + "{}</script>\n"
FRAMES_WORDS = (
    "This page holds them all: it needs no kernel and no network, and shows nothing in between."
)
# Nothing is fetched: all that the page runs and shows is in it.
POLICY = (
    "default-src 'none'; script-src {}; style-src 'unsafe-inline'; "
    "img-src data: blob:; media-src data: blob:"
)
SCRIPTS = "'unsafe-inline' blob:"
# Of a page that decodes: it runs WebAssembly, which is in it as well.
LIVE_SCRIPTS = f"{SCRIPTS} 'wasm-unsafe-eval'"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body class="lw-saved{place}">
<main id="lw-widget">This page moves where scripts may run, in a browser of 2024 or later.</main>
<footer>{about}</footer>
{recipe}{decoder}<script type="application/json" id="lw-recording">{recording}</script>
<script type="module">{code}</script>
</body>
</html>
"""


def page_of(
    renderer: Renderer,
    shown: Shown,
    recording: Recording,
    conditions: Mapping[str, Any],
    *,
    state: Mapping[str, Any],
    front_end: tuple[str, str, str, str],
    title: str,
    recipe: Recipe,
    decoder: Mapping[str, Any] | None = None,
    why: str = "",
) -> bytes:
    """Decode the frames of a page, and write it.

    Parameters
    ----------
    renderer : Renderer
        Of the space.
    shown : Shown
        The route, as it was shown when the page was asked for.
    recording : Recording
        Which frames.
    conditions : mapping of str to object
        What they are decoded under.
    state : mapping of str to object
        The widget's traits, code in place of references to it.
    front_end : tuple of str
        The widget's module and style sheet, and those of a saved page.
    title : str
        What the page is called.
    recipe : Recipe
        What `latentwidgets.load` finds in it.
    decoder : mapping, optional
        What `decoder_for_page` gave, where the page is to decode by itself.
    why : str
        Why it does not, where that was wished; empty otherwise.

    Raises
    ------
    DecodeError
        If the decoder raises.
    """
    contents = contents_of(renderer, shown, recording, conditions, state=state)
    words = FRAMES_WORDS if decoder is None else LIVE_WORDS
    about = f"{contents.about}: {decoded_by(renderer.space.name)} {words}"
    if why:
        about += f" The decoder could not come along: {why}"
    contents = replace(contents, about=about)
    if decoder is not None:  # what it decodes comes beside them
        contents = replace(contents, memory=contents.memory + int(state["frame_memory"]))
    page = written(contents, front_end=front_end, title=title, recipe=recipe, decoder=decoder)
    return page.encode("utf-8", "replace")  # of a name, what is no letter


def contents_of(
    renderer: Renderer,
    shown: Shown,
    recording: Recording,
    conditions: Mapping[str, Any],
    *,
    state: Mapping[str, Any],
    beside: Iterable[Contents] = (),
) -> Contents:
    """Decode the frames of a page, or of a part of one; what is said of them is what they are.

    Parameters
    ----------
    renderer, shown, recording, conditions, state
        As of `page_of`.
    beside : iterable of Contents
        What the page shows already; the frames of all are held to what a page may have.

    Raises
    ------
    LatentValueError
        If the frames take too many bytes.
    DecodeError
        If the decoder raises.
    """
    taken = sum(len(data) * 3 // 4 for one in beside for _, _, data in one.frames)  # in base64
    frames, memory = _frames(renderer, shown, recording, conditions, taken)
    about = f"{recording.words}{under(shown, conditions)}"
    return Contents(state, recording.state, frames, memory, about)


def decoded_by(space_name: str) -> str:
    """Say when pictures were decoded, and by what: the end of a sentence.

    Examples
    --------
    >>> decoded_by("digits").startswith("decoded by digits on 20")
    True
    """
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return f"decoded by {space_name} on {today} with latentwidgets {__version__}."


def memory_for(packed: int, opened: int) -> int:
    """Say how many megabytes a page has for pictures of so many bytes, packed and opened."""
    return (packed + min(opened, MOST_OPEN)) // 2**20 + 16


def under(shown: Shown, conditions: Mapping[str, Any]) -> str:
    """Say under which conditions pictures are; empty where there are none."""
    said = ", ".join(one.words(name, conditions[name]) for name, one in shown.conditions.items())
    return f", under {said}" if said else ""


@dataclass(frozen=True)
class Contents:
    """What a page shows.

    Attributes
    ----------
    state : mapping of str to object
        The widget's traits, code in place of references to it.
    recorded : mapping of str to object
        What the page's traits hold, where that is not what the widget's do.
    frames : object
        A list for each frame: coordinates, mime type, bytes as text, and whether it lost anything.
    memory : int
        How many megabytes the page has for them.
    about : str
        What stands below.
    """

    state: Mapping[str, Any]
    recorded: Mapping[str, Any]
    frames: Any
    memory: int
    about: str


class PartOfPage(NamedTuple):
    """A widget that a page shows as a part of another: its module, and what it shows."""

    js: str
    contents: Contents


def written(
    contents: Contents,
    *,
    front_end: tuple[str, str, str, str],
    title: str,
    recipe: Recipe | None = None,
    decoder: Mapping[str, Any] | None = None,
    place: str = "",
    parts: Mapping[str, PartOfPage] | None = None,
) -> str:
    """Write a page.

    Parameters
    ----------
    contents : Contents
        What it shows.
    front_end, title
        As of `page_of`.
    recipe : Recipe, optional
        What `latentwidgets.load` finds in it.
    decoder : mapping, optional
        As of `page_of`.
    place : str
        More classes of its body.
    parts : mapping of str to PartOfPage, optional
        The widgets that it shows as parts of it, by name. Their style sheets are in `front_end`.
    """
    js, css, page_js, page_css = front_end
    recording = _recording(js, contents)
    if parts is not None:
        recording["parts"] = {name: _recording(*part) for name, part in parts.items()}
    told = "" if recipe is None else RECIPE_ELEMENT.format(_as_data(json.loads(recipe.to_json())))
    answers = [DECODER_ELEMENT.format(part, _as_data(one)) for part, one in (decoder or {}).items()]
    return PAGE.format(
        policy=POLICY.format(LIVE_SCRIPTS if decoder else SCRIPTS),
        title=html.escape(title),
        style=_in_style(css + page_css),
        place=place,
        about=html.escape(contents.about[0].upper() + contents.about[1:]),
        recipe=told,
        decoder="".join(answers),
        recording=_as_data(recording),
        code=_in_script(page_js),
    )


def recipe_in_page(data: bytes) -> bytes:
    """Find the recipe inside of a page, as JSON.

    Raises
    ------
    LatentValueError
        If it holds none.
    """
    _, _, rest = data.partition(RECIPE_BEGIN.encode())
    found, ends, _ = rest.partition(b"</script>")
    if not ends:
        raise LatentValueError(
            "this page holds no recipe: no widget saved it. Give one that save_html wrote."
        )
    return found


def _recording(js: str, contents: Contents) -> dict[str, Any]:
    """Give what a page needs of a widget: its module, its traits and its frames."""
    held = {name: one for name, one in contents.state.items() if not _left_out(name)}
    held |= {"_parts": {}, "_conditions": [], "_picture": None, "_route": "recorded"}
    held |= {"frame_memory": contents.memory, **contents.recorded}
    return {"js": js, "state": held, "frames": contents.frames}


def _left_out(name: str) -> bool:
    return name in LEFT_OUT or name.startswith(("_model_", "_view_"))


def _as_data(value: Any) -> str:
    """Write JSON such that nothing in it can end the element that holds it."""
    try:
        text = json.dumps(value, separators=(",", ":"), default=plain, allow_nan=False)
    except ValueError as error:
        raise LatentValueError(
            "the widget holds a number that is not finite, which no page can read. Look at its "
            "directions and their units."
        ) from error
    return text.replace("<", "\\u003c")


def _in_script(code: str) -> str:
    """Keep code from ending the element that holds it: it is ours, and has such words in texts."""
    return NOTE.sub("", code).replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _in_style(sheet: str) -> str:
    return NOTE.sub("", sheet).replace("</style", "<\\/style")


def _frames(
    renderer: Renderer,
    shown: Shown,
    recording: Recording,
    conditions: Mapping[str, Any],
    taken: int,
) -> tuple[list[Any], int]:
    """Decode and pack the frames, and say how many megabytes a page has for them.

    Of the bytes that a page may have, so many are `taken` already.
    """
    places = [shown.place(at, conditions) for at in recording.places]
    outputs: Iterable[Any] = outputs_at(renderer, shown, places)
    if renderer.painter:
        # Curves are drawn once all are decoded: their range may widen. Images wait for no other.
        outputs = [*outputs]
    frames: list[Any] = []
    packed = opened = 0
    for at, output in zip(recording.shown, while_wanted(outputs), strict=True):
        framer = renderer.framer()
        if renderer.painter:
            frame = framer.frame(output, at, Quality.LOSSLESS)
            mime, data = frame.mime, frame.data
            opened += len(data)
        else:
            picture = framer.picture(output)
            mime, data = _small(picture)
            opened += 4 * picture.width * picture.height
        packed += len(data)
        if taken + packed > MOST_BYTES:
            raise LatentValueError(
                f"the pictures of the page are more than {MOST_BYTES // 2**20} MB: too much to "
                "open or to mail. Take fewer positions, directions or cells."
            )
        frames.append([at, mime, base64_of(data)])
    return frames, memory_for(packed, opened)


def _small(picture: PIL.Image.Image) -> tuple[str, bytes]:
    """Pack an image without loss, in the smaller of two ways."""
    packed = []
    for form, options in (
        ("PNG", {"optimize": True}),
        ("WEBP", {"lossless": True, "exact": True, "quality": 100, "method": 4}),
    ):
        if form == "WEBP" and max(picture.size) > WEBP_SIDE:
            continue
        buffer = io.BytesIO()
        picture.save(buffer, form, **options)
        packed.append((f"image/{form.lower()}", buffer.getvalue()))
    return min(packed, key=lambda one: len(one[1]))
