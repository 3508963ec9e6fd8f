/* Built from js/src/interpolator/index.js by `make build`: change it there. */

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
function icon(path) {
	const namespace = "http://www.w3.org/2000/svg";
	const svg = document.createElementNS(namespace, "svg");
	svg.setAttribute("viewBox", "0 0 16 16");
	svg.setAttribute("class", "lw-icon");
	svg.setAttribute("aria-hidden", "true");
	const drawn = document.createElementNS(namespace, "path");
	drawn.setAttribute("d", path);
	svg.append(drawn);
	return svg;
}

function createPainter(canvas, choose, isExact, signal, value = (at) => at[0]) {
	const context = (
		canvas.getContext("2d")
	);
	let shown = null;
	let waiting = false;
	function sharpen() {
		canvas.classList.toggle("lw-enlarged", canvas.width < canvas.clientWidth);
	}
	const sizes = new ResizeObserver(sharpen);
	sizes.observe(canvas);
	signal.addEventListener("abort", () => sizes.disconnect());
	function paint() {
		waiting = false;
		if (signal.aborted) return;
		const frame = choose();
		if (!frame?.bitmap) {
			canvas.dataset.lwExact = "false";
			return;
		}
		const { bitmap } = frame;
		if (bitmap !== shown) {
			if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
				canvas.width = bitmap.width;
				canvas.height = bitmap.height;
				canvas.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
			} else {
				context.clearRect(0, 0, canvas.width, canvas.height);
			}
			context.drawImage(bitmap, 0, 0);
			sharpen();
			shown = bitmap;
		}
		canvas.dataset.lwValue = JSON.stringify(value(frame.at));
		canvas.dataset.lwExact = String(isExact(frame));
		canvas.dataset.lwSeq = String(frame.seq);
	}
	return () => {
		if (!waiting) queueMicrotask(paint);
		waiting = true;
	};
}

function places(count) {
	return Array.from({ length: count }, (_, i) => i > 0 ? i / (count - 1) : 0);
}
function createFilmstrip(stage, onPick, signal) {
	const strip = element("div", {
		class: "lw-filmstrip",
		role: "group",
		"aria-label": "Pictures along the path"
	});
	let cells = [];
	let lifetime = new AbortController();
	signal.addEventListener("abort", () => lifetime.abort());
	function build() {
		lifetime.abort();
		lifetime = new AbortController();
		cells = places(stage.model.get("filmstrip")).map((t) => {
			const canvas = element("canvas", { class: "lw-cell", width: 1, height: 1 });
			const label = `t = ${Number(t.toFixed(3))}`;
			const button = element(
				"button",
				{ type: "button", class: "lw-film", title: label, "aria-label": `Go to ${label}` },
				[canvas]
			);
			button.addEventListener("click", () => onPick(t), { signal: lifetime.signal });
			let painted;
			const repaint = createPainter(
				canvas,
				() => {
					const frame = stage.store.get(stage.line, [t]);
					if (frame?.bitmap) painted = frame;
					return painted;
				},
				(frame) => frame.lossless && frame.line === stage.line,
				lifetime.signal
			);
			let wanted;
			const refresh = () => {
				const frame = stage.store.get(stage.line, [t]);
				const stale = painted?.line !== stage.line;
				button.classList.toggle("lw-empty", stale && !frame?.bitmap);
				if (stale) canvas.dataset.lwExact = "false";
				if (!frame || frame === wanted) return;
				wanted = frame;
				stage.store.ready(frame).then(repaint, () => {
				});
			};
			return { t, button, refresh };
		});
		strip.replaceChildren(...cells.map(({ button }) => button));
		strip.hidden = cells.length === 0;
		update();
	}
	strip.addEventListener(
		"keydown",
		(event) => {
			const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
			const next = step && cells[cells.findIndex(({ button }) => button.tabIndex === 0) + step];
			if (!next) return;
			event.preventDefault();
			onPick(next.t);
			update();
			next.button.focus();
		},
		{ signal }
	);
	function update() {
		const at = stage.at[0] ?? 0;
		const gaps = cells.map(({ t }) => Math.abs(t - at));
		const nearest = gaps.indexOf(Math.min(...gaps));
		for (const [i, { button, refresh }] of cells.entries()) {
			button.tabIndex = i === nearest ? 0 : -1;
			if (i === nearest) button.setAttribute("aria-current", "true");
			else button.removeAttribute("aria-current");
			refresh();
		}
	}
	build();
	return { strip, build, update };
}

function createMenu(label, choices, onChoose, signal, unit = "") {
	const option = (value) => element("option", { value, text: value + unit });
	const select = element("select", { class: "lw-menu" }, choices.map(option));
	select.addEventListener("change", () => onChoose(select.value), { signal });
	const field = element("label", { class: "lw-field" }, [element("span", { text: label }), select]);
	return { field, select };
}

