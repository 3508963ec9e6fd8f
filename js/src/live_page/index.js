import { element } from "../dom/element.js";
import { showPage } from "../recorded/page.js";
import { LiveModel } from "./model.js";

const about = element("p", { role: "status" });
document.querySelector("footer")?.append(about);

/** What a kernel would answer, which is much: each answer is read when it is asked for. @param {string} part */
function read(part) {
  return JSON.parse(document.getElementById(`lw-decoder-${part}`)?.textContent ?? "");
}

/** @param {string} words */
function say(words) {
  about.textContent = words;
}

showPage((state, places) => new LiveModel(state, places, read, say));
