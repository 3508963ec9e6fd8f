import { under, withConditions } from "../controls/conditions.js";
import { places } from "../controls/filmstrip.js";
import { stripLevels } from "../stage/strip.js";

/**
 * An interpolator has one coordinate, the trait `value`, from 0 to 1.
 * @param {import("@anywidget/types").AnyModel} model
 * @returns {import("../stage/stage.js").Control & { idle: boolean }}
 */
export function createControl(model) {
  return withConditions(model, {
    read: () => [model.get("value")],
    write: ([value]) => model.set("value", value),
    strips: ({ at: [thumb], pace }) => [
      { levels: levels(model, pace.frameMs), thumb, at: (t) => [t] },
    ],
  });
}

/**
 * How many positions of the strip have a frame.
 * @param {import("../stage/stage.js").Stage} stage
 */
export function decodedAhead(stage) {
  const { model, store, route } = stage;
  return [...levels(model, 0).keys()].filter((t) => store.get(route, under(stage, [t]))).length;
}

/**
 * @param {import("@anywidget/types").AnyModel} model
 * @param {number} frameMs
 */
function levels(model, frameMs) {
  return stripLevels(model.get("strip_length"), places(model.get("filmstrip")), frameMs);
}