var SEGMENT_MS = 2e3;
var UNSEEN_MS = 500;
function advance(place, ms, { segments, speed, loop, closed }) {
	const step = ms * speed / (SEGMENT_MS * segments);
	let t = place.t + (place.forward ? step : -step);
	if (t >= 0 && t <= 1) return { ...place, t };
	if (!loop) return { t: t > 1 ? 1 : 0, forward: true, done: true };
	if (closed) return { t: t - Math.floor(t), forward: place.forward, done: false };
	t = (t % 2 + 2) % 2;
	const turned = t > 1;
	return {
		t: turned ? 2 - t : t,
		forward: place.forward ? !turned : turned,
		done: false
	};
}
function playTo(stage, t) {
	stage.at = [t];
	stage.report();
	stage.fill();
	stage.changed();
}
function createPlayer(stage, signal) {
	const { model } = stage;
	let forward = true;
	let last = 0;
	let request = 0;
	let timer = 0;
	function tick(now) {
		if (!model.get("playing")) return;
		if (stage.seen.size === 0) {
			last = now;
			timer = setTimeout(() => {
				request = requestAnimationFrame(tick);
			}, UNSEEN_MS);
			return;
		}
		const elapsed = Math.max(0, now - last);
		const place = advance({ t: stage.at[0] ?? 0, forward, done: false }, elapsed, {
			segments: Math.max(1, model.get("_marks").length - (model.get("closed") ? 0 : 1)),
			speed: model.get("speed"),
			loop: model.get("loop"),
			closed: model.get("closed")
		});
		last = now;
		forward = place.forward;
		playTo(stage, place.t);
		if (place.done) {
			model.set("playing", false);
			model.save_changes();
		} else {
			request = requestAnimationFrame(tick);
		}
	}
	function stop() {
		cancelAnimationFrame(request);
		clearTimeout(timer);
	}
	function follow() {
		stop();
		if (!model.get("playing")) {
			stage.settleSoon();
			return;
		}
		if (!model.get("loop") && stage.at[0] >= 1) playTo(stage, 0);
		if (!model.get("loop")) forward = true;
		last = performance.now();
		request = requestAnimationFrame(tick);
	}
	model.on("change:playing", follow);
	signal.addEventListener("abort", stop);
	if (model.get("playing")) follow();
}

function keyed(key, fine, value, { low, high, step }) {
	const near = fine ? step / 10 : step;
	const page = step * 10;
	const targets = {
		ArrowRight: value + near,
		ArrowUp: value + near,
		ArrowLeft: value - near,
		ArrowDown: value - near,
		PageUp: value + page,
		PageDown: value - page,
		Home: low,
		End: high
	};
	if (!(key in targets)) return null;
	return Math.min(high, Math.max(low, Math.round(targets[key] * 1e3) / 1e3));
}
function createSlider(options) {
	const { label, initial, words: words2, digits, farthest = 0, onMove, onKey, signal } = options;
	let { scale } = options;
	const range = element("input", {
		type: "range",
		class: "lw-slider",
		step: "any",
		"aria-label": label
	});
	const number = element("input", {
		type: "number",
		class: "lw-number",
		step: 10 ** -digits,
		"aria-label": `${label}, as a number`
	});
	const buffer = element("div", { class: "lw-buffer", "aria-hidden": "true" });
	const track = element("div", { class: "lw-track" }, [buffer, range]);
	let drawn = "";
	let shown = initial();
	function move(value, rest) {
		show(value);
		onMove(value, rest);
	}
	range.addEventListener("input", () => move(range.valueAsNumber, false), { signal });
	range.addEventListener("change", () => move(range.valueAsNumber, true), { signal });
	range.addEventListener("dblclick", () => move(initial(), true), { signal });
	range.addEventListener(
		"keydown",
		(event) => {
			if (event.ctrlKey || event.altKey || event.metaKey) return;
			const value = keyed(event.key, event.shiftKey, range.valueAsNumber, scale);
			if (value !== null) move(value, true);
			else if (!onKey(event.key)) return;
			event.preventDefault();
		},
		{ signal }
	);
	function take() {
		const value = number.valueAsNumber;
		const [low, high] = [Math.min(scale.low, -farthest), Math.max(scale.high, farthest)];
		if (Number.isFinite(value)) move(Math.min(high, Math.max(low, value)), true);
		number.value = shown.toFixed(digits);
	}
	number.addEventListener("change", take, { signal });
	number.addEventListener("keydown", (event) => event.key === "Enter" && take(), { signal });
	function show(value) {
		shown = value;
		range.value = String(value);
		range.setAttribute("aria-valuetext", words2(value));
		if (!number.matches(":focus")) number.value = value.toFixed(digits);
	}
	function setScale(given) {
		scale = given;
		range.min = String(scale.low);
		range.max = String(scale.high);
	}
	function setBuffer(positions, reach) {
		const gradient = bufferedGradient(positions, reach);
		if (gradient !== drawn) buffer.style.backgroundImage = drawn = gradient;
		buffer.dataset.lwFrames = String(positions.length);
	}
	setScale(scale);
	return { track, number, range, show, setScale, setBuffer };
}
function bufferedGradient(positions, reach) {
	const stretches = [];
	for (const t of [...positions].sort((a, b) => a - b)) {
		const last = stretches.at(-1);
		if (last && t - reach <= last[1] + 1e-9) last[1] = Math.min(1, t + reach);
		else stretches.push([Math.max(0, t - reach), Math.min(1, t + reach)]);
	}
	const full = "var(--lw-buffered)";
	const stops = stretches.flatMap(([from, to]) => {
		const [a, b] = [percent(from), percent(to)];
		return [`transparent ${a}`, `${full} ${a}`, `${full} ${b}`, `transparent ${b}`];
	});
	return stops.length > 0 ? `linear-gradient(to right, ${stops.join(", ")})` : "none";
}
function percent(t) {
	return `${Number((100 * t).toFixed(3))}%`;
}

