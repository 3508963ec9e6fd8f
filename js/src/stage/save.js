/**
 * Change traits, and send them to the kernel with how much of what Python has set was known to this
 * page: what Python has set meanwhile wins over what is sent, see `Placings` in the kernel.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {string[]} names of the traits that may change
 * @param {() => void} change
 */
export function saveAll(model, names, change) {
  const read = (/** @type {string} */ name) => model.get(name);
  const before = names.map(read);
  change();
  const seen = { ...model.get("_seen") };
  // Those alone that change: of others an older value may still wait to be sent.
  for (const [i, name] of names.entries()) {
    const now = read(name);
    if (now !== before[i] && JSON.stringify(now) !== JSON.stringify(before[i]))
      seen[name] = read("_placed")?.[0] ?? 0;
  }
  // Counted, as only what differs is sent.
  model.set("_seen", { ...seen, n: (seen.n ?? 0) + 1 });
  model.save_changes();
}

/**
 * Set one of the widget's traits, here and in the kernel.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {string} name
 * @param {unknown} value
 */
export function save(model, name, value) {
  saveAll(model, [name], () => model.set(name, value));
}
