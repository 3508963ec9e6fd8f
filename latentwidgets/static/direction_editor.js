/* Built from js/src/direction_editor/index.js by `make build`: change it there. */

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

function createMenu(label, choices, onChoose, signal, unit = "") {
	const option = (value) => element("option", { value, text: value + unit });
	const select = element("select", { class: "lw-menu" }, choices.map(option));
	select.addEventListener("change", () => onChoose(select.value), { signal });
	const field = element("label", { class: "lw-field" }, [element("span", { text: label }), select]);
	return { field, select };
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
		const strip2 = given.strip || Boolean(old?.strip);
		if (old && (old.lossless || !given.lossless)) {
			old.strip = strip2;
			return old;
		}
		const frame = { ...given, strip: strip2, bitmap: null, opening: null };
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
	const levels = new Map(first.map((t) => [t, 0]));
	const intervals = length - 1;
	const deepest = Math.ceil(Math.log2(Math.max(1, intervals)));
	for (let level = 0; level <= deepest; level++) {
		const step = 2 ** (deepest - level);
		const count = Math.ceil(intervals / step) + 1;
		if (level > 3 && count * msPerFrame > MOST_MS) break;
		for (let i = 0; i <= intervals; i += step) {
			if (!levels.has(i / intervals)) levels.set(i / intervals, level);
		}
		if (!levels.has(1)) levels.set(1, level);
	}
	return levels;
}
function missing({ levels, thumb, at }, has) {
	const left = [...levels].filter(([t]) => !has(at(t)));
	left.sort(([s, a], [t, b]) => a - b || Math.abs(s - thumb) - Math.abs(t - thumb));
	return left.map(([t]) => at(t));
}
function nextPiece(strips, has, msPerFrame, { ms, most } = PIECE) {
	const size = Math.max(1, Math.min(most, Math.floor(ms / msPerFrame)));
	const piece = [];
	for (const strip2 of strips) {
		piece.push(...missing(strip2, has).slice(0, size - piece.length));
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
		const strip2 = answer.of === "strip";
		for (const [i, { at, mime, lossless }] of (answer.frames ?? []).entries()) {
			const data = (
				buffers[i]
			);
			const source = mime === "image/bmp" ? readBmp(data) : new Blob([data], { type: mime });
			const ms = answer.ms ?? 0;
			this.readied(this.store.put({ line, at, lossless, strip: strip2, seq, ms, source }));
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
	const button2 = element("button", { type: "button", class: "lw-button", text: "Copy latent" });
	async function copy() {
		try {
			await copyText(await stage.latentText(), button2.parentElement ?? button2);
			button2.textContent = "Copied";
			stage.fail("");
		} catch (error) {
			stage.fail(`The latent could not be copied: ${error}`);
		}
		setTimeout(() => {
			button2.textContent = "Copy latent";
		}, 1500);
	}
	button2.addEventListener("click", copy, { signal });
	return button2;
}
function createStatus(stage, words) {
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
		if (!exact) return `nearest: ${words(frame.at)}`;
		return frame.ms > 0 ? `exact · ${frame.ms.toFixed(frame.ms < 10 ? 1 : 0)} ms` : "exact";
	}
	return { status, alert, follow };
}

var IDLE_MS = 250;
var DEEPEST = 4;
var MOST_MS2 = 3e4;
var NEAR = 16;
function createControl(model) {
	return {
		idle: false,
		read() {
			const value = model.get("value");
			return names(model).map((name) => value[name] ?? 0);
		},
		write: (at) => model.set("value", byName(model, at)),
		*strips(stage) {
			const { length } = stage.at;
			if (stage.axis >= length) stage.axis = 0;
			const fine = stripLevels(model.get("strip_length"), [], stage.filler.frameMs);
			yield strip(stage, stage.axis, fine);
			if (!this.idle) return;
			for (const frame of stage.store.along(stage.line)) {
				if (distance(frame.at, stage.at, stage.axis) === 0) stage.store.touch(frame);
			}
			const near = [...stage.at.keys()].filter((axis) => Math.abs(axis - stage.axis) <= NEAR);
			for (let level = 0; level <= DEEPEST; level++) {
				const coarse = new Map([...fine].filter(([, of]) => of <= level));
				if (coarse.size * near.length * stage.filler.frameMs > MOST_MS2) return;
				for (const axis of near) yield strip(stage, axis, coarse);
			}
		}
	};
}
function refreshWhileIdle(stage, control, onIdle, signal) {
	let timer = 0;
	let at = [];
	function wait() {
		if (stage.at === at) return;
		at = stage.at;
		control.idle = false;
		clearTimeout(timer);
		timer = setTimeout(() => {
			control.idle = true;
			stage.fill();
			if (stage.seen.size > 0) onIdle();
		}, IDLE_MS);
	}
	stage.listen(wait, signal);
	signal.addEventListener("abort", () => clearTimeout(timer));
	wait();
}
function grab(stage, axis) {
	if (axis === stage.axis) return;
	stage.axis = axis;
	stage.passed = void 0;
	stage.filler.flight = null;
	stage.fill();
	stage.changed();
}
function moveAlong(stage, axis, amount, rest) {
	grab(stage, axis);
	stage.move(replaced(stage.at, axis, amount), { rest });
}
function placesOfFrames(stage) {
	const ranges = stage.model.get("_ranges");
	const places = ranges.map(() => []);
	for (const { at } of stage.store.along(stage.line)) {
		if (at.length !== ranges.length) continue;
		const moved = at.flatMap((x, axis) => x === stage.at[axis] ? [] : [axis]);
		if (moved.length > 1) continue;
		for (const axis of moved.length ? moved : places.keys()) {
			const [low, high] = ranges[axis];
			places[axis].push((at[axis] - low) / (high - low));
		}
	}
	return places;
}
function byName(model, at) {
	return Object.fromEntries(names(model).map((name, i) => [name, at[i]]));
}
function readings(model, at) {
	const starts = model.get("_starts");
	const moved = [...at.keys()].filter((j) => at[j] !== starts[0][j]);
	return model.get("_gains").map(
		(row, i) => model.get("_readings").map(
			(own, base) => moved.reduce((sum, j) => sum + row[j] * (at[j] - starts[base][j]), own[i])
		)
	);
}
function names(model) {
	return model.get("_rows").map(({ name }) => name);
}
function replaced(at, axis, amount) {
	return at.map((x, i) => i === axis ? amount : x);
}
function strip(stage, axis, levels) {
	const [low, high] = stage.model.get("_ranges")[axis];
	const { at } = stage;
	return {
		levels,
		thumb: (at[axis] - low) / (high - low),
		at: (t) => replaced(at, axis, low + t * (high - low))
	};
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
	const { label, initial, words, digits, farthest = 0, onMove, onKey, signal } = options;
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
		range.setAttribute("aria-valuetext", words(value));
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

var STEP = 0.1;
var DIGITS = 2;
var LITTLE = 0.25;
var NOTHING = 5e-3;
var FARTHEST = 1e3;
var OPEN = "M5 7V5a3 3 0 0 1 5.8-1h1.6A4.5 4.5 0 0 0 3.5 5v2H3v7h10V7zM8 9a1 1 0 0 1 .7 1.7V12H7.3v-1.3A1 1 0 0 1 8 9z";
var SHUT = "M3.5 7V5a4.5 4.5 0 0 1 9 0v2h.5v7H3V7zM5 7h6V5a3 3 0 0 0-6 0zm3 2a1 1 0 0 1 .7 1.7V12H7.3v-1.3A1 1 0 0 1 8 9z";
var BACK = "M8 3V.5L4.5 4 8 7.5V4.5a3.75 3.75 0 1 1-3.75 3.75h-1.5A5.25 5.25 0 1 0 8 3z";
var EYE = "M8 3C4.5 3 2 5.5.8 8c1.2 2.5 3.7 5 7.2 5s6-2.5 7.2-5C14 5.5 11.5 3 8 3zm0 8.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7zM8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z";
function createRow(stage, about, axis, on, signal) {
	const { model } = stage;
	const { name } = about;
	const slider = createSlider({
		label: name,
		scale: scaleOf(),
		initial: origin,
		words: (amount) => `${name} ${sigmas(amount)}`,
		digits: DIGITS,
		farthest: FARTHEST,
		onMove: (amount, rest) => moveAlong(stage, axis, amount, rest),
		onKey: (key) => (key === "0" || key === "Delete") && reset(),
		signal
	});
	const zero = element("div", { class: "lw-zero" });
	const ticks = element("div", { class: "lw-readings" });
	slider.track.prepend(zero);
	slider.track.append(ticks);
	const still = `Hold ${name} still`;
	const hold = element("input", { type: "checkbox", "aria-label": still });
	const holder = element("label", { class: "lw-hold", title: still }, [
		hold,
		icon(OPEN),
		icon(SHUT)
	]);
	const back = button("lw-reset", BACK, `Reset ${name}`);
	const hide = button("lw-hide", EYE, `Hide ${name}: its edit stays`);
	back.tabIndex = -1;
	const warn = element("span", { class: "lw-warn", text: "⚠", tabindex: 0, role: "img" });
	const tip = element("div", { class: "lw-tip" });
	const row = element("div", { class: "lw-row", role: "group", "aria-label": name }, [
		holder,
		element("div", { class: "lw-about" }, [
			element("span", { class: "lw-name", text: name, title: `${name}, ${about.note}` }),
			warn,
			...about.badge ? [element("span", { class: "lw-badge", text: about.badge, title: about.note })] : []
		]),
		slider.track,
		slider.number,
		back,
		hide,
		tip
	]);
	for (const type of ["pointerdown", "focus"]) {
		slider.range.addEventListener(type, () => grab(stage, axis), { signal });
	}
	back.addEventListener("click", reset, { signal });
	hide.addEventListener("click", on.hide, { signal });
	warn.addEventListener("focus", () => tip.scrollIntoView({ block: "nearest" }), { signal });
	hold.addEventListener("change", () => on.hold(name, hold.checked), { signal });
	function scaleOf() {
		const [low, high] = model.get("_ranges")[axis];
		return { low, high, step: STEP };
	}
	function origin() {
		return model.get("_origin")[axis];
	}
	function place(amount) {
		const { low, high } = scaleOf();
		return Math.min(1, Math.max(0, (amount - low) / (high - low)));
	}
	function reset() {
		moveAlong(stage, axis, origin(), true);
		return true;
	}
	function followSettings() {
		slider.setScale(scaleOf());
		zero.style.setProperty("--lw-at", String(place(origin())));
		hold.checked = model.get("hold").includes(name);
		row.classList.toggle("lw-held", hold.checked);
		const text = `${about.warning} ${shortened(model.get("_left")[axis])}`.trim();
		warn.hidden = !text;
		warn.title = tip.textContent = text;
		warn.setAttribute("aria-label", `Warning: ${text}`);
	}
	function follow(readings2) {
		const amount = stage.at[axis];
		slider.show(amount);
		row.classList.toggle("lw-moved", amount !== origin());
		const said = `reads ${readings2.map(sigmas).join(", ")}`;
		slider.range.setAttribute("aria-description", said);
		if (ticks.children.length !== readings2.length) {
			ticks.replaceChildren(...readings2.map(() => element("span", { class: "lw-reading" })));
		}
		for (const [i, reading] of readings2.entries()) {
			const tick = (
				ticks.children[i]
			);
			const at = place(reading);
			tick.style.setProperty("--lw-at", String(at));
			tick.classList.toggle("lw-below", at === 0);
			tick.classList.toggle("lw-above", at === 1);
			tick.title = `reads ${sigmas(reading)}`;
			tick.dataset.lwReading = String(reading);
		}
	}
	followSettings();
	return { row, about, axis, setBuffer: slider.setBuffer, followSettings, follow };
}
function shortened(left) {
	if (left >= LITTLE) return "";
	const share = left < NOTHING ? "nothing" : `${Math.round(100 * left)} %`;
	return `Of its move ${share} is left beside those held still.`;
}
function button(kind, path, label) {
	return element(
		"button",
		{ type: "button", class: `lw-small ${kind}`, title: label, "aria-label": label },
		[icon(path)]
	);
}
function sigmas(amount) {
	const size = Math.abs(amount).toFixed(2).replace(/0$/, "");
	return `${size === "0.0" ? "" : amount < 0 ? "−" : "+"}${size} σ`;
}

var ORDERS = {
	"as given": (a, b) => a.axis - b.axis,
	"by name": (a, b) => a.about.name.localeCompare(b.about.name, void 0, { numeric: true }),
	"by score": (a, b) => (b.about.score ?? -1e9) - (a.about.score ?? -1e9),
	"by amount": (a, b, moved) => moved(b) - moved(a)
};
function createList(stage, onHold, signal) {
	const { model } = stage;
	const search = element("input", {
		type: "search",
		class: "lw-search",
		placeholder: "Search",
		"aria-label": "Search directions"
	});
	const order = createMenu("Sort", Object.keys(ORDERS), sort, signal);
	const legend = element("div", {
		class: "lw-legend",
		text: "Thumb: your edit. Tick: what the latent reads, in σ from the mean of the data."
	});
	const shown = element("button", { type: "button", class: "lw-button", hidden: true });
	const none = element("div", { class: "lw-none", text: "No direction matches", hidden: true });
	const list = element("div", { class: "lw-list" });
	let rows = [];
	const hidden = new Set();
	let lifetime = new AbortController();
	signal.addEventListener("abort", () => lifetime.abort());
	let chosen = "as given";
	let drawn = "";
	let built;
	search.addEventListener("input", sift, { signal });
	shown.addEventListener(
		"click",
		() => {
			hidden.clear();
			sift();
			search.focus();
		},
		{ signal }
	);
	function build() {
		lifetime.abort();
		lifetime = new AbortController();
		const abouts = model.get("_rows");
		rows = abouts.map((about, axis) => {
			const hide = () => {
				hidden.add(about.name);
				sift();
				shown.focus();
			};
			return createRow(stage, about, axis, { hold: onHold, hide }, lifetime.signal);
		});
		for (const name of hidden) {
			if (!abouts.some((about) => about.name === name)) hidden.delete(name);
		}
		built = abouts;
		sort(chosen);
	}
	function sort(name) {
		chosen = name;
		const sorted = [...rows].sort((a, b) => ORDERS[name](a, b, ({ axis }) => moved(axis)));
		list.replaceChildren(...sorted.map(({ row }) => row), none);
		sift();
	}
	function moved(axis) {
		return Math.abs(stage.at[axis] - model.get("_origin")[axis]);
	}
	list.addEventListener(
		"focusout",
		({ relatedTarget }) => {
			const inside = relatedTarget instanceof Node && list.contains(relatedTarget);
			if (chosen === "by amount" && !inside) sort(chosen);
		},
		{ signal }
	);
	function sift() {
		const words = search.value.trim().toLowerCase();
		for (const { row, about } of rows) {
			row.hidden = hidden.has(about.name) || !about.name.toLowerCase().includes(words);
		}
		none.hidden = rows.some(({ row }) => !row.hidden);
		const edited = rows.filter(({ about, axis }) => hidden.has(about.name) && moved(axis)).length;
		shown.textContent = `Show hidden (${hidden.size}${edited ? `, ${edited} edited` : ""})`;
		shown.hidden = hidden.size === 0;
	}
	function followSettings() {
		if (model.get("_rows") !== built) build();
		for (const row of rows) row.followSettings();
		drawn = "";
		follow();
	}
	function follow() {
		if (rows.length !== stage.at.length) return;
		const all = readings(model, stage.at);
		for (const row of rows) row.follow(all[row.axis]);
		const state = `${stage.store.version} ${stage.line} ${stage.at}`;
		if (state === drawn) return;
		drawn = state;
		const reach = 0.5 / (model.get("strip_length") - 1);
		for (const [axis, places] of placesOfFrames(stage).entries()) {
			rows[axis].setBuffer(places, reach);
		}
	}
	return { list, search, order, shown, legend, follow, followSettings };
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

var BEFORE = (
	[]
);
var CAPTIONS = {
	edited: "",
	before: "before the edit",
	"side by side": "before the edit, and after",
	difference: "what changed, halved; mid-grey is no change"
};
var VIEWS = ["edited", "side by side", "difference"];
function createBefore(stage) {
	let kept;
	let asked = "";
	return (ahead = false) => {
		const { line } = stage;
		kept = stage.store.get(line, BEFORE) ?? kept;
		if (kept?.line === line) {
			if (ahead) return void 0;
			kept = stage.store.put(kept);
			return stage.readied(kept) ? kept : void 0;
		}
		if (asked !== line || ahead) {
			asked = line;
			const client = `${stage.client}-before`;
			stage.send({ type: "ask", line, at: BEFORE, fast: false, client });
		}
		return void 0;
	};
}
function createPictures(stage, before, value, signal) {
	const edited = element("canvas", {
		class: "lw-picture",
		width: 1,
		height: 1,
		role: "img",
		"aria-label": "Edited picture"
	});
	const original = element("canvas", {
		class: "lw-picture lw-before",
		width: 1,
		height: 1,
		role: "img",
		"aria-label": "Picture before the edit"
	});
	const frames = element("div", { class: "lw-frames" }, [edited, original]);
	const caption = element("div", { class: "lw-caption" });
	const isExact = (frame) => stage.isExact(frame);
	const paint = createPainter(edited, () => stage.frame(), isExact, signal, value);
	let painted = "";
	const paintBefore = createPainter(
		original,
		() => {
			const frame = before();
			painted = frame?.line ?? "";
			return frame;
		},
		() => true,
		signal,
		() => null
	);
	let view = "edited";
	function repaint() {
		paint();
		if (!original.hidden && painted !== stage.line) paintBefore();
	}
	function arrange(shown) {
		frames.dataset.lwView = shown;
		original.hidden = shown === "edited";
		caption.textContent = CAPTIONS[shown];
		repaint();
	}
	function choose(name) {
		view = name;
		arrange(view);
	}
	function hold(down) {
		arrange(down ? "before" : view);
	}
	arrange(view);
	return { frames, caption, edited, repaint, choose, hold };
}
function createBeforeButton(hold, signal) {
	const button2 = element("button", {
		type: "button",
		class: "lw-button",
		text: "Before",
		title: "Hold to see the picture before the edit"
	});
	function press(down) {
		button2.setAttribute("aria-pressed", String(down));
		hold(down);
	}
	button2.addEventListener(
		"pointerdown",
		(event) => {
			if (event.button) return;
			button2.setPointerCapture(event.pointerId);
			press(true);
		},
		{ signal }
	);
	button2.addEventListener(
		"keydown",
		(event) => {
			if (event.key !== "Enter" && event.key !== " ") return;
			event.preventDefault();
			press(true);
		},
		{ signal }
	);
	for (const end of ["lostpointercapture", "keyup", "blur"]) {
		button2.addEventListener(end, () => press(false), { signal });
	}
	return button2;
}

var index_default = () => {
	let stage;
	let before;
	return {
		initialize({ model, signal }) {
			const control = createControl(model);
			stage = new Stage(model, signal, control);
			before = createBefore(stage);
			refreshWhileIdle(stage, control, () => before(true), signal);
			model.on("change", () => stage.fill());
		},
		render({ model, el, signal }) {
			el.replaceChildren(createView(stage, before, model, signal));
		}
	};
};
function createView(stage, before, model, signal) {
	const pictures = createPictures(stage, before, (at) => byName(model, at), signal);
	const list = createList(stage, hold, signal);
	const view = createMenu("View", VIEWS, pictures.choose, signal);
	const mode = createMenu("Mode", model.get("_modes"), (name) => save("mode", name), signal);
	const reset = element("button", { type: "button", class: "lw-button", text: "Reset all" });
	const { status, alert, follow: followStatus } = createStatus(stage, words);
	reset.addEventListener("click", () => stage.move(model.get("_origin"), { rest: true }), {
		signal
	});
	const root = createRoot("direction-editor", [
		element("div", { class: "lw-columns" }, [
			element("div", { class: "lw-left" }, [
				pictures.frames,
				element("div", { class: "lw-tools" }, [
					view.field,
					createBeforeButton(pictures.hold, signal)
				]),
				element("div", { class: "lw-tools" }, [status, createCopy(stage, signal)]),
				pictures.caption
			]),
			element("div", { class: "lw-right" }, [
				element("div", { class: "lw-tools" }, [list.search, list.order.field, mode.field, reset]),
				list.list,
				element("div", { class: "lw-tools" }, [list.legend, list.shown])
			])
		]),
		alert
	]);
	function save(name, value) {
		stage.tell();
		model.set(name, value);
		model.save_changes();
	}
	function hold(name, held) {
		const others = model.get("hold").filter((one) => one !== name);
		save("hold", held ? [...others, name] : others);
	}
	function words(at) {
		return `${model.get("_rows")[stage.axis]?.name} ${sigmas(at[stage.axis])}`;
	}
	function follow() {
		list.follow();
		followStatus(root);
	}
	function followSettings() {
		mode.select.value = model.get("mode");
		root.style.setProperty("--lw-size", `${model.get("size")}px`);
		list.followSettings();
	}
	model.on("change", followSettings);
	followSettings();
	attach(stage, root, pictures.repaint, follow, signal);
	return root;
}
export {
	index_default as default
};