var MOST_BESIDE = 64;
var SHARE_BESIDE = 1 / 4;
function distance(a, b, beside = -1) {
	let most = 0;
	for (let i = 0; i < a.length; i++) {
		if (i !== beside) most = Math.max(most, Math.abs(a[i] - b[i]));
	}
	return most;
}
var FrameStore = class {
	constructor(limit, open = (source) => createImageBitmap(source)) {
		this.limit = limit;
		this.size = 0;
		this.version = 0;
		this.open = open;
		this.closed = false;
		this.frames = new Map();
	}
	put(given) {
		const key = keyOf(given.line, given.at);
		const old = this.frames.get(key);
		const strip = given.strip || Boolean(old?.strip);
		if (old && (old.lossless || !given.lossless)) {
			old.strip = strip;
			return old;
		}
		const frame = { ...given, strip, bitmap: null, opening: null };
		if (!old?.bitmap) this.insert(key, frame);
		return frame;
	}
	insert(key, frame) {
		const old = this.frames.get(key);
		if (old) this.drop(key, old);
		this.frames.set(key, frame);
		this.version += 1;
		this.size += bytesOf(frame.source);
		if (!frame.strip) this.dropBeside();
		this.trim(frame);
	}
	get(line, at) {
		return this.frames.get(keyOf(line, at));
	}
	nearest(line, at, fits = () => true, axis = 0) {
		let best;
		let leastOff = Number.POSITIVE_INFINITY;
		let leastAlong = 0;
		for (const frame of this.frames.values()) {
			if (frame.line !== line || frame.at.length !== at.length || !fits(frame)) continue;
			const off = distance(frame.at, at, axis);
			const along = Math.abs(frame.at[axis] - at[axis]);
			const gap = off - leastOff || along - leastAlong;
			if (gap < 0 || gap === 0 && frame.lossless) {
				best = frame;
				leastOff = off;
				leastAlong = along;
			}
		}
		return best;
	}
	along(line) {
		return [...this.frames.values()].filter((frame) => frame.line === line);
	}
	touch(frame) {
		const key = keyOf(frame.line, frame.at);
		if (this.frames.get(key) !== frame) return;
		this.frames.delete(key);
		this.frames.set(key, frame);
	}
	ready(frame) {
		const key = keyOf(frame.line, frame.at);
		this.touch(frame);
		if (frame.bitmap) return Promise.resolve();
		frame.opening ??= this.open(frame.source).then(
			(bitmap) => {
				frame.opening = null;
				const kept = this.frames.get(key);
				if (this.closed || kept !== frame && (!frame.lossless || kept?.lossless)) {
					bitmap.close();
					return;
				}
				if (kept !== frame) this.insert(key, frame);
				frame.bitmap = bitmap;
				this.size += areaOf(bitmap);
				this.trim(frame);
			},
			(error) => {
				if (this.frames.get(key) === frame) this.drop(key, frame);
				throw error;
			}
		);
		return frame.opening;
	}
	resize(limit) {
		this.limit = limit;
		this.trim(null);
	}
	close() {
		this.closed = true;
		for (const [key, frame] of this.frames) this.drop(key, frame);
	}
	dropBeside() {
		const beside = [...this.frames].filter(([, frame]) => !frame.strip).reverse();
		let bytes = 0;
		for (const [i, [key, frame]] of beside.entries()) {
			bytes += bytesOf(frame.source);
			const spent = i >= MOST_BESIDE || bytes > SHARE_BESIDE * this.limit;
			if (spent && i > 0) this.drop(key, frame);
		}
	}
	trim(kept) {
		if (this.size <= this.limit) return;
		for (const frame of this.farthest(kept)) {
			if (this.size <= this.limit) return;
			if (frame !== kept) this.shut(frame);
		}
		const held = kept?.bitmap ? areaOf(kept.bitmap) : 0;
		for (const [key, frame] of this.frames) {
			if (this.size - held <= this.limit) return;
			if (frame !== kept) this.drop(key, frame);
		}
	}
	farthest(kept) {
		const far = (frame) => frame.line === kept?.line ? distance(frame.at, kept.at) : Number.POSITIVE_INFINITY;
		const ready = [...this.frames.values()].filter(({ bitmap }) => bitmap);
		return ready.sort((a, b) => far(a) === far(b) ? 0 : far(b) - far(a));
	}
	shut(frame) {
		if (!frame.bitmap) return;
		this.size -= areaOf(frame.bitmap);
		frame.bitmap.close();
		frame.bitmap = null;
	}
	drop(key, frame) {
		this.shut(frame);
		this.size -= bytesOf(frame.source);
		this.version += 1;
		this.frames.delete(key);
	}
};
function keyOf(line, at) {
	return `${line}@${at.join()}`;
}
function areaOf(bitmap) {
	return bitmap.width * bitmap.height * 4;
}
function bytesOf(source) {
	return source instanceof Blob ? source.size : source.data.byteLength;
}

