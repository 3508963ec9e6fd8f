/** What layers do is asked for when nothing has changed for this long. */
const IDLE_MS = 250;

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
  let asking = false;
  let timer = 0;
  let seen = "";
  signal.addEventListener("abort", () => clearTimeout(timer));

  function state() {
    return `${stage.route} ${stage.at}`;
  }

  /** Ask once nothing changes, if there is something to ask; what changes meanwhile puts it off. */
  function wait() {
    if (signal.aborted || !wanted || (timer && state() === seen) || next() < 0) return;
    seen = state();
    clearTimeout(timer);
    timer = setTimeout(ask, IDLE_MS);
  }

  /** Ask about the first direction of which nothing is known for the edit as it is now. */
  async function ask() {
    clearTimeout(timer);
    timer = 0;
    const axis = next();
    // Once an answer is here, or a view is in sight again, `wait` is called.
    if (!wanted || asking || axis < 0 || !stage.inSight) return;
    if (stage.busy) return wait();
    const { name } = model.get("_rows")[axis];
    const now = state();
    asking = true;
    try {
      const effects = await stage.layerEffects(axis);
      if (effects) known.set(name, { state: now, shares: sharesOf(effects) });
    } catch (error) {
      wanted = false; // what failed once fails for the others too
      stage.fail(`Where it acts could not be found out: ${/** @type {Error} */ (error).message}`);
    }
    asking = false;
    if (signal.aborted) return;
    stage.changed();
    if (state() === now) ask();
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

  stage.listen(wait, signal);
  return { of, want, isWanted: () => wanted };
}

/** @param {number[]} effects */
function sharesOf(effects) {
  const most = Math.max(...effects);
  return effects.map((one) => (most > 0 ? one / most : 0));
}
