"""A few values of a condition, spread over all there are: round ones, the default among them."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["round_steps", "spread"]

# Steps of these sizes, times a power of ten, count as round.
ROUND = (5.0, 2.5, 2.0, 1.0)
# Round steps are taken where they reach over so much of the range at least.
LEAST_REACH = 0.5


def spread(choices: range, default: int, count: int) -> list[int]:
    """Spread some over whole numbers evenly, the default among them.

    Examples
    --------
    >>> spread(range(1, 101), 50, 7), spread(range(3), 0, 7), spread(range(9), 4, 1)
    ([1, 17, 34, 50, 67, 83, 100], [0, 1, 2], [4])
    """
    if count >= len(choices):
        return list(choices)
    own = choices.index(default)
    places = np.rint(np.linspace(0, len(choices) - 1, count)).astype(int)
    places[np.abs(places - own).argmin()] = own
    return [choices[place] for place in places]


def round_steps(low: float, high: float, default: float, count: int) -> list[float]:
    """Go through numbers in even steps: round ones that hold the default, where there are such.

    Examples
    --------
    >>> round_steps(0, 2, 1, 5), round_steps(0, 1, 0.7, 7), round_steps(0, 2, 0.7, 1)
    ([0.0, 0.5, 1.0, 1.5, 2.0], [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [0.7])
    """
    if count == 1:
        return [float(default)]
    whole = [float(number) for number in np.linspace(low, high, count)]
    width = high - low
    if np.isclose(whole, default, rtol=0, atol=1e-9 * width).any():
        return whole
    power = math.floor(math.log10(width / (count - 1)))
    for step in (factor * 10.0**power for factor in ROUND):
        reach, part = (count - 1) * step, default / step
        if not LEAST_REACH * width <= reach <= width * (1 + 1e-9):
            continue
        shift = 0.5 * (round(2 * part) % 2)
        own = round(part - shift)
        if abs(part - shift - own) > 1e-6:  # steps through the default would not be round
            continue
        lowest = math.ceil(low / step - shift - 1e-9)
        highest = math.floor(high / step - shift + 1e-9) - count + 1
        if lowest > highest:
            continue
        # From the least on, if that reaches the default; else in the middle of the range.
        begin = lowest
        if own >= lowest + count - 1:
            middle = round((low + high - reach) / 2 / step - shift)
            begin = min(max(middle, own - count + 1, lowest), own, highest)
        found = (float(f"{(i + shift) * step:.12g}") for i in range(begin, begin + count))
        return [min(high, max(low, number)) for number in found]
    return whole
