import { element, listen } from "../dom/element.js";

/** With so few layers there is room for their names. */
const FEW = 8;
/** With more than this there is no room for gaps. */
const MANY = 48;

/** Why cells are dimmed. */
const OLD = " (before the last change; it is being asked anew)";

/**
 * What the layers of one direction do.
 * @typedef {object} Effects
 * @property {number[]} shares of each layer, as shares of the strongest one's, from 0 to 1
 * @property {boolean} fresh whether they are of the edit as it is now
 */

/**
 * A strip of cells, one a layer: those at which a direction acts are filled. Click or drag to paint,
 * or go through them with the arrow keys and press Space; with Shift the arrows paint.
 * @param {object} options
 * @param {string} options.name of the direction
 * @param {string[]} options.layers their names
 * @param {number[]} options.acting numbers of those at which it can act
 * @param {(weights: number[]) => void} options.onPaint called with the new weight of every layer
 * @param {AbortSignal} options.signal
 */
export default function createCells({ name, layers, acting, onPaint, signal }) {
  const count = layers.length;
  const elements = createElements(name, layers, acting);
  const { root, strip, cells, runs } = elements;
  /** @type {number[]} */
  let weights = Array(count).fill(1);
  /** @type {Effects | undefined} */
  let effects;
  /** @type {{ weight: number, last: number } | undefined} while the pointer is down */
  let stroke;
  let current = acting[0];

  /** @param {PointerEvent} event */
  function under({ clientX }) {
    const { left, width } = strip.getBoundingClientRect();
    const share = width > 0 ? (clientX - left) / width : 0;
    return Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  }

  /**
   * Give all cells from one to another the same weight.
   * @param {number} from @param {number} to @param {number} weight
   */
  function paint(from, to, weight) {
    const [first, last] = from < to ? [from, to] : [to, from];
    const painted = weights.map((was, i) =>
      i >= first && i <= last && acting.includes(i) ? weight : was,
    );
    if (painted.every((one, i) => one === weights[i])) return;
    weights = painted;
    draw();
    onPaint(weights);
  }

  /** @param {number} i */
  function opposite(i) {
    return weights[i] > 0 ? 0 : 1;
  }

  /** Give a cell the place from which keys go on. @param {number} i */
  function step(i) {
    cells[current].tabIndex = -1;
    current = i;
    cells[current].tabIndex = 0;
  }

  listen(
    strip,
    {
      /** @param {PointerEvent} event */
      pointerdown(event) {
        const i = under(event);
        if (event.button || !acting.includes(i)) return;
        event.preventDefault(); // no text is selected, and no cell drawn as focused
        strip.setPointerCapture?.(event.pointerId);
        step(i);
        cells[i].focus({ preventScroll: true });
        stroke = { weight: opposite(i), last: i };
        paint(i, i, stroke.weight);
      },
      /** @param {PointerEvent} event */
      pointermove(event) {
        if (!stroke) return;
        const i = under(event);
        paint(stroke.last, i, stroke.weight);
        stroke.last = i;
      },
      pointerup: lift,
      lostpointercapture: lift,
      keydown: press,
    },
    signal,
  );
  runs.addEventListener(
    "click",
    () => paint(0, count - 1, acting.every((i) => weights[i] === 1) ? 0 : 1),
    { signal },
  );

  function lift() {
    stroke = undefined;
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = targetOf(event.key, current, acting);
    if (event.key === " " || event.key === "Enter") paint(current, current, opposite(current));
    else if (target !== undefined) {
      if (event.shiftKey) paint(current, target, weights[current] > 0 ? 1 : 0);
      step(target);
      cells[target].focus();
    } else return;
    event.preventDefault();
  }

  /**
   * Show at which layers it acts, and what they do.
   * @param {number[] | undefined} profile none where it acts at all of them
   * @param {Effects} [known]
   */
  function show(profile, known) {
    effects = known;
    // Under the hand of whoever paints, cells are as they were painted.
    if (!stroke) weights = profile ?? Array(count).fill(1);
    draw();
  }

  function draw() {
    drawCells(elements, { name, layers, acting }, weights, effects);
  }

  step(current);
  for (const [i, cell] of cells.entries()) if (i !== current) cell.tabIndex = -1;
  draw();
  return { root, show };
}

