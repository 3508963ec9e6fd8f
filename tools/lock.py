"""Renew constraints.txt and js/package-lock.json: the newest versions that work together.

torch keeps the version it has in constraints.txt, since its CPU build is not on every index: move
it there by hand. JavaScript tools keep the versions that js/package.json names. No address of a
registry is written down, so that everybody's own settings say where packages come from.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
PACKAGE_LOCK = ROOT / "js" / "package-lock.json"
KEEP = ("torch",)
HEADER = """\
# Every package of the environment with its exact version. Made by `make lock`; pip reads it as
# constraints. Versions that Python 3.10 cannot have bind from the first on that can.
"""

# Runs in the new environment: one requirement a line. Local versions ("+cpu") name a build of the
# same version, and are left out.
LIST = """
from importlib.metadata import distributions
from pip._vendor.packaging.specifiers import SpecifierSet

lines = set()
pythons = [f"3.{minor}.{micro}" for minor in (10, 11) for micro in range(30)]
for found in distributions():
    name = found.metadata["Name"]
    if name.lower() in {"latentwidgets", "pip"}:
        continue
    needs = SpecifierSet(found.metadata["Requires-Python"] or "")
    first = next(one for one in pythons if needs.contains(one))
    bound = f'version >= "{first[:-2]}"' if first.endswith(".0") else f'full_version >= "{first}"'
    marker = "" if first == "3.10.0" else f" ; python_{bound}"
    lines.add(name + "==" + found.version.partition("+")[0] + marker)
print("\\n".join(sorted(lines, key=str.lower)))
"""


def lock_python() -> None:
    """Install the newest of everything into an environment of its own, and write down what came."""
    kept = [line for line in _lines(CONSTRAINTS) if line.split("==")[0] in KEEP]
    with tempfile.TemporaryDirectory(prefix="lw-lock-") as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder, "bin", "python"))
        pins = Path(folder, "pins.txt")
        pins.write_text("\n".join(kept), encoding="utf-8")
        install = [python, "-m", "pip", "install", "--constraint", str(pins), f"{ROOT}[dev]"]
        subprocess.run(install, check=True)
        listed = subprocess.run([python, "-c", LIST], check=True, stdout=subprocess.PIPE, text=True)
    CONSTRAINTS.write_text(HEADER + listed.stdout, encoding="utf-8")


def lock_javascript() -> None:
    """Resolve js/package.json anew, and drop from the lock what no installation reads."""
    npm = Path(sys.executable).with_name("npm")
    # In a folder of its own: npm would take what node_modules holds, without its checksums.
    with tempfile.TemporaryDirectory(prefix="lw-lock-") as folder:
        for name in ("package.json", ".npmrc"):
            shutil.copy(PACKAGE_LOCK.with_name(name), folder)
        subprocess.run([npm, "install", "--package-lock-only"], cwd=folder, check=True)
        lock = json.loads(Path(folder, PACKAGE_LOCK.name).read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
    PACKAGE_LOCK.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    lock_python()
    lock_javascript()
