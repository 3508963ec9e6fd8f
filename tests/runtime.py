"""Tests of networks in a page need onnxruntime-web: they are skipped where there is none."""

from __future__ import annotations

import os

import pytest

from latentwidgets.engine.exports import check_runtime
from latentwidgets.errors import LatentValueError

__all__ = ["need_runtime"]


def need_runtime(*, gpu: bool = False) -> None:
    """Skip a test where there is no onnxruntime-web; where `.ci/run` runs it, let it fail."""
    try:
        check_runtime(gpu=gpu)
    except LatentValueError:
        words = "there is no onnxruntime-web here: run `make build`, which fetches it"
        if os.environ.get("LATENTWIDGETS_CI"):
            pytest.fail(words)
        pytest.skip(words)
