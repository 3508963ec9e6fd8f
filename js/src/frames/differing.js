/** A word with the spaces before it, and those at the end; or nothing but spaces. */
const WORD = /\s*\S+(?:\s+$)?|^\s+$/g;
/** Finds words where no spaces part them, such as in Chinese. */
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: "word" });
/** Of longer texts, by the product of their words, all between what both begin and end with differs. */
const MOST = 1_000_000;

/** A piece of a text, and whether the other text lacks it. @typedef {{ text: string, differs: boolean }} Piece */

/**
 * Cut two texts into pieces: words that both have in the same order, as many as can be, and others.
 * @param {string} one
 * @param {string} other
 * @returns {[Piece[], Piece[]]}
 */
export function differing(one, other) {
  const both = [one, other].map((text) => (text.match(WORD) ?? []).flatMap(apart));
  const [words, others] = both.map((some) => some.map((word) => word.trim()));
  const least = Math.min(words.length, others.length);
  let start = 0;
  while (start < least && words[start] === others[start]) start++;
  let same = 0;
  while (same < least - start && words.at(-1 - same) === others.at(-1 - same)) same++;
  const n = words.length - same;
  const m = others.length - same;
  const marks = [n, m].map((end, k) => both[k].map((_, i) => i >= start && i < end));
  if ((n - start) * (m - start) <= MOST) unmark(words.slice(start, n), others.slice(start, m));

  /** @param {string[]} mine @param {string[]} theirs */
  function unmark(mine, theirs) {
    // How many words what is left of both has in common, from every pair of places on.
    const common = Array.from(
      { length: mine.length + 1 },
      () => new Uint16Array(theirs.length + 1),
    );
    for (let i = mine.length - 1; i >= 0; i--) {
      for (let j = theirs.length - 1; j >= 0; j--) {
        const longest = Math.max(common[i + 1][j], common[i][j + 1]);
        common[i][j] = mine[i] === theirs[j] ? common[i + 1][j + 1] + 1 : longest;
      }
    }
    let [i, j] = [0, 0];
    while (i < mine.length && j < theirs.length) {
      if (mine[i] === theirs[j]) {
        marks[0][start + i++] = false;
        marks[1][start + j++] = false;
      } else if (common[i + 1][j] >= common[i][j + 1]) i++;
      else j++;
    }
  }

  return [pieces(both[0], marks[0]), pieces(both[1], marks[1])];
}

/** Cut what has no spaces between its words; signs stay with the word before. @param {string} text */
function apart(text) {
  const found = [""];
  let begun = false;
  for (const { segment, isWordLike = false } of SEGMENTER.segment(text)) {
    if (begun && isWordLike) found.push(segment);
    else found[found.length - 1] += segment;
    begun ||= isWordLike;
  }
  return found;
}

/** Join words that go together. @param {string[]} words @param {boolean[]} marks */
function pieces(words, marks) {
  /** @type {Piece[]} */
  const found = [];
  for (const [i, text] of words.entries()) {
    const last = found.at(-1);
    if (last?.differs === marks[i]) last.text += text;
    else found.push({ text, differs: marks[i] });
  }
  return found;
}
