"""The house rules that a program can check: layers, sizes, addresses, dependencies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "latentwidgets"
MOST_LINES = 500

# The arrows of the design: what a part may import, besides itself and what those may import.
ARROWS = {
    "export": {"widgets", "analysis"},
    "widgets": {"engine", "grids", "directions", "paths", "projections"},
    "engine": {"frames", "directions", "paths"},
    "frames": set(),
    "analysis": {"directions", "paths"},
    "grids": {"directions", "paths"},
    "projections": {"directions"},
    "directions": {"space"},
    "paths": {"space"},
    "adapters": {"space"},
    "space": set(),
    "demo": {"adapters"},
    "server": set(),
}
# Modules that every part may use, and the one look-up against the arrows: `as_space` asks the
# registry of adapters for the one that fits, and loads it then.
COMMON = {"checks", "errors", "kinds"}
REGISTRY = "latentwidgets.adapters"
WITHOUT_WIDGETS = {
    "adapters",
    "analysis",
    "directions",
    "frames",
    "grids",
    "paths",
    "projections",
    "space",
}
# Extras that parts of the package itself need; each names it where it is missing.
OPTIONAL = ("map", "umap")
WIDGET_LIBRARIES = {"anywidget", "ipywidgets", "traitlets"}

REGISTRIES = r"pypi\.org|pythonhosted\.org|npmjs\.|pytorch\.org/whl|jsdelivr\.|unpkg\."
MACHINE_PATHS = r"(?<![\w.])/(?:home|root|Users|work)/\w"


def tracked(*endings: str) -> list[Path]:
    """Files that git tracks, or would after `git add`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file() and path.name.endswith(endings or ("",))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Absolute names of all that a module of the package imports, wherever in it."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *([node.module] if node.module else [])))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def part_of(module: str) -> str:
    """The part of the house that a module of the package belongs to."""
    name = module.split(".")[1]
    # Modules at the top that are no part of their own help `space`.
    return name if name in ARROWS or name in COMMON else "space"


def within_reach(part: str) -> set[str]:
    below = ARROWS[part]
    return {part}.union(below, *(within_reach(other) for other in below))


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_never_go_upwards(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    part = part_of(module)
    reach = COMMON if part in COMMON else within_reach(part) | COMMON
    ours = {name for name in imports(path) if name.startswith("latentwidgets.")}
    late = {name for name in ours if part == "space" and name.startswith(REGISTRY)}
    wrong = {name for name in ours - late if part_of(name) not in reach}
    assert not wrong, f"{part} may import {sorted(reach)}"
    if part in WITHOUT_WIDGETS:
        assert not {name.split(".")[0] for name in imports(path)} & WIDGET_LIBRARIES


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_adapters_and_the_demo_know_torch(path: Path) -> None:
    if "torch" in {name.split(".")[0] for name in imports(path)}:
        assert path.parent.name in {"adapters", "demo"}


def test_every_import_is_a_declared_dependency() -> None:
    extras = {f"extra == '{name}'" for name in OPTIONAL}
    declared = {
        re.split(r"[^\w.-]", line)[0].lower()
        for line in requires("latentwidgets") or []
        if "extra ==" not in line or any(extra in line.replace('"', "'") for extra in extras)
    }
    distributions = packages_distributions()
    used = {name.split(".")[0] for path in modules() for name in imports(path)}
    foreign = used - set(sys.stdlib_module_names) - {"latentwidgets"}
    missing = {name for name in foreign if not {*distributions.get(name, [])} & declared}
    assert not missing


@pytest.mark.parametrize("path", tracked(".py", ".js", ".mjs", ".css"), ids=name_of)
def test_file_has_one_job(path: Path) -> None:
    if path.parent.name != "static":  # bundles are built, not written
        assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or weights
        hits = re.findall(f"{REGISTRIES}|{MACHINE_PATHS}", text)
        found += [f"{name_of(path)}: {hit}" for hit in hits]
    assert not found


def test_no_two_widgets_style_one_class() -> None:
    """The styles of all widgets are in one page: a name of one's own is one widget's alone."""
    owners: dict[str, set[str]] = {}
    for path in sorted((ROOT / "js" / "src").glob("*/index.css")):
        # What a selector begins with, and where that is every widget's root, what follows it.
        found = re.findall(r"^(?:\.lw-root )?\.(lw-[\w-]+)", path.read_text("utf-8"), re.MULTILINE)
        for name in set(found) - {"lw-root"}:
            owners.setdefault(name, set()).add(path.parent.name)
    assert not {name: widgets for name, widgets in owners.items() if len(widgets) > 1}
