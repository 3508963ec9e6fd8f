/* Built from js/src/kinds/text.js by `make build`: change it there. */
function element(tag, attributes = {}, children = []) {
	let made = document.createElement(tag);
	for (let [name, value] of Object.entries(attributes))
		value === !1 || value === void 0 || (name === "text" ? made.textContent = String(value) : made.setAttribute(name, value === !0 ? "" : String(value)));
	return made.append(...children), made;
}
var MOST_COLUMNS = 4;
function createTiles(name, kind, aspect) {
	let root = element("div", { class: `${name} lw-tiles lw-${kind}` });
	return root.style.aspectRatio = String(aspect), root;
}
function tilesOf(root, count, aspect, fill) {
	if (root.children.length !== count) {
		let rows = Math.ceil(count / MOST_COLUMNS), columns = Math.ceil(count / rows);
		root.style.aspectRatio = String(aspect * columns / rows), root.style.setProperty("--lw-columns", String(columns)), root.replaceChildren(
			...Array.from({ length: count }, (_, i) => element("div", { class: "lw-tile" }, fill(i)))
		);
	}
	return (
		[...root.children]
	);
}
var ASPECT = 1.5, STEP = 1.4;
function sizeFor(text) {
	let longest = Math.max(1, ...text.split(/\s+/).map(({ length }) => length)), lines = text.split(`
`).length, size = Math.min(0.79 / Math.sqrt(text.length || 1), 1.4 / longest, 0.45 / lines);
	return STEP ** Math.floor(Math.log(size) / Math.log(STEP));
}
var text_default = () => ({
	word: "Text",
	role: "group",
	pixels: !1,
	async open(source) {
		return { texts: JSON.parse(await source.text()), bytes: source.size, close() {
		} };
	},
	create: (name) => createTiles(name, "text", ASPECT),
	paint(root, { texts }) {
		let letters = () => [element("div", { class: "lw-letters", dir: "auto" })];
		for (let [i, tile] of tilesOf(root, texts.length, ASPECT, letters).entries()) {
			let place = (
				tile.firstChild
			);
			place.textContent = texts[i], place.style.setProperty("--lw-fit", `${(100 * sizeFor(texts[i])).toFixed(1)}cqi`);
		}
	}
});
export {
	text_default as default,
	sizeFor
};
