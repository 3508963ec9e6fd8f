import { importCode } from "./index.js";

/** @typedef {import("@anywidget/types").AnyModel} Model */

/**
 * Import the module that a trait of a model is, or refers to.
 * @param {Model} model
 * @param {string} trait
 */
export async function moduleOf(model, trait) {
  return (await importCode(model, model.get(trait))).module;
}

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

/**
 * Have the page decode by itself where the kernel has sent what it needs for that.
 * @param {object} stage
 * @param {Model} stage.model
 * @param {number[]} stage.at
 * @param {{ where: string }} stage.mailbox is told why the kernel goes on decoding
 * @param {() => void} stage.changed
 * @param {(message: string) => void} stage.fail
 * @param {AbortSignal} signal ends with the widget
 */
export function decodeHere(stage, signal) {
  const { model, at } = stage; // a move while the code is on its way is one
  async function load() {
    const value = model.get("_page");
    if (!value) return;
    const { module, js } = await importCode(model, value);
    module.default(stage, js, at, signal);
  }
  /** @param {unknown} error */
  function stay(error) {
    const why = `what decodes in the page could not be loaded: ${error}`;
    stage.mailbox.where = `, by the kernel: ${why}`;
    model.set("runs_in", `kernel: ${why}`);
    model.save_changes();
    if (model.get("run") === "page") stage.fail(why);
    else stage.changed();
  }
  const begin = () => load().catch(stay);
  model.on("change:_page", begin);
  begin();
}
