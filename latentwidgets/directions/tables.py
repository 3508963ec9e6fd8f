"""Directions as records, as an HTML table, as a figure, and in a few words."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from latentwidgets.directions.evidence import score_text
from latentwidgets.frames.ink import GREY, ink

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.directions.direction import Direction
    from latentwidgets.directions.evidence import Evidence

__all__ = ["badge", "figure", "html", "note", "records"]

# Columns of the HTML table. Those of the first TEXTS are texts, and are aligned to the left.
COLUMNS = (
    "direction",
    "found by",
    "score of",
    "score",
    "chance",
    "p",
    "stability",
    "effect",
    "sigma",
    "samples",
)
TEXTS = 3
# Short names of scores, for a badge and for the table, which shows the whole name as a tooltip.
SHORT = {
    "balanced accuracy": "acc",
    "pairs in order": "pairs",
    "share of squared singular values": "change",
    "share of variance": "variance",
}
# The style of a warning in the table, which may take more than one line.
WRAPPED = "max-width: 26em; white-space: normal; font-size: smaller"


def records(directions: Sequence[Direction]) -> list[dict[str, Any]]:
    """Give what is known of each direction as one flat record; see `Directions.table`."""
    return [
        {
            "name": one.name,
            "method": one.method,
            "sigma": one.sigma,
            "score": one.evidence.score,
            "score_name": one.evidence.score_name,
            "spread": one.evidence.spread,
            "auc": one.evidence.auc,
            "chance": one.evidence.chance,
            "p_value": one.evidence.p_value,
            "stability": one.evidence.stability,
            "counts": None if one.evidence.counts is None else dict(one.evidence.counts),
            "warning": one.evidence.warning,
            "effect": one.evidence.effect,
            "effect_name": one.evidence.effect_name,
            "effect_chance": one.evidence.effect_chance,
            "effect_margin": one.evidence.effect_margin,
        }
        for one in directions
    ]


def html(directions: Sequence[Direction]) -> str:
    """Write directions as an HTML table, without columns that are empty in every row."""
    digits = _digits([one.sigma for one in directions])
    rows = [_texts(one, digits) for one in directions]
    kept = [i for i in range(len(COLUMNS)) if any(row[i] for row in rows)]
    head = "".join(_cell(escape(COLUMNS[i]), "th", left=i < TEXTS) for i in kept)
    body = ""
    for one, row in zip(directions, rows, strict=True):
        warning = one.evidence.warning
        under = f'<div style="{WRAPPED}">⚠ {escape(warning)}</div>' if warning else ""
        tips = {2: one.evidence.score_name, COLUMNS.index("effect"): one.evidence.effect_name}
        cells = [
            _cell(escape(row[i]) + under * (i == 0), left=i < TEXTS, tip=tips.get(i)) for i in kept
        ]
        body += f"<tr>{''.join(cells)}</tr>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def badge(one: Direction) -> str:
    """Write the score of a direction in two words; the text is empty where there is no score.

    Examples
    --------
    >>> from latentwidgets.directions import Direction, Evidence
    >>> found = Evidence(0.53, score_name="balanced accuracy")
    >>> badge(Direction("smile", [1.0], evidence=found))
    'acc 0.53'
    """
    found, name = one.evidence, one.evidence.score_name or ""
    if found.score is None:
        return ""
    if name.startswith("share"):
        return f"{100 * found.score:.{0 if found.score >= 0.1 else 1}f}%"
    return f"{SHORT.get(name, name)} {_number(found.score, 2)}".strip()


def note(one: Direction) -> str:
    """Write how a direction was found, and what is known of it, in one line.

    Examples
    --------
    >>> from latentwidgets.directions import Direction, Evidence
    >>> found = Evidence(0.53, score_name="balanced accuracy", chance=0.5)
    >>> note(Direction("smile", [1.0], method="probe", evidence=found))
    'found by probe, balanced accuracy 0.530, chance 0.500'
    """
    found = one.evidence
    parts = [f"found by {one.method}" if one.method != "given" else "given"]
    parts += [score_text(found)] if found.score is not None else []
    numbers = {
        "AUC": _number(found.auc, 3),
        "chance": _number(found.chance, 3),
        "p": _p_value(one),
        "stability": _number(found.stability, 3),
        "effect": f"{_effect(found)} {found.effect_name or ''}".strip(),
        "of random directions": _three(found.effect_chance),
    }
    parts += [f"{name} {value}" for name, value in numbers.items() if value]
    parts += [_counts(found.counts)] if found.counts else []
    return ", ".join(parts)


def figure(directions: Sequence[Direction], cosines: NDArray[np.float64]) -> Figure:
    """Draw scores as bars, and the cosines between two or more directions as a heat map.

    Parameters
    ----------
    directions : sequence of Direction
        What to draw, one a row.
    cosines : ndarray
        Between every two of them, ``(n, n)``.

    Returns
    -------
    matplotlib.figure.Figure
        Closed, so that a notebook shows it once: where it is the result of a cell.
    """
    import matplotlib.pyplot as plt

    count = len(directions)
    # A heat map has to be seen; of one direction there is only a bar, of the usual thickness.
    height = max(2.4, 0.32 * count + 1) if count > 1 else 1.4
    drawn = plt.figure(figsize=(5 + height * (count > 1), height), layout="constrained")
    shares = drawn.add_gridspec(1, min(count, 2), width_ratios=(4, height)[:count])
    bars = drawn.add_subplot(shares[0])
    places = range(count)
    scores = [math.nan if one.evidence.score is None else one.evidence.score for one in directions]
    # An unknown spread is NaN, which draws no error bar: one of length 0 would look certain.
    spreads = [one.evidence.spread or math.nan for one in directions]
    colours = ["tab:orange" if one.evidence.warning else "tab:blue" for one in directions]
    line = ink(bars)
    ends = {"capsize": 2, "ecolor": line}
    bars.barh(places, scores, xerr=spreads, color=colours, height=0.6, error_kw=ends)
    for place, one in zip(places, directions, strict=True):
        if one.evidence.chance is not None:
            bars.plot(
                [one.evidence.chance] * 2, [place - 0.4, place + 0.4], ":", color=line, linewidth=1
            )
        if one.evidence.score is None:
            bars.text(0, place, " no score", color=GREY, va="center")
    names = [one.name.replace("$", r"\$") for one in directions]  # "$" begins mathematics
    bars.set_yticks(places, names)
    bars.set_ylim(count - 0.3, -0.7)  # from top to bottom, with room about the bars
    named = dict.fromkeys(one.evidence.score_name or "score" for one in directions)
    bars.set_xlabel("\n".join(named))
    bars.spines[["top", "right"]].set_visible(False)
    if count > 1:  # one has nothing to be compared with
        heat = drawn.add_subplot(shares[1])
        image = heat.imshow(cosines, vmin=-1, vmax=1, cmap="RdBu_r")
        heat.set_xticks(places, names, rotation=90)
        heat.set_yticks(places, names)
        drawn.colorbar(image, ax=heat, label="cosine", shrink=0.8)
    plt.close(drawn)
    return drawn


def _texts(one: Direction, digits: int) -> tuple[str, ...]:
    """Write the cells of the row of a direction, in the order of `COLUMNS`."""
    found = one.evidence
    name = found.score_name or ""
    spread = "" if found.spread is None else f" ± {found.spread:.3f}"
    return (
        one.name,
        one.method,
        SHORT.get(name, name),
        "" if found.score is None else _number(found.score, 3) + spread,
        _number(found.chance, 3),
        _p_value(one),
        _number(found.stability, 2),
        _effect(found),
        _number(one.sigma, digits) if one.sigma * 10**digits >= 1 else f"{one.sigma:.1g}",
        "" if found.counts is None else _counts(found.counts).removesuffix(" samples"),
    )


def _counts(counts: Any) -> str:
    """Write how many samples there were: "40 of 90" where 40 of them were positive."""
    if set(counts) == {"positive", "negative"}:
        return f"{counts['positive']:,} of {sum(counts.values()):,}"
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())


def _cell(markup: str, tag: str = "td", *, left: bool = False, tip: str | None = None) -> str:
    """Write one cell of the HTML table, with a tooltip where there is a tip."""
    style = f"text-align: {'left' if left else 'right'}; vertical-align: top; white-space: nowrap"
    title = f' title="{escape(tip)}"' if tip else ""
    return f'<{tag} style="{style}"{title}>{markup}</{tag}>'


def _p_value(one: Direction) -> str:
    """Write the p-value, with "≤" before it where it is the smallest that the shuffles allow."""
    p = one.evidence.p_value
    # A direction that was scored anew has the shuffles of that.
    about = one.provenance.get("scored") or one.provenance.get("parameters", {})
    shuffles = about.get("shuffles")
    least = bool(p and shuffles and p * (shuffles + 1) < 1.5)
    return "≤ " * least + _number(p, 3)


def _three(value: float | None) -> str:
    """Write a number with three digits that count: it may be in pixels, or in grams."""
    return "" if value is None else f"{value:.3g}".replace("-", "−")


def _effect(found: Evidence) -> str:
    """Write an effect, with its margin of error where that is known."""
    margin = "" if found.effect_margin is None else f" ± {_three(found.effect_margin)}"
    return _three(found.effect) + margin


def _digits(values: Sequence[float]) -> int:
    """Say with how many decimals the largest of some numbers is written with four digits."""
    return max(3 - math.floor(math.log10(max(values))), 0)


def _number(value: float | None, digits: int) -> str:
    """Write a number with so many decimals; None as an empty text, and never "−0.00"."""
    if value is None:
        return ""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")
