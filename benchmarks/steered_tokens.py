"""Which tokens are best steered: the prompt's last, those that follow it, or every one.

Run it with ``python -m benchmarks.steered_tokens``. The model of small stories that comes with the
package is steered along its four moods. For each choice of tokens the layer and the strength are
chosen by some prompts, and what they do is counted on others. It takes up to half an hour.

Tokens are drawn by one seed for all prompts, so that drawn texts of several prompts are not
independent; the two rows of a choice, drawn and likeliest, are judged on the same 60 prompts.
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
PAIRS, CHOOSING, JUDGING = 100, 20, 60
STRENGTHS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
# So many of the sentences have to parse.
LEAST_PARSED = 0.95

Setting = tuple[str, int, float]


def measure() -> dict[str, Any]:
    """Choose a layer and a strength for each choice of tokens, and judge them.

    Returns
    -------
    dict
        "unsteered", and by choice of tokens: the layer, the strength in sigmas, and, by tokens
        "drawn" at temperature 1 and "likeliest", the share of texts with the wanted mood and of
        sentences that parse, means over moods.
    """
    torch.set_num_threads(1)
    demo = lw.demo.stories()
    directions = mood_directions(demo)
    choosing, judging = (
        demo.write(count, seed=seed, before="mood")[0]
        for count, seed in ((CHOOSING, 11), (JUDGING, 12))
    )
    layers = range(len(demo.model.model.layers))
    found = means(demo, directions, choosing, STRENGTHS, layers, STEER, 1.0)
    result: dict[str, Any] = {}
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
    found: dict[Setting, list[tuple[float, float]]] = {}
    for mood, direction in directions.items():

        def wanted(texts: list[str], mood: str = mood) -> list[bool]:
            return [demo.read(text).attributes["mood"] == mood for text in texts]

        def parsed(texts: list[str]) -> list[float]:
            # A text without a whole sentence has none that parses.
            return [float(np.nan_to_num(demo.read(text).parsed)) for text in texts]

        effects, sentences = (
            lw.analysis.steering_curve(
                demo.space,
                direction,
                strengths,
                layers,
                effect=effect,
                prompts=prompts,
                steer=steer,
                conditions={"temperature": temperature},
                randoms=0,
                bootstraps=0,
            )
            for effect in (wanted, parsed)
        )
        pairs = zip(
            (effects.unsteered, *effects.settings),
            (sentences.unsteered, *sentences.settings),
            strict=True,
        )
        for one, other in pairs:
            key = one.steer, -1 if one.layer is None else one.layer, one.strength
            found.setdefault(key, []).append((one.effect, other.effect))
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


def main() -> None:
    """Measure, and print the table and the numbers."""
    found = measure()
    print(table(found))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
