import { createButton } from "../controls/button.js";
import { askWhileIdle, stateOf } from "../controls/idle.js";

const CELLS = " Cells: the layers it acts at; dashed, in part.";
const FILL = " Fill: how much a layer changes the output, per σ.";

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("./cells.js").Effects} Effects */

/**
 * What is known of where each direction acts. It is asked for, one direction after another, while
 * somebody wants to see it, and nobody moves.
 * @param {Stage} stage
 * @param {AbortSignal} signal
 */
export default function createEffects(stage, signal) {
  const { model } = stage;
  /** @type {Map<string, { state: string, shares: number[] }>} by the name of the direction */
  const known = new Map();
  let wanted = false;

  /** The first direction of which nothing is known for the edit as it is now; the one in hand comes first. */
  function next() {
    /** @type {{ name: string, layers: unknown[] }[]} */
    const rows = model.get("_rows");
    const axis = [stage.axis, ...rows.keys()].find((axis) => {
      const row = rows[axis];
      return row?.layers.length > 1 && known.get(row.name)?.state !== stateOf(stage);
    });
    return wanted && axis !== undefined ? () => ask(rows[axis].name, axis) : undefined;
  }

  /** @param {string} name @param {number} axis */
  async function ask(name, axis) {
    const state = stateOf(stage);
    try {
      const answer = await stage.mailbox.inquire("layers", stage, { axis });
      if (answer) known.set(name, { state, shares: sharesOf(answer.effects) });
    } catch (error) {
      wanted = false; // what failed once fails for the others too
      stage.fail(`Where it acts could not be found out: ${/** @type {Error} */ (error).message}`);
    }
  }

  /**
   * @param {string} name of a direction
   * @returns {Effects | undefined}
   */
  function of(name) {
    const found = wanted ? known.get(name) : undefined;
    return found && { shares: found.shares, fresh: found.state === stateOf(stage) };
  }

  /** @param {boolean} on whether somebody wants to see it */
  function want(on) {
    wanted = on;
    stage.changed();
  }

  /**
   * What one view says of the cells, and the button that has them filled.
   * @param {AbortSignal} signal
   */
  function createKey(signal) {
    const button = createButton(
      "Where does it act?",
      "Fill the cells with how much each layer changes the output, per σ",
      () => want(!wanted),
      signal,
    );

    /** Follow what is wanted. @returns {string} what there is to be said; nothing where no row has cells */
    function follow() {
      /** @type {{ layers: unknown[] }[]} */
      const rows = model.get("_rows");
      button.hidden = rows.every(({ layers }) => layers.length < 2);
      button.ariaPressed = String(wanted);
      return button.hidden ? "" : CELLS + (wanted ? FILL : "");
    }

    return { button, follow };
  }

  askWhileIdle(stage, next, signal);
  return { of, want, createKey };
}

/** @param {number[]} effects */
function sharesOf(effects) {
  const most = Math.max(...effects);
  return effects.map((one) => (most > 0 ? one / most : 0));
}