var LOST_MS = 1e4;
var FAST_BYTES_PER_MS = 4e4;
var TELLING_BYTES = 1e5;
var Asker = class {
	constructor(send, now = () => performance.now()) {
		this.send = send;
		this.now = now;
		this.flight = null;
		this.waiting = null;
		this.pace = Number.POSITIVE_INFINITY;
		this.way = Number.POSITIVE_INFINITY;
		this.fast = false;
		this.timer = 0;
	}
	ask(question) {
		const { flight } = this;
		const same = flight?.line === question.line && distance(flight.at, question.at) === 0;
		const asked = same && !this.lost;
		this.waiting = asked ? null : question;
		this.pump();
	}
	answered(seq, { ms = 0, bytes = 0 } = {}) {
		if (!this.flight || this.flight.seq !== seq) return false;
		const took = this.now() - this.flight.since;
		this.flight = null;
		if (bytes > 0) {
			this.pace = Number.isFinite(this.pace) ? 0.7 * this.pace + 0.3 * took : took;
			this.way = Math.min(this.way, Math.max(0, took - ms));
			const spent = Math.max(1, took - ms - this.way);
			if (bytes > TELLING_BYTES) this.fast = bytes / spent > FAST_BYTES_PER_MS;
		}
		this.pump();
		return true;
	}
	get busy() {
		return Boolean(this.flight && !this.lost || this.waiting);
	}
	get lost() {
		return this.flight !== null && this.now() - this.flight.since >= LOST_MS;
	}
	stop() {
		clearTimeout(this.timer);
		this.waiting = null;
	}
	pump() {
		if (!this.waiting || this.flight && !this.lost) return;
		const question = this.waiting;
		this.waiting = null;
		this.flight = { ...question, seq: this.send(question), since: this.now() };
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.pump(), LOST_MS + 1);
	}
};

var PIXELS_AT = 10;
var WIDTH_AT = 18;
var HEIGHT_AT = 22;
var OPAQUE = 4278190080;
function readBmp(file) {
	const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
	const width = file.getInt32(WIDTH_AT, true);
	const height = file.getInt32(HEIGHT_AT, true);
	const first = file.getUint32(PIXELS_AT, true);
	const row = Math.ceil(width * 3 / 4) * 4;
	const pixels = new Uint32Array(width * height);
	let to = 0;
	for (let y = height - 1; y >= 0; y--) {
		let from = first + y * row;
		for (let x = 0; x < width; x++) {
			pixels[to] = OPAQUE | bytes[from + 2] | bytes[from + 1] << 8 | bytes[from] << 16;
			to += 1;
			from += 3;
		}
	}
	return new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
}

