/* Built from js/src/interpolator/index.js by `make build`: change it there. */

// src/shared/clipboard.js
async function copyText(text, near) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "lw-offscreen";
  near.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser refused to copy");
}

// src/shared/dom.js
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

// src/shared/painter.js
function createPainter(canvas, choose, isExact, signal) {
  const context = (
    /** @type {CanvasRenderingContext2D} */
    canvas.getContext("2d")
  );
  let shown = null;
  let waiting = false;
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
      shown = bitmap;
    }
    canvas.dataset.lwValue = JSON.stringify(frame.at.length === 1 ? frame.at[0] : frame.at);
    canvas.dataset.lwExact = String(isExact(frame));
    canvas.dataset.lwSeq = String(frame.seq);
  }
  return () => {
    if (!waiting) queueMicrotask(paint);
    waiting = true;
  };
}

// src/shared/filmstrip.js
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
    cells = stage.filmstrip().map((t) => {
      const canvas = element("canvas", { class: "lw-cell", width: 1, height: 1 });
      const label = `t = ${Number(t.toFixed(3))}`;
      const button = element(
        "button",
        { type: "button", class: "lw-film", title: label, "aria-label": `Go to ${label}` },
        [canvas]
      );
      button.addEventListener("click", () => onPick(t), { signal: lifetime.signal });
      const repaint = createPainter(
        canvas,
        () => stage.store.get(stage.line, [t]) ? stage.frameAt([t]) : void 0,
        (frame) => frame.lossless,
        lifetime.signal
      );
      return { t, button, repaint };
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
    for (const [i, { t, button, repaint }] of cells.entries()) {
      button.tabIndex = i === nearest ? 0 : -1;
      button.toggleAttribute("aria-current", i === nearest);
      button.classList.toggle("lw-empty", !stage.store.get(stage.line, [t]));
      repaint();
    }
  }
  build();
  return { strip, build, update };
}

// src/shared/player.js
var SEGMENT_MS = 2e3;
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
function createPlayer(stage, signal) {
  const { model } = stage;
  let forward = true;
  let last = 0;
  let request = 0;
  function tick(now) {
    if (!model.get("playing")) return;
    const elapsed = Math.max(0, now - last);
    const place = advance({ t: stage.at[0] ?? 0, forward, done: false }, elapsed, {
      segments: Math.max(1, model.get("_marks").length - (model.get("closed") ? 0 : 1)),
      speed: model.get("speed"),
      loop: model.get("loop"),
      closed: model.get("closed")
    });
    last = now;
    forward = place.forward;
    stage.play(place.t);
    if (place.done) {
      model.set("playing", false);
      model.save_changes();
    } else {
      request = requestAnimationFrame(tick);
    }
  }
  function follow() {
    cancelAnimationFrame(request);
    if (!model.get("playing")) {
      stage.settle({ moved: true });
      return;
    }
    if (!model.get("loop") && stage.at[0] >= 1) stage.play(0);
    if (!model.get("loop")) forward = true;
    last = performance.now();
    request = requestAnimationFrame(tick);
  }
  model.on("change:playing", follow);
  signal.addEventListener("abort", () => cancelAnimationFrame(request));
  if (model.get("playing")) follow();
}

