"""Wrong arguments of many kinds: each is refused in this package's own words, and briefly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw

Z = np.random.default_rng(0).normal(size=(60, 6)).astype(np.float32)
LABEL = Z[:, 0] > 0
FOUND = lw.pca_directions(Z, 3)
SPACE = lw.as_space(lambda z: np.full((len(z), 4, 4), 0.5), latent_shape=6, value_range=(0, 1))
TWINS = FOUND + [FOUND[0].replace(name=letter * 10**6) for letter in "xy"]
TEXT, NUMBERS = "x" * 10**6, list(range(10**6))


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


CALLS: dict[str, Any] = {
    "rows that are a number": lambda: lw.LatentGrid.traversals(SPACE, Z[0], 5),  # type: ignore[arg-type]
    "directions that are a number": lambda: lw.Directions(5),  # type: ignore[arg-type]
    "a name that is a dict": lambda: lw.difference_directions(Z, other=Z + 1, name={"a": 1}),  # type: ignore[arg-type]
    "a seed that no library takes": lambda: lw.ica_directions(Z, 2, seed=2**33),
    "a seed of a probe": lambda: lw.probe_directions(Z, {"a": LABEL}, seed=2**33),
    "more shuffles than time": lambda: lw.difference_directions(Z, {"a": LABEL}, shuffles=10**30),
    "more samples than memory": lambda: SPACE.sample(10**15),
    "a latent larger than memory": lambda: lw.LatentSpace(len, 2**62),
    "labels that float64 takes for one": lambda: lw.probe_directions(
        Z, {"a": np.arange(60) + 2**60}
    ),
    "a ragged selection": lambda: lw.LatentGrid(SPACE, Z[:4], selection=[[1, 2], [3]]),
    "evidence that is a number": lambda: lw.Direction("a", [1.0], evidence=5),  # type: ignore[arg-type]
    "a count that is None": lambda: lw.Evidence(counts={"x": None}),  # type: ignore[dict-item]
    "a number without words": lambda: lw.pca_directions(Z, Unspeakable()),  # type: ignore[arg-type]
    "a long name": lambda: lw.Direction(NUMBERS, [1.0, 2.0]),  # type: ignore[arg-type]
    "long limits": lambda: lw.Direction("a", [1.0], limits=NUMBERS),  # type: ignore[arg-type]
    "long counts": lambda: lw.Evidence(counts=NUMBERS),  # type: ignore[arg-type]
    "a long range": lambda: lw.LatentSpace(len, 6, value_range=NUMBERS),
    "a long method": lambda: lw.Path(Z[:3], TEXT),
    "a long key": lambda: FOUND[TEXT],
    "a long kind": lambda: lw.LatentSpace(len, 6, kind=TEXT),
    "a long option": lambda: lw.as_space(len, latent_shape=6, **{TEXT: 1}),
    "a long file name": lambda: lw.Directions.load(TEXT),
    "a long value": lambda: lw.LatentMap(None, Z).set_trait("value", NUMBERS),
    "a long part": lambda: lw.explore(SPACE, Z, parts=[TEXT]),
    "a long name of a condition": lambda: lw.LatentSpace(len, 6, conditions={TEXT: 5}),
    "long names that cannot be held": lambda: TWINS.conditioned_on("x" * 10**6, "y" * 10**6),
    "a long name of a parameter": lambda: lw.LatentSpace(
        lambda z: z, 6, conditions={TEXT: (0, 0, 1)}
    ),
    "many long labels for one": lambda: lw.score_directions(
        FOUND, Z, {TEXT: LABEL, TEXT + "y": LABEL}
    ),
    "one long label of two": lambda: lw.analysis.probe_report(Z, {TEXT: LABEL, "a": LABEL}),
    "long conditions": lambda: lw.LatentSpace(len, 6, conditions={"a": "b"}).decode(Z, NUMBERS),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", CALLS)
def test_what_cannot_be_is_refused_in_our_own_words(name: str) -> None:
    with pytest.raises(lw.LatentWidgetsError) as refused:
        CALLS[name]()
    assert len(str(refused.value)) < 1000


def test_labels_of_other_containers_are_read() -> None:
    found = lw.probe_directions(Z, {"a": torch.tensor(Z[:, 0] > 0)}, shuffles=0, bootstraps=0)
    assert found.names == ("a",)
    with pytest.raises(lw.LatentWidgetsError, match="are no array"):
        lw.probe_directions(Z, {"a": torch.tensor(Z[:, 0]).bfloat16()})