var MOST_MS = 3e4;
var PIECE = { ms: 100, most: 24 };
function stripLevels(length, first, msPerFrame) {
	const levels2 = new Map(first.map((t) => [t, 0]));
	const intervals = length - 1;
	const deepest = Math.ceil(Math.log2(Math.max(1, intervals)));
	for (let level = 0; level <= deepest; level++) {
		const step = 2 ** (deepest - level);
		const count = Math.ceil(intervals / step) + 1;
		if (level > 3 && count * msPerFrame > MOST_MS) break;
		for (let i = 0; i <= intervals; i += step) {
			if (!levels2.has(i / intervals)) levels2.set(i / intervals, level);
		}
		if (!levels2.has(1)) levels2.set(1, level);
	}
	return levels2;
}
function missing({ levels: levels2, thumb, at }, has) {
	const left = [...levels2].filter(([t]) => !has(at(t)));
	left.sort(([s, a], [t, b]) => a - b || Math.abs(s - thumb) - Math.abs(t - thumb));
	return left.map(([t]) => at(t));
}
function nextPiece(strips, has, msPerFrame, { ms, most } = PIECE) {
	const size = Math.max(1, Math.min(most, Math.floor(ms / msPerFrame)));
	const piece = [];
	for (const strip of strips) {
		piece.push(...missing(strip, has).slice(0, size - piece.length));
		if (piece.length === size) break;
	}
	return piece;
}
var MOST_ERRORS = 3;
var LOST_MS2 = 3e4;
var StripFiller = class {
	constructor(send, now = () => performance.now(), limits = PIECE) {
		this.send = send;
		this.now = now;
		this.limits = limits;
		this.flight = null;
		this.frameMs = 5;
		this.broken = new Set();
		this.arrived = new Set();
		this.errors = 0;
	}
	fill(strips, has) {
		if (this.flight && this.now() - this.flight.since < LOST_MS2) return;
		if (this.errors >= MOST_ERRORS) return;
		const piece = nextPiece(
			strips,
			(at) => has(at) || this.broken.has(at.join()) || this.arrived.has(at.join()),
			this.frameMs,
			this.limits
		);
		const positions = this.errors > 0 ? piece.slice(0, 1) : piece;
		if (positions.length === 0) return;
		this.flight = { seq: this.send(positions), since: this.now(), positions };
	}
	answered(seq, type, ms, arrived, more = false) {
		if (this.flight?.seq !== seq) return;
		const { positions } = this.flight;
		this.flight = more ? { ...this.flight, since: this.now() } : null;
		for (const at of arrived) this.arrived.add(at.join());
		if (ms !== null) this.frameMs = Math.max(0.1, ms);
		if (type === "error") {
			this.errors += 1;
			if (positions.length === 1) this.broken.add(positions[0].join());
		} else if (type === "frames") {
			this.errors = 0;
		}
	}
	resume() {
		if (this.errors < MOST_ERRORS) return;
		this.errors = 1;
		this.broken.clear();
	}
	forget() {
		this.arrived.clear();
	}
	reset() {
		this.flight = null;
		this.broken.clear();
		this.forget();
		this.errors = 0;
		this.frameMs = Math.max(this.frameMs, 5);
	}
};

