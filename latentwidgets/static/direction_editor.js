/* Built from js/src/direction_editor/index.js by `make build`: change it there. */
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
function icon(path) {
	let namespace = "http://www.w3.org/2000/svg", svg = document.createElementNS(namespace, "svg");
	svg.setAttribute("viewBox", "0 0 16 16"), svg.setAttribute("class", "lw-icon"), svg.setAttribute("aria-hidden", "true");
	let drawn = document.createElementNS(namespace, "path");
	return drawn.setAttribute("d", path), svg.append(drawn), svg;
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
function stripLevels(length, first, msPerFrame) {
	let levels = new Map(first.map((t) => [t, 0])), intervals = length - 1, deepest = Math.ceil(Math.log2(Math.max(1, intervals)));
	for (let level = 0; level <= deepest; level++) {
		let step = 2 ** (deepest - level), count = Math.ceil(intervals / step) + 1;
		if (level > 3 && count * msPerFrame > 3e4) break;
		for (let i = 0; i <= intervals; i += step)
			levels.has(i / intervals) || levels.set(i / intervals, level);
		levels.has(1) || levels.set(1, level);
	}
	return levels;
}
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
	let button2 = element("button", { type: "button", class: "lw-button", text: "Copy latent" });
	async function copy() {
		try {
			await copyText(await stage.latentText(), button2.parentElement ?? button2), button2.textContent = "Copied", stage.fail();
		} catch (error) {
			stage.fail(`The latent could not be copied: ${error}`);
		}
		setTimeout(() => {
			button2.textContent = "Copy latent";
		}, 1500);
	}
	return button2.addEventListener("click", copy, { signal }), button2;
}
function createStatus(stage, words) {
	let status = element("div", { class: "lw-status" }), alert = element("div", { class: "lw-alert", role: "alert", hidden: !0 });
	function follow(root) {
		let frame = stage.frame(), exact = !!(frame && stage.isExact(frame));
		status.dataset.lwState = exact ? "exact" : frame ? "near" : "none", status.textContent = text(exact, frame), root.ariaBusy = String(stage.asker.busy), alert.hidden = stage.error === "", alert.textContent !== stage.error && (alert.textContent = stage.error);
	}
	function text(exact, frame) {
		return frame ? exact ? frame.ms > 0 ? `exact · ${frame.ms.toFixed(frame.ms < 10 ? 1 : 0)} ms` : "exact" : `nearest: ${words(frame.at)}` : stage.error ? "last good picture" : "decoding…";
	}
	return { status, alert, follow };
}
var IDLE_MS = 250, DEEPEST = 4, MOST_MS = 3e4, NEAR = 16;
function createControl(model) {
	return {
		idle: !1,
		read() {
			let value = model.get("value");
			return names(model).map((name) => value[name] ?? 0);
		},
		write: (at) => model.set("value", byName(model, at)),
		*strips(stage) {
			let { length } = stage.at;
			stage.axis >= length && (stage.axis = 0);
			let fine = stripLevels(model.get("strip_length"), [], stage.filler.frameMs);
			if (yield strip(stage, stage.axis, fine), !this.idle) return;
			for (let frame of stage.store.along(stage.line))
				distance(frame.at, stage.at, stage.axis) === 0 && stage.store.touch(frame);
			let near = [...stage.at.keys()].filter((axis) => Math.abs(axis - stage.axis) <= NEAR);
			for (let level = 0; level <= DEEPEST; level++) {
				let coarse = new Map([...fine].filter(([, of]) => of <= level));
				if (coarse.size * near.length * stage.filler.frameMs > MOST_MS) return;
				for (let axis of near) yield strip(stage, axis, coarse);
			}
		}
	};
}
function refreshWhileIdle(stage, control, onIdle, signal) {
	let timer = 0, at = [];
	function wait() {
		stage.at !== at && (at = stage.at, control.idle = !1, clearTimeout(timer), timer = setTimeout(() => {
			control.idle = !0, stage.fill(), stage.seen.size > 0 && onIdle();
		}, IDLE_MS));
	}
	stage.listen(wait, signal), signal.addEventListener("abort", () => clearTimeout(timer)), wait();
}
function grab(stage, axis) {
	axis !== stage.axis && (stage.axis = axis, stage.passed = void 0, stage.filler.flight = null, stage.fill(), stage.changed());
}
function moveAlong(stage, axis, amount, rest) {
	grab(stage, axis), stage.move(replaced(stage.at, axis, amount), { rest });
}
function placesOfFrames(stage) {
	let ranges = stage.model.get("_ranges"), places = ranges.map(() => []);
	for (let { at } of stage.store.along(stage.line)) {
		if (at.length !== ranges.length) continue;
		let moved = at.flatMap((x, axis) => x === stage.at[axis] ? [] : [axis]);
		if (!(moved.length > 1))
			for (let axis of moved.length ? moved : places.keys()) {
				let [low, high] = ranges[axis];
				places[axis].push((at[axis] - low) / (high - low));
			}
	}
	return places;
}
function byName(model, at) {
	return Object.fromEntries(names(model).map((name, i) => [name, at[i]]));
}
function readings(model, at) {
	let starts = model.get("_starts"), moved = [...at.keys()].filter((j) => at[j] !== starts[0][j]);
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
	let [low, high] = stage.model.get("_ranges")[axis], { at } = stage;
	return {
		levels,
		thumb: (at[axis] - low) / (high - low),
		at: (t) => replaced(at, axis, low + t * (high - low))
	};
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
function createSlider(options) {
	let { label, initial, current, words, digits, farthest = 0, onMove, onKey, signal } = options, { scale } = options, range = element("input", {
		type: "range",
		class: "lw-slider",
		step: "any",
		"aria-label": label
	}), number = element("input", {
		type: "number",
		class: "lw-number",
		step: 10 ** -digits,
		"aria-label": `${label}, as a number`
	}), buffer = element("div", { class: "lw-buffer", "aria-hidden": "true" }), track = element("div", { class: "lw-track" }, [buffer, range]), drawn = "", shown = initial();
	function move(value, rest) {
		show(value), onMove(value, rest);
	}
	function press(event) {
		if (event.ctrlKey || event.altKey || event.metaKey) return;
		let value = keyed(event.key, event.shiftKey, current(), scale);
		if (value !== null) move(value, !0);
		else if (!onKey(event.key)) return;
		event.preventDefault();
	}
	listen(
		range,
		{
			input: () => move(range.valueAsNumber, !1),
			change: () => move(range.valueAsNumber, !0),
			dblclick: () => move(initial(), !0),
			keydown: press
		},
		signal
	);
	function take() {
		let value = number.valueAsNumber, [low, high] = [Math.min(scale.low, -farthest), Math.max(scale.high, farthest)];
		Number.isFinite(value) && move(Math.min(high, Math.max(low, value)), !0), number.value = shown.toFixed(digits);
	}
	number.addEventListener("change", take, { signal }), number.addEventListener("keydown", (event) => event.key === "Enter" && take(), { signal });
	function show(value) {
		shown = value, range.value = String(value), range.ariaValueText = words(value), number.matches(":focus") || (number.value = value.toFixed(digits));
	}
	function setScale(given) {
		scale = given, range.min = String(scale.low), range.max = String(scale.high);
	}
	function setBuffer(positions, reach) {
		let gradient = bufferedGradient(positions, reach);
		gradient !== drawn && (buffer.style.backgroundImage = drawn = gradient), buffer.dataset.lwFrames = String(positions.length);
	}
	return setScale(scale), { track, number, range, show, setScale, setBuffer };
}
function bufferedGradient(positions, reach) {
	let stretches = [];
	for (let t of [...positions].sort((a, b) => a - b)) {
		let last = stretches.at(-1);
		last && t - reach <= last[1] + 1e-9 ? last[1] = Math.min(1, t + reach) : stretches.push([Math.max(0, t - reach), Math.min(1, t + reach)]);
	}
	let full = "var(--lw-buffered)", stops = stretches.flatMap(([from, to]) => {
		let [a, b] = [percent(from), percent(to)];
		return [`transparent ${a}`, `${full} ${a}`, `${full} ${b}`, `transparent ${b}`];
	});
	return stops.length > 0 ? `linear-gradient(to right, ${stops.join(", ")})` : "none";
}
function percent(t) {
	return `${Number((100 * t).toFixed(3))}%`;
}
var STEP = 0.1, DIGITS = 2, LITTLE = 0.25, NOTHING = 5e-3, FARTHEST = 1e3, OPEN = "M5 7V5a3 3 0 0 1 5.8-1h1.6A4.5 4.5 0 0 0 3.5 5v2H3v7h10V7zM8 9a1 1 0 0 1 .7 1.7V12H7.3v-1.3A1 1 0 0 1 8 9z", SHUT = "M3.5 7V5a4.5 4.5 0 0 1 9 0v2h.5v7H3V7zM5 7h6V5a3 3 0 0 0-6 0zm3 2a1 1 0 0 1 .7 1.7V12H7.3v-1.3A1 1 0 0 1 8 9z", BACK = "M8 3V.5L4.5 4 8 7.5V4.5a3.75 3.75 0 1 1-3.75 3.75h-1.5A5.25 5.25 0 1 0 8 3z", EYE = "M8 3C4.5 3 2 5.5.8 8c1.2 2.5 3.7 5 7.2 5s6-2.5 7.2-5C14 5.5 11.5 3 8 3zm0 8.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7zM8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z";
function createRow(stage, about, axis, on, signal) {
	let { model } = stage, { name } = about, slider = createSlider({
		label: name,
		scale: scaleOf(),
		initial: origin,
		current: () => stage.at[axis],
		words: (amount) => `${name} ${sigmas(amount)}`,
		digits: DIGITS,
		farthest: FARTHEST,
		onMove: (amount, rest) => moveAlong(stage, axis, amount, rest),
		onKey: (key) => (key === "0" || key === "Delete") && reset(),
		signal
	}), zero = element("div", { class: "lw-zero" }), ticks = element("div", { class: "lw-readings" });
	slider.track.prepend(zero), slider.track.append(ticks);
	let still = `Hold ${name} still`, hold = element("input", { type: "checkbox", "aria-label": still }), holder = element("label", { class: "lw-hold", title: still }, [
		hold,
		icon(OPEN),
		icon(SHUT)
	]), back = button("lw-reset", BACK, `Reset ${name}`), hide = button("lw-hide", EYE, `Hide ${name}: its edit stays`);
	back.tabIndex = -1;
	let warn = element("span", { class: "lw-warn", text: "⚠", tabindex: 0, role: "img" }), tip = element("div", { class: "lw-tip" }), row = element("div", { class: "lw-row", role: "group", "aria-label": name }, [
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
	for (let type of ["pointerdown", "focus"])
		slider.range.addEventListener(type, () => grab(stage, axis), { signal });
	back.addEventListener("click", reset, { signal }), hide.addEventListener("click", on.hide, { signal }), warn.addEventListener("focus", () => tip.scrollIntoView({ block: "nearest" }), { signal }), hold.addEventListener("change", () => on.hold(name, hold.checked), { signal });
	function scaleOf() {
		let [low, high] = model.get("_ranges")[axis];
		return { low, high, step: STEP };
	}
	function origin() {
		return model.get("_origin")[axis];
	}
	function place(amount) {
		let { low, high } = scaleOf();
		return Math.min(1, Math.max(0, (amount - low) / (high - low)));
	}
	function reset() {
		return moveAlong(stage, axis, origin(), !0), !0;
	}
	function followSettings() {
		slider.setScale(scaleOf()), zero.style.setProperty("--lw-at", String(place(origin()))), hold.checked = model.get("hold").includes(name), row.classList.toggle("lw-held", hold.checked);
		let text = `${about.warning} ${shortened(model.get("_left")[axis])}`.trim();
		warn.hidden = !text, warn.title = tip.textContent = text, warn.ariaLabel = `Warning: ${text}`;
	}
	function follow(readings2) {
		let amount = stage.at[axis];
		slider.show(amount), row.classList.toggle("lw-moved", amount !== origin());
		let said = `reads ${readings2.map(sigmas).join(", ")}`;
		slider.range.ariaDescription = said, ticks.children.length !== readings2.length && ticks.replaceChildren(...readings2.map(() => element("span", { class: "lw-reading" })));
		for (let [i, reading] of readings2.entries()) {
			let tick = (
				ticks.children[i]
			), at = place(reading);
			tick.style.setProperty("--lw-at", String(at)), tick.classList.toggle("lw-below", at === 0), tick.classList.toggle("lw-above", at === 1), tick.title = `reads ${sigmas(reading)}`, tick.dataset.lwReading = String(reading);
		}
	}
	return followSettings(), { row, about, axis, setBuffer: slider.setBuffer, followSettings, follow };
}
function shortened(left) {
	return left >= LITTLE ? "" : `What is held leaves ${left < NOTHING ? "nothing" : `${Math.round(100 * left)} %`} of its move.`;
}
function button(kind, path, label) {
	return element(
		"button",
		{ type: "button", class: `lw-small ${kind}`, title: label, "aria-label": label },
		[icon(path)]
	);
}
function sigmas(amount) {
	let size = Math.abs(amount).toFixed(2).replace(/0$/, "");
	return `${size === "0.0" ? "" : amount < 0 ? "−" : "+"}${size} σ`;
}
var ORDERS = {
	"as given": (a, b) => a.axis - b.axis,
	"by name": (a, b) => a.about.name.localeCompare(b.about.name, void 0, { numeric: !0 }),
	"by score": (a, b) => (b.about.score ?? -1e9) - (a.about.score ?? -1e9),
	"by amount": (a, b, moved) => moved(b) - moved(a)
};
function createList(stage, onHold, signal) {
	let { model } = stage, search = element("input", {
		type: "search",
		class: "lw-search",
		placeholder: "Search",
		"aria-label": "Search directions"
	}), order = createMenu("Sort", Object.keys(ORDERS), sort, signal), legend = element("div", {
		class: "lw-legend",
		text: "Thumb: your edit. Tick: what the latent reads, in σ."
	}), shown = element("button", { type: "button", class: "lw-button", hidden: !0 }), none = element("div", { class: "lw-none", text: "No match", hidden: !0 }), list = element("div", { class: "lw-list" }), rows = [], hidden = new Set(), lifetime = new AbortController();
	signal.addEventListener("abort", () => lifetime.abort());
	let chosen = "as given", drawn = "", built;
	search.addEventListener("input", sift, { signal }), shown.addEventListener(
		"click",
		() => {
			hidden.clear(), sift(), search.focus();
		},
		{ signal }
	);
	function build() {
		lifetime.abort(), lifetime = new AbortController();
		let abouts = model.get("_rows");
		rows = abouts.map((about, axis) => createRow(stage, about, axis, { hold: onHold, hide: () => {
			hidden.add(about.name), sift(), shown.focus();
		} }, lifetime.signal));
		for (let name of hidden)
			abouts.some((about) => about.name === name) || hidden.delete(name);
		built = abouts, sort(chosen);
	}
	function sort(name) {
		chosen = name;
		let sorted = [...rows].sort((a, b) => ORDERS[name](a, b, ({ axis }) => moved(axis)));
		list.replaceChildren(...sorted.map(({ row }) => row), none), sift();
	}
	function moved(axis) {
		return Math.abs(stage.at[axis] - model.get("_origin")[axis]);
	}
	list.addEventListener(
		"focusout",
		() => setTimeout(() => {
			let busy = list.matches(":focus-within, :active");
			chosen === "by amount" && !busy && !signal.aborted && sort(chosen);
		}),
		{ signal }
	);
	function sift() {
		let words = search.value.trim().toLowerCase();
		for (let { row, about } of rows)
			row.hidden = hidden.has(about.name) || !about.name.toLowerCase().includes(words);
		none.hidden = rows.some(({ row }) => !row.hidden), count();
	}
	function count() {
		let edited = rows.filter(({ about, axis }) => hidden.has(about.name) && moved(axis)).length;
		shown.textContent = `Show hidden (${hidden.size}${edited ? `, ${edited} edited` : ""})`, shown.hidden = hidden.size === 0;
	}
	function followSettings() {
		model.get("_rows") !== built && build();
		for (let row of rows) row.followSettings();
		drawn = "", follow();
	}
	function follow() {
		if (rows.length !== stage.at.length) return;
		let all = readings(model, stage.at);
		for (let row of rows) row.follow(all[row.axis]);
		let state = `${stage.store.version} ${stage.line} ${stage.at}`;
		if (state === drawn) return;
		drawn = state, count();
		let reach = 0.5 / (model.get("strip_length") - 1);
		for (let [axis, places] of placesOfFrames(stage).entries())
			rows[axis].setBuffer(places, reach);
	}
	return { list, search, order, shown, legend, follow, followSettings };
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
var BEFORE = (
	[]
), CAPTIONS = {
	edited: "",
	before: "before the edit",
	"side by side": "before the edit, and after",
	difference: "what changed, halved; mid-grey is no change"
}, VIEWS = ["edited", "side by side", "difference"];
function createBefore(stage) {
	let kept, asked = "";
	return (ahead = !1) => {
		let { line } = stage;
		if (kept = stage.store.get(line, BEFORE) ?? kept, kept?.line === line)
			return ahead ? void 0 : (kept = stage.store.put(kept), stage.readied(kept) ? kept : void 0);
		if (asked !== line || ahead) {
			asked = line;
			let client = `${stage.client}-before`;
			stage.send({ type: "ask", line, at: BEFORE, fast: !1, client });
		}
	};
}
function createPictures(stage, before, value, signal) {
	let { kind } = stage, edited = kind.create("lw-picture", signal);
	edited.ariaLabel = `${kind.word} after the edit`;
	let original = kind.create("lw-picture lw-before", signal);
	original.ariaLabel = `${kind.word} before the edit`;
	for (let one of [edited, original]) one.role = kind.role;
	let frames = element("div", { class: "lw-frames" }, [edited, original]), caption = element("div", { class: "lw-caption" }), paint = createPainter(edited, kind, () => stage.frame(), (frame) => stage.isExact(frame), signal, value), painted = "", paintBefore = createPainter(
		original,
		kind,
		() => {
			let frame = before();
			return painted = frame?.line ?? "", frame;
		},
		() => !0,
		signal,
		() => null
	), view = "edited";
	function repaint() {
		paint(), !original.hidden && painted !== stage.line && paintBefore();
	}
	function arrange(shown) {
		frames.dataset.lwView = shown, original.hidden = shown === "edited", caption.textContent = CAPTIONS[shown], repaint();
	}
	function choose(name) {
		view = name, arrange(view);
	}
	function hold(down) {
		arrange(down ? "before" : view);
	}
	return arrange(view), { frames, caption, edited, repaint, choose, hold };
}
function createBeforeButton(hold, signal) {
	let button2 = element("button", {
		type: "button",
		class: "lw-button",
		text: "Before",
		title: "Hold to see the picture before the edit"
	});
	function press(down) {
		button2.ariaPressed = String(down), hold(down);
	}
	let release = () => press(!1);
	return listen(
		button2,
		{
			pointerdown(event) {
				event.button || (button2.setPointerCapture(event.pointerId), press(!0));
			},
			keydown(event) {
				event.key !== "Enter" && event.key !== " " || (event.preventDefault(), press(!0));
			},
			lostpointercapture: release,
			keyup: release,
			blur: release
		},
		signal
	), button2;
}
var index_default = () => {
	let stage, before;
	return {
		async initialize({ model, signal }) {
			let control = createControl(model);
			stage = new Stage(model, signal, control, await loadKind(model, signal)), before = createBefore(stage), refreshWhileIdle(stage, control, () => before(!0), signal), model.on("change", () => stage.fill());
		},
		render({ model, el, signal }) {
			el.replaceChildren(createView(stage, before, model, signal));
		}
	};
};
function createView(stage, before, model, signal) {
	let pictures = createPictures(stage, before, (at) => byName(model, at), signal), list = createList(stage, hold, signal), views = VIEWS.slice(0, stage.kind.pixels ? 3 : 2), view = createMenu("View", views, pictures.choose, signal), mode = createMenu("Mode", model.get("_modes"), (name) => save("mode", name), signal), reset = element("button", { type: "button", class: "lw-button", text: "Reset all" }), { status, alert, follow: followStatus } = createStatus(stage, words);
	reset.addEventListener("click", () => stage.move(model.get("_origin"), { rest: !0 }), {
		signal
	});
	let root = createRoot("direction-editor", [
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
		stage.tell(), model.set(name, value), model.save_changes();
	}
	function hold(name, held) {
		let others = model.get("hold").filter((one) => one !== name);
		save("hold", held ? [...others, name] : others);
	}
	function words(at) {
		return `${model.get("_rows")[stage.axis]?.name} ${sigmas(at[stage.axis])}`;
	}
	function follow() {
		list.follow(), followStatus(root);
	}
	function followSettings() {
		mode.select.value = model.get("mode"), root.style.setProperty("--lw-size", `${model.get("size")}px`), list.followSettings();
	}
	return model.on("change", followSettings), followSettings(), attach(stage, root, pictures.repaint, follow, signal), root;
}
export {
	index_default as default
};
