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
  const model = {
    state,
    sent,
    saved,
    emit,
    /** Of ipywidgets: whether there is a kernel to talk to. */
    comm_live: false,
    get: (/** @type {string} */ name) => state[name],
    /** @returns {any} as in ipywidgets, the model itself */
    set(/** @type {any} */ name, /** @type {unknown} */ value) {
      if (typeof name === "object" || state[name] === value) return model;
      state[name] = value;
      emit(`change:${name}`);
      emit("change");
      return model;
    },
    save_changes: () => void saved.push({ ...state }),
    send: (/** @type {any} */ content) => void sent.push(content),
    on(/** @type {string} */ event, /** @type {Function} */ handler) {
      handlers[event] = [...(handlers[event] ?? []), handler];
    },
    off(/** @type {any} */ event, /** @type {any} */ handler) {
      handlers[event] = (handlers[event] ?? []).filter((one) => one !== handler);
    },
    widget_manager: /** @type {any} */ (null),
  };
  return model;
}

/** A store whose pictures open at once; jsdom opens none. */
export function makeStore() {
  const open = async () => ({ width: 1, height: 1, close: () => {} });
  return new FrameStore(0, /** @type {any} */ (open));
}

/**
 * The kernel's answer to a question: a frame for each place that was asked for.
 * @param {ReturnType<typeof makeModel>} model
 * @param {import("../src/stage/messages.js").AskMessage | import("../src/stage/messages.js").StripMessage} question
 * @param {Record<string, unknown>} [more] fields that are otherwise
 * @param {number} [bytes] of each frame
 */
export function answer(model, question, more = {}, bytes = 8) {
  const { type: of, client, seq, route } = question;
  const places = question.type === "ask" ? [question.at] : question.positions;
  const frames = places.map((at) => ({ at, mime: "image/png", lossless: true, draft: 0 }));
  const message = { type: "frames", of, client, seq, route, frames, ms: 1, more: false, sent: 0 };
  const buffers = places.map(() => new DataView(new ArrayBuffer(bytes)));
  model.emit("msg:custom", { ...message, ...more }, buffers);
}

/**
 * The kernel's answer to a question while its decoder goes on: a draft for each place.
 * @param {ReturnType<typeof makeModel>} model
 * @param {import("../src/stage/messages.js").AskMessage | import("../src/stage/messages.js").StripMessage} question
 * @param {number} draft which of its drafts
 * @param {boolean} [more] whether the decoder goes on
 */
export function answerDraft(model, question, draft, more = true) {
  const places = question.type === "ask" ? [question.at] : question.positions;
  const frames = places.map((at) => ({ at, mime: "image/png", lossless: false, draft }));
  answer(model, question, { frames, more, ms: 100 });
}

/**
 * The kernel could not answer a question.
 * @param {ReturnType<typeof makeModel>} model
 * @param {import("../src/stage/messages.js").AskMessage | import("../src/stage/messages.js").StripMessage} question
 * @param {{ type: "error", message: string } | { type: "stale" }} why
 */
export function refuse(model, { type: of, client, seq, route }, why) {
  model.emit("msg:custom", { of, client, seq, route, ...why }, []);
}

/**
 * The smallest kind there can be: its element tells what was painted last.
 * @returns {import("../src/frames/kind.js").Kind}
 */
export function makeKind() {
  return {
    word: "Picture",
    role: "img",
    pixels: false,
    open: async () => ({ bytes: 1, close() {} }),
    create(name) {
      const made = document.createElement("div");
      made.className = name;
      return made;
    },
    paint(element, opened) {
      element.painted = opened;
    },
  };
}

/** What tells a page whether an element can be seen; `show` makes it so for all of them. */
export function makeSight() {
  /** @type {Set<{ tell: Function, watched: Set<Element> }>} */
  const observers = new Set();
  class Observer {
    /** @param {Function} tell */
    constructor(tell) {
      this.mine = { tell, watched: new Set() };
      observers.add(this.mine);
    }
    observe(/** @type {Element} */ element) {
      this.mine.watched.add(element);
    }
    disconnect() {
      observers.delete(this.mine);
    }
  }
  return {
    Observer,
    watching: () => observers.size,
    /** @param {boolean} isIntersecting */
    show(isIntersecting) {
      for (const { tell } of observers) tell([{ isIntersecting }]);
    },
  };
}

/** What tells that an element has another size; `resize` says that one has. */
export function makeSizes() {
  /** @type {Map<Element, () => void>} */
  const told = new Map();
  class Observer {
    /** @param {() => void} act */
    constructor(act) {
      this.act = act;
    }
    observe(/** @type {Element} */ target) {
      told.set(target, this.act);
    }
    disconnect() {}
  }
  return { Observer, resize: (/** @type {Element} */ one) => told.get(one)?.() };
}
