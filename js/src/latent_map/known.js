import { read } from "../stage/replies.js";

/** What was said of so many latents is kept. */
const MOST_KNOWN = 4096;

/** @typedef {import("../stage/replies.js").Said} Said */

/** What the kernel has said of latents: their labels, and the items they stand for. */
export class Known {
  /** @type {Map<number, Said["lines"]>} */
  #lines = new Map();

  /** @param {import("@anywidget/types").AnyModel} model */
  constructor(model) {
    const follow = () => this.#hear(model.get("_said"));
    follow();
    model.on("change:_said", follow);
    model.on("change:_route", () => {
      this.#lines.clear();
      follow();
    });
    model.on("msg:custom", (content) => {
      const message = read(content);
      if (message && "said" in message && message.said) this.#hear(message.said);
    });
  }

  /**
   * What is known of a latent.
   * @param {number} row its number
   * @param {import("../stage/mailbox.js").Local} [local] what decodes in the page, which then knows it too
   */
  of(row, local) {
    const lines = local?.said?.(row);
    if (lines) this.#hear({ row, lines });
    return this.#lines.get(row) ?? [];
  }

  /** @param {Said} said */
  #hear({ row, lines }) {
    if (this.#lines.size >= MOST_KNOWN) this.#lines.clear();
    this.#lines.set(row, lines);
  }
}
