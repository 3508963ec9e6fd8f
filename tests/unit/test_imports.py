"""What `import latentwidgets` loads, and what it leaves for later."""

from __future__ import annotations

import subprocess
import sys

import pytest

import latentwidgets

HEAVY = {
    "cloudpickle",
    "faiss",
    "matplotlib",
    "onnx",
    "onnxscript",
    "pandas",
    "scipy",
    "sklearn",
    "torch",
}


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in `sys.modules` after a statement in a new interpreter."""
    code = f"{statement}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(run.stdout.split())


def test_import_loads_no_heavy_library() -> None:
    loaded = loaded_by("import latentwidgets")
    assert "latentwidgets" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("name", latentwidgets.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(latentwidgets, name) is not None
    assert name in dir(latentwidgets)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = latentwidgets.no_such_name
