import { under } from "../controls/conditions.js";
import { atEnd, element } from "../dom/element.js";

/** A direction changes nothing where one sigma changes less of the range: half a grey level of 255. */
const DEAD = 0.002;

/** What directions change is asked for when nothing has happened for this long. */
const IDLE_MS = 500;

/**
 * How much one sigma of each direction changes the picture, from where nothing is edited. It is
 * measured while nobody moves, once for each edit and its conditions.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {AbortSignal} signal
 */
export default function createChanges(stage, signal) {
  let timer = 0;
  let asked = "";
  let known = { state: "", changes: /** @type {[number, number][]} */ ([]) };
  atEnd(signal, () => clearTimeout(timer));

  function state() {
    return `${stage.route} ${under(stage, [])}`;
  }

  async function ask() {
    timer = 0;
    const now = state();
    if (stage.busy) return wait();
    if (!stage.inSight) return; // once a view is, `wait` is called
    asked = now;
    const at = under(stage, stage.model.get("_origin"));
    const answer = await stage.mailbox
      .inquire("changes", { route: stage.route, at })
      .catch(() => null);
    if (!answer || signal.aborted || state() !== now) return;
    known = { state: now, changes: answer.changes };
    stage.changed();
  }

  function wait() {
    if (timer || signal.aborted || state() === asked) return;
    timer = setTimeout(ask, IDLE_MS);
  }

  /** Of one direction what it changes, and what a random one does. @param {number} axis */
  function of(axis) {
    return known.state === state() ? known.changes[axis] : undefined;
  }

  /** The most that one changes. */
  function most() {
    return Math.max(...known.changes.map(([change]) => change), 0);
  }

  stage.listen(wait, signal);
  return { of, most, badge: () => createBadge(stage.kind.pixels) };
}

/**
 * How much one sigma of a direction changes the picture, as a badge.
 * @param {boolean} likely whether that will be known: then it has its room from the start, and nothing moves when it comes
 */
function createBadge(likely) {
  const root = element("span", { class: "lw-badge lw-change", hidden: !likely });

  /**
   * @param {[change: number, chance: number] | undefined} found what it changes, and what a random direction as long does, as shares of the range of the picture
   * @param {number} most what any direction changes
   */
  function show(found, most) {
    root.hidden = !likely && !found;
    if (!found) return void root.replaceChildren();
    const [change, chance] = found;
    const none = change < DEAD;
    root.textContent = none ? "Δ none" : `Δ ${percent(change)}`;
    root.classList.toggle("lw-dead", none);
    root.style.setProperty("--lw-share", String(change / (most || 1)));
    root.title = `1 σ changes the picture by ${percent(change)} of its range (root mean square); a random direction as long changes it by ${percent(chance)}`;
  }

  return { root, show };
}

/** @param {number} share */
function percent(share) {
  const size = 100 * share;
  return `${size.toFixed(size < 9.95 ? 1 : 0)} %`;
}
