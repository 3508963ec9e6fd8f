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
var ASPECT = 1.5, STEP = 1.4, MOST = STEP ** -3, LEAST = STEP ** -12, LETTER = 0.56, LARGE = { line: 1.3, across: 1, down: 0.6 }, SMALL = { line: 1.15, across: 0.4, down: 0.2 };
function sizeFor(text, small = !1) {
	let size = MOST;
	for (; size > LEAST && !fits(text, size, small ? SMALL : LARGE); ) size /= STEP;
	return size;
}
function fits(text, size, room) {
	let across = Math.floor((1 - room.across * size) / (LETTER * size)), down = Math.floor((1 / ASPECT - room.down * size) / (room.line * size)), lines = 0;
	for (let paragraph of text.split(`
`)) {
		lines += 1;
		let left = across;
		for (let { length } of paragraph.split(" ")) {
			if (length > across || lines > down) return !1;
			length > left && (lines += 1, left = across), left -= length + 1;
		}
	}
	return lines <= down;
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
		let letters = () => [element("div", { class: "lw-letters", dir: "auto" })], small = root.classList.contains("lw-cell"), size = Math.min(...texts.map((text) => sizeFor(text, small)));
		for (let [i, tile] of tilesOf(root, texts.length, ASPECT, letters).entries()) {
			let place = (
				tile.firstChild
			);
			place.textContent = texts[i], place.style.setProperty("--lw-fit", `${(100 * size).toFixed(1)}cqi`);
		}
	}
});
export {
	text_default as default,
	sizeFor
};