var REST_MS = 25;
var JUMP_MS = 150;
var FAST_MS = 60;
var SLOW_MS = 50;
var REPORT_MS = 100;
var COPY_MS = 4e3;
var MEGABYTE = 2 ** 20;
var UNREACHED = "The kernel could not be reached. Run the cell again.";
var UNREADABLE = "The browser could not open a picture that the kernel sent.";
var Stage = class {
	constructor(model, signal, control, store = new FrameStore(0)) {
		this.model = model;
		this.control = control;
		this.client = Math.random().toString(36).slice(2);
		this.seq = 0;
		this.at = control.read();
		this.known = this.at;
		this.axis = 0;
		this.store = store;
		this.store.resize(model.get("frame_memory") * MEGABYTE);
		this.asker = new Asker(
			(question) => this.send({ type: "ask", fast: this.asker.fast, ...question })
		);
		this.filler = new StripFiller(
			(positions) => this.send({ type: "strip", line: this.line, positions }),
			void 0,
			control.piece
		);
		this.error = "";
		this.refusedAt = 0;
		this.listeners = new Set();
		this.seen = new Set();
		this.restTimer = 0;
		this.reportTimer = 0;
		this.movedAt = 0;
		this.passed = void 0;
		this.passedAt = 0;
		this.copies = new Map();
		model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
		model.on("change:_line", () => this.enter());
		model.on("change:value", () => this.follow());
		model.on("change:frame_memory", () => {
			this.store.resize(model.get("frame_memory") * MEGABYTE);
			this.filler.reset();
			this.fill();
		});
		model.on("change:strip_length", () => this.fill());
		signal.addEventListener("abort", () => {
			clearTimeout(this.restTimer);
			clearTimeout(this.reportTimer);
			this.asker.stop();
			this.listeners.clear();
			this.store.close();
		});
		this.takePicture(model.get("_picture"));
	}
	get line() {
		return this.model.get("_line");
	}
	listen(listener, signal) {
		this.listeners.add(listener);
		signal.addEventListener("abort", () => this.listeners.delete(listener));
	}
	changed() {
		for (const listener of this.listeners) listener();
	}
	frame() {
		const nearest = this.nearest();
		if (!nearest || this.readied(nearest)) return nearest;
		return this.nearest((frame) => frame.bitmap !== null);
	}
	nearest(fits) {
		return this.store.nearest(this.line, this.at, fits, this.axis);
	}
	readied(frame) {
		const ready = frame.bitmap !== null;
		this.store.ready(frame).then(
			() => {
				if (ready) return;
				this.changed();
				if (this.reportTimer && this.isExact(frame)) setTimeout(() => this.tell());
			},
			() => this.fail(UNREADABLE)
		);
		return ready;
	}
	isExact(frame) {
		return frame.lossless && frame.line === this.line && distance(frame.at, this.at) === 0;
	}
	get exact() {
		return Boolean(this.store.get(this.line, this.at)?.lossless);
	}
	move(at, { rest = false } = {}) {
		this.at = at;
		this.filler.resume();
		this.report();
		if (rest) this.settle();
		else {
			if (this.worthAsking() && !this.exact) this.ask();
			this.settleSoon();
			this.fill();
			this.changed();
		}
	}
	worthAsking() {
		const now = performance.now();
		const nearest = this.nearest((frame) => frame.strip);
		if (nearest !== this.passed) this.passedAt = now;
		this.passed = nearest;
		const jump = now - this.movedAt > JUMP_MS;
		const slow = now - this.passedAt > SLOW_MS;
		this.movedAt = now;
		return jump || !nearest || slow && this.asker.pace < FAST_MS;
	}
	settle() {
		clearTimeout(this.restTimer);
		if (this.exact) {
			this.error = "";
			if (this.reportTimer) setTimeout(() => this.tell());
		} else this.ask();
		this.filler.forget();
		this.fill();
		this.changed();
	}
	settleSoon() {
		clearTimeout(this.restTimer);
		this.restTimer = setTimeout(() => this.settle(), REST_MS);
	}
	ask() {
		this.asker.ask({ line: this.line, at: this.at });
	}
	report() {
		this.reportTimer ||= setTimeout(() => this.tell(), REPORT_MS);
	}
	tell() {
		clearTimeout(this.reportTimer);
		this.reportTimer = 0;
		if (distance(this.control.read(), this.at) === 0) return;
		this.known = this.at;
		this.control.write(this.at);
		this.model.save_changes();
	}
	follow() {
		const at = this.control.read();
		const { known } = this;
		if (at.join() === known.join()) return;
		this.known = at;
		const merge = this.reportTimer !== 0 && at.length === known.length;
		this.at = merge ? at.map((x, i) => x === known[i] ? this.at[i] : x) : at;
		if (!this.model.get("playing")) this.settleSoon();
		this.changed();
	}
	enter() {
		this.follow();
		this.asker.pace = Number.POSITIVE_INFINITY;
		this.asker.flight = null;
		this.filler.reset();
		this.settle();
	}
	see(view, visible) {
		if (visible) this.seen.add(view);
		else this.seen.delete(view);
		if (!visible) return;
		if (!this.exact && !this.asker.busy) this.settle();
		this.fill();
	}
	fill() {
		if (this.seen.size === 0) return;
		this.filler.fill(this.control.strips(this), (at) => this.has(at));
	}
	has(at) {
		return this.store.get(this.line, at) !== void 0;
	}
	latentText() {
		return new Promise((resolve, reject) => {
			const seq = this.send({ type: "latent", line: this.line, at: this.at });
			const lost = setTimeout(() => this.copies.get(seq)?.(void 0), COPY_MS);
			this.copies.set(seq, (text) => {
				clearTimeout(lost);
				this.copies.delete(seq);
				if (text) resolve(text);
				else reject(new Error("the kernel did not answer. Try again."));
			});
		});
	}
	send(content) {
		this.seq += 1;
		try {
			this.model.send({ client: this.client, ...content, seq: this.seq });
		} catch {
			this.fail(UNREACHED);
		}
		return this.seq;
	}
	receive(answer, buffers) {
		if (!answer || typeof answer !== "object" || typeof answer.of !== "string") return;
		if (answer.of === "state") {
			this.refusedAt = this.seq;
			this.fail(answer.message ?? "");
			return;
		}
		const ours = answer.client === this.client;
		if (answer.of === "latent") {
			if (ours) this.copies.get(answer.seq)?.(answer.text);
			return;
		}
		if (answer.type === "frames") this.keep(answer, buffers);
		if (answer.type === "error" && answer.client.startsWith(this.client)) {
			this.fail(answer.message ?? "");
		}
		if (!ours) return;
		if (answer.of === "strip") {
			const arrived = (answer.frames ?? []).map(({ at }) => at);
			this.filler.answered(answer.seq, answer.type, answer.ms ?? null, arrived, answer.more);
			this.fill();
		} else {
			const bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
			this.asker.answered(answer.seq, { ms: answer.ms ?? 0, bytes });
		}
		const later = answer.seq > this.refusedAt;
		if (answer.type === "frames" && answer.of === "ask" && later) this.fail("");
	}
	keep(answer, buffers) {
		const { line, seq } = answer;
		const strip = answer.of === "strip";
		for (const [i, { at, mime, lossless }] of (answer.frames ?? []).entries()) {
			const data = (
				buffers[i]
			);
			const source = mime === "image/bmp" ? readBmp(data) : new Blob([data], { type: mime });
			const ms = answer.ms ?? 0;
			this.readied(this.store.put({ line, at, lossless, strip, seq, ms, source }));
		}
		this.changed();
	}
	fail(message) {
		this.error = message;
		this.changed();
	}
	takePicture(picture) {
		if (!picture) return;
		const bytes = Uint8Array.from(atob(picture.data), (letter) => letter.charCodeAt(0));
		const source = new Blob([bytes], { type: picture.mime });
		const { at, line } = picture;
		this.readied(this.store.put({ line, at, lossless: true, strip: false, seq: 0, ms: 0, source }));
	}
};

