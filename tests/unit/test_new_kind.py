"""A new kind of output is one Python and one JavaScript file: put into a copy of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from latentwidgets.common.lookup import modules_of
from latentwidgets.kinds.shared.kind import Kind, Options
from latentwidgets.kinds.shared.table import kinds

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "latentwidgets" / "static"
NEW = Path(__file__).parent / "new_kind"
OWN: list[Kind] = [module.KIND for module in modules_of("latentwidgets.kinds")]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package with two files more: the new kind, and its painter."""
    copy = tmp_path / "latentwidgets"
    shutil.copytree(ROOT / "latentwidgets", copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(NEW / "bars.py", copy / "kinds" / "bars.py")
    # As `make build` would bundle it: see js/test/new_kind.test.js.
    shutil.copy(ROOT / "js" / "test" / "bars.js", copy / "static" / "kind_bars.js")
    return copy


def test_a_kind_in_one_file_is_decoded_framed_drawn_and_shown(package: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    command = [sys.executable, "-W", "error::UserWarning", str(NEW / "use.py")]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout == str(package / "__init__.py"), "another copy of the package was used"


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.name)
def test_a_kind_says_of_itself_what_is_true(kind: Kind) -> None:
    needed: dict[str, Any] = dict.fromkeys(kind.needs, 8000)
    assert kind.make_reader("decode", Options(**needed)).kind == kind.name
    assert {*kind.needs} <= {*kind.takes} <= {field.name for field in fields(Options)}
    assert not kind.painter or (STATIC / kind.painter).is_file()


def test_the_table_holds_every_kind_and_every_painter() -> None:
    assert [kinds()[kind.name] for kind in OWN] == OWN
    assert [kind.name for kind in OWN if kind.is_default] == ["image"]
    painters = {kind.painter for kind in OWN if kind.painter}
    assert painters == {path.name for path in STATIC.glob("kind_*.js")}
