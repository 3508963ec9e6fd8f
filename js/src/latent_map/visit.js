import { atEnd } from "../dom/element.js";
import { save } from "../stage/save.js";
import { createScale, GROUND } from "./control.js";

/** When the mouse leaves a point, what was shown stays this long: it may be on its way to another. */
const LINGER_MS = 300;

/** @typedef {import("./control.js").Spot} Spot */

/**
 * Parts of maps, of which most have some. Their code comes from the kernel where it is needed.
 * @typedef {object} Parts
 * @property {typeof import("../parts/typicality.js").default} [typicality] where the latent stands
 * @property {typeof import("../parts/search.js").default} [search] finds texts
 */
/**
 * What all views of one map share.
 * @typedef {object} MapWidget
 * @property {import("../stage/stage.js").Stage} stage
 * @property {ReturnType<typeof import("./control.js").createControl>} control
 * @property {import("./known.js").Known} known
 * @property {ReturnType<typeof import("../parts/typicality.js").default>} [standing]
 * @property {Parts} parts
 */

/**
 * Where a person looks (with the mouse) and where they go (by a click, or by number).
 */
export class Visit {
  #map;
  #model;
  #placeOf;
  #scale;
  #lingering = 0;

  /**
   * @param {MapWidget} map
   * @param {(row: number) => [number, number] | null} placeOf where a point lies; null where that is not known yet
   * @param {AbortSignal} signal
   */
  constructor(map, placeOf, signal) {
    this.#map = map;
    this.#model = map.stage.model;
    this.#placeOf = placeOf;
    this.#scale = createScale(this.#model);
    this.#model.on("change:hovered", () => this.#followHovered());
    atEnd(signal, () => clearTimeout(this.#lingering));
  }

  /**
   * The mouse is over a point, or over none.
   * @param {number | null} row
   */
  hover(row) {
    if (row !== this.#model.get("hovered")) save(this.#model, "hovered", row);
  }

  /**
   * Go to a point, or to a place between the points.
   * @param {[number, number]} place
   * @param {number | null} row
   * @returns {string} why that cannot be; empty where it can
   */
  click(place, row) {
    if (row !== null) this.#go(this.#spotOf(row));
    else {
      const { stuck } = this.#model.get("_about");
      if (stuck) return stuck;
      this.#go([GROUND, ...this.#scale.point(place)]);
    }
    return "";
  }

  /**
   * Go to a latent by number.
   * @param {number} row
   * @returns {string} why that cannot be; empty where it can
   */
  goTo(row) {
    const { count } = this.#model.get("_about");
    const spot = Number.isInteger(row) && row >= 0 && row < count ? this.#spotOf(row) : null;
    this.#go(spot);
    return spot ? "" : `Latents are numbered from 0 to ${count - 1}.`;
  }

  /** @param {Spot | null} spot */
  #go(spot) {
    if (!spot) return;
    clearTimeout(this.#lingering);
    save(this.#model, "_spot", spot);
    this.#look(null);
  }

  /** @param {Spot | null} spot */
  #look(spot) {
    const { control, stage } = this.#map;
    control.hover(spot);
    stage.look(control.read());
  }

  #followHovered() {
    const row = this.#model.get("hovered");
    clearTimeout(this.#lingering);
    if (row === null) this.#lingering = setTimeout(() => this.#look(null), LINGER_MS);
    else this.#look(this.#spotOf(row));
  }

  /**
   * @param {number} row
   * @returns {Spot | null}
   */
  #spotOf(row) {
    const place = this.#placeOf(row);
    return place && [row, ...this.#scale.point(place)];
  }
}