// src/shared/slider.js
var STEP = 0.01;
var FINE_STEP = 1e-3;
var PAGE_STEP = 0.1;
function keyed(key, fine, value) {
  const step = fine ? FINE_STEP : STEP;
  const targets = {
    ArrowRight: value + step,
    ArrowUp: value + step,
    ArrowLeft: value - step,
    ArrowDown: value - step,
    PageUp: value + PAGE_STEP,
    PageDown: value - PAGE_STEP,
    Home: 0,
    End: 1
  };
  if (!(key in targets)) return null;
  return Math.min(1, Math.max(0, Math.round(targets[key] * 1e3) / 1e3));
}
function createSlider({ label, initial, onMove, onSpace, signal }) {
  const range = element("input", {
    type: "range",
    class: "lw-slider",
    min: 0,
    max: 1,
    step: "any",
    "aria-label": label
  });
  const number = element("input", {
    type: "number",
    class: "lw-number",
    min: 0,
    max: 1,
    step: FINE_STEP,
    "aria-label": `${label}, as a number`
  });
  const buffer = element("div", { class: "lw-buffer", "aria-hidden": "true" });
  const marks = element("div", { class: "lw-marks" });
  const track = element("div", { class: "lw-track" }, [buffer, range, marks]);
  let drawn = "";
  function move(value, rest) {
    show(value);
    onMove(value, rest);
  }
  range.addEventListener("input", () => move(range.valueAsNumber, false), { signal });
  range.addEventListener("change", () => move(range.valueAsNumber, true), { signal });
  range.addEventListener("dblclick", () => move(initial, true), { signal });
  range.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const value = keyed(event.key, event.shiftKey, range.valueAsNumber);
      if (value !== null) move(value, true);
      else if (event.key === " ") onSpace();
      else return;
      event.preventDefault();
    },
    { signal }
  );
  function take() {
    const value = number.valueAsNumber;
    if (Number.isFinite(value)) move(Math.min(1, Math.max(0, value)), true);
    number.value = range.valueAsNumber.toFixed(3);
  }
  number.addEventListener("change", take, { signal });
  number.addEventListener("keydown", (event) => event.key === "Enter" && take(), { signal });
  function show(value) {
    range.value = String(value);
    range.setAttribute("aria-valuetext", `t = ${value.toFixed(3)}`);
    range.style.setProperty("--lw-at", String(value));
    if (number !== number.ownerDocument.activeElement) number.value = value.toFixed(3);
  }
  function setMarks(places) {
    marks.replaceChildren(
      ...places.map((t, i) => {
        const name = `anchor ${i + 1}, t = ${Number(t.toFixed(3))}`;
        const mark = element("button", {
          type: "button",
          class: "lw-mark",
          title: name,
          "aria-label": `Go to ${name}`,
          tabindex: -1,
          style: `--lw-at: ${t}`
        });
        mark.addEventListener("click", () => move(t, true), { signal });
        return mark;
      })
    );
  }
  function setBuffer(positions, reach) {
    const gradient = bufferedGradient(positions, reach);
    if (gradient !== drawn) buffer.style.backgroundImage = drawn = gradient;
    buffer.dataset.lwFrames = String(positions.length);
  }
  return { track, number, range, show, setMarks, setBuffer };
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

