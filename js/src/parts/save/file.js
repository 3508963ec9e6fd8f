import { element } from "../../dom/element.js";

/** @param {Blob} blob @param {string} name of the file */
export function download(blob, name) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/**
 * Enlarge what a canvas shows; its pixels become squares.
 * @param {HTMLCanvasElement} frame
 * @param {number[]} size
 * @returns {Promise<Blob>}
 */
export async function drawn(frame, [width, height]) {
  const large = element("canvas", { width, height });
  const context = large.getContext("2d");
  if (!context) throw new Error("this browser draws no pictures.");
  context.imageSmoothingEnabled = width < frame.width;
  context.drawImage(frame, 0, 0, width, height);
  const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ done) =>
    large.toBlob(done, "image/png"),
  );
  if (!blob) throw new Error("the picture is too large for this browser.");
  return blob;
}
