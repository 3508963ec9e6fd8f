import { askWhileIdle } from "../controls/quiet.js";

/** @typedef {import("../stage/stage.js").Stage} Stage */
/** @typedef {import("../parts/cells.js").Effects} Effects */

/**
 * What is known of where each direction acts. It is asked for, one direction after another, while
 * somebody wants to see it, and nobody moves.
 * @param {Stage} stage
 * @param {AbortSignal} signal
 */
export function createEffects(stage, signal) {
  const { model } = stage;
  /** @type {Map<string, { state: string, shares: number[] }>} by the name of the direction */
  const known = new Map();
  let wanted = false;

  function state() {
    return `${stage.route} ${stage.at}`;
  }

  /** Ask about the first direction of which nothing is known for the edit as it is now. */
  async function ask() {
    const axis = next();
    const { name } = model.get("_rows")[axis];
    const now = state();
    try {
      const found = await stage.findOut({ type: "layers", axis });
      if (found) known.set(name, { state: now, shares: sharesOf(found.effects) });
    } catch (error) {
      wanted = false; // what failed once fails for the others too
      stage.fail(`Where it acts could not be found out: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** The direction in hand comes first. */
  function next() {
    /** @type {import("./row.js").About[]} */
    const rows = model.get("_rows");
    const axes = [stage.axis, ...rows.keys()];
    return (
      axes.find((axis) => {
        const row = rows[axis];
        return row?.layers.length > 1 && known.get(row.name)?.state !== state();
      }) ?? -1
    );
  }

  /**
   * @param {string} name of a direction
   * @returns {Effects | undefined}
   */
  function of(name) {
    const found = wanted ? known.get(name) : undefined;
    return found && { shares: found.shares, fresh: found.state === state() };
  }

  /** @param {boolean} on whether somebody wants to see it */
  function want(on) {
    wanted = on;
    stage.changed();
  }

  askWhileIdle(stage, { state, needed: () => wanted && next() >= 0, ask }, signal);
  return { of, want, isWanted: () => wanted };
}

/** @param {number[]} effects */
function sharesOf(effects) {
  const most = Math.max(...effects);
  return effects.map((one) => (most > 0 ? one / most : 0));
}
