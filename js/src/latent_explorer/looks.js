import { atEnd, element, listen, onResize } from "../dom/element.js";

/** Who is asked first to show the current latent: the part that edits it. */
const ORDER = ["editor", "map", "grid", "path"];
/** When a part no longer shows something else, the kernel may be on the way to another latent. */
const LINGER_MS = 150;
/** So long the picture of the current latent may take; then it is shown as it is. */
const PATIENCE_MS = 2000;

/**
 * The one picture of an explorer. Each part makes a picture for itself, and what belongs to it, with
 * the frames that it has decoded ahead. They are taken out of the parts and lie here on top of each
 * other, so that nothing moves as one takes the place of another. What is seen is the picture of the
 * current latent; or that of a part where the person looks at something else, as at a cell under
 * the mouse, or goes along a path.
 * @param {object} on
 * @param {(name: string) => void} on.stay a part no longer shows something else
 * @param {(name: string) => void} on.show the picture that is seen is that of this part
 * @param {boolean} linked whether the part with sliders edits what is looked at in others
 * @param {AbortSignal} signal
 */
export function createLooks(on, linked, signal) {
  const box = element("div", { class: "lw-looks", role: "group", "aria-label": "Current latent" });
  /** @type {Map<string, HTMLElement>} by the name of the part */
  const looks = new Map();
  let main = "";
  /** The part that was turned to last, whether its picture is here yet or not. */
  let turned = "";
  let request = 0;
  // So high is what may stay over the parts below it.
  const cover = () => box.parentElement?.style.setProperty("--lw-covered", `${box.offsetHeight}px`);
  onResize(box, cover, signal);
  atEnd(signal, () => cancelAnimationFrame(request));

  /** @param {string} name */
  function show(name) {
    cancelAnimationFrame(request);
    for (const [other, look] of looks) look.classList.toggle("lw-seen", other === name);
    box.dataset.lwPart = name;
    on.show(name);
  }

  /** Show the picture of the current latent, as soon as it is there. */
  function settle() {
    cancelAnimationFrame(request);
    const begin = performance.now();
    const picture = looks.get(main)?.querySelector(".lw-picture");
    function look() {
      const waited = performance.now() - begin;
      const ready = /** @type {HTMLElement} */ (picture)?.dataset.lwExact === "true";
      if (waited > (ready ? LINGER_MS : PATIENCE_MS)) show(main);
      else request = requestAnimationFrame(look);
    }
    look();
  }

  /**
   * Take the picture out of a part.
   * @param {string} name of the part
   * @param {HTMLElement} body what the part is in
   */
  function take(name, body) {
    const look = /** @type {HTMLElement | null} */ (body.querySelector(".lw-look"));
    if (!look) return;
    look.dataset.lwPart = name;
    looks.set(name, look);
    for (const known of look.querySelectorAll(".lw-known:has(> *)")) {
      countBelow(/** @type {HTMLElement} */ (known), signal);
    }
    box.append(look);
    look.addEventListener(
      "lw-peek",
      (event) => {
        if (/** @type {CustomEvent<boolean>} */ (event).detail) return show(name);
        on.stay(name);
        settle();
      },
      { signal },
    );
    const order = isLed() ? ORDER : [turned, ...ORDER];
    main = order.find((one) => looks.has(one)) ?? "";
    show(main);
  }

  /** Whether there are sliders that edit what is looked at: these have the current latent. */
  const isLed = () => linked && looks.has("editor");

  /**
   * The person turns to a part: unless sliders are led by it, its latent is the current one.
   * @param {string} name
   */
  function turnTo(name) {
    turned = name;
    if (!isLed() && looks.has(name)) main = name;
    if (name === main && box.dataset.lwPart !== main) settle();
  }

  return { box, take, turnTo, settle };
}

/**
 * Say how many lines of a box that scrolls are below those in sight, for its style sheet: with the last
 * of these, on which that stands.
 * @param {HTMLElement} box holds one element
 * @param {AbortSignal} signal
 */
function countBelow(box, signal) {
  const [inner] = box.children;
  function follow() {
    const [whole, seen] = [inner, box].map((one) => one.getBoundingClientRect().bottom);
    const lines = Math.round((whole - seen) / Number.parseFloat(getComputedStyle(box).lineHeight));
    if (lines > 0) box.dataset.lwBelow = `↓ ${lines + 1} more`;
    else delete box.dataset.lwBelow;
  }
  for (const one of [box, inner]) onResize(one, follow, signal);
  listen(box, { scroll: follow }, signal);
}