/**
 * Show at which layers a direction acts, and what they do.
 * @param {ReturnType<typeof createElements>} elements
 * @param {{ name: string, layers: string[], acting: number[] }} direction
 * @param {number[]} weights of every layer
 * @param {Effects | undefined} effects
 */
function drawCells({ root, cells, runs }, { name, layers, acting }, weights, effects) {
  root.classList.toggle("lw-known", Boolean(effects));
  root.classList.toggle("lw-old", effects?.fresh === false);
  for (const [i, cell] of cells.entries()) {
    const weight = weights[i];
    cell.ariaChecked = weight === 1 ? "true" : weight > 0 ? "mixed" : "false";
    cell.style.setProperty("--lw-weight", String(weight));
    cell.style.setProperty("--lw-effect", String(effects?.shares[i] ?? 0));
    cell.title = acting.includes(i)
      ? titleOf(layers[i], weight, effects, i)
      : `layer ${layers[i]}: nothing to move`;
  }
  runs.textContent = runsOf(
    weights.map((weight, i) => (acting.includes(i) ? weight : 0)),
    layers,
    acting.length,
  );
  const all = acting.every((i) => weights[i] === 1);
  runs.title = `${name} acts at ${all ? "all layers" : `${runs.textContent} of ${layers.length} layers`}. Click for ${all ? "none" : "all"}.`;
}

/**
 * @param {string} name of the direction
 * @param {string[]} layers their names
 * @param {number[]} acting numbers of those at which it can act
 */
function createElements(name, layers, acting) {
  const cells = layers.map((layer, i) =>
    element("div", {
      class: "lw-layer",
      role: "checkbox",
      "aria-label": `layer ${layer}`,
      "aria-disabled": !acting.includes(i) && "true",
      text: layers.length <= FEW ? layer : undefined,
    }),
  );
  const strip = element(
    "div",
    {
      class: layers.length > MANY ? "lw-cells lw-many" : "lw-cells",
      role: "group",
      "aria-label": `Layers at which ${name} acts`,
    },
    cells,
  );
  const runs = element("button", { type: "button", class: "lw-runs" });
  return { root: element("div", { class: "lw-layers" }, [strip, runs]), strip, cells, runs };
}

/**
 * The cell that a key leads to; none where it is no such key.
 * @param {string} key
 * @param {number} current the cell that keys go on from
 * @param {number[]} acting numbers of the cells that they stop at
 * @returns {number | undefined}
 */
function targetOf(key, current, acting) {
  const at = acting.indexOf(current);
  const last = acting.length - 1;
  /** @type {Record<string, number>} */
  const targets = {
    ArrowRight: Math.min(last, at + 1),
    ArrowUp: Math.min(last, at + 1),
    ArrowLeft: Math.max(0, at - 1),
    ArrowDown: Math.max(0, at - 1),
    Home: 0,
    End: last,
  };
  return acting[targets[key]];
}

/**
 * What a cell says of its layer.
 * @param {string} layer
 * @param {number} weight
 * @param {Effects | undefined} effects
 * @param {number} i its number
 */
function titleOf(layer, weight, effects, i) {
  const part = weight > 0 && weight < 1 ? `, moved by ${weight} of it` : "";
  if (!effects) return `layer ${layer}${part}`;
  const share = `changes ${Math.round(100 * effects.shares[i])} % as much, per σ, as the strongest layer`;
  return `layer ${layer}${part}: ${share}${effects.fresh ? "" : OLD}`;
}

/**
 * Write the names of layers in runs.
 * @param {number[]} weights
 * @param {string[]} layers their names
 * @param {number} [most] how many there can be, which are called "all"
 */
export function runsOf(weights, layers, most = weights.length) {
  const on = [...weights.keys()].filter((i) => weights[i] > 0);
  if (on.length === 0) return "none";
  if (on.length === most) return "all";
  const starts = on.filter((i) => !on.includes(i - 1));
  const ends = on.filter((i) => !on.includes(i + 1));
  return starts
    .map((from, i) => (from === ends[i] ? layers[from] : `${layers[from]}–${layers[ends[i]]}`))
    .join(", ");
}
