"""Run the examples in docstrings: they are tests too, and pytest would find those of every mutant.

The runner puts this file among the unit tests of its copy.
"""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from tests.mutants.areas import AREAS, PACKAGE

ROOT = next(path for path in Path(__file__).parents if (path / PACKAGE).is_dir())
FILES = {path for names in AREAS.values() for name in names for path in (ROOT / PACKAGE).glob(name)}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("path", sorted(FILES), ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    runner = doctest.DocTestRunner(verbose=False, optionflags=FLAGS)
    for name, item in vars(module).items():
        if getattr(item, "__module__", None) == module.__name__ and "mutmut" not in name:
            for found in doctest.DocTestFinder().find(item, name, False, vars(module)):
                if "mutmut" not in found.name:
                    runner.run(found)
    assert not runner.failures
