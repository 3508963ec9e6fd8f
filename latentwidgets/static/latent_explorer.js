/* Built from js/src/latent_explorer/index.js by `make build`: change it there. */
function element(tag, attributes = {}, children = []) {
	let made = document.createElement(tag);
	for (let [name, value] of Object.entries(attributes))
		value === !1 || value === void 0 || (name === "text" ? made.textContent = String(value) : made.setAttribute(name, value === !0 ? "" : String(value)));
	return made.append(...children), made;
}
function createRoot(kind, children) {
	let attributes = { class: `lw-root lw-${kind}`, "data-lm-suppress-shortcuts": "true" };
	return element("div", attributes, children);
}
var COLUMNS = [
	{ map: "Map", grid: "Grid" },
	{ editor: "Directions", path: "Path" }
], index_default = {
	render({ model, el, host, signal }) {
		el.replaceChildren(createView(model, host, signal));
	}
};
function createView(model, host, signal) {
	let undo = button("Undo", "Undo (Ctrl+Z)", () => send("undo")), redo = button("Redo", "Redo (Ctrl+Shift+Z)", () => send("redo")), keep = button("Bookmark", "Keep this state", () => send("bookmark")), marks = element("div", { class: "lw-bookmarks", role: "group", "aria-label": "Bookmarks" }), note = element("div", { class: "lw-doing", role: "status" }), tools = element("div", { class: "lw-tools" }, [undo, redo, keep, marks, note]), shown = [], columns = COLUMNS.map((titles) => Object.entries(titles).flatMap(part)).filter(
		(parts) => parts.length > 0
	), root = createRoot("latent-explorer", [
		tools,
		element(
			"div",
			{ class: "lw-parts" },
			columns.map((parts) => element("div", { class: "lw-column" }, parts))
		)
	]);
	root.tabIndex = -1;
	let named = "";
	function button(text, title, onClick) {
		let made = element("button", { type: "button", class: "lw-button", text, title });
		return made.addEventListener("click", onClick, { signal }), made;
	}
	function send(type, name) {
		try {
			model.send({ type, name });
		} catch {
			note.textContent = "The kernel could not be reached. Run the cell again.";
		}
	}
	function part([name, title]) {
		let ref = model.get(name);
		if (!ref) return [];
		let body = element("div", { class: "lw-body" });
		return shown.push(show(ref, body)), [
			element("section", { class: `lw-part lw-part-${name}`, "aria-label": title }, [
				element("h4", { class: "lw-title", text: title }),
				body
			])
		];
	}
	async function show(ref, body) {
		try {
			await (await host.getWidget(ref)).render({ el: body, signal });
		} catch (error) {
			body.replaceChildren(
				element("div", { class: "lw-alert", role: "alert", text: String(error) })
			);
		}
	}
	root.addEventListener(
		"keydown",
		(event) => {
			event.target instanceof HTMLInputElement && event.target.type !== "range" || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || (event.preventDefault(), event.stopPropagation(), send(event.shiftKey ? "redo" : "undo"));
		},
		{ signal }
	);
	function follow() {
		let page = (
			root.getRootNode()
		), focused = root.contains(page.activeElement), steps = model.get("_steps");
		undo.disabled = !steps.undo, redo.disabled = !steps.redo, note.textContent = model.get("_note"), followBookmarks(model.get("_bookmarks"));
		let lost = !root.contains(page.activeElement) || page.activeElement?.matches(":disabled");
		focused && lost && root.focus({ preventScroll: !0 });
	}
	function followBookmarks(names) {
		named !== JSON.stringify(names) && (named = JSON.stringify(names), marks.replaceChildren(
			...names.map(
				(name) => element("span", { class: "lw-bookmark" }, [
					button(name, `Go back to ${name}`, () => send("open", name)),
					button("×", `Forget ${name}`, () => send("remove", name))
				])
			)
		));
	}
	return model.on("change", follow), follow(), Promise.all(shown).then(() => signal.aborted || send("shown")), root;
}
export {
	index_default as default
};
