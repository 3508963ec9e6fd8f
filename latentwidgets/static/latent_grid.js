/* Built from js/src/latent_grid/index.js by `make build`: change it there. */
function element(tag, attributes = {}, children = []) {
	let made = document.createElement(tag);
	for (let [name, value] of Object.entries(attributes))
		value === !1 || value === void 0 || (name === "text" ? made.textContent = String(value) : made.setAttribute(name, value === !0 ? "" : String(value)));
	return made.append(...children), made;
}
function listen(target, handlers, signal) {
	for (let [type, handler] of Object.entries(handlers))
		target.addEventListener(type, handler, { signal });
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
		let key = keyOf(given.line, given.at), old = this.frames.get(key), strip2 = given.strip || !!old?.strip;
		if (old && (old.lossless || !given.lossless))
			return old.strip = strip2, old;
		let bitmap = given.source instanceof Blob ? null : given.source, frame = { ...given, strip: strip2, bitmap, opening: null };
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
			let off = distance(frame.at, at, axis), along2 = Math.abs(frame.at[axis] - at[axis]), gap = off - leastOff || along2 - leastAlong;
			(gap < 0 || gap === 0 && frame.lossless) && (best = frame, leastOff = off, leastAlong = along2);
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
	for (let strip2 of strips)
		if (piece.push(...missing(strip2, has).slice(0, size - piece.length)), piece.length === size) break;
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
		let { line, seq } = answer, strip2 = answer.of === "strip";
		for (let [i, { at, mime, lossless }] of [...(answer.frames ?? []).entries()].reverse()) {
			let source = sourceOf(
				buffers[i],
				mime
			), ms = answer.ms ?? 0, frame = this.store.put({ line, at, lossless, strip: strip2, seq, ms, source });
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
var PIECE2 = { ms: 1 / 0, most: 2048 };
function createControl(model) {
	let sights = new Map();
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
function within(place, last) {
	return Math.min(last, Math.max(0, place));
}
function strip(cells, { first, last, near }) {
	let columns = cells.columns.count, end = Math.min(cells.count, (last + 1 + near) * columns), levels = new Map();
	for (let i = Math.max(0, (first - near) * columns); i < end; i++)
		levels.set(i, i >= first * columns && i < (last + 1) * columns ? 0 : 1);
	return { levels, thumb: first * columns, at: (i) => placeOf(i, cells) };
}
function placeOf(index, { columns: { count } }) {
	return [Math.floor(index / count), index % count];
}
function markOf([row, column], { marks }) {
	return marks.find(([y, x]) => y === row && x === column);
}
function words(at, cells) {
	let [row, column] = at, mark = markOf(at, cells);
	return mark ? mark[2] : [along(row, cells.rows), along(column, cells.columns)].filter(Boolean).join(", ") || `cell ${row * cells.columns.count + column}`;
}
function along(place, { title, names, ticks, unit }) {
	if (ticks.length === 0) return names[Math.round(place)] ?? "";
	let low = Math.min(Math.floor(place), ticks.length - 1), high = Math.min(low + 1, ticks.length - 1), number = ticks[low] + (place - low) * (ticks[high] - ticks[low]), text = `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;
	return `${title} ${text} ${unit}`.trim();
}
function createPainter(element2, kind, choose2, isExact, signal, value = (at) => at[0]) {
	let { dataset } = element2, shown = null, waiting = !1;
	function paint() {
		if (waiting = !1, signal.aborted) return;
		let frame = choose2();
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
var DWELL_MS = 150;
function createLoupe(stage, signal) {
	let { kind } = stage, picture = kind.create("lw-picture", signal);
	picture.role = kind.role;
	let caption = element("div", { class: "lw-caption" }), pointed = null, timer = 0;
	function choose2() {
		let frame = pointed && stage.store.get(stage.line, pointed);
		return frame ? stage.readied(frame) ? frame : void 0 : stage.frame();
	}
	let repaint = createPainter(
		picture,
		kind,
		choose2,
		(frame) => pointed ? frame.lossless : stage.isExact(frame),
		signal,
		(at) => at
	);
	function point(index) {
		let place = index === null ? null : placeOf(index, cellsOf(stage.model));
		place?.join() !== pointed?.join() && (clearTimeout(timer), pointed = place, follow(), repaint(), pointed && !stage.store.get(stage.line, pointed)?.lossless && (timer = setTimeout(askExact, DWELL_MS)));
	}
	function askExact() {
		let client = `${stage.client}-loupe`;
		stage.send({ type: "ask", line: stage.line, at: pointed, fast: stage.link.fast, client });
	}
	function follow() {
		let said = words(pointed ?? stage.at, cellsOf(stage.model));
		caption.textContent = said, picture.ariaLabel = `${kind.word}, ${said}`;
	}
	return signal.addEventListener("abort", () => clearTimeout(timer)), { picture, caption, point, follow, repaint };
}
function keyed(key, fine, value, { low, high, step }) {
	let near = fine ? step / 10 : step, page = step * 10, targets = {
		ArrowRight: value + near,
		ArrowUp: value + near,
		ArrowLeft: value - near,
		ArrowDown: value - near,
		PageUp: value + page,
		PageDown: value - page,
		Home: low,
		End: high
	};
	return key in targets ? Math.min(high, Math.max(low, Math.round(targets[key] * 1e3) / 1e3)) : null;
}
var CLICK_PX = 4, STEP = 0.1;
function createPoint(stage, { sheet, rows, measures }, onDrag, signal) {
	let { model } = stage, point = element("div", {
		class: "lw-point",
		role: "slider",
		tabindex: 0,
		"aria-label": "Point",
		"aria-valuemin": 0
	}), grip = null;
	function placeOf2(event) {
		let box = rows.getBoundingClientRect(), { across, down, size, high, head } = measures(), cells = cellsOf(model);
		return [
			within((event.clientY - box.top - high / 2) / down, cells.rows.count - 1),
			within((event.clientX - box.left - head - size / 2) / across, cells.columns.count - 1)
		];
	}
	function take(event) {
		if (!cellsOf(model).continuous || event.button !== 0) return;
		let onPoint = event.target === point, box = event.target instanceof Element && event.target.closest(".lw-box");
		(onPoint || box) && (grip = { x: event.clientX, y: event.clientY, moved: onPoint });
	}
	function drag(event) {
		grip && (grip.moved ||= Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > CLICK_PX, grip.moved && (sheet.hasPointerCapture(event.pointerId) || (sheet.setPointerCapture(event.pointerId), onDrag()), stage.move(placeOf2(event))));
	}
	function release() {
		grip?.moved && stage.move(stage.at, { rest: !0 }), grip = null;
	}
	function press(event) {
		let { rows: down, columns } = cellsOf(model), [row, column] = stage.at, vertical = event.key === "ArrowUp" || event.key === "ArrowDown", range = { low: 0, high: (vertical ? down : columns).count - 1, step: STEP };
		if (event.altKey || event.ctrlKey || event.metaKey) return;
		let moved = keyed(event.key, event.shiftKey, vertical ? row : column, range);
		if (moved === null) return;
		event.preventDefault();
		let flipped = within(2 * row - moved, down.count - 1);
		stage.move(vertical ? [flipped, column] : [row, moved], { rest: !0 });
	}
	function follow() {
		let cells = cellsOf(model);
		point.hidden = !cells.continuous, sheet.classList.toggle("lw-continuous", cells.continuous);
		let { across, down, size, high, head } = measures(), [row, column] = stage.at;
		point.style.left = `${head + column * across + size / 2}px`, point.style.top = `${row * down + high / 2}px`, point.ariaValueMax = String(cells.columns.count - 1), point.ariaValueNow = String(column), point.ariaValueText = words(stage.at, cells);
	}
	return listen(
		sheet,
		{
			pointerdown: take,
			pointermove: drag,
			pointerup: release,
			pointercancel: release,
			lostpointercapture: release
		},
		signal
	), point.addEventListener("keydown", press, { signal }), rows.append(point), { follow };
}
function block(from, to, { columns, count }) {
	let row = (i) => Math.floor(i / columns.count), column = (i) => i % columns.count;
	return Array.from({ length: count }, (_, i) => i).filter(
		(i) => [row, column].every((of) => (of(i) - of(from)) * (of(i) - of(to)) <= 0)
	);
}
function choose(selection, index, anchor, keys, cells) {
	if (keys.shiftKey)
		return [...block(anchor, index, cells).filter((i) => i !== index), index];
	if (!keys.ctrlKey && !keys.metaKey) return [index];
	let others = selection.filter((i) => i !== index);
	return others.length < selection.length ? others : [...others, index];
}
function led(index, { key, ctrlKey, metaKey }, { columns: { count: width }, count }, page) {
	let column = index % width, whole = ctrlKey || metaKey, last = Math.floor((count - 1 - column) / width) * width + column, targets = {
		ArrowLeft: index - 1,
		ArrowRight: index + 1,
		ArrowUp: index - width,
		ArrowDown: index + width,
		Home: whole ? 0 : index - column,
		End: whole ? count - 1 : Math.min(count - 1, index - column + width - 1),
		PageUp: Math.max(column, index - page * width),
		PageDown: Math.min(index + page * width, last)
	};
	if (!(key in targets)) return null;
	let target = targets[key];
	return target >= 0 && target < count ? target : index;
}
var WIDEST = 4096;
function createMosaic(count, scratch) {
	let root = element("div", { class: "lw-mosaic" }), contexts = [], each = 1, cell = { across: 0, width: 0, height: 0 };
	function resize({ across, size, high }) {
		let ratio = devicePixelRatio, [width, height] = [size, high].map((length) => Math.round(length * ratio));
		return across * ratio === cell.across && height === cell.height ? !1 : (cell = { across: across * ratio, width, height }, each = Math.max(1, Math.floor(WIDEST / cell.across)), root.replaceChildren(), contexts = Array.from({ length: Math.ceil(count / each) }, (_, i) => {
			let cells = Math.min(each, count - i * each), width2 = Math.round(cells * cell.across), canvas = element("canvas", { width: width2, height: cell.height });
			return canvas.style.width = `${cells * across}px`, root.append(canvas), 
			canvas.getContext("2d");
		}), !0);
	}
	function draw(i, picture) {
		let context = contexts[Math.floor(i / each)], { width, height } = cell, x = Math.round(i % each * cell.across), pixels = picture instanceof ImageData;
		pixels && (scratch.width !== picture.width && (scratch.width = picture.width), scratch.height !== picture.height && (scratch.height = picture.height), scratch.getContext("2d")?.putImageData(picture, 0, 0)), context.clearRect(x, 0, width, height), context.imageSmoothingEnabled = picture.width > width, context.imageSmoothingQuality = "medium", context.drawImage(pixels ? scratch : picture, x, 0, width, height);
	}
	return { root, resize, draw };
}
function createRow(stage, row, position, scratch, onDraw) {
	let { kind, model } = stage, all = cellsOf(model), start = row * all.columns.count, count = Math.min(all.columns.count, all.count - start), lifetime = new AbortController(), cells = Array.from({ length: count }, (_, i) => cell(start + i)), boxes = cells.map(({ box }) => box), mosaic = kind.pixels ? createMosaic(count, scratch) : null, shown = mosaic ? [] : boxes.map(fill), name = all.rows.names[row], line = element("div", { class: "lw-line", role: "row", "aria-rowindex": position }, boxes);
	if (name !== void 0) {
		let head = { class: "lw-rowhead", role: "rowheader", text: name, title: name };
		line.prepend(element("span", head));
	}
	mosaic && line.prepend(mosaic.root);
	function cell(index) {
		let at = placeOf(index, all), box = element("div", {
			class: `lw-box lw-blank${markOf(at, all) ? " lw-special" : ""}`,
			role: "gridcell",
			"aria-colindex": at[1] + 1,
			"aria-label": words(at, all),
			"data-lw-index": index,
			"data-lw-value": JSON.stringify(at),
			"data-lw-exact": "false"
		});
		return { at, box, painted: (
			null
		) };
	}
	function fill(box) {
		let made = kind.create("lw-cell", lifetime.signal, !0);
		return box.append(made), made;
	}
	function paint() {
		for (let [i, cell2] of cells.entries()) {
			let { at, box, painted } = cell2;
			if (painted?.lossless && painted.line === stage.line) continue;
			let frame = stage.store.get(stage.line, at);
			if (!frame && painted && (box.dataset.lwExact = "false"), !(!frame || frame === painted)) {
				if (!frame.bitmap) {
					stage.readied(frame);
					continue;
				}
				onDraw(frame.bitmap), mosaic ? mosaic.draw(
					i,
					frame.bitmap
				) : kind.paint(shown[i], frame.bitmap), box.dataset.lwExact = String(frame.lossless), box.dataset.lwSeq = String(frame.seq), painted || box.classList.remove("lw-blank"), cell2.painted = frame;
			}
		}
	}
	function mark({ focused, selection, here }) {
		for (let [i, { at, box }] of cells.entries()) {
			let index = start + i;
			box.tabIndex = index === focused ? 0 : -1, box.ariaSelected = String(selection.has(index)), box.classList.toggle("lw-here", at.join() === here);
		}
	}
	function arrange(sizes) {
		if (line.style.top = `${row * sizes.down}px`, !mosaic?.resize(sizes)) return !1;
		for (let cell2 of cells)
			cell2.painted = null, cell2.box.classList.add("lw-blank"), cell2.box.dataset.lwExact = "false";
		return paint(), !0;
	}
	return {
		line,
		paint,
		mark,
		arrange,
		box: (index) => boxes[index - start],
		drop() {
			lifetime.abort(), line.remove();
		}
	};
}
var GAP = 2, LEAST = 24, BEYOND = 2, LETTERS = 16, LETTER = 7.5;
function createSheet(stage, control, on, signal) {
	let { model } = stage, rows = element("div", { class: "lw-rows" }), axes = element("div", { class: "lw-axes" }), heads = element("div", { class: "lw-heads", role: "row", "aria-rowindex": 1 }), sheet = element(
		"div",
		{
			class: "lw-sheet",
			role: "grid",
			"aria-label": "Cells",
			"aria-multiselectable": "true"
		},
		[heads, rows]
	), lines = new Map(), scratch = element("canvas"), focused = 0, anchor = 0, aspect = stage.kind.pixels ? 1 : 2 / 3, chosen = !1, size = LEAST, head = 0, built, request = 0, marked = [];
	function measures() {
		let high = Math.round(size * aspect);
		return { size, high, across: size + GAP, down: high + GAP, head };
	}
	function arrange() {
		let { rows: down, columns } = cellsOf(model), { down: before } = measures(), first = Math.floor(sheet.scrollTop / before), room = sheet.clientWidth - head, fits = Math.max(LEAST, Math.floor(room / columns.count) - GAP), wanted = model.get("cell_size");
		size = chosen || room <= 0 ? wanted : Math.min(wanted, fits);
		let sizes2 = measures();
		for (let [name, length] of Object.entries({ cell: size, high: sizes2.high, head }))
			sheet.style.setProperty(`--lw-${name}`, `${length}px`);
		sheet.style.scrollPadding = `${heads.offsetHeight}px 0 0 ${head}px`, sheet.style.maxHeight = `${model.get("height")}px`, rows.style.height = `${down.count * sizes2.down - GAP}px`, rows.style.width = `${head + columns.count * sizes2.across - GAP}px`, [...lines.values()].filter((line) => line.arrange(sizes2)).length && stage.filler.forget(), first > 0 && (sheet.scrollTop = first * sizes2.down), look(), stage.changed();
	}
	function build() {
		built = cellsOf(model);
		let { rows: down, columns, count } = built;
		for (let row of lines.keys()) drop(row);
		let longest = Math.max(0, ...down.names.map((name) => name.length));
		head = longest && Math.ceil((Math.min(longest, LETTERS) + 1) * LETTER), focused = Math.min(focused, count - 1), anchor = focused, sheet.ariaRowCount = String(down.count + (columns.names.length ? 1 : 0)), sheet.ariaColCount = String(columns.count), axes.textContent = [titled(down, "↑"), titled(columns, "→")].filter(Boolean).join("  ·  "), axes.hidden = !axes.textContent, heads.hidden = !columns.names.length, heads.replaceChildren(
			...head ? [element("span", { class: "lw-rowhead" })] : [],
			...columns.names.map(
				(name) => element("span", { class: "lw-colhead", role: "columnheader", text: name, title: name })
			)
		), arrange();
	}
	function look() {
		let { down } = measures(), { rows: all } = cellsOf(model), top = sheet.scrollTop - heads.offsetHeight, inSight = Math.ceil((sheet.clientHeight || model.get("height")) / down), first = within(Math.floor(top / down), all.count - 1), last = within(first + inSight, all.count - 1), begin = Math.max(0, first - BEYOND), end = within(last + BEYOND, all.count - 1);
		for (let row of lines.keys()) (row < begin || row > end) && drop(row);
		for (let row = begin; row <= end; row++) lines.has(row) || add(row);
		let before = control.sights.get(sheet);
		control.sights.set(sheet, { first, last, near: inSight }), (before?.first !== first || before.last !== last) && (stage.filler.forget(), stage.filler.resume(), stage.filler.flight = null), stage.fill(), follow();
	}
	function soon(act) {
		request ||= requestAnimationFrame(() => {
			request = 0, act();
		});
	}
	function add(row) {
		let line = createRow(stage, row, row + (heads.hidden ? 1 : 2), scratch, fit);
		lines.set(row, line), rows.append(line.line), line.arrange(measures()), marked = [];
	}
	function drop(row) {
		lines.get(row)?.drop(), lines.delete(row);
	}
	function fit(opened) {
		if (!("width" in opened)) return;
		let ratio = opened.height / opened.width;
		ratio !== aspect && (aspect = ratio, cancelAnimationFrame(request), request = 0, soon(arrange));
	}
	function follow() {
		for (let line of lines.values()) line.paint();
		let now = [focused, model.get("selection"), stage.at.join()];
		if (now.every((one, i) => one === marked[i])) return;
		marked = now;
		let here = stage.at.map(Math.round).join(), selection = new Set(model.get("selection"));
		for (let line of lines.values()) line.mark({ focused, selection, here });
	}
	function pick(index, keys) {
		select(choose(model.get("selection"), index, anchor, keys, cellsOf(model))), keys.shiftKey || (anchor = index), focus(index);
	}
	function select(selection) {
		model.set("selection", selection), model.set("selected", selection.at(-1) ?? null), model.save_changes(), stage.changed();
	}
	function focus(index) {
		focused = index;
		let [row] = placeOf(index, cellsOf(model));
		lines.has(row) || add(row);
		let box = lines.get(row)?.box(index);
		box?.scrollIntoView({ block: "nearest", inline: "nearest" }), look(), box?.focus({ preventScroll: !0 });
	}
	function indexOf(event) {
		let box = event.target instanceof Element ? event.target.closest(".lw-box") : null;
		return box instanceof HTMLElement ? Number(box.dataset.lwIndex) : null;
	}
	function point(event) {
		event.buttons || on.point(indexOf(event));
	}
	function onCell(act) {
		return (event) => {
			let index = indexOf(event);
			index !== null && act(index, event);
		};
	}
	function press(event) {
		let { key } = event, cells = cellsOf(model), ctrl = event.ctrlKey || event.metaKey;
		if (event.altKey || event.defaultPrevented) return;
		let page = Math.max(1, Math.floor(sheet.clientHeight / measures().down) - 1), target = led(focused, event, cells, page);
		if (target !== null)
			ctrl ? focus(target) : pick(target, event);
		else if (key === " ")
			pick(focused, { shiftKey: event.shiftKey, ctrlKey: !0, metaKey: !1 });
		else if (key === "Enter") on.open(focused);
		else if (key === "Escape") select([]);
		else if (ctrl && key === "a") select(Array.from({ length: cells.count }, (_, i) => i));
		else return;
		event.preventDefault();
	}
	let leave = () => on.point(null);
	listen(
		sheet,
		{
			keydown: press,
			click: onCell(pick),
			dblclick: onCell(on.open),
			pointermove: point,
			pointerleave: leave,
			focusin: point,
			focusout: leave,
			scroll: () => soon(look)
		},
		signal
	);
	let sizes = new ResizeObserver(() => sheet.clientWidth && arrange());
	return sizes.observe(sheet), signal.addEventListener("abort", () => {
		cancelAnimationFrame(request), sizes.disconnect();
		for (let row of lines.keys()) drop(row);
		control.sights.delete(sheet);
	}), {
		sheet,
		axes,
		rows,
		follow,
		followSettings() {
			cellsOf(model) === built ? arrange() : build();
		},
		resize() {
			chosen = !0, arrange();
		},
		measures
	};
}
function titled({ title, names }, arrow) {
	return title && names.length ? `${title} ${arrow}` : "";
}
var MOST_CELL = 256, index_default = () => {
	let stage, control;
	return {
		async initialize({ model, signal }) {
			control = createControl(model), stage = new Stage(model, signal, control, await loadKind(model, signal));
		},
		render({ model, el, signal }) {
			el.replaceChildren(createView(stage, control, model, signal));
		}
	};
};
function createView(stage, control, model, signal) {
	let loupe = createLoupe(stage, signal), cells = createSheet(stage, control, { point: loupe.point, open }, signal), point = createPoint(stage, cells, () => loupe.point(null), signal), {
		status,
		alert,
		follow: followStatus
	} = createStatus(stage, (at) => words(at, cellsOf(model))), zoom = element("input", {
		type: "range",
		class: "lw-zoom",
		min: LEAST,
		max: MOST_CELL
	}), count = element("span", { class: "lw-count" });
	zoom.addEventListener(
		"input",
		() => {
			model.set("cell_size", zoom.valueAsNumber), model.save_changes();
		},
		{ signal }
	);
	let root = createRoot("latent-grid", [
		element("div", { class: "lw-columns" }, [
			element("div", { class: "lw-left" }, [
				loupe.picture,
				loupe.caption,
				element("div", { class: "lw-tools" }, [status, createCopy(stage, signal)])
			]),
			element("div", { class: "lw-right" }, [
				cells.axes,
				cells.sheet,
				element("div", { class: "lw-tools" }, [
					count,
					element("label", { class: "lw-field" }, ["Size", zoom])
				])
			])
		]),
		alert
	]);
	function open(index) {
		stage.move(placeOf(index, cellsOf(model)), { rest: !0 });
	}
	function follow() {
		loupe.follow();
		let { width = 0 } = (
			loupe.picture
		);
		zoom.max = String(Math.max(MOST_CELL, model.get("cell_size"), width)), zoom.value = model.get("cell_size"), cells.follow(), point.follow();
		let chosen = model.get("selection").length, all = cellsOf(model).count.toLocaleString("en");
		count.textContent = `${all} cells${chosen ? ` · ${chosen} chosen` : ""}`, followStatus(root);
	}
	function followSettings() {
		root.style.setProperty("--lw-size", `${model.get("size")}px`), cells.followSettings();
	}
	return model.on("change:cell_size", cells.resize), model.on("change:selection", follow), model.on("change", followSettings), followSettings(), attach(stage, root, loupe.repaint, follow, signal), root;
}
export {
	index_default as default
};
