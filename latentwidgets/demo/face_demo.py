"""The space of drawn faces that comes with the package, with faces of which everything is known."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from latentwidgets.demo.face_drawing import chosen_attributes, draw_faces, painted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["COUNT", "SEED", "Faces", "faces"]

# How many faces come with the model, and their seed. It has seen none of them.
COUNT, SEED = 1500, 0
# The attributes of `Faces` in the order in which they unpack.
PARTS = ("space", "images", "labels", "latents")


class Faces:
    """A space of drawn faces in colour, and faces of which everything is known.

    It also unpacks, as a tuple does: ``space, images, labels, latents = faces()``.

    Attributes
    ----------
    space : LatentSpace
        A small variational autoencoder. Latents have shape (10,), images (64, 64, 3).
    images : ndarray
        uint8 ``(1500, 64, 64, 3)``, faces that the model has not seen. Drawn when they are first
        asked for, once a process, which takes some seconds.
    labels : dict of str to ndarray
        What each face was drawn by, ``(1500,)`` each: str for "hair", bool for "glasses", float32
        for "backdrop", "eyes", "length", "mood", "skin", "turn" and "width". All are independent
        of each other. `draw` says what they mean.
    latents : ndarray
        float32 ``(1500, 10)``, the encoder's mean for each image.
    """

    def __init__(
        self, space: LatentSpace, labels: dict[str, NDArray[Any]], latents: NDArray[np.float32]
    ) -> None:
        self.space, self.labels, self.latents = space, labels, latents

    @functools.cached_property
    def images(self) -> NDArray[np.uint8]:
        """The faces, drawn when they are first asked for."""
        return _drawn_once().copy()

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, name) for name in PARTS)

    def __len__(self) -> int:
        return len(PARTS)

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return tuple(getattr(self, name) for name in PARTS[place])
        return getattr(self, PARTS[place])

    def __repr__(self) -> str:
        return (
            f"Faces({self.space!r}, images ({COUNT}, 64, 64, 3), labels of "
            f"{', '.join(map(repr, self.labels))}, latents {self.latents.shape})"
        )

    @staticmethod
    def draw(
        count: int, *, seed: int = 0, **attributes: ArrayLike
    ) -> tuple[NDArray[np.uint8], dict[str, NDArray[Any]]]:
        """Draw more faces: see `latentwidgets.demo.face_drawing.draw_faces`.

        Examples
        --------
        >>> (sad, _), (glad, _) = (Faces.draw(4, seed=5, mood=mood) for mood in (-1, 1))
        >>> sad.shape  # the same four faces but for their mood
        (4, 64, 64, 3)
        """
        return draw_faces(count, seed=seed, **attributes)


def faces() -> Faces:
    """Load a variational autoencoder of drawn faces, with faces of which everything is known.

    Returns
    -------
    Faces
        `space`, `images`, `labels` and `latents`, and the function `draw`. Every call makes its
        own; the images are drawn when they are first asked for.

    Notes
    -----
    What each face shows was drawn on purpose, so that what is found in the space can be held
    against the truth. Of the attributes the model has not learnt "mood" and "eyes": probes of
    these are at chance. ``latentwidgets/demo/README.md`` says how the model was made and how good
    it is.

    References
    ----------
    Kingma & Welling 2014, "Auto-encoding variational Bayes" (arXiv 1312.6114).

    Examples
    --------
    >>> space, images, labels, latents = faces()
    >>> images.shape, latents.shape
    ((1500, 64, 64, 3), (1500, 10))
    >>> labels["hair"][:3].tolist(), round(float(labels["mood"][0]), 2)
    (['black', 'black', 'red'], 0.81)
    >>> space.decode(latents[:2]).shape
    (2, 64, 64, 3)
    """
    from latentwidgets.demo.face_model import load_model
    from latentwidgets.demo.kept_latents import kept_latents
    from latentwidgets.space.as_space import as_space

    space = as_space(
        load_model(),
        latent_shape=(10,),
        layout="channels_first",
        value_range=(0, 1),
        name="faces",
    )
    latents = kept_latents("faces")
    labels = chosen_attributes(COUNT, seed=SEED)
    return Faces(space.replace(data=latents), labels, latents)


@functools.cache
def _drawn_once() -> NDArray[np.uint8]:
    """Draw the faces of every `Faces`, which are the same."""
    return painted(chosen_attributes(COUNT, seed=SEED))
