"""`handed_over`: all that a kernel tells a page of its decoder, for a page that has no kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from latentwidgets.common.wanted import never
from latentwidgets.engine.handing import Handing
from latentwidgets.engine.messages import DecoderMessage
from latentwidgets.engine.renderer import Renderer
from latentwidgets.engine.widget_hooks import Hooks
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from latentwidgets.engine.replies import DecoderAnswer
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Told", "handed_over"]


class Told(NamedTuple):
    """An answer of the kernel, and the bytes that go with it."""

    answer: DecoderAnswer
    buffers: list[bytes]


def handed_over(
    space: LatentSpace, route: Route, at: Coordinates, most_bytes: int
) -> dict[str, Told]:
    """Export a decoder, and give what a page would be answered that asks for it.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    route : Route
        Where a widget's own controls lead.
    at : tuple of float
        Where they are, with the coordinates of conditions.
    most_bytes : int
        How large the decoder may be.

    Returns
    -------
    dict
        By what a `DecoderMessage` asks for: "offer", "check" and "network", and "runtime" where the
        decoder is no matrix.

    Raises
    ------
    LatentValueError
        If it has to stay in the kernel; the message is the reason, as a sentence.
    DecodeError
        If the decoder raises.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.decomposition import PCA
    >>> import latentwidgets as lw
    >>> data = np.random.default_rng(0).uniform(size=(50, 64))
    >>> space = lw.as_space(PCA(3).fit(data), value_range=(0, 1))
    >>> told = handed_over(space, lw.Path(space.encode(data[:2])), (0.0,), 2**20)
    >>> [*told], [len(one) for one in told["network"].buffers]
    (['offer', 'check', 'network'], [768, 256])
    """
    told: dict[str, Told] = {}

    def keep(question: DecoderMessage, answer: DecoderAnswer, buffers: list[bytes]) -> None:
        told[question.part] = Told(answer, buffers)

    def fail(_question: Any, error: BaseException) -> None:
        raise error

    def finish(_client: str, steps: Iterator[None]) -> None:
        for _ in steps:
            pass

    # One of its own: whatever the widget shows meanwhile, this is of one route.
    renderer = Renderer(space)
    hooks = Hooks(most_bytes=lambda: most_bytes, insists=lambda: True)
    handing = Handing(renderer, keep, fail, finish, hooks)
    shown = renderer.show(route)

    def ask(part: str) -> DecoderMessage:
        name = told["offer"].answer["name"] if told else ""
        return DecoderMessage("", 0, shown.name, at, part, name)

    try:
        for part in ("offer", "check"):
            handing.settle(ask(part), anew=True)(never)
        if told["check"].answer["name"] != told["offer"].answer["name"]:
            raise LatentValueError("the model changes while it is exported.")
        handing.hand(ask("network"))
        if not told["offer"].answer["linear"]:
            handing.hand(ask("runtime"))
    finally:
        handing.close()
        renderer.close()
    return told
