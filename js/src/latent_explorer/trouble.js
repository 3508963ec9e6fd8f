import { atEnd, element, focusWhereScrolled } from "../dom/element.js";

/** @typedef {import("./layout.js").Part} Part */

/**
 * What went wrong in any part, said once: a decoder that fails does so in every part. In columns it is
 * said beside the picture, which is always in sight, under tabs below the part that is open, where it
 * moves no slider away from under a thumb. What the part of that picture, or the open one, does not say
 * is said with the names of the parts that do. The parts' own alerts are not seen.
 * @param {HTMLElement} looks holds the pictures, and names the part whose picture is seen
 * @param {HTMLElement} root of the explorer, which says how it is laid out
 * @param {AbortSignal} signal
 */
export function createTrouble(looks, root, signal) {
  const all = element("div");
  const alert = element("div", { class: "lw-alert", role: "alert", hidden: true }, [all]);
  /** @type {{ part: Part, own: HTMLElement }[]} the alerts of the parts */
  const heard = [];
  /** @type {Part[]} */
  const parts = [];
  let shown = "";
  const changes = new MutationObserver(follow);
  changes.observe(looks, { attributeFilter: ["data-lw-part"] });
  changes.observe(root, { attributeFilter: ["data-lw-layout"] });
  looks.append(alert);
  atEnd(signal, () => changes.disconnect());
  focusWhereScrolled(alert, signal);

  /** Stand where the person looks. */
  function place() {
    const open = parts.find(({ section }) => !section.hidden);
    const home = (root.dataset.lwLayout === "tabs" && open?.section) || looks;
    if (alert.parentElement !== home) home.append(alert);
  }

  /** Hear of what goes wrong in a part, now that its widget is shown. @param {Part} part */
  function hear(part) {
    parts.push(part);
    for (const one of part.el.querySelectorAll(".lw-root .lw-alert")) {
      heard.push({ part, own: /** @type {HTMLElement} */ (one) });
      changes.observe(one, { childList: true, subtree: true, attributeFilter: ["hidden"] });
    }
    for (const one of [part.section, part.body]) {
      changes.observe(one, { attributeFilter: ["hidden"] });
    }
    follow();
  }

  /** Whether the picture of a part is the one that is seen. @param {Part} part */
  const isSeen = ({ name }) => name === looks.dataset.lwPart;
  /** Whether the person looks at a part where they read this. @param {Part} part */
  const isHere = (part) => isSeen(part) || part.section === alert.parentElement;

  /** Whether a part says something. One that is closed does not, unless its picture is seen. */
  function speaks(/** @type {{ part: Part, own: HTMLElement }} */ { part, own }) {
    return !own.hidden && (isSeen(part) || !(part.section.hidden || part.body.hidden));
  }

  function follow() {
    place();
    const said = heard.filter(speaks).map(({ part, own }) => ({ part, text: own.textContent }));
    const told = once(said.map(({ text }) => text)).map((text) => {
      const from = new Set(said.filter((one) => one.text.endsWith(text)).map(({ part }) => part));
      const names = [...from].map(({ title }) => title);
      return [...from].some(isHere) ? text : `${names.join(", ")}: ${text}`;
    });
    alert.hidden = told.length === 0;
    if (told.join("\n") === shown) return; // it would be read aloud again
    shown = told.join("\n");
    all.replaceChildren(...told.map((text) => element("div", { text })));
  }

  return { hear };
}

/**
 * Each message once. One that ends with another says the same, and what it stopped.
 * @param {string[]} messages
 */
function once(messages) {
  const all = [...new Set(messages)];
  return all.filter((one) => !all.some((other) => other !== one && one.endsWith(other)));
}
