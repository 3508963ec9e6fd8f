import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createControl } from "../../src/interpolator/control.js";
import { copyCode } from "../../src/parts/save.js";
import { Stage } from "../../src/stage/stage.js";
import { makeKind, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** @param {{ writeText: (text: string) => Promise<void> }} [clipboard] */
function make(clipboard) {
  vi.stubGlobal("navigator", { clipboard });
  const state = { value: 0, _route: "a", frame_memory: 64, strip_length: 65, filmstrip: 0 };
  const model = makeModel(state);
  const { signal } = new AbortController();
  const stage = new Stage(model, signal, createControl(model), makeKind(), makeStore());
  const button = document.createElement("button");
  button.textContent = "Copy as code";
  document.body.append(button);
  stage.fail("something else");
  const copied = copyCode(stage, button, stage);
  const answer = () => {
    const { client, seq, route } = model.sent[0];
    const text = "np.array([1.])";
    model.emit("msg:custom", { of: "latent", type: "latent", client, seq, route, text }, []);
    return copied;
  };
  return { model, stage, button, copied, answer };
}

describe("copyCode", () => {
  it("copies the latent where the thumb is, and says so for a moment", async () => {
    const writeText = vi.fn(async () => {});
    const { model, stage, button, answer } = make({ writeText });
    await answer();
    expect(model.sent).toMatchObject([{ type: "latent", route: "a", at: [0] }]);
    expect(writeText).toHaveBeenCalledWith("np.array([1.])");
    expect(button.textContent).toBe("Copied");
    expect(stage.error).toBe("");
    await vi.advanceTimersByTimeAsync(1500);
    expect(button.textContent).toBe("Copy as code");
  });

  it("finds another way where a page may not use the clipboard", async () => {
    /** @type {string[]} */
    const copied = [];
    document.execCommand = () => {
      const area = /** @type {HTMLTextAreaElement} */ (document.querySelector("textarea"));
      copied.push(area.value);
      return true;
    };
    const { button, answer } = make();
    await answer();
    expect(copied).toEqual(["np.array([1.])"]);
    expect(button.textContent).toBe("Copied");
    expect(document.querySelector("textarea")).toBeNull();
  });

  it("says why a latent could not be copied", async () => {
    document.execCommand = () => false;
    const { button, answer } = make();
    await expect(answer()).rejects.toThrow("the browser refused to copy");
    expect(button.textContent).toBe("Copy as code");
  });

  it("copies no latent that did not come", async () => {
    const { copied } = make();
    const refused = expect(copied).rejects.toThrow("did not answer");
    await vi.advanceTimersByTimeAsync(5000);
    await refused;
  });
});
