/** @typedef {(...args: any[]) => void} Hearer */

/** Stands in for the model of a widget where there is no kernel: it holds what the widget held. */
export class StandIn {
  #state;
  /** @type {Map<string, Set<Hearer>>} */
  #hearers = new Map();

  /** @param {Record<string, any>} state */
  constructor(state) {
    this.#state = state;
  }

  /** @param {string} name */
  get(name) {
    return this.#state[name];
  }

  /** @param {string} name @param {any} value */
  set(name, value) {
    if (JSON.stringify(this.#state[name]) === JSON.stringify(value)) return;
    this.#state[name] = value;
    this.tell(`change:${name}`);
    this.tell("change");
  }

  /** Nothing is saved. */
  save_changes() {}

  /** Nobody answers. @param {any} _message */
  send(_message) {}

  /** @param {string} name @param {Hearer} hearer */
  on(name, hearer) {
    const hearers = this.#hearers.get(name) ?? new Set();
    this.#hearers.set(name, hearers.add(hearer));
  }

  /** @param {string} name @param {Hearer} hearer */
  off(name, hearer) {
    this.#hearers.get(name)?.delete(hearer);
  }

  /** Tell all who hear of something. @param {string} name @param {any[]} about */
  tell(name, ...about) {
    for (const hearer of [...(this.#hearers.get(name) ?? [])]) hearer(...about);
  }
}
