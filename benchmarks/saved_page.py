"""A page that a widget saves: how large it is, when it is ready, how it follows the thumb.

Run it with ``python -m benchmarks.saved_page [rounds]``. The page is of a path of a face model, 33
frames of 64 x 64, opened from disk with the network off.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import latentwidgets as lw
from tests.browser.lab import CHROMIUM_ARGS
from tests.models import load_vae
from tools.chromium import find

MOST_BYTES, MOST_READY_MS, FEWEST = 300_000, 300.0, 60
# The thumb passes a position of 33 so often a second, about: each is to be seen.
FEWEST_PICTURES = 35
# From the start of the page to the exact picture on it.
READY = """() => new Promise((done) => {
    const look = () => {
        const picture = document.querySelector('.lw-picture');
        if (picture?.dataset.lwExact === 'true') done(performance.now());
        else requestAnimationFrame(look);
    };
    look();
})"""
# The thumb moves with every repaint for three seconds; how many repaints, and pictures, a second.
SCRUB = """() => new Promise((done) => {
    const slider = document.querySelector('.lw-slider');
    const picture = document.querySelector('.lw-picture');
    const start = performance.now();
    const low = Number(slider.min), high = Number(slider.max);
    let repaints = 0, changes = 0, shown = null;
    const step = (now) => {
        if (now - start > 3000) return done([repaints / 3, changes / 3]);
        if (picture.dataset.lwValue !== shown) {
            changes += 1;
            shown = picture.dataset.lwValue;
        }
        repaints += 1;
        const swing = 0.5 - 0.5 * Math.cos((now - start) / 250);
        slider.value = low + swing * (high - low);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
})"""


def measure(rounds: int = 9) -> dict[str, Any]:
    """Open a page again and again.

    Returns
    -------
    dict
        Its bytes; the median milliseconds until it shows the exact picture; and, while the thumb
        moves, median repaints and pictures a second.
    """
    from playwright.sync_api import sync_playwright

    space = lw.as_space(load_vae("celeba_vae"), latent_shape=10)
    latents = np.random.default_rng(0).normal(size=(3, 10)).astype(np.float32)
    ready, repaints, pictures = [], [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "faces.html")
        lw.Interpolator(space, latents).save_html(file)
        browser = playwright.chromium.launch(executable_path=find(), args=CHROMIUM_ARGS)
        for _ in range(rounds):
            context = browser.new_context(offline=True)
            page = context.new_page()
            page.goto(file.as_uri())
            ready.append(page.evaluate(READY))
            each = page.evaluate(SCRUB)
            repaints.append(each[0])
            pictures.append(each[1])
            context.close()
        browser.close()
        size = file.stat().st_size
    found = {
        "bytes": size,
        "ready_ms": statistics.median(ready),
        "repaints": statistics.median(repaints),
        "pictures": statistics.median(pictures),
    }
    # A screen repaints 60 times a second; clocks are a little off.
    met = size < MOST_BYTES and found["ready_ms"] < MOST_READY_MS
    moving = found["repaints"] >= FEWEST - 1 and found["pictures"] >= FEWEST_PICTURES
    return found | {"met": met and moving}


def table(result: dict[str, Any]) -> str:
    """Lay out what `measure` found."""
    return "\n".join(
        [
            "## A saved page of 33 faces",
            "",
            "| bytes | ready after | repaints a second, dragged | pictures | targets | met |",
            "| --- | --- | --- | --- | --- | --- |",
            f"| {result['bytes']:,} | {result['ready_ms']:.0f} ms | {result['repaints']:.0f} "
            f"| {result['pictures']:.0f} | {MOST_BYTES:,}; {MOST_READY_MS:.0f} ms; {FEWEST} "
            f"| {'yes' if result['met'] else 'no'} |",
        ]
    )


if __name__ == "__main__":
    print(table(measure(int((sys.argv[1:] or ["9"])[0]))))
