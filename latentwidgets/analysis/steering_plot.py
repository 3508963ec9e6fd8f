"""The drawing of a `SteeringCurve`: what changes, and every kind of damage, over strength."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.frames.ink import GREY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot"]

# Below the change of the effect: what damage is read off, and how its axis is named.
DAMAGE = {
    "perplexity": "perplexity",
    "divergence": "divergence,\nnats a token",
    "repetition": "repetition",
}


def plot(curve: Any) -> Figure:
    r"""Draw a `SteeringCurve`: a column for each choice of tokens, a line for each layer.

    Examples
    --------
    >>> import types
    >>> one = types.SimpleNamespace(
    ...     layer=1, strength=1.0, change=1.0, interval=None, chance=0.5, perplexity=2.0,
    ...     divergence=0.1, repetition=0.0, damaged=False)
    >>> curve = types.SimpleNamespace(
    ...     steer=("last",), layers=(1,), limits={"perplexity": 3.0}, effect="joy",
    ...     plain_prompt=None, settings=(one,), at=lambda layer, steer: (one,))
    >>> [axes.get_ylabel() for axes in plot(curve).axes]
    ['change of joy', 'perplexity', 'divergence,\nnats a token', 'repetition']
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogFormatter

    columns = len(curve.steer)
    figure, axes = plt.subplots(
        *(1 + len(DAMAGE), columns),
        figsize=(1.5 + 3.2 * columns, 8),
        sharex=True,
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for column, steer in enumerate(curve.steer):
        for i, layer in enumerate(curve.layers):
            _draw(axes[:, column], curve.at(layer, steer), f"C{i % 10}")
        axes[0, column].set_title(f'steer="{steer}"', fontsize="medium")
        axes[-1, column].set_xlabel("strength in sigmas")
        axes[0, column].axhline(0, color="0.75", linewidth=0.8, zorder=0)
        for row, name in enumerate(DAMAGE, 1):
            if name in curve.limits:
                axes[row, column].axhline(curve.limits[name], color="tab:red", linestyle=":")
        if curve.plain_prompt is not None:
            for row, value in enumerate(_shown(curve.plain_prompt)):
                axes[row, column].axhline(value, color=GREY, linestyle="--", linewidth=1)
    effect = curve.effect.replace("$", r"\$")
    for row, name in enumerate([f"change of {effect}", *DAMAGE.values()]):
        axes[row, 0].set_ylabel(name)
    axes[1, 0].set_yscale("log")
    # Plain numbers: powers of ten are hard to read over less than a decade.
    axes[1, 0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes[1, 0].yaxis.set_minor_formatter(LogFormatter())
    for one in axes.flat:
        one.spines[["top", "right"]].set_visible(False)
    _legend(figure, axes[0, 0], curve)
    plt.close(figure)
    return figure


def _legend(figure: Figure, axes: Any, curve: Any) -> None:
    """Say what lines and dots are, below the drawing: they are the same in all columns."""
    from matplotlib.lines import Line2D

    lines, names = axes.get_legend_handles_labels()
    if any(one.chance is not None for one in curve.settings):
        lines.append(Line2D([], [], color=GREY, linestyle=":", linewidth=1))
        names.append("chance: random directions")
    if any(name in curve.limits for name in DAMAGE):
        lines.append(Line2D([], [], color="tab:red", linestyle=":"))
        names.append("where damage begins")
    if any(one.damaged for one in curve.settings):
        style: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": 4}
        lines.append(Line2D([], [], color=GREY, mfc="none", **style))
        names.append("damaged, by any of the three")
    if curve.plain_prompt is not None:
        lines.append(Line2D([], [], color=GREY, linestyle="--", linewidth=1))
        names.append("plain prompt")
    figure.legend(
        *(lines, names),
        loc="outside lower center",
        ncols=2 * len(curve.steer),
        frameon=False,
        fontsize="x-small",
    )


def _draw(axes: Any, found: tuple[Any, ...], colour: str) -> None:
    strengths = [one.strength for one in found]
    for row, values in enumerate(zip(*map(_shown, found), strict=True)):
        axes[row].plot(strengths, values, color=colour, label=f"layer {found[0].layer}")
        for one, value in zip(found, values, strict=True):
            face = axes[row].get_facecolor() if one.damaged else colour
            axes[row].plot(one.strength, value, "o", color=colour, mfc=face, markersize=4)
    known = [one.interval or (np.nan, np.nan) for one in found]
    axes[0].fill_between(strengths, *zip(*known, strict=True), color=colour, alpha=0.12, lw=0)
    if all(one.chance is not None for one in found):
        axes[0].plot(strengths, [one.chance for one in found], ":", color=colour, linewidth=1)


def _shown(one: Any) -> tuple[float, ...]:
    return one.change, *(getattr(one, name) for name in DAMAGE)
