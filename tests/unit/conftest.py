from __future__ import annotations

import warnings
from collections.abc import Iterator

import comm
import pytest
from hypothesis import settings

from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.latent_space import LatentSpace
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
