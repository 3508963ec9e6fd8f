import loader from "../loader/index.js";

/**
 * What a page holds of a widget.
 * @typedef {object} Recording
 * @property {string} js the widget's module
 * @property {Record<string, any>} state
 * @property {[at: number[], mime: string, data: string, lossless?: boolean][]} frames bytes in base64
 */

/** What a page holds that may show other widgets as its parts. @typedef {Recording & { parts?: Record<string, Recording> }} WithParts */
/** @typedef {(state: Record<string, any>, places: number[][]) => import("./model.js").RecordedModel} Stand */

/**
 * Show what a page holds, without its kernel.
 * @param {(el: HTMLElement, recording: WithParts) => Promise<void>} show
 */
export async function openPage(show) {
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
}

/**
 * Show the one widget that a page holds.
 * @param {Stand} stand makes what stands in for its model
 */
export function showPage(stand) {
  return openPage(async (el, recording) => {
    const { render } = await begin(recording, stand);
    await render({ el, signal: new AbortController().signal });
  });
}

/**
 * Begin a widget: it has its frames before a view of it is shown.
 * @param {Recording} recording
 * @param {Stand} stand
 */
export async function begin({ js, state, frames }, stand) {
  const model = stand(
    { ...state, _code: js },
    frames.map(([at]) => at),
  );
  const widget = loader();
  widget.initialize({ model, signal: new AbortController().signal });
  await widget.begun();
  model.deliver(
    frames.map(([at, mime, , lossless = true]) => ({ at, mime, lossless, draft: 0 })),
    frames.map(([, , data]) => bytes(data)),
  );
  const render = (/** @type {{ el: HTMLElement, signal: AbortSignal }} */ where) =>
    widget.render({ model, ...where });
  return { model, render };
}

/** @param {string} data in base64 */
function bytes(data) {
  return new DataView(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer);
}
