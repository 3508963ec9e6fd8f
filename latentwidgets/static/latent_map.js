/* Built from js/src/latent_map/index.js by `make build`: change it there. */
function element(tag, attributes = {}, children = []) {
	let made = document.createElement(tag);
	for (let [name, value] of Object.entries(attributes))
		value === !1 || value === void 0 || (name === "text" ? made.textContent = String(value) : made.setAttribute(name, value === !0 ? "" : String(value)));
	return made.append(...children), made;
}
function sharpen(canvas) {
	canvas.classList.toggle("lw-enlarged", canvas.width < canvas.clientWidth);
}
var images = {
	word: "Picture",
	role: "img",
	pixels: !0,
	open: (source) => createImageBitmap(source),
	create(name, signal) {
		let canvas = element("canvas", { class: name, width: 1, height: 1 }), sizes = new ResizeObserver(() => sharpen(canvas));
		return sizes.observe(canvas), signal.addEventListener("abort", () => sizes.disconnect()), canvas;
	},
	paint(canvas, bitmap) {
		let context = canvas.getContext("2d");
		canvas.width !== bitmap.width || canvas.height !== bitmap.height ? (canvas.width = bitmap.width, canvas.height = bitmap.height, canvas.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`) : context.clearRect(0, 0, canvas.width, canvas.height), bitmap instanceof ImageData ? context.putImageData(bitmap, 0, 0) : context.drawImage(bitmap, 0, 0), sharpen(canvas);
	}
};
async function loadKind(model, signal) {
	let source = model.get("_painter");
	if (!source) return images;
	let url = URL.createObjectURL(new Blob([source], { type: "text/javascript" })), painter = await import(
		/* @vite-ignore */
		url
	);
	return URL.revokeObjectURL(url), painter.default(signal);
}
function createMenu(label, choices, onChoose, signal, unit = "") {
	let option = (value) => element("option", { value, text: value + unit }), select = element("select", { class: "lw-menu" }, choices.map(option));
	return select.addEventListener("change", () => onChoose(select.value), { signal }), { field: element("label", { class: "lw-field" }, [element("span", { text: label }), select]), select };
}
function createPainter(element2, kind, choose, isExact, signal, value = (at) => at[0]) {
	let { dataset } = element2, shown = null, waiting = !1;
	function paint() {
		if (waiting = !1, signal.aborted) return;
		let frame = choose();
		if (!frame?.bitmap) {
			dataset.lwExact = "false";
			return;
		}
		frame.bitmap !== shown && kind.paint(element2, frame.bitmap), shown = frame.bitmap, dataset.lwValue = JSON.stringify(value(frame.at)), dataset.lwExact = String(isExact(frame)), dataset.lwSeq = String(frame.seq);
	}
	return () => {
		waiting || queueMicrotask(paint), waiting = !0;
	};
}
function distance(a, b, beside = -1) {
	let most = 0;
	for (let i = 0; i < a.length; i++)
		i !== beside && (most = Math.max(most, Math.abs(a[i] - b[i])));
	return most;
}
var FrameStore = class {
	constructor(limit, open) {
		this.limit = limit, this.size = 0, this.version = 0, this.open = open, this.closed = !1, this.frames = new Map();
	}
	put(given) {
		let key = keyOf(given.line, given.at), old = this.frames.get(key), strip = given.strip || !!old?.strip;
		if (old && (old.lossless || !given.lossless))
			return old.strip = strip, old;
		let bitmap = given.source instanceof Blob ? null : given.source, frame = { ...given, strip, bitmap, opening: null };
		return (bitmap || !old?.bitmap) && this.insert(key, frame), frame;
	}
	insert(key, frame) {
		let old = this.frames.get(key);
		old && this.drop(key, old), this.frames.set(key, frame), this.version += 1, this.size += bytesOf(frame.source), frame.strip || this.dropBeside(), this.trim(frame);
	}
	get(line, at) {
		return this.frames.get(keyOf(line, at));
	}
	nearest(line, at, fits = () => !0, axis = 0) {
		let best, leastOff = 1 / 0, leastAlong = 0;
		for (let frame of this.frames.values()) {
			if (frame.line !== line || frame.at.length !== at.length || !fits(frame)) continue;
			let off = distance(frame.at, at, axis), along = Math.abs(frame.at[axis] - at[axis]), gap = off - leastOff || along - leastAlong;
			(gap < 0 || gap === 0 && frame.lossless) && (best = frame, leastOff = off, leastAlong = along);
		}
		return best;
	}
	along(line) {
		return [...this.frames.values()].filter((frame) => frame.line === line);
	}
	touch(frame) {
		let key = keyOf(frame.line, frame.at);
		this.frames.get(key) === frame && (this.frames.delete(key), this.frames.set(key, frame));
	}
	ready(frame) {
		let key = keyOf(frame.line, frame.at);
		return this.touch(frame), frame.bitmap ? Promise.resolve() : (frame.opening ??= this.open(
			frame.source
		).then(
			(bitmap) => {
				frame.opening = null;
				let kept = this.frames.get(key);
				if (this.closed || kept !== frame && (!frame.lossless || kept?.lossless)) {
					"close" in bitmap && bitmap.close();
					return;
				}
				kept !== frame && this.insert(key, frame), frame.bitmap = bitmap, this.size += openedBytes(frame), this.trim(frame);
			},
			(error) => {
				throw this.frames.get(key) === frame && this.drop(key, frame), error;
			}
		), frame.opening);
	}
	resize(limit) {
		this.limit = limit, this.trim(null);
	}
	close() {
		this.closed = !0;
		for (let [key, frame] of this.frames) this.drop(key, frame);
	}
	dropBeside() {
		let count = 0, bytes = 0;
		for (let [key, frame] of [...this.frames].reverse()) {
			if (frame.strip) continue;
			count += 1, bytes += bytesOf(frame.source), (count > 64 || bytes > 0.25 * this.limit) && count > 1 && this.drop(key, frame);
		}
	}
	trim(kept) {
		if (this.size <= this.limit) return;
		let far = (frame) => frame.line === kept?.line ? distance(frame.at, kept.at) : 1 / 0, ready = [...this.frames.values()].filter((frame) => openedBytes(frame) > 0);
		for (let frame of ready.sort((a, b) => far(b) - far(a))) {
			if (this.size <= this.limit) return;
			frame !== kept && this.shut(frame);
		}
		let held = kept ? openedBytes(kept) : 0;
		for (let [key, frame] of this.frames) {
			if (this.size - held <= this.limit) return;
			frame !== kept && this.drop(key, frame);
		}
	}
	shut(frame) {
		let { bitmap } = frame;
		!bitmap || !("close" in bitmap) || (this.size -= openedBytes(frame), bitmap.close(), frame.bitmap = null);
	}
	drop(key, frame) {
		this.shut(frame), this.size -= bytesOf(frame.source), this.version += 1, this.frames.delete(key);
	}
};
function keyOf(line, at) {
	return `${line}@${at.join()}`;
}
function openedBytes({ bitmap, source }) {
	return !bitmap || bitmap === source ? 0 : "bytes" in bitmap ? bitmap.bytes : bitmap.width * bitmap.height * 4;
}
function bytesOf(source) {
	return source instanceof Blob ? source.size : source.data.byteLength;
}
var LOST_MS = 1e4, Asker = class {
	constructor(send, now = () => performance.now()) {
		this.send = send, this.now = now, this.flight = null, this.waiting = null, this.pace = 1 / 0, this.timer = 0;
	}
	ask(question) {
		let { flight } = this, asked = flight?.line === question.line && distance(flight.at, question.at) === 0 && !this.lost;
		this.waiting = asked ? null : question, this.pump();
	}
	answered(seq, came) {
		if (this.flight?.seq !== seq) return;
		let took = this.now() - this.flight.since;
		this.flight = null, came && (this.pace = Number.isFinite(this.pace) ? 0.7 * this.pace + 0.3 * took : took), this.pump();
	}
	get busy() {
		return !!(this.flight && !this.lost || this.waiting);
	}
	get lost() {
		return this.flight !== null && this.now() - this.flight.since >= LOST_MS;
	}
	stop() {
		clearTimeout(this.timer), this.waiting = null;
	}
	pump() {
		if (!this.waiting || this.flight && !this.lost) return;
		let question = this.waiting;
		this.waiting = null, this.flight = { ...question, seq: this.send(question), since: this.now() }, clearTimeout(this.timer), this.timer = setTimeout(() => this.pump(), LOST_MS + 1);
	}
};
var Link = class {
	constructor() {
		this.seen = [], this.fast = !1;
	}
	took(bytes, ms) {
		let over = ms - bytes / 2e4;
		this.seen = [...this.seen, { bytes, over }].slice(-24);
		let quickest = this.seen.reduce((a, b) => b.over < a.over ? b : a), least = Math.min(...this.seen.map((one) => one.bytes));
		this.fast = this.seen.length >= 6 && quickest.bytes - least > 5e4;
	}
};
var BARE = "image/x-rgba;width=";
function sourceOf(data, mime) {
	if (!mime.startsWith(BARE)) return new Blob([data], { type: mime });
	let { buffer, byteOffset, byteLength } = data, pixels = new Uint8ClampedArray(buffer.slice(byteOffset, byteOffset + byteLength));
	return new ImageData(pixels, Number(mime.slice(BARE.length)));
}
var PIECE = { ms: 100, most: 24 };
function missing({ levels, thumb, at }, has) {
	let left = [...levels].filter(([t]) => !has(at(t)));
	return left.sort(([s, a], [t, b]) => a - b || Math.abs(s - thumb) - Math.abs(t - thumb)), left.map(([t]) => at(t));
}
function nextPiece(strips, has, msPerFrame, { ms, most } = PIECE) {
	let size = Math.max(1, Math.min(most, Math.floor(ms / msPerFrame))), piece = [];
	for (let strip of strips)
		if (piece.push(...missing(strip, has).slice(0, size - piece.length)), piece.length === size) break;
	return piece;
}
var MOST_ERRORS = 3, LOST_MS2 = 3e4, StripFiller = class {
	constructor(send, now = () => performance.now(), limits = PIECE) {
		this.send = send, this.now = now, this.limits = limits, this.flight = null, this.frameMs = 5, this.broken = new Set(), this.arrived = new Set(), this.errors = 0;
	}
	fill(strips, has) {
		if (this.flight && this.now() - this.flight.since < LOST_MS2 || this.errors >= MOST_ERRORS) return;
		let piece = nextPiece(
			strips,
			(at) => has(at) || this.broken.has(at.join()) || this.arrived.has(at.join()),
			this.frameMs,
			this.limits
		), positions = this.errors > 0 ? piece.slice(0, 1) : piece;
		positions.length !== 0 && (this.flight = { seq: this.send(positions), since: this.now(), positions });
	}
	answered(seq, type, ms, arrived, more = !1) {
		if (this.flight?.seq !== seq) return;
		let { positions } = this.flight;
		this.flight = more ? { ...this.flight, since: this.now() } : null;
		for (let at of arrived) this.arrived.add(at.join());
		ms !== null && (this.frameMs = Math.max(0.1, ms)), type === "error" ? (this.errors += 1, positions.length === 1 && this.broken.add(positions[0].join())) : type === "frames" && (this.errors = 0);
	}
	resume() {
		this.errors < MOST_ERRORS || (this.errors = 1, this.broken.clear());
	}
	forget() {
		this.arrived.clear();
	}
	reset() {
		this.flight = null, this.broken.clear(), this.forget(), this.errors = 0, this.frameMs = Math.max(this.frameMs, 5);
	}
};
var REST_MS = 25, JUMP_MS = 150, FAST_MS = 60, SLOW_MS = 50, REPORT_MS = 100, COPY_MS = 4e3, MEGABYTE = 2 ** 20, UNREACHED = "The kernel could not be reached. Run the cell again.", UNREADABLE = "The browser could not open a picture that the kernel sent.", Stage = class {
	constructor(model, signal, control, kind = images, store = new FrameStore(0, kind.open)) {
		this.model = model, this.control = control, this.kind = kind, this.client = Math.random().toString(36).slice(2), this.seq = 0, this.at = control.read(), this.known = this.at, this.axis = 0, this.store = store, this.store.resize(model.get("frame_memory") * MEGABYTE), this.link = new Link(), this.asker = new Asker(
			(question) => this.send({ type: "ask", fast: this.link.fast, ...question })
		), this.filler = new StripFiller(
			(positions) => this.send({ type: "strip", line: this.line, positions }),
			void 0,
			control.piece
		), this.error = "", this.refusedAt = -1, this.listeners = new Set(), this.seen = new Set(), this.restTimer = 0, this.reportTimer = 0, this.movedAt = 0, this.passed = void 0, this.passedAt = 0, this.copies = new Map(), model.on("msg:custom", (content, buffers) => this.receive(content, buffers)), model.on("change:_line", () => this.enter()), model.on("change:value", () => this.follow()), model.on("change:frame_memory", () => {
			this.store.resize(model.get("frame_memory") * MEGABYTE), this.filler.reset(), this.fill();
		}), model.on("change:strip_length", () => this.fill()), signal.addEventListener("abort", () => {
			clearTimeout(this.restTimer), clearTimeout(this.reportTimer), this.asker.stop(), this.listeners.clear(), this.store.close();
		}), this.takePicture(model.get("_picture"));
	}
	get line() {
		return this.model.get("_line");
	}
	listen(listener, signal) {
		this.listeners.add(listener), signal.addEventListener("abort", () => this.listeners.delete(listener));
	}
	changed() {
		for (let listener of this.listeners) listener();
	}
	frame() {
		let nearest = this.nearest();
		return !nearest || this.readied(nearest) ? nearest : this.nearest((frame) => frame.bitmap !== null);
	}
	nearest(fits) {
		return this.store.nearest(this.line, this.at, fits, this.axis);
	}
	readied(frame) {
		let ready = frame.bitmap !== null;
		return this.store.ready(frame).then(
			() => {
				ready || (this.changed(), this.arrived(frame));
			},
			() => this.fail(UNREADABLE)
		), ready;
	}
	arrived(frame) {
		this.isExact(frame) && this.tellNext();
	}
	isExact(frame) {
		return frame.lossless && frame.line === this.line && distance(frame.at, this.at) === 0;
	}
	get exact() {
		return !!this.store.get(this.line, this.at)?.lossless;
	}
	move(at, { rest = !1 } = {}) {
		this.at = at, this.filler.resume(), this.report(), rest ? this.settle() : (this.worthAsking() && !this.exact && this.ask(), this.settleSoon(), this.fill(), this.changed());
	}
	worthAsking() {
		let now = performance.now(), nearest = this.nearest((frame) => frame.strip);
		nearest !== this.passed && (this.passedAt = now), this.passed = nearest;
		let jump = now - this.movedAt > JUMP_MS, slow = now - this.passedAt > SLOW_MS;
		return this.movedAt = now, jump || !nearest || slow && this.asker.pace < FAST_MS;
	}
	settle() {
		clearTimeout(this.restTimer), this.exact ? (this.error = "", this.tellNext()) : this.ask(), this.filler.forget(), this.fill(), this.changed();
	}
	settleSoon() {
		clearTimeout(this.restTimer), this.restTimer = setTimeout(() => this.settle(), REST_MS);
	}
	ask() {
		this.asker.ask({ line: this.line, at: this.at });
	}
	report() {
		this.reportTimer ||= setTimeout(() => this.tell(), REPORT_MS);
	}
	tellNext() {
		this.reportTimer && setTimeout(() => this.tell());
	}
	tell() {
		clearTimeout(this.reportTimer), this.reportTimer = 0, distance(this.control.read(), this.at) !== 0 && (this.known = this.at, this.control.write(this.at), this.model.save_changes());
	}
	follow() {
		let at = this.control.read(), { known } = this;
		if (at.join() === known.join()) return;
		this.known = at;
		let merge = this.reportTimer !== 0 && at.length === known.length;
		this.at = merge ? at.map((x, i) => x === known[i] ? this.at[i] : x) : at, this.model.get("playing") || this.settleSoon(), this.changed();
	}
	enter() {
		this.follow(), this.asker.pace = 1 / 0, this.asker.flight = null, this.filler.reset(), this.settle();
	}
	see(view, visible) {
		visible ? this.seen.add(view) : this.seen.delete(view), visible && (!this.exact && !this.asker.busy && this.settle(), this.fill());
	}
	fill() {
		this.seen.size !== 0 && this.filler.fill(this.control.strips(this), (at) => this.has(at));
	}
	has(at) {
		return !!this.store.get(this.line, at);
	}
	async latentText() {
		let seq = this.send({ type: "latent", line: this.line, at: this.at }), text = await new Promise((resolve) => {
			this.copies.set(seq, resolve), setTimeout(resolve, COPY_MS);
		});
		if (this.copies.delete(seq), !text) throw new Error("the kernel did not answer. Try again.");
		return text;
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
		if (typeof answer?.of != "string") return;
		if (answer.of === "state") {
			this.fail(answer.message), this.refusedAt = this.seq;
			return;
		}
		let ours = answer.client === this.client;
		if (answer.of === "latent") {
			ours && this.copies.get(answer.seq)?.(answer.text);
			return;
		}
		let came = answer.type === "frames";
		if (came) {
			let bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
			this.link.took(bytes, Date.now() - answer.sent), this.keep(answer, buffers);
		}
		if (!answer.client.startsWith(this.client)) return;
		let asked = answer.of === "ask";
		if (answer.type === "error" ? this.fail(answer.message) : came && asked && (this.refusedAt < 0 || ours && answer.seq > this.refusedAt) && this.fail(), !!ours)
			if (asked) this.asker.answered(answer.seq, came);
			else {
				let arrived = (answer.frames ?? []).map(({ at }) => at);
				this.filler.answered(answer.seq, answer.type, answer.ms ?? null, arrived, answer.more), this.fill();
			}
	}
	keep(answer, buffers) {
		let { line, seq } = answer, strip = answer.of === "strip";
		for (let [i, { at, mime, lossless }] of [...(answer.frames ?? []).entries()].reverse()) {
			let source = sourceOf(
				buffers[i],
				mime
			), ms = answer.ms ?? 0, frame = this.store.put({ line, at, lossless, strip, seq, ms, source });
			this.readied(frame) && this.arrived(frame);
		}
		this.changed();
	}
	fail(message = "") {
		this.error = message, this.refusedAt = -1, this.changed();
	}
	takePicture(picture) {
		if (!picture) return;
		let bytes = Uint8Array.from(atob(picture.data), (letter) => letter.charCodeAt(0)), frames = [{ ...picture, lossless: !0 }];
		this.keep({ line: picture.line, seq: 0, of: "ask", frames }, [new DataView(bytes.buffer)]);
	}
};
async function copyText(text, near) {
	try {
		await navigator.clipboard.writeText(text);
		return;
	} catch {
	}
	let focused = document.activeElement, area = document.createElement("textarea");
	area.value = text, area.className = "lw-offscreen", near.append(area), area.select();
	let done = document.execCommand("copy");
	if (area.remove(), focused instanceof HTMLElement && focused.focus(), !done) throw new Error("the browser refused to copy");
}
function createRoot(kind, children) {
	let attributes = { class: `lw-root lw-${kind}`, "data-lm-suppress-shortcuts": "true" };
	return element("div", attributes, children);
}
function attach(stage, root, repaint, follow, signal) {
	let request = 0;
	stage.listen(() => {
		repaint(), request ||= requestAnimationFrame(() => {
			request = 0, follow();
		});
	}, signal);
	let sight = new IntersectionObserver((entries) => {
		stage.see(root, entries.at(-1)?.isIntersecting ?? !1);
	});
	sight.observe(root), signal.addEventListener("abort", () => {
		cancelAnimationFrame(request), sight.disconnect(), stage.see(root, !1);
	}), follow(), repaint();
}
function createCopy(stage, signal) {
	let button = element("button", { type: "button", class: "lw-button", text: "Copy latent" });
	async function copy() {
		try {
			await copyText(await stage.latentText(), button.parentElement ?? button), button.textContent = "Copied", stage.fail();
		} catch (error) {
			stage.fail(`The latent could not be copied: ${error}`);
		}
		setTimeout(() => {
			button.textContent = "Copy latent";
		}, 1500);
	}
	return button.addEventListener("click", copy, { signal }), button;
}
function createStatus(stage, words2) {
	let status = element("div", { class: "lw-status" }), alert = element("div", { class: "lw-alert", role: "alert", hidden: !0 });
	function follow(root) {
		let frame = stage.frame(), exact = !!(frame && stage.isExact(frame));
		status.dataset.lwState = exact ? "exact" : frame ? "near" : "none", status.textContent = text(exact, frame), root.ariaBusy = String(stage.asker.busy), alert.hidden = stage.error === "", alert.textContent !== stage.error && (alert.textContent = stage.error);
	}
	function text(exact, frame) {
		return frame ? exact ? frame.ms > 0 ? `exact · ${frame.ms.toFixed(frame.ms < 10 ? 1 : 0)} ms` : "exact" : `nearest: ${words2(frame.at)}` : stage.error ? "last good picture" : "decoding…";
	}
	return { status, alert, follow };
}
function shape(tag, attributes, children = []) {
	let made = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (let [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
	return made.append(...children), made;
}
function createOverlay() {
	return (
		shape("svg", { class: "lw-overlay", "aria-hidden": "true" })
	);
}
function paintMarks(overlay, toX, toY, { spot, over, path }) {
	let point = ([x, y]) => [toX(x), toY(y)], points = path.map(point), at = point(spot), ends = points.length > 0 ? [points[0], points[points.length - 1]] : [], layers = ["lw-rims", "lw-inks"].map(
		(name) => shape("g", { class: name }, [
			shape("polyline", { points: points.join(" ") }),
			...ends.map((end) => ring(end, 3, "lw-end")),
			ring(at, 8, "lw-spot"),
			...over ? [ring(point(over), 5, "lw-over")] : []
		])
	);
	overlay.replaceChildren(...layers), overlay.dataset.lwSpot = JSON.stringify(at), overlay.dataset.lwPath = JSON.stringify(points);
}
function ring([cx, cy], r, name) {
	return shape("circle", { cx, cy, r, class: name });
}
var Picker = class {
	constructor(points, stride) {
		this.points = points, this.stride = stride;
		let count = points.length / stride;
		this.side = Math.min(1024, Math.ceil(Math.sqrt(count / 2)) || 1);
		let cells = new Uint32Array(count);
		this.starts = new Uint32Array(this.side ** 2 + 1);
		for (let row = 0; row < count; row++)
			cells[row] = this.cell(points[row * stride + 1]) * this.side + this.cell(points[row * stride]), this.starts[cells[row] + 1] += 1;
		for (let i = 1; i < this.starts.length; i++) this.starts[i] += this.starts[i - 1];
		this.rows = new Uint32Array(count);
		let next = this.starts.slice();
		for (let row = 0; row < count; row++) this.rows[next[cells[row]]++] = row;
	}
	cell(place) {
		return Math.min(this.side - 1, Math.max(0, Math.floor((place + 1) / 2 * this.side)));
	}
	nearest(x, y, reach) {
		let { points, stride, side, starts, rows } = this, best = null, least = reach ** 2, right = this.cell(x + reach);
		for (let down = this.cell(y - reach); down <= this.cell(y + reach); down++) {
			let first = starts[down * side + this.cell(x - reach)], last = starts[down * side + right + 1];
			for (let i = first; i < last; i++) {
				let at = rows[i] * stride, square = (points[at] - x) ** 2 + (points[at + 1] - y) ** 2;
				square > least || square === least && best !== null || (best = rows[i], least = square);
			}
		}
		return best;
	}
};
var START_MS = 15e3, DRAG_PX = 4, REACH_PX = 8, APPLE = /mac|iphone|ipad/i.test(navigator.platform), NO_DRAWING = "The map could not be drawn: this browser gives no WebGL, or jupyter-scatter did not start.";
function createChart(options) {
	let { host, ground, onClick, onHover, marks, onMode, onSelect, onError, signal } = options, box = element("div", { class: "lw-ground" }), overlay = createOverlay(), plot = null, child = null, picker = null, request = 0, pressed = [0, 0], dragged = !1, away = 1;
	async function start() {
		child = await host.getModel(ground), child.on("change:mouse_mode", followMode), child.on("change:points", () => {
			picker = null;
		}), followMode(), await (await host.getWidget(ground)).render({ el: box, signal });
		let { api, container } = await found(box, signal);
		plot = api, api.set({ actionKeyMap: { lasso: "shift", merge: APPLE ? "meta" : "ctrl", remove: "alt" } });
		for (let name of ["select", "deselect"]) api.subscribe(name, onSelect);
		api.subscribe("draw", redraw), container.append(overlay);
		let sizes = new ResizeObserver(() => {
			box.clientWidth !== 0 && (isHome(api) && home(api), redraw());
		});
		sizes.observe(box), signal.addEventListener("abort", () => sizes.disconnect()), box.dataset.lwReady = "true", redraw();
	}
	function followMode() {
		box.dataset.lwMode = child.get("mouse_mode"), onMode(child.get("mouse_mode"));
	}
	function points() {
		let { view, shape: shape2 } = child.get("points"), { buffer, byteOffset, byteLength } = view, aligned = byteOffset % 4 === 0, bytes = aligned ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
		return {
			numbers: new Float32Array(bytes, aligned ? byteOffset : 0, byteLength / 4),
			stride: shape2[1]
		};
	}
	function under(plot2, { clientX, clientY }) {
		let { left, top } = overlay.getBoundingClientRect(), [scaleX, scaleY] = [plot2.get("xScale"), plot2.get("yScale")], x = scaleX.invert(clientX - left), y = scaleY.invert(clientY - top), reach = Math.abs(scaleX.invert(REACH_PX) - scaleX.invert(0));
		if (!picker) {
			let { numbers, stride } = points();
			picker = new Picker(numbers, stride);
		}
		return { x, y, row: picker.nearest(x, y, reach) };
	}
	function move(event) {
		let { clientX, clientY } = event;
		dragged ||= Math.hypot(clientX - pressed[0], clientY - pressed[1]) > DRAG_PX, plot && event.buttons === 0 && onHover(under(plot, event).row);
	}
	function click(event) {
		if (!plot || (event.stopPropagation(), dragged)) return;
		let { altKey } = event, { x, y, row } = under(plot, event), merge = APPLE ? event.metaKey : event.ctrlKey;
		!merge && !altKey ? onClick([x, y], row) : row !== null && plot.select([row], altKey ? { remove: !0 } : { merge });
	}
	function press({ clientX, clientY }) {
		pressed = [clientX, clientY], dragged = !1;
	}
	function isHome(plot2) {
		let [x, y] = plot2.get("cameraTarget");
		return Math.hypot(x, y, plot2.get("cameraDistance") - away) < 1e-3;
	}
	function home(plot2, options2) {
		away = Math.max(1, box.clientHeight / box.clientWidth), plot2.zoomToLocation([0, 0], away, options2);
	}
	function redraw() {
		request ||= requestAnimationFrame(() => {
			request = 0, plot && !signal.aborted && paintMarks(overlay, plot.get("xScale"), plot.get("yScale"), marks());
		});
	}
	return box.addEventListener("pointerdown", press, { signal, capture: !0 }), box.addEventListener("pointermove", move, { signal }), box.addEventListener("pointerleave", () => onHover(null), { signal }), box.addEventListener("click", click, { signal, capture: !0 }), start().catch((error) => {
		signal.aborted || onError(error.message ?? String(error));
	}), signal.addEventListener("abort", () => cancelAnimationFrame(request)), {
		box,
		redraw,
		placeOf(row) {
			if (!child) return null;
			let { numbers, stride } = points();
			return [numbers[row * stride], numbers[row * stride + 1]];
		},
		setMode(mode) {
			child?.set("mouse_mode", mode), child?.save_changes();
		},
		home() {
			plot && home(plot, { transition: !0, transitionDuration: 250 });
		},
		clear() {
			plot?.deselect();
		},
		selectColor(code) {
			if (!plot) return;
			let { numbers, stride } = points(), rows = [];
			for (let i = 0; i * stride < numbers.length; i++)
				numbers[i * stride + 2] === code && rows.push(i);
			plot.select(rows);
		}
	};
}
function found(box, signal) {
	let until = performance.now() + START_MS;
	return new Promise((resolve, reject) => {
		function look() {
			let container = (
				[...box.querySelectorAll("div")].find((one) => "api" in one)
			);
			container ? resolve({ api: container.api, container }) : signal.aborted || performance.now() > until ? reject(new Error(NO_DRAWING)) : requestAnimationFrame(look);
		}
		look();
	});
}
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
			let [centerX, centerY, half] = model.get("_frame");
			return [x * half + centerX, y * half + centerY];
		},
		place: ([x, y]) => {
			let [centerX, centerY, half] = model.get("_frame");
			return [(x - centerX) / half, (y - centerY) / half];
		}
	};
}
function createLegend(onPick, signal) {
	let legend = element("div", { class: "lw-map-legend", role: "group", "aria-label": "Colours" });
	function show({ entries, low, high, note }) {
		let amounts = low === void 0 ? [] : scale(low, high ?? ""), classes = (entries ?? []).map(({ name, color, code, count }) => {
			let label = name || "(empty)", attributes = {
				type: "button",
				class: "lw-class",
				style: `--lw-color: ${color}`,
				title: `Select the ${count.toLocaleString("en")} points of “${label}”`
			}, button = element("button", attributes, [element("span", { text: label })]);
			return button.addEventListener("click", () => onPick(code), { signal }), button;
		}), notes = note ? [element("span", { class: "lw-quiet", text: note })] : [];
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
var LINGER_MS = 300, MOST_SAID = 4096, NEAR = "what is not one of these latents is drawn between the five most like it", index_default = () => {
	let stage, control, said = new Map();
	return {
		async initialize({ model, signal }) {
			let kind = await loadKind(model, signal);
			control = createControl(model);
			let hear = ({ row, lines }) => {
				said.size >= MOST_SAID && said.clear(), said.set(row, lines);
			};
			hear(model.get("_said")), model.on("change:_line", () => said.clear());
			for (let name of ["_line", "_said"])
				model.on(`change:${name}`, () => hear(model.get("_said")));
			model.on("msg:custom", (content) => content?.said && hear(content.said)), stage = new Stage(model, signal, control, kind), model.on("change:_spot", () => stage.follow());
		},
		render({ model, el, signal, host }) {
			el.replaceChildren(createView({ model, stage, control, said, host, signal }));
		}
	};
};
function createView({ model, stage, control, said, host, signal }) {
	let scale = createScale(model), chart = createChart({
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
			pan.setAttribute("aria-pressed", String(mode !== "lasso")), lasso.setAttribute("aria-pressed", String(mode === "lasso"));
		},
		onSelect: () => save("_picks", model.get("_picks") + 1),
		onError: (message) => stage.fail(message),
		signal
	}), lingering = 0, { kind } = stage, picture = kind.create("lw-picture", signal);
	picture.setAttribute("role", kind.role);
	let repaint = createPainter(
		picture,
		kind,
		() => stage.frame(),
		(frame) => stage.isExact(frame),
		signal,
		(at) => at
	), { status, alert, follow: followStatus } = createStatus(stage, words), caption = element("div", { class: "lw-caption", "aria-live": "polite" }), side = element("div", { class: "lw-side" }, [
		picture,
		element("div", { class: "lw-words" }, [caption, status, alert, createCopy(stage, signal)])
	]), pan = button(
		"Move",
		"Drag to move the map, scroll to zoom",
		() => chart.setMode("panZoom")
	), lasso = button("Lasso", "Draw round points to select them", () => chart.setMode("lasso")), home = button("Whole map", "Show all points", () => chart.home()), layouts = createMenu("Projection", [], (name) => save("_projection", name), signal), colors = createMenu("Colour", [], (name) => save("_color", name), signal), number = element("input", {
		type: "number",
		class: "lw-number",
		min: 0,
		step: 1,
		"aria-label": "Number of the latent"
	}), going = element("label", { class: "lw-field" }, [
		element("span", { text: "Latent" }),
		number
	]);
	number.addEventListener("change", () => goTo(number.valueAsNumber), { signal }), number.addEventListener(
		"keydown",
		({ key }) => {
			key === "Enter" && goTo(number.valueAsNumber);
		},
		{ signal }
	);
	let { legend, show: showLegend } = createLegend((code) => chart.selectColor(code), signal), chosen = element("span", { class: "lw-chosen", role: "status" }), clear = button("Clear", "Select nothing", () => chart.clear()), note = element("div", { class: "lw-map-note", role: "status" }), hint = "", root = createRoot("latent-map", [
		element("div", { class: "lw-bar" }, [
			element("div", { class: "lw-modes", role: "group", "aria-label": "Mouse" }, [pan, lasso]),
			home,
			layouts.field,
			colors.field,
			going
		]),
		element("div", { class: "lw-map-top" }, [chart.box, side]),
		element("div", { class: "lw-map-below" }, [legend, element("div", {}, [chosen, clear])]),
		note
	]);
	function button(text, title, onClick) {
		let made = element("button", { type: "button", class: "lw-button", text, title });
		return made.addEventListener("click", onClick, { signal }), made;
	}
	function save(name, value) {
		model.set(name, value), model.save_changes();
	}
	function spotOf(row) {
		let place = chart.placeOf(row);
		return place && [row, ...scale.point(place)];
	}
	function hover(row) {
		row !== model.get("hovered") && save("hovered", row);
	}
	function followHovered() {
		let row = model.get("hovered");
		clearTimeout(lingering), row === null ? lingering = setTimeout(() => look(null), LINGER_MS) : look(spotOf(row));
	}
	function look(spot) {
		control.hover(spot), stage.known = control.read(), stage.move(stage.known, { rest: !0 });
	}
	function click(place, row) {
		let { stuck } = model.get("_about"), spot = row === null ? [-1, ...scale.point(place)] : spotOf(row);
		hint = row === null ? stuck : "", spot && !hint && go(spot), followAbout();
	}
	function goTo(row) {
		let { count } = model.get("_about"), spot = Number.isInteger(row) && row >= 0 && row < count ? spotOf(row) : null;
		hint = spot ? "" : `Latents are numbered from 0 to ${count - 1}.`, spot && go(spot), followAbout();
	}
	function go(spot) {
		clearTimeout(lingering), save("_spot", spot), look(null);
	}
	function follow() {
		let [row] = stage.at, lines = (said.get(row) ?? []).map(
			([name, text]) => element("div", { class: "lw-map-line" }, [
				...name ? [element("span", { class: "lw-quiet", text: name })] : [],
				element("span", { text })
			])
		);
		caption.replaceChildren(element("strong", { text: words(stage.at) }), ...lines), caption.dataset.lwRow = String(row), picture.setAttribute("aria-label", `${kind.word} of ${words(stage.at)}`);
		let [at] = model.get("_spot");
		document.activeElement !== number && (number.value = at < 0 ? "" : String(at)), followStatus(root);
	}
	function followAbout() {
		let { draws, note: more, count, name, axes, near } = model.get("_about");
		picture.hidden = status.hidden = !draws, number.max = String(count - 1);
		let other = model.get("_spot")[0] < -1 || model.get("_track").length > 0, fitting = titleOf(model.get("_fitting")), waiting = `${fitting} of ${count.toLocaleString("en")} latents is on its way; it may take a minute.`, facts = [axes.length > 0 ? `${axes[0]} across, ${axes[1]} up` : name, more, near && other && NEAR].filter(Boolean).join(" · ");
		note.textContent = hint || fitting && waiting || facts, note.dataset.lwHint = String(hint !== ""), chart.box.setAttribute("aria-busy", String(fitting !== ""));
	}
	function titleOf(name) {
		return model.get("_projections").find(([known]) => known === name)?.[1] ?? name;
	}
	function followProjections() {
		let choices = (
			model.get("_projections")
		);
		layouts.select.replaceChildren(
			...choices.map(([value, text]) => element("option", { value, text }))
		), layouts.select.value = model.get("_projection");
	}
	function followColors() {
		let options = model.get("_colors").map((text) => element("option", { text }));
		colors.select.replaceChildren(...options), colors.select.value = model.get("_color"), showLegend(model.get("_legend"));
	}
	function followSelection() {
		let count = model.get("_selected");
		chosen.textContent = count > 0 ? `${count.toLocaleString("en")} selected` : "", clear.hidden = count === 0;
	}
	function followSizes() {
		root.style.setProperty("--lw-size", `${model.get("size")}px`), root.style.setProperty("--lw-height", `${model.get("height")}px`);
	}
	for (let name of ["_spot", "_track", "_frame", "hovered"])
		model.on(`change:${name}`, chart.redraw);
	model.on("change:hovered", followHovered);
	for (let name of ["_about", "_fitting"])
		model.on(`change:${name}`, () => {
			hint = "", followAbout();
		});
	for (let name of ["_spot", "_track"]) model.on(`change:${name}`, followAbout);
	for (let name of ["_projections", "_projection"])
		model.on(`change:${name}`, followProjections);
	for (let name of ["_colors", "_color", "_legend"]) model.on(`change:${name}`, followColors);
	model.on("change:_selected", followSelection);
	for (let name of ["size", "height"]) model.on(`change:${name}`, followSizes);
	return signal.addEventListener("abort", () => clearTimeout(lingering)), followAbout(), followProjections(), followColors(), followSelection(), followSizes(), attach(stage, root, repaint, follow, signal), root;
}
function words([row]) {
	return row >= 0 ? `latent ${row}` : row === -1 ? "between the points" : "the latent that was set";
}
export {
	index_default as default
};
