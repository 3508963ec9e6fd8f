/* Built from js/src/latent_map/index.js by `make build`: change it there. */

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

function createMenu(label, choices, onChoose, signal, unit = "") {
	const option = (value) => element("option", { value, text: value + unit });
	const select = element("select", { class: "lw-menu" }, choices.map(option));
	select.addEventListener("change", () => onChoose(select.value), { signal });
	const field = element("label", { class: "lw-field" }, [element("span", { text: label }), select]);
	return { field, select };
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

var PIECE_MS = 100;
var MOST_POSITIONS = 24;
function missing({ levels, thumb, at }, has) {
	const left = [...levels].filter(([t]) => !has(at(t)));
	left.sort(([s, a], [t, b]) => a - b || Math.abs(s - thumb) - Math.abs(t - thumb));
	return left.map(([t]) => at(t));
}
function nextPiece(strips, has, msPerFrame) {
	const size = Math.max(1, Math.min(MOST_POSITIONS, Math.floor(PIECE_MS / msPerFrame)));
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
	constructor(send, now = () => performance.now()) {
		this.send = send;
		this.now = now;
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
			this.frameMs
		);
		const positions = this.errors > 0 ? piece.slice(0, 1) : piece;
		if (positions.length === 0) return;
		this.flight = { seq: this.send(positions), since: this.now(), positions };
	}
	answered(seq, type, ms, arrived) {
		if (this.flight?.seq !== seq) return;
		const { positions } = this.flight;
		this.flight = null;
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
			(positions) => this.send({ type: "strip", line: this.line, positions })
		);
		this.error = "";
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
		if (rest) this.settle();
		else {
			if (this.worthAsking() && !this.exact) this.ask();
			this.settleSoon();
		}
		this.report();
		this.fill();
		this.changed();
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
			if (this.reportTimer) this.tell();
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
		if (at.join() === this.known.join()) return;
		clearTimeout(this.reportTimer);
		this.reportTimer = 0;
		this.known = this.at = at;
		if (!this.model.get("playing")) this.settleSoon();
		this.changed();
	}
	enter() {
		this.follow();
		this.asker.pace = Number.POSITIVE_INFINITY;
		this.filler.reset();
		this.settle();
		this.fill();
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
		if (answer.of === "state") this.fail(answer.message ?? "");
		const ours = answer.client === this.client;
		if (answer.of === "latent") {
			if (ours) this.copies.get(answer.seq)?.(answer.text);
			return;
		}
		if (answer.type === "frames") this.keep(answer, buffers);
		if (!ours) return;
		if (answer.of === "strip") {
			const arrived = (answer.frames ?? []).map(({ at }) => at);
			this.filler.answered(answer.seq, answer.type, answer.ms ?? null, arrived);
			this.fill();
		} else {
			const bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
			this.asker.answered(answer.seq, { ms: answer.ms ?? 0, bytes });
		}
		if (answer.type === "error") this.fail(answer.message ?? "");
		else if (answer.type === "frames" && answer.of === "ask") this.fail("");
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

function paintMarks(overlay, toX, toY, { spot, over, path }) {
	const context = overlay.getContext("2d");
	const { clientWidth: width, clientHeight: height } = overlay;
	if (!context || !width || !height) return;
	overlay.width = Math.round(width * devicePixelRatio);
	overlay.height = Math.round(height * devicePixelRatio);
	context.scale(devicePixelRatio, devicePixelRatio);
	context.lineJoin = context.lineCap = "round";
	const style = getComputedStyle(overlay);
	const points = path.map(([x, y]) => [toX(x), toY(y)]);
	const ends = points.length > 0 ? [points[0], points[points.length - 1]] : [];
	const at = [toX(spot[0]), toY(spot[1])];
	for (
		const [name, rim] of
		[
			["--lw-ground", 3],
			["--lw-text", 0]
		]
	) {
		context.strokeStyle = context.fillStyle = style.getPropertyValue(name);
		context.lineWidth = 2 + rim;
		context.beginPath();
		for (const [x, y] of points) context.lineTo(x, y);
		context.stroke();
		for (const [x, y] of ends) disc(context, x, y, 3.5 + rim / 2).fill();
		disc(context, at[0], at[1], 8).stroke();
		if (over) {
			context.lineWidth = 1.5 + rim;
			disc(context, toX(over[0]), toY(over[1]), 5).stroke();
		}
	}
	overlay.dataset.lwSpot = JSON.stringify(at);
	overlay.dataset.lwPath = JSON.stringify(points);
}
function disc(context, x, y, radius) {
	context.beginPath();
	context.arc(x, y, radius, 0, 2 * Math.PI);
	return context;
}

var PER_CELL = 2;
var MOST_CELLS = 1024;
var Picker = class {
	constructor(points, stride) {
		this.points = points;
		this.stride = stride;
		const count = points.length / stride;
		this.side = Math.min(MOST_CELLS, Math.ceil(Math.sqrt(count / PER_CELL)) || 1);
		const cells = new Uint32Array(count);
		this.starts = new Uint32Array(this.side ** 2 + 1);
		for (let row = 0; row < count; row++) {
			cells[row] = this.cell(points[row * stride + 1]) * this.side + this.cell(points[row * stride]);
			this.starts[cells[row] + 1] += 1;
		}
		for (let i = 1; i < this.starts.length; i++) this.starts[i] += this.starts[i - 1];
		this.rows = new Uint32Array(count);
		const next = this.starts.slice();
		for (let row = 0; row < count; row++) this.rows[next[cells[row]]++] = row;
	}
	cell(place) {
		return Math.min(this.side - 1, Math.max(0, Math.floor((place + 1) / 2 * this.side)));
	}
	nearest(x, y, reach) {
		const { points, stride, side, starts, rows } = this;
		let best = null;
		let least = reach ** 2;
		const right = this.cell(x + reach);
		for (let down = this.cell(y - reach); down <= this.cell(y + reach); down++) {
			const first = starts[down * side + this.cell(x - reach)];
			const last = starts[down * side + right + 1];
			for (let i = first; i < last; i++) {
				const at = rows[i] * stride;
				const square = (points[at] - x) ** 2 + (points[at + 1] - y) ** 2;
				if (square > least || square === least && best !== null) continue;
				best = rows[i];
				least = square;
			}
		}
		return best;
	}
};

var START_MS = 15e3;
var DRAG_PX = 4;
var REACH_PX = 8;
var APPLE = /mac|iphone|ipad/i.test(navigator.platform);
var NO_DRAWING = "The map could not be drawn: this browser gives no WebGL, or jupyter-scatter did not start.";
function createChart({ host, ground, onClick, onHover, marks, onMode, onError, signal }) {
	const box = element("div", { class: "lw-ground" });
	const overlay = element("canvas", { class: "lw-overlay" });
	let plot = null;
	let child = null;
	let picker = null;
	let request = 0;
	let pressed = [0, 0];
	async function start() {
		child = await host.getModel(ground);
		child.on("change:mouse_mode", followMode);
		child.on("change:points", () => {
			picker = null;
		});
		followMode();
		const widget = await host.getWidget(ground);
		await widget.render({ el: box, signal });
		const { api, container } = await found(box, signal);
		plot = api;
		api.set({ actionKeyMap: { lasso: "shift", merge: APPLE ? "meta" : "ctrl", remove: "alt" } });
		api.subscribe("view", redraw);
		container.append(overlay);
		const sizes = new ResizeObserver(redraw);
		sizes.observe(container);
		signal.addEventListener("abort", () => sizes.disconnect());
		box.dataset.lwReady = "true";
		redraw();
	}
	function followMode() {
		box.dataset.lwMode = child.get("mouse_mode");
		onMode(child.get("mouse_mode"));
	}
	function points() {
		const { view, shape } = child.get("points");
		const { buffer, byteOffset, byteLength } = view;
		const aligned = byteOffset % 4 === 0;
		const bytes = aligned ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
		return {
			numbers: new Float32Array(bytes, aligned ? byteOffset : 0, byteLength / 4),
			stride: shape[1]
		};
	}
	function under(plot2, { clientX, clientY }) {
		const { left, top } = overlay.getBoundingClientRect();
		const [scaleX, scaleY] = [plot2.get("xScale"), plot2.get("yScale")];
		const x = scaleX.invert(clientX - left);
		const y = scaleY.invert(clientY - top);
		const reach = Math.abs(scaleX.invert(REACH_PX) - scaleX.invert(0));
		if (!picker) {
			const { numbers, stride } = points();
			picker = new Picker(numbers, stride);
		}
		return { x, y, row: picker.nearest(x, y, reach) };
	}
	function move(event) {
		if (plot && event.buttons === 0) onHover(under(plot, event).row);
	}
	function click(event) {
		if (!plot) return;
		event.stopPropagation();
		const { clientX, clientY, altKey } = event;
		if (Math.hypot(clientX - pressed[0], clientY - pressed[1]) > DRAG_PX) return;
		const { x, y, row } = under(plot, event);
		const merge = APPLE ? event.metaKey : event.ctrlKey;
		if (!merge && !altKey) onClick([x, y], row);
		else if (row !== null) plot.select([row], altKey ? { remove: true } : { merge });
	}
	function press({ clientX, clientY }) {
		pressed = [clientX, clientY];
	}
	function redraw() {
		request ||= requestAnimationFrame(() => {
			request = 0;
			if (plot && !signal.aborted) {
				paintMarks(overlay, plot.get("xScale"), plot.get("yScale"), marks());
			}
		});
	}
	box.addEventListener("pointerdown", press, { signal, capture: true });
	box.addEventListener("pointermove", move, { signal });
	box.addEventListener("pointerleave", () => onHover(null), { signal });
	box.addEventListener("click", click, { signal, capture: true });
	start().catch((error) => {
		if (!signal.aborted) onError(error.message ?? String(error));
	});
	signal.addEventListener("abort", () => cancelAnimationFrame(request));
	return {
		box,
		redraw,
		placeOf(row) {
			if (!child) return null;
			const { numbers, stride } = points();
			return [numbers[row * stride], numbers[row * stride + 1]];
		},
		setMode(mode) {
			child?.set("mouse_mode", mode);
			child?.save_changes();
		},
		home() {
			plot?.zoomToOrigin({ transition: true, transitionDuration: 250 });
		},
		clear() {
			plot?.deselect();
		},
		selectColor(code) {
			if (!plot) return;
			const { numbers, stride } = points();
			const rows = [];
			for (let i = 0; i * stride < numbers.length; i++) {
				if (numbers[i * stride + 2] === code) rows.push(i);
			}
			plot.select(rows);
		}
	};
}
function found(box, signal) {
	const until = performance.now() + START_MS;
	return new Promise((resolve, reject) => {
		function look() {
			const all = [...box.querySelectorAll("div")];
			const container = (
				all.find((one) => "api" in one)
			);
			if (container) resolve({ api: container.api, container });
			else if (signal.aborted || performance.now() > until) reject(new Error(NO_DRAWING));
			else requestAnimationFrame(look);
		}
		look();
	});
}

var GROUND = -1;
function createControl(model) {
	let over = null;
	return {
		hover: (spot) => {
			over = spot;
		},
		read: () => over ?? model.get("_spot"),
		write: () => {
		},
		strips: () => []
	};
}
function createScale(model) {
	return {
		point: ([x, y]) => {
			const [centerX, centerY, half] = model.get("_frame");
			return [x * half + centerX, y * half + centerY];
		},
		place: ([x, y]) => {
			const [centerX, centerY, half] = model.get("_frame");
			return [(x - centerX) / half, (y - centerY) / half];
		}
	};
}

function createLegend(onPick) {
	const legend = element("div", { class: "lw-legend", role: "group", "aria-label": "Colours" });
	function show({ entries, low, high, note }) {
		const amounts = low === void 0 ? [] : scale(low, high ?? "");
		const classes = (entries ?? []).map(({ name, color, code, count }) => {
			const label = name || "(empty)";
			const attributes = {
				type: "button",
				class: "lw-class",
				style: `--lw-color: ${color}`,
				title: `Select the ${count.toLocaleString("en")} points of “${label}”`
			};
			const button = element("button", attributes, [element("span", { text: label })]);
			button.addEventListener("click", () => onPick(code));
			return button;
		});
		const notes = note ? [element("span", { class: "lw-quiet", text: note })] : [];
		legend.replaceChildren(...classes, ...amounts, ...notes);
	}
	function scale(low, high) {
		return [
			element("span", { text: low }),
			element("span", { class: "lw-scale", role: "presentation" }),
			element("span", { text: high })
		];
	}
	return { legend, show };
}

var LINGER_MS = 300;
var MOST_SAID = 4096;
var NEAR = "what is not one of these latents is drawn between the five most like it";
var index_default = () => {
	let stage;
	let control;
	const said = new Map();
	return {
		initialize({ model, signal }) {
			control = createControl(model);
			const hear = ({ row, lines }) => {
				if (said.size >= MOST_SAID) said.clear();
				said.set(row, lines);
			};
			hear(model.get("_said"));
			model.on("change:_line", () => said.clear());
			for (const name of ["_line", "_said"]) {
				model.on(`change:${name}`, () => hear(model.get("_said")));
			}
			model.on("msg:custom", (content) => content?.said && hear(content.said));
			stage = new Stage(model, signal, control);
			model.on("change:_spot", () => stage.follow());
		},
		render({ model, el, signal, host }) {
			el.replaceChildren(createView({ model, stage, control, said, host, signal }));
		}
	};
};
function createView({ model, stage, control, said, host, signal }) {
	const scale = createScale(model);
	const chart = createChart({
		host,
		ground: model.get("_ground"),
		onClick: click,
		onHover: hover,
		marks: () => ({
			spot: scale.place(model.get("_spot").slice(1)),
			over: model.get("hovered") === null ? null : chart.placeOf(model.get("hovered")),
			path: model.get("_track").map(scale.place)
		}),
		onMode(mode) {
			pan.setAttribute("aria-pressed", String(mode !== "lasso"));
			lasso.setAttribute("aria-pressed", String(mode === "lasso"));
		},
		onError: (message) => stage.fail(message),
		signal
	});
	let lingering = 0;
	const canvas = element("canvas", { class: "lw-picture", width: 1, height: 1, role: "img" });
	const repaint = createPainter(
		canvas,
		() => stage.frame(),
		(frame) => stage.isExact(frame),
		signal,
		(at) => at
	);
	const { status, alert, follow: followStatus } = createStatus(stage, words);
	const caption = element("div", { class: "lw-caption", "aria-live": "polite" });
	const side = element("div", { class: "lw-side" }, [
		canvas,
		element("div", { class: "lw-words" }, [caption, status, alert, createCopy(stage, signal)])
	]);
	const pan = button(
		"Move",
		"Drag to move the map, scroll to zoom",
		() => chart.setMode("panZoom")
	);
	const lasso = button("Lasso", "Draw round points to select them", () => chart.setMode("lasso"));
	const home = button("Whole map", "Show all points", () => chart.home());
	const colors = createMenu("Colour", [], (name) => save("_color", name), signal);
	const number = element("input", {
		type: "number",
		class: "lw-number",
		min: 0,
		step: 1,
		"aria-label": "Number of the latent"
	});
	const going = element("label", { class: "lw-field" }, [
		element("span", { text: "Latent" }),
		number
	]);
	number.addEventListener("change", () => goTo(number.valueAsNumber), { signal });
	number.addEventListener(
		"keydown",
		({ key }) => {
			if (key === "Enter") goTo(number.valueAsNumber);
		},
		{ signal }
	);
	const { legend, show: showLegend } = createLegend((code) => chart.selectColor(code));
	const chosen = element("span", { class: "lw-chosen", role: "status" });
	const clear = button("Clear", "Select nothing", () => chart.clear());
	const note = element("div", { class: "lw-note", role: "status" });
	let hint = "";
	const root = createRoot("latent-map", [
		element("div", { class: "lw-bar" }, [
			element("div", { class: "lw-modes", role: "group", "aria-label": "Mouse" }, [pan, lasso]),
			home,
			colors.field,
			going
		]),
		element("div", { class: "lw-top" }, [chart.box, side]),
		element("div", { class: "lw-below" }, [legend, element("div", {}, [chosen, clear])]),
		note
	]);
	function button(text, title, onClick) {
		const made = element("button", { type: "button", class: "lw-button", text, title });
		made.addEventListener("click", onClick, { signal });
		return made;
	}
	function save(name, value) {
		model.set(name, value);
		model.save_changes();
	}
	function spotOf(row) {
		const place = chart.placeOf(row);
		return place && [row, ...scale.point(place)];
	}
	function hover(row) {
		if (row !== model.get("hovered")) save("hovered", row);
	}
	function followHovered() {
		const row = model.get("hovered");
		clearTimeout(lingering);
		if (row === null) lingering = setTimeout(() => look(null), LINGER_MS);
		else look(spotOf(row));
	}
	function look(spot) {
		control.hover(spot);
		stage.known = control.read();
		stage.move(stage.known, { rest: true });
	}
	function click(place, row) {
		const { stuck } = model.get("_about");
		const spot = row === null ? [GROUND, ...scale.point(place)] : spotOf(row);
		hint = row === null ? stuck : "";
		if (spot && !hint) go(spot);
		followAbout();
	}
	function goTo(row) {
		const { count } = model.get("_about");
		const spot = Number.isInteger(row) && row >= 0 && row < count ? spotOf(row) : null;
		hint = spot ? "" : `Latents are numbered from 0 to ${count - 1}.`;
		if (spot) go(spot);
		followAbout();
	}
	function go(spot) {
		clearTimeout(lingering);
		save("_spot", spot);
		look(null);
	}
	function follow() {
		const [row] = stage.at;
		const lines = (said.get(row) ?? []).map(
			([name, text]) => element("div", { class: "lw-line" }, [
				...name ? [element("span", { class: "lw-quiet", text: name })] : [],
				element("span", { text })
			])
		);
		caption.replaceChildren(element("strong", { text: words(stage.at) }), ...lines);
		caption.dataset.lwRow = String(row);
		canvas.setAttribute("aria-label", `Picture of ${words(stage.at)}`);
		const [at] = model.get("_spot");
		if (document.activeElement !== number) number.value = at < 0 ? "" : String(at);
		followStatus(root);
	}
	function followAbout() {
		const { draws, note: more, count, name, axes, near } = model.get("_about");
		canvas.hidden = status.hidden = !draws;
		number.max = String(count - 1);
		const other = model.get("_spot")[0] < GROUND || model.get("_track").length > 0;
		const what = axes.length > 0 ? `${axes[0]} across, ${axes[1]} up` : name;
		note.textContent = hint || [what, more, near && other && NEAR].filter(Boolean).join(" · ");
		note.dataset.lwHint = String(hint !== "");
	}
	function followColors() {
		const names = model.get("_colors");
		const options = names.map((text) => element("option", { text }));
		colors.select.replaceChildren(...options);
		colors.select.value = model.get("_color");
		showLegend(model.get("_legend"));
	}
	function followSelection() {
		const count = model.get("_selected");
		chosen.textContent = count > 0 ? `${count.toLocaleString("en")} selected` : "";
		clear.hidden = count === 0;
	}
	function followSizes() {
		root.style.setProperty("--lw-size", `${model.get("size")}px`);
		root.style.setProperty("--lw-height", `${model.get("height")}px`);
	}
	for (const name of ["_spot", "_track", "_frame", "hovered"])
		model.on(`change:${name}`, chart.redraw);
	model.on("change:hovered", followHovered);
	for (const name of ["_about", "_spot", "_track"]) model.on(`change:${name}`, followAbout);
	for (const name of ["_colors", "_color", "_legend"]) model.on(`change:${name}`, followColors);
	model.on("change:_selected", followSelection);
	for (const name of ["size", "height"]) model.on(`change:${name}`, followSizes);
	signal.addEventListener("abort", () => clearTimeout(lingering));
	followAbout();
	followColors();
	followSelection();
	followSizes();
	attach(stage, root, repaint, follow, signal);
	return root;
}
function words([row]) {
	if (row >= 0) return `latent ${row}`;
	return row === GROUND ? "between the points" : "the latent that was set";
}
export {
	index_default as default
};
