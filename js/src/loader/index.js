/** How the kernel refers to a model; its identifier follows. */
const REFERENCE = "IPY_MODEL_";
/** Where a model that holds code keeps what was imported. */
const IMPORTED = Symbol.for("lw.imported");

/** @typedef {import("@anywidget/types").AnyModel} Model */
/**
 * @typedef {object} Imported
 * @property {any} module
 * @property {CSSStyleSheet} sheet
 * @property {string} js the module as text
 */

/**
 * Import code, which a trait of a model either is or refers to.
 *
 * Many widgets refer to one model that holds their code. The widgets of a page share no other
 * object: anywidget gives each a copy of this file. What was imported is therefore kept with that
 * model, and ends with it.
 * @param {Model} model
 * @param {string} value of the trait
 * @returns {Promise<Imported>}
 */
export async function importCode(model, value) {
  if (!value.startsWith(REFERENCE)) return importText(value, "");
  /** @type {any} */
  const holder = await model.widget_manager.get_model(value.slice(REFERENCE.length));
  holder[IMPORTED] ??= importText(holder.get("js"), holder.get("css")).catch((error) => {
    delete holder[IMPORTED]; // the next widget tries again
    throw error;
  });
  return holder[IMPORTED];
}

/**
 * @param {string} js
 * @param {string} css
 * @returns {Promise<Imported>}
 */
async function importText(js, css) {
  const url = URL.createObjectURL(new Blob([js], { type: "text/javascript" }));
  const module = await import(/* @vite-ignore */ url);
  URL.revokeObjectURL(url);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return { module, sheet, js };
}

/**
 * Show a style sheet where an element is, until the signal.
 * @param {CSSStyleSheet} sheet
 * @param {HTMLElement} el
 * @param {AbortSignal} signal
 */
function style(sheet, el, signal) {
  const root = /** @type {any} */ (el.getRootNode());
  const { adoptedStyleSheets } = root.host ? root : el.ownerDocument; // only a shadow has a host
  adoptedStyleSheets.push(sheet);
  signal.addEventListener("abort", () => {
    adoptedStyleSheets.splice(adoptedStyleSheets.lastIndexOf(sheet) >>> 0, 1); // -1 becomes a place beyond the end: nothing goes
  });
}

/** A widget whose code is elsewhere: in what its trait `_code` refers to. */
export default () => {
  /** @type {any} */
  let widget;
  /** @type {Imported} */
  let imported;
  /** @type {Promise<void>} */
  let loaded;

  async function load(/** @type {any} */ context) {
    imported = await importCode(context.model, context.model.get("_code"));
    const { default: made } = imported.module;
    widget = made.call ? await made() : made; // a module exports a widget, or what makes one
    // What a widget that is closed by now would start, nobody would end.
    if (!context.signal?.aborted) await widget.initialize?.(context);
  }

  return {
    // anywidget gives this two seconds, and then shows an error for good. A page that is busy, as one
    // that opens a hundred widgets, takes longer: views wait for it instead.
    /** @param {any} context */
    initialize(context) {
      loaded = load(context);
      loaded.catch(() => {}); // each view tells of it
    },
    /** Until the widget listens to its model: a saved page delivers its frames only then. */
    begun: () => loaded,
    /** @param {any} context */
    async render(context) {
      await loaded;
      if (context.signal.aborted) return;
      style(imported.sheet, context.el, context.signal);
      await widget.render(context);
    },
  };
};
