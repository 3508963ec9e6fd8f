/**
 * How long latents along a path are, beside those of the prior.
 * @typedef {object} Norms
 * @property {number[]} along at even steps from t = 0 to 1, as multiples of the prior's; empty where the prior is not known to be normal
 * @property {number} chance how far from 1 those of the prior are, as a standard deviation
 */

/** Nearer to the prior's than this many standard deviations, and than this, is not worth a word. */
const SIGMAS = 2;
const MATTERS = 0.05;

/**
 * Say how long the latent at t is where that is unlike the prior.
 * @param {Norms} norms
 * @param {number} t
 * @returns {[brief: string, whole: string]} both empty where there is nothing to say
 */
export function normWords({ along, chance }, t) {
  if (along.length === 0) return ["", ""];
  const place = t * (along.length - 1);
  const low = Math.min(Math.floor(place), along.length - 2);
  const norm = along[low] + (place - low) * (along[low + 1] - along[low]);
  if (Math.abs(norm - 1) <= Math.max(SIGMAS * chance, MATTERS)) return ["", ""];
  const brief = ` · norm ${norm.toFixed(2)}`;
  const than = norm < 1 ? "shorter" : "longer";
  return [
    brief,
    `. This latent is ${than} than those of the prior: their norm is 1 ± ${chance.toPrecision(2)}. The decoder may never have seen such latents; the method “gaussian” keeps within the prior where anchors do.`,
  ];
}
