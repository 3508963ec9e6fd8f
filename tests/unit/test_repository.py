"""The house rules that a program can check: layers, sizes, addresses, dependencies."""

from __future__ import annotations

import ast
import functools
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "latentwidgets"
# Of the package, of all else.
MOST_LINES = (400, 500)
# Files that have a limit of their own, since they tend to gather what belongs elsewhere.
OWN_LIMITS = {"latentwidgets/widgets/base.py": 249}

# The parts of the house, from the top down: a part may import those below it, and no other. An
# arrow may skip floors, never climb. The demo stands beside the widgets: it shows what they show.
FLOORS = (
    ("widgets",),
    ("export",),
    ("engine",),
    ("analysis", "demo"),
    ("routes",),
    ("directions",),
    ("adapters",),
    ("space",),
    ("kinds",),
    ("frames",),
    ("common",),
    ("errors",),
    ("server", "_version"),
)
FLOOR = {part: floor for floor, parts in enumerate(FLOORS) for part in parts}
# What lies loose at the top of the package; all else is in the folder of its part.
LOOSE = {"__init__", "errors", "server", "_version"}
# Extras that parts of the package itself need; each names it where it is missing.
OPTIONAL = ("diffusion", "film", "index", "language", "lpips", "map", "page", "umap")
WIDGET_LIBRARIES = {"anywidget", "ipywidgets", "traitlets"}

# Private names of other packages that are read, and why there is no public way.
FOREIGN_PRIVATE = {
    "_buffers": "of torch: lists the numbers of a module in a fraction of the time",
    "_cross_validate": "of traitlets: calls a person's own check, in whichever form",
    "_exit": "ends a process at once: `os._exit` is public, and documented for forks",
    "_fields": "of named tuples: documented, and what tells one from another tuple",
    "_forward_hooks": "of torch: tells whether a module has got another hook",
    "_forward_pre_hooks": "of torch: tells whether a module has got another hook",
    "_getframe": "of sys: documented, and the way to warn at the line that called the package",
    "_instances": "of IPython: whose thread it ends before a fork, from the thread that forks",
    "_modules": "of torch: lists the parts of a module in a fraction of the time",
    "_notify_trait": "of traitlets: tells observers of a value that is compared as an array",
    "_orig_mod": "of torch: the module that `torch.compile` was given has no public name",
    "_parameters": "of torch: lists the numbers of a module in a fraction of the time",
    "_trait_values": "of traitlets: lets a trait be stored, or let go of, without a message",
    "_version": "of torch: counts how often a tensor was written to; its notes explain it",
}

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
    return module.split(".")[1]


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def graph() -> dict[str, set[str]]:
    """Which modules of the package each of them imports: late, and for type checkers, too.

    The look-up of adapters (`common/lookup.py`) is not in it: it loads them by their names. The
    table of kinds loads every kind by its name too, and that is in it.
    """
    names = {module_of(path): path for path in modules()}
    found = {
        module: {
            next(found for found in (name, name.rpartition(".")[0]) if found in names)
            for name in imports(path)
            if name.startswith("latentwidgets.")
        }
        - {module}
        for module, path in names.items()
    }
    kinds = {name for name in names if re.fullmatch(r"latentwidgets\.kinds\.\w+", name)}
    found["latentwidgets.kinds.shared.table"] |= kinds - {
        "latentwidgets.kinds.reading",
        "latentwidgets.kinds.shared",
    }
    return found


def test_nothing_is_left_at_the_root() -> None:
    """Such as what a script saved where it ran."""
    found = {path.name for path in tracked() if path.parent == ROOT}
    assert found == {
        ".gitignore",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "constraints.txt",
        "pyproject.toml",
    }


