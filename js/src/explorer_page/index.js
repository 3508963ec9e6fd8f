import loader from "../loader/index.js";
import { RecordedModel } from "../recorded/model.js";
import { begin, openPage } from "../recorded/page.js";
import { StandIn } from "../recorded/stand_in.js";

/** What stands in for the model of a part. @type {import("../recorded/page.js").Stand} */
const stand = (state, places) => new RecordedModel(state, places);

openPage(async (el, { js, state, parts = {} }) => {
  /** @type {Record<string, ReturnType<typeof begin>>} */
  const begun = {};
  for (const [name, part] of Object.entries(parts)) {
    begun[name] = begin(part, stand);
    begun[name].catch(() => {}); // the part tells of it, and the others are shown
  }
  const host = {
    apart: true, // each has the frames of its own controls, and none of what another would make of them
    getModel: async (/** @type {string} */ name) => (await begun[name]).model,
    getWidget: (/** @type {string} */ name) => begun[name],
  };
  const context = { model: new StandIn({ ...state, _code: js }), el, host };
  const { signal } = new AbortController();
  const widget = loader();
  widget.initialize({ ...context, signal });
  await widget.render({ ...context, signal });
});
