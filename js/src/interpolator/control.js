import { places } from "../controls/filmstrip.js";
import { stripLevels } from "../stage/strip.js";

/**
 * One coordinate, `value`, from 0 to 1.
 * @param {import("@anywidget/types").AnyModel} model
 * @returns {import("../stage/stage.js").Control}
 */
export function createControl(model) {
  return {
    read: () => [model.get("value")],
    write: ([value]) => model.set("value", value),
    strips: ({ at: [thumb], filler }) => [
      { levels: levels(model, filler.frameMs), thumb, at: (t) => [t] },
    ],
  };
}

/**
 * How many positions of the strip have a frame.
 * @param {import("../stage/stage.js").Stage} stage
 */
export function decodedAhead(stage) {
  return [...levels(stage.model, 0).keys()].filter((t) => stage.has([t])).length;
}

/**
 * @param {import("@anywidget/types").AnyModel} model
 * @param {number} frameMs
 */
function levels(model, frameMs) {
  return stripLevels(model.get("strip_length"), places(model.get("filmstrip")), frameMs);
}
