"""DirectionEditor: one slider a direction, and what each of them changes beside itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from typing_extensions import Unpack

from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.directions import Directions
from latentwidgets.directions.axes import axes_around
from latentwidgets.engine import Renderer, ordinary_of
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.edit import Edit
from latentwidgets.space.held import held_by
from latentwidgets.widgets.code import static
from latentwidgets.widgets.editor.amounts import Amounts, amounts_of, carried, check_amounts
from latentwidgets.widgets.editor.curves import (
    Curves,
    curves_of,
    doubt_directions,
    draw_curves,
    reaching,
    slider_ends,
)
from latentwidgets.widgets.editor.given import bases_of, check_names, directions_of
from latentwidgets.widgets.editor.measured import Measures, measures_of
from latentwidgets.widgets.editor.parts import parts_of
from latentwidgets.widgets.editor.profiles import Profiles, check_mapping, profiles_of
from latentwidgets.widgets.editor.rows import row, units
from latentwidgets.widgets.of_thread import OfThread
from latentwidgets.widgets.paged import Paged
from latentwidgets.widgets.trait_types import Traits
from latentwidgets.widgets.traits import Array, Checked, Choice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.engine import Hooks, Readers
    from latentwidgets.routes.route import Coordinates

MODES = ("relative", "absolute")


class DirectionEditor(Paged):
    """Move latents along directions, one slider each, and watch what else changes.

    A second mark on every slider shows what the direction's readout says of the edited latent, in
    standard deviations from the mean of the data: where moving one slider moves the mark of
    another, the two are entangled.

    Parameters
    ----------
    space : LatentSpace or object
        The space to edit in, or anything that `as_space` takes. The edited latent is compared with
        its data, or its holder's; with samples of the prior where there are none.
    base : array_like, shape latent_shape or (n, *latent_shape), n <= 16, optional
        What is edited: one latent, or several, all alike; or images or texts, where the space
        encodes them. If None, the first latent of the data, or a sample where there are no data.
    directions : Directions, or iterable of Direction, optional
        The axes of the latent if None: `axis_directions`, of more than 64 those that change the
        output most. One slider each; of this space's latent shape, or of one layer's where the
        space has layers: such a direction acts on all layers, or by its profile.
    value : mapping of str to float, optional
        Amounts to begin with, in sigmas. A name that is missing stands for no edit. Sliders reach
        as far as the data, from their 0.5 to their 99.5 percentile, and as far as what is set:
        from -1000 to 1000.
    hold : iterable of str
        Directions to hold still: the edit is changed so that what their readouts say stays as it
        is. Their own sliders still move them. "Reset all" on the page keeps the holds.
    mode : {"relative", "absolute"}
        Whether an amount is added to the base, or replaces the coordinate that the base has along
        the direction (of several bases: each one's own, once its slider is moved). That holds for
        a direction moved alone: those at an angle shift one another's coordinates. Changing the
        mode keeps the edited latent of the first base.
    profiles : mapping of str to array_like, range or iterable of str
        Of some directions, at which layers they act: a number from 0 to 1 for each layer, a range
        of layers, or names of layers. The others act on all layers. What is held still is held
        within the layers of what moves, as far as these let it.
    curves : mapping of str to SteeringCurve, SteeringCurve or iterable of these
        Of a language model: what `lw.analysis.steering_curve` measured along some directions, by
        their names. Each is drawn under its slider, which ends where damage begins; "Full range" on
        the page, or an amount that is set, lets it go on. Where one was measured for something else
        than what is set, such as another layer, it is drawn pale, says why, and ends no slider.
    measures : mapping of str to callable or Direction, or iterable of Direction, optional
        What says below the sliders what else an edit moves, as `lw.analysis.leakage` takes it:
        functions of outputs, or probes of other latents than the directions were found in. If None,
        the readouts of the directions, which are not held out. One that is called like a direction
        holds it still at a click.
    **traits
        Other traits: `size` (CSS pixels; beside the sliders at least 240), `strip_length`,
        `frame_memory` (MB), `smooth` (or pixels as squares), `saved_bytes`, `layout`; `run`,
        `page_memory`, `page_gpu` as of `Interpolator`, and `runs_in` to be read.

    Attributes
    ----------
    value : dict of str to float
        How far along each direction, in sigmas. Setting it may leave names out: these are left
        unedited (0; in absolute mode the coordinate of the first base).
    latent : ndarray of float32
        The edited latents, of the shape of `base`. What is set becomes the new base, without an
        edit.
    base, directions, hold, mode, profiles, curves, measures
        As above; all can be set and observed. New directions keep the amounts, and the curves, of
        those that have the same name. Directions of one layer's shape become such of all layers.
        Profiles are tuples of float; a direction that acts on all layers has none.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one of these cannot be used; the message says what was expected.
    DecodeError
        If the decoder fails on the first picture.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> found = lw.pca_directions(digits.latents, n=3)
    >>> widget = lw.DirectionEditor(digits.space, digits.latents[0], found)
    >>> widget.value = {"PC 2": 1.5}
    >>> widget.value
    {'PC 1': 0.0, 'PC 2': 1.5, 'PC 3': 0.0}
    >>> step = found["PC 2"].move(digits.latents[:1], 1.5)[0]
    >>> bool((widget.latent == step).all())
    True

    What steering a language model does, measured and then shown under its slider:

    >>> demo = lw.demo.stories()
    >>> mood = lw.Direction("mood", np.eye(128)[0], sigma=4.0)
    >>> curve = lw.analysis.steering_curve(
    ...     demo.space, mood, [1.0], effect=lambda texts: ["happy" in one for one in texts])
    >>> lw.DirectionEditor(demo.space, np.zeros(128), [mood], curves=curve).curves["mood"].layers
    (4,)
    """

    _esm = static("direction_editor.js")
    _css = static("direction_editor.css")

    value = Checked(
        "_check_value",
        expected="amounts by name, such as {'smile': 1.5}",
        help="How far along each direction, in sigmas.",
    ).tag(sync=True)
    latent = Array("_check_latent", take="_rebase", help="The edited latents.")
    base = Array("_check_base", help="The latents that are edited.")
    directions = Checked(
        "_check_directions",
        expected="directions of this space",
        help="What the sliders move along.",
    )
    hold = Checked(
        "_check_hold", expected="names of directions", help="Names of the directions held still."
    ).tag(sync=True)
    mode = Choice(MODES, "relative", help="Whether amounts are added or replace.").tag(sync=True)
    profiles = Checked(
        "_check_profiles",
        expected="profiles by name, such as {'age': range(4, 8)}",
        help="At which layers directions act.",
    ).tag(sync=True)
    curves = Checked(
        "_check_curves",
        expected="curves by the names of directions, such as {'happy': curve}",
        help="What moving along directions does to a language model, as it was measured.",
    )
    measures = Checked(
        "_check_measures",
        expected="measures by name, such as {'width': function}",
        optional=True,
        help="What says what else an edit moves.",
    )

    _layers: Any = traitlets.List(help="Names of the layers.").tag(sync=True)
    _modes = traitlets.List(list(MODES), help="What the mode menu offers.").tag(sync=True)
    _rows: Any = traitlets.List(help="What is shown of each direction.").tag(sync=True)
    _units: Any = traitlets.List(help="How long one sigma of each is, now.").tag(sync=True)
    _curves: Any = traitlets.Dict(help="What is drawn under some sliders.").tag(sync=True)
    _full: Any = traitlets.List(
        traitlets.Unicode(), help="Names of directions whose sliders go on where damage begins."
    ).tag(sync=True, from_page=True)
    _left: Any = traitlets.List(help="How much of each move is left by those held.").tag(sync=True)
    _ranges: Any = traitlets.List(help="Least and most of each slider.").tag(sync=True)
    _origin: Any = traitlets.List(help="The amounts without an edit.").tag(sync=True)
    _gains: Any = traitlets.List(help="How readings (rows) change with amounts.").tag(sync=True)
    _starts: Any = traitlets.List(help="The amounts at which each base is as it is.").tag(sync=True)
    _measured = traitlets.Int(help="How often measures changed; negative: none.").tag(sync=True)
    _readings: Any = traitlets.List(help="What is read of each base as it is.").tag(sync=True)

    _lets_go = ("base", "latent", "measures", "_made")
    # What the last edit was made of, and the edit: to make one of large latents takes a while.
    _made: tuple[Any, Directions, tuple[Any, ...], Edit] | None = None
    # The ends of each slider while nothing is edited.
    _ends: Sequence[list[float]] = ()
    # Whether a latent that was set is about to become the base.
    _rebasing = OfThread(False)

    @checked_keywords
    def __init__(
        self,
        space: Any,
        base: Any = None,
        directions: Any = None,
        *,
        value: Mapping[str, float] | None = None,
        hold: Iterable[str] = (),
        mode: str = "relative",
        profiles: Mapping[str, Any] | None = None,
        curves: Any = (),
        measures: Any = None,
        **traits: Unpack[Traits],
    ) -> None:
        if "latent" in traits:
            raise LatentTypeError("latent follows from base and value; pass these.")
        held = held_by(space)
        space = held.space
        base = held.examples(1, "base")[0][0] if base is None else base
        if directions is None:
            directions = axes_around(space, base, traits.get("conditions"))
        given = {"directions": directions, "base": base, "mode": mode, "hold": hold}
        given |= {"profiles": {} if profiles is None else profiles, "curves": curves}
        given |= {"measures": measures, **({} if value is None else {"value": value})}
        super().__init__(Renderer(space), ordinary_of(*held), **{**given, **traits})

    def refresh(self) -> None:
        """Forget every frame and decode anew: for when the model itself has changed."""
        super().refresh()
        if self.measures is not None:
            self.measures.readers.forget()
        self._tell_measures(None)

    # What the base class asks

    def _at(self) -> Coordinates:
        return tuple(self.value.values())

    def _contents(self) -> list[str]:
        edit = self._own_route()
        if edit is None:
            return []
        bases, directions = edit.starts.shape
        return [
            f"{directions} direction{'s' * (directions != 1)}",
            f"{bases} base{'s' * (bases != 1)}",
        ]

    def _hooks(self) -> Hooks:
        def readers() -> Readers | None:
            return None if self.measures is None else self.measures.readers

        def visit(row: int) -> None:
            self.latent = self._known.latent(row)

        return replace(super()._hooks(), readers=readers, visit=visit)

    def _show_edit(self, edit: Edit) -> None:
        old = self._own_route()
        value = dict(self.value or {})
        if old is not None:
            value = {} if self._rebasing else carried(value, old, edit)
        # One message: the page must not see the sliders of one edit with the name of another.
        with self.hold_sync():
            self._show(edit)
            self._layers = list(self.space.layers)
            self._rows = [row(one, self.space) for one in edit.directions]
            self._left = edit.left.tolist()
            self._origin = edit.origin.tolist()
            self._gains, self._starts = edit.gains.tolist(), edit.starts.tolist()
            self._readings = edit.readings.tolist()
            self._ends = self._ranges = edit.ends
            self.hold, self.profiles = edit.hold, edit.profiles
            names = edit.directions.names
            self.curves = {name: one for name, one in self.curves.items() if name in names}
            self.value = value
            self._follow_value()
            self._follow_settings()

    def _check_directions(self, given: Any) -> Directions:
        directions = directions_of(given, self.space)
        self._edit(directions=directions)  # raises where those held cannot be told apart
        return directions

    def _check_base(self, given: Any, what: str = "base latents") -> NDArray[np.float32]:
        return bases_of(given, self.space, what, self.conditions)

    def _check_latent(self, given: Any) -> NDArray[np.float32]:
        return self._check_base(given, "latents")

    def _check_hold(self, given: Any) -> tuple[str, ...]:
        listed = [given] if isinstance(given, str) else given
        names = check_items(listed, "hold is", "names of directions")
        check_names(names, self.directions, "hold")
        edit = self._edit(hold=tuple(names))  # raises where they cannot be told apart
        return tuple(names) if edit is None else edit.hold

    def _check_profiles(self, given: Any) -> Profiles:
        check_mapping(given)
        check_names(given, self.directions, "profiles")
        names = () if self.directions is None else self.directions.names
        profiles = profiles_of(given, names, self.space.layers)
        self._edit(profiles=profiles)  # raises where those held cannot be told apart
        return profiles

    def _check_curves(self, given: Any) -> Curves:
        curves = curves_of(given)
        check_names(curves, self.directions, "curves")
        if curves and curves != self.curves:
            doubt_directions(curves, self.directions)
        return Curves(curves)

    def _check_measures(self, given: Any) -> Measures:
        return measures_of(given, self.space)

    def _check_value(self, given: Any) -> Amounts:
        check_amounts(given)
        check_names(given, self.directions, "value")
        edit = self._edit()
        if edit is None:
            raise LatentValueError("this widget is closed; make a new one to edit again.")
        return amounts_of(given, edit)

    # What follows from what

    def _edit(self, **changes: Any) -> Edit | None:
        """Make the edit that the traits say, some of them changed; None before they are set."""
        names = ("base", "directions", "hold", "profiles")
        parts = {**{name: getattr(self, name) for name in names}, **changes}
        base, directions, hold = parts["base"], parts["directions"], parts["hold"] or ()
        profiles = parts["profiles"] or {}
        if self._renderer is None or base is None or directions is None:
            return None
        made, how = self._made, (hold, self.mode, profiles)
        if not made or made[0] is not base or made[1] is not directions or made[2] != how:
            absolute = self.mode == "absolute"
            edit = Edit(np.asarray(base), directions, hold, absolute=absolute, profiles=profiles)
            self._made = made = (base, directions, how, edit)
        return made[3]

    @traitlets.observe("base", "directions", "hold", "mode", "profiles")
    def _follow_edit(self, _change: Any) -> None:
        edit = self._edit()
        if edit is None:
            return
        shown = self._own_route()
        if shown is None or edit.digest != shown.digest or edit.directions != shown.directions:
            self._show_edit(edit)

    @traitlets.observe("value")
    def _follow_value(self, _change: Any = None) -> None:
        edit = None if self._renderer is None else self._own_route()
        if edit is None:
            return
        if tuple(self.value) == edit.directions.names:
            self._place_sliders(edit)
            self._follow()

    @traitlets.observe("measures")
    def _tell_measures(self, _change: Any) -> None:
        measures = self.measures is not None or self.space.can_encode
        self._measured = (abs(self._measured) + 1) * (1 if measures else -1)
        self._follow_settings()

    @traitlets.observe("conditions", "curves", "_full")
    def _follow_settings(self, _change: Any = None) -> None:
        edit = None if self._renderer is None else self._own_route()
        if edit is None or tuple(self.value) != edit.directions.names:
            return
        with self.hold_sync():
            self._load(*parts_of(self.space, self.curves, self.measures))
            self._units = units(edit, self.space, self.conditions)
            self._place_sliders(edit, anew=True)

    def _place_sliders(self, edit: Edit, *, anew: bool = False) -> None:
        """Say how far sliders go, and lay curves along them; `anew`: not only as values move."""
        at = self._at()
        drawn = draw_curves(self.curves, edit, at, self.space, self.conditions)
        ends = slider_ends(edit.directions.names, self._ends, drawn, self._full)
        # No slider gets shorter under a thumb: only once nothing is edited.
        if not anew and at != tuple(self._origin):
            ends = self._ranges
        with self.hold_sync():
            self._curves = {
                name: {**one.told, "full": name in self._full} for name, one in drawn.items()
            }
            self._ranges = reaching(ends, at, self._origin)

    def _rebase(self, latent: NDArray[np.float32]) -> None:
        """Make the base of a latent that was set, without an edit."""
        self._rebasing = True
        try:
            self.base = latent
        finally:
            self._rebasing = False
        self.value = {}
