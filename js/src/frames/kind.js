/**
 * An output that is ready to be painted, and what it holds in memory: an image has a size.
 * @typedef {ImageBitmap | ImageData | { bytes: number, close: () => void }} Opened
 */

/**
 * How outputs of one kind are shown.
 * @typedef {object} Kind
 * @property {string} word what one is called on the page: "Picture", "Text", ...
 * @property {string} role what its element is to a screen reader
 * @property {boolean} pixels whether it is painted on a canvas, so that two can be compared
 * @property {(source: any) => Promise<any>} open makes a frame that came as a Blob ready: `Opened`
 * @property {(name: string, signal: AbortSignal, small?: boolean) => HTMLElement} create makes an element of a class that shows frames until the signal; a small one has nothing to press
 * @property {(element: any, opened: any) => void} paint shows in such an element what `open` made
 */

export {};
