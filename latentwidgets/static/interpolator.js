/* Built from js/src/interpolator/index.js by `make build`: change it there. */

// src/shared/clipboard.js
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

// src/shared/player.js
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
    stage.play(place.t);
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
    if (!model.get("loop") && stage.at[0] >= 1) stage.play(0);
    if (!model.get("loop")) forward = true;
    last = performance.now();
    request = requestAnimationFrame(tick);
  }
  model.on("change:playing", follow);
  signal.addEventListener("abort", stop);
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
var SHARE_BESIDE = 1 / 4;
function distance(a, b) {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}
var FrameStore = class {
  /**
   * @param {number} limit bytes of encoded and of ready pictures together
   * @param {(source: Blob | ImageData) => Promise<ImageBitmap>} open makes a picture ready
   */
  constructor(limit, open = (source) => createImageBitmap(source)) {
    this.limit = limit;
    this.size = 0;
    this.version = 0;
    this.open = open;
    this.closed = false;
    this.frames = /* @__PURE__ */ new Map();
  }
  /**
   * Keep a frame.
   * @param {Omit<StoredFrame, "bitmap" | "opening">} given
   * @returns {StoredFrame} the frame that is kept for its place, ready to be opened
   */
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
  /**
   * @param {string} key
   * @param {StoredFrame} frame
   */
  insert(key, frame) {
    const old = this.frames.get(key);
    if (old) this.drop(key, old);
    this.frames.set(key, frame);
    this.version += 1;
    this.size += bytesOf(frame.source);
    if (!frame.strip) this.dropBeside();
    this.trim(frame);
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
   * Make a frame that was put here ready to be painted.
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
  /** @param {number} limit */
  resize(limit) {
    this.limit = limit;
    this.trim(null);
  }
  /** Let go of everything, and of what is still being opened. */
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
  /**
   * Ready pictures are given up first, the farthest from `kept` before others, then frames; `kept`
   * stays whatever it costs.
   * @param {StoredFrame | null} kept
   */
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
  /** @param {StoredFrame | null} kept */
  farthest(kept) {
    const far = (frame) => frame.line === kept?.line ? distance(frame.at, kept.at) : Number.POSITIVE_INFINITY;
    const ready = [...this.frames.values()].filter(({ bitmap }) => bitmap);
    return ready.sort((a, b) => far(a) === far(b) ? 0 : far(b) - far(a));
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

// src/shared/asker.js
var LOST_MS = 1e4;
var FAST_BYTES_PER_MS = 4e4;
var TELLING_BYTES = 1e5;
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
    this.way = Number.POSITIVE_INFINITY;
    this.fast = false;
    this.timer = 0;
  }
  /** @param {Question} question */
  ask(question) {
    const { flight } = this;
    const same = flight?.line === question.line && distance(flight.at, question.at) === 0;
    const asked = same && !this.lost;
    this.waiting = asked ? null : question;
    this.pump();
  }
  /**
   * Take an answer in; says whether it is the one that was waited for.
   * @param {number} seq
   * @param {{ ms?: number, bytes?: number }} [cost] of decoding, and of the way
   * @returns {boolean}
   */
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
  /** Whether an exact frame has been asked for and is not here yet. */
  get busy() {
    return Boolean(this.flight && !this.lost || this.waiting);
  }
  /** Whether what is in flight has been there for too long. */
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

// src/shared/bmp.js
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
var MOST_ERRORS = 3;
var LOST_MS2 = 3e4;
var StripFiller = class {
  /**
   * @param {(positions: number[]) => number} send asks for frames and returns the question's number
   * @param {() => number} now milliseconds
   */
  constructor(send, now = () => performance.now()) {
    this.send = send;
    this.now = now;
    this.flight = null;
    this.frameMs = 5;
    this.broken = /* @__PURE__ */ new Set();
    this.arrived = /* @__PURE__ */ new Set();
    this.errors = 0;
  }
  /**
   * Ask for the next piece, if there is one and none is on its way.
   * @param {{ length: number, first: number[], thumb: number, has: (t: number) => boolean }} strip
   */
  fill({ length, first, thumb, has }) {
    if (this.flight && this.now() - this.flight.since < LOST_MS2) return;
    if (this.errors >= MOST_ERRORS) return;
    const piece = nextPiece(
      stripLevels(length, first, this.frameMs),
      (t) => has(t) || this.broken.has(t) || this.arrived.has(t),
      thumb,
      this.frameMs
    );
    const positions = this.errors > 0 ? piece.slice(0, 1) : piece;
    if (positions.length === 0) return;
    this.flight = { seq: this.send(positions), since: this.now(), positions };
  }
  /**
   * Take in what became of a piece.
   * @param {number} seq
   * @param {string} type
   * @param {number | null} ms what a frame took to decode; null where none was decoded
   * @param {number[]} arrived the positions whose frames came
   */
  answered(seq, type, ms, arrived) {
    if (this.flight?.seq !== seq) return;
    const { positions } = this.flight;
    this.flight = null;
    for (const t of arrived) this.arrived.add(t);
    if (ms !== null) this.frameMs = Math.max(0.1, ms);
    if (type === "error") {
      this.errors += 1;
      if (positions.length === 1) this.broken.add(positions[0] ?? 0);
    } else if (type === "frames") {
      this.errors = 0;
    }
  }
  /** The person moved: errors may be over. */
  resume() {
    if (this.errors < MOST_ERRORS) return;
    this.errors = 1;
    this.broken.clear();
  }
  /** The strip is of something else now. */
  reset() {
    this.flight = null;
    this.broken.clear();
    this.arrived.clear();
    this.errors = 0;
    this.frameMs = Math.max(this.frameMs, 5);
  }
};

// src/shared/stage.js
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
  /**
   * @param {import("@anywidget/types").AnyModel} model
   * @param {AbortSignal} signal ends with the widget
   * @param {FrameStore} [store]
   */
  constructor(model, signal, store = new FrameStore(0)) {
    this.model = model;
    this.client = Math.random().toString(36).slice(2);
    this.seq = 0;
    this.value = /** @type {number} */
    model.get("value");
    this.initial = this.value;
    this.store = store;
    this.store.resize(model.get("frame_memory") * MEGABYTE);
    this.asker = new Asker(
      (question) => this.send({ type: "ask", fast: this.asker.fast, ...question })
    );
    this.filler = new StripFiller(
      (positions) => this.send({ type: "strip", line: this.line, positions: positions.map((t) => [t]) })
    );
    this.error = "";
    this.listeners = /* @__PURE__ */ new Set();
    this.seen = /* @__PURE__ */ new Set();
    this.restTimer = 0;
    this.reportTimer = 0;
    this.movedAt = 0;
    this.passed = void 0;
    this.passedAt = 0;
    this.copies = /* @__PURE__ */ new Map();
    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
    model.on("change:_line", () => this.enter());
    model.on("change:value", () => this.follow());
    model.on("change:frame_memory", () => {
      this.store.resize(model.get("frame_memory") * MEGABYTE);
      this.filler.reset();
      this.fill();
    });
    model.on("change:strip_length", () => this.fill());
    model.on("change:filmstrip", () => this.fill());
    signal.addEventListener("abort", () => {
      clearTimeout(this.restTimer);
      clearTimeout(this.reportTimer);
      this.asker.stop();
      this.listeners.clear();
      this.store.close();
    });
    this.takePicture(model.get("_picture"));
  }
  /** @returns {string} */
  get line() {
    return this.model.get("_line");
  }
  get at() {
    return [this.value];
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
   * The frame to show where the thumb is: the nearest that is ready. One that is nearer but not
   * ready is made so, and shown then.
   */
  frame() {
    const nearest = this.store.nearest(this.line, this.at);
    if (!nearest || this.readied(nearest)) return nearest;
    return this.store.nearest(this.line, this.at, (frame) => frame.bitmap !== null);
  }
  /**
   * Whether a frame is ready to be painted. One that is not is made so, and all are told then.
   * @param {import("./store.js").StoredFrame} frame
   */
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
  /** @param {import("./store.js").StoredFrame} frame */
  isExact(frame) {
    return frame.lossless && frame.line === this.line && distance(frame.at, this.at) === 0;
  }
  /** Whether the store holds the exact frame for where the thumb is. */
  get exact() {
    return Boolean(this.store.get(this.line, this.at)?.lossless);
  }
  /**
   * The person moved.
   * @param {number} value
   * @param {{ rest?: boolean }} [options] `rest`: this is where they stay
   */
  move(value, { rest = false } = {}) {
    this.value = value;
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
  /** Whether an exact frame is worth asking for while the thumb still moves. */
  worthAsking() {
    const now = performance.now();
    const nearest = this.store.nearest(this.line, this.at, (frame) => frame.strip);
    if (nearest !== this.passed) this.passedAt = now;
    this.passed = nearest;
    const jump = now - this.movedAt > JUMP_MS;
    const slow = now - this.passedAt > SLOW_MS;
    this.movedAt = now;
    return jump || !nearest || slow && this.asker.pace < FAST_MS;
  }
  /**
   * Playing moved on; frames of the strip are all it shows.
   * @param {number} value
   */
  play(value) {
    this.value = value;
    this.report();
    this.fill();
    this.changed();
  }
  /** The thumb is at rest: the exact frame is wanted, and the kernel is told where it is. */
  settle() {
    clearTimeout(this.restTimer);
    if (this.exact) {
      this.error = "";
      if (this.reportTimer) this.tell();
    } else this.ask();
    this.changed();
  }
  settleSoon() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.settle(), REST_MS);
  }
  ask() {
    this.asker.ask({ line: this.line, at: this.at });
  }
  /** Tell the kernel where the thumb is, soon: at most every so often, and never too late. */
  report() {
    this.reportTimer ||= setTimeout(() => this.tell(), REPORT_MS);
  }
  tell() {
    clearTimeout(this.reportTimer);
    this.reportTimer = 0;
    if (this.model.get("value") === this.value) return;
    this.model.set("value", this.value);
    this.model.save_changes();
  }
  /** Python changed the value (what this page told the kernel is not sent back). */
  follow() {
    const value = this.model.get("value");
    if (value === this.value) return;
    clearTimeout(this.reportTimer);
    this.reportTimer = 0;
    this.value = value;
    if (!this.model.get("playing")) this.settleSoon();
    this.changed();
  }
  /** The coordinates mean something else now. */
  enter() {
    this.asker.pace = Number.POSITIVE_INFINITY;
    this.filler.reset();
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
  fill() {
    if (this.seen.size === 0) return;
    this.filler.fill({
      length: this.model.get("strip_length"),
      first: this.filmstrip(),
      thumb: this.value,
      has: (t) => this.store.get(this.line, [t]) !== void 0
    });
  }
  /** How many positions of the strip have a frame. */
  decodedAhead() {
    const levels = stripLevels(this.model.get("strip_length"), this.filmstrip(), 0);
    return [...levels.keys()].filter((t) => this.store.get(this.line, [t])).length;
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
  /**
   * @param {Record<string, unknown>} content
   * @returns {number} the question's number
   */
  send(content) {
    this.seq += 1;
    try {
      this.model.send({ ...content, client: this.client, seq: this.seq });
    } catch {
      this.fail(UNREACHED);
    }
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
      if (ours) this.copies.get(answer.seq)?.(answer.text);
      return;
    }
    if (answer.type === "frames") this.keep(answer, buffers);
    if (!ours) return;
    if (answer.of === "strip") {
      const arrived = (answer.frames ?? []).map(({ at }) => at[0]);
      this.filler.answered(answer.seq, answer.type, answer.ms ?? null, arrived);
      this.fill();
    } else {
      const bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
      this.asker.answered(answer.seq, { ms: answer.ms ?? 0, bytes });
    }
    if (answer.type === "error") this.fail(answer.message ?? "");
    else if (answer.type === "frames" && answer.of === "ask") this.fail("");
  }
  /**
   * @param {Answer} answer
   * @param {DataView[]} buffers
   */
  keep(answer, buffers) {
    const { line, seq } = answer;
    const strip = answer.of === "strip";
    for (const [i, { at, mime, lossless }] of (answer.frames ?? []).entries()) {
      const data = (
        /** @type {DataView<ArrayBuffer>} */
        buffers[i]
      );
      const source = mime === "image/bmp" ? readBmp(data) : new Blob([data], { type: mime });
      const ms = answer.ms ?? 0;
      this.readied(this.store.put({ line, at, lossless, strip, seq, ms, source }));
    }
    this.changed();
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
    const source = new Blob([bytes], { type: picture.mime });
    const { at, line } = picture;
    this.readied(this.store.put({ line, at, lossless: true, strip: false, seq: 0, ms: 0, source }));
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
      if (model.get("playing") && matchMedia("(prefers-reduced-motion: reduce)").matches) {
        model.set("playing", false);
        model.save_changes();
      }
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
    initial: stage.initial,
    onMove: move,
    onSpace: togglePlaying,
    signal
  });
  const filmstrip = createFilmstrip(stage, (t) => move(t, true), signal);
  const play = element("button", { type: "button", class: "lw-button lw-play" });
  const method = menu("Method", model.get("_methods"), (value) => save("method", value), signal);
  const speed = menu("Speed", SPEEDS.map(String), saveSpeed, signal, "×");
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
  function saveSpeed(speed2) {
    save("speed", Number(speed2));
  }
  function togglePlaying() {
    save("playing", !model.get("playing"));
  }
  async function copyLatent() {
    try {
      await copyText(await stage.latentText(), root);
      copy.textContent = "Copied";
      stage.fail("");
    } catch (error) {
      stage.fail(`The latent could not be copied: ${error}`);
    }
    setTimeout(() => {
      copy.textContent = "Copy latent";
    }, 1500);
  }
  function follow() {
    const t = stage.value;
    const frame = stage.frame();
    slider.show(t);
    canvas.setAttribute("aria-label", `Picture at t = ${t.toFixed(3)}`);
    followFrames();
    filmstrip.update();
    const exact = Boolean(frame && stage.isExact(frame));
    status.dataset.lwState = exact ? "exact" : frame ? "near" : "none";
    status.textContent = !frame && stage.error ? "last good picture" : statusText(exact, frame);
    root.setAttribute("aria-busy", String(stage.asker.busy));
    alert.hidden = stage.error === "";
    if (alert.textContent !== stage.error) alert.textContent = stage.error;
  }
  function followFrames() {
    const { version } = stage.store;
    if (version === drawn.version && stage.line === drawn.line) return;
    drawn = { version, line: stage.line };
    const places = stage.store.along(stage.line).map((frame) => frame.at[0] ?? 0);
    slider.setBuffer(places, 0.5 / (model.get("strip_length") - 1));
    slider.track.dataset.lwStrip = String(stage.decodedAhead());
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
  let drawn = { version: -1, line: "" };
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
function statusText(exact, frame) {
  if (!frame) return "decoding…";
  if (!exact) return `nearest: t = ${(frame.at[0] ?? 0).toFixed(3)}`;
  return frame.ms > 0 ? `exact · ${frame.ms.toFixed(frame.ms < 10 ? 1 : 0)} ms` : "exact";
}
function menu(label, choices, onChoose, signal, unit = "") {
  const option = (value) => element("option", { value, text: value + unit });
  const select = element("select", { class: "lw-menu" }, choices.map(option));
  select.addEventListener("change", () => onChoose(select.value), { signal });
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
