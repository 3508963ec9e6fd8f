/**
 * An amount in words.
 * @param {number} amount
 */
export function sigmas(amount) {
  const size = Math.abs(amount).toFixed(2).replace(/0$/, "");
  return `${size === "0.0" ? "" : amount < 0 ? "−" : "+"}${size} σ`;
}
