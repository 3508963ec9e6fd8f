/**
 * A text, shorter where it is a number with more digits than a person compares: three of them, or all
 * of those before the point.
 * @param {string} text
 */
export function brief(text) {
  const number = Number(text);
  if (!number || !text.includes(".")) return text;
  return String(Math.abs(number) < 100 ? Number(number.toPrecision(3)) : Math.round(number));
}
