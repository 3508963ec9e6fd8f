import { copyText } from "../dom/clipboard.js";

/** How long to wait for the kernel. */
const COPY_MS = 4000;

/**
 * Copy a cell of Python that makes a latent.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {HTMLElement} button says so
 * @param {{ route: string, at: number[] }} place where the latent is
 */
export async function copyCode(stage, button, { route, at }) {
  const how = { ms: COPY_MS, suffix: "" };
  const answer = await stage.mailbox.inquire("latent", { route, at }, how);
  if (!answer) throw new Error("the kernel did not answer. Try again.");
  await copyText(answer.text, button.parentElement ?? button);
  button.textContent = "Copied";
  stage.fail();
  setTimeout(() => {
    button.textContent = "Copy as code";
  }, 1500);
}
