import { FrameStore } from "../src/frames/store.js";

/**
 * A model as anywidget gives one: it keeps what is sent and counts what is saved, and `emit` is
 * the kernel sending a message.
 * @param {Record<string, any>} state
 */
export function makeModel(state) {
  /** @type {Record<string, Function[]>} */
  const handlers = {};
  /** @type {any[]} */
  const sent = [];
  /** @type {Record<string, any>[]} the whole state at every save */
  const saved = [];
  /** @param {string} event @param {unknown[]} details */
  function emit(event, ...details) {
    for (const handler of handlers[event] ?? []) handler(...details);
  }
  return {
    state,
    sent,
    saved,
    emit,
    get: (/** @type {string} */ name) => state[name],
    set(/** @type {string} */ name, /** @type {unknown} */ value) {
      if (state[name] === value) return;
      state[name] = value;
      emit(`change:${name}`);
      emit("change");
    },
    save_changes: () => void saved.push({ ...state }),
    send: (/** @type {any} */ content) => void sent.push(content),
    on(/** @type {string} */ event, /** @type {Function} */ handler) {
      handlers[event] = [...(handlers[event] ?? []), handler];
    },
    off() {},
    widget_manager: /** @type {any} */ (null),
  };
}

/** A store whose pictures open at once; jsdom opens none. */
export function makeStore() {
  const bitmap = /** @type {any} */ ({ width: 1, height: 1, close: () => {} });
  return new FrameStore(0, async () => bitmap);
}

/**
 * The kernel's answer to a question: a frame for each place that was asked for.
 * @param {ReturnType<typeof makeModel>} model
 * @param {import("../src/stage/messages.js").AskMessage | import("../src/stage/messages.js").StripMessage} question
 * @param {Record<string, unknown>} [more] fields that are otherwise
 * @param {number} [bytes] of each frame
 */
export function answer(model, question, more = {}, bytes = 8) {
  const { type: of, client, seq, line } = question;
  const places = question.type === "ask" ? [question.at] : question.positions;
  const frames = places.map((at) => ({ at, mime: "image/png", lossless: true }));
  const message = { type: "frames", of, client, seq, line, frames, ms: 1, more: false, sent: 0 };
  const buffers = places.map(() => new DataView(new ArrayBuffer(bytes)));
  model.emit("msg:custom", { ...message, ...more }, buffers);
}

/**
 * The kernel could not answer a question.
 * @param {ReturnType<typeof makeModel>} model
 * @param {import("../src/stage/messages.js").AskMessage | import("../src/stage/messages.js").StripMessage} question
 * @param {{ type: "error", message: string } | { type: "stale" }} why
 */
export function refuse(model, { type: of, client, seq, line }, why) {
  model.emit("msg:custom", { of, client, seq, line, ...why }, []);
}
