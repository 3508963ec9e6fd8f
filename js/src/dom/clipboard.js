/**
 * Put a text on the clipboard. Browsers offer `navigator.clipboard` only to pages that come over
 * https or from this machine; on others, a selected text is copied as by a key.
 * @param {string} text
 * @param {HTMLElement} near where an element with the text may stand for a moment
 * @returns {Promise<void>}
 */
export async function copyText(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return;
  } catch {
    // Not offered, or not allowed here.
  }
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "lw-offscreen";
  near.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!done) throw new Error("the browser refused to copy");
}
