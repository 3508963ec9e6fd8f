import { createButton } from "../controls/button.js";
import { div, listen } from "../dom/element.js";

/**
 * A box in which rows scroll, with a button that says how many lie below those in sight.
 * @param {() => { row: HTMLElement }[]} rows
 * @param {AbortSignal} signal
 */
export function createScroll(rows, signal) {
  const list = div("lw-list");
  const further = () => list.scrollBy(0, list.clientHeight);
  const more = createButton("", "Scroll to them", further, signal);
  more.classList.add("lw-more");
  const box = div("lw-scroll", [list, more]);
  listen(list, { scroll: follow }, signal);

  function follow() {
    const end = list.scrollTop + list.clientHeight;
    const below = rows().filter(
      ({ row }) => !row.hidden && row.offsetTop + row.offsetHeight / 2 > end,
    );
    more.hidden = below.length === 0;
    more.textContent = `↓ ${below.length} more`;
  }

  return { box, list, follow };
}
