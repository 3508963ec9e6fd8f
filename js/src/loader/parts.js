import { importCode } from "./index.js";

/** @typedef {import("@anywidget/types").AnyModel} Model */

/**
 * Load the parts that the kernel has sent, and those that it sends later, even while the first are
 * on their way: code of what only some widgets of a kind show.
 * @param {Model} model
 * @param {Record<string, any>} parts by their names, where they are put
 * @param {object} stage hears of those that come later
 * @param {() => void} stage.changed
 * @param {(message: string) => void} stage.fail
 * @returns {Promise<void>} when the first are there
 */
export function loadParts(model, parts, stage) {
  model.on("change:_parts", () =>
    load(model, parts).then(
      () => stage.changed(),
      (error) => stage.fail(`A part of the widget could not be loaded: ${error}`),
    ),
  );
  return load(model, parts);
}

/**
 * Load the parts that are not here yet.
 * @param {Model} model
 * @param {Record<string, any>} parts
 */
async function load(model, parts) {
  const sent = Object.entries(model.get("_parts"));
  const loads = sent.map(async ([name, code]) => {
    parts[name] ??= (await importCode(model, code)).module.default;
  });
  await Promise.allSettled(loads); // one that fails keeps no other away
  await Promise.all(loads);
}
