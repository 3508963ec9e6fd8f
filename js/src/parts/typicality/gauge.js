import { createButton } from "../../controls/button.js";
import { element } from "../../dom/element.js";
import { moduleOf } from "../../loader/parts.js";

const NEAREST = "The latents of the data that are nearest to this one";

/**
 * A gauge of where the latent stands, and below it the nearest of the data where somebody wants to
 * see them.
 * @param {import("../../stage/stage.js").Stage} stage
 * @param {import("./standings.js").Standings["found"]} found
 * @param {(test: string) => string} advice what can be done where a test fails
 * @param {AbortSignal} signal
 */
export function createGauge(stage, found, advice, signal) {
  const needle = element("div", { class: "lw-needle" });
  const verdict = element("span", { class: "lw-verdict" });
  const meter = element("div", { class: "lw-meter", "aria-hidden": "true" }, [needle]);
  const line = element("div", { class: "lw-gauge" }, [meter, verdict]);
  const root = element("div", { class: "lw-standing", role: "group", "aria-label": "Typicality" }, [
    line,
  ]);
  root.append(createOpener(stage, root, signal));

  function show() {
    const { none, fails, why, now, words: compared } = found();
    meter.hidden = none || fails;
    needle.hidden = !now; // it would call what is not known yet the rarest of all
    if (none || fails || !now) {
      // The first sentence says why there is nothing; what helps comes after it.
      const known = none ? ` not judged: ${why.split(/\.(?: |$)/)[0]}` : fails ? ": not known" : "";
      verdict.textContent = `typicality${known || ": found out while you rest"}`;
      verdict.title = line.title = why || verdict.textContent;
      return;
    }
    const { p, test, words, details } = now.standing;
    verdict.textContent = words;
    verdict.title = line.title = `${words}. ${details}. ${compared}${advice(test)}`;
    line.classList.toggle("lw-odd", test !== "");
    line.classList.toggle("lw-old", now.old);
    line.dataset.lwRarity = String(p);
    // The root leaves room for the few that are atypical.
    needle.style.left = `${100 * Math.sqrt(p)}%`;
  }

  return { root, show };
}

/**
 * The button that shows the nearest of the data, whose code comes from the kernel.
 * @param {import("../../stage/stage.js").Stage} stage
 * @param {HTMLElement} root where they are shown
 * @param {AbortSignal} signal
 */
function createOpener(stage, root, signal) {
  const { model } = stage;
  const near = createButton("Nearest data", NEAREST, toggle, signal);
  /** @type {ReturnType<typeof import("../neighbours.js").default> | undefined} */
  let neighbours;
  let coming = false;
  near.ariaExpanded = "false";
  near.hidden = !model.get("_neighbours");
  near.classList.add("lw-opener");

  async function toggle() {
    if (coming) return; // a second click of who waits for the first
    if (!neighbours) {
      coming = true;
      try {
        /** @type {typeof import("../neighbours.js")} */
        const { default: create } = await moduleOf(model, "_neighbours");
        neighbours = create(stage, signal);
        root.append(neighbours.root);
      } finally {
        coming = false;
      }
    }
    near.ariaExpanded = String(neighbours.toggle());
  }

  return near;
}
