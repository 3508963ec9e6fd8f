import { askWhileIdle, stateOf } from "../controls/idle.js";

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

  askWhileIdle(stage, next, signal);
  return { of, want, isWanted: () => wanted };
}

/** @param {number[]} effects */
function sharesOf(effects) {
  const most = Math.max(...effects);
  return effects.map((one) => (most > 0 ? one / most : 0));
}
