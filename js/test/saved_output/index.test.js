import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

/** Run the script of an output, as a page that shows it does. */
async function show() {
  vi.resetModules();
  const packing = new Response("<p>a page</p>").body?.pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(packing).arrayBuffer());
  const page = btoa(String.fromCharCode(...packed));
  document.body.innerHTML = `<div><figure></figure><script data-lw-page="${page}" data-lw-frames="[]"></script></div>`;
  const script = document.querySelector("script");
  vi.spyOn(document, "currentScript", "get").mockReturnValue(script);
  // @ts-expect-error: a script, not a module
  await import("../../src/saved_output/index.js");
  await vi.waitFor(() => expect(document.querySelector("iframe")).not.toBeNull());
  return /** @type {HTMLIFrameElement} */ (document.querySelector("iframe"));
}

/** What a page inside says of its height. @param {Window | null} source */
const say = (source, lwHeight = 300) =>
  window.dispatchEvent(new MessageEvent("message", { source, data: { lwHeight } }));

describe("what puts a page in the place of a picture", () => {
  it("makes it as high as it says, and hides the picture then", async () => {
    const frame = await show();
    const figure = document.querySelector("figure");
    expect(figure?.hidden).toBe(false);
    say(window);
    expect(figure?.hidden).toBe(false);
    say(frame.contentWindow);
    expect(figure?.hidden).toBe(true);
    expect(frame.style.height).toBe("300px");
  });

  it("listens no longer once it is gone, and again where it is put back", async () => {
    const added = vi.spyOn(window, "addEventListener");
    const removed = vi.spyOn(window, "removeEventListener");
    /** @param {import("vitest").MockInstance} spy */
    const heard = (spy) =>
      spy.mock.calls.filter(([type]) => type === "message").map(([, one]) => one);
    const frame = await show();
    say(frame.contentWindow);
    const [hear] = heard(added);
    expect(heard(removed)).not.toContain(hear);
    const around = /** @type {HTMLElement} */ (frame.parentElement);
    around.remove();
    say(window);
    expect(heard(removed)).toContain(hear);
    document.body.append(around);
    frame.dispatchEvent(new Event("load"));
    say(frame.contentWindow, 400);
    expect(frame.style.height).toBe("400px");
  });
});
