/* Built from js/src/latent_grid/index.js by `make build`: change it there. */

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
			const along2 = Math.abs(frame.at[axis] - at[axis]);
			const gap = off - leastOff || along2 - leastAlong;
			if (gap < 0 || gap === 0 && frame.lossless) {
				best = frame;
				leastOff = off;
				leastAlong = along2;
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

var PIECE = { ms: 100, most: 24 };
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

var PIECE2 = { ms: 2e3, most: 256 };
function createControl(model) {
	const sights = new Map();
	return {
		sights,
		piece: PIECE2,
		read: () => model.get("value"),
		write: (at) => model.set("value", at),
		strips: () => [...sights.values()].map((sight) => strip(cellsOf(model), sight))
	};
}
function cellsOf(model) {
	return model.get("_cells");
}
function strip(cells, { first, last, near }) {
	const columns = cells.columns.count;
	const end = Math.min(cells.count, (last + 1 + near) * columns);
	const levels = new Map();
	for (let i = Math.max(0, (first - near) * columns); i < end; i++) {
		const row = Math.floor(i / columns);
		levels.set(i, row >= first && row <= last ? 0 : 1);
	}
	return { levels, thumb: first * columns, at: (i) => placeOf(i, cells) };
}
function placeOf(index, { columns: { count } }) {
	return [Math.floor(index / count), index % count];
}
function words(at, cells) {
	const [row, column] = at.map(Math.round);
	const mark = cells.marks.find(([y, x]) => y === row && x === column);
	if (mark && at[0] === row && at[1] === column) return mark[2];
	const said = [along(at[0], cells.rows), along(at[1], cells.columns)].filter(Boolean).join(", ");
	return said || `cell ${row * cells.columns.count + column}`;
}
function along(place, { title, names, ticks, unit }) {
	if (ticks.length === 0) return names[Math.round(place)] ?? "";
	const low = Math.min(Math.floor(place), ticks.length - 1);
	const high = Math.min(low + 1, ticks.length - 1);
	const number = ticks[low] + (place - low) * (ticks[high] - ticks[low]);
	const text = `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;
	return `${title} ${text} ${unit}`.trim();
}

function createPainter(canvas, choose2, isExact, signal, value = (at) => at[0]) {
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
		const frame = choose2();
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

var DWELL_MS = 150;
function createLoupe(stage, signal) {
	const canvas = element("canvas", { class: "lw-picture", width: 1, height: 1, role: "img" });
	const caption = element("div", { class: "lw-caption" });
	let pointed = null;
	let timer = 0;
	function choose2() {
		const frame = pointed && stage.store.get(stage.line, pointed);
		if (!frame) return stage.frame();
		return stage.readied(frame) ? frame : void 0;
	}
	const repaint = createPainter(
		canvas,
		choose2,
		(frame) => pointed ? frame.lossless : stage.isExact(frame),
		signal,
		(at) => at
	);
	function point(index) {
		const place = index === null ? null : placeOf(index, cellsOf(stage.model));
		if (place?.join() === pointed?.join()) return;
		clearTimeout(timer);
		pointed = place;
		follow();
		repaint();
		if (pointed && !stage.store.get(stage.line, pointed)?.lossless) {
			timer = setTimeout(askExact, DWELL_MS);
		}
	}
	function askExact() {
		const client = `${stage.client}-loupe`;
		stage.send({ type: "ask", line: stage.line, at: pointed, fast: stage.asker.fast, client });
	}
	function follow() {
		const said = words(pointed ?? stage.at, cellsOf(stage.model));
		caption.textContent = said;
		canvas.setAttribute("aria-label", `Picture of ${said}`);
	}
	signal.addEventListener("abort", () => clearTimeout(timer));
	return { canvas, caption, point, follow, repaint };
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

var CLICK_PX = 4;
var STEP = 0.1;
function createPoint(stage, { sheet, rows, measures }, onDrag, signal) {
	const { model } = stage;
	const point = element("div", {
		class: "lw-point",
		role: "slider",
		tabindex: 0,
		"aria-label": "Point",
		"aria-valuemin": 0,
		"aria-valuenow": 0
	});
	let grip = null;
	function placeOf2(event) {
		const box = rows.getBoundingClientRect();
		const { across, down, size, high, head } = measures();
		const cells = cellsOf(model);
		return [
			within((event.clientY - box.top - high / 2) / down, cells.rows.count - 1),
			within((event.clientX - box.left - head - size / 2) / across, cells.columns.count - 1)
		];
	}
	sheet.addEventListener(
		"pointerdown",
		(event) => {
			if (!cellsOf(model).continuous || event.button !== 0) return;
			const onPoint = event.target === point;
			const box = event.target instanceof Element && event.target.closest(".lw-box");
			if (onPoint || box) grip = { x: event.clientX, y: event.clientY, moved: onPoint };
		},
		{ signal }
	);
	sheet.addEventListener(
		"pointermove",
		(event) => {
			if (!grip) return;
			grip.moved ||= Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > CLICK_PX;
			if (!grip.moved) return;
			if (!sheet.hasPointerCapture(event.pointerId)) {
				sheet.setPointerCapture(event.pointerId);
				onDrag();
			}
			stage.move(placeOf2(event));
		},
		{ signal }
	);
	for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
		sheet.addEventListener(
			end,
			() => {
				if (grip?.moved) stage.move(stage.at, { rest: true });
				grip = null;
			},
			{ signal }
		);
	}
	point.addEventListener(
		"keydown",
		(event) => {
			const { rows: down, columns } = cellsOf(model);
			const [row, column] = stage.at;
			const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
			const range = { low: 0, high: (vertical ? down : columns).count - 1, step: STEP };
			if (event.altKey || event.ctrlKey || event.metaKey) return;
			const moved = keyed(event.key, event.shiftKey, vertical ? row : column, range);
			if (moved === null) return;
			event.preventDefault();
			const flipped = within(2 * row - moved, down.count - 1);
			stage.move(vertical ? [flipped, column] : [row, moved], { rest: true });
		},
		{ signal }
	);
	function follow() {
		const cells = cellsOf(model);
		point.hidden = !cells.continuous;
		sheet.classList.toggle("lw-continuous", cells.continuous);
		const { across, down, size, high, head } = measures();
		const [row, column] = stage.at;
		point.style.left = `${head + column * across + size / 2}px`;
		point.style.top = `${row * down + high / 2}px`;
		point.setAttribute("aria-valuemax", String(cells.columns.count - 1));
		point.setAttribute("aria-valuenow", String(column));
		point.setAttribute("aria-valuetext", words(stage.at, cells));
	}
	rows.append(point);
	return { follow };
}
function within(place, last) {
	return Math.min(last, Math.max(0, place));
}

function block(from, to, { columns, count }) {
	const [top, bottom] = ordered(Math.floor(from / columns.count), Math.floor(to / columns.count));
	const [left, right] = ordered(from % columns.count, to % columns.count);
	const chosen = [];
	for (let row = top; row <= bottom; row++) {
		for (let column = left; column <= right; column++) {
			const index = row * columns.count + column;
			if (index < count) chosen.push(index);
		}
	}
	return chosen;
}
function choose(selection, index, anchor, keys, cells) {
	if (keys.shiftKey) {
		const others2 = block(anchor, index, cells).filter((i) => i !== index);
		return [...others2, index];
	}
	if (!keys.ctrlKey && !keys.metaKey) return [index];
	const others = selection.filter((i) => i !== index);
	return others.length < selection.length ? others : [...others, index];
}
function led(index, { key, ctrlKey, metaKey }, { columns: { count: width }, count }, page) {
	const column = index % width;
	const whole = ctrlKey || metaKey;
	const targets = {
		ArrowLeft: index - 1,
		ArrowRight: index + 1,
		ArrowUp: index - width,
		ArrowDown: index + width,
		Home: whole ? 0 : index - column,
		End: whole ? count - 1 : Math.min(count - 1, index - column + width - 1),
		PageUp: Math.max(column, index - page * width),
		PageDown: lastOf(column, width, count, index + page * width)
	};
	if (!(key in targets)) return null;
	const target = targets[key];
	return target >= 0 && target < count ? target : index;
}
function lastOf(column, width, count, index) {
	const last = Math.floor((count - 1 - column) / width) * width + column;
	return Math.min(index, last);
}
function ordered(a, b) {
	return a < b ? [a, b] : [b, a];
}

var GAP = 2;
var LEAST = 24;
var BEYOND = 2;
var LETTERS = 16;
var LETTER = 7.5;
function createSheet(stage, control, on, signal) {
	const { model } = stage;
	const rows = element("div", { class: "lw-rows", role: "presentation" });
	const axes = element("div", { class: "lw-axes" });
	const heads = element("div", { class: "lw-heads", role: "row", "aria-rowindex": 1 });
	const sheet = element(
		"div",
		{
			class: "lw-sheet",
			role: "grid",
			"aria-label": "Cells",
			"aria-multiselectable": "true"
		},
		[heads, rows]
	);
	const lines = new Map();
	let focused = 0;
	let anchor = 0;
	let aspect = 1;
	let chosen = false;
	let size = LEAST;
	let built;
	let request = 0;
	const pitch = () => ({ across: size + GAP, down: Math.round(size * aspect) + GAP });
	function headWidth() {
		const longest = Math.max(0, ...cellsOf(model).rows.names.map((name) => name.length));
		return longest && Math.ceil((Math.min(longest, LETTERS) + 1) * LETTER);
	}
	function arrange() {
		const { rows: down, columns } = cellsOf(model);
		const first = Math.floor(sheet.scrollTop / pitch().down);
		const head = headWidth();
		const room = sheet.clientWidth - head;
		const fits = Math.max(LEAST, Math.floor(room / columns.count) - GAP);
		const wanted = model.get("cell_size");
		size = chosen || room <= 0 ? wanted : Math.min(wanted, fits);
		const { across, down: high } = pitch();
		sheet.style.setProperty("--lw-cell", `${size}px`);
		sheet.style.setProperty("--lw-high", `${high - GAP}px`);
		sheet.style.setProperty("--lw-head", `${head}px`);
		sheet.style.maxHeight = `${model.get("height")}px`;
		rows.style.height = `${down.count * high - GAP}px`;
		rows.style.width = `${head + columns.count * across - GAP}px`;
		for (const [row, { line }] of lines) line.style.top = `${row * high}px`;
		if (first > 0) sheet.scrollTop = first * high;
		look();
		stage.changed();
	}
	function build() {
		built = cellsOf(model);
		const { rows: down, columns, count } = built;
		for (const row of lines.keys()) drop(row);
		focused = Math.min(focused, count - 1);
		anchor = focused;
		sheet.setAttribute("aria-rowcount", String(down.count + (columns.names.length ? 1 : 0)));
		sheet.setAttribute("aria-colcount", String(columns.count));
		axes.textContent = [titled(down, "↑"), titled(columns, "→")].filter(Boolean).join("  ·  ");
		axes.hidden = !axes.textContent;
		const corner = element("span", { class: "lw-rowhead" });
		heads.hidden = columns.names.length === 0;
		heads.replaceChildren(
			...headWidth() ? [corner] : [],
			...columns.names.map(
				(name) => element("span", { class: "lw-colhead", role: "columnheader", text: name, title: name })
			)
		);
		arrange();
	}
	function look() {
		const { down } = pitch();
		const { rows: all } = cellsOf(model);
		const top = sheet.scrollTop - (heads.hidden ? 0 : heads.offsetHeight);
		const inSight = Math.ceil(sheet.clientHeight / down);
		const first = Math.min(all.count - 1, Math.max(0, Math.floor(top / down)));
		const last = Math.min(all.count - 1, first + inSight);
		for (const row of lines.keys()) {
			if (row < first - BEYOND || row > last + BEYOND) drop(row);
		}
		for (let row = Math.max(0, first - BEYOND); row <= Math.min(all.count - 1, last + BEYOND); row++) {
			if (!lines.has(row)) add(row);
		}
		const before = control.sights.get(sheet);
		control.sights.set(sheet, { first, last, near: inSight });
		if (before?.first !== first || before.last !== last) {
			stage.filler.forget();
			stage.filler.resume();
			if (!onTheirWay(first, last)) stage.filler.flight = null;
		}
		stage.fill();
		paint();
	}
	function onTheirWay(first, last) {
		const asked = new Set(stage.filler.flight?.positions.map((at) => at.join()));
		const { columns, count } = cellsOf(model);
		for (let i = first * columns.count; i < Math.min(count, (last + 1) * columns.count); i++) {
			const at = placeOf(i, cellsOf(model));
			if (!stage.has(at) && !asked.has(at.join())) return false;
		}
		return true;
	}
	function add(row) {
		const { columns, count, rows: all } = cellsOf(model);
		const start = row * columns.count;
		const made = Array.from(
			{ length: Math.min(columns.count, count - start) },
			(_, i) => cell(start + i, i)
		);
		const name = all.names[row];
		const head = element("span", {
			class: "lw-rowhead",
			role: "rowheader",
			text: name,
			title: name
		});
		const line = element(
			"div",
			{ class: "lw-line", role: "row", "aria-rowindex": row + (heads.hidden ? 1 : 2) },
			[...name === void 0 ? [] : [head], ...made.map(({ box }) => box)]
		);
		line.style.top = `${row * pitch().down}px`;
		lines.set(row, { line, cells: made });
		rows.append(line);
		mark(made);
	}
	function drop(row) {
		lines.get(row)?.line.remove();
		lines.delete(row);
	}
	function cell(index, column) {
		const label = words(placeOf(index, cellsOf(model)), cellsOf(model));
		const canvas = element("canvas", { class: "lw-cell", width: 1, height: 1 });
		const box = element(
			"div",
			{
				class: "lw-box lw-empty",
				role: "gridcell",
				"aria-colindex": column + 1,
				"aria-label": label,
				"data-lw-index": index
			},
			[canvas]
		);
		return { index, box, canvas, painted: null };
	}
	const shown = () => [...lines.values()].flatMap(({ cells }) => cells);
	function paint() {
		for (const cell2 of shown()) {
			const at = placeOf(cell2.index, cellsOf(model));
			const frame = stage.store.get(stage.line, at);
			if (!frame) cell2.canvas.dataset.lwExact = "false";
			if (!frame || frame === cell2.painted) continue;
			if (frame.bitmap) draw(cell2, frame, at);
			else stage.readied(frame);
		}
	}
	function draw(cell2, frame, at) {
		const bitmap = (
			frame.bitmap
		);
		const { canvas, box } = cell2;
		canvas.width = bitmap.width;
		canvas.height = bitmap.height;
		canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
		canvas.classList.toggle("lw-enlarged", bitmap.width < size);
		canvas.dataset.lwValue = JSON.stringify(at);
		canvas.dataset.lwExact = String(frame.lossless);
		canvas.dataset.lwSeq = String(frame.seq);
		box.classList.remove("lw-empty");
		cell2.painted = frame;
		const ratio = bitmap.height / bitmap.width;
		if (ratio === aspect) return;
		aspect = ratio;
		arrange();
	}
	function mark(cells) {
		const selection = new Set(model.get("selection"));
		const special = new Set(cellsOf(model).marks.map(([row, column]) => `${row},${column}`));
		const here = stage.at.map(Math.round).join();
		for (const { index, box } of cells) {
			const at = placeOf(index, cellsOf(model)).join();
			box.tabIndex = index === focused ? 0 : -1;
			box.setAttribute("aria-selected", String(selection.has(index)));
			box.classList.toggle("lw-special", special.has(at));
			box.classList.toggle("lw-here", at === here);
		}
	}
	function follow() {
		paint();
		mark(shown());
	}
	function pick(index, keys) {
		select(choose(model.get("selection"), index, anchor, keys, cellsOf(model)));
		if (!keys.shiftKey) anchor = index;
		focus(index);
	}
	function select(selection) {
		model.set("selection", selection);
		model.set("selected", selection.at(-1) ?? null);
		model.save_changes();
		stage.changed();
	}
	function focus(index) {
		focused = index;
		const [row] = placeOf(index, cellsOf(model));
		const { down } = pitch();
		const above = heads.hidden ? 0 : heads.offsetHeight;
		const top = row * down;
		if (top < sheet.scrollTop) sheet.scrollTop = top;
		const bottom = top + down + above - sheet.clientHeight;
		if (bottom > sheet.scrollTop) sheet.scrollTop = bottom;
		look();
		mark(shown());
		const found = shown().find((cell2) => cell2.index === index);
		found?.box.focus({ preventScroll: true });
		found?.box.scrollIntoView({ block: "nearest", inline: "nearest" });
	}
	function indexOf(event) {
		const box = event.target instanceof Element ? event.target.closest(".lw-box") : null;
		return box instanceof HTMLElement ? Number(box.dataset.lwIndex) : null;
	}
	function press(event) {
		const { key } = event;
		const cells = cellsOf(model);
		const ctrl = event.ctrlKey || event.metaKey;
		if (event.altKey || event.defaultPrevented) return;
		const page = Math.max(1, Math.floor(sheet.clientHeight / pitch().down) - 1);
		const target = led(focused, event, cells, page);
		if (target !== null) {
			if (ctrl) focus(target);
			else pick(target, event);
		} else if (key === " ")
			pick(focused, { shiftKey: event.shiftKey, ctrlKey: true, metaKey: false });
		else if (key === "Enter") on.open(focused);
		else if (key === "Escape") select([]);
		else if (ctrl && key === "a") select(Array.from({ length: cells.count }, (_, i) => i));
		else return;
		event.preventDefault();
	}
	sheet.addEventListener("keydown", press, { signal });
	sheet.addEventListener(
		"click",
		(event) => {
			const index = indexOf(event);
			if (index !== null) pick(index, event);
		},
		{ signal }
	);
	sheet.addEventListener(
		"dblclick",
		(event) => {
			const index = indexOf(event);
			if (index !== null) on.open(index);
		},
		{ signal }
	);
	sheet.addEventListener(
		"pointermove",
		(event) => {
			if (!event.buttons) on.point(indexOf(event));
		},
		{ signal }
	);
	sheet.addEventListener("pointerleave", () => on.point(null), { signal });
	sheet.addEventListener("focusin", (event) => on.point(indexOf(event)), { signal });
	sheet.addEventListener("focusout", () => on.point(null), { signal });
	sheet.addEventListener(
		"scroll",
		() => {
			request ||= requestAnimationFrame(() => {
				request = 0;
				look();
			});
		},
		{ signal }
	);
	const sizes = new ResizeObserver(arrange);
	sizes.observe(sheet);
	signal.addEventListener("abort", () => {
		cancelAnimationFrame(request);
		sizes.disconnect();
		control.sights.delete(sheet);
	});
	return {
		sheet,
		axes,
		rows,
		follow,
		followSettings() {
			if (cellsOf(model) === built) arrange();
			else build();
		},
		resize() {
			chosen = true;
			arrange();
		},
		measures: () => ({ ...pitch(), size, high: pitch().down - GAP, head: headWidth() })
	};
}
function titled({ title, names }, arrow) {
	return title && names.length > 0 ? `${title} ${arrow}` : "";
}

var LEAST_CELL = 24;
var MOST_CELL = 256;
var index_default = () => {
	let stage;
	let control;
	return {
		initialize({ model, signal }) {
			control = createControl(model);
			stage = new Stage(model, signal, control);
		},
		render({ model, el, signal }) {
			el.replaceChildren(createView(stage, control, model, signal));
		}
	};
};
function createView(stage, control, model, signal) {
	const loupe = createLoupe(stage, signal);
	const cells = createSheet(stage, control, { point: loupe.point, open }, signal);
	const point = createPoint(stage, cells, () => loupe.point(null), signal);
	const {
		status,
		alert,
		follow: followStatus
	} = createStatus(stage, (at) => words(at, cellsOf(model)));
	const zoom = element("input", {
		type: "range",
		class: "lw-zoom",
		min: LEAST_CELL,
		max: MOST_CELL,
		"aria-label": "Size of cells"
	});
	const count = element("span", { class: "lw-count" });
	zoom.addEventListener(
		"input",
		() => {
			model.set("cell_size", zoom.valueAsNumber);
			model.save_changes();
		},
		{ signal }
	);
	const root = createRoot("latent-grid", [
		element("div", { class: "lw-columns" }, [
			element("div", { class: "lw-left" }, [
				loupe.canvas,
				loupe.caption,
				element("div", { class: "lw-tools" }, [status, createCopy(stage, signal)])
			]),
			element("div", { class: "lw-right" }, [
				cells.axes,
				cells.sheet,
				element("div", { class: "lw-tools" }, [
					count,
					element("label", { class: "lw-field" }, [element("span", { text: "Size" }), zoom])
				])
			])
		]),
		alert
	]);
	function open(index) {
		stage.move(placeOf(index, cellsOf(model)), { rest: true });
	}
	function follow() {
		loupe.follow();
		cells.follow();
		point.follow();
		const chosen = model.get("selection").length;
		const all = cellsOf(model).count.toLocaleString("en");
		count.textContent = `${all} cells${chosen ? ` · ${chosen.toLocaleString("en")} chosen` : ""}`;
		followStatus(root);
	}
	function followSettings() {
		root.style.setProperty("--lw-size", `${model.get("size")}px`);
		zoom.value = model.get("cell_size");
		zoom.max = String(Math.max(MOST_CELL, model.get("cell_size")));
		cells.followSettings();
	}
	model.on("change:cell_size", cells.resize);
	model.on("change:selection", follow);
	model.on("change", followSettings);
	followSettings();
	attach(stage, root, loupe.repaint, follow, signal);
	return root;
}
export {
	index_default as default
};
