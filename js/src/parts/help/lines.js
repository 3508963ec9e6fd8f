/** Lines of help that several widgets have. */

/** @typedef {[keys: string, what: string, where?: string][]} Lines `where` is a trait: listed while it is set */

export const SLIDER = "on a slider";

/** @type {Lines[number]} */
export const DROP = [
  "Drop a file",
  "brings back a saved picture, film, page or recipe; in a cell: widget.apply(lw.load(path))",
];

/** @type {Lines} */
export const COPY = [
  ["▦", "smooth pictures that are enlarged, or show their pixels as squares"],
  [
    "Save…",
    "the picture, of any size; a film of a path or an edit; a page of all but a map; Escape closes the menu",
  ],
  ["Copy as code", "a cell of Python that makes this latent again"],
  DROP,
];

/** @type {Lines} */
export const STATE = [
  ["exact", "the picture was decoded for just this place, and how long that took"],
  ["nearest", "the nearest picture that is there stands in; the exact one follows"],
];

/** @type {Lines} */
export const BAR = [["Thin line under a slider", "where pictures are decoded already"]];

/** @type {Lines} */
export const STANDING = [
  [
    "Gauge",
    "how ordinary the latent is, among the data or samples of the prior; to the left of the mark 5 % of these lie",
  ],
  [
    "Nearest data",
    "the six nearest latents of the data, how far away, and how far one at random is",
  ],
];

/** @type {Lines} */
export const SHADE = [
  [
    "Hatched",
    `${SLIDER}: there the latent leaves what is ordinary; the mouse on it tells why, and a screen reader of where the slider stands`,
  ],
];
