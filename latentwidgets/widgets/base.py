"""`LatentWidget`: what all widgets share. A widget is a space, a route and a view of both."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from latentwidgets.common.wording import prompt_words
from latentwidgets.engine import PIECE_SECONDS, Conversation, Hooks, Renderer, replies
from latentwidgets.errors import LatentValueError
from latentwidgets.frames import Quality
from latentwidgets.kinds.shared.table import kind_named
from latentwidgets.routes.route import StaleError
from latentwidgets.widgets import saving
from latentwidgets.widgets.code import Coded
from latentwidgets.widgets.conditions import Values, abouts
from latentwidgets.widgets.guarded import Guarded
from latentwidgets.widgets.placings import keys_of
from latentwidgets.widgets.saved import Saved, picture_now
from latentwidgets.widgets.snapshot import CLOSED, Snapshot, shown_by
from latentwidgets.widgets.traits import Checked, Count, Flag

if TYPE_CHECKING:
    from collections.abc import Hashable

    from latentwidgets.engine import Ordinary
    from latentwidgets.engine.messages import FileMessage
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.traits import Array

MEGABYTE = 2**20


class LatentWidget(Saved, Guarded, Coded):
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
        sync=True, to_json=picture_now, drawn=True
    )
    _prompt = traitlets.Unicode("", help="What the texts shown continue.").tag(sync=True)

    # How long to decode at a time while nobody waits for one picture.
    _piece_seconds = PIECE_SECONDS
    # Traits and attributes that hold latents: what `close` lets go of.
    _lets_go: ClassVar[tuple[str, ...]] = ("latent",)
    # What pages are told has been set: see `Guarded`.
    _coordinates: ClassVar[str] = "value"
    _leads: ClassVar[tuple[str, ...]] = ("latent",)
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
            code=lambda at: shown_by(self).code(at),
            file=self._kept_file,
            ordinary=ordinary,
            hooks=self._hooks(),
            piece_seconds=self._piece_seconds,
        )
        super().__init__(**{"conditions": {}, **traits})
        self.on_msg(self._receive)

    # What a subclass gives, or may change

    def _at(self) -> Coordinates:
        """Say where the widget's own controls are."""
        raise NotImplementedError

    def _hooks(self) -> Hooks:
        """Give what this widget has to say where a page asks, and others have not."""
        return Hooks(take=partial(saving.take, self))

    def _contents(self) -> list[str]:
        """Say in words what it shows of the space."""
        return []

    def _settle(self) -> None:
        """Have that shown which is still being looked for."""

    def _put(self, state: dict[str, Any], route: Route | None = None) -> None:
        """Set traits in this order; where they bring a route back, of that route."""
        for name, value in state.items():
            setattr(self, name, value)

    def open(self) -> None:
        """Draw the first picture, where an error still reaches the person, then open."""
        renderer = self._open_renderer()
        renderer.draw(self._route, [shown_by(self).at], Quality.LOSSLESS)
        if renderer.decoder and kind_named(renderer.decoder.kind).continues_prompt:
            self._prompt = prompt_words(renderer.decoder.prompt)
        for name, code in self._code_for(renderer, data=self._known.data is not None).items():
            setattr(self, name, code)
        self._load("typicality", *self._needs())
        super().open()

    # What a person calls

    recipe = saving.recipe
    apply = saving.apply
    image = saving.image
    figure = saving.figure
    save_image = saving.save_image
    save_animation = saving.save_animation
    save_html = saving.save_html

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

    def __repr__(self) -> str:
        renderer = self._renderer
        names = [renderer.decoder.name] if renderer and renderer.decoder else []
        words = ["closed"] if renderer is None else [*names, *self._contents()]
        return f"{type(self).__name__}({', '.join(words)})"

    # What the page asks

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        if self._conversation is not None:
            self._conversation.hear(content)

    def _tell(self, answer: replies.Answer, buffers: list[bytes] | None) -> None:
        if self.comm is not None:
            self.send(answer, buffers)

    def _kept_file(self, asked: FileMessage) -> tuple[bytes, tuple[int, int] | None]:
        return saving.kept_file(self, asked)

    def _placed_keys(self) -> list[tuple[str, Hashable]]:
        own = keys_of(self._coordinates, self._trait_values.get(self._coordinates))
        return [*own, *(("conditions", about["name"]) for about in self._conditions)]

    # Inside

    def _snapshot(self) -> Snapshot | None:
        if not ((renderer := self._renderer) and (shown := renderer.shown)):
            return None
        draw = partial(renderer.picture, shown.route)
        look = draw, bool(self.smooth), int(self.size), type(self).__name__
        return Snapshot(renderer, shown, self._at(), self.conditions, *look)

    def _open_renderer(self) -> Renderer:
        """Return the renderer, which a closed widget has none of."""
        if self._renderer is None:
            raise LatentValueError(CLOSED)
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

    def _check_conditions(self, given: Any) -> Values:
        return Values(self._open_renderer().conditions.settled(given))

    def _follow(self) -> None:
        """Store the latent at the coordinates; anew, where a thread moved them meanwhile.

        A lock would not do: of two linked widgets each sets the other, and where two threads do so
        at once, each would wait for the other.
        """
        moved = self._taken is not None and not self._trait_values.get("playing")
        if self._conversation is not None and moved:  # by a person: what plays runs for ever
            self._conversation.put_off()
        trait, done = type(self).latent, None
        while (renderer := self._renderer) and (shown := renderer.shown):
            if done == (shown, at := shown.place(self._at(), self.conditions)):
                return
            with suppress(StaleError):
                trait.store(self, shown.route.latents([at])[0])
            done = shown, at

    @traitlets.observe("frame_memory")
    def _share_memory(self, _change: Any = None) -> None:
        if self._renderer is not None:
            self._renderer.resize(int(self.frame_memory) * MEGABYTE)
