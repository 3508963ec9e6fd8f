import { element } from "../../dom/element.js";

/** Where damage begins on both sides within this share of the drawing, its marks are short. */
const NEAR = 0.7;
/** Within this share there is no room between them: each mark stands on its own side. */
const TIGHT = 0.35;

/** The hatched sides beyond which there is damage, and what marks them. */
export function createDamage() {
  const marks = [element("span"), element("span")];
  const sides = ["lw-harm lw-lower", "lw-harm lw-upper"].map((name, i) =>
    element("div", { class: name, "aria-hidden": "true" }, [marks[i]]),
  );

  /**
   * @param {[below: number | null, above: number | null]} damage where it begins, as shares of the slider; none where none is known
   * @param {HTMLElement} root of the curve
   * @returns {boolean} whether anything lies between the two
   */
  function show([below, above], root) {
    place(sides[0], "right", below);
    place(sides[1], "left", above);
    // Between the two there may be no room for more.
    const between = below === null || above === null ? 1 : above - below;
    const what = between < NEAR ? "damage" : "damage from here";
    root.classList.toggle("lw-tight", between < TIGHT);
    // Where there is none the two would meet, and say nothing that the sentence does not.
    marks[0].textContent = between > 0 ? `← ${what}` : "";
    marks[1].textContent = between > 0 ? `${what} →` : "";
    root.classList.toggle(
      "lw-harmful",
      sides.some(({ hidden }) => !hidden),
    );
    return between > 0;
  }

  return { sides, show };
}

/**
 * Have a side reach as far as damage does, if that is to be seen.
 * @param {HTMLElement} side
 * @param {"left" | "right"} edge which it does not reach
 * @param {number | null} at where it begins
 */
function place(side, edge, at) {
  side.hidden = !(at !== null && at >= 0 && at <= 1);
  if (at === null || side.hidden) return;
  side.style.setProperty(edge, `${100 * (edge === "left" ? at : 1 - at)}%`);
}
