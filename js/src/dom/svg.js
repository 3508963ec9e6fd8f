/**
 * Make an SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {Node[]} [children]
 * @returns {SVGElement}
 */
export function shape(tag, attributes, children = []) {
  const made = /** @type {SVGElement} */ (
    document.createElementNS("http://www.w3.org/2000/svg", tag)
  );
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * Draw an icon from the path of a 16 x 16 drawing.
 * @param {string} path
 */
export function icon(path) {
  const attributes = { viewBox: "0 0 16 16", class: "lw-icon", "aria-hidden": "true" };
  return shape("svg", attributes, [shape("path", { d: path })]);
}
