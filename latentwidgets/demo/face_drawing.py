"""Drawn faces in colour, of which everything is known: what each shows was drawn on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_container, check_seed, check_whole, plain_array
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["HAIR", "RANGES", "SIDE", "chosen_attributes", "draw_faces", "painted"]

SIDE = 64
# What a face is drawn by: a choice of hair, and numbers from the first to the second.
HAIR = {
    "black": (0.14, 0.12, 0.15),
    "blond": (0.94, 0.77, 0.42),
    "blue": (0.27, 0.45, 0.80),
    "brown": (0.42, 0.25, 0.15),
    "red": (0.79, 0.33, 0.14),
}
RANGES = {
    "backdrop": (0.0, 1.0),
    "eyes": (0.0, 1.0),
    "length": (0.0, 1.0),
    "mood": (-1.0, 1.0),
    "skin": (0.0, 1.0),
    "turn": (-1.0, 1.0),
    "width": (0.0, 1.0),
}
NAMES = ("backdrop", "eyes", "glasses", "hair", "length", "mood", "skin", "turn", "width")

# These take a gigabyte, and some minutes.
MOST = 100_000
# Faces drawn at once: more would need more memory than the processor keeps near.
BATCH = 16
WHITE, DARK = (1.0, 1.0, 1.0), (0.16, 0.13, 0.16)


def draw_faces(
    count: int, *, seed: int = 0, **attributes: ArrayLike
) -> tuple[NDArray[np.uint8], dict[str, NDArray[Any]]]:
    """Draw faces, and say what each of them shows.

    What is not given is drawn at random, evenly over its range, and independent of the rest.

    Parameters
    ----------
    count : int
        How many, 100,000 at most.
    seed : int
        Of what is drawn at random. The same seed gives the same values of it, whichever others are
        given.
    **attributes : array_like
        One value, or one for each face, of: ``hair``, one of "black", "blond", "blue", "brown" and
        "red"; ``glasses``, True or False; ``skin``, ``length`` of the hair, ``width`` of the face,
        how open the ``eyes`` are and how cool the ``backdrop`` is, 0 to 1; ``mood``, sad to happy,
        and ``turn`` of the head, left to right as you see it, -1 to 1. Hair shorter than about 0.25
        is hidden behind the head, and looks the same.

    Returns
    -------
    images : ndarray
        uint8 ``(count, 64, 64, 3)``.
    truth : dict of str to ndarray
        What was drawn, ``(count,)`` each: str for "hair", bool for "glasses", float32 for the rest.

    Raises
    ------
    LatentTypeError
        If a face has no such attribute, or the count is no whole number.
    LatentValueError
        If a value is not one that its attribute can have, or the count is below 1 or above 100,000.

    Examples
    --------
    >>> images, truth = draw_faces(2, hair="red", mood=[-1, 1])
    >>> images.shape, len(truth)
    ((2, 64, 64, 3), 9)
    >>> truth["mood"].tolist(), truth["hair"].tolist()
    ([-1.0, 1.0], ['red', 'red'])
    """
    truth = chosen_attributes(count, seed=seed, **attributes)
    return painted(truth), truth


def chosen_attributes(
    count: int, *, seed: int = 0, **attributes: ArrayLike
) -> dict[str, NDArray[Any]]:
    """Say what faces would show, without drawing them: see `draw_faces`.

    Examples
    --------
    >>> chosen_attributes(2, hair="red", mood=[-1, 1])["mood"].tolist()
    [-1.0, 1.0]
    """
    check_whole(count, "count", least=1, most=MOST)
    for name in attributes:
        if name not in NAMES:
            raise LatentTypeError(f"faces have no attribute {brief(name)}. {hint(name, [*NAMES])}")
    generator = np.random.default_rng(check_seed(seed))
    truth: dict[str, NDArray[Any]] = {}
    for name in NAMES:
        if name == "hair":
            drawn: NDArray[Any] = generator.choice(list(HAIR), count)
        elif name == "glasses":
            drawn = generator.random(count) < 0.5
        else:
            drawn = generator.uniform(*RANGES[name], count).astype(np.float32)
        truth[name] = _checked(name, attributes[name], drawn) if name in attributes else drawn
    return truth


def painted(truth: dict[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """Draw faces of which everything is chosen, as `chosen_attributes` gives it.

    Examples
    --------
    >>> painted(chosen_attributes(2)).shape
    (2, 64, 64, 3)
    """
    count = len(truth["hair"])
    images = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for start in range(0, count, BATCH):
        part = slice(start, start + BATCH)
        images[part] = _draw({name: values[part] for name, values in truth.items()})
    return images


def _checked(name: str, given: ArrayLike, drawn: NDArray[Any]) -> NDArray[Any]:
    """Return the values given for an attribute, one for each face, or say what is wrong."""
    if name == "hair":
        kinds, expected = "U", f"one of {', '.join(HAIR)}"
    elif name == "glasses":
        kinds, expected = "biu", "True or False"
    else:
        kinds, expected = "iuf", "a number from {:g} to {:g}".format(*RANGES[name])
    check_container(given, name)
    try:
        values = plain_array(given)
        if values.dtype == object:  # as a table has its texts
            values = np.asarray(values.tolist())
    except Exception:  # rows of different lengths; an object's own `__array__` may raise anything
        values = np.asarray(None)
    if values.dtype.kind not in kinds:
        raise LatentTypeError(f"{name} is {brief(given)}; expected {expected}, or one a face.")
    if values.shape not in ((), drawn.shape):
        raise LatentValueError(
            f"{name} has shape {values.shape}; expected one value, or one for each of "
            f"{len(drawn)} faces."
        )
    if name in RANGES:
        low, high = RANGES[name]
        wrong = ~((values >= low) & (values <= high))
    else:
        wrong = ~np.isin(values, list(HAIR) if name == "hair" else (0, 1))
    if wrong.any():
        raise LatentValueError(f"{name} is {brief(values[wrong][0].item())}; expected {expected}.")
    return np.broadcast_to(values, drawn.shape).astype(drawn.dtype)


class _Canvas:
    """Pictures that shapes are painted on, one over the other.

    A shape is a distance to its edge, negative inside, ``(n, 64, 64)``, in halves of a side. It
    covers a pixel on its edge by a share, so that edges are smooth.
    """

    def __init__(self, colors: NDArray[np.float32]) -> None:
        self.pixels = np.broadcast_to(colors, (len(colors), SIDE, SIDE, 3)).copy()

    def paint(self, distance: NDArray[np.floating], color: Any, alpha: float | Any = 1.0) -> None:
        """Paint a shape."""
        cover = np.clip(0.5 - distance * (SIDE / 2), 0, 1) * alpha
        rows = np.flatnonzero(cover.any(axis=(0, 2)))
        columns = np.flatnonzero(cover.any(axis=(0, 1)))
        if not rows.size:
            return
        # Most shapes are small, so that most pixels need no look.
        box = (slice(None), slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        pixels = self.pixels[box]
        color = np.asarray(color, np.float32).reshape(-1, 1, 1, 3)
        pixels += cover[box][..., None] * (color - pixels)


def _draw(truth: dict[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """Draw a batch of faces: back to front."""

    def number(name: str) -> NDArray[np.float32]:
        values: NDArray[np.float32] = truth[name].astype(np.float32)[:, None, None]
        return values

    across = (np.arange(SIDE, dtype=np.float32) + 0.5) / (SIDE / 2) - 1
    x, y = across[None, None, :], across[None, :, None]
    mood, turn, eyes = number("mood"), number("turn"), number("eyes")
    half = 0.44 + 0.09 * number("width")
    hair = np.array([HAIR[str(name)] for name in truth["hair"]], np.float32)
    skin = _mix((1.0, 0.86, 0.74), (0.45, 0.28, 0.19), truth["skin"])
    shade, blush = skin * (0.86, 0.80, 0.78), _mix_rows(skin, (0.93, 0.38, 0.36), 0.55)

    canvas = _Canvas(_mix((1.0, 0.87, 0.68), (0.66, 0.82, 0.98), truth["backdrop"])[:, None, None])
    end = 0.05 + 0.8 * number("length")
    behind = _box(x, y - (end - 0.1) / 2, half + 0.11, (end + 0.1) / 2, 0.16)
    canvas.paint(np.minimum(_ellipse(x, y + 0.08, half + 0.14, 0.66), behind), hair * 0.78)
    shirt = _mix((0.17, 0.45, 0.50), (0.92, 0.45, 0.38), truth["backdrop"])
    canvas.paint(_box(x, y - 0.72, 0.17, 0.2, 0.08), shade)
    canvas.paint(_ellipse(x, y - 1.2, 0.72, 0.42), shirt)
    canvas.paint(_ellipse(x, y - 0.8, 0.17, 0.1), shade)
    for side in (-1, 1):
        canvas.paint(_ellipse(x - side * half + 0.09 * turn, y - 0.12, 0.1, 0.13), shade)
    head = _ellipse(x - 0.04 * turn, y - 0.1, half, 0.6)
    canvas.paint(head, skin)

    middle = 0.2 * turn
    apart = 0.165 + 0.06 * number("width")
    for side in (-1, 1):
        # The side that turns away is seen narrower.
        near = 1 - 0.22 * side * turn
        eye_x, eye_y = x - middle - side * apart * near, y - 0.06
        canvas.paint(_ellipse(eye_x - side * 0.05, y - 0.3, 0.1 * near, 0.07), blush, 0.6)
        white = _ellipse(eye_x, eye_y, 0.105 * near, 0.015 + 0.105 * eyes)
        canvas.paint(white - 0.018, shade * 0.62)
        canvas.paint(white, WHITE)
        iris = _ellipse(eye_x - 0.025 * turn, eye_y, 0.066, 0.066)
        canvas.paint(np.maximum(white, iris), (0.20, 0.25, 0.30))
        glint = _ellipse(eye_x - 0.025 * turn - 0.022, eye_y + 0.025, 0.02, 0.02)
        canvas.paint(np.maximum(white, glint), WHITE)
        # The inner ends of sad brows are high, those of glad ones low and the brow raised.
        inward = -side * eye_x / (0.12 * near)
        brow = eye_y + 0.2 + 0.025 * mood + 0.05 * np.minimum(mood, 0) * -inward
        brow = brow - 0.03 * np.maximum(mood, 0) * eye_x * eye_x / 0.0144
        canvas.paint(np.maximum(np.abs(brow) - 0.026, np.abs(eye_x) - 0.12 * near), hair * 0.7)

    canvas.paint(_ellipse(x - 1.25 * middle, y - 0.22, 0.05, 0.055), shade)
    canvas.paint(_ellipse(x - 1.25 * middle, y - 0.2, 0.038, 0.04), skin * 0.97)

    # A mouth lies between two arcs; a happy one is open and shows teeth.
    mouth_x, glad = (x - 1.1 * middle) / (0.19 + 0.045 * mood), np.maximum(mood, 0)
    bend = 1 - mouth_x * mouth_x
    mouth_y = y - 0.43
    lower = mouth_y - (0.07 * mood + 0.06 * glad) * bend - 0.02
    upper = mouth_y - (0.07 * mood - 0.05 * glad) * bend + 0.02
    inside = np.maximum(np.maximum(lower, -upper), (np.abs(mouth_x) - 1) * 0.2)
    canvas.paint(inside, (0.62, 0.16, 0.2))
    teeth = np.maximum(inside + 0.012, upper - 0.062 * glad)
    canvas.paint(teeth, WHITE, np.clip(3 * glad, 0, 1))

    # The front of the hair ends in a line that is higher at its parting.
    parting = (x - 0.12 - 0.14 * turn) / 0.5
    line = y + 0.3 - 0.32 * (np.sqrt(parting * parting + 0.05) - 0.45)
    cap = _ellipse(x, y + 0.06, half + 0.1, 0.62)
    canvas.paint(np.maximum(cap, line * 0.8), hair)
    shine = _ellipse(x + 0.18, y + 0.48, 0.17, 0.05)
    canvas.paint(np.maximum(shine, cap), _mix_rows(hair, WHITE, 0.35), 0.8)

    worn = number("glasses")
    for side in (-1, 1):
        near = 1 - 0.22 * side * turn
        lens = _ellipse(x - middle - side * apart * near, y - 0.07, 0.155 * near + 0.01, 0.16)
        canvas.paint(lens, WHITE, 0.18 * worn)
        canvas.paint(np.abs(lens) - 0.021, DARK, worn)
        arm = side * (x - middle) - apart * near - 0.16 * near
        arm = np.maximum(-arm, side * x + 0.06 * side * turn - half)
        canvas.paint(np.maximum(np.abs(y - 0.05) - 0.018, arm), DARK, worn)
    bridge = np.maximum(np.abs(y - 0.05) - 0.02, np.abs(x - middle) - (apart - 0.15))
    canvas.paint(bridge, DARK, worn)
    return np.round(255 * np.clip(canvas.pixels, 0, 1)).astype(np.uint8)


def _ellipse(x: Any, y: Any, across: Any, down: Any) -> NDArray[np.float32]:
    """Return about how far from the edge of an ellipse around (0, 0) each pixel lies."""
    u, v = x / across, y / down
    squared = u * u + v * v
    slope = np.sqrt((u / across) ** 2 + (v / down) ** 2) + 1e-6
    distance: NDArray[np.float32] = (squared - np.sqrt(squared)) / slope
    return distance


def _box(x: Any, y: Any, across: Any, down: Any, corner: float) -> NDArray[np.float32]:
    """Return how far from the edge of a box with round corners each pixel lies."""
    u, v = np.abs(x) - across + corner, np.abs(y) - down + corner
    outside = np.hypot(np.maximum(u, 0), np.maximum(v, 0))
    distance: NDArray[np.float32] = outside + np.minimum(np.maximum(u, v), 0) - corner
    return distance


def _mix(first: Any, last: Any, shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return colours between two, ``(n, 3)``."""
    first, last = np.asarray(first, np.float32), np.asarray(last, np.float32)
    mixed: NDArray[np.float32] = first + shares[:, None].astype(np.float32) * (last - first)
    return mixed


def _mix_rows(colors: NDArray[np.float32], other: Any, share: float) -> NDArray[np.float32]:
    """Return colours that lie between each of some and one other."""
    mixed: NDArray[np.float32] = colors + np.float32(share) * (
        np.asarray(other, np.float32) - colors
    )
    return mixed
