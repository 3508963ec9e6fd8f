import loader from "../loader/index.js";

/**
 * What a page holds of a widget.
 * @typedef {object} Recording
 * @property {string} js the widget's module
 * @property {Record<string, any>} state
 * @property {[at: number[], mime: string, data: string, lossless?: boolean][]} frames bytes in base64
 */

/**
 * Show the widget that a page holds, without its kernel.
 * @param {(state: Record<string, any>, places: number[][]) => import("./model.js").RecordedModel} stand makes what stands in for its model
 */
export async function showPage(stand) {
  const recording = document.getElementById("lw-recording");
  const el = document.getElementById("lw-widget");
  if (recording && el) {
    el.replaceChildren();
    try {
      await show(el, JSON.parse(recording.textContent ?? ""), stand);
    } catch (error) {
      el.textContent = `This page could not be shown here: ${error}. Try a newer browser.`;
    }
  }
  // A page within another tells it how high it is.
  if (parent !== self) {
    const tell = () => parent.postMessage({ lwHeight: document.body.offsetHeight }, "*");
    new ResizeObserver(tell).observe(document.body);
  }
}

/**
 * @param {HTMLElement} el
 * @param {Recording} recording
 * @param {Parameters<typeof showPage>[0]} stand
 */
async function show(el, { js, state, frames }, stand) {
  const model = stand(
    { ...state, _code: js },
    frames.map(([at]) => at),
  );
  const { signal } = new AbortController();
  const widget = loader();
  const context = { model: /** @type {any} */ (model), el, signal };
  widget.initialize(context);
  await widget.begun();
  model.deliver(
    frames.map(([at, mime, , lossless = true]) => ({ at, mime, lossless, draft: 0 })),
    frames.map(([, , data]) => bytes(data)),
  );
  await widget.render(context);
}

/** @param {string} data in base64 */
function bytes(data) {
  return new DataView(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer);
}
