"""How soon the first words of a steered text are on screen, in a real JupyterLab.

A thumb jumps to a place that was never shown: the slider of an editor of one text, and the slider
of the strength over a grid of five layers by five strengths. Seen is, frame by frame as the browser
makes them, when the first letters for that place are painted, and when the whole text is.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.measure import LIMIT_MS
from benchmarks.session import lab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.tables import Found
    from tests.browser.notebook import Notebook

__all__ = ["JUMPS", "measure", "rows"]

JUMPS = 12
# Of these the first are left out: what is called first is compiled then.
WARM_UP = 2
REST_MS = 1000
MOST_MS = 200.0

SETUP = """
import numpy as np
import latentwidgets as lw

stories = lw.demo.stories()
stories.model.generation_config.eos_token_id = None  # so that all texts are as long
[prompt], _ = stories.write(1, seed=1, until="mood")
space = lw.as_space(
    stories.model, tokenizer=stories.tokenizer, prompt=prompt, layer=1, max_new_tokens=30,
    conditions={"layer": lw.Condition(1, choices=range(5))},
)
happy, sad = (
    space.encode(stories.write(20, until="mood", mood=mood)[0]) for mood in ("happy", "sad")
)
mood = lw.contrast_directions(sad, happy, name="happy")[0]
nothing = np.zeros(space.latent_shape)
"""
EDITOR = "lw.DirectionEditor(space, nothing, [mood])"
GRID = """lw.LatentGrid.plane(
    space, nothing, mood, "layer", amounts=[-1.0, -0.5, 0.0, 0.5, 1.0], height=900
)"""
# Moves a slider, and gives the milliseconds until the first letters that belong there are painted,
# and until all of what is there is exact: at the start of the frame that paints them.
JUMP = """
async ([root, input, show, named, share, limit]) => {
  const view = document.querySelector(root);
  const slider = view.querySelector(input);
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const shown = () => [...view.querySelectorAll(show)].filter((one) => !one.hidden);
  const before = new Map(shown().map((one) => [one, one.dataset.lwSeq]));
  // An editor shows the nearest frame that it has until the right one comes, and says of which
  // amounts; a cell of a grid stays as it was.
  const isNew = (one) =>
    one.dataset.lwSeq !== before.get(one) &&
    (!named || Math.abs(JSON.parse(one.dataset.lwValue)[named] - Number(slider.value)) < 1e-9);
  const hasLetters = (one) => one.querySelector('.lw-letters').textContent.trim() !== '';
  slider.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, buttons: 1 }));
  await new Promise((resolve) => setTimeout(resolve, 30 * Math.random()));
  const begin = performance.now();
  slider.value = String(low + share * (high - low));
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  slider.dispatchEvent(new Event('change', { bubbles: true }));
  slider.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
  let [first, drafts] = [null, 0];
  while (performance.now() - begin < limit) {
    const now = await new Promise((resolve) => requestAnimationFrame(resolve));
    const fresh = shown().filter(isNew);
    if (first === null && fresh.some(hasLetters)) {
      first = now - begin;
      drafts = fresh.filter((one) => one.dataset.lwExact !== 'true').length;
    }
    const exact = shown().every((one) => isNew(one) && one.dataset.lwExact === 'true');
    if (first !== null && exact) return { first, all: now - begin, drafts };
  }
  return { first: first ?? limit, all: limit, drafts };
}
"""
# Of each widget: its element, the slider, what is shown, and the name of the amount that it is of.
PLACES = {
    "editor": (
        ".lw-direction-editor",
        ".lw-row .lw-slider",
        ".lw-picture:not(.lw-before)",
        "happy",
    ),
    "grid": (".lw-latent-grid", ".lw-conditions .lw-slider", ".lw-box", ""),
}


def measure(jumps: int = JUMPS) -> dict[str, Any]:
    """Jump, and wait for letters.

    Parameters
    ----------
    jumps : int
        How often in each widget.

    Returns
    -------
    dict
        For "editor" and "grid": milliseconds to the first letters, ``first_ms``, and to the whole
        text of all, ``all_ms``, medians; and all jumps.
    """
    found: dict[str, Any] = {}
    with lab(extension=True) as opened:
        for name, source in (("editor", EDITOR), ("grid", GRID)):
            notebook = opened.open([SETUP, source])
            found[name] = _jumped(notebook, name, jumps)
            notebook.close()
    return found


def _jumped(notebook: Notebook, name: str, jumps: int) -> dict[str, Any]:
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    root, slider, shown, named = PLACES[name]
    page.locator(root).scroll_into_view_if_needed()
    page.wait_for_function(
        "([root, shown]) => [...document.querySelectorAll(`${root} ${shown}`)].every("
        "(one) => one.dataset.lwExact === 'true')",
        arg=[root, shown],
        timeout=60_000,
    )
    page.wait_for_timeout(3 * REST_MS)
    # No place of a strip, and none is near another.
    count = jumps + WARM_UP
    shares = (np.random.default_rng(0).permutation(count) + 0.437) / count
    every = []
    for share in shares:
        every.append(page.evaluate(JUMP, [root, slider, shown, named, float(share), LIMIT_MS]))
        page.wait_for_timeout(REST_MS)
        print(f"first words: {name} {every[-1]}", flush=True)
    every = every[WARM_UP:]
    return {
        "first_ms": median(one["first"] for one in every),
        "all_ms": median(one["all"] for one in every),
        "jumps": every,
    }


def rows(found: Mapping[str, Any]) -> list[Found]:
    """Give the rows of a table of what `measure` found."""
    names = {"editor": "one text", "grid": "a grid of 25 texts"}
    return [
        (
            f"from a jump to the first letters painted, {words}, p50",
            f"{found[name]['first_ms']:.0f} ms; all of it {found[name]['all_ms']:.0f} ms",
            f"{MOST_MS:.0f} ms",
            found[name]["first_ms"] <= MOST_MS,
        )
        for name, words in names.items()
    ]
