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
 * Make a `div`.
 * @param {string} kind its class, or classes
 * @param {(Node | string | false | null | undefined)[]} [children] as those of `element`
 */
export function div(kind, children) {
  return element("div", { class: kind }, children);
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
 * A box that scrolls can be focused, so that keys scroll it; one that does not is passed over. Its size
 * and that of what it holds are looked at once the page has laid them out: reading them earlier would
 * make it do so at once, with every move of a thumb.
 * @param {HTMLElement} box holds one element, which is as high as all that can be scrolled to
 * @param {AbortSignal} signal ends it
 */
export function focusWhereScrolled(box, signal) {
  function follow() {
    if (box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
    else if (!box.matches(":focus")) box.removeAttribute("tabindex"); // it would lose the focus
  }
  for (const one of [box, ...box.children]) onResize(one, follow, signal);
  listen(box, { blur: follow }, signal);
}
