/* Built from js/src/kinds/curve.js by `make build`: change it there. */
function element(tag, attributes = {}, children = []) {
	let made = document.createElement(tag);
	for (let [name, value] of Object.entries(attributes))
		value === !1 || value === void 0 || (name === "text" ? made.textContent = String(value) : made.setAttribute(name, value === !0 ? "" : String(value)));
	return made.append(...children), made;
}
function shape(tag, attributes, children = []) {
	let made = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (let [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
	return made.append(...children), made;
}
function createPlot() {
	return shape("svg", {
		class: "lw-plot",
		viewBox: "0 0 1000 1000",
		preserveAspectRatio: "none",
		"aria-hidden": "true"
	});
}
function drawLines(plot, paths, low, high, first = 0) {
	if (plot.children.length !== paths.length + 1) {
		let lines = paths.map(
			(_, i) => shape("path", { class: `lw-line lw-c${(first + i) % 8}` })
		);
		plot.replaceChildren(shape("path", { class: "lw-axis" }), ...lines);
	}
	let zero = place(0, low, high), across = low < 0 && high > 0 ? `M0 ${zero}H1000` : "";
	for (let [i, path] of [across, ...paths].entries()) plot.children[i].setAttribute("d", path);
}
function pathOf(values, low, high) {
	let last = Math.max(1, values.length - 1), point = (i) => `${round(i / last * 1e3)} ${place(values[i], low, high)}`, step = Math.ceil(2 * values.length / 1e3), points = [];
	for (let start = 0; start < values.length; start += step) {
		let least = start, most = start;
		for (let i = start + 1; i < Math.min(start + step, values.length); i++)
			values[i] < values[least] && (least = i), values[i] > values[most] && (most = i);
		points.push(point(Math.min(least, most))), least !== most && points.push(point(Math.max(least, most)));
	}
	return `M${points.join("L")}`;
}
function place(value, low, high) {
	return round((high - value) / (high - low) * 1e3);
}
function round(x) {
	return Math.round(x * 10) / 10;
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
var ASPECT = 1.5, RANGE_AT = 16, POINTS_AT = 32;
function read(data) {
	let view = new DataView(data), [count, channels, points] = [0, 4, 8].map((at) => view.getUint32(at, !0));
	return {
		curves: Array.from(
			{ length: count },
			(_, i) => Array.from(
				{ length: channels },
				(_2, j) => new Float32Array(data, POINTS_AT + 4 * points * (i * channels + j), points)
			)
		),
		paths: [],
		range: [view.getFloat64(RANGE_AT, !0), view.getFloat64(RANGE_AT + 8, !0)],
		bytes: data.byteLength,
		close() {
		}
	};
}
function label(value) {
	return String(Number(value.toPrecision(4))).replace("-", "−");
}
var curve_default = () => {
	let range = [1 / 0, -1 / 0], painted = new Map();
	function widen([low, high]) {
		if (!(low >= range[0] && high <= range[1])) {
			range = [Math.min(low, range[0]), Math.max(high, range[1])];
			for (let [root, curves] of painted) draw(root, curves);
		}
	}
	function draw(root, opened) {
		let { curves } = opened;
		(opened.range !== range || opened.paths.length === 0) && (opened.range = range, opened.paths = curves.map((channels) => channels.map((points) => pathOf(points, ...range))));
		let [low, high] = range, tiles = tilesOf(root, curves.length, ASPECT, () => [
			createPlot(),
			element("span", { class: "lw-limit" }),
			element("span", { class: "lw-limit" })
		]);
		for (let [i, tile] of tiles.entries()) {
			let [plot, most, least] = tile.children;
			drawLines(plot, opened.paths[i], low, high), most.textContent = label(high), least.textContent = label(low);
		}
	}
	return {
		word: "Curve",
		role: "img",
		pixels: !1,
		async open(source) {
			let opened = read(await source.arrayBuffer());
			return widen(opened.range), opened;
		},
		create(name, signal) {
			let root = createTiles(name, "curve", ASPECT);
			return signal.addEventListener("abort", () => painted.delete(root)), root;
		},
		paint(root, opened) {
			painted.set(root, opened), draw(root, opened);
		}
	};
};
export {
	curve_default as default,
	read
};
