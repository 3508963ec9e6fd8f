import { createButton } from "../controls/button.js";
import { ownAt } from "../controls/conditions.js";
import { askWhileIdle, stateOf } from "../controls/idle.js";
import { sigmas } from "../controls/sigmas.js";
import { element } from "../dom/element.js";

/** Changes of fewer standard deviations are not worth a word. */
const LEAST = 0.1;
/** So many are shown at most, beside those that are held. */
const MOST = 5;
/** Of a decoder that takes longer than this for a frame, it is only found out where a person asks. */
const SLOW_MS = 150;

const WHAT =
  "What is decoded is encoded again, and read by every direction that you have not moved: by how many standard deviations the edit changes what it says. Click one to hold it still.";
const IDLE = "Move a slider: what else moves with it is shown here.";

/** @typedef {import("../stage/stage.js").Stage} Stage */
/**
 * What an edit moves besides what was meant.
 * @typedef {object} Leak
 * @property {string} name of a direction
 * @property {number} effect the change of what its readout says
 * @property {number} [chance] what random moves do that are as long
 */

/**
 * Find out what the edit of now moves beside the sliders that were moved, once nobody moves; all
 * views show it.
 * @param {Stage} stage
 * @param {AbortSignal} signal ends with the widget
 */
export default function createLeakage(stage, signal) {
  const { model } = stage;
  /** @type {{ route: string, state: string, at: number[], effects: number[], chance: number[] } | undefined} */
  let known;
  /** @type {{ route: string, words: string } | undefined} what went wrong: it would go wrong again */
  let fault;
  /** Of which edit a person has asked, where the decoder is slow. */
  let asked = "";

  function isEdited() {
    return ownAt(stage).some((x, i) => x !== model.get("_origin")[i]);
  }

  /** Whether it is only found out where a person asks. */
  function waits() {
    return stage.frameMs > SLOW_MS && asked !== stateOf(stage);
  }

  function next() {
    const done = known?.state === stateOf(stage) || fault?.route === stage.route;
    return done || waits() || !isEdited() ? undefined : ask;
  }

  async function ask() {
    const [state, { at, route }] = [stateOf(stage), stage];
    try {
      const answer = await stage.mailbox.inquire("leakage", stage);
      if (answer) known = { ...answer, route, state, at };
    } catch (error) {
      fault = { route, words: /** @type {Error} */ (error).message };
    }
  }

  askWhileIdle(stage, next, signal);

  /**
   * A line that shows it.
   * @param {(name: string, held: boolean) => void} onHold
   * @param {AbortSignal} signal
   */
  return (onHold, signal) => {
    const title = element("span", { class: "lw-also", title: WHAT });
    const moved = element("div", { class: "lw-leaks" });
    const button = createButton(
      "What else does it move?",
      WHAT,
      () => {
        asked = stateOf(stage);
        stage.changed();
      },
      signal,
    );
    const root = element("div", { class: "lw-leakage", role: "group", "aria-label": "Leakage" }, [
      title,
      moved,
      button,
    ]);
    /** @type {Map<string, HTMLButtonElement>} */
    const buttons = new Map();

    /** @param {string} name */
    function buttonOf(name) {
      const found = buttons.get(name) ?? createButton("", "", () => toggle(name), signal);
      found.classList.add("lw-leak");
      buttons.set(name, found);
      return found;
    }

    /** @param {string} name */
    function toggle(name) {
      onHold(name, !model.get("hold").includes(name));
    }

    /** @param {Leak[]} leaks */
    function show(leaks) {
      for (const { name, effect, chance } of leaks) {
        const held = model.get("hold").includes(name);
        const leak = buttonOf(name);
        leak.textContent = `${name} ${held ? "held, " : ""}${sigmas(effect)}`;
        leak.ariaPressed = String(held);
        leak.classList.toggle("lw-faint", isRandom({ effect, chance }));
        const random =
          chance === undefined
            ? ""
            : ` Random moves as long: ±${sigmas(chance).replace(/^[+−]/, "")}.`;
        leak.title = `What ${name} reads of what is decoded changes by ${sigmas(effect)}.${random} Click to ${held ? "let it go" : "hold it still"}.`;
      }
      const shown = leaks.map(({ name }) => buttonOf(name));
      // A button that has the focus keeps its place, and the focus.
      const same = shown.length === moved.children.length && shown.every((one) => one.parentNode);
      if (same && moved.matches(":focus-within")) return;
      if (
        shown.some((one, i) => one !== moved.children[i]) ||
        shown.length !== moved.children.length
      ) {
        moved.replaceChildren(...shown);
      }
    }

    function follow() {
      const edited = isEdited();
      const fresh = known?.state === stateOf(stage);
      const leaks = edited && known?.route === stage.route ? leaksOf(model, known) : [];
      const wrong = fault?.route === stage.route ? fault.words : "";
      show(leaks);
      root.classList.toggle("lw-old", !fresh);
      button.hidden = !edited || fresh || wrong !== "" || !waits();
      title.textContent = wrong
        ? `What else it moves is not known: ${wrong}`
        : words(edited, fresh, leaks.length, button.hidden);
    }

    return { root, follow };
  };
}

/**
 * @param {boolean} edited
 * @param {boolean} fresh whether it is known of the edit of now
 * @param {number} count how many leaks are shown
 * @param {boolean} automatic whether it is found out by itself
 */
function words(edited, fresh, count, automatic) {
  if (!edited) return IDLE;
  if (count) return "Also moves";
  if (fresh) return `Moves nothing else by ${LEAST} σ or more.`;
  return automatic ? "Also moves …" : "";
}

/** Whether random moves that are as long change as much. @param {Omit<Leak, "name">} leak */
function isRandom({ effect, chance = 0 }) {
  return Math.abs(effect) <= chance;
}

/**
 * What an edit moves besides the directions that were moved: all that is held, then the largest
 * change first, and last what random moves change as much.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {{ at: number[], effects: number[], chance: number[] }} known
 * @returns {Leak[]}
 */
function leaksOf(model, { at, effects, chance }) {
  const origin = model.get("_origin");
  /** @type {{ name: string }[]} */
  const rows = model.get("_rows");
  const others = rows
    .map(({ name }, i) => ({ name, effect: effects[i], chance: chance[i], i }))
    .filter(({ effect, i }) => effect !== undefined && at[i] === origin[i])
    .sort(
      (a, b) =>
        Number(isRandom(a)) - Number(isRandom(b)) || Math.abs(b.effect) - Math.abs(a.effect),
    );
  const held = others.filter(({ name }) => model.get("hold").includes(name));
  const large = others.filter((one) => Math.abs(one.effect) >= LEAST && !held.includes(one));
  return [...held, ...large.slice(0, MOST)];
}
