import loader from "../loader/index.js";
import { RecordedModel } from "./model.js";

/**
 * What a page holds of a widget.
 * @typedef {object} Recording
 * @property {string} js the widget's module
 * @property {Record<string, any>} state
 * @property {[at: number[], mime: string, data: string, lossless?: boolean][]} frames bytes in base64
 */

/**
 * Show a widget without its kernel.
 * @param {HTMLElement} el
 * @param {Recording} recording
 */
async function show(el, { js, state, frames }) {
  // That of no coordinates is the picture before any edit: nobody can go there.
  const places = frames.flatMap(([at]) => (at.length > 0 ? [at] : []));
  const model = new RecordedModel({ ...state, _code: js }, places);
  const { signal } = new AbortController();
  const widget = loader();
  const context = { model: /** @type {any} */ (model), el, signal };
  await widget.initialize(context);
  model.deliver(
    frames.map(([at, mime, , lossless = true]) => ({ at, mime, lossless, draft: 0 })),
    frames.map(([, , data]) => bytes(data)),
  );
  widget.render(context);
}

/** @param {string} data in base64 */
function bytes(data) {
  return new DataView(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer);
}

const recording = document.getElementById("lw-recording");
const el = document.getElementById("lw-widget");
if (recording && el) {
  el.replaceChildren();
  try {
    await show(el, JSON.parse(recording.textContent ?? ""));
  } catch (error) {
    el.textContent = `This page could not be shown here: ${error}. Try a newer browser.`;
  }
}
// A page within another tells it how high it is.
if (parent !== self) {
  const tell = () => parent.postMessage({ lwHeight: document.body.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.body);
}
