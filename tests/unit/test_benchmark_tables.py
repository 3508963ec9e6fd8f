"""Tables of benchmarks say that a target was met only where it was."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import geodesics, leakage

LEAKAGE: dict[str, Any] = {"read": [[1.0]], "apart": 0.01, "diagonal_is_largest": True}
GEODESICS: dict[str, Any] = {"ratio": 1.1, "savings": [0.1, 0.2, 0.3], "seconds": 1.0}


@pytest.mark.parametrize(
    ("false", "runs", "ending"),
    [
        (4, 20, "| not judged: fewer than 200 |  |"),
        (18, 200, "| at most 18 | yes |"),
        (19, 200, "| at most 18 | **no** |"),
    ],
)
def test_false_alarms_are_judged_of_enough_runs(false: int, runs: int, ending: str) -> None:
    last = leakage.table({**LEAKAGE, "false": false, "runs": runs}).splitlines()[-1]
    assert last.endswith(f"| {false} of {runs} {ending}")


@pytest.mark.parametrize(("share", "met"), [(-0.1, "yes"), (5e-6, "yes"), (5e-4, "**no**")])
def test_a_geodesic_is_longer_by_rounding_only(share: float, met: str) -> None:
    found = {**GEODESICS, "longer": share, "objective_above": share}
    rows = [one for one in geodesics.table(found).splitlines() if "data weight" in one]
    assert len(rows) == 2
    assert all(one.endswith(f"| never, by more than 0.001% | {met} |") for one in rows)
