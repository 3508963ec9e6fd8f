"""Numbers from what the probe saw: the definitions that the table rests on, the same for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

STRIP = 65
TOLERANCE = 1 / 32
LIMIT_MS = 20_000.0

Events = Sequence[Sequence[float]]  # [milliseconds, value], in order


@dataclass(frozen=True)
class Run:
    """One contender with one decoder, once.

    Parameters
    ----------
    decode_ms
        The decoder alone, in the same kernel, in turns with the steps.
    step_ms
        Median time from a jump of the thumb to the exact picture in pixels.
    pictures_per_s
        Changes of the painted picture in the drag, a second.
    crossed_per_s, reached_per_s
        Positions of a strip of 65 that the thumb, and the painted picture, went over, a second.
    lag_ms
        95th percentile of `lags`.
    last_ms
        From the last move of the drag to the exact picture.
    strip_s
        From showing the widget until its strip is whole; None where there is no strip.
    steps
        The single step times.
    moves
        Moves of the thumb in the drag.
    """

    decode_ms: float
    step_ms: float
    pictures_per_s: float
    crossed_per_s: float
    reached_per_s: float
    lag_ms: float
    last_ms: float
    strip_s: float | None
    steps: list[float]
    moves: int


def run(
    decode_ms: float, steps: list[float | None], drag: dict[str, Any], strip_s: float | None
) -> Run:
    """Turn what one notebook gave into its numbers."""
    begin, end = drag["begin"], drag["end"]
    seconds = (end - begin) / 1000
    paints = drag["paints"]
    seen = [value for time, value in paints if begin <= time <= end]
    latencies = [LIMIT_MS if step is None else step for step in steps]
    return Run(
        decode_ms=decode_ms,
        step_ms=float(np.median(latencies)),
        pictures_per_s=len(seen) / seconds,
        crossed_per_s=crossings([value for _, value in drag["moves"]]) / seconds,
        reached_per_s=crossings(seen) / seconds,
        lag_ms=float(np.percentile(lags(drag["moves"], paints, begin, end), 95)),
        last_ms=LIMIT_MS if drag["settled"] is None else drag["settled"],
        strip_s=strip_s,
        steps=latencies,
        moves=len(drag["moves"]),
    )


def crossings(values: Sequence[float]) -> int:
    """Count how often the nearest position of a strip changes along some values."""
    positions = np.rint(np.asarray(values) * (STRIP - 1))
    return int(np.count_nonzero(np.diff(positions)))


def lags(moves: Events, paints: Events, begin: float, end: float) -> np.ndarray:
    """Give how far the picture is behind the thumb, at every millisecond of a drag.

    The lag at a moment is the time since the thumb was last within 1/32 of the range of the
    picture that is painted at that moment: 0 while the picture is that close to the thumb, and
    growing from then on until a newer picture is painted.

    Returns
    -------
    ndarray
        Milliseconds, one a millisecond from `begin` to `end`.
    """
    times = np.arange(begin, end)
    thumb = _held(moves, times)
    shown = _held(paints, times)
    lag = np.empty(len(times))
    for value in np.unique(shown):
        near = np.abs(thumb - value) <= TOLERANCE
        latest = np.maximum.accumulate(np.where(near, times, begin))
        here = shown == value
        lag[here] = (times - latest)[here]
    return lag


def exact_share(moves: Events, paints: Events, begin: float, end: float) -> float:
    """Give the share of pictures painted in a drag that are of a place where the thumb had been.

    Others are of positions of a strip that the thumb was near. Values are known to one part of
    8192, the numbers that pictures say themselves.
    """
    times, values = np.asarray(moves, float).T
    exact = []
    for time, value in paints:
        if begin <= time <= end:
            gaps = np.abs(values[times <= time] - value)
            exact.append(bool((gaps <= 1.5 / 8192).any()))
    return float(np.mean(exact)) if exact else float("nan")


def _held(events: Events, times: np.ndarray) -> np.ndarray:
    """Give the value of the latest event at each time, and of the first one before that."""
    moments, values = np.asarray(events, float).T
    index = np.searchsorted(moments, times, side="right") - 1
    return np.asarray(values[np.maximum(index, 0)])
