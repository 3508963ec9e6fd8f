import { shape } from "../../dom/svg.js";

/** @typedef {import("./chase.js").Pull} Pull */

/**
 * A ring around what is held, and a line to where it is wanted.
 * @param {HTMLElement} frames what the picture is in
 * @param {HTMLElement} picture
 */
export function createMark(frames, picture) {
  const line = shape("line", {});
  const ring = shape("circle", { r: 5 });
  const mark = shape("svg", { class: "lw-pulled", "aria-hidden": "true" }, [line, ring]);

  /** Show a pull, or none. @param {Pull | undefined} pull */
  function show(pull) {
    if (!pull) return mark.remove();
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = picture;
    const [x, y, to, down] = [...pull.here, ...pull.to].map((share, i) =>
      i % 2 ? offsetTop + share * offsetHeight : offsetLeft + share * offsetWidth,
    );
    for (const [name, value] of Object.entries({ x1: x, y1: y, x2: to, y2: down })) {
      line.setAttribute(name, String(value));
    }
    ring.setAttribute("cx", String(x));
    ring.setAttribute("cy", String(y));
    frames.append(mark);
  }

  return { show };
}

/**
 * Where on the picture the pointer is.
 * @param {HTMLElement} picture
 * @param {PointerEvent} event
 * @returns {import("./chase.js").Point}
 */
export function pointOf(picture, { clientX, clientY }) {
  const { left, top, width, height } = picture.getBoundingClientRect();
  const within = (/** @type {number} */ share) => Math.min(1, Math.max(0, share));
  return [within((clientX - left) / width), within((clientY - top) / height)];
}
