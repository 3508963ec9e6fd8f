/** How many points share a cell, on average. */
const PER_CELL = 2;
/** How many cells there are from left to right, and from top to bottom, at most. */
const MOST_CELLS = 1024;

/**
 * Finds the point under the mouse. The map is cut into a grid of cells; `rows` lists the points of
 * the first cell, then those of the second, and so on, and `starts` where each cell begins in it.
 * jupyter-scatter would find points too, but draws all of them anew for each that it finds.
 */
export class Picker {
  #points;
  #stride;
  #side;
  /** Where the rows of each cell begin; one more for the end of the last. */
  #starts;
  #rows;

  /**
   * @param {Float32Array} points of each point x and y, in [-1, 1], and other numbers
   * @param {number} stride how many numbers a point has
   */
  constructor(points, stride) {
    this.#points = points;
    this.#stride = stride;
    const count = points.length / stride;
    this.#side = Math.min(MOST_CELLS, Math.ceil(Math.sqrt(count / PER_CELL)) || 1);
    const cells = new Uint32Array(count);
    this.#starts = new Uint32Array(this.#side ** 2 + 1);
    for (let row = 0; row < count; row++) {
      cells[row] =
        this.#cell(points[row * stride + 1]) * this.#side + this.#cell(points[row * stride]);
      this.#starts[cells[row] + 1] += 1;
    }
    for (let i = 1; i < this.#starts.length; i++) this.#starts[i] += this.#starts[i - 1];
    this.#rows = new Uint32Array(count);
    const next = this.#starts.slice();
    for (let row = 0; row < count; row++) this.#rows[next[cells[row]]++] = row;
  }

  /** @param {number} place in [-1, 1] */
  #cell(place) {
    return Math.min(this.#side - 1, Math.max(0, Math.floor(((place + 1) / 2) * this.#side)));
  }

  /**
   * The point nearest to a place.
   * @param {number} x
   * @param {number} y
   * @param {number} reach how far away it may be
   * @returns {number | null} its row
   */
  nearest(x, y, reach) {
    const [points, stride, side] = [this.#points, this.#stride, this.#side];
    const [starts, rows] = [this.#starts, this.#rows];
    let best = null;
    let least = reach ** 2;
    const right = this.#cell(x + reach);
    for (let down = this.#cell(y - reach); down <= this.#cell(y + reach); down++) {
      const first = starts[down * side + this.#cell(x - reach)];
      const last = starts[down * side + right + 1];
      for (let i = first; i < last; i++) {
        const at = rows[i] * stride;
        const square = (points[at] - x) ** 2 + (points[at + 1] - y) ** 2;
        if (square > least || (square === least && best !== null)) continue;
        best = rows[i];
        least = square;
      }
    }
    return best;
  }
}
