import { atEnd, element } from "../../dom/element.js";

/** @typedef {import("./lines.js").Lines} Lines */

/**
 * Keys, gestures and marks as a list; before them, where pictures are decoded, as the tooltip of the
 * line below the picture says, which no key leads to.
 * @param {Lines} lines
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 * @param {import("../../stage/stage.js").Stage} [stage] of a widget that shows pictures
 */
export function createLines(lines, model, signal, stage) {
  const listed = lines.flatMap(([keys, what, where]) => {
    const line = [element("dt", { text: keys }), element("dd", { text: what })];
    if (where) listWhile(where, line, model, signal);
    return line;
  });
  return element("dl", { class: "lw-keys" }, [...whereDecoded(signal, stage), ...listed]);
}

/**
 * Where this page has pictures decoded, and why, of widgets that know. Another page of the same widget
 * may do otherwise.
 * @param {AbortSignal} signal
 * @param {import("../../stage/stage.js").Stage} [stage]
 */
function whereDecoded(signal, stage) {
  if (stage?.model.get("runs_in") === undefined) return [];
  const { mailbox } = stage;
  const where = element("dd");
  const follow = () => {
    where.textContent = mailbox.local ? "in the page" : mailbox.where.slice(2) || "by the kernel";
  };
  stage.listen(follow, signal);
  follow();
  return [element("dt", { text: "Pictures are decoded" }), where];
}

/**
 * List a line only while a trait is set.
 * @param {string} trait
 * @param {HTMLElement[]} line
 * @param {import("@anywidget/types").AnyModel} model
 * @param {AbortSignal} signal
 */
function listWhile(trait, line, model, signal) {
  function follow() {
    for (const one of line) one.hidden = !model.get(trait);
  }
  model.on(`change:${trait}`, follow);
  atEnd(signal, () => model.off(`change:${trait}`, follow));
  follow();
}
