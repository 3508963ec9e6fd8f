"""`Ordinary`: which latents are ordinary in a space, and where another one stands among them."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np

from latentwidgets.common.pieces import STEP_SECONDS, Pieces
from latentwidgets.common.wording import said
from latentwidgets.directions.columns import columns_in
from latentwidgets.errors import LatentValueError, LatentWidgetsError
from latentwidgets.space.latents import check_latents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from latentwidgets.analysis.typicality import Typicality
    from latentwidgets.common.pieces import Steps
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Ordinary", "ordinary_of", "soon_drawn"]

# So many latents are compared with; of long ones fewer, so that all have about so many numbers, but
# at least so many while these have no more numbers than that.
MOST, MANY_NUMBERS = 10_000, 2**20
ENOUGH, MOST_NUMBERS = 200, 2**23
# With fewer the rarest of all would hardly be rarer than the level.
FEWEST = 40
# The covariance of longer latents is left out: inverting it would hold up a question for a frame.
LARGEST_COVARIANCE = 256
# Of a prior so many are drawn in one step; where one alone takes longer than this, none are.
DRAWN, SLOW_SECONDS = 128, 0.03
SLOW = "samples take too long to draw here"


class Ordinary:
    """What latents are ordinary: those of data, or else samples of the prior.

    It is fitted once, step by step while nothing else is to be done, by whichever widgets of the
    space ask; each step brings all of them further.

    Parameters
    ----------
    data : array_like or None
        Latents of data, ``(n, *latent_shape)``.
    labels : mapping of str to ndarray
        One value a latent of the data, by name.

    Attributes
    ----------
    data, labels
        As above.
    noun : str
        What those are called that latents are compared with.
    words : str
        What latents are compared with; empty until that is known, and where there is nothing.
    fault : str
        Why there is nothing to compare with.
    """

    def __init__(self, data: Any, labels: Mapping[str, NDArray[Any]]) -> None:
        self.data, self.labels = data, labels
        self.noun = self.words = self.fault = ""
        self._judge: Typicality | None = None
        self._fit: Steps[tuple[Typicality, str, str]] | None = None
        self._done = False
        self._turn = threading.Lock()

    def latent(self, row: int) -> Any:
        """Give one of the data.

        Raises
        ------
        LatentValueError
            If there is none of that number.
        """
        count = 0 if self.data is None else len(self.data)
        if row >= count:
            raise LatentValueError(f"there is no latent {row}; expected one below {count}.")
        return self.data[row]

    def judge(self, space: LatentSpace | None, shape: tuple[int, ...]) -> Steps[Typicality | None]:
        """Fit, where nobody has, and give what judges latents; None where there is nothing.

        Parameters
        ----------
        space : LatentSpace or None
            The space, for its prior.
        shape : tuple of int
            The shape of a latent.
        """
        while not self._done:
            if self._turn.acquire(timeout=STEP_SECONDS):
                try:
                    self._step(space, shape)
                finally:
                    self._turn.release()
            yield
        return self._judge

    def _step(self, space: LatentSpace | None, shape: tuple[int, ...]) -> None:
        if self._done:
            return
        if self._fit is None:
            self._fit = _fitted(self.data, space, shape)
        try:
            next(self._fit)
        except StopIteration as end:
            self._judge, self.noun, self.words = end.value
            self._done = True
        except Exception as error:  # whatever the libraries raise that judge
            self.fault, self._done = said(error), True
        if self._done:
            self._fit = None  # which holds the space


def _fitted(
    data: Any, space: LatentSpace | None, shape: tuple[int, ...]
) -> Steps[tuple[Typicality, str, str]]:
    """Fit what judges latents; give it, what it compares with in one word, and in a sentence.

    Nothing here refers to the `Ordinary` that asks, which lets go of all with the last widget.
    """
    yield from _loaded()
    from latentwidgets.analysis.typicality import Typicality, typicality_steps

    size = int(np.prod(shape))
    most = min(MOST, max(MANY_NUMBERS // size, min(ENOUGH, MOST_NUMBERS // size)))
    if most < FEWEST:
        raise LatentValueError("latents are too long to compare enough of them.")
    rows = None
    if data is not None and len(data) >= FEWEST:
        rows = _chosen(data, most, shape)
        yield
    elif space is None or not (yield from soon_drawn(space)):
        count = 0 if data is None else len(data)
        few = f"; there are {count} data, too few to compare with" if count else ""
        why = "there is no space to draw samples of" if space is None else SLOW
        raise LatentValueError(
            f"{why}{few}. To compare with latents of your own, pass {FEWEST} or more: "
            "as_space(..., data=latents)."
        )
    around_zero = space is not None and getattr(space, "is_zero_unchanged", False)
    judge = Typicality(prior=space if rows is None else None, around_zero=around_zero, most=most)
    judge = yield from typicality_steps(
        judge,
        rows,
        pieces=Pieces(STEP_SECONDS, most=1024),
        largest=LARGEST_COVARIANCE,
        at_once=DRAWN,
    )
    judge.prior = None  # which may hold the model
    noun = "samples" if rows is None else "of the data"
    return judge, noun, _against(judge, space, None if rows is None else len(data))


def _chosen(data: Any, most: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Choose so many of the data at random."""
    data = np.asarray(data)
    if len(data) > most:
        data = data[np.sort(np.random.default_rng(0).permutation(len(data))[:most])]
    return check_latents(data, shape, "data")


def _against(judge: Typicality, space: LatentSpace | None, every: int | None) -> str:
    """Say what latents are compared with: with so many data, or with samples."""
    count = judge.n_reference_
    if every is not None:
        those = f"{count:,} latents of the data" + f", of {every:,}" * (every > count)
    else:
        assumed = space is not None and space.assumes_prior
        those = f"{count:,} samples of the prior"
        those += ", a standard normal one, as no other was given" * assumed
    return f"Compared with {those}; 5 % of these are called rare."


def ordinary_of(space: LatentSpace | None, data: Any = None, labels: Any = None) -> Ordinary:
    """Give what is ordinary among the data of a space: the same to all its widgets.

    Parameters
    ----------
    space, data, labels
        As of `latentwidgets.space.held.Held`. Without a space, it is shared with nobody.
    """
    if space is None:
        return Ordinary(data, {})
    with _lock:
        known = _known.setdefault(space, WeakValueDictionary())
        found = known.get(id(data))
        if found is None or found.data is not data:
            columns: dict[str, NDArray[Any]] = {}
            if data is not None and labels is not None:
                with suppress(LatentWidgetsError):  # they are of use to others only
                    columns = columns_in(labels, {})
            fitting = all(np.shape(one)[:1] == np.shape(data)[:1] for one in columns.values())
            found = known[id(data)] = Ordinary(data, columns if fitting else {})
        return found


_lock = threading.Lock()
# Nobody keeps it once all widgets of a space are closed.
_known: WeakKeyDictionary[LatentSpace, WeakValueDictionary[int, Ordinary]] = WeakKeyDictionary()


def _loaded() -> Steps[None]:
    """Load scikit-learn on a thread of its own: a question need not wait until it is there."""

    def load() -> None:

        import latentwidgets.analysis.typicality  # noqa: F401

    thread = threading.Thread(target=load, name="latentwidgets-load", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(STEP_SECONDS)
        yield


def soon_drawn(space: LatentSpace) -> Steps[bool]:
    """Tell whether samples of a prior are soon drawn."""
    took = []
    for count in (1, 2):  # the first may load something, and either may be put off
        start = time.perf_counter()
        space.sample(count)
        took.append((time.perf_counter() - start) / count)
        yield
    return min(took) < SLOW_SECONDS
