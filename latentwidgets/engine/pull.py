"""A pull at the picture: the amounts that move what was grabbed a little of the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.engine.layers import edit_at
from latentwidgets.engine.patches import Patch, found_at, shift_wanted
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import kind_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from latentwidgets.engine.messages import PullMessage
    from latentwidgets.routes.edit import Edit
    from latentwidgets.routes.route import Route
    from latentwidgets.space.latent_space import LatentSpace

    Point = NDArray[np.float64]

__all__ = ["Pulled", "arranger_of", "pulled"]

# One step moves what was grabbed no farther than this share of the picture's shorter side, and no
# slider by more sigmas than this.
STEP, MOST_SIGMAS = 1 / 32, 0.5
# How much moving the sliders counts against what is left of the wanted change.
DAMPING = 0.1
# Of more sliders, only so many mixtures of them move the latent: those that move it farthest.
MOST_MOVES = 64
# Derivatives are taken along so many at a time, of which no more than a patch is kept.
AT_A_TIME = 16
# What lies nearer to where it is wanted than this, in pixels, has arrived; a step that brings it
# nearer by less than this share of its own length has not helped.
ARRIVED, HELPS = 0.5, 0.1
# A patch of less contrast than this, of the range from black to white, shows no motion.
EVEN = 0.02
# What is more unlike what was grabbed than this is something else.
LOST = 1.0
# So many latents say how far from their mean the data reaches.
DATA = 256
# Where a picture for each slider takes longer than this, in seconds, nothing follows a hand.
SLOW_SECONDS = 2.0


@dataclass(frozen=True)
class Pulled:
    """One step of a pull.

    Attributes
    ----------
    at : tuple of float
        The coordinates that it leads to.
    here : tuple of float
        Where in the picture what was grabbed is then: x and y, as shares of width and height.
    share : float
        How much of the pull it has moved.
    done : bool
        Whether another step would lead no further.
    why : str
        Why it leads no further before the end of the pull; empty otherwise.
    """

    at: tuple[float, ...]
    here: tuple[float, float]
    share: float
    done: bool
    why: str = ""


def pulled(space: LatentSpace, route: Route, pull: PullMessage, seconds: float = 0.0) -> Pulled:
    """Move the amounts of an edit so that what was grabbed follows a pull by one small step.

    The patch around what was grabbed, moved by the step, is what the picture should become there:
    the amounts come nearest to it by damped least squares, on the derivative of the decoder. What
    was grabbed is then looked for in the picture that they decode to: only a step that brings it
    nearer counts.

    Parameters
    ----------
    space : LatentSpace
        What decodes to pictures.
    route : Route
        An edit of one latent.
    pull : PullMessage
        Where the edit began and is now, and from where to where something is pulled. Where to is
        from where, nothing moves; but the first derivative of a model, which may take seconds, is
        taken.
    seconds : float
        How long the decoder takes for one latent: this is looked at before anything moves.

    Returns
    -------
    Pulled
        The new coordinates, those of conditions as they were.

    Raises
    ------
    LatentValueError
        If there is no edit of one latent, what is decoded is no picture, a step would take longer
        than two seconds, or there is nothing to grab where nothing but one colour is.
    DecodeError
        If the decoder fails.

    Notes
    -----
    Lucas & Kanade 1981, "An iterative image registration technique with an application to stereo
    vision", with the decoder's latent in the place of the motion.
    """
    edit, conditions = edit_at(route, pull.at)
    if edit.bases.shape != space.latent_shape:
        raise LatentValueError("several latents are edited at once; pull at one alone.")
    look = _Look(space, edit, conditions)
    count = len(edit.directions)
    begins, takes = pull.to == pull.grabbed, seconds * min(count, MOST_MOVES)
    if space.is_stepwise:
        raise LatentValueError(
            "this decoder works in steps, of which no derivative is taken. Use the sliders."
        )
    if begins and takes > SLOW_SECONDS:
        raise LatentValueError(
            f"one step of a pull would take about {takes:.1f} s with this decoder: too slow to "
            "follow the hand. Use the sliders."
        )
    start, now = look.at(pull.start[:count]), look.at(pull.at[:count])
    size = np.array(now.shape[1::-1], float)
    grabbed, to, here = (np.array(one) * size - 0.5 for one in (pull.grabbed, pull.to, pull.here))
    amounts, done, why = np.array(pull.at[:count]), True, ""
    patch = Patch(grabbed, start.shape)
    if begins:
        look.gains(amounts, now, patch)
    elif patch.cut(start).std(axis=(0, 1)).max() < EVEN:
        raise LatentValueError("there is nothing to grab here: the picture is of one colour.")
    way = to - here
    distance = float(np.linalg.norm(way))
    if distance > ARRIVED:
        step = way * min(1.0, STEP * min(size) / distance)
        moves, at_end = _step(look, now, here, step, amounts)
        why = "a slider ends here" if at_end else look.no_further
        for part in (1.0, 0.5, 0.25):
            tried = amounts + part * moves
            if look.leaves_data(tried, amounts):
                why = look.ends
                continue
            picture = look.at(tried)
            there, unlike = found_at(start, grabbed, picture, here + part * step, 2.0)
            nearer = distance - float(np.linalg.norm(to - there))
            if unlike > LOST:
                why = "what was grabbed looks different by now"
            elif nearer > HELPS * part * float(np.linalg.norm(step)):
                amounts, here, why = tried, there, ""
                done = distance - nearer <= ARRIVED
                break
    pull_way = to - grabbed
    length = float(pull_way @ pull_way)
    share = float((here - grabbed) @ pull_way) / length if length else 1.0
    x, y = ((here + 0.5) / size).tolist()
    return Pulled((*amounts.tolist(), *pull.at[count:]), (x, y), share, done, why)


def _step(
    look: _Look, now: NDArray[np.float64], here: Point, step: Point, amounts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], bool]:
    """Give the amounts to add, and whether the ends of sliders keep them from more."""
    from scipy.optimize import lsq_linear

    patch = Patch(here, now.shape)
    root = np.sqrt(patch.weights)
    wanted = (root * shift_wanted(now, patch, step)).ravel()
    gains = (root * look.gains(amounts, now, patch)).reshape(len(amounts), -1).T
    # The damping is of what all sliders do on average, whatever the contrast of the picture.
    damping = np.sqrt(DAMPING * np.square(gains).sum() / len(amounts)) or 1.0
    rows = np.vstack([gains, damping * np.eye(len(amounts))])
    low, high = look.room(amounts)
    found = lsq_linear(rows, np.append(wanted, np.zeros(len(amounts))), (low - 1e-9, high + 1e-9))
    room = np.where(found.active_mask < 0, -low, high)
    return np.asarray(found.x), bool((room[found.active_mask != 0] < MOST_SIGMAS).any())


class _Look:
    """What an edit looks like, and how that changes with its amounts."""

    def __init__(
        self, space: LatentSpace, edit: Edit, conditions: Mapping[str, Any] | None
    ) -> None:
        self._space, self._edit, self._conditions = space, edit, conditions
        ends = [one.limits for one in edit.directions]
        self._low, self._high = np.array(ends, float).T
        free = [name not in edit.hold for name in edit.directions.names]
        self._free = np.flatnonzero(free & (np.linalg.norm(edit.moves, axis=1) > 0))
        data = space.data if space.data is not None else space.sample(DATA, seed=0)
        rows = np.asarray(data[:: -(-len(data) // DATA)], float).reshape(-1, edit.moves.shape[1])
        self.ends = f"the {'samples of the prior end' if space.data is None else 'data ends'} here"
        self._mean = rows.mean(axis=0)
        self._edge = float(np.linalg.norm(rows - self._mean, axis=1).max())

    @property
    def no_further(self) -> str:
        """Say what cannot go on where no small step helps."""
        moves = self._edit.moves[self._free]
        whole = np.linalg.matrix_rank(moves) >= moves.shape[1]
        return f"{'the model' if whole else 'what these sliders do'} leads no further from here"

    def latent(self, amounts: NDArray[np.float64]) -> NDArray[np.float32]:
        """Give the edited latent."""
        latents: NDArray[np.float32] = self._edit.latents([tuple(amounts)])
        return np.asarray(latents[0], np.float32)

    def at(self, amounts: Any) -> NDArray[np.float64]:
        """Decode to a picture, its colours as shares of their range."""
        latents = self.latent(np.asarray(amounts, float))[np.newaxis]
        [shown] = self._space.decode(latents, self._conditions)
        if not kind_named(self._space.kind).has_pixels:
            raise LatentValueError("what is decoded is no picture to pull at.")
        return np.asarray(shown, float) / 255

    def gains(
        self, amounts: NDArray[np.float64], now: NDArray[np.float64], patch: Patch
    ) -> NDArray[np.float64]:
        """Say how a patch of the picture of now changes with each amount, in colours as above."""
        latent = self.latent(amounts)
        [raw] = self._space.decode(latent[np.newaxis], self._conditions, raw=True)
        low, high = self._space.value_range or (0.0, 1.0)
        arrange = arranger_of((raw - low) / (high - low), now)
        mixtures = self._mixtures()
        moves = mixtures @ self._edit.moves
        lengths = np.linalg.norm(moves, axis=1)
        found = []
        for first in range(0, len(moves), AT_A_TIME):
            some = slice(first, first + AT_A_TIME)
            units = (moves[some] / lengths[some, np.newaxis]).astype(np.float32)
            changes, _ = self._space.derivative(
                latent,
                units.reshape(-1, *self._space.latent_shape),
                scale=float(np.median(lengths)),
                conditions=self._conditions,
            )
            found += [patch.cut(arrange(one)) for one in changes]
        gains = np.stack(found) * (lengths / (high - low))[:, np.newaxis, np.newaxis, np.newaxis]
        return np.tensordot(mixtures.T, gains, 1)

    def _mixtures(self) -> NDArray[np.float64]:
        """Give what amounts are moved together: each free one alone, or of many the farthest."""
        each = np.eye(len(self._edit.moves))[self._free]
        if len(each) <= MOST_MOVES:
            return each
        with one_blas_thread():
            ways, _, _ = np.linalg.svd(self._edit.moves[self._free], full_matrices=False)
        return ways.T[:MOST_MOVES] @ each

    def room(self, amounts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give how far each amount may be moved, down and up."""
        low = np.clip(np.minimum(self._low, amounts) - amounts, -MOST_SIGMAS, 0)
        high = np.clip(np.maximum(self._high, amounts) - amounts, 0, MOST_SIGMAS)
        return low, high

    def leaves_data(self, amounts: NDArray[np.float64], before: NDArray[np.float64]) -> bool:
        """Tell whether amounts lead farther from the mean of the data than any of it lies."""
        far, was = (
            float(np.linalg.norm(self.latent(one).ravel() - self._mean))
            for one in (amounts, before)
        )
        return far > max(self._edge, was)


def arranger_of(
    raw: NDArray[np.floating[Any]], picture: NDArray[np.float64]
) -> Callable[[NDArray[np.floating[Any]]], NDArray[np.float64]]:
    """Give what arranges a model's own numbers as a picture: as the picture read of them is.

    Examples
    --------
    >>> raw = np.random.default_rng(0).random((3, 4, 5))
    >>> picture = np.moveaxis(raw, 0, -1)
    >>> bool((arranger_of(raw.ravel(), picture)(raw.ravel()) == picture).all())
    True
    """
    height, width, channels = picture.shape

    def last(given: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        return np.asarray(given, float).reshape(height, width, channels)

    def first(given: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        return np.moveaxis(np.asarray(given, float).reshape(channels, height, width), 0, -1)

    return min(last, first, key=lambda way: float(np.abs(way(raw).clip(0, 1) - picture).mean()))
