"""Even speed and geodesics on a real model of faces, measured on what it decodes."""

from __future__ import annotations

import pytest

from benchmarks import geodesics
from tests.models import models_missing


@pytest.mark.skipif(bool(models_missing), reason=models_missing)
@pytest.mark.timeout(600)
@pytest.mark.slow
def test_speed_is_even_and_geodesics_are_never_longer_on_faces() -> None:
    found = geodesics.measure(pairs=5)
    print(geodesics.table(found))
    assert found["ratio"] < 1.15
    # Not longer than the shorter of lerp and slerp; lengths are sums of steps in float32.
    assert found["longer"] <= 1e-5
    assert found["objective_above"] <= 1e-5
    assert 0 < found["savings"][1] < 0.2  # the median; 4 % of 50 pairs