def test_every_module_belongs_to_a_part() -> None:
    strangers = {path.name for path in PACKAGE.glob("*.py") if path.stem not in LOOSE}
    folders = {path.relative_to(PACKAGE).parts[0] for path in modules()} - {
        path.name for path in PACKAGE.glob("*.py")
    }
    assert not strangers
    assert folders <= FLOOR.keys()


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_never_go_upwards(path: Path) -> None:
    part = part_of(module_of(path))
    used = {part_of(name) for name in graph()[module_of(path)]} - {part}
    assert not {other for other in used if FLOOR[other] <= FLOOR[part]}
    if part != "widgets":
        assert not {name.split(".")[0] for name in imports(path)} & WIDGET_LIBRARIES


def test_no_import_goes_round_in_a_circle() -> None:
    waiting = graph()
    while free := {name for name, used in waiting.items() if not used & waiting.keys()}:
        waiting = {name: used for name, used in waiting.items() if name not in free}
    assert not waiting, "each of these imports another of them, or one that does"


def test_only_the_look_up_of_adapters_loads_by_name() -> None:
    by_name = r'import_module\(\s*f?"latentwidgets'
    found = {name_of(path) for path in modules() if re.search(by_name, path.read_text("utf-8"))}
    assert found == {"latentwidgets/common/lookup.py"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("_")  # as Jupyter's _repr_html_ does


# What takes the name of an attribute as a text: `getattr`, a monkeypatch's `setattr`, and the like.
BY_NAME = ("getattr", "setattr", "hasattr", "delattr")


def private_reads(source: str) -> set[str]:
    """Private names that a module reads of others: those that nothing in it defines."""
    tree = list(ast.walk(ast.parse(source)))
    own, read = set(), set()
    for node in tree:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.Attribute):
            of_itself = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if of_itself and isinstance(node.ctx, ast.Store):
                own.add(node.attr)
            of_parent = ast.unparse(node.value).startswith("super(")
            if not of_itself and not of_parent:
                read.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            read |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(BY_NAME):
            read |= {str(one.value) for one in node.args[1:2] if isinstance(one, ast.Constant)}
    return {name for name in read - own if is_private(name)}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_no_module_reads_private_names_of_others(path: Path) -> None:
    assert private_reads(path.read_text("utf-8")) <= FOREIGN_PRIVATE.keys()


def test_no_test_reads_private_names() -> None:
    """What a person sees is public, and what a page sees is in the state of its widget."""
    paths = sorted((ROOT / "tests").rglob("*.py"))
    found = {name_of(path): private_reads(path.read_text("utf-8")) for path in paths}
    assert not {name: read for name, read in found.items() if read}


def test_private_reads_are_seen() -> None:
    for source in (
        *("space._batches", "from m import _name", "a.b()._c = 1", "def f(x): x._y()"),
        *("getattr(x, '_y')", "monkeypatch.setattr(x, '_y', 1)"),
        *("hasattr(x, '_y')", "monkeypatch.delattr(x, '_y')"),
    ):
        assert private_reads(source), source
    own = "class A:\n def __eq__(self, other):\n  self._a = 1\n  return self._a == other._a"
    for source in (own, "self._a", "super()._a()", "x._repr_html_()", "x.__dict__"):
        assert not private_reads(source), source


def test_every_foreign_private_name_is_needed() -> None:
    read = {name for path in modules() for name in private_reads(path.read_text("utf-8"))}
    assert read >= FOREIGN_PRIVATE.keys()


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_adapters_and_the_demo_know_torch(path: Path) -> None:
    if "torch" in {name.split(".")[0] for name in imports(path)}:
        assert part_of(module_of(path)) in {"adapters", "demo"}


# Attributes that a class declares for type checkers and others define, and why.
DECLARED = {
    "LatentWidget.latent": "each widget has a trait of this name with checks of its own",
    "Scatter.selection": "jupyter-scatter defines it, and gives it no type",
}


def borrowed(source: str) -> set[str]:
    """Methods and attributes that classes declare for type checkers alone: others define them."""
    found = set()
    for owner in ast.walk(ast.parse(source)):
        if not isinstance(owner, ast.ClassDef):
            continue
        for part in owner.body:
            inside = [*ast.walk(part)] if isinstance(part, ast.If) else []
            names = {one.name for one in inside if isinstance(one, ast.FunctionDef)}
            targets = [one.target for one in inside if isinstance(one, ast.AnnAssign)]
            names |= {one.id for one in targets if isinstance(one, ast.Name)}
            found |= {f"{owner.name}.{name}" for name in names}
    return found


