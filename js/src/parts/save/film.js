import { createMenu } from "../../controls/menu.js";
import { element, listen } from "../../dom/element.js";

/** How many seconds a film may take from end to end. The kernel takes its frames at a rate of its own. */
const LENGTHS = [1, 2, 3, 5, 10];
const USUAL = "3";

/**
 * How a film is made: how long it takes one way, and whether words stand under its frames.
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 */
export function createFilm(onChange, signal) {
  const about = "How long the film takes from end to end; it goes back in the same time";
  const length = createMenu("Length", about, LENGTHS.map(String), onChange, signal, " s");
  length.choose(USUAL);
  const captions = element("input", { type: "checkbox" });
  const title = "Write under each frame where it is";
  const captioned = element("label", { title }, [captions, " Captions"]);
  listen(captions, { change: onChange }, signal);
  const fields = [length.field, captioned];

  return {
    fields,

    /** @param {boolean} film whether a film is to be saved */
    show(film) {
      for (const field of fields) field.hidden = !film;
    },

    /** What is chosen; `seconds` are those of one way. */
    get chosen() {
      return { seconds: Number(length.select.value), captions: captions.checked };
    },
  };
}