// src/shared/store.js
var MOST_BESIDE = 64;
function distance(a, b) {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}
var FrameStore = class {
  /**
   * @param {number} limit bytes of encoded and of ready pictures together
   * @param {(blob: Blob) => Promise<ImageBitmap>} open makes a picture ready
   */
  constructor(limit, open = (blob) => createImageBitmap(blob)) {
    this.limit = limit;
    this.size = 0;
    this.open = open;
    this.frames = /* @__PURE__ */ new Map();
  }
  /**
   * @param {Omit<StoredFrame, "bitmap" | "opening">} given
   * @returns {StoredFrame}
   */
  put(given) {
    const key = keyOf(given.line, given.at);
    const old = this.frames.get(key);
    if (old?.lossless && !given.lossless) {
      old.strip ||= given.strip;
      return old;
    }
    if (old) this.drop(key, old);
    const strip = given.strip || Boolean(old?.strip);
    const frame = { ...given, strip, bitmap: null, opening: null };
    this.frames.set(key, frame);
    this.size += frame.blob.size;
    if (!strip) this.dropBeside();
    this.trim(frame);
    return frame;
  }
  /**
   * @param {string} line
   * @param {number[]} at
   * @returns {StoredFrame | undefined}
   */
  get(line, at) {
    return this.frames.get(keyOf(line, at));
  }
  /**
   * The frame of a line nearest to some coordinates.
   * @param {string} line
   * @param {number[]} at
   * @param {(frame: StoredFrame) => boolean} [fits]
   * @returns {StoredFrame | undefined}
   */
  nearest(line, at, fits = () => true) {
    let best;
    let least = Number.POSITIVE_INFINITY;
    for (const frame of this.frames.values()) {
      if (frame.line !== line || !fits(frame)) continue;
      const far = distance(frame.at, at);
      if (far < least || far === least && frame.lossless) {
        best = frame;
        least = far;
      }
    }
    return best;
  }
  /**
   * The frames of one line.
   * @param {string} line
   * @returns {StoredFrame[]}
   */
  along(line) {
    return [...this.frames.values()].filter((frame) => frame.line === line);
  }
  /**
   * Make a frame ready to be painted.
   * @param {StoredFrame} frame
   * @returns {Promise<void>}
   */
  ready(frame) {
    const key = keyOf(frame.line, frame.at);
    if (this.frames.get(key) === frame) {
      this.frames.delete(key);
      this.frames.set(key, frame);
    }
    if (frame.bitmap) return Promise.resolve();
    frame.opening ??= this.open(frame.blob).then((bitmap) => {
      frame.opening = null;
      if (this.frames.get(key) !== frame) {
        bitmap.close();
        return;
      }
      frame.bitmap = bitmap;
      this.size += areaOf(bitmap);
      this.trim(frame);
    });
    return frame.opening;
  }
  /** @param {number} limit */
  resize(limit) {
    this.limit = limit;
    this.trim(null);
  }
  clear() {
    for (const [key, frame] of this.frames) this.drop(key, frame);
  }
  dropBeside() {
    const beside = [...this.frames].filter(([, frame]) => !frame.strip);
    for (const [key, frame] of beside.slice(0, -MOST_BESIDE)) this.drop(key, frame);
  }
  /**
   * Ready pictures are given up first, then frames; `kept` stays whatever it costs.
   * @param {StoredFrame | null} kept
   */
  trim(kept) {
    if (this.size <= this.limit) return;
    for (const frame of this.frames.values()) {
      if (this.size <= this.limit) return;
      if (frame !== kept) this.shut(frame);
    }
    for (const [key, frame] of this.frames) {
      if (this.size <= this.limit) return;
      if (frame !== kept) this.drop(key, frame);
    }
  }
  /** @param {StoredFrame} frame */
  shut(frame) {
    if (!frame.bitmap) return;
    this.size -= areaOf(frame.bitmap);
    frame.bitmap.close();
    frame.bitmap = null;
  }
  /**
   * @param {string} key
   * @param {StoredFrame} frame
   */
  drop(key, frame) {
    this.shut(frame);
    this.size -= frame.blob.size;
    this.frames.delete(key);
  }
};
function keyOf(line, at) {
  return `${line}@${at.join()}`;
}
function areaOf(bitmap) {
  return bitmap.width * bitmap.height * 4;
}

// src/shared/asker.js
var LOST_MS = 1e4;
var Asker = class {
  /**
   * @param {(question: Question) => number} send sends a question and returns its number
   * @param {() => number} now milliseconds
   */
  constructor(send, now = () => performance.now()) {
    this.send = send;
    this.now = now;
    this.flight = null;
    this.waiting = null;
    this.pace = Number.POSITIVE_INFINITY;
  }
  /** @param {Question} question */
  ask(question) {
    const moved = question.moved || Boolean(this.waiting?.moved);
    const { flight } = this;
    const asked = flight?.decode && flight.moved === moved;
    this.waiting = asked && distance(flight.at, question.at) === 0 ? null : { ...question, moved };
    this.pump();
  }
  /**
   * Take an answer in; says whether it is the one that was waited for.
   * @param {number} seq
   * @returns {boolean}
   */
  answered(seq) {
    if (!this.flight || this.flight.seq !== seq) return false;
    if (this.flight.decode) {
      const took = this.now() - this.flight.since;
      this.pace = Number.isFinite(this.pace) ? 0.7 * this.pace + 0.3 * took : took;
    }
    this.flight = null;
    this.pump();
    return true;
  }
  /** Whether an exact frame has been asked for and is not here yet. */
  get busy() {
    return Boolean(this.flight?.decode || this.waiting?.decode);
  }
  pump() {
    if (!this.waiting) return;
    if (this.flight && this.now() - this.flight.since < LOST_MS) {
      if (this.flight.decode || !this.waiting.decode) return;
    }
    const question = this.waiting;
    this.waiting = null;
    this.flight = { ...question, seq: this.send(question), since: this.now() };
  }
};

