/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean | number | undefined>} [attributes] `class`, `text` (as text, never HTML) and any attribute; `false` and `undefined` leave one out
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (name === "text") made.textContent = String(value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
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
