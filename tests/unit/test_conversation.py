"""The conversation with a page: what is asked, and what comes back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

import latentwidgets as lw
from latentwidgets.engine import Conversation, Ordinary, Renderer
from latentwidgets.export.code import code_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from latentwidgets.routes.route import Bounds, Coordinates


@dataclass(frozen=True)
class NoWayBack:
    """A route that is a plane without the latents of its points, as of a map that is a fit."""

    bounds: ClassVar[Bounds] = ((0.0, 1.0),)
    takes_empty: ClassVar[bool] = False
    digest: ClassVar[str] = "plane"

    def latents(self, positions: Sequence[Coordinates], /) -> Any:
        raise lw.LatentValueError(f"no way back from {positions[0]}")

    def words(self, at: Coordinates, /) -> str:
        return str(at)


def test_why_there_is_no_latent_to_copy_is_told() -> None:
    space = lw.LatentSpace(lambda latents: np.zeros((len(latents), 4, 4)), 2)
    renderer = Renderer(space)
    heard: list[Any] = []
    conversation = Conversation(
        renderer,
        lambda answer, _buffers: heard.append(answer),
        log=logging.getLogger("test"),
        name="widget",
        code=lambda at: code_of(NoWayBack(), at),
        file=lambda _asked: (b"", (0, 0)),
        ordinary=Ordinary(None, {}),
    )
    route = renderer.show(NoWayBack()).name
    conversation.hear({"type": "latent", "client": "p", "seq": 7, "route": route, "at": [0.5]})
    [answer] = heard
    assert (answer["of"], answer["type"], answer["seq"]) == ("latent", "error", 7)
    assert "no way back from (0.5,)" in answer["message"]
    conversation.close()