// src/shared/strip.js
var MOST_MS = 3e4;
var PIECE_MS = 100;
var MOST_POSITIONS = 24;
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
function nextPiece(levels, has, thumb, msPerFrame) {
  const missing = [...levels].filter(([t]) => !has(t));
  missing.sort(([s, a], [t, b]) => a - b || Math.abs(s - thumb) - Math.abs(t - thumb));
  const size = Math.max(1, Math.min(MOST_POSITIONS, Math.floor(PIECE_MS / msPerFrame)));
  return missing.slice(0, size).map(([t]) => t);
}

// src/shared/stage.js
var REST_MS = 25;
var JUMP_MS = 150;
var FAST_MS = 60;
var REPORT_MS = 200;
var COPY_MS = 4e3;
var MEGABYTE = 2 ** 20;
var Stage = class {
  /**
   * @param {import("@anywidget/types").AnyModel} model
   * @param {AbortSignal} signal ends with the widget
   */
  constructor(model, signal) {
    this.model = model;
    this.client = Math.random().toString(36).slice(2);
    this.seq = 0;
    this.store = new FrameStore(model.get("frame_memory") * MEGABYTE);
    this.asker = new Asker((question) => this.send({ type: "ask", ...question }));
    this.stripSeq = null;
    this.stripSince = 0;
    this.frameMs = 5;
    this.stripFailed = false;
    this.error = "";
    this.listeners = /* @__PURE__ */ new Set();
    this.seen = /* @__PURE__ */ new Set();
    this.restTimer = 0;
    this.placing = false;
    this.movedAt = 0;
    this.reported = 0;
    this.copies = /* @__PURE__ */ new Map();
    this.decodeMs = 0;
    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
    model.on("change:_line", () => this.enter());
    model.on("change:value", () => this.follow());
    model.on("change:frame_memory", () => this.store.resize(model.get("frame_memory") * MEGABYTE));
    model.on("change:strip_length", () => this.fill());
    model.on("change:filmstrip", () => this.fill());
    signal.addEventListener("abort", () => {
      clearTimeout(this.restTimer);
      this.listeners.clear();
      this.store.clear();
    });
    this.takePicture(model.get("_picture"));
  }
  /** @returns {string} */
  get line() {
    return this.model.get("_line");
  }
  /** @returns {number[]} */
  get at() {
    return [this.model.get("value")];
  }
  /**
   * Be told whenever what is shown may have changed.
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  listen(listener, signal) {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
  }
  changed() {
    for (const listener of this.listeners) listener();
  }
  /**
   * The frame to show at some coordinates: the nearest that is ready. One that is nearer but
   * not ready is made so, and shown then.
   * @param {number[]} at
   */
  frameAt(at) {
    const nearest = this.store.nearest(this.line, at);
    if (!nearest) return void 0;
    if (nearest.bitmap) {
      this.store.ready(nearest);
      return nearest;
    }
    this.store.ready(nearest).then(
      () => this.changed(),
      () => this.fail("The browser could not open a picture that the kernel sent.")
    );
    return this.store.nearest(this.line, at, (frame) => frame.bitmap !== null);
  }
  /** @param {import("./store.js").StoredFrame} frame */
  isExact(frame) {
    return frame.lossless && frame.line === this.line && distance(frame.at, this.at) === 0;
  }
  /** Whether the store holds the exact frame for where the thumb is. */
  get exact() {
    const frame = this.store.get(this.line, this.at);
    return Boolean(frame?.lossless);
  }
  /**
   * The person moved.
   * @param {number} value
   * @param {{ rest?: boolean }} [options] `rest`: this is where they stay
   */
  move(value, { rest = false } = {}) {
    this.stripFailed = false;
    this.place(value);
    if (rest) this.settle({ moved: true });
    else {
      const now = performance.now();
      const jump = now - this.movedAt > JUMP_MS;
      this.movedAt = now;
      const worth = jump || this.asker.pace < FAST_MS || !this.store.nearest(this.line, this.at);
      this.asker.ask({ at: this.at, decode: worth && !this.exact, moved: true });
      this.settleSoon({ moved: true });
    }
    this.fill();
    this.changed();
  }
  /**
   * Playing moved on; frames of the strip are all it shows.
   * @param {number} value
   */
  play(value) {
    this.place(value);
    const now = performance.now();
    if (now - this.reported > REPORT_MS) {
      this.reported = now;
      this.asker.ask({ at: this.at, decode: false, moved: true });
    }
    this.fill();
    this.changed();
  }
  /** @param {number} value */
  place(value) {
    this.placing = true;
    this.model.set("value", value);
    this.placing = false;
  }
  /**
   * The thumb is at rest: the exact frame is wanted, or the kernel is told where it is.
   * @param {{ moved?: boolean }} [options] `moved`: the person moved it here
   */
  settle({ moved = false } = {}) {
    clearTimeout(this.restTimer);
    const decode = !this.exact;
    if (decode || moved) this.asker.ask({ at: this.at, decode, moved });
    this.changed();
  }
  /** @param {{ moved?: boolean }} [options] */
  settleSoon(options) {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.settle(options), REST_MS);
  }
  /** The value changed. Python is not told what it set itself: by then it may be elsewhere. */
  follow() {
    if (this.placing) return;
    if (!this.model.get("playing")) this.settleSoon();
    this.changed();
  }
  /** The coordinates mean something else now. */
  enter() {
    this.stripFailed = false;
    this.asker.pace = Number.POSITIVE_INFINITY;
    this.settle();
    this.fill();
  }
  /**
   * A view came into sight or went out of it: strips are decoded ahead for what is seen.
   * @param {object} view
   * @param {boolean} visible
   */
  see(view, visible) {
    if (visible) this.seen.add(view);
    else this.seen.delete(view);
    if (!visible) return;
    if (!this.exact && !this.asker.busy) this.settle();
    this.fill();
  }
  /** Ask for the next piece of the strip, if there is one and none is on its way. */
  fill() {
    const lost = performance.now() - this.stripSince > 3e4;
    if (this.stripSeq !== null && !lost || this.stripFailed || this.seen.size === 0) return;
    const positions = nextPiece(
      this.levels(),
      (t) => this.store.get(this.line, [t]) !== void 0,
      this.at[0],
      this.frameMs
    );
    if (positions.length === 0) return;
    this.stripSince = performance.now();
    this.stripSeq = this.send({ type: "strip", positions: positions.map((t) => [t]) });
  }
  levels() {
    return stripLevels(this.model.get("strip_length"), this.filmstrip(), this.frameMs);
  }
  /** Where the pictures of the filmstrip are. */
  filmstrip() {
    const count = this.model.get("filmstrip");
    if (count === 1) return [0];
    return Array.from({ length: count }, (_, i) => i / (count - 1));
  }
  /**
   * The latent where the thumb is, as the kernel writes it.
   * @returns {Promise<string>}
   */
  latentText() {
    return new Promise((resolve, reject) => {
      const seq = this.send({ type: "latent", at: this.at });
      this.copies.set(seq, resolve);
      setTimeout(() => {
        if (this.copies.delete(seq)) reject(new Error("the kernel did not answer."));
      }, COPY_MS);
    });
  }
  /**
   * @param {Record<string, unknown>} content
   * @returns {number} the question's number
   */
  send(content) {
    this.seq += 1;
    this.model.send({ ...content, client: this.client, seq: this.seq, line: this.line });
    return this.seq;
  }
  /**
   * @param {Answer} answer
   * @param {DataView[]} buffers
   */
  receive(answer, buffers) {
    if (!answer || typeof answer !== "object" || typeof answer.of !== "string") return;
    const ours = answer.client === this.client;
    if (answer.of === "latent") {
      if (ours) this.copies.get(answer.seq)?.(answer.text ?? "");
      this.copies.delete(answer.seq);
      return;
    }
    if (answer.type === "frames") this.keep(answer, buffers);
    if (answer.of === "strip") {
      if (ours && answer.seq === this.stripSeq) this.stripSeq = null;
      if (ours && answer.type === "error") this.stripFailed = true;
      if (answer.ms !== void 0) this.frameMs = Math.max(0.1, answer.ms);
      this.fill();
    } else if (ours) {
      this.asker.answered(answer.seq);
    } else if (answer.at && answer.line === this.line) {
      this.model.set("value", answer.at[0]);
    }
    if (answer.type === "error") this.fail(answer.message ?? "");
    else if (answer.type === "frames" && answer.of === "ask") this.fail("");
    this.changed();
  }
  /**
   * @param {Answer} answer
   * @param {DataView[]} buffers
   */
  keep(answer, buffers) {
    const strip = answer.of === "strip";
    for (const [i, { at, mime, lossless }] of (answer.frames ?? []).entries()) {
      const blob = new Blob([
        /** @type {DataView<ArrayBuffer>} */
        buffers[i]
      ], { type: mime });
      const { line, seq } = answer;
      const frame = this.store.put({ line, at, lossless, strip, seq, blob });
      this.store.ready(frame).then(
        () => this.changed(),
        () => this.fail("The browser could not open a picture that the kernel sent.")
      );
      if (!strip) this.decodeMs = answer.ms ?? 0;
    }
  }
  /** @param {string} message empty when all is well again */
  fail(message) {
    this.error = message;
    this.changed();
  }
  /** @param {{ at: number[], line: string, mime: string, data: string } | null} picture */
  takePicture(picture) {
    if (!picture) return;
    const bytes = Uint8Array.from(atob(picture.data), (letter) => letter.charCodeAt(0));
    const blob = new Blob([bytes], { type: picture.mime });
    const { at, line } = picture;
    const frame = this.store.put({ line, at, lossless: true, strip: false, seq: 0, blob });
    this.store.ready(frame).then(() => this.changed());
  }
};

