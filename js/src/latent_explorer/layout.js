import { createButton } from "../controls/button.js";
import { keyed } from "../controls/slider.js";
import { element, listen, onResize } from "../dom/element.js";

/** From this width on, in CSS pixels, parts stand in two columns; below, one at a time under tabs. */
const WIDE = 840;
/** A little below that they stay: a scroll bar that comes and goes must not change them. */
const SLACK = 24;
/** What share of the width the first column has, in percent: at least, at most, at first. */
const SHARE = { low: 25, high: 75, step: 2 };
const EVEN = 50;
const FOLD = "Open or close this part";

/**
 * One part: what it is in, and what opens and closes it.
 * @typedef {object} Part
 * @property {string} name
 * @property {string} title
 * @property {HTMLElement} section
 * @property {HTMLElement} head
 * @property {HTMLElement} body what is closed
 * @property {HTMLElement} el what its widget is shown in
 */

/**
 * How a person has laid the parts out, kept with the explorer: it stays over a reload of the page.
 * @typedef {object} Arrangement
 * @property {string[]} [closed] names of the parts that are closed
 * @property {string} [chosen] name of the part that is open under the tabs
 * @property {number} [share] of the width that the first column has, in percent
 */

/**
 * Reads the arrangement, and keeps what changes of it.
 * @typedef {object} Keeper
 * @property {() => Arrangement} read
 * @property {(changed: Arrangement) => void} keep
 * @property {(follow: () => void) => void} listen to what another view changes
 */

/**
 * Make the frame of a part, with a heading that opens and closes it.
 * @param {string} name
 * @param {string} title
 * @returns {Part}
 */
export function createPart(name, title) {
  const head = element("button", { type: "button", class: "lw-fold", text: title, title: FOLD });
  const el = element("div");
  const body = element("div", { class: "lw-body" }, [el]);
  const section = element("section", { class: `lw-part lw-part-${name}`, "aria-label": title }, [
    element("h4", { class: "lw-title" }, [head]),
    body,
  ]);
  return { name, title, section, head, body, el };
}

/**
 * How parts are laid out by the width there is: in two columns, each part open or closed; or one at
 * a time under tabs.
 * @param {HTMLElement} root
 * @param {Part[]} parts
 * @param {string} first the part that is open under the tabs at first
 * @param {Keeper} keeper
 * @param {(name: string) => void} onTab a part is open under the tabs
 * @param {AbortSignal} signal
 */
export function createLayout(root, parts, first, { read, keep, listen }, onTab, signal) {
  /** @type {Set<string>} */
  let closed = new Set();
  let wide = true;
  let chosen = first;
  const tabs = parts.map(({ name, title }) => {
    const tab = element("button", { type: "button", class: "lw-tab", role: "tab", text: title });
    tab.title = `Show this part: ${title}`;
    tab.addEventListener("click", () => choose(name), { signal });
    return tab;
  });
  const bar = element("div", { class: "lw-tabs", role: "tablist", "aria-label": "Parts" }, tabs);

  function arrange() {
    root.dataset.lwLayout = wide ? "columns" : "tabs";
    for (const [i, { name, section, head, body }] of parts.entries()) {
      section.hidden = !wide && name !== chosen;
      section.role = wide ? "region" : "tabpanel";
      body.hidden = wide && closed.has(name);
      head.ariaExpanded = String(!body.hidden);
      tabs[i].ariaSelected = String(name === chosen);
      tabs[i].tabIndex = name === chosen ? 0 : -1;
    }
    if (!wide) onTab(chosen);
  }

  function follow() {
    const kept = read();
    closed = new Set(kept.closed);
    chosen = parts.find(({ name }) => name === kept.chosen)?.name ?? chosen;
    arrange();
  }

  /** @param {string} name */
  function choose(name) {
    chosen = name;
    keep({ chosen });
    arrange();
  }

  /** Bring a part into sight, as where something new is on its way to it. @param {string} name */
  function open(name) {
    closed.delete(name);
    chosen = name;
    keep({ closed: [...closed], chosen });
    arrange();
  }

  /** Say of one part that it is the one in the picture. @param {string} name */
  function mark(name) {
    for (const [i, part] of parts.entries()) {
      for (const one of [part.head, tabs[i]]) one.ariaCurrent = String(part.name === name);
    }
  }

  /** Keys on the tabs, as is usual there. @param {KeyboardEvent} event */
  function press(event) {
    const { key } = event;
    const last = parts.length - 1;
    const here = parts.findIndex(({ name }) => name === chosen);
    /** @type {Record<string, number>} */
    const ways = { ArrowLeft: here || last + 1, ArrowRight: here + 2, Home: 1, End: last + 1 };
    if (!(key in ways)) return;
    event.preventDefault();
    const to = key === "ArrowRight" && here === last ? 0 : ways[key] - 1;
    choose(parts[to].name);
    tabs[to].focus();
  }

  for (const { name, head } of parts) {
    head.addEventListener(
      "click",
      () => {
        if (!closed.delete(name)) closed.add(name);
        keep({ closed: [...closed] });
        arrange();
      },
      { signal },
    );
  }
  bar.addEventListener("keydown", press, { signal });
  function followWidth() {
    const width = root.clientWidth;
    if (width === 0) return; // in a tab of the notebook behind another one
    wide = width >= WIDE - (wide ? SLACK : 0);
    arrange();
  }
  onResize(root, followWidth, signal);
  listen(follow);
  follow();
  return { bar, open, mark };
}

