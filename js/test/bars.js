// A painter as a newcomer would write it, of the kind that tests/unit/new_kind/bars.py reads and
// draws. Tests put it into js/src/kinds, or its bundle into latentwidgets/static.

/** @param {number} height from 0 to 1 */
function bar(height) {
  const made = document.createElement("div");
  made.style.height = `${100 * height}%`;
  return made;
}

export default () => ({
  word: "Bars",
  role: "img",
  pixels: false,
  /** @param {Blob} source a line for each output: heights with spaces between them */
  async open(source) {
    const lines = (await source.text()).split("\n");
    const outputs = lines.map((line) => line.split(" ").map(Number));
    return { outputs, bytes: source.size, close() {} };
  },
  /** @param {string} name */
  create(name) {
    const root = document.createElement("div");
    root.className = name;
    return root;
  },
  /** @param {HTMLElement} root @param {{ outputs: number[][] }} opened */
  paint(root, { outputs }) {
    root.replaceChildren(...outputs.flat().map(bar));
  },
});
