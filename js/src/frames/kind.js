/**
 * An output that is ready to be painted. Images have a size; anything else says how many bytes it
 * takes in memory.
 * @typedef {ImageBitmap | ImageData | { bytes: number, close: () => void }} Opened
 */

/**
 * How outputs of one kind are shown.
 * @typedef {object} Kind
 * @property {string} word what one is called on the page: "Picture", "Text", ...
 * @property {string} role what its element is to a screen reader
 * @property {boolean} pixels whether it is painted on a canvas, pixel by pixel, so that the difference of two can be shown
 * @property {(source: any) => Promise<any>} open makes what is painted (`Opened`) of a frame that came as a Blob
 * @property {(name: string, signal: AbortSignal, small?: boolean) => HTMLElement} create makes an element, of a class, that shows frames until the signal ends it; a small one has nothing to press
 * @property {(element: any, opened: any) => void} paint shows in such an element what `open` made
 */

export {};