// src/interpolator/index.js
var PLAY = "M4 2.5v11l9.5-5.5z";
var PAUSE = "M4 2.5h3v11H4zM9 2.5h3v11H9z";
var SPEEDS = [0.25, 0.5, 1, 2, 4];
var index_default = () => {
  let stage;
  return {
    /** @param {{ model: Model, signal: AbortSignal }} context */
    initialize({ model, signal }) {
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) model.set("playing", false);
      stage = new Stage(model, signal);
      createPlayer(stage, signal);
    },
    /** @param {{ model: Model, el: HTMLElement, signal: AbortSignal }} context */
    render({ model, el, signal }) {
      el.replaceChildren(createView(stage, model, signal));
    }
  };
};
function createView(stage, model, signal) {
  const initial = stage.at[0] ?? 0;
  const canvas = element("canvas", {
    class: "lw-picture",
    width: 1,
    height: 1,
    role: "img"
  });
  const repaint = createPainter(
    canvas,
    () => stage.frameAt(stage.at),
    (frame) => stage.isExact(frame),
    signal
  );
  const slider = createSlider({
    label: "t",
    initial,
    onMove: move,
    onSpace: togglePlaying,
    signal
  });
  const filmstrip = createFilmstrip(stage, (t) => move(t, true), signal);
  const play = element("button", { type: "button", class: "lw-button lw-play" });
  const method = menu("Method", model.get("_methods"), (value) => save("method", value));
  const speed = menu("Speed", SPEEDS.map(String), (value) => save("speed", Number(value)), "×");
  const loop = element("input", { type: "checkbox" });
  const copy = element("button", { type: "button", class: "lw-button", text: "Copy latent" });
  const status = element("div", { class: "lw-status" });
  const alert = element("div", { class: "lw-alert", role: "alert", hidden: true });
  play.addEventListener("click", togglePlaying, { signal });
  loop.addEventListener("change", () => save("loop", loop.checked), { signal });
  copy.addEventListener("click", copyLatent, { signal });
  const root = element("div", { class: "lw-root", "data-lm-suppress-shortcuts": "true" }, [
    element("div", { class: "lw-top" }, [
      canvas,
      element("div", { class: "lw-side" }, [
        method.field,
        speed.field,
        element("label", { class: "lw-check" }, [loop, "Loop"]),
        copy,
        status
      ])
    ]),
    alert,
    element("div", { class: "lw-transport" }, [play, slider.track, slider.number]),
    filmstrip.strip
  ]);
  function move(t, rest) {
    if (model.get("playing")) save("playing", false);
    stage.move(t, { rest });
  }
  function save(name, value) {
    model.set(name, value);
    model.save_changes();
  }
  function togglePlaying() {
    save("playing", !model.get("playing"));
  }
  async function copyLatent() {
    try {
      await copyText(await stage.latentText(), root);
      copy.textContent = "Copied";
    } catch (error) {
      stage.fail(`The latent could not be copied: ${error}`);
    }
    setTimeout(() => {
      copy.textContent = "Copy latent";
    }, 1500);
  }
  function follow() {
    const t = stage.at[0] ?? 0;
    const frame = stage.store.nearest(stage.line, stage.at);
    slider.show(t);
    canvas.setAttribute("aria-label", `Picture at t = ${t.toFixed(3)}`);
    slider.setBuffer(
      stage.store.along(stage.line).map((one) => one.at[0] ?? 0),
      0.5 / (model.get("strip_length") - 1)
    );
    filmstrip.update();
    const exact = Boolean(frame && stage.isExact(frame));
    status.dataset.lwState = exact ? "exact" : frame ? "near" : "none";
    status.textContent = statusText(exact, frame?.at[0], stage.decodeMs);
    root.setAttribute("aria-busy", String(stage.asker.busy));
    alert.hidden = stage.error === "";
    if (alert.textContent !== stage.error) alert.textContent = stage.error;
  }
  function followSettings() {
    const playing = model.get("playing");
    play.replaceChildren(icon(playing ? PAUSE : PLAY));
    play.title = playing ? "Pause" : "Play";
    play.setAttribute("aria-label", play.title);
    method.choose(model.get("method"));
    speed.choose(String(model.get("speed")));
    loop.checked = model.get("loop");
    slider.setMarks(model.get("_marks"));
    root.style.setProperty("--lw-size", `${model.get("size")}px`);
  }
  for (const name of ["playing", "method", "speed", "loop", "_marks", "size"]) {
    model.on(`change:${name}`, followSettings);
  }
  model.on("change:filmstrip", filmstrip.build);
  let request = 0;
  stage.listen(() => {
    repaint();
    request ||= requestAnimationFrame(() => {
      request = 0;
      follow();
    });
  }, signal);
  signal.addEventListener("abort", () => cancelAnimationFrame(request));
  const sight = new IntersectionObserver((entries) => {
    stage.see(root, entries.at(-1)?.isIntersecting ?? false);
  });
  sight.observe(root);
  signal.addEventListener("abort", () => {
    sight.disconnect();
    stage.see(root, false);
  });
  followSettings();
  follow();
  repaint();
  return root;
}
function statusText(exact, shown, ms) {
  if (exact) return ms > 0 ? `exact · ${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms` : "exact";
  return shown === void 0 ? "decoding…" : `nearest: t = ${shown.toFixed(3)}`;
}
function menu(label, choices, onChoose, unit = "") {
  const option = (value) => element("option", { value, text: value + unit });
  const select = element("select", { class: "lw-menu" }, choices.map(option));
  select.addEventListener("change", () => onChoose(select.value));
  const field = element("label", { class: "lw-field" }, [element("span", { text: label }), select]);
  function choose(value) {
    if (!choices.includes(value)) {
      select.append(option(value));
      choices = [...choices, value];
    }
    select.value = value;
  }
  return { field, choose };
}
export {
  index_default as default
};
