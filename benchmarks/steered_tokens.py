"""Which tokens are best steered: the prompt's last, those that follow it, or every one.

Run it with ``python -m benchmarks --only steered_tokens``. The model of small stories that comes
with the package is steered along its four moods. For each choice of tokens the layer and the
strength are chosen by some prompts, and what they do is counted on others. It takes five minutes of
one processor; a whole run of the benchmarks takes fewer prompts and strengths.

Drawn texts have a seed of their own for each prompt. The two rows of a choice, drawn and likeliest,
are judged on the same prompts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

import latentwidgets as lw
from latentwidgets.demo.story_grammar import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOODS = ATTRIBUTES["mood"]
STEER = ("last", "generated", "all")
PAIRS = 100
# How many prompts choose, how many judge, and the strengths: of all, and of a shorter run.
CHOOSING, JUDGING, STRENGTHS = 20, 60, (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
FEW_CHOOSING, FEW_JUDGING, FEW_STRENGTHS = 8, 30, (0.25, 0.5, 4.0)
# So many of the sentences have to parse.
LEAST_PARSED = 0.95

Setting = tuple[str, int, float]


def measure(*, whole: bool = True) -> dict[str, Any]:
    """Choose a layer and a strength for each choice of tokens, and judge them.

    Parameters
    ----------
    whole : bool
        Whether on all prompts and strengths.

    Returns
    -------
    dict
        "prompts", the number of those that judge; "unsteered", and by choice of tokens: the layer,
        the strength in sigmas, and, by tokens "drawn" at temperature 1 and
        "likeliest", the share of texts with the wanted mood and of sentences that parse, means over
        moods.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _measure(whole)
    finally:
        torch.set_num_threads(threads)


def _measure(whole: bool) -> dict[str, Any]:
    demo = lw.demo.stories()
    directions = mood_directions(demo)
    counts = (CHOOSING, JUDGING) if whole else (FEW_CHOOSING, FEW_JUDGING)
    choosing, judging = (
        demo.write(count, seed=seed, before="mood")[0]
        for count, seed in zip(counts, (11, 12), strict=True)
    )
    layers = range(len(demo.model.model.layers))
    strengths = STRENGTHS if whole else FEW_STRENGTHS
    found = means(demo, directions, choosing, strengths, layers, STEER, 1.0)
    result: dict[str, Any] = {"prompts": len(judging)}
    for steer in STEER:
        mine = {
            key: one for key, one in found.items() if key[0] == steer and one[1] >= LEAST_PARSED
        }
        _, layer, strength = max(mine, key=lambda key: mine[key][0])
        result[steer] = {"layer": layer, "strength": strength}
        for name, temperature in (("drawn", 1.0), ("likeliest", 0.0)):
            judged = means(
                demo, directions, judging, [-strength, strength], [layer], [steer], temperature
            )
            result[steer][name] = {
                "toward": judged[steer, layer, strength],
                "away": judged[steer, layer, -strength],
            }
            result.setdefault("unsteered", {})[name] = judged["", -1, 0.0]
    return result


def mood_directions(demo: Any) -> dict[str, dict[int, Any]]:
    """Find each mood's direction at each layer, from pairs that differ in nothing but the mood."""
    written = {mood: demo.write(PAIRS, seed=1, until="mood", mood=mood)[0] for mood in MOODS}
    directions = {}
    for mood in MOODS:
        others = [one for one in MOODS if one != mood]
        without = [written[others[i % len(others)]][i] for i in range(PAIRS)]
        at_layers = {}
        for layer in range(len(demo.model.model.layers)):
            space = demo.space.at(layer=layer)
            states = space.encode(without), space.encode(written[mood])
            [at_layers[layer]] = lw.contrast_directions(*states, name=mood)
        directions[mood] = at_layers
    return directions


def means(
    demo: Any,
    directions: Mapping[str, Mapping[int, Any]],
    prompts: Sequence[str],
    strengths: Sequence[float],
    layers: Sequence[int],
    steer: Sequence[str],
    temperature: float,
) -> dict[Setting, tuple[float, float]]:
    """Give for each setting the share with the wanted mood and that of sentences that parse."""
    unsteered: Setting = ("", -1, 0.0)
    places = [(layer, strength) for layer in layers for strength in strengths]
    steps = {
        (mood, layer): one.vector * one.sigma
        for mood, at_layers in directions.items()
        for layer, one in at_layers.items()
    }
    # All moods in one batch, and last the model as it is.
    rows = [strength * steps[mood, layer] for mood in directions for layer, strength in places]
    latents = np.stack([*rows, np.zeros_like(rows[0])])
    numbers = [*([layer for layer, _ in places] * len(directions)), 0]
    under = {"layer": numbers, "temperature": temperature}
    found: dict[Setting, list[tuple[float, float]]] = {}
    for which in steer:
        space = demo.space.at(steer=which)
        texts = [
            # Each prompt has a seed of its own.
            space.at(prompt=prompt).decode(latents, {**under, "seed": seed})
            for seed, prompt in enumerate(prompts)
        ]
        read = [[demo.read(text) for text in row] for row in texts]
        for i, mood in enumerate(directions):
            mine = range(i * len(places), (i + 1) * len(places))
            for column, place in zip((*mine, -1), (*places, None), strict=True):
                key = unsteered if place is None else (which, *place)
                some = [row[column] for row in read]
                share = np.mean([one.attributes["mood"] == mood for one in some])
                # A text without a whole sentence has none that parses.
                parses = np.mean(np.nan_to_num([one.parsed for one in some]))
                found.setdefault(key, []).append((float(share), float(parses)))
    return {
        key: (float(np.mean([a for a, _ in some])), float(np.mean([b for _, b in some])))
        for key, some in found.items()
    }


def table(found: Mapping[str, Any]) -> str:
    """Lay out what `measure` found."""
    lines = [
        "| steered | layer | strength | text | toward | away | sentences that parse |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in ("drawn", "likeliest"):
        share, parses = found["unsteered"][name]
        lines.append(f"| nothing | | | {name} | {share:.2f} | {share:.2f} | {parses:.3f} |")
        for steer in STEER:
            one = found[steer]
            (share, parses), (away, others) = one[name]["toward"], one[name]["away"]
            lines.append(
                f"| {steer} | {one['layer']} | {one['strength']:g} | {name} | {share:.2f} "
                f"| {away:.2f} | {parses:.3f} toward, {others:.3f} away |"
            )
    return "\n".join(lines)


def section(found: Mapping[str, Any]) -> str:
    """Write the table of a report, with what it is of."""
    title = f"## Which tokens to steer: the wanted mood, counted after {found['prompts']} prompts"
    return f"{title}\n\n{table(found)}"


def main() -> None:
    """Measure, and print the table and the numbers."""
    found = measure()
    print(table(found))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
