from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import comm
import numpy as np
import pytest
from hypothesis import settings

from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.latent_space import LatentSpace
from tests.runtime import need_runtime
from tests.unit.page import Wire
from tests.unit.spaces import logit, sigmoid

# How long an example takes says more about the machine than about the code.
settings.register_profile("latentwidgets", deadline=None)
settings.load_profile("latentwidgets")


@pytest.fixture(scope="session", autouse=True)
def wires() -> Iterator[None]:
    """Give every widget a comm that a page can be at the end of, as a kernel does."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(comm, "create_comm", Wire)
        yield


@pytest.fixture(autouse=True)
def usual_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have widgets decode where they do by default, whatever the surroundings say."""
    monkeypatch.delenv("LATENTWIDGETS_RUN", raising=False)


@pytest.fixture
def onnxruntime_web() -> None:
    """Skip a test where networks cannot be decoded in a page."""
    need_runtime()


@pytest.fixture(autouse=True)
def same_numbers(request: pytest.FixtureRequest, states: dict[str, Any]) -> None:
    """Draw the same numbers in a test whichever tests of its file ran before, or none."""
    rng = getattr(request.module, "RNG", None)
    if isinstance(rng, np.random.Generator):
        first = states.setdefault(request.module.__name__, rng.bit_generator.state)
        rng.bit_generator.state = first


@pytest.fixture(scope="session")
def states() -> dict[str, Any]:
    """Where the generator of each file stands once the file is loaded."""
    return {}


@pytest.fixture
def space() -> LatentSpace:
    """A space of small RGB pictures that also encodes."""
    return LatentSpace(sigmoid, 5, logit)


@pytest.fixture
def no_unexpected_warning() -> Iterator[None]:
    """Turn guesses that nobody expects into errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", GuessWarning)
        yield
