import { createMenu } from "../../controls/menu.js";
import { element } from "../../dom/element.js";

/** No picture is wider, in pixels. */
const WIDEST = 16_384;
const TIMES = [1, 2, 4];
/** The frames of a film have no more pixels together, and there are so many of them a second. */
const FILM_PIXELS = 2 ** 27;
const FILM_RATE = 20;
/** Sizes that are not so many times what is shown. */
const DECODED = "decoded";
const OWN = "own";

/**
 * A menu of how wide the picture is, and a box for any other width.
 * @param {() => void} onChoose
 * @param {AbortSignal} signal
 */
export function createSizes(onChoose, signal) {
  const { field, select, offer } = createMenu(
    "Size",
    "How wide the picture is, in pixels",
    [],
    choose,
    signal,
  );
  const width = element("input", {
    type: "number",
    class: "lw-number",
    min: 1,
    max: WIDEST,
    step: 1,
    title: "Width in pixels",
    "aria-label": "Width in pixels",
  });
  let most = WIDEST; // now
  let picked = ""; // by the person: it is kept where it is offered
  const own = element("label", { class: "lw-field" }, [width, element("span", { text: "px" })]);

  function choose() {
    picked = select.value;
    show();
  }

  function show() {
    own.hidden = select.value !== OWN;
    onChoose();
    if (!own.hidden && document.activeElement === select) width.select();
  }

  return {
    field,
    own,
    select,

    /**
     * Offer the sizes that fit what is shown.
     * @param {number} across how wide that is
     * @param {object} how
     * @param {number} how.pixels how wide it is decoded; 0 where it cannot be saved so
     * @param {number} how.high how many times as high as wide it is
     * @param {number} how.seconds how long a film takes one way; 0 for a picture
     */
    offerFor(across, { pixels, high, seconds }) {
      const film = seconds > 0;
      const frames = 2 * FILM_RATE * seconds - 2; // there and back
      let room = film ? Math.floor(Math.sqrt(FILM_PIXELS / frames / high)) : WIDEST;
      while (film && room * Math.round(room * high) * frames > FILM_PIXELS) room -= 1; // heights are rounded
      most = Math.min(room, WIDEST);
      /** @type {[string, string][]} */
      const choices = TIMES.map((by) => /** @type {const} */ ([by, by * across]))
        .filter(([, wide]) => wide <= most)
        .map(([by, wide]) => [String(wide), `${by}×, ${wide.toLocaleString("en")} px`]);
      if (pixels > 0 && pixels <= most) choices.push([DECODED, "pixels as decoded"]);
      choices.push([OWN, "own width…"]);
      const offered = (/** @type {string} */ value) => choices.some(([one]) => one === value);
      offer(choices, [picked, String(film ? across : 2 * across)].find(offered) ?? OWN);
      width.max = String(most);
      width.value ||= String(Math.min(2 * across, most));
      show();
    },

    /** No picture that is chosen may be wider. */
    get most() {
      return most;
    },

    /** The width that is wanted: null for as many pixels as are decoded, undefined where it is none. */
    wanted() {
      const { value } = select;
      if (value === DECODED) return null;
      const wide = value === OWN ? width.valueAsNumber : Number(value);
      return Number.isInteger(wide) && wide >= 1 && wide <= most ? wide : undefined;
    },
  };
}
