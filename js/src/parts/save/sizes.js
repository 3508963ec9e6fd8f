import { createMenu } from "../../controls/menu.js";
import { element } from "../../dom/element.js";

/** No picture is wider, in pixels. */
export const WIDEST = 16_384;
const TIMES = [1, 2, 4];
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
  const own = element("label", { class: "lw-field" }, [width, element("span", { text: "px" })]);

  function choose() {
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
     * @param {boolean} decoded whether it can be saved as large as it is decoded
     * @param {number} times how many times as wide it usually is
     */
    offerFor(across, decoded, times) {
      /** @type {[string, string][]} */
      const many = TIMES.map((by) => /** @type {const} */ ([by, by * across]))
        .filter(([, wide]) => wide <= WIDEST)
        .map(([by, wide]) => [String(wide), `${by}×, ${wide.toLocaleString("en")} px`]);
      /** @type {[string, string][]} */
      const bare = decoded ? [[DECODED, "pixels as decoded"]] : [];
      const usual = many.find(([wide]) => wide === String(times * across))?.[0] ?? OWN;
      offer([...many, ...bare, [OWN, "own width…"]], usual);
      width.value ||= String(2 * across);
      choose();
    },

    /** The width that is wanted: null for as many pixels as are decoded, undefined where it is none. */
    wanted() {
      const { value } = select;
      if (value === DECODED) return null;
      const across = value === OWN ? width.valueAsNumber : Number(value);
      return Number.isInteger(across) && across >= 1 && across <= WIDEST ? across : undefined;
    },
  };
}
