"""`LatentWidget`: what all widgets share. A widget is a space, a route and a view of both."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from latentwidgets.common.wording import prompt_words
from latentwidgets.engine import PIECE_SECONDS, Conversation, Renderer, replies
from latentwidgets.errors import LatentValueError
from latentwidgets.export.picture import Still, still_of
from latentwidgets.export.saved_output import can_move, moving_page
from latentwidgets.frames import Quality
from latentwidgets.routes.route import StaleError
from latentwidgets.widgets.code import code_in, shared, static
from latentwidgets.widgets.conditions import Values, abouts
from latentwidgets.widgets.leaving import PAGE_CODE, Leaving, picture_now
from latentwidgets.widgets.saved import Saved
from latentwidgets.widgets.traits import Checked, Count, Flag

if TYPE_CHECKING:
    import PIL.Image

    from latentwidgets.common.pieces import Steps
    from latentwidgets.engine import Ordinary
    from latentwidgets.export.saved_output import MovingPage
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.traits import Array

MEGABYTE = 2**20


class LatentWidget(Leaving, Saved):
    """A picture that follows coordinates: the base of every widget here.

    A subclass says which coordinates its own controls hold (`_at`), and shows a route (`_show`)
    whenever what they mean has changed. Conditions of the space are added to both here.
    """

    size = Count(
        288, least=32, most=4096, help="Width of the picture on the page, in CSS pixels."
    ).tag(sync=True)
    strip_length = Count(
        65, least=2, most=1025, help="How many positions of a control are decoded ahead."
    ).tag(sync=True)
    frame_memory = Count(
        64, least=1, most=65536, help="Memory for frames, in MB: here and on the page."
    ).tag(sync=True)

    smooth = Flag(
        False, help="Whether pictures that are enlarged are smoothed; else pixels are squares."
    ).tag(sync=True)

    conditions = Checked(
        "_check_conditions",
        expected="values by name, such as {'class': 'mug'}",
        help="What is decoded beside latents: the value of each condition.",
    ).tag(sync=True)

    _conditions: Any = traitlets.List(help="Which conditions can be moved.").tag(sync=True)
    _route = traitlets.Unicode("", help="Names the route: what coordinates mean.").tag(sync=True)
    # The picture at the current coordinates, made anew whenever a page asks for the state.
    _picture = traitlets.Any(None, help="The picture to begin with.").tag(
        sync=True, to_json=picture_now
    )
    _prompt = traitlets.Unicode("", help="What the texts shown continue.").tag(sync=True)

    # How long to decode at a time while nobody waits for one picture.
    _piece_seconds = PIECE_SECONDS
    # Traits and attributes that hold latents: what `close` lets go of.
    _lets_go: ClassVar[tuple[str, ...]] = ("latent",)
    # None before a widget is made and after it is closed.
    _renderer: Renderer | None = None
    _conversation: Conversation | None = None
    # What latents are compared with; gone after it is closed.
    _known: Ordinary

    if TYPE_CHECKING:
        latent: Array

    def __init__(self, renderer: Renderer, ordinary: Ordinary, **traits: Any) -> None:
        self._refuse_unknown(traits)
        self._renderer, self._known = renderer, ordinary
        self._share_memory()
        self._conversation = Conversation(
            renderer,
            self._tell,
            log=self.log,
            name=type(self).__name__,
            said=self._said_about,
            code=self._code_at,
            picture=self._kept_picture,
            speeds=self._speeds_at,
            ordinary=ordinary,
            visit=self._visit if self._visits else None,
            piece_seconds=self._piece_seconds,
        )
        super().__init__(**{"conditions": {}, **traits})
        self.on_msg(self._receive)

    # What a subclass gives

    def _at(self) -> Coordinates:
        """Say where the widget's own controls are."""
        raise NotImplementedError

    # What a subclass may change

    # Whether the widget can go to one of the data.
    _visits: ClassVar[bool] = False

    def _visit(self, row: int) -> None:
        """Go to one of the data, or take it as the base."""

    def _whole(self, at: Coordinates) -> PIL.Image.Image:
        """Draw what is shown at some coordinates, in its own pixels."""
        return self._open_renderer().picture(at)

    def _contents(self) -> list[str]:
        """Say in words what it shows of the space."""
        return []

    def _needs(self) -> list[str]:
        """Name the parts that its page needs as it opens, but for those of every widget."""
        return []

    def open(self) -> None:
        """Draw the first picture, where an error still reaches the person, then open."""
        renderer = self._open_renderer()
        renderer.draw(self._route, [self._place()], Quality.LOSSLESS)
        if renderer.draws and renderer.painter:
            self._painter = shared(static(renderer.painter))
        if renderer.decoder and renderer.decoder.kind in ("text", "tokens"):  # which are read
            self._prompt = prompt_words(renderer.decoder.prompt)
        if renderer.conditions:
            self._dials = shared(static("part_condition.js"))
        self._load("typicality", *self._needs())
        if self._known.data is not None:
            self._neighbours = shared(static("part_neighbours.js"))
        self._saver = shared(static("part_save.js"))
        super().open()

    # What a person calls

    @property
    def space(self) -> LatentSpace:
        """The space this widget shows."""
        return self._open_renderer().space

    def refresh(self) -> None:
        """Forget every frame and decode anew: for when the model itself has changed."""
        renderer = self._open_renderer()
        renderer.forget()
        if renderer.shown is not None:
            self._show(self._own_route())

    def close(self) -> None:
        """Take the widget off the page and let go of decoder, latents and frames."""
        super().close()
        if self._conversation is not None and self._renderer is not None:
            self._conversation.close()
            self._renderer.close()
        for name in ("_conversation", "_renderer", "_known", *self._lets_go):
            # Observers are not told: they expect an array, and there is none any more.
            self._trait_values.pop(name, None)
            self.__dict__.pop(name, None)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Give the state, the route's name last: marimo's page takes in trait after trait."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return dict(sorted(state.items(), key=lambda item: item[0] == "_route"))

    def __repr__(self) -> str:
        renderer = self._renderer
        names = [renderer.decoder.name] if renderer and renderer.decoder else []
        words = ["closed"] if renderer is None else [*names, *self._contents()]
        return f"{type(self).__name__}({', '.join(words)})"

    # What the page asks

    def _said_about(self, _at: Coordinates) -> replies.Said | None:
        """Give what is said beside the frame at some coordinates."""
        return None

    def _speeds_at(self, _at: Coordinates) -> Steps[replies.SpeedCurve]:
        """Find out step by step how fast the output changes along a path."""
        raise LatentValueError("there is no path here, along which the output could change.")

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        if self._conversation is not None:
            self._conversation.hear(content)

    def _tell(self, answer: replies.Answer, buffers: list[bytes] | None) -> None:
        if self.comm is not None:
            self.send(answer, buffers)

    # What its output holds for where no kernel runs

    def _seeks(self) -> bool:
        """Say whether something else is shown, as what is to be shown is still looked for."""
        return False

    def _still(self, renderer: Renderer, at: Coordinates) -> Still | None:
        """Give a picture for where there is no kernel."""
        return still_of(renderer, at, name=type(self).__name__, width=int(self.size))

    def _stills(self) -> list[Still]:
        still: Still | None = self._drawn(self._still)
        if still is not None and self.smooth:  # pixels that are enlarged are seen as on the page
            still = Still(still.png, still.width, still.words)
        return [] if still is None else [still]

    def _moving(self, most: int) -> MovingPage | None:
        page: MovingPage | None = self._drawn(partial(self._moving_page, most))
        return page

    def _moving_page(self, most: int, renderer: Renderer, _at: Coordinates) -> MovingPage | None:
        if most <= 0 or self._seeks() or not can_move(renderer):
            return None
        state = code_in(self)
        front_end = state.pop("_esm"), state.pop("_css"), *PAGE_CODE
        title = f"{type(self).__name__} of {renderer.space.name}"
        shown: dict[str, Any] = {"state": state, "front_end": front_end, "title": title}
        return moving_page(renderer, self._at(), self.conditions, most=most, **shown)

    # Inside

    def _open_renderer(self) -> Renderer:
        """Return the renderer, which a closed widget has none of."""
        if self._renderer is None:
            raise LatentValueError("this widget is closed; make a new one to show its space again.")
        return self._renderer

    def _own_route(self) -> Any:
        """Return the route of the widget's own controls; None before there is one."""
        shown = self._open_renderer().shown
        return None if shown is None else shown.own

    def _show(self, route: Route) -> None:
        """Follow a route from now on.

        Callers that change traits with it do so within `hold_sync`, so that one message has both.
        """
        shown = self._open_renderer().show(route)
        with self.hold_sync():
            self._conditions = abouts(shown.conditions)
            self._route = shown.name

    def _place(self) -> Coordinates:
        """Say where all controls are: the widget's own, and those of conditions."""
        shown = None if self._renderer is None else self._renderer.shown
        return self._at() if shown is None else shown.place(self._at(), self.conditions)

    def _check_conditions(self, given: Any) -> Values:
        return Values(self._open_renderer().conditions.settled(given))

    def _follow(self) -> None:
        """Store the latent at the coordinates; anew, where a thread moved them meanwhile.

        A lock would not do: of two linked widgets each sets the other, and where two threads do so
        at once, each would wait for the other.
        """
        if self._conversation is not None:
            self._conversation.put_off()
        trait, done = type(self).latent, None
        while (renderer := self._renderer) and (shown := renderer.shown):
            if done == (shown, at := self._place()):
                return
            with suppress(StaleError):
                trait.store(self, shown.route.latents([at])[0])
            done = shown, at

    @traitlets.observe("frame_memory")
    def _share_memory(self, _change: Any = None) -> None:
        if self._renderer is not None:
            self._renderer.resize(int(self.frame_memory) * MEGABYTE)
