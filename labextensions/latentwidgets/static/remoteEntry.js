/**
 * Shows what a notebook has saved of a widget, a picture or a page that moves, where the widget itself
 * is gone: JupyterLab and Notebook 7 would say "model not found" there, though it lies in the same
 * output.
 *
 * They load this file as it is. It is what their own tools would make of an extension: a container of
 * modules under its name, which is given those of the application and gives a plugin.
 */
(() => {
  const NAME = "latentwidgets";
  const WIDGET = "application/vnd.jupyter.widget-view+json";
  const SAVED = "text/html";
  /** What every page of ours that was saved in an output has; others keep what they have. */
  const OURS = 'class="lw-saved"';
  /** The rank that ipywidgets gives its own. */
  const RANK = -10;
  /** Where no kernel comes at all, ipywidgets waits for ever. */
  const PATIENCE_MS = 4000;

  /** @type {Record<string, Record<string, { get: () => Promise<() => any> }>>} modules of the application by name and version */
  let shared = {};

  /** @param {string} name of a module @returns {Promise<any>} undefined where there is none */
  async function moduleOf(name) {
    const [version] = Object.values(shared[name] ?? {});
    return version && (await version.get())();
  }

  /**
   * Have a renderer of widgets show what was saved, as long as it shows nothing but words.
   * @param {any} renderer
   * @param {() => any} create makes a renderer of what was saved
   */
  function withSaved(renderer, create) {
    const render = renderer.renderModel.bind(renderer);
    /** @type {any} what was saved, as it is shown */
    let shown;

    /** @param {any} model of the output */
    async function show(model) {
      if (shown || renderer.isDisposed || renderer.node.childElementCount > 0) return;
      shown = create();
      await shown.renderModel(model);
      if (renderer.node.childElementCount > 0) return hide(); // the widget has come meanwhile
      renderer.node.textContent = "";
      renderer.addWidget(shown);
    }

    function hide() {
      shown?.dispose();
      shown = undefined;
    }

    renderer.renderModel = async (/** @type {any} */ model) => {
      hide();
      if (!String(model.data[SAVED] ?? "").includes(OURS)) return render(model);
      const timer = setTimeout(() => show(model), PATIENCE_MS);
      await render(model);
      clearTimeout(timer);
      const [first, ...more] = renderer.node.children;
      if (shown && first === shown.node && more.length > 0) hide();
      // While the kernel is on its way there are words as well; then it is rendered again.
      if (renderer.hasClass("jupyter-widgets")) await show(model);
      else if (renderer.node.childElementCount === 0) setTimeout(() => show(model), PATIENCE_MS);
    };
    return renderer;
  }

  /** @param {any} rendermime what shows the outputs of one notebook */
  function wrap(rendermime) {
    const factory = rendermime.getFactory(WIDGET);
    if (!factory) return;
    const createRenderer = (/** @type {any} */ options) =>
      withSaved(factory.createRenderer(options), () => rendermime.createRenderer(SAVED));
    rendermime.addFactory({ ...factory, createRenderer }, RANK);
  }

  async function makePlugin() {
    const { INotebookTracker } = await moduleOf("@jupyterlab/notebook");
    const widgets = await moduleOf("@jupyter-widgets/base");
    return {
      id: `${NAME}:saved`,
      description: "Shows what a notebook has saved of a widget, where the widget itself is gone.",
      autoStart: true,
      requires: [INotebookTracker],
      // What provides this has seen a notebook before it is seen here.
      optional: widgets ? [widgets.IJupyterWidgetRegistry] : [],
      activate(/** @type {any} */ _app, /** @type {any} */ tracker) {
        tracker.forEach((/** @type {any} */ panel) => wrap(panel.content.rendermime));
        tracker.widgetAdded.connect((/** @type {any} */ _sender, /** @type {any} */ panel) =>
          wrap(panel.content.rendermime),
        );
      },
    };
  }

  const page = /** @type {any} */ (globalThis);
  page._JUPYTERLAB ??= {};
  page._JUPYTERLAB[NAME] = {
    init(/** @type {typeof shared} */ given) {
      shared = given;
    },
    async get() {
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
