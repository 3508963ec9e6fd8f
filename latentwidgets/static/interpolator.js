/* Built from js/src/interpolator/index.js by `make build`: change it there. */
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
function places(count) {
	return Array.from({ length: count }, (_, i) => i > 0 ? i / (count - 1) : 0);
}
function createFilmstrip(stage, onPick, signal) {
	let strip = element("div", {
		class: "lw-filmstrip",
		role: "group",
		"aria-label": "Pictures along the path"
	}), cells = [], lifetime = new AbortController();
	signal.addEventListener("abort", () => lifetime.abort());
	function build() {
		lifetime.abort(), lifetime = new AbortController(), cells = places(stage.model.get("filmstrip")).map((t) => {
			let cell = stage.kind.create("lw-cell", lifetime.signal, !0), label = `t = ${Number(t.toFixed(3))}`, button = element(
				"button",
				{ type: "button", class: "lw-film", title: label, "aria-label": `Go to ${label}` },
				[cell]
			);
			button.addEventListener("click", () => onPick(t), { signal: lifetime.signal });
			let painted, repaint = createPainter(
				cell,
				stage.kind,
				() => {
					let frame = stage.store.get(stage.line, [t]);
					return frame?.bitmap && (painted = frame), painted;
				},
				(frame) => frame.lossless && frame.line === stage.line,
				lifetime.signal
			), wanted;
			return { t, button, refresh: () => {
				let frame = stage.store.get(stage.line, [t]), stale = painted?.line !== stage.line;
				button.classList.toggle("lw-empty", stale && !frame?.bitmap), stale && (cell.dataset.lwExact = "false"), !(!frame || frame === wanted) && (wanted = frame, stage.store.ready(frame).then(repaint, () => {
				}));
			} };
		}), strip.replaceChildren(...cells.map(({ button }) => button)), strip.hidden = cells.length === 0, update();
	}
	strip.addEventListener(
		"keydown",
		(event) => {
			let step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], next = step && cells[cells.findIndex(({ button }) => button.tabIndex === 0) + step];
			next && (event.preventDefault(), onPick(next.t), update(), next.button.focus());
		},
		{ signal }
	);
	function update() {
		let at = stage.at[0] ?? 0, gaps = cells.map(({ t }) => Math.abs(t - at)), nearest = gaps.indexOf(Math.min(...gaps));
		for (let [i, { button, refresh }] of cells.entries())
			button.tabIndex = i === nearest ? 0 : -1, i === nearest ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current"), refresh();
	}
	return build(), { strip, build, update };
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
function advance(place, ms, { segments, speed, loop, closed }) {
	let step = ms * speed / (2e3 * segments), t = place.t + (place.forward ? step : -step);
	if (t >= 0 && t <= 1) return { ...place, t };
	if (!loop) return { t: t > 1 ? 1 : 0, forward: !0, done: !0 };
	if (closed) return { t: t - Math.floor(t), forward: place.forward, done: !1 };
	t = (t % 2 + 2) % 2;
	let turned = t > 1;
	return {
		t: turned ? 2 - t : t,
		forward: place.forward ? !turned : turned,
		done: !1
	};
}
function playTo(stage, t) {
	stage.at = [t], stage.report(), stage.fill(), stage.changed();
}
function createPlayer(stage, signal) {
	let { model } = stage, forward = !0, last = 0, request = 0, timer = 0;
	function tick(now) {
		if (!model.get("playing")) return;
		if (stage.seen.size === 0) {
			last = now, timer = setTimeout(() => {
				request = requestAnimationFrame(tick);
			}, 500);
			return;
		}
		let elapsed = Math.max(0, now - last), place = advance({ t: stage.at[0] ?? 0, forward, done: !1 }, elapsed, {
			segments: Math.max(1, model.get("_marks").length - (model.get("closed") ? 0 : 1)),
			speed: model.get("speed"),
			loop: model.get("loop"),
			closed: model.get("closed")
		});
		last = now, forward = place.forward, playTo(stage, place.t), place.done ? (model.set("playing", !1), model.save_changes()) : request = requestAnimationFrame(tick);
	}
	function stop() {
		cancelAnimationFrame(request), clearTimeout(timer);
	}
	function follow() {
		if (stop(), !model.get("playing")) {
			stage.settleSoon();
			return;
		}
		!model.get("loop") && stage.at[0] >= 1 && playTo(stage, 0), model.get("loop") || (forward = !0), last = performance.now(), request = requestAnimationFrame(tick);
	}
	model.on("change:playing", follow), signal.addEventListener("abort", stop), model.get("playing") && follow();
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
	let { label, initial, current, words: words2, digits, farthest = 0, onMove, onKey, signal } = options, { scale } = options, range = element("input", {
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
		shown = value, range.value = String(value), range.ariaValueText = words2(value), number.matches(":focus") || (number.value = value.toFixed(digits));
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
function stripLevels(length, first, msPerFrame) {
	let levels2 = new Map(first.map((t) => [t, 0])), intervals = length - 1, deepest = Math.ceil(Math.log2(Math.max(1, intervals)));
	for (let level = 0; level <= deepest; level++) {
		let step = 2 ** (deepest - level), count = Math.ceil(intervals / step) + 1;
		if (level > 3 && count * msPerFrame > 3e4) break;
		for (let i = 0; i <= intervals; i += step)
			levels2.has(i / intervals) || levels2.set(i / intervals, level);
		levels2.has(1) || levels2.set(1, level);
	}
	return levels2;
}
function missing({ levels: levels2, thumb, at }, has) {
	let left = [...levels2].filter(([t]) => !has(at(t)));
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
	let marks = element("div", { class: "lw-marks" });
	function setMarks(places2) {
		marks.replaceChildren(
			...places2.map((t, i) => {
				let name = `anchor ${i + 1}, t = ${Number(t.toFixed(3))}`, mark = element("button", {
					type: "button",
					class: "lw-mark",
					title: name,
					"aria-label": `Go to ${name}`,
					tabindex: -1,
					style: `--lw-at: ${t}`
				});
				return mark.addEventListener("click", () => onPick(t), { signal }), mark;
			})
		);
	}
	return { marks, setMarks };
}
var PLAY = "M4 2.5v11l9.5-5.5z", PAUSE = "M4 2.5h3v11H4zM9 2.5h3v11H9z", SPEEDS = [0.25, 0.5, 1, 2, 4], SCALE = { low: 0, high: 1, step: 0.01 }, index_default = () => {
	let stage, initial = 0;
	return {
		async initialize({ model, signal }) {
			let kind = await loadKind(model, signal);
			model.get("playing") && matchMedia("(prefers-reduced-motion: reduce)").matches && (model.set("playing", !1), model.save_changes()), initial = model.get("value"), stage = new Stage(model, signal, createControl(model), kind), model.on("change:filmstrip", () => stage.fill()), createPlayer(stage, signal);
		},
		render({ model, el, signal }) {
			el.replaceChildren(createView(stage, model, initial, signal));
		}
	};
};
function createView(stage, model, initial, signal) {
	let { kind } = stage, picture = kind.create("lw-picture", signal);
	picture.role = kind.role;
	let repaint = createPainter(
		picture,
		kind,
		() => stage.frame(),
		(frame) => stage.isExact(frame),
		signal
	), slider = createSlider({
		label: "t",
		scale: SCALE,
		initial: () => initial,
		current: () => stage.at[0],
		words,
		digits: 3,
		onMove: move,
		onKey: (key) => key === " " && togglePlaying(),
		signal
	}), { marks, setMarks } = createMarks((t) => move(t, !0), signal);
	slider.track.append(marks);
	let filmstrip = createFilmstrip(stage, (t) => move(t, !0), signal), play = element("button", { type: "button", class: "lw-button lw-play" }), method = createMenu(
		"Method",
		model.get("_methods"),
		(name) => save("method", name),
		signal
	), speed = createMenu("Speed", SPEEDS.map(String), saveSpeed, signal, "×"), loop = element("input", { type: "checkbox" }), { status, alert, follow: followStatus } = createStatus(stage, ([t]) => words(t));
	play.addEventListener("click", togglePlaying, { signal }), loop.addEventListener("change", () => save("loop", loop.checked), { signal });
	let root = createRoot("interpolator", [
		element("div", { class: "lw-top" }, [
			picture,
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
		model.get("playing") && save("playing", !1), stage.move([t], { rest });
	}
	function save(name, value) {
		model.set(name, value), model.save_changes();
	}
	function saveSpeed(speed2) {
		save("speed", Number(speed2));
	}
	function chooseSpeed(value) {
		speed.select.value = value, speed.select.value !== value && (speed.select.append(element("option", { value, text: `${value}×` })), speed.select.value = value);
	}
	function togglePlaying() {
		return save("playing", !model.get("playing")), !0;
	}
	function follow() {
		let [t] = stage.at;
		slider.show(t), picture.ariaLabel = `${kind.word} at ${words(t)}`, followFrames(), filmstrip.update(), followStatus(root);
	}
	function followFrames() {
		let { version } = stage.store;
		if (version === drawn.version && stage.line === drawn.line) return;
		drawn = { version, line: stage.line };
		let places2 = stage.store.along(stage.line).map((frame) => frame.at[0] ?? 0);
		slider.setBuffer(places2, 0.5 / (model.get("strip_length") - 1)), slider.track.dataset.lwStrip = String(decodedAhead(stage));
	}
	function followSettings() {
		let playing = model.get("playing");
		play.replaceChildren(icon(playing ? PAUSE : PLAY)), play.title = playing ? "Pause" : "Play", play.ariaLabel = play.title, method.select.value = model.get("method"), chooseSpeed(String(model.get("speed"))), loop.checked = model.get("loop"), setMarks(model.get("_marks")), root.style.setProperty("--lw-size", `${model.get("size")}px`);
	}
	for (let name of ["playing", "method", "speed", "loop", "_marks", "size"])
		model.on(`change:${name}`, followSettings);
	model.on("change:filmstrip", filmstrip.build);
	let drawn = { version: -1, line: "" };
	return followSettings(), attach(stage, root, repaint, follow, signal), root;
}
function words(t) {
	return `t = ${t.toFixed(3)}`;
}
export {
	index_default as default
};
