/* Built from js/src/kinds/sound.js by `make build`: change it there. */
function element(tag, attributes = {}, children = []) {
	let made = document.createElement(tag);
	for (let [name, value] of Object.entries(attributes))
		value === !1 || value === void 0 || (name === "text" ? made.textContent = String(value) : made.setAttribute(name, value === !0 ? "" : String(value)));
	return made.append(...children), made;
}
function icon(path) {
	let namespace = "http://www.w3.org/2000/svg", svg = document.createElementNS(namespace, "svg");
	svg.setAttribute("viewBox", "0 0 16 16"), svg.setAttribute("class", "lw-icon"), svg.setAttribute("aria-hidden", "true");
	let drawn = document.createElementNS(namespace, "path");
	return drawn.setAttribute("d", path), svg.append(drawn), svg;
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
var ASPECT = 2, PLAY = "M4 2.5v11l9.5-5.5z", STOP = "M4 4h8v8H4z", FULL = 32768, CHANNELS_AT = 22, RATE_AT = 24, COUNT_AT = 44, SAMPLES_AT = 56, BEGUN = "lw-sound-begun";
function read(data) {
	let view = new DataView(data);
	return {
		samples: new Int16Array(data, SAMPLES_AT),
		count: view.getUint32(COUNT_AT, !0),
		channels: view.getUint16(CHANNELS_AT, !0),
		rate: view.getUint32(RATE_AT, !0),
		bytes: data.byteLength,
		close() {
		}
	};
}
function channelsOf({ samples, count, channels }, i) {
	let length = samples.length / channels / count;
	return Array.from({ length: channels }, (_, j) => {
		let channel = new Float32Array(length), from = i * length * channels + j;
		for (let k = 0; k < length; k++)
			channel[k] = samples[from] / FULL, from += channels;
		return channel;
	});
}
function secondsOf({ samples, count, channels, rate }) {
	return samples.length / channels / count / rate;
}
function play(channels, rate, onEnd) {
	let context = new AudioContext(), buffer = context.createBuffer(channels.length, channels[0].length, rate);
	for (let [i, channel] of channels.entries()) buffer.copyToChannel(channel, i);
	let source = context.createBufferSource();
	return source.buffer = buffer, source.connect(context.destination), source.addEventListener("ended", onEnd), source.start(), () => {
		context.close();
	};
}
function label(button, on) {
	button.dataset.lwPlaying = String(on), button.replaceChildren(icon(on ? STOP : PLAY)), button.title = on ? "Stop" : "Play the sound", button.setAttribute("aria-label", button.title);
}
var sound_default = (signal) => {
	let painted = new WeakMap(), bare = new WeakSet(), playing = null;
	function start(root, i) {
		let opened = painted.get(root), tile = root.children[i], button = tile.querySelector("button"), waves = tile.querySelector("div");
		if (!opened || !button || !waves) return;
		let close = play(channelsOf(opened, i), opened.rate, () => playing?.stop()), cursor = element("div", { class: "lw-cursor" });
		tile.append(cursor);
		let duration = 1e3 * secondsOf(opened);
		cursor.animate([{ left: `${waves.offsetLeft}px` }, { left: "100%" }], { duration }), label(button, !0), playing = {
			root,
			stop() {
				playing = null, close(), cursor.remove(), label(button, !1);
			}
		};
	}
	function stopIn(root) {
		playing?.root === root && playing.stop();
	}
	return document.addEventListener(BEGUN, () => playing?.stop(), { signal }), {
		word: "Sound",
		role: "group",
		pixels: !1,
		open: async (source) => read(await source.arrayBuffer()),
		create(name, ended, small) {
			let root = createTiles(name, "sound", ASPECT);
			return small && bare.add(root), ended.addEventListener("abort", () => stopIn(root)), root;
		},
		paint(root, opened) {
			stopIn(root), painted.set(root, opened);
			let { count, channels } = opened;
			opened.paths ??= Array.from(
				{ length: count },
				(_, i) => channelsOf(opened, i).map((channel) => pathOf(channel, -1, 1))
			);
			let tiles = tilesOf(root, count, ASPECT, (i) => {
				let waves = element("div", { class: "lw-waves" });
				if (bare.has(root)) return [waves];
				let button = element("button", { type: "button", class: "lw-button lw-hear" });
				return label(button, !1), button.addEventListener("click", () => {
					let on = button.dataset.lwPlaying === "true";
					document.dispatchEvent(new CustomEvent(BEGUN)), on || start(root, i);
				}), [waves, button, element("span", { class: "lw-length" })];
			});
			for (let [i, tile] of tiles.entries()) {
				let [waves, , length] = tile.children, paths = opened.paths[i];
				waves.children.length !== channels && waves.replaceChildren(...paths.map(createPlot));
				for (let [j, path] of paths.entries()) drawLines(waves.children[j], [path], -1, 1, j);
				length && (length.textContent = `${Number(secondsOf(opened).toPrecision(3))} s`);
			}
		}
	};
};
export {
	channelsOf,
	sound_default as default,
	read
};
