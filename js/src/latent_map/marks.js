/**
 * What is drawn over the points, in places.
 * @typedef {object} Marks
 * @property {[number, number]} spot where the person is
 * @property {[number, number] | null} over what the mouse is over
 * @property {[number, number][]} path
 */

/** @typedef {(place: number) => number} Scale from a place to CSS pixels */

/**
 * Draw marks, each with a rim that shows on any colour.
 * @param {HTMLCanvasElement} overlay
 * @param {Scale} toX
 * @param {Scale} toY
 * @param {Marks} marks
 */
export function paintMarks(overlay, toX, toY, { spot, over, path }) {
  const context = overlay.getContext("2d");
  const { clientWidth: width, clientHeight: height } = overlay;
  if (!context || !width || !height) return;
  overlay.width = Math.round(width * devicePixelRatio);
  overlay.height = Math.round(height * devicePixelRatio);
  context.scale(devicePixelRatio, devicePixelRatio);
  context.lineJoin = context.lineCap = "round";
  const style = getComputedStyle(overlay);
  const points = path.map(([x, y]) => [toX(x), toY(y)]);
  const ends = points.length > 0 ? [points[0], points[points.length - 1]] : [];
  const at = [toX(spot[0]), toY(spot[1])];
  // A canvas takes no light-dark(); what the style sheet gives the overlay is worked out.
  for (const [color, rim] of /** @type {[string, number][]} */ ([
    [style.outlineColor, 3],
    [style.color, 0],
  ])) {
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 2 + rim;
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, y);
    context.stroke();
    for (const [x, y] of ends) disc(context, x, y, 3.5 + rim / 2).fill();
    disc(context, at[0], at[1], 8).stroke();
    if (over) {
      context.lineWidth = 1.5 + rim;
      disc(context, toX(over[0]), toY(over[1]), 5).stroke();
    }
  }
  overlay.dataset.lwSpot = JSON.stringify(at);
  overlay.dataset.lwPath = JSON.stringify(points);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function disc(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  return context;
}
