"""Sees that what is released holds onnxruntime-web, which runs decoders in a page.

It is not committed, and what is left out of a wheel nobody notices until a page asks for it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "latentwidgets/runtime"
RUNTIMES = ("ort.mjs.gz", "ort.wasm.gz", "ort.webgpu.mjs.gz", "ort.webgpu.wasm.gz")
FILES = (*RUNTIMES, "LICENSE", "version.txt")
# Set while a release is built.
VARIABLE = "LATENTWIDGETS_RELEASE"


class Hook(BuildHookInterface):  # type: ignore[misc]
    """Refuses to build a release without the runtime; of all else it warns.

    What is installed from a clone works without: networks are then decoded by the kernel alone, and
    a widget says why.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Look for the files before anything is built."""
        missing = [name for name in FILES if not Path(self.root, FOLDER, name).is_file()]
        if not missing:
            return
        words = (
            f"{FOLDER} lacks {', '.join(missing)}. `make build` fetches onnxruntime-web from npm; "
            "so does `npm --prefix js run runtime`, with npm alone."
        )
        if os.environ.get(VARIABLE):
            raise RuntimeError(words)
        self.app.display_warning(f"Without it no network is decoded in a page: {words}")
