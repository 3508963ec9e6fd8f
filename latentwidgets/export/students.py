"""`student_start`: the latent that a student begins with."""

from __future__ import annotations

import hashlib
import numbers
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["student_start"]


@checked_keywords
def student_start(
    space: Any, student: str | int, *, among: ArrayLike | None = None
) -> NDArray[np.float32]:
    """Give the latent that a student begins with: everybody's own, and the same on any day.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    student : str or int
        What the student is called, such as a matriculation number; capitals and spaces around it do
        not count. Add the name of the assignment for others each time: ``"ada, week 3"``.
    among : array_like, optional
        Latents to choose one of, ``(n, *latent_shape)``; pass the same in the same order when you
        grade. A sample of the space's prior if None.

    Returns
    -------
    ndarray
        float32, ``latent_shape``. For ``start`` of `check`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If `student` is neither text nor a whole number, or is empty; or the latents are not of the
        space.

    Notes
    -----
    Whoever knows the name knows the latent: it keeps answers apart, and nothing secret. Of latents
    to choose from, two students may get the same.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> faces = lw.demo.faces()
    >>> ada = student_start(faces.space, "ada", among=faces.latents)
    >>> bool((ada == student_start(faces.space, " Ada", among=faces.latents)).all())
    True
    >>> bool((ada == student_start(faces.space, "bob", among=faces.latents)).all())
    False
    """
    space = as_space(space)
    seed = _seed_of(student)
    if among is None:
        latent: NDArray[np.float32] = space.sample(1, seed=seed)[0]
        return latent
    given = space.check(among, "among")
    if not len(given):
        raise LatentValueError("among is empty; expected one latent at least.")
    return np.array(given[seed % len(given)])


def _seed_of(student: Any) -> int:
    """Make a seed of a name: the same on every machine."""
    whole = isinstance(student, numbers.Integral) and not isinstance(student, bool)
    if not (whole or isinstance(student, str)):
        raise LatentTypeError(
            f"student is {brief(student)}; expected what the student is called, as a text or a "
            "whole number."
        )
    text = unicodedata.normalize("NFKC", str(student)).strip().casefold()
    if not text:
        raise LatentValueError("student is empty; expected what the student is called.")
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "big"
    )