async function copyText(text, near) {
	try {
		await navigator.clipboard.writeText(text);
		return;
	} catch {
	}
	const focused = document.activeElement;
	const area = document.createElement("textarea");
	area.value = text;
	area.className = "lw-offscreen";
	near.append(area);
	area.select();
	const done = document.execCommand("copy");
	area.remove();
	if (focused instanceof HTMLElement) focused.focus();
	if (!done) throw new Error("the browser refused to copy");
}

function createRoot(kind, children) {
	const attributes = { class: `lw-root lw-${kind}`, "data-lm-suppress-shortcuts": "true" };
	return element("div", attributes, children);
}
function attach(stage, root, repaint, follow, signal) {
	let request = 0;
	stage.listen(() => {
		repaint();
		request ||= requestAnimationFrame(() => {
			request = 0;
			follow();
		});
	}, signal);
	const sight = new IntersectionObserver((entries) => {
		stage.see(root, entries.at(-1)?.isIntersecting ?? false);
	});
	sight.observe(root);
	signal.addEventListener("abort", () => {
		cancelAnimationFrame(request);
		sight.disconnect();
		stage.see(root, false);
	});
	follow();
	repaint();
}
function createCopy(stage, signal) {
	const button = element("button", { type: "button", class: "lw-button", text: "Copy latent" });
	async function copy() {
		try {
			await copyText(await stage.latentText(), button.parentElement ?? button);
			button.textContent = "Copied";
			stage.fail("");
		} catch (error) {
			stage.fail(`The latent could not be copied: ${error}`);
		}
		setTimeout(() => {
			button.textContent = "Copy latent";
		}, 1500);
	}
	button.addEventListener("click", copy, { signal });
	return button;
}
function createStatus(stage, words2) {
	const status = element("div", { class: "lw-status" });
	const alert = element("div", { class: "lw-alert", role: "alert", hidden: true });
	function follow(root) {
		const frame = stage.frame();
		const exact = Boolean(frame && stage.isExact(frame));
		status.dataset.lwState = exact ? "exact" : frame ? "near" : "none";
		status.textContent = text(exact, frame);
		root.setAttribute("aria-busy", String(stage.asker.busy));
		alert.hidden = stage.error === "";
		if (alert.textContent !== stage.error) alert.textContent = stage.error;
	}
	function text(exact, frame) {
		if (!frame) return stage.error ? "last good picture" : "decoding…";
		if (!exact) return `nearest: ${words2(frame.at)}`;
		return frame.ms > 0 ? `exact · ${frame.ms.toFixed(frame.ms < 10 ? 1 : 0)} ms` : "exact";
	}
	return { status, alert, follow };
}

function createControl(model) {
	return {
		read: () => [model.get("value")],
		write: ([value]) => model.set("value", value),
		strips: ({ at: [thumb], filler }) => [
			{ levels: levels(model, filler.frameMs), thumb, at: (t) => [t] }
		]
	};
}
function decodedAhead(stage) {
	return [...levels(stage.model, 0).keys()].filter((t) => stage.has([t])).length;
}
function levels(model, frameMs) {
	return stripLevels(model.get("strip_length"), places(model.get("filmstrip")), frameMs);
}

function createMarks(onPick, signal) {
	const marks = element("div", { class: "lw-marks" });
	function setMarks(places2) {
		marks.replaceChildren(
			...places2.map((t, i) => {
				const name = `anchor ${i + 1}, t = ${Number(t.toFixed(3))}`;
				const mark = element("button", {
					type: "button",
					class: "lw-mark",
					title: name,
					"aria-label": `Go to ${name}`,
					tabindex: -1,
					style: `--lw-at: ${t}`
				});
				mark.addEventListener("click", () => onPick(t), { signal });
				return mark;
			})
		);
	}
	return { marks, setMarks };
}

