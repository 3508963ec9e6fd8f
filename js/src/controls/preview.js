import { atEnd, element, listen } from "../dom/element.js";
import { createPainter } from "../frames/painter.js";
import { stripLevels } from "../stage/strip.js";

/** How many pictures are shown along a slider. */
const COUNT = 7;
/** Levels of strips up to this one are decoded for sliders that are not in hand, too. */
const DEEPEST = 4;
/** The pointer or the keys stay this long before anything is asked for: who goes by wants nothing. */
const WAIT_MS = 150;
/** How wide the strip is, in CSS pixels, and how far from its slider and the ends of the page. */
const WIDTH = { least: 280, most: 440 };
const GAP = 6;

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {{ at: number[], label: string }} Spot a place along a slider: all coordinates there, and what to call it */

/**
 * The positions along a slider whose pictures are shown: those of its strip that are nearest to seven
 * in even steps, so that most are there already.
 * @param {number} length of the strip
 */
export function previewed(length) {
  const strip = [...stripLevels(length, [], 0)].filter(([, level]) => level <= DEEPEST);
  return Array.from({ length: COUNT }, (_, i) =>
    strip.reduce(
      (best, [t]) => (Math.abs(t - i / (COUNT - 1)) < Math.abs(best - i / (COUNT - 1)) ? t : best),
      0,
    ),
  ).filter((t, i, all) => all.indexOf(t) === i);
}

/**
 * Show what a slider does before it is moved: small pictures along it, above it, once the pointer has
 * rested on its name, or the keys on the slider. Where the pictures are texts there are none.
 * @param {Stage} stage
 * @param {object} of
 * @param {HTMLElement} of.name
 * @param {HTMLElement} of.track
 * @param {HTMLInputElement} of.range
 * @param {(t: number) => Spot} of.spot the place at a position from 0 to 1
 * @param {AbortSignal} signal
 */
export function createPreview(stage, { name, track, range, spot }, signal) {
  const { kind, mailbox } = stage;
  if (kind.role !== "img") return;
  const page = track.ownerDocument;
  /** @type {AbortController | undefined} while the pictures are shown */
  let shown;
  let timer = 0;
  atEnd(signal, close);

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(open, WAIT_MS);
  }

  function close() {
    clearTimeout(timer);
    shown?.abort();
    shown = undefined;
  }

  function open() {
    close();
    const now = new AbortController();
    shown = now;
    const positions = previewed(stage.model.get("strip_length"));
    const cells = positions.map((t) => createCell(stage, () => spot(t), now.signal));
    const box = element(
      "div",
      { class: "lw-preview", popover: "manual", "aria-hidden": "true" },
      cells.map(({ root }) => root),
    );
    track.append(box);
    // Above all else on the page, and cut off by nothing; where a browser has no such layer, in place.
    box.showPopover?.();
    /** @type {Set<string>} what was asked for; what did not come is not asked for again */
    const asked = new Set();

    function follow() {
      const missing = cells
        .flatMap(({ refresh }) => refresh() ?? [])
        .filter((at) => !asked.has(`${stage.route} ${at}`));
      if (missing.length === 0) return;
      for (const at of missing) asked.add(`${stage.route} ${at}`);
      mailbox.askStrip(stage.route, missing, true, "-preview");
    }

    atEnd(now.signal, () => box.remove());
    stage.listen(follow, now.signal);
    listen(
      page,
      { keydown: ({ key }) => key === "Escape" && close(), pointerdown: close },
      now.signal,
    );
    const root = /** @type {Document | ShadowRoot} */ (track.getRootNode());
    /** @type {HTMLElement[]} */
    const alerts = [...root.querySelectorAll(/** @type {"div"} */ (".lw-alert"))];
    const place = () => put(box, alerts);
    page.addEventListener("scroll", place, { capture: true, signal: now.signal });
    const changes = new MutationObserver(place); // what goes wrong is said meanwhile
    for (const one of alerts) {
      changes.observe(one, { attributeFilter: ["hidden"], childList: true, subtree: true });
    }
    atEnd(now.signal, () => changes.disconnect());
    follow();
    place();
  }

  /**
   * Put the strip above its slider, or below where there is no room, or something is said there.
   * @param {HTMLElement} box
   * @param {HTMLElement[]} alerts which it is not to cover
   */
  function put(box, alerts) {
    const { left, top: begin, bottom, width } = track.getBoundingClientRect();
    const top = Math.min(begin, name.getBoundingClientRect().top); // where it is narrow, names are above sliders
    const page = document.documentElement;
    const wide = Math.min(Math.max(width, WIDTH.least), WIDTH.most, page.clientWidth - 2 * GAP);
    box.style.width = `${wide}px`;
    const { height } = box.getBoundingClientRect();
    const most = page.clientWidth - wide - GAP;
    box.style.left = `${Math.max(GAP, Math.min(left + (width - wide) / 2, most))}px`;
    const above = top - GAP - height;
    const covers = alerts.some((one) => {
      const said = one.getBoundingClientRect(); // of what is hidden, no height
      return said.height > 0 && said.top < top && said.bottom > above;
    });
    box.style.top = `${above > 0 && !covers ? above : bottom + GAP}px`;
  }

  listen(
    name,
    {
      pointerenter: ({ pointerType }) => pointerType !== "touch" && wait(),
      pointerleave: close,
    },
    signal,
  );
  listen(range, { focus: () => range.matches(":focus-visible") && wait(), blur: close }, signal);
}

/**
 * One of the pictures, empty until its frame is there.
 * @param {Stage} stage
 * @param {() => Spot} spot where it is
 * @param {AbortSignal} signal
 */
function createCell(stage, spot, signal) {
  const { kind, store } = stage;
  const cell = kind.create("lw-cell", signal, true);
  const label = element("span", {});
  const root = element("div", { class: "lw-spot" }, [cell, label]);
  const frame = () => store.get(stage.route, spot().at);
  const paint = createPainter(cell, kind, frame, ({ lossless }) => lossless, signal);
  /** @type {unknown} */
  let wanted;

  /** Show it as it is now. @returns {[number[]] | undefined} its coordinates, where its frame is missing */
  function refresh() {
    const found = frame();
    const { at, label: words } = spot();
    label.textContent = words;
    root.classList.toggle("lw-empty", !found?.bitmap);
    root.classList.toggle("lw-unfinished", Boolean(found?.draft));
    if (found && found !== wanted) {
      wanted = found;
      store.ready(found).then(
        () => {
          root.classList.toggle("lw-empty", !frame()?.bitmap);
          paint();
        },
        () => {},
      );
    }
    return found ? undefined : [at];
  }

  return { root, refresh };
}
