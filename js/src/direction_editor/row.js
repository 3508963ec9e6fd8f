import { replaced } from "../controls/conditions.js";
import { sigmas } from "../controls/sigmas.js";
import { element, listen } from "../dom/element.js";
import { icon } from "../dom/svg.js";
import { amountsOf, short, stretchOf } from "./amounts.js";
import { amountAt } from "./control.js";
import { createHeading } from "./heading.js";
import { createLock } from "./lock.js";
import { createTrack } from "./track.js";

const BACK = "M8 3V.5L4.5 4 8 7.5V4.5a3.75 3.75 0 1 1-3.75 3.75h-1.5A5.25 5.25 0 1 0 8 3z";
const EYE = "M8 3C4 3 1 8 1 8s3 5 7 5 7-5 7-5-3-5-7-5zm0 8a3 3 0 1 1 0-6 3 3 0 0 1 0 6z";

/**
 * Parts of editors, of which most have some. Their code comes from the kernel where it is needed.
 * @typedef {object} Parts
 * @property {typeof import("../parts/cells.js").default} [cells] where a direction acts
 * @property {typeof import("../parts/effects.js").default} [effects] what each layer of it changes
 * @property {typeof import("../parts/change.js").default} [change] how much it changes the picture
 * @property {typeof import("../parts/curve.js").default} [curve] what moving along it does
 * @property {typeof import("../parts/leakage.js").default} [leakage] what else the edit moves
 * @property {typeof import("../parts/typicality.js").default} [typicality] where the latent stands
 * @property {typeof import("../parts/units.js").default} [units] how long an amount is
 * @property {typeof import("../parts/preview.js").default} [preview] what a slider does before it is moved
 * @property {typeof import("../parts/pull.js").default} [pull] what is grabbed in the picture moves
 */
/** @typedef {ReturnType<NonNullable<Parts["effects"]>>} LayerEffects */
/** @typedef {ReturnType<NonNullable<Parts["typicality"]>>} Typicality */
/** @typedef {ReturnType<NonNullable<Parts["change"]>>} Changes */

/** @typedef {import("./heading.js").About} About */

/**
 * One direction: its slider, what the latent reads of it, and what is known of it.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {About} about
 * @param {number} axis
 * @param {object} on
 * @param {(name: string, held: boolean) => void} on.hold
 * @param {() => void} on.hide
 * @param {(name: string, full: boolean) => void} on.full
 * @param {(name: string, weights: number[]) => void} on.paint called with the weight of every layer
 * @param {{ changes?: Changes, standing?: Typicality }} known
 * @param {Parts} parts
 */
export function createRow(stage, about, axis, on, { changes, standing }, parts) {
  const { model } = stage;
  const { name, layers } = about;
  const life = new AbortController();
  const { signal } = life;
  const amounts = amountsOf(model, axis);
  const { scale, origin } = amounts;
  const track = createTrack(stage, name, axis, amounts, parts, signal);
  const { slider, reset } = track;
  standing?.shade(slider, axis, () => model.get("_ranges")[axis], signal);
  const { lock, box } = createLock(name, on.hold, signal);
  const delta = changes?.badge();
  const { heading, title, tip, tell } = createHeading(name, delta?.root, signal);
  const back = createIconButton("lw-reset", BACK, `Reset ${name}`, reset, signal);
  back.tabIndex = -1; // a key on the slider does it too
  const hide = `Hide ${name}: its edit stays`;
  // One layer alone leaves nothing to choose.
  const cells =
    layers.length > 1
      ? parts.cells?.({
          name,
          layers: model.get("_layers"),
          acting: layers,
          onPaint: (weights) => on.paint(name, weights),
          signal,
        })
      : undefined;
  /** @type {ReturnType<NonNullable<Parts["curve"]>> | undefined} */
  let curve;
  const row = element("div", { class: "lw-row", role: "group", "aria-label": name }, [
    lock,
    heading,
    slider.track,
    slider.number,
    back,
    createIconButton("lw-hide", EYE, hide, on.hide, signal),
    cells?.root,
    tip,
  ]);

  /** What is shown at a position from 0 to 1. @param {number} t */
  function spot(t) {
    const amount = amountAt(model, axis, t);
    return { at: replaced(stage.at, axis, amount), label: short(amount) };
  }
  parts.preview?.(stage, { name: title, track: slider.track, range: slider.range, spot }, signal);

  /**
   * Take what became known of this direction. False where it is another one.
   * @param {About} more
   */
  function learn(more) {
    if (more.name !== name || `${more.layers}` !== `${layers}`) return false;
    about = more;
    return true;
  }

  /**
   * Show what the model says of this direction.
   * @param {number} middle where zero lies in all rows, from 0 to 1
   */
  function followSettings(middle) {
    track.followSettings();
    const { from, to } = stretchOf(scale(), middle);
    row.style.setProperty("--lw-from", `${from}`);
    row.style.setProperty("--lw-to", `${to}`);
    box.checked = model.get("hold").includes(name);
    row.classList.toggle("lw-held", box.checked);
    tell(about, track.inUnits(1, ", 1 σ is "), model.get("_left")[axis]);
  }

  /**
   * @param {number[]} read what the readout says of every base
   * @param {import("../parts/cells.js").Effects} [effects] of its layers
   */
  function follow(read, effects) {
    cells?.show(model.get("profiles")[name], effects);
    track.follow(read);
    const amount = stage.at[axis];
    row.classList.toggle("lw-moved", amount !== origin());
    slider.range.ariaDescription = `reads ${read.map(sigmas).join(", ")}${followCurve(amount)}`;
    if (changes) delta?.show(changes.of(axis), changes.most());
  }

  /** Draw what was measured along the slider, if it was, and say what was at an amount. @param {number} amount */
  function followCurve(amount) {
    /** @type {import("../parts/curve.js").Curve | undefined} */
    const known = model.get("_curves")[name];
    if (known && !curve && parts.curve) {
      curve = parts.curve({ onFull: (full) => on.full(name, full), signal });
      tip.before(curve.root);
    }
    const said = curve?.show(known, scale(), amount);
    return said ? `. ${said}` : "";
  }

  /** What one sigma changes, as a share of the range of the picture; −1 where it is not known. */
  function change() {
    return changes?.of(axis)?.[0] ?? -1;
  }

  const score = () => about.score ?? -1e9;
  const { setBuffer } = slider;
  return { row, name, axis, score, change, setBuffer, learn, followSettings, follow, life };
}

/**
 * A small button without a word on it.
 * @param {string} kind
 * @param {string} path of its icon
 * @param {string} label
 * @param {() => void} onClick
 * @param {AbortSignal} signal
 */
function createIconButton(kind, path, label, onClick, signal) {
  const button = element(
    "button",
    { type: "button", class: `lw-small ${kind}`, title: label, "aria-label": label },
    [icon(path)],
  );
  listen(button, { click: onClick }, signal);
  return button;
}
