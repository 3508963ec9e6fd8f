import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createSpoken } from "../../src/controls/spoken.js";
import { createControl } from "../../src/interpolator/control.js";
import { Stage } from "../../src/stage/stage.js";
import { answer, makeKind, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("speaks once the hand is at rest, and not on the way", async () => {
  const model = makeModel({
    value: 0,
    _route: "a",
    frame_memory: 64,
    strip_length: 9,
    filmstrip: 0,
  });
  const { signal } = new AbortController();
  const stage = new Stage(model, signal, createControl(model), makeKind(), makeStore());
  const picture = document.createElement("div");
  picture.innerHTML = '<div class="lw-letters">It felt happy.</div>';
  const { live, follow } = createSpoken(stage, ([t]) => `t = ${t}`, picture);
  expect(live.getAttribute("role")).toBe("status");
  stage.move([0.25], { rest: true });
  answer(model, model.sent.at(-1));
  await vi.advanceTimersByTimeAsync(0);
  follow();
  for (const t of [0.3, 0.25, 0.2, 0.25]) {
    stage.move([t]);
    follow();
    await vi.advanceTimersByTimeAsync(100);
    expect(live.textContent).toBe("");
  }
  await vi.advanceTimersByTimeAsync(500);
  expect(live.textContent).toBe("");
  await vi.advanceTimersByTimeAsync(200);
  expect(live.textContent).toBe("t = 0.25, exact: It felt happy.");
  // Where the picture is of another place, that is what is said.
  const [frame] = [stage.frame()];
  const subject = { at: [7], frame: () => frame, isExact: () => true };
  const other = createSpoken(stage, ([t]) => `cell ${t}`, picture, subject);
  other.follow();
  await vi.advanceTimersByTimeAsync(800);
  expect(other.live.textContent).toBe("cell 7, exact: It felt happy.");
  picture.innerHTML = '<div class="lw-letters"></div>';
  const empty = createSpoken(stage, ([t]) => `cell ${t}`, picture, subject);
  empty.follow();
  await vi.advanceTimersByTimeAsync(800);
  expect(empty.live.textContent).toBe("cell 7, exact: (no text)");
});
