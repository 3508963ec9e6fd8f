// A script of its own in the output of a cell, not a module: only such a one knows where it stands.
/**
 * Put a page that moves in the place of the picture before a script. Its attributes hold the page
 * without its frames, compressed, in base64; and the frames, as JSON.
 * @param {HTMLScriptElement} script
 */
(async (script) => {
  const picture = script?.previousElementSibling;
  if (!picture || !self.DecompressionStream) return;
  const { lwPage = "", lwFrames = "" } = script.dataset;
  const bytes = Uint8Array.from(atob(lwPage), (letter) => letter.charCodeAt(0));
  const opened = new Response(bytes).body?.pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(opened).text();
  // As dark as what is behind it: what the system prefers is not what every page follows.
  /** @type {Element | null} */
  let behind = picture;
  /** @type {number[]} */
  let color = [];
  while (behind && !(color.length === 3 || color[3] > 0)) {
    color = (getComputedStyle(behind).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    behind = behind.parentElement;
  }
  const [red = 255, green = 255, blue = 255, opacity = 1] = color;
  const dark = opacity > 0 && 0.3 * red + 0.6 * green + 0.1 * blue < 128;
  const scheme = dark ? "dark" : "light";
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = picture.querySelector("img")?.alt ?? "";
  frame.style.cssText = `display:block;width:100%;height:0;border:0;color-scheme:${scheme}`;
  frame.srcdoc = text
    .replace('content="light dark"', `content="${scheme}"`)
    .replace('"frames of the output"', () => lwFrames);
  /** @param {MessageEvent} message */
  const hear = ({ source, data }) => {
    // Gone from the page, as when the cell was run again: all of it could not be freed otherwise.
    if (!frame.isConnected) removeEventListener("message", hear);
    const height = Number(data?.lwHeight);
    if (source !== frame.contentWindow || !(height > 0 && height < 5000)) return;
    frame.style.height = `${Math.ceil(height)}px`;
    /** @type {HTMLElement} */ (picture).hidden = true;
  };
  const listen = () => addEventListener("message", hear);
  frame.addEventListener("load", listen); // again, where it is put back
  picture.after(frame);
  listen();
})(/** @type {HTMLScriptElement} */ (document.currentScript));
