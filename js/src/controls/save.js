/**
 * Set one of the widget's traits, here and in the kernel.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {string} name
 * @param {unknown} value
 */
export function save(model, name, value) {
  model.set(name, value);
  model.save_changes();
}
