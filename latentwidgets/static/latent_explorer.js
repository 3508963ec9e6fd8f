/* Built from js/src/latent_explorer/index.js by `make build`: change it there. */

function element(tag, attributes = {}, children = []) {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === false || value === void 0) continue;
		if (name === "text") made.textContent = String(value);
		else made.setAttribute(name, value === true ? "" : String(value));
	}
	made.append(...children);
	return made;
}

function createRoot(kind, children) {
	const attributes = { class: `lw-root lw-${kind}`, "data-lm-suppress-shortcuts": "true" };
	return element("div", attributes, children);
}

var PARTS = { map: "Map", grid: "Grid", editor: "Directions", path: "Path" };
var index_default = {
	render({ model, el, host, signal }) {
		el.replaceChildren(createView(model, host, signal));
	}
};
function createView(model, host, signal) {
	const undo = button("Undo", "Undo (Ctrl+Z)", () => send("undo"));
	const redo = button("Redo", "Redo (Ctrl+Shift+Z)", () => send("redo"));
	const keep = button("Bookmark", "Keep this state", () => send("bookmark"));
	const marks = element("div", { class: "lw-bookmarks", role: "group", "aria-label": "Bookmarks" });
	const note = element("div", { class: "lw-note", role: "status" });
	const root = createRoot("latent-explorer", [
		element("div", { class: "lw-tools" }, [undo, redo, keep, marks, note]),
		element("div", { class: "lw-parts" }, Object.entries(PARTS).map(part))
	]);
	function button(text, title, onClick) {
		const made = element("button", { type: "button", class: "lw-button", text, title });
		made.addEventListener("click", onClick, { signal });
		return made;
	}
	function send(type, name) {
		try {
			model.send({ type, name });
		} catch {
			note.textContent = "The kernel could not be reached. Run the cell again.";
		}
	}
	function part([name, title]) {
		const ref = model.get(name);
		const body = element("div", { class: "lw-body" });
		const section = element(
			"section",
			{ class: `lw-part lw-part-${name}`, hidden: !ref, "aria-label": title },
			[element("h4", { class: "lw-title", text: title }), body]
		);
		if (ref) show(ref, body);
		return section;
	}
	async function show(ref, body) {
		try {
			const widget = await host.getWidget(ref);
			await widget.render({ el: body, signal });
		} catch (error) {
			body.replaceChildren(
				element("div", { class: "lw-alert", role: "alert", text: String(error) })
			);
		}
	}
	root.addEventListener(
		"keydown",
		(event) => {
			const typing = event.target instanceof HTMLInputElement && event.target.type !== "range";
			if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
			event.preventDefault();
			event.stopPropagation();
			send(event.shiftKey ? "redo" : "undo");
		},
		{ signal }
	);
	function follow() {
		const steps = model.get("_steps");
		undo.disabled = !steps.undo;
		redo.disabled = !steps.redo;
		note.textContent = model.get("_note");
		marks.replaceChildren(
			...model.get("_bookmarks").flatMap((name) => [
				element("span", { class: "lw-bookmark" }, [
					button(name, `Go back to ${name}`, () => send("open", name)),
					button("×", `Forget ${name}`, () => send("remove", name))
				])
			])
		);
	}
	model.on("change", follow);
	follow();
	return root;
}
export {
	index_default as default
};
