"""What a map draws: decodes of its latents, or the pictures that they were made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.engine import Renderer
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import framer_for, kind_named

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from latentwidgets.kinds.shared.kind import Framer
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.map.items import Items

__all__ = ["MapRenderer"]


class MapRenderer(Renderer):
    """Makes frames of latents, or of the pictures among a map's items in place of their decodes.

    Parameters
    ----------
    space : LatentSpace or None
        What decodes; None where nothing does.
    items : Items or None
        What the latents stand for.
    """

    def __init__(self, space: LatentSpace | None, items: Items | None) -> None:
        super().__init__(space)
        self._pictures = items if items is not None and items.pictured else None

    @property
    def space(self) -> LatentSpace:
        """The space that decodes."""
        if self._space is None:
            raise LatentValueError(
                "this map has no space, so that nothing can be decoded. Make it with one: "
                "LatentMap(space, latents)."
            )
        return self._space

    @property
    def draws(self) -> bool:
        """Whether there are pictures at all."""
        return self._pictures is not None or super().draws

    @property
    def stays(self) -> str:
        """Why frames are made here alone: not all of them are decoded."""
        if self._pictures is None:
            return super().stays
        return "it shows the pictures that its points stand for, which only the kernel has."

    def outputs(self, route: Route, positions: Sequence[Coordinates]) -> list[Any]:
        """Give the picture of each latent, and decode what is none of them."""
        pictures = self._pictures
        if pictures is None:
            return super().outputs(route, positions)
        return [
            pictures.picture(int(at[0]))[np.newaxis]
            if 0 <= at[0] < len(pictures)
            else self._pixels(super(MapRenderer, self).outputs(route, [at])[0])
            for at in positions
        ]

    def drafts(
        self, route: Route, positions: Sequence[Coordinates]
    ) -> Generator[list[Any], None, None]:
        """Give the picture of each latent, and drafts where none of them has one."""
        if self._pictures is None:
            yield from super().drafts(route, positions)
        elif all(at[0] < 0 for at in positions):
            for decoded in super().drafts(route, positions):
                yield [self._pixels(one) for one in decoded]
        else:
            yield self.outputs(route, positions)

    def _pixels(self, decoded: Any) -> Any:
        """Draw what is no image, to stand where the pictures of items do."""
        if kind_named(self.space.kind).has_pixels:
            return decoded
        drawn = super().framer().picture(decoded).convert("RGB")
        return np.asarray(drawn)[np.newaxis]

    def framer(self) -> Framer:
        """Return what makes frames: of pictures, where there are any."""
        if self._pictures is None:
            return super().framer()
        return framer_for("image")

    @property
    def painter(self) -> str:
        """The file of the front end that paints these frames; none for pictures."""
        return super().painter if self._pictures is None else ""