/**
 * What lies between two columns, and is dragged to make one wider.
 * @param {HTMLElement} columns
 * @param {Keeper} keeper
 * @param {AbortSignal} signal
 */
export function createSplitter(columns, keeper, signal) {
  const bar = element("div", {
    class: "lw-splitter",
    role: "separator",
    tabindex: 0,
    title: "Drag to change the widths of the columns; double-click for equal widths",
    "aria-label": "Width of the first column, in percent",
    "aria-orientation": "vertical",
    "aria-valuemin": SHARE.low,
    "aria-valuemax": SHARE.high,
  });
  let share = EVEN;

  /** @param {number} wanted in percent */
  function set(wanted) {
    share = Math.min(SHARE.high, Math.max(SHARE.low, wanted));
    bar.ariaValueNow = String(Math.round(share));
    columns.style.setProperty("--lw-first", `${share}fr`);
    columns.style.setProperty("--lw-second", `${100 - share}fr`);
  }

  const follow = () => set(keeper.read().share ?? EVEN);
  const keep = () => keeper.keep({ share });

  listen(
    bar,
    {
      pointerdown(event) {
        bar.setPointerCapture(event.pointerId);
        event.preventDefault(); // no text is selected
        bar.focus();
      },
      pointermove(event) {
        if (!bar.hasPointerCapture(event.pointerId)) return;
        const { left, width } = columns.getBoundingClientRect();
        set((100 * (event.clientX - left)) / width);
      },
      lostpointercapture: keep,
      dblclick() {
        set(EVEN);
        keep();
      },
      keydown(event) {
        const moved = keyed(event.key, event.shiftKey, share, SHARE);
        if (moved === null) return;
        event.preventDefault();
        set(moved);
        keep();
      },
    },
    signal,
  );
  keeper.listen(follow);
  follow();
  return bar;
}

/**
 * The button that fills the screen with the explorer.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function createFullScreen(root, signal) {
  const button = createButton(
    "Full screen",
    "Fill the screen with the explorer; Escape leaves it",
    toggle,
    signal,
  );
  const filled = () => /** @type {Document} */ (root.getRootNode()).fullscreenElement === root;

  function toggle() {
    const done = filled() ? document.exitFullscreen() : root.requestFullscreen();
    done.catch(() => {}); // the browser or the person said no
  }

  function follow() {
    button.ariaPressed = String(filled());
  }

  button.hidden = !document.fullscreenEnabled;
  document.addEventListener("fullscreenchange", follow, { signal });
  return button;
}
