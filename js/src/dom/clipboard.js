/**
 * Put a text on the clipboard; also where the page may not use the clipboard's own interface
 * (a notebook that is not served from this machine or over https).
 * @param {string} text
 * @param {HTMLElement} near where a helper element may stand for a moment
 * @returns {Promise<void>}
 */
export async function copyText(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return;
  } catch {
    // Not offered, or not allowed here: the old way may be.
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
