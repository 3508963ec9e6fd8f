import { askWhileIdle } from "../controls/idle.js";
import { KernelsReason, told } from "../decode_in_page/asking.js";
import { probePage } from "../decode_in_page/decoder.js";
import { GpuChoice } from "../decode_in_page/gpu_choice.js";
import { HeldDecoder } from "../decode_in_page/held.js";
import { forgetRefusals } from "../decode_in_page/kept.js";
import { HERE } from "../decode_in_page/local.js";
import { prepared } from "../decode_in_page/prepared.js";
import { unless } from "../decode_in_page/unless.js";
import { whileUnseen } from "../decode_in_page/unseen.js";
import { serve } from "../decode_in_page/worker.js";
import { atEnd } from "../dom/element.js";
import { save } from "../stage/save.js";

/**
 * Have the page decode by itself, once what it decodes was seen to be what the kernel decodes. Until
 * then, and where it cannot, the kernel does.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {string} code this module as text, for the worker
 * @param {number[]} start where the widget was before anybody used it
 * @param {AbortSignal} signal ends with the widget
 */
export default function takeOver(stage, code, start, signal) {
  if (signal.aborted) return;
  const { model, mailbox } = stage;
  const held = new HeldDecoder(code, signal);
  const gpu = new GpuChoice(code);
  /** Ends as soon as what is being found out, or was, no longer holds. */
  let round = new AbortController();
  /** Whether it is known if the page can decode what is shown now. */
  let judged = false;
  /** The start, until somebody leaves it: only a widget that is used is worth an export. */
  let unused = String(start);

  function next() {
    const run = model.get("run");
    if (run === "page" || String(stage.at) !== unused) unused = "";
    return unused || run === "kernel" || judged ? undefined : check;
  }

  async function check() {
    const { signal: ended } = round;
    gpu.used = false; // until it is known: what fails before is nothing of the GPU's
    try {
      await unless(ended, probePage(code));
      const offer = await told(stage, "offer", held.name, ended);
      if (!offer) return;
      await gpu.choose(model.get("page_gpu") && !offer.linear, ended);
      const local = await prepared(stage, held, offer, gpu.used, refuse, ended);
      if (local && !ended.aborted) begin(local);
    } catch (error) {
      if (!ended.aborted) refuse(/** @type {Error} */ (error));
    }
  }

  /** @param {import("../stage/mailbox.js").Local} local */
  function begin(local) {
    judged = true;
    mailbox.local = local;
    const without = gpu.why && `without WebGPU: ${gpu.why}`;
    const on = gpu.used ? "; on the GPU, by WebGPU" : without && `; on the processor, ${without}`;
    mailbox.here = HERE + on;
    mailbox.where = ", by the kernel; from now on, in the page";
    tell(without ? `page: ${without}` : "page");
    stage.enter();
  }

  /** @param {Error} error */
  function refuse(error) {
    const { message } = error;
    // First the round ends: to let go of a decoder ends it, which is no reason to be told.
    if (gpu.used && !(error instanceof KernelsReason)) {
      gpu.giveUp(message);
      renew(); // it is tried without
      held.release();
      return;
    }
    renew(message);
    judged = true;
    held.release();
    if (model.get("run") === "page") stage.fail(`This cannot run in the page: ${message}`);
  }

  /**
   * Leave it to the kernel, at least until the page was checked anew.
   * @param {string} [why]
   */
  function renew(why = "") {
    leave(why);
    tell(why ? `kernel: ${why}` : "kernel");
  }

  /** @param {string} why */
  function leave(why) {
    mailbox.local = undefined;
    mailbox.where = why && `, by the kernel: ${why}`;
    judged = false;
    round.abort();
    round = new AbortController();
  }

  /** The kernel is told with the next view: it may have ended with the last. */
  function letGo() {
    gpu.forget();
    leave("");
    held.release();
  }

  /** @param {string} where */
  function tell(where) {
    if (model.get("runs_in") !== where) save(model, "runs_in", where);
    stage.changed();
  }

  atEnd(signal, () => {
    round.abort();
    held.release();
  });
  askWhileIdle(stage, next, signal);
  whileUnseen(stage, letGo, () => tell("kernel"), signal);
  // Cells of a grid that are chosen are looked at, though the widget itself has not moved.
  model.on("change:selection", () => {
    if (!Array.isArray(model.get("selection"))) return;
    unused = "";
    stage.changed();
  });
  for (const what of ["_route", "page_memory", "_exports", "page_gpu"]) {
    model.on(`change:${what}`, () => {
      if (what === "_exports" || what === "page_gpu") forgetRefusals(code);
      gpu.forget();
      renew();
    });
  }
  model.on("change:run", () => {
    forgetRefusals(code);
    if (mailbox.local && model.get("run") !== "kernel") return;
    gpu.forget();
    renew();
    if (model.get("run") === "kernel") held.release();
  });
  stage.changed(); // it may be in use since before this code was here
}

// The same file is the code of the worker, which has no document.
if (typeof document === "undefined" && typeof postMessage === "function") {
  serve(/** @type {any} */ (globalThis));
}
