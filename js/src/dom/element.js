/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean | number | undefined>} [attributes] `class`, `text` (as text, never HTML) and any attribute; `false` and `undefined` leave one out
 * @param {(Node | string | false | null | undefined)[]} [children] `false`, `null` and `undefined` leave one out
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (name === "text") made.textContent = String(value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

/**
 * Listen to several events of one target.
 * @param {EventTarget} target
 * @param {Record<string, (event: any) => void>} handlers by the type of event
 * @param {AbortSignal} signal ends it
 */
export function listen(target, handlers, signal) {
  for (const [type, handler] of Object.entries(handlers)) {
    target.addEventListener(type, handler, { signal });
  }
}

/**
 * Do something whenever an element has another size, and once as it gets its first.
 * @param {Element} target
 * @param {() => void} act
 * @param {AbortSignal} signal ends it
 */
export function onResize(target, act, signal) {
  const sizes = new ResizeObserver(act);
  sizes.observe(target);
  atEnd(signal, () => sizes.disconnect());
}

/**
 * Do something as soon as a signal ends; nothing where it has ended already.
 * @param {AbortSignal} signal
 * @param {() => void} act
 */
export function atEnd(signal, act) {
  signal.addEventListener("abort", act);
}

/**
 * Let keys come to boxes that scroll, as they are now; no other is a stop on their way.
 * @param {HTMLElement[]} boxes
 */
export function stopAtScrolling(...boxes) {
  for (const box of boxes) {
    if (box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