def test_no_class_is_half_of_another() -> None:
    """A class that calls what only its one subclass has is a file split in two, not a part."""
    for source in ("def f(self): ...", "f: int"):
        assert borrowed(f"class A:\n if TYPE_CHECKING:\n  {source}") == {"A.f"}
    found = {name for path in modules() for name in borrowed(path.read_text("utf-8"))}
    assert found == DECLARED.keys()


def kinds_asked_for(source: str) -> set[str]:
    """Names of kinds of output that a module compares the kind of something with."""
    found: set[str] = set()
    asked: list[ast.expr]
    given: Sequence[ast.AST]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Match):
            asked, given = [node.subject], [case.pattern for case in node.cases]
        elif isinstance(node, ast.Compare):
            given = asked = [node.left, *node.comparators]
        else:
            continue
        if any(getattr(one, "attr", getattr(one, "id", "")) == "kind" for one in asked):
            inside = [part for one in given for part in ast.walk(one)]
            found |= {str(one.value) for one in inside if isinstance(one, ast.Constant)}
    return found & {path.stem for path in (PACKAGE / "kinds").glob("*.py")}


def test_no_kind_is_asked_for_by_name_outside_its_folder() -> None:
    """Elsewhere a kind says what it is by a flag: another one is then one file, and no more."""
    outside = [path for path in modules() if part_of(module_of(path)) != "kinds"]
    found = {name_of(path): kinds_asked_for(path.read_text("utf-8")) for path in outside}
    assert not {name: asked for name, asked in found.items() if asked}


def test_a_kind_asked_for_by_name_is_seen() -> None:
    for source in (
        "space.kind != 'image'",
        "'text' == space.kind",
        "kind in ('text', 'tokens')",
        "match space.kind:\n case 'sound': pass",
    ):
        assert kinds_asked_for(source), source
    for source in ("space.kind == other.kind", "kind == 'binary'", "f(kind='image')"):
        assert not kinds_asked_for(source), source


def test_every_import_is_a_declared_dependency() -> None:
    extras = {f"extra == '{name}'" for name in OPTIONAL}
    declared = {
        re.split(r"[^\w.-]", line)[0].lower().replace("_", "-")
        for line in requires("latentwidgets") or []
        if "extra ==" not in line or any(extra in line.replace('"', "'") for extra in extras)
    }
    distributions = packages_distributions()
    used = {name.split(".")[0] for path in modules() for name in imports(path)}
    foreign = used - set(sys.stdlib_module_names) - {"latentwidgets"}
    # Of what is not installed only the name of the import is known.
    known = {
        name: {one.lower().replace("_", "-") for one in distributions.get(name, [name])}
        for name in foreign
    }
    missing = {name for name, those in known.items() if not those & declared}
    assert not missing


@pytest.mark.parametrize("path", tracked(".py", ".js", ".mjs", ".css"), ids=name_of)
def test_file_has_one_job(path: Path) -> None:
    if path.parent.name != "static":  # bundles are built, not written
        most = OWN_LIMITS.get(name_of(path), MOST_LINES[not path.is_relative_to(PACKAGE)])
        assert len(path.read_text(encoding="utf-8").splitlines()) <= most


def test_every_limit_of_its_own_is_of_a_file() -> None:
    assert all((ROOT / name).is_file() for name in OWN_LIMITS)


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


def test_what_jupyterlab_loads_is_of_this_version() -> None:
    folder = ROOT / "labextensions" / "latentwidgets"
    about = json.loads((folder / "package.json").read_text("utf-8"))
    assert about["version"] == re.findall(r'"(.*)"', (PACKAGE / "_version.py").read_text())[-1]
    assert (folder / about["jupyterlab"]["_build"]["load"]).is_file()