var PLAY = "M4 2.5v11l9.5-5.5z";
var PAUSE = "M4 2.5h3v11H4zM9 2.5h3v11H9z";
var SPEEDS = [0.25, 0.5, 1, 2, 4];
var SCALE = { low: 0, high: 1, step: 0.01 };
var index_default = () => {
	let stage;
	let initial = 0;
	return {
		initialize({ model, signal }) {
			if (model.get("playing") && matchMedia("(prefers-reduced-motion: reduce)").matches) {
				model.set("playing", false);
				model.save_changes();
			}
			initial = model.get("value");
			stage = new Stage(model, signal, createControl(model));
			model.on("change:filmstrip", () => stage.fill());
			createPlayer(stage, signal);
		},
		render({ model, el, signal }) {
			el.replaceChildren(createView(stage, model, initial, signal));
		}
	};
};
function createView(stage, model, initial, signal) {
	const canvas = element("canvas", {
		class: "lw-picture",
		width: 1,
		height: 1,
		role: "img"
	});
	const repaint = createPainter(
		canvas,
		() => stage.frame(),
		(frame) => stage.isExact(frame),
		signal
	);
	const slider = createSlider({
		label: "t",
		scale: SCALE,
		initial: () => initial,
		words,
		digits: 3,
		onMove: move,
		onKey: (key) => key === " " && togglePlaying(),
		signal
	});
	const { marks, setMarks } = createMarks((t) => move(t, true), signal);
	slider.track.append(marks);
	const filmstrip = createFilmstrip(stage, (t) => move(t, true), signal);
	const play = element("button", { type: "button", class: "lw-button lw-play" });
	const method = createMenu(
		"Method",
		model.get("_methods"),
		(name) => save("method", name),
		signal
	);
	const speed = createMenu("Speed", SPEEDS.map(String), saveSpeed, signal, "×");
	const loop = element("input", { type: "checkbox" });
	const { status, alert, follow: followStatus } = createStatus(stage, ([t]) => words(t));
	play.addEventListener("click", togglePlaying, { signal });
	loop.addEventListener("change", () => save("loop", loop.checked), { signal });
	const root = createRoot("interpolator", [
		element("div", { class: "lw-top" }, [
			canvas,
			element("div", { class: "lw-side" }, [
				method.field,
				speed.field,
				element("label", { class: "lw-check" }, [loop, "Loop"]),
				createCopy(stage, signal),
				status
			])
		]),
		alert,
		element("div", { class: "lw-transport" }, [play, slider.track, slider.number]),
		filmstrip.strip
	]);
	function move(t, rest) {
		if (model.get("playing")) save("playing", false);
		stage.move([t], { rest });
	}
	function save(name, value) {
		model.set(name, value);
		model.save_changes();
	}
	function saveSpeed(speed2) {
		save("speed", Number(speed2));
	}
	function chooseSpeed(value) {
		speed.select.value = value;
		if (speed.select.value === value) return;
		speed.select.append(element("option", { value, text: `${value}×` }));
		speed.select.value = value;
	}
	function togglePlaying() {
		save("playing", !model.get("playing"));
		return true;
	}
	function follow() {
		const [t] = stage.at;
		slider.show(t);
		canvas.setAttribute("aria-label", `Picture at ${words(t)}`);
		followFrames();
		filmstrip.update();
		followStatus(root);
	}
	function followFrames() {
		const { version } = stage.store;
		if (version === drawn.version && stage.line === drawn.line) return;
		drawn = { version, line: stage.line };
		const places2 = stage.store.along(stage.line).map((frame) => frame.at[0] ?? 0);
		slider.setBuffer(places2, 0.5 / (model.get("strip_length") - 1));
		slider.track.dataset.lwStrip = String(decodedAhead(stage));
	}
	function followSettings() {
		const playing = model.get("playing");
		play.replaceChildren(icon(playing ? PAUSE : PLAY));
		play.title = playing ? "Pause" : "Play";
		play.setAttribute("aria-label", play.title);
		method.select.value = model.get("method");
		chooseSpeed(String(model.get("speed")));
		loop.checked = model.get("loop");
		setMarks(model.get("_marks"));
		root.style.setProperty("--lw-size", `${model.get("size")}px`);
	}
	for (const name of ["playing", "method", "speed", "loop", "_marks", "size"]) {
		model.on(`change:${name}`, followSettings);
	}
	model.on("change:filmstrip", filmstrip.build);
	let drawn = { version: -1, line: "" };
	followSettings();
	attach(stage, root, repaint, follow, signal);
	return root;
}
function words(t) {
	return `t = ${t.toFixed(3)}`;
}
export {
	index_default as default
};
